/*-------------------------------------------------------------------------
 *
 * test_linear.c
 *	  Least squares against certified values of the NIST Statistical Reference
 *	  Datasets, penalised fits of both linear methods against scikit-learn
 *	  (reference/penalised.py) and their conditions of optimality, and many
 *	  columns.
 *
 * Longley's columns are so correlated that sums of squares lose four of the
 * sixteen digits: 1e-9 is asked for.  Standard errors depend on the inverse of
 * the Gram matrix, which no second pass corrects.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_elastic_net.h"
#include "ps_random.h"

/* A number of the j-th coefficient; 0 is the intercept. */
static double
term(const fitted *fit, size_t j, const char *name)
{
	const ps_value *parameters = fit_parameters(fit);

	if (j == 0)
		return ps_value_number_or(ps_value_get(parameters, "intercept"), name, NAN);
	return ps_value_number_or(ps_value_get(parameters, "terms")->items[j - 1], name, NAN);
}

static double
number(const fitted *fit, const char *name)
{
	return ps_value_number_or(fit_parameters(fit), name, NAN);
}

/* Make a frame of n rows from numbers values[row * ncolumns + column] and targets; weights may be NULL. */
static ps_frame *
number_frame(const ps_env *env, size_t n, size_t ncolumns, const double *values, const double *targets,
			 const double *weights)
{
	ps_frame   *frame;
	ps_column  *columns;
	ps_cell    *cells;
	char	   *names;
	ps_error	error;

	ps_alloc(env, ncolumns, sizeof(*columns), &columns, &error);
	ps_alloc(env, ncolumns, sizeof(*cells), &cells, &error);
	ps_alloc(env, ncolumns, 8, &names, &error);
	for (size_t c = 0; c < ncolumns; c++)
	{
		snprintf(names + 8 * c, 8, "x%zu", c + 1);
		columns[c] = (ps_column) {names + 8 * c, PS_TYPE_NUMBER};
	}
	ps_frame_create(env, columns, ncolumns, true, weights != NULL, &frame, &error);
	for (size_t i = 0; i < n; i++)
	{
		for (size_t c = 0; c < ncolumns; c++)
			cells[c] = number_cell(values[i * ncolumns + c]);
		ps_frame_append(frame, cells, targets[i], weights == NULL ? 1 : weights[i], &error);
	}
	return frame;
}

/*
 * How far a fit to such a frame is from the conditions of optimality
 * (Hastie, Tibshirani and Wainwright 2015, 2.4), in sums over rows of columns
 * scaled to standard deviation 1, for a row of the data.
 */
static double
distance_from_optimum(const ps_env *env, const fitted *fit, const ps_frame *frame, double l1, double l2)
{
	size_t		n = ps_frame_rows(frame);
	size_t		width = ps_frame_columns(frame);
	double	   *residuals;
	ps_cell    *cells;
	ps_error	error;
	double		worst = 0;

	ps_alloc(env, n, sizeof(double), &residuals, &error);
	ps_alloc(env, width, sizeof(ps_cell), &cells, &error);
	for (size_t i = 0; i < n; i++)
	{
		ps_frame_row(frame, i, cells);
		residuals[i] = ps_frame_weight(frame, i) * (ps_frame_target(frame, i) - score_cells(env, fit, cells));
	}
	for (size_t j = 0; j <= width; j++)
	{
		double		mean = 0;
		double		square = 0;
		double		gradient = 0;
		double		scale = 1;
		double		b = 0;

		for (size_t pass = 0; j > 0 && pass < 2; pass++)
			for (size_t i = 0; i < n; i++)
			{
				double		x = ps_frame_numbers(frame, j - 1, i / PS_FRAME_CHUNK)[i % PS_FRAME_CHUNK];

				mean += pass == 0 ? x / (double) n : 0;
				square += pass == 1 ? (x - mean) * (x - mean) / (double) n : 0;
			}
		if (j > 0)
		{
			scale = sqrt(square);
			b = term(fit, j, "coefficient") * scale;
		}
		for (size_t i = 0; i < n; i++)
			gradient += residuals[i] * (j == 0 ? 1 :
										(ps_frame_numbers(frame, j - 1, i / PS_FRAME_CHUNK)[i % PS_FRAME_CHUNK] - mean) / scale);
		if (j == 0)
			worst = fmax(worst, fabs(gradient));
		else if (b != 0)
			worst = fmax(worst, fabs(gradient - l2 * b - copysign(l1, b)));
		else
			worst = fmax(worst, fabs(gradient) - l1);
	}
	return worst / (double) n;
}

