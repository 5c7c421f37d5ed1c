/*-------------------------------------------------------------------------
 *
 * test_cox.c
 *	  The method cox: published fits, ties, late entries, strata.
 *
 *-------------------------------------------------------------------------
 */
#include "contract_rows.h"

/* The cumulative hazard at the end of the first baseline. */
static double
last_hazard(const fitted *fit)
{
	const ps_value *hazard = ps_value_get(ps_value_get(fit_parameters(fit), "curves")->items[0], "cumulative_hazard");

	return hazard->numbers[hazard->count - 1];
}

/* Reference: R's survival and lifelines, which agree to all digits given. */
static void
check_rossi(void)
{
	static const double coefficients[7] = {-0.37942217, -0.05743774, 0.31389979, -0.14979570, -0.43370388, -0.08487108,
	0.09149708};
	static const double errors[7] = {0.19137948, 0.02199947, 0.30799278, 0.21222430, 0.38186806, 0.19575667, 0.02864855};
	static table t;
	host		h;
	fitted		fit;
	ps_value   *metrics;
	ps_error	error;
	ps_cell		cells[8];
	double		loss;
	double		baseline = 0;
	double		contributions[8] = {0};
	double		sum;

	if (!read_rossi(&t))
		return;
	host_init(&h);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"week\",\"time_unit\":\"week\"}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "rossi: converged (%s)",
	   fit.status == PS_OK ? "" : fit.error.message);
	for (size_t j = 0; j < 7; j++)
	{
		close_to(term(&fit, j, "coefficient"), coefficients[j], 0, 1e-7, "rossi: coefficient of %s", t.columns[j].name);
		close_to(term(&fit, j, "standard_error"), errors[j], 0, 1e-7, "its standard error");
	}
	close_to(term(&fit, 0, "hazard_ratio"), exp(-0.37942217), 1e-7, 0, "its hazard ratio");
	close_to(number(&fit, "null_log_likelihood"), -675.3806323, 0, 1e-6, "log-likelihood without columns");
	close_to(number(&fit, "log_likelihood"), -658.7476594, 0, 1e-6, "log-likelihood");
	close_to(ps_value_number_or(ps_value_get(fit_parameters(&fit), "likelihood_ratio"), "chi_squared", NAN), 33.2659, 0, 1e-4,
			 "likelihood ratio");
	ok(ps_model_evaluate(&h.env, fit.model, table_frame(&h.env, &t), &metrics, &loss, &error) == PS_OK, "evaluate");
	close_to(ps_value_number_or(metrics, "concordance", NAN), 0.6403292, 0, 1e-6, "concordance");
	/* from the Schoenfeld residuals of lifelines 0.30.3, with average ranks of tied times */
	close_to(term(&fit, 1, "proportionality_chi_squared"), 11.1572803490, 1e-7, 0, "proportionality of age");
	close_to(term(&fit, 3, "proportionality_chi_squared"), 7.3102577574, 1e-7, 0, "proportionality of wexp");
	/* sum over times of 1 / (S0 - l / d D0), from the same coefficients in numpy; Breslow's would be .274373 */
	close_to(last_hazard(&fit), 0.2752958660864, 1e-8, 0, "the baseline's cumulative hazard after 52 weeks");

	/* the score is explained exactly */
	ps_frame_row(table_frame(&h.env, &t), 5, cells);
	ok(ps_model_explain(&h.env, fit.model, cells, &baseline, contributions, &error) == PS_OK, "explain");
	sum = baseline;
	for (size_t j = 0; j < 8; j++)
		sum += contributions[j];
	close_to(sum, score_cells(&h.env, &fit, cells), 1e-12, 1e-12, "contributions sum to the score");

	fit = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"week\",\"ties\":\"breslow\"}");
	close_to(number(&fit, "log_likelihood"), -659.1206057, 0, 1e-6, "Breslow's ties: log-likelihood");

	/* weights of 2 are two of each with Breslow's ties: the log-likelihood loses ended * log 2 in each */
	t.weighted = true;
	for (size_t i = 0; i < t.n; i++)
		t.weight[i] = 2;
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"week\",\"ties\":\"breslow\"}");
	close_to(number(&fit, "log_likelihood"), 2 * (-659.1206057 - 114 * log(2)), 0, 1e-5, "weights of 2");
	host_free(&h);
}

