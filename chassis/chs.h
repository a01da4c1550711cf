/*
 * All that the chassis knows, and the loop that drives it. The parts:
 *
 *   chs.c      the loop; chs_run.c: setting out and leaving
 *   asps.c     ASPs whose seats others take; seats.c: who has which
 *   slot.c     processes of cards: starts, deaths, restarts, heartbeats
 *   chs_ctl.c  messages of cards
 *   links.c    which stages are linked, and bringing links up and down
 *   push.c     tables to cards, by generation, in two phases
 *   running.c  the configuration; derive.c, routes.c: the rows it becomes
 *   client.c   requests of command lines and of the operator's hand
 *   session.c  configuration sessions: candidate, commit
 *   commit.c   what makes a tree run; commits that wait to be confirmed
 *   keying.c   tunnels whose keys ASPs negotiate
 *   history.c  the commits there were
 *   events.c   the log that operators read
 *   show.c     what the machine looks like, as JSON
 *   rounds.c   a replay: admission by rounds, drain, close
 *   account.c  the sums; tallies.c: of circuits and rows of access lists
 *   rates.c    rates of ports
 *   journey.c  journeys of traced packets; journey_names.c, journey_why.c
 *   debug.c    events of the inside that operators asked for
 *   punt.c     the controller's links: packets for it, and its own
 *   own.c      its own packets: when they are made, and their accounts
 *   answer.c   who answers what: echo, ICMP errors
 *   inject.c   where an own packet goes
 *   ping.c     ping and traceroute
 *   path_mtu.c what was heard of the paths of SAs
 *   pools.c    packet memory, and who has it
 *   seqlog.c   sequence numbers granted
 *   proc.c     processes
 */
#ifndef CHS_H
#define CHS_H

#include "bp_link.h"
#include "bus.h"
#include "chassis.h"
#include "ctl_chan.h"
#include "pkt_tally.h"
#include "proc.h"
#include "seqlog.h"
#include "stage.h"
#include "stats.h"

#define CHS_ROUND_PACKETS 2048
#define CHS_ROUNDS_OPEN 4
#define CHS_HEARTBEAT_NS (UINT64_C(5) * 1000000000)
#define CHS_WAIT_NS (UINT64_C(10) * 1000000000)

/* A link is up when the sender said so for the epochs at both ends. */
struct link_pair {
	uint32_t from_epoch;
	uint32_t to_epoch;
	bool asked;
	bool up;
};

/* The packet memory of a stage; it outlives the stage's processes. */
struct pool_memory {
	int fd; /* or -1 */
	uint32_t buffers;
	uint32_t gone_epoch; /* of the stage: up to it all is drained */
};

struct cap_error;
struct cap_order;
struct own;
struct answer;
struct inject;
struct pings;
struct path_mtus;
struct running;
struct rounds;
struct clients;
struct commits;
struct event_seen;
struct events;
struct tallies;
struct rates;
struct debug;
struct journeys;
struct keying;

struct chs {
	const struct chassis_args *args;
	struct bus_sock *ctl;
	char endpoint[BUS_ENDPOINT_MAX];
	struct proc proc[STAGE_ID_MAX]; /* by stage id; [0] is the chassis */
	struct proc cli;
	struct link_pair *pairs; /* STAGE_ID_MAX x STAGE_ID_MAX, by from, to */
	bool draining[STAGE_ID_MAX];
	bool answered[STAGE_ID_MAX]; /* a phase of a commit */
	int push_error;
	char push_why[256];
	bool probing[STAGE_ID_MAX];
	uint32_t probe_nonce;
	uint64_t probe_sent;
	uint64_t probe_received;
	struct proc_common common;
	struct pool_memory pool[STAGE_ID_MAX];
	struct stats *xcrp; /* the chassis's own counters */
	struct bp *bp;      /* of the punt path */
	struct pkt_vec *punted;
	struct cap_order *punt_order; /* capture point xcrp, or NULL */
	unsigned punt_iface;
	int punt_socket; /* of who looks on, where punt_fed */
	bool punt_fed;
	unsigned punt_number;
	uint64_t punt_dropped;
	struct own *own;
	struct answer *answer;
	struct inject *inject;
	struct pings *pings;
	struct path_mtus *path_mtus;
	struct seqlog *seqlog;
	struct running *running;
	struct rounds *rounds; /* NULL but in a replay that has begun */
	struct clients *clients;
	struct commits *commits;
	struct events *events;
	struct event_seen *seen; /* by SA id: events_watch.c's */
	size_t nseen;
	struct tallies *cleared; /* NULL: nothing was */
	struct rates *rates;
	struct debug *debug;
	struct journeys *journeys;
	struct keying *keying; /* NULL while no ASP said anything */
	struct wires *wires;
	struct neighbors *neighbors; /* being asked for, or NULL */
	uint32_t neighbors_asked;
	uint64_t started_ns;
	uint64_t heartbeat_ns; /* next */
	uint32_t generation;
	uint32_t round_packets; /* admitted in one round */
	uint32_t rounds_open;
	int signal_fd;    /* SIGTERM, where signals are ours; or -1 */
	unsigned waiting; /* depth of chs_wait() */
	bool deaths;      /* somebody is to be buried */
	bool ready;
	bool leaving;
};

