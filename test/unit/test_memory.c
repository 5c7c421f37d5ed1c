/*-------------------------------------------------------------------------
 *
 * test_memory.c
 *	  What fits take beyond the frame, at most and afterwards, in bytes a row.
 *
 * The bound of boosted_trees without its histograms is a promise to users
 * (docs/models.md); the others only tell that nothing is held twice.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_model.h"
#include "ps_random.h"

#define ROWS 200000
#define COLUMNS 20

/* A host that counts bytes; each block begins with its size. */
typedef struct counter
{
	host		host;
	size_t		now;
	size_t		peak;
} counter;

static void *
counted_alloc(void *ctx, size_t size)
{
	counter    *count = ctx;
	double	   *block = host_alloc(&count->host, 16 + size);

	if (block == NULL)
		return NULL;
	memcpy(block, &size, sizeof(size));
	count->now += size;
	if (count->now > count->peak)
		count->peak = count->now;
	return block + 2;
}

static void
counted_release(void *ctx, void *pointer)
{
	counter    *count = ctx;
	double	   *block = (double *) pointer - 2;
	size_t		size;

	memcpy(&size, block, sizeof(size));
	count->now -= size;
	host_release(&count->host, block);
}

static int
counted_poll(void *ctx, double fraction_done)
{
	return host_poll(&((counter *) ctx)->host, fraction_done);
}

/* Fit a method to the rows of a frame and compare what it takes with bounds, in bytes a row. */
static void
check_fit(const ps_env *env, counter *count, const char *method, const char *option, double number,
		  const ps_frame *frame, double at_most, double afterwards)
{
	ps_value   *options;
	ps_value   *complete;
	ps_value   *notes;
	ps_value   *document;
	ps_column	columns[COLUMNS + 1];
	ps_plan		plan;
	ps_error	error;
	size_t		before = count->now;
	double		peak;
	double		left;

	ps_value_list(env, &notes, &error);
	ps_value_object(env, &options, &error);
	ps_value_set_text(env, options, "target", "bought", &error);
	ps_value_set_number(env, options, option, number, &error);
	if (strcmp(method, "boosted_trees") == 0)
	{
		ps_value_set_number(env, options, "leaves", 63, &error);
		ps_value_set_boolean(env, options, "early_stopping", false, &error);
	}
	for (size_t i = 0; i < COLUMNS; i++)
		columns[i] = *ps_frame_column(frame, i);
	columns[COLUMNS] = (ps_column) {"bought", PS_TYPE_BOOLEAN};
	count->peak = count->now;
	ok(ps_options_complete(env, ps_learner_find(method), options, &complete, &error) == PS_OK &&
	   ps_plan_make(env, ps_learner_find(method), complete, columns, COLUMNS + 1, &plan, notes, &error) == PS_OK &&
	   ps_model_fit(env, &plan, frame, &document, notes, &error) == PS_OK, "%s fits %d rows", method, ROWS);
	peak = (double) (count->peak - before) / ROWS;
	left = (double) (count->now - before) / ROWS;
	ok(peak <= at_most, "%s takes %.1f bytes a row beyond the frame, at most %g", method, peak, at_most);
	ok(left <= afterwards, "%s keeps %.1f bytes a row, at most %g", method, left, afterwards);
}

int
main(void)
{
	counter		count = {0};
	ps_env		env;
	char		names[COLUMNS][8];
	ps_column	columns[COLUMNS];
	ps_cell		cells[COLUMNS];
	ps_frame   *frame = NULL;
	ps_random	random;
	ps_error	error;

	host_init(&count.host);
	env = (ps_env) {&count, counted_alloc, counted_release, counted_poll};
	memset(cells, 0, sizeof(cells));
	for (size_t i = 0; i < COLUMNS; i++)
	{
		snprintf(names[i], sizeof(names[i]), "x%zu", i);
		columns[i] = (ps_column) {names[i], PS_TYPE_NUMBER};
	}
	ps_frame_create(&env, columns, COLUMNS, true, false, &frame, &error);
	ps_random_seed(&random, 1);
	for (size_t row = 0; row < ROWS; row++)
	{
		double		sum = 0;

		for (size_t i = 0; i < COLUMNS; i++)
			sum += cells[i].number = ps_random_uniform(&random);
		ps_frame_append(frame, cells, sum + 3 * ps_random_uniform(&random) > COLUMNS / 2 + 1.5 ? 1 : 0, 1, &error);
	}
	ok(ps_frame_memory(frame) < (COLUMNS + 1) * 8.2 * ROWS && count.now < ps_frame_memory(frame) + 4096,
	   "a frame takes the bytes of its numbers and little more, and counts them");
	check_fit(&env, &count, "boosted_trees", "trees", 3, frame, 80 + 64.0 * COLUMNS * 256 * 8 / ROWS, 4);
	check_fit(&env, &count, "logistic", "ridge", 1, frame, 16, 4);
	host_free(&count.host);
	return tap_done();
}
