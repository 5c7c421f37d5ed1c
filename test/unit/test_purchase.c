/*-------------------------------------------------------------------------
 *
 * test_purchase.c
 *	  BG/NBD and MBG/NBD: numbers, fits and the methods bg_nbd and mbg_nbd.
 *
 * The reference rows are our own computations with 30 to 60 digits.  P(alive)
 * is compared as log-odds, expectations to 1e-7 relative (the references of a
 * few rows come from quadrature, good to 9 digits) and log-likelihoods to
 * 1e-9.  Fits are compared with the published CDNOW values and with maxima
 * recomputed by us: log-likelihood to 1e-4, parameters to 0.1 %.
 *
 *-------------------------------------------------------------------------
 */
#include "buyers.h"
#include "ps_purchase.h"
#include "ps_special.h"

#define DELTA 0.0027			/* discount rate of the reference rows */

typedef struct reference
{
	const char *tag;
	bool		early;
	double		in[8];			/* r, alpha, a, b, x, t_x, T, horizon */
	double		log_likelihood,
				alive,
				purchases,
				discounted;
} reference;

static const reference references[] = {
	{"cdnow", false, {0.243, 4.414, 0.793, 2.426, 0, 0, 38.86, 1}, -0.55471327643815845108, 1.0, 0.0055956578894840522224, 0.0055881193766735647053},
	{"cdnow", false, {0.243, 4.414, 0.793, 2.426, 0, 0, 38.86, 520}, -0.55471327643815845108, 1.0, 1.4645477714482394753, 0.887142932155169633},
	{"cdnow", false, {0.243, 4.414, 0.793, 2.426, 2, 30.43, 38.86, 39}, -9.4586063070662712451, 0.72657857008067291068, 1.2260281747671444463, 1.1671760486310766324},
	{"cdnow", false, {0.243, 4.414, 0.793, 2.426, 26, 30.86, 31, 520}, -37.726579473394441097, 0.96891564971752508146, 98.129627918523979652, 65.275039876741090194},
	{"large_x", false, {0.243, 4.414, 0.793, 2.426, 50, 20, 38.86, 39}, -22.616857833576418042, 2.0994117546926596517e-11, 7.30655373419280166e-10, 6.9650102036308017142e-10},
	{"large_x", false, {0.243, 4.414, 0.793, 2.426, 300, 20, 38.86, 39}, 440.50786252910995182, 8.7714312401430456681e-73, 1.8122595466295142704e-70, 1.727720095712171048e-70},
	{"large_x", false, {0.243, 4.414, 0.793, 2.426, 1000, 20, 38.86, 39}, 2698.0581514395008718, 2.8368623429866318963e-246, 1.9507463116396919713e-243, 1.8597740404194777879e-243},
	{"tiny_alpha_x0", false, {0.243, 1e-6, 0.793, 2.426, 0, 0, 38.86, 39}, -4.2465406747182136509, 1.0, 0.21487693472713706909, 0.20437664216127813384},
	{"huge_r_alpha", false, {1e5, 1e6, 0.793, 2.426, 3, 10, 38.86, 39}, -10.011903363117605768, 0.23747231353483212084, 0.75161015005215137474, 0.71591339773965715503},
	{"tiny_r_x5", false, {1e-4, 4.414, 0.793, 2.426, 5, 20, 38.86, 39}, -24.628352158469224324, 0.31653336311940299994, 1.1575726718551812843, 1.1025156267648632981},
	{"T_huge_recent", false, {0.243, 4.414, 0.793, 2.426, 4, 999999, 1e6, 365}, -58.127121813482294266, 0.87248706614389824593, 0.0013510683927790160345, 0.00085925220713576693624},
	{"horizon_huge", false, {0.243, 4.414, 0.793, 2.426, 4, 30, 38.86, 1e6}, -15.303375824556341931, 0.72133867882181407507, 137.5720330896414686, NAN},
	{"a_near_1_x0", false, {0.243, 4.414, 1, 2.426, 0, 0, 38.86, 39}, -0.55471327643815845108, 1.0, 0.19107701257392298054, 0.18177241533288083569},
	{"a_near_1_x0", false, {0.243, 4.414, 0.9999, 2.426, 0, 0, 38.86, 39}, -0.55471327643815845108, 1.0, 0.19107880918133846285, 0.18177409551369086328},
	{"a_tiny_b_tiny", false, {0.243, 4.414, 1e-4, 1e-4, 2, 30.43, 38.86, 39}, -9.9800679012284572327, 0.99983746379497067804, 2.0210319462929292302, 1.9182647590092368063},
	{"a_b_huge_geometric", false, {0.243, 4.414, 1e5, 3e5, 2, 30.43, 38.86, 39}, -9.4293131412932059802, 0.64853879434247661193, 0.94955277245491023616, NAN},
	{"degenerate_poisson", false, {1e6, 2e6, 0.793, 2.426, 20, 38, 38.86, 39}, -35.02993842501514802, 0.94616722581623138165, 14.239726292950387695, 13.573526890019035796},
	{"same_instant_T0", false, {0.243, 4.414, 0.793, 2.426, 0, 0, 0, 39}, 0.0, 1.0, 1.1967231933208168419, 1.1451023840343874461},
	{"lifetimes302_442_a_plus_b_le_1_x0", false, {0.11, 2.24, 0.31, 0.50, 0, 0, 1, 30}, -0.040600721033101848545, 1.0, 0.56458861553278472702, 0.54517705073287714274},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 0, 0, 38.86, 1}, -0.53983746353101455604, 0.38973508091876290083, 0.0045231723067847309433, NAN},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 2, 30.43, 38.86, 39}, -9.4855513145339315392, 0.70620226511848727576, 1.2629606232673656765, NAN},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 1, 1.71, 38.86, 1}, -4.4603606125843175884, 0.17083648431040802984, 0.0057521524704339561579, NAN},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 26, 30.86, 31, 1}, -38.322126947829790937, 0.96556614414406158422, 0.68122074710623414009, NAN},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 26, 10, 31, 39}, -19.725009579857671819, 8.0938765732588906715e-9, 1.6304605268322639136e-7, NAN},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 1000, 38, 38.86, 39}, 2106.1666480490025952, 4.7240884590943157104e-6, 0.0030519204738040891502, NAN},
	{"cdnow", true, {0.525, 6.183, 0.891, 1.614, 10000, 38.86, 38.86, 520}, 44019.002088429812337, 0.99991092231396035293, 29125.419675740514957, NAN},
	{"a_eq_1", true, {0.525, 6.183, 1, 1.614, 2, 30.43, 38.86, 39}, -9.5473653775220270875, 0.68170085522253051213, 1.1953133208487834592, NAN},
};

