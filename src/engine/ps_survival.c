/*-------------------------------------------------------------------------
 *
 * ps_survival.c
 *	  See ps_survival.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_survival.h"

#include <math.h>
#include <string.h>

#include "ps_quadrature.h"

#define LARGEST 1e100			/* of a duration: larger ones would overflow formulas */
#define POLL_ROWS 4096
#define FALLS 0.1				/* of log survival within a panel, from which on it is refined */
#define HALVINGS 100			/* of panels, for one expectation */
#define NOT_AMONG "It is not there, or it is the target, the key or the weight, or excluded."

static const char *const role_names[PS_SURVIVAL_ROLES] = {"duration", "entry", "margin"};

/* Tell whether a list, which may be NULL, has a text. */
static bool
list_has(const ps_value *list, const char *text)
{
	for (size_t i = 0; list != NULL && i < list->count; i++)
	{
		if (strcmp(list->items[i]->text, text) == 0)
			return true;
	}
	return false;
}

/* The role that the options give a column, or PS_SURVIVAL_ROLES. */
static int
role_of(const ps_value *options, const char *column)
{
	int			role = 0;

	while (role < PS_SURVIVAL_ROLES && strcmp(ps_value_text_or(options, role_names[role], ""), column) != 0)
		role++;
	return role;
}

/* Append the one column that has a role, if the options give it. */
static ps_status
choose_role(const ps_value *options, int role, const ps_column *columns, size_t n, size_t *features,
			size_t *nfeatures, ps_error *error)
{
	const char *name = ps_value_text_or(options, role_names[role], NULL);
	size_t		i = 0;

	if (name == NULL)
		return PS_OK;
	while (i < n && strcmp(columns[i].name, name) != 0)
		i++;
	if (i == n)
	{
		ps_fail_column(error, PS_MISSING_COLUMN, name,
					   "option \"%s\" names column \"%s\", which is not among the columns to learn from",
					   role_names[role], name);
		return ps_hint(error, NOT_AMONG);
	}
	if (role_of(options, name) != role)
		return ps_fail_column(error, PS_INVALID_OPTION, name, "option \"%s\" names column \"%s\", as another option does",
							  role_names[role], name);
	if (columns[i].type != PS_TYPE_NUMBER && (role == PS_SURVIVAL_ROLE_MARGIN || columns[i].type != PS_TYPE_INTERVAL))
	{
		ps_fail_column(error, PS_WRONG_TYPE, name, "column \"%s\" is of type %s, but the %s must be a number%s", name,
					   ps_type_name(columns[i].type), role_names[role],
					   role == PS_SURVIVAL_ROLE_MARGIN ? "" : " or an interval");
		return ps_hint(error, role == PS_SURVIVAL_ROLE_MARGIN ? "Give the money that a contract brings per time unit." :
					   "Give a difference of dates, for example coalesce(ended_on, current_date) - started_on.");
	}
	features[(*nfeatures)++] = i;
	return PS_OK;
}

/* Append the columns of the strata, each of which is there once and serves for nothing else. */
static ps_status
choose_strata(const ps_value *options, const ps_column *columns, size_t n, size_t *features, size_t *nfeatures,
			  ps_error *error)
{
	const ps_value *strata = ps_value_get(options, "strata");

	for (size_t k = 0; strata != NULL && k < strata->count; k++)
	{
		const char *name = strata->items[k]->text;
		size_t		i = 0;

		while (i < n && strcmp(columns[i].name, name) != 0)
			i++;
		if (i == n)
		{
			ps_fail_column(error, PS_MISSING_COLUMN, name, "option \"strata\" names column \"%s\", which is not "
						   "among the columns to learn from", name);
			return ps_hint(error, NOT_AMONG);
		}
		for (size_t before = 0; before < k; before++)
		{
			if (strcmp(strata->items[before]->text, name) == 0)
				return ps_fail_column(error, PS_INVALID_OPTION, name, "option \"strata\" names column \"%s\" twice", name);
		}
		if (role_of(options, name) < PS_SURVIVAL_ROLES)
			return ps_fail_column(error, PS_INVALID_OPTION, name, "option \"strata\" names column \"%s\", as another "
								  "option does", name);
	}
	for (size_t i = 0; i < n; i++)
	{
		ps_type		type = columns[i].type;

		if (!list_has(strata, columns[i].name))
			continue;
		if (type != PS_TYPE_TEXT && type != PS_TYPE_BOOLEAN && type != PS_TYPE_NUMBER)
			return ps_fail_column(error, PS_WRONG_TYPE, columns[i].name,
								  "column \"%s\" is of type %s, but strata are texts, booleans or numbers",
								  columns[i].name, ps_type_name(type));
		features[(*nfeatures)++] = i;
	}
	return PS_OK;
}

