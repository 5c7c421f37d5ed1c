/*-------------------------------------------------------------------------
 *
 * test_calibration.c
 *	  Calibration maps against scikit-learn and numbers worked by hand, their
 *	  choice, out-of-fold predictions, bands, and models that carry a map.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_out_of_fold.h"
#include "ps_random.h"
#include "ps_row_hash.h"

#define ROWS 1000

/* The k-th number of the generator that the reference used too. */
static uint32_t lcg_state;

static double
lcg(void)
{
	lcg_state = (uint32_t) ((lcg_state * UINT64_C(1103515245) + 12345) % 2147483648U);
	return lcg_state / 2147483648.0;
}

/* Log-odds from -4 to 4, of which the truth is slope z + intercept. */
static void
simulate(ps_prediction *out, size_t count, double slope, double intercept, bool weighted)
{
	lcg_state = 1;
	for (size_t i = 0; i < count; i++)
	{
		double		z = 8 * lcg() - 4;

		out[i] = (ps_prediction) {
			.log_odds = z,.actual = lcg() < 1 / (1 + exp(-(slope * z + intercept))),
			.weight = weighted ? (double) (1 + i % 3) : 1,.part = (uint8_t) (i % PS_CALIBRATION_PARTS)
		};
	}
}

static ps_calibration
fit_map(const ps_env *env, ps_calibration_kind kind, const ps_prediction *predictions, size_t count, bool *found)
{
	ps_calibration map;
	ps_error	error;

	if (ps_calibration_fit(env, kind, predictions, count, -1, &map, found, &error) != PS_OK)
		*found = false;
	return map;
}

/*
 * The minimum that Newton's method finds in double precision in Python, which
 * scikit-learn 1.9.1's _SigmoidCalibration agrees with to 1e-9, its tolerance.
 */
static void
test_platt(const ps_env *env)
{
	static ps_prediction rows[ROWS];
	ps_calibration map;
	ps_error	error;
	bool		found;

	simulate(rows, ROWS, 0.5, -0.3, false);
	ok(ps_predictions_sort(env, rows, ROWS, &error) == PS_OK, "sort");
	map = fit_map(env, PS_CALIBRATION_PLATT, rows, ROWS, &found);
	ok(found, "platt is found");
	close_to(map.slope, 0.5067066920389204, 1e-9, 0, "platt: slope");
	close_to(map.intercept, -0.3460603411170331, 1e-9, 0, "platt: intercept");

	simulate(rows, ROWS, 0.5, -0.3, true);
	for (size_t i = 0; i < ROWS; i++)
		rows[i].weight *= 1e-5;
	ok(ps_predictions_sort(env, rows, ROWS, &error) == PS_OK, "sort");
	map = fit_map(env, PS_CALIBRATION_PLATT, rows, ROWS, &found);
	close_to(map.slope, 0.5307183631818503, 1e-9, 0, "platt, weights: slope");
	close_to(map.intercept, -0.41450847812753927, 1e-9, 0, "platt, weights of any unit: intercept");

	/* one score alone: slope and intercept are not known apart, but their sum is: (10 * 11/12 + 20/22) / 30 */
	for (size_t i = 0; i < 30; i++)
		rows[i] = (ps_prediction) {.log_odds = 1,.weight = 1,.actual = i < 10};
	map = fit_map(env, PS_CALIBRATION_PLATT, rows, 30, &found);
	close_to(ps_probability(map.slope + map.intercept), (10 * 11.0 / 12 + 20 / 22.0) / 30, 1e-8, 0, "platt, one score");

	simulate(rows, ROWS, -0.5, 0, false);
	map = fit_map(env, PS_CALIBRATION_PLATT, rows, ROWS, &found);
	ok(!found, "platt: scores that fall with the target have no map");
	fit_map(env, PS_CALIBRATION_PLATT, rows, 0, &found);
	ok(!found, "platt: nor has nothing");
}

