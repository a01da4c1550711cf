/* What rounds.c, rounds_open.c and rounds_end.c share. */
#ifndef ROUNDS_IMPL_H
#define ROUNDS_IMPL_H

#include "rounds.h"

enum rounds_phase {
	ROUNDS_OPENING, /* ports and points are being opened */
	ROUNDS_RUNNING,
	ROUNDS_DRAINING, /* no more input; packets are still inside */
	ROUNDS_DONE      /* told */
};

/* One round in circulation. */
struct round {
	uint32_t number;
	uint32_t answers;  /* iPPAs that have not said what they admitted */
	uint64_t admitted; /* and originated */
	uint64_t fates;
	uint64_t gathered; /* packets that wait at ASPs for their others */
	uint64_t held;     /* packets for the controller that wait at it */
	uint64_t tasks;    /* held, and drops that it was told of */
};

/* An iPPA that reads: what lies ahead of it. */
struct home {
	bool reads;
	bool ended;
	uint64_t next_ns;
	uint64_t limit_ns;
};

struct rounds {
	enum rounds_phase phase;
	struct bus_peer client;
	struct home home[STAGE_ID_MAX];
	bool writes[STAGE_ID_MAX]; /* ports or capture points: hears of FLUSH */
	struct round open[PKT_ROUNDS_OPEN];
	uint64_t admitted; /* packets, in all rounds */
	unsigned nopen;    /* open[0] is the oldest */
	uint32_t number;   /* of the last round begun */
	unsigned asked;    /* answers to PORT_OPEN, ... outstanding */
	unsigned closing;
	int error; /* of the first that could not be opened */
	char why[512];
	bool stopping; /* asked to stop, or a death */
	bool asking;   /* an ADMIT is unanswered */
	double pace;   /* 0: as fast as it goes */
	bool paced;    /* pace_wall_ns and pace_capture_ns are set */
	uint64_t pace_wall_ns;
	uint64_t pace_capture_ns;
	uint64_t wake_ns; /* pacing: when the next packet is due */
	uint64_t progress_ns;
	uint64_t moved_ns;       /* when cards last told of packets */
	bool lost[STAGE_ID_MAX]; /* died */
	json_t *problems;
};

void rounds_problem(struct rounds *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* To all ASPs: begin to gather (0), work on what was gathered of rounds up to
 * this, or end it (~0); see asecard/ase_gather.h. */
void rounds_gather(struct chs *chs, uint32_t number);
void rounds_flush(struct chs *chs, uint32_t number);
/* How many packets each card that reads may hold ready. */
uint32_t rounds_share(const struct chs *chs);
/* rounds_end.c: close, account, tell. */
void rounds_end(struct chs *chs);
/* rounds_end.c: waits until nothing moves (after a death). */
void rounds_quiesce(struct chs *chs);

#endif
