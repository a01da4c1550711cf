/*
 * What the configuration says to terminals. Called for each session when it
 * begins and when it has committed.
 */
#include "login.h"
#include "running.h"

static void
add_text(json_t *to, const char *name, const struct cfg_obj *obj,
	 enum cfg_field field)
{
	const char *text = cfg_str(obj, field);

	if (text != NULL)
		(void)json_object_set_new(to, name, json_string(text));
}

static json_t *
banners(const struct cfg_obj *root)
{
	json_t *all = json_object();

	add_text(all, "login", root, CFG_ROOT_BANNER_LOGIN);
	add_text(all, "motd", root, CFG_ROOT_BANNER_MOTD);
	add_text(all, "exec", root, CFG_ROOT_BANNER_EXEC);
	return all;
}

static json_t *
aliases(const struct cfg_obj *root)
{
	json_t *all = json_object();
	const struct cfg_obj *obj;
	struct cfg_iter it;

	for (obj = cfg_first(&it, root, CFG_ALIAS); obj != NULL;
	     obj = cfg_next(&it))
		add_text(all, cfg_str(obj, CFG_ALIAS_NAME), obj,
			 CFG_ALIAS_TEXT);
	return all;
}

static json_t *
macros(const struct cfg_obj *root)
{
	json_t *all = json_object();
	const struct cfg_obj *macro;
	const struct cfg_obj *step;
	struct cfg_iter it;
	struct cfg_iter steps;

	for (macro = cfg_first(&it, root, CFG_MACRO); macro != NULL;
	     macro = cfg_next(&it)) {
		json_t *list = json_array();

		for (step = cfg_first(&steps, macro, CFG_MACRO_STEP);
		     step != NULL; step = cfg_next(&steps))
			(void)json_array_append_new(
			    list,
			    json_string(cfg_str(step, CFG_MACRO_STEP_TEXT)));
		(void)json_object_set_new(all, cfg_str(macro, CFG_MACRO_NAME),
					  list);
	}
	return all;
}

static json_t *
levels(const struct cfg_obj *root)
{
	json_t *all = json_object();
	const struct cfg_obj *obj;
	struct cfg_iter it;

	for (obj = cfg_first(&it, root, CFG_LEVEL); obj != NULL;
	     obj = cfg_next(&it))
		(void)json_object_set_new(
		    all, cfg_str(obj, CFG_LEVEL_COMMAND),
		    json_integer(cfg_u32(obj, CFG_LEVEL_LEVEL)));
	return all;
}

json_t *
terminal_settings(struct chs *chs)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "hostname",
			 cfg_str(root, CFG_ROOT_HOSTNAME), "context", "local",
			 "name", chs->args->name, "banners", banners(root),
			 "aliases", aliases(root), "macros", macros(root),
			 "levels", levels(root));
}