/* Blocks of scikit-learn 1.9.1's IsotonicRegression on the same bins of 50 rows, with their centres and rises. */
static void
test_isotonic(const ps_env *env)
{
	static const double from[] = {
		-3.783567664325237, -3.345785041451454, -2.5694677044451235, -2.166540383696556, -1.759075203537941,
		-1.3062422974407673, -0.9006707684695721, -0.5418832875788212, -0.09601578831672669, 0.2663973455131054,
		0.6411502146720887, 0.9747854734957219, 1.3805036559700965, 1.8057626201212407, 2.1631929251551627,
		2.5666984398663044, 2.9483152064681053, 3.353127809613943, 3.7618329302966593
	};
	static const double to[] = {
		-2.3353749158170367, -1.8732886776988533, -1.7179672143130975, -1.6403064826202194, -1.4849850192344636,
		-0.6551871563969089, -0.5698477359227632, -0.5271780256856902, -0.44183860521154433, -0.2363887780642304,
		-0.07847161544149521, 0.00024888691619884967, 0.07896938927389291, 0.6882432310196914, 0.7129210870752353,
		0.7375989431307791, 1.320965433718697, 1.5394116756355352, 1.7578579175523736
	};
	const size_t last = sizeof(to) / sizeof(to[0]) - 1;
	static ps_prediction rows[ROWS];
	ps_calibration map;
	ps_error	error;
	bool		found;
	double		worst = 0;
	double		before = -40;
	bool		rises = true;

	simulate(rows, ROWS, 0.5, -0.3, false);
	ok(ps_predictions_sort(env, rows, ROWS, &error) == PS_OK, "sort");
	map = fit_map(env, PS_CALIBRATION_ISOTONIC, rows, ROWS, &found);
	ok(found && map.count == last + 1, "isotonic: as many points as the reference has");
	for (size_t i = 0; i <= last; i++)
		worst = fmax(worst, fmax(fabs(map.from[i] - from[i]), fabs(map.to[i] - to[i])));
	ok(worst < 1e-12, "isotonic: they are those of the reference, to %g", worst);
	close_to(ps_calibration_map(&map, (from[3] + from[4]) / 2, NULL), (to[3] + to[4]) / 2, 1e-12, 0, "between two centres");
	close_to(ps_calibration_map(&map, from[last] + 2, NULL), to[last] + 2, 1e-12, 0, "slope 1 after the last");
	close_to(ps_calibration_map(&map, from[0] - 2, NULL), to[0] - 2, 1e-12, 0, "and before the first");
	for (double x = -30; x <= 30; x += 0.01)
	{
		double		mapped = ps_calibration_map(&map, x, NULL);

		rises = rises && mapped > before;
		before = mapped;
	}
	ok(rises, "it rises everywhere, so that no order and no tie is made");
	ok(ps_probability(ps_calibration_map(&map, 1e300, NULL)) < 1 && ps_probability(ps_calibration_map(&map, -1e300, NULL)) > 0,
	   "never 0 or 1");

	/* by hand: 0 of 50, then 30 of 50 and 20 of 50, which are pooled */
	for (size_t i = 0; i < 150; i++)
		rows[i] = (ps_prediction) {
		.log_odds = (double) (i / 50),.weight = 1,.actual = i < 50 ? false : i < 100 ? i < 80 : i < 120
	};
	ok(ps_predictions_sort(env, rows, 150, &error) == PS_OK, "sort");
	map = fit_map(env, PS_CALIBRATION_ISOTONIC, rows, 150, &found);
	ok(found && map.count == 3 && map.from[1] == 1 && map.from[2] == 2, "two blocks by hand");
	close_to(map.to[0], log(0.5 / 50.5), 1e-14, 0, "0 of 50");
	close_to(map.to[1], -sqrt(2 / 50.5) / 2, 1e-14, 0, "50 of 100, less half a standard error");
	close_to(map.to[2], sqrt(2 / 50.5) / 2, 1e-14, 0, "and half of one more");

	/* few positives: 0 of 50 counts as 1 %, 0 of 1000 as 0.05 %; with the order turned they are pooled */
	for (size_t i = 0; i < 1000; i++)
		rows[i] = (ps_prediction) {.log_odds = i < 50 ? -3 : -2,.weight = 1,.actual = i == 999};
	ok(ps_predictions_sort(env, rows, 1000, &error) == PS_OK, "sort");
	map = fit_map(env, PS_CALIBRATION_ISOTONIC, rows, 1000, &found);
	ok(found && map.count == 2, "smoothed shares are in order too");
	close_to((map.to[0] + map.to[1]) / 2, log(1.5 / 999.5), 1e-14, 0, "1 of 1000");

	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (ps_prediction) {.log_odds = 36,.weight = 0.1 + (double) (i % 7),.actual = true};
	ok(ps_predictions_sort(env, rows, ROWS, &error) == PS_OK, "sort");
	map = fit_map(env, PS_CALIBRATION_ISOTONIC, rows, ROWS, &found);
	ok(found && map.count == 1 && map.from[0] <= 36, "one score, one class: %g to %g", map.from[0], map.to[0]);
	fit_map(env, PS_CALIBRATION_ISOTONIC, rows, 0, &found);
	ok(!found, "isotonic: nothing has no map");
}

