/*
 * Commands on files: saving the configuration, and the router's own /flash.
 * Called through the table by exec.c. What a file is called and where it may
 * lie is decided in flash.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "exec.h"
#include "flash.h"
#include "shell.h"

#define COPY_OCTETS_MAX ((size_t)1 << 28)

/* The name of an argument and where it lies. 0, or told. */
static int
file_arg(const struct shell *sh, const struct syntax_match *match,
	 enum cmd_arg arg, char name[FLASH_PATH_MAX], char *path, struct out *o)
{
	if (cmd_text(match, arg, name, FLASH_PATH_MAX) != 0) {
		out_error(o, "The name of the file is too long");
		return -ENAMETOOLONG;
	}
	return flash_path(sh, name, path, o);
}

/* --- save ----------------------------------------------------------------- */

/* Whether a file that is there may be written over: who types is asked. */
static bool
save_may(struct shell *sh, const char *path, const char *name)
{
	char answer[16] = "";

	if (sh->batch || access(path, F_OK) != 0)
		return true;
	(void)shell_write(sh, "Save to file: ", 14);
	(void)shell_write(sh, name, strlen(name));
	(void)shell_write(sh, "\r\n", 2);
	if (shell_ask_line(sh, "Target file exists, overwrite (y/n)? ", true,
			   answer, sizeof(answer)) != 0)
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}

static void
cmd_save(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char path[FLASH_PATH_MAX];
	struct ask_error error;
	const json_t *text;
	json_t *data = NULL;
	int err = 0;

	if (cmd_text(match, CMD_ARG_FILE, name, sizeof(name)) != 0)
		return;
	if (name[0] == 0)
		(void)snprintf(name, sizeof(name), FLASH_BOOT);
	if (flash_path_any(sh, name, path, o) != 0 || !save_may(sh, path, name))
		return;
	if (ask(sh->ask,
		json_pack("{s:s,s:s}", "op", "configuration", "which",
			  "running"),
		&data, &error) != 0) {
		exec_refused(o, &error, 0);
		return;
	}
	text = json_object_get(data, "text");
	err = flash_write(path, json_string_value(text),
			  json_string_length(text));
	json_decref(data);
	if (err != 0)
		out_error(o, "Can't write %s: %s", name, strerror(-err));
}

/* --- directory ------------------------------------------------------------ */

static int
entry_compare(const void *a, const void *b)
{
	const json_t *const *x = a;
	const json_t *const *y = b;

	return strcmp(out_string(*x, "name"), out_string(*y, "name"));
}

static json_t *
entry_new(int dir_fd, const char *name)
{
	struct stat st;

	if (name[0] == '.' ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return NULL;
	return json_pack("{s:s, s:I, s:I, s:b}", "name", name, "octets",
			 (json_int_t)st.st_size, "modified",
			 (json_int_t)st.st_mtime, "directory",
			 (int)S_ISDIR(st.st_mode));
}

/* The entries in order of their names; NULL and errno. */
static json_t *
directory_read(const char *path)
{
	json_t *sorted[1024];
	json_t *list;
	struct dirent *e;
	size_t n = 0;
	DIR *d = opendir(path);

	if (d == NULL)
		return NULL;
	list = json_array();
	while (n < sizeof(sorted) / sizeof(sorted[0]) &&
	       (e = readdir(d)) != NULL) {
		sorted[n] = entry_new(dirfd(d), e->d_name);
		n += sorted[n] != NULL;
	}
	(void)closedir(d);
	qsort(sorted, n, sizeof(sorted[0]), entry_compare);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, sorted[i]);
	return list;
}

static void
directory_print(const json_t *list, struct out *o)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		time_t at = (time_t)out_integer(entry, "modified");
		char when[40] = "";
		struct tm tm;

		if (localtime_r(&at, &tm) != NULL)
			(void)strftime(when, sizeof(when), "%b %d %Y %H:%M:%S",
				       &tm);
		out_line(
		    o, "%s %12lld  %s%s", when, out_integer(entry, "octets"),
		    out_string(entry, "name"),
		    json_is_true(json_object_get(entry, "directory")) ? "/"
								      : "");
	}
}

