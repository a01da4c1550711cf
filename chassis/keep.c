/*
 * Writes beside the file and renames, so that a crash leaves the old copy or
 * the new one. Called by commit.c. The thread touches nothing but the snapshot,
 * the key and the file; `done` tells that it has ended.
 */
#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "print.h"

#define PATH_OCTETS 256

struct keep {
	pthread_t thread;
	bool busy; /* the thread is to be joined */
	atomic_bool done;
	struct cfg_tree *tree;
	const uint8_t *key;
	char path[PATH_OCTETS];
	char beside[PATH_OCTETS + 8];
};

struct keep *
keep_new(void)
{
	return calloc(1, sizeof(struct keep));
}

static int
put(void *arg, const char *text, size_t octets)
{
	return fwrite(text, 1, octets, arg) == octets ? 0 : -EIO;
}

static int
write_beside(const struct keep *k)
{
	struct cfg_print_opts opts = {.key = k->key};
	int fd =
	    open(k->beside,
		 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int err;

	if (file == NULL) {
		err = -errno;
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	err = cfg_print(k->tree, &opts, put, file);
	if (fflush(file) != 0 && err == 0)
		err = -EIO;
	if (fclose(file) != 0 && err == 0)
		err = -EIO;
	return err;
}

static void *
work(void *arg)
{
	struct keep *k = arg;
	int err = write_beside(k);

	if (err == 0 && rename(k->beside, k->path) != 0)
		err = -errno;
	if (err != 0) {
		(void)unlink(k->beside);
		log_warn("keep: the running configuration is not kept for a"
			 " restart: %s",
			 err == -ENOKEY ? "no key to encrypt secrets with"
					: strerror(-err));
	}
	atomic_store(&k->done, true);
	return NULL;
}

int
keep_begin(struct keep *k, const struct cfg_tree *tree, const uint8_t *key,
	   const char *path)
{
	int err;

	if (strlen(path) >= sizeof(k->path))
		return -ENAMETOOLONG;
	(void)snprintf(k->path, sizeof(k->path), "%s", path);
	(void)snprintf(k->beside, sizeof(k->beside), "%s.new", path);
	k->key = key;
	k->tree = cfg_tree_snapshot(tree);
	if (k->tree == NULL)
		return -ENOMEM;
	atomic_store(&k->done, false);
	err = pthread_create(&k->thread, NULL, work, k);
	k->busy = err == 0;
	if (err != 0)
		cfg_tree_free(&k->tree);
	return -err;
}

bool
keep_busy(const struct keep *k)
{
	return k->busy;
}

void
keep_wait(struct keep *k)
{
	if (!k->busy)
		return;
	(void)pthread_join(k->thread, NULL);
	cfg_tree_free(&k->tree);
	k->busy = false;
}

void
keep_reap(struct keep *k)
{
	if (k->busy && atomic_load(&k->done))
		keep_wait(k);
}

void
keep_free(struct keep **keep)
{
	if (*keep == NULL)
		return;
	keep_wait(*keep);
	free(*keep);
	*keep = NULL;
}
