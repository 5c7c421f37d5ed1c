/*-------------------------------------------------------------------------
 *
 * test_boosted_trees.c
 *	  Boosted trees on simulated data whose best predictions are known, their
 *	  parameters against a plain reading of them, and bad input.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_evaluate.h"
#include "ps_metrics.h"
#include "ps_random.h"
#include "ps_tree_grow.h"

/* Columns of most tests: two numbers, a text, a boolean. */
static const ps_column columns[] = {
	{"x", PS_TYPE_NUMBER}, {"z", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}, {"b", PS_TYPE_BOOLEAN}
};

typedef struct sample
{
	ps_cell		cells[4];
	double		target;
	double		weight;
} sample;

/* Fill count samples. */
typedef void (*simulate) (ps_random *random, sample *samples, size_t count);

static double
uniform(ps_random *random)
{
	return ps_random_uniform(random);
}

static double
exponential(ps_random *random)
{
	return -log(1 - uniform(random));
}

static ps_frame *
frame_of(const ps_env *env, const sample *samples, size_t count, bool weighted)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, 4, true, weighted, &frame, &error);
	for (size_t i = 0; i < count; i++)
		ps_frame_append(frame, samples[i].cells, samples[i].target, samples[i].weight, &error);
	return frame;
}

static sample *
simulate_rows(const ps_env *env, simulate fill, uint64_t seed, size_t count)
{
	ps_random	random;
	sample	   *samples;
	ps_error	error;

	ps_random_seed(&random, seed);
	ps_alloc_zero(env, count, sizeof(*samples), &samples, &error);
	for (size_t i = 0; i < count; i++)
	{
		samples[i].cells[0] = number_cell(uniform(&random));
		samples[i].cells[1] = number_cell(uniform(&random));
		samples[i].cells[2] = text_cell("same");
		samples[i].cells[3] = number_cell(uniform(&random) < 0.5);
		samples[i].weight = 1;
	}
	fill(&random, samples, count);
	return samples;
}

static fitted
fit_simulated(const ps_env *env, simulate fill, size_t count, const char *options)
{
	return fit_frame(env, frame_of(env, simulate_rows(env, fill, 1, count), count, false), "boosted_trees", options);
}

static double
trees_of(const fitted *fit)
{
	return ps_value_number_or(fit_parameters(fit), "trees", NAN);
}

static double
importance_of(const fitted *fit, size_t column)
{
	return ps_value_number_or(ps_value_get(fit_parameters(fit), "columns")->items[column], "importance", NAN);
}

/* True where exactly one of two numbers is above a half: neither alone says anything. */
static void
fill_either(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	for (size_t i = 0; i < count; i++)
		samples[i].target = (samples[i].cells[0].number > 0.5) != (samples[i].cells[1].number > 0.5);
}

static void
test_interaction(const ps_env *env)
{
	fitted		fit = fit_simulated(env, fill_either, 2000, "{}");
	sample	   *fresh = simulate_rows(env, fill_either, 2, 1000);
	size_t		wrong = 0;

	for (size_t i = 0; i < 1000; i++)
		if ((score_cells(env, &fit, fresh[i].cells) > 0.5) != (fresh[i].target > 0.5))
			wrong++;
	ok(fit.status == PS_OK && wrong <= 20, "an interaction is learned: %zu of 1000 new rows are wrong", wrong);
	ok(importance_of(&fit, 0) > 0.3 && importance_of(&fit, 1) > 0.3 && importance_of(&fit, 3) < 0.05,
	   "importances tell which columns matter");
	close_to(importance_of(&fit, 0) + importance_of(&fit, 1) + importance_of(&fit, 3), 1, 1e-12, 0, "and sum to 1");
	ok(has_note(&fit, "column \"t\" is left out: all its values are the same"), "a constant text is left out");
	ok(strcmp(fit.model->kind, "classifier") == 0 &&
	   ps_value_number_or(ps_value_get(fit.document, "training"), "base_rate", NAN) > 0.4, "a classifier has a base rate");
}

/* x is NULL in half of the rows; there the target is as for a large x, or for a small one. */
static void
fill_nulls(sample *samples, size_t count, bool large)
{
	for (size_t i = 0; i < count; i++)
	{
		ps_cell    *x = &samples[i].cells[0];

		samples[i].target = (i % 2 == 0 ? large : x->number > 0.5) ? 3 : 1;
		x->null = i % 2 == 0;
	}
}

static void
fill_nulls_large(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	fill_nulls(samples, count, true);
}

static void
fill_nulls_small(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	fill_nulls(samples, count, false);
}

/* Whether x is known says everything; its value is constant. */
static void
fill_known(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	for (size_t i = 0; i < count; i++)
	{
		samples[i].cells[0] = number_cell(i % 3 == 0 ? NAN : 5);
		samples[i].target = i % 3 == 0 ? 10 : 20;
	}
}

static void
test_nulls(const ps_env *env)
{
	static const char options[] = "{\"l2\":0,\"trees\":200,\"early_stopping\":false}";
	sample	   *probe = simulate_rows(env, fill_either, 3, 1);
	fitted		large = fit_simulated(env, fill_nulls_large, 500, options);
	fitted		small = fit_simulated(env, fill_nulls_small, 500, options);
	fitted		known = fit_simulated(env, fill_known, 500, options);

	probe->cells[0] = number_cell(NAN);
	close_to(score_cells(env, &large, probe->cells), 3, 1e-4, 0, "NULL learned to be like large values");
	close_to(score_cells(env, &small, probe->cells), 1, 1e-4, 0, "NULL learned to be like small values");
	close_to(score_cells(env, &known, probe->cells), 10, 1e-4, 0, "a constant that may be NULL: NULL");
	probe->cells[0] = number_cell(0.9);
	close_to(score_cells(env, &large, probe->cells), 3, 1e-4, 0, "a large value");
	close_to(score_cells(env, &known, probe->cells), 20, 1e-4, 0, "a constant that may be NULL: known");
	probe->cells[0] = number_cell(0.1);
	close_to(score_cells(env, &large, probe->cells), 1, 1e-4, 0, "a small value");
	probe->cells[0] = (ps_cell) {.number = NAN};
	ok(isnan(score_cells(env, &large, probe->cells)), "NaN is refused");
	probe->cells[0].number = -INFINITY;
	ok(isnan(score_cells(env, &large, probe->cells)), "infinity is refused");
	probe->cells[0].number = 1e308;
	close_to(score_cells(env, &large, probe->cells), 3, 1e-4, 0, "a huge value is a large one");
}

#define LEVELS 400
static char level_names[LEVELS][8];

/* The effect of a level: not in the order of names or frequencies. */
static double
level_effect(size_t level)
{
	return (double) (level * 7919 % LEVELS) / LEVELS * 10;
}

