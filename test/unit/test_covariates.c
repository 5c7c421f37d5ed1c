/*-------------------------------------------------------------------------
 *
 * test_covariates.c
 *	  Covariates of bg_nbd, mbg_nbd, pareto_nbd and clv.
 *
 * Customers are simulated with known coefficients from a fixed sequence, so
 * that every number is the same in every run.  Fits are checked by what
 * defines them, from the log-likelihoods of single customers alone: the value,
 * a gradient of 0 and standard errors from the Hessian, both by central
 * differences.  They are also compared with maxima found independently: the
 * same customers made by a Python program, the published closed forms summed with
 * numpy 2.4.6, maximised by scipy 1.17.1 and polished by Newton steps on differences of
 * fourth order; the values of the beta-geometric laws confirmed with 30 digits by mpmath
 * 1.4.1, the integral of Pareto/NBD taken with 200 nodes of Gauss and Legendre.
 * Differences leave errors in the last of the digits given.
 *
 *-------------------------------------------------------------------------
 */
#include "buyers.h"
#include "ps_dense.h"
#include "ps_purchase.h"

#define CUSTOMERS 3000
#define COLUMNS 8
#define TERMS 7					/* r, alpha, a or s, b or beta; two coefficients of purchases, one of lifetimes */

static const ps_column columns[COLUMNS] = {
	{"x", PS_TYPE_NUMBER}, {"t_x", PS_TYPE_NUMBER}, {"t", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN},
	{"size", PS_TYPE_NUMBER}, {"shop", PS_TYPE_TEXT}, {"twice", PS_TYPE_NUMBER}, {"m", PS_TYPE_NUMBER}
};

#define BEHAVIOUR "\"frequency\": \"x\", \"recency\": \"t_x\", \"tenure\": \"t\""
#define THREE "{" BEHAVIOUR ", \"purchase_covariates\": [\"member\", \"size\"], \"lifetime_covariates\": [\"size\"]}"

static const double truth_purchase[] = {0.8, -0.3};
static const double truth_lifetime = 0.5;

typedef struct reference
{
	double		log_likelihood,
				values[4],		/* r, alpha, a or s, b or beta */
				coefficients[3],
				errors[TERMS];	/* of the logarithms of values, and of coefficients */
} reference;

static const reference reference_bg = {
	-30785.928586629, {0.8809630579, 5.067625476, 0.8299942659, 2.6657613218},
	{0.8401945999, -0.285064446, 0.3592296444},
	{0.0339717376, 0.0612527645, 0.1140067642, 0.1356783996, 0.0502216612, 0.0308634844, 0.1059697999}
};
static const reference reference_mbg = {
	-26292.378939218, {0.8767120001, 4.9242863411, 0.8627382931, 3.0037226381},
	{0.8144701472, -0.3197874837, 0.545573622},
	{0.0692989572, 0.081521152, 0.1158139803, 0.1534922611, 0.0590117363, 0.0359451386, 0.1317973107}
};

static const reference reference_pareto = {
	-35599.802770803, {0.955824526, 5.3665536895, 1.2743587921, 49.0139563137},
	{0.7920364171, -0.3017922307, 0.4726795734},
	{0.0473260108, 0.060591493, 0.1695491321, 0.224135367, 0.0465086502, 0.0291921146, 0.0509407066}
};

static double
normal(int64_t *state)
{
	double		radius = sqrt(-2 * log(uniform(state)));

	return radius * cos(2 * 3.14159265358979 * uniform(state));
}

/* Gamma with rate 1 (Marsaglia and Tsang 2000). */
static double
gamma_of(int64_t *state, double shape)
{
	double		d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3,
				boost = shape < 1 ? pow(uniform(state), 1 / shape) : 1;

	for (;;)
	{
		double		z = normal(state),
					v = pow(1 + z / sqrt(9 * d), 3);

		if (v > 0 && log(uniform(state)) < z * z / 2 + d - d * v + d * log(v))
			return boost * d * v;
	}
}

