/*-------------------------------------------------------------------------
 *
 * test_leaf_masks.c
 *	  Trees added up by intersecting sets of leaves, against going down each.
 *
 * Both add the same numbers in the same order: sums are compared bit by bit.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_kernels.h"
#include "ps_leaf_masks.h"
#include "ps_random.h"

#define COLUMNS 4
#define ROWS 3000
#define PROBES 1500

static const ps_column columns[COLUMNS] = {
	{"x", PS_TYPE_NUMBER}, {"z", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}, {"b", PS_TYPE_BOOLEAN}
};
static const ps_input inputs[COLUMNS] = {
	{"x", PS_TYPE_NUMBER}, {"z", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}, {"b", PS_TYPE_BOOLEAN}
};
static const char *const texts[] = {"a", "b", "c", "d", "e", "f", "g", "unseen"};

/* A row with NULLs; of a training set, without the last text. */
static void
random_cells(ps_random *random, size_t ntexts, ps_cell *cells)
{
	cells[0] = number_cell(ps_random_uniform(random) < 0.1 ? NAN : ps_random_uniform(random) * 4 - 2);
	cells[1] = number_cell(floor(12 * ps_random_uniform(random)));
	cells[2] = text_cell(ps_random_uniform(random) < 0.1 ? NULL :
						 texts[(size_t) ((double) ntexts * ps_random_uniform(random))]);
	cells[3] = number_cell(ps_random_uniform(random) < 0.1 ? NAN : ps_random_uniform(random) < 0.5);
}

static double
target_of(const ps_cell *cells)
{
	double		x = cells[0].null ? 1.5 : cells[0].number;
	double		t = cells[2].null ? 3 : (cells[2].text[0] * 7 % 5);

	return sin(3 * x) * (cells[1].number - 5) + t * (cells[3].null ? 2 : cells[3].number) + 0.1 * cells[1].number * t;
}

/* Fit trees of a size. */
static fitted
fit_trees(const ps_env *env, int leaves, int trees)
{
	ps_frame   *frame;
	ps_error	error;
	ps_random	random;
	char		options[200];

	ps_random_seed(&random, 11);
	ps_frame_create(env, columns, COLUMNS, true, false, &frame, &error);
	for (size_t i = 0; i < ROWS; i++)
	{
		ps_cell		cells[COLUMNS];

		random_cells(&random, 7, cells);
		ps_frame_append(frame, cells, target_of(cells), 1, &error);
	}
	snprintf(options, sizeof(options), "{\"leaves\":%d,\"trees\":%d,\"early_stopping\":false,\"min_rows\":2}", leaves,
			 trees);
	return fit_frame(env, frame, "boosted_trees", options);
}

static ps_ensemble *
open_trees(const ps_env *env, const fitted *fit)
{
	ps_bins    *bins;
	ps_ensemble *ensemble = NULL;
	ps_error	error;

	if (fit->status == PS_OK && ps_bins_load(env, fit_parameters(fit), inputs, COLUMNS, &bins, &error) == PS_OK)
		ps_ensemble_load(env, fit_parameters(fit), bins, &ensemble, &error);
	return ensemble;
}

/* 16, 32 and 64 bits for a tree, full and not; as many trees as fill a block and not. */
static void
test_sums(const ps_env *env)
{
	static const int sizes[][2] = {{2, 1}, {16, 13}, {17, 30}, {32, 48}, {33, 12}, {64, 25}, {64, 100}};

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
	{
		fitted		fit = fit_trees(env, sizes[s][0], sizes[s][1]);
		ps_ensemble *ensemble = open_trees(env, &fit);
		ps_leaf_masks *masks = NULL;
		ps_random	random;
		ps_error	error;
		size_t		wrong = 0;

		ok(ensemble != NULL && ps_leaf_masks_create(env, ensemble, &masks, &error) == PS_OK && masks != NULL,
		   "%d trees of %d leaves have masks", sizes[s][1], sizes[s][0]);
		ps_random_seed(&random, 5);
		for (size_t i = 0; masks != NULL && i < PROBES; i++)
		{
			ps_cell		cells[COLUMNS];
			double		down = 1;
			double		left = 2;

			random_cells(&random, 8, cells);
			if (ps_ensemble_sum(env, ensemble, cells, &down, &error) != PS_OK ||
				ps_leaf_masks_sum(masks, cells, &left, &error) != PS_OK || memcmp(&down, &left, sizeof(down)) != 0)
				wrong++;
		}
		ok(masks != NULL && ensemble->masks == NULL && wrong == 0, "and the same sums: %zu of %d differ", wrong, PROBES);
	}
}

