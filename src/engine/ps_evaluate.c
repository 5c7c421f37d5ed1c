/*-------------------------------------------------------------------------
 *
 * ps_evaluate.c
 *	  Quality of a model that predicts a target.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_evaluate.h"

#include <math.h>
#include <string.h>

#include "ps_roc_tables.h"

#define POLL_ROWS 1024

static const ps_request no_request;

static ps_status
fail_no_rows(ps_error *error)
{
	return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to evaluate on");
}

/* Add a metric of the order of scores. */
static ps_status
add_order(const ps_env *env, ps_value *metrics, const char *name, double value, bool defined, ps_error *error)
{
	return defined ? ps_value_set_number(env, metrics, name, value, error) :
		ps_value_set_null(env, metrics, name, error);
}

ps_status
ps_evaluate_classifier(const ps_env *env, ps_answer_function ask, const void *state, const ps_frame *frame,
					   ps_value *metrics, double *loss, ps_error *error)
{
	ps_probability_quality quality = {0};
	ps_cell    *cells;
	double		area;
	double		precision;
	bool		defined;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	PS_TRY(ps_roc_reserve(env, &quality.roc, ps_frame_rows(frame), error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		ps_answer	answer;

		ps_frame_row(frame, row, cells);
		PS_TRY(ask(env, state, PS_ASK_PROBABILITY, cells, &no_request, &answer, error));
		PS_TRY(ps_probability_quality_add(env, &quality, answer.number, ps_frame_target(frame, row) != 0,
										  ps_frame_weight(frame, row), error));
		if (row % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, cells);
	if (!(quality.weight > 0))
		return fail_no_rows(error);
	PS_TRY(ps_roc_area(env, &quality.roc, &area, &defined, error));
	PS_TRY(ps_roc_average_precision(env, &quality.roc, &precision, &defined, error));
	ps_release(env, quality.roc.entries);
	*loss = quality.log_loss / quality.weight;
	PS_TRY(ps_value_set_number(env, metrics, "rows", (double) ps_frame_rows(frame), error));
	PS_TRY(ps_value_set_number(env, metrics, "base_rate", quality.positives / quality.weight, error));
	PS_TRY(add_order(env, metrics, "roc_auc", area, defined, error));
	PS_TRY(add_order(env, metrics, "gini", 2 * area - 1, defined, error));
	PS_TRY(add_order(env, metrics, "average_precision", precision, defined, error));
	PS_TRY(ps_value_set_number(env, metrics, "log_loss", *loss, error));
	return ps_value_set_number(env, metrics, "brier", quality.brier / quality.weight, error);
}

ps_status
ps_evaluate_regression(const ps_env *env, ps_answer_function ask, const void *state, const ps_frame *frame,
					   double alpha, ps_value *metrics, double *loss, ps_error *error)
{
	ps_cell    *cells;
	double		weights = 0;
	double		mean = 0;
	double		variation = 0;	/* sum of squared distances of targets from their mean */
	double		squares = 0;
	double		sizes = 0;
	double		quantile_loss = 0;
	double		below = 0;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		double		target = ps_frame_target(frame, row);
		double		weight = ps_frame_weight(frame, row);
		double		from_mean = target - mean;
		double		miss;
		ps_answer	answer;

		if (row % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (weight == 0)
			continue;
		ps_frame_row(frame, row, cells);
		PS_TRY(ask(env, state, PS_ASK_SCORE, cells, &no_request, &answer, error));
		miss = target - answer.number;
		weights += weight;
		mean += from_mean * weight / weights;
		variation += weight * from_mean * (target - mean);
		squares += weight * miss * miss;
		sizes += weight * fabs(miss);
		quantile_loss += weight * (miss > 0 ? alpha * miss : (alpha - 1) * miss);
		below += miss <= 0 ? weight : 0;
	}
	ps_release(env, cells);
	if (!(weights > 0))
		return fail_no_rows(error);
	PS_TRY(ps_value_set_number(env, metrics, "rows", (double) ps_frame_rows(frame), error));
	if (!isnan(alpha))
	{
		*loss = quantile_loss / weights;
		PS_TRY(ps_value_set_number(env, metrics, "quantile_loss", *loss, error));
		return ps_value_set_number(env, metrics, "share_below", below / weights, error);
	}
	*loss = squares / weights;
	PS_TRY(ps_value_set_number(env, metrics, "mean_target", mean, error));
	PS_TRY(ps_value_set_number(env, metrics, "rmse", sqrt(*loss), error));
	PS_TRY(ps_value_set_number(env, metrics, "mae", sizes / weights, error));
	return ps_value_set_number(env, metrics, "r_squared", variation > 0 ? 1 - squares / variation : (double) NAN, error);
}

const char *
ps_quality_word(const ps_value *metrics, const char *metric)
{
	static const double areas[] = {0.6, 0.7, 0.8};
	static const double shares[] = {0.05, 0.2, 0.5};
	static const double silhouettes[] = {0.25, 0.5, 0.7};	/* Kaufman and Rousseeuw 1990 */
	static const char *const words[] = {"poor", "fair", "good", "excellent"};
	bool		is_gini = strcmp(metric, "gini") == 0;
	bool		is_order = is_gini || strcmp(metric, "roc_auc") == 0;
	bool		is_silhouette = strcmp(metric, "silhouette") == 0;
	const double *limits = is_order ? areas : is_silhouette ? silhouettes : shares;
	double		value = ps_value_number_or(metrics, metric, NAN);
	double		rows = ps_value_number_or(metrics, "rows", 0);
	double		rate = ps_value_number_or(metrics, "base_rate", 0.5);
	int			word = 0;

	if (isnan(value) || (!is_order && !is_silhouette && strcmp(metric, "r_squared") != 0))
		return NULL;
	if (is_order && rows * fmin(rate, 1 - rate) < PS_QUALITY_ROWS)
		return "uncertain";
	if (is_gini)
		value = (value + 1) / 2;
	while (word < 3 && value >= limits[word])
		word++;
	return words[word];
}