/* Simulate row i: with 3 sizes, half members. */
static void
simulate(const ps_purchase_law *law, int64_t *state, size_t i, ps_cell *row)
{
	double		member = (double) (i % 2),
				size = (double) (i / 2 % 3),
				purchase = truth_purchase[0] * member + truth_purchase[1] * size,
				lifetime = truth_lifetime * size,
				tenure = 30 + (double) (i % 7) * 4,
				rate = gamma_of(state, 0.9) / (5 * exp(-purchase)),
				end = INFINITY,
				dropout = 0,
				time = 0,
				last = 0,
				count = 0;

	if (law == &ps_law_pareto_nbd)
	{
		double		waited = -log(uniform(state));

		end = waited / (gamma_of(state, 1.5) / (60 * exp(-lifetime)));
	}
	else
	{
		double		a = gamma_of(state, 0.8 * exp(lifetime)),
					b = gamma_of(state, 2.5 * exp(lifetime));

		dropout = a / (a + b);
		if (law == &ps_law_mbg_nbd && uniform(state) < dropout)
			end = 0;
	}
	for (;;)
	{
		time -= log(uniform(state)) / rate;
		if (time > tenure || time > end)
			break;
		count++;
		last = time;
		if (dropout > 0 && uniform(state) < dropout)
			break;
	}
	memset(row, 0, COLUMNS * sizeof(*row));
	row[0].number = count;
	row[1].number = last;
	row[2].number = tenure;
	row[3].number = member;
	row[4].number = size;
	row[5].text = i % 3 == 0 ? "north" : i % 3 == 1 ? "south" : "west";
	row[5].length = strlen(row[5].text);
	row[6].number = 2 * size + 1;
	row[7].number = 10 + count;
}

static ps_cell *
simulate_all(const ps_purchase_law *law, int64_t seed, size_t n)
{
	ps_cell    *rows = calloc(n * COLUMNS, sizeof(*rows));

	for (size_t i = 0; i < n; i++)
		simulate(law, &seed, i, rows + i * COLUMNS);
	return rows;
}

/* A number of term i of a part. */
static double
term(const fitted *f, const char *part, size_t i, const char *name)
{
	const ps_value *object = ps_value_get(ps_value_get(f->document, "parameters"), "covariates"),
			   *terms = object == NULL ? NULL : ps_value_get(ps_value_get(object, part), "terms");

	return terms == NULL || i >= terms->count ? NAN : ps_value_number_or(terms->items[i], name, NAN);
}

static double
fact(const fitted *f, const char *name)
{
	return ps_value_number_or(ps_value_get(ps_value_get(f->document, "parameters"), "covariates"), name, NAN);
}

static const char *
status_of(const fitted *f)
{
	return ps_value_text_or(ps_value_get(f->document, "parameters"), "status", "");
}

static bool
is_noted(const fitted *f, const char *text)
{
	for (size_t i = 0; i < f->notes->count; i++)
	{
		if (strstr(f->notes->items[i]->text, text) != NULL)
			return true;
	}
	return false;
}

/* Log-likelihood of the rows at log parameters and coefficients, by the definition. */
static double
direct(const ps_purchase_law *law, const ps_cell *rows, size_t n, const double *theta)
{
	bool		pareto = law == &ps_law_pareto_nbd;
	double		sum = 0;

	for (size_t i = 0; i < n; i++, rows += COLUMNS)
	{
		double		purchase = theta[4] * rows[3].number + theta[5] * rows[4].number,
					lifetime = theta[6] * rows[4].number;
		ps_purchase m = {law, {exp(theta[0]), exp(theta[1] - purchase), exp(theta[2] + (pareto ? 0 : lifetime)),
		exp(theta[3] + (pareto ? -lifetime : lifetime))}};

		sum += law->log_likelihood(&m, rows[0].number, rows[1].number, rows[2].number);
	}
	return sum;
}