/* 400 levels, the first ones the most frequent; NULL has an effect of 20. */
static void
fill_levels(ps_random *random, sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		double		u = uniform(random);
		size_t		level = (size_t) (u * u * LEVELS);

		snprintf(level_names[level], sizeof(level_names[level]), "l%zu", level);
		samples[i].cells[2] = text_cell(i % 10 == 0 ? NULL : level_names[level]);
		samples[i].target = (i % 10 == 0 ? 20 : level_effect(level)) + uniform(random) - 0.5;
	}
}

static void
test_levels(const ps_env *env)
{
	fitted		fit = fit_simulated(env, fill_levels, 12000, "{\"trees\":100,\"early_stopping\":false}");
	sample	   *fresh = simulate_rows(env, fill_levels, 2, 2000);
	double		squares = 0;
	ps_cell    *cell = &fresh[0].cells[2];
	double		unseen;

	for (size_t i = 0; i < 2000; i++)
		squares += pow(score_cells(env, &fit, fresh[i].cells) - fresh[i].target, 2) / 2000;

	/*
	 * The noise alone has a standard deviation of 0.29, the levels 2.9.  Those
	 * beyond PS_BINS_LEVELS, a fifth of the rows, share one code.
	 */
	ok(sqrt(squares) < 1.6, "hundreds of levels: error %.2f", sqrt(squares));
	*cell = text_cell("l3");
	close_to(score_cells(env, &fit, fresh[0].cells), level_effect(3), 0, 0.5, "a frequent level");
	*cell = text_cell(NULL);
	close_to(score_cells(env, &fit, fresh[0].cells), 20, 0, 0.5, "NULL is a level");
	*cell = text_cell("never seen");
	unseen = score_cells(env, &fit, fresh[0].cells);
	*cell = text_cell("l399");
	close_to(unseen, score_cells(env, &fit, fresh[0].cells), 0, 0, "an unseen level is like rare ones");
	close_to(unseen, 5, 0, 1, "which are average");
}

/* Two levels that differ, every level seen: what then of others? */
static void
fill_two_levels(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	for (size_t i = 0; i < count; i++)
	{
		samples[i].cells[2] = text_cell(i % 4 == 0 ? "rare" : "common");
		samples[i].target = i % 4 == 0 ? 8 : 4;
	}
}

static void
test_unseen(const ps_env *env)
{
	fitted		fit = fit_simulated(env, fill_two_levels, 400, "{\"l2\":0,\"trees\":100,\"early_stopping\":false}");
	sample	   *probe = simulate_rows(env, fill_either, 3, 1);

	probe->cells[2] = text_cell("rare");
	close_to(score_cells(env, &fit, probe->cells), 8, 1e-3, 0, "a level");
	probe->cells[2] = text_cell("unseen");
	close_to(score_cells(env, &fit, probe->cells), 4, 1e-3, 0, "an unseen level goes where the average is nearer");
	probe->cells[2] = text_cell(NULL);
	close_to(score_cells(env, &fit, probe->cells), 4, 1e-3, 0, "and so does NULL that was never seen");
}

/* Amounts of which a third is zero, with a mean of 2 and 6 by b. */
static void
fill_amounts(ps_random *random, sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		double		mean = samples[i].cells[3].number > 0 ? 6 : 2;

		samples[i].target = i % 3 == 0 ? 0 : mean * 1.5 * exponential(random);
	}
}

static void
fill_positive(ps_random *random, sample *samples, size_t count)
{
	fill_amounts(random, samples, count);
	for (size_t i = 0; i < count; i++)
		samples[i].target = 1000 * (samples[i].target + 0.1);
}

static void
fill_counts(ps_random *random, sample *samples, size_t count)
{
	fill_amounts(random, samples, count);
	for (size_t i = 0; i < count; i++)
		samples[i].target = floor(samples[i].target);
}

static void
fill_yes(ps_random *random, sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		samples[i].target = uniform(random) < (samples[i].cells[3].number > 0 ? 0.9 : 0.2);
}

static void
fill_far(ps_random *random, sample *samples, size_t count)
{
	fill_amounts(random, samples, count);
	for (size_t i = 0; i < count; i++)
		samples[i].target = 1e9 + samples[i].target;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return (left > right) - (left < right);
}

/*
 * With trees of two leaves on a column of two values, each loss has its
 * optimum at the mean (or the quantile) of each group.
 */
static void
test_losses(const ps_env *env)
{
	static const struct
	{
		const char *options;
		simulate	fill;
		double		alpha;		/* of the quantile; NAN for the mean */
		const char *kind;
	}			cases[] = {
		{"\"loss\":\"binary\"", fill_yes, NAN, "classifier"},
		{"\"loss\":\"auto\"", fill_yes, NAN, "classifier"},
		{"\"loss\":\"squared\"", fill_yes, NAN, "regression"},
		{"\"loss\":\"auto\"", fill_amounts, NAN, "regression"},
		{"\"loss\":\"squared\"", fill_far, NAN, "regression"},
		{"\"loss\":\"poisson\"", fill_counts, NAN, "regression"},
		{"\"loss\":\"gamma\"", fill_positive, NAN, "regression"},
		{"\"loss\":\"tweedie\"", fill_amounts, NAN, "regression"},
		{"\"loss\":\"tweedie\",\"power\":1.1", fill_amounts, NAN, "regression"},
		{"\"loss\":\"quantile\",\"alpha\":0.9", fill_amounts, 0.9, "quantile"},
		{"\"loss\":\"quantile\",\"alpha\":0.25", fill_positive, 0.25, "quantile"}
	};
	enum
	{
	ROWS = 1500};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		char		options[200];
		sample	   *samples = simulate_rows(env, cases[c].fill, 1, ROWS);
		fitted		fit;
		double		worst = 0;
		double		spread = 0;

		/* only b may be used */
		for (size_t i = 0; i < ROWS; i++)
			samples[i].cells[0] = samples[i].cells[1] = number_cell(7);
		snprintf(options, sizeof(options), "{%s,\"l2\":0,\"leaves\":2,\"trees\":200,\"early_stopping\":false}",
				 cases[c].options);
		fit = fit_frame(env, frame_of(env, samples, ROWS, false), "boosted_trees", options);
		for (int group = 0; group < 2; group++)
		{
			double		values[ROWS];
			size_t		n = 0;
			double		want = 0;
			double		got = NAN;

			for (size_t i = 0; i < ROWS; i++)
				if (samples[i].cells[3].number == group)
				{
					values[n++] = samples[i].target;
					got = score_cells(env, &fit, samples[i].cells);
				}
			for (size_t i = 0; i < n; i++)
				want += values[i] / (double) n;
			for (size_t i = 0; i < n; i++)
				spread = fmax(spread, fabs(values[i] - want));
			qsort(values, n, sizeof(double), compare_doubles);
			if (!isnan(cases[c].alpha))
				want = values[(size_t) ceil(cases[c].alpha * (double) n) - 1];
			worst = fmax(worst, fabs(got - want));
		}

		/* values of leaves are floats: 200 times 6e-8 of the spread */
		ok(fit.status == PS_OK && worst <= 2e-5 * spread, "%s: off by %g of a spread of %g", cases[c].options, worst,
		   spread);
		ok(fit.model != NULL && strcmp(fit.model->kind, cases[c].kind) == 0, "is a %s", cases[c].kind);
	}
}