/* NIST StRD, Longley (1967): employment from six series of the economy. */
static void
test_longley(const ps_env *env)
{
	static const double rows[16][7] = {
		{60323, 83.0, 234289, 2356, 1590, 107608, 1947}, {61122, 88.5, 259426, 2325, 1456, 108632, 1948},
		{60171, 88.2, 258054, 3682, 1616, 109773, 1949}, {61187, 89.5, 284599, 3351, 1650, 110929, 1950},
		{63221, 96.2, 328975, 2099, 3099, 112075, 1951}, {63639, 98.1, 346999, 1932, 3594, 113270, 1952},
		{64989, 99.0, 365385, 1870, 3547, 115094, 1953}, {63761, 100.0, 363112, 3578, 3350, 116219, 1954},
		{66019, 101.2, 397469, 2904, 3048, 117388, 1955}, {67857, 104.6, 419180, 2822, 2857, 118734, 1956},
		{68169, 108.4, 442769, 2936, 2798, 120445, 1957}, {66513, 110.8, 444546, 4681, 2637, 121950, 1958},
		{68655, 112.6, 482704, 3813, 2552, 123366, 1959}, {69564, 114.2, 502601, 3931, 2514, 125368, 1960},
		{69331, 115.7, 518173, 4806, 2572, 127852, 1961}, {70551, 116.9, 554894, 4007, 2827, 130081, 1962}
	};
	static const double want[7][2] = {
		{-3482258.63459582, 890420.383607373}, {15.0618722713733, 84.9149257747669},
		{-0.358191792925910e-1, 0.334910077722432e-1}, {-2.02022980381683, 0.488399681651699},
		{-1.03322686717359, 0.214274163161675}, {-0.511041056535807e-1, 0.226073200069370},
		{1829.15146461355, 455.478499142212}
	};
	const double t_9 = 2.26215716279820554; /* 97.5 % of Student's t with 9 degrees of freedom */
	double		values[16 * 6];
	double		targets[16];
	ps_frame   *frame;
	fitted		fit;
	double		worst = 0;
	double		worst_error = 0;
	double		baseline;
	double		contributions[6] = {0};
	ps_cell		cells[6];
	ps_error	error;
	ps_value   *metrics;
	double		loss;

	for (size_t i = 0; i < 16; i++)
	{
		targets[i] = rows[i][0];
		memcpy(values + 6 * i, rows[i] + 1, 6 * sizeof(double));
	}
	frame = number_frame(env, 16, 6, values, targets, NULL);
	fit = fit_frame(env, frame, "linear", "{\"penalty\":0}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "Longley: converged");
	for (size_t j = 0; j < 7; j++)
	{
		worst = fmax(worst, fabs(term(&fit, j, "coefficient") / want[j][0] - 1));
		worst_error = fmax(worst_error, fabs(term(&fit, j, "standard_error") / want[j][1] - 1));
		worst_error = fmax(worst_error, fabs(term(&fit, j, "t") / (want[j][0] / want[j][1]) - 1));
		worst_error = fmax(worst_error, fabs((term(&fit, j, "upper") - want[j][0]) / (t_9 * want[j][1]) - 1));
		worst_error = fmax(worst_error, fabs((want[j][0] - term(&fit, j, "lower")) / (t_9 * want[j][1]) - 1));
	}
	close_to(worst, 0, 0, 1e-9, "Longley: coefficients");
	close_to(worst_error, 0, 0, 1e-8, "Longley: standard errors, t, intervals");
	close_to(number(&fit, "r_squared"), 0.995479004577296, 0, 1e-12, "Longley: R squared");
	close_to(number(&fit, "adjusted_r_squared"), 1 - (1 - 0.995479004577296) * 15 / 9, 0, 1e-12, "adjusted");
	close_to(number(&fit, "residual_standard_error"), 304.854073561965, 1e-10, 0, "Longley: residual standard error");
	close_to(number(&fit, "degrees_of_freedom"), 9, 0, 0, "Longley: degrees of freedom");
	/* two-sided p of t = 0.177376, 9 degrees: the published 0.8631 */
	close_to(term(&fit, 1, "p"), 0.8631408, 0, 1e-7, "Longley: p");

	ps_frame_row(frame, 3, cells);
	ok(ps_model_explain(env, fit.model, cells, &baseline, contributions, &error) == PS_OK, "explain");
	for (size_t j = 0; j < 6; j++)
		baseline += contributions[j];
	close_to(baseline, score_row(env, &fit, frame, 3), 1e-12, 0, "contributions sum to the score");
	ok(ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate");
	close_to(ps_value_number_or(metrics, "rmse", NAN), 304.854073561965 * sqrt(9.0 / 16), 1e-9, 0, "rmse");
	close_to(loss, 304.854073561965 * 304.854073561965 * 9 / 16, 1e-9, 0, "the loss is the mean squared error");
	cells[0].number = NAN;
	ok(isnan(score_cells(env, &fit, cells)), "NaN is refused");
	cells[0].number = 1e308;
	ok(isnan(score_cells(env, &fit, cells)), "and a score beyond all numbers");
}

/* NIST StRD, Wampler1 and Wampler2: polynomials of degree 5 without error. */
static void
test_wampler(const ps_env *env)
{
	static const double coefficients[2][6] = {{1, 1, 1, 1, 1, 1}, {1, 0.1, 0.01, 0.001, 0.0001, 0.00001}};

	for (int set = 0; set < 2; set++)
	{
		double		values[21 * 5];
		double		targets[21];
		ps_frame   *frame;
		fitted		fit;
		double		worst = 0;

		for (int x = 0; x <= 20; x++)
		{
			targets[x] = coefficients[set][0];
			for (int j = 0; j < 5; j++)
			{
				values[5 * x + j] = pow(x, j + 1);
				targets[x] += coefficients[set][j + 1] * values[5 * x + j];
			}
		}
		frame = number_frame(env, 21, 5, values, targets, NULL);
		fit = fit_frame(env, frame, "linear", "{\"include\":[\"x1\"]}");
		for (size_t j = 0; j < 6; j++)
			worst = fmax(worst, fabs(term(&fit, j, "coefficient") / coefficients[set][j] - 1));
		close_to(worst, 0, 0, 1e-7, "Wampler%d: coefficients", set + 1);
		ok(number(&fit, "residual_standard_error") < 1e-8 * fabs(targets[20]), "Wampler%d: no error", set + 1);
		close_to(number(&fit, "r_squared"), 1, 1e-15, 0, "Wampler%d: R squared", set + 1);
	}
}

#define TABLE 80

/* The table of reference/penalised.py, for both methods. */
static ps_frame *
reference_frame(const ps_env *env, bool amounts, bool weighted)
{
	static const ps_column columns[] = {{"x1", PS_TYPE_NUMBER}, {"x2", PS_TYPE_NUMBER}, {"x3", PS_TYPE_TEXT}};
	static const char *const levels[] = {"a", "b", "c"};
	uint64_t	state = amounts ? 777 : 12345;
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, 3, true, weighted, &frame, &error);
	for (size_t i = 0; i < TABLE; i++)
	{
		double		x1 = (double) (i * 7 % 23);
		double		x2 = (double) (i * i % 31) / 4;
		const char *level = levels[(i * 5 + i / 3) % 3];
		ps_cell		cells[3] = {number_cell(x1), number_cell(x2), text_cell(level)};
		double		noise;
		double		target;

		state = (state * 1103515245 + 12345) % 2147483648u;
		noise = (double) state / 2147483648.0 - 0.5;
		if (amounts)
			target = 3 + 0.5 * x1 - 0.8 * x2 + (level[0] == 'b' ? 2 : 0) + 12 * noise;
		else
			target = 0.08 * x1 - 0.25 * x2 + (level[0] == 'b' ? 0.7 : 0) + 4 * noise > 0;
		ps_frame_append(frame, cells, target, (double) (1 + i % 3), &error);
	}
	return frame;
}

static void
test_penalised(const ps_env *env)
{
	static const struct
	{
		const char *method;
		const char *options;
		bool		weighted;
		double		want[5];
	}			cases[] = {
		{"linear", "{\"ridge\":20}", false,
		{4.66662104846378, 0.403347274773145, -0.573405564827084, -0.42193743608118, -1.30157865891775}},
		{"linear", "{\"penalty\":20}", false,
		{4.66662104846378, 0.403347274773145, -0.573405564827084, -0.42193743608118, -1.30157865891775}},
		{"linear", "{\"penalty\":40,\"l1_ratio\":1}", false,
		{3.73965221701413, 0.425269385049261, -0.486773197099849, 0, -0.409081240811741}},
		{"linear", "{\"penalty\":40,\"l1_ratio\":0.5}", false,
		{4.39095985017205, 0.371636910489641, -0.478767667259615, 0, -0.695578675697071}},
		{"linear", "{\"penalty\":40,\"l1_ratio\":0.5}", true,
		{4.5207792368605, 0.426474624452758, -0.706956701591007, 0, -1.5531392230603}},
		{"logistic", "{\"penalty\":5}", false,
		{0.558503122673236, 0.107763627358027, -0.325129750485394, -0.517923744057836, -0.65754224017537}},
		{"logistic", "{\"penalty\":5,\"l1_ratio\":1}", false,
		{0.181275999244553, 0.087930322194397, -0.267880271784409, 0, 0}},
		{"logistic", "{\"penalty\":5,\"l1_ratio\":0.5}", false,
		{0.303211354659361, 0.0989997893962189, -0.298501129480562, -0.136208528721258, -0.281349673670045}},
		{"logistic", "{\"penalty\":5,\"l1_ratio\":0.5}", true,
		{0.57682088890818, 0.144974796392202, -0.390299352568545, -0.456251265065607, -0.962383851924844}}
	};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		bool		amounts = strcmp(cases[c].method, "linear") == 0;
		fitted		fit = fit_frame(env, reference_frame(env, amounts, cases[c].weighted), cases[c].method, cases[c].options);
		double		worst = 0;

		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "%s %s: converged", cases[c].method,
		   cases[c].options);
		for (size_t j = 0; j < 5; j++)
		{
			worst = fmax(worst, fabs(term(&fit, j, "coefficient") - cases[c].want[j]));
			ok(cases[c].want[j] != 0 || term(&fit, j, "coefficient") == 0, "0 where it is");
		}
		/* scikit-learn's solvers end within about 1e-10 of each other */
		close_to(worst, 0, 0, 1e-8, "%s %s%s: coefficients", cases[c].method, cases[c].options,
				 cases[c].weighted ? ", weighted" : "");
		ok(isnan(term(&fit, 1, "standard_error")) &&
		   strcmp(ps_value_text_or(fit_parameters(&fit), "no_standard_errors", ""), "the coefficients are penalised") == 0,
		   "no standard errors, and said so");
	}
}