/* The fit is the maximum, with the errors that the curvature there tells. */
static void
check_maximum(host *h, const ps_purchase_law *law, const fitted *f, const ps_cell *rows, size_t n,
			  const reference *known)
{
	const ps_value *errors = ps_value_get(ps_value_get(f->document, "parameters"), "standard_errors");
	double		theta[TERMS],
				error[TERMS],
				hessian[TERMS * TERMS],
				worst = 0,
				step = 1e-3;
	bool		dependent[TERMS];
	size_t		rank;
	ps_error	failure;

	for (int i = 0; i < 4; i++)
	{
		theta[i] = log(parameter(f, "", law->names[i]));
		error[i] = ps_value_number_or(errors, law->names[i], NAN) / parameter(f, "", law->names[i]);
	}
	for (size_t i = 4; i < TERMS; i++)
	{
		theta[i] = i < 6 ? term(f, "purchase", i - 4, "coefficient") : term(f, "lifetime", 0, "coefficient");
		error[i] = i < 6 ? term(f, "purchase", i - 4, "standard_error") : term(f, "lifetime", 0, "standard_error");
	}
	close_to(parameter(f, "", "log_likelihood"), known->log_likelihood, 1e-12, 0, "%s: the best log-likelihood", law->method);
	for (int i = 0; i < TERMS; i++)
	{
		close_to(theta[i], i < 4 ? log(known->values[i]) : known->coefficients[i - 4], 0, 1e-3 * error[i], "%s: theta %d",
				 law->method, i);
		close_to(error[i], known->errors[i], 1e-4, 0, "%s: its standard error", law->method);
	}
	close_to(direct(law, rows, n, theta), parameter(f, "", "log_likelihood"), 1e-11, 0, "%s: log-likelihood", law->method);
	for (int i = 0; i < TERMS; i++)
		for (int j = 0; j <= i; j++)
		{
			double		corner[4],
						point[TERMS];

			for (int k = 0; k < 4; k++)
			{
				memcpy(point, theta, sizeof(point));
				point[i] += (k & 1) != 0 ? step : -step;
				point[j] += (k & 2) != 0 ? step : -step;
				corner[k] = direct(law, rows, n, point);
			}
			hessian[i * TERMS + j] = -(corner[3] - corner[2] - corner[1] + corner[0]) / (4 * step * step);

			/* the third derivatives leave an error of the order of step squared, times the curvature */
			if (i == j)
				worst = fmax(worst, fabs(corner[3] - corner[0]) / (4 * step) * error[i]);
		}
	ok(worst < 1e-3, "%s: gradient is 0 (%.1e standard errors)", law->method, worst);
	ps_cholesky(&h->env, hessian, TERMS, 1e-12, dependent, &rank, &failure);
	for (size_t i = 0; i < TERMS; i++)
	{
		double		unit[TERMS] = {0},
					scratch[TERMS];

		unit[i] = 1;
		close_to(error[i], sqrt(ps_cholesky_inverse_form(hessian, TERMS, dependent, unit, i, scratch)), 1e-3, 0,
				 "%s: standard error %d", law->method, (int) i);
	}
}