/* Choose the covariates, if the method has any, then the columns that the options name. */
static ps_status
choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n, bool covariates,
	   size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error)
{
	const ps_value *strata = ps_value_get(options, "strata");

	*nfeatures = 0;
	if (ps_value_text_or(options, role_names[PS_SURVIVAL_ROLE_DURATION], NULL) == NULL)
	{
		ps_fail(error, PS_INVALID_OPTION, "option \"duration\" is missing");
		return ps_hint(error, "Name the column with the time from the start of the contract to its end or, while it "
					   "goes on, to the moment judged, for example {\"duration\": \"tenure\"}.");
	}
	if (covariates)
	{
		ps_column  *free_columns;
		size_t	   *origin;
		size_t		nfree = 0;

		PS_TRY(ps_alloc(env, n, sizeof(*free_columns), &free_columns, error));
		PS_TRY(ps_alloc(env, n, sizeof(*origin), &origin, error));
		for (size_t i = 0; i < n; i++)
		{
			if (list_has(strata, columns[i].name) || role_of(options, columns[i].name) < PS_SURVIVAL_ROLES)
				continue;
			origin[nfree] = i;
			free_columns[nfree++] = columns[i];
		}
		PS_TRY(ps_choose_features(env, options, free_columns, nfree, features, nfeatures, notes, error));
		for (size_t i = 0; i < *nfeatures; i++)
			features[i] = origin[features[i]];
		ps_release(env, free_columns);
		ps_release(env, origin);
	}
	PS_TRY(choose_strata(options, columns, n, features, nfeatures, error));
	for (int role = 0; role < PS_SURVIVAL_ROLES; role++)
		PS_TRY(choose_role(options, role, columns, n, features, nfeatures, error));
	return PS_OK;
}

ps_status
ps_survival_choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n, size_t *features,
				   size_t *nfeatures, ps_value *notes, ps_error *error)
{
	return choose(env, options, columns, n, false, features, nfeatures, notes, error);
}

ps_status
ps_survival_choose_covariates(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
							  size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error)
{
	return choose(env, options, columns, n, true, features, nfeatures, notes, error);
}

ps_status
ps_survival_save(const ps_env *env, const ps_value *options, ps_value *parameters, ps_error *error)
{
	const ps_value *strata = ps_value_get(options, "strata");

	PS_TRY(ps_value_set_text(env, parameters, "time_unit", ps_value_text_or(options, "time_unit", "day"), error));
	for (int role = 0; role < PS_SURVIVAL_ROLES; role++)
	{
		const char *name = ps_value_text_or(options, role_names[role], NULL);

		if (name != NULL)
			PS_TRY(ps_value_set_text(env, parameters, role_names[role], name, error));
	}
	if (strata != NULL && strata->count > 0)
	{
		ps_value   *list;

		PS_TRY(ps_value_set_list(env, parameters, "strata", &list, error));
		for (size_t i = 0; i < strata->count; i++)
			PS_TRY(ps_value_append_text(env, list, strata->items[i]->text, error));
	}
	return PS_OK;
}

