/*-------------------------------------------------------------------------
 *
 * ps_cluster_profile.c
 *	  See ps_cluster_profile.h.
 *
 * The numbers of a column are put together by cluster, so that each median is
 * found by selection, in a time in the order of the number of rows.  Medians and
 * counts do not depend on the order of the rows, nor do sums (ps_sum.h).
 *
 *-------------------------------------------------------------------------
 */
#include "ps_cluster_profile.h"

#include <math.h>
#include <string.h>

#include "ps_random.h"
#include "ps_sort.h"
#include "ps_sum.h"

/* Add a row to a profile. */
static ps_status
add_row(const ps_env *env, ps_profile *profile, const ps_profile_row *row, ps_error *error)
{
	PS_TRY(ps_grow(env, &profile->rows, profile->count, profile->count + 1, &profile->capacity, sizeof(*row), error));
	profile->rows[profile->count++] = *row;
	return PS_OK;
}

/* Add the rows of a level, given how many rows of each cluster have it. */
static ps_status
add_level(const ps_env *env, ps_profile *profile, size_t column, const char *level, const double *having, ps_error *error)
{
	double		all = (double) ps_frame_rows(profile->frame);
	double		overall = 0;

	for (size_t c = 0; c < profile->numbers->count; c++)
		overall += having[c] / all;
	for (size_t c = 0; c < profile->numbers->count; c++)
	{
		double		mean = profile->sizes[c] > 0 ? having[c] / profile->sizes[c] : NAN;
		ps_profile_row row = {
			.cluster = c,.column = column,.level = level,.rows = having[c],.mean = mean,.median = NAN,
			.overall_mean = overall,.overall_median = NAN,
			.difference = overall > 0 && overall < 1 ? (mean - overall) / sqrt(overall * (1 - overall)) : NAN,
			.lift = overall > 0 ? mean / overall : NAN
		};

		PS_TRY(add_row(env, profile, &row, error));
	}
	return PS_OK;
}

/*
 * Read the numbers of a column that are not NULL, those of a cluster together:
 * numbers[starts[c]..starts[c + 1]).  nulls[clusters] counts the others.
 */
static ps_status
read_numbers(const ps_env *env, const ps_profile *profile, size_t column, double *numbers, size_t *starts,
			 double *nulls, ps_error *error)
{
	const ps_frame *frame = profile->frame;
	size_t		clusters = profile->numbers->count;

	/* first count; then starts[c + 1] moves from the start of cluster c to its end */
	for (int fill = 0; fill < 2; fill++)
	{
		for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
		{
			const double *x = ps_frame_numbers(frame, column, chunk);
			const double *places = ps_frame_targets(frame, chunk);

			for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			{
				if (fill == 0)
					nulls[(size_t) places[i]] += isnan(x[i]);
				else if (!isnan(x[i]))
					numbers[starts[(size_t) places[i] + 1]++] = x[i];
			}
			PS_TRY(ps_poll(env, 0, error));
		}
		if (fill == 1)
			break;
		starts[0] = starts[1] = 0;
		for (size_t c = 1; c < clusters; c++)
			starts[c + 1] = starts[c] + (size_t) (profile->sizes[c - 1] - nulls[c - 1]);
	}
	return PS_OK;
}

/*
 * Put the number of rank k, from 0, to its place among numbers[count], no larger
 * one before it and no smaller one behind it (Hoare 1961).
 */
