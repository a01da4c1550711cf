/*
 * Merging and repairing, both on top of the block reader and writer. Called by
 * the command that started a run, when its cards have closed their files or
 * died.
 */
#include "cap_merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cap_form.h"
#include "cap_read.h"

struct merge_part {
	struct cap_read *r;
	struct cap_rec rec;
	uint64_t clock_ns; /* greatest time seen: a part's order is kept */
	unsigned iface;
	bool ended;
};

static int
advance(struct merge_part *part, struct cap_error *err)
{
	int got = cap_read_next(part->r, &part->rec);

	if (got < 0)
		return cap_error_set(err, got, "%s", cap_read_error(part->r));
	part->ended = got == 0;
	if (got > 0 && part->rec.time_ns > part->clock_ns)
		part->clock_ns = part->rec.time_ns;
	return 0;
}

static struct merge_part *
earliest(struct merge_part *parts, unsigned n)
{
	struct merge_part *first = NULL;

	for (unsigned i = 0; i < n; i++) {
		if (parts[i].ended)
			continue;
		if (first == NULL || parts[i].clock_ns < first->clock_ns)
			first = &parts[i];
	}
	return first;
}

static int
add_iface(struct cap_write *w, const struct cap_part *part, unsigned *iface)
{
	if (cap_write_format(w) == CAP_PCAP && cap_write_ifaces(w) == 1) {
		*iface = 0;
		return 0;
	}
	return cap_write_iface(w, part->link, part->name, iface);
}

static int
open_parts(struct merge_part *merge, const struct cap_part *parts, unsigned n,
	   struct cap_write *w, const char *out_path, struct cap_error *err)
{
	for (unsigned i = 0; i < n; i++) {
		int error = add_iface(w, &parts[i], &merge[i].iface);

		if (error != 0)
			return cap_error_set(err, error, "%s: %s", out_path,
					     strerror(-error));
		error = cap_read_open_any(&merge[i].r, parts[i].path, err);
		if (error == 0)
			error = advance(&merge[i], err);
		if (error != 0)
			return error;
	}
	return 0;
}

static int
copy_records(struct merge_part *merge, unsigned n, struct cap_write *w,
	     const char *out_path, struct cap_error *err)
{
	struct merge_part *part;
	int error = 0;

	while (error == 0 && (part = earliest(merge, n)) != NULL) {
		struct cap_out out = {
		    .time_ns = part->rec.time_ns,
		    .data = part->rec.data,
		    .octets = part->rec.caplen,
		    .orig_octets = part->rec.len,
		    .iface = part->iface,
		};

		error = cap_write_rec(w, &out);
		if (error != 0)
			return cap_error_set(err, error, "%s: %s", out_path,
					     strerror(-error));
		error = advance(part, err);
	}
	return error;
}

/* A pcap holds one link type. */
static int
check_links(const struct cap_part *parts, unsigned n, enum cap_format format,
	    const char *out_path, struct cap_error *err)
{
	for (unsigned i = 1; format == CAP_PCAP && i < n; i++)
		if (parts[i].link != parts[0].link)
			return cap_error_set(
			    err, -EINVAL,
			    "%s: link types %u and %u do not go into one pcap",
			    out_path, parts[0].link, parts[i].link);
	return 0;
}

int
cap_merge(const char *out_path, const struct cap_part *parts, unsigned n,
	  enum cap_format format, struct cap_error *err)
{
	struct merge_part *merge;
	struct cap_write *w = NULL;
	int error = check_links(parts, n, format, out_path, err);
	int closed;

	if (error != 0)
		return error;
	merge = calloc(n > 0 ? n : 1, sizeof(*merge));
	if (merge == NULL)
		return cap_error_set(err, -ENOMEM, "%s: no memory", out_path);
	error = cap_write_open(&w, out_path, format, err);
	if (error == 0)
		error = open_parts(merge, parts, n, w, out_path, err);
	if (error == 0)
		error = copy_records(merge, n, w, out_path, err);
	closed = cap_write_close(&w);
	if (error == 0 && closed != 0)
		error = cap_error_set(err, closed, "%s: %s", out_path,
				      strerror(-closed));
	for (unsigned i = 0; i < n; i++)
		cap_read_close(&merge[i].r);
	free(merge);
	return error;
}

static int
make_empty(const char *path, enum cap_format format, uint16_t link,
	   const char *name)
{
	struct cap_write *w = NULL;
	unsigned iface;
	int error = cap_write_open(&w, path, format, NULL);
	int closed;

	if (error != 0)
		return error;
	error = cap_write_iface(w, link, name, &iface);
	closed = cap_write_close(&w);
	return error != 0 ? error : closed;
}

/* Too short for a header that we write, so nothing can be lost with it. */
static bool
headerless(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size < CAP_FORM_HEADER_MAX;
}

int
cap_repair(const char *path, enum cap_format format, uint16_t link,
	   const char *name, uint64_t *records)
{
	struct cap_read *r = NULL;
	struct cap_rec rec;
	uint64_t count = 0;
	uint64_t whole;
	unsigned ifaces;
	int error = cap_read_open_any(&r, path, NULL);
	int got;

	if (error == -EBADMSG && headerless(path))
		error = make_empty(path, format, link, name);
	if (error != 0 || r == NULL) {
		if (error == 0)
			*records = 0;
		return error;
	}
	while ((got = cap_read_next(r, &rec)) > 0)
		count++;
	whole = cap_read_offset(r);
	ifaces = cap_read_ifaces(r);
	cap_read_close(&r);
	if (got < 0 && got != -EBADMSG)
		return got;
	if (ifaces == 0)
		error = make_empty(path, format, link, name);
	else if (got < 0 && truncate(path, (off_t)whole) != 0)
		error = -errno;
	if (error == 0)
		*records = count;
	return error;
}
