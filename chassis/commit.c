/*
 * Commits. The copy on disk (keep.c) is written after the answer; a chassis
 * that dies between the two goes on with the configuration before. Called by
 * session.c and by the loop.
 */
#include "commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "events.h"
#include "keep.h"
#include "log.h"
#include "push.h"
#include "running.h"
#include "validate.h"

#define PATH_OCTETS 256
#define KEEP_LOOK_NS (20 * CLOCK_MS_NS)

struct commits {
	struct history *history;
	struct cfg_tree *back; /* to come back to, or NULL */
	uint64_t back_ns;      /* when */
	bool old;              /* the copy on disk */
	struct keep *keep;     /* who writes it */
	json_t *warnings;      /* of what runs; NULL: not asked for yet */
};

bool
commit_kept_path(const struct chs *chs, char *path, size_t octets)
{
	int n = snprintf(path, octets, "%s/running.cfg", chs->args->run_dir);

	return n > 0 && (size_t)n < octets;
}

static int
note(struct chs *chs, const struct commit_by *by)
{
	struct history_entry e = {.generation = chs->generation,
				  .time_ns = clock_wall()};

	if (strcmp(by->from, "boot") != 0)
		event_add(chs, EVENT_INFO, "CFG", "COMMIT",
			  "generation %u committed by %s from %s%s%s",
			  chs->generation, by->who, by->from,
			  by->comment[0] != '\0' ? ": " : "", by->comment);
	(void)snprintf(e.who, sizeof(e.who), "%s", by->who);
	(void)snprintf(e.from, sizeof(e.from), "%s", by->from);
	(void)snprintf(e.comment, sizeof(e.comment), "%s", by->comment);
	return history_add(chs->commits->history, &e,
			   running_tree(chs->running));
}

int
commits_new(struct chs *chs)
{
	static const struct commit_by boot = {"-", "boot", ""};

	chs->commits = calloc(1, sizeof(*chs->commits));
	if (chs->commits == NULL)
		return -ENOMEM;
	chs->commits->history = history_new();
	chs->commits->keep = keep_new();
	if (chs->commits->history == NULL || chs->commits->keep == NULL)
		return -ENOMEM;
	return note(chs, &boot);
}

static void
keep_now(struct chs *chs)
{
	struct commits *c = chs->commits;
	char path[PATH_OCTETS];
	int err = -ENAMETOOLONG;

	if (commit_kept_path(chs, path, sizeof(path)))
		err = keep_begin(c->keep, running_tree(chs->running),
				 running_key(chs->running), path);
	if (err != 0)
		log_warn("commit: the running configuration is not kept for a"
			 " restart: %s",
			 strerror(-err));
	c->old = false;
}

static void
commits_free(struct commits **at)
{
	keep_free(&(*at)->keep);
	json_decref((*at)->warnings);
	history_free(&(*at)->history);
	cfg_tree_free(&(*at)->back);
	free(*at);
	*at = NULL;
}

void
commits_end(struct chs *chs)
{
	if (chs->commits == NULL)
		return;
	if (chs->commits->old) {
		keep_wait(chs->commits->keep);
		keep_now(chs);
	}
	commits_free(&chs->commits);
}

const struct history *
commit_history(const struct chs *chs)
{
	return chs->commits->history;
}

static json_t *
sentences(const struct cfg_errors *errors)
{
	json_t *list = json_array();
	char text[800];

	for (unsigned i = 0; i < errors->n; i++) {
		(void)snprintf(text, sizeof(text), "%s%s%s",
			       errors->list[i].object,
			       errors->list[i].object[0] != '\0' ? ": " : "",
			       errors->list[i].text);
		(void)json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *
commit_warnings(struct chs *chs)
{
	struct commits *c = chs->commits;
	struct cfg_errors warnings = {0};

	if (c->warnings == NULL) {
		(void)cfg_warnings(running_tree(chs->running), &warnings);
		c->warnings = sentences(&warnings);
		cfg_errors_fini(&warnings);
	}
	return json_incref(c->warnings);
}

static json_t *
refused(const struct cfg_errors *errors)
{
	json_t *list = sentences(errors);
	json_t *answer;

	answer = client_error("validation", -1, "%s",
			      errors->n > 0
				  ? json_string_value(json_array_get(list, 0))
				  : "the configuration is not valid");
	(void)json_object_set_new(json_object_get(answer, "error"), "all",
				  list);
	return answer;
}

json_t *
commit_tree(struct chs *chs, const struct cfg_tree *tree,
	    const struct commit_by *by)
{
	struct cfg_errors errors = {0};
	json_t *answer = NULL;
	char why[512] = "";
	int err;

	if (cfg_validate_change(running_tree(chs->running), tree, &errors) != 0)
		answer = refused(&errors);
	cfg_errors_fini(&errors);
	if (answer != NULL)
		return answer;
	err = push_commit(chs, tree, why, sizeof(why));
	if (err != 0)
		return client_error("machine", -1, "%s",
				    why[0] != '\0' ? why : strerror(-err));
	if (note(chs, by) != 0)
		log_warn("commit: not noted in the history: no memory");
	json_decref(chs->commits->warnings);
	chs->commits->warnings = NULL;
	chs->commits->old = !chs->args->replay;
	return NULL;
}

/* --- commits that are taken back ------------------------------------------ */

int
commit_wait_confirm(struct chs *chs, const struct cfg_tree *back,
		    unsigned seconds)
{
	struct commits *c = chs->commits;

	if (c->back == NULL)
		c->back = cfg_tree_snapshot(back);
	if (c->back == NULL)
		return -ENOMEM;
	c->back_ns = clock_monotonic() + seconds * CLOCK_SECOND_NS;
	return 0;
}

bool
commit_confirm(struct chs *chs)
{
	bool waited = chs->commits->back != NULL;

	cfg_tree_free(&chs->commits->back);
	return waited;
}

unsigned
commit_confirm_left(const struct chs *chs)
{
	uint64_t now = clock_monotonic();

	if (chs->commits->back == NULL)
		return 0;
	return chs->commits->back_ns <= now
		   ? 1
		   : (unsigned)((chs->commits->back_ns - now) /
				CLOCK_SECOND_NS) +
			 1;
}

static void
take_back(struct chs *chs)
{
	static const struct commit_by by = {"-", "timer",
					    "rolled back: not confirmed"};
	struct cfg_tree *back = chs->commits->back;
	json_t *error;

	chs->commits->back = NULL;
	error = commit_tree(chs, back, &by);
	if (error != NULL)
		log_error("commit: not confirmed, and can not be rolled back");
	else
		log_warn("commit: not confirmed, rolled back generation=%u",
			 chs->generation);
	json_decref(error);
	cfg_tree_free(&back);
}

uint64_t
commit_deadline(const struct chs *chs)
{
	const struct commits *c = chs->commits;
	uint64_t back_ns;

	if (c == NULL)
		return UINT64_MAX;
	back_ns = c->back != NULL ? c->back_ns : UINT64_MAX;
	if (!keep_busy(c->keep))
		return c->old ? 0 : back_ns;
	return back_ns < clock_monotonic() + KEEP_LOOK_NS
		   ? back_ns
		   : clock_monotonic() + KEEP_LOOK_NS;
}

void
commit_step(struct chs *chs)
{
	struct commits *c = chs->commits;

	if (c->back != NULL && clock_monotonic() >= c->back_ns)
		take_back(chs);
	keep_reap(c->keep);
	if (c->old && !keep_busy(c->keep))
		keep_now(chs);
}
