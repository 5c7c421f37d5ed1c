/*-------------------------------------------------------------------------
 *
 * score.c
 *	  Questions to models from SQL: score and all others about a row.
 *
 * Each comes as f(model, row, ...), a pure function of its arguments, and as
 * f(name, row, ...), which asks the version deployed under that name.  Both
 * run through ask().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "site.h"

/*
 * Ask the model of argument 0 about the row of argument 1.  Returns false
 * when the answer is NULL.
 */
static bool
ask(FunctionCallInfo fcinfo, bool by_name, ps_question question,
	const ps_request *request, const RowMoment *moment, ps_answer *answer, const Site **site_out)
{
	const Site *site = site_read(fcinfo, by_name, moment);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;

	if (site == NULL)
		return false;
	predseg_check(ps_model_ask(&env, site->model, question, site->cells, request, answer, &error), &error);
	*site_out = site;
	return !answer->null;
}

/* The positions of the arguments a function has beside model and row; 0 where it has none. */
typedef struct Arguments
{
	int			horizon;
	int			discount;
	int			count;
	int			probability;
	int			as_of;
} Arguments;

/* The day that lies so many days after the one the row is judged at, or NULL. */
static Datum
day_after(FunctionCallInfo fcinfo, const Site *site, const RowMoment *moment, double days)
{
	DateADT		day;

	if (!row_day(site->binding, site->values, site->nulls, moment, &day))
		PG_RETURN_NULL();
	if (day + days >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	PG_RETURN_DATEADT(day + (DateADT) days);
}

/* Read the horizon, if one is given. */
static void
read_horizon(FunctionCallInfo fcinfo, const Arguments *at, ps_request *request)
{
	if (at->horizon == 0 || PG_ARGISNULL(at->horizon))
		return;
	if (INTERVAL_NOT_FINITE(PG_GETARG_INTERVAL_P(at->horizon)))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("horizon must be finite"),
				 errhint("Only predseg.clv and predseg.discounted_purchases look ahead without end: with a horizon of NULL and a discount.")));
	request->has_horizon = true;
	request->horizon = row_interval_days(PG_GETARG_INTERVAL_P(at->horizon));
}

/*
 * Ask with the arguments a function has.  A NULL model or row gives NULL, and
 * so does a NULL number of purchases or probability to reach.
 */
static Datum
ask_number(FunctionCallInfo fcinfo, bool by_name, ps_question question, const Arguments *at)
{
	ps_request	request = {0};
	RowMoment	moment = {false, 0, by_name};
	ps_answer	answer;
	const Site *site;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || (at->count > 0 && PG_ARGISNULL(at->count)) ||
		(at->probability > 0 && PG_ARGISNULL(at->probability)))
		PG_RETURN_NULL();
	read_horizon(fcinfo, at, &request);
	if (at->discount > 0 && !PG_ARGISNULL(at->discount))
		request.discount = PG_GETARG_FLOAT8(at->discount);
	if (at->count > 0)
		request.count = PG_GETARG_INT32(at->count);
	if (at->probability > 0)
		request.probability = PG_GETARG_FLOAT8(at->probability);
	if (at->as_of > 0 && !PG_ARGISNULL(at->as_of))
	{
		moment.given = true;
		moment.day = PG_GETARG_DATEADT(at->as_of);
	}
	if (!ask(fcinfo, by_name, question, &request, &moment, &answer, &site))
		PG_RETURN_NULL();
	if (question == PS_ASK_CLUSTER || question == PS_ASK_SECOND_CLUSTER)
		PG_RETURN_INT32((int32) answer.number);
	if (question == PS_ASK_UNLIKE)
		PG_RETURN_BOOL(answer.number > 0);
	if ((1u << question & PS_DAY_QUESTIONS) != 0)
		return day_after(fcinfo, site, &moment, answer.number);
	PG_RETURN_FLOAT8(answer.number);
}

