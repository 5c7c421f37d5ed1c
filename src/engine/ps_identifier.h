/*-------------------------------------------------------------------------
 *
 * ps_identifier.h
 *	  Columns that number rows rather than measure them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_IDENTIFIER_H
#define PS_IDENTIFIER_H

#include "ps_frame.h"

#define PS_IDENTIFIER_ROWS 20	/* fewer rows may differ by chance */

/* Is the column named by the option "include"? options as completed, or NULL. */
extern bool ps_identifier_included(const ps_value *options, const char *name);

/* Do the rows of a text column, of which nulls are NULL, all have values of their own? */
extern bool ps_identifier_text(const ps_frame *frame, size_t column, size_t nulls);

/*
 * Do the rows of a column of numbers look numbered?  They do where all are
 * whole and known, no two alike, and fill at least half of the range from min
 * to max, which are the column's.  Measurements that fill their range like
 * that repeat: of 20 numbers drawn from 40, all differ one time in 330; of
 * 100 drawn from 200, one time in 10^13.  If they do, this is noted.
 */
extern ps_status ps_identifier_number(const ps_env *env, const ps_frame *frame, size_t column, double min, double max,
									  bool *out, ps_value *notes, ps_error *error);

/* Note that a text column is left out because ps_identifier_text said so. */
extern ps_status ps_identifier_note_text(const ps_env *env, const ps_frame *frame, size_t column, ps_value *notes,
										 ps_error *error);

#endif							/* PS_IDENTIFIER_H */
