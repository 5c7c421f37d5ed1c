/*-------------------------------------------------------------------------
 *
 * ps_history.c
 *	  How purchase models find and check a customer's behaviour.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_history.h"

/* Whole numbers beyond this are not exact; other values beyond LARGEST would overflow formulas. */
#define LARGEST_COUNT 1e15
#define LARGEST 1e100
#define LARGEST_OCCASIONS 1e6	/* likelihoods are sums over occasions */

enum
{
	FREQUENCY,
	RECENCY,
	TENURE,
	MONETARY,
	MEMBERS
};

static const char *const members[MEMBERS] = {"frequency", "recency", "tenure", "monetary"};

static bool
is_needed(unsigned needs, int member)
{
	return member == FREQUENCY || (needs & (member == MONETARY ? PS_HISTORY_MONEY : PS_HISTORY_TIMES)) != 0;
}

/* Say how behaviour can be given. */
static ps_status
hint_columns(unsigned needs, ps_error *error)
{
	const char *columns = (needs & PS_HISTORY_MONEY) == 0 ? "\"frequency\", \"recency\" and \"tenure\"" :
		needs == PS_HISTORY_MONEY ? "\"frequency\" and \"monetary\"" :
		"\"frequency\", \"recency\", \"tenure\" and \"monetary\"";

	return ps_hint(error, "Add a purchase history to the rows, for example "
				   "predseg.rfm(ordered_at, amount, 'Europe/Vienna') ... GROUP BY customer_id, or name number columns "
				   "with the options %s.", columns);
}

/* Find the number columns that the options name. */
static ps_status
choose_named(const ps_value *options, const ps_column *columns, size_t n, unsigned needs, size_t *features,
			 size_t *nfeatures, ps_error *error)
{
	for (int member = 0; member < MEMBERS; member++)
	{
		const char *name = ps_value_text_or(options, members[member], NULL);
		size_t		i = 0;

		if (!is_needed(needs, member))
			continue;
		if (name == NULL)
		{
			ps_fail(error, PS_INVALID_OPTION, "option \"%s\" is missing", members[member]);
			return hint_columns(needs, error);
		}
		while (i < n && strcmp(columns[i].name, name) != 0)
			i++;
		if (i == n)
			return ps_fail_column(error, PS_MISSING_COLUMN, name,
								  "option \"%s\" names column \"%s\", which is not among the columns to learn from",
								  members[member], name);
		if (columns[i].type != PS_TYPE_NUMBER)
			return ps_fail_column(error, PS_WRONG_TYPE, name, "column \"%s\" is of type %s, but %s must be a number",
								  name, ps_type_name(columns[i].type), members[member]);
		for (size_t other = 0; other < *nfeatures; other++)
		{
			if (features[other] == i)
				return ps_fail_column(error, PS_INVALID_OPTION, name,
									  "option \"%s\" names column \"%s\", as another option does", members[member],
									  name);
		}
		features[(*nfeatures)++] = i;
	}
	return PS_OK;
}

/* Refuse a history, which counts days, where occasions are to be counted that are not days. */
static ps_status
check_unit(unsigned needs, const char *time_unit, ps_status status, ps_error *error)
{
	if ((needs & PS_HISTORY_OCCASIONS) == 0 || ps_time_unit_days(time_unit) == 1)
		return PS_OK;
	ps_fail(error, status, "a purchase history knows days, and the occasions to buy come once a %s", time_unit);
	return ps_hint(error, "Count the occasions yourself, and name the columns with the options \"frequency\", "
				   "\"recency\" and \"tenure\".");
}