static void
cmd_directory(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char path[FLASH_PATH_MAX];
	char shown[FLASH_PATH_MAX];
	json_t *list;

	if (file_arg(sh, match, CMD_ARG_FILE, name, path, o) != 0)
		return;
	flash_name(name, shown, sizeof(shown));
	list = directory_read(path);
	if (list == NULL) {
		out_error(o, "Can't open %s: %s", shown, strerror(errno));
		return;
	}
	if (out_is_json(o)) {
		json_t *data =
		    json_pack("{s:s, s:O}", "directory", shown, "files", list);

		out_json(o, data);
		json_decref(data);
	} else {
		out_line(o, "Contents of %s/", shown);
		directory_print(list, o);
	}
	json_decref(list);
}

/* --- the rest ------------------------------------------------------------- */

static int
file_read(const char *path, char **text, size_t *octets)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	int err = 0;

	*text = NULL;
	*octets = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		err = -EISDIR;
	else if ((size_t)st.st_size > COPY_OCTETS_MAX)
		err = -EFBIG;
	else
		*text = malloc((size_t)st.st_size + 1);
	if (err == 0 && *text == NULL)
		err = -ENOMEM;
	while (err == 0 && *octets < (size_t)st.st_size) {
		ssize_t n =
		    read(fd, *text + *octets, (size_t)st.st_size - *octets);

		if (n <= 0 && errno == EINTR && n < 0)
			continue;
		if (n <= 0)
			break;
		*octets += (size_t)n;
	}
	(void)close(fd);
	return err;
}

static void
cmd_copy(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char target[FLASH_PATH_MAX];
	char from[FLASH_PATH_MAX];
	char to[FLASH_PATH_MAX];
	char *text = NULL;
	size_t octets;
	int err;

	if (file_arg(sh, match, CMD_ARG_FILE, name, from, o) != 0 ||
	    file_arg(sh, match, CMD_ARG_TARGET, target, to, o) != 0)
		return;
	err = file_read(from, &text, &octets);
	if (err != 0) {
		out_error(o, "Can't open %s: %s", name, strerror(-err));
		return;
	}
	err = flash_write(to, text, octets);
	if (err != 0)
		out_error(o, "Can't write %s: %s", target, strerror(-err));
	free(text);
}

static void
cmd_rename(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char target[FLASH_PATH_MAX];
	char from[FLASH_PATH_MAX];
	char to[FLASH_PATH_MAX];

	if (file_arg(sh, match, CMD_ARG_FILE, name, from, o) != 0 ||
	    file_arg(sh, match, CMD_ARG_TARGET, target, to, o) != 0)
		return;
	if (rename(from, to) != 0)
		out_error(o, "Can't rename %s: %s", name, strerror(errno));
}

static void
cmd_delete(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char path[FLASH_PATH_MAX];

	if (file_arg(sh, match, CMD_ARG_FILE, name, path, o) != 0)
		return;
	if (remove(path) != 0)
		out_error(o, "Can't delete %s: %s", name, strerror(errno));
}

static void
cmd_mkdir(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char path[FLASH_PATH_MAX];

	if (file_arg(sh, match, CMD_ARG_FILE, name, path, o) != 0)
		return;
	if (mkdir(path, 0700) != 0)
		out_error(o, "Can't make %s: %s", name, strerror(errno));
}

static void
cmd_pwd(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)sh;
	(void)match;
	out_line(o, "/flash");
}

const struct cmd_row cmd_file_rows[] = {
    {"copy <file> <target>", CMD_EXEC, 10, cmd_copy, NULL,
     "Copy a file of /flash"},
    {"delete <file>", CMD_EXEC, 10, cmd_delete, NULL,
     "Delete a file or an empty directory of /flash"},
    {"directory [<file>]", CMD_EXEC, 10, cmd_directory, NULL,
     "List the files of a directory of /flash"},
    {"mkdir <file>", CMD_EXEC, 10, cmd_mkdir, NULL,
     "Make a directory in /flash"},
    {"pwd", CMD_EXEC, 0, cmd_pwd, NULL,
     "The directory that names of files are relative to"},
    {"rename <file> <target>", CMD_EXEC, 10, cmd_rename, NULL,
     "Rename a file of /flash"},
    {"save configuration [<file>]", CMD_EXEC, 10, cmd_save, NULL,
     "Save the running configuration, to /flash/redback.cfg if no file is "
     "named"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
