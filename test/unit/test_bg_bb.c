/*-------------------------------------------------------------------------
 *
 * test_bg_bb.c
 *	  BG/BB: numbers, the fit of the published example, the method bg_bb.
 *
 * The reference rows are our own computations with 30 to 60 digits, compared
 * as those of the other purchase models.  The donations are the table of
 * Fader, Hardie and Shang (2010): 11,104 donors, six yearly appeals.
 *
 *-------------------------------------------------------------------------
 */
#include "buyers.h"
#include "ps_purchase.h"
#include "ps_special.h"

static const ps_purchase_law *const law = &ps_law_bg_bb;

typedef struct reference
{
	const char *tag;
	double		in[8];			/* alpha, beta, gamma, delta, x, t_x, n, occasions ahead */
	double		log_likelihood,
				alive,			/* at occasion n + 1 */
				purchases,
				discounted;		/* at 0.1 an occasion, without end */
} reference;

static const reference references[] = {
	{"donations", {1.204, 0.750, 0.657, 2.783, 0, 0, 6, 5}, -1.1672624726738937816, 0.10801658416867419518, 0.072802877475043012434, 0.114646996181764105},
	{"donations", {1.204, 0.750, 0.657, 2.783, 1, 2, 6, 5}, -3.5880509328812963521, 0.25455647695170051785, 0.31407065510894504943, 0.49458563240749298208},
	{"donations", {1.204, 0.750, 0.657, 2.783, 1, 3, 6, 5}, -4.2247708724789479234, 0.48118059852011348251, 0.59367849371831414852, 0.93490062979792702249},
	{"donations", {1.204, 0.750, 0.657, 2.783, 3, 3, 6, 5}, -3.5273451686822703788, 0.09497278938125027023, 0.22350823004860283466, 0.35197162647532954849},
	{"donations", {1.204, 0.750, 0.657, 2.783, 2, 4, 6, 5}, -5.1956976010426469604, 0.58951411643369789278, 1.0573489419096805562, 1.6650699025937071243},
	{"donations", {1.204, 0.750, 0.657, 2.783, 4, 4, 6, 5}, -3.8483035194310996109, 0.20013343420063904382, 0.58302684790194240498, 0.91812685327161186664},
	{"donations", {1.204, 0.750, 0.657, 2.783, 2, 5, 6, 5}, -5.5065845926185684659, 0.80447159464156002106, 1.4428953704051189316, 2.2722126618996393005},
	{"donations", {1.204, 0.750, 0.657, 2.783, 4, 5, 6, 5}, -5.0956756388634244402, 0.69670106768510320002, 2.029623031477798556, 3.1961674045098336821},
	{"donations", {1.204, 0.750, 0.657, 2.783, 1, 6, 6, 5}, -4.8841455419033456185, 0.93040254237288135593, 1.1479265406926695883, 1.8077078034841838355},
	{"donations", {1.204, 0.750, 0.657, 2.783, 3, 6, 6, 5}, -5.8093720794354340649, 0.93040254237288135593, 2.189602167455527654, 3.4480960099126628152},
	{"donations", {1.204, 0.750, 0.657, 2.783, 5, 6, 6, 5}, -4.2951247653843731425, 0.93040254237288135593, 3.2312777942183857196, 5.0884842163411417948},
	{"gamma_eq_1", {1.204, 0.75, 1, 2.783, 2, 4, 6, 5}, -5.3742906731595471897, 0.4709730458137766543, 0.79920075828373230586, 1.1437168730975328778},
	{"large_n", {1.204, 0.750, 0.657, 2.783, 50, 90, 100, 12}, -70.599936521017334488, 0.036246462489675880659, 0.21126402405547455041, 0.17204701423083087204},
	{"large_n_x0", {1.204, 0.750, 0.657, 2.783, 0, 0, 1000, 12}, -1.2473032002462762221, 0.000013666595125853116624, 1.9636479921528515704e-7, 1.6316797343893064169e-7},
	{"huge", {1e6, 2e6, 1e4, 1e5, 2, 4, 6, 5}, -4.0562616755016870881, 0.65052438006002930266, 0.90421154123540730565, 1.1358940504684683671}
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
	close_to(law->log_likelihood(&m, in[4], in[5], in[6]), row->log_likelihood, 1e-9, 1e-12, "log-likelihood, %s", row->tag);
	close_to(odds, log(row->alive / (1 - row->alive)), 1e-8, 1e-8, "log-odds of P(alive), %s", row->tag);
	close_to(alive * purchases, row->purchases, 1e-9, 1e-300, "expected purchases, %s", row->tag);
	close_to(alive * law->discounted(&m, in[4], in[6], INFINITY, log(1.1)), row->discounted, 1e-9, 1e-300,
			 "discounted purchases, %s", row->tag);
	ok(survival >= 0 && survival <= 1, "survival is a probability, %s", row->tag);
}

