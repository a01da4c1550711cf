/*
 * What happens to captures at the end of a run: parts become one file, and a
 * file whose writer was killed becomes a valid capture again.
 */
#ifndef CAP_MERGE_H
#define CAP_MERGE_H

#include <stdint.h>

#include "cap_error.h"
#include "cap_write.h"

/* A capture written by cap_write or cap_order, with one interface. */
struct cap_part {
	const char *path;
	const char *name; /* of its interface in the merged file */
	uint16_t link;
};

/*
 * Merges the records of the parts by time into a new file at out_path, each
 * part's own order kept (times that step back wait for those before them),
 * equal times in the order of the parts. pcapng: an interface per part, also
 * for a part without records; pcap: all parts have one link type, else -EINVAL.
 * Memory is a buffer for each part. Errors as of cap_read_open(), -EBADMSG: a
 * part is damaged (what came before is in the file), and those of writing; err
 * has the sentence.
 */
int cap_merge(const char *out_path, const struct cap_part *parts, unsigned n,
	      enum cap_format format, struct cap_error *err);

/*
 * Cuts a file back to its last whole record and counts the records. One that
 * has no whole header yet becomes an empty capture with one interface.
 * -EBADMSG: it is no capture at all and stays as it is; or an errno.
 */
int cap_repair(const char *path, enum cap_format format, uint16_t link,
	       const char *name, uint64_t *records);

#endif
