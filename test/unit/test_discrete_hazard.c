/*-------------------------------------------------------------------------
 *
 * test_discrete_hazard.c
 *	  The method discrete_hazard: the regression of person-periods, answers
 *	  within and beyond the observed periods, awkward rows.
 *
 *-------------------------------------------------------------------------
 */
#include "contract_rows.h"

/* A reference fit of rossi: intercept, coefficients of columns and of time, and their standard errors. */
typedef struct reference
{
	const char *options;
	bool		late;
	size_t		times;
	double		coefficients[12];
	double		errors[12];
	double		log_likelihood;
} reference;

/*
 * Regressions of the 19,809 person-weeks made row by row, or of 16,506 where every third convict was
 * first seen when half the time had passed: GLM of statsmodels 0.15.0, with errors from the observed information.
 */
static const reference rossi[] = {
	{"{\"duration\":\"week\",\"time_unit\":\"week\",\"knots\":0}", false, 1,
		{-5.169548350, -0.383201852, -0.057296448, 0.317105698, -0.150607377, -0.438299741, -0.083146724, 0.092526215,
		0.373807996},
		{0.712494584, 0.192112558, 0.022031312, 0.309014263, 0.213005004, 0.382662761, 0.196647572, 0.028882283,
		0.127559458},
	-680.9588181714},
	{"{\"duration\":\"week\",\"time_unit\":\"week\",\"knots\":0,\"link\":\"cloglog\"}", false, 1,
		{-5.169211593, -0.381857188, -0.057238114, 0.315117092, -0.148702014, -0.436647241, -0.083098308, 0.092234655,
		0.372422524},
		{0.710277785, 0.191398150, 0.021989630, 0.307969554, 0.212352652, 0.381925464, 0.195852457, 0.028723587,
		0.127117928},
	-680.9529092775},
	{"{\"duration\":\"week\",\"time_unit\":\"week\"}", false, 4,
		{-5.411083141, -0.382465056, -0.057463216, 0.316031067, -0.149933575, -0.436518597, -0.083819364, 0.092264971,
		0.568163019, -0.045194606, -0.118590745, 1.377683194},
		{1.058697914, 0.192104193, 0.022045737, 0.309012918, 0.213011964, 0.382698661, 0.196608345, 0.028858570,
		0.617634608, 0.161224503, 1.869479476, 4.683659882},
	-680.7290806433},
	{"{\"duration\":\"week\",\"time_unit\":\"week\",\"entry\":\"since\",\"knots\":0}", true, 1,
		{-4.391913271, -0.360605240, -0.058358709, 0.294727107, -0.151331712, -0.419763831, -0.057018386, 0.090202383,
		0.184501799},
		{0.708733105, 0.192370618, 0.022152061, 0.309973263, 0.213612882, 0.382149462, 0.197690453, 0.028729333,
		0.121546199},
	-663.6918495384},
	{"{\"duration\":\"week\",\"time_unit\":\"week\",\"entry\":\"since\",\"link\":\"cloglog\"}", true, 4,
		{-5.054765769, -0.355223946, -0.058420078, 0.288970481, -0.147530356, -0.414505453, -0.057606469, 0.088997196,
		0.647245131, -0.085222965, -0.679945320, 3.444534039},
		{1.073809422, 0.191554614, 0.022116279, 0.308829956, 0.212850579, 0.381139987, 0.196738093, 0.028489253,
		0.626842540, 0.162317761, 1.882436966, 4.708072478},
	-662.6138562450},
};

static double
element(const fitted *fit, const char *name, size_t k)
{
	const ps_value *numbers = ps_value_get(fit_parameters(fit), name);

	return numbers != NULL && k < numbers->count ? numbers->numbers[k] : (double) NAN;
}

static void
check_fit(const fitted *fit, const reference *want)
{
	const ps_value *intercept = ps_value_get(fit_parameters(fit), "intercept");
	const char *name = want->options;

	ok(fit->status == PS_OK && strcmp(fit_status(fit), "converged") == 0, "%s: converged (%s)", name,
	   fit->status == PS_OK ? "" : fit->error.message);
	close_to(number(fit, "log_likelihood"), want->log_likelihood, 0, 1e-7, "log-likelihood");
	close_to(ps_value_number_or(intercept, "coefficient", NAN), want->coefficients[0], 1e-6, 0, "intercept");
	close_to(ps_value_number_or(intercept, "standard_error", NAN), want->errors[0], 1e-6, 0, "its error");
	for (size_t j = 0; j < 7; j++)
	{
		close_to(term(fit, j, "coefficient"), want->coefficients[j + 1], 1e-6, 1e-8, "coefficient %d", (int) j);
		close_to(term(fit, j, "standard_error"), want->errors[j + 1], 1e-6, 0, "its error");
	}
	for (size_t k = 0; k < want->times; k++)
	{
		close_to(element(fit, "time_coefficients", k), want->coefficients[8 + k], 1e-6, 0, "time column %d", (int) k);
		close_to(element(fit, "time_standard_errors", k), want->errors[8 + k], 1e-6, 0, "its error");
	}
}

