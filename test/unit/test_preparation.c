/*-------------------------------------------------------------------------
 *
 * test_preparation.c
 *	  Numbers and categories as distances are taken of them: which tails get
 *	  a logarithm, where the limits are, how far apart categories and NULLs
 *	  are, and that none of it depends on the order of the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include <float.h>

#include "ps_encode.h"
#include "ps_preparation.h"
#include "ps_random.h"
#include "ps_sort.h"

#define N 4000

static double values[N];

/* A number for each i of a set, in no order. */
typedef double (*maker) (size_t i);

static double
uniform(size_t i)
{
	return ((double) (i * 2731 % N) + 0.5) / N;
}

/* The normal distribution by its logistic approximation: symmetric is all that matters. */
static double
bell(size_t i)
{
	return log(uniform(i) / (1 - uniform(i))) / 1.702;
}

static double
normal(size_t i)
{
	return 50 + 10 * bell(i);
}

static double
waiting(size_t i)
{
	return -log(uniform(i));
}

static double
money(size_t i)
{
	return 80 * exp(1.2 * bell(i));
}

static double
debts(size_t i)
{
	return -money(i);
}

/* Seven in ten spend nothing. */
static double
spending(size_t i)
{
	return i % 10 < 7 ? 0 : money(i);
}

/* One in twenty got money back. */
static double
margin(size_t i)
{
	return i % 20 == 0 ? -0.3 * money(i) : money(i);
}

/* Most customers bought once. */
static double
orders(size_t i)
{
	return floor(1 / uniform(i));
}

/* Two groups, which no logarithm makes symmetric. */
static double
groups(size_t i)
{
	return i % 10 == 0 ? 1000 + bell(i) : 900 + bell(i);
}

/* A group far from the others, which lie around zero. */
static double
far_group(size_t i)
{
	return i % 10 == 0 ? 10 + bell(i) : bell(i);
}

/* Groups alike in width, of which the lowest is the largest. */
static double
largest_lowest(size_t i)
{
	return (i % 10 < 6 ? 0 : 10.0 * (double) (i % 10 - 5)) + 20 + 0.5 * bell(i);
}

/* Eight groups of money from 1 to 100,000, each a tenth wide. */
static double
money_groups(size_t i)
{
	return exp(log(1e5) * (double) (i % 8) / 7 + 0.1 * bell(i));
}

/* The same of three groups, in another currency, owed, beside as many who owe nothing. */
static double
debt_groups(size_t i)
{
	return i % 2 == 0 ? 0 : -1000 * exp(4 * (double) (i % 3) + 0.1 * bell(i));
}

static double
both_sides(size_t i)
{
	return waiting(i) * (i % 2 == 0 ? 1 : -1);
}

static ps_preparation
prepare(const ps_env *env, maker make, bool logarithm)
{
	ps_preparation preparation = {0, 0, 0};
	ps_error	error;

	double		min = INFINITY;
	double		max = -INFINITY;

	for (size_t i = 0; i < N; i++)
	{
		values[i] = make(i);
		min = fmin(min, values[i]);
		max = fmax(max, values[i]);
	}
	ok(ps_preparation_fit(env, values, N, min, max, logarithm, &preparation, &error) == PS_OK, "fits");
	return preparation;
}

static int
compare_numbers(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return left < right ? -1 : left > right ? 1 : 0;
}

static void
test_sort(const ps_env *env)
{
	static double expected[N];
	ps_error	error;

	for (size_t i = 0; i < N; i++)
		values[i] = i % 7 == 0 ? 0 : i % 11 == 0 ? -INFINITY : i % 13 == 0 ? 5e-324 : bell(i) * pow(10, (double) (i % 400) - 200);
	memcpy(expected, values, sizeof(values));
	qsort(expected, N, sizeof(double), compare_numbers);
	ok(ps_sort_numbers(env, values, N, &error) == PS_OK && memcmp(values, expected, sizeof(values)) == 0, "sorts numbers of all sizes");
	ok(ps_sort_numbers(env, values, 0, &error) == PS_OK && ps_sort_numbers(env, values, 1, &error) == PS_OK, "none and one");
}

