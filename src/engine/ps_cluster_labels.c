/*-------------------------------------------------------------------------
 *
 * ps_cluster_labels.c
 *	  See ps_cluster_labels.h.
 *
 * All that is counted is whole numbers of rows, so the order of the rows
 * changes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_cluster_labels.h"

#include <math.h>
#include <string.h>

#include "ps_agreement.h"
#include "ps_assignment.h"

/* The rows in each pair of an old cluster and a new one. */
typedef struct label_table
{
	const ps_cluster_numbers *old;
	const ps_cluster_numbers *new;
	int64_t    *common;			/* old x new, by place */
	int64_t    *before;			/* rows of each old cluster */
	int64_t    *now;			/* and of each new one */
	int64_t		rows;
} label_table;

/* The place of the cluster that a row is in; false when it is in none. */
static ps_status
ask_place(const ps_env *env, const ps_model *model, const size_t *place_of, const ps_frame *frame, size_t row,
		  ps_cell *cells, size_t *place, bool *known, ps_error *error)
{
	const ps_request request = {0};
	ps_answer	answer;

	ps_frame_row(frame, row, cells);
	PS_TRY(ps_model_ask(env, model, PS_ASK_CLUSTER, cells, &request, &answer, error));
	*known = !answer.null;
	*place = answer.null ? 0 : place_of[(size_t) answer.number];
	return PS_OK;
}

/* From numbers to places. */
static ps_status
list_places(const ps_env *env, const ps_cluster_numbers *numbers, size_t **out, ps_error *error)
{
	PS_TRY(ps_alloc_zero(env, (size_t) numbers->highest + 1, sizeof(size_t), out, error));
	for (size_t i = 0; i < numbers->count; i++)
		(*out)[numbers->numbers[i]] = i;
	return PS_OK;
}

