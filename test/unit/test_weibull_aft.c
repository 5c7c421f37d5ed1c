/*-------------------------------------------------------------------------
 *
 * test_weibull_aft.c
 *	  The method weibull_aft: reference fits, closed forms, late entries,
 *	  units, awkward rows.
 *
 *-------------------------------------------------------------------------
 */
#include "contract_rows.h"

#include "ps_special.h"

#define PI 3.14159265358979323846

/* A reference fit of rossi: intercept and coefficients, then the scale; and their standard errors. */
typedef struct reference
{
	const char *distribution;
	double		coefficients[8];
	double		scale;
	double		errors[9];
	double		log_likelihood;
} reference;

/*
 * The likelihood written out in numpy 2.4.6, maximised by scipy 1.17.1 and Newton steps with
 * numdifftools; lifelines 0.30.3 gives the same log-likelihoods to 1e-4 (its optimiser stops early),
 * R's survreg those of weibull to all digits it prints: -679.9165639, scale .7124053.
 */
static const reference rossi[] = {
	{"weibull", {3.990134797, 0.272163360, 0.040713798, -0.224802443, 0.106556587, 0.311273265, 0.058827253, -0.065816905},
		0.712405334, {0.4190952, 0.1379619, 0.0160036, 0.2201589, 0.1515410, 0.2733022, 0.1396382, 0.0209406, 0.063423089},
	-679.9165639371},
	{"log_normal", {4.267665704, 0.342847679, 0.027201842, -0.363159959, 0.268132062, 0.460353375, 0.055879376, -0.065517510},
		1.294569926, {0.4616895, 0.1640863, 0.0157560, 0.2646918, 0.1788892, 0.2951482, 0.1691112, 0.0270907, 0.098951592},
	-683.2346252784},
	{"log_logistic", {3.918304143, 0.288876139, 0.036365589, -0.279149259, 0.178423815, 0.347303977, 0.050798170, -0.069182244},
		0.647134756, {0.4274341, 0.1455852, 0.0155719, 0.2296537, 0.1571852, 0.2696686, 0.1495742, 0.0227418, 0.055923016},
	-679.9384110527},
};

/* The same where every third convict was first seen when half the time had passed, rounded down. */
static const reference rossi_late[] = {
	{"weibull", {3.860337044, 0.294059427, 0.047436133, -0.239726326, 0.122484567, 0.342504081, 0.047275789, -0.073541217},
		0.816229880, {0.4839742, 0.1579333, 0.0185388, 0.2526963, 0.1740739, 0.3124238, 0.1606031, 0.0238557}, -663.3403715555},
	{"log_normal", {4.051557061, 0.368268599, 0.032915028, -0.386198110, 0.307280035, 0.502991263, 0.032266829, -0.073624975},
		1.379737355, {0.5291621, 0.1883038, 0.0179930, 0.3056115, 0.2057595, 0.3365731, 0.1944730, 0.0313336}, -665.1027306446},
	{"log_logistic", {3.768183300, 0.315535880, 0.041646265, -0.308746114, 0.220318699, 0.393439641, 0.033668917, -0.077454268},
		0.723546003, {0.4976694, 0.1690109, 0.0179203, 0.2675688, 0.1828100, 0.3081718, 0.1746797, 0.0265723}, -663.0998261732},
};

