#include "ike_sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"
#include "ike_alg.h"
#include "pki.h"

#define WALL_S UINT64_C(1800000000)
#define SPI_FIRST 0x1000
#define LATENCY_NS UINT64_C(10000000)
#define MS_NS UINT64_C(1000000)
#define NAT_PORTS 40000
#define OUTS 8
#define TEXT 16384

enum sa_state { SA_FREE, SA_DRAWN, SA_IN };

struct sa {
	enum sa_state state;
	uint32_t tunnel;
	struct ike_child_keys keys;
};

struct out {
	uint32_t child;
	struct ike_child_keys keys;
};

struct tun {
	bool up;
	unsigned outs;
	struct out out[OUTS];
};

struct event {
	uint64_t at;
	uint64_t order;
	bool packet; /* through the tunnel: spi; else a datagram */
	int to;
	struct ike_path path;
	uint32_t spi;
	size_t n;
	uint8_t *octets;
};

struct side {
	struct ike_sim *sim;
	int which;
	struct ike *ike;
	uint64_t rng;
	struct sa *sad;
	unsigned sad_n;
	unsigned sad_room;
	struct tun *tuns; /* from 1; spawned ones behind */
	unsigned spawned;
	uint32_t newest_tunnel;
	struct ike_child newest;
	unsigned downs[10];
	unsigned failures;
	unsigned ups; /* tunnels that are */
	struct pki *pki;
	uint8_t *last;
	size_t last_n;
	char text[TEXT];
	char address[128];
};

struct ike_sim {
	struct ike_sim_conf conf;
	uint64_t now;
	uint64_t rng;
	uint64_t order;
	uint64_t trace;
	uint64_t sent;
	uint64_t lost;
	uint64_t next_packets;
	bool cut;
	unsigned tunnels;
	struct event *heap;
	unsigned heap_n;
	unsigned heap_room;
	struct side side[2];
	void (*watch)(void *arg, enum ike_sim_side from, const uint8_t *octets,
		      size_t n);
	void *watch_arg;
};

