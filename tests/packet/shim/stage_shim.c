/* Names need a buffer; here it is. */
#include "stage_shim.h"

#include <string.h>

#include "stage.h"

uint16_t
stage_shim_id(unsigned slot, unsigned role)
{
	return stage_id(slot, (enum stage_role)role);
}

int
stage_shim_valid(uint16_t stage)
{
	return stage_valid(stage);
}

const char *
stage_shim_name(uint16_t stage)
{
	static _Thread_local char name[STAGE_NAME_MAX];

	return stage_name(stage, name);
}

uint16_t
stage_shim_parse(const char *text)
{
	return stage_parse(text, strlen(text));
}

uint16_t
stage_shim_none(void)
{
	return STAGE_NONE;
}

unsigned
stage_shim_end(void)
{
	return STAGE_ID_MAX;
}
