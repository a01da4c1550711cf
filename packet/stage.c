/* Names of stages and back; design of the ids in the header. */
#include "stage.h"

#include <stdio.h>
#include <string.h>

static const char *const role_names[STAGE_ROLES] = {
    [STAGE_XCRP] = "xcrp", [STAGE_IPPA] = "ippa", [STAGE_EPPA] = "eppa",
    [STAGE_ASP1] = "asp1", [STAGE_ASP2] = "asp2",
};

int
stage_valid(uint16_t stage)
{
	unsigned slot = stage_slot(stage);
	enum stage_role role = stage_role(stage);

	if (role == STAGE_XCRP)
		return slot == 0;
	return slot >= 1 && slot <= STAGE_SLOT_MAX && role < STAGE_ROLES;
}

const char *
stage_name(uint16_t stage, char name[STAGE_NAME_MAX])
{
	if (!stage_valid(stage))
		(void)snprintf(name, STAGE_NAME_MAX, "?");
	else if (stage_role(stage) == STAGE_XCRP)
		(void)snprintf(name, STAGE_NAME_MAX, "xcrp");
	else
		(void)snprintf(name, STAGE_NAME_MAX, "%u/%s", stage_slot(stage),
			       role_names[stage_role(stage)]);
	return name;
}

uint16_t
stage_parse(const char *text, size_t len)
{
	char name[STAGE_NAME_MAX];

	for (uint16_t id = 0; id < STAGE_ID_MAX; id++) {
		if (!stage_valid(id))
			continue;
		stage_name(id, name);
		if (strlen(name) == len && memcmp(name, text, len) == 0)
			return id;
	}
	return STAGE_NONE;
}
