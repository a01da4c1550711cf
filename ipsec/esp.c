/*
 * The room of one ASP's ESP, and which drop an SA counts under which of its
 * counters: a row per fate. The stage counts fates itself, once, elsewhere.
 */
#include "esp.h"

#include <errno.h>
#include <stdlib.h>

#define UNCOUNTED SA_COUNTERS_MAX

/* Fates that are not here are the stage's alone. */
static const struct {
	enum pkt_fate fate;
	enum sa_counter counter;
} reasons[] = {
    {PKT_DROP_REPLAY, SA_COUNTER_REPLAY},
    {PKT_DROP_INTEGRITY, SA_COUNTER_INTEGRITY},
    {PKT_DROP_BAD_ESP_LENGTH, SA_COUNTER_FORMAT},
    {PKT_DROP_BAD_PADDING, SA_COUNTER_FORMAT},
    {PKT_DROP_BAD_IP_HEADER, SA_COUNTER_FORMAT},
    {PKT_DROP_SELECTOR_MISMATCH, SA_COUNTER_SELECTOR},
    {PKT_DROP_SEQUENCE_EXHAUSTED, SA_COUNTER_EXHAUSTED},
    {PKT_DROP_SEQUENCE_NOT_GRANTED, SA_COUNTER_EXHAUSTED},
};

int
esp_init(struct esp *esp, const struct pkt_mem *mem, struct sad *sad,
	 struct alg *alg)
{
	struct esp_work *work = calloc(1, sizeof(*work));

	if (work == NULL)
		return -ENOMEM;
	*esp = (struct esp){.mem = mem, .sad = sad, .alg = alg, .work = work};
	return 0;
}

void
esp_fini(struct esp *esp)
{
	free(esp->work);
	*esp = (struct esp){0};
}

static enum sa_counter
reason_counter(enum pkt_fate fate)
{
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].fate == fate)
			return reasons[i].counter;
	}
	return UNCOUNTED;
}

void
esp_drop(struct pkt_vec *v, unsigned packet, struct esp_sa *sa,
	 enum pkt_fate fate)
{
	enum sa_counter counter = reason_counter(fate);

	v->fate[packet] = (uint8_t)fate;
	if (sa != NULL && counter != UNCOUNTED)
		counter_add(&sa->counters->c[counter], 1);
}

void
esp_count(struct esp_sa *sa, uint32_t octets)
{
	counter_add(&sa->counters->c[SA_COUNTER_PACKETS], 1);
	counter_add(&sa->counters->c[SA_COUNTER_OCTETS], octets);
}