static void
check_reference_file(void)
{
	FILE	   *file = open_data("clv_vectors/vectors_bgbb.csv");
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];

	while (file != NULL && next_line(file, line, fields) >= 14)
	{
		reference	row = {fields[0], {0}, atof(fields[10]), atof(fields[11]), atof(fields[12]), atof(fields[13])};

		for (int i = 0; i < 8; i++)
			row.in[i] = atof(fields[i + 1]);
		check_reference(&row);
	}
	if (file != NULL)
		fclose(file);
}

/* Published values, to the digits printed (BTYD 2.4.3). */
static void
check_published(void)
{
	static const double counts[][2] = {
		{1, 0.05163496226}, {3, 0.0380617976}, {5, 0.03335488161}, {7, 0.03274249005}, {9, 0.03734459002}
	};
	ps_purchase m = {law, {1.20, 0.75, 0.66, 2.78}};

	close_to(ps_purchase_alive(&m, 3, 4, 6), 0.4383438546, 1e-9, 0, "P(alive)");
	for (int x = 1; x <= 5; x += 2)
		close_to(ps_purchase_alive(&m, x, 6, 6) * law->discounted(&m, x, 6, INFINITY, log(1.1)),
				 x == 1 ? 1.802044799 : x == 3 ? 3.440267343 : 5.078489887, 1e-9, 0,
				 "discounted expected residual transactions, %d purchases", x);

	/* a new customer may be gone before the first occasion; no purchase is known in the first 6 occasions */
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
	{
		double		still = exp(ps_log_rising(2.78, 7) - ps_log_rising(0.66 + 2.78, 7));
		ps_purchase later = {law, {1.20, 0.75, 0.66, 2.78 + 6}};

		close_to(still * law->exactly(&later, 0, 0, 10, counts[i][0]), counts[i][1], 1e-8, 0,
				 "P(%g purchases at occasions 7 to 16)", counts[i][0]);
	}
}

/* Relations that hold between the answers, whatever computes them. */
static void
check_identities(void)
{
	static const double parameters[][4] = {
		{1.2, 0.75, 0.66, 2.78}, {0.3, 2, 1, 9}, {0.3, 2, 1 + 1e-9, 9}, {50, 20, 1.4999, 300}, {50, 20, 1.5001, 300}, {1, 1, 30, 1}
	};

	for (size_t p = 0; p < sizeof(parameters) / sizeof(parameters[0]); p++)
		for (double h = 0; h <= 300; h = 3 * h + 1)
		{
			ps_purchase m = {law, {parameters[p][0], parameters[p][1], parameters[p][2], parameters[p][3]}};
			double		x = 2,
						t_x = 4,
						n = 9,
						total = law->silence(&m, x, n, h),
						mean = 0,
						occasions = 0,
						worth = 0,
						alive = 1,
						survival,
						purchases;

			close_to(ps_purchase_silence(&m, x, t_x, n, h),
					 exp(law->log_likelihood(&m, x, t_x, n + h) - law->log_likelihood(&m, x, t_x, n)), 1e-11, 0,
					 "silence at %g occasions is a ratio of likelihoods", h);
			for (double k = 1; k <= h; k++)
			{
				double		chance = law->exactly(&m, x, n, h, k);

				total += chance;
				mean += k * chance;
				close_to(law->at_least(&m, x, n, h, k) - law->at_least(&m, x, n, h, k + 1), chance, 1e-8, 1e-13,
						 "exactly %g of %g", k, h);
			}
			law->forecast(&m, x, n, h, &survival, &purchases);
			close_to(total, 1, 1e-12, 0, "probabilities of counts at %g occasions sum to 1", h);
			close_to(mean, purchases, 1e-10, 1e-300, "and their mean is the expectation");
			for (double k = 0; k < h; k++)
			{
				double		d = m.values[3] + n + 1 + k;

				occasions += alive;
				worth += alive * exp(-0.01 * (k + 1));
				alive *= d / (m.values[2] + d);
			}
			close_to(survival, alive, 1e-12, 0, "survival of %g occasions as a product", h);
			mean = (m.values[0] + x) / (m.values[0] + m.values[1] + n);
			close_to(purchases, mean * occasions, 1e-11, 0, "purchases at %g occasions as a sum", h);
			close_to(law->discounted(&m, x, n, h, 0.01), mean * worth, 1e-10, 0, "the same, discounted");
			close_to(law->at_least(&m, x, n, h, h + 1), 0, 0, 0, "no more purchases than occasions");
		}
}

