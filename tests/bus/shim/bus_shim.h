/*
 * The bus for tests: one struct per bus or socket, errors as the bus has them.
 */
#ifndef BUS_SHIM_H
#define BUS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SHIM_IPC, SHIM_TCP, SHIM_INPROC };
enum { SHIM_ROUTER, SHIM_DEALER, SHIM_PUSH, SHIM_PULL };

struct bus;
struct bus_sock;

/* Key pairs: 0 for none, 1 and 2 are two runs'. Made once per process. */
int bus_shim_new(struct bus **bus, int transport, const char *dir, int keys);
int bus_shim_new_sharing(struct bus **bus, struct bus *with);
void bus_shim_free(struct bus **bus);
/* The transport's number or -EINVAL. */
int bus_shim_parse(const char *word);
const char *bus_shim_name(const struct bus *bus);

int bus_shim_listen(struct bus *bus, int kind, const char *name,
		    struct bus_sock **sock, char endpoint[160]);
int bus_shim_connect(struct bus *bus, int kind, const char *endpoint,
		     const char *identity, struct bus_sock **sock);
void bus_shim_close(struct bus_sock **sock);

/* to NULL: no ROUTER. */
int bus_shim_send(struct bus_sock *sock, const char *to, const void *octets,
		  size_t n, bool secret);
/* Octets received (at most n are written), 0 for no message in that time. */
int bus_shim_recv(struct bus_sock *sock, char from[33], void *octets, size_t n,
		  long timeout_ms, bool secret);
/* As bus_poll() on one descriptor. */
int bus_shim_poll_fd(int fd, long timeout_ms, bool *ready);

/* Wipes of at least 1,000 octets so far, and whether one left anything. */
unsigned bus_shim_wipes(void);
bool bus_shim_wiped_clean(void);

#ifdef __cplusplus
}
#endif
#endif
