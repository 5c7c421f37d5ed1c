/*-------------------------------------------------------------------------
 *
 * test_logistic.c
 *	  Logistic regression against a reference of 50 digits
 *	  (reference/logistic.py), and on the data people really have: duplicate,
 *	  constant, badly scaled and empty columns, separated classes, few rows.
 *
 * The parameters agree with the reference to 1e-9: Newton stops when its error
 * is of the order of 1e-12.  Standard errors are those of the last point
 * before, hence 1e-6.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_kernels.h"
#include "ps_metrics.h"
#include "ps_random.h"

#define ROWS 80

/* One row of the table of reference/logistic.py. */
typedef struct sample
{
	double		x1,
				x2;
	const char *level;
	double		target;
	double		weight;
} sample;

static sample rows[ROWS];

static void
make_rows(void)
{
	static const char *const levels[] = {"a", "b", "c"};
	uint64_t	state = 12345;

	for (size_t i = 0; i < ROWS; i++)
	{
		double		noise;
		sample	   *row = &rows[i];

		state = (state * 1103515245 + 12345) % 2147483648u;
		noise = (double) state / 2147483648.0;
		row->x1 = (double) (i * 7 % 23);
		row->x2 = (double) (i * i % 31) / 4;
		row->level = levels[(i * 5 + i / 3) % 3];
		row->target = 0.08 * row->x1 - 0.25 * row->x2 + (row->level[0] == 'b' ? 0.7 : 0) + 4 * (noise - 0.5) > 0;
		row->weight = (double) (1 + i % 3);
	}
}

/* How to derive a frame from the rows. */
typedef struct shape
{
	bool		weighted;
	bool		repeated;		/* weight times each row */
	bool		reversed;
	double		factor;			/* of x1 */
	double		offset;			/* added to x1 */
	bool		twice;			/* x1 and x2 again, as their sum */
} shape;

static ps_status
make_frame(const ps_env *env, const shape *s, ps_frame **frame, ps_error *error)
{
	static const ps_column columns[] = {
		{"x1", PS_TYPE_NUMBER}, {"x2", PS_TYPE_NUMBER}, {"x3", PS_TYPE_TEXT}, {"sum", PS_TYPE_NUMBER}
	};

	PS_TRY(ps_frame_create(env, columns, s->twice ? 4 : 3, true, s->weighted, frame, error));
	for (size_t i = 0; i < ROWS; i++)
	{
		const sample *row = &rows[s->reversed ? ROWS - 1 - i : i];
		ps_cell		cells[4] = {
			number_cell(row->x1 * s->factor + s->offset), number_cell(row->x2), text_cell(row->level),
			number_cell(row->x1 + row->x2)
		};

		for (int copy = 0; copy < (s->repeated ? (int) row->weight : 1); copy++)
			PS_TRY(ps_frame_append(*frame, cells, row->target, row->weight, error));
	}
	return PS_OK;
}

static fitted
fit_shape(const ps_env *env, const shape *s, ps_frame **frame, const char *options)
{
	ps_error	error;

	make_frame(env, s, frame, &error);
	return fit_frame(env, *frame, "logistic", options);
}

/* A number of the j-th coefficient; 0 is the intercept. */
static double
term(const fitted *fit, size_t j, const char *name)
{
	const ps_value *parameters = fit_parameters(fit);

	if (j == 0)
		return ps_value_number_or(ps_value_get(parameters, "intercept"), name, NAN);
	return ps_value_number_or(ps_value_get(parameters, "terms")->items[j - 1], name, NAN);
}

