/*-------------------------------------------------------------------------
 *
 * test_encode.c
 *	  The rules by which raw columns become a design matrix, their stored form,
 *	  and that tiles, rows and dot products agree.  Also the dense solver.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_dense.h"
#include "ps_encode.h"
#include "ps_random.h"

#define ROWS 5000

static const ps_column columns[] = {
	{"age", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN}, {"city", PS_TYPE_TEXT}, {"id", PS_TYPE_TEXT},
	{"same", PS_TYPE_TEXT}, {"rarely_null", PS_TYPE_NUMBER}, {"known", PS_TYPE_NUMBER}, {"gone", PS_TYPE_TEXT}
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Row i of a made-up table; order permutes. */
static void
make_cells(size_t i, ps_cell *cells, char *id)
{
	static const char *const cities[] = {"Rome", "Oslo", "Rome", "Bern", NULL, "Rome"};

	snprintf(id, 16, "id%zu", i);
	cells[0] = number_cell(i % 10 == 0 ? (double) NAN : (double) (i % 7));
	cells[1] = number_cell(i % 4 == 0);
	cells[2] = text_cell(i % 500 == 3 ? id : cities[i % 6]);
	cells[3] = text_cell(id);
	cells[4] = text_cell("x");
	cells[5] = number_cell(i == 77 ? (double) NAN : (double) (i % 3));
	cells[6] = number_cell(i % 5 == 0 ? (double) NAN : 8);
	cells[7] = text_cell(NULL);
}

static ps_frame *
make_frame(const ps_env *env, bool reversed)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, COLUMNS, false, false, &frame, &error);
	for (size_t i = 0; i < ROWS; i++)
	{
		char		id[16];
		ps_cell		cells[COLUMNS];

		make_cells(reversed ? ROWS - 1 - i : i, cells, id);
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	return frame;
}

/* Describe all design columns in one line. */
static const char *
all_terms(const ps_encoder *encoder)
{
	static char text[1000];

	text[0] = '\0';
	for (size_t j = 0; j < encoder->width; j++)
	{
		size_t		used = strlen(text);

		if (j > 0)
			used += (size_t) snprintf(text + used, sizeof(text) - used, ", ");
		ps_encode_term_text(encoder, j, text + used, sizeof(text) - used);
	}
	return text;
}

static bool
noted(const ps_value *notes, const char *words)
{
	for (size_t i = 0; i < notes->count; i++)
		if (strstr(notes->items[i]->text, words) != NULL)
			return true;
	for (size_t i = 0; i < notes->count; i++)
		printf("# note: %s\n", notes->items[i]->text);
	return false;
}

