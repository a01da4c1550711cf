/*
 * `sesim lab generate`: a topology and the configurations of its routers, of a
 * shape that is often wanted: a chain, a ring, a hub with branches. Router N
 * has the network 10.N.0.0/16 on port 1/10, links are 172.16.L.0/24, an ASE
 * stands in slot 3. Keys are drawn anew, and the files are for their owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hex.h"
#include "lab.h"
#include "secret.h"

#define ROUTERS_MAX 250
#define HUB_MAX 81    /* ports of eight cards, and the hub */
#define KEY_OCTETS 20 /* aes-128-gcm and its salt */

static const char usage[] =
    "usage: sesim lab generate {chain|ring|hub} DIR [--routers N]\n"
    "    [--tunnels] [--mode circuit-based|economical]\n"
    "Writes topology.yaml and a configuration for each router into DIR, which\n"
    "is made where it is not there.\n"
    "  --routers N  default: 3; a hub is one of them\n"
    "  --tunnels    IPsec between the ends of a chain, of a ring to the "
    "router\n"
    "               opposite; a hub always has a tunnel to each branch\n"
    "  --mode MODE  of the tunnels; default: circuit-based\n";

enum shape { CHAIN, RING, HUB };

struct generate {
	enum shape shape;
	const char *dir;
	const char *mode;
	unsigned n;
	bool tunnels;
	char key[ROUTERS_MAX + 1][2][2 * KEY_OCTETS + 1]; /* by tunnel */
};

/* ---- What leads where ---- */

/* The port of a router on link l, from its side; slot 0: it is not on it. */
struct port {
	unsigned slot, port;
};

/* Link l joins routers l and l + 1, in a ring n and 1; at a hub 1 and l + 1. */
static unsigned
links(const struct generate *g)
{
	return g->shape == RING ? g->n : g->n - 1;
}

static unsigned
end_of(const struct generate *g, unsigned l, unsigned side)
{
	if (g->shape == HUB)
		return side == 0 ? 1 : l + 1;
	return side == 0 ? l : l % g->n + 1;
}

static struct port
port_of(const struct generate *g, unsigned l, unsigned side)
{
	static const unsigned slots[] = {2, 4, 5, 6, 9, 10, 11, 12};

	if (g->shape == HUB && side == 0)
		return (struct port){slots[(l - 1) / 10], (l - 1) % 10 + 1};
	return (struct port){g->shape == HUB || side == 0 ? 2U : 1U, 1};
}

/* The link by which router `from` reaches router `to`. */
static unsigned
toward(const struct generate *g, unsigned from, unsigned to)
{
	unsigned ahead = (to + g->n - from) % g->n;
	unsigned back = from == 1 ? g->n : from - 1;

	if (g->shape == HUB)
		return from == 1 ? to - 1 : from - 1;
	if (g->shape == CHAIN)
		return to > from ? from : from - 1;
	return ahead <= g->n / 2 ? from : back;
}

/* The address of the other end of link l, seen from a router. */
static unsigned
far_host(const struct generate *g, unsigned l, unsigned from)
{
	return end_of(g, l, 0) == from ? 2 : 1;
}

/* The router that router r has a tunnel with, 0: none; a hub has many. */
static unsigned
partner(const struct generate *g, unsigned r)
{
	unsigned half = g->n / 2;

	if (g->shape == HUB)
		return r == 1 ? 0 : 1;
	if (!g->tunnels || g->n < 2)
		return 0;
	if (g->shape == CHAIN)
		return r == 1 ? g->n : r == g->n ? 1 : 0;
	if (r <= half)
		return r + half;
	return r <= 2 * half ? r - half : 0;
}

/* Tunnels are numbered by the smaller of their routers, a hub's by branches. */
static unsigned
tunnel_of(const struct generate *g, unsigned r, unsigned far)
{
	if (g->shape == HUB)
		return r == 1 ? far : r;
	return r < far ? r : far;
}

/* A router's own address on the link that leads to another. */
static void
end_point(const struct generate *g, unsigned r, unsigned to, char text[32])
{
	unsigned l = toward(g, r, to);

	(void)snprintf(text, 32, "172.16.%u.%u", l, 3 - far_host(g, l, r));
}

/* ---- Configurations ---- */

static void
put_link_interfaces(const struct generate *g, unsigned r, FILE *file)
{
	for (unsigned l = 1; l <= links(g); l++) {
		for (unsigned side = 0; side < 2; side++) {
			if (end_of(g, l, side) != r)
				continue;
			(void)fprintf(file,
				      " interface link%u\n"
				      "  ip address 172.16.%u.%u/24\n",
				      l, l, side + 1);
		}
	}
}

