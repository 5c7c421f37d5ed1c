/*-------------------------------------------------------------------------
 *
 * ps_target.h
 *	  A target of texts, of which there are two, as 0 and 1.
 *
 * Which of the two is 1, the positive one, is said by the option "positive".
 * Without it, it is
 *		the one that the deployed model of the same two values has,
 *		otherwise a word for yes (true, t, yes, y, 1, on), or the one beside a
 *		word for no (false, f, no, n, 0, off), in letters of any case,
 *		otherwise the one with fewer rows, and of as many the later by bytes
 * which is then noted.  The rows with a weight of 0 count here too.
 *
 * A model keeps the values as
 *		"classes": [negative, positive]
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_TARGET_H
#define PS_TARGET_H

#include "ps_env.h"
#include "ps_value.h"

/* The values met so far. Start with zeroes and the column's name. */
typedef struct ps_target
{
	const char *name;
	size_t		count;
	char	   *values[2];		/* in the order of their first rows */
	int64_t		rows[2];
} ps_target;

/* Count a row's value; *code is its index. A third value is PS_INVALID_DATA. */
extern ps_status ps_target_add(const ps_env *env, ps_target *target, const char *text, size_t length, double *code,
							   ps_error *error);

/*
 * Choose the positive value: its index.  deployed are the classes of the
 * deployed model, or NULL.  PS_TOO_LITTLE_DATA when there is one value only,
 * PS_INVALID_OPTION when the options name another one.
 */
extern ps_status ps_target_choose(const ps_env *env, const ps_target *target, const ps_value *options,
								  const char *const *deployed, size_t *positive, ps_value *notes, ps_error *error);

/* Write the classes into a model's document, and read them back: NULL when there are none. */
extern ps_status ps_target_save(const ps_env *env, const ps_target *target, size_t positive, ps_value *document,
								ps_error *error);
extern ps_status ps_target_load(const ps_env *env, const ps_value *document, const char ***classes, ps_error *error);

/* The code of a text by a model's classes; PS_INVALID_DATA when it is neither. */
extern ps_status ps_target_code(const char *name, const char *const *classes, const char *text, size_t length,
								double *code, ps_error *error);

#endif							/* PS_TARGET_H */