static void
test_rules(const ps_env *env)
{
	ps_frame   *frame = make_frame(env, false);
	ps_frame   *reversed = make_frame(env, true);
	ps_encoder *encoder;
	ps_encoder *full;
	ps_encoder *other;
	ps_encoder *loaded;
	ps_encoding *encoding;
	ps_value   *notes;
	ps_value   *saved;
	ps_value   *read;
	ps_error	error;
	char	   *json;
	char	   *again;
	size_t		length;
	ps_input	inputs[COLUMNS];
	double		coefficients[16];
	static double tile[16 * 256];
	double		worst = 0;
	double		mean = 0;
	double		square = 0;

	ps_value_list(env, &notes, &error);
	ok(ps_encode_fit(env, frame, NULL, true, &encoder, notes, &error) == PS_OK, "fit");
	ok(strcmp(all_terms(encoder),
			  "\"age\", \"age\" IS NULL, \"member\", \"city\" = 'Oslo', \"city\" = 'Bern', other values of \"city\", "
			  "\"city\" IS NULL, \"rarely_null\", \"known\" IS NULL") == 0,
	   "columns: %s", all_terms(encoder));
	ok(noted(notes, "\"id\" is left out: no two of its 5000 values are the same"), "ids left out");
	ok(noted(notes, "\"same\" is left out: all its values are the same"), "constant text left out");
	ok(noted(notes, "\"gone\" is left out"), "NULL-only text left out");
	ok(notes->count == 3, "no other notes");
	ps_encode_fit(env, frame, NULL, false, &full, notes, &error);
	ok(full->width == encoder->width + 1 && strstr(all_terms(full), "\"city\" = 'Rome'") != NULL,
	   "all levels kept where no reference is wanted");

	ps_encode_fit(env, reversed, NULL, true, &other, notes, &error);
	ok(memcmp(other->mean, encoder->mean, encoder->width * sizeof(double)) == 0 &&
	   memcmp(other->scale, encoder->scale, encoder->width * sizeof(double)) == 0,
	   "rows in another order: the same bits");

	/* stored form */
	for (size_t i = 0; i < COLUMNS; i++)
		inputs[i] = (ps_input) {columns[i].name, columns[i].type};
	ps_value_object(env, &saved, &error);
	ok(ps_encode_save(env, encoder, saved, &error) == PS_OK &&
	   ps_json_write(env, saved, &json, &length, &error) == PS_OK, "save");
	ps_json_read(env, json, length, &read, &error);
	ok(ps_encode_load(env, read, inputs, COLUMNS, &loaded, &error) == PS_OK, "load");
	ps_value_object(env, &saved, &error);
	ps_encode_save(env, loaded, saved, &error);
	ps_json_write(env, saved, &again, &length, &error);
	ok(strcmp(json, again) == 0, "the same again");

	/* tiles, rows and dot products of the loaded encoder agree */
	ps_encode_bind(env, loaded, frame, &encoding, &error);
	for (size_t j = 0; j < loaded->width; j++)
		coefficients[j] = (double) (j + 1) / 3;
	for (size_t start = 0; start < 1024; start += 256)
	{
		ps_encode_tile(encoding, 0, start, 256, tile, 256);
		for (size_t i = 0; i < 256; i++)
		{
			ps_cell		cells[COLUMNS];
			double		row[16];
			double		dot;
			double		sum = 0;

			ps_frame_row(frame, start + i, cells);
			ps_encode_row(loaded, cells, row, &error);
			ps_encode_dot(loaded, cells, coefficients, &dot, &error);
			for (size_t j = 0; j < loaded->width; j++)
			{
				const char *name;
				const char *level;
				bool		value = ps_encode_term(loaded, j, &name, &level) == PS_ENCODE_VALUE;

				worst = fmax(worst, fabs(row[j] - tile[j * 256 + i]));
				sum += coefficients[j] * (row[j] * loaded->scale[j] + (value ? 0 : loaded->mean[j]));
			}
			worst = fmax(worst, fabs(dot - sum));
		}
	}
	close_to(worst, 0, 0, 1e-12, "tile, row and dot product agree");

	for (size_t start = 0; start + 8 <= 4096; start += 8)
	{
		ps_encode_tile(encoding, 0, start, 8, tile, 8);
		for (size_t i = 0; i < 8; i++)
		{
			mean += tile[2 * 8 + i] / 4096;
			square += tile[2 * 8 + i] * tile[2 * 8 + i] / 4096;
		}
	}
	close_to(mean, 0, 0, 1e-3, "standardised to mean 0");
	close_to(square, 1, 1e-2, 0, "and standard deviation 1");

	{
		ps_cell		cells[COLUMNS];
		char		id[16];
		double		dot;
		double		expected;

		make_cells(1, cells, id);
		cells[2] = text_cell("Atlantis");
		ps_encode_dot(loaded, cells, coefficients, &dot, &error);
		cells[2] = text_cell("Rome");
		ps_encode_dot(loaded, cells, coefficients, &expected, &error);
		close_to(dot - expected, coefficients[5], 1e-12, 0, "an unseen level is another value, the reference is zero");
		cells[0] = number_cell(INFINITY);
		cells[0].null = false;
		ok(ps_encode_dot(loaded, cells, coefficients, &dot, &error) == PS_INVALID_DATA &&
		   strcmp(error.column, "age") == 0, "%s", error.message);
		cells[0].number = NAN;
		ok(ps_encode_row(loaded, cells, tile, &error) == PS_INVALID_DATA, "%s", error.message);
	}
}

