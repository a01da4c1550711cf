/*
 * Loaded before the C library into every process of a replay, it counts what
 * the packet path must not do: allocations, calls of the kernel, copies of as
 * many octets as a packet has. At its end each process writes the counts into a
 * file of its own in $SE_COUNT_DIR; test_counts.py compares them. It counts the
 * libraries' doings as well as ours.
 *
 * The real allocator is called by the names that glibc keeps for that; the real
 * system calls by syscall(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define COPY_LEAST 1000 /* octets: what is less is no copy of a packet */
#define COPY_MOST 1600  /* what is more is none of one packet */
#define PATH_ROOM 256
#define LINE_ROOM 4096

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t of);
extern void *__libc_realloc(void *was, size_t n);

static atomic_ulong allocations, calls, copies, octets_sent;

void *
malloc(size_t n)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t of)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_calloc(n, of);
}

void *
realloc(void *was, size_t n)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_realloc(was, n);
}

static void
copied(size_t n)
{
	if (n >= COPY_LEAST && n <= COPY_MOST)
		atomic_fetch_add(&copies, 1);
}

/* Loops that the compiler does not turn into calls of themselves. */
void *
memmove(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	copied(n);
	if (t <= f) {
		for (size_t i = 0; i < n; i++)
			t[i] = f[i];
	} else {
		while (n-- > 0)
			t[n] = f[n];
	}
	return to;
}

void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	copied(n);
	for (size_t i = 0; i < n; i++)
		t[i] = f[i];
	return to;
}

#define CALL(...) (atomic_fetch_add(&calls, 1), syscall(__VA_ARGS__))

ssize_t
read(int fd, void *to, size_t n)
{
	return CALL(SYS_read, fd, to, n);
}

ssize_t
write(int fd, const void *from, size_t n)
{
	return CALL(SYS_write, fd, from, n);
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	return CALL(SYS_writev, fd, iov, n);
}

ssize_t
send(int fd, const void *from, size_t n, int flags)
{
	atomic_fetch_add(&octets_sent, n);
	return CALL(SYS_sendto, fd, from, n, flags, NULL, 0);
}

ssize_t
recv(int fd, void *to, size_t n, int flags)
{
	return CALL(SYS_recvfrom, fd, to, n, flags, NULL, NULL);
}

int
poll(struct pollfd *set, nfds_t n, int timeout)
{
	return (int)CALL(SYS_poll, set, n, timeout);
}

int
epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
	return (int)CALL(SYS_epoll_wait, fd, events, n, timeout);
}

int
epoll_ctl(int fd, int what, int on, struct epoll_event *event)
{
	return (int)CALL(SYS_epoll_ctl, fd, what, on, event);
}

pid_t
getpid(void)
{
	return (pid_t)CALL(SYS_getpid);
}

__attribute__((destructor)) static void
tell(void)
{
	const char *dir = getenv("SE_COUNT_DIR");
	char path[PATH_ROOM], line[LINE_ROOM];
	int fd, n;

	if (dir == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%ld", dir, syscall(SYS_getpid));
	n = snprintf(line, sizeof line, "%lu %lu %lu %lu\n", allocations, calls,
		     copies, octets_sent);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, line, (size_t)n) == n) {
		int from = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
		ssize_t got = from < 0 ? 0 : read(from, line, sizeof line);

		if (got > 0 && write(fd, line, (size_t)got) != got)
			perror(path);
		(void)close(from);
	}
	(void)close(fd);
}