ps_status
ps_history_choose(const ps_value *options, const ps_column *columns, size_t n, unsigned needs,
				  size_t *features, size_t *nfeatures, ps_error *error)
{
	*nfeatures = 0;
	for (int member = 0; member < MEMBERS; member++)
	{
		if (ps_value_get(options, members[member]) != NULL)
			return choose_named(options, columns, n, needs, features, nfeatures, error);
	}
	for (size_t i = 0; i < n; i++)
	{
		if (columns[i].type != PS_TYPE_HISTORY)
			continue;
		if (*nfeatures == 1)
		{
			ps_fail_column(error, PS_INVALID_DATA, columns[i].name,
						   "two columns hold purchase histories: \"%s\" and \"%s\"",
						   columns[features[0]].name, columns[i].name);
			return ps_hint(error, "Leave one out, for example with the option {\"exclude\": [\"%s\"]}.",
						   columns[i].name);
		}
		features[(*nfeatures)++] = i;
	}
	if (*nfeatures == 1)
		return check_unit(needs, ps_value_text_or(options, "time_unit", "day"), PS_INVALID_OPTION, error);
	ps_fail(error, PS_MISSING_COLUMN, "the rows have no purchase history to learn from");
	return hint_columns(needs, error);
}

size_t
ps_history_width(unsigned needs, ps_type first)
{
	size_t		width = 0;

	for (int member = 0; member < MEMBERS; member++)
		width += is_needed(needs, member) ? 1 : 0;
	return first == PS_TYPE_HISTORY ? 1 : width;
}

ps_status
ps_history_open(ps_history_reader *reader, unsigned needs, const char *time_unit, const ps_input *inputs,
				size_t ninputs, ps_error *error)
{
	bool		typed = ninputs == 1 && inputs[0].type == PS_TYPE_HISTORY;
	size_t		expected = 0;

	reader->needs = needs;
	reader->unit = 0;
	if (typed)
	{
		reader->unit = ps_time_unit_days(time_unit);
		if (!(reader->unit > 0))
			return ps_fail(error, PS_CORRUPT, "\"time_unit\" is \"%s\", which is no unit", time_unit);
		PS_TRY(check_unit(needs, time_unit, PS_CORRUPT, error));
	}
	for (int member = 0; member < MEMBERS; member++)
	{
		reader->names[member] = "";
		reader->inputs[member] = -1;
		if (!is_needed(needs, member))
			continue;
		if (!typed && (expected >= ninputs || inputs[expected].type != PS_TYPE_NUMBER))
			return ps_fail(error, PS_CORRUPT, "the inputs are neither one purchase history nor the numbers it consists of");
		reader->inputs[member] = typed ? 0 : (int) expected;
		reader->names[member] = inputs[reader->inputs[member]].name;
		expected++;
	}
	if (!typed && expected != ninputs)
		return ps_fail(error, PS_CORRUPT, "the model has %d inputs, but its method reads %d", (int64_t) ninputs,
					   (int64_t) expected);
	return PS_OK;
}

ps_status
ps_history_open_frame(ps_history_reader *reader, unsigned needs, const char *time_unit, const ps_frame *frame,
					  ps_error *error)
{
	ps_input	inputs[MEMBERS];
	size_t		n = ps_frame_columns(frame);

	if (n > 0 && n > ps_history_width(needs, ps_frame_column(frame, 0)->type))
		n = ps_history_width(needs, ps_frame_column(frame, 0)->type);
	for (size_t i = 0; i < n; i++)
	{
		inputs[i].name = ps_frame_column(frame, i)->name;
		inputs[i].type = ps_frame_column(frame, i)->type;
	}
	return ps_history_open(reader, needs, time_unit, inputs, n, error);
}

/* Tell whether a member is in its range; an unknown monetary is. */
static bool
in_range(int member, double value)
{
	if (member == MONETARY && isnan(value))
		return true;
	return value >= 0 && value <= (member == FREQUENCY ? LARGEST_COUNT : LARGEST) &&
		(member != FREQUENCY || value == (double) (int64_t) value);
}

/* Tell whether a history counts occasions, of which each is used once at most. */
static bool
is_counted(const ps_history *history)
{
	return history->recency == floor(history->recency) && history->tenure == floor(history->tenure) &&
		history->frequency <= history->recency && history->tenure <= LARGEST_OCCASIONS;
}

