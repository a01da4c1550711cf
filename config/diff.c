/*
 * Differences between two versions, and the three-way merge of a commit: what
 * the candidate changed since its base goes onto the running configuration,
 * object by object; the same object changed on both sides is a conflict. Called
 * by the chassis at commit and for `show transaction`.
 */
#include "diff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "print_impl.h"

struct differ {
	struct cfg_path path;
	cfg_diff_fn *each;
	void *arg;
};

static int differ_object(struct differ *d, const struct cfg_obj *was,
			 const struct cfg_obj *now);

static int
differ_pair(void *arg, const struct cfg_obj *was, const struct cfg_obj *now)
{
	struct differ *d = arg;
	int rc;

	cfg_obj_step(was == NULL ? now : was, &d->path.step[d->path.depth++]);
	if (was == NULL || now == NULL)
		rc = d->each(d->arg, &d->path, was, now);
	else
		rc = differ_object(d, was, now);
	d->path.depth--;
	return rc;
}

static int
differ_object(struct differ *d, const struct cfg_obj *was,
	      const struct cfg_obj *now)
{
	int rc = 0;

	if (was == now)
		return 0;
	if (!cfg_obj_same_own(was, now))
		rc = d->each(d->arg, &d->path, was, now);
	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS && rc == 0; k++) {
		if (cfg_kind_get((enum cfg_kind)k)->parent == cfg_obj_kind(was))
			rc = cfg_pairs(was, now, (enum cfg_kind)k, differ_pair,
				       d);
	}
	return rc;
}

int
cfg_diff(const struct cfg_tree *was, const struct cfg_tree *now,
	 cfg_diff_fn *each, void *arg)
{
	struct differ d = {.each = each, .arg = arg};

	return differ_object(&d, cfg_root(was), cfg_root(now));
}

struct texter {
	const struct cfg_tree *was, *now;
	struct cfg_print_opts opts;
	cfg_out_fn *out;
	void *arg;
	struct cfg_path last; /* whose enclosing modes are shown already */
};

static bool
step_same(const struct cfg_step *a, const struct cfg_step *b)
{
	return a->kind == b->kind && a->n_keys == b->n_keys &&
	       memcmp(a->keys, b->keys, a->n_keys * sizeof(a->keys[0])) == 0;
}

/* The lines of the modes down to depth that are not shown yet. */
static int
text_modes(struct texter *t, const struct cfg_path *path, unsigned depth)
{
	unsigned same = 0;
	int rc = 0;

	while (same < depth && same < t->last.depth &&
	       step_same(&path->step[same], &t->last.step[same]))
		same++;
	for (unsigned i = same; i < depth && rc == 0; i++) {
		struct cfg_path part = *path;
		char line[CFG_OBJECT_OCTETS];
		const struct cfg_obj *obj;

		part.depth = i + 1;
		obj = cfg_tree_find(t->now, &part);
		cfg_obj_text(obj, line, sizeof(line));
		rc = print_line(line, i, ' ', t->out, t->arg);
	}
	t->last = *path;
	t->last.depth = depth;
	return rc;
}

static int
text_rows(struct texter *t, unsigned depth, const struct cfg_obj *was,
	  const struct cfg_obj *now)
{
	char a[CFG_LINE_OCTETS], b[CFG_LINE_OCTETS];
	const struct cfg_row *row;
	int rc = 0;

	for (unsigned i = 0; rc >= 0 && (row = cfg_row_get(i)) != NULL; i++) {
		bool fields =
		    row->makes == CFG_ROOT && row->mode == cfg_obj_kind(now);
		bool makes =
		    row->makes != CFG_ROOT && row->makes == cfg_obj_kind(now);
		unsigned level = depth - (makes ? 1 : 0);

		if ((!fields && !makes) || cfg_row_act(row) != NULL)
			continue;
		rc = cfg_row_text(was, row, &t->opts, a, sizeof(a));
		if (rc >= 0)
			rc = cfg_row_text(now, row, &t->opts, b, sizeof(b));
		if (rc < 0 || strcmp(a, b) == 0)
			continue;
		if (a[0] != '\0')
			rc = print_line(a, level, '-', t->out, t->arg);
		if (rc >= 0 && b[0] != '\0')
			rc = print_line(b, level, '+', t->out, t->arg);
	}
	return rc < 0 ? rc : 0;
}

