/*-------------------------------------------------------------------------
 *
 * ps_rfm_log.h
 *	  The rows of many purchase histories, in the order in which they come.
 *
 * Appending each row to its own history would touch memory all over the
 * place, and waiting for that memory is what costs time.  A log appends to
 * one list; it brings the rows of each history together, by a stable radix
 * sort that goes through memory in order, before histories are read.
 *
 * Start with zeros; the caller numbers the histories from zero on and counts
 * them in histories.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_RFM_LOG_H
#define PS_RFM_LOG_H

#include "ps_rfm.h"

typedef struct ps_rfm_row
{
	uint32_t	history;
	ps_rfm_entry entry;
} ps_rfm_row;

typedef struct ps_rfm_log
{
	ps_rfm_row *rows;
	size_t		count;
	size_t		capacity;
	uint32_t	histories;
	uint32_t   *starts;			/* rows gathered: those of history h are starts[h] .. starts[h + 1] - 1; else NULL */
} ps_rfm_log;

/* Add a row, as ps_rfm_add does; the number of the history is below histories. */
extern ps_status ps_rfm_log_add(const ps_env *env, ps_rfm_log *log, uint32_t history, int32_t day, const double *amount,
								ps_error *error);

/* Gather the rows of each history; nothing is to do where none was added since the last time. */
extern ps_status ps_rfm_log_gather(const ps_env *env, ps_rfm_log *log, ps_error *error);

/* The number of entries of a history, of gathered rows. */
extern uint32_t ps_rfm_log_length(const ps_rfm_log *log, uint32_t history);

/* Append a history's gathered rows to rfm, which has room for them. */
extern void ps_rfm_log_read(const ps_rfm_log *log, uint32_t history, ps_rfm *rfm);

#endif							/* PS_RFM_LOG_H */