/* Texts around the floor of ten rows and the limit of a hundred levels. */
static void
test_levels(const ps_env *env)
{
	static const ps_column column = {"t", PS_TYPE_TEXT};
	static const struct
	{
		size_t		a,
					b,
					nulls,
					rare;
		bool		drop;
		const char *terms;
		const char *note;
	}			cases[] = {
		{50, 10, 0, 0, true, "\"t\" = 'b'", NULL},
		{50, 9, 0, 0, true, "", "all but 9 of its values are the same"},
		{50, 9, 0, 0, false, "\"t\" = 'a'", NULL},
		{50, 10, 9, 0, true, "\"t\" = 'b'", NULL},
		{50, 10, 10, 0, true, "\"t\" = 'b', \"t\" IS NULL", NULL},
		{50, 10, 5, 5, true, "\"t\" = 'b', other values of \"t\"", NULL},
		{0, 0, 20, 20, true, "\"t\" IS NULL", NULL},
		{0, 0, 0, 20, true, "", "no two of its 20 values are the same"},
		{0, 0, 0, 19, true, "", "none of its 19 values"},
		{0, 0, 1, 20, true, "", "none of its 20 values"},
		{9, 9, 0, 0, true, "", "none of its 2 values"}
	};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		ps_frame   *frame;
		ps_encoder *encoder;
		ps_value   *notes;
		ps_error	error;
		size_t		n = 0;

		ps_value_list(env, &notes, &error);
		ps_frame_create(env, &column, 1, false, false, &frame, &error);
		for (size_t i = 0; i < cases[c].a + cases[c].b + cases[c].nulls + cases[c].rare; i++)
		{
			char		rare[32];
			ps_cell		cell;

			snprintf(rare, sizeof(rare), "r%zu", i);
			cell = text_cell(i < cases[c].a ? "a" : i < cases[c].a + cases[c].b ? "b" :
							 i < cases[c].a + cases[c].b + cases[c].nulls ? NULL : rare);
			ps_frame_append(frame, &cell, 0, 1, &error);
			n++;
		}
		ps_encode_fit(env, frame, NULL, cases[c].drop, &encoder, notes, &error);
		ok(strcmp(all_terms(encoder), cases[c].terms) == 0, "a %zu, b %zu, NULL %zu, rare %zu: %s", cases[c].a,
		   cases[c].b, cases[c].nulls, cases[c].rare, all_terms(encoder));
		ok(cases[c].note == NULL ? notes->count == 0 : noted(notes, cases[c].note), "notes");
	}
	{
		ps_frame   *frame;
		ps_encoder *encoder;
		ps_value   *notes;
		ps_error	error;

		ps_value_list(env, &notes, &error);
		ps_frame_create(env, &column, 1, false, false, &frame, &error);
		for (size_t i = 0; i < 3000; i++)
		{
			char		level[32];
			ps_cell		cell;

			snprintf(level, sizeof(level), "v%03zu", i % 150);
			cell = text_cell(level);
			ps_frame_append(frame, &cell, 0, 1, &error);
		}
		ps_encode_fit(env, frame, NULL, false, &encoder, notes, &error);
		ok(encoder->width == 101, "a hundred levels and the others");
	}
}

