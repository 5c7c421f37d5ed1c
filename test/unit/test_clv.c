/*-------------------------------------------------------------------------
 *
 * test_clv.c
 *	  The method clv: both parts together, and its behaviour on failure.
 *
 *-------------------------------------------------------------------------
 */
#include "buyers.h"
#include "ps_special.h"

static const char *const known = "{\"purchase\":{\"r\":0.243,\"alpha\":4.414,\"a\":0.793,\"b\":2.426},"
"\"spend\":{\"p\":6.25,\"q\":3.74,\"v\":15.44}}";

/* Customers of varied behaviour, in days. */
static void
simulate(ps_history *histories, size_t n)
{
	int64_t		state = 7;

	for (size_t i = 0; i < n; i++)
	{
		double		rate = -log(uniform(&state)) / 15,
					p = 1 - sqrt(uniform(&state)),
					level = 20 / uniform(&state),
					t = 0,
					sum = 0;

		histories[i] = (ps_history) {0, 0, 60 + floor(40 * uniform(&state)), NAN};
		while (uniform(&state) > p && (t += ceil(-log(uniform(&state)) / rate)) < histories[i].tenure)
		{
			histories[i].frequency++;
			histories[i].recency = t;
			sum += level * (0.5 + uniform(&state));
		}
		if (histories[i].frequency > 0)
			histories[i].monetary = sum / histories[i].frequency;
	}
}

/* Value is P(alive) times discounted purchases times amount: against the reference rows, for spend 10 a purchase, and without it. */
static void
check_value_file(void)
{
	FILE	   *file = open_data("clv_vectors/vectors_bgnbd.csv");
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX],
				parameters[400];
	host		h;
	int			n;

	while (file != NULL && (n = next_line(file, line, fields)) >= 15)
	{
		ps_history	history = {atof(fields[5]), atof(fields[6]), atof(fields[7]), 10};
		double		horizon = atof(fields[8]);
		fitted		f;

		if (fields[12][0] == '\0' || horizon == 0)
			continue;
		host_init(&h);

		/* p v / (p x + q - 1) with m = 10 is 10 for any x when v = 10 (q - 1) / p */
		snprintf(parameters, sizeof(parameters), "{\"purchase\":{\"r\":%s,\"alpha\":%s,\"a\":%s,\"b\":%s},"
				 "\"spend\":{\"p\":2,\"q\":5,\"v\":20}}", fields[1], fields[2], fields[3], fields[4]);
		f = make_model(&h, "clv", parameters, "{\"purchase\":\"bg_nbd\",\"time_unit\":\"day\"}");
		close_to(ask(&h, &f, PS_ASK_DISCOUNTED, history, horizon, expm1(atof(fields[13]) * 365.25)), atof(fields[14]), 1e-9,
				 1e-300, "discounted purchases of a row %s, horizon %g", fields[0], horizon);
		close_to(ask(&h, &f, PS_ASK_VALUE, history, horizon, expm1(atof(fields[13]) * 365.25)), atof(fields[12]), 1e-9,
				 1e-300, "value of a row %s, horizon %g", fields[0], horizon);
		host_free(&h);
	}
	if (file != NULL)
		fclose(file);
}