/* The first rows go down, those after them do not; bad numbers are refused on both ways. */
static void
test_switch(const ps_env *env)
{
	fitted		fit = fit_trees(env, 31, 20);
	ps_ensemble *ensemble = open_trees(env, &fit);
	ps_cell		cells[COLUMNS] = {number_cell(0.3), number_cell(4), text_cell("c"), number_cell(1)};
	ps_error	error;
	double		first;
	size_t		wrong = 0;

	ok(ps_ensemble_sum(env, ensemble, cells, &first, &error) == PS_OK, "a row goes down");
	for (size_t i = 0; i < 2 * PS_SCORE_MASKS_AFTER; i++)
	{
		double		sum;

		if (ps_ensemble_sum(env, ensemble, cells, &sum, &error) != PS_OK || sum != first)
			wrong++;
	}
	ok(ensemble->masks != NULL && wrong == 0, "after many rows there are masks, and nothing changes");
	cells[0] = (ps_cell) {.number = INFINITY};
	ok(ps_ensemble_sum(env, ensemble, cells, &first, &error) == PS_INVALID_DATA && strcmp(error.column, "x") == 0,
	   "infinity is refused: %s", error.message);
}

static void
test_without(const ps_env *env)
{
	fitted		large = fit_trees(env, 65, 2);
	ps_ensemble *ensemble = open_trees(env, &large);
	ps_leaf_masks *masks;
	ps_error	error;

	ok(ps_leaf_masks_create(env, ensemble, &masks, &error) == PS_OK && masks == NULL, "65 leaves have no masks");
	ensemble->count = 0;
	ensemble->ninputs = 0;
	ok(ps_leaf_masks_create(env, ensemble, &masks, &error) == PS_OK && masks == NULL, "nor has a model without splits");
}

/* Every set of kernels. */
static void
test_kernels(void)
{
	uint64_t	rows[3][2 * PS_INTERSECT_WORDS];
	const uint64_t *all[3] = {rows[0], rows[1], rows[2]};
	const ps_kernels *kernels;
	ps_random	random;

	ps_random_seed(&random, 3);
	for (size_t row = 0; row < 3; row++)
		for (size_t i = 0; i < 2 * PS_INTERSECT_WORDS; i++)
			rows[row][i] = (uint64_t) (ps_random_uniform(&random) * 0x1p53) * 2049;
	for (size_t i = 0; (kernels = ps_kernels_number(i)) != NULL; i++)
		for (size_t count = 1; count <= 3; count++)
		{
			uint64_t	out[PS_INTERSECT_WORDS];
			size_t		wrong = 0;

			kernels->intersect(all, count, PS_INTERSECT_WORDS, out);
			for (size_t word = 0; word < PS_INTERSECT_WORDS; word++)
			{
				uint64_t	left = UINT64_MAX;

				for (size_t row = 0; row < count; row++)
					left &= rows[row][PS_INTERSECT_WORDS + word];
				wrong += out[word] != left;
			}
			ok(wrong == 0, "%s: intersection of %zu", kernels->name, count);
		}
}

static ps_status
make_masks(const ps_env *env)
{
	static host h;
	static ps_ensemble *ensemble;
	ps_leaf_masks *masks;
	ps_error	error;

	if (ensemble == NULL)
	{
		fitted		fit;

		host_init(&h);
		fit = fit_trees(&h.env, 20, 3);
		ensemble = open_trees(&h.env, &fit);
	}
	return ps_leaf_masks_create(env, ensemble, &masks, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_sums(&h.env);
	test_switch(&h.env);
	test_without(&h.env);
	host_free(&h);
	test_kernels();
	wrong = inject_faults(make_masks, &allocations, &polls);
	ok(wrong == 0 && allocations > 5 && polls > 0, "%ld allocations and %ld polls may fail", allocations, polls);
	return tap_done();
}
