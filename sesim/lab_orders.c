/*
 * Orders to a lab's keeper, by name. Each is quick: what takes long is waited
 * for by the client.
 */
#include "lab_orders.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

static json_t *
refuse(const char *format, const char *what)
{
	json_t *text = json_sprintf(format, what);

	return json_pack("{s:b, s:o}", "ok", 0, "error", text);
}

static json_t *
node_json(const struct lab_node *n, uint64_t now)
{
	json_t *row = json_pack(
	    "{s:s, s:s, s:s, s:i, s:i, s:i, s:I}", "name", n->node->name,
	    "kind", topology_kind_word(n->node->kind), "state",
	    lab_node_state_word(n->state), "pid", (int)n->pid, "starts",
	    (int)n->starts, "killed", (int)n->killed, "uptime_s",
	    (json_int_t)(n->pid > 0 ? (now - n->started_ns) / CLOCK_SECOND_NS
				    : 0));

	if (n->path[0] != '\0')
		(void)json_object_set_new(row, "run_dir", json_string(n->path));
	if (n->cli != NULL)
		(void)json_object_set(row, "cli", n->cli);
	if (n->why[0] != '\0')
		(void)json_object_set_new(row, "error", json_string(n->why));
	return row;
}

static json_t *
status(struct lab *lab, const json_t *request, const struct lab_node **waits)
{
	uint64_t now = clock_monotonic();
	json_t *nodes = json_array();

	(void)request;
	(void)waits;
	/* Who asks looks at what sinks have recorded next. */
	(void)wire_pump_flush(lab->pump);
	for (unsigned i = 0; i < lab->topology->nnodes; i++)
		(void)json_array_append_new(nodes,
					    node_json(&lab->node[i], now));
	return json_pack(
	    "{s:b, s:s, s:s, s:i, s:s, s:I, s:o, s:o}", "ok", 1, "name",
	    lab->topology->name, "topology", lab->topology->path, "keeper",
	    (int)getpid(), "state", lab->ready_ns != 0 ? "up" : "starting",
	    "uptime_s", (json_int_t)((now - lab->started_ns) / CLOCK_SECOND_NS),
	    "nodes", nodes, "links", lab_wires_json(lab));
}

static struct lab_node *
node_of(struct lab *lab, const json_t *request, json_t **why)
{
	const char *name = json_string_value(json_object_get(request, "node"));
	int at = topology_find(lab->topology, name != NULL ? name : "");

	if (at >= 0)
		return &lab->node[at];
	*why = refuse("no node %s in this lab", name != NULL ? name : "?");
	return NULL;
}

static json_t *
restart(struct lab *lab, const json_t *request, const struct lab_node **waits)
{
	json_t *why = NULL;
	struct lab_node *node = node_of(lab, request, &why);

	if (node == NULL)
		return why;
	if (node->node->kind != TOPOLOGY_SMARTEDGE)
		return refuse("node %s is no router", node->node->name);
	if (lab_node_restart(lab, node) != 0)
		return refuse("node %s is not up now", node->node->name);
	*waits = node;
	return NULL;
}

/* The properties of a request onto those of a direction; NULL, or why not. */
static json_t *
read_shape(const json_t *request, struct shape_conf *conf)
{
	struct topology_set set = {0};
	struct shape_conf said;
	const char *right;

	for (unsigned i = 0; i < TOPOLOGY_FIELDS; i++) {
		const char *text = json_string_value(json_object_get(
		    json_object_get(request, "set"), topology_row[i].key));

		if (topology_row[i].owner != TOPOLOGY_LINK || text == NULL)
			continue;
		right = topology_value_read(
		    (enum topology_type)topology_row[i].type, text, &set.at[i]);
		if (right != NULL)
			return refuse("%s", right);
		set.at[i].text = text;
	}
	lab_shape_conf(&set, &said);
#define TAKE(field, id)                                                        \
	if (set.at[TOPOLOGY_LINK_##id].text != NULL)                           \
	conf->field = said.field
	TAKE(delay_ns, DELAY);
	TAKE(jitter_ns, JITTER);
	TAKE(rate_bps, RATE);
	TAKE(queue, QUEUE);
	TAKE(loss, LOSS);
	TAKE(duplication, DUPLICATION);
	TAKE(reordering, REORDERING);
	TAKE(corruption, CORRUPTION);
	TAKE(mtu, MTU);
	TAKE(up, STATE);
#undef TAKE
	return NULL;
}

static json_t *
impair(struct lab *lab, const json_t *request, const struct lab_node **waits)
{
	const char *end = json_string_value(json_object_get(request, "end"));
	const char *way =
	    json_string_value(json_object_get(request, "direction"));
	struct shape_conf conf[2];
	json_t *why = NULL;
	unsigned side = 0;
	int at =
	    end == NULL ? -1 : topology_find_end(lab->topology, end, &side);

	(void)waits;
	if (at < 0)
		return refuse("no link has the end %s",
			      end != NULL ? end : "?");
	for (unsigned s = 0; s < 2 && why == NULL; s++) {
		conf[s] = *wire_pump_shaped(lab->pump, lab->wire[at].number, s);
		if (json_is_true(json_object_get(request, "clear")))
			conf[s] = (struct shape_conf){.up = true};
		why = read_shape(request, &conf[s]);
	}
	if (why != NULL)
		return why;
	for (unsigned s = 0; s < 2; s++) {
		const char *one = s == side ? "from" : "to";

		if (way == NULL || strcmp(way, "both") == 0 ||
		    strcmp(way, one) == 0)
			wire_pump_shape(lab->pump, lab->wire[at].number, s,
					&conf[s]);
	}
	return json_pack("{s:b}", "ok", 1);
}

static const struct {
	const char *op;
	json_t *(*run)(struct lab *lab, const json_t *request,
		       const struct lab_node **waits);
} orders[] = {
    {"status", status},
    {"restart", restart},
    {"impair", impair},
};

json_t *
lab_order(struct lab *lab, const json_t *request, const struct lab_node **waits)
{
	const char *op = json_string_value(json_object_get(request, "op"));

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (op != NULL && strcmp(orders[i].op, op) == 0)
			return orders[i].run(lab, request, waits);
	}
	return refuse("no such order: %s", op != NULL ? op : "?");
}