static void
check_questions(void)
{
	static const ps_history buyer = {2, 30.43 * 7, 38.86 * 7, 22.35};
	static const ps_history once = {0, 0, 38.86 * 7, NAN};
	host		h;
	fitted		f,
				g;
	double		weekly = expm1(0.0027 * 365.25 / 7);

	host_init(&h);
	f = make_model(&h, "clv", known, "{\"purchase\":\"bg_nbd\",\"time_unit\":\"week\"}");
	ok(f.status == PS_OK, "make_model");
	close_to(ask(&h, &f, PS_ASK_SCORE, buyer, 0, 0), 0.72657857008067291068, 1e-12, 0, "the score is P(alive)");
	close_to(ask(&h, &f, PS_ASK_ALIVE_LOG_ODDS, buyer, 0, 0), log(0.72657857008067291068 / (1 - 0.72657857008067291068)), 1e-12, 0,
			 "its log-odds");
	close_to(ps_expit(ask(&h, &f, PS_ASK_ALIVE_LOG_ODDS, buyer, 273, 0)), ask(&h, &f, PS_ASK_ALIVE, buyer, 273, 0), 1e-12, 0,
			 "and those after a horizon");
	ok(isnan(ask(&h, &f, PS_ASK_ALIVE_LOG_ODDS, once, 0, 0)) && f.status == PS_OK, "null where nobody can have dropped out");
	close_to(ask(&h, &f, PS_ASK_PURCHASES, buyer, 273, 0), 1.2260281747671444463, 1e-12, 0, "expected purchases");
	close_to(ask(&h, &f, PS_ASK_VALUE, buyer, 273, 0), 1.2260281747671444463 * 24.663713910761154856, 1e-12, 0,
			 "value without discount");
	close_to(ask(&h, &f, PS_ASK_VALUE, buyer, 273, weekly), 1.1671760486310766324 * 24.663713910761154856, 1e-9, 0,
			 "value with a discount");
	close_to(ask(&h, &f, PS_ASK_VALUE, once, 7, weekly), 0.0055881193766735647053 * 35.218978102189781022, 1e-9, 0,
			 "value of a customer without repeats");
	close_to(ask(&h, &f, PS_ASK_VALUE, buyer, 0, weekly), ask(&h, &f, PS_ASK_VALUE, buyer, 7e5, weekly), 1e-9, 0,
			 "no horizon is an infinite one");
	ok(ask(&h, &f, PS_ASK_VALUE, buyer, 0, weekly) > ask(&h, &f, PS_ASK_VALUE, buyer, 3650, weekly), "and more than any");
	close_to(ask(&h, &f, PS_ASK_DISCOUNTED, buyer, 273, weekly), 1.1671760486310766324, 1e-9, 0, "discounted purchases");
	close_to(ask(&h, &f, PS_ASK_DISCOUNTED, once, 7, weekly), 0.0055881193766735647053, 1e-9, 0, "of one who came once");
	close_to(ask(&h, &f, PS_ASK_DISCOUNTED, buyer, 273, 0), ask(&h, &f, PS_ASK_PURCHASES, buyer, 273, 0), 0, 0,
			 "without discount they are the expected purchases");
	close_to(ask(&h, &f, PS_ASK_DISCOUNTED, buyer, 0, weekly), ask(&h, &f, PS_ASK_DISCOUNTED, buyer, 7e5, weekly), 1e-9, 0,
			 "and without horizon those of a very long one");
	ok(isnan(ask(&h, &f, PS_ASK_DISCOUNTED, buyer, 0, 0)) && f.status == PS_INVALID_DATA &&
	   strstr(f.error.message, "discounted_purchases without a horizon") != NULL, "one of both is needed");
	ok(isnan(ask(&h, &f, PS_ASK_VALUE, buyer, 0, 0)) && f.status == PS_INVALID_DATA &&
	   strstr(f.error.hint, "horizon") != NULL && strstr(f.error.hint, "discount") != NULL,
	   "neither horizon nor discount is an error with a hint");

	g = make_model(&h, "clv", known, "{\"time_unit\":\"week\"}");
	ok(strcmp(ps_value_text_or(ps_value_get(ps_value_get(g.document, "parameters"), "purchase"), "method", ""), "mbg_nbd")
	   == 0, "mbg_nbd is the default");
	ok(ask(&h, &g, PS_ASK_SCORE, once, 0, 0) < 1, "under which customers without repeats may have dropped out");

	g = make_model(&h, "clv", "{\"purchase\":{\"r\":1,\"alpha\":1,\"a\":1,\"b\":1},\"spend\":{\"p\":6,\"q\":0.9,\"v\":1}}", "{}");
	ok(isnan(ask(&h, &g, PS_ASK_VALUE, once, 30, 0)) && g.status == PS_OK, "q <= 1: null without repeats");
	ok(ask(&h, &g, PS_ASK_VALUE, buyer, 30, 0) > 0, "but not with");

	g = make_model(&h, "clv", known, "{\"purchase\":\"auto\"}");
	ok(g.status == PS_INVALID_OPTION && strstr(g.error.message, "nothing to choose by") != NULL, "parameters do not choose a model");
	g = make_model(&h, "clv", "{\"purchase\":{\"r\":1,\"alpha\":1,\"a\":1,\"b\":1}}", "{}");
	ok(g.status == PS_INVALID_DATA && strstr(g.error.hint, "\"spend\"") != NULL, "spend is missing");
	g = make_model(&h, "clv", "{\"purchase\":{\"r\":1,\"alpha\":1,\"a\":1,\"b\":0},\"spend\":{\"p\":6,\"q\":0.9,\"v\":1}}", "{}");
	ok(g.status == PS_INVALID_DATA && strstr(g.error.message, "\"b\" is 0") != NULL, "a bad parameter is named");
	host_free(&h);
}

