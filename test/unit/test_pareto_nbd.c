/*-------------------------------------------------------------------------
 *
 * test_pareto_nbd.c
 *	  Pareto/NBD: numbers, fits and the method pareto_nbd.
 *
 * The reference rows are our own computations with 30 to 60 digits.  P(alive)
 * is compared as log-odds to 1e-8, expectations to 1e-7 relative and
 * log-likelihoods to 1e-9 relative, 1e-12 absolute where they are near 0.
 * Fits are compared with the published CDNOW values and with what another
 * package reaches on customers on which fits break.
 *
 *-------------------------------------------------------------------------
 */
#include "buyers.h"
#include "ps_purchase.h"
#include "ps_special.h"

#define DELTA 0.0027			/* discount rate of the reference rows */

static const ps_purchase_law *const law = &ps_law_pareto_nbd;

typedef struct reference
{
	const char *tag;
	double		in[8];			/* r, alpha, s, beta, x, t_x, T, horizon */
	double		log_likelihood,
				alive,
				purchases,
				endless,		/* discounted purchases without horizon, and within it */
				discounted;
} reference;

static const reference references[] = {
	{"cdnow", {0.553, 10.578, 0.606, 11.669, 2, 30.43, 38.86, 39}, -9.5542832451504058334, 0.8691675591530111916, 1.4551231932576024225, 6.4837735677307385064, 1.3853114757606590261},
	{"cdnow", {0.553, 10.578, 0.606, 11.669, 26, 10, 31, 39}, -23.898482357129430426, 2.4177153644686282591e-7, 4.8738681338557206066e-6, 0.0000208494038960304244, 4.6419014447546154821e-6},
	{"large_x", {0.553, 10.578, 0.606, 11.669, 100, 38.86, 38.86, 39}, -30.608004146932769062, 1.0, 65.938713896621124372, 293.81133654804240487, 62.775205206778008025},
	{"large_x", {0.553, 10.578, 0.606, 11.669, 1000, 38.86, 38.86, 39}, 2006.105232056268726, 1.0, 656.12341755498051628, 2923.5707956714714859, 624.64491258597313122},
	{"large_x", {0.553, 10.578, 0.606, 11.669, 100000, 38.86, 38.86, 39}, 661219.92399755554522, 1.0, 65576.440819974513626, 292197.1112992486704, 62430.312724297436682},
	{"clvtools_palive_nan", {0.5143, 2.8845, 0.2856, 14.1087, 221, 103.42857, 103.57143, 52}, -61.584648561729206532, 0.99959605231793814023, 102.37180578032663629, 559.09976519999860401, 95.626640327470405691},
	{"alpha_beta_extreme", {0.553, 1e-6, 0.606, 11.669, 0, 0, 38.86, 39}, -8.6938320634690936292, 0.15594266746827045479, 0.071943840184012667985, 0.32056912535484994069, 0.068492226554428803218},
	{"alpha_beta_extreme", {0.553, 1e-3, 0.606, 1e5, 0, 0, 38.86, 39}, -5.8436771896581927504, 0.99947808987558994684, 0.55462284148173338156, 5.2559467743174134556, 0.52642156767507357793},
	{"alpha_beta_extreme", {0.553, 1e8, 0.606, 11.669, 0, 0, 38.86, 39}, -1.2799316793525357199e-7, 0.41141174118129509286, 7.3757803900899904054e-8, 3.2865182931756104962e-7, 7.0219162641531968759e-8},
	{"alpha_beta_extreme", {0.553, 10.578, 0.606, 10.578, 0, 0, 38.86, 39}, -0.50624021871251678299, 0.27779504017251407957, 0.10040803226792977209, 0.44503394648522676071, 0.095595577415956394239},
	{"alpha_beta_extreme", {0.553, 10.578, 0.606, 10.578, 40, 10, 38.86, 39}, -17.764691448311421351, 1.4604970003701787145e-14, 3.8711722360579787252e-13, 1.7158020317934103596e-12, 3.6856308885238511846e-13},
	{"s_special", {0.553, 10.578, 1.000000001, 11.669, 2, 30.43, 38.86, 39}, -10.042076548801935793, 0.79463129472455981301, 1.1860522816718892533, 3.6756932318373236708, 1.131372162351096198},
	{"s_special", {0.553, 10.578, 50, 11.669, 2, 30.43, 38.86, 39}, -72.534527283818308413, 0.000071030695554005810342, 3.7825145946331070979e-6, 3.7717948335009292972e-6, 3.7717948334986534687e-6},
	{"tiny_r", {1e-4, 10.578, 0.606, 11.669, 0, 0, 38.86, 39}, -0.00010274623149871573681, 0.41139061113778578215, 0.000026977382880242829611, 0.00012020648344824005311, 0.00002568310247761510528},
	{"huge_r_alpha", {1e5, 1e6, 0.606, 11.669, 3, 10, 38.86, 39}, -9.8627995753252159568, 0.16216718750041437913, 0.52573328051577965172, 2.3425752291484015474, 0.50051043792199011011},
	{"T_huge_recent", {0.553, 10.578, 0.606, 11.669, 4, 999999, 1e6, 365}, -66.428114473006770573, 0.99999939400557242155, 0.0016616426624862457806, 0.0016858991906819237826, 0.0010567721054920871831},
	{"horizon_huge", {0.553, 10.578, 0.606, 11.669, 4, 30, 38.86, 1e6}, -15.106427324229221103, 0.83155940636686417834, 474.33770693987585387, 11.06278436733713944, NAN},
	{"T0", {0.553, 10.578, 0.606, 11.669, 0, 0, 0, 39}, 0.0, 1.0, 1.213002844281015733, 3.9547530791184023388, 1.1599901000471691539},
	{"gap_tiny_bigx", {0.553, 10.578, 0.606, 11.669, 5000, 38.8599999, 38.86, 39}, 18081.523805546496022, 0.99999999880068264753, 3279.1665409927053636, 14611.39059647412865, 3121.843608304981352},
	{"lifetimes_underflow", {0.55, 10.58, 0.61, 11.67, 132, 200, 200, 10}, -196.38244685375775539, 1.0, 6.2060517889629323176, 145.96424015881510828, 6.1234069877272439752}
};

