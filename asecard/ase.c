/*
 * One ASP from start to end: makes the tables, the crypto engine and the card
 * that carries them, runs the card's loop, and wipes what held keys. All that
 * happens in between is in ase_ctl.c (tables) and ase_path.c (packets).
 */
#include "ase.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ase_ike.h"
#include "asecard.h"
#include "log.h"

static const struct card_ops ase_ops = {
    .vector = ase_vector,
    .rows = ase_rows,
    .rehearse_begin = ase_rehearse_begin,
    .rehearse = ase_rehearse,
    .rehearse_end = ase_rehearse_end,
    .activate = ase_activate,
    .message = ase_message,
    .pass = ase_pass,
    .wait = ase_wait,
};

int
ase_init(struct ase *ase, const char *engine)
{
	enum alg_engine_id id;
	int err;

	memset(ase, 0, sizeof *ase);
	err = alg_engine_parse(engine, &id);
	if (err != 0)
		return err;
	err = card_tables_init(&ase->fwd);
	if (err != 0)
		goto fail;
	err = alg_new(&ase->alg, id);
	if (err != 0)
		goto fail;
	err = sad_new(&ase->sad, ase->alg);
	if (err != 0)
		goto fail;
	return 0;
fail:
	ase_fini(ase);
	return err;
}

int
ase_attach(struct ase *ase, struct card *card)
{
	ase->card = card;
	return esp_init(&ase->esp, card_mem(card), ase->sad, ase->alg);
}

void
ase_fini(struct ase *ase)
{
	ase_ike_free(ase);
	ase_gather_fini(ase);
	esp_fini(&ase->esp);
	sad_free(&ase->sad);
	alg_free(&ase->alg);
	card_tables_fini(&ase->fwd);
}

int
asecard_run(const struct asecard_args *args)
{
	enum stage_role role = args->asp == 1 ? STAGE_ASP1 : STAGE_ASP2;
	struct card *card = NULL;
	struct ase *ase = calloc(1, sizeof *ase);
	int err = -ENOMEM;

	if (ase == NULL)
		return err;
	err = ase_init(ase, args->engine);
	if (err != 0)
		goto done;
	err = card_new(&card,
		       &(struct card_args){
			   .stage = stage_id(args->slot, role),
			   .epoch = args->epoch,
			   .buffers = args->buffers,
			   .pools_fd = args->pools_fd,
			   .bus = args->bus,
			   .endpoint = args->endpoint,
			   .stats = args->stats,
			   .engine = (uint8_t)alg_engine(ase->alg),
			   .quit = args->quit,
		       },
		       &ase_ops, ase);
	if (err != 0)
		goto done;
	err = ase_attach(ase, card);
	if (err == 0) {
		log_info("ase: started engine=%s", alg_engine_name(ase->alg));
		err = card_run(card);
	}
done:
	ase_fini(ase);
	card_free(&card);
	free(ase);
	return err;
}