/* Tell whether a history is possible. Recency may exceed tenure by rounding. */
static bool
is_possible(const ps_history_reader *reader, const ps_history *history)
{
	if (!in_range(FREQUENCY, history->frequency) ||
		((reader->needs & PS_HISTORY_MONEY) != 0 && history->frequency > 0 && !in_range(MONETARY, history->monetary)))
		return false;
	if ((reader->needs & PS_HISTORY_OCCASIONS) != 0 && !is_counted(history))
		return false;
	return (reader->needs & PS_HISTORY_TIMES) == 0 ||
		(in_range(RECENCY, history->recency) && in_range(TENURE, history->tenure) &&
		 history->recency <= history->tenure * (1 + 1e-9) && (history->frequency > 0) == (history->recency > 0));
}

/* Write what a message is about into subject; returns the column's name, "" for a history found by its type. */
static const char *
name_subject(const ps_history_reader *reader, int member, char *subject, size_t size)
{
	const char *name = reader->names[member];

	ps_format(subject, size, name[0] != '\0' ? "column \"%s\"" : "the purchase history%s", name);
	return name;
}

/* Say what is impossible about a history. */
static ps_status
explain_impossible(const ps_history_reader *reader, const ps_history *history, ps_error *error)
{
	const double values[MEMBERS] = {history->frequency, history->recency, history->tenure, history->monetary};
	const char *name;
	char		subject[120];

	for (int member = 0; member < MEMBERS; member++)
	{
		if (reader->inputs[member] < 0 || in_range(member, values[member]))
			continue;
		name = name_subject(reader, member, subject, sizeof(subject));
		if (isfinite(values[member]))
			ps_fail_column(error, PS_INVALID_DATA, name, "%s has %s %g", subject, members[member], values[member]);
		else
			ps_fail_column(error, PS_INVALID_DATA, name, "%s has a %s that is not finite", subject, members[member]);
		if (member == FREQUENCY)
			return ps_hint(error, "Frequency is the number of repeat purchases: a whole number from 0 to %g.",
						   LARGEST_COUNT);
		if (member == MONETARY)
			return ps_hint(error, "Monetary is the mean amount of the repeat purchases, from 0 to %g; "
						   "leave returns out of it.", LARGEST);
		return ps_hint(error, "Recency and tenure are durations from 0 to %g.", LARGEST);
	}
	name = name_subject(reader, RECENCY, subject, sizeof(subject));
	if (history->frequency > 0 && history->recency == 0)
	{
		ps_fail_column(error, PS_INVALID_DATA, name, "%s has recency 0 for a customer with frequency %g",
					   subject, history->frequency);
		return ps_hint(error, "Purchases at the moment of the first one are not repeat purchases: put them together.");
	}
	if ((reader->needs & PS_HISTORY_OCCASIONS) != 0 && !is_counted(history))
	{
		ps_fail_column(error, PS_INVALID_DATA, name, "%s has frequency %g, recency %g and tenure %g, which do not count "
					   "occasions", subject, history->frequency, history->recency, history->tenure);
		return ps_hint(error, "Recency is the number of the last occasion with a purchase and tenure how many there were, "
					   "at most %g: whole numbers; an occasion counts once, so that frequency is at most recency.",
					   LARGEST_OCCASIONS);
	}
	if (history->recency > history->tenure)
		ps_fail_column(error, PS_INVALID_DATA, name, "%s has recency %g, later than tenure %g", subject,
					   history->recency, history->tenure);
	else
		ps_fail_column(error, PS_INVALID_DATA, name, "%s has recency %g for a customer with frequency 0",
					   subject, history->recency);
	return ps_hint(error, "Recency is the time from the first to the last purchase, 0 without repeat purchases, "
				   "and not the time since the last one; tenure is the time from the first purchase to the moment judged.");
}

/* Convert a possible history to the model's unit. */
static void
convert_history(const ps_history_reader *reader, ps_history *history)
{
	if (history->frequency == 0)
		history->monetary = NAN;	/* no repeat purchase to take the mean of */
	if (history->recency > history->tenure)
		history->recency = history->tenure;
	if (reader->unit > 0)
	{
		history->recency /= reader->unit;
		history->tenure /= reader->unit;
	}
}

/* Check a history and convert it. */
static ps_status
check_history(const ps_history_reader *reader, ps_history *history, ps_error *error)
{
	if (!is_possible(reader, history))
		return explain_impossible(reader, history, error);
	convert_history(reader, history);
	return PS_OK;
}

