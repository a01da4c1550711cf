/* The C side of the neighbor tests. */
#include "neighbor_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "neighbor.h"

struct neighbor_shim {
	struct neighbor_table *table;
	char log[65536];
	char told[65536];
	char mac[20];
};

static struct ip_addr
addr_of(int version, uint32_t addr)
{
	uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8};
	struct ip_addr v4 = ip_addr_v4(addr);

	if (version == 4)
		return v4;
	memcpy(octets + 12, v4.octets, 4);
	return ip_addr_v6(octets);
}

static uint32_t
number_of(const struct ip_addr *addr)
{
	struct ip_addr low = *addr;

	if (addr->family == 6)
		low = ip_addr_get(4, addr->octets + 12);
	return ip_addr_to_v4(&low);
}

static void
say(struct neighbor_shim *shim, const char *text)
{
	size_t n = strlen(shim->log);

	(void)snprintf(shim->log + n, sizeof(shim->log) - n, "%s ", text);
}

static void
solicit(void *arg, uint32_t circuit, const struct ip_addr *target,
	const uint8_t *mac)
{
	char text[32];

	(void)circuit;
	(void)snprintf(text, sizeof(text), "%c%u", mac == NULL ? '?' : '!',
		       number_of(target));
	say(arg, text);
}

static void
release(void *arg, const struct pkt *p, enum pkt_fate fate)
{
	char text[64];

	if (fate == PKT_GO)
		(void)snprintf(text, sizeof(text), "+%u", p->index);
	else
		(void)snprintf(text, sizeof(text), "-%u:%s", p->index,
			       pkt_fate_name(fate));
	say(arg, text);
}

static const struct neighbor_ops ops = {.solicit = solicit, .release = release};

struct neighbor_shim *
neighbor_shim_new(unsigned packets)
{
	struct neighbor_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		abort();
	shim->table = neighbor_new(&ops, shim, packets);
	return shim;
}

void
neighbor_shim_free(struct neighbor_shim *shim)
{
	neighbor_free(&shim->table);
	free(shim);
}

const char *
neighbor_shim_log(struct neighbor_shim *shim)
{
	memcpy(shim->told, shim->log, sizeof(shim->told));
	shim->log[0] = '\0';
	return shim->told;
}

const char *
neighbor_shim_find(struct neighbor_shim *shim, int version, uint32_t addr,
		   uint64_t ms)
{
	struct ip_addr a = addr_of(version, addr);
	const uint8_t *mac =
	    neighbor_find(shim->table, 1, &a, ms * CLOCK_MS_NS);

	if (mac == NULL)
		return "-";
	(void)snprintf(shim->mac, sizeof(shim->mac), "%u", mac[5]);
	return shim->mac;
}

const char *
neighbor_shim_wait(struct neighbor_shim *shim, int version, uint32_t addr,
		   uint64_t ms, uint32_t packet)
{
	struct ip_addr a = addr_of(version, addr);
	struct pkt p = {.index = packet};
	enum pkt_fate fate =
	    neighbor_wait(shim->table, 1, &a, ms * CLOCK_MS_NS, &p);

	return fate == PKT_GO ? "waits" : pkt_fate_name(fate);
}

void
neighbor_shim_learn(struct neighbor_shim *shim, int version, uint32_t addr,
		    uint8_t mac, int create, uint64_t ms, uint64_t life_ms)
{
	struct ip_addr a = addr_of(version, addr);
	uint8_t octets[6] = {2, 0, 0, 0, 0, mac};

	neighbor_learn(shim->table, 1, &a, octets, create != 0,
		       ms * CLOCK_MS_NS, life_ms * CLOCK_MS_NS);
}

void
neighbor_shim_static(struct neighbor_shim *shim, int version, uint32_t addr,
		     int mac)
{
	struct ip_addr a = addr_of(version, addr);
	uint8_t octets[6] = {2, 0, 0, 0, 0, (uint8_t)mac};

	if (mac < 0)
		neighbor_static_delete(shim->table, 1, &a);
	else if (neighbor_static_set(shim->table, 1, &a, octets) != 0)
		abort();
}

void
neighbor_shim_expire(struct neighbor_shim *shim, uint64_t ms)
{
	neighbor_expire(shim->table, ms * CLOCK_MS_NS);
}

int64_t
neighbor_shim_next(const struct neighbor_shim *shim)
{
	uint64_t ns = neighbor_next_ns(shim->table);

	return ns == NEIGHBOR_NO_TIME ? -1 : (int64_t)(ns / CLOCK_MS_NS);
}

void
neighbor_shim_clear(struct neighbor_shim *shim)
{
	neighbor_clear(shim->table, 0);
}

unsigned
neighbor_shim_rows(const struct neighbor_shim *shim)
{
	struct neighbor_row row;
	unsigned n = 0;

	while (neighbor_row(shim->table, n, 0, &row))
		n++;
	return n;
}

void
neighbor_shim_own(struct neighbor_shim *shim, uint32_t circuit, uint32_t addr)
{
	struct ip_addr a = addr_of(4, addr);

	if (neighbor_own_set(shim->table, circuit, &a) != 0)
		abort();
}

uint32_t
neighbor_shim_near(const struct neighbor_shim *shim, uint32_t circuit,
		   uint32_t addr)
{
	struct ip_addr a = addr_of(4, addr);
	struct ip_addr own;

	return neighbor_own_near(shim->table, circuit, &a, &own)
		   ? number_of(&own)
		   : 0;
}
