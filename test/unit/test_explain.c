/*-------------------------------------------------------------------------
 *
 * test_explain.c
 *	  Contributions of columns: they sum to what is explained, are 0 on
 *	  average over the training rows, and belong to one column each.
 *
 * Sums are compared to 1e-12: they have a few terms of size 10 at most, and
 * the log-odds are recovered from probabilities between 0.01 and 0.99.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_random.h"

#define ROWS 2000
#define COLUMNS 5

static const ps_column columns[COLUMNS] = {
	{"age", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN}, {"city", PS_TYPE_TEXT}, {"orders", PS_TYPE_NUMBER},
	{"one", PS_TYPE_NUMBER}
};

/* A random row: enough NULLs of age and city, too few of member, one city that is rare. */
static void
random_row(ps_random *random, ps_cell *cells)
{
	static const char *const cities[] = {"Graz", "Linz", "Wien", "Wien", NULL};
	double		u = ps_random_uniform(random);

	cells[0] = number_cell(u < 0.1 ? NAN : 20 + floor(60 * u));
	u = ps_random_uniform(random);
	cells[1] = number_cell(u < 0.001 ? NAN : u < 0.4);
	u = ps_random_uniform(random);
	cells[2] = text_cell(u < 0.02 ? "Zell" : cities[(int) (5 * u)]);
	cells[3] = number_cell(floor(10 * ps_random_uniform(random)));
	cells[4] = number_cell(1);
}

static ps_frame *
random_frame(const ps_env *env, bool has_target)
{
	ps_frame   *frame;
	ps_error	error;
	ps_random	random;

	ps_random_seed(&random, 1);
	ps_frame_create(env, columns, COLUMNS, has_target, false, &frame, &error);
	for (int row = 0; row < ROWS; row++)
	{
		ps_cell		cells[COLUMNS];
		double		log_odds;

		random_row(&random, cells);
		log_odds = (cells[0].null ? 1 : (cells[0].number - 50) / 30) + (cells[2].null ? -1 : cells[2].text[0] == 'G') +
			(cells[3].number - 5) / 5;
		ps_frame_append(frame, cells, ps_random_uniform(&random) < 1 / (1 + exp(-log_odds)), 1, &error);
	}
	return frame;
}

/* Explain cells: the sum, NAN on any failure. */
static double
explain(const ps_env *env, const ps_model *model, const ps_cell *cells, double *baseline, double *contributions)
{
	ps_error	error;
	double		sum;

	if (ps_model_explain(env, model, cells, baseline, contributions, &error) != PS_OK)
	{
		printf("# %s\n", error.message);
		return NAN;
	}
	sum = *baseline;
	for (size_t i = 0; i < model->ninputs; i++)
		sum += contributions[i];
	return sum;
}

static void
test_logistic(const ps_env *env)
{
	ps_frame   *frame = random_frame(env, true);
	fitted		fit = fit_frame(env, frame, "logistic", "{\"target\":\"bought\"}");
	double		baseline = NAN;
	double		contributions[COLUMNS];
	double		totals[COLUMNS] = {0};
	double		total = 0;
	double		worst = 0;
	double		worst_mean = 0;
	double		first;
	size_t		shared = 0;
	ps_cell		cells[COLUMNS];
	ps_cell		changed[COLUMNS];
	ps_random	random;

	for (size_t row = 0; row < ROWS; row++)
	{
		ps_frame_row(frame, row, cells);
		total += explain(env, fit.model, cells, &baseline, contributions);
		for (size_t i = 0; i < COLUMNS; i++)
			totals[i] += contributions[i];
	}
	for (size_t i = 0; i < COLUMNS; i++)
		worst_mean = fmax(worst_mean, fabs(totals[i] / ROWS));
	ok(worst_mean < 1e-12, "over the training rows every column is 0 on average: %g", worst_mean);
	close_to(baseline, total / ROWS, 0, 1e-12, "the intercept is their average log-odds");

	ps_random_seed(&random, 2);
	for (size_t row = 0; row < 3000; row++)
	{
		double		others[COLUMNS];
		double		probability;
		size_t		column = row % COLUMNS;

		random_row(&random, cells);
		if (row % 7 == 0)
			cells[2] = text_cell("never seen");
		if (row % 5 == 0)
			cells[row / 5 % COLUMNS] = number_cell(NAN);
		probability = score_cells(env, &fit, cells);
		worst = fmax(worst, fabs(explain(env, fit.model, cells, &baseline, contributions) -
								 log(probability / (1 - probability))));

		memcpy(changed, cells, sizeof(cells));
		changed[column] = column == 2 ? text_cell("Linz") : number_cell(column == 1 ? 1 : 4);
		explain(env, fit.model, changed, &baseline, others);
		for (size_t i = 0; i < COLUMNS; i++)
			shared += i != column && others[i] != contributions[i];
	}
	ok(worst < 1e-12, "contributions sum to the log-odds: %g", worst);
	ok(shared == 0, "another value of a column changes its contribution only");
	ok(totals[4] == 0 && has_note(&fit, "\"one\" is left out"), "a column that was left out contributes nothing");

	first = contributions[3];
	cells[3].number += 3;
	explain(env, fit.model, cells, &baseline, contributions);
	for (size_t j = 0; j < ps_value_get(fit_parameters(&fit), "terms")->count; j++)
	{
		const ps_value *term = ps_value_get(fit_parameters(&fit), "terms")->items[j];

		if (strcmp(ps_value_text_or(term, "column", ""), "orders") == 0)
			close_to(contributions[3] - first, 3 * ps_value_number_or(term, "coefficient", NAN), 1e-12, 0,
					 "a number contributes its coefficient for each unit");
	}
}