/* Odds ratios and intervals follow from coefficients and standard errors, which test_logistic.c compares. */
static void
test_odds(const ps_env *env)
{
	fitted		fit = fit_frame(env, reference_frame(env, false, false), "logistic", "{\"penalty\":0}");
	double		coefficient = 0.16963513438909180;
	double		reach = 1.9599639845400542 * 0.047825311321085142;

	close_to(term(&fit, 1, "lower"), coefficient - reach, 1e-6, 0, "lower end");
	close_to(term(&fit, 1, "upper"), coefficient + reach, 1e-6, 0, "upper end");
	close_to(term(&fit, 1, "odds_ratio"), exp(coefficient), 1e-9, 0, "odds ratio");
	close_to(term(&fit, 1, "odds_ratio_lower"), exp(coefficient - reach), 1e-6, 0, "its lower end");
	close_to(term(&fit, 1, "odds_ratio_upper"), exp(coefficient + reach), 1e-6, 0, "its upper end");
	ok(isnan(term(&fit, 0, "odds_ratio")), "none of the intercept");
	close_to(number(&fit, "confidence"), 0.95, 0, 0, "95 %%");
	fit = fit_frame(env, reference_frame(env, false, false), "logistic", "{\"class_weight\":\"balanced\"}");
	ok(isnan(term(&fit, 1, "standard_error")) && ps_value_get(fit_parameters(&fit), "no_standard_errors") != NULL,
	   "none with balanced classes");
}

