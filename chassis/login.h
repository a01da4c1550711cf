/*
 * Who may log in by telnet and SSH: administrators of a context. Passwords are
 * kept hashed (yescrypt, libcrypt); an unknown name costs as much time as a
 * wrong password.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <jansson.h>

#include "chs.h"

/* {"name": "admin" or "admin@ctx", "password": "..."} -> {"privilege", ...}. */
json_t *login_check(struct chs *chs, const json_t *rq);

/*
 * {"name": ..., "key": "ssh-ed25519 AAAA..."} -> as login_check(): whether the
 * name's public-key is that one. That whoever offers it holds its private half
 * is for the caller to see to; "proved" says that it did.
 */
json_t *login_key(struct chs *chs, const json_t *rq);

/*
 * Whether the request's password opens a context's higher privilege: {"needed":
 * false} where none is configured, {"needed": true} where it is and the request
 * brings none.
 */
json_t *login_enable(struct chs *chs, const json_t *rq);

/*
 * What a terminal has to know of the configuration: hostname, banners, aliases,
 * macros, levels of commands. Never NULL but without memory.
 */
json_t *terminal_settings(struct chs *chs);

#endif
