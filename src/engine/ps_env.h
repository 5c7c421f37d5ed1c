/*-------------------------------------------------------------------------
 *
 * ps_env.h
 *	  What the engine asks of its host, and how it reports failure.
 *
 * The engine is C11 without PostgreSQL, stdio, malloc, threads or globals
 * that change.  It takes memory only from ps_env.alloc and gives every loop
 * that may run longer than about 20 ms a call of ps_poll().  The host's poll
 * may longjmp straight through engine frames: the engine never holds anything
 * but memory, and the host frees that memory as a whole.  For the same reason
 * the engine need not release small allocations on error paths; it releases
 * large temporary buffers as soon as they are of no more use.
 *
 * Every function that can fail returns a ps_status and fills a ps_error with
 * a sentence in the user's terms: what is wrong with the data or the call,
 * with column, value and count, and what to do.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ENV_H
#define PS_ENV_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ps_status
{
	PS_OK = 0,
	PS_OUT_OF_MEMORY,			/* the allocator returned NULL, or a size overflowed */
	PS_CANCELLED,				/* poll returned nonzero */
	PS_CORRUPT,					/* bytes or text that claim to be a model are not one */
	PS_INVALID_OPTION,			/* unknown option, wrong type or range */
	PS_INVALID_DATA,			/* a value that the method cannot take */
	PS_TOO_LITTLE_DATA,			/* no rows, one class only, fewer rows than needed */
	PS_MISSING_COLUMN,			/* a column the model or an option names is not there */
	PS_WRONG_TYPE,				/* a column has a type that cannot serve */
	PS_WRONG_MODEL,				/* this kind of model does not answer that question */
	PS_NO_SOLUTION				/* the numbers have no answer (singular, no maximum) */
} ps_status;

typedef struct ps_error
{
	ps_status	status;
	int64_t		row;			/* 1-based row of the input, or 0 */
	char		column[64];		/* the column meant, or "" */
	char		message[320];	/* lower-case start, no final period */
	char		detail[320];	/* full sentence or "" */
	char		hint[640];		/* full sentence or "" */
} ps_error;

typedef struct ps_env
{
	void	   *ctx;
	void	   *(*alloc) (void *ctx, size_t size);	/* NULL on failure; never longjmps */
	void		(*release) (void *ctx, void *pointer);
	int			(*poll) (void *ctx, double fraction_done);	/* nonzero cancels; may longjmp */
} ps_env;

/*
 * Checked allocation of count * size bytes; *out is NULL and the status
 * PS_OUT_OF_MEMORY when the product overflows or the host has no memory.
 * count 0 gives a valid pointer to one byte.
 */
extern ps_status ps_alloc(const ps_env *env, size_t count, size_t size, void *out_pointer, ps_error *error);

/* The same, zeroed. */
extern ps_status ps_alloc_zero(const ps_env *env, size_t count, size_t size, void *out_pointer, ps_error *error);

/*
 * Make *(element **) items_pointer hold at least needed elements of size bytes;
 * keeps the first used, doubles *capacity (start both with zero).
 */
extern ps_status ps_grow(const ps_env *env, void *items_pointer, size_t used, size_t needed, size_t *capacity,
						 size_t size, ps_error *error);

/* Copy length bytes and add a terminating zero. */
extern ps_status ps_copy_text(const ps_env *env, const char *text, size_t length, char **out, ps_error *error);

extern void ps_release(const ps_env *env, void *pointer);	/* NULL is allowed */

/* PS_OK, or PS_CANCELLED with error filled. fraction_done is 0..1. */
extern ps_status ps_poll(const ps_env *env, double fraction_done, ps_error *error);

/* True and *out = a * b (or a + b) unless that overflows size_t. */
extern bool ps_size_multiply(size_t a, size_t b, size_t *out);
extern bool ps_size_add(size_t a, size_t b, size_t *out);

/*
 * Format into a fixed buffer, always terminated, cut at a UTF-8 boundary.
 * Knows %s (const char *), %d (int64_t: cast the argument), %g (double,
 * shortest text that reads back the same) and %%.
 */
extern void ps_format(char *out, size_t size, const char *format, ...);
extern void ps_format_list(char *out, size_t size, const char *format, va_list arguments);

/* Round to so many digits after the point, for a %g that people read. */
extern double ps_rounded(double number, int digits);

/*
 * Fill error and return status, so that callers write
 *		return ps_fail(error, PS_INVALID_DATA, "column \"%s\" has ...", name);
 * Formats as ps_format.  ps_fail_column also sets the
 * column; ps_hint and ps_detail add sentences to an error already filled and
 * return its status.
 */
extern ps_status ps_fail(ps_error *error, ps_status status, const char *format, ...);
extern ps_status ps_fail_column(ps_error *error, ps_status status, const char *column, const char *format, ...);
extern ps_status ps_detail(ps_error *error, const char *format, ...);
extern ps_status ps_hint(ps_error *error, const char *format, ...);

/* Leave the calling function with the status if the call did not succeed. */
#define PS_TRY(call) \
	do { \
		ps_status	ps_try_status_ = (call); \
		if (ps_try_status_ != PS_OK) \
			return ps_try_status_; \
	} while (0)

#endif							/* PS_ENV_H */
