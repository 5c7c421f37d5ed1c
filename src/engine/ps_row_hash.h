/*-------------------------------------------------------------------------
 *
 * ps_row_hash.h
 *	  Hashes of the rows of a frame, for choices that do not depend on their
 *	  order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ROW_HASH_H
#define PS_ROW_HASH_H

#include "ps_frame.h"

/* Hash the features of each row: (*hashes)[rows]; copies of a row have the same. */
extern ps_status ps_row_feature_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes,
									   ps_error *error);

/*
 * Hash each row: (*hashes)[rows], uniform over 64 bits.  A hash is that of the
 * seed, the row's features, target and weight, and how many rows with the same
 * content came before: copies of a row get different hashes, and the set of
 * hashes is the same for any order of the rows.
 */
extern ps_status ps_row_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes,
							   ps_error *error);

/*
 * The same for dividing rows into parts of which one is to judge what was
 * learned from another.  No row may be judged by what its copies taught: where
 * rows of the same features nearly always have the same target, they have one
 * hash.  Where their targets differ, as those of customers of whom a few
 * yes-or-no columns are known, they are no copies, and judging by kinds of
 * rows that were never seen would be as wrong.
 */
extern ps_status ps_row_group_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes,
									 ps_error *error);

#endif							/* PS_ROW_HASH_H */
