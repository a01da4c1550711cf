/* Checking a password against the configuration's administrators. */
#include "login.h"

#include <crypt.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "running.h"
#include "secret.h"

static const struct cfg_obj *
find_administrator(struct chs *chs, const char *login)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));
	const char *at = strchr(login, '@');
	const struct cfg_obj *context =
	    cfg_find(root, CFG_CONTEXT, at != NULL ? at + 1 : "local");
	char name[64];

	if (context == NULL)
		return NULL;
	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)(at != NULL ? (size_t)(at - login) : strlen(login)),
		       login);
	return cfg_find(context, CFG_ADMIN, name);
}

/*
 * What is stored is a hash, or, where it was typed in clear, the password; both
 * are compared as octets of equal length.
 */
static bool
password_holds(const uint8_t *stored, size_t n, const char *password)
{
	struct crypt_data *data = secret_alloc(sizeof(*data));
	char setting[256];
	const char *hash;
	bool holds = false;

	if (data == NULL || n >= sizeof(setting)) {
		secret_free(&data, sizeof(*data));
		return false;
	}
	memcpy(setting, stored, n);
	setting[n] = '\0';
	if (setting[0] != '$')
		hash = password;
	else
		hash = crypt_rn(password, setting, data, (int)sizeof(*data));
	if (hash != NULL && strlen(hash) == n)
		holds = secret_equal(hash, stored, n);
	secret_wipe(setting, sizeof(setting));
	secret_free(&data, sizeof(*data));
	return holds;
}

json_t *
login_check(struct chs *chs, const json_t *rq)
{
	/* Of nobody's password: what an unknown name is compared with. */
	static const char nobody[] =
	    "$y$j9T$saltsaltsaltsaltsalt..$"
	    "0000000000000000000000000000000000000000000";
	const char *name = json_string_value(json_object_get(rq, "name"));
	const char *password =
	    json_string_value(json_object_get(rq, "password"));
	const struct cfg_obj *admin;
	const uint8_t *stored = NULL;
	size_t n = 0;
	bool holds;

	if (name == NULL || password == NULL)
		return client_error("login", -1, "Login incorrect");
	admin = find_administrator(chs, name);
	if (admin != NULL)
		stored = cfg_key(admin, CFG_ADMIN_PASSWORD, &n);
	if (stored == NULL) {
		stored = (const uint8_t *)nobody;
		n = sizeof(nobody) - 1;
	}
	holds = password_holds(stored, n, password);
	if (admin == NULL || !holds)
		return client_error("login", -1, "Login incorrect");
	return client_ok(json_pack(
	    "{s:i, s:i, s:s}", "privilege",
	    (int)cfg_u32(admin, CFG_ADMIN_START), "max",
	    (int)cfg_u32(admin, CFG_ADMIN_MAX), "context",
	    strchr(name, '@') != NULL ? strchr(name, '@') + 1 : "local"));
}
