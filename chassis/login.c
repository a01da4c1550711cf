/* Checking passwords and keys against the configuration's administrators. */
#include "login.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "password.h"
#include "running.h"

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

/* What a session has to know of who is let in. */
static json_t *
let_in(const struct cfg_obj *admin, const char *name)
{
	const char *at = strchr(name, '@');

	return client_ok(json_pack("{s:i, s:i, s:i, s:s}", "privilege",
				   (int)cfg_u32(admin, CFG_ADMIN_START), "max",
				   (int)cfg_u32(admin, CFG_ADMIN_MAX),
				   "idle_minutes",
				   (int)cfg_u32(admin, CFG_ADMIN_IDLE),
				   "context", at != NULL ? at + 1 : "local"));
}

/* Are the first two words (type and base64) the same? The third is a remark. */
static bool
same_key(const char *configured, const char *offered)
{
	for (int word = 0; word < 2; word++) {
		size_t n;

		configured += strspn(configured, " \t");
		offered += strspn(offered, " \t");
		n = strcspn(configured, " \t");
		if (n == 0 || n != strcspn(offered, " \t") ||
		    memcmp(configured, offered, n) != 0)
			return false;
		configured += n;
		offered += n;
	}
	return true;
}

json_t *
login_key(struct chs *chs, const json_t *rq)
{
	const char *name = json_string_value(json_object_get(rq, "name"));
	const char *offered = json_string_value(json_object_get(rq, "key"));
	const struct cfg_obj *admin =
	    name != NULL ? find_administrator(chs, name) : NULL;
	const char *configured =
	    admin != NULL ? cfg_str(admin, CFG_ADMIN_PUBLIC_KEY) : NULL;

	if (configured == NULL || offered == NULL ||
	    !same_key(configured, offered))
		return client_error("login", -1, "Login incorrect");
	return let_in(admin, name);
}

json_t *
login_check(struct chs *chs, const json_t *rq)
{
	const char *name = json_string_value(json_object_get(rq, "name"));
	const char *password =
	    json_string_value(json_object_get(rq, "password"));
	const struct cfg_obj *admin;
	const uint8_t *hash = NULL;
	size_t n = 0;

	if (name == NULL || password == NULL)
		return client_error("login", -1, "Login incorrect");
	admin = find_administrator(chs, name);
	if (admin != NULL)
		hash = cfg_key(admin, CFG_ADMIN_PASSWORD, &n);
	if (!password_holds(hash, n, password))
		return client_error("login", -1, "Login incorrect");
	return let_in(admin, name);
}

json_t *
login_enable(struct chs *chs, const json_t *rq)
{
	const char *context = json_string_value(json_object_get(rq, "context"));
	const char *password =
	    json_string_value(json_object_get(rq, "password"));
	const struct cfg_obj *obj =
	    cfg_find(cfg_root(running_tree(chs->running)), CFG_CONTEXT,
		     context != NULL ? context : "local");
	size_t n = 0;
	const uint8_t *hash =
	    obj == NULL ? NULL : cfg_key(obj, CFG_CONTEXT_ENABLE_PASSWORD, &n);

	if (hash == NULL)
		return client_ok(json_pack("{s:b}", "needed", 0));
	if (password == NULL)
		return client_ok(json_pack("{s:b}", "needed", 1));
	if (!password_holds(hash, n, password))
		return client_error("login", -1, "Access denied");
	return client_ok(json_pack("{s:b}", "needed", 0));
}