static uint64_t
draw(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct ip_addr
addr_of(const struct ike_sim *sim, int side, unsigned tunnel, bool seen)
{
	if (side == IKE_SIM_B)
		return ip_addr_v4(0xc0000202);
	if (sim->conf.nat && seen)
		return ip_addr_v4(0xcb007101 + tunnel);
	return ip_addr_v4(0x0a000000 + tunnel);
}

/* ---- what happens later ---------------------------------------------- */

static bool
before(const struct event *a, const struct event *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void
push(struct ike_sim *sim, struct event e)
{
	unsigned i;

	if (sim->heap_n + 1 >= sim->heap_room) {
		sim->heap_room = sim->heap_room * 2 + 64;
		sim->heap =
		    realloc(sim->heap, sim->heap_room * sizeof(struct event));
	}
	e.order = sim->order++;
	i = ++sim->heap_n;
	while (i > 1 && before(&e, &sim->heap[i / 2])) {
		sim->heap[i] = sim->heap[i / 2];
		i /= 2;
	}
	sim->heap[i] = e;
}

static struct event
pop(struct ike_sim *sim)
{
	struct event top = sim->heap[1];
	struct event last = sim->heap[sim->heap_n--];
	unsigned i = 1;

	while (2 * i <= sim->heap_n) {
		unsigned c = 2 * i;

		if (c < sim->heap_n && before(&sim->heap[c + 1], &sim->heap[c]))
			c++;
		if (!before(&sim->heap[c], &last))
			break;
		sim->heap[i] = sim->heap[c];
		i = c;
	}
	sim->heap[i] = last;
	return top;
}

static void
post(struct ike_sim *sim, int to, const struct ike_path *path,
     const uint8_t *octets, size_t n, uint64_t delay)
{
	struct event e = {
	    .at = sim->now + delay, .to = to, .path = *path, .n = n};

	e.octets = malloc(n > 0 ? n : 1);
	memcpy(e.octets, octets, n);
	push(sim, e);
}

/* ---- the owner's callbacks ------------------------------------------- */

/* Sealed messages of A go by port 4500, and answers come back there only. */
static bool
float_port(const struct side *s, struct ike_path *there, const uint8_t **octets,
	   size_t *n, uint8_t marked[])
{
	bool init = (*octets)[18] == 34;

	if (!s->sim->conf.floats || (init && there->local_port == IKE_PORT))
		return true;
	if (s->which == IKE_SIM_B) {
		if (there->remote_port != IKE_PORT_NAT || *n < 5)
			return false;
		*octets += 4;
		*n -= 4;
		there->local_port = IKE_PORT;
		return true;
	}
	memset(marked, 0, 4);
	memcpy(marked + 4, *octets, *n);
	*octets = marked;
	*n += 4;
	there->local_port = IKE_PORT_NAT;
	there->remote_port = IKE_PORT_NAT;
	return true;
}

static void
sim_send(void *arg, const struct ike_path *path, const uint8_t *octets,
	 size_t n)
{
	struct side *s = arg;
	struct ike_sim *sim = s->sim;
	struct ike_path there = {.context = path->context,
				 .local = path->remote,
				 .remote = path->local,
				 .local_port = path->remote_port,
				 .remote_port = path->local_port};
	uint8_t marked[4096];
	unsigned copies = 1;

	free(s->last);
	s->last = malloc(n);
	s->last_n = n;
	memcpy(s->last, octets, n);
	for (size_t i = 0; i < n; i++)
		sim->trace = (sim->trace ^ octets[i]) * 1099511628211u;
	if (sim->watch != NULL)
		sim->watch(sim->watch_arg, (enum ike_sim_side)s->which, octets,
			   n);
	if (n < sizeof(marked) - 4 && n > 28 &&
	    !float_port(s, &there, &octets, &n, marked))
		return;
	if (sim->cut || draw(&sim->rng) % 100 < sim->conf.loss)
		return;
	if (sim->conf.nat && s->which == IKE_SIM_A) {
		there.remote =
		    addr_of(sim, IKE_SIM_A,
			    ip_addr_to_v4(&path->local) & 0xffffff, true);
		there.remote_port = (uint16_t)(path->local_port + NAT_PORTS);
	} else if (sim->conf.nat) {
		/* Nobody comes in where nobody went out. */
		if (path->remote_port < NAT_PORTS)
			return;
		there.local =
		    addr_of(sim, IKE_SIM_A,
			    ip_addr_to_v4(&path->remote) - 0xcb007101, false);
		there.local_port = (uint16_t)(path->remote_port - NAT_PORTS);
	}
	if (draw(&sim->rng) % 100 < sim->conf.twice)
		copies = 2;
	while (copies-- > 0) {
		uint64_t delay = LATENCY_NS;

		if (draw(&sim->rng) % 100 < sim->conf.late)
			delay += draw(&sim->rng) % (1000 * MS_NS);
		post(sim, !s->which, &there, octets, n, delay);
	}
}

static int
sim_random(void *arg, void *p, size_t n)
{
	struct side *s = arg;
	uint8_t *to = p;

	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(draw(&s->rng) >> 32);
	return 0;
}

static uint64_t
sim_wall(void *arg)
{
	(void)arg;
	return WALL_S;
}

static int
sim_alloc_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t *spi)
{
	struct side *s = arg;

	(void)protocol;
	if (s->sad_n == s->sad_room) {
		s->sad_room = s->sad_room * 2 + 64;
		s->sad = realloc(s->sad, s->sad_room * sizeof(struct sa));
	}
	s->sad[s->sad_n] = (struct sa){.state = SA_DRAWN, .tunnel = tunnel};
	*spi = SPI_FIRST + s->sad_n++;
	return 0;
}

static struct sa *
sa_of(struct side *s, uint32_t spi)
{
	if (spi < SPI_FIRST || spi - SPI_FIRST >= s->sad_n)
		return NULL;
	return &s->sad[spi - SPI_FIRST];
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ike_sim: %s\n", what);
	abort();
}

static void
sim_free_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t spi)
{
	struct sa *sa = sa_of(arg, spi);

	(void)tunnel;
	(void)protocol;
	must(sa != NULL && sa->state == SA_DRAWN, "an SPI freed that was not");
	sa->state = SA_FREE;
}

static int
sim_install(void *arg, const struct ike_child *child,
	    enum ike_direction direction)
{
	struct side *s = arg;
	struct tun *t = &s->tuns[child->tunnel];

	must(child->local_count > 0 && child->remote_count > 0, "no selectors");
	for (unsigned i = 0; i < child->count; i++) {
		struct sa *sa = sa_of(s, child->keys[i].spi_in);

		must(sa != NULL, "an SPI that was not drawn");
		if (direction == IKE_IN) {
			must(sa->state == SA_DRAWN, "installed twice");
			sa->state = SA_IN;
			sa->keys = child->keys[i];
		} else {
			must(sa->state == SA_IN, "outbound before inbound");
		}
	}
	if (direction == IKE_IN)
		return 0;
	must(t->outs < OUTS, "too many outbound SAs of a tunnel");
	t->out[t->outs++] = (struct out){child->id, child->keys[0]};
	s->newest = *child;
	return 0;
}

static void
sim_remove(void *arg, const struct ike_child *child,
	   enum ike_direction direction)
{
	struct side *s = arg;
	struct tun *t = &s->tuns[child->tunnel];

