/*
 * Stages: the processors that a packet visits, named the same everywhere
 * (traces, counters, capture points): "1/ippa", "1/eppa", "3/asp1", "xcrp".
 * A stage id is slot * 8 + role, so it indexes tables.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stddef.h>
#include <stdint.h>

#define STAGE_SLOT_MAX 14
#define STAGE_ID_MAX ((STAGE_SLOT_MAX + 1) * 8)
#define STAGE_NAME_MAX 12
#define STAGE_NONE UINT16_C(0xffff)

enum stage_role {
	STAGE_XCRP = 0, /* slot 0: the active controller, whatever its slot */
	STAGE_IPPA = 1,
	STAGE_EPPA = 2,
	STAGE_ASP1 = 3,
	STAGE_ASP2 = 4,
	STAGE_ROLES
};

static inline uint16_t
stage_id(unsigned slot, enum stage_role role)
{
	return (uint16_t)(slot * 8 + (unsigned)role);
}

static inline unsigned
stage_slot(uint16_t stage)
{
	return stage / 8U;
}

static inline enum stage_role
stage_role(uint16_t stage)
{
	return (enum stage_role)(stage % 8U);
}

/* 1: an id that a message may carry. */
int stage_valid(uint16_t stage);

/* Writes the name, always terminated; returns name. */
const char *stage_name(uint16_t stage, char name[STAGE_NAME_MAX]);

/* STAGE_NONE when the text is no stage's name. len: of the text. */
uint16_t stage_parse(const char *text, size_t len);

#endif