static void
test_reference(const ps_env *env)
{
	static const double want[2][2][5] = {
		{{0.91582273425914621, 0.16963513438909180, -0.49980417923457619, -1.0857144688854776, -1.3073688845642262},
		{0.73633356844875469, 0.047825311321085142, 0.14870749104822343, 0.71748332367577441, 0.72744255038267964}},
		{{1.0917073389896767, 0.20780197561555081, -0.55067854335328129, -1.2390920791001318, -1.8682582089299658},
		{0.56708024089836838, 0.038878429258265818, 0.11462415601181075, 0.54977201846698657, 0.57209235002147087}}
	};
	static const double likelihood[2] = {-39.588407087431752, -71.332941098820000};
	static const shape shapes[] = {
		{.factor = 1}, {.factor = 1,.weighted = true}, {.factor = 1,.repeated = true}, {.factor = 1,.reversed = true}
	};
	static const char *const names[] = {"unweighted", "weighted", "rows repeated", "rows reversed"};

	for (int s = 0; s < 4; s++)
	{
		ps_frame   *frame;
		fitted		fit = fit_shape(env, &shapes[s], &frame, "{\"target\":\"y\",\"penalty\":0}");
		int			w = s == 1 || s == 2;
		double		worst = 0;
		double		worst_error = 0;

		for (size_t j = 0; j < 5 && fit.status == PS_OK; j++)
		{
			double		z = want[w][0][j] / want[w][1][j];

			worst = fmax(worst, fabs(term(&fit, j, "coefficient") / want[w][0][j] - 1));
			worst_error = fmax(worst_error, fabs(term(&fit, j, "standard_error") / want[w][1][j] - 1));
			worst_error = fmax(worst_error, fabs(term(&fit, j, "z") / z - 1));
			worst_error = fmax(worst_error, fabs(term(&fit, j, "p") - erfc(fabs(z) / sqrt(2))));
		}
		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "%s: converged", names[s]);
		close_to(worst, 0, 0, 1e-9, "%s: coefficients", names[s]);
		close_to(worst_error, 0, 0, 1e-6, "%s: standard errors, z, p", names[s]);
		close_to(ps_value_number_or(fit_parameters(&fit), "log_likelihood", NAN), likelihood[w], 1e-10, 0,
				 "%s: log likelihood", names[s]);
	}
}

static void
test_hard_columns(const ps_env *env)
{
	static const shape plain = {.factor = 1};
	static const shape shapes[] = {
		{.factor = 1e12}, {.factor = 1e-12}, {.factor = 1,.offset = 1e12}, {.factor = 1,.twice = true},
		{.factor = -1e140}, {.factor = 1e-140}
	};
	static const char *const names[] = {
		"times 1e12", "times 1e-12", "plus 1e12", "a sum of columns", "times -1e140", "times 1e-140"
	};
	ps_frame   *frame;
	ps_frame   *other;
	fitted		fit = fit_shape(env, &plain, &frame, "{\"penalty\":0}");

	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
	{
		fitted		same = fit_shape(env, &shapes[s], &other, "{\"penalty\":0}");
		double		worst = 0;

		for (size_t i = 0; i < ROWS; i++)
			worst = fmax(worst, fabs(score_row(env, &fit, frame, i) - score_row(env, &same, other, i)));
		close_to(worst, 0, 0, 1e-9, "%s: same predictions", names[s]);
		if (shapes[s].twice)
		{
			ok(has_note(&same, "column \"sum\" is a linear combination of columns before it"), "named");
			ok(term(&same, 5, "coefficient") == 0 && isnan(term(&same, 5, "standard_error")), "and left at 0");
		}
	}
}

/* Fit n rows of numbers columns[c][i] (NAN is NULL) and targets. */
static fitted
fit_arrays(const ps_env *env, size_t n, size_t ncolumns, const char *const *names, const double *const *columns,
		   const double *targets, ps_frame **frame)
{
	ps_column	described[LEARNER_COLUMNS];
	ps_error	error;

	for (size_t c = 0; c < ncolumns; c++)
		described[c] = (ps_column) {names[c], PS_TYPE_NUMBER};
	ps_frame_create(env, described, ncolumns, true, false, frame, &error);
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cells[LEARNER_COLUMNS];

		for (size_t c = 0; c < ncolumns; c++)
			cells[c] = number_cell(columns[c][i]);
		ps_frame_append(*frame, cells, targets[i], 1, &error);
	}
	return fit_frame(env, *frame, "logistic", "{\"penalty\":0}");
}

