/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *	  What the fuzz targets share: a host with bounded memory, and a check
 *	  that stops the run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "tap.h"

#define FUZZ_LARGEST 67108864	/* bytes of one allocation; beyond it the host has no memory */

extern int	LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
extern size_t fuzz_seed(size_t number, uint8_t *bytes, size_t capacity);

/* Stop the run: the sanitizer reports the input. */
#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			__builtin_trap(); \
		} \
	} while (0)

static inline void *
fuzz_alloc(void *ctx, size_t size)
{
	return size > FUZZ_LARGEST ? NULL : host_alloc(ctx, size);
}

static inline void
fuzz_host(host *h)
{
	host_init(h);
	h->env.alloc = fuzz_alloc;
}

#endif							/* FUZZ_H */
