/*-------------------------------------------------------------------------
 *
 * silhouette.c
 *	  The aggregate silhouette(label, columns ...): how far apart groups of
 *	  rows are.
 *
 * The state keeps a bounded sample of the rows (ps_point_sample.h), so its
 * memory does not grow.  It has no combine function: rows left out by one
 * worker cannot be counted by another.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "aggregate_state.h"
#include "compat.h"
#include "errors.h"
#include "ps_encode.h"
#include "ps_point_sample.h"

PG_FUNCTION_INFO_V1(predseg_silhouette_add);

/* silhouette_add(state, label, columns): rows with a NULL are skipped. */
Datum
predseg_silhouette_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = state_context(fcinfo);
	ps_env		env = predseg_env(context);
	FmgrInfo   *output = fcinfo->flinfo->fn_extra;
	ps_point_sample *sample = PG_ARGISNULL(0) ? NULL : (ps_point_sample *) PG_GETARG_POINTER(0);
	ArrayType  *columns;
	int			width;
	const char *label;
	ps_error	error;

	columns = PG_ARGISNULL(1) || PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2);
	if (columns == NULL || array_contains_nulls(columns))
	{
		if (sample == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(sample);
	}
	width = ArrayGetNItems(ARR_NDIM(columns), ARR_DIMS(columns));
	if (width == 0 || width > PS_ENCODE_COLUMNS || (sample != NULL && (size_t) width != sample->width))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("a row has %d columns, must have 1 to %d and as many as the other rows", width, PS_ENCODE_COLUMNS)));
	if (sample == NULL)
	{
		sample = MemoryContextAllocZero(context, sizeof(ps_point_sample));
		sample->width = width;
	}
	if (output == NULL)
	{
		Oid			function;
		bool		varlena;

		output = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(FmgrInfo));
		getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, 1), &function, &varlena);
		fmgr_info_cxt(function, output, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = output;
	}
	label = OutputFunctionCall(output, PG_GETARG_DATUM(1));
	predseg_check(ps_point_sample_add(&env, sample, label, strlen(label), (const double *) ARR_DATA_PTR(columns), &error),
				  &error);
	PG_RETURN_POINTER(sample);
}

PG_FUNCTION_INFO_V1(predseg_silhouette_finish);

/* The mean silhouette; NULL without two groups. */
Datum
predseg_silhouette_finish(PG_FUNCTION_ARGS)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		silhouette;

	state_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	predseg_check(ps_point_sample_silhouette(&env, (const ps_point_sample *) PG_GETARG_POINTER(0), &silhouette, &error),
				  &error);
	if (isnan(silhouette))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(silhouette);
}
