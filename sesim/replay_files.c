/*
 * Checks on the files of a replay, and the way of outputs from part to place.
 * Two names are one file when device and inode are the same, or, where there is
 * no file yet, directory and name. What is no regular file (/dev/null, a pipe)
 * is written in place and exempt from all that.
 */
#include "replay_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cap_link.h"
#include "cap_merge.h"
#include "cap_read.h"

#define PART_MARK ".part."

/* What one bind reads or writes. */
struct file {
	const struct replay_bind *bind;
	char path[PATH_MAX];  /* what the card opens */
	char place[PATH_MAX]; /* outputs: where it belongs */
	dev_t device; /* of the file, or of the directory it will be in */
	ino_t inode;
	bool exists;
	bool regular;
	bool part; /* path is a part that exists */
	bool repaired;
	uint64_t packets; /* that it holds, once repaired */
	uint64_t octets;
};

struct replay_files {
	const struct replay_args *args;
	uint64_t octets;
	unsigned n;
	struct file file[REPLAY_BINDS_MAX];
};

static int
tell(const struct replay_files *f, int status, const char *path,
     const char *what)
{
	(void)fprintf(stderr, "%s: %s: %s\n", f->args->command, path, what);
	return status;
}

/*
 * An absolute path that means the same in another process: its own standard
 * input is not ours.
 */
