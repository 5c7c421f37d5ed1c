/*-------------------------------------------------------------------------
 *
 * ps_levels.h
 *	  The frequent values of a text column, and finding a text among them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LEVELS_H
#define PS_LEVELS_H

#include "ps_frame.h"

typedef struct ps_levels
{
	size_t		count;
	const char **texts;			/* zero-terminated */
	size_t	   *lengths;
	int32_t    *slots;			/* hash table of levels, -1 empty */
	size_t		nslots;			/* a power of two */
} ps_levels;

/*
 * Find the most frequent values of a text column, at most "most", those of
 * fewer than "enough" rows left out; ordered by frequency, then by bytes.
 * *others and *nulls receive how many rows have another value and none.
 */
extern ps_status ps_levels_fit(const ps_env *env, const ps_frame *frame, size_t column, size_t enough, size_t most,
							   ps_levels *out, size_t *others, size_t *nulls, ps_error *error);

/* Read levels from an untrusted list of at most "most" texts. */
extern ps_status ps_levels_load(const ps_env *env, const ps_value *list, size_t most, ps_levels *out, ps_error *error);

/* Find a text: its level, or count. */
extern size_t ps_levels_find(const ps_levels *levels, const char *text, size_t length);

#endif							/* PS_LEVELS_H */
