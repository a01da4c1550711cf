/* The C side of the bus tests; it alone includes the bus's header. */
#include "bus_shim.h"

#include <stdatomic.h>
#include <string.h>

#include "bus.h"
#include "secret.h"

#define WIPE_OF_INTEREST 1000

void __real_secret_wipe(void *p, size_t octets);
void __wrap_secret_wipe(void *p, size_t octets);

static _Atomic unsigned wipes;
static _Atomic bool dirty;

void
__wrap_secret_wipe(void *p, size_t octets)
{
	const unsigned char *at = p;

	__real_secret_wipe(p, octets);
	if (octets < WIPE_OF_INTEREST)
		return;
	for (size_t i = 0; i < octets; i++) {
		if (at[i] != 0)
			atomic_store(&dirty, true);
	}
	(void)atomic_fetch_add(&wipes, 1);
}

unsigned
bus_shim_wipes(void)
{
	return atomic_load(&wipes);
}

bool
bus_shim_wiped_clean(void)
{
	return !atomic_load(&dirty);
}

int
bus_shim_new(struct bus **bus, int transport, const char *dir, int keys)
{
	static struct bus_keys pairs[2];
	static bool made;

	if (!made) {
		if (bus_keys_make(&pairs[0]) != 0 ||
		    bus_keys_make(&pairs[1]) != 0)
			return -1;
		made = true;
	}
	return bus_new(bus, (enum bus_transport)transport, dir,
		       keys == 0 ? NULL : &pairs[keys - 1]);
}

int
bus_shim_new_sharing(struct bus **bus, struct bus *with)
{
	return bus_new_sharing(bus, with);
}

void
bus_shim_free(struct bus **bus)
{
	bus_free(bus);
}

int
bus_shim_parse(const char *word)
{
	enum bus_transport transport;
	int error = bus_transport_parse(word, &transport);

	return error != 0 ? error : (int)transport;
}

const char *
bus_shim_name(const struct bus *bus)
{
	return bus_transport_name(bus_transport_of(bus));
}

int
bus_shim_listen(struct bus *bus, int kind, const char *name,
		struct bus_sock **sock, char endpoint[160])
{
	return bus_listen(bus, (enum bus_kind)kind, name, sock, endpoint);
}

int
bus_shim_connect(struct bus *bus, int kind, const char *endpoint,
		 const char *identity, struct bus_sock **sock)
{
	return bus_connect(bus, (enum bus_kind)kind, endpoint, identity, sock);
}

void
bus_shim_close(struct bus_sock **sock)
{
	bus_close(sock);
}

int
bus_shim_send(struct bus_sock *sock, const char *to, const void *octets,
	      size_t n, bool secret)
{
	struct bus_peer peer;
	struct bus_msg msg;
	int error = bus_msg_new(&msg, n, secret);

	if (error != 0)
		return error;
	if (n > 0)
		memcpy(bus_msg_data(&msg), octets, n);
	if (to != NULL) {
		peer.len = (uint8_t)strlen(to);
		memcpy(peer.octets, to, peer.len);
		error = bus_send_to(sock, &peer, &msg);
	} else {
		error = bus_send(sock, &msg);
	}
	bus_msg_done(&msg);
	return error;
}

int
bus_shim_recv(struct bus_sock *sock, char from[33], void *octets, size_t n,
	      long timeout_ms, bool secret)
{
	struct bus_poll item = {.sock = sock};
	struct bus_peer peer = {.len = 0};
	struct bus_msg msg;
	int got = bus_poll(&item, 1, timeout_ms);

	if (got <= 0)
		return got;
	got = from != NULL ? bus_recv_from(sock, &peer, &msg)
			   : bus_recv(sock, &msg);
	if (got <= 0)
		return got;
	if (from != NULL) {
		memcpy(from, peer.octets, peer.len);
		from[peer.len] = '\0';
	}
	msg.secret = secret;
	got = (int)bus_msg_octets(&msg);
	memcpy(octets, bus_msg_data(&msg), (size_t)got < n ? (size_t)got : n);
	bus_msg_done(&msg);
	return got;
}

int
bus_shim_poll_fd(int fd, long timeout_ms, bool *ready)
{
	struct bus_poll item = {.fd = fd};
	int got = bus_poll(&item, 1, timeout_ms);

	*ready = item.ready;
	return got;
}