static ps_status
select_number(const ps_env *env, double *numbers, int64_t count, int64_t k, ps_random *random, ps_error *error)
{
	int64_t		low = 0;
	int64_t		high = count - 1;

	while (low < high)
	{
		double		pivot = numbers[low + (int64_t) (ps_random_uniform(random) * (double) (high - low + 1))];
		int64_t		i = low;
		int64_t		j = high;

		while (i <= j)
		{
			while (numbers[i] < pivot)
				i++;
			while (numbers[j] > pivot)
				j--;
			if (i <= j)
			{
				double		number = numbers[i];

				numbers[i++] = numbers[j];
				numbers[j--] = number;
			}
		}
		if (j < k)
			low = i;
		if (k < i)
			high = j;
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* The median of numbers[count], which get another order; NAN of none. */
static ps_status
find_median(const ps_env *env, double *numbers, size_t count, double *median, ps_error *error)
{
	size_t		k = (count - 1) / 2;
	double		next = INFINITY;
	ps_random	random;

	*median = NAN;
	if (count == 0)
		return PS_OK;
	ps_random_seed(&random, 0);
	PS_TRY(select_number(env, numbers, (int64_t) count, (int64_t) k, &random, error));
	*median = numbers[k];
	for (size_t i = k + 1; i < count; i++)
		next = fmin(next, numbers[i]);
	if (count % 2 == 0)
		*median += next / 2 - *median / 2;
	return PS_OK;
}

/*
 * The mean of numbers[count], NAN of none, and the standard deviation, NAN where
 * all are equal, so that nothing but rounding would be left.
 */
static ps_status
find_spread(const ps_env *env, const double *numbers, size_t count, double *mean, double *deviation, ps_error *error)
{
	ps_sum		sum = {0};
	ps_sum		squares = {0};
	bool		equal = true;

	for (size_t i = 0; i < count; i++)
	{
		ps_sum_add(&sum, numbers[i]);
		if (i % 65536 == 65535)
			PS_TRY(ps_poll(env, 0, error));
	}
	*mean = ps_sum_value(&sum) / (double) count;
	for (size_t i = 0; i < count; i++)
	{
		ps_sum_add(&squares, (numbers[i] - *mean) * (numbers[i] - *mean));
		equal = equal && numbers[i] == numbers[0];
		if (i % 65536 == 65535)
			PS_TRY(ps_poll(env, 0, error));
	}
	*deviation = equal ? NAN : sqrt(ps_sum_value(&squares) / (double) count);
	return PS_OK;
}

/* Describe a column of numbers as read_numbers gives them, whose order changes: a row for each cluster. */
static ps_status
add_numbers(const ps_env *env, ps_profile *profile, size_t column, double *numbers, const size_t *starts,
			ps_error *error)
{
	size_t		clusters = profile->numbers->count;
	size_t		first = profile->count;
	double		mean;
	double		median;
	double		deviation;

	PS_TRY(find_spread(env, numbers, starts[clusters], &mean, &deviation, error));
	for (size_t c = 0; c < clusters; c++)
	{
		size_t		count = starts[c + 1] - starts[c];
		ps_profile_row row = {
			.cluster = c,.column = column,.rows = (double) count,.overall_mean = mean,.lift = NAN
		};
		double		own_deviation;

		PS_TRY(find_spread(env, numbers + starts[c], count, &row.mean, &own_deviation, error));
		row.difference = (row.mean - mean) / deviation;
		PS_TRY(find_median(env, numbers + starts[c], count, &row.median, error));
		PS_TRY(add_row(env, profile, &row, error));
	}
	PS_TRY(find_median(env, numbers, starts[clusters], &median, error));
	for (size_t i = first; i < profile->count; i++)
		profile->rows[i].overall_median = median;
	return PS_OK;
}

/* Describe a column of yes or no: a row for each cluster. */
static ps_status
add_boolean(const ps_env *env, ps_profile *profile, size_t column, const double *numbers, const size_t *starts,
			ps_error *error)
{
	double	   *having;

	PS_TRY(ps_alloc_zero(env, profile->numbers->count, sizeof(double), &having, error));
	for (size_t c = 0; c < profile->numbers->count; c++)
		for (size_t i = starts[c]; i < starts[c + 1]; i++)
			having[c] += numbers[i];
	PS_TRY(add_level(env, profile, column, "true", having, error));
	ps_release(env, having);
	return PS_OK;
}

/* A level of a text column. */
typedef struct ranked_level
{
	size_t		code;
	const char *text;
	size_t		rows;
} ranked_level;

/* The most frequent first, equally frequent ones by bytes. */
static int
compare_levels(const void *a, const void *b)
{
	const ranked_level *left = a;
	const ranked_level *right = b;

	if (left->rows != right->rows)
		return left->rows > right->rows ? -1 : 1;
	return strcmp(left->text, right->text);
}

/* Rank the levels of a text column. */
static ps_status
rank_levels(const ps_env *env, const ps_frame *frame, size_t column, ranked_level **out, ps_error *error)
{
	size_t		count = ps_frame_levels(frame, column);

	PS_TRY(ps_alloc_zero(env, count, sizeof(**out), out, error));
	for (size_t code = 0; code < count; code++)
	{
		size_t		length;

		(*out)[code] = (ranked_level) {code, ps_frame_level(frame, column, code, &length), 0};
	}
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const int32_t *codes = ps_frame_codes(frame, column, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			if (codes[i] >= 0)
				(*out)[codes[i]].rows++;
		PS_TRY(ps_poll(env, 0, error));
	}
	return ps_sort(env, *out, count, sizeof(**out), compare_levels, error);
}

/* Describe a column of texts: a row for each cluster and level; nulls[clusters] counts NULLs. */
static ps_status
add_text(const ps_env *env, ps_profile *profile, size_t column, double *nulls, ps_error *error)
{
	const ps_frame *frame = profile->frame;
	size_t		clusters = profile->numbers->count;
	size_t		levels = ps_frame_levels(frame, column);
	size_t		shown = levels < PS_PROFILE_LEVELS ? levels : PS_PROFILE_LEVELS;
	ranked_level *ranked;
	size_t	   *rank_of;		/* of a code, all others being shown */
	double	   *having;			/* ranks x clusters */

	PS_TRY(rank_levels(env, frame, column, &ranked, error));
	PS_TRY(ps_alloc(env, levels, sizeof(size_t), &rank_of, error));
	PS_TRY(ps_alloc_zero(env, shown + 1, clusters * sizeof(double), &having, error));
	for (size_t rank = 0; rank < levels; rank++)
		rank_of[ranked[rank].code] = rank < shown ? rank : shown;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const int32_t *codes = ps_frame_codes(frame, column, chunk);
		const double *places = ps_frame_targets(frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			(codes[i] < 0 ? nulls : having + rank_of[codes[i]] * clusters)[(size_t) places[i]]++;
		PS_TRY(ps_poll(env, 0, error));
	}
	for (size_t rank = 0; rank < shown; rank++)
		PS_TRY(add_level(env, profile, column, ranked[rank].text, having + rank * clusters, error));
	if (levels > shown)
		PS_TRY(add_level(env, profile, column, PS_PROFILE_OTHER, having + shown * clusters, error));
	ps_release(env, ranked);
	ps_release(env, rank_of);
	ps_release(env, having);
	return PS_OK;
}

/* Describe all columns. */
static ps_status
describe(const ps_env *env, ps_profile *profile, ps_error *error)
{
	const ps_frame *frame = profile->frame;
	size_t		clusters = profile->numbers->count;
	double	   *numbers;
	size_t	   *starts;
	double	   *nulls;

	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(*numbers), &numbers, error));
	PS_TRY(ps_alloc(env, clusters + 1, sizeof(*starts), &starts, error));
	PS_TRY(ps_alloc(env, clusters, sizeof(*nulls), &nulls, error));
	for (size_t column = 0; column < ps_frame_columns(frame); column++)
	{
		ps_type		type = ps_frame_column(frame, column)->type;
		double		missing = 0;

		memset(nulls, 0, clusters * sizeof(*nulls));
		if (type == PS_TYPE_TEXT)
			PS_TRY(add_text(env, profile, column, nulls, error));
		else
		{
			PS_TRY(read_numbers(env, profile, column, numbers, starts, nulls, error));
			if (type == PS_TYPE_BOOLEAN)
				PS_TRY(add_boolean(env, profile, column, numbers, starts, error));
			else
				PS_TRY(add_numbers(env, profile, column, numbers, starts, error));
		}
		for (size_t c = 0; c < clusters; c++)
			missing += nulls[c];
		if (missing > 0)
			PS_TRY(add_level(env, profile, column, PS_PROFILE_NULL, nulls, error));
	}
	ps_release(env, numbers);
	ps_release(env, starts);
	ps_release(env, nulls);
	return PS_OK;
}

