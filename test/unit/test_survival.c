/*-------------------------------------------------------------------------
 *
 * test_survival.c
 *	  Contracts: kaplan_meier, shifted_beta_geometric and what they share.
 *
 *-------------------------------------------------------------------------
 */
#include "data_file.h"
#include "learner_host.h"

#include "ps_special.h"
#include "ps_survival.h"

#define MAX_ROWS 8000

/* Contracts to learn from: a frame of an optional stratum and the duration. */
typedef struct contracts
{
	size_t		n;
	const char *stratum[MAX_ROWS];	/* used when has_stratum */
	double		duration[MAX_ROWS];
	double		ended[MAX_ROWS];
	double		weight[MAX_ROWS];
	bool		has_stratum;
	bool		has_weight;
} contracts;

static ps_frame *
contract_frame(const ps_env *env, const contracts *c)
{
	const ps_column columns[] = {{"plan", PS_TYPE_TEXT}, {"tenure", PS_TYPE_NUMBER}};
	const ps_column *used = c->has_stratum ? columns : columns + 1;
	ps_frame   *frame;
	ps_error	error;

	if (ps_frame_create(env, used, c->has_stratum ? 2 : 1, true, c->has_weight, &frame, &error) != PS_OK)
		return NULL;
	for (size_t i = 0; i < c->n; i++)
	{
		ps_cell		cells[2];
		ps_cell    *at = cells;

		if (c->has_stratum)
			*at++ = text_cell(c->stratum[i]);
		*at = number_cell(c->duration[i]);
		if (ps_frame_append(frame, cells, c->ended[i], c->has_weight ? c->weight[i] : 1, &error) != PS_OK)
			return NULL;
	}
	return frame;
}

/* The answer to a question about a contract; NAN for null, -INFINITY for an error. */
static double
ask(const ps_env *env, const fitted *fit, ps_question question, const ps_cell *cells, double horizon, double discount)
{
	const ps_request request = {.has_horizon = isfinite(horizon),.horizon = horizon,.discount = discount};
	ps_answer	answer;
	ps_error	error;

	if (fit->model == NULL || ps_model_ask(env, fit->model, question, cells, &request, &answer, &error) != PS_OK)
		return -INFINITY;
	return answer.null ? (double) NAN : answer.number;
}

static double
survival_at(const ps_env *env, const fitted *fit, double duration)
{
	ps_cell		cell = number_cell(duration);

	return ask(env, fit, PS_ASK_SCORE, &cell, INFINITY, 0);
}

/* The element of a list of numbers of the first curve whose time is the last up to one. */
static double
curve_number(const fitted *fit, size_t curve, const char *name, double time)
{
	const ps_value *object = ps_value_get(fit_parameters(fit), "curves")->items[curve];
	const ps_value *times = ps_value_get(object, "times");
	double		found = NAN;

	for (size_t i = 0; i < times->count && times->numbers[i] <= time; i++)
		found = ps_value_get(object, name)->numbers[i];
	return found;
}

/*
 * Rearrests of 432 men (Rossi and others 1980), by the R package survival and
 * lifelines, which agree: survival after 52 weeks .7361111, error .0212051.
 */
static void
check_rossi(void)
{
	static contracts c;
	FILE	   *file = open_data("rossi/rossi.csv");
	char		line[LINE_MAX_LENGTH];
	char	   *fields[FIELDS_MAX];
	host		h;
	fitted		fit;

	if (file == NULL)
		return;
	for (; next_line(file, line, fields) >= 2; c.n++)
	{
		c.duration[c.n] = atof(fields[0]);
		c.ended[c.n] = atof(fields[1]);
		c.stratum[c.n] = atof(fields[2]) != 0 ? "aid" : "none";
	}
	fclose(file);
	host_init(&h);
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\",\"time_unit\":\"week\"}");
	ok(fit.status == PS_OK && c.n == 432, "rossi: fit (%s)", fit.status == PS_OK ? "" : fit.error.message);
	close_to(survival_at(&h.env, &fit, 52), 0.7361111, 1e-7, 0, "rossi: survival after 52 weeks");
	close_to(curve_number(&fit, 0, "standard_errors", 52), 0.0212051, 0, 1e-7, "rossi: its standard error");
	c.has_stratum = true;
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\",\"strata\":[\"plan\"]}");
	ok(fit.status == PS_OK, "rossi: fit by financial aid (%s)", fit.status == PS_OK ? "" : fit.error.message);
	/* lifelines 0.30.3 */
	close_to(ps_value_number_or(ps_value_get(fit_parameters(&fit), "log_rank"), "chi_squared", NAN), 3.8375695765490505, 1e-9, 0,
			 "rossi: log-rank test of financial aid");
	host_free(&h);
}