static int
absolute(const char *path, char *out)
{
	static const char *const own[][2] = {{"/dev/stdin", "0"},
					     {"/dev/stdout", "1"},
					     {"/dev/fd/", NULL},
					     {"/proc/self/fd/", NULL}};
	char here[PATH_MAX];
	int n = -1;

	for (unsigned i = 0; i < 4; i++) {
		size_t len = strlen(own[i][0]);

		if (strncmp(path, own[i][0], len) == 0 &&
		    (own[i][1] == NULL || path[len] == '\0'))
			n = snprintf(
			    out, PATH_MAX, "/proc/%ld/fd/%s", (long)getpid(),
			    own[i][1] != NULL ? own[i][1] : path + len);
	}
	if (n < 0 && path[0] == '/')
		n = snprintf(out, PATH_MAX, "%s", path);
	else if (n < 0 && getcwd(here, sizeof(here)) != NULL)
		n = snprintf(out, PATH_MAX, "%s/%s", here, path);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* An empty capture in the run directory; its path replaces file->path. */
static int
stand_in(struct file *file, const char *run_dir)
{
	struct cap_write *w = NULL;
	unsigned iface;
	int err;

	(void)snprintf(file->path, sizeof(file->path), "%s/empty.pcap",
		       run_dir);
	err = cap_write_open(&w, file->path, CAP_PCAP, NULL);
	if (err == 0)
		err = cap_write_iface(w, CAP_LINK_ETHERNET, NULL, &iface);
	if (w != NULL) {
		int closed = cap_write_close(&w);

		err = err != 0 ? err : closed;
	}
	return err;
}

/* 0, or the exit status. */
static int
check_input(struct replay_files *f, struct file *file, const char *run_dir,
	    json_t *problems)
{
	struct cap_error error = {""};
	struct cap_read *r = NULL;
	struct stat st;
	int err;

	if (stat(file->path, &st) != 0)
		return tell(f, 3, file->bind->path, strerror(errno));
	file->exists = true;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->regular = S_ISREG(st.st_mode);
	if (S_ISDIR(st.st_mode))
		return tell(f, 3, file->bind->path, "is a directory");
	if (access(file->path, R_OK) != 0)
		return tell(f, 3, file->bind->path, strerror(errno));
	if (!file->regular)
		return 0;
	f->octets += (uint64_t)st.st_size;
	err = cap_read_open(&r, file->path, &error);
	cap_read_close(&r);
	if (err == 0)
		return 0;
	if (err != -EBADMSG && err != -EOPNOTSUPP)
		return tell(f, 3, file->bind->path, strerror(-err));
	(void)json_array_append_new(problems, json_string(error.text));
	if (stand_in(file, run_dir) != 0)
		return tell(f, 3, run_dir, "can not be written");
	return 0;
}

/* place: with symbolic links followed as far as they lead somewhere. */
static int
find_place(struct file *file)
{
	char dir[PATH_MAX];
	char full[PATH_MAX];
	struct stat st;
	char *slash;

	if (stat(file->path, &st) == 0) {
		file->exists = true;
		file->regular = S_ISREG(st.st_mode);
		file->device = st.st_dev;
		file->inode = st.st_ino;
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		if (!file->regular)
			return 0;
		return realpath(file->path, file->place) != NULL ? 0 : -errno;
	}
	if (errno != ENOENT)
		return -errno;
	(void)snprintf(dir, sizeof(dir), "%s", file->path);
	slash = strrchr(dir, '/');
	if (slash == NULL || slash[1] == '\0')
		return -EISDIR;
	*slash = '\0';
	if (realpath(dir[0] == '\0' ? "/" : dir, full) == NULL)
		return -errno;
	if (stat(full, &st) != 0)
		return -errno;
	file->regular = true;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	if (snprintf(file->place, sizeof(file->place), "%s/%s",
		     strcmp(full, "/") == 0 ? "" : full,
		     slash + 1) >= (int)sizeof(file->place))
		return -ENAMETOOLONG;
	return 0;
}

static bool
same_file(const struct file *a, const struct file *b)
{
	if (a->exists != b->exists)
		return false;
	if (a->exists)
		return a->device == b->device && a->inode == b->inode;
	return strcmp(a->place, b->place) == 0;
}

static bool
is_output(const struct file *file)
{
	return file->bind->kind != REPLAY_IN;
}

/* 0, or exit status 2 when two binds must not share their file. */
static int
check_shared(const struct replay_files *f, const struct file *a,
	     const struct file *b)
{
	if (!a->regular || !b->regular || !same_file(a, b))
		return 0;
	if (is_output(a) != is_output(b))
		return tell(f, 2, a->bind->path,
			    "is an input and an output; choose another file"
			    " for the output");
	if (!is_output(a) || cap_write_format_of(a->place) == CAP_PCAPNG)
		return 0;
	return tell(f, 2, a->bind->path,
		    "is the output of two ports or points; a pcap holds one,"
		    " a name that ends in .pcapng gives each an interface");
}

/* ".NAME.part.PID.N" beside the place. 0 or -errno. */
static int
name_part(const char *place, unsigned n, char *path)
{
	const char *slash = strrchr(place, '/');
	int len =
	    snprintf(path, PATH_MAX, "%.*s/.%.200s" PART_MARK "%ld.%u",
		     (int)(slash - place), place, slash + 1, (long)getpid(), n);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int
make_part(struct replay_files *f, struct file *file, unsigned n)
{
	int err;
	int fd;

	if (!file->regular)
		return access(file->path, W_OK) == 0
			   ? 0
			   : tell(f, 3, file->bind->path, strerror(errno));
	if (file->exists && access(file->place, W_OK) != 0)
		return tell(f, 3, file->bind->path, strerror(errno));
	err = name_part(file->place, n, file->path);
	if (err != 0)
		return tell(f, 3, file->bind->path, strerror(-err));
	(void)unlink(file->path);
	fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return tell(f, 3, file->bind->path, strerror(errno));
	(void)close(fd);
	file->part = true;
	return 0;
}

static int
look_at_all(struct replay_files *f, const char *run_dir, json_t *problems)
{
	int status = 0;

	for (unsigned i = 0; i < f->n && status == 0; i++) {
		struct file *file = &f->file[i];
		int err = absolute(file->bind->path, file->path);

		if (err == 0 && is_output(file))
			err = find_place(file);
		if (err != 0)
			return tell(f, 3, file->bind->path, strerror(-err));
		if (!is_output(file))
			status = check_input(f, file, run_dir, problems);
		for (unsigned j = 0; j < i && status == 0; j++)
			status = check_shared(f, file, &f->file[j]);
	}
	return status;
}

int
replay_files_open(struct replay_files **out, const struct replay_args *args,
		  const char *run_dir, json_t *problems)
{
	struct replay_files *f = calloc(1, sizeof(*f));
	int status;

	if (f == NULL)
		return 3;
	f->args = args;
	f->n = args->nbinds;
	for (unsigned i = 0; i < f->n; i++)
		f->file[i].bind = &args->bind[i];
	status = look_at_all(f, run_dir, problems);
	for (unsigned i = 0; i < f->n && status == 0; i++) {
		if (is_output(&f->file[i]))
			status = make_part(f, &f->file[i], i);
	}
	if (status != 0)
		replay_files_free(&f);
	else
		*out = f;
	return status;
}

uint64_t
replay_files_octets(const struct replay_files *f)
{
	return f->octets;
}

static enum cap_format
format_of(const struct file *file)
{
	return cap_write_format_of(file->part ? file->place : file->bind->path);
}

static const char *
format_word(const struct file *file)
{
	return format_of(file) == CAP_PCAPNG ? "pcapng" : "pcap";
}

json_t *
replay_files_ports(const struct replay_files *f)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < f->n; i++) {
		const struct file *file = &f->file[i];
		const struct replay_bind *b = file->bind;
		json_t *port;

		if (b->kind == REPLAY_POINT)
			continue;
		port =
		    json_pack("{s:i, s:i, s:s}", "slot", (int)b->slot, "port",
			      (int)b->port, b->kind == REPLAY_IN ? "in" : "out",
			      file->path);
		if (b->kind == REPLAY_OUT)
			(void)json_object_set_new(
			    port, "format", json_string(format_word(file)));
		(void)json_array_append_new(list, port);
	}
	return list;
}