static void
put_routes(const struct generate *g, unsigned r, FILE *file)
{
	/* All others are behind the hub, with the networks of tunnels. */
	if (g->shape == HUB && r != 1)
		(void)fprintf(file, " ip route 10.0.0.0/8 vpn%u\n",
			      tunnel_of(g, r, 1));
	for (unsigned to = 1; to <= g->n; to++) {
		unsigned l;

		if (to == r || (g->shape == HUB && r != 1))
			continue;
		l = toward(g, r, to);
		if (partner(g, r) == to || (g->shape == HUB && r == 1))
			(void)fprintf(file, " ip route 10.%u.0.0/16 vpn%u\n",
				      to, tunnel_of(g, r, to));
		else
			(void)fprintf(file,
				      " ip route 10.%u.0.0/16 172.16.%u.%u\n",
				      to, l, far_host(g, l, r));
	}
	/* Networks of links that are not its own. */
	for (unsigned l = 1; l <= links(g); l++) {
		unsigned via;

		if (end_of(g, l, 0) == r || end_of(g, l, 1) == r)
			continue;
		via = toward(g, r, end_of(g, l, 0));
		if (g->shape == RING && toward(g, r, end_of(g, l, 1)) != via)
			via = l < r ? (r == 1 ? g->n : r - 1) : r;
		(void)fprintf(file, " ip route 172.16.%u.0/24 172.16.%u.%u\n",
			      l, via, far_host(g, via, r));
	}
}

static void
put_sas(const struct generate *g, unsigned r, unsigned far, FILE *file)
{
	unsigned t = tunnel_of(g, r, far);
	unsigned out = r < far ? 0 : 1;

	(void)fprintf(file,
		      " interface vpn%u\n  ip address 10.255.%u.%u/24\n"
		      " ipsec sa out%u\n"
		      "  esp spi 0x%x encryption aes-128-gcm key hex %s\n"
		      " ipsec sa in%u\n"
		      "  esp spi 0x%x encryption aes-128-gcm key hex %s\n",
		      t, t, out + 1, t, 0x1000 + 2 * t + out, g->key[t][out], t,
		      0x1000 + 2 * t + 1 - out, g->key[t][1 - out]);
}

static void
put_tunnel(const struct generate *g, unsigned r, unsigned far, FILE *file)
{
	unsigned t = tunnel_of(g, r, far);
	char near_text[32];
	char far_text[32];

	end_point(g, r, far, near_text);
	end_point(g, far, r, far_text);
	(void)fprintf(file,
		      "tunnel ipsec to-r%u manual\n asp-group vpn\n mode %s\n"
		      " peer-end-point local %s remote %s context local\n"
		      " ipsec-sa out out%u\n ipsec-sa in in%u\n"
		      " bind interface vpn%u local\n no shutdown\n",
		      far, g->mode, near_text, far_text, t, t, t);
}

/* Calls put for each router that r has a tunnel with; how many. */
static unsigned
each_tunnel(const struct generate *g, unsigned r, FILE *file,
	    void (*put)(const struct generate *, unsigned, unsigned, FILE *))
{
	unsigned n = 0;

	if (g->shape == HUB && r == 1) {
		for (unsigned far = 2; far <= g->n; far++, n++)
			put(g, r, far, file);
	} else if (partner(g, r) != 0) {
		put(g, r, partner(g, r), file);
		n = 1;
	}
	return n;
}

static void
put_ports(const struct generate *g, unsigned r, FILE *file)
{
	(void)fputs("port ethernet 1/10\n no shutdown\n"
		    " bind interface lan local\n",
		    file);
	for (unsigned l = 1; l <= links(g); l++) {
		for (unsigned side = 0; side < 2; side++) {
			struct port p = port_of(g, l, side);

			if (end_of(g, l, side) == r)
				(void)fprintf(file,
					      "port ethernet %u/%u\n"
					      " no shutdown\n"
					      " bind interface link%u local\n",
					      p.slot, p.port, l);
		}
	}
}

static void
put_cards(const struct generate *g, unsigned r, FILE *file)
{
	unsigned last = 0;

	(void)fputs("card ge-10-port 1\ncard ge-10-port 2\ncard ase 3\n", file);
	for (unsigned l = 11; g->shape == HUB && r == 1 && l <= links(g); l++) {
		unsigned slot = port_of(g, l, 0).slot;

		if (slot != last)
			(void)fprintf(file, "card ge-10-port %u\n", slot);
		last = slot;
	}
}

static void
put_router(const struct generate *g, unsigned r, FILE *file)
{
	bool tunnels = partner(g, r) != 0 || (g->shape == HUB && r == 1);

	(void)fprintf(file,
		      "system hostname r%u\ncontext local\n"
		      " interface lan\n  ip address 10.%u.0.1/16\n",
		      r, r);
	put_link_interfaces(g, r, file);
	(void)each_tunnel(g, r, file, put_sas);
	put_routes(g, r, file);
	if (tunnels)
		(void)fputs(" security asp-group vpn\n", file);
	put_cards(g, r, file);
	put_ports(g, r, file);
	if (tunnels)
		(void)fputs("asp pool crypto service security\n asp 3/1\n"
			    " asp 3/2\nasp group vpn\n pool crypto\n",
			    file);
	(void)each_tunnel(g, r, file, put_tunnel);
	(void)fputs("end\n", file);
}