static void
test_separation(const ps_env *env)
{
	static const char *const names[] = {"noise", "leak", "constant", "empty"};
	double		noise[200],
				leak[200],
				constant[200],
				empty[200],
				target[200];
	const double *columns[] = {noise, leak, constant, empty};
	ps_frame   *frame;
	fitted		fit;
	size_t		wrong = 0;
	ps_cell		cells[4] = {{0}, {0}, {0}, {0}};

	for (size_t i = 0; i < 200; i++)
	{
		noise[i] = (double) (i * 37 % 101);
		leak[i] = i < 90 ? -1.0 - (double) (i % 7) : 1.0 + (double) (i % 5);
		constant[i] = 42;
		empty[i] = NAN;
		target[i] = i >= 90;
	}
	fit = fit_arrays(env, 200, 4, names, columns, target, &frame);
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "separated") == 0, "separated classes: status");
	ok(has_note(&fit, "column \"leak\" separates the classes"), "the column is named");
	ok(has_note(&fit, "\"constant\" is left out: all its values are the same"), "constant column");
	ok(has_note(&fit, "\"empty\" is left out: it has no value but NULL"), "NULL-only column");
	ok(isnan(term(&fit, 1, "standard_error")), "no standard errors when separated");
	for (size_t i = 0; i < 200; i++)
		if ((score_row(env, &fit, frame, i) > 0.5) != (target[i] > 0.5))
			wrong++;
	ok(wrong == 0, "predictions are right and finite");

	cells[1].number = 1e300;
	ok(score_cells(env, &fit, cells) < 1 && score_cells(env, &fit, cells) > 0.999999, "below 1 however far");
	cells[1].number = -1e300;
	ok(score_cells(env, &fit, cells) > 0 && score_cells(env, &fit, cells) < 0.000001, "above 0 however far");
	cells[0].number = NAN;
	ok(isnan(score_cells(env, &fit, cells)), "NaN is refused");

	/* quasi-separation: where leak is known, it decides; elsewhere there are both classes */
	for (size_t i = 0; i < 200; i++)
		leak[i] = i % 2 == 0 ? (target[i] > 0 ? 1 : 0) : 0.5;
	fit = fit_arrays(env, 200, 2, names, columns, target, &frame);
	ok(strcmp(fit_status(&fit), "separated") == 0 && has_note(&fit, "column \"leak\" separates"), "quasi-separated");

	/* a far outlier makes steps over the range large, yet nothing is separated */
	for (size_t i = 0; i < 200; i++)
	{
		leak[i] = (double) (i * 53 % 97);
		target[i] = (i * 29 % 83) % 2 == 0;
	}
	leak[17] = 1e6;
	fit = fit_arrays(env, 200, 2, names, columns, target, &frame);
	ok(strcmp(fit_status(&fit), "converged") == 0, "an outlier is not a separation");
}

static void
test_few_rows(const ps_env *env)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
	double		values[12][10];
	double		target[10] = {0, 1, 0, 0, 1, 1, 0, 1, 1, 0};
	double		one_class[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	const double *columns[12];
	ps_frame   *frame;
	fitted		fit;
	bool		inside = true;

	for (size_t c = 0; c < 12; c++)
	{
		columns[c] = values[c];
		for (size_t i = 0; i < 10; i++)
			values[c][i] = (double) (((i + 1) * (c + 3) * 7919) % 101);
	}
	fit = fit_arrays(env, 10, 12, names, columns, target, &frame);
	ok(fit.status == PS_OK && has_note(&fit, "10 rows are too few for 13 coefficients"), "ten rows, twelve columns");
	for (size_t i = 0; i < 10; i++)
		inside = inside && score_row(env, &fit, frame, i) > 0 && score_row(env, &fit, frame, i) < 1;
	ok(inside, "and the probabilities are such");
	fit = fit_arrays(env, 10, 2, names, columns, target, &frame);
	ok(fit.status == PS_OK, "ten rows, two columns");
	fit = fit_arrays(env, 10, 2, names, columns, one_class, &frame);
	ok(fit.status == PS_TOO_LITTLE_DATA, "one class only: %s", fit.error.message);
	one_class[3] = 2;
	fit = fit_arrays(env, 10, 2, names, columns, one_class, &frame);
	ok(fit.status == PS_INVALID_DATA && fit.error.row == 4, "target 2: %s", fit.error.message);
	values[0][6] = 1e151;
	fit = fit_arrays(env, 10, 2, names, columns, target, &frame);
	ok(fit.status == PS_INVALID_DATA && strcmp(fit.error.column, "a") == 0, "too large: %s", fit.error.message);
	for (size_t i = 0; i < 10; i++)
		values[0][i] = values[1][i] = 7;
	fit = fit_arrays(env, 10, 2, names, columns, target, &frame);
	close_to(score_row(env, &fit, frame, 0), 0.5, 1e-12, 0, "nothing to learn from: the base rate");
	ok(has_note(&fit, "every row gets the base rate"), "and a note says so");
}