static const ps_purchase_law *
law_of(bool early)
{
	return early ? &ps_law_mbg_nbd : &ps_law_bg_nbd;
}

static void
check_reference(const reference *row)
{
	const double *in = row->in;
	ps_purchase model = {law_of(row->early), {in[0], in[1], in[2], in[3]}};
	double		odds = model.law->log_odds(&model, in[4], in[5], in[6]),
				alive = ps_expit(odds),
				survival,
				purchases;

	model.law->forecast(&model, in[4], in[6], in[7], &survival, &purchases);
	close_to(model.law->log_likelihood(&model, in[4], in[5], in[6]), row->log_likelihood, 1e-9, 1e-12,
			 "log-likelihood, %s", row->tag);
	if (row->alive == 1)
		ok(odds == INFINITY, "cannot have dropped out, %s", row->tag);
	else if (row->alive > 1e-290 && row->alive < 0.999)
		close_to(odds, log(row->alive / (1 - row->alive)), 1e-8, 1e-8, "log-odds of P(alive), %s", row->tag);
	else
		close_to(alive, row->alive, 1e-12, 0, "P(alive), %s", row->tag);
	ok(isfinite(odds) || row->alive == 1, "log-odds are finite where P(alive) is %g", row->alive);
	close_to(alive * purchases, row->purchases, 1e-7, 1e-300, "expected purchases, %s", row->tag);
	if (!isnan(row->discounted))
		close_to(alive * model.law->discounted(&model, in[4], in[6], in[7], DELTA), row->discounted, 1e-9, 1e-300,
				 "discounted purchases, %s", row->tag);
	ok(survival >= 0 && survival <= 1 + 1e-12, "survival is a probability, %s", row->tag);
}

static void
check_reference_file(const char *name, bool early)
{
	FILE	   *file = open_data(name);
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];
	int			n;

	while (file != NULL && (n = next_line(file, line, fields)) >= 12)
	{
		reference	row = {fields[0], early, {0}, atof(fields[9]), atof(fields[10]), atof(fields[11]), NAN};

		for (int i = 0; i < 8; i++)
			row.in[i] = atof(fields[i + 1]);
		if (n >= 15 && fields[14][0] != '\0')
			row.discounted = atof(fields[14]);
		check_reference(&row);
	}
	if (file != NULL)
		fclose(file);
}

/* Simpson's rule over the drop-out probability as a cube, which serves its small values; for a > 1 and b > 1. */
static double
average_over_dropout(const ps_purchase *m, double x, double T, double h, bool count)
{
	double		b = m->values[3] + x + (m->law->early ? 1 : 0),
				sum = 0,
				norm = 0;
	int			steps = 20000;

	for (int i = 1; i < steps; i++)
	{
		double		root = (double) i / steps,
					p = root * root * root,
					weight = (i % 2 == 1 ? 4 : 2) * root * root * pow(p, m->values[2] - 1) * pow(1 - p, b - 1),
					survival = pow(1 + p * h / (m->values[1] + T), -(m->values[0] + x));

		norm += weight;
		sum += weight * (count ? (1 - survival) / p : survival);
	}
	return sum / norm;
}

/* Relations that hold between the answers, whatever computes them. */
static void
check_identities(void)
{
	static const double horizons[] = {1e-3, 1, 30, 400, 1e5};

	for (int early = 0; early < 2; early++)
		for (size_t i = 0; i < sizeof(horizons) / sizeof(horizons[0]); i++)
		{
			ps_purchase m = {law_of(early == 1), {1.4, 7, 2.3, 3.1}};
			double		x = 3,
						t_x = 20,
						T = 31,
						h = horizons[i],
						survival,
						purchases,
						by_parts = 0;
			int			steps = 4000;

			/* no purchase within h: the likelihood of the longer silence over that of the shorter */
			close_to(ps_purchase_silence(&m, x, t_x, T, h),
					 exp(m.law->log_likelihood(&m, x, t_x, T + h) - m.law->log_likelihood(&m, x, t_x, T)),
					 1e-12, 0, "silence for %g is a ratio of likelihoods", h);

			m.law->forecast(&m, x, T, h, &survival, &purchases);
			close_to(survival, average_over_dropout(&m, x, T, h, false), 1e-7, 1e-12, "survival for %g by Simpson's rule", h);
			close_to(purchases, average_over_dropout(&m, x, T, h, true), 1e-7, 0, "purchases within %g by Simpson's rule", h);

			/* integral of exp(-d t) dE(t) = exp(-d h) E(h) + d * integral of exp(-d t) E(t) dt, Simpson in log(1 + t) */
			for (int k = 0; k <= steps; k++)
			{
				double		y = log1p(h) * k / steps,
							t = expm1(y),
							other,
							so_far;

				m.law->forecast(&m, x, T, t, &other, &so_far);
				by_parts += (k == 0 || k == steps ? 1 : k % 2 == 1 ? 4 : 2) * exp(y - 0.01 * t) * so_far;
			}
			by_parts = exp(-0.01 * h) * purchases + 0.01 * by_parts * log1p(h) / steps / 3;
			close_to(m.law->discounted(&m, x, T, h, 0.01), by_parts, 1e-9, 0, "discounting within %g by parts", h);
			close_to(m.law->discounted(&m, x, T, h, 0), purchases, 0, 0, "no discounting within %g", h);
			if (h == 1e5)
				close_to(m.law->discounted(&m, x, T, INFINITY, 0.01), by_parts, 1e-9, 0,
						 "without horizon as within a very long one");
		}
}