/* Remission of 42 leukaemia patients (Freireich and others 1963): the log-rank test is 16.79 on one degree of freedom. */
static void
check_log_rank(void)
{
	static const double treated[21] = {6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
	static const double placebo[21] = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23};
	static contracts c;
	const ps_value *test;
	ps_cell		cells[2] = {text_cell("treated"), number_cell(0)};
	host		h;
	fitted		fit;

	c.n = 42;
	c.has_stratum = true;
	for (size_t i = 0; i < 42; i++)
	{
		c.stratum[i] = i < 21 ? "treated" : "placebo";
		c.duration[i] = i < 21 ? treated[i] : placebo[i - 21];
		c.ended[i] = i < 21 ? i < 9 : 1;
	}
	host_init(&h);
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\",\"strata\":[\"plan\"]}");
	ok(fit.status == PS_OK, "two strata (%s)", fit.status == PS_OK ? "" : fit.error.message);
	test = ps_value_get(fit_parameters(&fit), "log_rank");
	close_to(ps_value_number_or(test, "chi_squared", NAN), 16.793, 0, 5e-4, "log-rank chi-squared");
	close_to(ps_value_number_or(test, "degrees_of_freedom", NAN), 1, 0, 0, "its degrees of freedom");
	close_to(ps_value_number_or(test, "p", NAN), 4.169e-5, 1e-3, 0, "its p");
	/* Kaplan-Meier of the treated in every textbook: .857, .807, .753, .690, .627, .538, .448 */
	cells[1] = number_cell(10);
	close_to(ask(&h.env, &fit, PS_ASK_SCORE, cells, INFINITY, 0), 0.7529, 0, 5e-5, "survival of the treated after 10 weeks");
	cells[1] = number_cell(23);
	close_to(ask(&h.env, &fit, PS_ASK_SCORE, cells, INFINITY, 0), 0.4482, 0, 5e-5, "and after 23");
	cells[1] = number_cell(40);
	ok(isnan(ask(&h.env, &fit, PS_ASK_SCORE, cells, INFINITY, 0)), "unknown after the longest duration");
	cells[0] = text_cell("other");
	cells[1] = number_cell(3);
	ok(isnan(ask(&h.env, &fit, PS_ASK_SCORE, cells, INFINITY, 0)), "and of another stratum");
	host_free(&h);
}

/* Telco churn (reference values of R and lifelines). */
static void
check_telco(void)
{
	static const double times[] = {12, 24, 72};
	static const double expected[] = {0.8431996, 0.7887364, 0.5927902};
	static contracts c;
	FILE	   *file = open_data("telco_churn/telco_churn.csv");
	char		line[LINE_MAX_LENGTH];
	char	   *fields[FIELDS_MAX];
	host		h;
	fitted		fit;

	if (file == NULL)
		return;
	for (int count; (count = next_line(file, line, fields)) >= 20 && c.n < MAX_ROWS; c.n++)
	{
		c.duration[c.n] = atof(fields[5]);
		c.ended[c.n] = strcmp(fields[count - 1], "Yes") == 0;
		c.stratum[c.n] = strcmp(fields[15], "Two year") == 0 ? "two" : strcmp(fields[15], "One year") == 0 ? "one" : "none";
	}
	fclose(file);
	host_init(&h);
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\",\"time_unit\":\"month\"}");
	ok(fit.status == PS_OK && c.n == 7043, "telco: fit of %d contracts", (int) c.n);
	for (int i = 0; i < 3; i++)
		close_to(survival_at(&h.env, &fit, times[i]), expected[i], 0, 5e-8, "telco: survival after %g months", times[i]);

	/* three kinds of contract, without the 11 of tenure 0 (lifelines 0.30.3) */
	for (size_t i = 0; i < c.n; i++)
		c.weight[i] = c.duration[i] > 0;
	c.has_weight = c.has_stratum = true;
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\",\"strata\":[\"plan\"]}");
	close_to(ps_value_number_or(ps_value_get(fit_parameters(&fit), "log_rank"), "chi_squared", NAN), 2352.872538259339, 1e-9, 0,
			 "telco: log-rank test of three kinds of contract");
	host_free(&h);
}