/* A row on its way into the order of a profile. */
typedef struct ordered_row
{
	int32_t		number;
	ps_profile_row row;
} ordered_row;

static int
compare_rows(const void *a, const void *b)
{
	const ordered_row *left = a;
	const ordered_row *right = b;
	double		left_size = isnan(left->row.difference) ? -1 : fabs(left->row.difference);
	double		right_size = isnan(right->row.difference) ? -1 : fabs(right->row.difference);

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return (left_size < right_size) - (left_size > right_size);
}

/* Put the rows of a profile in order. */
static ps_status
order_rows(const ps_env *env, ps_profile *profile, ps_error *error)
{
	ordered_row *rows;

	PS_TRY(ps_alloc(env, profile->count, sizeof(*rows), &rows, error));
	for (size_t i = 0; i < profile->count; i++)
		rows[i] = (ordered_row) {profile->numbers->numbers[profile->rows[i].cluster], profile->rows[i]};
	PS_TRY(ps_sort(env, rows, profile->count, sizeof(*rows), compare_rows, error));
	for (size_t i = 0; i < profile->count; i++)
		profile->rows[i] = rows[i].row;
	ps_release(env, rows);
	return PS_OK;
}

ps_status
ps_profile_make(const ps_env *env, const ps_frame *frame, const ps_cluster_numbers *numbers, ps_profile **out,
				ps_error *error)
{
	ps_profile *profile;

	if (ps_frame_rows(frame) == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to describe");
	PS_TRY(ps_alloc_zero(env, 1, sizeof(*profile), &profile, error));
	PS_TRY(ps_alloc_zero(env, numbers->count, sizeof(double), &profile->sizes, error));
	profile->frame = frame;
	profile->numbers = numbers;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *places = ps_frame_targets(frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			profile->sizes[(size_t) places[i]]++;
	}
	PS_TRY(describe(env, profile, error));
	PS_TRY(order_rows(env, profile, error));
	*out = profile;
	return ps_profile_name(env, profile, error);
}
