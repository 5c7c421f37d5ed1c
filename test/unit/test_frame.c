/*-------------------------------------------------------------------------
 *
 * test_frame.c
 *	  Unit tests of frames: what goes in comes out, for every type, across
 *	  chunk borders; bad numbers are refused; failures leave rows readable.
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
	return tap_done();
}