/*
 * The two segments of Fader and Hardie (2007), table 1: per cent of customers
 * active after 0 .. 7 years, and the estimates of their page 85 and appendix;
 * more digits, and the errors that the curvature tells, by mpmath with 40 digits.
 */
static void
check_retention(void)
{
	static const struct
	{
		double		active[8];
		double		alpha;
		double		beta;
		double		exact[5];	/* both, their errors, the log-likelihood */
	}			segments[] = {
		{{1000, 869, 743, 653, 593, 551, 517, 491}, 0.668, 3.806,
		{0.668088351106446, 3.80609496405827, 0.10373493115, 0.785531691776, -1611.158147391156}},
		{{1000, 631, 468, 382, 326, 289, 262, 241}, 0.704, 1.182,
		{0.704077298473516, 1.18204302620948, 0.065598964234, 0.152475631676, -1680.265188463287}}
	};

	for (int s = 0; s < 2; s++)
	{
		static contracts c;
		host		h;
		fitted		fit;
		ps_cell		cell = number_cell(3);
		const ps_value *errors;
		double		alpha;
		double		beta;

		c.n = 0;
		c.has_weight = true;
		for (int t = 1; t <= 7; t++)
		{
			c.duration[c.n] = t;
			c.ended[c.n] = 1;
			c.weight[c.n++] = segments[s].active[t - 1] - segments[s].active[t];
		}
		c.duration[c.n] = 7;
		c.ended[c.n] = 0;
		c.weight[c.n++] = segments[s].active[7];
		host_init(&h);
		fit = fit_frame(&h.env, contract_frame(&h.env, &c), "shifted_beta_geometric",
						"{\"duration\":\"tenure\",\"time_unit\":\"year\"}");
		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "segment %d: converged", s);
		alpha = ps_value_number_or(fit_parameters(&fit), "alpha", NAN);
		beta = ps_value_number_or(fit_parameters(&fit), "beta", NAN);
		close_to(alpha, segments[s].alpha, 0, 6e-4, "segment %d: alpha as published", s);
		close_to(beta, segments[s].beta, 0, 6e-4, "segment %d: beta as published", s);
		close_to(alpha, segments[s].exact[0], 1e-6, 0, "segment %d: alpha", s);
		close_to(beta, segments[s].exact[1], 1e-6, 0, "segment %d: beta", s);
		errors = ps_value_get(fit_parameters(&fit), "standard_errors");
		close_to(ps_value_number_or(errors, "alpha", NAN), segments[s].exact[2], 1e-5, 0, "segment %d: error of alpha", s);
		close_to(ps_value_number_or(errors, "beta", NAN), segments[s].exact[3], 1e-5, 0, "segment %d: error of beta", s);
		close_to(ps_value_number_or(fit_parameters(&fit), "log_likelihood", NAN), segments[s].exact[4], 1e-13, 0,
				 "segment %d: log-likelihood", s);
		close_to(ask(&h.env, &fit, PS_ASK_SCORE, &cell, INFINITY, 0), alpha / (alpha + beta + 3), 1e-14, 0,
				 "churn at the next renewal after 3");
		close_to(ask(&h.env, &fit, PS_ASK_CHURN, &cell, 365.25, 0), alpha / (alpha + beta + 3), 1e-12, 0,
				 "the same as within one year");
		close_to(ask(&h.env, &fit, PS_ASK_CHURN, &cell, 730.5, 0),
				 1 - (beta + 3) / (alpha + beta + 3) * (beta + 4) / (alpha + beta + 4), 1e-12, 0, "and within two");
		ok(isnan(ask(&h.env, &fit, PS_ASK_LIFETIME, &cell, INFINITY, 0)), "an infinite expected lifetime is null");
		host_free(&h);
	}
}