static void
check_telco(void)
{
	static const char *const names[] = {"monthly", "two_year", "fiber", "check", "senior", "charges", "tenure"};
	static const double coefficients[6] = {1.95137642, -1.92555507, 1.20986031, 0.54763932, -0.08039439, -0.02042553};
	static const double errors[6] = {0.08547406, 0.16943161, 0.10060706, 0.04949980, 0.05498043, 0.00175767};	/* lifelines 0.30.3 */
	static table t;
	FILE	   *file = open_data("telco_churn/telco_churn.csv");
	char		line[LINE_MAX_LENGTH];
	char	   *fields[FIELDS_MAX];
	host		h;
	fitted		fit;

	if (file == NULL)
		return;
	t.ncolumns = 7;
	for (size_t j = 0; j < 7; j++)
		t.columns[j] = (ps_column) {names[j], PS_TYPE_NUMBER};
	while (next_line(file, line, fields) >= 21)
	{
		double	   *x = t.x[t.n];

		x[0] = strcmp(fields[15], "Month-to-month") == 0;
		x[1] = strcmp(fields[15], "Two year") == 0;
		x[2] = strcmp(fields[8], "Fiber optic") == 0;
		x[3] = strcmp(fields[17], "Electronic check") == 0;
		x[4] = atof(fields[2]);
		x[5] = atof(fields[18]);
		x[6] = atof(fields[5]);
		t.ended[t.n] = strcmp(fields[20], "Yes") == 0;
		t.n += x[6] > 0;
	}
	fclose(file);
	host_init(&h);
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"tenure\",\"time_unit\":\"month\"}");
	ok(fit.status == PS_OK && t.n == 7032, "telco: fit of %d contracts (%s)", (int) t.n,
	   fit.status == PS_OK ? "" : fit.error.message);
	for (size_t j = 0; j < 6; j++)
	{
		close_to(term(&fit, j, "coefficient"), coefficients[j], 0, 1e-7, "telco: coefficient of %s", names[j]);
		close_to(term(&fit, j, "standard_error"), errors[j], 0, 1e-7, "its standard error");
	}
	close_to(number(&fit, "log_likelihood"), -14198.33865, 0, 1e-5, "telco: log-likelihood");
	fit = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"tenure\",\"ties\":\"breslow\"}");
	close_to(number(&fit, "log_likelihood"), -14238.03104, 0, 1e-5, "telco: with Breslow's ties");
	host_free(&h);
}

/* A contract cut into parts at any times is the same contract. */
static void
check_parts(void)
{
	static table whole;
	static table parts;
	host		h;
	fitted		a;
	fitted		b;

	whole.ncolumns = 3;
	whole.columns[0] = (ps_column) {"x", PS_TYPE_NUMBER};
	whole.columns[1] = (ps_column) {"plan", PS_TYPE_NUMBER};
	whole.columns[2] = (ps_column) {"until", PS_TYPE_NUMBER};
	parts = whole;
	parts.ncolumns = 4;
	parts.columns[3] = (ps_column) {"since", PS_TYPE_NUMBER};
	whole.n = 300;
	for (size_t i = 0; i < whole.n; i++)
	{
		double		x = sin(1.7 * (double) i);
		double		until = ceil(10 * exp(-0.7 * x) * (0.2 + fabs(cos(2.3 * (double) i * (double) i))));
		double		since = 0;

		whole.x[i][0] = x;
		whole.x[i][1] = (double) (i % 3);
		whole.x[i][2] = until;
		whole.ended[i] = i % 4 != 0;
		while (since < until)
		{
			double	   *row = parts.x[parts.n];

			row[0] = x;
			row[1] = (double) (i % 3);
			row[3] = since;
			row[2] = since = fmin(since + 3 + (double) (i % 5), until);
			parts.ended[parts.n++] = since == until && whole.ended[i];
		}
	}
	host_init(&h);
	a = fit_frame(&h.env, table_frame(&h.env, &whole), "cox", "{\"duration\":\"until\",\"strata\":[\"plan\"]}");
	b = fit_frame(&h.env, table_frame(&h.env, &parts), "cox",
				  "{\"duration\":\"until\",\"entry\":\"since\",\"strata\":[\"plan\"]}");
	ok(a.status == PS_OK && b.status == PS_OK && parts.n > 500, "%d parts (%s)", (int) parts.n,
	   b.status == PS_OK ? "" : b.error.message);
	close_to(number(&b, "log_likelihood"), number(&a, "log_likelihood"), 1e-12, 0, "parts: the same log-likelihood");
	close_to(term(&b, 0, "coefficient"), term(&a, 0, "coefficient"), 1e-6, 0, "parts: the same coefficient");
	host_free(&h);
}