/* Choose for the truth slope z + intercept, or for a step. */
static ps_calibration_kind
choose(const ps_env *env, double slope, double intercept, bool step, double *losses)
{
	static ps_prediction rows[10 * ROWS];
	ps_calibration_kind kind = PS_CALIBRATION_NONE;
	ps_error	error;

	simulate(rows, 10 * ROWS, slope, intercept, false);
	for (size_t i = 0; step && i < 10 * ROWS; i++)
		rows[i].actual = lcg() < (rows[i].log_odds < -1 ? 0.2 : rows[i].log_odds < 2 ? 0.3 : 0.9);
	if (ps_predictions_sort(env, rows, 10 * ROWS, &error) != PS_OK ||
		ps_calibration_choose(env, rows, 10 * ROWS, &kind, losses, &error) != PS_OK)
		losses[0] = NAN;
	return kind;
}

static void
test_choose(const ps_env *env)
{
	double		losses[PS_CALIBRATIONS];
	ps_calibration_kind kind = choose(env, 1, 0, false, losses);

	ok(kind == PS_CALIBRATION_NONE, "calibrated already: none (%g, %g, %g)", losses[0], losses[1], losses[2]);
	ok(losses[1] < losses[0] + 1e-3 && losses[2] < losses[0] + 0.01, "the others hardly harm");
	kind = choose(env, 0.4, 0.5, false, losses);
	ok(kind == PS_CALIBRATION_PLATT, "too sure of itself: platt (%g, %g, %g)", losses[0], losses[1], losses[2]);
	kind = choose(env, 1, 0, true, losses);
	ok(kind == PS_CALIBRATION_ISOTONIC, "steps: isotonic (%g, %g, %g)", losses[0], losses[1], losses[2]);

	/* the entropy of the steps themselves: 3/8 H(0.2) + 3/8 H(0.3) + 2/8 H(0.9) */
	close_to(losses[2], 0.375 * 0.50040242 + 0.375 * 0.61086430 + 0.25 * 0.32508297, 0.02, 0, "its loss is near the least");
}

/* A frame of n rows with base rate about share; copies of each row. */
static ps_status
make_frame(const ps_env *env, size_t n, size_t copies, double intercept, bool backwards, bool weighted, ps_frame **frame,
		   ps_error *error)
{
	static const ps_column columns[] = {{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_NUMBER}, {"c", PS_TYPE_TEXT}};

	PS_TRY(ps_frame_create(env, columns, 3, true, weighted, frame, error));
	for (size_t k = 0; k < n * copies; k++)
	{
		size_t		i = (backwards ? n * copies - 1 - k : k) / copies;
		ps_random	random;
		double		a,
					b,
					x;
		ps_cell		cells[3];

		ps_random_seed(&random, i);
		a = 2 * ps_random_uniform(&random) - 1;
		b = 2 * ps_random_uniform(&random) - 1;
		x = intercept + 2 * a - (a > 0 && b > 0 ? 2 : 0);
		cells[0] = number_cell(a);
		cells[1] = number_cell(b);
		cells[2] = text_cell(i % 3 ? "x" : "y");
		PS_TRY(ps_frame_append(*frame, cells, ps_random_uniform(&random) < 1 / (1 + exp(-x)), (double) (i % 3), error));
	}
	return PS_OK;
}

/* Fit with calibration and bands, as a host does. */
static fitted
fit_calibrated(const ps_env *env, const ps_frame *frame, const char *method, const char *options, ps_out_of_fold *out)
{
	fitted		fit = fit_frame(env, frame, method, options);
	ps_value   *given;
	ps_value   *complete;
	ps_plan		plan = {.learner = ps_learner_find(method),.weight = -1};

	if (fit.status != PS_OK ||
		(fit.status = ps_json_read(env, options, strlen(options), &given, &fit.error)) != PS_OK ||
		(fit.status = ps_options_complete(env, plan.learner, given, &complete, &fit.error)) != PS_OK)
		return fit;
	plan.options = complete;
	fit.status = ps_out_of_fold_begin(env, &plan, frame, fit.document, out, &fit.error);
	for (size_t fold = 0; fit.status == PS_OK && fold < out->folds; fold++)
		fit.status = ps_out_of_fold_run(env, out, fold, &fit.error);
	if (fit.status == PS_OK)
		fit.status = ps_out_of_fold_finish(env, out, fit.document, fit.notes, &fit.error);
	if (fit.status == PS_OK)
		fit.status = ps_model_open(env, fit.document, &fit.model, &fit.error);
	return fit;
}

