/*
 * A chassis for tests of the command line alone: speaks the control channel and
 * answers requests from a fixed router. Prints its endpoint, and a line when
 * the command line says that it listens; leaves when its standard input ends.
 * The line "interface slow" is never answered.
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "ctl_chan.h"

#define CLIENTS_MAX 128

struct client {
	struct bus_peer peer;
	bool configuring;
	const char *mode;
	int edits;
};

struct fake {
	struct bus_sock *ctl;
	struct client clients[CLIENTS_MAX];
	size_t n;
	int generation;
	int lines;
};

static const char topics[] =
    "{\"version\":{\"product\":\"sesim\",\"version\":\"0.1.0\","
    "\"uptime_s\":93784},"
    "\"card\":{\"cards\":[{\"slot\":1,\"type\":\"ge-10-port\",\"installed\":"
    "\"ge-10-port\",\"state\":\"up\",\"flags\":\"IEUR\",\"processes\":[{"
    "\"stage\":\"1/ippa\",\"pid\":77,\"state\":\"up\",\"epoch\":1,"
    "\"generation\":3,\"uptime_s\":3661}]}]},"
    "\"port\":{\"ports\":[{\"port\":\"1/1\",\"type\":\"ethernet\",\"state\":"
    "\"Up\",\"admin\":\"Up\",\"line\":\"Up\",\"mtu\":1500,\"mac\":"
    "\"02:5e:00:00:01:01\",\"encapsulation\":\"ethernet\",\"far_end\":"
    "\"none\",\"rx_packets\":5,\"rx_octets\":500,\"tx_packets\":0,"
    "\"tx_octets\":0},{\"port\":\"2/1\",\"type\":\"ethernet\",\"state\":"
    "\"Down\"}]},"
    "\"ip-route\":{\"context\":\"local\",\"routes\":[{\"type\":\"C\","
    "\"prefix\":\"10.1.0.0/16\",\"next_hop\":\"\",\"distance\":0,\"metric\":0,"
    "\"interface\":\"lan\",\"active\":true,\"uptime_s\":7869}]},"
    "\"ip-interface\":{\"interfaces\":[{\"name\":\"lan\",\"address\":"
    "\"10.1.0.1/16\",\"mtu\":1500,\"state\":\"Up\",\"binding\":"
    "\"ethernet 1/1\",\"context\":\"local\"}]},"
    "\"ipsec-tunnel\":{\"tunnels\":[{\"name\":\"to-branch\",\"type\":"
    "\"manual\",\"state\":\"Up\",\"mode\":\"circuit-based\",\"asp\":\"3/1\","
    "\"local\":\"192.0.2.1\",\"remote\":\"192.0.2.2\",\"cause\":\"-\"}]},"
    "\"ipsec-sa\":{\"sas\":[{\"name\":\"to-pe2\",\"tunnel\":\"to-branch\","
    "\"direction\":\"out\",\"protocol\":\"ESP\",\"spi\":\"0x00001001\","
    "\"encryption\":\"aes-128-cbc\",\"authentication\":\"hmac-sha1-96\","
    "\"packets\":390,\"octets\":51230,\"replay_drops\":0,"
    "\"integrity_failures\":0,\"age_s\":120}]},"
    "\"counters\":{\"received\":5,\"transmitted\":4,\"stages\":[{\"stage\":"
    "\"1/ippa\",\"received\":5,\"transmitted\":0,\"punted\":0,\"dropped\":{"
    "\"no-route\":{\"packets\":1,\"sentence\":\"no route leads there\"}}}]},"
    "\"backplane\":{\"links\":[{\"from\":\"1/ippa\",\"to\":\"3/asp1\","
    "\"packets\":4,\"octets\":400,\"frames\":1,\"card_local\":false}],"
    "\"crossings\":4,\"card_local\":0,\"octets\":400},"
    "\"chassis\":{\"platform\":\"SE800\",\"slots\":[{\"slot\":1,\"type\":"
    "\"ge-10-port\",\"installed\":\"ge-10-port\",\"initialized\":true,"
    "\"flags\":\"IEUR\"},{\"slot\":2,\"type\":\"none\",\"installed\":\"none\","
    "\"initialized\":false,\"flags\":\"\"}]},"
    "\"asp\":{\"asps\":[{\"asp\":\"3/1\",\"card\":\"ase\",\"service\":"
    "\"security\",\"pool\":\"crypto\",\"group\":\"vpn-group\",\"role\":"
    "\"active\",\"state\":\"ready\",\"tunnels\":1,\"uptime_s\":7869}]},"
    "\"transaction\":{\"transactions\":[],\"generation\":3}}";

static json_t *
yes(json_t *data)
{
	return json_pack("{s:b,s:o}", "ok", 1, "data",
			 data != NULL ? data : json_object());
}

static json_t *
no(const char *kind, int column, const char *text)
{
	json_t *error = json_pack("{s:s,s:s}", "kind", kind, "text", text);

	if (column >= 0)
		(void)json_object_set_new(error, "column",
					  json_integer(column));
	return json_pack("{s:b,s:o}", "ok", 0, "error", error);
}

static json_t *
mode_of(const struct client *c)
{
	return yes(json_pack("{s:s}", "mode", c->mode));
}

static json_t *
op_line(struct fake *f, struct client *c, const char *line)
{
	if (!c->configuring)
		return no("invalid", -1, "no configuration session");
	line += strspn(line, " ");
	f->lines++;
	c->edits++;
	if (strncmp(line, "context ", 8) == 0)
		c->mode = "config-ctx";
	else if (strncmp(line, "interface ", 10) == 0)
		c->mode = "config-if";
	else if (strncmp(line, "show ", 5) == 0)
		return no("invalid", 0, "unknown word \"show\"");
	else if (strncmp(line, "ip address bad", 14) == 0)
		return no("invalid", 11, "expected an address and its length");
	return mode_of(c);
}

/* A file, line by line, as a session would type it. */
static json_t *
op_load(struct fake *f, struct client *c, const char *path)
{
	FILE *file = fopen(path, "re");
	json_t *answer = NULL;
	char line[256];
	char text[1200];
	unsigned n = 0;

	if (file == NULL) {
		(void)snprintf(text, sizeof(text), "Can't open %s", path);
		return no("file", -1, text);
	}
	while (answer == NULL && fgets(line, sizeof(line), file) != NULL) {
		n++;
		if (strstr(line, "bad") == NULL) {
			json_decref(op_line(f, c, line));
			continue;
		}
		(void)snprintf(text, sizeof(text),
			       "%s:%u:12: expected an "
			       "address",
			       path, n);
		answer = no("file", -1, text);
	}
	(void)fclose(file);
	return answer != NULL ? answer : mode_of(c);
}

