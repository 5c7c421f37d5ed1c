/*-------------------------------------------------------------------------
 *
 * test_division.c
 *	  Unit tests of the division of customers: a fifth judges, of each kind
 *	  of customer, whatever the order, the units and the amounts, and by
 *	  copies as by weights.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_division.h"
#include "ps_random.h"

#define KINDS 500
#define ROWS 1994				/* copies of all kinds: 1 + kind % 7 of each */

/* How the customers of a test come. */
typedef struct arrival
{
	double		time;			/* units of time in theirs */
	double		money;
	double		fraction;		/* customers in a weight of 1 */
	bool		backwards;
	bool		weights;		/* instead of copies */
	bool		columns;		/* instead of a history */
	bool		covariate;
} arrival;

/* One of the customers of a kind. */
static ps_history
customer(size_t kind, const arrival *how)
{
	double		x = (double) (kind % 9);

	return (ps_history) {x, x == 0 ? 0 : how->time * (x + (double) (kind % 31)), how->time * (double) (60 + kind % 50),
		how->money * (double) (1 + kind % 13)};
}

/* How much of each kind judges: judging[KINDS]; false on failure. */
static bool
divide(const ps_env *env, const arrival *how, double *judging, double *customers)
{
	static const ps_column columns[] = {
		{"frequency", PS_TYPE_NUMBER}, {"recency", PS_TYPE_NUMBER}, {"tenure", PS_TYPE_NUMBER}, {"city", PS_TYPE_TEXT}
	};
	static const ps_column history = {"history", PS_TYPE_HISTORY};
	static size_t kinds[ROWS];
	ps_frame   *frame;
	ps_error	error;
	size_t		n = 0;
	double	   *rows;

	for (size_t i = 0; i < KINDS; i++)
	{
		size_t		kind = how->backwards ? KINDS - 1 - i : i;

		for (size_t copy = 0; copy < (how->weights ? 1 : 1 + kind % 7); copy++)
			kinds[n++] = kind;
	}
	if (how->columns && ps_frame_create(env, columns, how->covariate ? 4 : 3, false, how->weights, &frame, &error) != PS_OK)
		return false;
	if (!how->columns && ps_frame_create(env, &history, 1, false, how->weights, &frame, &error) != PS_OK)
		return false;
	for (size_t i = 0; i < n; i++)
	{
		ps_history	h = customer(kinds[i], how);
		ps_cell		cells[4] = {{.number = h.frequency}, {.number = h.recency}, {.number = h.tenure},
			{.text = kinds[i] % 2 == 0 ? "Wien" : "Graz",.length = 4}};

		if (!how->columns)
			cells[0].history = h;
		if (ps_frame_append(frame, cells, 0, (how->weights ? (double) (1 + kinds[i] % 7) : 1) * how->fraction, &error) != PS_OK)
			return false;
	}
	if (ps_divide_customers(env, frame, &rows, customers, &error) != PS_OK)
		return false;
	memset(judging, 0, KINDS * sizeof(*judging));
	for (size_t i = 0; i < n; i++)
		judging[kinds[i]] += rows[i];
	return true;
}

/* Does as much of the customers of each history judge?  Which of its kinds, the models cannot tell. */
static bool
is_same_division(const double *a, const double *b)
{
	const arrival plain = {1, 1, 1, false, false, false, false};

	for (size_t i = 0; i < KINDS; i++)
	{
		ps_history	own = customer(i, &plain);
		double		difference = 0;

		for (size_t j = 0; j < KINDS; j++)
		{
			ps_history	other = customer(j, &plain);

			if (own.frequency == other.frequency && own.recency == other.recency && own.tenure == other.tenure)
				difference += a[j] - b[j];
		}
		if (fabs(difference) > 1e-9)
			return false;
	}
	return true;
}

