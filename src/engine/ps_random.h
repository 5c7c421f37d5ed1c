/*-------------------------------------------------------------------------
 *
 * ps_random.h
 *	  Seeded random numbers and content hashes.
 *
 * Random choices depend on a seed and on the content of rows, never on the
 * position of a row: the same rows in another order give the same choices.
 * The sequences and hashes are part of what "same seed, same model" promises,
 * so they must not change between versions or machines.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_RANDOM_H
#define PS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct ps_random
{
	uint64_t	state[4];
} ps_random;

/* Start a sequence; every seed is good, also 0. */
extern void ps_random_seed(ps_random *random, uint64_t seed);

/* Give the next 64 random bits. */
extern uint64_t ps_random_next(ps_random *random);

/* Give a number uniform on [0, 1), a multiple of 2^-53. */
extern double ps_random_uniform(ps_random *random);

/* Scramble 64 bits one-to-one so that every input bit moves every output bit. */
static inline uint64_t
ps_hash_mix(uint64_t word)
{
	/* the output function of splitmix64 (Steele, Lea, Flood 2014) */
	word ^= word >> 30;
	word *= UINT64_C(0xbf58476d1ce4e5b9);
	word ^= word >> 27;
	word *= UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

/* Extend a hash by one word; order matters. */
static inline uint64_t
ps_hash_add(uint64_t hash, uint64_t word)
{
	return ps_hash_mix((hash ^ word) + UINT64_C(0x9e3779b97f4a7c15));
}

/* The hash up to which about most of count different hashes lie; all of them where there are no more. */
static inline uint64_t
ps_hash_limit(size_t most, size_t count)
{
	return count <= most ? UINT64_MAX : (uint64_t) ((double) most / (double) count * 0x1p64);
}

/* Hash bytes; the same on every machine. */
extern uint64_t ps_hash_bytes(uint64_t seed, const void *bytes, size_t length);

#endif							/* PS_RANDOM_H */