static void
check_reference(const reference *row)
{
	const double *in = row->in;
	ps_purchase m = {law, {in[0], in[1], in[2], in[3]}};
	double		odds = law->log_odds(&m, in[4], in[5], in[6]),
				alive = ps_expit(odds),
				survival,
				purchases;

	law->forecast(&m, in[4], in[6], in[7], &survival, &purchases);
	close_to(law->log_likelihood(&m, in[4], in[5], in[6]), row->log_likelihood, 1e-9, 1e-12, "log-likelihood, %s",
			 row->tag);
	if (row->alive == 1)
		close_to(alive, 1, 1e-15, 0, "P(alive) is 1, %s", row->tag);
	else if (row->alive > 1e-290 && row->alive < 0.999)
		close_to(odds, log(row->alive / (1 - row->alive)), 1e-8, 1e-8, "log-odds of P(alive), %s", row->tag);
	else
		close_to(alive, row->alive, 1e-12, 0, "P(alive), %s", row->tag);
	ok(isfinite(odds) || in[5] == in[6], "log-odds are finite where P(alive) is %g", row->alive);
	close_to(alive * purchases, row->purchases, 1e-9, 1e-300, "expected purchases, %s", row->tag);
	if (!isnan(row->endless))
		close_to(alive * law->discounted(&m, in[4], in[6], INFINITY, DELTA), row->endless, 1e-9, 1e-300,
				 "discounted purchases, %s", row->tag);
	if (!isnan(row->discounted))
		close_to(alive * law->discounted(&m, in[4], in[6], in[7], DELTA), row->discounted, 1e-9, 1e-300,
				 "discounted purchases within the horizon, %s", row->tag);
	ok(survival >= 0 && survival <= 1, "survival is a probability, %s", row->tag);
}

