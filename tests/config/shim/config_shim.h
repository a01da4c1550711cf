/*
 * The configuration library in plain types: trees in numbered slots, an editor
 * on one of them, the errors of the last call. Strings are the caller's to
 * free().
 */
#ifndef CONFIG_SHIM_H
#define CONFIG_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct config_shim;

enum { SHIM_KEY_NONE, SHIM_KEY_RIGHT, SHIM_KEY_WRONG };
enum { SHIM_SEALED, SHIM_HIDDEN, SHIM_JSON };

struct config_shim *config_shim_new(void);
void config_shim_free(struct config_shim *s);

int config_shim_load(struct config_shim *s, int slot, const char *text,
		     size_t len, int key);
int config_shim_load_file(struct config_shim *s, int slot, const char *path);
/* How many errors; those of config_shim_error(). */
unsigned config_shim_validate(struct config_shim *s, int slot);
unsigned config_shim_validate_change(struct config_shim *s, int was, int now);
/* The same of what is allowed and unwise. */
unsigned config_shim_warnings(struct config_shim *s, int slot);
/* The i-th error of the last call: "LINE:COLUMN: TEXT". */
char *config_shim_error(struct config_shim *s, unsigned i);

char *config_shim_print(struct config_shim *s, int slot, int form, int key,
			const char *section);
int config_shim_same(struct config_shim *s, int a, int b);
char *config_shim_diff(struct config_shim *s, int a, int b);
int config_shim_rebase(struct config_shim *s, int base, int candidate,
		       int running, int out);

/* An editor on a snapshot of the slot; the former one goes. */
void config_shim_edit_begin(struct config_shim *s, int slot);
/* 0 or negative; *outcome as enum cfg_outcome. */
int config_shim_edit(struct config_shim *s, const char *line, int *outcome);
/* A whole text into the editor, all or nothing. */
int config_shim_edit_text(struct config_shim *s, const char *text, size_t len);
/* The editor's tree becomes that of the slot, as one edit. */
int config_shim_edit_replace(struct config_shim *s, int slot);
unsigned config_shim_edits(struct config_shim *s);
const char *config_shim_prompt(struct config_shim *s);
void config_shim_edit_take(struct config_shim *s, int slot);
/* A line of random arguments for a random row; may be refused. */
char *config_shim_random_line(unsigned long long *seed);

/* "a b <cr>": what may follow the line in the editor's mode. */
char *config_shim_follow(struct config_shim *s, const char *line);
/* What Tab appends; NULL for nothing. */
char *config_shim_complete(struct config_shim *s, const char *line);

/* How many objects; in context local for interfaces, routes and SAs. */
unsigned config_shim_tunnels(struct config_shim *s, int slot);
unsigned config_shim_sas(struct config_shim *s, int slot);
unsigned config_shim_routes(struct config_shim *s, int slot);
/* Typed reads of the first tunnel and of the first SA of context local. */
unsigned config_shim_tunnel_mtu(struct config_shim *s, int slot);
int config_shim_tunnel_shutdown(struct config_shim *s, int slot);
size_t config_shim_sa_key(struct config_shim *s, int slot, const char *name,
			  unsigned char *octets, size_t size);
unsigned config_shim_sa_window(struct config_shim *s, int slot,
			       const char *name);
/* docs/commands.md as the schema has it. */
char *config_shim_commands(void);
/* Octets of the first piece that show configuration gives. */
size_t config_shim_print_first(struct config_shim *s, int slot);

#ifdef __cplusplus
}
#endif

#endif