/* Numbers that count rows, and numbers that only look alike. */
static void
test_identifiers(const ps_env *env)
{
	static const struct
	{
		const char *name;
		bool		left_out;
	}			wanted[] = {
		{"id", true}, {"half", true}, {"included", false}, {"sparse", false}, {"once_twice", false},
		{"fraction", false}, {"once_null", false}
	};
	ps_column	measures[7];
	ps_frame   *frame;
	ps_encoder *encoder;
	ps_value   *options;
	ps_value   *notes;
	ps_error	error;

	for (size_t c = 0; c < 7; c++)
		measures[c] = (ps_column) {wanted[c].name, PS_TYPE_NUMBER};
	ps_value_list(env, &notes, &error);
	ps_json_read(env, "{\"include\":[\"included\"]}", 24, &options, &error);
	ps_frame_create(env, measures, 7, false, false, &frame, &error);
	for (int i = 0; i < 20; i++)
	{
		double		x = i * 7 % 20;
		ps_cell		cells[7] = {
			number_cell(1e15 + x), number_cell(2 * x - 30), number_cell(x), number_cell(x == 19 ? 40 : x),
			number_cell(x == 19 ? 18 : x), number_cell(x == 10 ? 10.5 : x), number_cell(x == 10 ? (double) NAN : x)
		};

		ps_frame_append(frame, cells, 0, 1, &error);
	}
	ps_encode_fit(env, frame, options, true, &encoder, notes, &error);
	for (size_t c = 0; c < 7; c++)
	{
		char		quoted[32];

		snprintf(quoted, sizeof(quoted), "\"%s\"", wanted[c].name);
		ok((strstr(all_terms(encoder), quoted) == NULL) == wanted[c].left_out, "%s is %s", quoted,
		   wanted[c].left_out ? "left out" : "kept");
	}
	ok(notes->count == 2 && noted(notes, "\"half\" is left out: it numbers the rows"), "with notes");
}

/* Moments count from the latest one, or from the row's own as_of; parts where they help. */
static void
test_moments(const ps_env *env)
{
	static const ps_column dates[] = {
		{"signed_up", PS_TYPE_MOMENT}, {"last_visit", PS_TYPE_MOMENT}, {"contract", PS_TYPE_INTERVAL}, {"as_of", PS_TYPE_MOMENT}
	};
	ps_input	inputs[4];

	for (size_t i = 0; i < 4; i++)
		inputs[i] = (ps_input) {dates[i].name, dates[i].type};
	for (size_t n = 3; n <= 4; n++)
	{
		ps_frame   *frame;
		ps_encoder *encoder;
		ps_encoder *loaded;
		ps_encoding *encoding;
		ps_value   *notes;
		ps_value   *saved;
		ps_value   *read;
		ps_error	error;
		char	   *json;
		char	   *again;
		size_t		length;
		static double tile[64 * 256];
		double		row[64];
		double		worst = 0;
		ps_cell		cells[4];

		ps_value_list(env, &notes, &error);
		ps_frame_create(env, dates, n, true, false, &frame, &error);
		for (int i = 0; i < 4000; i++)
		{
			double		day = i * 37 % 1500 + 0.25;

			/* sign-ups of a Saturday (2000-01-01 was one) buy more often */
			cells[0] = number_cell(i % 50 == 1 ? (double) NAN : day);
			cells[1] = number_cell(i % 9 == 0 ? (double) NAN : 1600 - i % 30);
			cells[2] = number_cell(i % 12);
			cells[3] = number_cell(i % 20 == 0 ? (double) NAN : 1700 + i % 5);
			ps_frame_append(frame, cells, i * 7919 % 100 < (fmod(floor(day), 7) == 0 ? 60 : 30), 1, &error);
		}
		ok(ps_encode_fit(env, frame, NULL, true, &encoder, notes, &error) == PS_OK && notes->count == 0, "fits moments");
		ok(strcmp(all_terms(encoder),
				  "\"signed_up\", \"signed_up\" IS NULL, \"last_visit\", \"last_visit\" IS NULL, \"contract\", "
				  "\"signed_up\" = 'Wednesday', \"signed_up\" = 'Friday', \"signed_up\" = 'Saturday', "
				  "\"signed_up\" = 'Thursday', \"signed_up\" = 'Monday', \"signed_up\" = 'Tuesday'") == 0, "columns: %s", all_terms(encoder));
		ps_value_object(env, &saved, &error);
		ok(ps_encode_save(env, encoder, saved, &error) == PS_OK &&
		   ps_json_write(env, saved, &json, &length, &error) == PS_OK, "save");
		ok((strstr(json, "\"reference\":1600,") != NULL) == (n == 3), "the reference is kept where rows have none");
		ps_json_read(env, json, length, &read, &error);
		ok(ps_encode_load(env, read, inputs, n, &loaded, &error) == PS_OK, "load");
		ps_value_object(env, &saved, &error);
		ps_encode_save(env, loaded, saved, &error);
		ps_json_write(env, saved, &again, &length, &error);
		ok(strcmp(json, again) == 0, "the same again");

		ps_encode_bind(env, loaded, frame, &encoding, &error);
		for (size_t start = 0; start < 3840; start += 256)
		{
			ps_encode_tile(encoding, 0, start, 256, tile, 256);
			for (size_t i = 0; i < 256; i++)
			{
				ps_frame_row(frame, start + i, cells);
				ps_encode_row(loaded, cells, row, &error);
				for (size_t j = 0; j < loaded->width; j++)
					worst = fmax(worst, fabs(row[j] - tile[j * 256 + i]));
			}
		}
		close_to(worst, 0, 0, 1e-12, "tiles and rows agree");

		/* the age by its definition */
		cells[0] = number_cell(100);
		cells[3] = number_cell(1800);
		ps_encode_row(loaded, cells, row, &error);
		close_to(row[0] * loaded->scale[0] + loaded->mean[0], n == 3 ? 1500 : 1700, 1e-12, 0, "days to the %s",
				 n == 3 ? "latest moment" : "row's own");
		cells[3] = number_cell(NAN);
		ps_encode_row(loaded, cells, row, &error);
		ok(n == 3 || row[0] == 0, "an unknown as_of makes ages unknown");
		cells[0] = (ps_cell) {.number = INFINITY};
		ok(ps_encode_row(loaded, cells, row, &error) == PS_INVALID_DATA && strcmp(error.column, "signed_up") == 0, "%s", error.message);
	}
}

