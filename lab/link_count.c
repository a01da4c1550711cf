/* The table of link_count.h in words: for whoever prints counts. */
#include "link_count.h"

const struct link_count_row link_count_row[LINK_COUNT_KINDS] = {
#define X(id, name, sentence) [LINK_##id] = {name, sentence},
    LINK_COUNTS(X)
#undef X
};
