/*
 * Capture files as far ends of ports. In: records as the reader gives them.
 * Out: frames rest in the order of their arrival at the router until their
 * round is complete (capture/cap_order.h), whatever path they took here.
 */
#include <errno.h>
#include <stdlib.h>

#include "cap_link.h"
#include "cap_order.h"
#include "port_far.h"

struct port_file_in {
	struct port_far far;
	struct cap_read *reader;
};

struct port_file_out {
	struct port_far far;
	struct cap_order *order;
	unsigned iface;
	int error; /* the first */
};

static int
port_file_read(struct port_far *far, struct cap_rec *rec)
{
	return cap_read_next(((struct port_file_in *)far)->reader, rec);
}

static const char *
port_file_why(const struct port_far *far)
{
	return cap_read_error(((const struct port_file_in *)far)->reader);
}

static int
port_file_in_close(struct port_far *far)
{
	struct port_file_in *file = (struct port_file_in *)far;

	cap_read_close(&file->reader);
	free(file);
	return 0;
}

static const struct port_far_ops port_file_in_ops = {
    .read = port_file_read,
    .why = port_file_why,
    .close = port_file_in_close,
};

int
port_file_in(struct port_far **far, const char *path, struct cap_error *err)
{
	struct port_file_in *file = calloc(1, sizeof(*file));
	int rc;

	if (file == NULL)
		return cap_error_set(err, -ENOMEM, "%s: no memory", path);
	file->far.ops = &port_file_in_ops;
	rc = cap_read_open(&file->reader, path, err);
	if (rc < 0) {
		free(file);
		return rc;
	}
	*far = &file->far;
	return 0;
}

static int
port_file_keep(struct port_file_out *file, int rc)
{
	if (rc < 0 && file->error == 0)
		file->error = rc;
	return file->error;
}

static int
port_file_write(struct port_far *far, const struct pkt *p, uint64_t trace,
		const uint8_t *frame)
{
	struct port_file_out *file = (struct port_file_out *)far;
	struct cap_out out = {
	    .time_ns = p->time_ns,
	    .data = frame,
	    .octets = p->len,
	    .iface = file->iface,
	};

	(void)trace; /* a capture has no place for it */
	if (file->error != 0)
		return file->error;
	return port_file_keep(file,
			      cap_order_add(file->order, p->round, p->order_ns,
					    pkt_order_tie(p), &out));
}

static int
port_file_flush(struct port_far *far, uint32_t round)
{
	struct port_file_out *file = (struct port_file_out *)far;

	return port_file_keep(file, cap_order_flush(file->order, round));
}

static int
port_file_out_close(struct port_far *far)
{
	struct port_file_out *file = (struct port_file_out *)far;
	int rc = port_file_keep(file, cap_order_close(&file->order));

	free(file);
	return rc;
}

static const struct port_far_ops port_file_out_ops = {
    .write = port_file_write,
    .flush = port_file_flush,
    .close = port_file_out_close,
};

int
port_file_out(struct port_far **far, const char *path, enum cap_format format,
	      const char *name, struct cap_error *err)
{
	struct port_file_out *file = calloc(1, sizeof(*file));
	struct cap_write *writer = NULL;
	int rc = file == NULL ? -ENOMEM : 0;

	if (rc == 0)
		rc = cap_write_open(&writer, path, format, err);
	else
		(void)cap_error_set(err, rc, "%s: no memory", path);
	if (rc == 0)
		rc = cap_write_iface(writer, CAP_LINK_ETHERNET, name,
				     &file->iface);
	if (rc == 0)
		rc = cap_order_new(&file->order, writer);
	if (rc < 0) {
		if (writer != NULL)
			(void)cap_error_set(
			    err, rc, "%s: the capture can not be begun", path);
		(void)cap_write_close(&writer);
		free(file);
		return rc;
	}
	file->far.ops = &port_file_out_ops;
	*far = &file->far;
	return 0;
}

int
port_far_close(struct port_far **far)
{
	int rc = *far == NULL ? 0 : (*far)->ops->close(*far);

	*far = NULL;
	return rc;
}