	if (direction == IKE_IN) {
		for (unsigned i = 0; i < child->count; i++) {
			struct sa *sa = sa_of(s, child->keys[i].spi_in);

			must(sa != NULL && sa->state == SA_IN,
			     "removed what was not there");
			sa->state = SA_FREE;
		}
		return;
	}
	for (unsigned i = 0; i < t->outs; i++) {
		if (t->out[i].child != child->id)
			continue;
		memmove(&t->out[i], &t->out[i + 1],
			(t->outs - i - 1) * sizeof(t->out[0]));
		t->outs--;
		return;
	}
	must(false, "removed outbound what was not there");
}

static const struct ike_sim_end *
end_of(const struct side *s)
{
	return s->which == IKE_SIM_A ? &s->sim->conf.a : &s->sim->conf.b;
}

static int
sim_subscriber(void *arg, uint32_t template, const struct ike_id *remote,
	       struct ike_subscriber *sub)
{
	struct side *s = arg;
	const struct ike_sim_end *end = end_of(s);
	const char *secret = end->secret != NULL ? end->secret : "secret";

	(void)template;
	/* Whoever has an identity that begins so has a record. */
	if (remote->octets == 0 || remote->value[0] == 'x')
		return -ENOENT;
	sub->secret_octets = (uint16_t)strlen(secret);
	memcpy(sub->secret, secret, sub->secret_octets);
	return 0;
}

static int
sim_spawn(void *arg, uint32_t template, const struct ike_id *remote,
	  const struct ike_path *path, uint32_t *tunnel)
{
	struct side *s = arg;

	(void)template;
	(void)remote;
	/* One for each address. */
	*tunnel = s->sim->tunnels + (ip_addr_to_v4(&path->remote) & 0xffffff) %
					(s->sim->tunnels + 1);
	return 0;
}

static void
sim_event(void *arg, const struct ike_event *e)
{
	struct side *s = arg;
	char a[IP_ADDR_TEXT_MAX];
	char b[IP_ADDR_TEXT_MAX];

	switch (e->kind) {
	case IKE_EVENT_UP:
		s->ups += !s->tuns[e->tunnel].up;
		s->tuns[e->tunnel].up = true;
		s->newest_tunnel = e->tunnel;
		break;
	case IKE_EVENT_DOWN:
		s->ups -= s->tuns[e->tunnel].up;
		s->tuns[e->tunnel].up = false;
		s->downs[e->cause]++;
		break;
	case IKE_EVENT_FAILED:
		s->failures++;
		break;
	case IKE_EVENT_ADDRESS:
		snprintf(s->address, sizeof(s->address), "%s dns %s",
			 ip_addr_text(&e->address[0], a),
			 ip_addr_text(&e->dns[0], b));
		break;
	default:
		break;
	}
}

static const struct ike_ops ops = {
    .send = sim_send,
    .random = sim_random,
    .wall_s = sim_wall,
    .alloc_spi = sim_alloc_spi,
    .free_spi = sim_free_spi,
    .install = sim_install,
    .remove = sim_remove,
    .subscriber = sim_subscriber,
    .spawn = sim_spawn,
    .event = sim_event,
};

/* ---- policies out of words ------------------------------------------- */

static bool
next_word(const char **list, char word[64])
{
	size_t n;

	if (**list == '\0')
		return false;
	n = strcspn(*list, ",");
	snprintf(word, 64, "%.*s", (int)n, *list);
	*list += n + ((*list)[n] == ',');
	return true;
}

static bool
add_transforms(struct ike_proposal *p, enum ike_alg_type type, const char *list)
{
	char word[64];

	while (list != NULL && next_word(&list, word)) {
		const struct ike_alg *alg = ike_alg_find(type, word);

		if (alg == NULL) {
			fprintf(stderr, "ike_sim: no algorithm %s\n", word);
			return false;
		}
		p->transforms[p->count++] = (struct ike_transform){
		    (uint8_t)type, alg->id, alg->key_bits};
	}
	return true;
}

static struct ike_id
fqdn(const char *name)
{
	struct ike_id id = {.type = IKE_ID_FQDN};

	if (name == NULL)
		return (struct ike_id){0};
	id.octets = (uint16_t)strlen(name);
	memcpy(id.value, name, id.octets);
	return id;
}