static void
test_questions(const ps_env *env)
{
	fitted		fit = fit_simulated(env, fill_amounts, 200, "{}");
	fitted		classifier = fit_simulated(env, fill_yes, 200, "{}");
	sample	   *probe = simulate_rows(env, fill_either, 3, 1);
	const ps_request request = {0};
	ps_answer	answer;
	ps_error	error;

	ok(ps_model_ask(env, fit.model, PS_ASK_PROBABILITY, probe->cells, &request, &answer, &error) == PS_WRONG_MODEL,
	   "a regression has no probability: %s", error.message);
	ok(ps_model_ask(env, classifier.model, PS_ASK_PROBABILITY, probe->cells, &request, &answer, &error) == PS_OK &&
	   answer.number > 0 && answer.number < 1, "a classifier has");
	ok(ps_value_get(ps_value_get(fit.document, "training"), "base_rate") == NULL, "a regression has no base rate");
}

/* Rises with x, falls with z, with much noise. */
static void
fill_noisy(ps_random *random, sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		samples[i].target = samples[i].cells[0].number - samples[i].cells[1].number + 3 * uniform(random);
}

/* Count how often the prediction goes the wrong way along x and z. */
static size_t
violations(const ps_env *env, const fitted *fit)
{
	size_t		wrong = 0;

	for (int column = 0; column < 2; column++)
		for (int other = 0; other <= 20; other++)
		{
			double		last = NAN;

			for (int step = 0; step <= 200; step++)
			{
				ps_cell		cells[4] = {{0}, {0}, text_cell("same"), {.number = other % 2}};
				double		score;

				cells[column].number = step / 200.0;
				cells[1 - column].number = other / 20.0;
				score = score_cells(env, fit, cells);
				if (column == 0 ? score < last : score > last)
					wrong++;
				last = score;
			}
		}
	return wrong;
}

static void
test_monotone(const ps_env *env)
{
	static const char *const losses[] = {"squared", "quantile", "tweedie"};
	static const char rules[] = "\"trees\":60,\"early_stopping\":false,\"min_rows\":5";
	char		options[300];

	for (size_t i = 0; i < 3; i++)
	{
		sample	   *samples = simulate_rows(env, fill_noisy, 4, 1000);
		ps_frame   *frame;
		fitted		loose;
		fitted		tight;

		for (size_t row = 0; row < 1000; row++)
			samples[row].target += 1;	/* not negative, for tweedie */
		frame = frame_of(env, samples, 1000, false);
		snprintf(options, sizeof(options), "{\"loss\":\"%s\",%s}", losses[i], rules);
		loose = fit_frame(env, frame, "boosted_trees", options);
		snprintf(options, sizeof(options), "{\"loss\":\"%s\",%s,\"increasing\":[\"x\"],\"decreasing\":[\"z\"]}",
				 losses[i], rules);
		tight = fit_frame(env, frame, "boosted_trees", options);
		ok(violations(env, &loose) > 100, "%s: without constraints predictions go up and down", losses[i]);
		ok(tight.status == PS_OK && violations(env, &tight) == 0, "%s: with them they do not", losses[i]);
		ok(importance_of(&tight, 0) > 0.1 && importance_of(&tight, 1) > 0.1, "%s: and the columns are used", losses[i]);
	}
}

/* Everything at once: NULLs, levels, copies of rows, weights. */
static void
fill_mixed(ps_random *random, sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		size_t		level = (size_t) (uniform(random) * 30);
		ps_cell    *cells = samples[i].cells;

		snprintf(level_names[level], sizeof(level_names[level]), "l%zu", level);
		cells[1] = number_cell(floor(5 * cells[1].number));
		cells[2] = text_cell(level_names[level]);
		if (i % 7 == 0)
			cells[0] = number_cell(NAN);
		if (i % 11 == 0)
			cells[2] = text_cell(NULL);
		if (i % 13 == 0)
			cells[3] = number_cell(NAN);
		samples[i].target = uniform(random) < 0.1 + 0.4 * (cells[1].number > 2) + 0.3 * (level % 3 == 0);
		samples[i].weight = (double) (i % 3);
		if (i % 5 == 0 && i > 0)
			samples[i] = samples[i - 1];
	}
}

static void
test_order(const ps_env *env)
{
	static const char *const options[] = {
		"{}", "{\"row_share\":0.7,\"column_share\":0.6,\"trees\":20,\"early_stopping\":false}",
		"{\"loss\":\"quantile\",\"trees\":20}", "{\"loss\":\"poisson\",\"trees\":20,\"increasing\":[\"z\"]}"
	};
	enum
	{
	ROWS = 1500};

	for (size_t o = 0; o < 4; o++)
	{
		sample	   *samples = simulate_rows(env, fill_mixed, 5, ROWS);
		sample	   *mixed = simulate_rows(env, fill_mixed, 5, ROWS);
		fitted		first = fit_frame(env, frame_of(env, samples, ROWS, true), "boosted_trees", options[o]);
		fitted		second;
		uint8_t    *bytes[2];
		size_t		lengths[2];
		ps_error	error;

		for (size_t i = 0; i < ROWS; i++)
			mixed[i] = samples[i * 1009 % ROWS];
		second = fit_frame(env, frame_of(env, mixed, ROWS, true), "boosted_trees", options[o]);
		ok(first.status == PS_OK && second.status == PS_OK && trees_of(&first) > 0, "%s: fitted", options[o]);
		ps_model_encode(env, first.document, &bytes[0], &lengths[0], &error);
		ps_model_encode(env, second.document, &bytes[1], &lengths[1], &error);
		ok(lengths[0] == lengths[1] && memcmp(bytes[0], bytes[1], lengths[0]) == 0,
		   "%s: rows in another order give the same bytes", options[o]);
	}
}

/* Nothing predicts the target. */
static void
fill_noise(ps_random *random, sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		samples[i].target = uniform(random) < 0.3;
}