static void
check_fit(const fitted *fit, const reference *want, bool late)
{
	const ps_value *intercept = ps_value_get(fit_parameters(fit), "intercept");
	const char *name = want->distribution;

	ok(fit->status == PS_OK && strcmp(fit_status(fit), "converged") == 0, "%s%s: converged (%s)", name, late ? ", late" : "",
	   fit->status == PS_OK ? "" : fit->error.message);
	close_to(number(fit, "log_likelihood"), want->log_likelihood, 0, 1e-7, "%s: log-likelihood", name);
	close_to(number(fit, "scale"), want->scale, 1e-6, 0, "%s: scale", name);
	close_to(ps_value_number_or(intercept, "coefficient", NAN), want->coefficients[0], 1e-6, 0, "%s: intercept", name);
	close_to(ps_value_number_or(intercept, "standard_error", NAN), want->errors[0], 1e-5, 0, "%s: its error", name);
	for (size_t j = 0; j < 7; j++)
	{
		close_to(term(fit, j, "coefficient"), want->coefficients[j + 1], 1e-5, 1e-7, "%s: coefficient %d", name, (int) j);
		close_to(term(fit, j, "standard_error"), want->errors[j + 1], 1e-5, 0, "%s: its error", name);
	}
	if (!late)
		close_to(number(fit, "scale_standard_error"), want->errors[8], 1e-5, 0, "%s: error of the scale", name);
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

/* The expected lifetime from the start of a contract, by the formulas of the distributions. */
static double
expected_lifetime(const char *distribution, double predictor, double scale)
{
	if (strcmp(distribution, "log_normal") == 0)
		return exp(predictor + 0.5 * scale * scale);
	if (strcmp(distribution, "log_logistic") == 0)
		return exp(predictor) * PI * scale / sin(PI * scale);
	return exp(predictor + ps_log_gamma(1 + scale));
}

static void
check_rossi(void)
{
	static table t;
	host		h;

	if (!read_rossi(&t))
		return;
	host_init(&h);
	for (size_t k = 0; k < 3; k++)
	{
		char		options[100];
		fitted		fit;
		ps_cell		cells[9];
		double		baseline = 0;
		double		contributions[9] = {0};
		ps_error	error;
		ps_value   *metrics;
		double		loss;

		t.ncolumns = 8;
		snprintf(options, sizeof(options), "{\"duration\":\"week\",\"distribution\":\"%s\"}", rossi[k].distribution);
		fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", options);
		check_fit(&fit, &rossi[k], false);
		close_to(term(&fit, 0, "time_ratio"), exp(rossi[k].coefficients[1]), 1e-6, 0, "time ratio");
		ps_frame_row(table_frame(&h.env, &t), 5, cells);
		ok(ps_model_explain(&h.env, fit.model, cells, &baseline, contributions, &error) == PS_OK, "explain");
		for (size_t j = 0; j < 8; j++)
			baseline += contributions[j];
		close_to(baseline, score_cells(&h.env, &fit, cells), 1e-12, 0, "contributions sum to the score");
		cells[7] = number_cell(0);
		close_to(ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 0),
				 expected_lifetime(rossi[k].distribution, score_cells(&h.env, &fit, cells), number(&fit, "scale")), 1e-9, 0,
				 "expected lifetime");
		ok(ps_model_evaluate(&h.env, fit.model, table_frame(&h.env, &t), &metrics, &loss, &error) == PS_OK &&
		   fabs(ps_value_number_or(metrics, "concordance", NAN) - 0.64) < 0.007 && loss > 0.05 && loss < 0.15,
		   "evaluate: concordance %.4f, loss %.4f", ps_value_number_or(metrics, "concordance", NAN), loss);

		t.ncolumns = 9;
		t.columns[8] = (ps_column) {"since", PS_TYPE_NUMBER};
		for (size_t i = 0; i < t.n; i++)
			t.x[i][8] = i % 3 == 0 ? floor(t.x[i][7] / 2) : 0;
		snprintf(options, sizeof(options), "{\"duration\":\"week\",\"entry\":\"since\",\"distribution\":\"%s\"}",
				 rossi[k].distribution);
		fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", options);
		check_fit(&fit, &rossi_late[k], true);
	}
	host_free(&h);
}

/* 200 contracts with one column, of which three in four have ended. */
static void
make_rows(table *t)
{
	t->ncolumns = 2;
	t->columns[0] = (ps_column) {"x", PS_TYPE_NUMBER};
	t->columns[1] = (ps_column) {"until", PS_TYPE_NUMBER};
	t->n = 200;
	t->weighted = false;
	for (size_t i = 0; i < t->n; i++)
	{
		t->x[i][0] = sin(1.7 * (double) i);
		t->x[i][1] = 10 * exp(-0.7 * t->x[i][0]) * (0.2 + fabs(cos(2.3 * (double) i * (double) i)));
		t->ended[i] = i % 4 != 0;
	}
}