static void
test_logarithm(const ps_env *env)
{
	static const struct
	{
		const char *name;
		maker		make;
		double		unit;		/* 0: no logarithm */
	}			cases[] = {
		{"a normal distribution", normal, 0}, {"a uniform one", uniform, 0}, {"both sides of zero alike", both_sides, 0},
		{"two groups", groups, 0}, {"a far group", far_group, 0}, {"the largest group is the lowest", largest_lowest, 0},

		/* the smallest of 200 quantiles: exp(0.1 / 1.702 logit(8 * 0.0025)); of a hundred that are not 0, 6 * 0.005 */
		{"groups of money", money_groups, 0.79}, {"groups of debts", debt_groups, 790},

		/* q1^2 / q3 = ln(4/3)^2 / ln 4 = 0.0597, at quantiles 0.2525 and 0.7525 of the summary */
		{"an exponential one", waiting, 0.061},
		/* the same of a logistic distribution: 80 exp(1.2 / 1.702 (2 logit(0.2525) - logit(0.7525))) */
		{"money", money, 7.8}, {"negative money", debts, 7.8}, {"money of the few who spend", spending, 7.8},
		/* the median of what is positive */
		{"money and refunds", margin, 79}, {"counts", orders, 1}
	};
	ps_preparation preparation;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		double		worst = 0;

		preparation = prepare(env, cases[i].make, true);
		close_to(preparation.unit, cases[i].unit, 0.05, 0, "unit of %s", cases[i].name);
		for (size_t j = 1; j < N; j++)
		{
			double		y = ps_prepare(&preparation, values[j]);

			if (y < ps_prepare(&preparation, values[j - 1]))
				worst = INFINITY;
			if (values[j] > preparation.low && values[j] < preparation.high)
				worst = fmax(worst, fabs(ps_preparation_inverse(&preparation, y) - values[j]) / (1 + fabs(values[j])));
		}
		ok(worst < 1e-13, "%s keep their order and come back: %g", cases[i].name, worst);
	}
	preparation = prepare(env, money, false);
	ok(preparation.unit == 0, "no logarithm where none is wanted");
	preparation = prepare(env, money, true);
	ok(isnan(ps_prepare(&preparation, NAN)), "NULL stays NULL");
}

static double
outlier(size_t i)
{
	return i == 17 ? 1e6 : normal(i);
}

static double
rare(size_t i)
{
	return i < 20 ? 1 + (double) i : 0;
}

static double
huge(size_t i)
{
	return 1e150 * (2 * uniform(i) - 1);
}

static double
tiny(size_t i)
{
	return 1e-300 * money(i);
}

static void
test_limits(const ps_env *env)
{
	ps_preparation preparation = prepare(env, normal, true);
	ps_preparation with;
	size_t		beyond = 0;

	ok(preparation.low > -20 && preparation.low < 0 && preparation.high > 100 && preparation.high < 120, "limits %g and %g",
	   preparation.low, preparation.high);
	with = prepare(env, outlier, true);
	ok(with.unit == 0 && fabs(with.low - preparation.low) < 0.5 && with.high < 110,
	   "a value of a million is not believed: %g and %g", with.low, with.high);
	close_to(ps_prepare(&with, 1e6), with.high, 0, 0, "it counts as the limit");
	preparation = prepare(env, rare, true);
	ok(preparation.low == 0 && preparation.high == 20, "99.5 %% zeroes: limits where the values end");
	preparation = prepare(env, spending, false);
	for (size_t i = 0; i < N; i++)
		beyond += values[i] < preparation.low || values[i] > preparation.high ? 1 : 0;
	ok(beyond > 0 && beyond < N / 80 * 2, "%zu values of a long tail are moved", beyond);
	preparation = prepare(env, huge, true);
	ok(preparation.low >= -1e150 && preparation.high <= 1e150, "numbers as large as can be");
	preparation = prepare(env, tiny, true);
	ok(preparation.unit == 0 && preparation.high > 0, "and as small");
	values[0] = 3;
	ok(ps_preparation_fit(env, values, 1, 3, 3, true, &preparation, &(ps_error) {0}) == PS_OK && preparation.low == 3, "one value");
}