/* Analytic gradient and Hessian against central differences, whose own error is about 1e-8. */
static void
check_derivatives(void)
{
	static const double points[][4] = {{0.2, -0.3, -0.4, 1}, {2, 3, 4, 5}, {-3, 0, 1, -2}};
	static const ps_purchase_group groups[] = {
		{0, 0, 0, 2}, {0, 0, 6, 5}, {1, 1, 6, 3}, {3, 4, 6, 1}, {4, 4, 4, 2}, {20, 60, 400, 1}
	};
	const size_t n = sizeof(groups) / sizeof(groups[0]);

	for (size_t point = 0; point < sizeof(points) / sizeof(points[0]); point++)
	{
		ps_newton_sums at = {0};
		double		worst_gradient = 0,
					worst_hessian = 0;

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
	}
}

static const ps_column columns[] = {{"x", PS_TYPE_NUMBER}, {"last", PS_TYPE_NUMBER}, {"appeals", PS_TYPE_NUMBER}};
static const char *const named = "{\"frequency\":\"x\",\"recency\":\"last\",\"tenure\":\"appeals\",\"time_unit\":\"year\"}";

static void
check_donations(void)
{
	static const double cells[][3] = {	/* x, t_x, donors */
		{6, 6, 1203}, {5, 6, 728}, {4, 6, 512}, {3, 6, 357}, {2, 6, 234}, {1, 6, 129}, {5, 5, 335}, {4, 5, 284},
		{3, 5, 225}, {2, 5, 173}, {1, 5, 119}, {4, 4, 240}, {3, 4, 181}, {2, 4, 155}, {1, 4, 78}, {3, 3, 322},
		{2, 3, 255}, {1, 3, 129}, {2, 2, 613}, {1, 2, 277}, {1, 1, 1091}, {0, 0, 3464}
	};
	enum
	{
		CELLS = sizeof(cells) / sizeof(cells[0])
	};
	static const double expected[] = {1.203522, 0.749716, 0.656718, 2.783442};
	ps_cell		rows[3 * CELLS] = {0};
	double		weights[CELLS];
	ps_request	request = {.has_horizon = true, .horizon = 10 * 365.25};
	ps_answer	answer;
	host		h;
	fitted		f;

	for (int i = 0; i < CELLS; i++)
	{
		rows[3 * i].number = cells[i][0];
		rows[3 * i + 1].number = cells[i][1];
		rows[3 * i + 2].number = 6;
		weights[i] = cells[i][2];
	}
	host_init(&h);
	f = fit_cells(&h, "bg_bb", named, columns, 3, rows, weights, CELLS);
	if (!ok(f.status == PS_OK, "donations: fits"))
		printf("# %s\n", f.error.message);
	else
	{
		ok(strcmp(ps_value_text_or(ps_value_get(f.document, "parameters"), "status", ""), "converged") == 0,
		   "donations: converged");
		close_to(parameter(&f, "", "log_likelihood"), -33225.58127, 0, 1e-4, "donations: log-likelihood");
		for (int i = 0; i < 4; i++)
		{
			close_to(parameter(&f, "", law->names[i]), expected[i], 1e-3, 0, "donations: %s", law->names[i]);
			ok(ps_value_number_or(ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors"), law->names[i],
								  -1) > 0, "donations: standard error of %s", law->names[i]);
		}
		rows[0].number = 4;
		rows[1].number = 5;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_PURCHASES, rows, &request, &answer, &f.error) == PS_OK, "donations: asks");
		close_to(answer.number, 3.627858, 1e-4, 0, "donations: expected donations in ten years");
		rows[0].number = rows[1].number = rows[2].number = 0;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_PURCHASES, rows, &request, &answer, &f.error) == PS_OK, "asks");
		close_to(answer.number, 3.179805, 1e-4, 0, "donations: expected donations of a new donor in ten years");
	}
	host_free(&h);
}

