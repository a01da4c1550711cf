#include "hdr_view_shim.h"

#include <stdio.h>
#include <string.h>

#include "hdr_view.h"
#include "pkt_head.h"

struct text {
	char *at;
	size_t octets;
};

size_t
head_shim(const uint8_t *at, size_t octets, size_t link)
{
	return pkt_head_octets(at, octets, link);
}

static void
say(void *arg, const char *sentence)
{
	struct text *text = arg;
	size_t n = strlen(text->at);

	(void)snprintf(text->at + n, text->octets - n, "%s%s",
		       n == 0 ? "" : "; ", sentence);
}

unsigned
hdr_shim_diff(const uint8_t *was, size_t was_octets, size_t was_link,
	      const uint8_t *now, size_t now_octets, size_t now_link,
	      char *text, size_t text_octets)
{
	struct text arg = {text, text_octets};
	struct hdr_view a;
	struct hdr_view b;

	text[0] = '\0';
	hdr_view_read(&a, was, was_octets, was_link);
	hdr_view_read(&b, now, now_octets, now_link);
	return hdr_view_diff(&a, &b, say, &arg);
}

void
hdr_shim_text(const uint8_t *at, size_t octets, size_t link, char *text,
	      size_t text_octets)
{
	char words[HDR_VIEW_TEXT_MAX];
	struct hdr_view view;

	hdr_view_read(&view, at, octets, link);
	(void)snprintf(text, text_octets, "%s", hdr_view_text(&view, words));
}