static void
check_fit(void)
{
	static ps_history histories[400];
	static const ps_column columns[] = {
		{"x", PS_TYPE_NUMBER}, {"t_x", PS_TYPE_NUMBER}, {"t", PS_TYPE_NUMBER}, {"m", PS_TYPE_NUMBER}
	};
	static ps_cell cells[4 * 400];
	host		h;
	fitted		both,
				purchase,
				spend,
				plain;
	ps_value   *metrics;
	ps_frame   *frame;
	double		loss;

	host_init(&h);
	simulate(histories, 400);
	histories[0] = (ps_history) {3, 50, 80, 0};
	both = fit_histories(&h, "clv", "{}", histories, NULL, 400);
	purchase = fit_histories(&h, "mbg_nbd", "{}", histories, NULL, 400);
	spend = fit_histories(&h, "gamma_gamma", "{}", histories, NULL, 400);
	ok(both.status == PS_OK && purchase.status == PS_OK && spend.status == PS_OK, "fits");
	ok(parameter(&both, "purchase", "customers") == 400, "customers with amounts of 0 stay in the purchase part");
	close_to(parameter(&both, "purchase", "alpha"), parameter(&purchase, "", "alpha"), 0, 0, "same as mbg_nbd alone");
	close_to(parameter(&both, "spend", "v"), parameter(&spend, "", "v"), 0, 0, "same as gamma_gamma alone");

	for (size_t i = 0; i < 400; i++)
	{
		cells[4 * i] = (ps_cell) {.number = histories[i].frequency};
		cells[4 * i + 1] = (ps_cell) {.number = histories[i].recency / 7};
		cells[4 * i + 2] = (ps_cell) {.number = histories[i].tenure / 7};
		cells[4 * i + 3] = (ps_cell) {.number = histories[i].monetary, .null = isnan(histories[i].monetary)};
	}
	plain = fit_cells(&h, "clv", "{\"frequency\":\"x\",\"recency\":\"t_x\",\"tenure\":\"t\",\"monetary\":\"m\",\"time_unit\":\"week\"}",
					  columns, 4, cells, NULL, 400);
	ok(plain.status == PS_OK && plain.model->ninputs == 4 && strcmp(plain.model->inputs[3].name, "m") == 0,
	   "four named columns are the inputs");
	close_to(7 * parameter(&plain, "purchase", "alpha"), parameter(&both, "purchase", "alpha"), 1e-6, 0,
			 "named columns, already in weeks, give the same model");

	ps_frame_create(&h.env, &(ps_column) {"orders", PS_TYPE_HISTORY}, 1, false, false, &frame, &both.error);
	for (size_t i = 0; i < 400; i++)
		ps_frame_append(frame, &(ps_cell) {.history = histories[i]}, 0, 1, &both.error);
	ps_frame_append(frame, &(ps_cell) {.null = true}, 0, 1, &both.error);
	ok(ps_model_evaluate(&h.env, both.model, frame, &metrics, &loss, &both.error) == PS_OK, "evaluates");
	ok(ps_value_number_or(metrics, "customers", 0) == 400, "the row without a history does not count");
	close_to(ps_value_number_or(metrics, "log_likelihood", NAN),
			 parameter(&both, "purchase", "log_likelihood") + parameter(&both, "spend", "log_likelihood"), 1e-10, 0,
			 "log-likelihood is that of both parts");
	close_to(loss, -ps_value_number_or(metrics, "log_likelihood", NAN) / 400, 1e-14, 0, "loss is its mean, negative");
	host_free(&h);
}

/* Every allocation may fail and every poll may cancel or jump: nothing but a clean error, and no leak. */
static void
check_failures(void)
{
	static ps_history histories[60];
	long		allocations,
				polls;
	volatile long bad = 0;		/* survives longjmp */
	host		h;
	fitted		f;

	simulate(histories, 60);
	host_init(&h);
	f = fit_histories(&h, "clv", "{}", histories, NULL, 60);
	ok(f.status == PS_OK, "a small fit");
	allocations = h.allocations;
	polls = h.polls;
	host_free(&h);

	for (long k = 1; k <= allocations; k++)
	{
		host_init(&h);
		h.fail_at = k;
		f = fit_histories(&h, "clv", "{}", histories, NULL, 60);
		bad += f.status != PS_OUT_OF_MEMORY;
		host_free(&h);
	}
	ok(bad == 0, "out of memory at each of %ld allocations", allocations);

	for (long k = 1; k <= polls; k++)
	{
		host_init(&h);
		h.cancel_at = k;
		f = fit_histories(&h, "clv", "{}", histories, NULL, 60);
		bad += f.status != PS_CANCELLED;
		host_free(&h);
	}
	ok(bad == 0, "cancelled at each of %ld polls", polls);

	for (volatile long k = 1; k <= polls; k++)
	{
		ps_column	column = {"orders", PS_TYPE_HISTORY};
		static ps_cell cells[60];

		for (size_t i = 0; i < 60; i++)
			cells[i].history = histories[i];
		host_init(&h);
		h.jump_at = k;
		if (setjmp(h.jump) == 0)
		{
			fit_cells(&h, "clv", "{}", &column, 1, cells, NULL, 60);
			bad++;
		}
		host_free(&h);
	}
	ok(bad == 0, "jumped out of at each of %ld polls", polls);
}

int
main(void)
{
	check_value_file();
	check_questions();
	check_fit();
	check_failures();
	return tap_done();
}