/* Every single change of a stored encoder either loads or is refused, and never crashes. */
static void
test_spoiled(const ps_env *env)
{
	static const char good[] =
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\",\"mean\":3,\"scale\":2,\"nulls\":0.1},"
		"{\"column\":\"t\",\"levels\":[\"a\",\"b\"],\"shares\":[0.5,0.2],\"others\":0.2,\"nulls\":0.1}]}";
	static const char *const bad[] = {
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\"},{\"column\":\"t\",\"levels\":[\"a\",\"a\"],\"shares\":[0.5,0.2]}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\"},{\"column\":\"t\",\"levels\":[\"a\"],\"shares\":[0.5,0.2]}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\"},{\"column\":\"t\",\"levels\":[1,2],\"shares\":[0.5,0.2]}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\"},{\"column\":\"t\",\"nulls\":0.5}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\",\"nulls\":0.5},{\"column\":\"t\"}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\",\"mean\":1,\"scale\":-1},{\"column\":\"t\"}]}",
		"{\"reference_dropped\":true,\"columns\":[7,8]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\"},{\"column\":\"t\"},{\"column\":\"n\",\"part\":\"month\",\"levels\":[\"May\"],\"shares\":[0.5]}]}",
		"{\"reference_dropped\":true,\"columns\":[{\"column\":\"n\"},{\"column\":\"t\"},{\"column\":\"t\",\"part\":\"hour\"}]}"
	};
	static const ps_input inputs[] = {{"n", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}};
	ps_value   *object;
	ps_encoder *encoder;
	ps_error	error;
	size_t		refused = 0;

	ps_json_read(env, good, strlen(good), &object, &error);
	ok(ps_encode_load(env, object, inputs, 2, &encoder, &error) == PS_OK && encoder->width == 5, "good");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		ps_json_read(env, bad[i], strlen(bad[i]), &object, &error);
		ok(ps_encode_load(env, object, inputs, 2, &encoder, &error) == PS_CORRUPT, "refused: %s", error.message);
	}
	for (size_t i = 0; i < strlen(good); i++)
	{
		char		text[sizeof(good)];
		double		row[16];
		ps_cell		cells[2] = {number_cell(1), text_cell("b")};

		memcpy(text, good, sizeof(good));
		text[i] = text[i] == '0' ? '7' : '0';
		if (ps_json_read(env, text, strlen(text), &object, &error) != PS_OK ||
			ps_encode_load(env, object, inputs, 2, &encoder, &error) != PS_OK)
			refused++;
		else
			ps_encode_row(encoder, cells, row, &error);
	}
	ok(refused > 100, "%zu of %zu changed characters refused", refused, strlen(good));
}

