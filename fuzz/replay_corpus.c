/*
 * Where there is no libFuzzer: gives each file of the directories named on the
 * command line to the target once, so that a corpus is a regression test with
 * every compiler. A directory that does not exist counts as empty.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path, size_t octets)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t got;

	if (file == NULL)
		return -errno;
	/*
	 * Exactly as large as the file: a sanitizer sees the octet behind it.
	 */
	data = malloc(octets > 0 ? octets : 1);
	got = data != NULL ? fread(data, 1, octets, file) : 0;
	(void)fclose(file);
	if (data == NULL)
		return -ENOMEM;
	if (got == octets)
		(void)LLVMFuzzerTestOneInput(data, octets);
	free(data);
	return got == octets ? 0 : -EIO;
}

static int
replay_directory(const char *directory, unsigned *files)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int error = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : -errno;
	while (error == 0 && (entry = readdir(dir)) != NULL) {
		char path[PATH_MAX];
		struct stat st;
		int n = snprintf(path, sizeof(path), "%s/%s", directory,
				 entry->d_name);

		if (n < 0 || (size_t)n >= sizeof(path))
			error = -ENAMETOOLONG;
		else if (stat(path, &st) != 0)
			error = -errno;
		else if (S_ISREG(st.st_mode)) {
			error = replay_file(path, (size_t)st.st_size);
			(*files)++;
		}
	}
	(void)closedir(dir);
	return error;
}

int
main(int argc, char **argv)
{
	unsigned files = 0;

	for (int i = 1; i < argc; i++) {
		int error = replay_directory(argv[i], &files);

		if (error != 0) {
			(void)fprintf(stderr, "%s: %s\n", argv[i],
				      strerror(-error));
			return 1;
		}
	}
	(void)printf("%u files\n", files);
	return 0;
}
