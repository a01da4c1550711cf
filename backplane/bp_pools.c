/*
 * Offers of pools. The controller offers a pool before it says anything that
 * could make a packet of it come here, so a process need not listen: it looks
 * when it opens a link and when a frame names a pool that it does not know.
 */
#include "bp_pools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "stage.h"

/* Room for one descriptor beside an offer. */
union beside {
	char octets[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int
bp_pools_pair(int *ours, int *theirs)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		return -errno;
	*ours = fd[0];
	*theirs = fd[1];
	return 0;
}

int
bp_pools_offer(int fd, uint16_t number, uint32_t buffers, int pool_fd)
{
	struct bp_offer offer = {.magic = be16_put(BP_POOLS_MAGIC),
				 .number = be16_put(number),
				 .buffers = be32_put(buffers)};
	struct iovec part = {.iov_base = &offer, .iov_len = sizeof(offer)};
	union beside beside = {{0}};
	struct msghdr msg = {.msg_iov = &part,
			     .msg_iovlen = 1,
			     .msg_control = beside.octets,
			     .msg_controllen = sizeof(beside.octets)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pool_fd, sizeof(int));
	if (sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* The next offer and its descriptor, ours then: 1, 0: none, -EBADMSG. */
static int
receive(int fd, struct bp_offer *offer, int *pool_fd)
{
	struct iovec part = {.iov_base = offer, .iov_len = sizeof(*offer)};
	union beside beside = {{0}};
	struct msghdr msg = {.msg_iov = &part,
			     .msg_iovlen = 1,
			     .msg_control = beside.octets,
			     .msg_controllen = sizeof(beside.octets)};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c;

	if (n <= 0) /* nothing, or the controller is gone */
		return 0;
	c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EBADMSG;
	memcpy(pool_fd, CMSG_DATA(c), sizeof(int));
	if (n == (ssize_t)sizeof(*offer) &&
	    (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    be16_get(offer->magic) == BP_POOLS_MAGIC &&
	    stage_valid(be16_get(offer->number)))
		return 1;
	(void)close(*pool_fd);
	return -EBADMSG;
}

void
bp_pools_init(struct bp_pools *pools, int fd, uint16_t stage)
{
	*pools = (struct bp_pools){.fd = fd, .stage = stage};
}

void
bp_pools_fini(struct bp_pools *pools)
{
	for (unsigned i = 0; i < pools->n; i++) {
		struct bp_pool *pool = pools->at[pools->known[i]];

		bp_pool_fini(pool);
		free(pool);
	}
	*pools = (struct bp_pools){.fd = -1};
}

static int
add(struct bp_pools *pools, uint16_t number, uint32_t buffers, int fd)
{
	struct bp_pool *pool;
	int error;

	if (pools->at[number] != NULL)
		return -EEXIST;
	pool = malloc(sizeof(*pool));
	if (pool == NULL)
		return -ENOMEM;
	error = bp_pool_map(pool, (uint8_t)number, buffers, fd, pools->stage);
	if (error != 0) {
		free(pool);
		return error;
	}
	pools->at[number] = pool;
	pools->known[pools->n++] = (uint8_t)number;
	return 0;
}

bool
bp_pools_take(struct bp_pools *pools, struct pkt_mem *mem)
{
	bool more = false;
	struct bp_offer offer;
	int fd;
	int got;

	while (pools->fd >= 0 && (got = receive(pools->fd, &offer, &fd)) != 0) {
		uint16_t number;
		int error = got;

		if (got > 0) {
			number = be16_get(offer.number);
			error = add(pools, number, be32_get(offer.buffers), fd);
			(void)close(fd);
			if (error == 0)
				bp_pool_show(pools->at[number], mem);
			more |= error == 0;
		}
		if (error < 0)
			log_error("backplane: pool not taken error=%s",
				  strerror(-error));
	}
	return more;
}
