/*-------------------------------------------------------------------------
 *
 * ps_cluster_rows.h
 *	  Encoded rows as cluster methods read them, and a sample of them.
 *
 * Rows are encoded, standardised and stored as float32 in tiles of
 * PS_CLUSTER_ROWS rows, column by column.
 *
 * Values are rounded to multiples of a power of two so small that every sum
 * of them that occurs is exact in double precision: the values of a column of
 * n rows, whose scale is at least their standard deviation, sum to at most n
 * in absolute value (Cauchy and Schwarz), so multiples of 2n / 2^52 will do.
 * For a million rows that is finer than float32 itself for all but the values
 * within 0.004 of zero.  Exact sums can also be corrected for the rows that
 * moved, and parts summed apart can be merged, without any drift.
 *
 * A row of weight w counts as w rows.  Where rows have weights, their products
 * with values are rounded in the same way, n being the sum of the weights.
 *
 * The sample does not depend on the order of the rows: it takes the rows
 * whose hash of content and number of occurrence is small, so that copies of
 * a row count as often as they occur, in the order of the hash of their
 * content.  Of rows with weights it takes each with a chance in proportion to
 * its weight, and those that could not be taken more often weigh more.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_ROWS_H
#define PS_CLUSTER_ROWS_H

#include "ps_encode.h"
#include "ps_kernels.h"

/* Encoded rows. */
typedef struct ps_cluster_rows
{
	const ps_env *env;
	const ps_kernels *kernels;
	size_t		count;
	size_t		width;			/* columns */
	size_t		ntiles;
	double	   *weights;		/* count; NULL where all are 1 */
	double		total;			/* of the weights */
	double		shift;			/* rounds products of weights and values */
	float	   *tiles;			/* ntiles x width x PS_CLUSTER_ROWS, 0 past the last row */
	int32_t    *labels;			/* ntiles x PS_CLUSTER_ROWS */
} ps_cluster_rows;

/* The values of one row, PS_CLUSTER_ROWS apart. */
static inline const float *
ps_cluster_row(const ps_cluster_rows *rows, size_t row)
{
	return rows->tiles + row / PS_CLUSTER_ROWS * rows->width * PS_CLUSTER_ROWS + row % PS_CLUSTER_ROWS;
}

/* How many rows a row counts as. */
static inline double
ps_cluster_row_weight(const ps_cluster_rows *rows, size_t row)
{
	return rows->weights == NULL ? 1 : rows->weights[row];
}

/* A value of a row as often as it counts, rounded so that sums are exact. */
static inline double
ps_cluster_weigh(const ps_cluster_rows *rows, size_t row, double value)
{
	return rows->weights == NULL ? value : rows->weights[row] * value + rows->shift - rows->shift;
}

/* The squared distance of a row to a center of the same width. */
static inline double
ps_cluster_squared_distance(const ps_cluster_rows *rows, size_t row, const double *center)
{
	const float *x = ps_cluster_row(rows, row);
	double		sum = 0;

	for (size_t j = 0; j < rows->width; j++)
	{
		double		difference = (double) x[j * PS_CLUSTER_ROWS] - center[j];

		sum += difference * difference;
	}
	return sum;
}

/*
 * The rows of a frame that take part, which is the frame itself or a copy: only
 * those with a weight above 0, and weights whose sums are exact.
 */
extern ps_status ps_cluster_frame(const ps_env *env, const ps_frame *frame, const ps_frame **out, ps_error *error);

/* Make room for count rows, all values 0 and without weights. */
extern ps_status ps_cluster_rows_create(const ps_env *env, size_t count, size_t width, ps_cluster_rows *rows,
										ps_error *error);

/* Give the room back. */
extern void ps_cluster_rows_release(ps_cluster_rows *rows);

/* Encode all rows of a frame, which is one of ps_cluster_frame. */
extern ps_status ps_cluster_rows_encode(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder,
										ps_cluster_rows *rows, ps_error *error);

/* Hash the content of a row, two values a word. */
extern uint64_t ps_cluster_row_hash(const ps_cluster_rows *rows, size_t row);

/* Copy a sample of about most rows (all if there are no more), in the order of their content's hash. */
extern ps_status ps_cluster_rows_sample(const ps_cluster_rows *rows, size_t most, ps_cluster_rows *sample,
										ps_error *error);

#endif							/* PS_CLUSTER_ROWS_H */
