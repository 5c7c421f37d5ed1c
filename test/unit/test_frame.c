/*-------------------------------------------------------------------------
 *
 * test_frame.c
 *	  Unit tests of frames: what goes in comes out, for every type, across
 *	  chunk borders; bad numbers are refused; failures leave rows readable;
 *	  parts and columns of a frame have its rows; rows can be replaced.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_frame.h"

static const ps_column columns[] = {
	{"amount", PS_TYPE_NUMBER}, {"active", PS_TYPE_BOOLEAN}, {"city", PS_TYPE_TEXT}, {"orders", PS_TYPE_HISTORY}
};

/* The cells of row i of a made-up table; every 7th value is NULL. */
static void
fill_cells(size_t i, char *text, size_t size, ps_cell *cells)
{
	memset(cells, 0, 4 * sizeof(*cells));
	for (size_t c = 0; c < 4; c++)
		cells[c].null = (i + c) % 7 == 0;
	cells[0].number = (double) i * 0.5;
	cells[1].number = (double) (i % 2);
	cells[2].length = (size_t) snprintf(text, size, "town %zu%s", i % 1000, i % 3 ? "" : "\xc3\xa9");
	cells[2].text = text;
	cells[3].history = (ps_history) {(double) (i % 5), 1, 2 + (double) i, i % 2 ? (double) NAN : 3.5};
}

static bool
same_cells(const ps_cell *a, const ps_cell *b)
{
	for (size_t c = 0; c < 4; c++)
		if (a[c].null != b[c].null)
			return false;
	return (a[0].null || a[0].number == b[0].number) &&
		(a[1].null || a[1].number == b[1].number) &&
		(a[2].null || (a[2].length == b[2].length && memcmp(a[2].text, b[2].text, a[2].length) == 0)) &&
		(a[3].null || memcmp(&a[3].history, &b[3].history, sizeof(ps_history)) == 0);
}

/* Create and fill a frame of n rows; returns the first status that is not PS_OK. */
static ps_status
fill_frame(const ps_env *env, size_t n, ps_frame **frame, ps_error *error)
{
	PS_TRY(ps_frame_create(env, columns, 4, true, true, frame, error));
	for (size_t i = 0; i < n; i++)
	{
		char		text[64];
		ps_cell		cells[4];

		fill_cells(i, text, sizeof(text), cells);
		PS_TRY(ps_frame_append(*frame, cells, (double) i + 0.25, (double) (i % 3), error));
	}
	return PS_OK;
}

static size_t
wrong_rows(const ps_frame *frame)
{
	size_t		wrong = 0;

	for (size_t i = 0; i < ps_frame_rows(frame); i++)
	{
		char		text[64];
		ps_cell		want[4],
					got[4];

		fill_cells(i, text, sizeof(text), want);
		ps_frame_row(frame, i, got);
		if (!same_cells(want, got) || ps_frame_target(frame, i) != (double) i + 0.25 ||
			ps_frame_weight(frame, i) != (double) (i % 3))
			wrong++;
	}
	return wrong;
}

/* Append one row with this in place of a good one and report the status. */
static ps_status
append_bad(ps_frame *frame, double number, double target, double weight, ps_error *error)
{
	char		text[64];
	ps_cell		cells[4];

	fill_cells(1, text, sizeof(text), cells);
	cells[0].number = number;
	return ps_frame_append(frame, cells, target, weight, error);
}

/* Is row number i marked, by a rule? */
static bool
is_marked(int rule, size_t i, size_t n)
{
	return rule == 0 ? false : rule == 1 ? true : rule == 2 ? i % 5 == 0 : rule == 3 ? i < n / 2 : i % 997 != 0;
}

/* Count into seen[n] the rows of a part, which their targets tell; wrong ones are not counted. */
static void
see_rows(const ps_frame *part, int rule, bool marked, size_t n, int *seen)
{
	for (size_t row = 0; row < ps_frame_rows(part); row++)
	{
		size_t		i = (size_t) ps_frame_target(part, row);
		char		text[64];
		ps_cell		want[4],
					got[4];

		fill_cells(i, text, sizeof(text), want);
		ps_frame_row(part, row, got);
		if (i < n && is_marked(rule, i, n) == marked && same_cells(want, got) &&
			ps_frame_weight(part, row) == (double) (i % 3))
			seen[i]++;
	}
}