static int
set_policy(struct side *s, const struct ike_sim_end *e)
{
	const char *secret = e->secret != NULL ? e->secret : "secret";
	struct ike_policy p = {
	    .id = 1,
	    .name = "policy",
	    .version = (uint8_t)(e->version != 0 ? e->version : 2),
	    .mode = e->aggressive ? IKE_MODE_AGGRESSIVE : IKE_MODE_MAIN,
	    .auth_local = e->cert_local ? IKE_AUTH_CERT : IKE_AUTH_PSK,
	    .auth_remote = e->cert_remote ? IKE_AUTH_CERT : IKE_AUTH_PSK,
	    .connection = (uint8_t)e->connection,
	    .nat_traversal = e->nat_traversal,
	    .fragmentation = s->sim->conf.fragment,
	    .count = 1,
	    .local = fqdn(e->local_id),
	    .remote = fqdn(e->remote_id),
	    .dpd_interval_s = e->dpd_s,
	    .dpd_retries = 3,
	    .pki = s->pki,
	};
	struct ike_proposal *prop = &p.proposals[0];
	int error;

	prop->lifetime_s = e->ike_life_s != 0 ? e->ike_life_s : 28800;
	prop->v1_auth = p.auth_local;
	p.secret_octets = (uint16_t)strlen(secret);
	memcpy(p.secret, secret, p.secret_octets);
	if (!add_transforms(prop, IKE_ALG_ENCR,
			    e->encr != NULL ? e->encr : "aes-128-cbc") ||
	    !add_transforms(prop, IKE_ALG_INTEG,
			    e->integ != NULL ? e->integ : "hmac-sha1-96") ||
	    !add_transforms(prop, IKE_ALG_PRF, e->prf) ||
	    !add_transforms(prop, IKE_ALG_DH,
			    e->group != NULL ? e->group : "19"))
		return -EINVAL;
	error = ike_policy_set(s->ike, &p);
	if (error != 0)
		fprintf(stderr, "ike_sim: policy: %s\n", strerror(-error));
	return error;
}

static int
set_child_policy(struct side *s, const struct ike_sim_end *e)
{
	struct ike_child_policy c = {.id = 1,
				     .name = "child",
				     .count = 1,
				     .pfs_group = (uint16_t)e->pfs,
				     .replay_window = 64,
				     .esn = e->esn};
	struct ike_child_proposal *p = &c.proposals[0];
	const char *encs = e->esp_encr != NULL ? e->esp_encr : "aes-128-cbc";
	const char *auths = e->esp_auth != NULL ? e->esp_auth : "hmac-sha1-96";
	char enc[64];
	char auth[64];
	int error;

	p->lifetime_s = e->esp_life_s != 0 ? e->esp_life_s : 3600;
	if (e->ah != NULL)
		p->ah = ipsec_alg_find(e->ah, IPSEC_ALG_AUTHENTICATION);
	while (e->ah == NULL && next_word(&encs, enc) &&
	       next_word(&auths, auth)) {
		p->esp[p->esp_count].enc =
		    ipsec_alg_find(enc, IPSEC_ALG_ENCRYPTION);
		p->esp[p->esp_count++].auth =
		    ipsec_alg_find(auth, IPSEC_ALG_AUTHENTICATION);
	}
	error = ike_child_policy_set(s->ike, &c);
	if (error != 0)
		fprintf(stderr, "ike_sim: child: %s\n", strerror(-error));
	return error;
}

/* "10.1.0.0/16=10.2.0.0/16", optionally "/len:port" and a protocol in front:
 * "6 10.1.0.0/16:80=...". */
static void
parse_ts(const char *text, struct ike_ts *ts)
{
	unsigned a[4];
	unsigned len;
	unsigned port;
	uint32_t addr;
	uint32_t mask;
	int n;

	n = sscanf(text, "%u.%u.%u.%u/%u:%u", &a[0], &a[1], &a[2], &a[3], &len,
		   &port);
	must(n >= 5, "a selector that is none");
	addr = a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3];
	mask = len == 0 ? 0 : ~UINT32_C(0) << (32 - len);
	ts->first = ip_addr_v4(addr & mask);
	ts->last = ip_addr_v4(addr | ~mask);
	ts->port[0] = n == 6 ? (uint16_t)port : 0;
	ts->port[1] = n == 6 ? (uint16_t)port : UINT16_MAX;
}

static int
set_tunnel(struct side *s, const struct ike_sim_end *e, unsigned id)
{
	struct ike_sim *sim = s->sim;
	struct ike_tunnel t = {
	    .id = id,
	    .type = e->on_demand ? IKE_TUNNEL_ON_DEMAND : IKE_TUNNEL_STATIC,
	    .traffic = e->traffic_only,
	    .policy = 1,
	    .child_policy = 1,
	    .child_per_selector = e->child_per_selector,
	    .request_address = e->request_address,
	    .local = addr_of(sim, s->which, id, false),
	};
	int error;

	if (!e->on_demand)
		t.remote = addr_of(sim, !s->which, id, true);
	if (e->assign != NULL) {
		t.assign_address = true;
		(void)ip_addr_parse(e->assign, &t.pool[0]);
		t.pool[1] = t.pool[0];
		t.pool[1].octets[3] = 254;
		t.dns[0] = ip_addr_v4(0x08080808);
	}
	for (unsigned i = 0; i < IKE_SIM_LIST && e->selectors[i] != NULL; i++) {
		const char *text = e->selectors[i];
		struct ike_selector *sel = &t.selectors[t.count++];
		const char *space = strchr(text, ' ');

		if (space != NULL) {
			sel->local.protocol = (uint8_t)atoi(text);
			sel->remote.protocol = sel->local.protocol;
			text = space + 1;
		}
		parse_ts(text, &sel->local);
		parse_ts(strchr(text, '=') + 1, &sel->remote);
	}
	error = ike_tunnel_set(s->ike, &t, sim->now);
	if (error != 0)
		fprintf(stderr, "ike_sim: tunnel: %s\n", strerror(-error));
	return error;
}