static void
check_reference_file(void)
{
	FILE	   *file = open_data("clv_vectors/vectors_pnbd.csv");
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];

	while (file != NULL && next_line(file, line, fields) >= 15)
	{
		reference	row = {fields[0], {0}, atof(fields[9]), atof(fields[10]), atof(fields[11]), atof(fields[13]), NAN};

		for (int i = 0; i < 8; i++)
			row.in[i] = atof(fields[i + 1]);
		if (fields[14][0] != '\0')
			row.discounted = atof(fields[14]);
		check_reference(&row);
	}
	if (file != NULL)
		fclose(file);
}

/* Published values, to the digits printed (BTYD 2.4.3; Hardie's notes). */
static void
check_published(void)
{
	static const double pmf[][2] = {
		{12, 0.001332276544}, {14, 0.0006702499122}, {16, 0.0003414425343}, {18, 0.0001755737048}, {20, 9.093734799e-05}
	};
	static const double worth[] = {2.19915545, NAN, 2.867128391, NAN, 1.840501924, NAN, 0.8096181195, NAN, 0.2920247016};
	ps_purchase m = {law, {0.55, 10.56, 0.61, 11.64}},
				other = {law, {0.5629966, 12.5590370, 0.4081095, 10.5148048}},
				sample = {law, {0.553, 10.578, 0.606, 11.669}};
	double		survival,
				purchases;

	for (size_t i = 0; i < sizeof(pmf) / sizeof(pmf[0]); i++)
		close_to(law->exactly(&m, 0, 0, 30, pmf[i][0]), pmf[i][1], 1e-9, 0, "P(%g purchases) of a new customer", pmf[i][0]);
	close_to(ps_purchase_silence(&m, 0, 0, 0, 39), 0.5959380696, 1e-9, 0, "P(no purchase) of a new customer");
	for (int x = 1; x <= 9; x += 2)
		close_to(ps_purchase_alive(&other, x, 30, 77.86) * law->discounted(&other, x, 77.86, INFINITY, DELTA),
				 worth[x - 1], 1e-8, 0, "discounted expected residual transactions, %d purchases", x);
	law->forecast(&sample, 0, 0, 52, &survival, &purchases);
	close_to(purchases, 1.473434, 1e-3, 0, "purchases of a new customer in 52 weeks");
}

/* Relations that hold between the answers, whatever computes them. */
static void
check_identities(void)
{
	static const double horizons[] = {1e-3, 1, 30, 400, 1e5};
	static const double parameters[][4] = {{1.4, 7, 2.3, 31}, {0.05, 0.3, 0.2, 1e-3}, {40, 300, 60, 2000}, {0.6, 12, 1, 12}};

	for (size_t p = 0; p < sizeof(parameters) / sizeof(parameters[0]); p++)
		for (size_t i = 0; i < sizeof(horizons) / sizeof(horizons[0]); i++)
		{
			ps_purchase m = {law, {parameters[p][0], parameters[p][1], parameters[p][2], parameters[p][3]}};
			double		x = 3,
						t_x = 20,
						T = 31,
						h = horizons[i],
						survival,
						purchases,
						before,
						total = 0,
						mean = 0,
						none = law->silence(&m, x, T, h),
						rest = 1 - none;

			/* no purchase within h: the likelihood of the longer silence over that of the shorter */
			close_to(ps_purchase_silence(&m, x, t_x, T, h),
					 exp(law->log_likelihood(&m, x, t_x, T + h) - law->log_likelihood(&m, x, t_x, T)), 1e-11, 0,
					 "silence for %g is a ratio of likelihoods", h);
			close_to(law->at_least(&m, x, T, h, 1), 1 - none, 1e-10, 1e-13, "one purchase or more within %g", h);

			/* the counts are a distribution whose mean is the expectation */
			law->forecast(&m, x, T, h, &survival, &purchases);
			for (double n = 1; n <= 2000 && rest > 1e-13; n++)
			{
				double		chance = law->exactly(&m, x, T, h, n),
							more = law->at_least(&m, x, T, h, n);

				total += chance;
				mean += more;
				if (n <= 20)
					close_to(more - law->at_least(&m, x, T, h, n + 1), chance, 1e-8, 1e-13, "exactly %g within %g", n, h);
				rest = more;
			}
			if (rest <= 1e-13)
			{
				close_to(none + total, 1, 1e-11, 0, "probabilities of counts within %g sum to 1", h);
				close_to(mean, purchases, 1e-9, 1e-12, "and their mean is the expectation");
			}

			/* halfway is a stop like any other */
			law->forecast(&m, x, T, h / 2, &before, &total);
			law->forecast(&m, x, T + h / 2, h / 2, &total, &mean);
			close_to(survival, before * total, 1e-12, 0, "survival of %g in two steps", h);
			close_to(law->discounted(&m, x, T, h, 0), purchases, 0, 0, "no discounting within %g", h);
			close_to(law->discounted(&m, x, T, h, 1e-12), purchases, 1e-6, 0, "hardly any discounting within %g", h);
		}
}

