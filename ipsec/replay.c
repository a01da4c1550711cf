/*
 * Decides whether a sequence number was seen. Called by esp_in twice per
 * packet; never reads a packet and never counts.
 *
 * RFC 4303 section 3.4.3 and appendix A2 (the high half of an extended number);
 * RFC 6479 (the ring has a word more than the window needs, so that moving it
 * clears words and shifts nothing).
 */
#include "replay.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64

static uint32_t
ring_words(unsigned window)
{
	uint32_t need = (window + WORD_BITS - 1) / WORD_BITS + 1;
	uint32_t words = 1;

	while (words < need)
		words *= 2;
	return words;
}

int
replay_init(struct replay *replay, unsigned window, bool esn, uint64_t top)
{
	struct replay r = {.top = top, .window = window, .esn = esn};
	uint32_t words;

	if (window == 0 && esn)
		return -EINVAL;
	if (window > REPLAY_WINDOW_MAX)
		return -EINVAL;
	if (window != 0) {
		words = ring_words(window);
		r.words = malloc(words * sizeof(*r.words));
		if (r.words == NULL)
			return -ENOMEM;
		memset(r.words, 0, words * sizeof(*r.words));
		r.mask = words - 1;
	}
	*replay = r;
	/* Seen: all that lies in the window up to top. */
	for (uint64_t n = 0; r.words != NULL && n < window && n < top; n++) {
		uint64_t seq = top - n;

		r.words[seq / WORD_BITS & r.mask] |= UINT64_C(1)
						     << seq % WORD_BITS;
	}
	return 0;
}

void
replay_fini(struct replay *replay)
{
	free(replay->words);
	replay->words = NULL;
}

/* RFC 4303 appendix A2.1; false when the number lies before the first. */
static bool
esn_infer(const struct replay *replay, uint32_t seq_low, uint64_t *seq)
{
	uint32_t top_low = (uint32_t)replay->top;
	uint32_t high = (uint32_t)(replay->top >> 32);
	uint32_t bottom = top_low - replay->window + 1; /* may wrap */

	if (top_low >= replay->window - 1) {
		/* The window lies in one subspace. */
		if (seq_low < bottom && high++ == UINT32_MAX)
			return false;
	} else {
		/* It spans two: a number from bottom up is of the former. */
		if (seq_low >= bottom && high-- == 0)
			return false;
	}
	*seq = (uint64_t)high << 32 | seq_low;
	return true;
}

static bool
seen(const struct replay *replay, uint64_t seq)
{
	if (seq > replay->top)
		return false;
	if (replay->top - seq >= replay->window)
		return true;
	return (replay->words[seq / WORD_BITS & replay->mask] >>
		    seq % WORD_BITS &
		1) != 0;
}

bool
replay_check(const struct replay *replay, uint32_t seq_low, uint64_t *seq)
{
	uint64_t full = seq_low;

	if (replay->esn && !esn_infer(replay, seq_low, &full))
		return false;
	/* Number 0 is never sent: counting starts at 1 (RFC 4303, 2.2). */
	if (replay->window != 0 && (full == 0 || seen(replay, full)))
		return false;
	*seq = full;
	return true;
}

static void
advance(struct replay *replay, uint64_t seq)
{
	uint64_t from = replay->top / WORD_BITS;
	uint64_t words = seq / WORD_BITS - from;

	if (words > (uint64_t)replay->mask + 1)
		words = (uint64_t)replay->mask + 1;
	for (uint64_t i = 1; i <= words; i++)
		replay->words[(seq / WORD_BITS - words + i) & replay->mask] = 0;
	replay->top = seq;
}

bool
replay_accept(struct replay *replay, uint64_t seq)
{
	if (replay->window == 0) {
		if (seq > replay->top)
			replay->top = seq;
		return true;
	}
	if (seq == 0 || seen(replay, seq))
		return false;
	if (seq > replay->top)
		advance(replay, seq);
	replay->words[seq / WORD_BITS & replay->mask] |= UINT64_C(1)
							 << seq % WORD_BITS;
	return true;
}
