/*-------------------------------------------------------------------------
 *
 * engine_host.h
 *	  What the programs that measure the engine alone share: memory that is
 *	  counted, CPU time, and the end when something fails.
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENGINE_HOST_H
#define ENGINE_HOST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ps_env.h"

/* Memory in use; every block is preceded by its size. */
typedef struct meter
{
	size_t		now;
	size_t		peak;
} meter;

#define HEAD 64					/* bytes; keeps blocks on cache lines of their own */

static inline void *
meter_alloc(void *ctx, size_t size)
{
	meter	   *m = ctx;
	char	   *block = size > SIZE_MAX - HEAD ? NULL : malloc(size + HEAD);

	if (block == NULL)
		return NULL;
	memcpy(block, &size, sizeof(size));
	m->now += size;
	if (m->now > m->peak)
		m->peak = m->now;
	return block + HEAD;
}

static inline void
meter_release(void *ctx, void *pointer)
{
	meter	   *m = ctx;
	char	   *block = (char *) pointer - HEAD;
	size_t		size;

	memcpy(&size, block, sizeof(size));
	m->now -= size;
	free(block);
}

static inline int
never_cancel(void *ctx, double fraction_done)
{
	(void) ctx;
	(void) fraction_done;
	return 0;
}

static inline double
cpu_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

static inline void
fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

/* End the program if a call of the engine failed. */
static inline void
check(ps_status status, const ps_error *error)
{
	if (status != PS_OK)
		fail("the engine says", error->message);
}

#endif							/* ENGINE_HOST_H */
