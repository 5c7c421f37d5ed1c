/*-------------------------------------------------------------------------
 *
 * test_gaussian_mixture.c
 *	  Gaussian mixtures: the optimum that scikit-learn finds
 *	  (test/unit/reference/gaussian_mixture.py), simulated clusters recovered
 *	  with their number, the same model for rows in any order, answers that
 *	  agree with each other, and data that make no clusters.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_kernels.h"
#include "ps_random.h"

static const ps_column columns[] = {
	{"x", PS_TYPE_NUMBER}, {"y", PS_TYPE_NUMBER}, {"channel", PS_TYPE_TEXT}
};

#define REFERENCE_ROWS 600

static double
fraction(double number)
{
	return number - floor(number);
}

static double
spread(size_t i, double step)
{
	double		at = (double) (i + 1) * step;

	return fraction(at) + fraction(at * 1.7320508) + fraction(at * 2.2360680) - 1.5;
}

/* Row i of the reference script. */
static void
reference_row(size_t i, double *x, double *y)
{
	static const double centers[][2] = {{10, 200}, {13, 340}, {18, 210}};
	static const double widths[][2] = {{2, 80}, {4, 40}, {3, 120}};
	static const double slopes[] = {0.9, -0.5, 0};
	size_t		group = i % 10 < 5 ? 0 : i % 10 < 8 ? 1 : 2;
	double		u = spread(i, 0.6180339887);

	*x = centers[group][0] + widths[group][0] * u;
	*y = centers[group][1] + widths[group][1] * (spread(i, 0.7548776662) + slopes[group] * u);
}

static ps_frame *
reference_frame(const ps_env *env, size_t rows, bool reversed)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < rows; i++)
	{
		double		x,
					y;

		reference_row(reversed ? rows - 1 - i : i, &x, &y);
		ps_frame_append(frame, (ps_cell[]) {number_cell(x), number_cell(y)}, 0, 1, &error);
	}
	return frame;
}

static double
parameter(const fitted *fit, const char *name)
{
	return ps_value_number_or(fit_parameters(fit), name, NAN);
}

/* The probabilities of all clusters; NULL on failure. */
static const double *
probabilities(const ps_env *env, const fitted *fit, const ps_cell *cells)
{
	const ps_request request = {0};
	ps_answer	answer;
	ps_error	error;

	if (ps_model_ask(env, fit->model, PS_ASK_CLUSTERS, cells, &request, &answer, &error) != PS_OK ||
		answer.count != ps_value_get(fit_parameters(fit), "clusters")->count)
		return NULL;
	return answer.numbers;
}

/*
 * Against scikit-learn, which went on until nothing changed.  EM stops here
 * where a pass gains less than 1e-6 a row, and converges linearly: a likelihood
 * within some 1e-5 a row and parameters within 1e-2 of the optimum.
 */
static void
test_reference(const ps_env *env)
{
	static const struct
	{
		const char *form;
		double		log_likelihood;
		double		bic;
		double		shares[3];
		double		means[3];
		double		probabilities[3];
	}			references[] = {
		{"full", -4296.737312117334, 8702.222428373341, {0.50154668, 0.29900433, 0.19944899},
			{10.00369832, 13.02517563, 17.97392066}, {3.37512801e-01, 6.62487199e-01, 3.42266168e-10}},
		{"diagonal", -4351.502358330675, 8792.561731834376, {0.49411425, 0.30705507, 0.19883068},
			{9.98864179, 12.98351485, 17.97811884}, {1.04861911e-02, 9.89513809e-01, 5.91343293e-11}},
		{"spherical", -4582.820997357668, 9236.008220922715, {0.48574509, 0.31363943, 0.20061549},
			{9.97681023, 12.91409809, 17.94591783}, {0.04052508, 0.95660488, 0.00287003}}
	};
	ps_frame   *frame = reference_frame(env, REFERENCE_ROWS, false);

	for (size_t r = 0; r < 3; r++)
	{
		char		options[100];
		fitted		fit;
		const double *p;
		ps_value   *metrics;
		double		loss;
		ps_error	error;

		snprintf(options, sizeof(options), "{\"k\":3,\"covariance\":\"%s\",\"regularisation\":1e-9}", references[r].form);
		fit = fit_frame(env, frame, "gaussian_mixture", options);
		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "%s: %s", references[r].form, fit.error.message);
		close_to(parameter(&fit, "log_likelihood"), references[r].log_likelihood, 0, 2e-5 * REFERENCE_ROWS, "log likelihood");
		close_to(parameter(&fit, "bic"), references[r].bic, 0, 4e-5 * REFERENCE_ROWS, "BIC");
		close_to(parameter(&fit, "bic") - parameter(&fit, "aic"),
				 (log(REFERENCE_ROWS) - 2) * (r == 0 ? 17 : r == 1 ? 14 : 11), 1e-9, 0, "AIC has the same parameters");
		p = probabilities(env, &fit, (ps_cell[]) {number_cell(12), number_cell(290)});
		for (size_t c = 0; c < 3; c++)
		{
			close_to(ps_value_number_or(fit_cluster(&fit, c + 1), "share", NAN), references[r].shares[c], 0, 5e-3, "share of %zu", c + 1);
			close_to(ps_value_number_or(ps_value_get(fit_cluster(&fit, c + 1), "means"), "x", NAN), references[r].means[c], 5e-3, 0,
					 "mean of x");
			close_to(p != NULL ? p[c] : NAN, references[r].probabilities[c], 0, 2e-2, "probability");
		}
		ok(ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate");
		close_to(-loss * REFERENCE_ROWS, parameter(&fit, "log_likelihood"), 1e-10, 0, "of the same rows: the same likelihood");
	}
}