/* Divide frames of several sizes in several ways. */
static void
test_divide(void)
{
	static const size_t sizes[] = {0, 1, 64, PS_FRAME_CHUNK, PS_FRAME_CHUNK + 1, 3 * PS_FRAME_CHUNK, 5 * PS_FRAME_CHUNK + 77};

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
	{
		size_t		n = sizes[s];
		size_t		wrong = 0;
		bool	   *marks = malloc(n + 1);

		for (int rule = 0; rule < 5; rule++)
		{
			host		h;
			ps_frame   *frame;
			ps_frame   *rest;
			ps_frame   *marked;
			ps_error	error;
			int		   *seen = calloc(n + 1, sizeof(int));

			host_init(&h);
			fill_frame(&h.env, n, &frame, &error);
			for (size_t i = 0; i < n; i++)
				marks[i] = is_marked(rule, i, n);
			wrong += ps_frame_divide(&h.env, frame, marks, &rest, &marked, &error) != PS_OK;
			wrong += ps_frame_rows(frame) != n || ps_frame_rows(rest) + ps_frame_rows(marked) != n;
			wrong += ps_frame_memory(rest) + ps_frame_memory(marked) > 3 * PS_FRAME_CHUNK * 80;
			see_rows(rest, rule, false, n, seen);
			see_rows(marked, rule, true, n, seen);
			for (size_t i = 0; i < n; i++)
				wrong += seen[i] != 1;
			host_free(&h);
			free(seen);
		}
		ok(wrong == 0, "a frame of %zu rows is divided", n);
		free(marks);
	}
}

/* Replace rows, and forget what only they had. */
static void
test_replace(void)
{
	host		h;
	ps_frame   *frame;
	ps_frame   *view;
	ps_error	error;
	size_t		wrong = 0;
	size_t		order[] = {2, 0};

	host_init(&h);
	fill_frame(&h.env, PS_FRAME_CHUNK + 900, &frame, &error);
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		char		text[64];
		ps_cell		cells[4];

		fill_cells(row % 100, text, sizeof(text), cells);
		wrong += ps_frame_replace(frame, row, cells, (double) (row % 100) + 0.25, (double) (row % 100 % 3), &error) != PS_OK;
	}
	ok(wrong == 0 && ps_frame_rows(frame) == PS_FRAME_CHUNK + 900 && ps_frame_levels(frame, 2) > 1000, "rows are replaced");
	ok(ps_frame_drop_unused_levels(frame, &error) == PS_OK && ps_frame_levels(frame, 2) == 86,
	   "levels that nobody has are forgotten: %zu are left", ps_frame_levels(frame, 2));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		char		text[64];
		ps_cell		want[4],
					got[4];

		fill_cells(row % 100, text, sizeof(text), want);
		ps_frame_row(frame, row, got);
		wrong += !same_cells(want, got);
	}
	ok(wrong == 0, "and the others are where they were");

	ok(ps_frame_select(&h.env, frame, order, 2, NULL, true, &view, &error) == PS_OK &&
	   ps_frame_columns(view) == 2 && ps_frame_rows(view) == ps_frame_rows(frame) &&
	   ps_frame_codes(view, 0, 1) == ps_frame_codes(frame, 2, 1) &&
	   ps_frame_numbers(view, 1, 0) == ps_frame_numbers(frame, 0, 0) &&
	   ps_frame_targets(view, 1) == ps_frame_targets(frame, 1) && ps_frame_weights(view, 1) == ps_frame_weights(frame, 1) &&
	   ps_frame_levels(view, 0) == 86, "columns are shared, not copied");
	{
		char		text[64];
		ps_cell		cells[4];

		fill_cells(3, text, sizeof(text), cells);
		cells[2].text = "a new town";
		cells[2].length = 10;
		ok(ps_frame_append(frame, cells, 1, 1, &error) == PS_OK && ps_frame_levels(frame, 2) == 87, "new levels can follow");
	}
	host_free(&h);
}