/* The numbers of purchases are a distribution whose mean is the expectation; published values of new customers (BTYD 2.4.3). */
static void
check_counts(void)
{
	static const double horizons[] = {1e-3, 1, 30, 400};
	static const double parameters[][4] = {{0.243, 4.414, 0.793, 2.426}, {1.4, 7, 2.3, 3.1}, {60, 300, 0.01, 5}, {0.01, 2, 1, 1}};
	static const double pmf[][2] = {
		{11, 0.001999521447}, {13, 0.001163315007}, {15, 0.0007023637659}, {17, 0.0004361912809}, {19, 0.0002769612648}
	};
	ps_purchase published = {&ps_law_bg_nbd, {0.243, 4.414, 0.793, 2.426}};

	for (size_t i = 0; i < sizeof(pmf) / sizeof(pmf[0]); i++)
		close_to(published.law->exactly(&published, 0, 0, 30, pmf[i][0]), pmf[i][1], 1e-9, 0,
				 "BG/NBD: P(%g purchases) of a new customer", pmf[i][0]);
	close_to(published.law->exactly(&published, 0, 0, 2, 10), 1.07868964e-07, 1e-8, 0, "BG/NBD: a rare number");

	for (int early = 0; early < 2; early++)
		for (size_t p = 0; p < sizeof(parameters) / sizeof(parameters[0]); p++)
			for (size_t i = 0; i < sizeof(horizons) / sizeof(horizons[0]); i++)
			{
				ps_purchase m = {law_of(early == 1), {parameters[p][0], parameters[p][1], parameters[p][2], parameters[p][3]}};
				double		h = horizons[i],
							total = m.law->silence(&m, 2, 10, h),
							mean = 0,
							rest = 1 - total,
							survival,
							purchases;

				close_to(m.law->at_least(&m, 2, 10, h, 1), rest, 1e-11, 1e-14, "one purchase or more within %g", h);
				for (double n = 1; n < 5000 && rest > 1e-13; n++)
				{
					double		chance = m.law->exactly(&m, 2, 10, h, n);

					total += chance;
					mean += m.law->at_least(&m, 2, 10, h, n);
					rest = m.law->at_least(&m, 2, 10, h, n + 1);
					if (n <= 20)
						close_to(m.law->at_least(&m, 2, 10, h, n) - rest, chance, 1e-8, 1e-13, "exactly %g within %g", n, h);
				}
				m.law->forecast(&m, 2, 10, h, &survival, &purchases);
				close_to(total, 1, 1e-11, 0, "probabilities of counts within %g sum to 1, case %d", h, (int) p);
				close_to(mean, purchases, 1e-9, 1e-12, "and their mean is the expectation");
			}
}

/* Days on which something comes true: the day before it is not. */
static void
check_days(void)
{
	static const char *const methods[] = {"bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb"};
	static const char *const known[] = {
		"{\"r\":0.243,\"alpha\":30,\"a\":0.793,\"b\":2.426}", "{\"r\":0.525,\"alpha\":43,\"a\":0.891,\"b\":1.614}",
		"{\"r\":0.553,\"alpha\":74,\"s\":0.606,\"beta\":81}", "{\"alpha\":1.2,\"beta\":20,\"gamma\":0.66,\"delta\":278}"
	};
	const ps_history buyer = {5, 100, 110, NAN};
	ps_cell		cell = {.history = buyer};
	host		h;

	host_init(&h);
	for (int i = 0; i < 4; i++)
	{
		fitted		f = make_model(&h, methods[i], known[i], "{}");
		ps_request	request = {.has_horizon = true, .horizon = 90, .probability = 0.5};
		ps_answer	answer;
		ps_history	later = buyer;

		ok(ps_model_ask(&h.env, f.model, PS_ASK_NEXT, &cell, &request, &answer, &f.error) == PS_OK && !answer.null,
		   "%s: the day of the next purchase", methods[i]);
		ok(1 - ask(&h, &f, PS_ASK_CHURN, buyer, answer.number, 0) >= 0.5 &&
		   (answer.number == 1 || 1 - ask(&h, &f, PS_ASK_CHURN, buyer, answer.number - 1, 0) < 0.5),
		   "%s: by day %g a purchase is as likely as not", methods[i], answer.number);
		request.probability = 0.999;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_NEXT, &cell, &request, &answer, &f.error) == PS_OK && answer.null,
		   "%s: it is never so likely", methods[i]);

		request.probability = 0.3;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_ALIVE_BELOW, &cell, &request, &answer, &f.error) == PS_OK && !answer.null,
		   "%s: the day on which P(alive) falls below", methods[i]);
		later.tenure = 110 + answer.number;
		ok(ask(&h, &f, PS_ASK_SCORE, later, 0, 0) < 0.3, "%s: below on that day, %g", methods[i], answer.number);
		later.tenure--;
		ok(ask(&h, &f, PS_ASK_SCORE, later, 0, 0) >= 0.3, "%s: not the day before", methods[i]);

		request.probability = 0.8;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_CHURN_ABOVE, &cell, &request, &answer, &f.error) == PS_OK && !answer.null,
		   "%s: the day from which silence is likely", methods[i]);
		later.tenure = 110 + answer.number;
		ok(ask(&h, &f, PS_ASK_CHURN, later, 90, 0) >= 0.8, "%s: likely on that day, %g", methods[i], answer.number);
		later.tenure--;
		ok(ask(&h, &f, PS_ASK_CHURN, later, 90, 0) < 0.8, "%s: not the day before", methods[i]);

		request.probability = 1;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_NEXT, &cell, &request, &answer, &f.error) == PS_INVALID_DATA,
		   "%s: certainty is refused", methods[i]);
		request = (ps_request) {.has_horizon = true, .horizon = 90, .count = 2.5};
		ok(ps_model_ask(&h.env, f.model, PS_ASK_EXACTLY, &cell, &request, &answer, &f.error) == PS_INVALID_DATA,
		   "%s: half a purchase is refused", methods[i]);
		request.count = 0;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_EXACTLY, &cell, &request, &answer, &f.error) == PS_OK, "asks");
		close_to(answer.number, ask(&h, &f, PS_ASK_CHURN, buyer, 90, 0), 1e-14, 0, "%s: no purchase is churn", methods[i]);
		ok(ps_model_ask(&h.env, f.model, PS_ASK_AT_LEAST, &cell, &request, &answer, &f.error) == PS_OK &&
		   answer.number == 1, "%s: none or more is certain", methods[i]);
		request.has_horizon = false;
		ok(ps_model_ask(&h.env, f.model, PS_ASK_AT_LEAST, &cell, &request, &answer, &f.error) == PS_INVALID_DATA,
		   "%s: numbers of purchases need a horizon", methods[i]);
	}
	host_free(&h);
}

