/*
 * Commands of ASPs and of cards as a whole: what they are, and taking them out
 * of service. The chassis does it and answers when it is done. Called through
 * the table by exec.c.
 */
#include "cmd.h"
#include "exec.h"
#include "shell.h"

static void
order(struct shell *sh, json_t *request, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;

	if (ask(sh->ask, request, &data, &error) != 0)
		exec_refused(o, &error, 0);
	json_decref(data);
}

/* A request about an ASP, SLOT/ASP. */
static json_t *
asp_request(const char *op, const struct syntax_match *match)
{
	json_int_t n = (json_int_t)match->values[CMD_ARG_ASP].n;

	return json_pack("{s:s, s:I, s:I}", "op", op, "slot", n >> 8, "asp",
			 n & 0xff);
}

static void
cmd_reload_card(struct shell *sh, const struct syntax_match *match,
		struct out *o)
{
	order(sh,
	      json_pack("{s:s, s:I}", "op", "reload", "slot",
			(json_int_t)match->values[CMD_ARG_SLOT].n),
	      o);
}

static void
cmd_reload_asp(struct shell *sh, const struct syntax_match *match,
	       struct out *o)
{
	order(sh, asp_request("reload", match), o);
}

static void
asp_shutdown(struct shell *sh, const struct syntax_match *match, json_t *shut,
	     struct out *o)
{
	json_t *request = asp_request("asp-shutdown", match);

	(void)json_object_set_new(request, "shutdown", shut);
	order(sh, request, o);
}

static void
cmd_asp_shutdown(struct shell *sh, const struct syntax_match *match,
		 struct out *o)
{
	asp_shutdown(sh, match, json_true(), o);
}

static void
cmd_no_asp_shutdown(struct shell *sh, const struct syntax_match *match,
		    struct out *o)
{
	asp_shutdown(sh, match, json_false(), o);
}

#define BOTH (CMD_EXEC | CMD_CONFIG)

const struct cmd_row cmd_asp_rows[] = {
    {"asp shutdown <slot/asp>", CMD_EXEC, 10, cmd_asp_shutdown, NULL,
     "Take an ASP out of service until this is undone or the router restarts"},
    {"no asp shutdown <slot/asp>", CMD_EXEC, 10, cmd_no_asp_shutdown, NULL,
     "Put an ASP back into service"},
    {"reload asp <slot/asp>", CMD_EXEC, 10, cmd_reload_asp, NULL,
     "Restart an ASP; it comes back with its full tables"},
    {"reload card <slot>", CMD_EXEC, 10, cmd_reload_card, NULL,
     "Restart all processors of a card"},
    {"show asp [<slot/asp>] [<detail>]", BOTH, 0, cmd_show, "asp",
     "Advanced Services Processors: pool, group, state, tunnels"},
    {"show asp group [<group>] [<detail>]", BOTH, 0, cmd_show, "asp-group",
     "ASP groups, and who has their seats"},
    {"show asp pool [<pool>]", BOTH, 0, cmd_show, "asp-pool",
     "ASP pools: members, spares"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
