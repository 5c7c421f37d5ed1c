/*-------------------------------------------------------------------------
 *
 * ps_leakage.h
 *	  Columns that know the target.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LEAKAGE_H
#define PS_LEAKAGE_H

#include "ps_frame.h"

/*
 * Note every column of a frame whose target is 0 or 1 that alone ranks the
 * classes with an area under the ROC curve of 0.99 or more: most often it is
 * the target under another name, or known only after it.  Nothing is noted
 * where a class has fewer than 10 rows of weight above 0, since a column may
 * then do so by chance.
 */
extern ps_status ps_leakage_note(const ps_env *env, const ps_frame *frame, ps_value *notes, ps_error *error);

#endif							/* PS_LEAKAGE_H */
