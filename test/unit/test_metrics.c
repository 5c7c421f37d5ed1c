/*-------------------------------------------------------------------------
 *
 * test_metrics.c
 *	  The area under the ROC curve against counting all pairs; its state merged
 *	  in any way, as bytes, and spoiled.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_metrics.h"
#include "ps_random.h"
#include "ps_sort.h"

#define ROWS 700

static double scores[ROWS];
static bool actuals[ROWS];
static double weights[ROWS];

/* Scores on a coarse grid, so that there are many ties; weights are quarters, so that sums are exact. */
static void
make_rows(void)
{
	ps_random	random;

	ps_random_seed(&random, 3);
	for (size_t i = 0; i < ROWS; i++)
	{
		actuals[i] = ps_random_uniform(&random) < 0.3;
		scores[i] = floor(20 * (ps_random_uniform(&random) + (actuals[i] ? 0.3 : 0))) / 20 - 0.5;
		weights[i] = floor(8 * ps_random_uniform(&random)) / 4;
	}
}

static double
area_by_pairs(bool weighted)
{
	double		above = 0;
	double		pairs = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < ROWS; j++)
			if (actuals[i] && !actuals[j])
			{
				double		weight = weighted ? weights[i] * weights[j] : 1;

				pairs += weight;
				above += weight * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0);
			}
	return above / pairs;
}

static void
add_rows(const ps_env *env, ps_roc *roc, size_t from, size_t to, bool weighted)
{
	ps_error	error;

	for (size_t i = from; i < to; i++)
		ps_roc_add(env, roc, scores[i], actuals[i], weighted ? weights[i] : 1, &error);
}

static int
compare_numbers(const void *a, const void *b)
{
	/* compares whole parts only, so that stability shows */
	double		left = floor(*(const double *) a);
	double		right = floor(*(const double *) b);

	return left < right ? -1 : left > right ? 1 : 0;
}

static void
test_sort(const ps_env *env)
{
	ps_error	error;
	size_t		wrong = 0;

	for (size_t n = 0; n < 300; n++)
	{
		double		values[300];
		ps_random	random;

		ps_random_seed(&random, n);
		for (size_t i = 0; i < n; i++)
			values[i] = floor(ps_random_uniform(&random) * 20) + (double) i / 1000;
		ps_sort(env, values, n, sizeof(double), compare_numbers, &error);
		for (size_t i = 1; i < n; i++)
			if (!(values[i - 1] < values[i]))
				wrong++;
	}
	ok(wrong == 0, "sorted, equal ones in their order");
}

int
main(void)
{
	host		h;
	ps_error	error;
	ps_roc		roc = {0};
	ps_roc		other = {0};
	ps_roc		back;
	double		area;
	bool		defined;
	uint8_t    *bytes;
	uint8_t    *same;
	size_t		length;
	size_t		same_length;
	size_t		accepted = 0;
	ps_probability_quality quality = {0};

	make_rows();
	host_init(&h);
	test_sort(&h.env);

	ok(ps_roc_area(&h.env, &roc, &area, &defined, &error) == PS_OK && !defined, "nothing: no area");
	add_rows(&h.env, &roc, 0, ROWS, false);
	ps_roc_area(&h.env, &roc, &area, &defined, &error);
	close_to(area, area_by_pairs(false), 1e-14, 0, "area");
	ok(roc.count <= 26, "ties are put together");

	roc = (ps_roc) {0};
	add_rows(&h.env, &roc, 0, ROWS, true);
	ps_roc_area(&h.env, &roc, &area, &defined, &error);
	close_to(area, area_by_pairs(true), 1e-14, 0, "weighted area");

	/* any split, merged in any order, gives the same bytes */
	ps_roc_write(&h.env, &roc, &bytes, &length, &error);
	roc = (ps_roc) {0};
	for (size_t part = 0; part < 7; part++)
	{
		other = (ps_roc) {0};
		add_rows(&h.env, &other, (6 - part) * 100, (7 - part) * 100, true);
		if (part % 2)
			ps_roc_area(&h.env, &other, &area, &defined, &error);
		ps_roc_merge(&h.env, &roc, &other, &error);
	}
	ps_roc_write(&h.env, &roc, &same, &same_length, &error);
	ok(length == same_length && memcmp(bytes, same, length) == 0, "merged parts give the same bytes");
	ok(ps_roc_read(&h.env, bytes, length, &back, &error) == PS_OK, "read back");
	ps_roc_area(&h.env, &back, &area, &defined, &error);
	close_to(area, area_by_pairs(true), 1e-14, 0, "the same area");
	add_rows(&h.env, &back, 0, 1, false);
	ok(back.count == roc.count + 1, "and it can go on");

	for (size_t cut = 0; cut < length; cut++)
		accepted += ps_roc_read(&h.env, bytes, cut, &back, &error) == PS_OK ? 1 : 0;
	ok(accepted == 0, "every truncation refused");
	for (size_t bit = 0; bit < 8 * length; bit++)
	{
		bytes[bit / 8] ^= (uint8_t) (1u << bit % 8);
		accepted += ps_roc_read(&h.env, bytes, length, &back, &error) == PS_OK ? 1 : 0;
		bytes[bit / 8] ^= (uint8_t) (1u << bit % 8);
	}
	ok(accepted == 0, "every flipped bit refused");

	roc = (ps_roc) {0};
	ok(ps_roc_write(&h.env, &roc, &bytes, &length, &error) == PS_OK && length == 16 &&
	   ps_roc_read(&h.env, bytes, length, &back, &error) == PS_OK && back.count == 0, "the empty state");
	ok(ps_roc_add(&h.env, &roc, NAN, true, 1, &error) == PS_INVALID_DATA, "%s", error.message);
	ok(ps_roc_add(&h.env, &roc, 1, true, -1, &error) == PS_INVALID_DATA, "%s", error.message);
	ok(ps_roc_add(&h.env, &roc, 1, true, INFINITY, &error) == PS_INVALID_DATA, "%s", error.message);
	ok(ps_roc_add(&h.env, &roc, 1, true, 0, &error) == PS_OK && roc.count == 0, "weight 0 is no row");
	ps_roc_add(&h.env, &roc, INFINITY, true, 1, &error);
	ps_roc_add(&h.env, &roc, 0.0, true, 1, &error);
	ok(ps_roc_area(&h.env, &roc, &area, &defined, &error) == PS_OK && !defined, "one class: no area");
	ps_roc_add(&h.env, &roc, -0.0, false, 1, &error);
	ps_roc_area(&h.env, &roc, &area, &defined, &error);
	ok(defined && area == 0.75, "infinite scores, and -0 ties with 0");
	ps_roc_add(&h.env, &roc, 2, false, 1e300, &error);
	ps_roc_add(&h.env, &roc, 3, true, 1e300, &error);
	ok(ps_roc_area(&h.env, &roc, &area, &defined, &error) == PS_INVALID_DATA, "%s", error.message);

	ps_probability_quality_add(&h.env, &quality, 0.8, true, 1, &error);
	ps_probability_quality_add(&h.env, &quality, 0.4, false, 3, &error);
	close_to(quality.log_loss / quality.weight, -(log(0.8) + 3 * log(0.6)) / 4, 1e-14, 0, "log loss");
	close_to(quality.brier / quality.weight, (0.04 + 3 * 0.16) / 4, 1e-14, 0, "brier");
	ps_probability_quality_add(&h.env, &quality, 0, true, 1, &error);
	ok(isfinite(quality.log_loss), "a probability of 0 that came true costs a finite loss");
	host_free(&h);
	return tap_done();
}