ps_status
ps_survival_open(ps_survival_reader *reader, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
				 ps_error *error)
{
	const ps_value *time_unit;
	const ps_value *strata = ps_value_get(parameters, "strata");
	size_t		place = ninputs;

	PS_TRY(ps_value_need(parameters, "time_unit", PS_STRING, &time_unit, error));
	reader->unit = ps_time_unit_days(time_unit->text);
	if (!(reader->unit > 0))
		return ps_fail(error, PS_CORRUPT, "\"time_unit\" is \"%s\", which is no unit", time_unit->text);
	for (int role = PS_SURVIVAL_ROLES - 1; role >= 0; role--)
	{
		const ps_value *name = ps_value_get(parameters, role_names[role]);

		reader->inputs[role] = -1;
		reader->names[role] = "";
		if (name == NULL && role != PS_SURVIVAL_ROLE_DURATION)
			continue;
		PS_TRY(ps_value_need(parameters, role_names[role], PS_STRING, &name, error));
		if (place-- == 0 || strcmp(inputs[place].name, name->text) != 0 ||
			(inputs[place].type != PS_TYPE_NUMBER &&
			 (role == PS_SURVIVAL_ROLE_MARGIN || inputs[place].type != PS_TYPE_INTERVAL)))
			return ps_fail(error, PS_CORRUPT, "no input \"%s\" is there for the %s", name->text, role_names[role]);
		reader->inputs[role] = (int) place;
		reader->names[role] = inputs[place].name;
		reader->scales[role] = inputs[place].type == PS_TYPE_INTERVAL ? 1 / reader->unit : 1;
	}
	reader->nstrata = 0;
	if (strata != NULL)
	{
		PS_TRY(ps_value_need(parameters, "strata", PS_LIST, &strata, error));
		reader->nstrata = strata->count;
		if (reader->nstrata > place)
			return ps_fail(error, PS_CORRUPT, "there are %d strata for %d inputs", (int64_t) reader->nstrata,
						   (int64_t) place);
		for (size_t i = 0; i < reader->nstrata; i++)
		{
			const ps_input *input = &inputs[place - reader->nstrata + i];

			if (strata->items[i]->type != PS_STRING || !list_has(strata, input->name) ||
				(input->type != PS_TYPE_TEXT && input->type != PS_TYPE_BOOLEAN && input->type != PS_TYPE_NUMBER))
				return ps_fail(error, PS_CORRUPT, "input \"%s\" is no stratum", input->name);
		}
	}
	reader->ncovariates = place - reader->nstrata;
	return PS_OK;
}

ps_status
ps_survival_open_frame(const ps_env *env, ps_survival_reader *reader, const ps_value *parameters,
					   const ps_frame *frame, ps_error *error)
{
	size_t		n = ps_frame_columns(frame);
	ps_input   *inputs;

	PS_TRY(ps_alloc(env, n, sizeof(*inputs), &inputs, error));
	for (size_t i = 0; i < n; i++)
		inputs[i] = (ps_input) {ps_frame_column(frame, i)->name, ps_frame_column(frame, i)->type};
	return ps_survival_open(reader, parameters, inputs, n, error);
}

/* Refuse a duration or entry that cannot be one. */
static ps_status
check_time(const ps_survival_reader *reader, int role, double time, ps_error *error)
{
	if (time >= 0 && time <= LARGEST)
		return PS_OK;
	ps_fail_column(error, PS_INVALID_DATA, reader->names[role], "%s \"%s\" is %g, which is %s", role_names[role],
				   reader->names[role], time, time < 0 ? "negative" : "too long");
	return ps_hint(error, "Times count from the start of the contract.");
}

/* Name the row of the frame in an error. */
static ps_status
fail_in_row(size_t row, ps_error *error)
{
	error->row = (int64_t) row + 1;
	if (error->detail[0] == '\0')
		ps_detail(error, "This is in row %d of the rows to learn from.", error->row);
	return error->status;
}