/* Units, duplicates of columns, columns that say everything. */
static void
check_awkward(void)
{
	static table t;
	host		h;
	fitted		a;
	fitted		b;

	t.ncolumns = 3;
	t.columns[0] = (ps_column) {"x", PS_TYPE_NUMBER};
	t.columns[1] = (ps_column) {"same", PS_TYPE_NUMBER};
	t.columns[2] = (ps_column) {"until", PS_TYPE_NUMBER};
	t.n = 200;
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][0] = sin(1.7 * (double) i);
		t.x[i][1] = 1e6 + 1e3 * t.x[i][0];
		t.x[i][2] = 10 * exp(-0.7 * t.x[i][0]) * (0.2 + fabs(cos(2.3 * (double) i * (double) i)));
		t.ended[i] = i % 4 != 0;
	}
	host_init(&h);
	a = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"until\"}");
	ok(a.status == PS_OK && has_note(&a, "linear combination"), "a copy of a column is left out");
	for (size_t i = 0; i < t.n; i++)
		t.x[i][2] *= 86400;
	b = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"until\"}");
	close_to(term(&b, 0, "coefficient"), term(&a, 0, "coefficient"), 1e-9, 0, "seconds for days change no coefficient");
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][1] = i % 2 == 0;
		t.x[i][2] = i % 2 == 0 ? 1 + (double) i / 1000 : 50 + (double) i;
		t.ended[i] = i % 2 == 0;
	}
	b = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"until\"}");
	ok(b.status == PS_OK && strcmp(fit_status(&b), "separated") == 0, "a column that says who ends: %s", fit_status(&b));
	host_free(&h);
}

/* A row that is at risk at no time at which contracts end says nothing, whatever its predictor. */
static void
check_bystander(void)
{
	static table t;
	host		h;
	fitted		without;
	fitted		with;

	t.ncolumns = 2;
	t.columns[0] = (ps_column) {"x", PS_TYPE_NUMBER};
	t.columns[1] = (ps_column) {"until", PS_TYPE_NUMBER};
	t.n = 600;
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][0] = sin(1.7 * (double) i);
		t.x[i][1] = ceil(20 * exp(-0.7 * t.x[i][0]) * (0.2 + fabs(cos(2.3 * (double) i * (double) i))));
		t.ended[i] = i % 4 != 0;
	}
	host_init(&h);
	without = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"until\"}");
	t.x[t.n][0] = 100;
	t.x[t.n++][1] = 0.5;
	with = fit_frame(&h.env, table_frame(&h.env, &t), "cox", "{\"duration\":\"until\"}");
	ok(without.status == PS_OK && with.status == PS_OK && 100 * term(&without, 0, "coefficient") > 150, "a predictor far out (%g)",
	   100 * term(&without, 0, "coefficient"));
	close_to(number(&with, "log_likelihood"), number(&without, "log_likelihood"), 1e-12, 0, "bystander: the same log-likelihood");
	close_to(term(&with, 0, "coefficient"), term(&without, 0, "coefficient"), 1e-9, 0, "the same coefficient");
	close_to(term(&with, 0, "standard_error"), term(&without, 0, "standard_error"), 1e-9, 0, "the same standard error");
	close_to(term(&with, 0, "proportionality_chi_squared"), term(&without, 0, "proportionality_chi_squared"), 1e-7, 0,
			 "the same test of proportionality");
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

	t.ncolumns = 2;
	t.columns[0] = (ps_column) {"x", PS_TYPE_NUMBER};
	t.columns[1] = (ps_column) {"until", PS_TYPE_NUMBER};
	t.n = 30;
	for (size_t i = 0; i < t.n; i++)
	{
		t.x[i][0] = sin((double) i);
		t.x[i][1] = 1 + (double) (i * i % 11);
		t.ended[i] = i % 3 != 0;
	}
	frame = table_frame(env, &t);
	if (frame == NULL)
		return PS_OUT_OF_MEMORY;
	fit = fit_frame(env, frame, "cox", "{\"duration\":\"until\"}");
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
	check_telco();
	check_parts();
	check_awkward();
	check_bystander();
	wrong = inject_faults(fit_for_faults, &allocations, &polls);
	ok(wrong == 0 && allocations > 10 && polls > 3, "%d faults injected, %d handled wrongly",
	   (int) (allocations + 2 * polls), (int) wrong);
	return tap_done();
}