static fitted
make(const ps_env *env, const char *parameters)
{
	static const char options[] = "{\"duration\": \"tenure\"}";
	fitted		made = {0};
	ps_value   *given;
	ps_value   *chosen;

	made.status = ps_json_read(env, parameters, strlen(parameters), &given, &made.error);
	if (made.status == PS_OK)
		made.status = ps_json_read(env, options, strlen(options), &chosen, &made.error);
	if (made.status == PS_OK)
		made.status = ps_model_make(env, ps_learner_find("shifted_beta_geometric"), given, chosen, &made.document, &made.error);
	if (made.status == PS_OK)
		made.status = ps_model_open(env, made.document, &made.model, &made.error);
	return made;
}

/* Survival by known parameters, also far out and where contracts are all alike: references by mpmath with 40 digits. */
static void
check_far(void)
{
	static const struct
	{
		const char *parameters;
		double		periods;
		double		log_survival;
	}			cases[] = {
		{"{\"alpha\": 3, \"beta\": 2}", 1e9, -58.991743689491288},
		{"{\"alpha\": 25.7, \"beta\": 307.2}", 1e60, -3402.3834491706062},
		{"{\"alpha\": 1e8, \"beta\": 9e8}", 24, -2.5286523451211651}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		host		h;
		fitted		model;
		ps_cell		cell = number_cell(0);
		double		alive;

		host_init(&h);
		model = make(&h.env, cases[i].parameters);
		alive = ask(&h.env, &model, PS_ASK_ALIVE, &cell, cases[i].periods, 0);
		close_to(alive, exp(cases[i].log_survival), 1e-12, 0, "survival after %g periods", cases[i].periods);
		cell = number_cell(cases[i].periods);
		alive = ask(&h.env, &model, PS_ASK_ALIVE, &cell, 12, 0);
		ok(alive > 0 && alive <= 1, "and 12 more: %g", alive);
		host_free(&h);
	}
}

/* A curve shown beside what was counted: the counts are those of kaplan_meier, or sums of them where it has more. */
static void
check_table(void)
{
	static contracts c;
	host		h;
	fitted		counted;
	fitted		fit;

	c.n = 3000;
	c.has_weight = true;
	for (size_t i = 0; i < c.n; i++)
	{
		c.duration[i] = 1 + (double) (i * i % 1009);
		c.ended[i] = i % 3 != 0;
		c.weight[i] = 1 + (double) (i % 2);
	}
	for (int few = 0; few < 2; few++)
	{
		const ps_value *curve;
		const double *times;
		const double *at_risk;
		const double *survival;
		size_t		count;
		double		ended = 0;
		double		all = 0;
		double		last = 1;
		bool		same = true;
		bool		falls = true;

		for (size_t i = 0; few == 1 && i < c.n; i++)
			c.duration[i] = ceil(c.duration[i] / 10);
		for (size_t i = 0; i < c.n; i++)
			all += c.ended[i] != 0 ? c.weight[i] : 0;
		host_init(&h);
		counted = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\"}");
		fit = fit_frame(&h.env, contract_frame(&h.env, &c), "weibull_aft", "{\"duration\":\"tenure\"}");
		curve = ps_value_get(fit_parameters(&fit), "curves")->items[0];
		count = ps_value_get(curve, "times")->count;
		times = ps_value_get(curve, "times")->numbers;
		at_risk = ps_value_get(curve, "at_risk")->numbers;
		survival = ps_value_get(curve, "survival")->numbers;
		for (size_t i = 0; i < count; i++)
		{
			ps_cell		cell = number_cell(0);

			ended += ps_value_get(curve, "ended")->numbers[i];
			same = same && at_risk[i] == curve_number(&counted, 0, "at_risk", times[i]);
			falls = falls && survival[i] < last && fabs(survival[i] - ask(&h.env, &fit, PS_ASK_ALIVE, &cell, times[i], 0)) < 1e-12;
			last = survival[i];
		}
		ok(few == 1 ? same && count == ps_value_get(ps_value_get(fit_parameters(&counted), "curves")->items[0], "times")->count :
		   !same && count > 150 && count <= 201, "%d times", (int) count);
		close_to(ended, all, 1e-12, 0, "all ends are there");
		ok(falls, "survival is what the model answers");
		host_free(&h);
	}
}