/* Ask both models about all rows; a row that one of them puts nowhere does not count. */
static ps_status
count_rows(const ps_env *env, const ps_model *model, const ps_frame *frame, const ps_model *old,
		   const ps_frame *old_frame, label_table *table, ps_error *error)
{
	size_t	   *old_places;
	size_t	   *new_places;
	ps_cell    *cells;

	*table = (label_table) {.old = old->clusters,.new = model->clusters};
	PS_TRY(ps_alloc_zero(env, table->old->count, table->new->count * sizeof(int64_t), &table->common, error));
	PS_TRY(ps_alloc_zero(env, table->old->count, sizeof(int64_t), &table->before, error));
	PS_TRY(ps_alloc_zero(env, table->new->count, sizeof(int64_t), &table->now, error));
	PS_TRY(list_places(env, table->old, &old_places, error));
	PS_TRY(list_places(env, table->new, &new_places, error));
	PS_TRY(ps_alloc(env, ps_frame_columns(frame) + ps_frame_columns(old_frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		size_t		i,
					j;
		bool		known[2];

		if (row % 16 == 0)
			PS_TRY(ps_poll(env, 0, error));
		PS_TRY(ask_place(env, old, old_places, old_frame, row, cells, &i, &known[0], error));
		PS_TRY(ask_place(env, model, new_places, frame, row, cells, &j, &known[1], error));
		if (!known[0] || !known[1])
			continue;
		table->common[i * table->new->count + j]++;
		table->before[i]++;
		table->now[j]++;
		table->rows++;
	}
	ps_release(env, old_places);
	ps_release(env, new_places);
	ps_release(env, cells);
	return PS_OK;
}

/* Find the old cluster that each new one goes on from: old_of[new], or PS_ASSIGNMENT_NONE. */
static ps_status
match_clusters(const ps_env *env, const label_table *table, size_t *old_of, ps_error *error)
{
	size_t		nnew = table->new->count;
	int64_t    *profits;
	size_t	   *new_of;

	PS_TRY(ps_alloc_zero(env, table->old->count, nnew * sizeof(int64_t), &profits, error));
	PS_TRY(ps_alloc(env, table->old->count, sizeof(size_t), &new_of, error));
	for (size_t i = 0; i < table->old->count; i++)
		for (size_t j = 0; j < nnew; j++)
			if (4 * table->common[i * nnew + j] >= table->before[i] + table->now[j])
				profits[i * nnew + j] = table->common[i * nnew + j];
	PS_TRY(ps_assignment_best(env, profits, table->old->count, nnew, new_of, error));
	for (size_t j = 0; j < nnew; j++)
		old_of[j] = PS_ASSIGNMENT_NONE;
	for (size_t i = 0; i < table->old->count; i++)
		if (new_of[i] != PS_ASSIGNMENT_NONE && profits[i * nnew + new_of[i]] > 0)
			old_of[new_of[i]] = i;
	ps_release(env, profits);
	ps_release(env, new_of);
	return PS_OK;
}

/* Write the adjusted Rand index of the table. */
static ps_status
report_agreement(const ps_env *env, const label_table *table, ps_value *report, ps_error *error)
{
	ps_agreement agreement = {0};
	double		value;
	bool		defined;

	for (size_t i = 0; i < table->old->count; i++)
	{
		for (size_t j = 0; j < table->new->count; j++)
		{
			int64_t		rows = table->common[i * table->new->count + j];

			if (rows > 0)
				PS_TRY(ps_agreement_add(env, &agreement, (const char *const[]) {(const char *) &i, (const char *) &j},
										(const size_t[]) {sizeof(i), sizeof(j)}, (uint64_t) rows, error));
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_adjusted_rand(env, &agreement, &value, &defined, error));
	return ps_value_set_number(env, report, "adjusted_rand", value, error);
}

/* Write a row of the table of labels. */
static ps_status
report_label(const ps_env *env, int32_t number, int64_t before, int64_t now, int64_t kept, ps_value *list,
			 ps_error *error)
{
	ps_value   *label;

	PS_TRY(ps_value_append_object(env, list, &label, error));
	PS_TRY(ps_value_set_number(env, label, "cluster", number, error));
	PS_TRY(ps_value_set_number(env, label, "rows_before", (double) before, error));
	PS_TRY(ps_value_set_number(env, label, "rows", (double) now, error));
	return ps_value_set_number(env, label, "rows_kept", (double) kept, error);
}

#define LIST_BYTES 200

/* Append a number to a list in a note. */
static void
add_number(char list[LIST_BYTES], int32_t number)
{
	size_t		used = strlen(list);

	ps_format(list + used, LIST_BYTES - used, used > 0 ? ", %d" : "%d", (int64_t) number);
}

/* Say what became of the numbers. */
static ps_status
note_labels(const ps_env *env, int64_t version, double share_moved, double adjusted_rand, const char *gone,
			const char *new, ps_value *notes, ps_error *error)
{
	PS_TRY(ps_note(env, notes, error,
				   "the clusters keep the numbers of version %d: %g %% of the rows are in another one now (adjusted Rand index %g)",
				   version, round(share_moved * 1000) / 10, round(adjusted_rand * 1000) / 1000));
	if (gone[0] != '\0')
		PS_TRY(ps_note(env, notes, error, "clusters of version %d that are gone: %s", version, gone));
	if (new[0] != '\0')
		PS_TRY(ps_note(env, notes, error, "clusters that are like none of version %d: %s", version, new));
	return PS_OK;
}

/* Write the report, given the old cluster and the number of each new one, and the notes. */
static ps_status
report_labels(const ps_env *env, const label_table *table, const size_t *old_of, const int32_t *numbers, int32_t last,
			  int64_t version, ps_value *notes, ps_value *report, ps_error *error)
{
	char		gone[LIST_BYTES] = "";
	char		new[LIST_BYTES] = "";
	size_t	   *places;			/* of the new cluster of a number, plus 1 */
	size_t	   *old_places;
	int64_t		kept = 0;
	double		share_moved;
	ps_value   *list;

	PS_TRY(ps_alloc_zero(env, (size_t) last + 1, sizeof(size_t), &places, error));
	PS_TRY(ps_alloc_zero(env, (size_t) last + 1, sizeof(size_t), &old_places, error));
	for (size_t j = 0; j < table->new->count; j++)
	{
		places[numbers[j]] = j + 1;
		if (old_of[j] != PS_ASSIGNMENT_NONE)
			kept += table->common[old_of[j] * table->new->count + j];
	}
	for (size_t i = 0; i < table->old->count; i++)
		old_places[table->old->numbers[i]] = i + 1;
	share_moved = (double) (table->rows - kept) / (double) table->rows;
	PS_TRY(ps_value_set_number(env, report, "labels_kept_from", (double) version, error));
	PS_TRY(report_agreement(env, table, report, error));
	PS_TRY(ps_value_set_number(env, report, "share_moved", share_moved, error));
	PS_TRY(ps_value_set_list(env, report, "labels", &list, error));
	for (int32_t number = 1; number <= last; number++)
	{
		size_t		i = old_places[number];
		size_t		j = places[number];

		if (i == 0 && j == 0)
			continue;
		if (j == 0)
			add_number(gone, number);
		if (i == 0)
			add_number(new, number);
		PS_TRY(report_label(env, number, i > 0 ? table->before[i - 1] : 0, j > 0 ? table->now[j - 1] : 0,
							i > 0 && j > 0 ? table->common[(i - 1) * table->new->count + j - 1] : 0, list, error));
	}
	ps_release(env, places);
	ps_release(env, old_places);
	return note_labels(env, version, share_moved, ps_value_number_or(report, "adjusted_rand", NAN), gone, new, notes, error);
}

ps_status
ps_cluster_labels_keep(const ps_env *env, ps_value *document, const ps_model *model, const ps_frame *frame,
					   const ps_model *old, const ps_frame *old_frame, int64_t version, ps_value *notes,
					   ps_value **report, ps_error *error)
{
	label_table table;
	size_t	   *old_of;
	int32_t    *numbers;
	int32_t		last = old->clusters->last;

	PS_TRY(count_rows(env, model, frame, old, old_frame, &table, error));
	if (table.rows == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "no row is in a cluster of both versions");
	PS_TRY(ps_alloc(env, table.new->count, sizeof(size_t), &old_of, error));
	PS_TRY(ps_alloc(env, table.new->count, sizeof(int32_t), &numbers, error));
	PS_TRY(match_clusters(env, &table, old_of, error));
	for (size_t j = 0; j < table.new->count; j++)
	{
		if (old_of[j] == PS_ASSIGNMENT_NONE && last == PS_CLUSTER_NUMBER_MAX)
			return ps_fail(error, PS_INVALID_DATA, "all numbers up to %d have been given", (int64_t) last);
		numbers[j] = old_of[j] == PS_ASSIGNMENT_NONE ? ++last : old->clusters->numbers[old_of[j]];
	}
	PS_TRY(ps_value_object(env, report, error));
	PS_TRY(report_labels(env, &table, old_of, numbers, last, version, notes, *report, error));
	ps_release(env, table.common);
	return ps_cluster_numbers_save(env, numbers, last, (ps_value *) ps_value_get(document, "parameters"), error);
}
