/*-------------------------------------------------------------------------
 *
 * ps_strata.h
 *	  Combinations of values of a few columns, of which each has a curve.
 *
 * NULL is a value like others.  Without columns there is one stratum.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_STRATA_H
#define PS_STRATA_H

#include "ps_survival.h"

#define PS_STRATA_MAX 100

typedef struct ps_strata
{
	size_t		ncolumns;
	size_t		first;			/* place of the first column among the inputs */
	size_t		count;
	ps_cell    *values;			/* count x ncolumns */
} ps_strata;

/* Find the strata of rows[n] of a frame, sorted by their values, and the stratum of each row. */
extern ps_status ps_strata_fit(const ps_env *env, const ps_survival_reader *reader, const ps_frame *frame,
							   const ps_survival_row *rows, size_t n, ps_strata *strata, uint8_t **members,
							   ps_error *error);

/* Write the values of a stratum into a curve as "values" (nothing without columns), and validate and read them back. */
extern ps_status ps_strata_save(const ps_env *env, const ps_strata *strata, size_t stratum, ps_value *curve,
								ps_error *error);
extern ps_status ps_strata_load(const ps_env *env, const ps_survival_reader *reader, const ps_input *inputs,
								const ps_value *curves, ps_strata *strata, ps_error *error);

/* The stratum of a row of cells, or the number of strata when it is none of them. */
extern size_t ps_strata_find(const ps_strata *strata, const ps_cell *cells);

/* The values of a stratum as words, cut to size. */
extern void ps_strata_text(const ps_strata *strata, size_t stratum, char *out, size_t size);

#endif							/* PS_STRATA_H */
