/*-------------------------------------------------------------------------
 *
 * test_roc_tables.c
 *	  Average precision, calibration, lift, thresholds and the best cut-off,
 *	  by hand and against their definitions over all rows.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_random.h"
#include "ps_roc_tables.h"

#define ROWS 600

static double scores[ROWS];
static bool actuals[ROWS];
static double weights[ROWS];

/* Probabilities on a grid, so that there are ties; weights are whole, 0 among them. */
static void
make_rows(void)
{
	ps_random	random;

	ps_random_seed(&random, 5);
	for (size_t i = 0; i < ROWS; i++)
	{
		actuals[i] = ps_random_uniform(&random) < 0.3;
		scores[i] = floor(64 * (0.8 * ps_random_uniform(&random) + (actuals[i] ? 0.2 : 0))) / 64;
		weights[i] = floor(4 * ps_random_uniform(&random));
	}
}

static ps_roc
all_rows(const ps_env *env, size_t nparameters, const double *parameters)
{
	ps_roc		roc = {0};
	ps_error	error;

	ps_roc_set(&roc, parameters, nparameters, &error);
	for (size_t i = 0; i < ROWS; i++)
		ps_roc_add(env, &roc, scores[i], actuals[i], weights[i], &error);
	return roc;
}

/* Weight of the rows, or of the positives only, with a score in [lower, upper]. */
static double
weight_between(double lower, double upper, bool positives_only)
{
	double		sum = 0;

	for (size_t i = 0; i < ROWS; i++)
		if (scores[i] >= lower && scores[i] <= upper && (actuals[i] || !positives_only))
			sum += weights[i];
	return sum;
}

/* The mean, over the positives, of the precision among all rows that score no less. */
static double
average_precision_by_definition(void)
{
	double		sum = 0;

	for (size_t i = 0; i < ROWS; i++)
		if (actuals[i])
			sum += weights[i] * weight_between(scores[i], INFINITY, true) / weight_between(scores[i], INFINITY, false);
	return sum / weight_between(-INFINITY, INFINITY, true);
}

static void
test_definitions(const ps_env *env)
{
	const double seven = 7;
	double		total = weight_between(-INFINITY, INFINITY, false);
	double		positives = weight_between(-INFINITY, INFINITY, true);
	ps_roc		roc = all_rows(env, 0, NULL);
	ps_roc		binned = all_rows(env, 1, &seven);
	ps_error	error;
	double		value;
	double		area;
	bool		defined;
	ps_calibration_bin *calibration;
	ps_lift_bin *lift;
	ps_threshold *thresholds;
	size_t		count;
	size_t		wrong = 0;
	double		rows = 0;
	double		rate;
	double		z = 1.959963984540054;

	ps_roc_average_precision(env, &roc, &value, &defined, &error);
	close_to(value, average_precision_by_definition(), 1e-13, 0, "average precision");
	ps_roc_area(env, &roc, &area, &defined, &error);
	ps_roc_gini(env, &roc, &value, &defined, &error);
	close_to(value, 2 * area - 1, 0, 0, "gini");

	ps_roc_calibration(env, &binned, &calibration, &count, &error);
	ok(count == 7, "seven bins");
	for (size_t i = 0; i < count; i++)
	{
		ps_calibration_bin *bin = &calibration[i];
		double		n = weight_between(bin->lower, bin->upper, false);
		double		sum = 0;

		for (size_t j = 0; j < ROWS; j++)
			sum += scores[j] >= bin->lower && scores[j] <= bin->upper ? weights[j] * scores[j] : 0;
		rows += bin->rows;
		wrong += bin->bin != (double) (i + 1) || bin->rows != n || fabs(n - total / 7) > total / 28 ||
			fabs(bin->predicted - sum / n) > 1e-14 ||
			fabs(bin->observed - weight_between(bin->lower, bin->upper, true) / n) > 1e-15 ||
			(i > 0 && bin->lower <= calibration[i - 1].upper);
		/* the interval's ends are where the score test is just not significant */
		for (int end = 0; end < 2; end++)
		{
			rate = end == 0 ? bin->observed_lower : bin->observed_upper;
			wrong += fabs(fabs(bin->observed - rate) - z * sqrt(rate * (1 - rate) / n)) > 1e-14;
		}
	}
	ok(wrong == 0 && rows == total, "calibration by definition, bins of about equal size that share no score");

	wrong = 0;
	ps_roc_lift(env, &roc, &lift, &count, &error);
	for (size_t i = 0; i < count; i++)
	{
		ps_lift_bin *bin = &lift[i];
		double		n = weight_between(bin->lower, bin->upper, false);
		double		reached = weight_between(bin->lower, INFINITY, false) / total;
		double		captured = weight_between(bin->lower, INFINITY, true) / positives;

		rate = weight_between(bin->lower, bin->upper, true) / n;
		wrong += bin->bin != (double) (i + 1) || bin->rows != n || bin->rate != rate ||
			bin->positives != weight_between(bin->lower, bin->upper, true) ||
			fabs(bin->lift - rate / (positives / total)) > 1e-14 || bin->reached != reached ||
			bin->captured != captured || fabs(bin->cumulative_lift - captured / reached) > 1e-14 ||
			(i > 0 && bin->upper >= lift[i - 1].lower);
	}
	ok(wrong == 0 && count == 10 && lift[9].captured == 1 && lift[9].reached == 1, "lift by definition");

	wrong = 0;
	ps_roc_thresholds(env, &roc, &thresholds, &count, &error);
	for (size_t i = 0; i < count; i++)
	{
		ps_threshold *t = &thresholds[i];
		double		caught = weight_between(t->cut, INFINITY, true);
		double		treated = weight_between(t->cut, INFINITY, false);

		wrong += t->rows != treated || t->caught != caught || t->wasted != treated - caught ||
			t->precision != caught / treated || t->recall != caught / positives ||
			t->false_positive_rate != (treated - caught) / (total - positives);
	}
	ok(wrong == 0 && count == 10, "thresholds by definition");
}