static int
start(struct side *s)
{
	struct ike_sim *sim = s->sim;
	const struct ike_sim_end *e = end_of(s);
	struct ike_conf conf = {
	    .strict = sim->conf.strict,
	    .cookie_threshold = s->which == IKE_SIM_B ? sim->conf.cookies : 0,
	    .half_open_max = 20000,
	    .fragment_octets = sim->conf.fragment ? 600 : 0,
	};
	int error = ike_new(&s->ike, &conf, &ops, s);
	unsigned count = e->on_demand ? 1 : sim->tunnels;

	if (error == 0)
		error = set_policy(s, e);
	if (error == 0)
		error = set_child_policy(s, e);
	for (unsigned i = 1; i <= count && error == 0; i++)
		error = set_tunnel(s, e, i);
	return error;
}

/* ---- certificates ---------------------------------------------------- */

static void
certify(struct ike_sim *sim, struct pki_ca *ca, struct side *s)
{
	static const uint8_t zero[SECRET_KEY_OCTETS];
	const struct ike_sim_end *e = end_of(s);
	enum ike_key_kind kind =
	    e->key_kind != 0 ? (enum ike_key_kind)e->key_kind : IKE_KEY_RSA;
	char alt[80];
	struct pki_names names = {.subject = "CN=peer"};
	uint32_t handle;
	char *pem = NULL;
	char *cert = NULL;

	(void)sim;
	snprintf(alt, sizeof(alt), "dns:%s",
		 e->local_id != NULL ? e->local_id : "none");
	names.alt[0] = alt;
	must(pki_open(&s->pki, NULL, zero, NULL) == 0, "pki_open");
	must(pki_key_generate(s->pki, "k", kind,
			      kind == IKE_KEY_RSA  ? 2048
			      : kind == IKE_KEY_EC ? 256
						   : 0) == 0,
	     "key");
	must(pki_request(s->pki, "k", &names, &pem) == 0, "request");
	must(pki_ca_sign(ca, pem, strlen(pem), WALL_S, 365, &cert) == 0,
	     "sign");
	free(pem);
	must(pki_ca_certificate(ca, &pem) == 0, "ca");
	must(pki_import(s->pki, PKI_TRUSTED, "", pem, strlen(pem), WALL_S,
			&handle) == 0,
	     "trusted");
	must(pki_import(s->pki, PKI_SELF, "k", cert, strlen(cert), WALL_S,
			&handle) == 0,
	     "self");
	free(pem);
	free(cert);
}

static void
certificates(struct ike_sim *sim)
{
	struct pki_ca *ca = NULL;

	if (!sim->conf.a.cert_local && !sim->conf.b.cert_local)
		return;
	must(pki_ca_new(&ca, "CN=lab", IKE_KEY_RSA, 2048, WALL_S, 3650) == 0,
	     "a CA");
	certify(sim, ca, &sim->side[0]);
	certify(sim, ca, &sim->side[1]);
	pki_ca_free(&ca);
}

/* ---- the simulation -------------------------------------------------- */

struct ike_sim *
ike_sim_new(const struct ike_sim_conf *conf)
{
	struct ike_sim *sim = calloc(1, sizeof(*sim));

	sim->conf = *conf;
	sim->now = 1000 * MS_NS;
	sim->rng = conf->seed;
	sim->tunnels = conf->tunnels != 0 ? conf->tunnels : 1;
	sim->trace = 14695981039346656037u;
	for (int i = 0; i < 2; i++) {
		struct side *s = &sim->side[i];

		s->sim = sim;
		s->which = i;
		s->rng = conf->seed * 2 + 1 + (unsigned)i;
		s->tuns = calloc(2 * sim->tunnels + 2, sizeof(struct tun));
	}
	certificates(sim);
	if (start(&sim->side[0]) != 0 || start(&sim->side[1]) != 0)
		ike_sim_free(sim), sim = NULL;
	return sim;
}

