/*
 * Who may log in by telnet: administrators of a context. Passwords are kept
 * hashed (yescrypt, libcrypt); an unknown name costs as much time as a wrong
 * password.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <jansson.h>

#include "chs.h"

/* {"name": "admin" or "admin@ctx", "password": "..."} -> {"privilege", ...}. */
json_t *login_check(struct chs *chs, const json_t *rq);

#endif