/* The exponential distribution has closed forms; without columns its rate is ends over time. */
static void
check_exponential(void)
{
	static table t;
	host		h;
	fitted		fit;
	double		ended = 0;
	double		time = 0;
	ps_cell		cells[2];

	make_rows(&t);
	t.columns[0] = t.columns[1];
	t.columns[1] = (ps_column) {"since", PS_TYPE_NUMBER};
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][0] = t.x[i][1];
		t.x[i][1] = i % 5 == 0 ? t.x[i][0] / 3 : 0;
		ended += t.ended[i];
		time += t.x[i][0] - t.x[i][1];
	}
	host_init(&h);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft",
					"{\"duration\":\"until\",\"entry\":\"since\",\"distribution\":\"exponential\",\"time_unit\":\"week\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "exponential: %s",
	   fit.status == PS_OK ? fit_status(&fit) : fit.error.message);
	cells[0] = number_cell(3);
	cells[1] = number_cell(0);
	close_to(score_cells(&h.env, &fit, cells), log(time / ended), 1e-12, 0, "log of the mean lifetime");
	close_to(number(&fit, "log_likelihood"), ended * log(ended / time) - ended, 1e-12, 0, "log-likelihood");
	close_to(ps_value_number_or(ps_value_get(fit_parameters(&fit), "intercept"), "standard_error", NAN), 1 / sqrt(ended),
			 1e-9, 0, "error of the intercept");
	ok(number(&fit, "scale") == 1, "scale");
	close_to(ask(&h.env, &fit, PS_ASK_CHURN, cells, 14), -expm1(-2 * ended / time), 1e-12, 0, "churn within two weeks");
	close_to(ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 0), 7 * time / ended, 1e-12, 0, "expected lifetime in days");

	/* penalties, and the ridge of a fallback, leave the scale alone */
	make_rows(&t);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft",
					"{\"duration\":\"until\",\"distribution\":\"exponential\",\"penalty\":1e6,\"l1_ratio\":1}");
	time = 0;
	for (size_t i = 0; i < t.n; i++)
		time += t.x[i][1];
	cells[0] = number_cell(0);
	close_to(score_cells(&h.env, &fit, cells), log(time / 150), 1e-9, 0, "a penalty that leaves no column");
	for (size_t i = 0; i < t.n; i++)
		t.x[i][0] = (double) (i % 4 == 0);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\",\"distribution\":\"exponential\"}");
	time = 0;
	for (size_t i = 0; i < t.n; i++)
		time += i % 4 == 0 ? 0 : t.x[i][1];
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "separated") == 0 &&
	   fabs(score_cells(&h.env, &fit, cells) - log(time / 150)) < 0.05, "separated: %g, close to %g",
	   score_cells(&h.env, &fit, cells), log(time / 150));
	host_free(&h);
}

/* Another unit of time moves the intercept by the log of the factor, weights are rows, and nothing else matters. */
static void
check_invariance(void)
{
	static const char *const distributions[] = {"weibull", "exponential", "log_normal", "log_logistic"};
	static table t;
	host		h;

	host_init(&h);
	for (int k = 0; k < 4; k++)
	{
		char		options[100];
		fitted		a;
		fitted		b;

		snprintf(options, sizeof(options), "{\"duration\":\"until\",\"distribution\":\"%s\"}", distributions[k]);
		make_rows(&t);
		a = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", options);
		for (size_t i = 0; i < t.n; i++)
			t.x[i][1] *= 86400;
		b = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", options);
		close_to(number(&b, "log_time_at_means") - number(&a, "log_time_at_means"), log(86400), 1e-10, 0,
				 "%s: seconds for days move the predictor by log 86400", distributions[k]);
		close_to(term(&b, 0, "coefficient"), term(&a, 0, "coefficient"), 1e-9, 0, "and no coefficient");
		close_to(term(&b, 0, "standard_error"), term(&a, 0, "standard_error"), 1e-9, 0, "nor its error");
		close_to(number(&b, "scale"), number(&a, "scale"), 1e-9, 0, "nor the scale");
		close_to(number(&b, "log_likelihood"), number(&a, "log_likelihood") - 150 * log(86400), 1e-9, 0,
				 "and the log-likelihood by that of the ends");

		make_rows(&t);
		for (size_t i = 0; i < 100; i++)
		{
			t.weight[i] = 2;
			memcpy(t.x[100 + i], t.x[i], sizeof(t.x[i]));
			t.ended[100 + i] = t.ended[i];
		}
		a = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", options);
		t.n = 100;
		t.weighted = true;
		b = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", options);
		close_to(term(&b, 0, "coefficient"), term(&a, 0, "coefficient"), 1e-9, 0, "weights of 2 are rows twice");
		close_to(number(&b, "log_likelihood"), number(&a, "log_likelihood"), 1e-10, 0, "for the log-likelihood too");
	}
	host_free(&h);
}

