/*
 * Rows given as numbers instead of cells: which models take them, and that
 * answers are the same to the last bit.
 */
#include "learner_host.h"

#define ROWS 200
#define COLUMNS 7

/* Learn a logistic model of COLUMNS numbers; with_nulls gives the second some NULLs, with_text makes the last a text. */
static fitted
fit_numbers(const ps_env *env, bool with_nulls, bool with_text, ps_frame **frame)
{
	static const char *const names[COLUMNS] = {"a", "b", "c", "d", "e", "f", "g"};
	ps_column	columns[COLUMNS];
	ps_error	error;

	for (size_t c = 0; c < COLUMNS; c++)
		columns[c] = (ps_column) {names[c], with_text && c == COLUMNS - 1 ? PS_TYPE_TEXT : PS_TYPE_NUMBER};
	if (ps_frame_create(env, columns, COLUMNS, true, false, frame, &error) != PS_OK)
		return (fitted) {.status = PS_OUT_OF_MEMORY};
	for (size_t i = 0; i < ROWS; i++)
	{
		ps_cell		cells[COLUMNS];

		for (size_t c = 0; c < COLUMNS; c++)
			cells[c] = number_cell((double) ((i + 3) * (c + 5) * 7919 % 1009) / 7 + 1000 * (double) c);
		if (with_nulls && i % 3 == 0)
			cells[1] = number_cell(NAN);
		if (with_text)
			cells[COLUMNS - 1] = text_cell(i % 2 == 0 ? "even" : "odd");
		ps_frame_append(*frame, cells, i * 31 % 7 < 3, 1, &error);
	}
	return fit_frame(env, *frame, "logistic", "{}");
}

/* Ask by cells and by numbers, apart by more than their size or not: are the answers the same, but where one is NULL? */
static bool
is_same(const ps_env *env, const fitted *fit, const ps_frame *frame)
{
	for (size_t i = 0; i < ROWS; i++)
	{
		struct
		{
			double		number;
			bool		null;
		}			row[2 * COLUMNS];
		ps_cell		cells[COLUMNS];
		size_t		apart = 1 + i % 2;
		ps_numbers	numbers = {&row[0].number, &row[0].null, apart * sizeof(row[0])};
		bool		null = false;
		ps_request	request = {0};
		double		answer;
		double		score;

		ps_frame_row(frame, i, cells);
		for (size_t c = 0; c < COLUMNS; c++)
		{
			row[c * apart].number = cells[c].number;
			row[c * apart].null = cells[c].null;
			null = null || cells[c].null;
		}
		score = score_cells(env, fit, cells);
		if (ps_model_ask_numbers(fit->model, PS_ASK_SCORE, &numbers, &request, &answer) == null ||
			(!null && memcmp(&answer, &score, sizeof(score)) != 0))
			return false;
	}
	return true;
}

/* Is a row whose number c is this refused? */
static bool
is_refused(const fitted *fit, size_t c, double number)
{
	double		row[COLUMNS] = {1, 1, 1, 1, 1, 1, 1};
	bool		null[COLUMNS * sizeof(double)] = {false};
	ps_request	request = {0};
	double		answer;

	row[c] = number;
	return !ps_model_ask_numbers(fit->model, PS_ASK_SCORE, &(ps_numbers) {row, null, sizeof(double)}, &request, &answer);
}

int
main(void)
{
	host		h;
	ps_frame   *frame;
	fitted		fit;
	ps_cell		cells[COLUMNS];
	ps_request	request = {0};
	ps_answer	answer;

	host_init(&h);
	fit = fit_numbers(&h.env, false, false, &frame);
	ok(fit.status == PS_OK && fit.model->takes_numbers && is_same(&h.env, &fit, frame), "numbers");
	for (size_t c = 0; c < COLUMNS; c++)
		cells[c] = number_cell(1);
	cells[3].number = INFINITY;
	ok(ps_model_ask(&h.env, fit.model, PS_ASK_SCORE, cells, &request, &answer, &fit.error) == PS_INVALID_DATA &&
	   strcmp(fit.error.column, "d") == 0, "cells are checked: %s", fit.error.message);
	for (size_t c = 0; c < COLUMNS; c++)
		ok(is_refused(&fit, c, INFINITY) && is_refused(&fit, c, -INFINITY) && is_refused(&fit, c, NAN) &&
		   !is_refused(&fit, c, 1), "number %d is checked", (int) c);
	fit = fit_numbers(&h.env, true, false, &frame);
	ok(fit.status == PS_OK && fit.model->takes_numbers && is_same(&h.env, &fit, frame), "numbers with a column for NULL");
	fit = fit_numbers(&h.env, false, true, &frame);
	ok(fit.status == PS_OK && !fit.model->takes_numbers, "a text cannot be a number");
	host_free(&h);
	return tap_done();
}
