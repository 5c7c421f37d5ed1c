/*-------------------------------------------------------------------------
 *
 * ps_point_sample.h
 *	  Labelled points as they come, of which only so many are kept.
 *
 * Points with the same label and values are one with a weight.  Kept are those
 * whose hash of content is least, so that neither their order nor their number
 * decides which: up to PS_POINT_SAMPLE different points all of them, of more
 * a sample of these.  Two samples merge into the one that all points would
 * have given: a point among the least of both is among the least of its own,
 * which counted all its copies.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_POINT_SAMPLE_H
#define PS_POINT_SAMPLE_H

#include "ps_env.h"

#define PS_POINT_SAMPLE 4096
#define PS_POINT_WIDTH 2000		/* values of a point at most */

/* A point that is kept; its values are at values + place * width. */
typedef struct ps_sampled_point
{
	uint64_t	hash;			/* of label and values */
	uint64_t	label;			/* hash of the label */
	double		weight;
	size_t		place;
} ps_sampled_point;

/* Start with zeroes but for width. */
typedef struct ps_point_sample
{
	size_t		width;
	size_t		count;
	ps_sampled_point *points;	/* room for twice PS_POINT_SAMPLE */
	double	   *values;
	uint32_t   *slots;			/* hash table: number of a point + 1, or 0 */
	uint64_t	limit;			/* hashes above were left out; 0 while none were */
} ps_point_sample;

/* Add a point. Values that are not finite, or too large to be squared, are PS_INVALID_DATA. */
extern ps_status ps_point_sample_add(const ps_env *env, ps_point_sample *sample, const char *label, size_t length,
									 const double *values, ps_error *error);

/* Add all of other, which is PS_INVALID_DATA with another width. */
extern ps_status ps_point_sample_merge(const ps_env *env, ps_point_sample *sample, const ps_point_sample *other,
									   ps_error *error);

/*
 * Bytes, the same for the same points in any order:
 *
 *	  0   4  magic "PSPS"
 *	  4   2  format version (1)
 *	  6   2  width
 *	  8   4  points, at most PS_POINT_SAMPLE
 *	  12  4  CRC-32C of bytes 0..11 and of what follows
 *	  16     points, ascending by hash: hash of the label (8), weight and
 *			 values as little-endian doubles
 *
 * Reading refuses everything but what writing gives.
 */
extern ps_status ps_point_sample_write(const ps_env *env, const ps_point_sample *sample, uint8_t **bytes,
									   size_t *length, ps_error *error);
extern ps_status ps_point_sample_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_point_sample *sample,
									  ps_error *error);

/* The mean silhouette (ps_cluster_quality.h) of what is kept; NAN with fewer than two labels. */
extern ps_status ps_point_sample_silhouette(const ps_env *env, const ps_point_sample *sample, double *silhouette,
											ps_error *error);

#endif							/* PS_POINT_SAMPLE_H */