/* Waits for events and handles them, once; card events only while somebody in
 * the chassis waits for cards (chs_wait). */
void chs_turn(struct chs *chs, uint64_t until_ns);

/*
 * Lets cards talk until done(chs, arg) or CHS_WAIT_NS have passed; requests of
 * clients wait. 0, -ETIMEDOUT, or -ECANCELED when the chassis is to leave.
 */
int chs_wait(struct chs *chs, bool (*done)(struct chs *, void *), void *arg);

/* The processor of a stage, NULL when none is configured. */
struct proc *chs_proc(struct chs *chs, uint16_t stage);
bool chs_live(const struct proc *proc);

/* A message to a card; a card that is gone is not an error (its death tells).
 */
void chs_tell(struct chs *chs, struct proc *proc, enum ctl_type type,
	      const void *body, const void *tail, size_t tail_octets);
void chs_tell_all(struct chs *chs, enum ctl_type type, const void *body);

/*
 * Asks every live card for its sums once it has nothing left to take, and
 * waits. So what was told before has been done when this returns. 0 or as
 * chs_wait().
 */
int chs_probe(struct chs *chs, uint64_t *sent, uint64_t *received);

/* One message of a card (chs_ctl.c). */
void chs_card_message(struct chs *chs, struct ctl_in *in);

/* links.c */
/* Brings up every missing link of live stages; waits until they are up. */
int links_up(struct chs *chs);
void links_ready(struct chs *chs, struct proc *proc, const struct ctl_in *in);
void links_is_up(struct chs *chs, struct proc *proc, const struct ctl_in *in);
/*
 * After a death: neighbours drain and close; waits until all have said so. 0,
 * or as chs_wait().
 */
int links_drain(struct chs *chs, const struct proc *dead);
void links_drained(struct chs *chs, struct proc *proc, const struct ctl_in *in);
/* Whether packets go from one stage to another. */
bool links_needed(uint16_t from, uint16_t to);

/* pools.c */
/* Whether packets travel by reference. */
bool pools_shared(const struct chs *chs);
/* Buffers of a pool: for all that admission lets be inside, and ahead, whatever
 * ports there are or will be. */
uint32_t pools_buffers(const struct chs *chs);
/* Before a process of the stage is started: its memory, its socket, all offers.
 * 0 or -errno. */
int pools_join(struct chs *chs, struct proc *proc);
/* It was started, or could not be: its end of the socket is its own now. */
void pools_started(struct proc *proc);
/* Its ends of the socket are closed; its memory stays. */
void pools_leave(struct proc *proc);
/* A process said hello: it hears of the dead whose buffers it may not know. */
void pools_hello(struct chs *chs, struct proc *proc);
/* A process is dead and drained: owners take back what it and its links held.
 */
void pools_reclaim(struct chs *chs, const struct proc *dead);
void pools_close(struct chs *chs);

/* punt.c */
int punt_open(struct chs *chs);
void punt_take(struct chs *chs);
void punt_close(struct chs *chs);
/* Captures what is punted from now on, until closed; rounds are flushed as at
 * the cards. 0, or -errno with a sentence; the close tells the first error. */
int punt_capture(struct chs *chs, const char *path, bool pcapng,
		 struct cap_error *why);
void punt_flush(struct chs *chs, uint32_t round);
/* A packet that comes for the controller or leaves it, where captured. */
void punt_record(struct chs *chs, const struct pkt *p);
/* A stage is dead, and what it sent was taken: its links are closed here. */
void punt_unlink(struct chs *chs, uint16_t stage);
int punt_capture_close(struct chs *chs);
/* The same to a listener's socket (cap_feed.h); one at a time. */
void punt_feed(struct chs *chs, const char *path, unsigned number);

#endif