/* The adjusted Rand index of n pairs of labels below 20. */
static double
adjusted_rand(const size_t *left, const size_t *right, size_t n)
{
	double		table[20][20] = {{0}};
	double		rows[20] = {0};
	double		sums[20] = {0};
	double		both = 0,
				of_left = 0,
				of_right = 0,
				expected;

	for (size_t i = 0; i < n; i++)
	{
		table[left[i]][right[i]]++;
		rows[left[i]]++;
		sums[right[i]]++;
	}
	for (size_t a = 0; a < 20; a++)
	{
		of_left += rows[a] * (rows[a] - 1) / 2;
		of_right += sums[a] * (sums[a] - 1) / 2;
		for (size_t b = 0; b < 20; b++)
			both += table[a][b] * (table[a][b] - 1) / 2;
	}
	expected = of_left * of_right / ((double) n * (double) (n - 1) / 2);
	return (both - expected) / ((of_left + of_right) / 2 - expected);
}

/* Four well separated clusters of other shapes: their number and members are found, for ten seeds. */
static void
test_recovered(const ps_env *env)
{
	enum
	{
	N = 500};
	static size_t groups[N],
				found[N];
	size_t		wrong_number = 0;
	double		worst = 1;

	for (int seed = 0; seed < 10; seed++)
	{
		ps_frame   *frame;
		ps_error	error;
		ps_random	random;
		char		options[60];
		fitted		fit;

		ps_random_seed(&random, (uint64_t) seed);
		ps_frame_create(env, columns, 2, false, false, &frame, &error);
		for (size_t i = 0; i < N; i++)
		{
			static const double centers[][2] = {{0, 0}, {12, 3}, {2, 14}, {-11, 9}};
			static const double slopes[] = {1.5, -1, 0, 0.5};
			double		z[2] = {0, 0};

			/* sums of twelve uniform numbers are as good as normal */
			for (int j = 0; j < 24; j++)
				z[j % 2] += ps_random_uniform(&random) - 0.5;
			groups[i] = i % 10 < 4 ? 0 : i % 10 < 7 ? 1 : i % 10 < 9 ? 2 : 3;
			ps_frame_append(frame, (ps_cell[]) {
				number_cell(centers[groups[i]][0] + z[0]), number_cell(1e6 * (centers[groups[i]][1] + z[1] + slopes[groups[i]] * z[0]))},
				0, 1, &error);
		}
		snprintf(options, sizeof(options), "{\"k_max\":7,\"seed\":%d}", seed);
		fit = fit_frame(env, frame, "gaussian_mixture", options);
		if (fit.status != PS_OK || ps_value_get(fit_parameters(&fit), "clusters")->count != 4 ||
			ps_value_get(fit_parameters(&fit), "candidates")->count != 28)
		{
			wrong_number++;
			continue;
		}
		for (size_t i = 0; i < N; i++)
			found[i] = (size_t) score_row(env, &fit, frame, i);
		worst = fmin(worst, adjusted_rand(groups, found, N));
		if (seed == 0)
			ok(has_note(&fit, "4 clusters with the covariance \"full\" have the lowest BIC of 1 to 7: "), "a note says what was chosen");
	}
	ok(wrong_number == 0, "BIC finds four clusters (%zu of 10 wrong), one column a million times the other", wrong_number);
	ok(worst >= 0.99, "and their rows: adjusted Rand at least %g", worst);
}

