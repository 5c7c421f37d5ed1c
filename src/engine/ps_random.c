/*-------------------------------------------------------------------------
 *
 * ps_random.c
 *	  Seeded random numbers and content hashes.
 *
 * The generator is xoshiro256** 1.0 of Blackman and Vigna (2018), its state
 * filled by splitmix64 as its authors advise.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_random.h"

static uint64_t
rotate_left(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

void
ps_random_seed(ps_random *random, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
	{
		seed += UINT64_C(0x9e3779b97f4a7c15);
		random->state[i] = ps_hash_mix(seed);
	}
}

uint64_t
ps_random_next(ps_random *random)
{
	uint64_t   *s = random->state;
	uint64_t	result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t	shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
	return result;
}

double
ps_random_uniform(ps_random *random)
{
	return (double) (ps_random_next(random) >> 11) * 0x1p-53;
}

uint64_t
ps_hash_bytes(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;
	uint64_t	hash = ps_hash_add(seed, length);

	/* words are put together by shifts, which compilers turn into one load */
	for (; length >= 8; p += 8, length -= 8)
		hash = ps_hash_add(hash,
						   (uint64_t) p[0] | (uint64_t) p[1] << 8 |
						   (uint64_t) p[2] << 16 | (uint64_t) p[3] << 24 |
						   (uint64_t) p[4] << 32 | (uint64_t) p[5] << 40 |
						   (uint64_t) p[6] << 48 | (uint64_t) p[7] << 56);
	if (length > 0)
	{
		uint64_t	word = 0;

		for (size_t i = 0; i < length; i++)
			word |= (uint64_t) p[i] << (8 * i);
		hash = ps_hash_add(hash, word);
	}
	return hash;
}
