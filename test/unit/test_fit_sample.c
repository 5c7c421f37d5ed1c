/*
 * Fits that start from a sample of the rows: they end where the likelihood
 * equations say, whatever the sample is like.
 */
#include "learner_host.h"

#include "ps_random.h"

#define ROWS 80000
#define COLUMNS 3

typedef enum shape
{
	PLAIN,
	SORTED,						/* by the target: the sample, the first 4,096 of these rows, has one class */
	LATE,						/* the second column only varies behind the sample */
	TWICE						/* the third column is the second once more */
} shape;

static ps_frame *
make_frame(const ps_env *env, shape shape)
{
	static const ps_column columns[COLUMNS] = {{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_NUMBER}, {"c", PS_TYPE_NUMBER}};
	ps_random	random;
	ps_frame   *frame;
	ps_error	error;

	ps_random_seed(&random, 7);
	if (ps_frame_create(env, columns, COLUMNS, true, false, &frame, &error) != PS_OK)
		return NULL;
	for (int pass = 0; pass < (shape == SORTED ? 2 : 1); pass++)
	{
		ps_random_seed(&random, 7);
		for (size_t i = 0; i < ROWS; i++)
		{
			double		a = ps_random_uniform(&random) * 4 - 2;
			double		b = ps_random_uniform(&random) * 4 - 2;
			double		c = ps_random_uniform(&random) * 4 - 2;
			double		log_odds = 0.7 * a - 1.1 * b + 0.2 * c - 0.5;
			double		target = ps_random_uniform(&random) < 1 / (1 + exp(-log_odds)) ? 1 : 0;
			ps_cell		cells[COLUMNS] = {number_cell(a), number_cell(shape == LATE && i < 5000 ? 0.25 : b),
			number_cell(shape == TWICE ? b : c)};

			if (shape != SORTED || target == pass)
				ps_frame_append(frame, cells, target, 1, &error);
		}
	}
	return frame;
}

/*
 * The largest of |sum of (y - p) x| / sum of |x| over columns and the
 * intercept, which is 0 where the likelihood is greatest.
 */
static double
largest_gradient(const ps_env *env, const fitted *fit, const ps_frame *frame)
{
	double		sums[COLUMNS + 1] = {0};
	double		sizes[COLUMNS + 1] = {0};
	double		largest = 0;

	for (size_t i = 0; i < ps_frame_rows(frame); i++)
	{
		ps_cell		cells[COLUMNS];
		double		rest;

		ps_frame_row(frame, i, cells);
		rest = ps_frame_target(frame, i) - score_cells(env, fit, cells);
		for (size_t j = 0; j <= COLUMNS; j++)
		{
			double		x = j == COLUMNS ? 1 : cells[j].number;

			sums[j] += rest * x;
			sizes[j] += fabs(x);
		}
	}
	for (size_t j = 0; j <= COLUMNS; j++)
		largest = fmax(largest, fabs(sums[j]) / sizes[j]);
	return largest;
}

int
main(void)
{
	static const char *const names[] = {"plain rows", "rows sorted by target", "a column that varies late",
	"a column that is there twice"};
	host		h;

	host_init(&h);
	for (shape shape = PLAIN; shape <= TWICE; shape++)
	{
		ps_frame   *frame = make_frame(&h.env, shape);
		fitted		fit = fit_frame(&h.env, frame, "logistic", "{}");
		double		iterations = ps_value_number_or(fit_parameters(&fit), "iterations", 0);
		double		gradient;

		ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "%s: converged", names[shape]);

		/* steps below 1e-6 of log-odds leave gradients of that square, and rounding */
		gradient = largest_gradient(&h.env, &fit, frame);
		ok(gradient < 1e-10, "%s: the gradient is 0: %g", names[shape], gradient);
		ok(shape == SORTED ? iterations > 5 : iterations <= 5, "%s: %g passes", names[shape], iterations);
		ok(has_note(&fit, "\"c\"") == (shape == TWICE), "%s: notes", names[shape]);
	}
	host_free(&h);
	return tap_done();
}
