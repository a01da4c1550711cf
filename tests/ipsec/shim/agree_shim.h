/*
 * A vector of many SAs and lengths through two engines, for C++ tests: this
 * program's and OpenSSL.
 */
#ifndef AGREE_SHIM_H
#define AGREE_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One vector of n packets (at most 256): the packet i is of the pair i modulo
 * the pairs there are, of its own length from shortest on, with ESN or without.
 * Both engines seal it, then each opens what the other sealed. 0, or the line
 * of the shim that found a difference.
 */
int agree_shim_vector(unsigned n, unsigned shortest, int esn);

/* The same of vectors of n that begin with each pair in turn. */
int agree_shim_turns(unsigned n, int esn);

/*
 * Seals a vector of n, spoils the ICV of every third packet, and opens it:
 * whether exactly those are refused, and the others are as they were. 0 or a
 * line.
 */
int agree_shim_forged(unsigned n, int esn);

/* Whether a vector of n becomes what its packets become when they go one by
 * one. 0 or a line. */
int agree_shim_alone(unsigned n, int esn);

#ifdef __cplusplus
}
#endif

#endif