/* The series, the average over drop-out, and both ways to discount agree where they meet. */
static void
check_continuity(void)
{
	static const double parameters[][4] = {
		{0.24, 4.4, 0.79, 2.43}, {0.24, 4.4, 1e-4, 1e-4}, {300, 20, 0.05, 8}, {2, 5, 50, 70}, {1e-3, 1, 1, 1}
	};

	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
	{
		const double *in = parameters[i];
		ps_purchase m = {&ps_law_mbg_nbd, {in[0], in[1], in[2], in[3]}};
		double		worst = 0;

		/* purchases are concave and survival convex in log time: second differences on a fine grid stay tiny */
		for (double y = -2; y < 9; y += 0.001)
		{
			double		s[3],
						e[3],
						d[3];

			for (int k = 0; k < 3; k++)
			{
				double		h = exp(y + 0.001 * k);

				m.law->forecast(&m, 2, 10, h, &s[k], &e[k]);
				d[k] = m.law->discounted(&m, 2, 10, h, 0.01);
			}
			worst = fmax(worst, fabs(log(s[0] * s[2] / (s[1] * s[1]))));
			worst = fmax(worst, fabs(log(e[0] * e[2] / (e[1] * e[1]))));
			worst = fmax(worst, fabs(log(d[0] * d[2] / (d[1] * d[1]))));
			y += 0.02;
		}
		ok(worst < 1e-5, "forecasts have no steps where the method changes, case %d (%.1e)", (int) i, worst);
	}
}

/* Analytic gradient and Hessian against central differences, whose own error is about 1e-8 and 1e-5. */
static void
check_derivatives(void)
{
	static const double points[][4] = {{-1.4, 0.3, -0.2, 0.9}, {0.5, 1.5, -3, 1.5}, {3, 4, 5, 6}, {-4, -3, 0.1, -0.5}};
	static const ps_purchase_group groups[] = {
		{0, 0, 0, 2}, {0, 0, 1.2, 5}, {0, 0, 3, 1}, {1, 0.2, 2, 3}, {1, 1.9, 2, 1}, {4, 0.5, 2.5, 2.5}, {60, 2, 2.1, 1}
	};
	const size_t n = sizeof(groups) / sizeof(groups[0]);

	for (int early = 0; early < 2; early++)
		for (size_t point = 0; point < sizeof(points) / sizeof(points[0]); point++)
		{
			ps_newton_sums at = {0},
						merged = {0},
						part = {0};
			double		worst_gradient = 0,
						worst_hessian = 0,
						direct = 0,
						theta[4];
			ps_purchase m = {law_of(early == 1), {exp(points[point][0]), exp(points[point][1]), exp(points[point][2]),
			exp(points[point][3])}};

			m.law->accumulate(m.law, groups, 0, n, points[point], &at);
			for (int i = 0; i < 4; i++)
			{
				ps_newton_sums side[2] = {0};
				double		step = 1e-5;

				for (int k = 0; k < 2; k++)
				{
					memcpy(theta, points[point], sizeof(theta));
					theta[i] += k == 0 ? -step : step;
					m.law->accumulate(m.law, groups, 0, n, theta, &side[k]);
				}
				worst_gradient = fmax(worst_gradient, fabs((side[1].value - side[0].value) / (2 * step) - at.gradient[i])
									  / (1 + fabs(at.gradient[i])));
				for (int j = 0; j < 4; j++)
					worst_hessian = fmax(worst_hessian, fabs((side[1].gradient[j] - side[0].gradient[j]) / (2 * step)
															 - at.hessian[i][j]) / (1 + fabs(at.hessian[i][j])));
			}
			ok(worst_gradient < 1e-7, "gradient, %s, point %d (%.1e)", early ? "mbg" : "bg", (int) point, worst_gradient);
			ok(worst_hessian < 1e-7, "Hessian, %s, point %d (%.1e)", early ? "mbg" : "bg", (int) point, worst_hessian);

			for (size_t i = 0; i < n; i++)
				direct += groups[i].weight * m.law->log_likelihood(&m, groups[i].frequency, groups[i].recency,
																		groups[i].tenure);
			close_to(at.value, direct, 1e-13, 1e-12, "value is the sum of the customers'");
			m.law->accumulate(m.law, groups, 0, 4, points[point], &merged);
			m.law->accumulate(m.law, groups, 4, n, points[point], &part);
			ps_newton_merge(&merged, &part);
			close_to(merged.value, at.value, 1e-13, 0, "parts of the rows merge to the whole");
			close_to(merged.hessian[1][2], at.hessian[1][2], 1e-12, 1e-13, "also the Hessian");
		}
}

static void
check_fit(const char *what, fitted *f, const char *status, double log_likelihood, double tolerance,
		  const double *parameters)
{
	static const char *const names[] = {"r", "alpha", "a", "b"};

	if (!ok(f->status == PS_OK, "%s: fits", what))
	{
		printf("# %s\n", f->error.message);
		return;
	}
	ok(strcmp(ps_value_text_or(ps_value_get(f->document, "parameters"), "status", ""), status) == 0,
	   "%s: status is %s", what, status);
	close_to(parameter(f, "", "log_likelihood"), log_likelihood, 0, tolerance, "%s: log-likelihood", what);
	for (int i = 0; parameters != NULL && i < 4; i++)
		close_to(parameter(f, "", names[i]), parameters[i], 1e-3, 0, "%s: %s", what, names[i]);
}

