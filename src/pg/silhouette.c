/*-------------------------------------------------------------------------
 *
 * silhouette.c
 *	  The aggregate silhouette(label, columns ...): how far apart groups of
 *	  rows are, and its state, the type predseg.point_sample.
 *
 * The state keeps a bounded sample of the rows (ps_point_sample.h), so its
 * memory does not grow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/array.h"

#include "aggregate_state.h"
#include "compat.h"
#include "errors.h"
#include "ps_point_sample.h"

static ps_status
read_sample(const ps_env *env, const uint8_t *bytes, size_t length, void *content, ps_error *error)
{
	return ps_point_sample_read(env, bytes, length, content, error);
}

static ps_status
write_sample(const ps_env *env, void *content, uint8_t **bytes, size_t *length, ps_error *error)
{
	return ps_point_sample_write(env, content, bytes, length, error);
}

static ps_status
merge_samples(const ps_env *env, void *content, const void *other, ps_error *error)
{
	return ps_point_sample_merge(env, content, other, error);
}

static const StateKind sample_kind = {
	sizeof(ps_point_sample), "points", "Give fewer columns.",
	read_sample, write_sample, merge_samples
};

STATE_FUNCTIONS(point_sample, sample_kind);

PG_FUNCTION_INFO_V1(predseg_point_sample_add);

/* point_sample_add(state, label, columns): rows with a NULL are skipped. */
Datum
predseg_point_sample_add(PG_FUNCTION_ARGS)
{
	ArrayType  *columns = PG_ARGISNULL(1) || PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2);
	AggregateState *state;
	ps_point_sample *sample;
	int			width;
	const char *label;
	size_t		length;
	ps_error	error;

	if (columns == NULL || array_contains_nulls(columns))
		return state_unchanged(fcinfo);
	state = state_to_change(fcinfo, &sample_kind);
	sample = state->content;
	width = ArrayGetNItems(ARR_NDIM(columns), ARR_DIMS(columns));
	if (width == 0 || width > PS_POINT_WIDTH || (sample->width != 0 && (size_t) width != sample->width))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("a row has %d columns, must have 1 to %d and as many as the other rows", width, PS_POINT_WIDTH)));
	sample->width = width;
	state_labels(fcinfo, 1, 1, &label, &length);
	predseg_check(ps_point_sample_add(&state->env, sample, label, length, (const double *) ARR_DATA_PTR(columns), &error),
				  &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

PG_FUNCTION_INFO_V1(predseg_point_sample_silhouette);

/* The mean silhouette; NULL without two groups. */
Datum
predseg_point_sample_silhouette(PG_FUNCTION_ARGS)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		silhouette;

	predseg_check(ps_point_sample_silhouette(&env, state_to_finish(fcinfo, &sample_kind), &silhouette, &error), &error);
	if (isnan(silhouette))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(silhouette);
}