/* A row of weight 2 counts as two; columns that depend on others; hard numbers. */
static void
test_ordinary_trouble(const ps_env *env)
{
	double		values[40 * 3];
	double		targets[40];
	double		weights[40];
	double		doubled[60 * 3];
	double		repeated[60];
	ps_frame   *frame;
	fitted		fit;
	fitted		same;
	ps_random	random;
	double		worst = 0;

	ps_random_seed(&random, 3);
	for (size_t i = 0; i < 40; i++)
	{
		values[3 * i] = ps_random_uniform(&random);
		values[3 * i + 1] = 1e6 + ps_random_uniform(&random);
		values[3 * i + 2] = values[3 * i] - 2 * values[3 * i + 1];
		targets[i] = 2 * values[3 * i] + ps_random_uniform(&random);
		weights[i] = (double) (1 + i % 2);
	}
	frame = number_frame(env, 40, 3, values, targets, weights);
	fit = fit_frame(env, frame, "linear", "{\"penalty\":0}");
	ok(has_note(&fit, "column \"x3\" is a linear combination of columns before it"), "a dependent column is named");
	ok(term(&fit, 3, "coefficient") == 0 && isnan(term(&fit, 3, "standard_error")), "and left at 0");
	close_to(number(&fit, "degrees_of_freedom"), 60 - 3, 0, 0, "it takes no degree of freedom");
	close_to(distance_from_optimum(env, &fit, frame, 0, 0), 0, 0, 1e-10, "the optimum");
	for (size_t i = 0, k = 0; i < 40; i++)
		for (size_t copy = 0; copy < 1 + i % 2; copy++, k++)
		{
			repeated[k] = targets[i];
			memcpy(doubled + 3 * k, values + 3 * i, 3 * sizeof(double));
		}
	same = fit_frame(env, number_frame(env, 60, 3, doubled, repeated, NULL), "linear", "{\"penalty\":0}");
	for (size_t j = 0; j < 3; j++)
	{
		worst = fmax(worst, fabs(term(&fit, j, "coefficient") / term(&same, j, "coefficient") - 1));
		worst = fmax(worst, fabs(term(&fit, j, "standard_error") / term(&same, j, "standard_error") - 1));
	}
	close_to(worst, 0, 0, 1e-6, "weights and repeated rows give the same");

	for (size_t i = 0; i < 40; i++)
		targets[i] = 7.1;
	fit = fit_frame(env, number_frame(env, 40, 3, values, targets, NULL), "linear", "{\"penalty\":0}");
	ok(has_note(&fit, "the target is the same in all rows"), "a constant target");
	close_to(score_row(env, &fit, frame, 0), 7.1, 0, 1e-14, "is the score");
	targets[5] = 1e200;
	fit = fit_frame(env, number_frame(env, 40, 3, values, targets, NULL), "linear", "{\"penalty\":0}");
	ok(fit.status == PS_INVALID_DATA && fit.error.row == 6, "a huge target: %s", fit.error.message);
	for (size_t i = 0; i < 40; i++)
		targets[i] = 1e140 * values[3 * i];
	fit = fit_frame(env, number_frame(env, 40, 3, values, targets, NULL), "linear", "{\"penalty\":0}");
	close_to(term(&fit, 1, "coefficient"), 1e140, 1e-9, 0, "a large one");
	fit = fit_frame(env, number_frame(env, 3, 3, values, targets, NULL), "linear", "{\"penalty\":0}");
	ok(fit.status == PS_OK && has_note(&fit, "3 rows are too few for 4 coefficients"), "three rows");
	fit = fit_frame(env, number_frame(env, 1, 3, values, targets, NULL), "linear", "{\"penalty\":0}");
	close_to(score_row(env, &fit, frame, 0), targets[0], 1e-15, 0, "one row");
}