/* Analytic gradient and Hessian against central differences, whose own error is about 1e-8. */
static void
check_derivatives(void)
{
	static const double points[][4] = {{-0.6, 0.3, -0.5, 0.2}, {0.5, 1.5, -3, -2}, {3, 4, 5, 6}, {-4, -3, 0.1, 5}, {0.2, 5, 2, -3}};
	static const ps_purchase_group groups[] = {
		{0, 0, 0, 2}, {0, 0, 1.2, 5}, {0, 0, 3, 1}, {1, 0.2, 2, 3}, {1, 1.9, 2, 1}, {1, 2, 2, 1}, {4, 0.5, 2.5, 2.5},
		{60, 2, 2.1, 1}, {900, 0.1, 2, 1}
	};
	const size_t n = sizeof(groups) / sizeof(groups[0]);

	for (size_t point = 0; point < sizeof(points) / sizeof(points[0]); point++)
	{
		ps_newton_sums at = {0};
		double		worst_gradient = 0,
					worst_hessian = 0,
					direct = 0;
		ps_purchase m = {law, {exp(points[point][0]), exp(points[point][1]), exp(points[point][2]), exp(points[point][3])}};

		law->accumulate(law, groups, 0, n, points[point], &at);
		for (int i = 0; i < 4; i++)
		{
			ps_newton_sums side[2] = {0};
			double		step = 1e-5,
						theta[4];

			for (int k = 0; k < 2; k++)
			{
				memcpy(theta, points[point], sizeof(theta));
				theta[i] += k == 0 ? -step : step;
				law->accumulate(law, groups, 0, n, theta, &side[k]);
			}
			worst_gradient = fmax(worst_gradient, fabs((side[1].value - side[0].value) / (2 * step) - at.gradient[i])
								  / (1 + fabs(at.gradient[i])));
			for (int j = 0; j < 4; j++)
				worst_hessian = fmax(worst_hessian, fabs((side[1].gradient[j] - side[0].gradient[j]) / (2 * step)
														 - at.hessian[i][j]) / (1 + fabs(at.hessian[i][j])));
		}
		ok(worst_gradient < 1e-6, "gradient, point %d (%.1e)", (int) point, worst_gradient);
		ok(worst_hessian < 1e-6, "Hessian, point %d (%.1e)", (int) point, worst_hessian);
		for (size_t i = 0; i < n; i++)
			direct += groups[i].weight * law->log_likelihood(&m, groups[i].frequency, groups[i].recency, groups[i].tenure);
		close_to(at.value, direct, 1e-12, 1e-12, "value is the sum of the customers'");
	}
}

