/*
 * Which features stand at tunnels' circuits: those of the tunnel itself and the
 * access groups of the interface that it is bound to. Called by mirror.c, which
 * takes them out, and by compare.c, which lists them.
 */
#include "mirror_features.h"

#include <string.h>

#include "print.h"

/* The line that makes an object of a kind without a mode. */
static void
object_line(const struct cfg_obj *obj, char *line, size_t octets)
{
	static const struct cfg_print_opts opts = {.secrets =
						       CFG_SECRETS_HIDDEN};
	const struct cfg_row *row;

	line[0] = '\0';
	for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
		if (row->makes != cfg_obj_kind(obj) || row->makes == CFG_ROOT)
			continue;
		(void)cfg_row_text(obj, row, &opts, line, octets);
		return;
	}
}

static int
groups(const struct cfg_obj *tunnel, const struct cfg_obj *of,
       enum cfg_kind kind, const char *context, const char *interface,
       mirror_feature_fn *each, void *arg)
{
	char line[CFG_LINE_OCTETS];
	const struct cfg_obj *g;
	struct cfg_iter it;
	int rc = 0;

	for (g = cfg_first(&it, of, kind); g != NULL && rc == 0;
	     g = cfg_next(&it)) {
		object_line(g, line, sizeof(line));
		rc = each(arg, cfg_str(tunnel, CFG_TUNNEL_NAME), context,
			  interface, line);
	}
	return rc;
}

int
mirror_features(const struct cfg_tree *tree, mirror_feature_fn *each, void *arg)
{
	const struct cfg_obj *t;
	struct cfg_iter it;
	int rc = 0;

	for (t = cfg_first(&it, cfg_root(tree), CFG_TUNNEL);
	     t != NULL && rc == 0; t = cfg_next(&it)) {
		const char *context = cfg_str(t, CFG_TUNNEL_BIND_CONTEXT);
		const char *name = cfg_str(t, CFG_TUNNEL_BIND_INTERFACE);
		const struct cfg_obj *in =
		    context == NULL
			? NULL
			: cfg_find(cfg_root(tree), CFG_CONTEXT, context);
		const struct cfg_obj *interface =
		    in == NULL || name == NULL
			? NULL
			: cfg_find(in, CFG_INTERFACE, name);

		rc = groups(t, t, CFG_TUNNEL_QOS, NULL, NULL, each, arg);
		if (rc == 0)
			rc = groups(t, t, CFG_TUNNEL_GROUP, NULL, NULL, each,
				    arg);
		if (rc == 0)
			rc = groups(t, t, CFG_TUNNEL_GROUP6, NULL, NULL, each,
				    arg);
		if (rc == 0 && interface != NULL)
			rc = groups(t, interface, CFG_INTERFACE_GROUP, context,
				    name, each, arg);
		if (rc == 0 && interface != NULL)
			rc = groups(t, interface, CFG_INTERFACE_GROUP6, context,
				    name, each, arg);
	}
	return rc;
}

bool
mirror_features_mark(const struct cfg_tree *tree)
{
	static const enum cfg_field marks[] = {
	    CFG_QOS_CONFORM_DSCP, CFG_QOS_CONFORM_PRECEDENCE,
	    CFG_QOS_EXCEED_DSCP,  CFG_QOS_EXCEED_PRECEDENCE,
	    CFG_QOS_VIOLATE_DSCP, CFG_QOS_VIOLATE_PRECEDENCE};
	const struct cfg_obj *policy;
	struct cfg_iter it;

	for (policy = cfg_first(&it, cfg_root(tree), CFG_QOS); policy != NULL;
	     policy = cfg_next(&it)) {
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			if (cfg_has(policy, marks[i]))
				return true;
		}
	}
	return false;
}
