/*
 * Asking a lab. The keeper answers at once, or when the node that is asked for
 * has come up; its death is the end of the connection, so nothing has to be
 * timed here. Routers are asked as `sesim status` asks them.
 */
#include "lab_hand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hand.h"
#include "lab_orders.h"

#define ANSWER_MAX (64UL << 20)
#define ANSWER_MS 3000

static int
dial(const char *run_dir, int *out)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", run_dir,
			 LAB_DOOR);
	int fd;

	if (n < 0 || n >= (int)sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		int err = -errno;

		(void)close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static int
say(int fd, const json_t *request)
{
	char *line = json_dumps(request, JSON_COMPACT);
	size_t n = line != NULL ? strlen(line) : 0;
	size_t at = 0;

	if (line == NULL)
		return -ENOMEM;
	line[n++] = '\n';
	while (at < n) {
		ssize_t sent = send(fd, line + at, n - at, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			break;
		at += (size_t)sent;
	}
	free(line);
	return at == n ? 0 : -EPIPE;
}

static int
hear(int fd, json_t **answer)
{
	FILE *file = fdopen(dup(fd), "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	json_t *words;

	if (file == NULL)
		return -errno;
	n = getline(&line, &room, file);
	words = n > 0 && (size_t)n < ANSWER_MAX
		    ? json_loadb(line, (size_t)n, 0, NULL)
		    : NULL;
	free(line);
	(void)fclose(file);
	if (words == NULL)
		return -EPIPE;
	*answer = words;
	return 0;
}

int
lab_hand_ask(const char *run_dir, json_t *request, json_t **answer)
{
	int fd = -1;
	int err = request != NULL ? dial(run_dir, &fd) : -ENOMEM;

	if (err == 0)
		err = say(fd, request);
	if (err == 0)
		err = hear(fd, answer);
	if (fd >= 0)
		(void)close(fd);
	json_decref(request);
	return err;
}

int
lab_hand_order(const struct lab_file *file, const char *command,
	       json_t *request, json_t **out)
{
	char run_dir[RUNDIR_PATH_MAX];
	json_t *answer = NULL;
	const char *error;
	int status = lab_file_run_dir(file, command, run_dir);
	int err;

	if (status != 0) {
		json_decref(request);
		return status;
	}
	err = lab_hand_ask(run_dir, request, &answer);
	if (err == -ENOENT || err == -ECONNREFUSED) {
		(void)fprintf(stderr,
			      "%s: lab %s is not up; `sesim lab up` starts"
			      " it\n",
			      command, file->topology->name);
		return 2;
	}
	if (err != 0) {
		(void)fprintf(stderr, "%s: lab %s: %s\n", command,
			      file->topology->name, strerror(-err));
		return 3;
	}
	error = json_string_value(json_object_get(answer, "error"));
	if (!json_is_true(json_object_get(answer, "ok"))) {
		(void)fprintf(stderr, "%s: %s\n", command,
			      error != NULL ? error : "refused");
		json_decref(answer);
		return 2;
	}
	if (out != NULL)
		*out = answer;
	else
		json_decref(answer);
	return 0;
}

/* Takes the request's reference; NULL: no answer. */
static json_t *
ask_router(const char *node_dir, json_t *request)
{
	char endpoint[BUS_ENDPOINT_MAX];
	struct bus *bus = NULL;
	struct hand *hand = NULL;
	json_t *answer = NULL;
	json_t *data;
	int err = bus_new(&bus, BUS_IPC, node_dir, NULL);

	if (err == 0)
		err = hand_endpoint(BUS_IPC, node_dir, endpoint);
	if (err == 0)
		err = hand_open(&hand, bus, endpoint);
	if (err == 0)
		(void)hand_ask(hand, json_incref(request), ANSWER_MS, &answer);
	hand_close(&hand);
	bus_free(&bus);
	json_decref(request);
	data = json_incref(json_object_get(answer, "data"));
	json_decref(answer);
	return data;
}

json_t *
lab_hand_show(const char *node_dir, const char *topic)
{
	return ask_router(
	    node_dir, json_pack("{s:s, s:s}", "op", "show", "topic", topic));
}

json_t *
lab_hand_configuration(const char *node_dir)
{
	return ask_router(
	    node_dir,
	    json_pack("{s:s, s:s}", "op", "configuration", "which", "running"));
}

json_t *
lab_hand_status(const char *node_dir)
{
	return ask_router(node_dir, json_pack("{s:s}", "op", "status"));
}