ps_status
ps_history_read(const ps_history_reader *reader, const ps_cell *cells, ps_history *history, bool *null,
				ps_error *error)
{
	double		values[MEMBERS] = {0};

	*null = true;
	if (reader->unit > 0)
	{
		if (cells[0].null)
			return PS_OK;
		*history = cells[0].history;
	}
	else
	{
		for (int member = 0; member < MEMBERS; member++)
		{
			if (reader->inputs[member] < 0)
				continue;
			values[member] = cells[reader->inputs[member]].number;
			if (!cells[reader->inputs[member]].null)
				continue;
			if (member != MONETARY)
				return PS_OK;
			values[member] = NAN;
		}
		*history = (ps_history) {values[FREQUENCY], values[RECENCY], values[TENURE], values[MONETARY]};
	}
	*null = false;
	return check_history(reader, history, error);
}

bool
ps_history_takes_numbers(const ps_history_reader *reader)
{
	return reader->unit == 0 && (reader->needs & PS_HISTORY_TIMES) != 0 && (reader->needs & PS_HISTORY_MONEY) == 0;
}

bool
ps_history_read_numbers(const ps_history_reader *reader, const ps_numbers *row, ps_history *history)
{
	double		values[MONETARY];

	for (int member = 0; member < MONETARY; member++)
	{
		size_t		offset = (size_t) reader->inputs[member] * row->stride;

		if (*(const bool *) ((const char *) row->null + offset))
			return false;
		values[member] = *(const double *) (const void *) ((const char *) row->first + offset);
	}
	*history = (ps_history) {values[FREQUENCY], values[RECENCY], values[TENURE], NAN};
	if (!is_possible(reader, history))
		return false;
	convert_history(reader, history);
	return true;
}

/* Read row i of a chunk without checking; false when the behaviour is unknown. */
static bool
fetch(const ps_history_reader *reader, const ps_frame *frame, size_t chunk, size_t i, ps_history *history)
{
	double		values[MEMBERS] = {0};

	if (reader->unit > 0)
	{
		*history = ps_frame_histories(frame, 0, chunk)[i];
		return !isnan(history->tenure);
	}
	for (int member = 0; member < MEMBERS; member++)
	{
		if (reader->inputs[member] < 0)
			continue;
		values[member] = ps_frame_numbers(frame, (size_t) reader->inputs[member], chunk)[i];
		if (member != MONETARY && isnan(values[member]))
			return false;
	}
	*history = (ps_history) {values[FREQUENCY], values[RECENCY], values[TENURE], values[MONETARY]};
	return true;
}

/* Count the rows with an impossible history. */
static int64_t
count_impossible(const ps_history_reader *reader, const ps_frame *frame)
{
	int64_t		count = 0;

	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			ps_history	history;

			count += fetch(reader, frame, chunk, i, &history) && !is_possible(reader, &history);
		}
	return count;
}

ps_status
ps_history_read_frame(const ps_history_reader *reader, const ps_frame *frame, size_t chunk, size_t i,
					  ps_history *history, bool *null, ps_error *error)
{
	ps_status	status;

	*null = !fetch(reader, frame, chunk, i, history);
	if (*null)
		return PS_OK;
	status = check_history(reader, history, error);
	if (status != PS_OK)
	{
		error->row = (int64_t) (chunk * PS_FRAME_CHUNK + i + 1);
		ps_detail(error, "This is row %d; %d of %d rows have an impossible history.", error->row,
				  count_impossible(reader, frame), (int64_t) ps_frame_rows(frame));
	}
	return status;
}

ps_status
ps_history_each(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame,
				ps_history_visit visit, void *sums, ps_error *error)
{
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *weights = ps_frame_weights(frame, chunk);

		PS_TRY(ps_poll(env, 0, error));
		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			ps_history	history;
			bool		null;

			PS_TRY(ps_history_read_frame(reader, frame, chunk, i, &history, &null, error));
			if (!null)
				PS_TRY(visit(sums, &history, weights != NULL ? weights[i] : 1, chunk * PS_FRAME_CHUNK + i, error));
		}
	}
	return PS_OK;
}