/*
 * One design column of a row as k-means takes it, by the encoder's own text; c
 * counts within the input: a number without logarithm, within its limits, or a
 * level of scale 1.
 */
static double
standardised(const ps_value *entry, const ps_cell *cell, size_t c)
{
	const ps_value *levels = ps_value_get(entry, "levels");
	double		number;

	if (levels != NULL)
		return (strcmp(levels->items[c]->text, cell->text) == 0) - ps_value_get(entry, "shares")->numbers[c];
	number = fmin(fmax(cell->number, ps_value_number_or(entry, "low", NAN)), ps_value_number_or(entry, "high", NAN));
	return (number - ps_value_number_or(entry, "mean", NAN)) / ps_value_number_or(entry, "scale", NAN);
}

static void
test_kmeans(const ps_env *env)
{
	static const ps_column two[] = {{"spend", PS_TYPE_NUMBER}, {"channel", PS_TYPE_TEXT}};
	static const char *const channels[] = {"web", "shop", "web", "phone"};
	ps_frame   *frame;
	ps_error	error;
	fitted		fit;
	const ps_value *encoders;
	const ps_value *clusters;
	double		worst = 0;
	double		worst_sum = 0;

	ps_frame_create(env, two, 2, false, false, &frame, &error);
	for (size_t i = 0; i < 400; i++)
	{
		ps_cell		cells[] = {number_cell((double) (i % 4 * 20 + i % 7)), text_cell(channels[i % 4])};

		ps_frame_append(frame, cells, 0, 1, &error);
	}
	fit = fit_frame(env, frame, "kmeans", "{\"k\":3}");
	encoders = ps_value_get(ps_value_get(fit_parameters(&fit), "encoder"), "columns");
	clusters = ps_value_get(fit_parameters(&fit), "clusters");
	for (size_t i = 0; i < 300; i++)
	{
		ps_cell		cells[] = {number_cell((double) i / 3 - 10), text_cell(channels[i % 4])};
		double		parts[3][2] = {{0}};
		double		distances[3];
		double		baseline;
		double		contributions[2];
		double		sum = explain(env, fit.model, cells, &baseline, contributions);
		size_t		nearest = (size_t) score_cells(env, &fit, cells) - 1;
		size_t		next = nearest == 0 ? 1 : 0;

		for (size_t k = 0; k < 3; k++)
		{
			const double *center = ps_value_get(clusters->items[k], "center")->numbers;

			for (size_t j = 0; j < 4; j++)
			{
				double		x = standardised(encoders->items[j > 0], &cells[j > 0], j - (j > 0));

				parts[k][j > 0] += (x - center[j]) * (x - center[j]);
			}
			distances[k] = parts[k][0] + parts[k][1];
			if (k != nearest && distances[k] < distances[next])
				next = k;
		}
		for (size_t j = 0; j < 2; j++)
			worst = fmax(worst, fabs(contributions[j] - (parts[next][j] - parts[nearest][j])));
		worst_sum = fmax(worst_sum, fabs(sum - (distances[next] - distances[nearest])));
		if (sum < 0 || baseline != 0)
			worst_sum = INFINITY;
	}
	ok(worst < 1e-12, "each column contributes its part of the distances: %g", worst);
	ok(worst_sum < 1e-12, "contributions sum to how much nearer the cluster is: %g", worst_sum);
}

static void
test_refused(const ps_env *env)
{
	static const char purchase[] = "{\"method\":\"bg_nbd\",\"inputs\":[{\"name\":\"\",\"type\":\"history\"}],"
		"\"parameters\":{\"r\":0.2,\"alpha\":4,\"a\":0.8,\"b\":2.4,\"time_unit\":\"day\"}}";
	static const char steep[] = "{\"method\":\"logistic\",\"inputs\":[{\"name\":\"x\",\"type\":\"number\"}],\"target\":\"y\","
		"\"parameters\":{\"log_odds_at_means\":0,\"terms\":[{\"coefficient\":1e200}],"
		"\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x\",\"mean\":0,\"scale\":1}]}}}";
	ps_value   *document;
	ps_model   *model;
	ps_error	error = {0};
	ps_cell		cell = number_cell(1e200);
	double		baseline;
	double		contribution;

	ok(ps_json_read(env, purchase, strlen(purchase), &document, &error) == PS_OK &&
	   ps_model_open(env, document, &model, &error) == PS_OK &&
	   ps_model_explain(env, model, &cell, &baseline, &contribution, &error) == PS_WRONG_MODEL &&
	   strstr(error.hint, "logistic") != NULL && strstr(error.hint, "kmeans") != NULL &&
	   strstr(error.hint, "nbd") == NULL, "%s: %s", error.message, error.hint);
	ok(ps_json_read(env, steep, strlen(steep), &document, &error) == PS_OK &&
	   ps_model_open(env, document, &model, &error) == PS_OK &&
	   ps_model_explain(env, model, &cell, &baseline, &contribution, &error) == PS_NO_SOLUTION &&
	   strcmp(error.column, "x") == 0, "%s", error.message);
	cell.number = INFINITY;
	ok(ps_model_explain(env, model, &cell, &baseline, &contribution, &error) == PS_INVALID_DATA, "%s", error.message);
}

int
main(void)
{
	host		h;

	host_init(&h);
	test_logistic(&h.env);
	test_kmeans(&h.env);
	test_refused(&h.env);
	host_free(&h);
	return tap_done();
}