static void
test_out_of_fold(const ps_env *env)
{
	static const char trees[] = "{\"trees\":40,\"leaves\":31,\"learning_rate\":0.5,\"early_stopping\":false}";
	ps_frame   *frame;
	ps_frame   *back;
	ps_frame   *fresh;
	ps_error	error;
	ps_out_of_fold out;
	ps_value   *metrics;
	double		raw_loss;
	double		loss;
	fitted		raw;
	fitted		fit;
	fitted		again;
	size_t		differ = 0;
	double		worst = 0;

	ok(make_frame(env, 2000, 1, -1, false, false, &frame, &error) == PS_OK &&
	   make_frame(env, 2000, 1, -1, true, false, &back, &error) == PS_OK, "rows");
	raw = fit_calibrated(env, frame, "boosted_trees", "{\"trees\":40,\"leaves\":31,\"learning_rate\":0.5,\"early_stopping\":false,"
						 "\"calibration\":\"none\"}", &out);
	ok(raw.status == PS_OK && out.folds == 0 && raw.model->calibration == NULL && raw.model->ncuts == 2,
	   "none: nothing is predicted, and there are bands");
	fit = fit_calibrated(env, frame, "boosted_trees", trees, &out);
	ok(fit.status == PS_OK && out.folds == 5 && out.count == 2000, "2000 rows are predicted in five folds");
	ok(fit.model->calibration != NULL && has_note(&fit, "calibration \"platt\" chosen: on 2000 rows"),
	   "trees that learned too much are calibrated");
	again = fit_calibrated(env, back, "boosted_trees", trees, &out);
	for (size_t i = 0; i < 2000; i++)
		differ += score_row(env, &fit, frame, i) != score_row(env, &again, frame, i);
	ok(differ == 0, "bit for bit the same with the rows backwards");

	/* explanations sum to the calibrated log-odds */
	for (size_t i = 0; i < 2000; i++)
	{
		ps_cell		cells[3];
		double		baseline;
		double		contributions[3];

		ps_frame_row(frame, i, cells);
		if (ps_model_explain(env, fit.model, cells, &baseline, contributions, &error) != PS_OK)
			worst = INFINITY;
		worst = fmax(worst, fabs(baseline + contributions[0] + contributions[1] + contributions[2] -
								 ps_log_odds(score_row(env, &fit, frame, i))));
	}
	ok(worst < 1e-9, "contributions sum to the calibrated log-odds, to %g", worst);

	/* fresh rows: the calibrated model is better, and evaluate() judges the calibrated answers */
	ok(make_frame(env, 6000, 1, -1, false, false, &fresh, &error) == PS_OK, "fresh rows");
	ok(ps_model_evaluate(env, raw.model, fresh, &metrics, &raw_loss, &error) == PS_OK &&
	   ps_model_evaluate(env, fit.model, fresh, &metrics, &loss, &error) == PS_OK, "evaluate");
	loss = 0;
	raw_loss = 0;
	for (size_t i = 2000; i < 6000; i++)
	{
		double		y = ps_frame_target(fresh, i);

		raw_loss -= log(fabs(1 - y - score_row(env, &raw, fresh, i))) / 4000;
		loss -= log(fabs(1 - y - score_row(env, &fit, fresh, i))) / 4000;
	}
	ok(loss < 0.95 * raw_loss, "log loss on rows not seen: %g instead of %g", loss, raw_loss);

	/* asked for */
	fit = fit_calibrated(env, frame, "logistic", "{\"calibration\":\"isotonic\"}", &out);
	ok(fit.status == PS_OK && fit.model->calibration->kind == PS_CALIBRATION_ISOTONIC && has_note(&fit, "calibration \"isotonic\": on"),
	   "isotonic when asked for");
	fit = fit_calibrated(env, frame, "boosted_trees", "{\"calibration\":\"platt\",\"loss\":\"squared\"}", &out);
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
}