static void
check_recovery(host *h, const ps_purchase_law *law, const reference *known)
{
	ps_cell    *rows = simulate_all(law, 4711, CUSTOMERS);
	fitted		f = fit_cells(h, law->method, THREE, columns, COLUMNS, rows, NULL, CUSTOMERS),
				plain = fit_cells(h, law->method, "{" BEHAVIOUR "}", columns, COLUMNS, rows, NULL, CUSTOMERS);

	if (!ok(f.status == PS_OK && plain.status == PS_OK && strcmp(status_of(&f), "converged") == 0, "%s: converges", law->method))
	{
		printf("# %s %s\n", f.error.message, plain.error.message);
		free(rows);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		ok(fabs(term(&f, "purchase", i, "coefficient") - truth_purchase[i]) < 3 * term(&f, "purchase", i, "standard_error"),
		   "%s: coefficient %d of purchases is near the truth", law->method, (int) i);
	ok(fabs(term(&f, "lifetime", 0, "coefficient") - truth_lifetime) < 3 * term(&f, "lifetime", 0, "standard_error"),
	   "%s: coefficient of lifetimes is near the truth", law->method);
	close_to(fact(&f, "log_likelihood_without"), parameter(&plain, "", "log_likelihood"), 1e-12, 0,
			 "%s: log-likelihood without covariates", law->method);
	close_to(fact(&f, "chi_squared"), 2 * (parameter(&f, "", "log_likelihood") - parameter(&plain, "", "log_likelihood")),
			 1e-9, 0, "%s: likelihood ratio", law->method);
	ok(fact(&f, "degrees_of_freedom") == 3 && fact(&f, "p") < 1e-6, "%s: the covariates matter", law->method);
	check_maximum(h, law, &f, rows, CUSTOMERS, known);
	free(rows);
}

/* Answers of a model for row i of rows. */
static double
ask_row(host *h, fitted *f, ps_question question, const ps_cell *row, double horizon)
{
	ps_cell		cells[COLUMNS];
	const ps_value *inputs = ps_value_get(f->document, "inputs");
	ps_request	request = {.has_horizon = horizon > 0,.horizon = horizon,.discount = 0.1};
	ps_answer	answer;

	for (size_t i = 0; i < inputs->count; i++)
		for (size_t j = 0; j < COLUMNS; j++)
		{
			if (strcmp(ps_value_text_or(inputs->items[i], "name", ""), columns[j].name) == 0)
				cells[i] = row[j];
		}
	f->status = ps_model_ask(&h->env, f->model, question, cells, &request, &answer, &f->error);
	return f->status != PS_OK || answer.null ? NAN : answer.number;
}

/* Answers are those of the law with the parameters of the row, also after a journey as bytes. */
static void
check_answers(host *h, const ps_purchase_law *law)
{
	bool		pareto = law == &ps_law_pareto_nbd;
	ps_cell    *rows = simulate_all(law, 99, CUSTOMERS);
	fitted		f = fit_cells(h, law->method, THREE, columns, COLUMNS, rows, NULL, CUSTOMERS);

	for (size_t i = 0; i < 12 && ok(f.status == PS_OK, "%s: fits", law->method); i++)
	{
		const ps_cell *row = rows + i * COLUMNS;
		double		purchase = term(&f, "purchase", 0, "coefficient") * row[3].number +
			term(&f, "purchase", 1, "coefficient") * row[4].number,
					lifetime = term(&f, "lifetime", 0, "coefficient") * row[4].number,
					survival,
					expected;
		ps_purchase m = {law, {parameter(&f, "", "r"), parameter(&f, "", "alpha") * exp(-purchase),
			parameter(&f, "", law->names[2]) * (pareto ? 1 : exp(lifetime)),
		parameter(&f, "", law->names[3]) * exp(pareto ? -lifetime : lifetime)}};

		law->forecast(&m, row[0].number, row[2].number, 26, &survival, &expected);
		close_to(ask_row(h, &f, PS_ASK_ALIVE, row, 0), ps_purchase_alive(&m, row[0].number, row[1].number, row[2].number),
				 1e-9, 0, "%s: P(alive), customer %d", law->method, (int) i);
		close_to(ask_row(h, &f, PS_ASK_PURCHASES, row, 26),
				 expected * ps_purchase_alive(&m, row[0].number, row[1].number, row[2].number), 1e-9, 0,
				 "%s: expected purchases, customer %d", law->method, (int) i);
	}
	free(rows);
}

/* 95 % intervals hold the truth in about 95 % of many small samples. */
static void
check_coverage(host *h)
{
	int			inside = 0,
				runs = 0;

	for (int64_t seed = 1; seed <= 50; seed++)
	{
		ps_cell    *rows = simulate_all(&ps_law_mbg_nbd, 1000 + seed * 7919, 500);
		fitted		f = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, rows, NULL, 500);

		for (size_t i = 0; i < 2 && !isnan(term(&f, "purchase", i, "lower")); i++)
		{
			runs++;
			inside += term(&f, "purchase", i, "lower") < truth_purchase[i] && truth_purchase[i] < term(&f, "purchase", i, "upper");
		}
		free(rows);
	}
	/* binomial with 0.95: below 88 or above 99 of 100 in less than 1 run of 100 */
	ok(runs >= 90 && inside >= 0.88 * runs && inside <= 0.995 * runs, "intervals hold the truth in %d of %d", inside, runs);
}