int
main(void)
{
	host		h;
	ps_frame   *frame;
	ps_error	error;
	size_t		length;
	long		allocations;
	size_t		wrong = 0;

	host_init(&h);
	ok(ps_type_of_name(ps_type_name(PS_TYPE_HISTORY)) == PS_TYPE_HISTORY &&
	   ps_type_of_name(ps_type_name(PS_TYPE_MOMENT)) == PS_TYPE_MOMENT &&
	   ps_type_of_name(ps_type_name(PS_TYPE_INTERVAL)) == PS_TYPE_INTERVAL &&
	   ps_type_of_name("other") == PS_TYPE_OTHER && ps_type_of_name("float") == PS_TYPE_OTHER, "type names");

	ok(fill_frame(&h.env, 2 * PS_FRAME_CHUNK + 5, &frame, &error) == PS_OK, "fill three chunks");
	ok(ps_frame_rows(frame) == 2 * PS_FRAME_CHUNK + 5 && ps_frame_chunks(frame) == 3 &&
	   ps_frame_chunk_rows(frame, 1) == PS_FRAME_CHUNK && ps_frame_chunk_rows(frame, 2) == 5, "chunk sizes");
	ok(wrong_rows(frame) == 0, "every row comes back");
	ok(isnan(ps_frame_numbers(frame, 0, 0)[0]) && ps_frame_codes(frame, 2, 0)[5] == -1, "NULL in chunks");
	ok(ps_frame_levels(frame, 2) == 2000, "levels: towns with and without accent");
	ok(strcmp(ps_frame_level(frame, 2, 0, &length), "town 0\xc3\xa9") == 0 && length == 8, "first level first, terminated");
	ok(ps_frame_memory(frame) > ps_frame_rows(frame) * (8 + 8 + 4 + 32 + 16) &&
	   ps_frame_memory(frame) < 4 * PS_FRAME_CHUNK * (8 + 8 + 4 + 32 + 16), "memory is counted");

	ok(append_bad(frame, NAN, 0, 1, &error) == PS_INVALID_DATA && strcmp(error.column, "amount") == 0 &&
	   error.row == 2 * PS_FRAME_CHUNK + 6 &&
	   strcmp(error.message, "column \"amount\" is NaN in row 8198") == 0, "NaN refused: %s", error.message);
	ok(append_bad(frame, -INFINITY, 0, 1, &error) == PS_INVALID_DATA, "infinity refused: %s", error.message);
	ok(append_bad(frame, 1, NAN, 1, &error) == PS_INVALID_DATA, "target NaN refused: %s", error.message);
	ok(append_bad(frame, 1, 1, -1, &error) == PS_INVALID_DATA, "negative weight refused: %s", error.message);
	ok(append_bad(frame, 1, 1, INFINITY, &error) == PS_INVALID_DATA, "infinite weight refused");
	ok(ps_frame_rows(frame) == 2 * PS_FRAME_CHUNK + 5, "refused rows are not there");

	{
		ps_column	other = {"picture", PS_TYPE_OTHER};
		ps_column	text = {"t", PS_TYPE_TEXT};
		ps_cell		cell = {.text = "a\0b",.length = 3};
		char	   *long_text = calloc(100000, 1);

		ok(ps_frame_create(&h.env, &other, 1, false, false, &frame, &error) == PS_WRONG_TYPE, "%s", error.message);
		ok(ps_frame_create(&h.env, &text, 1, false, false, &frame, &error) == PS_OK && ps_frame_chunks(frame) == 0 &&
		   ps_frame_targets(frame, 0) == NULL && ps_frame_weights(frame, 0) == NULL, "empty frame");
		ok(ps_frame_append(frame, &cell, NAN, NAN, &error) == PS_OK, "target and weight ignored unless announced");
		cell.length = 1;
		ps_frame_append(frame, &cell, 0, 0, &error);
		cell.length = 0;
		ps_frame_append(frame, &cell, 0, 0, &error);
		cell = (ps_cell) {.text = long_text,.length = 100000};
		ps_frame_append(frame, &cell, 0, 0, &error);
		cell.length--;
		ps_frame_append(frame, &cell, 0, 0, &error);
		ok(ps_frame_levels(frame, 0) == 5 && ps_frame_codes(frame, 0, 0)[4] == 4, "texts differ by length and inner zeros");
		ok(ps_frame_memory(frame) < 250000, "a short frame is small: %zu", ps_frame_memory(frame));
		free(long_text);
	}
	host_free(&h);

	host_init(&h);
	ok(fill_frame(&h.env, 300, &frame, &error) == PS_OK, "short frame");
	allocations = h.allocations;
	host_free(&h);
	for (long k = 1; k <= allocations; k++)
	{
		host_init(&h);
		h.fail_at = k;
		frame = NULL;
		if (fill_frame(&h.env, 300, &frame, &error) != PS_OUT_OF_MEMORY)
			wrong++;
		host_free(&h);
	}
	ok(wrong == 0, "each of %ld allocations may fail", allocations);
	test_divide();
	test_replace();
	return tap_done();
}