void
ike_sim_free(struct ike_sim *sim)
{
	while (sim->heap_n > 0)
		free(pop(sim).octets);
	for (int i = 0; i < 2; i++) {
		ike_free(&sim->side[i].ike);
		pki_free(&sim->side[i].pki);
		free(sim->side[i].sad);
		free(sim->side[i].tuns);
		free(sim->side[i].last);
	}
	free(sim->heap);
	free(sim);
}

uint64_t
ike_sim_now_ms(const struct ike_sim *sim)
{
	return sim->now / MS_NS;
}

static void
packets(struct ike_sim *sim)
{
	for (int i = 0; i < 2; i++) {
		struct side *s = &sim->side[i];

		for (unsigned t = 1; t <= 2 * sim->tunnels; t++) {
			struct tun *tun = &s->tuns[t];
			struct event e = {.packet = true, .to = !i};

			if (tun->outs == 0)
				continue;
			e.spi = tun->out[tun->outs - 1].keys.spi_out;
			e.at = sim->now + LATENCY_NS +
			       draw(&sim->rng) % (20 * MS_NS);
			sim->sent++;
			push(sim, e);
		}
	}
}

static void
happen(struct ike_sim *sim)
{
	struct event e = pop(sim);
	struct sa *sa;

	if (!e.packet) {
		ike_input(sim->side[e.to].ike, &e.path, e.octets, e.n,
			  sim->now);
		free(e.octets);
		return;
	}
	sa = sa_of(&sim->side[e.to], e.spi);
	if (sa == NULL || sa->state != SA_IN)
		sim->lost++;
}

/* One step to the next thing that happens, not beyond end; false: nothing. */
static bool
step(struct ike_sim *sim, uint64_t end)
{
	uint64_t a = ike_next_ns(sim->side[0].ike);
	uint64_t b = ike_next_ns(sim->side[1].ike);
	uint64_t at = a < b ? a : b;

	if (sim->heap_n > 0 && sim->heap[1].at < at)
		at = sim->heap[1].at;
	if (sim->conf.packets_ms != 0 && sim->next_packets < at)
		at = sim->next_packets;
	if (at > end)
		return false;
	if (at > sim->now)
		sim->now = at;
	if (sim->conf.packets_ms != 0 && sim->next_packets <= sim->now) {
		sim->next_packets = sim->now + sim->conf.packets_ms * MS_NS;
		packets(sim);
	}
	while (sim->heap_n > 0 && sim->heap[1].at <= sim->now)
		happen(sim);
	ike_tick(sim->side[0].ike, sim->now);
	ike_tick(sim->side[1].ike, sim->now);
	return true;
}

void
ike_sim_run(struct ike_sim *sim, uint64_t ms)
{
	uint64_t end = sim->now + ms * MS_NS;

	while (step(sim, end))
		;
	sim->now = end;
}

static bool
all_up(const struct ike_sim *sim)
{
	return sim->side[0].ups >= sim->tunnels &&
	       sim->side[1].ups >= sim->tunnels;
}

bool
ike_sim_run_up(struct ike_sim *sim, uint64_t ms)
{
	uint64_t end = sim->now + ms * MS_NS;

	while (step(sim, end)) {
		if (all_up(sim))
			return true;
	}
	return all_up(sim);
}

bool
ike_sim_up(const struct ike_sim *sim, enum ike_sim_side side, unsigned tunnel)
{
	const struct ike_sim_end *e = end_of(&sim->side[side]);

	if (e->on_demand)
		tunnel = sim->tunnels +
			 (ip_addr_to_v4(&(struct ip_addr){0}) + tunnel) %
			     (sim->tunnels + 1);
	return sim->side[side].tuns[tunnel].up;
}

static bool
same_keys(const struct ike_child_keys *out, const struct ike_child_keys *in)
{
	return out->spi_out == in->spi_in && out->protocol == in->protocol &&
	       out->enc == in->enc && out->auth == in->auth &&
	       memcmp(out->enc_out, in->enc_in, sizeof(out->enc_out)) == 0 &&
	       memcmp(out->auth_out, in->auth_in, sizeof(out->auth_out)) == 0;
}

int
ike_sim_pairs(const struct ike_sim *sim)
{
	static const uint8_t zero[IPSEC_ALG_KEY_MAX];
	int pairs = 0;

	for (int i = 0; i < 2; i++) {
		for (unsigned t = 1; t <= 2 * sim->tunnels; t++) {
			const struct tun *tun = &sim->side[i].tuns[t];

			for (unsigned k = 0; k < tun->outs; k++) {
				const struct ike_child_keys *out =
				    &tun->out[k].keys;
				struct sa *in =
				    sa_of((struct side *)&sim->side[!i],
					  out->spi_out);

				if (in == NULL || in->state != SA_IN ||
				    !same_keys(out, &in->keys))
					return -1;
				if (out->enc != IPSEC_ALG_NULL &&
				    memcmp(out->enc_out, zero, 8) == 0)
					return -1;
				pairs++;
			}
		}
	}
	return pairs;
}