/* Columns that say the same: named up to ten, the rest counted; an L1 penalty chooses one itself. */
static void
test_copies(const ps_env *env)
{
	double		values[100 * 16];
	double		targets[100];
	ps_frame   *frame;
	fitted		fit;
	ps_random	random;

	ps_random_seed(&random, 8);
	for (size_t i = 0; i < 100; i++)
	{
		double		x = ps_random_uniform(&random);
		double		other = ps_random_uniform(&random);

		targets[i] = ps_random_uniform(&random) < (x + other) / 2;
		for (size_t c = 0; c < 16; c++)
			values[16 * i + c] = c == 1 ? other : x * (double) (c + 1);
	}
	frame = number_frame(env, 100, 16, values, targets, NULL);
	for (int m = 0; m < 2; m++)
	{
		const char *method = m == 0 ? "linear" : "logistic";

		fit = fit_frame(env, frame, method, "{\"penalty\":0}");
		ok(strcmp(fit_status(&fit), "converged") == 0 && fit.notes->count == 11 &&
		   has_note(&fit, "\"x12\" is a linear") && has_note(&fit, "4 more columns are linear combinations"),
		   "%s: fourteen copies", method);
		fit = fit_frame(env, frame, method, "{\"penalty\":2,\"l1_ratio\":1}");
		ok(strcmp(fit_status(&fit), "converged") == 0 && fit.notes->count == 0, "%s, L1: converged", method);
		close_to(distance_from_optimum(env, &fit, frame, 2, 0), 0, 0, 1e-8, "%s, L1: the optimum", method);
		fit = fit_frame(env, frame, method, "{\"penalty\":2}");
		close_to(distance_from_optimum(env, &fit, frame, 0, 2), 0, 0, 1e-10, "%s, L2: the optimum", method);
		close_to(term(&fit, 16, "coefficient") * 16, term(&fit, 1, "coefficient"), 0, 1e-9, "%s, L2: evenly", method);
	}
}