json_t *
replay_files_points(const struct replay_files *f)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < f->n; i++) {
		const struct file *file = &f->file[i];

		if (file->bind->kind != REPLAY_POINT)
			continue;
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:s, s:s}", "point", file->bind->name,
			      "path", file->path, "format", format_word(file)));
	}
	return list;
}

static uint16_t
link_of(const struct file *file)
{
	return file->bind->kind == REPLAY_OUT ||
		       point_is_ethernet(&file->bind->point)
		   ? CAP_LINK_ETHERNET
		   : CAP_LINK_REDBACK;
}

static int
problem(json_t *problems, int error, const char *path, const char *what)
{
	(void)json_array_append_new(problems,
				    json_sprintf("%s: %s", path, what));
	return error;
}

/* All parts of one place, this one first, become one file beside it. */
static int
merge(struct replay_files *f, unsigned first, const struct cap_part *parts,
      unsigned n, json_t *problems)
{
	struct file *file = &f->file[first];
	struct cap_error error = {""};
	char merged[PATH_MAX];
	int err = name_part(file->place, REPLAY_BINDS_MAX + first, merged);

	if (err == 0)
		err = cap_merge(merged, parts, n, CAP_PCAPNG, &error);
	if (err != 0) {
		(void)unlink(merged);
		return problem(problems, err, file->bind->path,
			       error.text[0] != '\0' ? error.text
						     : strerror(-err));
	}
	if (rename(merged, file->path) != 0)
		return problem(problems, -errno, file->bind->path,
			       strerror(errno));
	return 0;
}

/* The place of the part at first: merged with others of the same, renamed. */
static int
put_in_place(struct replay_files *f, unsigned first, json_t *problems)
{
	struct file *file = &f->file[first];
	struct cap_part parts[REPLAY_BINDS_MAX];
	unsigned n = 0;
	int err = 0;

	for (unsigned i = first; i < f->n; i++) {
		const struct file *other = &f->file[i];

		if (other->part && strcmp(other->place, file->place) == 0)
			parts[n++] =
			    (struct cap_part){.path = other->path,
					      .name = other->bind->name,
					      .link = link_of(other)};
	}
	if (n > 1)
		err = merge(f, first, parts, n, problems);
	if (err != 0)
		return err;
	if (rename(file->path, file->place) != 0)
		return problem(problems, -errno, file->bind->path,
			       strerror(errno));
	file->part = false;
	for (unsigned i = first + 1; i < f->n; i++) {
		struct file *other = &f->file[i];

		if (!other->part || strcmp(other->place, file->place) != 0)
			continue;
		(void)unlink(other->path);
		other->part = false;
	}
	return 0;
}

/* Cuts a part back to whole records, and counts what is in it. */
static int
repair_part(struct file *file)
{
	struct cap_read *r = NULL;
	struct cap_rec rec;
	int err = cap_repair(file->path, format_of(file), link_of(file),
			     file->bind->name, &file->packets);

	if (err == 0)
		err = cap_read_open_any(&r, file->path, NULL);
	if (err != 0)
		return err;
	while (cap_read_next(r, &rec) == 1)
		file->octets += rec.len;
	cap_read_close(&r);
	file->repaired = true;
	return 0;
}

bool
replay_files_held(const struct replay_files *f, const char *port,
		  uint64_t *packets, uint64_t *octets)
{
	for (unsigned i = 0; i < f->n; i++) {
		const struct file *file = &f->file[i];

		if (file->bind->kind != REPLAY_OUT || !file->repaired ||
		    strcmp(file->bind->name, port) != 0)
			continue;
		*packets = file->packets;
		*octets = file->octets;
		return true;
	}
	return false;
}

int
replay_files_finish(struct replay_files *f, bool repair, json_t *problems)
{
	int first_error = 0;

	for (unsigned i = 0; i < f->n && repair; i++) {
		struct file *file = &f->file[i];
		int err = file->part ? repair_part(file) : 0;

		if (err != 0)
			first_error = problem(problems, err, file->bind->path,
					      strerror(-err));
	}
	for (unsigned i = 0; i < f->n; i++) {
		int err = f->file[i].part ? put_in_place(f, i, problems) : 0;

		first_error = first_error != 0 ? first_error : err;
	}
	return first_error;
}

void
replay_files_free(struct replay_files **at)
{
	struct replay_files *f = *at;

	if (f == NULL)
		return;
	for (unsigned i = 0; i < f->n; i++) {
		if (f->file[i].part)
			(void)unlink(f->file[i].path);
	}
	free(f);
	*at = NULL;
}