/* A configuration that is long enough for pages. */
static json_t *
op_configuration(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&text, &n);
	json_t *data;

	(void)fputs("Building configuration...\n\nCurrent configuration:\n!\n",
		    file);
	for (int i = 1; i <= 60; i++)
		(void)fprintf(file, " interface if%d\n", i);
	(void)fputs("end\n", file);
	(void)fclose(file);
	data = json_pack("{s:s}", "text", text);
	free(text);
	return yes(data);
}

static json_t *
op_login(const json_t *rq)
{
	const char *name = json_string_value(json_object_get(rq, "name"));
	const char *pw = json_string_value(json_object_get(rq, "password"));

	if (name == NULL || pw == NULL || strcmp(name, "admin") != 0 ||
	    strcmp(pw, "s3cret") != 0)
		return no("login", -1, "Login incorrect");
	return yes(json_pack("{s:i,s:i,s:s}", "privilege", 6, "max", 15,
			     "context", "local"));
}

static json_t *
op_show(const json_t *rq)
{
	json_t *all = json_loads(topics, 0, NULL);
	const char *topic = json_string_value(json_object_get(rq, "topic"));
	const char *context = json_string_value(
	    json_object_get(json_object_get(rq, "args"), "context"));
	json_t *data = json_incref(json_object_get(all, topic));

	json_decref(all);
	if (context != NULL && strcmp(context, "nowhere") == 0) {
		json_decref(data);
		return no("invalid", -1, "no context \"nowhere\"");
	}
	return data != NULL ? yes(data) : no("invalid", -1, "no such topic");
}