/* Rows of correlated columns and a target that some of them tell; yes or no, or an amount. */
static ps_frame *
wide_frame(const ps_env *env, size_t n, size_t width, bool amounts, double signal, size_t twice)
{
	double	   *values;
	double	   *targets;
	ps_random	random;
	ps_error	error;
	ps_frame   *frame;

	ps_random_seed(&random, 5);
	ps_alloc(env, n * width, sizeof(double), &values, &error);
	ps_alloc(env, n, sizeof(double), &targets, &error);
	for (size_t i = 0; i < n; i++)
	{
		double	   *x = values + i * width;
		double		common = 0;
		double		sum = 0;
		double		u = ps_random_uniform(&random);

		for (size_t j = 0; j < width; j++)
		{
			common = 0.8 * common + ps_random_uniform(&random) - 0.5;
			x[j] = common * pow(10, (double) (j % 7) - 3);
			if (j % 10 == 0)
				sum += (j % 20 == 0 ? 1 : -1) * common;
		}
		if (twice > 0)
			x[twice] = x[0] - x[1];
		targets[i] = amounts ? signal * sum + u : u < 1 / (1 + exp(-signal * sum));
	}
	frame = number_frame(env, n, width, values, targets, NULL);
	ps_release(env, values);
	ps_release(env, targets);
	return frame;
}

static void
test_wide(const ps_env *env)
{
	ps_frame   *frame = wide_frame(env, 3000, 150, false, 0.5, 0);
	fitted		fit = fit_frame(env, frame, "logistic", "{\"penalty\":0}");

	ok(strcmp(fit_status(&fit), "converged") == 0 && number(&fit, "iterations") < 25, "150 columns: converged in %g passes",
	   number(&fit, "iterations"));
	close_to(distance_from_optimum(env, &fit, frame, 0, 0), 0, 0, 1e-9, "150 columns: the optimum");
	ok(term(&fit, 1, "standard_error") > 0 && term(&fit, 150, "standard_error") > 0, "with standard errors");
	fit = fit_frame(env, frame, "logistic", "{\"penalty\":30,\"l1_ratio\":0.9}");
	ok(strcmp(fit_status(&fit), "converged") == 0, "elastic net: converged in %g passes", number(&fit, "iterations"));
	close_to(distance_from_optimum(env, &fit, frame, 27, 3), 0, 0, 1e-9, "150 columns, elastic net: the optimum");
	fit = fit_frame(env, frame, "logistic", "{\"ridge\":100}");
	close_to(distance_from_optimum(env, &fit, frame, 0, 100), 0, 0, 1e-9, "150 columns, ridge: the optimum");

	frame = wide_frame(env, 3000, 150, false, 0.5, 77);
	fit = fit_frame(env, frame, "logistic", "{\"penalty\":0}");
	ok(strcmp(fit_status(&fit), "converged") == 0 && term(&fit, 78, "coefficient") == 0 &&
	   has_note(&fit, "column \"x78\" is a linear combination"), "a dependent one of 150 columns is named");
	close_to(distance_from_optimum(env, &fit, frame, 0, 0), 0, 0, 1e-9, "and the others are at the optimum");
	frame = wide_frame(env, 400, 150, false, 200, 0);
	fit = fit_frame(env, frame, "logistic", "{\"penalty\":0}");
	ok(strcmp(fit_status(&fit), "separated") == 0 && has_note(&fit, "several columns together separate"),
	   "150 columns that separate");
	close_to(distance_from_optimum(env, &fit, frame, 0, 1), 0, 0, 1e-9, "are at the optimum with a ridge");

	frame = wide_frame(env, 200, 400, false, 3, 0);
	fit = fit_frame(env, frame, "logistic", "{\"penalty\":0}");
	ok(has_note(&fit, "200 rows are too few for 401 coefficients"), "fewer rows than columns");
	close_to(distance_from_optimum(env, &fit, frame, 0, 1), 0, 0, 1e-9, "are at the optimum with a ridge");
	fit = fit_frame(env, frame, "logistic", "{\"penalty\":6,\"l1_ratio\":1}");
	ok(strcmp(fit_status(&fit), "converged") == 0 && fit.notes->count == 0, "fewer rows than columns, L1: converged");
	close_to(distance_from_optimum(env, &fit, frame, 6, 0), 0, 0, 1e-8, "the optimum");
	frame = wide_frame(env, 200, 400, true, 3, 77);
	fit = fit_frame(env, frame, "linear", "{\"penalty\":4,\"l1_ratio\":1}");
	ok(strcmp(fit_status(&fit), "converged") == 0, "linear, L1: converged");
	close_to(distance_from_optimum(env, &fit, frame, 4, 0), 0, 0, 1e-8, "the optimum");
	fit = fit_frame(env, wide_frame(env, 30, 2001, true, 3, 0), "linear", "{\"penalty\":0}");
	ok(fit.status == PS_INVALID_DATA, "too many columns: %s", fit.error.message);
}