static double
ask(const ps_env *env, const fitted *fit, ps_question question, const ps_cell *cells, double horizon)
{
	ps_request	request = {.has_horizon = horizon > 0,.horizon = horizon};
	ps_answer	answer = {0};
	ps_error	error;

	if (fit->model == NULL || ps_model_ask(env, fit->model, question, cells, &request, &answer, &error) != PS_OK || answer.null)
		return NAN;
	return answer.number;
}

static void
check_rossi(void)
{
	static table t;
	host		h;

	if (!read_rossi(&t))
		return;
	host_init(&h);
	t.columns[8] = (ps_column) {"since", PS_TYPE_NUMBER};
	for (size_t i = 0; i < t.n; i++)
		t.x[i][8] = i % 3 == 0 ? floor(t.x[i][7] / 2) : 0;
	for (size_t k = 0; k < sizeof(rossi) / sizeof(rossi[0]); k++)
	{
		fitted		fit;
		ps_cell		cells[9];
		double		baseline = 0;
		double		contributions[9] = {0};
		double		score;
		double		churn;
		ps_error	error;
		ps_value   *metrics;
		double		loss;

		t.ncolumns = rossi[k].late ? 9 : 8;
		fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", rossi[k].options);
		check_fit(&fit, &rossi[k]);
		ps_frame_row(table_frame(&h.env, &t), 5, cells);
		ok(ps_model_explain(&h.env, fit.model, cells, &baseline, contributions, &error) == PS_OK, "explain");
		for (size_t j = 0; j < 9; j++)
			baseline += contributions[j];
		score = score_cells(&h.env, &fit, cells);
		close_to(baseline, score, 1e-12, 0, "contributions sum to the score");

		/* the score is that of the period that runs, a week of 7 days */
		cells[7] = number_cell(10);
		score = score_cells(&h.env, &fit, cells);
		churn = strstr(rossi[k].options, "cloglog") != NULL ? -expm1(-exp(score)) : 1 / (1 + exp(-score));
		close_to(ask(&h.env, &fit, PS_ASK_CHURN, cells, 7), churn, 1e-11, 0, "churn within the period");
		close_to(ask(&h.env, &fit, PS_ASK_ALIVE, cells, 3.5), sqrt(1 - churn), 1e-11, 0, "half of it");
		if (k == 0)
			ok(ps_model_evaluate(&h.env, fit.model, table_frame(&h.env, &t), &metrics, &loss, &error) == PS_OK &&
			   fabs(ps_value_number_or(metrics, "concordance", NAN) - 0.64) < 0.007 && loss > 0.05 && loss < 0.15,
			   "evaluate: concordance %.4f, loss %.4f", ps_value_number_or(metrics, "concordance", NAN), loss);
	}
	host_free(&h);
}

/* 200 contracts with one column that end with probability 0.1 a period, or as told. */
static void
make_rows(table *t)
{
	t->ncolumns = 2;
	t->columns[0] = (ps_column) {"x", PS_TYPE_NUMBER};
	t->columns[1] = (ps_column) {"periods", PS_TYPE_NUMBER};
	t->n = 200;
	t->weighted = false;
	for (size_t i = 0; i < t->n; i++)
	{
		t->x[i][0] = sin(1.7 * (double) i);
		t->x[i][1] = ceil(10 * exp(-0.7 * t->x[i][0]) * (0.01 + fabs(cos(2.3 * (double) i * (double) i))));
		t->ended[i] = i % 4 != 0;
	}
}