static void
test_early_stopping(const ps_env *env)
{
	fitted		noise = fit_simulated(env, fill_noise, 3000, "{}");
	fitted		all = fit_simulated(env, fill_noise, 3000, "{\"trees\":80,\"early_stopping\":false}");
	fitted		many = fit_simulated(env, fill_noise, 25000, "{}");
	fitted		signal = fit_simulated(env, fill_either, 3000, "{\"trees\":20}");
	double		loss = ps_value_number_or(fit_parameters(&noise), "held_out_loss", NAN);

	ok(trees_of(&noise) <= 5, "noise: stopped after %g trees", trees_of(&noise));
	close_to(loss, -0.3 * log(0.3) - 0.7 * log(0.7), 0.03, 0, "and the held-out loss is that of the base rate");
	ok(trees_of(&all) == 80 && ps_value_get(fit_parameters(&all), "held_out_loss") == NULL, "unless told otherwise");
	ok(trees_of(&many) <= 20, "of many rows, one part is held out: %g trees", trees_of(&many));
	ok(trees_of(&signal) == 20 && has_note(&signal, "was still falling after 20 trees"), "too few trees are noted");
	ok(ps_value_number_or(fit_parameters(&signal), "held_out_loss", NAN) < 0.3, "signal: the held-out loss is low");
}

/* No column varies. */
static void
fill_nothing(ps_random *random, sample *samples, size_t count)
{
	fill_yes(random, samples, count);
	for (size_t i = 0; i < count; i++)
		samples[i].cells[0] = samples[i].cells[1] = samples[i].cells[3] = number_cell(4);
}

static void
test_weights(const ps_env *env)
{
	static const char options[] =
		"{\"trees\":30,\"early_stopping\":false,\"l2\":0,\"min_rows\":1,\"min_curvature\":3,\"leaves\":4}";
	enum
	{
	ROWS = 2000};
	sample	   *samples = simulate_rows(env, fill_mixed, 6, ROWS);
	sample	   *repeated = simulate_rows(env, fill_nothing, 6, 2 * ROWS);
	size_t		n = 0;
	double		worst = 0;
	fitted		weighted;
	fitted		scaled;
	fitted		copied;

	/* bins at quantiles would not be the same for repeated rows */
	for (size_t i = 0; i < ROWS; i++)
	{
		samples[i].cells[0].number = floor(50 * samples[i].cells[0].number);
		samples[i].cells[2] = text_cell("same");
		for (int copy = 0; copy < (int) samples[i].weight; copy++)
			repeated[n++] = samples[i];
	}
	weighted = fit_frame(env, frame_of(env, samples, ROWS, true), "boosted_trees", options);
	copied = fit_frame(env, frame_of(env, repeated, n, false), "boosted_trees", options);
	for (size_t i = 0; i < ROWS; i++)
		worst = fmax(worst, fabs(score_cells(env, &weighted, samples[i].cells) -
								 score_cells(env, &copied, samples[i].cells)));

	/* gradients are rounded another way, and what bounds the curvature differs by a few rows */
	ok(worst < 0.02, "weights are repetitions: scores differ by at most %.4f", worst);
	worst = 0;
	copied = fit_frame(env, frame_of(env, samples, ROWS, false), "boosted_trees", options);
	for (size_t i = 0; i < ROWS; i++)
		worst = fmax(worst, fabs(score_cells(env, &weighted, samples[i].cells) -
								 score_cells(env, &copied, samples[i].cells)));
	ok(worst > 0.05, "without them they differ by up to %.4f", worst);
	for (size_t i = 0; i < ROWS; i++)
		samples[i].weight *= 0x1p-40;
	scaled = fit_frame(env, frame_of(env, samples, ROWS, true), "boosted_trees", options);
	worst = 0;
	for (size_t i = 0; i < ROWS; i++)
		worst = fmax(worst, fabs(score_cells(env, &weighted, samples[i].cells) -
								 score_cells(env, &scaled, samples[i].cells)));
	close_to(worst, 0, 0, 1e-6, "the unit of weights does not matter");
}

/* Add up trees by the description of the parameters, without sharing code. */
static double
plain_sum(const ps_value *parameters, const ps_cell *cells)
{
	const double *nodes = ps_value_get(parameters, "nodes")->numbers;
	const double *cuts = ps_value_get(parameters, "cuts")->numbers;
	const double *null_left = ps_value_get(parameters, "null_left")->numbers;
	const double *sets = ps_value_get(parameters, "sets")->numbers;
	const double *values = ps_value_get(parameters, "values")->numbers;
	const ps_value *list = ps_value_get(parameters, "columns");
	double		sum = 0;

	for (size_t tree = 0; tree < (size_t) ps_value_number_or(parameters, "trees", 0); tree++)
	{
		bool		here[9999] = {true};	/* nodes of this tree that the row is in */
		size_t		known = 1;

		for (size_t i = 0; i < known; i++)
		{
			size_t		input = (size_t) *nodes++;
			bool		left;

			if (input == 0)
			{
				sum += here[i] ? *values : 0;
				values++;
				continue;
			}
			left = *null_left++ == 1;
			if (columns[input - 1].type == PS_TYPE_TEXT)
			{
				const ps_value *levels = ps_value_get(list->items[input - 1], "levels");
				size_t		level = 0;

				while (level < levels->count && !cells[input - 1].null &&
					   strcmp(levels->items[level]->text, cells[input - 1].text) != 0)
					level++;
				if (!cells[input - 1].null)
					left = (int) sets[level / 8] >> (level % 8) & 1;
				sets += (levels->count + 8) / 8;
			}
			else
			{
				const ps_value *edges = ps_value_get(list->items[input - 1], "edges");
				size_t		cut = (size_t) *cuts++;

				if (!cells[input - 1].null)
					left = cut == edges->count || cells[input - 1].number <= edges->numbers[cut];
			}
			here[known++] = here[i] && left;
			here[known++] = here[i] && !left;
		}
	}
	return sum;
}