static void
test_ridge(const ps_env *env)
{
	static const shape plain = {.factor = 1};
	static const shape scaled = {.factor = 1000};
	ps_frame   *frame;
	fitted		loose = fit_shape(env, &plain, &frame, "{\"ridge\":10}");
	fitted		same = fit_shape(env, &scaled, &frame, "{\"ridge\":10}");
	fitted		tight = fit_shape(env, &plain, &frame, "{\"ridge\":1e12}");

	ok(fabs(term(&loose, 1, "coefficient")) < 0.1696, "ridge shrinks");
	close_to(term(&same, 1, "coefficient") * 1000, term(&loose, 1, "coefficient"), 1e-9, 0, "whatever the unit");
	close_to(score_row(env, &tight, frame, 3), 46.0 / 80, 1e-6, 0, "the intercept is not penalised");
}

/* Remove or spoil each member of the parameters in turn: loading must refuse. */
static void
test_corrupt(const ps_env *env)
{
	static const char *const spoiled[] = {
		"{\"log_odds_at_means\":1,\"terms\":[],\"encoder\":{\"reference_dropped\":true,\"columns\":[]}}",
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":0}]}}",
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":1e200,\"scale\":1}]}}",
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":1}]}}",
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"other\",\"mean\":0,\"scale\":1}]}}",
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":null}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":1}]}}",
		"{\"log_odds_at_means\":1,\"terms\":[],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":1}]}}",
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":1,\"nulls\":2}]}}",
		"{\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":1}]}}"
	};
	static const char good[] =
		"{\"log_odds_at_means\":1,\"terms\":[{\"coefficient\":1}],\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"x1\",\"mean\":0,\"scale\":1}]}}";
	const ps_input input = {"x1", PS_TYPE_NUMBER};
	const ps_learner *learner = ps_learner_find("logistic");
	ps_value   *parameters;
	void	   *state;
	ps_error	error;

	ps_json_read(env, good, strlen(good), &parameters, &error);
	ok(learner->load(env, parameters, &input, 1, &state, &error) == PS_OK, "good parameters load");
	for (size_t i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++)
	{
		ps_json_read(env, spoiled[i], strlen(spoiled[i]), &parameters, &error);
		ok(learner->load(env, parameters, &input, 1, &state, &error) == PS_CORRUPT, "refused: %s", error.message);
	}
}

