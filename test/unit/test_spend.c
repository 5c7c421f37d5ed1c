/*-------------------------------------------------------------------------
 *
 * test_spend.c
 *	  The gamma-gamma model: numbers, fits and the method gamma_gamma.
 *
 * The reference rows are our own computations with 30 to 60 digits.  Expected
 * amounts are compared to 1e-8, since q = 1.0000001 is not exact in a double.
 *
 *-------------------------------------------------------------------------
 */
#include "buyers.h"
#include "ps_spend.h"

/* p, q, v, x, m, log-likelihood (NAN for x = 0), expected amount (NAN: does not exist) */
static const double references[][7] = {
	{6.25, 3.74, 15.44, 2, 22.35, -3.5513167597317047305, 24.663713910761154856},
	{6.25, 3.74, 15.44, 0, 0, NAN, 35.218978102189781022},
	{6.25, 3.74, 15.44, 1000, 35, -3.9946291804999314381, 35.000095957932042593},
	{6.25, 3.74, 15.44, 1, 0.01, -35.204915502837802238, 10.741101223581757508},
	{6.25, 3.74, 15.44, 1, 1e9, -81.907338304367803102, 695216918.40934371524},
	{6.25, 1, 15.44, 0, 0, NAN, NAN},
	{6.25, 0.8, 15.44, 2, 22.35, -6.0411926975569979573, 30.558943089430894309},
	{0.3, 0.5, 15.44, 2, 22.35, -4.9851753853597449151, 180.42},
	{0.05, 0.5, 15.44, 2, 22.35, -6.2431970417252114211, NAN},
	{1e-3, 3.74, 15.44, 2, 22.35, -14.403846094336213937, 0.021932895696571845368},
	{1e4, 3.74, 15.44, 2, 22.35, -5906.6613799900368577, 30.065880974306520007},
	{6.25, 1e6, 1.5e7, 2, 22.35, -11.172093511570427077, 93.749201259185519367},
	{1e6, 1e6, 100, 2, 22.35, -809325.52754296497006, 48.233349411116470372}
};

static void
check_reference(const double *row)
{
	ps_spend	model = {row[0], row[1], row[2]};
	double		mean = ps_spend_mean(&model, row[3], row[4]);

	if (!isnan(row[5]))
		close_to(ps_spend_log_likelihood(&model, row[3], row[4]), row[5], 1e-9, 1e-12,
				 "log-likelihood of x %g, mean %g at p %g, q %g", row[3], row[4], row[0], row[1]);
	if (isnan(row[6]))
		ok(isnan(mean), "no expected amount of x %g at p %g, q %g", row[3], row[0], row[1]);
	else
		close_to(mean, row[6], 1e-8, 0, "expected amount of x %g, mean %g", row[3], row[4]);
}

static void
check_reference_file(void)
{
	FILE	   *file = open_data("clv_vectors/vectors_gammagamma.csv");
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];

	while (file != NULL && next_line(file, line, fields) >= 8)
	{
		double		row[7];

		for (int i = 0; i < 7; i++)
			row[i] = fields[i + 1][0] != '\0' ? atof(fields[i + 1]) : NAN;
		check_reference(row);
	}
	if (file != NULL)
		fclose(file);
}

