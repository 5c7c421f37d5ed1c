/*-------------------------------------------------------------------------
 *
 * test_mean_loss.c
 *	  Means of losses by hand, split in any way, as bytes, and spoiled.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_mean_loss.h"
#include "ps_random.h"

#define ROWS 20000

/* Add the rows from..to of a made-up set whose losses are of very different size. */
static void
add_rows(ps_mean_loss *mean, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
	{
		ps_random	random;
		ps_error	error;
		double		size;

		ps_random_seed(&random, i);
		size = pow(10, 20 * ps_random_uniform(&random) - 10);
		ps_mean_loss_add(mean, PS_SQUARED_LOSS, 0, size, ps_random_uniform(&random), &error);
	}
}

static double
value_of(const ps_mean_loss *mean)
{
	double		value;

	ps_mean_loss_value(mean, &value);
	return value;
}

int
main(void)
{
	static const struct
	{
		ps_loss_of_row kind;
		double		actual,
					predicted,
					weight;
	}			refused[] = {
		{PS_SQUARED_LOSS, NAN, 1, 1},
		{PS_SQUARED_LOSS, 1, NAN, 1},
		{PS_ABSOLUTE_LOSS, 1, INFINITY, 1},
		{PS_ABSOLUTE_LOSS, -INFINITY, 1, 1},
		{PS_SQUARED_LOSS, 1, 1, -1},
		{PS_SQUARED_LOSS, 1, 1, NAN},
		{PS_SQUARED_LOSS, 1, 1, INFINITY},
		{PS_SQUARED_LOSS, 1e200, 0, 1},
		{PS_ABSOLUTE_LOSS, 1e308, -1e308, 1},
		{PS_LOG_LOSS, 1, 1.5, 1},
		{PS_BRIER_LOSS, 0, -0.25, 1}
	};
	ps_error	error;
	ps_mean_loss mean = {0};
	ps_mean_loss whole = {0};
	ps_mean_loss back;
	uint8_t		bytes[PS_MEAN_LOSS_BYTES];
	uint8_t		same[PS_MEAN_LOSS_BYTES];
	double		value;
	size_t		different = 0;
	size_t		accepted = 0;

	/* by hand */
	ok(!ps_mean_loss_value(&mean, &value), "nothing: no mean");
	ps_mean_loss_add(&mean, PS_LOG_LOSS, 1, 0.8, 1, &error);
	ps_mean_loss_add(&mean, PS_LOG_LOSS, 0, 0.4, 3, &error);
	close_to(value_of(&mean), -(log(0.8) + 3 * log(0.6)) / 4, 1e-15, 0, "log loss");
	mean = (ps_mean_loss) {0};
	ps_mean_loss_add(&mean, PS_LOG_LOSS, 1, 0, 1, &error);
	close_to(value_of(&mean), 52 * log(2), 1e-15, 0, "what was impossible and happened costs 52 bits");
	mean = (ps_mean_loss) {0};
	ps_mean_loss_add(&mean, PS_LOG_LOSS, 1, 1, 1, &error);
	ps_mean_loss_add(&mean, PS_LOG_LOSS, 0, 0, 1, &error);
	close_to(value_of(&mean), DBL_EPSILON, 1e-15, 0, "and what was certain next to nothing");
	mean = (ps_mean_loss) {0};
	ps_mean_loss_add(&mean, PS_BRIER_LOSS, 1, 0.75, 1, &error);
	ps_mean_loss_add(&mean, PS_BRIER_LOSS, 0, 0.5, 3, &error);
	close_to(value_of(&mean), (0.0625 + 3 * 0.25) / 4, 0, 0, "brier");
	mean = (ps_mean_loss) {0};
	ps_mean_loss_add(&mean, PS_ABSOLUTE_LOSS, 1, 3, 1, &error);
	ps_mean_loss_add(&mean, PS_ABSOLUTE_LOSS, 1, -3, 3, &error);
	close_to(value_of(&mean), 3.5, 0, 0, "absolute error");
	ps_mean_loss_add(&mean, PS_ABSOLUTE_LOSS, 1, 1e9, 0, &error);
	close_to(value_of(&mean), 3.5, 0, 0, "weight 0 is no row");

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
	{
		mean = (ps_mean_loss) {0};
		ok(ps_mean_loss_add(&mean, refused[i].kind, refused[i].actual, refused[i].predicted, refused[i].weight,
							&error) == PS_INVALID_DATA, "%s", error.message);
	}

	/* Any split gives the same double: 20 orders of magnitude fit into the compensated sums. */
	add_rows(&whole, 0, ROWS);
	for (size_t parts = 2; parts < 60; parts++)
	{
		mean = (ps_mean_loss) {0};
		for (size_t part = parts; part-- > 0;)
		{
			ps_mean_loss other = {0};

			add_rows(&other, ROWS * part / parts, ROWS * (part + 1) / parts);
			ps_mean_loss_write(&other, bytes);
			ps_mean_loss_read(bytes, sizeof(bytes), &back, &error);
			ps_mean_loss_merge(&mean, &back, &error);
		}
		different += value_of(&mean) != value_of(&whole);
	}
	ok(different == 0, "any split gives the same mean, bit for bit");
	mean = (ps_mean_loss) {.weight = {1e308, 0}, .loss = {1, 0}};
	ok(ps_mean_loss_merge(&mean, &(ps_mean_loss) {.weight = {1e308, 0}, .loss = {1, 0}}, &error) == PS_INVALID_DATA,
	   "%s", error.message);

	ps_mean_loss_write(&whole, bytes);
	ok(ps_mean_loss_read(bytes, sizeof(bytes), &back, &error) == PS_OK, "read back");
	ps_mean_loss_write(&back, same);
	ok(memcmp(bytes, same, sizeof(bytes)) == 0, "the same bytes");
	for (size_t cut = 0; cut < sizeof(bytes); cut++)
		accepted += ps_mean_loss_read(bytes, cut, &back, &error) == PS_OK;
	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++)
	{
		bytes[bit / 8] ^= (uint8_t) (1u << bit % 8);
		accepted += ps_mean_loss_read(bytes, sizeof(bytes), &back, &error) == PS_OK;
		bytes[bit / 8] ^= (uint8_t) (1u << bit % 8);
	}
	ok(accepted == 0, "every truncation and every flipped bit refused");
	ps_mean_loss_write(&(ps_mean_loss) {.weight = {-1, 0}}, bytes);
	ok(ps_mean_loss_read(bytes, sizeof(bytes), &back, &error) == PS_CORRUPT, "%s", error.message);
	ps_mean_loss_write(&(ps_mean_loss) {.loss = {1, NAN}}, bytes);
	ok(ps_mean_loss_read(bytes, sizeof(bytes), &back, &error) == PS_CORRUPT, "%s", error.message);
	return tap_done();
}
