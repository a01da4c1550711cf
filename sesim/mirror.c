/*
 * The other end of a configuration's tunnels, made by the lines an operator
 * would type there. What it decides: which interface is the outer side (the one
 * that has the tunnel's local end point), which is the input side (that of the
 * input port), and which routes lead into a tunnel.
 *
 * The input port's interface gets an address of its own network out of
 * 198.18.0.0/15 (RFC 2544), and the networks that lie there are routed to it:
 * so no address of theirs becomes the router's, whatever their size.
 */
#include "mirror_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mirror_features.h"
#include "parse.h"
#include "print.h"
#include "secret.h"

static int
refuse(struct mirror *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(m->why, MIRROR_WHY_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

/* One line of configuration. */
int
mirror_type(struct mirror *m, const char *format, ...)
{
	char line[1024];
	struct cfg_error error = {0};
	enum cfg_outcome outcome;
	va_list args;
	int n;
	int err;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(line))
		return refuse(m, "a line would be too long");
	err = cfg_edit_line(m->ed, line, (size_t)n, &outcome, &error);
	if (err != 0)
		(void)refuse(m, "`%s`: %s", line, error.text);
	return err;
}

const char *
mirror_address(uint32_t a, char text[MIRROR_ADDRESS_MAX])
{
	(void)snprintf(text, MIRROR_ADDRESS_MAX, "%u.%u.%u.%u", a >> 24,
		       a >> 16 & 255, a >> 8 & 255, a & 255);
	return text;
}

static bool
covers(struct cfg_prefix p, uint32_t a)
{
	uint32_t mask = p.len == 0 ? 0 : UINT32_MAX << (32 - p.len);

	return ((p.addr ^ a) & mask) == 0;
}

static uint32_t
network(struct cfg_prefix p)
{
	return p.len == 0 ? 0 : p.addr & UINT32_MAX << (32 - p.len);
}

static const char *
context_of(const struct cfg_obj *obj, enum cfg_field field)
{
	const char *name = cfg_str(obj, field);

	return name != NULL ? name : "local";
}

static const struct cfg_obj *
context_find(const struct mirror *m, const char *name)
{
	return cfg_find(cfg_root(m->tree), CFG_CONTEXT, name);
}

const struct cfg_tree *
mirror_tree(const struct mirror *m)
{
	return cfg_editor_tree(m->ed);
}

/* ---- The input side ---- */

/* The interface of an input port in this context; NULL: none. */
static const struct cfg_obj *
input_on(const struct mirror *m, const struct replay_bind *b,
	 const struct cfg_obj *context)
{
	const struct cfg_obj *port = conf_port(m->tree, b->slot, b->port);
	const char *name = cfg_str(context, CFG_CONTEXT_NAME);
	const char *on = cfg_str(port, CFG_PORT_BIND_INTERFACE);
	struct cfg_iter it;

	if (on != NULL &&
	    strcmp(context_of(port, CFG_PORT_BIND_CONTEXT), name) == 0)
		return cfg_find(context, CFG_INTERFACE, on);
	for (const struct cfg_obj *pvc = cfg_first(&it, port, CFG_PVC);
	     pvc != NULL; pvc = cfg_next(&it)) {
		on = cfg_str(pvc, CFG_PVC_BIND_INTERFACE);
		if (on != NULL &&
		    strcmp(context_of(pvc, CFG_PVC_BIND_CONTEXT), name) == 0)
			return cfg_find(context, CFG_INTERFACE, on);
	}
	return NULL;
}

static const struct cfg_obj *
input_interface(const struct mirror *m, const struct cfg_obj *context)
{
	const struct cfg_obj *found = NULL;

	for (unsigned i = 0; i < m->args->nbinds && found == NULL; i++) {
		if (m->args->bind[i].kind == REPLAY_IN)
			found = input_on(m, &m->args->bind[i], context);
	}
	return found;
}

/* NULL: where a selection leads there, the routes stay as they are. */
static int
route_own(struct mirror *m, struct cfg_prefix p, const char *tunnel_interface)
{
	char a[MIRROR_ADDRESS_MAX];

	if (tunnel_interface == NULL)
		return 0;
	return mirror_type(m, "ip route %s/%u \"%s\"",
			   mirror_address(network(p), a), p.len,
			   tunnel_interface);
}

static int
renumber_input4(struct mirror *m, const struct cfg_obj *input,
		const char *tunnel_interface, unsigned number)
{
	const char *name = cfg_str(input, CFG_INTERFACE_NAME);
	struct cfg_prefix p = cfg_prefix(input, CFG_INTERFACE_ADDRESS);
	char a[MIRROR_ADDRESS_MAX];
	struct cfg_iter it;
	int err;

	if (!cfg_has(input, CFG_INTERFACE_ADDRESS))
		return 0;
	err = route_own(m, p, tunnel_interface);
	for (const struct cfg_obj *s = cfg_first(&it, input, CFG_SECONDARY);
	     s != NULL && err == 0; s = cfg_next(&it)) {
		p = cfg_prefix(s, CFG_SECONDARY_ADDRESS);
		err = route_own(m, p, tunnel_interface);
		if (err == 0)
			err = mirror_type(m, "interface \"%s\"", name);
		if (err == 0)
			err = mirror_type(m, "no ip address %s/%u secondary",
					  mirror_address(p.addr, a), p.len);
	}
	if (err == 0)
		err = mirror_type(m, "interface \"%s\"", name);
	if (err == 0)
		err = mirror_type(m, "ip address 198.18.%u.1/30", number & 255);
	return err;
}

/* Its own networks leave for the tunnel; it gets an address of its own. */
static int
renumber_input(struct mirror *m, const struct cfg_obj *input,
	       const char *tunnel_interface)
{
	unsigned number = m->inputs++;
	int err = renumber_input4(m, input, tunnel_interface, number);

	return err != 0
		   ? err
		   : mirror6_renumber_input(m, input, tunnel_interface, number);
}

/* Whether a route of the context leads into the tunnel's interface. */
static bool
leads_into(const struct cfg_obj *route, const struct cfg_obj *interface)
{
	const char *name = cfg_str(route, CFG_ROUTE_INTERFACE);

	if (name != NULL)
		return strcmp(name, cfg_str(interface, CFG_INTERFACE_NAME)) ==
		       0;
	return !cfg_bool(route, CFG_ROUTE_NULL0) &&
	       cfg_has(interface, CFG_INTERFACE_ADDRESS) &&
	       covers(cfg_prefix(interface, CFG_INTERFACE_ADDRESS),
		      cfg_ipv4(route, CFG_ROUTE_NEXTHOP));
}

int
mirror_turn_route(struct mirror *m, const struct cfg_obj *route,
		  const char *input)
{
	struct cfg_prefix p = cfg_prefix(route, CFG_ROUTE_PREFIX);
	const char *name = cfg_str(route, CFG_ROUTE_INTERFACE);
	char a[MIRROR_ADDRESS_MAX];
	char hop[MIRROR_ADDRESS_MAX];
	int err;

	if (name != NULL)
		err = mirror_type(m, "no ip route %s/%u \"%s\"",
				  mirror_address(p.addr, a), p.len, name);
	else
		err = mirror_type(
		    m, "no ip route %s/%u %s", mirror_address(p.addr, a), p.len,
		    mirror_address(cfg_ipv4(route, CFG_ROUTE_NEXTHOP), hop));
	if (err == 0)
		err = mirror_type(m, "ip route %s/%u \"%s\"",
				  mirror_address(p.addr, a), p.len, input);
	return err;
}

/* The other host of the tunnel's own little network. */
static int
turn_tunnel_address(struct mirror *m, const struct cfg_obj *interface)
{
	struct cfg_prefix p = cfg_prefix(interface, CFG_INTERFACE_ADDRESS);
	uint32_t other = p.len == 31 ? p.addr ^ 1 : p.addr + 1;
	uint32_t last = p.len >= 31 ? 0 : network(p) | (UINT32_MAX >> p.len);
	char a[MIRROR_ADDRESS_MAX];
	int err;

	if (!cfg_has(interface, CFG_INTERFACE_ADDRESS) || p.len == 32)
		return 0;
	if (p.len < 31 && other == last)
		other = p.addr - 1;
	err = mirror_type(m, "interface \"%s\"",
			  cfg_str(interface, CFG_INTERFACE_NAME));
	if (err == 0)
		err = mirror_type(m, "ip address %s/%u",
				  mirror_address(other, a), p.len);
	return err;
}

/* Whether no earlier tunnel is bound in the same context. */
static bool
first_in_context(const struct mirror *m, const struct cfg_obj *tunnel)
{
	struct cfg_iter it;

	for (const struct cfg_obj *t =
		 cfg_first(&it, cfg_root(m->tree), CFG_TUNNEL);
	     t != NULL && t != tunnel; t = cfg_next(&it)) {
		if (strcmp(context_of(t, CFG_TUNNEL_BIND_CONTEXT),
			   context_of(tunnel, CFG_TUNNEL_BIND_CONTEXT)) == 0)
			return false;
	}
	return true;
}

/* The clear side of a tunnel that a selection leads into. */
static int
turn_chosen_side(struct mirror *m, const struct cfg_obj *tunnel)
{
	const char *name = cfg_str(tunnel, CFG_TUNNEL_NAME);
	const struct cfg_obj *context = mirror_chooser(m, name);
	const struct cfg_obj *input = input_interface(m, context);
	int err;

	if (input == NULL)
		return refuse(m,
			      "no input port is bound in context %s, whose"
			      " selection leads into tunnel %s",
			      cfg_str(context, CFG_CONTEXT_NAME), name);
	err = mirror_chosen_networks(m, context, name,
				     cfg_str(input, CFG_INTERFACE_NAME));
	return err != 0 || !first_in_context(m, tunnel)
		   ? err
		   : renumber_input(m, input, NULL);
}

/* The clear side of a tunnel: its routes, and the input port of its context. */
static int
turn_clear_side(struct mirror *m, const struct cfg_obj *tunnel)
{
	const char *name = cfg_str(tunnel, CFG_TUNNEL_NAME);
	const char *bound = cfg_str(tunnel, CFG_TUNNEL_BIND_INTERFACE);
	const char *context_name = context_of(tunnel, CFG_TUNNEL_BIND_CONTEXT);
	const struct cfg_obj *context = context_find(m, context_name);
	const struct cfg_obj *interface;
	const struct cfg_obj *input;
	struct cfg_iter it;
	int err;

	if (bound == NULL && mirror_chooser(m, name) != NULL)
		return turn_chosen_side(m, tunnel);
	if (bound == NULL || context == NULL)
		return refuse(m, "tunnel %s is bound to no interface", name);
	interface = cfg_find(context, CFG_INTERFACE, bound);
	input = input_interface(m, context);
	if (interface == NULL)
		return refuse(m, "tunnel %s: no interface %s", name, bound);
	if (input == NULL)
		return refuse(m,
			      "no input port is bound in context %s, where"
			      " tunnel %s is",
			      context_name, name);
	err = mirror_type(m, "context \"%s\"", context_name);
	for (const struct cfg_obj *r = cfg_first(&it, context, CFG_ROUTE);
	     r != NULL && err == 0; r = cfg_next(&it)) {
		if (leads_into(r, interface))
			err = mirror_turn_route(
			    m, r, cfg_str(input, CFG_INTERFACE_NAME));
	}
	if (err == 0)
		err = mirror6_turn_routes(m, context, interface,
					  cfg_str(input, CFG_INTERFACE_NAME));
	/* Once for an input port, however many tunnels its context has. */
	if (err == 0 && first_in_context(m, tunnel))
		err = renumber_input(m, input, bound);
	if (err == 0)
		err = turn_tunnel_address(m, interface);
	return err != 0 ? err : mirror6_turn_tunnel_address(m, interface);
}

/* ---- The outer side ---- */

static bool
same_end(const struct cfg_obj *a, const struct cfg_obj *b, enum cfg_field field)
{
	struct ip_addr x = cfg_ip(a, field);
	struct ip_addr y = cfg_ip(b, field);

	return ip_addr_equal(&x, &y);
}

struct outer {
	const struct cfg_obj *interface;
	struct cfg_prefix prefix; /* that of the local end point */
	bool secondary;
};

static bool
find_outer(const struct cfg_obj *context, uint32_t local, struct outer *outer)
{
	struct cfg_iter it;
	struct cfg_iter below;

	for (const struct cfg_obj *i = cfg_first(&it, context, CFG_INTERFACE);
	     i != NULL; i = cfg_next(&it)) {
		struct cfg_prefix p = cfg_prefix(i, CFG_INTERFACE_ADDRESS);

		if (cfg_has(i, CFG_INTERFACE_ADDRESS) && p.addr == local) {
			*outer = (struct outer){i, p, false};
			return true;
		}
		for (const struct cfg_obj *s =
			 cfg_first(&below, i, CFG_SECONDARY);
		     s != NULL; s = cfg_next(&below)) {
			p = cfg_prefix(s, CFG_SECONDARY_ADDRESS);
			if (p.addr == local) {
				*outer = (struct outer){i, p, true};
				return true;
			}
		}
	}
	return false;
}

/* Whether an earlier tunnel of the same end points took the address over. */
static bool
taken_over(const struct mirror *m, const struct cfg_obj *tunnel, bool *same)
{
	struct cfg_iter it;
	bool local = false;

	*same = false;
	for (const struct cfg_obj *t =
		 cfg_first(&it, cfg_root(m->tree), CFG_TUNNEL);
	     t != NULL && t != tunnel; t = cfg_next(&it)) {
		if (!same_end(t, tunnel, CFG_TUNNEL_LOCAL) ||
		    strcmp(context_of(t, CFG_TUNNEL_CONTEXT),
			   context_of(tunnel, CFG_TUNNEL_CONTEXT)) != 0)
			continue;
		local = true;
		*same |= same_end(t, tunnel, CFG_TUNNEL_REMOTE);
	}
	return local;
}

/* Routes whose next hop is what becomes our own address. */
static int
turn_next_hops(struct mirror *m, const struct cfg_obj *context, uint32_t remote,
	       uint32_t local)
{
	struct cfg_iter it;
	int err = 0;

	for (const struct cfg_obj *r = cfg_first(&it, context, CFG_ROUTE);
	     r != NULL && err == 0; r = cfg_next(&it)) {
		struct cfg_prefix p = cfg_prefix(r, CFG_ROUTE_PREFIX);
		char a[MIRROR_ADDRESS_MAX];
		char hop[MIRROR_ADDRESS_MAX];

		if (cfg_str(r, CFG_ROUTE_INTERFACE) != NULL ||
		    cfg_bool(r, CFG_ROUTE_NULL0) ||
		    cfg_ipv4(r, CFG_ROUTE_NEXTHOP) != remote)
			continue;
		err = mirror_type(m, "no ip route %s/%u %s",
				  mirror_address(p.addr, a), p.len,
				  mirror_address(remote, hop));
		if (err == 0)
			err = mirror_type(m, "ip route %s/%u %s", a, p.len,
					  mirror_address(local, hop));
	}
	return err;
}

/* NULL, and why, where a tunnel can not be turned there. */
static const struct cfg_obj *
outer_of(struct mirror *m, const struct cfg_obj *tunnel,
	 const struct cfg_obj *context, const struct cfg_obj *interface)
{
	struct ip_addr local = cfg_ip(tunnel, CFG_TUNNEL_LOCAL);
	const char *name = cfg_str(tunnel, CFG_TUNNEL_NAME);
	char a[IP_ADDR_TEXT_MAX];

	if (interface == NULL)
		(void)refuse(m,
			     "no interface has %s, the local end point of"
			     " tunnel %s",
			     ip_addr_text(&local, a), name);
	else if (interface == input_interface(m, context))
		(void)refuse(m,
			     "the input port is the outer side of tunnel %s;"
			     " expected a capture of its clear side",
			     name);
	else
		return interface;
	return NULL;
}

/* The end points change places; again: an earlier tunnel's local was this. */
static int
turn_address6(struct mirror *m, const struct cfg_obj *tunnel,
	      const struct cfg_obj *context, bool again)
{
	struct ip_addr local = cfg_ip(tunnel, CFG_TUNNEL_LOCAL);
	struct ip_addr remote = cfg_ip(tunnel, CFG_TUNNEL_REMOTE);
	unsigned len = 0;
	const struct cfg_obj *outer =
	    outer_of(m, tunnel, context, mirror6_outer(context, &local, &len));

	return outer == NULL ? -EINVAL
			     : mirror6_turn_address(m, outer, &local, &remote,
						    len, again);
}

static int
turn_address4(struct mirror *m, const struct cfg_obj *tunnel,
	      const struct cfg_obj *context, bool again)
{
	struct ip_addr local_end = cfg_ip(tunnel, CFG_TUNNEL_LOCAL);
	struct ip_addr remote_end = cfg_ip(tunnel, CFG_TUNNEL_REMOTE);
	uint32_t local = ip_addr_to_v4(&local_end);
	uint32_t remote = ip_addr_to_v4(&remote_end);
	struct outer outer = {.interface = NULL};
	struct cfg_prefix ours;
	char a[MIRROR_ADDRESS_MAX];
	int err;

	(void)find_outer(context, local, &outer);
	if (outer_of(m, tunnel, context, outer.interface) == NULL)
		return -EINVAL;
	ours = (struct cfg_prefix){remote, outer.prefix.len};
	err = mirror_type(m, "interface \"%s\"",
			  cfg_str(outer.interface, CFG_INTERFACE_NAME));
	if (err == 0 && outer.secondary && !again)
		err = mirror_type(m, "no ip address %s/%u secondary",
				  mirror_address(local, a), outer.prefix.len);
	if (err == 0)
		err = mirror_type(m, "ip address %s/%u%s",
				  mirror_address(remote, a), ours.len,
				  outer.secondary || again ? " secondary" : "");
	if (err == 0 && !covers(ours, local))
		err = mirror_type(m, "ip route %s/32 \"%s\"",
				  mirror_address(local, a),
				  cfg_str(outer.interface, CFG_INTERFACE_NAME));
	return err;
}

/* The interface of the end point, and routes through the other one. */
static int
turn_ends(struct mirror *m, const struct cfg_obj *tunnel,
	  const struct cfg_obj *context)
{
	struct ip_addr local = cfg_ip(tunnel, CFG_TUNNEL_LOCAL);
	struct ip_addr remote = cfg_ip(tunnel, CFG_TUNNEL_REMOTE);
	bool v6 = local.family == 6;
	bool same;
	bool again = taken_over(m, tunnel, &same);
	int err = 0;

	if (!same)
		err = v6 ? turn_address6(m, tunnel, context, again)
			 : turn_address4(m, tunnel, context, again);
	if (err != 0)
		return err;
	return v6 ? mirror6_turn_next_hops(m, context, &remote, &local)
		  : turn_next_hops(m, context, ip_addr_to_v4(&remote),
				   ip_addr_to_v4(&local));
}

static int
turn_outer_side(struct mirror *m, const struct cfg_obj *tunnel)
{
	const char *name = cfg_str(tunnel, CFG_TUNNEL_NAME);
	const char *context_name = context_of(tunnel, CFG_TUNNEL_CONTEXT);
	const struct cfg_obj *context = context_find(m, context_name);
	const char *sa_in = cfg_str(tunnel, CFG_TUNNEL_SA_IN);
	const char *sa_out = cfg_str(tunnel, CFG_TUNNEL_SA_OUT);
	struct ip_addr local = cfg_ip(tunnel, CFG_TUNNEL_LOCAL);
	struct ip_addr remote = cfg_ip(tunnel, CFG_TUNNEL_REMOTE);
	char a[IP_ADDR_TEXT_MAX];
	char b[IP_ADDR_TEXT_MAX];
	int err;

	if (context == NULL || local.family == 0 || remote.family == 0)
		return refuse(m, "tunnel %s does not have both end points",
			      name);
	if (sa_in == NULL || sa_out == NULL)
		return refuse(m, "tunnel %s does not have an SA each way",
			      name);
	err = mirror_type(m, "context \"%s\"", context_name);
	if (err == 0)
		err = turn_ends(m, tunnel, context);
	if (err == 0)
		err = mirror_type(m, "tunnel ipsec \"%s\"", name);
	if (err == 0)
		err = mirror_type(
		    m, "peer-end-point local %s remote %s context \"%s\"",
		    ip_addr_text(&remote, a), ip_addr_text(&local, b),
		    context_name);
	if (err == 0)
		err = mirror_type(m, "ipsec-sa in \"%s\"", sa_out);
	if (err == 0)
		err = mirror_type(m, "ipsec-sa out \"%s\"", sa_in);
	return err;
}

/* ---- Whole configurations ---- */

static int
begin(struct mirror *m)
{
	m->ed = cfg_editor_new(m->tree, NULL);
	return m->ed != NULL ? 0 : -ENOMEM;
}

static int
finish(struct mirror *m, int err, struct cfg_tree **out)
{
	if (err == 0) {
		*out = cfg_tree_snapshot(cfg_editor_tree(m->ed));
		err = *out == NULL ? -ENOMEM : 0;
	}
	cfg_editor_free(&m->ed);
	if (err == -ENOMEM)
		(void)refuse(m, "out of memory");
	return err;
}

/* Takes a feature out: for mirror_features(). */
static int
give_up(void *arg, const char *tunnel, const char *context,
	const char *interface, const char *line)
{
	struct mirror *m = arg;
	int err;

	if (interface == NULL) {
		err = mirror_type(m, "tunnel ipsec \"%s\"", tunnel);
	} else {
		err = mirror_type(m, "context \"%s\"", context);
		if (err == 0)
			err = mirror_type(m, "interface \"%s\"", interface);
	}
	return err != 0 ? err : mirror_type(m, "no %s", line);
}

int
mirror_mode(const struct cfg_tree *tree, enum cfg_mode mode,
	    struct cfg_tree **out, char why[MIRROR_WHY_MAX])
{
	struct mirror m = {.tree = tree, .why = why};
	struct cfg_iter it;
	int err = begin(&m);

	for (const struct cfg_obj *t =
		 cfg_first(&it, cfg_root(tree), CFG_TUNNEL);
	     t != NULL && err == 0; t = cfg_next(&it)) {
		err = mirror_type(&m, "tunnel ipsec \"%s\"",
				  cfg_str(t, CFG_TUNNEL_NAME));
		if (err == 0)
			err = mirror_type(&m, "mode %s",
					  mode == CFG_MODE_ECONOMICAL
					      ? "economical"
					      : "circuit-based");
	}
	if (err == 0 && mode == CFG_MODE_ECONOMICAL)
		err = mirror_features(tree, give_up, &m);
	return finish(&m, err, out);
}

int
mirror_make(const struct cfg_tree *tree, const struct replay_args *args,
	    struct cfg_tree **out, char why[MIRROR_WHY_MAX])
{
	struct mirror m = {.tree = tree, .args = args, .why = why};
	struct cfg_iter it;
	int err = begin(&m);

	/* Features are FILE's: at the other end they would act twice. */
	if (err == 0)
		err = mirror_features(tree, give_up, &m);
	if (err == 0 && cfg_count(cfg_root(tree), CFG_TUNNEL) == 0)
		err = refuse(&m, "it has no tunnel");
	for (const struct cfg_obj *t =
		 cfg_first(&it, cfg_root(tree), CFG_TUNNEL);
	     t != NULL && err == 0; t = cfg_next(&it)) {
		err = turn_outer_side(&m, t);
		if (err == 0)
			err = turn_clear_side(&m, t);
	}
	if (err == 0)
		err = mirror_selectors(&m);
	return finish(&m, err, out);
}

static int
put_text(void *arg, const char *text, size_t octets)
{
	const int *fd = arg;

	while (octets > 0) {
		ssize_t n = write(*fd, text, octets);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		octets -= (size_t)n;
	}
	return 0;
}

static int
put_key(int fd, const uint8_t key[SECRET_KEY_OCTETS])
{
	char text[2 * SECRET_KEY_OCTETS + 2];
	int err;

	for (unsigned i = 0; i < SECRET_KEY_OCTETS; i++)
		(void)snprintf(text + (size_t)2 * i, 3, "%02x", key[i]);
	text[2 * SECRET_KEY_OCTETS] = '\n';
	err = put_text(&fd, text, 2 * SECRET_KEY_OCTETS + 1);
	secret_wipe(text, sizeof(text));
	return err;
}

int
mirror_file(const struct cfg_tree *tree, int *config_fd, int *key_fd)
{
	uint8_t *key = secret_alloc(SECRET_KEY_OCTETS);
	struct cfg_print_opts opts = {.key = key,
				      .secrets = CFG_SECRETS_SEALED};
	int fd[2] = {-1, -1};
	int err = key == NULL ? -ENOMEM : secret_random(key, SECRET_KEY_OCTETS);

	for (unsigned i = 0; i < 2 && err == 0; i++) {
		fd[i] = memfd_create("sesim-config", MFD_CLOEXEC);
		if (fd[i] < 0 || fchmod(fd[i], 0600) != 0)
			err = -errno;
	}
	if (err == 0)
		err = put_key(fd[1], key);
	if (err == 0)
		err = cfg_print(tree, &opts, put_text, &fd[0]);
	secret_free(&key, SECRET_KEY_OCTETS);
	if (err == 0) {
		*config_fd = fd[0];
		*key_fd = fd[1];
		return 0;
	}
	for (unsigned i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			(void)close(fd[i]);
	}
	return err;
}