static void
put_topology(const struct generate *g, unsigned name, FILE *file)
{
	static const char *const words[] = {"chain", "ring", "hub"};

	(void)name;
	(void)fprintf(file,
		      "# Made by `sesim lab generate %s`: %u routers, each"
		      " with 10.N.0.0/16.\n"
		      "name: %s%u\ntopology:\n  nodes:\n",
		      words[g->shape], g->n, words[g->shape], g->n);
	for (unsigned r = 1; r <= g->n; r++)
		(void)fprintf(file,
			      "    r%u: {kind: smartedge, startup-config:"
			      " r%u.conf}\n",
			      r, r);
	(void)fputs("  links:\n", file);
	for (unsigned l = 1; l <= links(g); l++) {
		struct port a = port_of(g, l, 0);
		struct port b = port_of(g, l, 1);

		(void)fprintf(file,
			      "    - endpoints: [\"r%u:%u/%u\","
			      " \"r%u:%u/%u\"]\n",
			      end_of(g, l, 0), a.slot, a.port, end_of(g, l, 1),
			      b.slot, b.port);
	}
}

/* ---- Files ---- */

static int
write_one(const struct generate *g, const char *name, unsigned r,
	  void (*put)(const struct generate *, unsigned, FILE *))
{
	char path[PATH_MAX];
	FILE *file = NULL;
	int fd;
	int err;

	(void)snprintf(path, sizeof(path), "%s/%s", g->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		file = fdopen(fd, "w");
	err = file == NULL ? -errno : 0;
	if (err == 0) {
		put(g, r, file);
		if (ferror(file) != 0 || fclose(file) != 0)
			err = -EIO;
	}
	if (err != 0)
		(void)fprintf(stderr, "sesim lab generate: %s: %s\n", path,
			      err == -EEXIST ? "is there already; expected"
					       " another folder"
					     : strerror(-err));
	return err;
}

static int
write_all(const struct generate *g)
{
	int err = 0;

	if (mkdir(g->dir, 0777) != 0 && errno != EEXIST) {
		err = -errno;
		(void)fprintf(stderr, "sesim lab generate: %s: %s\n", g->dir,
			      strerror(-err));
		return err;
	}
	err = write_one(g, "topology.yaml", 0, put_topology);
	for (unsigned r = 1; err == 0 && r <= g->n; r++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "r%u.conf", r);
		err = write_one(g, name, r, put_router);
	}
	return err;
}

static int
draw_keys(struct generate *g)
{
	uint8_t key[KEY_OCTETS];
	int err = 0;

	for (unsigned i = 0; i < (ROUTERS_MAX + 1) * 2 && err == 0; i++) {
		err = secret_random(key, sizeof(key));
		hex_put(key, sizeof(key), g->key[i / 2][i % 2]);
	}
	secret_wipe(key, sizeof(key));
	return err;
}

/* 0, 1: help was given, 2. */
static int
parse(struct generate *g, int argc, char **argv)
{
	static const struct option options[] = {
	    {"routers", required_argument, NULL, 'r'},
	    {"tunnels", no_argument, NULL, 't'},
	    {"mode", required_argument, NULL, 'm'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	static const char *const words[] = {"chain", "ring", "hub"};
	const char *shape;
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == 'h') {
			(void)fputs(usage, stdout);
			return 1;
		}
		if (id == 'r')
			g->n = (unsigned)strtoul(optarg, NULL, 10);
		else if (id == 'm')
			g->mode = optarg;
		else if (id == 't')
			g->tunnels = true;
		else
			return 2;
	}
	shape = optind + 2 == argc ? argv[optind] : "";
	g->dir = optind + 2 == argc ? argv[optind + 1] : NULL;
	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(shape, words[i]) != 0)
			continue;
		g->shape = (enum shape)i;
		if (g->n < (i == RING ? 3U : 2U) ||
		    g->n > (i == HUB ? HUB_MAX : ROUTERS_MAX) ||
		    (strcmp(g->mode, "circuit-based") != 0 &&
		     strcmp(g->mode, "economical") != 0))
			break;
		return 0;
	}
	(void)fprintf(stderr,
		      "sesim lab generate: expected a shape, a folder, 2 to"
		      " %d routers (a ring at least 3, a hub at most %d)\n%s",
		      ROUTERS_MAX, HUB_MAX, usage);
	return 2;
}

int
lab_generate_main(int argc, char **argv)
{
	struct generate *g = calloc(1, sizeof(*g));
	int status;

	if (g == NULL)
		return 3;
	g->n = 3;
	g->mode = "circuit-based";
	status = parse(g, argc, argv);
	if (status == 0 && (draw_keys(g) != 0 || write_all(g) != 0))
		status = 3;
	else if (status == 0)
		(void)printf("%s/topology.yaml: %u routers, %u links\n", g->dir,
			     g->n, links(g));
	secret_wipe(g->key, sizeof(g->key));
	free(g);
	return status == 1 ? 0 : status;
}