static void
check_same(const char *what, const fitted *f, const fitted *other, double size_factor)
{
	if (!ok(f->status == PS_OK && other->status == PS_OK, "%s: fits", what))
		return;
	close_to(parameter(other, "", "r"), parameter(f, "", "r"), 1e-7, 0, "%s: r", what);
	close_to(parameter(other, "", "a"), parameter(f, "", "a"), 1e-6, 0, "%s: a", what);
	for (size_t i = 0; i < 2; i++)
	{
		double		factor = i == 1 ? size_factor : 1;

		close_to(term(other, "purchase", i, "coefficient") * factor, term(f, "purchase", i, "coefficient"), 1e-6, 0,
				 "%s: coefficient %d", what, (int) i);
		close_to(term(other, "purchase", i, "standard_error") * factor, term(f, "purchase", i, "standard_error"), 1e-6, 0,
				 "%s: its standard error", what);
		close_to(term(other, "purchase", i, "z"), term(f, "purchase", i, "z"), 1e-6, 0, "%s: its z", what);
	}
	close_to(term(other, "lifetime", 0, "coefficient") * size_factor, term(f, "lifetime", 0, "coefficient"), 1e-5, 0,
			 "%s: coefficient of lifetimes", what);
}

static void
check_invariance(host *h)
{
	const size_t n = 900;
	ps_cell    *rows = simulate_all(&ps_law_mbg_nbd, 5, n),
			   *twice = calloc(2 * n * COLUMNS, sizeof(*twice)),
			   *changed = calloc(n * COLUMNS, sizeof(*changed));
	double	   *weights = calloc(n, sizeof(*weights));
	fitted		f = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, rows, NULL, n),
				other;
	size_t		copies = 0;

	for (size_t i = 0; i < n; i++)
	{
		weights[i] = i % 3 == 0 ? 2 : 1;
		for (int copy = 0; copy < (int) weights[i]; copy++)
			memcpy(twice + copies++ * COLUMNS, rows + i * COLUMNS, COLUMNS * sizeof(*rows));
	}
	other = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, rows, weights, n);
	{
		fitted		repeated = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, twice, NULL, copies);

		check_same("rows repeated instead of weights", &other, &repeated, 1);
		close_to(parameter(&repeated, "", "alpha"), parameter(&other, "", "alpha"), 1e-6, 0, "also alpha, with all columns 0");
	}

	memcpy(changed, rows, n * COLUMNS * sizeof(*rows));
	for (size_t i = 0; i < n; i++)
		changed[i * COLUMNS + 4].number = 1000 * rows[i * COLUMNS + 4].number;
	other = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, changed, NULL, n);
	check_same("a scaled column", &f, &other, 1000);
	close_to(parameter(&other, "", "alpha"), parameter(&f, "", "alpha"), 1e-6, 0, "alpha, with a scaled column");

	for (size_t i = 0; i < n; i++)
		memcpy(changed + i * COLUMNS, rows + (n - 1 - i) * COLUMNS, COLUMNS * sizeof(*rows));
	other = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, changed, NULL, n);
	check_same("rows in another order", &f, &other, 1);

	memcpy(changed, rows, n * COLUMNS * sizeof(*rows));
	for (size_t i = 0; i < n; i++)
	{
		changed[i * COLUMNS + 1].number *= 7;
		changed[i * COLUMNS + 2].number *= 7;
	}
	other = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, changed, NULL, n);
	check_same("days instead of weeks", &f, &other, 1);
	close_to(parameter(&other, "", "alpha"), 7 * parameter(&f, "", "alpha"), 1e-6, 0, "alpha is a time");

	/* the values at 0 are beyond any range; the answers are not */
	memcpy(changed, rows, n * COLUMNS * sizeof(*rows));
	for (size_t i = 0; i < n; i++)
		changed[i * COLUMNS + 4].number += 1e6;
	other = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, changed, NULL, n);
	ok(ps_value_get(ps_value_get(other.document, "parameters"), "alpha")->type == PS_NULL, "alpha at 0 is null");
	for (size_t i = 0; i < 6; i++)
		close_to(ask_row(h, &other, PS_ASK_PURCHASES, changed + i * COLUMNS, 26),
				 ask_row(h, &f, PS_ASK_PURCHASES, rows + i * COLUMNS, 26), 1e-6, 0, "a column far from 0, customer %d", (int) i);
	free(weights);
	free(changed);
	free(twice);
	free(rows);
}