static const ps_column columns[] = {
	{"money", PS_TYPE_NUMBER}, {"age", PS_TYPE_NUMBER}, {"channel", PS_TYPE_TEXT}, {"member", PS_TYPE_BOOLEAN},
	{"flag", PS_TYPE_NUMBER}, {"since", PS_TYPE_MOMENT}
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
fill(size_t i, ps_cell *cells)
{
	cells[0] = number_cell(i == 5 ? 1e9 : money(i));
	cells[1] = number_cell(i % 10 == 3 ? (double) NAN : normal(i));
	cells[2] = text_cell(i % 50 == 0 ? "fax" : i % 3 == 0 ? "web" : "shop");
	cells[3] = number_cell(i % 40 == 0);
	cells[4] = number_cell(i % 100 == 0 ? 7 : 3);
	cells[5] = number_cell(7000 + 100 * uniform(i));
}

static ps_frame *
make_frame(const ps_env *env, size_t n, bool reversed)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, COLUMNS, false, false, &frame, &error);
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cells[COLUMNS];

		fill(reversed ? n - 1 - i : i, cells);
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	return frame;
}

/* The squared distance of two rows that differ in one cell. */
static double
distance(const ps_encoder *encoder, size_t changed, ps_cell from, ps_cell to)
{
	ps_cell		cells[COLUMNS];
	double		x[2][32];
	double		sum = 0;
	ps_error	error;

	fill(2, cells);
	cells[changed] = from;
	ps_encode_row(encoder, cells, x[0], &error);
	cells[changed] = to;
	ps_encode_row(encoder, cells, x[1], &error);
	for (size_t j = 0; j < encoder->width; j++)
		sum += (x[0][j] - x[1][j]) * (x[0][j] - x[1][j]);
	return sum;
}