/* A solver meets duplicate and scaled variables. */
static void
test_dense(const ps_env *env)
{
	/* variables 0, 1, 2 = 0 + 1, 3, of scales 1, 1e6, ., 1e-6 */
	double		x[40][4];
	double		gram[16] = {0},
				kept[16],
				scratch[4];
	bool		dependent[4];
	size_t		rank;
	double		b[4];
	double		worst = 0;
	ps_error	error;
	ps_random	random;

	ps_random_seed(&random, 11);
	for (int i = 0; i < 40; i++)
	{
		x[i][0] = ps_random_uniform(&random);
		x[i][1] = ps_random_uniform(&random) * 1e6;
		x[i][2] = x[i][0] * 1e6 + x[i][1];
		x[i][3] = ps_random_uniform(&random) * 1e-6;
		for (int p = 0; p < 4; p++)
			for (int q = 0; q < 4; q++)
				gram[p * 4 + q] += x[i][p] * x[i][q];
	}
	memcpy(kept, gram, sizeof(gram));
	ok(ps_cholesky(env, gram, 4, 1e-10, dependent, &rank, &error) == PS_OK && rank == 3 && dependent[2] &&
	   !dependent[0] && !dependent[1] && !dependent[3], "the dependent variable is found whatever the scales");
	for (int p = 0; p < 4; p++)
		b[p] = kept[p * 4] * 2 + kept[p * 4 + 1] * -3e-6 + kept[p * 4 + 3] * 5e6;
	ps_cholesky_solve(gram, 4, dependent, b);
	close_to(fabs(b[0] - 2) + fabs(b[1] * 1e6 + 3) + fabs(b[2]) + fabs(b[3] / 1e6 - 5), 0, 0, 1e-12, "solution, 0 where dependent");
	for (size_t first = 0; first < 4; first++)
	{
		double		v[4];
		double		form = 0;

		for (size_t p = 0; p < 4; p++)
			v[p] = b[p] = p < first ? 0 : sqrt(kept[p * 4 + p]);
		ps_cholesky_solve(gram, 4, dependent, b);
		for (size_t p = 0; p < 4; p++)
			form += v[p] * b[p];
		worst = fmax(worst, fabs(ps_cholesky_inverse_form(gram, 4, dependent, v, first, scratch) / form - 1));
	}
	close_to(worst, 0, 0, 1e-12, "forms of the inverse");
}

static ps_status
small_encode(const ps_env *env)
{
	ps_frame   *frame;
	ps_encoder *encoder;
	ps_encoder *loaded;
	ps_encoding *encoding;
	ps_value   *notes;
	ps_value   *saved;
	ps_input	inputs[COLUMNS];
	ps_error	error;

	PS_TRY(ps_value_list(env, &notes, &error));
	PS_TRY(ps_frame_create(env, columns, COLUMNS, false, false, &frame, &error));
	for (size_t i = 0; i < 100; i++)
	{
		char		id[16];
		ps_cell		cells[COLUMNS];

		make_cells(i, cells, id);
		PS_TRY(ps_frame_append(frame, cells, 0, 1, &error));
	}
	PS_TRY(ps_encode_fit(env, frame, NULL, true, &encoder, notes, &error));
	PS_TRY(ps_value_object(env, &saved, &error));
	PS_TRY(ps_encode_save(env, encoder, saved, &error));
	for (size_t i = 0; i < COLUMNS; i++)
		inputs[i] = (ps_input) {columns[i].name, columns[i].type};
	PS_TRY(ps_encode_load(env, saved, inputs, COLUMNS, &loaded, &error));
	return ps_encode_bind(env, loaded, frame, &encoding, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_rules(&h.env);
	test_levels(&h.env);
	test_identifiers(&h.env);
	test_moments(&h.env);
	test_spoiled(&h.env);
	test_dense(&h.env);
	host_free(&h);
	wrong = inject_faults(small_encode, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
