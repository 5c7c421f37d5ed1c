/*-------------------------------------------------------------------------
 *
 * contract_rows.h
 *	  Contracts with number columns for the tests of survival methods.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONTRACT_ROWS_H
#define CONTRACT_ROWS_H

#include "data_file.h"
#include "learner_host.h"

#define MAX_COLUMNS 8
#define MAX_ROWS 8000

/* Rows to learn from: number columns, of which the last options are duration and entry. */
typedef struct table
{
	size_t		ncolumns;
	ps_column	columns[MAX_COLUMNS + 2];
	size_t		n;
	double		x[MAX_ROWS][MAX_COLUMNS + 2];
	double		ended[MAX_ROWS];
	double		weight[MAX_ROWS];
	bool		weighted;
} table;

static inline ps_frame *
table_frame(const ps_env *env, const table *t)
{
	ps_frame   *frame;
	ps_error	error;

	if (ps_frame_create(env, t->columns, t->ncolumns, true, t->weighted, &frame, &error) != PS_OK)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
	{
		ps_cell		cells[MAX_COLUMNS + 2];

		for (size_t j = 0; j < t->ncolumns; j++)
			cells[j] = number_cell(t->x[i][j]);
		if (ps_frame_append(frame, cells, t->ended[i], t->weighted ? t->weight[i] : 1, &error) != PS_OK)
			return NULL;
	}
	return frame;
}

static inline double
number(const fitted *fit, const char *name)
{
	return ps_value_number_or(fit_parameters(fit), name, NAN);
}

static inline double
term(const fitted *fit, size_t j, const char *name)
{
	return ps_value_number_or(ps_value_get(fit_parameters(fit), "terms")->items[j], name, NAN);
}

/* 432 convicts released, by the weeks to their arrest (Rossi and others 1980). */
static inline bool
read_rossi(table *t)
{
	static const char *const names[] = {"fin", "age", "race", "wexp", "mar", "paro", "prio", "week"};
	FILE	   *file = open_data("rossi/rossi.csv");
	char		line[LINE_MAX_LENGTH];
	char	   *fields[FIELDS_MAX];

	if (file == NULL)
		return false;
	t->ncolumns = 8;
	for (size_t j = 0; j < 8; j++)
		t->columns[j] = (ps_column) {names[j], PS_TYPE_NUMBER};
	for (; next_line(file, line, fields) >= 9; t->n++)
	{
		for (size_t j = 0; j < 7; j++)
			t->x[t->n][j] = atof(fields[j + 2]);
		t->x[t->n][7] = atof(fields[0]);
		t->ended[t->n] = atof(fields[1]);
	}
	fclose(file);
	return true;
}

#endif							/* CONTRACT_ROWS_H */