static void
check_cdnow(void)
{
	static ps_history histories[2400];
	static double weights[2400];
	size_t		n = read_cdnow(histories);
	host		h;
	fitted		f,
				g;
	const ps_value *errors;
	ps_value   *metrics;
	double		loss;

	if (n == 0)
		return;
	host_init(&h);
	ok(n == 2357, "the CDNOW sample has 2,357 customers");

	f = fit_histories(&h, "bg_nbd", "{\"time_unit\":\"week\"}", histories, NULL, n);
	check_fit("CDNOW BG/NBD", &f, "converged", -9582.429207, 1e-4,
			  (const double[]) {.2425945, 4.4136019, .7929199, 2.4258881});
	errors = ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors");
	close_to(ps_value_number_or(errors, "r", NAN), .01256, 1e-2, 0, "CDNOW: standard error of r");
	close_to(ps_value_number_or(errors, "alpha", NAN), .37822, 1e-2, 0, "CDNOW: standard error of alpha");
	close_to(ps_value_number_or(errors, "a", NAN), .18573, 1e-2, 0, "CDNOW: standard error of a");
	close_to(ps_value_number_or(errors, "b", NAN), .70541, 1e-2, 0, "CDNOW: standard error of b");
	ok(parameter(&f, "", "customers") == 2357, "CDNOW: all customers are kept");
	ok(parameter(&f, "", "iterations") < 15, "CDNOW: few iterations");

	{
		double		alive = 0,
					purchases = 0;

		for (size_t i = 0; i < n; i++)
		{
			alive += ask(&h, &f, PS_ASK_SCORE, histories[i], 0, 0);
			purchases += ask(&h, &f, PS_ASK_PURCHASES, histories[i], 273, 0);
		}
		close_to(alive / 2357, .8134396, 1e-5, 0, "CDNOW: mean P(alive)");
		close_to(purchases, 1653.408, 1e-5, 0, "CDNOW: purchases expected in 39 weeks");
		close_to(ask(&h, &f, PS_ASK_PURCHASES, histories[0], 273, 0), 1.2259933, 1e-5, 0, "CDNOW: customer 1");
	}

	{
		ps_column	column = {"orders", PS_TYPE_HISTORY};
		ps_frame   *frame;

		ps_frame_create(&h.env, &column, 1, false, false, &frame, &f.error);
		for (size_t i = 0; i < n; i++)
			ps_frame_append(frame, &(ps_cell) {.history = histories[i]}, 0, 1, &f.error);
		ok(ps_model_evaluate(&h.env, f.model, frame, &metrics, &loss, &f.error) == PS_OK, "evaluates");
		close_to(ps_value_number_or(metrics, "log_likelihood", NAN), -9582.429207, 0, 1e-4, "evaluation gives the log-likelihood");
		close_to(loss, 9582.429207 / 2357, 1e-7, 0, "loss is its mean, negative");
	}

	/* another unit of time: the same model */
	g = fit_histories(&h, "bg_nbd", "{}", histories, NULL, n);
	close_to(parameter(&g, "", "alpha") / 7, parameter(&f, "", "alpha"), 1e-6, 0, "days: alpha is seven times that of weeks");
	close_to(parameter(&g, "", "b"), parameter(&f, "", "b"), 1e-6, 0, "days: b is the same");
	close_to(parameter(&g, "", "log_likelihood"), -9582.429207 - 2457 * log(7), 0, 1e-4, "days: log-likelihood");
	close_to(ask(&h, &g, PS_ASK_PURCHASES, histories[0], 273, 0), ask(&h, &f, PS_ASK_PURCHASES, histories[0], 273, 0),
			 1e-6, 0, "days: predictions are the same");

	/* rows in another order; every row as two of half the weight */
	for (size_t i = 0; i < n / 2; i++)
	{
		ps_history	swap = histories[i];

		histories[i] = histories[n - 1 - i];
		histories[n - 1 - i] = swap;
	}
	g = fit_histories(&h, "bg_nbd", "{\"time_unit\":\"week\"}", histories, NULL, n);
	close_to(parameter(&g, "", "b"), parameter(&f, "", "b"), 1e-12, 0, "the order of rows does not matter");
	for (size_t i = 0; i < n; i++)
		weights[i] = 2;
	g = fit_histories(&h, "bg_nbd", "{\"time_unit\":\"week\"}", histories, weights, n);
	close_to(parameter(&g, "", "b"), parameter(&f, "", "b"), 1e-9, 0, "weight 2 gives the same parameters");
	close_to(parameter(&g, "", "log_likelihood"), 2 * -9582.429207, 0, 2e-4, "and twice the log-likelihood");

	f = fit_histories(&h, "mbg_nbd", "{\"time_unit\":\"week\"}", histories, NULL, n);
	check_fit("CDNOW MBG/NBD", &f, "converged", -9582.135716, 1e-4,
			  (const double[]) {.5248436, 6.1830929, .8913878, 1.6140483});
	host_free(&h);
}

/* Fit a stress set, given as number columns. */
static void
check_stress(const char *name, const char *status, double log_likelihood, const double *parameters)
{
	static const ps_column columns[] = {
		{"age", PS_TYPE_NUMBER}, {"n", PS_TYPE_NUMBER}, {"last", PS_TYPE_NUMBER}
	};
	static ps_cell cells[3 * 4000];
	FILE	   *file = open_data(name);
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];
	size_t		n = 0;
	host		h;
	fitted		f;

	if (file == NULL)
		return;
	host_init(&h);
	while (next_line(file, line, fields) >= 3)
	{
		cells[3 * n] = (ps_cell) {.number = atof(fields[2])};
		cells[3 * n + 1] = (ps_cell) {.number = atof(fields[0])};
		cells[3 * n + 2] = (ps_cell) {.number = atof(fields[1])};
		n++;
	}
	fclose(file);
	f = fit_cells(&h, "bg_nbd", "{\"frequency\":\"n\",\"recency\":\"last\",\"tenure\":\"age\",\"time_unit\":\"week\"}",
				  columns, 3, cells, NULL, n);
	check_fit(name, &f, status, log_likelihood, 1e-3, parameters);
	if (f.status == PS_OK && strcmp(status, "boundary") == 0)
	{
		ps_cell		row[3] = {{.number = 1}, {.number = 4}, {.number = 38}};
		ps_request	request = {.has_horizon = true,.horizon = 70};
		ps_answer	answer;

		close_to(parameter(&f, "", "a") / (parameter(&f, "", "a") + parameter(&f, "", "b")), .272, 5e-3, 0,
				 "%s: ratio of a and b", name);
		ok(ps_value_get(ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors"), "a")->type == PS_NULL,
		   "%s: no standard error", name);
		ok(f.notes->count > 0, "%s: noted", name);
		ok(ps_model_ask(&h.env, f.model, PS_ASK_PURCHASES, row, &request, &answer, &f.error) == PS_OK && !answer.null &&
		   answer.number > 0, "%s: predictions are finite", name);
	}
	host_free(&h);
}