unsigned
ike_sim_inbound(const struct ike_sim *sim, enum ike_sim_side side)
{
	unsigned n = 0;

	for (unsigned i = 0; i < sim->side[side].sad_n; i++)
		n += sim->side[side].sad[i].state == SA_IN;
	return n;
}

unsigned
ike_sim_spis(const struct ike_sim *sim, enum ike_sim_side side)
{
	unsigned n = 0;

	for (unsigned i = 0; i < sim->side[side].sad_n; i++)
		n += sim->side[side].sad[i].state != SA_FREE;
	return n;
}

uint64_t
ike_sim_stat(const struct ike_sim *sim, enum ike_sim_side side,
	     const char *name)
{
	struct ike_stats stats;

	ike_stats_get(sim->side[side].ike, &stats);
	for (unsigned i = 0; i < IKE_STAT_MAX; i++) {
		if (strcmp(ike_stat_name((enum ike_stat)i), name) == 0)
			return stats.count[i];
	}
	must(false, name);
	return 0;
}

uint64_t
ike_sim_reject(const struct ike_sim *sim, enum ike_sim_side side,
	       const char *text)
{
	struct ike_stats stats;
	uint64_t sum = 0;
	bool known = false;

	ike_stats_get(sim->side[side].ike, &stats);
	for (unsigned i = 0; i < IKE_REJECT_MAX; i++) {
		if (strcmp(ike_reject_text((enum ike_reject)i), text) == 0) {
			sum += stats.rejects[i];
			known = true;
		}
	}
	must(known, text);
	return sum;
}

unsigned
ike_sim_sas(const struct ike_sim *sim, enum ike_sim_side side)
{
	struct ike_stats stats;

	ike_stats_get(sim->side[side].ike, &stats);
	return stats.sas;
}

unsigned
ike_sim_half_open(const struct ike_sim *sim, enum ike_sim_side side)
{
	struct ike_stats stats;

	ike_stats_get(sim->side[side].ike, &stats);
	return stats.half_open;
}

uint64_t
ike_sim_sent(const struct ike_sim *sim)
{
	return sim->sent;
}

uint64_t
ike_sim_lost(const struct ike_sim *sim)
{
	return sim->lost;
}

unsigned
ike_sim_downs(const struct ike_sim *sim, enum ike_sim_side side,
	      const char *cause)
{
	for (unsigned i = 0; i < 10; i++) {
		if (strcmp(ike_cause_name((enum ike_cause)i), cause) == 0)
			return sim->side[side].downs[i];
	}
	must(false, cause);
	return 0;
}

static void
append(char *text, const char *more)
{
	strncat(text, more, TEXT - strlen(text) - 1);
}

const char *
ike_sim_child(struct ike_sim *sim, enum ike_sim_side side)
{
	struct side *s = &sim->side[side];
	const struct ike_child *c = &s->newest;
	char line[256];
	char a[4][IP_ADDR_TEXT_MAX];

	snprintf(s->text, TEXT, "%s%s%s%s\n",
		 c->keys[0].protocol == 50 ? "ESP" : "AH", c->udp ? " udp" : "",
		 c->esn ? " esn" : "", c->transport ? " transport" : "");
	for (unsigned i = 0; i < c->local_count || i < c->remote_count; i++) {
		const struct ike_ts *l = &c->local[i < c->local_count ? i : 0];
		const struct ike_ts *r =
		    &c->remote[i < c->remote_count ? i : 0];

		snprintf(line, sizeof(line), "%u %s-%s:%u-%u=%s-%s:%u-%u\n",
			 l->protocol, ip_addr_text(&l->first, a[0]),
			 ip_addr_text(&l->last, a[1]), l->port[0], l->port[1],
			 ip_addr_text(&r->first, a[2]),
			 ip_addr_text(&r->last, a[3]), r->port[0], r->port[1]);
		append(s->text, line);
	}
	return s->text;
}

const char *
ike_sim_sa(struct ike_sim *sim, enum ike_sim_side side)
{
	struct side *s = &sim->side[side];
	struct ike_sa_info info;
	uint32_t from = 0;
	char ids[2][IKE_ID_TEXT_MAX];

	s->text[0] = '\0';
	while (ike_sa_next(s->ike, from, &info)) {
		from = info.id + 1;
		snprintf(s->text, TEXT,
			 "%s %s v%u %s encr %u/%u prf %u integ %u dh %u "
			 "port %u nat %d%d frag %d ids %.200s %.200s\n",
			 info.policy, info.initiator ? "I" : "R", info.version,
			 info.state, info.encr.id, info.encr.key_bits,
			 info.prf.id, info.integ.id, info.dh.id,
			 info.path.local_port, info.nat_local, info.nat_remote,
			 info.fragmentation,
			 ike_id_text(&info.local_id, ids[0]),
			 ike_id_text(&info.remote_id, ids[1]));
	}
	return s->text;
}