/* Curves of which the expectations are known. */
static double
exponential(const ps_survival_curve *curve, double time)
{
	return -curve->numbers[0] * time;
}

static double
weibull(const ps_survival_curve *curve, double time)
{
	return -pow(time, curve->numbers[0]);
}

static double
pareto(const ps_survival_curve *curve, double time)
{
	return -curve->numbers[0] * log1p(time);
}

static void
check_expectations(void)
{
	ps_survival_curve curve = {exponential, NULL, INFINITY, NULL, {0.01}, NULL};

	close_to(ps_survival_expectation(&curve, 5, INFINITY, 0), 100, 1e-12, 0, "exponential: 1 / rate");
	close_to(ps_survival_expectation(&curve, 5, INFINITY, 0.02), 1 / 0.03, 1e-12, 0, "discounted");
	close_to(ps_survival_expectation(&curve, 5, 30, 0.02), -expm1(-0.9) / 0.03, 1e-12, 0, "within a horizon");
	curve.log_survival = weibull;
	curve.numbers[0] = 0.5;
	close_to(ps_survival_expectation(&curve, 0, INFINITY, 0), 2, 1e-10, 0, "Weibull of shape 0.5: Gamma(3)");
	curve.numbers[0] = 3;
	close_to(ps_survival_expectation(&curve, 0, INFINITY, 0), exp(ps_log_gamma(4.0 / 3)), 1e-12, 0, "Weibull of shape 3");
	curve.log_survival = pareto;
	curve.numbers[0] = 1.25;
	close_to(ps_survival_expectation(&curve, 0, INFINITY, 0), 4, 1e-8, 0, "a tail of power 1.25");
	close_to(ps_survival_expectation(&curve, 0, 15, 0), 2, 1e-12, 0, "and within a horizon");
	curve.numbers[0] = 1;
	ok(isnan(ps_survival_expectation(&curve, 0, INFINITY, 0)), "a tail of power 1 has none");
	close_to(ps_survival_expectation(&curve, 0, INFINITY, 1), 0.5963473623231940743, 1e-12, 0,
			 "but a discounted one: e E_1(1)");
}

/* The steps of a curve, its horizon, and money. */
static void
check_steps(void)
{
	static contracts c = {.n = 4,.duration = {1, 2, 2, 4},.ended = {1, 1, 0, 0}};
	ps_cell		cell = number_cell(0);
	host		h;
	fitted		fit;

	/* S = 1 up to 1, 3/4 up to 2, 1/2 up to 4 */
	host_init(&h);
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\"}");
	close_to(ask(&h.env, &fit, PS_ASK_LIFETIME, &cell, 4, 0), 1 + 0.75 + 0.5 * 2, 1e-15, 0, "expected days of the first four");
	close_to(ask(&h.env, &fit, PS_ASK_CHURN, &cell, 1.5, 0), 0.25, 1e-15, 0, "churn within a day and a half");
	close_to(ask(&h.env, &fit, PS_ASK_ALIVE, &cell, 2, 0), 0.5, 1e-15, 0, "alive after two");
	close_to(ask(&h.env, &fit, PS_ASK_ALIVE, &cell, INFINITY, 0), 1, 0, 0, "alive now");
	ok(isnan(ask(&h.env, &fit, PS_ASK_CHURN, &cell, 5, 0)), "unknown beyond the longest duration");
	ok(isnan(ask(&h.env, &fit, PS_ASK_LIFETIME, &cell, INFINITY, 0)), "so is the whole lifetime");
	ok(ask(&h.env, &fit, PS_ASK_CHURN, &cell, INFINITY, 0) == -INFINITY, "churn needs a horizon");
	ok(ask(&h.env, &fit, PS_ASK_VALUE, &cell, 3, 0) == -INFINITY, "value needs a margin");
	cell = number_cell(1);
	close_to(ask(&h.env, &fit, PS_ASK_CHURN, &cell, 1, 0), 1.0 / 3, 1e-15, 0, "given that one day has passed");
	host_free(&h);
}