/* Analytic gradient and Hessian against central differences. */
static void
check_derivatives(void)
{
	static const ps_spend_row rows[] = {{1, 0.3, 1}, {1, 5, 2.5}, {2, 1, 1}, {40, 1.2, 1}};
	static const double points[][3] = {{1.8, 1.3, -0.5}, {-2, -1, 3}, {5, 4, -1}};

	for (size_t point = 0; point < sizeof(points) / sizeof(points[0]); point++)
	{
		ps_newton_sums at = {0};
		ps_spend	m = {exp(points[point][0]), exp(points[point][1]), exp(points[point][2])};
		double		worst = 0,
					direct = 0;

		ps_spend_accumulate(rows, 0, 4, points[point], &at);
		for (int i = 0; i < 3; i++)
		{
			ps_newton_sums side[2] = {0};

			for (int k = 0; k < 2; k++)
			{
				double		theta[3];

				memcpy(theta, points[point], sizeof(theta));
				theta[i] += k == 0 ? -1e-5 : 1e-5;
				ps_spend_accumulate(rows, 0, 4, theta, &side[k]);
			}
			worst = fmax(worst, fabs((side[1].value - side[0].value) / 2e-5 - at.gradient[i]) / (1 + fabs(at.gradient[i])));
			for (int j = 0; j < 3; j++)
				worst = fmax(worst, fabs((side[1].gradient[j] - side[0].gradient[j]) / 2e-5 - at.hessian[i][j])
							 / (1 + fabs(at.hessian[i][j])));
		}
		ok(worst < 1e-7, "gradient and Hessian, point %d (%.1e)", (int) point, worst);
		for (int i = 0; i < 4; i++)
			direct += rows[i].weight * ps_spend_log_likelihood(&m, rows[i].frequency, rows[i].amount);
		close_to(at.value, direct, 1e-13, 1e-12, "value is the sum of the customers'");
	}
}

/* Correlations against scipy's, of the rows repeated by their weights. */
static void
check_dependence(void)
{
	static const ps_spend_row rows[] = {{1, 10, 1}, {2, 9, 1}, {2, 12, 2}, {3, 20, 1}, {5, 18, 3}, {8, 40, 1}};
	ps_spend_row other[6];
	ps_error	error;
	double		correlation,
				ranks;
	host		h;

	host_init(&h);
	ok(ps_spend_dependence(&h.env, rows, 6, &correlation, &ranks, &error) == PS_OK, "correlates");
	close_to(correlation, 0.8969908379081355, 1e-12, 0, "correlation of frequency and amount");
	close_to(ranks, 0.8458888522202896, 1e-12, 0, "correlation of their ranks");
	for (int i = 0; i < 6; i++)
		other[i] = (ps_spend_row) {rows[i].frequency, 0.1, rows[i].weight};
	ok(ps_spend_dependence(&h.env, other, 6, &correlation, &ranks, &error) == PS_OK && isnan(correlation) && isnan(ranks),
	   "there is none to equal amounts");
	for (int i = 0; i < 6; i++)
		other[i] = (ps_spend_row) {1e6 * rows[i].frequency, -1e-9 * rows[i].amount, rows[i].weight * 1e-3};
	ok(ps_spend_dependence(&h.env, other, 6, &correlation, &ranks, &error) == PS_OK, "correlates");
	close_to(correlation, -0.8969908379081355, 1e-12, 0, "units and the scale of the weights do not matter");
	close_to(ranks, -0.8458888522202896, 1e-12, 0, "nor to ranks");
	host_free(&h);
}

/* Customers with a dependence that matters, or not, or too few to know: a note, or none. */
static void
check_independence_noted(void)
{
	static const struct
	{
		double		slope;
		size_t		n;
		bool		noted;
	}			cases[] = {{0.1, 900, false}, {1.5, 900, true}, {-1.5, 900, true}, {1.5, 8, false}};
	static const char *const wrong[] = {"2", "\"high\"", "[1, 2]"};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		static ps_history histories[900];
		int64_t		state = 99;
		bool		noted = false;
		host		h;
		fitted		f;

		for (size_t i = 0; i < cases[c].n; i++)
		{
			double		u = uniform(&state);

			histories[i] = (ps_history) {1 + floor(9 * u), 10, 20, 10 * exp(cases[c].slope * u + 2 * uniform(&state))};
		}
		host_init(&h);
		f = fit_histories(&h, "gamma_gamma", "{}", histories, NULL, cases[c].n);
		for (size_t i = 0; f.status == PS_OK && i < f.notes->count; i++)
			noted = noted || strstr(f.notes->items[i]->text, "independent of how often") != NULL;
		printf("# correlation %g, of ranks %g\n", parameter(&f, "", "correlation"), parameter(&f, "", "rank_correlation"));
		ok(f.status == PS_OK && noted == cases[c].noted && fabs(parameter(&f, "", "correlation")) <= 1 &&
		   fabs(parameter(&f, "", "rank_correlation")) <= 1, "slope %g of %zu customers: noted %d", cases[c].slope, cases[c].n,
		   cases[c].noted);
		host_free(&h);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		host		h;
		char		text[200];
		ps_value   *object;
		ps_error	error;
		void	   *model;

		host_init(&h);
		snprintf(text, sizeof(text), "{\"p\": 1, \"q\": 2, \"v\": 3, \"rank_correlation\": %s}", wrong[i]);
		ok(ps_json_read(&h.env, text, strlen(text), &object, &error) == PS_OK &&
		   ps_learner_find("gamma_gamma")->load(&h.env, object, &(ps_input) {"", PS_TYPE_HISTORY}, 1, &model, &error) == PS_CORRUPT &&
		   strstr(error.message, "rank_correlation") != NULL, "a correlation of %s is refused", wrong[i]);
		host_free(&h);
	}
}