/* Read one row of a frame; *known is false where a time is NULL. */
static ps_status
read_row(const ps_survival_reader *reader, const ps_frame *frame, size_t row, ps_survival_row *out, bool *known,
		 ps_error *error)
{
	size_t		chunk = row / PS_FRAME_CHUNK;
	size_t		i = row % PS_FRAME_CHUNK;
	double		target = ps_frame_target(frame, row);
	double		times[2] = {0, 0};

	for (int role = 0; role <= PS_SURVIVAL_ROLE_ENTRY; role++)
	{
		if (reader->inputs[role] < 0)
			continue;
		times[role] = ps_frame_numbers(frame, (size_t) reader->inputs[role], chunk)[i] * reader->scales[role];
		*known = !isnan(times[role]);
		if (!*known)
			return PS_OK;
		PS_TRY(check_time(reader, role, times[role], error));
	}
	if (target != 0 && target != 1)
	{
		ps_fail(error, PS_INVALID_DATA, "the target is %g, but must be 1 where the contract has ended and 0 where it goes on",
				target);
		return ps_hint(error, "Give a boolean, for example (ended_on IS NOT NULL) AS ended.");
	}
	if (times[1] >= times[0] && times[1] > 0)
	{
		ps_fail_column(error, PS_INVALID_DATA, reader->names[PS_SURVIVAL_ROLE_ENTRY],
					   "entry \"%s\" is %g, which is not before the duration of %g",
					   reader->names[PS_SURVIVAL_ROLE_ENTRY], times[1], times[0]);
		return ps_hint(error, "Both count from the start of the contract; leave out rows that were observed for no time.");
	}
	*out = (ps_survival_row) {times[1], times[0], ps_frame_weight(frame, row), target == 1, row};
	return PS_OK;
}

ps_status
ps_survival_read(const ps_env *env, const ps_survival_reader *reader, const ps_frame *frame, ps_survival_row **rows,
				 size_t *n, ps_value *notes, ps_error *error)
{
	size_t		unknown = 0;

	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(**rows), rows, error));
	*n = 0;
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		bool		known = true;

		if (row % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (ps_frame_weight(frame, row) == 0)
			continue;
		if (read_row(reader, frame, row, &(*rows)[*n], &known, error) != PS_OK)
			return fail_in_row(row, error);
		unknown += !known;
		*n += known;
	}
	if (unknown > 0 && notes != NULL)
		PS_TRY(ps_note(env, notes, error, "%d of %d rows are left out: their duration or entry is null",
					   (int64_t) unknown, (int64_t) ps_frame_rows(frame)));
	if (*n == 0)
	{
		ps_fail(error, PS_TOO_LITTLE_DATA, "there is no row with a known duration");
		return ps_hint(error, "Where a contract goes on, give the time from its start to the moment judged.");
	}
	return PS_OK;
}

ps_status
ps_survival_covariates(const ps_env *env, const ps_survival_reader *reader, const ps_frame *frame,
					   ps_frame **covariates, ps_error *error)
{
	size_t	   *columns;

	PS_TRY(ps_alloc(env, reader->ncovariates, sizeof(*columns), &columns, error));
	for (size_t i = 0; i < reader->ncovariates; i++)
		columns[i] = i;
	PS_TRY(ps_frame_select(env, frame, columns, reader->ncovariates, NULL, true, covariates, error));
	ps_release(env, columns);
	return PS_OK;
}

ps_status
ps_survival_need_ends(const ps_survival_row *rows, size_t n, ps_error *error)
{
	for (size_t i = 0; i < n; i++)
	{
		if (rows[i].ended)
			return PS_OK;
	}
	ps_fail(error, PS_TOO_LITTLE_DATA, "none of the %d contracts has ended, so that nothing can be learned about ends",
			(int64_t) n);
	return ps_hint(error, "Add contracts that have ended, with the target true.");
}

ps_status
ps_survival_need_periods(const ps_survival_reader *reader, const ps_survival_row *rows, size_t n,
						 const char *time_unit, ps_error *error)
{
	for (size_t i = 0; i < n; i++)
	{
		const ps_survival_row *row = &rows[i];
		bool		entry = row->entry != floor(row->entry);
		int			role = entry ? PS_SURVIVAL_ROLE_ENTRY : PS_SURVIVAL_ROLE_DURATION;

		if (entry || row->duration != floor(row->duration))
			ps_fail_column(error, PS_INVALID_DATA, reader->names[role],
						   "column \"%s\" is %g in row %d, which is no whole number of periods", reader->names[role],
						   entry ? row->entry : row->duration, (int64_t) row->row + 1);
		else if (row->ended && row->duration == 0)
			ps_fail_column(error, PS_INVALID_DATA, reader->names[role],
						   "the contract in row %d has ended with a duration of 0", (int64_t) row->row + 1);
		else
			continue;
		return ps_hint(error, "Count the periods (%ss; see the option \"time_unit\") that a contract was paid for: the "
					   "one in which it ended is the last, and the first is 1.", time_unit);
	}
	return PS_OK;
}

