/*-------------------------------------------------------------------------
 *
 * test_ridge_choice.c
 *	  The ridge that is chosen where rows are few, against fits to all rows
 *	  but one, made one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_random.h"

#define ROWS 60
#define COLUMNS 4

static double values[ROWS * COLUMNS];
static double targets[ROWS];

/* A frame of the rows, over and over, but one. */
static ps_frame *
make_frame(const ps_env *env, size_t rows, size_t omitted)
{
	static const ps_column columns[COLUMNS] = {
		{"x1", PS_TYPE_NUMBER}, {"x2", PS_TYPE_NUMBER}, {"x3", PS_TYPE_NUMBER}, {"x4", PS_TYPE_NUMBER}
	};
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, COLUMNS, true, false, &frame, &error);
	for (size_t i = 0; i < rows; i++)
	{
		ps_cell		cells[COLUMNS];

		for (size_t c = 0; c < COLUMNS; c++)
			cells[c] = number_cell(values[i % ROWS * COLUMNS + c]);
		if (i != omitted)
			ps_frame_append(frame, cells, targets[i % ROWS], 1, &error);
	}
	return frame;
}

static void
make_rows(uint64_t seed, double signal, bool amounts)
{
	ps_random	random;

	ps_random_seed(&random, seed);
	for (size_t i = 0; i < ROWS; i++)
	{
		double		sum = 0;

		for (size_t c = 0; c < COLUMNS; c++)
		{
			values[i * COLUMNS + c] = ps_random_uniform(&random) - 0.5;
			sum += signal * values[i * COLUMNS + c];
		}
		targets[i] = amounts ? sum + ps_random_uniform(&random) :
			ps_random_uniform(&random) < 1 / (1 + exp(-sum));
	}
}

/* The mean loss of rows predicted by fits without them. */
static double
left_out_loss(const ps_env *env, const char *method, double ridge)
{
	const ps_frame *all = make_frame(env, ROWS, ROWS);
	bool		linear = strcmp(method, "linear") == 0;
	char		options[64];
	double		loss = 0;

	snprintf(options, sizeof(options), "{\"ridge\":%g,\"calibration\":\"none\"}", ridge);
	if (linear)
		snprintf(options, sizeof(options), "{\"ridge\":%g}", ridge);
	for (size_t i = 0; i < ROWS; i++)
	{
		fitted		fit = fit_frame(env, make_frame(env, ROWS, i), method, options);
		double		score = score_row(env, &fit, all, i);

		loss -= linear ? -(score - targets[i]) * (score - targets[i]) : log(targets[i] > 0 ? score : 1 - score);
	}
	return loss / ROWS;
}

/*
 * Is the ridge chosen the best of those that are tried?  One row less changes
 * means and scales a little, which the choice does not know; in these rows the
 * best one is better than its neighbours by more than that.
 */
static void
test_best(const ps_env *env)
{
	static const struct
	{
		const char *method;
		uint64_t	seed;
		double		signal;
	}			cases[] = {{"linear", 1, 0}, {"linear", 2, 0.5}, {"linear", 3, 20}, {"logistic", 4, 0}, {"logistic", 5, 2}, {"logistic", 6, 6}};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		double		best = INFINITY;
		double		ridge = 0;
		fitted		fit;

		make_rows(cases[c].seed, cases[c].signal, strcmp(cases[c].method, "linear") == 0);
		for (double r = 0; r < 300; r = r == 0 ? 1 : 4 * r)
		{
			double		loss = left_out_loss(env, cases[c].method, r);

			if (loss < best)
			{
				best = loss;
				ridge = r;
			}
		}
		fit = fit_frame(env, make_frame(env, ROWS, ROWS), cases[c].method, "{}");
		close_to(ps_value_number_or(fit_parameters(&fit), "l2", NAN), ridge, 0, 0, "%s, signal %g: the ridge", cases[c].method,
				 cases[c].signal);
		ok(has_note(&fit, "which predicts rows left out best") == (ridge > 0), "is told");
	}
}

/* With many rows, and where a penalty is given, nothing is chosen. */
static void
test_none(const ps_env *env)
{
	fitted		fit;

	make_rows(7, 0, false);
	fit = fit_frame(env, make_frame(env, ROWS * 8, ROWS * 8), "logistic", "{}");
	ok(ps_value_number_or(fit_parameters(&fit), "l2", NAN) == 0 &&
	   ps_value_get(fit_parameters(&fit), "no_standard_errors") == NULL, "many rows: none, and standard errors");
	fit = fit_frame(env, make_frame(env, ROWS, ROWS), "logistic", "{\"penalty\":0}");
	ok(ps_value_number_or(fit_parameters(&fit), "l2", NAN) == 0 &&
	   ps_value_get(fit_parameters(&fit), "no_standard_errors") == NULL, "penalty 0: none, and standard errors");
	fit = fit_frame(env, make_frame(env, ROWS, ROWS), "logistic", "{\"ridge\":3}");
	ok(ps_value_number_or(fit_parameters(&fit), "l2", NAN) == 3, "a ridge given is taken");
}

/* Levels of few rows are shrunk more than those of many. */
static void
test_levels(const ps_env *env)
{
	static const ps_column columns[] = {{"level", PS_TYPE_TEXT}};
	double		coefficient[2][2];	/* of rare and frequent: with the choice, and without a penalty */
	ps_frame   *frame;
	ps_error	error;

	/* as many of both in a, a share of 3/4 in the others: a is the reference, being the most frequent */
	ps_frame_create(env, columns, 1, true, false, &frame, &error);
	for (size_t i = 0; i < 100; i++)
	{
		ps_cell		cell = text_cell(i < 52 ? "a" : i < 88 ? "many" : "rare");

		ps_frame_append(frame, &cell, i < 52 ? i % 2 == 0 : i % 4 != 0, 1, &error);
	}
	for (int penalised = 0; penalised < 2; penalised++)
	{
		fitted		fit = fit_frame(env, frame, "logistic", penalised == 0 ? "{\"penalty\":0}" : "{}");
		const ps_value *terms = ps_value_get(fit_parameters(&fit), "terms");

		for (size_t j = 0; j < 2 && terms != NULL && j < terms->count; j++)
			coefficient[penalised][strcmp(ps_value_text_or(terms->items[j], "level", ""), "rare") == 0] =
				ps_value_number_or(terms->items[j], "coefficient", NAN);
	}
	close_to(coefficient[0][0], log(3), 1e-9, 0, "many rows: the odds");
	close_to(coefficient[0][1], log(3), 1e-9, 0, "few rows: the same odds");
	ok(coefficient[1][1] > 0 && coefficient[1][1] < 0.9 * coefficient[1][0] && coefficient[1][0] < log(3),
	   "the ridge takes %g of the frequent one and leaves %g of the rare one", coefficient[1][0], coefficient[1][1]);
}

int
main(void)
{
	host		h;

	host_init(&h);
	test_best(&h.env);
	test_none(&h.env);
	test_levels(&h.env);
	host_free(&h);
	return tap_done();
}
