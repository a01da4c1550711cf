/* The table of fates as words. */
#include "pkt_fate.h"

struct fate_row {
	const char *name;
	const char *sentence;
};

static const struct fate_row rows[PKT_FATES] = {
#define X(id, name, sentence) [PKT_DROP_##id] = {name, sentence},
    PKT_DROPS(X)
#undef X
};

const char *
pkt_fate_name(unsigned fate)
{
	if (fate >= PKT_FATES || rows[fate].name == NULL)
		return "?";
	return rows[fate].name;
}

const char *
pkt_fate_sentence(unsigned fate)
{
	if (fate >= PKT_FATES || rows[fate].sentence == NULL)
		return "?";
	return rows[fate].sentence;
}
