/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  explain(model | name, row [, top]): what each column of a row adds to
 *	  its score.
 *
 * The strongest columns come first, then what the others add together, and
 * the intercept last, so that LIMIT gives the strongest.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "errors.h"
#include "site.h"

/* What one input adds. */
typedef struct Contribution
{
	size_t		input;
	double		amount;
} Contribution;

/* The largest absolute amount first, equal ones in the order of the model's inputs. */
static int
compare_contributions(const void *a, const void *b)
{
	const Contribution *left = a;
	const Contribution *right = b;

	if (fabs(left->amount) != fabs(right->amount))
		return fabs(left->amount) > fabs(right->amount) ? -1 : 1;
	return left->input < right->input ? -1 : 1;
}

/* Add a row to the result; value may be NULL. */
static void
put_row(ReturnSetInfo *result, const char *feature, const char *value, double contribution)
{
	Datum		values[3] = {CStringGetTextDatum(feature), (Datum) 0, Float8GetDatum(contribution)};
	bool		nulls[3] = {false, value == NULL, false};

	if (value != NULL)
		values[1] = CStringGetTextDatum(value);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static Datum
explain(FunctionCallInfo fcinfo, bool by_name)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RowMoment	moment = {false, 0, by_name};
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	const Site *site;
	const ps_model *model;
	Contribution *contributions;
	double	   *amounts;
	double		baseline;
	double		others = 0;
	size_t		shown;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	if (!PG_ARGISNULL(2) && PG_GETARG_INT32(2) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("\"top\" is %d, must be 0 or more", PG_GETARG_INT32(2)),
				 errhint("Leave it out to see all columns.")));
	site = site_read(fcinfo, by_name, &moment);
	if (site == NULL)
		return (Datum) 0;
	model = site->model;
	amounts = palloc(model->ninputs * sizeof(double));
	predseg_check(ps_model_explain(&env, model, site->cells, &baseline, amounts, &error), &error);

	contributions = palloc(model->ninputs * sizeof(Contribution));
	for (size_t i = 0; i < model->ninputs; i++)
		contributions[i] = (Contribution) {i, amounts[i]};
	qsort(contributions, model->ninputs, sizeof(Contribution), compare_contributions);
	shown = PG_ARGISNULL(2) ? model->ninputs : Min((size_t) PG_GETARG_INT32(2), model->ninputs);
	for (size_t i = 0; i < model->ninputs; i++)
	{
		size_t		input = contributions[i].input;

		if (i < shown)
			put_row(result, model->inputs[input].name,
					row_text(&site->binding->inputs[input], site->values, &site->cells[input]),
					contributions[i].amount);
		else
			others += contributions[i].amount;
	}
	if (shown < model->ninputs)
		put_row(result, "(other)", NULL, others);
	put_row(result, "(intercept)", NULL, baseline);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(predseg_explain_by_value);
Datum
predseg_explain_by_value(PG_FUNCTION_ARGS)
{
	return explain(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_explain_by_name);
Datum
predseg_explain_by_name(PG_FUNCTION_ARGS)
{
	return explain(fcinfo, true);
}
