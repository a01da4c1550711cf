/*
 * The login of a telnet session: name, password, three times at most. Called by
 * session.c before libcli's loop begins, whose own login has another prompt and
 * no place for the session. The chassis judges; the password is wiped and never
 * in a log.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "secret.h"
#include "shell.h"

#define ATTEMPTS 3
#define DELAY_MS 500 /* after the first failure */

/* What the chassis says of a name and its password. */
static int
login_ask(struct shell *sh, const char *name, const char *password)
{
	struct ask_error error;
	json_t *data = NULL;
	json_t *level;
	const char *context;
	int rc = ask(sh->ask,
		     json_pack("{s:s,s:s,s:s,s:s}", "op", "login", "name", name,
			       "password", password, "from", "127.0.0.1"),
		     &data, &error);

	if (rc != 0)
		return rc;
	level = json_object_get(data, "privilege");
	sh->privilege = sh->privilege_start =
	    json_is_integer(level) ? (int)json_integer_value(level) : 6;
	level = json_object_get(data, "max");
	sh->privilege_max =
	    json_is_integer(level) ? (int)json_integer_value(level) : 15;
	sh->idle_minutes =
	    (unsigned)json_integer_value(json_object_get(data, "idle_minutes"));
	context = json_string_value(json_object_get(data, "context"));
	if (context != NULL)
		(void)snprintf(sh->context, sizeof(sh->context), "%s", context);
	(void)snprintf(sh->user, sizeof(sh->user), "%s", name);
	json_decref(data);
	return 0;
}

/*
 * Who guesses waits, longer each time. -ECONNRESET when the client left; what
 * it types meanwhile stays in the proxy, so nothing comes but the end.
 */
static int
login_wait(const struct shell *sh, int ms)
{
	struct pollfd item = {.fd = sh->fd, .events = POLLIN};

	return poll(&item, 1, ms) == 0 ? 0 : -ECONNRESET;
}

int
shell_login(struct shell *sh)
{
	static const char failed[] = "% Authentication failed\r\n";
	char name[SHELL_NAME_MAX];
	char password[128];
	int rc;

	for (int i = 0; i < ATTEMPTS; i++) {
		rc = shell_write(sh, "\r\n", 2);
		if (rc == 0)
			rc = shell_ask_line(sh, "login: ", true, name,
					    sizeof(name));
		if (rc == 0)
			rc = shell_ask_line(sh, "Password: ", false, password,
					    sizeof(password));
		if (rc == -ECONNRESET)
			return rc;
		if (rc == -ECANCELED)
			continue;
		rc = login_ask(sh, name, password);
		secret_wipe(password, sizeof(password));
		if (rc == 0)
			return 0;
		log_warn("login: refused attempt=%d", i + 1);
		if (login_wait(sh, DELAY_MS << i) != 0)
			return -ECONNRESET;
		if (shell_write(sh, failed, strlen(failed)) != 0)
			return -ECONNRESET;
	}
	return -EACCES;
}
