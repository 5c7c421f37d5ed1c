/*-------------------------------------------------------------------------
 *
 * ps_agreement.h
 *	  How far two ways to label the same rows agree.
 *
 * The state is the contingency table: how many rows have each pair of labels.
 * It merges with another, so that it can serve a parallel aggregate.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_AGREEMENT_H
#define PS_AGREEMENT_H

#include "ps_env.h"

#define PS_AGREEMENT_LABEL 1000000	/* bytes of a label at most */

/* A pair of labels: both texts, one after the other, are at offset in texts. */
typedef struct ps_label_pair
{
	uint64_t	hash;
	uint64_t	rows;
	size_t		offset;
	uint32_t	lengths[2];
} ps_label_pair;

/* Start with zeroes. */
typedef struct ps_agreement
{
	size_t		count;
	size_t		capacity;
	ps_label_pair *pairs;
	size_t		nslots;			/* power of two, more than count; or 0 */
	uint32_t   *slots;			/* hash table: number of a pair + 1, or 0 */
	size_t		used;
	size_t		text_capacity;
	uint8_t    *texts;
	uint64_t	rows;			/* in all, at most 2^53 */
} ps_agreement;

/* Add rows with two labels. PS_INVALID_DATA when a label is too long or there are too many. */
extern ps_status ps_agreement_add(const ps_env *env, ps_agreement *agreement, const char *const labels[2],
								  const size_t lengths[2], uint64_t rows, ps_error *error);

/* Add all of other to agreement. */
extern ps_status ps_agreement_merge(const ps_env *env, ps_agreement *agreement, const ps_agreement *other,
									ps_error *error);

/*
 * The adjusted Rand index (Hubert and Arabie 1985): 1 for the same groups
 * under any names, 0 on average for labels that have nothing to do with each
 * other; 1 where both make no groups or each row is its own.  *defined is false
 * without rows.
 */
extern ps_status ps_adjusted_rand(const ps_env *env, const ps_agreement *agreement, double *value, bool *defined,
								  ps_error *error);

/*
 * Mutual information divided by the mean of both entropies: 0 to 1; 1 where
 * both put all rows into one group.
 */
extern ps_status ps_normalized_mutual_information(const ps_env *env, const ps_agreement *agreement, double *value,
												  bool *defined, ps_error *error);

/*
 * Bytes, the same for the same rows in any order:
 *
 *	  0   4  magic "PSAG"
 *	  4   2  format version (1)
 *	  6   2  0
 *	  8   4  pairs
 *	  12  4  CRC-32C of bytes 0..11 and of what follows
 *	  16     pairs, ascending by the bytes of the first label, then the second:
 *			 rows (8), lengths of both labels (4 each), labels
 *
 * Reading refuses everything but what writing gives.
 */
extern ps_status ps_agreement_write(const ps_env *env, const ps_agreement *agreement, uint8_t **bytes, size_t *length,
									ps_error *error);
extern ps_status ps_agreement_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_agreement *agreement,
								   ps_error *error);

#endif							/* PS_AGREEMENT_H */