static void
test_parameters(const ps_env *env)
{
	sample	   *samples = simulate_rows(env, fill_mixed, 8, 1200);
	ps_frame   *frame = frame_of(env, samples, 1200, true);
	fitted		fit = fit_frame(env, frame, "boosted_trees", "{\"trees\":23,\"early_stopping\":false,\"min_rows\":3}");
	const ps_value *parameters = fit_parameters(&fit);
	const ps_value *rows = ps_value_get(parameters, "rows");
	double		base = ps_value_number_or(parameters, "base", NAN);
	double		worst = 0;
	double		total = 0;
	uint8_t    *bytes;
	size_t		length;
	ps_value   *document;
	ps_model   *model = NULL;
	ps_error	error;

	for (size_t i = 0; i < 1200; i++)
	{
		double		p = 1 / (1 + exp(-(base + plain_sum(parameters, samples[i].cells))));

		worst = fmax(worst, fabs(p - score_cells(env, &fit, samples[i].cells)));
	}
	close_to(worst, 0, 0, 1e-14, "scores are what the parameters say");
	for (size_t i = 0; i < rows->count; i++)
		total += rows->numbers[i];
	close_to(total, 23 * 1200, 0, 0, "every tree has all rows in its leaves");
	ok(ps_model_encode(env, fit.document, &bytes, &length, &error) == PS_OK &&
	   ps_model_decode(env, bytes, length, &document, &error) == PS_OK &&
	   ps_model_open(env, document, &model, &error) == PS_OK, "bytes and back");
	ok(length < 23 * 15 * 14 + 2000, "%zu bytes for %d trees of 15 leaves", length, 23);
	fit.model = model;
	close_to(score_cells(env, &fit, samples[3].cells),
			 1 / (1 + exp(-(base + plain_sum(parameters, samples[3].cells)))), 0, 1e-14, "the same scores");
}

static const char good[] =
	"{\"loss\":\"squared\",\"base\":100,\"unit\":2,"
	"\"columns\":[{\"column\":\"x\",\"edges\":[1,2]},{\"column\":\"t\",\"levels\":[\"a\",\"b\"]},{\"column\":\"u\"}],"
	"\"trees\":2,\"nodes\":[1,0,2,0,0,0],\"cuts\":[1],\"null_left\":[1,0],\"sets\":[1],"
	"\"values\":[0.5,1,2,4],\"rows\":[5,6,7,8]}";
static const ps_input good_inputs[] = {{"x", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}, {"u", PS_TYPE_NUMBER}};

/* Load the good parameters with one text replaced. */
static ps_status
load_replaced(const ps_env *env, const char *from, const char *to, void **state, ps_error *error)
{
	static char json[1 << 16];
	const char *at = strstr(good, from);
	ps_value   *parameters;

	snprintf(json, sizeof(json), "%.*s%s%s", (int) (at - good), good, to, at + strlen(from));
	if (ps_json_read(env, json, strlen(json), &parameters, error) != PS_OK)
		return PS_OK;
	return ps_learner_find("boosted_trees")->load(env, parameters, good_inputs, 3, state, error);
}

/* Append a JSON vector with count times the same number, after the first. */
static void
append_vector(char *json, size_t size, const char *name, const char *first, const char *number, int count)
{
	size_t		used = strlen(json);

	used += (size_t) snprintf(json + used, size - used, ",\"%s\":[%s", name, first);
	for (int i = 0; i < count; i++)
		used += (size_t) snprintf(json + used, size - used, ",%s", number);
	snprintf(json + used, size - used, "]");
}

/* One tree as JSON: the left child of each split is a leaf, the right one the next split. */
static void
make_chain(int splits, char *json, size_t size)
{
	snprintf(json, size, "\"trees\":1,\"sets\":[]");
	append_vector(json, size, "nodes", "1,0", "1,0", splits - 1);
	snprintf(json + strlen(json) - 1, size - strlen(json), ",0]");
	append_vector(json, size, "cuts", "1", "1", splits - 1);
	append_vector(json, size, "null_left", "1", "1", splits - 1);
	append_vector(json, size, "values", "1", "1", splits);
	append_vector(json, size, "rows", "1", "1", splits);
	snprintf(json + strlen(json), size - strlen(json), "}");
}

/* So many splits of a text that a row does not fit the stack. */
static void
test_many_splits(const ps_env *env)
{
	fitted		fit = fit_simulated(env, fill_levels, 8000,
								   "{\"trees\":250,\"learning_rate\":0.02,\"early_stopping\":false}");
	sample	   *samples = simulate_rows(env, fill_levels, 1, 200);
	const ps_value *parameters = fit_parameters(&fit);
	const ps_value *nodes = ps_value_get(parameters, "nodes");
	double		base = ps_value_number_or(parameters, "base", NAN);
	double		unit = ps_value_number_or(parameters, "unit", NAN);
	double		worst = 0;
	size_t		splits = 0;

	for (size_t i = 0; i < nodes->count; i++)
		splits += nodes->numbers[i] == 3 ? 1 : 0;
	for (size_t i = 0; i < 200; i++)
		worst = fmax(worst, fabs(base + unit * plain_sum(parameters, samples[i].cells) -
								 score_cells(env, &fit, samples[i].cells)));
	ok(splits > 2048, "%zu splits of a text", splits);
	close_to(worst, 0, 0, 1e-12, "and scores are what the parameters say");
}

