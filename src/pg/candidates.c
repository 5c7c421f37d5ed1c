/*-------------------------------------------------------------------------
 *
 * candidates.c
 *	  cluster_candidates(model | name): the numbers of clusters, and forms of
 *	  their covariances, that were tried, and what speaks for each.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "model.h"
#include "registry.h"

/* The measures a candidate may have, in the order of the result's columns after k, chosen and covariance. */
static const char *const measures[] = {
	"inertia", "overlap", "silhouette", "calinski_harabasz", "davies_bouldin", "gap", "gap_error", "height",
	"log_likelihood", "bic", "aic"
};

/* Return a row for each candidate; none where there was nothing to choose. */
static Datum
cluster_candidates(FunctionCallInfo fcinfo, bool by_name)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const ps_model *model = registry_argument(fcinfo, by_name, CurrentMemoryContext);
	const ps_value *parameters = ps_value_get(model->document, "parameters");
	const ps_cluster_numbers *clusters = model_clusters(model);
	const ps_value *candidates = ps_value_get(parameters, "candidates");
	const char *model_covariance = ps_value_text_or(parameters, "covariance", "");

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; candidates != NULL && candidates->type == PS_LIST && i < candidates->count; i++)
	{
		Datum		values[3 + lengthof(measures)];
		bool		nulls[3 + lengthof(measures)] = {false};
		double		k = ps_value_number_or(candidates->items[i], "k", 0);
		const char *covariance = ps_value_text_or(candidates->items[i], "covariance", NULL);

		if (!(k >= 1 && k <= PG_INT32_MAX))
			continue;
		values[0] = Int32GetDatum((int32) k);
		values[1] = BoolGetDatum(k == (double) clusters->count &&
								 (covariance == NULL || strcmp(covariance, model_covariance) == 0));
		nulls[2] = covariance == NULL;
		values[2] = covariance == NULL ? (Datum) 0 : CStringGetTextDatum(covariance);
		for (int m = 0; m < lengthof(measures); m++)
		{
			double		value = ps_value_number_or(candidates->items[i], measures[m], NAN);

			nulls[3 + m] = isnan(value);
			values[3 + m] = Float8GetDatum(value);
		}
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(predseg_cluster_candidates_by_value);
Datum
predseg_cluster_candidates_by_value(PG_FUNCTION_ARGS)
{
	return cluster_candidates(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_cluster_candidates_by_name);
Datum
predseg_cluster_candidates_by_name(PG_FUNCTION_ARGS)
{
	return cluster_candidates(fcinfo, true);
}