ps_status
ps_survival_duration(const ps_survival_reader *reader, const ps_cell *cells, double *duration, bool *null,
					 ps_error *error)
{
	const ps_cell *cell = &cells[reader->inputs[PS_SURVIVAL_ROLE_DURATION]];

	*null = cell->null;
	if (cell->null)
		return PS_OK;
	*duration = cell->number * reader->scales[PS_SURVIVAL_ROLE_DURATION];
	return check_time(reader, PS_SURVIVAL_ROLE_DURATION, *duration, error);
}

/* Integral of exp(-delta u) over from..to. */
static double
discounted_length(double from, double to, double delta)
{
	if (delta == 0)
		return to - from;
	return exp(-delta * from) * -expm1(-delta * (to - from)) / delta;
}

/*
 * The expectation of a step curve: the sum over its steps, within the horizon
 * and the end of the curve.  Time counts from the start of the contract, since
 * a step's distance from t need not lead back to the step.
 */
static double
expectation_of_steps(const ps_survival_curve *curve, double t, double horizon, double delta)
{
	double		start = curve->log_survival(curve, t);
	double		from = t;
	double		sum = 0;

	while (from < t + horizon)
	{
		double		to = fmin(curve->next(curve, from), t + horizon);
		double		survival = exp(curve->log_survival(curve, from) - start);

		if (survival == 0)
			return sum;
		if (!isfinite(to))
			return (double) NAN;
		sum += survival * discounted_length(from - t, to - t, delta);
		from = to;
	}
	return sum;
}

/* What a panel of the time after t adds to the expectation of a smooth curve. */
static double
panel(const ps_survival_curve *curve, double t, double start, double delta, double from, double to)
{
	double		sum = 0;

	for (int i = 0; i < PS_GAUSS_NODES; i++)
	{
		double		u = from + (to - from) * ps_gauss[i].at;

		sum += ps_gauss[i].weight * exp(curve->log_survival(curve, t + u) - start - delta * u);
	}
	return (to - from) * sum;
}

/* The same for a curve that may fall steeply somewhere within: halve the panel until that changes nothing, *halvings times at most. */
static double
refined_panel(const ps_survival_curve *curve, double t, double start, double delta, double from, double to,
			  double whole, double tolerance, int *halvings)
{
	double		middle = 0.5 * (from + to);
	double		left = panel(curve, t, start, delta, from, middle);
	double		right = panel(curve, t, start, delta, middle, to);

	if (fabs(left + right - whole) <= tolerance || --*halvings < 0)
		return left + right;
	return refined_panel(curve, t, start, delta, from, middle, left, tolerance, halvings) +
		refined_panel(curve, t, start, delta, middle, to, right, tolerance, halvings);
}

/* A time after t within which a smooth curve falls to something like a half, for the scale of its panels. */
static double
scale_of(const ps_survival_curve *curve, double t, double start, double delta)
{
	double		scale = 1;

	for (int i = 0; i < 1000 && curve->log_survival(curve, t + scale) - start - delta * scale > -0.5; i++)
		scale *= 2;
	for (int i = 0; i < 1000 && curve->log_survival(curve, t + scale) - start - delta * scale < -1; i++)
		scale *= 0.5;
	return scale;
}

/*
 * The expectation of a smooth curve: panels that double in length, from one so
 * short that a singular start (a Weibull curve of shape below 1, a few contracts
 * that end at once) does not matter.  Without a horizon, tails that fall as a power of time leave panels
 * of a constant ratio, whose sum is that of a geometric series, and which is
 * infinite from a ratio of 1 on.
 */