/* Rows that are too few, of weight 0, and copies. */
static void
test_hard_rows(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	ps_out_of_fold out;
	fitted		fit;

	ok(make_frame(env, 150, 1, 0, false, false, &frame, &error) == PS_OK, "rows");
	fit = fit_calibrated(env, frame, "logistic", "{}", &out);
	ok(fit.status == PS_OK && out.folds == 0 && fit.model->calibration == NULL && !has_note(&fit, "calibrated") && fit.model->ncuts == 2,
	   "few rows are not calibrated, without a note");
	fit = fit_calibrated(env, frame, "logistic", "{\"calibration\":\"platt\"}", &out);
	ok(fit.status == PS_OK && has_note(&fit, "are not calibrated: 150 rows with "), "with one where it was asked for");
	ok(make_frame(env, 240, 1, 0, false, true, &frame, &error) == PS_OK, "rows with weights");
	fit = fit_calibrated(env, frame, "logistic", "{\"calibration\":\"platt\"}", &out);
	ok(fit.status == PS_OK && has_note(&fit, "are not calibrated: 160 rows with "), "rows of weight 0 do not count");
	ok(make_frame(env, 900, 1, 0, false, true, &frame, &error) == PS_OK, "more of them");
	fit = fit_calibrated(env, frame, "logistic", "{\"calibration\":\"platt\"}", &out);
	ok(fit.status == PS_OK && out.count == 600 && fit.model->calibration != NULL, "and are not predicted");
}

/* Copies of a row go together where their targets agree, and rows of few kinds do not. */
static void
test_copies(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	uint64_t   *hashes;
	size_t		apart = 0;

	ok(make_frame(env, 50, 12, 0, false, false, &frame, &error) == PS_OK &&
	   ps_row_group_hashes(env, frame, 0, &hashes, &error) == PS_OK, "copies");
	for (size_t i = 0; i < 600; i++)
		apart += hashes[i] != hashes[i / 12 * 12];
	ok(apart == 0, "copies of a row go together");
	ok(make_frame(env, 2, 320, 0, false, false, &frame, &error) == PS_OK &&
	   ps_row_group_hashes(env, frame, 0, &hashes, &error) == PS_OK, "many copies");
	for (size_t i = 0; i < 640; i++)
		apart += hashes[i] != hashes[i / 32 * 32];
	ok(apart == 0 && hashes[0] != hashes[32] && hashes[0] != hashes[320], "but not all of hundreds of equal rows");
}

/*
 * Few kinds of rows, as of two yes-or-no columns, are different customers: the
 * predictions out of fold must be of kinds that the trial models have seen.
 */
static void
test_few_kinds(const ps_env *env)
{
	const ps_column columns[1] = {{"a", PS_TYPE_NUMBER}};
	ps_frame   *frame;
	ps_error	error;
	ps_out_of_fold out;
	fitted		fit;
	double		worst = 0;

	ok(ps_frame_create(env, columns, 1, true, false, &frame, &error) == PS_OK, "a frame");
	for (size_t i = 0; i < 700; i++)
	{
		ps_cell		cell = number_cell((double) (i % 7));

		if (ps_frame_append(frame, &cell, i / 7 % 10 < 2 + i % 7 ? 1 : 0, 1, &error) != PS_OK)
			return;
	}
	fit = fit_calibrated(env, frame, "logistic", "{}", &out);
	for (int a = 0; fit.status == PS_OK && a < 7; a++)
	{
		ps_cell		cell = number_cell(a);

		worst = fmax(worst, fabs(score_cells(env, &fit, &cell) - (2 + a) / 10.0));
	}
	ok(fit.status == PS_OK && worst < 0.03, "seven kinds of rows keep their shares (%.3f)", worst);
}

/* A base rate of about 3 %: bands by the calibrated out-of-fold predictions, and high is not empty. */
static void
test_rare(const ps_env *env)
{
	static const char *const methods[] = {"logistic", "boosted_trees"};
	static const char *const options[] = {"{}", "{\"trees\":30,\"early_stopping\":false}"};
	ps_frame   *frame;
	ps_frame   *fresh;
	ps_error	error;
	ps_out_of_fold out;

	ok(make_frame(env, 8000, 1, -3.6, false, false, &frame, &error) == PS_OK &&
	   make_frame(env, 16000, 1, -3.6, false, false, &fresh, &error) == PS_OK, "rows");
	for (size_t m = 0; m < 2; m++)
	{
		fitted		fit = fit_calibrated(env, frame, methods[m], options[m], &out);
		double		rows[3] = {0};
		double		positives[3] = {0};

		for (size_t i = 8000; fit.status == PS_OK && i < 16000; i++)
		{
			double		score = score_row(env, &fit, fresh, i);
			size_t		band = (size_t) (score >= fit.model->cuts[0]) + (score >= fit.model->cuts[1]);

			rows[band]++;
			positives[band] += ps_frame_target(fresh, i);
		}
		ok(rows[2] >= 400 && rows[0] >= 1600, "%s: %g high and %g low of 8000 rows not seen", methods[m], rows[2], rows[0]);
		ok(positives[2] / rows[2] > 1.7 * positives[0] / rows[0], "which are %g and %g positive", positives[2] / rows[2],
		   positives[0] / rows[0]);
	}
}

