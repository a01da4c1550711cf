/*
 * Crypto engines by number and word: what an operator asks for, what an ASP
 * tells the controller it uses. Facts only; stands beside the algorithms'
 * facts, so that who links no crypto can name one.
 */
#ifndef ALG_ENGINE_ID_H
#define ALG_ENGINE_ID_H

/* Numbers travel between processes of one version only. */
enum alg_engine_id {
	ALG_ENGINE_AUTO,    /* the fastest there is; of one in use: none */
	ALG_ENGINE_OPENSSL, /* always there, does all that is ready */
	ALG_ENGINE_IPSECMB, /* multi-buffer; where library and processor are */
	ALG_ENGINE_MAX
};

/* "auto", "openssl", "ipsec-mb"; NULL for a number that is no engine. */
const char *alg_engine_word(unsigned id);

/* The engine of that word. -EINVAL when there is none. */
int alg_engine_parse(const char *word, enum alg_engine_id *id);

#endif