static double
best_cutoff(const ps_env *env, double benefit, double cost, double capacity)
{
	const double parameters[] = {benefit, cost, capacity};
	ps_roc		roc = all_rows(env, 3, parameters);
	ps_error	error;
	double		cutoff;
	bool		defined;

	return ps_roc_cutoff(env, &roc, &cutoff, &defined, &error) == PS_OK && defined ? cutoff : NAN;
}

static void
test_cutoff(const ps_env *env)
{
	static const double cases[][3] = {{10, 1, 1}, {3, 1, 1}, {10, 4, 1}, {10, 1, 0.2}, {10, 1, 0.05}, {1, 0, 1}};
	double		total = weight_between(-INFINITY, INFINITY, false);

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		double		best = 0;
		double		cutoff = INFINITY;

		for (int cut = 64; cut >= 0; cut--)
		{
			double		treated = weight_between(cut / 64.0, INFINITY, false);
			double		profit = cases[c][0] * weight_between(cut / 64.0, INFINITY, true) - cases[c][1] * treated;

			if (treated / total <= cases[c][2] && profit > best)
			{
				best = profit;
				cutoff = cut / 64.0;
			}
		}
		close_to(best_cutoff(env, cases[c][0], cases[c][1], cases[c][2]), cutoff, 0, 0,
				 "best cut-off %g for benefit %g, cost %g, capacity %g", cutoff, cases[c][0], cases[c][1], cases[c][2]);
	}
	ok(best_cutoff(env, 1, 1, 1) == (double) INFINITY, "treating nobody is best");
	ok(best_cutoff(env, 10, 1, 0) == (double) INFINITY, "nobody can be treated");
	ok(isnan(best_cutoff(env, -1, 1, 1)) && isnan(best_cutoff(env, 1, INFINITY, 1)), "impossible benefits and costs");
	ok(isnan(best_cutoff(env, 1, 1, 2)) && isnan(best_cutoff(env, 1, 1, -0.5)), "impossible capacities");
	ok(isnan(best_cutoff(env, 1e308, 1e308, 1)), "profits beyond all numbers");
}