/* The same rows in another order, few or sampled: the same bits. */
static void
test_order(const ps_env *env)
{
	static const size_t sizes[] = {400, 20000};

	for (size_t s = 0; s < 2; s++)
	{
		const char *options = "{\"k\":3,\"starts\":2,\"iterations\":5}";
		fitted		fit = fit_frame(env, reference_frame(env, sizes[s], false), "gaussian_mixture", options);
		fitted		same = fit_frame(env, reference_frame(env, sizes[s], true), "gaussian_mixture", options);
		char	   *json[2] = {NULL, NULL};
		size_t		length;
		ps_error	error;

		ps_json_write(env, fit_parameters(&fit), &json[0], &length, &error);
		ps_json_write(env, fit_parameters(&same), &json[1], &length, &error);
		ok(json[0] != NULL && json[1] != NULL && strcmp(json[0], json[1]) == 0, "%zu rows in another order: the same model", sizes[s]);
		ok(has_note(&fit, "still rising after 5 iterations") || strcmp(fit_status(&fit), "converged") == 0, "how it ended");
	}
}

/* Cluster, probabilities and explanation agree, for every shape. */
static void
test_answers(const ps_env *env)
{
	static const char *const options[] = {
		"{\"k\":4,\"covariance\":\"full\"}", "{\"k\":4,\"covariance\":\"tied\"}", "{\"k\":4,\"covariance\":\"stretched\"}",
		"{\"k\":4,\"covariance\":\"diagonal\"}", "{\"k\":4,\"covariance\":\"spherical\"}", "{\"k\":1}"
	};
	ps_frame   *frame = reference_frame(env, 300, false);

	for (size_t o = 0; o < 6; o++)
	{
		fitted		fit = fit_frame(env, frame, "gaussian_mixture", options[o]);
		size_t		k = o < 5 ? 4 : 1;
		size_t		wrong = 0;

		for (size_t i = 0; i < 300; i++)
		{
			ps_cell		cells[2];
			const double *p;
			double		sum = 0,
						next = 0,
						baseline,
						contributions[2];
			ps_error	error;
			size_t		best;

			ps_frame_row(frame, i, cells);
			p = probabilities(env, &fit, cells);
			best = (size_t) score_cells(env, &fit, cells) - 1;
			for (size_t c = 0; c < k; c++)
			{
				sum += p[c];
				if (c != best)
					next = fmax(next, p[c]);
			}
			ps_model_explain(env, fit.model, cells, &baseline, contributions, &error);
			if (fabs(sum - 1) > 1e-12 || next > p[best] ||
				(k == 1 ? baseline != 0 || contributions[0] != 0 :
				 next > 1e-300 && fabs(baseline + contributions[0] + contributions[1] - log(p[best] / next)) > 1e-8))
				wrong++;
		}
		ok(fit.status == PS_OK && wrong == 0, "%s: answers agree (%zu do not)", options[o], wrong);
		ok(isnan(score_cells(env, &fit, (ps_cell[]) {number_cell(-1e300), number_cell(0)})), "too far away to compute is an error");
	}
}

/* Fit count rows that fill makes of columns first..first + width. */
static fitted
fit_made(const ps_env *env, size_t first, size_t width, size_t count, void (*fill) (size_t i, ps_cell *cells), const char *options)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns + first, width, false, false, &frame, &error);
	for (size_t i = 0; i < count; i++)
	{
		ps_cell		cells[3];

		fill(i, cells);
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	return fit_frame(env, frame, "gaussian_mixture", options);
}

static void
fill_same(size_t i, ps_cell *cells)
{
	(void) i;
	cells[0] = number_cell(1);
	cells[1] = number_cell(2);
}

static void
fill_three(size_t i, ps_cell *cells)
{
	cells[0] = number_cell(i == 17 ? 9 : (double) (i % 2));
	cells[1] = number_cell(5);
}

static void
fill_words(size_t i, ps_cell *cells)
{
	cells[0] = text_cell(i % 6 < 3 ? "web" : i % 6 < 5 ? "shop" : "phone");
}