static void
check_refusals(void)
{
	static const struct
	{
		double		duration;
		double		ended;
		const char *method;
		const char *words;
	}			cases[] = {
		{-1, 1, "kaplan_meier", "negative"},
		{3, 2, "kaplan_meier", "must be 1 where the contract has ended"},
		{3, 0, "kaplan_meier", "none of the 1 contracts has ended"},
		{NAN, 1, "kaplan_meier", "no row with a known duration"},
		{2.5, 1, "shifted_beta_geometric", "no whole number of periods"},
		{0, 1, "shifted_beta_geometric", "ended with a duration of 0"}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		static contracts c;
		host		h;
		fitted		fit;

		c.n = 1;
		c.duration[0] = cases[i].duration;
		c.ended[0] = cases[i].ended;
		host_init(&h);
		fit = fit_frame(&h.env, contract_frame(&h.env, &c), cases[i].method, "{\"duration\":\"tenure\"}");
		ok(fit.status != PS_OK && strstr(fit.error.message, cases[i].words) != NULL, "refused: %s (%s)", cases[i].words,
		   fit.status == PS_OK ? "taken" : fit.error.message);
		host_free(&h);
	}
}

/* Quality by hand: three contracts, all ended, predicted by their own curve. */
static void
check_quality(void)
{
	static contracts c = {.n = 42,.has_stratum = true};
	host		h;
	fitted		fit;
	ps_value   *metrics;
	ps_error	error;
	double		loss;

	for (size_t i = 0; i < 42; i++)
	{
		c.stratum[i] = i < 20 ? "short" : "long";
		c.duration[i] = i < 20 ? 1 + (double) i : 30 + (double) i;
		c.ended[i] = 1;
	}
	host_init(&h);
	fit = fit_frame(&h.env, contract_frame(&h.env, &c), "kaplan_meier", "{\"duration\":\"tenure\",\"strata\":[\"plan\"]}");
	ok(ps_model_evaluate(&h.env, fit.model, contract_frame(&h.env, &c), &metrics, &loss, &error) == PS_OK, "evaluate");
	/* 20 x 22 pairs across the strata are right; those within, 190 + 231, are ties */
	close_to(ps_value_number_or(metrics, "concordance", NAN), (440 + 0.5 * 421) / 861, 1e-12, 0, "concordance");
	ok(loss > 0 && loss < 0.25, "integrated Brier score %g is below that of knowing nothing", loss);
	host_free(&h);
}

static ps_status
fit_for_faults(const ps_env *env)
{
	static contracts c = {.n = 6,.has_stratum = true,.duration = {1, 2, 2, 3, 4, 5},.ended = {1, 1, 0, 1, 0, 1},
	.stratum = {"a", "b", "a", "b", "a", "b"}};
	ps_frame   *frame = contract_frame(env, &c);
	fitted		fit;
	ps_error	error;
	ps_value   *metrics;
	double		loss;

	if (frame == NULL)
		return PS_OUT_OF_MEMORY;
	fit = fit_frame(env, frame, "kaplan_meier", "{\"duration\":\"tenure\",\"strata\":[\"plan\"]}");
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

	check_expectations();
	check_far();
	check_table();
	check_steps();
	check_log_rank();
	check_retention();
	check_quality();
	check_refusals();
	check_rossi();
	check_telco();
	close_to(ps_chi_squared_tail(3.841458820694124, 1), 0.05, 1e-12, 0, "chi-squared tail, 1 degree");
	close_to(ps_chi_squared_tail(18.307038053275147, 10), 0.05, 1e-12, 0, "10 degrees");
	close_to(ps_chi_squared_tail(7.814727903251179, 3), 0.05, 1e-12, 0, "3 degrees");
	wrong = inject_faults(fit_for_faults, &allocations, &polls);
	ok(wrong == 0 && allocations > 10 && polls > 3, "%d faults injected, %d handled wrongly", (int) (allocations + 2 * polls),
	   (int) wrong);
	return tap_done();
}