static void
check_cdnow(void)
{
	static ps_history histories[2400];
	static double weights[2400];
	size_t		n = read_cdnow(histories);
	const ps_value *errors;
	host		h;
	fitted		f,
				g;

	if (n == 0)
		return;
	host_init(&h);
	f = fit_histories(&h, "gamma_gamma", "{}", histories, NULL, n);
	ok(f.status == PS_OK && parameter(&f, "", "customers") == 946, "CDNOW: 946 repeaters");
	close_to(parameter(&f, "", "p"), 6.249349, 1e-3, 0, "CDNOW: p");
	close_to(parameter(&f, "", "q"), 3.744256, 1e-3, 0, "CDNOW: q");
	close_to(parameter(&f, "", "v"), 15.444307, 1e-3, 0, "CDNOW: v");
	close_to(parameter(&f, "", "log_likelihood"), -4055.917695, 0, 1e-4, "CDNOW: log-likelihood");
	close_to(parameter(&f, "", "correlation"), 0.11, 0, 0.005, "CDNOW: correlation, as published");
	close_to(parameter(&f, "", "rank_correlation"), 0.20631894, 1e-6, 0, "CDNOW: correlation of ranks");
	errors = ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors");
	close_to(ps_value_number_or(errors, "p", NAN), 1.190, 1e-2, 0, "CDNOW: standard error of p");
	close_to(ps_value_number_or(errors, "q", NAN), .2901, 1e-2, 0, "CDNOW: standard error of q");
	close_to(ps_value_number_or(errors, "v", NAN), 4.1595, 1e-2, 0, "CDNOW: standard error of v");
	close_to(ask(&h, &f, PS_ASK_SCORE, histories[0], 0, 0), 24.65, 1e-3, 0, "CDNOW: customer 1");

	/* money in another currency */
	for (size_t i = 0; i < n; i++)
	{
		histories[i].monetary *= 1000;
		weights[i] = 0.5;
	}
	g = fit_histories(&h, "gamma_gamma", "{}", histories, weights, n);
	close_to(parameter(&g, "", "p"), parameter(&f, "", "p"), 1e-6, 0, "a thousandfold: p is the same");
	close_to(parameter(&g, "", "v"), 1000 * parameter(&f, "", "v"), 1e-6, 0, "a thousandfold: v scales");
	close_to(parameter(&g, "", "log_likelihood"), (-4055.917695 - 946 * log(1000)) / 2, 0, 1e-4,
			 "a thousandfold, at half the weight: log-likelihood");
	host_free(&h);
}

