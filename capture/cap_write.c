/*
 * The block writer. One buffer, filled with whole records, emptied by write(2);
 * no system call and no allocation per packet. Called by ports that write
 * captures, by cap_order and cap_merge. It decides nothing about order.
 */
#include "cap_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cap_form.h"

#define BLOCK_OCTETS (UINT32_C(1) << 20)
#define BUFFER_OCTETS (BLOCK_OCTETS + CAP_FORM_RECORD_MAX)

struct cap_write {
	uint8_t *buf;
	size_t used;
	uint64_t written; /* whole records that the file holds */
	int fd;
	int error; /* the first */
	bool regular;
	enum cap_format format;
	unsigned ifaces;
};

enum cap_format
cap_write_format_of(const char *path)
{
	static const char suffix[] = ".pcapng";
	size_t len = strlen(path);

	if (len >= sizeof(suffix) - 1 &&
	    strcmp(path + len - (sizeof(suffix) - 1), suffix) == 0)
		return CAP_PCAPNG;
	return CAP_PCAP;
}

int
cap_write_open_fd(struct cap_write **w, int fd, enum cap_format format)
{
	struct cap_write *made = malloc(sizeof(*made));
	struct stat st;

	if (made == NULL)
		return -ENOMEM;
	*made = (struct cap_write){.fd = fd, .format = format};
	made->buf = malloc(BUFFER_OCTETS);
	if (made->buf == NULL) {
		free(made);
		return -ENOMEM;
	}
	made->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	*w = made;
	return 0;
}

int
cap_write_open(struct cap_write **w, const char *path, enum cap_format format,
	       struct cap_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int error;

	if (fd < 0)
		return cap_error_set(err, -errno, "%s: can not be written: %s",
				     path, strerror(errno));
	error = cap_write_open_fd(w, fd, format);
	if (error != 0) {
		(void)close(fd);
		return cap_error_set(err, error, "%s: %s", path,
				     strerror(-error));
	}
	return 0;
}

/* Keeps the first error, and whole records only where a file can be cut. */
static int
fail(struct cap_write *w, int error)
{
	if (w->error == 0)
		w->error = error;
	w->used = 0;
	if (w->regular && ftruncate(w->fd, (off_t)w->written) != 0)
		w->regular = false; /* cap_repair() is left to do it */
	return w->error;
}

/* writev(2) until all is written; iov is used up. */
static int
write_all(struct cap_write *w, struct iovec *iov, unsigned n)
{
	uint64_t sum = 0;

	while (n > 0) {
		unsigned some = n < IOV_MAX ? n : IOV_MAX;
		ssize_t wrote = writev(w->fd, iov, (int)some);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return fail(w, -errno);
		sum += (uint64_t)wrote;
		for (; n > 0 && (size_t)wrote >= iov->iov_len; n--, iov++)
			wrote -= (ssize_t)iov->iov_len;
		if (n > 0) {
			iov->iov_base = (uint8_t *)iov->iov_base + wrote;
			iov->iov_len -= (size_t)wrote;
		}
	}
	w->written += sum;
	return 0;
}

int
cap_write_flush(struct cap_write *w)
{
	struct iovec iov = {.iov_base = w->buf, .iov_len = w->used};
	int error = w->error;

	if (error != 0 || w->used == 0)
		return error;
	error = write_all(w, &iov, 1);
	w->used = 0;
	return error;
}

int
cap_write_formed(struct cap_write *w, struct iovec *iov, unsigned n)
{
	int error = cap_write_flush(w);

	return error != 0 ? error : write_all(w, iov, n);
}

static int
make_room(struct cap_write *w, size_t octets)
{
	if (w->error != 0)
		return w->error;
	if (w->used >= BLOCK_OCTETS || octets > BUFFER_OCTETS - w->used)
		return cap_write_flush(w);
	return 0;
}

int
cap_write_iface(struct cap_write *w, uint16_t link, const char *name,
		unsigned *iface)
{
	int error = make_room(w, CAP_FORM_HEADER_MAX + CAP_FORM_IFACE_MAX);

	if (error != 0)
		return error;
	if (name != NULL && strlen(name) > CAP_WRITE_NAME_MAX)
		return -EINVAL;
	if (w->format == CAP_PCAP && w->ifaces > 0)
		return -EEXIST;
	if (w->ifaces == 0)
		w->used +=
		    cap_form_put_header(w->format, link, w->buf + w->used);
	if (w->format == CAP_PCAPNG)
		w->used += cap_form_put_iface(link, name, w->buf + w->used);
	*iface = w->ifaces++;
	return 0;
}

int
cap_write_rec(struct cap_write *w, const struct cap_out *out)
{
	size_t octets = cap_form_octets(w->format, out);
	int error;

	if (out->iface >= w->ifaces)
		return -EINVAL;
	if (octets == 0)
		return -EMSGSIZE;
	error = make_room(w, octets);
	if (error != 0)
		return error;
	cap_form_put(w->format, w->buf + w->used, out);
	w->used += octets;
	return 0;
}

enum cap_format
cap_write_format(const struct cap_write *w)
{
	return w->format;
}

unsigned
cap_write_ifaces(const struct cap_write *w)
{
	return w->ifaces;
}

uint64_t
cap_write_octets(const struct cap_write *w)
{
	return w->written + w->used;
}

int
cap_write_close(struct cap_write **w)
{
	int error;

	if (*w == NULL)
		return 0;
	error = cap_write_flush(*w);
	if (close((*w)->fd) != 0 && error == 0)
		error = -errno;
	free((*w)->buf);
	free(*w);
	*w = NULL;
	return error;
}