static void
check_degenerate(host *h)
{
	const size_t n = 900;
	ps_cell    *rows = simulate_all(&ps_law_mbg_nbd, 5, n),
				cell;
	fitted		f = fit_cells(h, "mbg_nbd", "{" BEHAVIOUR ", \"purchase_covariates\": [\"size\", \"twice\"]}", columns, COLUMNS,
							  rows, NULL, n),
				other;
	double		log_likelihood;

	ok(f.status == PS_OK && strcmp(status_of(&f), "converged") == 0, "a collinear column does not harm");
	ok(is_noted(&f, "\"twice\" of \"purchase_covariates\""), "but is noted");
	ok(term(&f, "purchase", 1, "coefficient") == 0 && isnan(term(&f, "purchase", 1, "standard_error")), "its coefficient is 0");
	ok(fact(&f, "degrees_of_freedom") == 1, "and does not count");

	/* texts, with a level never seen and NULL: as the columns' means */
	f = fit_cells(h, "mbg_nbd", "{" BEHAVIOUR ", \"purchase_covariates\": [\"shop\", \"size\"]}", columns, COLUMNS, rows, NULL, n);
	ok(f.status == PS_OK && isfinite(term(&f, "purchase", 2, "p")) && isnan(term(&f, "purchase", 3, "p")),
	   "a text has a term for each level but one");
	cell = rows[5];
	rows[5] = (ps_cell) {.text = "east",.length = 4};
	ok(isfinite(ask_row(h, &f, PS_ASK_PURCHASES, rows, 26)), "a level never seen is answered");
	rows[5] = (ps_cell) {.null = true};
	ok(isfinite(ask_row(h, &f, PS_ASK_PURCHASES, rows, 26)), "and NULL");
	rows[5] = cell;
	rows[4].number = 1e300;
	ok(isfinite(ask_row(h, &f, PS_ASK_PURCHASES, rows, 26)), "and a number far away");
	rows[4].number = 0;

	/* a penalty */
	f = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, rows, NULL, n);
	log_likelihood = parameter(&f, "", "log_likelihood");
	other = fit_cells(h, "mbg_nbd", "{" BEHAVIOUR ", \"purchase_covariates\": [\"member\", \"size\"], "
					  "\"lifetime_covariates\": [\"size\"], \"penalty\": 100}", columns, COLUMNS, rows, NULL, n);
	ok(fabs(term(&other, "purchase", 0, "coefficient")) < fabs(term(&f, "purchase", 0, "coefficient")), "a penalty shrinks");
	ok(isnan(term(&other, "purchase", 0, "standard_error")), "and leaves no standard errors");
	ok(parameter(&other, "", "log_likelihood") < log_likelihood &&
	   parameter(&other, "", "log_likelihood") > fact(&other, "log_likelihood_without"), "the log-likelihood is without the penalty");

	/* all columns constant: the model without covariates */
	for (size_t i = 0; i < n; i++)
		rows[i * COLUMNS + 4].number = 3;
	f = fit_cells(h, "mbg_nbd", "{" BEHAVIOUR ", \"purchase_covariates\": [\"size\"]}", columns, COLUMNS, rows, NULL, n);
	ok(f.status == PS_OK && f.notes->count > 0, "a constant column is left out");
	close_to(parameter(&f, "", "log_likelihood"), fact(&f, "log_likelihood_without"), 1e-12, 0, "and changes nothing");

	/* hardly any rows */
	for (size_t few = 2; few <= 12; few++)
	{
		f = fit_cells(h, "bg_nbd", THREE, columns, COLUMNS, rows, NULL, few);
		ok(f.status == PS_OK || f.status == PS_TOO_LITTLE_DATA, "%d rows are no failure", (int) few);
		if (f.status == PS_OK)
			ok(isfinite(ask_row(h, &f, PS_ASK_PURCHASES, rows, 26)), "and answer");
	}

	/* bg_nbd where all are lost at once or never: lifetimes run away */
	for (size_t i = 0; i < n; i++)
	{
		ps_cell    *row = rows + i * COLUMNS;

		row[0].number = row[3].number > 0 ? 1 + (double) (i % 5) : 1;
		row[2].number = 50;
		row[1].number = row[3].number > 0 ? 50 : 0.5;
	}
	f = fit_cells(h, "bg_nbd", "{" BEHAVIOUR ", \"lifetime_covariates\": [\"member\"]}", columns, COLUMNS, rows, NULL, n);
	ok(f.status == PS_OK && strcmp(status_of(&f), "boundary") == 0, "a runaway is a boundary: %s", status_of(&f));
	ok(isfinite(ask_row(h, &f, PS_ASK_PURCHASES, rows, 26)), "with answers");
	free(rows);
}

