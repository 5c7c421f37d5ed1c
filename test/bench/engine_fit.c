/*-------------------------------------------------------------------------
 *
 * engine_fit.c
 *	  Fit a model with the engine alone and say what it took.
 *
 *		engine_fit METHOD OPTIONS ROWS NAME,... FILE [FRESH SCORES]
 *
 * OPTIONS is JSON.  FILE has one column of ROWS doubles after another, as this
 * machine stores them: those named, and with a method that has a target one
 * more, of 0 and 1.  FRESH is such a file without a target; the scores of its
 * rows go to SCORES, in a file of doubles.
 *
 * Prints one line of JSON: CPU seconds of the fit, which starts with the
 * columns in memory, of reading the model it made and of the scores; bytes
 * that the fit took at its peak beside its input; the model's parameters.
 *
 *-------------------------------------------------------------------------
 */
#include "engine_host.h"

#include "ps_json.h"
#include "ps_model.h"

#define COLUMNS_MAX 100

/* Read columns of doubles. */
static double *
read_columns(const char *name, size_t rows, size_t columns)
{
	FILE	   *file = fopen(name, "rb");
	double	   *numbers = malloc(rows * columns * sizeof(*numbers) + 1);

	if (file == NULL || numbers == NULL || fread(numbers, sizeof(*numbers), rows * columns, file) != rows * columns)
		fail(name, "cannot read it, or it is too short");
	fclose(file);
	return numbers;
}

/* Set cells to the row of columns that are rows long. */
static void
set_cells(ps_cell *cells, const double *numbers, size_t rows, size_t columns, size_t row)
{
	for (size_t j = 0; j < columns; j++)
		cells[j] = (ps_cell) {.number = numbers[j * rows + row]};
}

/* Write the scores of all rows of a file; return CPU seconds. */
static double
write_scores(const ps_env *env, const ps_model *model, const char *fresh, const char *scores)
{
	FILE	   *in = fopen(fresh, "rb");
	FILE	   *out = fopen(scores, "wb");
	const ps_request request = {0};
	ps_cell		cells[COLUMNS_MAX];
	double	   *numbers;
	double	   *answers;
	double		start;
	double		seconds;
	size_t		rows;

	if (in == NULL || out == NULL || fseek(in, 0, SEEK_END) != 0)
		fail(in == NULL ? fresh : scores, "cannot open it");
	rows = (size_t) ftell(in) / sizeof(double) / model->ninputs;
	fclose(in);
	numbers = read_columns(fresh, rows, model->ninputs);
	answers = malloc(rows * sizeof(*answers) + 1);
	start = cpu_seconds();
	for (size_t row = 0; row < rows; row++)
	{
		ps_answer	answer;
		ps_error	error;

		set_cells(cells, numbers, rows, model->ninputs, row);
		check(ps_model_ask(env, model, PS_ASK_SCORE, cells, &request, &answer, &error), &error);
		answers[row] = answer.number;
	}
	seconds = cpu_seconds() - start;
	if (fwrite(answers, sizeof(*answers), rows, out) != rows || fclose(out) != 0)
		fail(scores, "cannot write it");
	return seconds;
}

int
main(int argc, char **argv)
{
	meter		memory = {0, 0};
	const ps_env env = {&memory, meter_alloc, meter_release, never_cancel};
	ps_column	columns[COLUMNS_MAX];
	ps_cell		cells[COLUMNS_MAX];
	ps_plan		plan = {.weight = -1,.target = -1};
	ps_frame   *frame;
	ps_value   *given;
	ps_value   *complete;
	ps_value   *notes;
	ps_value   *document;
	ps_model   *model;
	ps_error	error;
	double	   *numbers;
	double		start;
	double		fit_seconds;
	double		open_seconds;
	double		score_seconds = 0;
	char	   *json;
	size_t		length;
	size_t		rows;
	size_t		ncolumns = 0;
	size_t		input;
	size_t		peak;

	if (argc != 6 && argc != 8)
		fail("usage", "engine_fit METHOD OPTIONS ROWS NAME,... FILE [FRESH SCORES]");
	plan.learner = ps_learner_find(argv[1]);
	if (plan.learner == NULL)
		fail(argv[1], "there is no such method");
	rows = (size_t) strtoull(argv[3], NULL, 10);
	for (char *name = strtok(argv[4], ","); name != NULL && ncolumns < COLUMNS_MAX; name = strtok(NULL, ","))
		columns[ncolumns++] = (ps_column) {name, PS_TYPE_NUMBER};
	numbers = read_columns(argv[5], rows, ncolumns + (plan.learner->needs_target ? 1 : 0));

	check(ps_json_read(&env, argv[2], strlen(argv[2]), &given, &error), &error);
	check(ps_options_complete(&env, plan.learner, given, &complete, &error), &error);
	plan.options = complete;
	check(ps_value_list(&env, &notes, &error), &error);
	check(ps_frame_create(&env, columns, ncolumns, plan.learner->needs_target, false, &frame, &error), &error);
	for (size_t row = 0; row < rows; row++)
	{
		set_cells(cells, numbers, rows, ncolumns, row);
		check(ps_frame_append(frame, cells, plan.learner->needs_target ? numbers[ncolumns * rows + row] : 0, 1,
							  &error), &error);
	}
	free(numbers);

	input = memory.peak = memory.now;
	start = cpu_seconds();
	check(ps_model_fit(&env, &plan, frame, &document, notes, &error), &error);
	fit_seconds = cpu_seconds() - start;
	peak = memory.peak - input;
	start = cpu_seconds();
	check(ps_model_open(&env, document, &model, &error), &error);
	open_seconds = cpu_seconds() - start;
	if (argc == 8)
		score_seconds = write_scores(&env, model, argv[6], argv[7]);
	check(ps_json_write(&env, ps_value_get(document, "parameters"), &json, &length, &error), &error);
	printf("{\"fit\": %.4f, \"open\": %.4f, \"score\": %.4f, \"bytes\": %zu, \"parameters\": %s}\n", fit_seconds,
		   open_seconds, score_seconds, peak, json);
	return 0;
}