static void
test_distances(const ps_env *env)
{
	ps_frame   *frame = make_frame(env, N, false);
	ps_encoder *encoder;
	ps_encoder *other;
	ps_encoder *loaded;
	ps_encoding *encoding;
	ps_value   *notes;
	ps_value   *saved;
	ps_input	inputs[COLUMNS];
	ps_error	error;
	ps_cell		cells[COLUMNS];
	static double tile[32 * 256];
	double		x[32];
	double		far[32];
	double		worst = 0;
	double		mean = 0;
	double		square = 0;
	double		up,
				down;

	ps_value_list(env, &notes, &error);
	ps_value_object(env, &saved, &error);
	ok(ps_encode_fit_prepared(env, frame, NULL, true, &encoder, notes, &error) == PS_OK, "fits");
	ok(notes->count == 1 && strcmp(notes->items[0]->text,
								   "column \"money\" has a long tail: log(1 + value / 7.9) is used in its place") == 0,
	   "one note: %s", notes->items[0]->text);
	close_to(distance(encoder, 2, text_cell("web"), text_cell("shop")), 2, 1e-14, 0, "two frequent texts");
	close_to(distance(encoder, 2, text_cell("web"), text_cell("fax")), 2, 1e-14, 0, "a rare one");
	close_to(distance(encoder, 3, number_cell(0), number_cell(1)), 2, 1e-14, 0, "yes and no");
	close_to(distance(encoder, 4, number_cell(3), number_cell(7)), 2, 1e-14, 0, "a number of two values");
	close_to(distance(encoder, 1, number_cell(50), number_cell(NAN)), 1, 0.01, 0, "a number in the middle and NULL");
	close_to(distance(encoder, 0, number_cell(1e9), number_cell(2e9)), 0, 0, 0, "beyond the limit nothing is far");
	ok(distance(encoder, 0, number_cell(-1e9), number_cell(1e9)) <= 100.0001, "and nothing farther than ten units");

	/* numbers have mean 0 and standard deviation 1, alike in tiles and in rows */
	ps_encode_bind(env, encoder, frame, &encoding, &error);
	for (size_t start = 0; start < N; start += 250)
	{
		ps_encode_tile(encoding, start / PS_FRAME_CHUNK, start % PS_FRAME_CHUNK, 250, tile, 256);
		for (size_t i = 0; i < 250; i++)
		{
			ps_frame_row(frame, start + i, cells);
			ps_encode_row(encoder, cells, x, &error);
			for (size_t j = 0; j < encoder->width; j++)
				worst = fmax(worst, fabs(tile[j * 256 + i] - x[j]));
			mean += x[0] / N;
			square += x[0] * x[0] / N;
		}
	}
	ok(worst < 1e-12, "rows and tiles agree: %g", worst);
	close_to(mean, 0, 0, 1e-12, "mean 0");
	close_to(square, 1, 1e-12, 0, "variance 1");

	/* without limits */
	fill(5, cells);
	ps_encode_row(encoder, cells, x, &error);
	ps_encode_row_unbounded(encoder, cells, far, &error);
	ok(far[0] > x[0] + 1 && memcmp(far + 1, x + 1, (encoder->width - 1) * sizeof(double)) == 0, "limits can be left out: %g, %g", x[0],
	   far[0]);
	close_to(ps_encode_inverse(encoder, 0, far[0]), 1e9, 1e-12, 0, "and the number be had back");
	close_to(ps_encode_number(encoder, frame, 0, 5), 1e9, 0, 0, "as it is in the frame");
	ok(isnan(ps_encode_number(encoder, frame, 1, 3)), "NULL");

	/* saved and loaded, and from rows in another order: the same to the last bit */
	ps_encode_save(env, encoder, saved, &error);
	for (size_t i = 0; i < COLUMNS; i++)
		inputs[i] = (ps_input) {columns[i].name, columns[i].type};
	ok(ps_encode_load(env, saved, inputs, COLUMNS, &loaded, &error) == PS_OK, "loads");
	ps_encode_fit_prepared(env, make_frame(env, N, true), NULL, true, &other, notes, &error);
	for (size_t row = 0; row < N; row += 13)
	{
		double		y[32];

		ps_frame_row(frame, row, cells);
		ps_encode_row(encoder, cells, x, &error);
		ps_encode_row(loaded, cells, y, &error);
		if (memcmp(x, y, encoder->width * sizeof(double)) != 0)
			worst = INFINITY;
		ps_encode_row(other, cells, y, &error);
		if (memcmp(x, y, encoder->width * sizeof(double)) != 0)
			worst = INFINITY;
	}
	ok(worst < 1, "a loaded encoder and one of rows in another order encode the same");

	/* densities: the slope of all columns that are numbers, by differences */
	ps_encode_fit_prepared(env, frame, NULL, false, &encoder, notes, &error);
	ok(!encoder->measured, "densities leave categories as they are");
	fill(2, cells);
	up = ps_encode_log_slope(encoder, cells);
	ps_encode_row(encoder, cells, x, &error);
	cells[0].number += 1e-3;
	ps_encode_row(encoder, cells, far, &error);
	down = -log(encoder->scale[0]);
	for (size_t j = 0; j < encoder->width; j++)
		down += log(encoder->scale[j]);
	close_to(up + down, log((far[0] - x[0]) / 1e-3), 1e-4, 0, "the slope of the logarithm");
}

