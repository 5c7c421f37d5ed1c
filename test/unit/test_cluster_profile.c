/*-------------------------------------------------------------------------
 *
 * test_cluster_profile.c
 *	  Profiles of clusters and their names: numbers worked out by hand, data
 *	  that have no mean or deviation, and names that are all different.
 *	  (Compared with PostgreSQL's aggregates in test/sql/cluster_profile.sql.)
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_cluster_profile.h"

static const ps_column columns[] = {
	{"income", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN}, {"town", PS_TYPE_TEXT}
};

/* Clusters numbered 3, 1, 2, ... by place. */
static ps_cluster_numbers *
numbers_of(const ps_env *env, size_t count)
{
	ps_cluster_numbers *numbers;
	ps_error	error;

	ps_alloc_zero(env, 1, sizeof(*numbers), &numbers, &error);
	ps_alloc(env, count, sizeof(int32_t), &numbers->numbers, &error);
	numbers->count = count;
	for (size_t i = 0; i < count; i++)
		numbers->numbers[i] = (int32_t) ((i + count - 1) % count + 1);
	return numbers;
}

/* The row of a profile for a place, column and level (NULL: a number). */
static const ps_profile_row *
row_of(const ps_profile *profile, size_t cluster, size_t column, const char *level)
{
	for (size_t i = 0; i < profile->count; i++)
	{
		const ps_profile_row *row = &profile->rows[i];

		if (row->cluster == cluster && row->column == column &&
			(level == NULL ? row->level == NULL : row->level != NULL && strcmp(row->level, level) == 0))
			return row;
	}
	return NULL;
}

static void
test_numbers(const ps_env *env)
{
	/* cluster, income, member, town */
	static const struct
	{
		double		cluster,
					income,
					member;
		const char *town;
	}			rows[] = {
		{0, 1, 1, "Graz"}, {0, 3, 1, "Graz"}, {0, 8, 0, NULL}, {0, NAN, 1, "Wien"}, {1, 10, 0, "Wien"}, {1, 14, 0, "Wien"}
	};
	ps_cluster_numbers *numbers = numbers_of(env, 3);
	const ps_profile_row *row;
	ps_frame   *frame;
	ps_profile *profile;
	ps_error	error;
	size_t		i;

	ps_frame_create(env, columns, 3, true, false, &frame, &error);
	ok(ps_profile_make(env, frame, numbers, &profile, &error) == PS_TOO_LITTLE_DATA, "no rows: %s", error.message);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ps_frame_append(frame, (ps_cell[]) {number_cell(rows[i].income), number_cell(rows[i].member), text_cell(rows[i].town)},
						rows[i].cluster, 1, &error);
	ok(ps_profile_make(env, frame, numbers, &profile, &error) == PS_OK, "a profile");
	ok(profile->sizes[0] == 4 && profile->sizes[1] == 2 && profile->sizes[2] == 0, "sizes");

	/* 1 3 8 10 14: mean 7.2, sum of squared distances 110.8 */
	row = row_of(profile, 0, 0, NULL);
	ok(row->rows == 3 && row->mean == 4 && row->median == 3 && row->overall_mean == 7.2 && row->overall_median == 8, "a number");
	close_to(row->difference, (4 - 7.2) / sqrt(110.8 / 5), 1e-15, 0, "in standard deviations over all rows");
	row = row_of(profile, 1, 0, NULL);
	ok(row->rows == 2 && row->mean == 12 && row->median == 12, "the median of two is between them");
	row = row_of(profile, 0, 0, PS_PROFILE_NULL);
	ok(row->rows == 1 && row->mean == 0.25 && isnan(row->median), "NULL is a level");
	row = row_of(profile, 0, 1, "true");
	ok(row->rows == 3 && row->mean == 0.75 && row->overall_mean == 0.5 && row->lift == 1.5 && row->difference == 0.5, "a boolean");
	row = row_of(profile, 1, 2, "Wien");
	ok(row->rows == 2 && row->mean == 1 && row->lift == 2 && row->difference == 1, "a text");
	ok(row_of(profile, 0, 2, "Graz")->rows == 2 && row_of(profile, 0, 2, PS_PROFILE_NULL)->rows == 1, "and the others");
	row = row_of(profile, 2, 0, NULL);
	ok(row->rows == 0 && isnan(row->mean) && isnan(row->difference) && profile->names[2] == NULL, "a cluster without rows");
	for (i = 1; i < profile->count; i++)
		if (numbers->numbers[profile->rows[i].cluster] < numbers->numbers[profile->rows[i - 1].cluster] ||
			(profile->rows[i].cluster == profile->rows[i - 1].cluster &&
			 fabs(profile->rows[i].difference) > fabs(profile->rows[i - 1].difference)))
			break;
	ok(i == profile->count, "by number, then the largest difference first");
	ok(strcmp(profile->names[0], "low income, member, town Graz") == 0 && strcmp(profile->names[1], "high income, no member, town Wien") == 0,
	   "names: %s; %s", profile->names[0], profile->names[1]);
}