/*
 * The same by name; the quick way where the model has one and the horizon is
 * all that may be given.  Inline, for what a function cannot be given costs
 * nothing then.
 */
static pg_attribute_always_inline Datum
ask_number_by_name(FunctionCallInfo fcinfo, ps_question question, const Arguments *at)
{
	const Site *site = site_of_numbers(fcinfo);
	ps_request	request = {0};
	double		number;

	if (site != NULL && at->discount == 0 && at->count == 0 && at->probability == 0)
	{
		read_horizon(fcinfo, at, &request);
		if (ps_model_ask_numbers(site->model, question, &site->numbers, &request, &number))
			PG_RETURN_FLOAT8(number);
	}
	return ask_number(fcinfo, true, question, at);
}

/* Define the two SQL functions, by value and by name, of a question with the positions of its arguments. */
#define ASK_FUNCTIONS(sql_name, question, ...) \
static const Arguments arguments_of_##sql_name = {__VA_ARGS__}; \
PG_FUNCTION_INFO_V1(predseg_##sql_name##_by_value); \
Datum \
predseg_##sql_name##_by_value(PG_FUNCTION_ARGS) \
{ \
	return ask_number(fcinfo, false, question, &arguments_of_##sql_name); \
} \
PG_FUNCTION_INFO_V1(predseg_##sql_name##_by_name); \
Datum \
predseg_##sql_name##_by_name(PG_FUNCTION_ARGS) \
{ \
	return ask_number_by_name(fcinfo, question, &arguments_of_##sql_name); \
} \
extern Datum predseg_##sql_name##_by_name(PG_FUNCTION_ARGS)

ASK_FUNCTIONS(score, PS_ASK_SCORE, 0);
ASK_FUNCTIONS(intent_score, PS_ASK_PROBABILITY, 0);
ASK_FUNCTIONS(churn_probability, PS_ASK_CHURN, .horizon = 2, .as_of = 3);
ASK_FUNCTIONS(p_alive, PS_ASK_ALIVE, .horizon = 2, .as_of = 3);
ASK_FUNCTIONS(p_alive_log_odds, PS_ASK_ALIVE_LOG_ODDS, .horizon = 2, .as_of = 3);
ASK_FUNCTIONS(expected_purchases, PS_ASK_PURCHASES, .horizon = 2, .as_of = 3);
ASK_FUNCTIONS(expected_purchases_bound, PS_ASK_PURCHASES_BOUND, .horizon = 2, .probability = 3, .as_of = 4);
ASK_FUNCTIONS(discounted_purchases, PS_ASK_DISCOUNTED, .horizon = 2, .discount = 3, .as_of = 4);
ASK_FUNCTIONS(p_exactly, PS_ASK_EXACTLY, .horizon = 2, .count = 3, .as_of = 4);
ASK_FUNCTIONS(p_at_least, PS_ASK_AT_LEAST, .horizon = 2, .count = 3, .as_of = 4);
ASK_FUNCTIONS(clv, PS_ASK_VALUE, .horizon = 2, .discount = 3, .as_of = 4);
ASK_FUNCTIONS(clv_bound, PS_ASK_VALUE_BOUND, .horizon = 2, .probability = 3, .discount = 4, .as_of = 5);
ASK_FUNCTIONS(next_purchase, PS_ASK_NEXT, .probability = 2, .as_of = 3);
ASK_FUNCTIONS(p_alive_below, PS_ASK_ALIVE_BELOW, .probability = 2, .as_of = 3);
ASK_FUNCTIONS(churn_above, PS_ASK_CHURN_ABOVE, .horizon = 2, .probability = 3, .as_of = 4);
ASK_FUNCTIONS(expected_lifetime, PS_ASK_LIFETIME, .horizon = 2);
ASK_FUNCTIONS(cluster, PS_ASK_CLUSTER, 0);
ASK_FUNCTIONS(cluster_distance, PS_ASK_CLUSTER_DISTANCE, 0);
ASK_FUNCTIONS(second_cluster, PS_ASK_SECOND_CLUSTER, 0);
ASK_FUNCTIONS(unlike_any_cluster, PS_ASK_UNLIKE, 0);

/* The probability of each cluster, as an array. */
static Datum
ask_clusters(FunctionCallInfo fcinfo, bool by_name)
{
	ps_request	request = {0};
	RowMoment	moment = {false, 0, by_name};
	ps_answer	answer;
	const Site *site;
	Datum	   *numbers;

	if (!ask(fcinfo, by_name, PS_ASK_CLUSTERS, &request, &moment, &answer, &site))
		PG_RETURN_NULL();
	numbers = palloc(answer.count * sizeof(Datum));
	for (size_t i = 0; i < answer.count; i++)
		numbers[i] = Float8GetDatum(answer.numbers[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(numbers, (int) answer.count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
										  TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(predseg_cluster_probabilities_by_value);
Datum
predseg_cluster_probabilities_by_value(PG_FUNCTION_ARGS)
{
	return ask_clusters(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_cluster_probabilities_by_name);
Datum
predseg_cluster_probabilities_by_name(PG_FUNCTION_ARGS)
{
	return ask_clusters(fcinfo, true);
}

/* The band of a row's probability, by the cuts frozen in the model. */
static Datum
ask_band(FunctionCallInfo fcinfo, bool by_name)
{
	ps_request	request = {0};
	RowMoment	moment = {false, 0, by_name};
	ps_answer	answer;
	const Site *site;

	if (!ask(fcinfo, by_name, PS_ASK_PROBABILITY, &request, &moment, &answer, &site))
		PG_RETURN_NULL();
	if (site->model->ncuts == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_WRONG_MODEL),
				 errmsg("the model has no bands of its own"),
				 errhint("Give the cuts: predseg.band(score, ARRAY[0.2, 0.5], ARRAY['low', 'medium', 'high']).")));
	PG_RETURN_TEXT_P(cstring_to_text(ps_band_label(site->model->cuts, site->model->ncuts,
												   site->model->labels, answer.number)));
}

PG_FUNCTION_INFO_V1(predseg_band_by_value);
Datum
predseg_band_by_value(PG_FUNCTION_ARGS)
{
	return ask_band(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_band_by_name);
Datum
predseg_band_by_name(PG_FUNCTION_ARGS)
{
	return ask_band(fcinfo, true);
}

PG_FUNCTION_INFO_V1(predseg_band_by_hand);

/* band(score, cuts, labels): the label of a number by ascending cuts, one label more than cuts. */
Datum
predseg_band_by_hand(PG_FUNCTION_ARGS)
{
	double		score = PG_GETARG_FLOAT8(0);
	Datum	   *cuts;
	Datum	   *labels;
	int			ncuts;
	int			nlabels;
	int			band = 0;

	if (array_contains_nulls(PG_GETARG_ARRAYTYPE_P(1)) || array_contains_nulls(PG_GETARG_ARRAYTYPE_P(2)))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("cuts and labels must not contain NULL")));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &cuts, NULL, &ncuts);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &labels, NULL, &nlabels);
	if (nlabels != ncuts + 1)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("%d cuts need %d labels, but there are %d", ncuts, ncuts + 1, nlabels)));
	if (isnan(score))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("the score is NaN")));
	for (int i = 0; i < ncuts; i++)
	{
		double		cut = DatumGetFloat8(cuts[i]);

		if (isnan(cut) || (i > 0 && cut <= DatumGetFloat8(cuts[i - 1])))
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
					 errmsg("cuts must be ascending numbers"),
					 errdetail("Cut %d is %g.", i + 1, cut)));
		if (score >= cut)
			band = i + 1;
	}
	PG_RETURN_DATUM(labels[band]);
}