static void
check_fit(const char *what, fitted *f, const char *status, double log_likelihood, double tolerance,
		  const double *parameters, const double *errors)
{
	const ps_value *given;

	if (!ok(f->status == PS_OK, "%s: fits", what))
	{
		printf("# %s\n", f->error.message);
		return;
	}
	given = ps_value_get(ps_value_get(f->document, "parameters"), "standard_errors");
	printf("# %s: %s in %g iterations, %.12g, %.8g %.8g %.8g %.8g\n", what,
		   ps_value_text_or(ps_value_get(f->document, "parameters"), "status", ""), parameter(f, "", "iterations"),
		   parameter(f, "", "log_likelihood"), parameter(f, "", "r"), parameter(f, "", "alpha"), parameter(f, "", "s"),
		   parameter(f, "", "beta"));
	ok(strcmp(ps_value_text_or(ps_value_get(f->document, "parameters"), "status", ""), status) == 0,
	   "%s: status is %s", what, status);
	close_to(parameter(f, "", "log_likelihood"), log_likelihood, 0, tolerance, "%s: log-likelihood", what);
	for (int i = 0; i < 4; i++)
	{
		if (parameters != NULL)
			close_to(parameter(f, "", law->names[i]), parameters[i], 1e-3, 0, "%s: %s", what, law->names[i]);
		if (errors != NULL)
			close_to(ps_value_number_or(given, law->names[i], NAN), errors[i], 1e-2, 0, "%s: standard error of %s", what,
					 law->names[i]);
	}
}

static void
check_cdnow(void)
{
	static ps_history histories[2400];
	static double weights[2400];
	size_t		n = read_cdnow(histories);
	double		alive = 0,
				purchases = 0;
	host		h;
	fitted		f,
				g;

	if (n == 0)
		return;
	host_init(&h);
	f = fit_histories(&h, "pareto_nbd", "{\"time_unit\":\"week\"}", histories, NULL, n);
	check_fit("CDNOW", &f, "converged", -9594.976181, 1e-4, (const double[]) {.5532700, 10.5778, .6060200, 11.66391},
			  (const double[]) {.04762, .8427, .18705, 6.2037});
	ok(parameter(&f, "", "iterations") < 15, "CDNOW: few iterations");
	for (size_t i = 0; i < n; i++)
	{
		alive += ask(&h, &f, PS_ASK_SCORE, histories[i], 0, 0);
		purchases += ask(&h, &f, PS_ASK_PURCHASES, histories[i], 273, 0);
	}
	close_to(alive / 2357, .4463178, 1e-4, 0, "CDNOW: mean P(alive)");
	close_to(purchases, 1665.688, 5e-4, 0, "CDNOW: purchases expected in 39 weeks");

	g = fit_histories(&h, "pareto_nbd", "{}", histories, NULL, n);
	close_to(parameter(&g, "", "alpha") / 7, parameter(&f, "", "alpha"), 1e-6, 0, "days: alpha is seven times that of weeks");
	close_to(parameter(&g, "", "beta") / 7, parameter(&f, "", "beta"), 1e-6, 0, "days: also beta");
	close_to(parameter(&g, "", "s"), parameter(&f, "", "s"), 1e-6, 0, "days: s is the same");
	close_to(parameter(&g, "", "log_likelihood"), -9594.976181 - 2457 * log(7), 0, 1e-4, "days: log-likelihood");

	for (size_t i = 0; i < n / 2; i++)
	{
		ps_history	swap = histories[i];

		histories[i] = histories[n - 1 - i];
		histories[n - 1 - i] = swap;
	}
	g = fit_histories(&h, "pareto_nbd", "{\"time_unit\":\"week\"}", histories, NULL, n);
	close_to(parameter(&g, "", "beta"), parameter(&f, "", "beta"), 1e-12, 0, "the order of rows does not matter");
	for (size_t i = 0; i < n; i++)
		weights[i] = 2;
	g = fit_histories(&h, "pareto_nbd", "{\"time_unit\":\"week\"}", histories, weights, n);
	close_to(parameter(&g, "", "beta"), parameter(&f, "", "beta"), 1e-7, 0, "weight 2 gives the same parameters");
	close_to(parameter(&g, "", "log_likelihood"), 2 * -9594.976181, 0, 2e-4, "and twice the log-likelihood");
	host_free(&h);
}