static void
check_input(void)
{
	static const double wrong[][3] = {{3, 2, 6}, {1, 1.5, 6}, {1, 2, 6.5}, {1, 2, 2e6}};
	ps_cell		rows[6] = {{.number = 1}, {.number = 2}, {.number = 6}, {.number = 0}, {.number = 0}, {.number = 6}};
	ps_column	history = {"orders", PS_TYPE_HISTORY};
	ps_cell		histories[3] = {{.history = {1, 3, 10, NAN}}, {.history = {0, 0, 10, NAN}}, {.history = {4, 10, 10, NAN}}};
	ps_request	request = {.has_horizon = true, .horizon = 364};
	ps_answer	answer;
	host		h;
	fitted		f;

	host_init(&h);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		for (int k = 0; k < 3; k++)
			rows[k].number = wrong[i][k];
		f = fit_cells(&h, "bg_bb", named, columns, 3, rows, NULL, 2);
		ok(f.status == PS_INVALID_DATA && strstr(f.error.message, "do not count occasions") != NULL &&
		   strstr(f.error.hint, "whole numbers") != NULL, "refused: frequency %g, recency %g, tenure %g", wrong[i][0],
		   wrong[i][1], wrong[i][2]);
	}
	f = fit_cells(&h, "bg_bb", "{\"time_unit\":\"week\"}", &history, 1, histories, NULL, 3);
	ok(f.status == PS_INVALID_OPTION && strstr(f.error.message, "week") != NULL && strstr(f.error.hint, "frequency") != NULL,
	   "a history does not say in which weeks there was a purchase");
	f = fit_cells(&h, "bg_bb", "{}", &history, 1, histories, NULL, 3);
	ok(f.status == PS_OK, "but on which days");

	f = make_model(&h, "bg_bb", "{\"alpha\":1.2,\"beta\":0.75,\"gamma\":0.66,\"delta\":2.78}", named);
	rows[0].number = 3;
	rows[1].number = 4;
	rows[2].number = 6;
	ok(ps_model_ask(&h.env, f.model, PS_ASK_PURCHASES, rows, &request, &answer, &f.error) == PS_OK && answer.number == 0,
	   "no occasion is complete within 364 days");
	ok(ps_model_ask(&h.env, f.model, PS_ASK_CHURN, rows, &request, &answer, &f.error) == PS_OK && answer.number == 1,
	   "and so nothing is bought");
	request.horizon = 1e9;
	ok(ps_model_ask(&h.env, f.model, PS_ASK_CHURN, rows, &request, &answer, &f.error) == PS_INVALID_DATA,
	   "too many occasions are refused");
	host_free(&h);
}

/* Whatever is legitimate is answered with finite numbers. */
static void
check_extremes(void)
{
	static const double extreme[][3] = {
		{0, 0, 0}, {0, 0, 1e6}, {1e6, 1e6, 1e6}, {1, 1, 1e6}, {1, 1e6, 1e6}, {5e5, 7e5, 1e6}, {1, 1, 1}
	};
	static const char *const models[] = {
		"{\"alpha\":1e-100,\"beta\":1e-100,\"gamma\":1e-100,\"delta\":1e-100}",
		"{\"alpha\":1e100,\"beta\":1e100,\"gamma\":1e100,\"delta\":1e100}",
		"{\"alpha\":1e-100,\"beta\":1e100,\"gamma\":1e-100,\"delta\":1e100}",
		"{\"alpha\":1e100,\"beta\":1e-100,\"gamma\":1e100,\"delta\":1e-100}",
		"{\"alpha\":1,\"beta\":1,\"gamma\":1e-9,\"delta\":1e9}", "{\"alpha\":1e-9,\"beta\":1,\"gamma\":1,\"delta\":1}"
	};
	static const double years[] = {1e-9, 1, 40, 1000};
	host		h;
	fitted		f;

	host_init(&h);
	for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++)
	{
		int			bad = 0;

		f = make_model(&h, "bg_bb", models[m], named);
		for (size_t i = 0; i < sizeof(extreme) / sizeof(extreme[0]); i++)
			for (size_t y = 0; y < sizeof(years) / sizeof(years[0]); y++)
				for (int question = PS_ASK_CHURN; question <= PS_ASK_AT_LEAST; question++)
				{
					ps_cell		cells[3] = {{.number = extreme[i][0]}, {.number = extreme[i][1]}, {.number = extreme[i][2]}};
					ps_request	request = {.has_horizon = true, .horizon = years[y] * 365.25, .count = 3};
					ps_answer	answer;

					if (question == PS_ASK_VALUE || question == PS_ASK_CLUSTER)
						continue;
					f.status = ps_model_ask(&h.env, f.model, (ps_question) question, cells, &request, &answer, &f.error);
					if (f.status != PS_OK || answer.null || !(answer.number >= 0 && answer.number <= 1 + 1001 * (question == PS_ASK_PURCHASES)))
					{
						printf("# model %d, %g of %g, %g years, question %d: %g %s\n", (int) m, extreme[i][0], extreme[i][2],
							   years[y], question, answer.number, f.error.message);
						bad++;
					}
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
	check_donations();
	check_input();
	check_extremes();
	return tap_done();
}
