/*
 * A file of lines, added to as they are typed, so that a session that is cut
 * off has kept them; several sessions may add at once.
 */
#include "typed.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flash.h"

static void
typed_path(const char *run_dir, char path[FLASH_PATH_MAX])
{
	(void)snprintf(path, FLASH_PATH_MAX, "%s/cli.history", run_dir);
}

/* Words behind which a key or a password may stand, however abbreviated. */
static bool
may_hold_secret(const char *line)
{
	static const char *const words[] = {"key", "pass",  "secret",
					    "hex", "ascii", "encr"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(line, words[i]) != NULL)
			return true;
	}
	return false;
}

/* The file anew, of the lines that are wanted. */
static void
typed_cut(const char *path, char *const *lines, size_t n)
{
	size_t octets = 0;
	char *text = NULL;
	FILE *file = open_memstream(&text, &octets);

	if (file == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		(void)fprintf(file, "%s\n", lines[i]);
	if (fclose(file) == 0)
		(void)flash_write(path, text, octets); /* or next time */
	free(text);
}

size_t
typed_load(const char *run_dir, char **lines, size_t max)
{
	char path[FLASH_PATH_MAX];
	char *line = NULL;
	size_t room = 0;
	size_t all = 0;
	size_t n = 0;
	ssize_t got;
	FILE *file;

	typed_path(run_dir, path);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while ((got = getline(&line, &room, file)) > 0) {
		line[strcspn(line, "\n")] = 0;
		all++;
		if (n == max) {
			free(lines[0]);
			memmove(&lines[0], &lines[1],
				(max - 1) * sizeof(*lines));
			n--;
		}
		lines[n] = strdup(line);
		n += lines[n] != NULL;
	}
	free(line);
	(void)fclose(file);
	if (all > 4 * max)
		typed_cut(path, lines, n);
	return n;
}

void
typed_add(const char *run_dir, const char *line)
{
	char path[FLASH_PATH_MAX];
	char text[4096];
	int n = snprintf(text, sizeof(text), "%s\n", line);
	int fd;

	if (n <= 0 || n >= (int)sizeof(text) || may_hold_secret(line))
		return;
	typed_path(run_dir, path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return;
	(void)!write(fd, text, (size_t)n); /* as well as it goes */
	(void)close(fd);
}
