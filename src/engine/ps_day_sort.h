/*-------------------------------------------------------------------------
 *
 * ps_day_sort.h
 *	  The entries of a purchase history in the order of their days.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_DAY_SORT_H
#define PS_DAY_SORT_H

#include "ps_rfm.h"

/* Sort entries by day; in which order those of one day come is not said. */
extern ps_status ps_day_sort(const ps_env *env, ps_rfm_entry *entries, size_t count, ps_error *error);

#endif							/* PS_DAY_SORT_H */