/* Fit a stress set, given as number columns. */
static void
check_stress(const char *name, const char *status, double log_likelihood)
{
	static const ps_column columns[] = {
		{"n", PS_TYPE_NUMBER}, {"last", PS_TYPE_NUMBER}, {"age", PS_TYPE_NUMBER}
	};
	static ps_cell cells[3 * 4000];
	FILE	   *file = open_data(name);
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];
	size_t		n = 0;
	int			bad = 0;
	host		h;
	fitted		f;

	if (file == NULL)
		return;
	host_init(&h);
	while (next_line(file, line, fields) >= 3)
	{
		for (int i = 0; i < 3; i++)
			cells[3 * n + (size_t) i] = (ps_cell) {.number = atof(fields[i])};
		n++;
	}
	fclose(file);
	f = fit_cells(&h, "pareto_nbd", "{\"frequency\":\"n\",\"recency\":\"last\",\"tenure\":\"age\",\"time_unit\":\"week\"}",
				  columns, 3, cells, NULL, n);
	check_fit(name, &f, status, log_likelihood, 1e-3, NULL, NULL);
	for (size_t i = 0; i < n && f.status == PS_OK; i++)
	{
		ps_request	request = {.has_horizon = true, .horizon = 700};
		ps_answer	answer;

		bad += ps_model_ask(&h.env, f.model, PS_ASK_PURCHASES, &cells[3 * i], &request, &answer, &f.error) != PS_OK ||
			answer.null;
	}
	ok(bad == 0, "%s: all predictions are finite", name);
	host_free(&h);
}

/* Standard errors mean what they say: a fit to simulated customers is within four of them of the truth. */
static void
check_recovery(void)
{
	static ps_history histories[40000];
	static const double truth[] = {1, 20, 1, 50};
	int64_t		state = 4711;
	host		h;
	fitted		f;

	for (size_t i = 0; i < 40000; i++)
	{
		double		rate = -log(uniform(&state)) / 20,
					end = fmin(-log(uniform(&state)) / (-log(uniform(&state)) / 50), 100),
					t = 0;

		histories[i] = (ps_history) {0, 0, 100, NAN};
		while ((t -= log(uniform(&state)) / rate) < end)
		{
			histories[i].frequency++;
			histories[i].recency = t;
		}
	}
	host_init(&h);
	f = fit_histories(&h, "pareto_nbd", "{}", histories, NULL, 40000);
	ok(f.status == PS_OK, "fits 40,000 simulated customers");
	for (int i = 0; i < 4; i++)
	{
		double		error = ps_value_number_or(ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors"),
											   law->names[i], NAN);

		ok(fabs(parameter(&f, "", law->names[i]) - truth[i]) < 4 * error, "%s is %g +- %g, truth %g", law->names[i],
		   parameter(&f, "", law->names[i]), error, truth[i]);
	}
	host_free(&h);
}

/* Data whose maximum lies at infinity end there, soon, and above the model without the part they lack. */
static void
check_boundaries(void)
{
	static ps_history histories[2000];
	static const char *const what[] = {"nobody leaves", "nobody leaves and all buy at one rate", "all leave at one rate"};

	for (int kind = 0; kind < 3; kind++)
	{
		int64_t		state = 42 + kind;
		double		floor_value = 0;
		host		h;
		fitted		f;

		for (size_t i = 0; i < 2000; i++)
		{
			double		rate = kind == 1 ? 0.2 : -log(uniform(&state)) / 5,
						end = kind == 2 ? fmin(-log(uniform(&state)) / 0.02, 100) : 100,
						t = 0;
			ps_purchase truth = {law, {kind == 1 ? 1e8 : 1, kind == 1 ? 5e8 : 5, kind == 2 ? 1e6 : 1e-8, kind == 2 ? 5e7 : 1e8}};

			histories[i] = (ps_history) {0, 0, 100, NAN};
			while ((t -= log(uniform(&state)) / rate) < end)
			{
				histories[i].frequency++;
				histories[i].recency = t;
			}
			floor_value += law->log_likelihood(&truth, histories[i].frequency, histories[i].recency, 100);
		}
		host_init(&h);
		f = fit_histories(&h, "pareto_nbd", "{}", histories, NULL, 2000);
		ok(f.status == PS_OK && strcmp(ps_value_text_or(ps_value_get(f.document, "parameters"), "status", ""), "boundary") == 0,
		   "%s: boundary", what[kind]);
		ok(parameter(&f, "", "iterations") < 60, "%s: in %g iterations", what[kind], parameter(&f, "", "iterations"));
		ok(parameter(&f, "", "log_likelihood") > floor_value - 1e-6, "%s: log-likelihood %.9g, that of the truth %.9g",
		   what[kind], parameter(&f, "", "log_likelihood"), floor_value);
		host_free(&h);
	}
}