static void
test_corrupt(const ps_env *env)
{
	static const char *const spoiled[][2] = {
		{"squared", "cubic"}, {"\"squared\"", "1"}, {"\"base\":100,", ""}, {"\"unit\":2", "\"unit\":0"},
		{"squared\"", "quantile\",\"alpha\":1"}, {"squared", "quantile"},
		{"[1,2]", "[2,1]"}, {"[1,2]", "[1,1]"}, {"[1,2]", "[null]"}, {"\"edges\":[1,2]", "\"edges\":1"},
		{"\"x\"", "\"y\""}, {"\"a\",\"b\"", "\"a\",\"a\""}, {"[\"a\",\"b\"]", "[1,2]"}, {",{\"column\":\"u\"}", ""},
		{"\"trees\":2", "\"trees\":1"}, {"\"trees\":2", "\"trees\":3"}, {"\"trees\":2", "\"trees\":1e9"},
		{"\"trees\":2", "\"trees\":1.5"}, {"\"trees\":2,", ""}, {"\"trees\":2", "\"trees\":-1"},
		{"[1,0,2,0,0,0]", "[]"}, {"[1,0,2,0,0,0]", "[1,0,2,0,0]"}, {"[1,0,2,0,0,0]", "[1,0,2,0,0,0,0]"},
		{"[1,0,2,0,0,0]", "[1,0,3,0,0,0]"}, {"[1,0,2,0,0,0]", "[1,0,4,0,0,0]"}, {"[1,0,2,0,0,0]", "[1,0,-1,0,0,0]"},
		{"[1,0,2,0,0,0]", "[1,0,0.5,0,0,0]"}, {"[1,0,2,0,0,0]", "[1,0,2,0,0,1]"}, {"[1,0,2,0,0,0]", "[1,1,1,1,1,1]"},
		{"\"nodes\":[1,0,2,0,0,0]", "\"nodes\":{}"}, {"\"nodes\":[1,0,2,0,0,0],", ""},
		{"\"cuts\":[1]", "\"cuts\":[3]"}, {"\"cuts\":[1]", "\"cuts\":[]"}, {"\"cuts\":[1]", "\"cuts\":[1,1]"},
		{"\"cuts\":[1]", "\"cuts\":[-1]"}, {"[1,0],\"sets\"", "[2,0],\"sets\""}, {"[1,0],\"sets\"", "[1],\"sets\""},
		{"\"sets\":[1]", "\"sets\":[8]"}, {"\"sets\":[1]", "\"sets\":[]"}, {"\"sets\":[1]", "\"sets\":[1,1]"},
		{"0.5,1,2,4", "0.5,1,2"}, {"0.5,1,2,4", "0.5,1,2,4,5"}, {"0.5,1,2,4", "0.5,1,2,1e301"},
		{"5,6,7,8", "5,6,7"}, {"5,6,7,8", "5,6,7,-8"}, {"5,6,7,8", "5,6,7,8,9"}
	};
	static const struct
	{
		ps_cell		x,
					t;
		double		want;
	}			rows[] = {
		{{.number = 1}, {.text = "a",.length = 1}, 109}, {{.number = 2}, {.null = true}, 109},
		{{.null = true}, {.null = true}, 109}, {{.number = 2.5}, {.text = "a",.length = 1}, 110},
		{{.number = 2.5}, {.text = "b",.length = 1}, 112}, {{.number = 2.5}, {.text = "c",.length = 1}, 112},
		{{.number = 2.5}, {.null = true}, 112}
	};
	const ps_learner *learner = ps_learner_find("boosted_trees");
	const ps_request request = {0};
	char		deep[4096];
	void	   *state = NULL;
	ps_error	error;

	ok(load_replaced(env, "cuts", "cuts", &state, &error) == PS_OK, "good parameters load");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		const ps_cell cells[3] = {rows[i].x, rows[i].t, {.number = 5}};
		ps_answer	answer;

		learner->answer(env, state, PS_ASK_SCORE, cells, &request, &answer, &error);
		close_to(answer.number, rows[i].want, 0, 0, "row %zu", i + 1);
	}
	for (size_t i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++)
	{
		error.message[0] = '\0';
		ok(load_replaced(env, spoiled[i][0], spoiled[i][1], &state, &error) == PS_CORRUPT, "%s: %s", spoiled[i][1],
		   error.message);
	}

	for (int splits = PS_TREE_DEEPEST; splits <= PS_TREE_DEEPEST + 1; splits++)
	{
		ps_status	want = splits > PS_TREE_DEEPEST ? PS_CORRUPT : PS_OK;

		make_chain(splits, deep, sizeof(deep));
		ok(load_replaced(env, strstr(good, "\"trees\""), deep, &state, &error) == want, "%d splits one after another", splits);
	}
	ok(strstr(error.message, "deeper than 64") != NULL, "%s", error.message);
}

static void
fill_constant(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	for (size_t i = 0; i < count; i++)
		samples[i].target = 5;
}

static void
fill_true(ps_random *random, sample *samples, size_t count)
{
	(void) random;
	for (size_t i = 0; i < count; i++)
		samples[i].target = 1;
}

static void
fill_negative(ps_random *random, sample *samples, size_t count)
{
	fill_noisy(random, samples, count);
	samples[2].target = -3;
}

static void
fill_zero(ps_random *random, sample *samples, size_t count)
{
	fill_counts(random, samples, count);
	samples[4].target = 0;
}

/* Values as far apart, as large and as close as doubles can be. */
static void
fill_extreme(ps_random *random, sample *samples, size_t count)
{
	static const double values[] = {-1.7e308, 1.7e308, 0, 5e-324, 1, 1 + 0x1p-52};

	(void) random;
	for (size_t i = 0; i < count; i++)
	{
		samples[i].cells[0] = number_cell(values[i % 6]);
		samples[i].target = (double) (i * 5 % 6);
	}
}

