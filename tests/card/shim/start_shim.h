/* The C face of card_start.h for C++ tests. */
#ifndef START_SHIM_H
#define START_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

struct start_shim {
	unsigned slot;
	unsigned epoch;
	unsigned buffers;
	int stats_fd;
	int keys_fd;
	int level;
	int colour; /* of the role's one option, --colour red|blue; 0: none */
};

/* words after the program's name, up to NULL; what card_start_parse() says. */
int start_shim_parse(const char *const *words, struct start_shim *got);

/* card_start_process() of a child whose parent it is told is another one. */
int start_shim_orphan(void);

#ifdef __cplusplus
}
#endif

#endif