static double
expectation_of_smooth(const ps_survival_curve *curve, double t, double horizon, double delta)
{
	double		start = curve->log_survival(curve, t);
	double		scale = scale_of(curve, t, start, delta);
	double		from = 0;
	double		to = ldexp(fmin(scale, horizon), -40);
	double		sum = 0;
	double		last = 0;
	double		last_ratio = 0;
	int			halvings = HALVINGS;

	if (start == -INFINITY)
		return (double) NAN;
	while (from < horizon)
	{
		double		end = fmin(to, horizon);
		double		part = panel(curve, t, start, delta, from, end);
		double		ratio;

		/* a Weibull curve of large shape falls at once */
		if (curve->log_survival(curve, t + from) - curve->log_survival(curve, t + end) > FALLS && part < end - from)
			part = refined_panel(curve, t, start, delta, from, end, part, 1e-12 * (sum + part), &halvings);
		ratio = part / last;
		sum += part;
		if (part <= 1e-17 * sum)
			return sum;
		if (end == horizon)
			return sum;
		if (to > 1e3 * scale && fabs(ratio - last_ratio) <= 1e-11 && horizon == INFINITY && delta == 0)
			return ratio < 1 ? sum + part * ratio / (1 - ratio) : (double) NAN;
		if (to > 1e250 * scale || to > 1e280)
			return (double) NAN;
		last = part;
		last_ratio = ratio;
		from = to;
		to *= 2;
	}
	return sum;
}

double
ps_survival_expectation(const ps_survival_curve *curve, double t, double horizon, double delta)
{
	if (curve->expectation != NULL)
		return curve->expectation(curve, t, horizon, delta);
	if (curve->next != NULL)
		return expectation_of_steps(curve, t, horizon, delta);
	return expectation_of_smooth(curve, t, horizon, delta);
}

/* Answer from the curve of a row. */
static ps_status
answer_from(const ps_survival_reader *reader, const ps_survival_curve *curve, ps_question question, const ps_cell *cells,
			const ps_request *request, ps_answer *answer, ps_error *error)
{
	double		horizon = request->has_horizon ? request->horizon / reader->unit : INFINITY;
	double		delta = question == PS_ASK_VALUE ? log1p(request->discount) / 365.25 * reader->unit : 0;
	double		t;
	double		start;
	double		money = 1;

	if (!request->has_horizon && question == PS_ASK_CHURN)
	{
		ps_fail(error, PS_INVALID_DATA, "%s of a contract needs a horizon", ps_question_name(question));
		return ps_hint(error, "Give the period ahead as an interval, for example '90 days'.");
	}
	PS_TRY(ps_survival_duration(reader, cells, &t, &answer->null, error));
	if (question == PS_ASK_VALUE)
	{
		int			margin = reader->inputs[PS_SURVIVAL_ROLE_MARGIN];

		if (margin < 0)
		{
			ps_fail(error, PS_WRONG_MODEL, "the model knows no margin, so that contracts have no value");
			return ps_hint(error, "Train it with the option \"margin\", which names the column with the money a contract "
						   "brings per time unit.");
		}
		answer->null = answer->null || cells[margin].null;
		money = cells[margin].number;
	}
	if (answer->null)
		return PS_OK;
	if (question == PS_ASK_ALIVE && !request->has_horizon)
	{
		answer->number = 1;
		return PS_OK;
	}
	start = curve->log_survival(curve, t);
	answer->null = (start == -INFINITY && curve->next != NULL) || t > curve->end ||
		(request->has_horizon && t + horizon > curve->end);
	if (answer->null)
		return PS_OK;
	if (start == -INFINITY)
	{
		/* by a smooth curve it cannot have lasted so long, and the hazard is larger than any number */
		answer->number = question == PS_ASK_CHURN;
		return PS_OK;
	}
	if (question == PS_ASK_CHURN || question == PS_ASK_ALIVE)
	{
		double		change = curve->log_survival(curve, t + horizon) - start;

		answer->number = question == PS_ASK_CHURN ? -expm1(change) : exp(change);
		return PS_OK;
	}
	answer->number = ps_survival_expectation(curve, t, horizon, delta) * (question == PS_ASK_VALUE ? money : reader->unit);
	answer->null = isnan(answer->number);
	return PS_OK;
}

ps_status
ps_survival_ask(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				const ps_request *request, ps_answer *answer, ps_error *error)
{
	const ps_survival_model *model = state;
	ps_survival_curve curve;

	answer->null = false;
	if (question == PS_ASK_SCORE)
		return model->score(state, cells, answer, error);
	PS_TRY(ps_poll(env, 0, error)); /* an expectation from the longest of curves takes milliseconds */
	PS_TRY(model->find_curve(state, cells, &curve, &answer->null, error));
	return answer->null ? PS_OK : answer_from(&model->reader, &curve, question, cells, request, answer, error);
}