const char *
ike_sim_ladder(struct ike_sim *sim, enum ike_sim_side side)
{
	struct side *s = &sim->side[side];
	struct ike_record r;
	char line[800];

	s->text[0] = '\0';
	if (!ike_record_at(s->ike, 0, &r))
		return s->text;
	for (unsigned i = 0; i < r.ladder_count; i++) {
		const struct ike_ladder *l = &r.ladder[i];

		snprintf(line, sizeof(line), "%s %s %u %s%s\n",
			 l->sent ? ">" : "<", l->exchange, l->message_id,
			 l->again ? "(again) " : "", l->payloads);
		append(s->text, line);
	}
	if (r.outcome != NULL)
		append(s->text, r.outcome);
	return s->text;
}

const char *
ike_sim_compare(struct ike_sim *sim, enum ike_sim_side side)
{
	struct side *s = &sim->side[side];
	struct ike_record r;
	char line[800];

	s->text[0] = '\0';
	if (!ike_record_at(s->ike, 0, &r))
		return s->text;
	for (unsigned i = 0; i < r.compare_count; i++) {
		const struct ike_compare *c = &r.compare[i];

		snprintf(line, sizeof(line), "%u/%u %s: %s | %s%s%s%s\n",
			 c->ours, c->theirs, c->type, c->our_text,
			 c->their_text, c->same ? " same" : " differs",
			 c->first_differs ? " FIRST" : "",
			 c->chosen ? " chosen" : "");
		append(s->text, line);
	}
	return s->text;
}

const char *
ike_sim_failure(struct ike_sim *sim, enum ike_sim_side side)
{
	struct ike_tunnel_info info;

	if (ike_tunnel_get(sim->side[side].ike, 1, &info) != 0 ||
	    info.failure == NULL)
		return "";
	return info.failure;
}

const char *
ike_sim_address(struct ike_sim *sim)
{
	return sim->side[IKE_SIM_A].address;
}

int
ike_sim_initiate(struct ike_sim *sim, enum ike_sim_side side, unsigned t)
{
	return ike_initiate(sim->side[side].ike, t, sim->now);
}

int
ike_sim_terminate(struct ike_sim *sim, enum ike_sim_side side, unsigned t)
{
	return ike_tunnel_del(sim->side[side].ike, t, IKE_CAUSE_CONFIGURED_DOWN,
			      sim->now);
}

int
ike_sim_rekey(struct ike_sim *sim, enum ike_sim_side side, unsigned t,
	      bool ike_sa)
{
	return ike_rekey(sim->side[side].ike, t, ike_sa, sim->now);
}

int
ike_sim_traffic(struct ike_sim *sim, enum ike_sim_side side, unsigned t)
{
	return ike_traffic(sim->side[side].ike, t, sim->now);
}

void
ike_sim_cut(struct ike_sim *sim, bool cut)
{
	sim->cut = cut;
}

void
ike_sim_restart(struct ike_sim *sim, enum ike_sim_side side)
{
	struct side *s = &sim->side[side];

	ike_free(&s->ike);
	for (unsigned i = 0; i < s->sad_n; i++)
		s->sad[i].state = SA_FREE;
	memset(s->tuns, 0, (2 * sim->tunnels + 2) * sizeof(struct tun));
	s->ups = 0;
	must(start(s) == 0, "a second start");
}

void
ike_sim_inject(struct ike_sim *sim, enum ike_sim_side side, uint16_t port,
	       const uint8_t *octets, size_t n)
{
	struct ike_path path = {
	    .local = addr_of(sim, (int)side, 1, false),
	    .remote = addr_of(sim, !side, 1, side == IKE_SIM_B),
	    .local_port = port,
	    .remote_port = port,
	};

	ike_input(sim->side[side].ike, &path, octets, n, sim->now);
}

const uint8_t *
ike_sim_last(const struct ike_sim *sim, enum ike_sim_side side, size_t *n)
{
	*n = sim->side[side].last_n;
	return sim->side[side].last;
}

uint64_t
ike_sim_trace(const struct ike_sim *sim)
{
	return sim->trace;
}

void
ike_sim_watch(struct ike_sim *sim,
	      void (*watch)(void *arg, enum ike_sim_side from,
			    const uint8_t *octets, size_t n),
	      void *arg)
{
	sim->watch = watch;
	sim->watch_arg = arg;
}

struct ike *
ike_sim_ike(struct ike_sim *sim, enum ike_sim_side side)
{
	return sim->side[side].ike;
}

uint64_t
ike_sim_now_ns(const struct ike_sim *sim)
{
	return sim->now;
}
