/*-------------------------------------------------------------------------
 *
 * ps_rfm_log.h
 *	  The rows of many purchase histories, in the order in which they come.
 *
 * Appending each row to its own history would touch memory all over the
 * place, and waiting for that memory is what costs time.  A log appends to
 * one of a hundred lists, whose ends stay in the cache, by the number of
 * the history; before histories are read, the rows of a list, which fit into
 * the cache, too, are put in the order of their histories.
 *
 * Start with zeros; the caller numbers the histories from zero on and counts
 * them in histories.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_RFM_LOG_H
#define PS_RFM_LOG_H

#include "ps_rfm.h"

#define PS_RFM_LISTS 128

/* Of list l: histories l, l + PS_RFM_LISTS, l + 2 * PS_RFM_LISTS, ... */
typedef struct ps_rfm_list
{
	struct ps_rfm_block *last;	/* rows not yet gathered */
	uint32_t	room;			/* rows that still fit into it */
	uint32_t	histories;		/* that are gathered */
	uint32_t   *starts;			/* entries of the i-th one are starts[i] .. starts[i + 1] - 1 */
	ps_rfm_entry *entries;
	size_t		count;			/* rows, gathered or not */
	size_t		canonical;		/* those left when the histories were last made canonical */
} ps_rfm_list;

typedef struct ps_rfm_log
{
	uint32_t	histories;
	ps_rfm_list lists[PS_RFM_LISTS];
} ps_rfm_log;

/* Add a row, as ps_rfm_add does; the number of the history is below histories. */
extern ps_status ps_rfm_log_add(const ps_env *env, ps_rfm_log *log, uint32_t history, int32_t day, const double *amount,
								ps_error *error);

/* Find the entries of a history, as they are until the next row is added. */
extern ps_status ps_rfm_log_find(const ps_env *env, ps_rfm_log *log, uint32_t history, const ps_rfm_entry **entries,
								 uint32_t *count, ps_error *error);

#endif							/* PS_RFM_LOG_H */
