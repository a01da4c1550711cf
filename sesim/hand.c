/*
 * The operator's hand: one DEALER, numbered requests. Whatever does not parse
 * is refused by control/ and here; a chassis that is gone is seen by whoever
 * watches its keeper, never by waiting.
 */
#include "hand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ctl_chan.h"
#include "stage.h"

struct hand {
	struct bus_sock *sock;
	uint32_t number; /* of the last request */
};

int
hand_endpoint(enum bus_transport transport, const char *run_dir,
	      char endpoint[BUS_ENDPOINT_MAX])
{
	char path[256];
	FILE *file;
	char *end;

	if (transport == BUS_INPROC) {
		(void)snprintf(endpoint, BUS_ENDPOINT_MAX, "inproc://ctl");
		return 0;
	}
	if (transport == BUS_IPC) {
		(void)snprintf(endpoint, BUS_ENDPOINT_MAX, "ipc://%s/ctl",
			       run_dir);
		return 0;
	}
	(void)snprintf(path, sizeof(path), "%s/ctl.endpoint", run_dir);
	file = fopen(path, "re");
	if (file == NULL)
		return -errno;
	end = fgets(endpoint, BUS_ENDPOINT_MAX, file);
	(void)fclose(file);
	if (end == NULL)
		return -ENOENT;
	endpoint[strcspn(endpoint, "\n")] = '\0';
	return 0;
}

int
hand_open(struct hand **out, struct bus *bus, const char *endpoint)
{
	struct hand *hand = calloc(1, sizeof(*hand));
	int err;

	if (hand == NULL)
		return -ENOMEM;
	err = bus_connect(bus, BUS_DEALER, endpoint, NULL, &hand->sock);
	if (err != 0) {
		free(hand);
		return err;
	}
	*out = hand;
	return 0;
}

void
hand_close(struct hand **at)
{
	struct hand *hand = *at;

	if (hand == NULL)
		return;
	bus_close(&hand->sock);
	free(hand);
	*at = NULL;
}

struct bus_sock *
hand_sock(struct hand *hand)
{
	return hand->sock;
}

int
hand_send(struct hand *hand, json_t *request)
{
	struct ctl_request head = {.number = be32_put(++hand->number)};
	char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
	int err = -ENOMEM;

	if (text != NULL)
		err = ctl_send(hand->sock, NULL, STAGE_NONE, CTL_REQUEST, &head,
			       text, strlen(text));
	free(text);
	json_decref(request);
	return err;
}

int
hand_take(struct hand *hand, json_t **words, bool *event)
{
	struct ctl_in in;
	const struct ctl_request *head;
	json_t *got = NULL;
	bool wanted;
	int n = ctl_recv(hand->sock, CTL_CLIENT, &in);

	if (n <= 0)
		return n;
	head = in.body;
	wanted =
	    in.type == CTL_EVENT ||
	    (in.type == CTL_REPLY && be32_get(head->number) == hand->number);
	*event = in.type == CTL_EVENT;
	if (wanted)
		got =
		    json_loadb((const char *)in.tail, in.tail_octets, 0, NULL);
	ctl_in_done(&in);
	if (got == NULL)
		return wanted ? -EBADMSG : hand_take(hand, words, event);
	*words = got;
	return 1;
}

int
hand_ask(struct hand *hand, json_t *request, int timeout_ms, json_t **answer)
{
	uint64_t end = clock_monotonic() + (uint64_t)timeout_ms * CLOCK_MS_NS;
	struct bus_poll item = {.sock = hand->sock};
	int err = hand_send(hand, request);

	while (err == 0) {
		uint64_t now = clock_monotonic();
		json_t *words = NULL;
		bool event = false;
		int n = hand_take(hand, &words, &event);

		if (n > 0 && !event) {
			*answer = words;
			return 0;
		}
		json_decref(words);
		if (n < 0)
			return n;
		if (now >= end)
			return -ETIMEDOUT;
		if (n == 0)
			(void)bus_poll(&item, 1,
				       (long)((end - now) / CLOCK_MS_NS) + 1);
	}
	return err;
}
