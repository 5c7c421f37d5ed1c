/*-------------------------------------------------------------------------
 *
 * membership.h
 *	  Who enters and who leaves a segment, and writing it down.
 *
 * A segment's changes are a tuplestore of rows (key text, op text, reason
 * text, episode int, facts jsonb) in the order of keys. Every function needs
 * an SPI connection and the lock of segments_lock, without which two
 * refreshes would both let the same customer in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_MEMBERSHIP_H
#define PREDSEG_MEMBERSHIP_H

#include "segment.h"

/* The columns of a segment's changes. */
extern TupleDesc membership_changes_desc(void);

/* Number this refresh of the segment. */
extern void membership_begin_run(Segment *segment);

/* Write how it ended. */
extern void membership_end_run(const Segment *segment);

/*
 * Compare the members with the evaluated source, rows (key, enters, leaves,
 * facts), and add the difference to the segment's changes. An error PS013
 * when a key is NULL or repeated; unique says that it cannot be repeated.
 */
extern void membership_compare(Segment *segment, Tuplestorestate *rows, TupleDesc desc, bool unique);

/* Let every member leave. */
extern void membership_compare_with_nobody(Segment *segment);

/* Write the segment's changes to member and member_history, and count them. */
extern void membership_apply(Segment *segment);

#endif							/* PREDSEG_MEMBERSHIP_H */