static void
test_evaluate(const ps_env *env)
{
	static const shape plain = {.factor = 1};
	ps_frame   *frame;
	fitted		fit = fit_shape(env, &plain, &frame, "{\"penalty\":0}");
	ps_value   *metrics;
	ps_error	error;
	double		loss;
	double		brier = 0;
	double		pairs = 0;

	ok(ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate");
	for (size_t i = 0; i < ROWS; i++)
	{
		double		p = score_row(env, &fit, frame, i);

		brier += (p - rows[i].target) * (p - rows[i].target) / ROWS;
		for (size_t j = 0; j < ROWS; j++)
			if (rows[i].target > rows[j].target)
			{
				double		q = score_row(env, &fit, frame, j);

				pairs += p > q ? 1 : p == q ? 0.5 : 0;
			}
	}
	close_to(loss, 39.588407087431752 / ROWS, 1e-10, 0, "loss is the log loss");
	close_to(ps_value_number_or(metrics, "log_loss", NAN), loss, 0, 0, "log_loss");
	close_to(ps_value_number_or(metrics, "brier", NAN), brier, 1e-12, 0, "brier");
	close_to(ps_value_number_or(metrics, "roc_auc", NAN), pairs / (46 * 34), 1e-12, 0, "roc_auc");
	close_to(ps_value_number_or(metrics, "base_rate", NAN), 46.0 / 80, 1e-15, 0, "base_rate");
	close_to(ps_value_number_or(metrics, "rows", NAN), 80, 0, 0, "rows");
}

/* Standardising gives the same bits in every set of kernels, NaN included. */
static void
test_standardise(void)
{
	double		x[37],
				want[37],
				got[37];
	const ps_kernels *kernels;

	for (size_t i = 0; i < 37; i++)
	{
		x[i] = i % 5 == 2 ? (double) NAN : 1 / (double) (i + 1);
		want[i] = isnan(x[i]) ? 0 : (x[i] - 0.3) * 7.7;
	}
	for (size_t i = 0; (kernels = ps_kernels_number(i)) != NULL; i++)
	{
		kernels->standardise(x, 37, 0.3, 7.7, got);
		ok(memcmp(got, want, sizeof(want)) == 0, "%s: standardise", kernels->name);
	}
}

/* Every set of kernels against plain loops, at small, large and huge log-odds. */
static void
test_kernels(void)
{
	enum
	{
	N = PS_NEWTON_ROWS, Q = 8};
	static double x[Q * N],
				scratch[Q * N],
				target[N],
				weight[N];
	const ps_kernels *kernels;
	ps_random	random;

	ps_random_seed(&random, 7);
	for (size_t i = 0; i < Q * N; i++)
		x[i] = 2 * ps_random_uniform(&random) - 1;
	for (size_t i = 0; i < N; i++)
	{
		target[i] = (double) (i % 3 == 0);
		weight[i] = i < 200 ? ps_random_uniform(&random) : 0;
	}
	for (size_t i = 0; (kernels = ps_kernels_number(i)) != NULL; i++)
		for (int magnitude = -2; magnitude <= 4; magnitude += 2)
		{
			double		beta[Q],
						gram[Q * Q] = {0},
						gradient[Q] = {0};
			double		want_gram[Q * Q] = {0},
						want_gradient[Q] = {0};
			double		want = 0,
						got,
						worst = 0;

			for (int j = 0; j < Q; j++)
				beta[j] = (j - 3) * pow(10, magnitude);
			got = kernels->newton_tile(x, Q, target, weight, beta, gram, gradient, scratch);
			for (int row = 0; row < N; row++)
			{
				double		eta = 0;
				double		p;

				for (int j = 0; j < Q; j++)
					eta += beta[j] * x[j * N + row];
				p = 1 / (1 + exp(-eta));
				want -= weight[row] * (target[row] > 0 ? log1p(exp(-fabs(eta))) + fmax(-eta, 0) :
									   log1p(exp(-fabs(eta))) + fmax(eta, 0));
				for (int a = 0; a < Q; a++)
				{
					want_gradient[a] += weight[row] * (target[row] - p) * x[a * N + row];
					for (int b = 0; b <= a; b++)
						want_gram[a * Q + b] += weight[row] * p * (1 / (1 + exp(eta))) * x[a * N + row] * x[b * N + row];
				}
			}
			for (int a = 0; a < Q; a++)
			{
				worst = fmax(worst, fabs(gradient[a] - want_gradient[a]));
				for (int b = 0; b <= a; b++)
					worst = fmax(worst, fabs(gram[a * Q + b] - want_gram[a * Q + b]));
			}
			close_to(got, fmax(want, -1e300), 1e-12, 0, "%s: log likelihood, 1e%d", kernels->name, magnitude);
			close_to(worst, 0, 0, 1e-12, "%s: gradient and gram, 1e%d", kernels->name, magnitude);
		}
}

static ps_status
small_fit(const ps_env *env)
{
	static const shape s = {.factor = 1,.weighted = true,.twice = true};
	ps_frame   *frame;
	ps_error	error;
	ps_value   *metrics;
	double		loss;
	fitted		fit;

	PS_TRY(make_frame(env, &s, &frame, &error));
	fit = fit_frame(env, frame, "logistic", "{\"penalty\":0}");
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
	ps_column	columns[LEARNER_COLUMNS];
	size_t		n;
	FILE	   *file;
	ps_roc		roc = {0};
	ps_error	error;
	double		area;
	bool		defined;
	size_t		scored = 0;

	snprintf(path, sizeof(path), "%s/online_shoppers/online_shoppers_intention.csv", data != NULL ? data : "../shared/data");
	file = fopen(path, "r");
	if (file == NULL || fgets(names_line, sizeof(names_line), file) == NULL)
	{
		ok(true, "online shoppers # SKIP no %s; set PREDSEG_DATA", path);
		return;
	}
	n = split(names_line, names, LEARNER_COLUMNS) - 1;	/* the last is the target */
	for (size_t c = 0; c < n; c++)
		columns[c] = (ps_column) {names[c], strcmp(names[c], "month") == 0 || strcmp(names[c], "visitor_type") == 0 ?
			PS_TYPE_TEXT : strcmp(names[c], "weekend") == 0 ? PS_TYPE_BOOLEAN : PS_TYPE_NUMBER};
	for (uint64_t fold = 0; fold < 5; fold++)
	{
		ps_frame   *train;
		ps_frame   *test;
		fitted		fit;

		ps_frame_create(env, columns, n, true, false, &train, &error);
		ps_frame_create(env, columns, n, true, false, &test, &error);
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
				cells[c] = columns[c].type == PS_TYPE_TEXT ? text_cell(fields[c]) :
					columns[c].type == PS_TYPE_BOOLEAN ? number_cell(strcmp(fields[c], "TRUE") == 0) :
					number_cell(strtod(fields[c], NULL));
			ps_frame_append(held ? test : train, cells, strcmp(fields[n], "TRUE") == 0, 1, &error);
		}
		fit = fit_frame(env, train, "logistic", "{\"penalty\":0}");
		for (size_t i = 0; i < ps_frame_rows(test); i++, scored++)
			ps_roc_add(env, &roc, score_row(env, &fit, test, i), ps_frame_target(test, i) > 0, 1, &error);
	}
	fclose(file);
	ps_roc_area(env, &roc, &area, &defined, &error);
	ok(scored == 12330 && area >= 0.888, "online shoppers, five folds: AUC %.4f is at least 0.888", area);
}