/* The solver alone: a singular matrix, whose columns say the same, and one coefficient at the border. */
static void
test_elastic_net(const ps_env *env)
{
	static const double matrix[9] = {4, 0, 0, 0, 4, 4, 0, 4, 4};
	static const double linear[3] = {8, 6, 6};
	double		b[3] = {0, 0, 0};
	ps_error	error;

	ok(ps_elastic_net(env, matrix, 3, 3, 1, linear, 2, 0, b, &error) == PS_OK, "columns that say the same");
	close_to(fabs(b[0] - 2) + fabs(b[1] + b[2] - 1), 0, 0, 1e-9, "share what one would have");
	ps_elastic_net(env, matrix, 3, 3, 1, linear, 2, 4, b, &error);
	close_to(fabs(b[1] - 4.0 / 12) + fabs(b[2] - 4.0 / 12), 0, 0, 1e-14, "evenly with L2");
	ps_elastic_net(env, matrix, 3, 3, 1, linear, 6, 0, b, &error);
	ok(b[0] == 2 && b[1] == 0 && b[2] == 0, "nothing at a penalty as large as the pull");
}

static ps_status
small_fit(const ps_env *env)
{
	static const ps_column columns[] = {{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_NUMBER}};
	static const char *const methods[] = {"linear", "linear", "logistic"};
	static const char *const options[] = {"{\"penalty\":0}", "{\"penalty\":2,\"l1_ratio\":0.5}", "{\"penalty\":2,\"l1_ratio\":0.5}"};
	ps_frame   *frame;
	ps_error	error;

	PS_TRY(ps_frame_create(env, columns, 2, true, false, &frame, &error));
	for (size_t i = 0; i < 30; i++)
	{
		ps_cell		cells[2] = {number_cell((double) (i * 7 % 11)), number_cell((double) (i * i % 13))};

		PS_TRY(ps_frame_append(frame, cells, (double) (i * 5 % 7 > 3), 1, &error));
	}
	for (size_t c = 0; c < 3; c++)
	{
		fitted		fit = fit_frame(env, frame, methods[c], options[c]);

		PS_TRY(fit.status);
	}
	return PS_OK;
}

int
main(void)
{
	host		h;
	long		allocations,
				polls;

	host_init(&h);
	test_longley(&h.env);
	test_wampler(&h.env);
	test_penalised(&h.env);
	test_odds(&h.env);
	test_ordinary_trouble(&h.env);
	test_copies(&h.env);
	test_elastic_net(&h.env);
	test_wide(&h.env);
	host_free(&h);
	ok(inject_faults(small_fit, &allocations, &polls) == 0, "faults are survived");
	return tap_done();
}