static void
check_refusals(host *h)
{
	ps_cell    *rows = simulate_all(&ps_law_mbg_nbd, 5, 100);
	fitted		f = fit_cells(h, "mbg_nbd", "{" BEHAVIOUR ", \"purchase_covariates\": [\"x\"]}", columns, COLUMNS, rows, NULL, 100);

	ok(f.status == PS_INVALID_OPTION, "behaviour is no covariate: %s", f.error.message);
	f = fit_cells(h, "mbg_nbd", "{" BEHAVIOUR ", \"exclude\": [\"size\"], \"lifetime_covariates\": [\"size\"]}", columns, COLUMNS,
				  rows, NULL, 100);
	ok(f.status == PS_MISSING_COLUMN, "an excluded column is missing: %s", f.error.message);
	f = fit_cells(h, "clv", "{" BEHAVIOUR ", \"monetary\": \"m\", \"purchase\": \"bg_bb\", \"lifetime_covariates\": [\"size\"]}",
				  columns, COLUMNS, rows, NULL, 100);
	ok(f.status == PS_INVALID_OPTION, "bg_bb takes none: %s", f.error.message);
	f = make_model(h, "bg_nbd", "{\"r\": 1, \"alpha\": 1, \"a\": 1, \"b\": 1}",
				   "{" BEHAVIOUR ", \"purchase_covariates\": [\"size\"]}");
	ok(f.status == PS_INVALID_OPTION, "nor does make_model: %s", f.error.message);
	free(rows);
}