/* Whatever is legitimate is answered with finite numbers. */
static void
check_extremes(void)
{
	static const ps_history extreme[] = {
		{0, 0, 0, 0}, {0, 0, 1e100, 0}, {1e15, 1e100, 1e100, 0}, {1e15, 1e-300, 1e-300, 0}, {1, 1e-300, 1e100, 0},
		{1e15, 1, 1e100, 0}, {1, 5e-324, 5e-324, 0}, {3, 10, 10, 0}, {1e5, 1, 1e6, 0}
	};
	static const char *const models[] = {
		"{\"r\":1e-100,\"alpha\":1e-100,\"s\":1e-100,\"beta\":1e-100}", "{\"r\":1e100,\"alpha\":1e100,\"s\":1e100,\"beta\":1e100}",
		"{\"r\":1e-100,\"alpha\":1e100,\"s\":1e-100,\"beta\":1e100}", "{\"r\":1,\"alpha\":1e-100,\"s\":1,\"beta\":1e100}",
		"{\"r\":1,\"alpha\":1e100,\"s\":1,\"beta\":1e-100}", "{\"r\":1e-9,\"alpha\":1e-9,\"s\":1e9,\"beta\":1e9}"
	};
	static const double days[] = {1e-9, 1, 1e6, 1e100};
	host		h;
	fitted		f;

	host_init(&h);
	for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++)
	{
		int			bad = 0;

		f = make_model(&h, "pareto_nbd", models[m], "{}");
		for (size_t i = 0; i < sizeof(extreme) / sizeof(extreme[0]); i++)
			for (size_t d = 0; d < sizeof(days) / sizeof(days[0]); d++)
				for (int question = PS_ASK_CHURN; question <= PS_ASK_AT_LEAST; question++)
				{
					ps_cell		cell = {.history = extreme[i]};
					ps_request	request = {true, days[d], 0, 3, 0.5};
					ps_answer	answer;

					if (question == PS_ASK_VALUE || question == PS_ASK_CLUSTER)
						continue;
					f.status = ps_model_ask(&h.env, f.model, (ps_question) question, &cell, &request, &answer, &f.error);
					if (f.status != PS_OK || answer.null)
						printf("# model %d history %d days %g: %s\n", (int) m, (int) i, days[d], f.error.message);
					bad += f.status != PS_OK || answer.null || answer.number < 0 ||
						(question != PS_ASK_PURCHASES && answer.number > 1);
				}
		ok(bad == 0, "every answer of extreme model %d is a number (%d are not)", (int) m, bad);
	}
	host_free(&h);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		check_reference(&references[i]);
	check_reference_file();
	check_published();
	check_identities();
	check_derivatives();
	check_cdnow();
	/* never below what Nelder-Mead reaches elsewhere: -502.4474, -616.7493, -48297.1109 and -797587.2208 */
	check_stress("clv_stress/stress_few_repeats.csv", "converged", -502.429888);
	check_stress("clv_stress/stress_n_200.csv", "converged", -616.749311);
	check_stress("clv_stress/stress_t_in_seconds.csv", "converged", -48297.110930);
	check_stress("clv_stress/stress_daily_heavy.csv", "converged", -797550.550098);
	check_recovery();
	check_boundaries();
	check_extremes();
	return tap_done();
}