static void
check_input(void)
{
	static const ps_column columns[] = {
		{"orders", PS_TYPE_NUMBER}, {"basket", PS_TYPE_NUMBER}
	};
	static const char *const options = "{\"frequency\":\"orders\",\"monetary\":\"basket\"}";
	ps_cell		cells[2 * 40];
	ps_answer	answer;
	ps_request	request = {0};
	host		h;
	fitted		f,
				g;

	host_init(&h);
	for (int i = 0; i < 40; i++)
	{
		cells[2 * i] = (ps_cell) {.number = i % 5};
		cells[2 * i + 1] = (ps_cell) {.number = 10 + i * 7 % 13};
	}
	f = fit_cells(&h, "gamma_gamma", options, columns, 2, cells, NULL, 40);
	ok(f.status == PS_OK && parameter(&f, "", "customers") == 32, "customers without repeats are not learned from");
	ok(f.notes->count == 0 || strstr(f.notes->items[0]->text, "left out") == NULL, "which needs no note");

	cells[2 * 6 + 1].number = 0;
	cells[2 * 7 + 1].null = true;
	cells[2 * 8].null = true;
	g = fit_cells(&h, "gamma_gamma", options, columns, 2, cells, NULL, 40);
	ok(g.status == PS_OK && parameter(&g, "", "customers") == 29, "amounts of 0 and unknown ones are left out");
	ok(g.notes->count > 0 && strstr(g.notes->items[0]->text, "2 repeat customers") != NULL, "and counted in a note");

	cells[2 * 9 + 1].number = -5;
	g = fit_cells(&h, "gamma_gamma", options, columns, 2, cells, NULL, 40);
	ok(g.status == PS_INVALID_DATA && g.error.row == 10 && strcmp(g.error.column, "basket") == 0 &&
	   strstr(g.error.message, "monetary -5") != NULL, "a negative amount is refused, with row and column");
	g = fit_cells(&h, "gamma_gamma", options, columns, 2, cells, NULL, 2);
	ok(g.status == PS_TOO_LITTLE_DATA && strstr(g.error.message, "1 customers") != NULL, "one repeater is too little");
	g = fit_cells(&h, "gamma_gamma", "{\"frequency\":\"orders\"}", columns, 2, cells, NULL, 40);
	ok(g.status == PS_INVALID_OPTION && strstr(g.error.message, "monetary") != NULL, "both columns must be named");

	/* all amounts equal: no dispersion, the likelihood has no maximum */
	for (int i = 0; i < 40; i++)
		cells[2 * i + 1] = (ps_cell) {.number = 10};
	cells[2 * 8].null = false;
	g = fit_cells(&h, "gamma_gamma", options, columns, 2, cells, NULL, 40);
	ok(g.status == PS_OK && strcmp(ps_value_text_or(ps_value_get(g.document, "parameters"), "status", ""), "boundary") == 0,
	   "equal amounts: boundary");
	g.status = ps_model_ask(&h.env, g.model, PS_ASK_SCORE, cells, &request, &answer, &g.error);
	close_to(answer.number, 10, 1e-3, 0, "equal amounts: that amount is expected");

	/* questions */
	g = make_model(&h, "gamma_gamma", "{\"p\":6.25,\"q\":0.8,\"v\":15.44}", "{}");
	ok(isnan(ask(&h, &g, PS_ASK_SCORE, (ps_history) {0, 0, 5, NAN}, 0, 0)) && g.status == PS_OK,
	   "q <= 1: null for customers without repeats");
	close_to(ask(&h, &g, PS_ASK_SCORE, (ps_history) {2, 3, 5, 22.35}, 0, 0), 30.558943089430894309, 1e-12, 0,
			 "but not for others");
	g = make_model(&h, "gamma_gamma", "{\"p\":6.25,\"q\":3.74,\"v\":15.44}", "{}");
	close_to(ask(&h, &g, PS_ASK_SCORE, (ps_history) {2, 3, 5, NAN}, 0, 0), 35.218978102189781022, 1e-12, 0,
			 "unknown amounts: the population's mean");
	close_to(ask(&h, &g, PS_ASK_SCORE, (ps_history) {2, 3, 5, 0}, 0, 0), 6.25 * 15.44 / (2 * 6.25 + 2.74), 1e-12, 0,
			 "amounts of 0 pull the mean down");
	ok(isnan(ask(&h, &g, PS_ASK_SCORE, (ps_history) {2, 3, 5, -1}, 0, 0)) && g.status == PS_INVALID_DATA,
	   "a negative amount is refused");
	g = make_model(&h, "gamma_gamma", "{\"p\":6.25,\"q\":3.74,\"v\":0}", "{}");
	ok(g.status == PS_INVALID_DATA && strstr(g.error.message, "\"v\" is 0") != NULL, "v must be positive");
	host_free(&h);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		check_reference(references[i]);
	check_reference_file();
	check_derivatives();
	check_dependence();
	check_independence_noted();
	check_cdnow();
	check_input();
	return tap_done();
}