/* More rows than are looked at one by one: nearly the same rules, and the same for any order. */
static void
test_many(const ps_env *env)
{
	enum
	{
	MANY = 80000};
	ps_encoder *encoders[3];
	ps_value   *notes;
	ps_error	error;
	ps_cell		cells[COLUMNS];
	double		x[3][32];
	double		worst = 0;

	ps_value_list(env, &notes, &error);
	ok(ps_encode_fit_prepared(env, make_frame(env, MANY, false), NULL, true, &encoders[0], notes, &error) == PS_OK &&
	   ps_encode_fit_prepared(env, make_frame(env, MANY, true), NULL, true, &encoders[1], notes, &error) == PS_OK &&
	   ps_encode_fit_prepared(env, make_frame(env, N, false), NULL, true, &encoders[2], notes, &error) == PS_OK, "many rows");
	for (size_t i = 0; i < N; i += 7)
	{
		fill(i, cells);
		for (size_t e = 0; e < 3; e++)
			ps_encode_row(encoders[e], cells, x[e], &error);
		if (memcmp(x[0], x[1], encoders[0]->width * sizeof(double)) != 0)
			worst = INFINITY;
		for (size_t j = 0; j < encoders[0]->width; j++)
			worst = fmax(worst, fabs(x[0][j] - x[2][j]));
	}
	ok(worst < 0.1, "a sample of them gives nearly the same rules, in any order: %g", worst);
}

static void
test_corrupt(const ps_env *env)
{
	static const char *const texts[] = {
		"{\"reference_dropped\":false,\"measured\":true,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"unit\":2,\"low\":-1,\"high\":5}]}",
		"{\"reference_dropped\":false,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"unit\":0}]}",
		"{\"reference_dropped\":false,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"unit\":1e-200}]}",
		"{\"reference_dropped\":false,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"unit\":\"x\"}]}",
		"{\"reference_dropped\":false,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"low\":5,\"high\":5}]}",
		"{\"reference_dropped\":false,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"high\":5}]}",
		"{\"reference_dropped\":false,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"low\":-1e200,\"high\":5}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1,\"unit\":2}]}",
		"{\"reference_dropped\":true,\"measured\":true,\"columns\":[{\"column\":\"money\",\"mean\":0,\"scale\":1}]}"
	};
	const ps_input input = {"money", PS_TYPE_NUMBER};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		ps_value   *object;
		ps_encoder *encoder;
		ps_error	error = {0};

		ps_json_read(env, texts[i], strlen(texts[i]), &object, &error);
		ok(ps_encode_load(env, object, &input, 1, &encoder, &error) == (i == 0 ? PS_OK : PS_CORRUPT), "%s %s",
		   i == 0 ? "loads" : "refused:", error.message);
	}
}

/* Numbers too near to each other to compute with are told from equal ones. */
static void
test_near(const ps_env *env)
{
	static const char *const words[] = {"its values differ by 6e-300, too little to compute with", "all its values are the same"};

	for (int same = 0; same < 2; same++)
	{
		const ps_column column = {"money", PS_TYPE_NUMBER};
		ps_frame   *frame;
		ps_encoder *encoder;
		ps_value   *notes;
		ps_error	error;

		ps_value_list(env, &notes, &error);
		ps_frame_create(env, &column, 1, false, false, &frame, &error);
		for (int i = 0; i < 70; i++)
		{
			ps_cell		cell = number_cell(1e-300 * (same ? 1 : i % 7));

			ps_frame_append(frame, &cell, 0, 1, &error);
		}
		ok(ps_encode_fit_prepared(env, frame, NULL, true, &encoder, notes, &error) != PS_OK && notes->count == 1 &&
		   strstr(notes->items[0]->text, words[same]) != NULL, "%s", notes->count == 1 ? notes->items[0]->text : "no note");
	}
}

static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;
	ps_encoder *encoder;
	ps_value   *notes;
	ps_value   *saved;
	ps_error	error;

	PS_TRY(ps_value_list(env, &notes, &error));
	PS_TRY(ps_value_object(env, &saved, &error));
	PS_TRY(ps_frame_create(env, columns, COLUMNS, false, false, &frame, &error));
	for (size_t i = 0; i < 80; i++)
	{
		ps_cell		cells[COLUMNS];

		fill(i, cells);
		PS_TRY(ps_frame_append(frame, cells, 0, 1, &error));
	}
	PS_TRY(ps_encode_fit_prepared(env, frame, NULL, true, &encoder, notes, &error));
	return ps_encode_save(env, encoder, saved, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_sort(&h.env);
	test_logarithm(&h.env);
	test_limits(&h.env);
	test_distances(&h.env);
	test_many(&h.env);
	test_corrupt(&h.env);
	test_near(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