/* Simulate customers of BG/NBD or MBG/NBD over T. */
static void
simulate(ps_history *histories, size_t n, bool early, double T)
{
	int64_t		state = 42;

	for (size_t i = 0; i < n; i++)
	{
		double		rate = -log(uniform(&state)) / 20,	/* Gamma(1, 20) */
					p = 1 - sqrt(uniform(&state)),	/* Beta(1, 2) */
					t = 0;

		histories[i] = (ps_history) {0, 0, T, NAN};
		if (early && uniform(&state) < p)
			continue;
		while ((t -= log(uniform(&state)) / rate) < T)
		{
			histories[i].frequency++;
			histories[i].recency = t;
			if (uniform(&state) < p)
				break;
		}
	}
}

/* Standard errors mean what they say: a fit to simulated customers is within four of them of the truth. */
static void
check_recovery(bool early)
{
	static ps_history histories[40000];
	static const char *const names[] = {"r", "alpha", "a", "b"};
	static const double truth[] = {1, 20, 1, 2};
	const char *method = early ? "mbg_nbd" : "bg_nbd";
	host		h;
	fitted		f;

	host_init(&h);
	simulate(histories, 40000, early, 100);
	f = fit_histories(&h, method, "{}", histories, NULL, 40000);
	ok(f.status == PS_OK, "%s: fits 40,000 simulated customers, more than fit the sample for starts", method);
	for (int i = 0; i < 4; i++)
	{
		double		error = ps_value_number_or(ps_value_get(ps_value_get(f.document, "parameters"), "standard_errors"),
											   names[i], NAN);

		ok(fabs(parameter(&f, "", names[i]) - truth[i]) < 4 * error, "%s: %s is %g +- %g, truth %g", method, names[i],
		   parameter(&f, "", names[i]), error, truth[i]);
	}
	host_free(&h);
}

/* An expected failure: status, and words that message or hint must hold. */
static void
check_failure(const char *what, const fitted *f, ps_status status, const char *in_message, const char *in_hint)
{
	if (!ok(f->status == status && strstr(f->error.message, in_message) != NULL &&
			strstr(f->error.hint, in_hint) != NULL, "%s", what))
		printf("# status %d, %s | %s\n", (int) f->status, f->error.message, f->error.hint);
}

static void
check_input(void)
{
	static const struct
	{
		const char *what;
		ps_history	history;
		const char *message;
		const char *hint;
	}			bad[] = {
		{"negative recency", {2, -1, 30, 0}, "recency -1", "durations"},
		{"recency later than tenure", {2, 31, 30, 0}, "recency 31, later than tenure 30", "not the time since the last"},
		{"recency without repeats", {0, 5, 30, 0}, "recency 5 for a customer with frequency 0", "first to the last"},
		{"repeats without recency", {2, 0, 30, 0}, "recency 0 for a customer with frequency 2", "not repeat purchases"},
		{"half a purchase", {1.5, 3, 30, 0}, "frequency 1.5", "whole number"},
		{"negative frequency", {-1, 3, 30, 0}, "frequency -1", "whole number"},
		{"negative tenure", {0, 0, -3, 0}, "tenure -3", "durations"},
		{"beyond all durations", {2, 3, 1e200, 0}, "tenure 1e+200", "durations"}
	};
	static const ps_column columns[] = {
		{"recency", PS_TYPE_NUMBER}, {"first", PS_TYPE_HISTORY}, {"city", PS_TYPE_TEXT}, {"second", PS_TYPE_HISTORY}
	};
	ps_history	histories[50];
	ps_cell		cells[8] = {0};
	host		h;
	fitted		f;

	host_init(&h);
	simulate(histories, 50, false, 30);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		ps_history	saved = histories[7];

		histories[7] = bad[i].history;
		f = fit_histories(&h, "bg_nbd", "{}", histories, NULL, 50);
		histories[7] = saved;
		check_failure(bad[i].what, &f, PS_INVALID_DATA, bad[i].message, bad[i].hint);
		ok(f.error.row == 8 && strcmp(f.error.column, "orders") == 0 &&
		   strstr(f.error.detail, "row 8; 1 of 50") != NULL, "row, column and count are named");
	}
	histories[3] = (ps_history) {2, 30 * (1 + 1e-12), 30, 0};
	f = fit_histories(&h, "bg_nbd", "{}", histories, NULL, 50);
	ok(f.status == PS_OK, "recency later than tenure by rounding is taken");

	f = fit_histories(&h, "bg_nbd", "{}", histories, NULL, 1);
	check_failure("one customer", &f, PS_TOO_LITTLE_DATA, "1 customers", "At least two");
	f = fit_histories(&h, "bg_nbd", "{}", histories, NULL, 0);
	ok(f.status == PS_TOO_LITTLE_DATA, "no rows");
	for (int i = 0; i < 50; i++)
		histories[i] = (ps_history) {0, 0, 10 + i, 0};
	f = fit_histories(&h, "mbg_nbd", "{}", histories, NULL, 50);
	check_failure("nobody bought again", &f, PS_TOO_LITTLE_DATA, "50 customers with 0 repeat", "bought again");

	f = fit_cells(&h, "bg_nbd", "{}", columns, 4, cells, NULL, 2);
	check_failure("two histories", &f, PS_INVALID_DATA, "\"first\" and \"second\"", "exclude");
	f = fit_cells(&h, "bg_nbd", "{}", columns, 1, cells, NULL, 2);
	check_failure("no history, a column named recency", &f, PS_MISSING_COLUMN, "no purchase history", "predseg.rfm");
	ok(strstr(f.error.hint, "\"frequency\", \"recency\" and \"tenure\"") != NULL, "the hint names the options");
	f = fit_cells(&h, "bg_nbd", "{\"frequency\":\"recency\"}", columns, 1, cells, NULL, 2);
	check_failure("two options of three missing", &f, PS_INVALID_OPTION, "\"recency\" is missing", "\"frequency\"");
	f = fit_cells(&h, "bg_nbd", "{\"frequency\":\"recency\",\"recency\":\"recency\",\"tenure\":\"recency\"}", columns, 1, cells,
				  NULL, 2);
	check_failure("a column for two options", &f, PS_INVALID_OPTION, "as another option does", "");
	f = fit_cells(&h, "bg_nbd", "{\"frequency\":\"city\",\"recency\":\"recency\",\"tenure\":\"first\"}", columns, 3, cells,
				  NULL, 2);
	check_failure("text as frequency", &f, PS_WRONG_TYPE, "\"city\" is of type text", "");
	f = fit_cells(&h, "bg_nbd", "{\"exclude\":[\"second\"]}", columns, 4, cells, NULL, 2);
	check_failure("one history excluded leaves the other", &f, PS_TOO_LITTLE_DATA, "2 customers", "");
	host_free(&h);
}