/* So many customers that a sample of them comes first, in which a column may be the same for all: the end is a maximum all the same. */
static void
check_many(host *h, const ps_purchase_law *law)
{
	const size_t n = 20000;
	ps_cell    *rows = simulate_all(law, 4711, n);
	fitted		f;
	double		theta[TERMS],
				errors[TERMS];
	const ps_value *known;

	for (size_t i = 0; i < n; i++)
	{
		rows[i * COLUMNS + 3].number = i % 4000 == 1;
		rows[i * COLUMNS + 4].number += 1e-6 * (double) i;
	}
	f = fit_cells(h, law->method, THREE, columns, COLUMNS, rows, NULL, n);
	if (ok(f.status == PS_OK && strcmp(status_of(&f), "converged") == 0, "%s: many converge", law->method))
	{
		known = ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors");
		for (size_t i = 0; i < TERMS; i++)
		{
			const char *part = i < 6 ? "purchase" : "lifetime";

			theta[i] = i < 4 ? log(parameter(&f, "", law->names[i])) : term(&f, part, i % 4 % 2, "coefficient");
			errors[i] = i < 4 ? ps_value_number_or(known, law->names[i], NAN) / parameter(&f, "", law->names[i]) :
				term(&f, part, i % 4 % 2, "standard_error");
		}
		close_to(direct(law, rows, n, theta), parameter(&f, "", "log_likelihood"), 1e-11, 0, "%s: log-likelihood", law->method);
		for (size_t i = 0; i < TERMS; i++)
		{
			double		point[2][TERMS];

			for (int k = 0; k < 2; k++)
			{
				memcpy(point[k], theta, sizeof(theta));
				point[k][i] += k == 0 ? 1e-3 : -1e-3;
			}
			/* the third derivatives leave an error of the order of 1e-6, times the curvature */
			ok(fabs(direct(law, rows, n, point[0]) - direct(law, rows, n, point[1])) / 2e-3 * errors[i] < 1e-3,
			   "%s: gradient %d is 0", law->method, (int) i);
		}
	}
	free(rows);
}

/* clv answers with its purchase part's parameters of the row. */
static void
check_clv(host *h)
{
	ps_cell    *rows = simulate_all(&ps_law_mbg_nbd, 5, 900);
	fitted		f = fit_cells(h, "clv", "{" BEHAVIOUR ", \"monetary\": \"m\", \"purchase_covariates\": [\"member\", \"size\"], "
							  "\"lifetime_covariates\": [\"size\"]}", columns, COLUMNS, rows, NULL, 900),
				purchase = fit_cells(h, "mbg_nbd", THREE, columns, COLUMNS, rows, NULL, 900);

	if (ok(f.status == PS_OK, "clv fits: %s", f.error.message))
		for (size_t i = 0; i < 6; i++)
		{
			close_to(ask_row(h, &f, PS_ASK_PURCHASES, rows + i * COLUMNS, 26),
					 ask_row(h, &purchase, PS_ASK_PURCHASES, rows + i * COLUMNS, 26), 1e-12, 0, "clv: expected purchases");
			ok(ask_row(h, &f, PS_ASK_VALUE, rows + i * COLUMNS, 26) > 0, "clv: value");
		}
	free(rows);
}

int
main(void)
{
	host		h;

	host_init(&h);
	check_recovery(&h, &ps_law_bg_nbd, &reference_bg);
	check_recovery(&h, &ps_law_mbg_nbd, &reference_mbg);
	check_recovery(&h, &ps_law_pareto_nbd, &reference_pareto);
	check_answers(&h, &ps_law_bg_nbd);
	check_answers(&h, &ps_law_pareto_nbd);
	check_many(&h, &ps_law_mbg_nbd);
	check_coverage(&h);
	check_invariance(&h);
	check_degenerate(&h);
	check_refusals(&h);
	check_clv(&h);
	host_free(&h);
	return tap_done();
}
