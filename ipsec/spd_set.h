/*
 * All policy lists of one processor, by number, and which circuit is bound to
 * which. Rules come and go one by one; they act at spd_set_apply(), which
 * compiles only the lists that changed.
 */
#ifndef SPD_SET_H
#define SPD_SET_H

#include "spd.h"

#define SPD_LISTS_MAX 65536    /* numbers are below; 0 is none */
#define SPD_CIRCUITS_MAX 65536 /* likewise */
#define SPD_RULES_MAX 262144   /* ids of rules are below */

struct spd_set;

/* NULL without memory. */
struct spd_set *spd_set_new(void);
void spd_set_free(struct spd_set **set);

/*
 * Adds a rule to a list, or replaces that of its id there. -EINVAL: a list,
 * id, action or selector that can not be; -ENOMEM.
 */
int spd_set_rule(struct spd_set *set, uint32_t list,
		 const struct spd_rule *rule);
void spd_set_unrule(struct spd_set *set, uint32_t list, uint32_t id);

/* A circuit has one list; binding replaces. List 0 unbinds. -EINVAL. */
int spd_set_bind(struct spd_set *set, uint32_t circuit, uint32_t list);

/* -ENOMEM: what could not be compiled matches nothing. */
int spd_set_apply(struct spd_set *set);

/* Whether no circuit is bound: then nobody need read a packet. */
bool spd_set_idle(const struct spd_set *set);

/*
 * The list of a circuit; NULL: it is bound to none. A list without rules
 * matches nothing. Borrowed until the next spd_set_apply().
 */
const struct spd *spd_set_of(const struct spd_set *set, uint32_t circuit);

#endif
