/*-------------------------------------------------------------------------
 *
 * test_assignment.c
 *	  Assignments: a published example, all permutations of small tables, ties
 *	  and shapes, and tables whose best assignment is known by construction.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_assignment.h"
#include "ps_random.h"

#define MOST 6

/* The largest sum from row on, with the columns of mask taken, each row having a column or none. */
static int64_t
best_sum(const int64_t *profits, size_t nrows, size_t ncolumns, size_t row, unsigned mask, size_t spare)
{
	int64_t		best = INT64_MIN;

	if (row == nrows)
		return 0;
	if (spare > 0)
		best = best_sum(profits, nrows, ncolumns, row + 1, mask, spare - 1);
	for (size_t j = 0; j < ncolumns; j++)
		if ((mask & (1u << j)) == 0)
		{
			int64_t		rest = best_sum(profits, nrows, ncolumns, row + 1, mask | 1u << j, spare);

			if (rest != INT64_MIN && rest + profits[row * ncolumns + j] > best)
				best = rest + profits[row * ncolumns + j];
		}
	return best;
}

/* The sum of an assignment; INT64_MIN where a column is taken twice or too few are. */
static int64_t
sum_of(const int64_t *profits, size_t nrows, size_t ncolumns, const size_t *columns)
{
	int64_t		sum = 0;
	size_t		pairs = 0;

	for (size_t i = 0; i < nrows; i++)
	{
		if (columns[i] == PS_ASSIGNMENT_NONE)
			continue;
		if (columns[i] >= ncolumns)
			return INT64_MIN;
		for (size_t other = 0; other < i; other++)
			if (columns[other] == columns[i])
				return INT64_MIN;
		sum += profits[i * ncolumns + columns[i]];
		pairs++;
	}
	return pairs == (nrows < ncolumns ? nrows : ncolumns) ? sum : INT64_MIN;
}

static void
test_known(const ps_env *env)
{
	/* costs of Kuhn's method in the documentation of scipy.optimize.linear_sum_assignment: 5 at columns 1, 0, 2 */
	static const int64_t costs[] = {4, 1, 3, 2, 0, 5, 3, 2, 2};
	static const int64_t wide[] = {1, 9, 2, 8, 9, 1};
	int64_t		negative[9];
	size_t		columns[9];
	ps_error	error;

	for (int i = 0; i < 9; i++)
		negative[i] = -costs[i];
	ok(ps_assignment_best(env, negative, 3, 3, columns, &error) == PS_OK && columns[0] == 1 && columns[1] == 0 && columns[2] == 2,
	   "the published example");
	ok(ps_assignment_best(env, wide, 2, 3, columns, &error) == PS_OK && columns[0] == 1 && columns[1] == 0,
	   "more columns than rows: the second row gives way");
	ok(ps_assignment_best(env, wide, 3, 2, columns, &error) == PS_OK && columns[0] == 1 && columns[1] == PS_ASSIGNMENT_NONE &&
	   columns[2] == 0, "more rows than columns: one row gets none");
	ok(ps_assignment_best(env, wide, 1, 6, columns, &error) == PS_OK && columns[0] == 1, "of equal columns the first");
	ok(ps_assignment_best(env, wide, 0, 3, columns, &error) == PS_OK, "no rows");
}

static void
test_permutations(const ps_env *env)
{
	ps_random	random;
	size_t		wrong = 0;
	ps_error	error;

	ps_random_seed(&random, 5);
	for (int trial = 0; trial < 3000; trial++)
	{
		int64_t		profits[MOST * MOST];
		size_t		columns[MOST];
		size_t		nrows = 1 + (size_t) (ps_random_uniform(&random) * MOST);
		size_t		ncolumns = 1 + (size_t) (ps_random_uniform(&random) * MOST);
		int64_t		range = trial % 3 == 0 ? 3 : trial % 3 == 1 ? 1000 : (int64_t) 1 << 48;

		for (size_t i = 0; i < nrows * ncolumns; i++)
			profits[i] = (int64_t) (ps_random_uniform(&random) * (double) range) - (trial % 2 == 0 ? 0 : range / 2);
		wrong += ps_assignment_best(env, profits, nrows, ncolumns, columns, &error) != PS_OK ||
			sum_of(profits, nrows, ncolumns, columns) !=
			best_sum(profits, nrows, ncolumns, 0, 0, nrows > ncolumns ? nrows - ncolumns : 0);
	}
	ok(wrong == 0, "3000 small tables, with ties, negative and huge profits: the best of all assignments (%zu wrong)", wrong);
}

static void
test_large(const ps_env *env)
{
	enum
	{
		N = 300
	};
	int64_t    *profits;
	size_t		columns[N];
	size_t		right = 0;
	ps_random	random;
	ps_error	error;

	/* i * j is largest in sum where both are sorted alike (rearrangement inequality); the columns are shuffled by 7 */
	ps_alloc(env, N * N, sizeof(int64_t), &profits, &error);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			profits[i * N + j] = (int64_t) (i * (j * 7 % N));
	ok(ps_assignment_best(env, profits, N, N, columns, &error) == PS_OK, "300 rows and columns");
	for (size_t i = 0; i < N; i++)
		right += columns[i] * 7 % N == i;
	ok(right == N, "all as sorted alike (%zu)", right);

	/* a large profit at a known place in each row, noise elsewhere */
	ps_random_seed(&random, 1);
	for (size_t i = 0; i < N * N; i++)
		profits[i] = (int64_t) (ps_random_uniform(&random) * 100);
	for (size_t i = 0; i < N; i++)
		profits[i * N + (i * 11 + 3) % N] += 100 * N;
	right = 0;
	ok(ps_assignment_best(env, profits, N, N, columns, &error) == PS_OK, "a hidden permutation");
	for (size_t i = 0; i < N; i++)
		right += columns[i] == (i * 11 + 3) % N;
	ok(right == N, "is found");
}

static ps_status
small_work(const ps_env *env)
{
	static const int64_t profits[] = {7, 5, 3, 2, 8, 1};
	size_t		columns[3];
	ps_error	error;

	return ps_assignment_best(env, profits, 3, 2, columns, &error);
}

int
main(void)
{
	host		h;
	long		allocations,
				polls;

	host_init(&h);
	test_known(&h.env);
	test_permutations(&h.env);
	test_large(&h.env);
	host_free(&h);
	ok(inject_faults(small_work, &allocations, &polls) == 0 && allocations > 0 && polls > 0,
	   "every fault ends cleanly (%ld allocations, %ld polls)", allocations, polls);
	return tap_done();
}
