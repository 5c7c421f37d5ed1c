/*-------------------------------------------------------------------------
 *
 * ps_cluster_evaluate.c
 *	  How good the clusters are that a model makes of the rows of a frame.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_cluster_evaluate.h"

#include "ps_cluster_quality.h"
#include "ps_random.h"
#include "ps_row_hash.h"
#include "ps_sort.h"

#define SAMPLE_ROWS 4096		/* the silhouette looks at all their pairs */

/* A row of the sample. */
typedef struct sample_row
{
	uint64_t	hash;
	size_t		row;
} sample_row;

/* Choose the rows whose hash is small, and put them into its order. */
static ps_status
choose_rows(const ps_env *env, const ps_frame *frame, sample_row **out, size_t *out_count, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	uint64_t	limit = ps_hash_limit(SAMPLE_ROWS, rows);
	sample_row *samples = NULL;
	size_t		capacity = 0;
	size_t		count = 0;
	uint64_t   *hashes;

	PS_TRY(ps_row_hashes(env, frame, 0, &hashes, error));
	for (size_t row = 0; row < rows; row++)
		if (hashes[row] <= limit)
		{
			PS_TRY(ps_grow(env, &samples, count, count + 1, &capacity, sizeof(*samples), error));
			samples[count++] = (sample_row) {hashes[row], row};
		}
	ps_release(env, hashes);
	PS_TRY(ps_sort(env, samples, count, sizeof(*samples), ps_compare_hashes, error));
	*out = samples;
	*out_count = count;
	return PS_OK;
}

/* Encode a row into x and find its cluster, from 0. */
static ps_status
place_row(const ps_env *env, const ps_clustering *clustering, const ps_cell *cells, double *x, int32_t *cluster,
		  ps_error *error)
{
	const ps_request request = {0};
	ps_answer	answer;

	PS_TRY(ps_encode_row(clustering->encoder, cells, x, error));
	PS_TRY(clustering->answer(env, clustering->state, PS_ASK_CLUSTER, cells, &request, &answer, error));
	*cluster = (int32_t) answer.number - 1;
	return PS_OK;
}

ps_status
ps_cluster_measure(const ps_env *env, const ps_frame *frame, const ps_clustering *clustering, size_t k, ps_value *metrics,
				   ps_error *error)
{
	size_t		width = clustering->encoder->width;
	sample_row *samples;
	size_t		count;
	ps_cell    *cells;
	double	   *values;
	int32_t    *labels;
	ps_points	points;
	ps_grouping grouping;
	double		measure;

	PS_TRY(choose_rows(env, frame, &samples, &count, error));
	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	PS_TRY(ps_alloc(env, count, width * sizeof(double), &values, error));
	PS_TRY(ps_alloc(env, count, sizeof(int32_t), &labels, error));
	for (size_t i = 0; i < count; i++)
	{
		ps_frame_row(frame, samples[i].row, cells);
		PS_TRY(place_row(env, clustering, cells, values + i * width, &labels[i], error));
		if (i % 8 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	points = (ps_points) {.count = count,.width = width,.values = values};
	grouping = (ps_grouping) {k, labels};
	PS_TRY(ps_silhouettes(env, &points, &grouping, 1, &measure, error));
	PS_TRY(ps_value_set_number(env, metrics, "silhouette", measure, error));
	PS_TRY(ps_calinski_harabasz(env, &points, &grouping, &measure, error));
	PS_TRY(ps_value_set_number(env, metrics, "calinski_harabasz", measure, error));
	PS_TRY(ps_davies_bouldin(env, &points, &grouping, &measure, error));
	PS_TRY(ps_value_set_number(env, metrics, "davies_bouldin", measure, error));
	ps_release(env, samples);
	ps_release(env, values);
	ps_release(env, labels);
	return PS_OK;
}