static void
test_extremes(const ps_env *env)
{
	static const ps_column two[] = {{"huge", PS_TYPE_NUMBER}, {"tenth", PS_TYPE_NUMBER}};
	ps_frame   *frame;
	ps_profile *profile;
	ps_error	error;
	const ps_profile_row *row;

	ps_frame_create(env, two, 2, true, false, &frame, &error);
	for (int i = 0; i < 100; i++)
		ps_frame_append(frame, (ps_cell[]) {number_cell(i % 3 == 0 ? 1.7e308 : -1.7e308), number_cell(0.1)}, i % 2, 1, &error);
	ok(ps_profile_make(env, frame, numbers_of(env, 2), &profile, &error) == PS_OK, "numbers too large to sum");
	row = row_of(profile, 0, 0, NULL);
	ok(row->median == -1.7e308 && !isfinite(row->difference), "have a median and no difference");
	row = row_of(profile, 0, 1, NULL);
	ok(fabs(row->mean - 0.1) < 1e-15 && isnan(row->difference), "equal numbers have none either");
	ok(strncmp(profile->names[0], "average (", 9) == 0 && strcmp(profile->names[0], profile->names[1]) != 0, "nor names: %s, %s",
	   profile->names[0], profile->names[1]);
}

/* Many clusters that hardly differ. */
static void
test_names(const ps_env *env)
{
	enum
	{
		K = 150
	};
	static const ps_column five[] = {
		{"days_since_last", PS_TYPE_NUMBER}, {"orders", PS_TYPE_NUMBER}, {"Visits", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN},
		{"town", PS_TYPE_TEXT}
	};
	char		long_town[300];
	ps_frame   *frame;
	ps_profile *profile;
	ps_error	error;
	size_t		equal = 0;
	size_t		parts = 0;

	memset(long_town, 'x', sizeof(long_town) - 1);
	long_town[sizeof(long_town) - 1] = '\0';
	ps_frame_create(env, five, 5, true, false, &frame, &error);
	for (int i = 0; i < 10 * K; i++)
	{
		int			c = i % K;

		ps_frame_append(frame, (ps_cell[]) {number_cell(c % 3), number_cell(c % 2), number_cell(c % 2), number_cell(c % 5 > 2), text_cell(c % 7 == 0 ? long_town : "Graz")},
						c, 1, &error);
	}
	ok(ps_profile_make(env, frame, numbers_of(env, K), &profile, &error) == PS_OK, "150 clusters");
	for (size_t c = 0; c < K; c++)
	{
		size_t		commas = 0;

		for (size_t other = 0; other < c; other++)
			equal += strcmp(profile->names[c], profile->names[other]) == 0;
		for (const char *at = profile->names[c]; *at != '\0'; at++)
			commas += *at == ',';
		parts = commas + 1 > parts ? commas + 1 : parts;
	}
	ok(equal == 0, "all names differ (%zu do not)", equal);
	ok(parts == 3, "of at most three parts (%zu)", parts);
	ok(strstr(profile->names[0], "xxx") == NULL, "long texts are no names: %s", profile->names[0]);
	for (size_t c = 0; c < K; c++)
	{
		const char *first = strstr(profile->names[c], "frequent");

		if (first != NULL && strstr(first + 1, "frequent") != NULL)
			break;
		equal += first != NULL;
	}
	ok(equal == K, "orders and visits say the same only once (%zu)", equal);
}

static ps_status
small_work(const ps_env *env)
{
	ps_cluster_numbers numbers = {.count = 2,.numbers = (int32_t[]) {1, 2}};
	ps_frame   *frame;
	ps_profile *profile;
	ps_error	error;

	PS_TRY(ps_frame_create(env, columns, 3, true, false, &frame, &error));
	for (int i = 0; i < 12; i++)
		PS_TRY(ps_frame_append(frame, (ps_cell[]) {number_cell(7), number_cell(i % 5 == 0 ? NAN : 1), text_cell(i % 3 == 0 ? NULL : "x")},
							   i % 2, 1, &error));
	return ps_profile_make(env, frame, &numbers, &profile, &error);
}

int
main(void)
{
	host		h;
	long		allocations,
				polls;

	host_init(&h);
	test_numbers(&h.env);
	test_extremes(&h.env);
	test_names(&h.env);
	host_free(&h);
	ok(inject_faults(small_work, &allocations, &polls) == 0 && allocations > 0 && polls > 0,
	   "every fault ends cleanly (%ld allocations, %ld polls)", allocations, polls);
	return tap_done();
}