/* Contracts that all end with a probability of 1/10 in each period, by their expected numbers. */
static void
check_geometric(void)
{
	static table t;
	host		h;
	fitted		fit;
	ps_cell		cells[1];

	t.ncolumns = 1;
	t.columns[0] = (ps_column) {"periods", PS_TYPE_NUMBER};
	t.weighted = true;
	t.n = 13;
	for (size_t i = 0; i < 12; i++)
	{
		t.x[i][0] = (double) i + 1;
		t.ended[i] = 1;
		t.weight[i] = 1000 * 0.1 * pow(0.9, (double) i);
	}
	t.x[12][0] = 12;
	t.weight[12] = 1000 * pow(0.9, 12);
	host_init(&h);
	for (int cloglog = 0; cloglog < 2; cloglog++)
	{
		fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", cloglog ?
						"{\"duration\":\"periods\",\"time_unit\":\"month\",\"link\":\"cloglog\"}" :
						"{\"duration\":\"periods\",\"time_unit\":\"month\"}");
		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0 && isfinite(element(&fit, "time_coefficients", 3)),
		   "geometric: %s", fit.status == PS_OK ? fit_status(&fit) : fit.error.message);
		cells[0] = number_cell(4.25);
		close_to(ask(&h.env, &fit, PS_ASK_CHURN, cells, 365.25 / 12), 0.1, 1e-7, 0, "a tenth ends within a month");
		close_to(ask(&h.env, &fit, PS_ASK_ALIVE, cells, 100 * 365.25 / 12), pow(0.9, 100), 1e-4, 0, "also long after what was seen");
		close_to(ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 0), -365.25 / 12 / log(0.9), 1e-6, 0, "expected lifetime");
		close_to(ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 365.25), -365.25 / 12 / log(0.9) * (1 - pow(0.9, 12)), 1e-6, 0,
				 "within a year");
		cells[0] = number_cell(3e8);
		ok(isnan(ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 0)), "no curve so far out");
	}
	host_free(&h);
}

static void
check_awkward(void)
{
	static table t;
	host		h;
	fitted		fit;
	ps_cell		cells[2] = {number_cell(0.5), number_cell(0)};

	host_init(&h);
	make_rows(&t);
	t.x[8][1] = 0;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "a contract that has just begun says nothing");
	ok(ask(&h.env, &fit, PS_ASK_CHURN, cells, 0.5) > 0, "but can be asked about");
	t.ended[8] = 1;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_INVALID_DATA && strstr(fit.error.message, "row 9") != NULL, "an end at 0: %s", fit.error.message);
	t.x[8][1] = 1.5;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_INVALID_DATA && strstr(fit.error.message, "row 9") != NULL, "half a period: %s", fit.error.message);
	t.x[8][1] = 86400;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_INVALID_DATA && strstr(fit.error.hint, "time_unit") != NULL, "seconds: %s", fit.error.message);

	/* hundreds of periods; all have ended; a penalty */
	make_rows(&t);
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][1] = ceil(t.x[i][1] * 57.3);
		t.ended[i] = 1;
	}
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\",\"knots\":7}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "%g periods: %s", number(&fit, "periods"),
	   fit_status(&fit));
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard",
					"{\"duration\":\"periods\",\"penalty\":5,\"l1_ratio\":0.5}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0 && element(&fit, "time_coefficients", 0) != 0,
	   "a penalty: %s", fit_status(&fit));

	/* one period only; ends in one period only; one end; a column that says who ends */
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][1] = 1;
		t.ended[i] = i % 4 == 0;
	}
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "one period: %s", fit_status(&fit));
	for (size_t i = 0; i < t.n; i++)
		t.x[i][1] = 5;
	for (int cloglog = 0; cloglog < 2; cloglog++)
	{
		fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", cloglog ?
						"{\"duration\":\"periods\",\"link\":\"cloglog\"}" : "{\"duration\":\"periods\"}");
		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "separated") == 0, "all end in period 5: %s", fit_status(&fit));
		cells[1] = number_cell(4);
		ok(fabs(ask(&h.env, &fit, PS_ASK_CHURN, cells, 1) - 0.25) < 0.1, "where a quarter ends");
	}
	make_rows(&t);
	for (size_t i = 0; i < t.n; i++)
		t.ended[i] = i == 77;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_OK && isfinite(number(&fit, "predictor_at_means")), "one has ended: %s", fit_status(&fit));
	make_rows(&t);
	for (size_t i = 0; i < t.n; i++)
		t.x[i][0] = (double) (i % 4 == 0);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "discrete_hazard", "{\"duration\":\"periods\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "separated") == 0 && has_note(&fit, "\"x\" separates"),
	   "a column that says who ends: %s", fit_status(&fit));
	host_free(&h);
}

static ps_status
fit_for_faults(const ps_env *env)
{
	static table t;
	ps_frame   *frame;
	fitted		fit;
	ps_value   *metrics;
	ps_error	error;
	double		loss;

	make_rows(&t);
	t.n = 40;
	frame = table_frame(env, &t);
	if (frame == NULL)
		return PS_OUT_OF_MEMORY;
	fit = fit_frame(env, frame, "discrete_hazard", "{\"duration\":\"periods\"}");
	if (fit.status != PS_OK)
		return fit.status;
	return ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error);
}

int
main(void)
{
	long		allocations;
	long		polls;
	size_t		wrong;

	check_rossi();
	check_geometric();
	check_awkward();
	wrong = inject_faults(fit_for_faults, &allocations, &polls);
	ok(wrong == 0 && allocations > 10 && polls > 3, "%d faults injected, %d handled wrongly",
	   (int) (allocations + 2 * polls), (int) wrong);
	return tap_done();
}