static void
test_by_hand(const ps_env *env)
{
	ps_roc		roc = {0};
	ps_roc		other = {0};
	ps_error	error;
	double		value;
	bool		defined;
	double		parameters[] = {2, 3};
	ps_calibration_bin *calibration;
	ps_lift_bin *lift;
	ps_threshold *thresholds;
	size_t		count;
	uint8_t    *bytes;
	size_t		length;

	ok(ps_roc_average_precision(env, &roc, &value, &defined, &error) == PS_OK && !defined, "nothing: no precision");
	ok(ps_roc_calibration(env, &roc, &calibration, &count, &error) == PS_OK && count == 0, "nothing: no calibration");
	ok(ps_roc_lift(env, &roc, &lift, &count, &error) == PS_OK && count == 0, "nothing: no lift");
	ps_roc_add(env, &roc, 0.25, true, 4, &error);
	ok(ps_roc_average_precision(env, &roc, &value, &defined, &error) == PS_OK && !defined, "one class: no precision");
	ok(ps_roc_lift(env, &roc, &lift, &count, &error) == PS_OK && count == 0, "one class: no lift");
	ok(ps_roc_thresholds(env, &roc, &thresholds, &count, &error) == PS_OK && count == 0, "one class: no thresholds");
	ps_roc_calibration(env, &roc, &calibration, &count, &error);
	ok(count == 1 && calibration[0].bin == 1 && calibration[0].observed == 1 && calibration[0].observed_upper == 1,
	   "one score: one bin");
	/* R: prop.test(4, 4, correct = FALSE)$conf.int */
	close_to(calibration[0].observed_lower, 4 / (4 + 3.8414588206941236), 1e-14, 0, "Wilson interval of 4 of 4");
	ps_roc_add(env, &roc, 0.75, false, 4, &error);
	ps_roc_average_precision(env, &roc, &value, &defined, &error);
	close_to(value, 0.5, 0, 0, "the worst order");
	ps_roc_gini(env, &roc, &value, &defined, &error);
	close_to(value, -1, 0, 0, "has gini -1");
	ps_roc_add(env, &roc, 0.25, false, 12, &error);
	ps_roc_average_precision(env, &roc, &value, &defined, &error);
	close_to(value, 0.2, 0, 0, "ties count together");

	ps_roc_add(env, &roc, 1.25, false, 1, &error);
	ok(ps_roc_calibration(env, &roc, &calibration, &count, &error) == PS_INVALID_DATA, "%s", error.message);
	ps_roc_add(env, &roc, -INFINITY, false, 1, &error);
	ok(ps_roc_lift(env, &roc, &lift, &count, &error) == PS_OK && count == 4 && lift[3].lower == (double) -INFINITY,
	   "lift needs no probabilities");

	/* parameters */
	ok(ps_roc_set(&roc, parameters, 1, &error) == PS_OK && roc.nparameters == 1, "two bins");
	ok(ps_roc_lift(env, &roc, &lift, &count, &error) == PS_OK && count == 2, "give two rows");
	ok(ps_roc_write(env, &roc, &bytes, &length, &error) == PS_OK &&
	   ps_roc_read(env, bytes, length, &other, &error) == PS_OK && other.parameters[0] == 2, "go with the bytes");
	ok(ps_roc_merge(env, &roc, &other, &error) == PS_OK, "can be merged with the same");
	other.parameters[0] = 3;
	ok(ps_roc_merge(env, &roc, &other, &error) == PS_INVALID_OPTION, "%s", error.message);
	ok(ps_roc_set(&roc, parameters, 2, &error) == PS_INVALID_OPTION, "%s", error.message);
	ok(ps_roc_cutoff(env, &roc, &value, &defined, &error) == PS_INVALID_OPTION, "%s", error.message);
	for (size_t i = 0; i < 4; i++)
	{
		static const double wrong[] = {0, 2.5, 1001, -3};

		roc.parameters[0] = wrong[i];
		ok(ps_roc_thresholds(env, &roc, &thresholds, &count, &error) == PS_INVALID_OPTION, "%s", error.message);
	}
	other = (ps_roc) {0};
	parameters[0] = NAN;
	ok(ps_roc_set(&other, parameters, 1, &error) == PS_INVALID_OPTION, "%s", error.message);
	ps_roc_add(env, &other, 0, true, 1e308, &error);
	ps_roc_add(env, &other, 1, false, 1e308, &error);
	ok(ps_roc_lift(env, &other, &lift, &count, &error) == PS_INVALID_DATA, "%s", error.message);
}

int
main(void)
{
	host		h;

	make_rows();
	host_init(&h);
	test_definitions(&h.env);
	test_cutoff(&h.env);
	test_by_hand(&h.env);
	host_free(&h);
	return tap_done();
}