/* Models whose calibration is not one. */
static void
test_documents(const ps_env *env)
{
	static const char *const corrupt[] = {
		"5", "{}", "{\"kind\":\"none\",\"slope\":1,\"intercept\":0}", "{\"kind\":\"platt\",\"slope\":1}",
		"{\"kind\":\"platt\",\"slope\":0,\"intercept\":0}", "{\"kind\":\"platt\",\"slope\":-1,\"intercept\":0}",
		"{\"kind\":\"platt\",\"slope\":1,\"intercept\":\"a\"}", "{\"kind\":\"platt\",\"slope\":1,\"intercept\":0,\"x\":1}",
		"{\"kind\":\"isotonic\",\"from\":[],\"to\":[]}", "{\"kind\":\"isotonic\",\"from\":[0,1],\"to\":[0]}",
		"{\"kind\":\"isotonic\",\"from\":[0,0],\"to\":[0,1]}", "{\"kind\":\"isotonic\",\"from\":[0,1],\"to\":[1,1]}",
		"{\"kind\":\"isotonic\",\"from\":[1,0],\"to\":[0,1]}", "{\"kind\":\"isotonic\",\"from\":[0,37],\"to\":[0,1]}"
	};
	static const char good[] = "{\"kind\":\"isotonic\",\"from\":[-1,1],\"to\":[-3,-1]}";
	ps_frame   *frame;
	ps_error	error;
	ps_out_of_fold out;
	ps_value   *value;
	ps_model   *model;
	fitted		fit;

	ok(make_frame(env, 300, 1, 0, false, false, &frame, &error) == PS_OK, "rows");
	fit = fit_calibrated(env, frame, "logistic", "{}", &out);
	for (size_t i = 0; i < sizeof(corrupt) / sizeof(corrupt[0]); i++)
	{
		error.message[0] = '\0';
		ok(ps_json_read(env, corrupt[i], strlen(corrupt[i]), &value, &error) == PS_OK &&
		   ps_value_set(env, fit.document, "calibration", value, &error) == PS_OK &&
		   ps_model_open(env, fit.document, &model, &error) == PS_CORRUPT, "%s: %s", corrupt[i], error.message);
	}
	ok(ps_json_read(env, good, strlen(good), &value, &error) == PS_OK &&
	   ps_value_set(env, fit.document, "calibration", value, &error) == PS_OK &&
	   ps_model_open(env, fit.document, &model, &error) == PS_OK, "a good one");
	close_to(ps_probability(ps_calibration_map(model->calibration, 0, NULL)), 1 / (1 + exp(2)), 1e-14, 0, "halfway");

	fit = fit_calibrated(env, frame, "boosted_trees", "{\"loss\":\"squared\"}", &out);
	ok(fit.status == PS_OK && out.folds == 0 && fit.model->ncuts == 0, "a regression has neither calibration nor bands");
	ok(ps_value_set(env, fit.document, "calibration", value, &error) == PS_OK &&
	   ps_model_open(env, fit.document, &model, &error) == PS_CORRUPT, "%s", error.message);
}

static ps_status
whole(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	ps_out_of_fold out;

	PS_TRY(make_frame(env, 300, 1, 0, false, false, &frame, &error));
	return fit_calibrated(env, frame, "logistic", "{}", &out).status;
}

int
main(void)
{
	static void (*const tests[]) (const ps_env *env) = {
		test_platt, test_isotonic, test_choose, test_out_of_fold, test_hard_rows, test_copies, test_few_kinds, test_rare, test_documents
	};
	long		allocations;
	long		polls;
	size_t		wrong;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
	{
		host		h;

		host_init(&h);
		tests[i] (&h.env);
		host_free(&h);
	}
	wrong = inject_faults(whole, &allocations, &polls);
	ok(wrong == 0, "%ld failing allocations, %ld cancelled polls: %zu did not end well", allocations, polls, wrong);
	return tap_done();
}
