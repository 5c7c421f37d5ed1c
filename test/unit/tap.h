/*-------------------------------------------------------------------------
 *
 * tap.h
 *	  Test Anything Protocol for the engine's unit tests, and a host
 *	  environment that counts, fails and cancels on demand.
 *
 * Each test_*.c is a program of its own.  End main with "return tap_done();".
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAP_H
#define TAP_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ps_env.h"

static int	tap_count;
static int	tap_failures;

static inline bool
tap_ok(bool passed, const char *file, int line, const char *format, ...)
{
	va_list		arguments;

	tap_count++;
	if (!passed)
		tap_failures++;
	printf("%sok %d - ", passed ? "" : "not ", tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	if (!passed)
		printf("# failed at %s:%d\n", file, line);
	return passed;
}

#define ok(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)

/* |got - want| <= tolerance * max(|want|, 1e-300), or <= absolute */
#define close_to(got, want, relative, absolute, ...) \
	do { \
		double tap_got_ = (got), tap_want_ = (want); \
		if (!tap_ok(fabs(tap_got_ - tap_want_) <= (relative) * fabs(tap_want_) || \
					fabs(tap_got_ - tap_want_) <= (absolute) || tap_got_ == tap_want_, __FILE__, __LINE__, __VA_ARGS__)) \
			printf("# got %.17g, want %.17g\n", tap_got_, tap_want_); \
	} while (0)

static inline int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures == 0 ? 0 : 1;
}

/*
 * Host environment on malloc. All blocks are chained, so that host_free frees
 * what a longjmp or an error left behind, as a memory context would.
 */
typedef struct host_block
{
	struct host_block *next,
			   *previous;
	double		align;			/* keeps the payload aligned */
} host_block;

typedef struct host
{
	host_block	head;
	long		allocations;	/* made so far */
	long		fail_at;		/* 1-based allocation that returns NULL, 0 none */
	long		polls;
	long		cancel_at;		/* 1-based poll that returns 1, 0 none */
	long		jump_at;		/* 1-based poll that longjmps, 0 none */
	jmp_buf		jump;
	ps_env		env;
} host;

static inline void *
host_alloc(void *ctx, size_t size)
{
	host	   *h = ctx;
	host_block *block;

	if (++h->allocations == h->fail_at)
		return NULL;
	if (size > SIZE_MAX - sizeof(host_block))
		return NULL;
	block = malloc(sizeof(host_block) + size);
	if (block == NULL)
		return NULL;
	block->next = h->head.next;
	block->previous = &h->head;
	h->head.next->previous = block;
	h->head.next = block;
	return block + 1;
}

static inline void
host_release(void *ctx, void *pointer)
{
	host_block *block = (host_block *) pointer - 1;

	(void) ctx;
	block->previous->next = block->next;
	block->next->previous = block->previous;
	free(block);
}

static inline int
host_poll(void *ctx, double fraction_done)
{
	host	   *h = ctx;

	(void) fraction_done;
	h->polls++;
	if (h->polls == h->jump_at)
		longjmp(h->jump, 1);
	return h->polls == h->cancel_at;
}

static inline void
host_init(host *h)
{
	memset(h, 0, sizeof(*h));
	h->head.next = h->head.previous = &h->head;
	h->env.ctx = h;
	h->env.alloc = host_alloc;
	h->env.release = host_release;
	h->env.poll = host_poll;
}

static inline void
host_free(host *h)
{
	while (h->head.next != &h->head)
		host_release(h, h->head.next + 1);
}

#endif							/* TAP_H */
