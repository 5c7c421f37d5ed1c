/*-------------------------------------------------------------------------
 *
 * buyers.h
 *	  What the tests of purchase models share: reference files, the CDNOW
 *	  sample, and fitting through the same calls as the server.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BUYERS_H
#define BUYERS_H

#include "data_file.h"
#include "ps_json.h"
#include "ps_model.h"
#include "tap.h"

/* Days of a date "YYYY-MM-DD" since 0000-03-01, by the Gregorian calendar. */
static inline int
day_number(const char *date)
{
	int			year,
				month,
				day;

	if (sscanf(date, "%d-%d-%d", &year, &month, &day) != 3)
		return 0;
	if (month < 3)
	{
		year--;
		month += 12;
	}
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day - 1;
}

/*
 * The CDNOW 1/10 sample, judged on 1997-09-30: histories[2400] in days,
 * purchases of a day put together. Returns the number of customers, 0 when
 * the file is not there. The file is sorted by customer and date.
 */
static inline size_t
read_cdnow(ps_history *histories)
{
	FILE	   *file = open_data("cdnow/cdnow_sample.csv");
	char		line[LINE_MAX_LENGTH],
			   *fields[FIELDS_MAX];
	int			end = day_number("1997-09-30"),
				customer = -1,
				first = 0,
				last = 0;
	size_t		n = 0;

	if (file == NULL)
		return 0;
	while (next_line(file, line, fields) >= 5)
	{
		int			day = day_number(fields[2]);
		ps_history *history;

		if (atoi(fields[1]) != customer)
		{
			customer = atoi(fields[1]);
			first = last = day;
			histories[n++] = (ps_history) {0, 0, end - first, 0};
			continue;
		}
		history = &histories[n - 1];
		if (day > end || day == first)
			continue;
		if (day != last)
			history->frequency++;
		last = day;
		history->recency = last - first;
		history->monetary += atof(fields[4]);
	}
	fclose(file);
	for (size_t i = 0; i < n; i++)
		histories[i].monetary = histories[i].frequency > 0 ? histories[i].monetary / histories[i].frequency : NAN;
	return n;
}

/* A training set of histories or of number columns, fitted as the server does. */
typedef struct fitted
{
	ps_status	status;
	ps_error	error;
	ps_value   *document;
	ps_value   *notes;
	ps_model   *model;
} fitted;

/* rows[n * ncolumns]; weights NULL: all 1. */
static inline fitted
fit_cells(host *h, const char *method, const char *options, const ps_column *columns, size_t ncolumns,
		  const ps_cell *rows, const double *weights, size_t n)
{
	fitted		f = {0};
	const ps_learner *learner = ps_learner_find(method);
	ps_value   *given,
			   *complete;
	ps_plan		plan;
	ps_frame   *frame;
	ps_column	chosen[8];

	f.status = ps_value_list(&h->env, &f.notes, &f.error);
	if (f.status == PS_OK)
		f.status = ps_json_read(&h->env, options, strlen(options), &given, &f.error);
	if (f.status == PS_OK)
		f.status = ps_options_complete(&h->env, learner, given, &complete, &f.error);
	if (f.status == PS_OK)
		f.status = ps_plan_make(&h->env, learner, complete, columns, ncolumns, &plan, f.notes, &f.error);
	if (f.status == PS_OK)
	{
		for (size_t i = 0; i < plan.nfeatures; i++)
			chosen[i] = columns[plan.features[i]];
		f.status = ps_frame_create(&h->env, chosen, plan.nfeatures, false, weights != NULL, &frame, &f.error);
	}
	for (size_t row = 0; f.status == PS_OK && row < n; row++)
	{
		ps_cell		cells[8];

		for (size_t i = 0; i < plan.nfeatures; i++)
			cells[i] = rows[row * ncolumns + plan.features[i]];
		f.status = ps_frame_append(frame, cells, 0, weights != NULL ? weights[row] : 1, &f.error);
	}
	if (f.status == PS_OK)
		f.status = ps_model_fit(&h->env, &plan, frame, &f.document, f.notes, &f.error);
	if (f.status == PS_OK)
		f.status = ps_model_open(&h->env, f.document, &f.model, &f.error);
	return f;
}

/* The same from one column of histories, "orders". */
static inline fitted
fit_histories(host *h, const char *method, const char *options, const ps_history *histories,
			  const double *weights, size_t n)
{
	ps_column	column = {"orders", PS_TYPE_HISTORY};
	ps_cell    *cells = calloc(n + 1, sizeof(ps_cell));
	fitted		f;

	for (size_t i = 0; i < n; i++)
		cells[i].history = histories[i];
	f = fit_cells(h, method, options, &column, 1, cells, weights, n);
	free(cells);
	return f;
}

/* A number of the parameters; part "" or one of clv's. */
static inline double
parameter(const fitted *f, const char *part, const char *name)
{
	const ps_value *object = ps_value_get(f->document, "parameters");

	if (part[0] != '\0')
		object = ps_value_get(object, part);
	return ps_value_number_or(object, name, NAN);
}

/* Make a model from JSON parameters. */
static inline fitted
make_model(host *h, const char *method, const char *parameters, const char *options)
{
	fitted		f = {0};
	ps_value   *given,
			   *values;

	f.status = ps_json_read(&h->env, parameters, strlen(parameters), &given, &f.error);
	if (f.status == PS_OK)
		f.status = ps_json_read(&h->env, options, strlen(options), &values, &f.error);
	if (f.status == PS_OK)
		f.status = ps_model_make(&h->env, ps_learner_find(method), given, values, &f.document, &f.error);
	if (f.status == PS_OK)
		f.status = ps_model_open(&h->env, f.document, &f.model, &f.error);
	return f;
}

/* Ask about a history; NAN for null, and for an error, which is kept in f. horizon 0: none. */
static inline double
ask(host *h, fitted *f, ps_question question, ps_history history, double horizon, double discount)
{
	ps_cell		cell = {.history = history};
	ps_request	request = {.has_horizon = horizon != 0,.horizon = horizon,.discount = discount};
	ps_answer	answer;

	f->status = ps_model_ask(&h->env, f->model, question, &cell, &request, &answer, &f->error);
	return f->status != PS_OK || answer.null ? NAN : answer.number;
}

/* Uniform on (0, 1), for simulated customers: a fixed sequence (Park and Miller 1988). */
static inline double
uniform(int64_t *state)
{
	*state = *state * 48271 % 2147483647;
	return (double) *state / 2147483647.0;
}

#endif							/* BUYERS_H */
