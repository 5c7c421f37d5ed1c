/*-------------------------------------------------------------------------
 *
 * test_leakage.c
 *	  Columns that know the target are named, others are not.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_leakage.h"
#include "ps_random.h"

static const ps_column columns[] = {
	{"copy", PS_TYPE_BOOLEAN}, {"as_text", PS_TYPE_TEXT}, {"turned", PS_TYPE_NUMBER}, {"cancelled_at", PS_TYPE_MOMENT},
	{"nearly", PS_TYPE_NUMBER}, {"good", PS_TYPE_NUMBER}, {"own_text", PS_TYPE_TEXT}, {"noise", PS_TYPE_NUMBER},
	{"as_of", PS_TYPE_MOMENT}, {"rare_texts", PS_TYPE_TEXT}, {"text_of_nulls", PS_TYPE_TEXT}
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* The notes on rows of which one in every is positive. */
static ps_status
find_leaks(const ps_env *env, size_t rows, size_t every, bool reversed, ps_value **notes)
{
	ps_frame   *frame;
	ps_error	error;

	PS_TRY(ps_value_list(env, notes, &error));
	PS_TRY(ps_frame_create(env, columns, COLUMNS, true, true, &frame, &error));
	for (size_t k = 0; k < rows; k++)
	{
		size_t		i = reversed ? rows - 1 - k : k;
		bool		y = i % every == 0;
		double		u = (double) (ps_hash_mix(i) >> 11) * 0x1p-53;
		double		v = (double) (ps_hash_mix(i + 1000003) >> 11) * 0x1p-53;
		char		own[24];
		char		rare[24];
		ps_cell		cells[COLUMNS];

		snprintf(own, sizeof(own), "id%zu", i);
		snprintf(rare, sizeof(rare), "r%zu", i / every % (rows / every / 2 + 1) * (y ? 1 : 1000003));
		cells[0] = number_cell(y);
		cells[1] = text_cell(y ? "left" : "stayed");
		cells[2] = number_cell(y ? -3 - u : u);
		cells[3] = number_cell(y ? 9000 + 500 * u : (double) NAN);
		cells[4] = number_cell((y ? 0.94 : 0) + u);	/* AUC 1 - 0.06^2 / 2 = 0.9982 */
		cells[5] = number_cell((y ? 0.7 : 0) + u);	/* AUC 1 - 0.3^2 / 2 = 0.955 */
		cells[6] = text_cell(own);
		cells[7] = number_cell(v);
		cells[8] = number_cell(9500 + floor(10 * v));
		cells[9] = text_cell(rare);
		cells[10] = text_cell(y ? NULL : "known");
		PS_TRY(ps_frame_append(frame, cells, y, i % 7 == 3 ? 0 : 1, &error));
	}
	return ps_leakage_note(env, frame, *notes, &error);
}

static bool
named(const ps_value *notes, const char *column)
{
	char		start[64];

	snprintf(start, sizeof(start), "column \"%s\" alone", column);
	for (size_t i = 0; i < notes->count; i++)
		if (strncmp(notes->items[i]->text, start, strlen(start)) == 0)
			return true;
	return false;
}

static void
test_names(const ps_env *env)
{
	static const size_t sizes[][2] = {{400, 3}, {20000, 2}, {20000, 97}};

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
	{
		ps_value   *notes;
		ps_value   *backwards;
		bool		same;

		find_leaks(env, sizes[s][0], sizes[s][1], false, &notes);
		ok(named(notes, "copy") && named(notes, "as_text") && named(notes, "turned"), "%zu rows: copies are named", sizes[s][0]);
		ok(named(notes, "cancelled_at") && named(notes, "text_of_nulls"), "a column that only positives have, or only negatives");
		ok(named(notes, "nearly") && !named(notes, "good"), "an AUC of 0.998 is named, one of 0.955 is not");
		ok(!named(notes, "noise") && !named(notes, "own_text") && !named(notes, "as_of"), "noise and identifiers are not");
		find_leaks(env, sizes[s][0], sizes[s][1], true, &backwards);
		same = notes->count == backwards->count;
		for (size_t i = 0; same && i < notes->count; i++)
			same = strcmp(notes->items[i]->text, backwards->items[i]->text) == 0;
		ok(same, "the order of rows changes no note");
	}
	{
		ps_value   *notes;

		find_leaks(env, 27, 3, false, &notes);
		ok(notes->count == 0, "nothing is said of fewer than ten rows of a class");
	}
}

static ps_status
small_search(const ps_env *env)
{
	ps_value   *notes;

	return find_leaks(env, 60, 3, false, &notes);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_names(&h.env);
	host_free(&h);
	wrong = inject_faults(small_search, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