/* Balanced classes: both weigh the same, and probabilities keep to the base rate. */
static void
test_balanced(const ps_env *env)
{
	static const ps_column columns[] = {{"x", PS_TYPE_NUMBER}};
	ps_frame   *frame;
	ps_frame   *weighted;
	ps_error	error;
	fitted		plain;
	fitted		balanced;
	fitted		by_hand;
	double		mean[2] = {0, 0};
	double		positives = 0;
	double		worst = 0;
	size_t		n = 20000;

	ps_frame_create(env, columns, 1, true, false, &frame, &error);
	ps_frame_create(env, columns, 1, true, true, &weighted, &error);
	for (size_t i = 0; i < n; i++)
	{
		double		x = (double) (ps_hash_mix(i) >> 11) * 0x1p-53;
		double		u = (double) (ps_hash_mix(i + 1000003) >> 11) * 0x1p-53;
		bool		y = u < 1 / (1 + exp(5 - 2 * x));
		ps_cell		cell = number_cell(x);

		positives += y;
		ps_frame_append(frame, &cell, y, 1, &error);
	}
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cell;
		double		y = ps_frame_target(frame, i);

		ps_frame_row(frame, i, &cell);
		ps_frame_append(weighted, &cell, y, (double) n / 2 / (y > 0 ? positives : (double) n - positives), &error);
	}
	plain = fit_frame(env, frame, "logistic", "{\"penalty\":0}");
	balanced = fit_frame(env, frame, "logistic", "{\"class_weight\":\"balanced\"}");
	by_hand = fit_frame(env, weighted, "logistic", "{\"penalty\":0}");
	ok(balanced.status == PS_OK && strcmp(fit_status(&balanced), "converged") == 0 &&
	   strcmp(ps_value_text_or(fit_parameters(&balanced), "class_weight", ""), "balanced") == 0 &&
	   ps_value_get(fit_parameters(&plain), "class_weight") == NULL, "fits with balanced classes, and says so");
	for (size_t i = 0; i < n; i++)
	{
		double		p = score_row(env, &balanced, frame, i);
		double		odds = p / (1 - p) * ((double) n - positives) / positives;

		worst = fmax(worst, fabs(odds / (1 + odds) - score_row(env, &by_hand, frame, i)));
		mean[0] += score_row(env, &plain, frame, i) / (double) n;
		mean[1] += p / (double) n;
	}
	close_to(worst, 0, 0, 1e-9, "the fit is that with the weights by hand, corrected back");
	close_to(mean[0], positives / (double) n, 1e-9, 0, "plain: the mean probability is the base rate");
	close_to(mean[1], positives / (double) n, 0.02, 0, "balanced: nearly so");
	ok(term(&balanced, 1, "coefficient") > 0 && isnan(term(&balanced, 1, "standard_error")) && !isnan(term(&plain, 1, "standard_error")),
	   "the ranking stays, and no standard error is claimed");
	close_to(term(&balanced, 1, "coefficient"), term(&plain, 1, "coefficient"), 0.1, 0, "the coefficient is nearly the same");
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	make_rows();
	host_init(&h);
	test_reference(&h.env);
	test_hard_columns(&h.env);
	test_separation(&h.env);
	test_few_rows(&h.env);
	test_ridge(&h.env);
	test_balanced(&h.env);
	test_corrupt(&h.env);
	test_evaluate(&h.env);
	test_kernels();
	test_standardise();
	test_online_shoppers(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