static void
test_hard_data(const ps_env *env)
{
	fitted		fit = fit_simulated(env, fill_yes, 10, "{}");
	sample	   *probe = simulate_rows(env, fill_either, 3, 6);
	double		p = score_cells(env, &fit, probe->cells);
	double		worst = 0;

	ok(fit.status == PS_OK && p > 0 && p < 1, "ten rows: P is %g", p);
	ok(has_note(&fit, "no column helps to predict the target"), "and a note says that nothing was learned");
	fit = fit_simulated(env, fill_yes, 10, "{\"min_rows\":1,\"early_stopping\":false}");
	ok(fit.status == PS_OK && trees_of(&fit) == 500, "ten rows, one in a leaf");
	fit = fit_simulated(env, fill_amounts, 1, "{\"loss\":\"squared\",\"min_rows\":1}");
	ok(fit.status == PS_OK && trees_of(&fit) == 0, "one row");
	fit = fit_simulated(env, fill_constant, 100, "{}");
	close_to(score_cells(env, &fit, probe->cells), 5, 1e-15, 0, "a constant target");
	fit = fit_simulated(env, fill_nothing, 200, "{}");
	ok(fit.status == PS_OK && has_note(&fit, "\"x\" is left out: all its values are the same"), "only constant columns");
	fit = fit_simulated(env, fill_true, 100, "{}");
	ok(fit.status == PS_TOO_LITTLE_DATA, "one class: %s", fit.error.message);
	fit = fit_simulated(env, fill_amounts, 100, "{\"loss\":\"binary\"}");
	ok(fit.status == PS_INVALID_DATA && fit.error.row == 2, "binary: %s", fit.error.message);
	fit = fit_simulated(env, fill_negative, 100, "{\"loss\":\"tweedie\"}");
	ok(fit.status == PS_INVALID_DATA && fit.error.row == 3, "tweedie: %s", fit.error.message);
	fit = fit_simulated(env, fill_zero, 100, "{\"loss\":\"gamma\"}");
	ok(fit.status == PS_INVALID_DATA, "gamma: %s", fit.error.message);
	fit = fit_simulated(env, fill_yes, 100, "{\"increasing\":[\"t\"]}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_simulated(env, fill_yes, 100, "{\"increasing\":[\"nothing\"]}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_simulated(env, fill_yes, 100, "{\"increasing\":[\"x\"],\"decreasing\":[\"x\"]}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);

	fit = fit_simulated(env, fill_extreme, 600, "{\"l2\":0,\"early_stopping\":false,\"loss\":\"squared\"}");
	for (size_t i = 0; i < 6; i++)
	{
		sample	   *extreme = simulate_rows(env, fill_extreme, 1, 6);

		worst = fmax(worst, fabs(score_cells(env, &fit, extreme[i].cells) - extreme[i].target));
	}
	close_to(worst, 0, 0, 1e-4, "any two doubles can be told apart");
}

static void
test_evaluate(const ps_env *env)
{
	sample	   *samples = simulate_rows(env, fill_positive, 9, 300);
	ps_frame   *frame = frame_of(env, samples, 300, false);
	fitted		mean = fit_frame(env, frame, "boosted_trees", "{\"trees\":10,\"early_stopping\":false}");
	fitted		quantile = fit_frame(env, frame, "boosted_trees",
									 "{\"trees\":10,\"early_stopping\":false,\"loss\":\"quantile\",\"alpha\":0.8}");
	ps_value   *metrics;
	ps_error	error;
	double		loss;
	double		squares = 0;
	double		sizes = 0;
	double		pinball = 0;
	double		average = 0;
	double		variation = 0;
	double		below = 0;

	for (size_t i = 0; i < 300; i++)
		average += samples[i].target / 300;
	for (size_t i = 0; i < 300; i++)
	{
		double		miss = samples[i].target - score_cells(env, &mean, samples[i].cells);
		double		over = samples[i].target - score_cells(env, &quantile, samples[i].cells);

		squares += miss * miss / 300;
		sizes += fabs(miss) / 300;
		variation += (samples[i].target - average) * (samples[i].target - average) / 300;
		pinball += fmax(0.8 * over, -0.2 * over) / 300;
		below += over <= 0 ? 1.0 / 300 : 0;
	}
	ok(ps_model_evaluate(env, mean.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate a regression");
	close_to(loss, squares, 1e-12, 0, "the loss is the mean squared error");
	close_to(ps_value_number_or(metrics, "rmse", NAN), sqrt(squares), 1e-12, 0, "rmse");
	close_to(ps_value_number_or(metrics, "mae", NAN), sizes, 1e-12, 0, "mae");
	close_to(ps_value_number_or(metrics, "mean_target", NAN), average, 1e-12, 0, "mean_target");
	close_to(ps_value_number_or(metrics, "r_squared", NAN), 1 - squares / variation, 1e-10, 0, "r_squared");
	ok(ps_model_evaluate(env, quantile.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate a quantile");
	close_to(loss, pinball, 1e-12, 0, "the loss is the quantile loss");
	close_to(ps_value_number_or(metrics, "share_below", NAN), below, 1e-12, 0, "share_below");
	ok(below > 0.7 && below < 0.9, "about 0.8 are below the 0.8 quantile: %.3f", below);
}

static ps_status
small_fit(const ps_env *env)
{
	ps_random	random;
	sample		samples[60];
	ps_frame   *frame;
	ps_error	error;
	ps_value   *metrics;
	double		loss;
	fitted		fit;

	ps_random_seed(&random, 10);
	memset(samples, 0, sizeof(samples));
	for (size_t i = 0; i < 60; i++)
	{
		samples[i].cells[0] = number_cell(uniform(&random));
		samples[i].cells[1] = number_cell(uniform(&random));
		samples[i].cells[3] = number_cell(i % 2 == 0);
	}
	fill_mixed(&random, samples, 60);
	PS_TRY(ps_frame_create(env, columns, 4, true, true, &frame, &error));
	for (size_t i = 0; i < 60; i++)
		PS_TRY(ps_frame_append(frame, samples[i].cells, samples[i].target, samples[i].weight, &error));
	fit = fit_frame(env, frame, "boosted_trees", "{\"trees\":2,\"min_rows\":5,\"loss\":\"quantile\",\"alpha\":0.6}");
	PS_TRY(fit.status);
	return ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error);
}

/* Split a line at commas, in place. */
static size_t
split(char *line, char **fields, size_t max)
{
	size_t		n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at != NULL && n < max; n++)
	{
		fields[n] = at;
		at = strchr(at, ',');
		if (at != NULL)
			*at++ = '\0';
	}
	return n;
}

/* Visits to a web shop: five folds by a hash of the row, predictions pooled, defaults. */
static void
test_online_shoppers(const ps_env *env)
{
	const char *data = getenv("PREDSEG_DATA");
	char		path[4096];
	char		line[1024];
	char		names_line[1024];
	char	   *names[LEARNER_COLUMNS];
	ps_column	shopper_columns[LEARNER_COLUMNS];
	size_t		n;
	FILE	   *file;
	ps_probability_quality quality = {0};
	ps_error	error;
	double		area;
	bool		defined;

	snprintf(path, sizeof(path), "%s/online_shoppers/online_shoppers_intention.csv", data != NULL ? data : "../shared/data");
	file = fopen(path, "r");
	if (file == NULL || fgets(names_line, sizeof(names_line), file) == NULL)
	{
		ok(true, "online shoppers # SKIP no %s; set PREDSEG_DATA", path);
		return;
	}
	n = split(names_line, names, LEARNER_COLUMNS) - 1;	/* the last is the target */
	for (size_t c = 0; c < n; c++)
		shopper_columns[c] = (ps_column) {
			names[c], strcmp(names[c], "month") == 0 || strcmp(names[c], "visitor_type") == 0 ? PS_TYPE_TEXT :
			strcmp(names[c], "weekend") == 0 ? PS_TYPE_BOOLEAN : PS_TYPE_NUMBER
		};
	for (uint64_t fold = 0; fold < 5; fold++)
	{
		ps_frame   *train;
		ps_frame   *test;
		fitted		fit;

		ps_frame_create(env, shopper_columns, n, true, false, &train, &error);
		ps_frame_create(env, shopper_columns, n, true, false, &test, &error);
		rewind(file);
		if (fgets(line, sizeof(line), file) == NULL)
			break;
		while (fgets(line, sizeof(line), file) != NULL)
		{
			char	   *fields[LEARNER_COLUMNS];
			ps_cell		cells[LEARNER_COLUMNS];
			bool		held = ps_hash_bytes(0, line, strcspn(line, "\r\n")) % 5 == fold;

			split(line, fields, LEARNER_COLUMNS);
			for (size_t c = 0; c < n; c++)
				cells[c] = shopper_columns[c].type == PS_TYPE_TEXT ? text_cell(fields[c]) :
					shopper_columns[c].type == PS_TYPE_BOOLEAN ? number_cell(strcmp(fields[c], "TRUE") == 0) :
					number_cell(strtod(fields[c], NULL));
			ps_frame_append(held ? test : train, cells, strcmp(fields[n], "TRUE") == 0, 1, &error);
		}
		fit = fit_frame(env, train, "boosted_trees", "{}");
		for (size_t i = 0; i < ps_frame_rows(test); i++)
			ps_probability_quality_add(env, &quality, score_row(env, &fit, test, i), ps_frame_target(test, i) > 0, 1,
									   &error);
	}
	fclose(file);
	ps_roc_area(env, &quality.roc, &area, &defined, &error);
	ok(quality.weight == 12330 && area >= 0.930, "online shoppers, five folds: AUC %.4f is at least 0.930", area);
	ok(quality.log_loss / 12330 <= 0.228, "and log loss %.4f at most 0.228", quality.log_loss / 12330);
}

/* Rows of a moment, as_of and a number that numbers them; what happens depends on age and weekday. */
static ps_frame *
frame_of_moments(const ps_env *env, bool has_as_of, size_t rows)
{
	static const ps_column moments[] = {
		{"joined", PS_TYPE_MOMENT}, {"number", PS_TYPE_NUMBER}, {PS_AS_OF, PS_TYPE_MOMENT}
	};
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, moments, has_as_of ? 3 : 2, true, false, &frame, &error);
	for (size_t i = 0; i < rows; i++)
	{
		double		joined = 8000 + (double) (ps_hash_mix(i) % 700);
		double		as_of = has_as_of ? 8700 + (double) (ps_hash_mix(i + 7919) % 300) : 8699;
		bool		weekend = (int64_t) (joined + 5) % 7 >= 5;
		ps_cell		cells[3] = {number_cell(i % 50 == 7 ? (double) NAN : joined), number_cell((double) i), number_cell(as_of)};

		ps_frame_append(frame, cells, (double) (ps_hash_mix(i + 104729) % 100) < (as_of - joined < 300 ? 20 : 50) + (weekend ? 30 : 0),
						1, &error);
	}
	return frame;
}

static void
test_moments(const ps_env *env)
{
	for (int has_as_of = 0; has_as_of < 2; has_as_of++)
	{
		ps_frame   *frame = frame_of_moments(env, has_as_of == 1, 3000);
		fitted		fit = fit_frame(env, frame, "boosted_trees", "{\"early_stopping\": false, \"trees\": 30}");
		const ps_value *list;
		ps_cell		young[3] = {number_cell(8699 - 70), number_cell(1), number_cell(8699)};
		ps_cell		old[3] = {number_cell(8699 - 70 - 490), number_cell(1), number_cell(8699)};
		ps_cell		cells[3];
		double		contributions[3];
		double		baseline;
		double		score;
		ps_error	error;

		ok(fit.status == PS_OK && has_note(&fit, "numbers the rows"), "moments %s as_of", has_as_of ? "with" : "without");
		list = ps_value_get(fit_parameters(&fit), "columns");
		ok(list->count == (has_as_of ? 4 : 3) && strcmp(ps_value_text_or(list->items[list->count - 1], "part", ""), "weekday") == 0,
		   "weekday is a further column");
		ok((ps_value_get(fit_parameters(&fit), "reference") != NULL) == (has_as_of == 0), "a reference without as_of alone");
		/* both joined on the same weekday; 0.3 is the difference that was made */
		close_to(score_cells(env, &fit, old) - score_cells(env, &fit, young), 0.3, 0, 0.1, "the older one");
		for (int i = 0; i < 3; i++)
			cells[i] = number_cell(i == 1 ? 1 : young[i].number + 364 * (has_as_of ? 1 : 0));
		close_to(score_cells(env, &fit, cells), score_cells(env, &fit, young), 0, 0, "age counts, not the date");
		score = score_cells(env, &fit, young);
		ps_model_explain(env, fit.model, young, &baseline, contributions, &error);
		close_to(baseline + contributions[0], log(score / (1 - score)), 0, 1e-9, "the parts of a moment are one contribution");
		cells[0].null = true;
		old[2].null = has_as_of == 1;
		old[0].null = has_as_of == 0;
		ok(!isnan(score_cells(env, &fit, cells)), "no moment");
		ok(!isnan(score_cells(env, &fit, old)), "no age");
	}
}

/* The words for what metrics say, at both sides of each border. */
static void
test_words(const ps_env *env)
{
	static const struct
	{
		const char *metrics;
		const char *metric;
		const char *want;
	}			cases[] = {
		{"{\"rows\": 100, \"base_rate\": 0.5, \"roc_auc\": 0.5999}", "roc_auc", "poor"},
		{"{\"rows\": 100, \"base_rate\": 0.5, \"roc_auc\": 0.6}", "roc_auc", "fair"},
		{"{\"rows\": 100, \"base_rate\": 0.5, \"roc_auc\": 0.7}", "roc_auc", "good"},
		{"{\"rows\": 100, \"base_rate\": 0.5, \"roc_auc\": 0.7999}", "roc_auc", "good"},
		{"{\"rows\": 100, \"base_rate\": 0.5, \"roc_auc\": 0.8}", "roc_auc", "excellent"},
		{"{\"rows\": 100, \"base_rate\": 0.5, \"roc_auc\": 0.2}", "roc_auc", "poor"},
		{"{\"rows\": 100, \"base_rate\": 0.3, \"gini\": 0.5}", "gini", "good"},
		{"{\"rows\": 100, \"base_rate\": 0.29, \"gini\": 0.5}", "gini", "uncertain"},
		{"{\"rows\": 100, \"base_rate\": 0.71, \"roc_auc\": 0.9}", "roc_auc", "uncertain"},
		{"{\"rows\": 100, \"base_rate\": 0, \"roc_auc\": null}", "roc_auc", NULL},
		{"{\"rows\": 100, \"base_rate\": 0.5, \"brier\": 0.9}", "brier", NULL},
		{"{\"rows\": 9, \"r_squared\": -1}", "r_squared", "poor"}, {"{\"rows\": 9, \"r_squared\": 0.05}", "r_squared", "fair"},
		{"{\"rows\": 9, \"r_squared\": 0.2}", "r_squared", "good"}, {"{\"rows\": 9, \"r_squared\": 0.5}", "r_squared", "excellent"}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ps_value   *metrics;
		const char *word;
		ps_error	error;

		ps_json_read(env, cases[i].metrics, strlen(cases[i].metrics), &metrics, &error);
		word = ps_quality_word(metrics, cases[i].metric);
		ok(cases[i].want == NULL ? word == NULL : word != NULL && strcmp(word, cases[i].want) == 0, "%s: %s", cases[i].metrics,
		   word == NULL ? "no word" : word);
	}
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_interaction(&h.env);
	test_nulls(&h.env);
	test_levels(&h.env);
	test_unseen(&h.env);
	test_losses(&h.env);
	test_questions(&h.env);
	test_monotone(&h.env);
	test_order(&h.env);
	test_early_stopping(&h.env);
	test_weights(&h.env);
	test_parameters(&h.env);
	test_many_splits(&h.env);
	test_corrupt(&h.env);
	test_hard_data(&h.env);
	test_evaluate(&h.env);
	test_moments(&h.env);
	test_words(&h.env);
	test_online_shoppers(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