static void
check_model(void)
{
	static const char *const parameters = "{\"r\":0.243,\"alpha\":4.414,\"a\":0.793,\"b\":2.426}";
	static const char *const wrong[][2] = {
		{"{\"r\":0.243,\"alpha\":4.414,\"a\":0.793}", "\"b\" is missing"},
		{"{\"r\":0,\"alpha\":4.414,\"a\":0.793,\"b\":1}", "\"r\" is 0"},
		{"{\"r\":1,\"alpha\":-4.414,\"a\":0.793,\"b\":1}", "\"alpha\" is -4.414"},
		{"{\"r\":1,\"alpha\":1,\"a\":1e300,\"b\":1}", "\"a\" is 1e+300"},
		{"{\"r\":1,\"alpha\":1,\"a\":\"x\",\"b\":1}", "\"a\" is not a number"},
		{"{\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"c\":1}", "no parameter \"c\""}
	};
	static const char *const corrupt[] = {
		"{\"r\":1,\"alpha\":1,\"a\":1,\"b\":1}",
		"{\"time_unit\":\"fortnight\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":-1}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":null}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"extra\":1}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"status\":\"fine\"}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"groups\":-1}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"standard_errors\":{\"r\":1}}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"standard_errors\":[1]}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"covariance\":[1,2,3]}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"covariance\":[1,0,1,0,0,1,0,0,0,1e200]}",
		"{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1,\"covariance\":{}}"
	};
	static const ps_history extreme[] = {
		{0, 0, 0, 0}, {0, 0, 1e100, 0}, {1e15, 1e100, 1e100, 0}, {1e15, 1e-300, 1e-300, 0}, {1, 1e-300, 1e100, 0},
		{1e15, 1, 1e100, 0}, {1, 5e-324, 5e-324, 0}
	};
	static const char *const extreme_models[] = {
		"{\"r\":1e-100,\"alpha\":1e-100,\"a\":1e-100,\"b\":1e-100}", "{\"r\":1e100,\"alpha\":1e100,\"a\":1e100,\"b\":1e100}",
		"{\"r\":1e-100,\"alpha\":1e100,\"a\":1e-100,\"b\":1e100}", "{\"r\":1e100,\"alpha\":1e-100,\"a\":1e100,\"b\":1e-100}"
	};
	static const double days[] = {1e-9, 1, 1e6, 1e100};
	ps_history	history = {2, 30.43 * 7, 38.86 * 7, 0};
	ps_request	request = {0};
	ps_answer	answer;
	ps_value   *object;
	ps_error	error;
	void	   *state;
	host		h;
	fitted		f;

	host_init(&h);
	f = make_model(&h, "bg_nbd", parameters, "{\"time_unit\":\"week\"}");
	ok(f.status == PS_OK, "make_model");
	close_to(ask(&h, &f, PS_ASK_ALIVE, history, 0, 0), 0.72657857008067291068, 1e-12, 0, "P(alive) now, in weeks");
	close_to(ask(&h, &f, PS_ASK_SCORE, history, 0, 0), 0.72657857008067291068, 1e-12, 0, "is the score");
	close_to(ask(&h, &f, PS_ASK_PURCHASES, history, 273, 0), 1.2260281747671444463, 1e-12, 0, "purchases within 39 weeks");
	ok(ask(&h, &f, PS_ASK_ALIVE, history, 273, 0) < 0.7265, "P(alive) later is less");
	ok(ask(&h, &f, PS_ASK_CHURN, history, 273, 0) > 1 - 0.7266, "churn includes those who dropped out");
	ok(isnan(ask(&h, &f, PS_ASK_CHURN, history, 0, 0)) && f.status == PS_INVALID_DATA &&
	   strstr(f.error.message, "churn_probability") != NULL && strstr(f.error.hint, "90 days") != NULL,
	   "churn needs a horizon");
	ok(isnan(ask(&h, &f, PS_ASK_VALUE, history, 30, 0)) && f.status == PS_WRONG_MODEL, "no value without amounts");
	history.recency = 300;
	ok(isnan(ask(&h, &f, PS_ASK_SCORE, history, 0, 0)) && f.status == PS_INVALID_DATA &&
	   strstr(f.error.message, "the purchase history has recency 300") != NULL, "an impossible history is refused");
	f.status = ps_model_ask(&h.env, f.model, PS_ASK_SCORE, &(ps_cell) {.null = true}, &request, &answer, &error);
	ok(f.status == PS_OK && answer.null, "a NULL history is answered with null");

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		f = make_model(&h, "mbg_nbd", wrong[i][0], "{}");
		check_failure(wrong[i][1], &f, PS_INVALID_DATA, wrong[i][1], "");
	}
	for (size_t i = 0; i < sizeof(corrupt) / sizeof(corrupt[0]); i++)
	{
		ps_json_read(&h.env, corrupt[i], strlen(corrupt[i]), &object, &error);
		ok(ps_learner_find("bg_nbd")->load(&h.env, object, &(ps_input) {"", PS_TYPE_HISTORY}, 1, &state, &error)
		   == PS_CORRUPT, "refused: %s", corrupt[i]);
	}
	ps_json_read(&h.env, "{\"time_unit\":\"day\",\"r\":1,\"alpha\":1,\"a\":1,\"b\":1}", 50, &object, &error);
	ok(ps_learner_find("bg_nbd")->load(&h.env, object, (const ps_input[]) {{"x", PS_TYPE_NUMBER}, {"y", PS_TYPE_NUMBER}}, 2,
									   &state, &error) != PS_OK, "two inputs are too few");

	for (size_t m = 0; m < sizeof(extreme_models) / sizeof(extreme_models[0]); m++)
	{
		int			bad = 0;

		f = make_model(&h, "mbg_nbd", extreme_models[m], "{}");
		for (size_t i = 0; i < sizeof(extreme) / sizeof(extreme[0]); i++)
			for (size_t d = 0; d < sizeof(days) / sizeof(days[0]); d++)
			{
				bad += isnan(ask(&h, &f, PS_ASK_ALIVE, extreme[i], days[d], 0));
				bad += isnan(ask(&h, &f, PS_ASK_CHURN, extreme[i], days[d], 0));
				bad += isnan(ask(&h, &f, PS_ASK_PURCHASES, extreme[i], days[d], 0));
				for (int question = PS_ASK_EXACTLY; question <= PS_ASK_AT_LEAST; question++)
				{
					request = (ps_request) {.has_horizon = true, .horizon = days[d], .count = 3};
					f.status = ps_model_ask(&h.env, f.model, (ps_question) question, &(ps_cell) {.history = extreme[i]},
											&request, &answer, &f.error);
					bad += f.status != PS_OK || answer.null || !(answer.number >= 0 && answer.number <= 1);
				}
			}
		ok(bad == 0, "every answer of extreme model %d is a number (%d are not)", (int) m, bad);
	}
	host_free(&h);
}