static json_t *
op_leave(struct fake *f, struct client *c, bool leave)
{
	bool changed = c->edits > 0;

	f->generation += changed;
	c->edits = 0;
	if (leave) {
		c->configuring = false;
		c->mode = "";
	}
	return yes(json_pack("{s:i,s:b,s:s}", "generation", f->generation,
			     "changed", (int)changed, "mode", c->mode));
}

static json_t *
answer(struct fake *f, struct client *c, const json_t *rq)
{
	const char *op = json_string_value(json_object_get(rq, "op"));

	if (strcmp(op, "hello") == 0)
		return yes(json_pack("{s:s}", "hostname", "Redback"));
	if (strcmp(op, "configure") == 0) {
		c->configuring = true;
		c->mode = "config";
		return mode_of(c);
	}
	if (strcmp(op, "line") == 0)
		return op_line(f, c,
			       json_string_value(json_object_get(rq, "line")));
	if (strcmp(op, "load") == 0)
		return op_load(f, c,
			       json_string_value(json_object_get(rq, "path")));
	if (strcmp(op, "mode-exit") == 0) {
		c->mode =
		    strcmp(c->mode, "config-if") == 0 ? "config-ctx" : "config";
		return mode_of(c);
	}
	if (strcmp(op, "commit") == 0 || strcmp(op, "end") == 0)
		return op_leave(f, c, op[0] == 'e');
	if (strcmp(op, "abort") == 0) {
		c->edits = 0;
		c->mode = "config";
		return mode_of(c);
	}
	if (strcmp(op, "show") == 0)
		return op_show(rq);
	if (strcmp(op, "configuration") == 0)
		return op_configuration();
	if (strcmp(op, "login") == 0)
		return op_login(rq);
	if (strcmp(op, "listening") == 0) {
		printf("listening\n");
		(void)fflush(stdout);
	}
	return yes(NULL);
}

static struct client *
client_of(struct fake *f, const struct bus_peer *peer)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->clients[i].peer.len == peer->len &&
		    memcmp(f->clients[i].peer.octets, peer->octets,
			   peer->len) == 0)
			return &f->clients[i];
	if (f->n == CLIENTS_MAX)
		f->n = 0;
	f->clients[f->n] = (struct client){.peer = *peer, .mode = ""};
	return &f->clients[f->n++];
}

static void
take(struct fake *f)
{
	struct ctl_in in;

	while (ctl_recv(f->ctl, CTL_CHASSIS, &in) > 0) {
		const struct ctl_request *body = in.body;
		json_t *rq =
		    json_loadb((const char *)in.tail, in.tail_octets, 0, NULL);
		const char *line =
		    json_string_value(json_object_get(rq, "line"));
		json_t *reply = answer(f, client_of(f, &in.peer), rq);
		char *text = json_dumps(reply, 0);

		if (line == NULL || strcmp(line, "interface slow") != 0)
			(void)ctl_send(f->ctl, &in.peer, 0, CTL_REPLY, body,
				       text, strlen(text));
		free(text);
		json_decref(reply);
		json_decref(rq);
		ctl_in_done(&in);
	}
}

int
main(int argc, char **argv)
{
	struct fake f = {.generation = 1};
	struct bus *bus = NULL;
	char endpoint[BUS_ENDPOINT_MAX];
	struct bus_poll items[2];
	char c;

	if (argc != 2 || bus_new(&bus, BUS_IPC, argv[1], NULL) != 0 ||
	    bus_listen(bus, BUS_ROUTER, "ctl", &f.ctl, endpoint) != 0)
		return 1;
	printf("%s\n", endpoint);
	(void)fflush(stdout);
	for (;;) {
		items[0] = (struct bus_poll){.sock = f.ctl};
		items[1] = (struct bus_poll){.fd = 0};
		if (bus_poll(items, 2, -1) < 0)
			continue;
		if (items[1].ready && fread(&c, 1, 1, stdin) != 1)
			break;
		take(&f);
	}
	bus_close(&f.ctl);
	bus_free(&bus);
	return 0;
}
