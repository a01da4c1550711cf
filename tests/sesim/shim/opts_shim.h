#ifndef OPTS_SHIM_H
#define OPTS_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct opts_shim {
	double pace;
	uint64_t seed;
	int seeded;
	uint32_t trace;
	char filter[64];
	char engine[16];
	unsigned binds;
	char first[48]; /* name of the first bind */
	char path[64];  /* its file */
};

/* words: separated by one blank each. What replay_parse() returned. */
int opts_shim_parse(const char *words, struct opts_shim *opts);

#ifdef __cplusplus
}
#endif

#endif