static void
check_awkward(void)
{
	static table t;
	host		h;
	fitted		fit;
	ps_cell		cells[3];

	host_init(&h);
	make_rows(&t);
	t.x[8][1] = 0;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\"}");
	ok(fit.status == PS_OK && has_note(&fit, "1 rows are left out: contracts that go on after a duration of 0"),
	   "a contract that has just begun is left out");
	cells[0] = number_cell(0.5);
	cells[1] = number_cell(0);
	ok(ask(&h.env, &fit, PS_ASK_CHURN, cells, 3) > 0 && ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 0) > 1,
	   "but can be asked about");
	t.ended[8] = 1;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\"}");
	ok(fit.status == PS_INVALID_DATA && fit.error.row == 9 && strstr(fit.error.hint, "half a day") != NULL,
	   "an end at 0: %s", fit.error.message);

	/* all ended, all but one going on, a constant column and a copy */
	make_rows(&t);
	t.ncolumns = 3;
	t.columns[1] = (ps_column) {"same", PS_TYPE_NUMBER};
	t.columns[2] = (ps_column) {"until", PS_TYPE_NUMBER};
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][2] = t.x[i][1];
		t.x[i][1] = 1e6 + 1e3 * t.x[i][0];
		t.ended[i] = 1;
	}
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0 && has_note(&fit, "linear combination"),
	   "all ended, a copy of a column is left out");
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][1] = 7;
		t.ended[i] = i == 77;
	}
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\"}");
	ok(fit.status == PS_OK && isfinite(number(&fit, "log_time_at_means")), "one has ended: %s", fit_status(&fit));

	/* a column that says who ends */
	make_rows(&t);
	for (size_t i = 0; i < t.n; i++)
		t.x[i][0] = (double) (i % 4 == 0);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "separated") == 0 && has_note(&fit, "\"x\" separates"),
	   "a column that says who ends: %s", fit_status(&fit));

	/* durations that follow exactly from a column, and that are all the same */
	for (int same = 0; same < 2; same++)
	{
		make_rows(&t);
		for (size_t i = 0; i < t.n; i++)
		{
			t.x[i][1] = exp(same ? 3 : 2 + t.x[i][0]);
			t.ended[i] = 1;
		}
		fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\"}");
		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "separated") == 0 && has_note(&fit, "all but certain"),
		   "durations without scatter: %s, scale %g", fit_status(&fit), number(&fit, "scale"));
		cells[0] = number_cell(1);
		cells[1] = number_cell(1);
		close_to(score_cells(&h.env, &fit, cells), 3, 1e-3, 0, "their lifetime");
		close_to(ask(&h.env, &fit, PS_ASK_LIFETIME, cells, 0), exp(3) - 1, 1e-3, 0, "and what is left of it");
	}

	/* durations far out on both sides */
	make_rows(&t);
	t.x[3][1] = 1e-9;
	t.x[4][1] = 1e9;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "weibull_aft", "{\"duration\":\"until\",\"distribution\":\"log_normal\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "outliers: %s", fit_status(&fit));
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
	t.n = 30;
	t.columns[2] = (ps_column) {"since", PS_TYPE_NUMBER};
	t.ncolumns = 3;
	for (size_t i = 0; i < t.n; i++)
		t.x[i][2] = t.x[i][1] / 2;
	frame = table_frame(env, &t);
	if (frame == NULL)
		return PS_OUT_OF_MEMORY;
	fit = fit_frame(env, frame, "weibull_aft", "{\"duration\":\"until\",\"entry\":\"since\"}");
	if (fit.status != PS_OK)
		return fit.status;
	for (size_t i = 0; i < t.n; i++)
		t.x[i][2] = 0;
	frame = table_frame(env, &t);
	if (frame == NULL)
		return PS_OUT_OF_MEMORY;
	return ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error);
}

int
main(void)
{
	long		allocations;
	long		polls;
	size_t		wrong;

	check_rossi();
	check_exponential();
	check_invariance();
	check_awkward();
	wrong = inject_faults(fit_for_faults, &allocations, &polls);
	ok(wrong == 0 && allocations > 10 && polls > 3, "%d faults injected, %d handled wrongly",
	   (int) (allocations + 2 * polls), (int) wrong);
	return tap_done();
}
