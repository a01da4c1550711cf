/*
 * The record is a text file, a line a grant: fingerprint in hex and the last
 * number granted. The newest line of a fingerprint counts. It is rewritten, one
 * line a fingerprint, when it is opened. It lives in a private directory and
 * outlives a kill of any process; a crash of the machine takes the run
 * directory with it.
 */
#include "seqlog.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "hex.h"

#define SALT_OCTETS 32
#define PATH_OCTETS 200
#define HEX_OCTETS (2 * SECRET_PRINT_OCTETS)

struct grant {
	uint8_t print[SECRET_PRINT_OCTETS];
	uint64_t until;
	uint64_t born_ns; /* 0: not yet, in this run */
	uint64_t accepted;
	uint64_t octets;
	UT_hash_handle hh;
};

struct seqlog {
	struct grant *grants;
	uint8_t salt[SALT_OCTETS];
	FILE *file; /* NULL: nothing is recorded */
};

static int
salt_load(struct seqlog *log, const char *dir)
{
	char path[PATH_OCTETS];
	int fd;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/seq.salt", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	n = read(fd, log->salt, SALT_OCTETS);
	if (n == 0) {
		int err = secret_random(log->salt, SALT_OCTETS);

		n = err != 0 ? -1 : write(fd, log->salt, SALT_OCTETS);
	}
	(void)close(fd);
	return n == SALT_OCTETS ? 0 : -EIO;
}

static int
note(struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
     uint64_t until)
{
	struct grant *g;

	HASH_FIND(hh, log->grants, print, SECRET_PRINT_OCTETS, g);
	if (g == NULL) {
		g = calloc(1, sizeof(*g));
		if (g == NULL)
			return -ENOMEM;
		memcpy(g->print, print, SECRET_PRINT_OCTETS);
		HASH_ADD(hh, log->grants, print, SECRET_PRINT_OCTETS, g);
	}
	if (until > g->until)
		g->until = until;
	return 0;
}

/* A torn last line is a grant that was not given out: it is passed over. */
static int
load(struct seqlog *log, FILE *file)
{
	char hex[HEX_OCTETS + 1];
	uint64_t until;
	uint8_t print[SECRET_PRINT_OCTETS];

	while (fscanf(file, "%64s %" SCNu64 "\n", hex, &until) == 2) {
		if (strlen(hex) == HEX_OCTETS &&
		    hex_get(hex, sizeof(print), print) == 0 &&
		    note(log, print, until) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int
record(FILE *file, const struct grant *g)
{
	char hex[HEX_OCTETS + 1];

	hex_put(g->print, sizeof(g->print), hex);
	hex[HEX_OCTETS] = '\0';
	if (fprintf(file, "%s %" PRIu64 "\n", hex, g->until) < 0 ||
	    fflush(file) != 0)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

static int
rewrite(struct seqlog *log, const char *path)
{
	char temp[PATH_OCTETS + 8];
	struct grant *g;
	struct grant *next;
	int fd;

	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	log->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (log->file == NULL)
		return -errno;
	HASH_ITER(hh, log->grants, g, next) {
		int err = record(log->file, g);

		if (err != 0)
			return err;
	}
	return rename(temp, path) == 0 ? 0 : -errno;
}

int
seqlog_open(struct seqlog **out, const char *dir)
{
	struct seqlog *log = calloc(1, sizeof(*log));
	char path[PATH_OCTETS];
	FILE *old;
	int err = 0;

	if (log == NULL)
		return -ENOMEM;
	if (dir != NULL) {
		(void)snprintf(path, sizeof(path), "%s/seq.log", dir);
		err = salt_load(log, dir);
		old = err == 0 ? fopen(path, "re") : NULL;
		if (old != NULL) {
			err = load(log, old);
			(void)fclose(old);
		}
		if (err == 0)
			err = rewrite(log, path);
	}
	if (err != 0) {
		seqlog_close(&log);
		return err;
	}
	*out = log;
	return 0;
}

void
seqlog_close(struct seqlog **at)
{
	struct seqlog *log = *at;
	struct grant *g;
	struct grant *next;

	if (log == NULL)
		return;
	HASH_ITER(hh, log->grants, g, next) {
		/* uthash moves the head on: NOLINTNEXTLINE(*-unix.Malloc) */
		HASH_DEL(log->grants, g);
		free(g);
	}
	if (log->file != NULL)
		(void)fclose(log->file);
	free(log);
	*at = NULL;
}

int
seqlog_print(const struct seqlog *log, const struct ctl_sa *sa,
	     uint8_t print[SECRET_PRINT_OCTETS])
{
	struct {
		struct be32 spi;
		struct ip_addr dst;
		uint8_t protocol;
		uint8_t algorithms[2];
		uint8_t keys[2][CTL_KEY_MAX];
	} text;
	int err;

	memset(&text, 0, sizeof(text));
	text.spi = sa->spi;
	text.dst = sa->dst;
	text.protocol = sa->protocol;
	text.algorithms[0] = sa->encryption;
	text.algorithms[1] = sa->authentication;
	memcpy(text.keys[0], sa->encryption_key, CTL_KEY_MAX);
	memcpy(text.keys[1], sa->authentication_key, CTL_KEY_MAX);
	err = secret_print(log->salt, SALT_OCTETS, &text, sizeof(text), print);
	secret_wipe(&text, sizeof(text));
	return err;
}

int
seqlog_grant(struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
	     uint64_t last, uint64_t *first, uint64_t *until)
{
	struct grant *g;
	int err;

	if (log->file == NULL) {
		*first = 1;
		*until = last;
		return 0;
	}
	err = note(log, print, 0);
	if (err != 0)
		return err;
	HASH_FIND(hh, log->grants, print, SECRET_PRINT_OCTETS, g);
	assert(g != NULL); /* note() saw to it */
	/* After the very last number there is no first. */
	*first = g->until == UINT64_MAX ? UINT64_MAX : g->until + 1;
	*until = last;
	if (g->until >= last)
		return 0;
	if (last - g->until > SEQLOG_BLOCK)
		*until = g->until + SEQLOG_BLOCK;
	g->until = *until;
	return record(log->file, g);
}

uint64_t
seqlog_born(struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
	    uint64_t now_ns)
{
	struct grant *g;

	if (log->file == NULL || note(log, print, 0) != 0)
		return 0;
	HASH_FIND(hh, log->grants, print, SECRET_PRINT_OCTETS, g);
	assert(g != NULL); /* note() saw to it */
	if (g->born_ns == 0)
		g->born_ns = now_ns;
	return g->born_ns;
}

void
seqlog_leave(struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
	     uint64_t accepted, uint64_t octets)
{
	struct grant *g;

	if ((accepted == 0 && octets == 0) || note(log, print, 0) != 0)
		return;
	HASH_FIND(hh, log->grants, print, SECRET_PRINT_OCTETS, g);
	assert(g != NULL); /* note() saw to it */
	if (accepted > g->accepted)
		g->accepted = accepted;
	if (octets > g->octets)
		g->octets = octets;
}

void
seqlog_left(const struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
	    uint64_t *accepted, uint64_t *octets)
{
	struct grant *g;

	HASH_FIND(hh, log->grants, print, SECRET_PRINT_OCTETS, g);
	*accepted = g == NULL ? 0 : g->accepted;
	*octets = g == NULL ? 0 : g->octets;
}