static void
fill_nulls(size_t i, ps_cell *cells)
{
	cells[0] = number_cell(i % 3 == 0 ? (double) NAN : 1e12 + 1e6 * spread(i, 0.6180339887));
	cells[1] = number_cell(NAN);
}

/* Data that hardly make clusters. */
static void
test_poor(const ps_env *env)
{
	fitted		fit = fit_made(env, 0, 2, 50, fill_same, "{}");
	double		number;

	ok(fit.status == PS_TOO_LITTLE_DATA, "identical rows: %s", fit.error.message);
	fit = fit_made(env, 0, 1, 40, fill_three, "{\"k\":4}");
	ok(fit.status == PS_TOO_LITTLE_DATA &&
	   strcmp(fit.error.message, "cannot make 4 clusters of rows of which only 3 are different") == 0, "%s", fit.error.message);
	fit = fit_made(env, 0, 2, 40, fill_three, "{\"k\":3}");
	ok(fit.status == PS_OK, "one column that varies, a row of its own: %s", fit.error.message);
	close_to(ps_value_number_or(fit_cluster(&fit, 3), "share", NAN), 1. / 40, 1e-6, 0, "which is a cluster");
	fit = fit_made(env, 0, 1, 60000, fill_three, "{\"k\":3}");
	close_to(fit.status == PS_OK ? ps_value_number_or(fit_cluster(&fit, 3), "share", NAN) : NAN, 1. / 60000, 1e-6, 0,
			 "also where a sample would miss it: %s", fit.error.message);
	fit = fit_made(env, 0, 1, 40, fill_three, "{}");
	ok(fit.status == PS_OK && ps_value_get(fit_parameters(&fit), "candidates")->count == 6, "no more clusters are tried than rows differ");
	fit = fit_made(env, 2, 1, 300, fill_words, "{\"k\":3}");
	ok(fit.status == PS_OK && score_cells(env, &fit, (ps_cell[]) {text_cell("web")}) == 1 &&
	   score_cells(env, &fit, (ps_cell[]) {text_cell("shop")}) == 2 && score_cells(env, &fit, (ps_cell[]) {text_cell("phone")}) == 3,
	   "categories only: %s", fit.error.message);
	fit = fit_made(env, 0, 2, 300, fill_nulls, "{\"k\":2}");
	number = fit.status == PS_OK ? score_cells(env, &fit, (ps_cell[]) {number_cell(NAN), number_cell(NAN)}) : NAN;
	ok(number == 2, "NULLs are a place of their own, a column of NULL is none: %s", fit.error.message);
	fit = fit_made(env, 0, 2, 40, fill_three, "{\"k_min\":5,\"k_max\":4}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_made(env, 0, 2, 40, fill_three, "{\"covariance\":\"round\"}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
}

/* A row of weight 2 is as good as two rows, and one of weight 0 as none. */
static void
test_weights(const ps_env *env)
{
	static const char options[] = "{\"k\":3,\"transform\":\"none\"}";
	ps_frame   *weighted;
	ps_frame   *repeated;
	ps_frame   *reversed;
	fitted		fits[3];
	ps_value   *metrics;
	double		losses[2];
	ps_error	error;

	ps_frame_create(env, columns, 2, false, true, &weighted, &error);
	ps_frame_create(env, columns, 2, false, true, &reversed, &error);
	ps_frame_create(env, columns, 2, false, false, &repeated, &error);
	for (size_t i = 0; i < REFERENCE_ROWS; i++)
	{
		double		x,
					y;
		ps_cell		cells[2];

		reference_row(i, &x, &y);
		cells[0] = number_cell(x);
		cells[1] = number_cell(y);
		ps_frame_append(weighted, cells, 0, (double) (i % 7 % 3), &error);
		for (size_t copy = 0; copy < i % 7 % 3; copy++)
			ps_frame_append(repeated, cells, 0, 1, &error);
		reference_row(REFERENCE_ROWS - 1 - i, &x, &y);
		cells[0] = number_cell(x);
		cells[1] = number_cell(y);
		ps_frame_append(reversed, cells, 0, (double) ((REFERENCE_ROWS - 1 - i) % 7 % 3), &error);
	}
	fits[0] = fit_frame(env, weighted, "gaussian_mixture", options);
	fits[1] = fit_frame(env, repeated, "gaussian_mixture", options);
	fits[2] = fit_frame(env, reversed, "gaussian_mixture", options);
	ok(fits[0].status == PS_OK && fits[1].status == PS_OK && fits[2].status == PS_OK, "weights: %s", fits[0].error.message);
	if (fits[0].status != PS_OK)
		return;

	/* columns are scaled by other rows: EM stops elsewhere, within the 1e-5 a row of test_reference */
	close_to(parameter(&fits[0], "log_likelihood"), parameter(&fits[1], "log_likelihood"), 1e-5, 0, "weights: log likelihood");
	close_to(parameter(&fits[0], "bic"), parameter(&fits[1], "bic"), 1e-5, 0, "weights: BIC");
	for (size_t c = 1; c <= 3; c++)
	{
		close_to(ps_value_number_or(fit_cluster(&fits[0], c), "share", NAN), ps_value_number_or(fit_cluster(&fits[1], c), "share", NAN), 1e-2, 0,
				 "weights: share of %zu", c);
		close_to(ps_value_number_or(ps_value_get(fit_cluster(&fits[0], c), "means"), "x", NAN),
				 ps_value_number_or(ps_value_get(fit_cluster(&fits[1], c), "means"), "x", NAN), 1e-2, 0, "weights: mean of %zu", c);
	}
	ok(memcmp(ps_value_get(fit_cluster(&fits[0], 1), "center")->numbers, ps_value_get(fit_cluster(&fits[2], 1), "center")->numbers,
			  2 * sizeof(double)) == 0, "weights: the same centers for rows in another order");
	ok(ps_model_evaluate(env, fits[0].model, weighted, &metrics, &losses[0], &error) == PS_OK &&
	   ps_model_evaluate(env, fits[0].model, repeated, &metrics, &losses[1], &error) == PS_OK, "weights: evaluates");
	close_to(losses[0], losses[1], 1e-12, 0, "weights: the same loss");
	close_to(losses[0] * -ps_value_number_or(metrics, "rows", NAN), parameter(&fits[0], "log_likelihood"), 1e-9, 0,
			 "which is the log likelihood of the training");
}

/*
 * Money has a long tail: the fit is the one to its logarithms, with the
 * likelihood in money, and means and deviations of the money itself.
 */
static void
test_transform(const ps_env *env)
{
	enum
	{
	N = 2000};
	ps_frame   *money;
	ps_frame   *logs;
	fitted		fit;
	fitted		log_fit;
	ps_error	error;
	ps_cell		cells[2];
	double		unit;
	double		jacobian = 0;
	double		sums[2] = {0, 0};
	double		squares[2] = {0, 0};
	double		counts[2] = {0, 0};
	size_t		unlike = 0;

	ps_frame_create(env, columns, 2, false, false, &money, &error);
	ps_frame_create(env, columns, 2, false, false, &logs, &error);
	for (size_t i = 0; i < N; i++)
	{
		cells[0] = number_cell(100 * exp(2 * spread(i, 0.6180339887) + (i % 4 == 0 ? 1 : 0)));
		cells[1] = number_cell((i % 4 == 0 ? 6 : 0) + spread(i, 0.7548776662));
		ps_frame_append(money, cells, 0, 1, &error);
	}
	fit = fit_frame(env, money, "gaussian_mixture", "{\"k\":2}");
	ok(fit.status == PS_OK && has_note(&fit, "column \"x\" has a long tail"), "money: %s", fit.error.message);
	unit = ps_value_number_or(ps_value_get(ps_value_get(fit_parameters(&fit), "encoder"), "columns")->items[0], "unit", NAN);
	for (size_t i = 0; i < N; i++)
	{
		double		amount;
		size_t		c;

		ps_frame_row(money, i, cells);
		amount = cells[0].number;
		jacobian -= log(unit + amount);
		c = (size_t) score_cells(env, &fit, cells) - 1;
		sums[c] += amount;
		squares[c] += amount * amount;
		counts[c]++;
		unlike += answer_of(env, &fit, PS_ASK_UNLIKE, cells) != 0;
		cells[0] = number_cell(log1p(amount / unit));
		ps_frame_append(logs, cells, 0, 1, &error);
	}
	log_fit = fit_frame(env, logs, "gaussian_mixture", "{\"k\":2,\"transform\":\"none\"}");
	close_to(parameter(&fit, "log_likelihood"), parameter(&log_fit, "log_likelihood") + jacobian, 1e-9, 0, "log likelihood");
	for (size_t c = 0; c < 2; c++)
	{
		const ps_value *means = ps_value_get(fit_cluster(&fit, c + 1), "means");
		const ps_value *deviations = ps_value_get(fit_cluster(&fit, c + 1), "standard_deviations");
		double		mean = sums[c] / counts[c];

		/* rows are in one cluster each, all but surely */
		close_to(ps_value_number_or(means, "x", NAN), mean, 0.01, 0, "mean amount");
		close_to(ps_value_number_or(deviations, "x", NAN), sqrt(squares[c] / counts[c] - mean * mean), 0.02, 0, "and its deviation");
	}
	ok(unlike == 0, "no row is unlike all: %zu", unlike);
	cells[0] = number_cell(1e7);
	cells[1] = number_cell(-20);
	ok(answer_of(env, &fit, PS_ASK_UNLIKE, cells) == 1 && answer_of(env, &fit, PS_ASK_CLUSTER_DISTANCE, cells) > 10, "a stranger is");
	ok(answer_of(env, &fit, PS_ASK_SECOND_CLUSTER, cells) + score_cells(env, &fit, cells) == 3, "and has a second cluster");
	fit = fit_frame(env, money, "gaussian_mixture", "{\"k\":1}");
	ok(isnan(answer_of(env, &fit, PS_ASK_SECOND_CLUSTER, cells)) && answer_of(env, &fit, PS_ASK_UNLIKE, cells) == 1,
	   "of one cluster there is no second");
}

/* Whole numbers, counts say, have groups as other numbers have: no cluster forms around a single value. */
static void
test_whole_numbers(const ps_env *env)
{
	ps_frame   *frame;
	fitted		fit;
	ps_error	error;
	ps_cell		cells[2];

	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < 1500; i++)
	{
		/* sums of evenly spread numbers are nearly normal, here with a standard deviation of about 2 */
		double		sums[2] = {0, 0};

		for (size_t t = 0; t < 6; t++)
		{
			sums[0] += spread(6 * i + t, 0.6180339887);
			sums[1] += spread(6 * i + t + 20000, 0.7548776662);
		}
		cells[0] = number_cell(round(1.7 * sums[0]) + (i % 3 == 0 ? 20 : 0));
		cells[1] = number_cell(round(1.7 * sums[1]) + (i % 3 == 1 ? 20 : 0));
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	fit = fit_frame(env, frame, "gaussian_mixture", "{\"k_max\":5}");
	ok(fit.status == PS_OK && fit_cluster(&fit, 3) != NULL && ps_value_get(fit_parameters(&fit), "clusters")->count == 3,
	   "three groups of whole numbers: %zu", ps_value_get(fit_parameters(&fit), "clusters")->count);
}

/* Every set of kernels against plain loops. */
static void
test_kernels(void)
{
	enum
	{
	N = PS_NEWTON_ROWS, D = 8, K = 5};
	static double x[D * N],
				factor[D * D],
				offset[D],
				distances[N],
				logs[K * N],
				shares[K * N],
				totals[N];
	const ps_kernels *kernels;
	ps_random	random;

	ps_random_seed(&random, 6);
	for (int i = 0; i < D * N; i++)
		x[i] = ps_random_uniform(&random);
	for (int i = 0; i < D; i++)
	{
		offset[i] = ps_random_uniform(&random);
		for (int j = 0; j <= i; j++)
			factor[i * D + j] = ps_random_uniform(&random) - 0.5;
	}
	for (int i = 0; i < K * N; i++)
		logs[i] = 300 * (ps_random_uniform(&random) - 0.5);
	for (size_t n = 0; (kernels = ps_kernels_number(n)) != NULL; n++)
	{
		double		worst = 0,
					worst_share = 0;

		kernels->distances_tile(x, D, factor, offset, distances);
		memcpy(shares, logs, sizeof(logs));
		kernels->shares_tile(shares, K, totals);
		for (int row = 0; row < N; row++)
		{
			double		sum = 0,
						most = -INFINITY,
						all = 0;

			for (int i = 0; i < D; i++)
			{
				double		y = -offset[i];

				for (int j = 0; j <= i; j++)
					y += factor[i * D + j] * x[j * N + row];
				sum += y * y;
			}
			worst = fmax(worst, fabs(sum - distances[row]));
			for (int c = 0; c < K; c++)
				most = fmax(most, logs[c * N + row]);
			for (int c = 0; c < K; c++)
				all += exp(logs[c * N + row] - most);
			for (int c = 0; c < K; c++)
				worst_share = fmax(worst_share, fabs(exp(logs[c * N + row] - most) / all - shares[c * N + row]));
			worst_share = fmax(worst_share, fabs(most + log(all) - totals[row]));
		}
		ok(worst < 1e-13, "%s: distances within %g", kernels->name, worst);
		ok(worst_share < 1e-13, "%s: shares within %g", kernels->name, worst_share);
	}
}

#define ENCODER "{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"x\",\"mean\":0,\"scale\":1}]},"

static void
test_corrupt(const ps_env *env)
{
	static const char *const texts[] = {
		ENCODER "\"covariance\":\"full\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[2]}]}",
		ENCODER "\"covariance\":\"round\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[2]}]}",
		ENCODER "\"covariance\":\"full\",\"clusters\":[]}",
		ENCODER "\"covariance\":\"full\",\"clusters\":[7]}",
		ENCODER "\"covariance\":\"full\",\"clusters\":[{\"share\":0,\"center\":[1],\"covariance\":[2]}]}",
		ENCODER "\"covariance\":\"full\",\"clusters\":[{\"share\":1.5,\"center\":[1],\"covariance\":[2]}]}",
		ENCODER "\"covariance\":\"full\",\"clusters\":[{\"share\":1,\"center\":[1,2],\"covariance\":[2]}]}",
		ENCODER "\"covariance\":\"full\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[2,3]}]}",
		ENCODER "\"covariance\":\"tied\",\"clusters\":[{\"share\":0.5,\"center\":[1],\"covariance\":[2]},{\"share\":0.5,\"center\":[1],\"covariance\":[3]}]}",
		ENCODER "\"covariance\":\"stretched\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[-2]}]}",
		ENCODER "\"covariance\":\"auto\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[2]}]}",
		ENCODER "\"covariance\":\"diagonal\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[-2]}]}",
		ENCODER "\"covariance\":\"spherical\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[0]}]}",
		"{\"covariance\":\"full\",\"clusters\":[{\"share\":1,\"center\":[1],\"covariance\":[2]}]}",
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"x\",\"mean\":0,\"scale\":1},{\"column\":\"y\",\"mean\":0,\"scale\":1}]},"
		"\"covariance\":\"full\",\"clusters\":[{\"share\":1,\"center\":[1,1],\"covariance\":[2,3,2]}]}"
	};
	const ps_input inputs[] = {{"x", PS_TYPE_NUMBER}, {"y", PS_TYPE_NUMBER}};
	size_t		count = sizeof(texts) / sizeof(texts[0]);

	for (size_t i = 0; i < count; i++)
	{
		ps_value   *parameters;
		void	   *state;
		ps_error	error = {0};

		ps_json_read(env, texts[i], strlen(texts[i]), &parameters, &error);
		ok(ps_learner_find("gaussian_mixture")->load(env, parameters, inputs, i + 1 < count ? 1 : 2, &state, &error) ==
		   (i == 0 ? PS_OK : PS_CORRUPT), "%s %s", i == 0 ? "loads" : "refused:", error.message);
	}
}

static ps_status
small_fit(const ps_env *env)
{
	static const ps_request request = {0};
	ps_frame   *frame;
	ps_error	error;
	ps_value   *metrics;
	ps_answer	answer;
	ps_cell		cells[2];
	double		loss;
	fitted		fit;

	PS_TRY(ps_frame_create(env, columns, 2, false, false, &frame, &error));
	for (size_t i = 0; i < 20; i++)
	{
		double		x,
					y;

		reference_row(i, &x, &y);
		cells[0] = number_cell(x);
		cells[1] = number_cell(y);
		PS_TRY(ps_frame_append(frame, cells, 0, 1, &error));
	}
	fit = fit_frame(env, frame, "gaussian_mixture", "{\"k\":2,\"covariance\":\"stretched\",\"starts\":1,\"iterations\":2}");
	PS_TRY(fit.status);
	PS_TRY(ps_model_ask(env, fit.model, PS_ASK_CLUSTERS, cells, &request, &answer, &error));
	return ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_reference(&h.env);
	test_recovered(&h.env);
	test_order(&h.env);
	test_answers(&h.env);
	test_poor(&h.env);
	test_weights(&h.env);
	test_transform(&h.env);
	test_whole_numbers(&h.env);
	test_kernels();
	test_corrupt(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