static int
text_each(void *arg, const struct cfg_path *path, const struct cfg_obj *was,
	  const struct cfg_obj *now)
{
	struct texter *t = arg;
	bool both = was != NULL && now != NULL;
	int rc = text_modes(t, path,
			    path->depth - (both || path->depth == 0 ? 0 : 1));

	if (rc != 0)
		return rc;
	if (both)
		return text_rows(t, path->depth, was, now);
	return print_object(was == NULL ? now : was, path->depth - 1,
			    was == NULL ? '+' : '-', &t->opts, t->out, t->arg);
}

int
cfg_diff_text(const struct cfg_tree *was, const struct cfg_tree *now,
	      cfg_out_fn *out, void *arg)
{
	struct texter t = {.was = was, .now = now, .out = out, .arg = arg};

	t.opts.secrets = CFG_SECRETS_HIDDEN;
	t.opts.salt = cfg_salt(cfg_tree_cfg(now));
	return cfg_diff(was, now, text_each, &t);
}

struct rebase {
	const struct cfg_tree *running;
	struct cfg_tree *out;
	struct cfg_error *err;
};

static int
rebase_conflict(struct rebase *r, const struct cfg_obj *obj)
{
	*r->err = (struct cfg_error){.fault = SYNTAX_INVALID};
	cfg_obj_text(obj, r->err->object, sizeof(r->err->object));
	if (cfg_obj_kind(obj) == CFG_ROOT)
		(void)snprintf(r->err->object, sizeof(r->err->object),
			       "system");
	(void)snprintf(
	    r->err->text, sizeof(r->err->text),
	    "changed by another transaction meanwhile; expected abort, and the "
	    "change made again on the present configuration");
	return -EBUSY;
}

static int
rebase_each(void *arg, const struct cfg_path *path, const struct cfg_obj *was,
	    const struct cfg_obj *now)
{
	struct rebase *r = arg;
	const struct cfg_obj *run = cfg_tree_find(r->running, path);
	int rc;

	if (was != NULL && now != NULL) {
		if (run == NULL)
			return rebase_conflict(r, was);
		if (cfg_obj_same_own(run, now))
			return 0;
		if (!cfg_obj_same_own(run, was))
			return rebase_conflict(r, was);
		return cfg_tree_set_own(r->out, path, now);
	}
	if (now == NULL) {
		if (run == NULL)
			return 0;
		if (!cfg_obj_same(run, was))
			return rebase_conflict(r, was);
		return cfg_tree_remove(r->out, path);
	}
	if (run != NULL)
		return cfg_obj_same(run, now) ? 0 : rebase_conflict(r, now);
	rc = cfg_tree_put(r->out, path, now);
	/* What it was to stand in is gone. */
	return rc == -ENOENT ? rebase_conflict(r, now) : rc;
}

int
cfg_rebase(const struct cfg_tree *base, const struct cfg_tree *candidate,
	   const struct cfg_tree *running, struct cfg_tree **out,
	   struct cfg_error *err)
{
	bool moved = cfg_root(running) != cfg_root(base);
	struct rebase r = {.running = running, .err = err};
	int rc = 0;

	r.out = cfg_tree_snapshot(moved ? running : candidate);
	if (r.out == NULL)
		return -ENOMEM;
	if (moved)
		rc = cfg_diff(base, candidate, rebase_each, &r);
	if (rc == 0)
		*out = r.out;
	else
		cfg_tree_free(&r.out);
	return rc;
}
