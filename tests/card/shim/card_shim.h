/*
 * A card whose role is told by the packets: handle says what becomes of each.
 */
#ifndef CARD_SHIM_H
#define CARD_SHIM_H

#include "fake_chassis.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names of the program's own numbers. */
extern const unsigned card_shim_stage; /* 3/asp1: the card under test */
extern const unsigned card_shim_ippa_stage;
extern const unsigned fate_no_asp, fate_no_route, fate_port_down;
extern const unsigned msg_heartbeat, msg_alive, msg_hello, msg_close,
    msg_closed, msg_drain, msg_drained, msg_flush, msg_prepare, msg_prepared,
    msg_activate, msg_retire, msg_discard, msg_circuits, msg_routes, msg_sas,
    msg_trace_set, msg_opened, msg_traced;
extern const unsigned card_op_set, card_op_delete;
extern const unsigned card_tap_all_id, card_tap_link_id, card_tap_rx_id;
extern const unsigned card_no_stage;

/* What becomes of a packet, by its handle. */
enum card_deed {
	CARD_DEED_END,     /* consumed */
	CARD_DEED_SEND,    /* to 2/eppa */
	CARD_DEED_DROP,    /* no-route */
	CARD_DEED_NOWHERE, /* to 5/asp1, with which there is no link */
	CARD_DEED_TRACE    /* picked for a journey, then consumed */
};

struct card_shim;
struct card_shim *card_shim_new(enum fake_transport transport);
int card_shim_end(struct card_shim **c);
struct fake *card_shim_fake(struct card_shim *c);

/* "S10:3 " for three rows of table 10 set, "D..." deleted, "A " activated. */
const char *card_shim_log(const struct card_shim *c);
/* What the role answers to rows from now on. */
void card_shim_rows_fail(struct card_shim *c, int err);
void card_shim_rehearse_fails(struct card_shim *c, int err);
/* The role reports this when it closes. */
void card_shim_close_fails(struct card_shim *c, const char *sentence);

/* A circuit row for labels: id, context, handle. */
int card_shim_circuit(struct card_shim *c, uint32_t generation, uint32_t id,
		      uint32_t context, uint64_t handle);
/* Messages with a number in the body. */
int card_shim_flush(struct card_shim *c, uint32_t round);
int card_shim_drain(struct card_shim *c, unsigned peer, uint64_t *packets);
int card_shim_trace(struct card_shim *c, uint32_t count, const char *filter);
unsigned card_shim_error_of(const struct fake_msg *msg);
/* Ends the sentence where the headers begin. */
void card_shim_traced(struct fake_msg *msg, unsigned *trace, unsigned *hop);

/* Capture points by name; 0 and its parts, or -errno and a sentence. */
int card_shim_point(const char *text, unsigned *stage, unsigned *tap,
		    unsigned *to, char name[64], const char **why);

#ifdef __cplusplus
}
#endif

#endif
