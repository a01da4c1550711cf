/* Hands everything through. */
#include "cap_write_shim.h"

#include <stdio.h>
#include <stdlib.h>

#include "cap_merge.h"
#include "cap_order.h"
#include "cap_write.h"

struct cap_write_shim {
	struct cap_write *w;
};

struct cap_order_shim {
	struct cap_order *o;
};

static enum cap_format
format_of(int ng)
{
	return ng ? CAP_PCAPNG : CAP_PCAP;
}

static struct cap_out
out_of(const struct shim_out *out)
{
	return (struct cap_out){
	    .time_ns = out->time_ns,
	    .prefix = out->prefix,
	    .prefix_octets = out->prefix_octets,
	    .data = out->data,
	    .octets = out->octets,
	    .orig_octets = out->orig_octets,
	    .iface = out->iface,
	    .comment = out->comment,
	};
}

int
cap_write_shim_is_ng(const char *path)
{
	return cap_write_format_of(path) == CAP_PCAPNG;
}

struct cap_write_shim *
cap_write_shim_open(const char *path, int ng, int *error, char *why,
		    size_t why_octets)
{
	struct cap_write_shim *s = calloc(1, sizeof(*s));
	struct cap_error err = {""};

	if (s == NULL)
		abort();
	*error = cap_write_open(&s->w, path, format_of(ng), &err);
	(void)snprintf(why, why_octets, "%s", err.text);
	return s;
}

struct cap_write_shim *
cap_write_shim_fd(int fd, int ng)
{
	struct cap_write_shim *s = calloc(1, sizeof(*s));

	if (s == NULL || cap_write_open_fd(&s->w, fd, format_of(ng)) != 0)
		abort();
	return s;
}

int
cap_write_shim_iface(struct cap_write_shim *s, uint16_t link, const char *name)
{
	unsigned iface = 0;
	int error = cap_write_iface(s->w, link, name, &iface);

	return error != 0 ? error : (int)iface;
}

int
cap_write_shim_rec(struct cap_write_shim *s, const struct shim_out *out)
{
	struct cap_out o = out_of(out);

	return cap_write_rec(s->w, &o);
}

int
cap_write_shim_flush(struct cap_write_shim *s)
{
	return cap_write_flush(s->w);
}

uint64_t
cap_write_shim_octets(const struct cap_write_shim *s)
{
	return cap_write_octets(s->w);
}

int
cap_write_shim_close(struct cap_write_shim *s)
{
	int error = cap_write_close(&s->w);

	free(s);
	return error;
}

struct cap_order_shim *
cap_order_shim_new(struct cap_write_shim *w)
{
	struct cap_order_shim *s = calloc(1, sizeof(*s));

	if (s == NULL || cap_order_new(&s->o, w->w) != 0)
		abort();
	free(w);
	return s;
}

int
cap_order_shim_add(struct cap_order_shim *s, uint32_t round, uint64_t order_ns,
		   uint64_t tie, const struct shim_out *out)
{
	struct cap_out o = out_of(out);

	return cap_order_add(s->o, round, order_ns, tie, &o);
}

int
cap_order_shim_flush(struct cap_order_shim *s, uint32_t round)
{
	return cap_order_flush(s->o, round);
}

int
cap_order_shim_close(struct cap_order_shim *s)
{
	int error = cap_order_close(&s->o);

	free(s);
	return error;
}

int
cap_merge_shim(const char *out, const struct shim_part *parts, unsigned n,
	       int ng, char *why, size_t why_octets)
{
	struct cap_part *list = calloc(n > 0 ? n : 1, sizeof(*list));
	struct cap_error err = {""};
	int error;

	if (list == NULL)
		abort();
	for (unsigned i = 0; i < n; i++)
		list[i] = (struct cap_part){.path = parts[i].path,
					    .name = parts[i].name,
					    .link = parts[i].link};
	error = cap_merge(out, list, n, format_of(ng), &err);
	free(list);
	(void)snprintf(why, why_octets, "%s", err.text);
	return error;
}

int
cap_merge_shim_repair(const char *path, int ng, uint16_t link,
		      uint64_t *records)
{
	return cap_repair(path, format_of(ng), link, "port", records);
}
