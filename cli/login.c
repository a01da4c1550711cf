/*
 * Logins. The chassis judges; a password is wiped and never in a log. What
 * telnet shows stands here too: name, password, three times at most, called by
 * session.c before libcli's loop begins, whose own login has another prompt and
 * no place for the session. What SSH does instead is in sshd_conn.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "secret.h"
#include "shell.h"

/* What the chassis said of an administrator becomes the session's. */
static void
login_take(struct shell *sh, const char *name, const json_t *data)
{
	const json_t *level = json_object_get(data, "privilege");
	const char *context;

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
}

/* name NULL: a question only. */
static int
login_ask(struct shell *sh, const char *name, json_t *request)
{
	struct ask_error error;
	json_t *data = NULL;
	int rc = ask(sh->ask, request, &data, &error);

	if (rc == 0 && name != NULL)
		login_take(sh, name, data);
	json_decref(data);
	return rc;
}

int
shell_login_password(struct shell *sh, const char *name, const char *password)
{
	json_t *secret = json_string(password); /* NULL: no UTF-8 */
	int rc =
	    login_ask(sh, name,
		      json_pack("{s:s,s:s,s:O,s:s}", "op", "login", "name",
				name, "password", secret, "from", sh->from));

	if (secret != NULL)
		secret_wipe((char *)(uintptr_t)json_string_value(secret),
			    json_string_length(secret));
	json_decref(secret);
	return rc;
}

int
shell_login_key(struct shell *sh, const char *name, const char *key,
		bool proved)
{
	return login_ask(sh, proved ? name : NULL,
			 json_pack("{s:s,s:s,s:s,s:b,s:s}", "op", "login-key",
				   "name", name, "key", key, "proved",
				   (int)proved, "from", sh->from));
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

	for (int i = 0; i < SHELL_LOGIN_ATTEMPTS; i++) {
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
		rc = shell_login_password(sh, name, password);
		secret_wipe(password, sizeof(password));
		if (rc == 0)
			return 0;
		log_warn("login: refused attempt=%d", i + 1);
		if (login_wait(sh, SHELL_LOGIN_DELAY_MS << i) != 0)
			return -ECONNRESET;
		if (shell_write(sh, failed, strlen(failed)) != 0)
			return -ECONNRESET;
	}
	return -EACCES;
}