/* Models of number columns answer rows of numbers as they answer cells, to the last bit, or not at all. */
static void
check_numbers(void)
{
	static const char *const models[][2] = {
		{"bg_nbd", "{\"r\":0.243,\"alpha\":4.414,\"a\":0.793,\"b\":2.426}"},
		{"mbg_nbd", "{\"r\":0.525,\"alpha\":6.183,\"a\":0.891,\"b\":1.614}"},
		{"pareto_nbd", "{\"r\":0.553,\"alpha\":10.58,\"s\":0.606,\"beta\":11.67}"},
		{"bg_bb", "{\"alpha\":1.2,\"beta\":0.75,\"gamma\":0.66,\"delta\":2.78}"},
	};
	static const double rows[][3] = {
		{39, 2, 30}, {39, 0, 0}, {0, 0, 0}, {39, 2, 0}, {39, 0, 5}, {30, 2, 39}, {39, -1, 5}, {39, 1.5, 5}, {39, NAN, 5}, {39, 2, INFINITY}
	};
	static const double horizons[] = {0, 39, 1e9, -1, NAN, INFINITY};
	host		h;

	host_init(&h);
	for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++)
	{
		fitted		f = make_model(&h, models[m][0], models[m][1], "{\"tenure\":\"a\",\"frequency\":\"b\",\"recency\":\"c\"}");
		int			asked = 0;
		int			answered = 0;
		int			wrong = 0;

		for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++)
			for (int question = 0; question < PS_QUESTIONS; question++)
				for (size_t k = 0; k < sizeof(horizons) / sizeof(horizons[0]); k++)
				{
					const double *row = rows[i / 2];
					ps_request	request = {.has_horizon = k > 0,.horizon = horizons[k],.count = 2,.probability = 0.5};
					bool		null[3] = {false, false, i % 2 == 1};
					ps_cell		cells[3];
					ps_answer	by_cells;
					double		by_numbers;
					ps_status	status;
					bool		given;

					for (int c = 0; c < 3; c++)
					{
						size_t		input = (size_t) (strchr("abc", f.model->inputs[c].name[0]) - "abc");

						cells[c] = (ps_cell) {.null = null[input],.number = row[input]};
					}
					status = ps_model_ask(&h.env, f.model, (ps_question) question, cells, &request, &by_cells, &f.error);
					given = status == PS_OK && !by_cells.null;
					asked += question == PS_ASK_PURCHASES && given;
					if (!ps_model_ask_numbers(f.model, (ps_question) question,
											  &(ps_numbers) {&cells[0].number, &cells[0].null, sizeof(ps_cell)}, &request, &by_numbers))
						continue;
					answered += question == PS_ASK_PURCHASES;
					wrong += !given || by_numbers != by_cells.number;
				}
		ok(f.model->takes_numbers && asked > 0 && answered == asked && wrong == 0,
		   "%s of number columns: %d of %d answers by numbers, %d of all are others", models[m][0], answered, asked, wrong);
	}
	host_free(&h);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		check_reference(&references[i]);
	check_reference_file("clv_vectors/vectors_bgnbd.csv", false);
	check_reference_file("clv_vectors/vectors_mbgnbd.csv", true);
	check_identities();
	check_counts();
	check_days();
	check_continuity();
	check_derivatives();
	check_cdnow();
	check_stress("clv_stress/stress_few_repeats.csv", "boundary", -503.672, NULL);
	check_stress("clv_stress/stress_n_200.csv", "converged", -610.2978,
				 (const double[]) {.164108, 3.870140, 2.597381, 4.984434});
	check_stress("clv_stress/stress_t_in_seconds.csv", "converged", -48266.5454,
				 (const double[]) {.228078, 2514599.85, .689898, 2.129251});
	check_stress("clv_stress/stress_daily_heavy.csv", "converged", -797477.3033,
				 (const double[]) {2.020885, 5.126591, .294015, 63.796323});
	check_recovery(false);
	check_recovery(true);
	check_input();
	check_model();
	check_numbers();
	return tap_done();
}