static void
test_division(void)
{
	static const struct
	{
		const char *what;
		arrival		how;
	}			cases[] = {
		{"the order of the rows", {1, 1, 1, true, false, false, false}},
		{"weeks for days", {1 / 7.0, 1, 1, false, false, true, false}},
		{"money in cents", {1, 100, 1, false, false, false, false}},
		{"weights for copies", {1, 1, 1, false, true, false, false}},
		{"all of it", {7, 1e-3, 1, true, true, true, false}},
	};
	host		h;
	double		plain[KINDS];
	double		other[KINDS];
	double		customers = 0;
	double		judging = 0;
	double		cohort = 0;
	double		cohort_judging = 0;

	host_init(&h);
	if (!ok(divide(&h.env, &(arrival) {1, 1, 1, false, false, false, false}, plain, &customers), "customers are divided"))
		return;
	for (size_t i = 0; i < KINDS; i++)
	{
		double		count = (double) (1 + i % 7);

		judging += plain[i];
		if (i % 9 == 0)
		{
			cohort += count;
			cohort_judging += plain[i];
		}
		if (plain[i] != floor(plain[i]) || plain[i] < 0 || plain[i] > count)
			judging = NAN;
	}
	close_to(judging, customers / 5, 0, 1, "a fifth of %g judges, in wholes", customers);
	close_to(cohort_judging, cohort / 5, 0, 1, "so do %g of the %g without repeats", cohort_judging, cohort);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(divide(&h.env, &cases[i].how, other, &customers) && is_same_division(plain, other),
		   "%s changes nothing", cases[i].what);

	ok(divide(&h.env, &(arrival) {1, 1, 1, false, false, true, true}, plain, &customers) &&
	   divide(&h.env, &(arrival) {30, 1, 1, true, true, true, true}, other, &customers) &&
	   is_same_division(plain, other), "nor with a covariate");
	ok(divide(&h.env, &(arrival) {1, 1, 0.01, false, true, false, false}, other, &customers), "weights may be small");
	judging = 0;
	for (size_t i = 0; i < KINDS; i++)
		judging += other[i];
	close_to(customers, ROWS * 0.01, 1e-12, 0, "%g customers", customers);
	close_to(judging, customers / 5, 0, 1, "of whom %g judge", judging);
	host_free(&h);
}

/* Parts of a frame with weights are the weights given to them; customers without a history judge nothing. */
static void
test_parts(void)
{
	static const ps_column column = {"history", PS_TYPE_HISTORY};
	const double weights[] = {7, 0, 3, 2};
	const double judging[] = {1.5, 0, 3, 0};
	host		h;
	ps_error	error;
	ps_frame   *frame;
	ps_frame   *learning_rows;
	ps_frame   *judging_rows;
	double	   *share;
	double		customers;

	host_init(&h);
	if (ps_frame_create(&h.env, &column, 1, false, true, &frame, &error) == PS_OK)
	{
		for (int i = 0; i < 4; i++)
			ps_frame_append(frame, &(ps_cell) {.null = i == 3,.history = {0, 0, 1 + i, NAN}}, 0, weights[i], &error);
		ok(ps_frame_share_out(&h.env, frame, judging, &learning_rows, &judging_rows, &error) == PS_OK &&
		   ps_frame_rows(learning_rows) == 2 && ps_frame_weight(learning_rows, 0) == 5.5 && ps_frame_weight(learning_rows, 1) == 2 &&
		   ps_frame_rows(judging_rows) == 2 && ps_frame_weight(judging_rows, 0) == 1.5 && ps_frame_weight(judging_rows, 1) == 3,
		   "weights are shared out");
		ok(ps_divide_customers(&h.env, frame, &share, &customers, &error) == PS_OK && customers == 10 && share[0] == 1 &&
		   share[1] == 0 && share[2] == 1 && share[3] == 0, "customers 3 and 8 of ten judge");
	}
	host_free(&h);
}

int
main(void)
{
	test_division();
	test_parts();
	return tap_done();
}
