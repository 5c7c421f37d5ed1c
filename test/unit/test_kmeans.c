/*-------------------------------------------------------------------------
 *
 * test_kmeans.c
 *	  k-means: finds clusters that are there, reaches the optimum that all
 *	  partitions of a small set give, is the same for rows in any order, and
 *	  says clearly when there are too few different rows.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_kernels.h"
#include "ps_random.h"

static const ps_column columns[] = {
	{"spend", PS_TYPE_NUMBER}, {"visits", PS_TYPE_NUMBER}, {"channel", PS_TYPE_TEXT}
};

/* Row i of four groups of customers of sizes 4:3:2:1; returns the group. */
static size_t
make_cells(size_t i, ps_cell *cells)
{
	static const size_t groups[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3};
	static const double centers[][2] = {{10, 1}, {100, 2}, {50, 20}, {500, 10}};
	static const char *const channels[] = {"web", "shop", "web", "phone"};
	size_t		group = groups[i % 10];
	ps_random	random;

	ps_random_seed(&random, i);
	cells[0] = number_cell(centers[group][0] + 8 * ps_random_uniform(&random));
	cells[1] = number_cell(centers[group][1] + ps_random_uniform(&random));
	cells[2] = text_cell(channels[group]);
	return group;
}

static ps_frame *
make_frame(const ps_env *env, size_t n, bool reversed)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, 3, false, false, &frame, &error);
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cells[3];

		make_cells(reversed ? n - 1 - i : i, cells);
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	return frame;
}

static char *
parameters_json(const ps_env *env, const fitted *fit)
{
	char	   *json = NULL;
	size_t		length;
	ps_error	error;

	ps_json_write(env, fit_parameters(fit), &json, &length, &error);
	return json;
}

static const ps_value *
cluster(const fitted *fit, size_t number)
{
	return ps_value_get(fit_parameters(fit), "clusters")->items[number - 1];
}

/* Clusters that are there, on a small frame and on one that is sampled. */
static void
test_groups(const ps_env *env, size_t n)
{
	ps_frame   *frame = make_frame(env, n, false);
	ps_frame   *reversed = make_frame(env, n, true);
	fitted		fit = fit_frame(env, frame, "kmeans", "{\"k\":4}");
	fitted		same = fit_frame(env, reversed, "kmeans", "{\"k\":4}");
	const ps_value *means;
	size_t		wrong = 0;
	ps_value   *metrics;
	ps_error	error;
	double		loss;
	double		sum = 0;

	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "converged") == 0, "%zu rows: %s", n, fit.error.message);
	if (fit.status != PS_OK)
		return;
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cells[3];

		if (score_row(env, &fit, frame, i) != (double) make_cells(i, cells) + 1)
			wrong++;
	}
	ok(wrong == 0, "every row in the cluster of its group, numbered by size");
	for (size_t c = 1; c <= 4; c++)
		close_to(ps_value_number_or(cluster(&fit, c), "rows", NAN), (double) (n * (5 - c) / 10), 0, 0, "size of %zu", c);
	means = ps_value_get(cluster(&fit, 4), "means");
	for (size_t i = 9; i < n; i += 10)
	{
		ps_cell		cells[3];

		make_cells(i, cells);
		sum += cells[0].number / (double) (n / 10);
	}
	close_to(ps_value_number_or(means, "spend", NAN), sum, 1e-6, 0, "means in the data's units");
	close_to(ps_value_number_or(means, "\"channel\" = 'phone'", NAN), 1, 0, 1e-6, "shares of levels");
	ok(strcmp(parameters_json(env, &fit), parameters_json(env, &same)) == 0 ||
	   fabs(ps_value_number_or(fit_parameters(&fit), "inertia", 0) / ps_value_number_or(fit_parameters(&same), "inertia", 1) - 1) < 1e-12,
	   "rows in another order: the same model");
	ok(memcmp(ps_value_get(cluster(&fit, 1), "center")->numbers, ps_value_get(cluster(&same, 1), "center")->numbers,
			  ps_value_get(cluster(&fit, 1), "center")->count * sizeof(double)) == 0, "to the last bit of its centers");
	ok(ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate");
	close_to(loss * (double) n, ps_value_number_or(fit_parameters(&fit), "inertia", NAN), 1e-6, 0,
			 "the loss is the inertia per row, up to float32");
}

/* Twelve numbers: the best of all ways to cut their order into three is the optimum. */
static void
test_optimum(const ps_env *env)
{
	static const double values[] = {1, 2, 4, 7, 11, 12, 14, 20, 21, 23, 30, 31};
	enum
	{
	N = sizeof(values) / sizeof(values[0])};
	double		mean = 0,
				variance = 0,
				best = INFINITY;
	ps_frame   *frame;
	ps_error	error;
	fitted		fit;

	ps_frame_create(env, columns, 1, false, false, &frame, &error);
	for (size_t i = 0; i < N; i++)
	{
		ps_cell		cell = number_cell(values[i]);

		ps_frame_append(frame, &cell, 0, 1, &error);
		mean += values[i] / N;
	}
	for (size_t i = 0; i < N; i++)
		variance += (values[i] - mean) * (values[i] - mean) / N;
	for (size_t a = 1; a < N - 1; a++)
		for (size_t b = a + 1; b < N; b++)
		{
			size_t		cuts[] = {0, a, b, N};
			double		inertia = 0;

			for (size_t part = 0; part < 3; part++)
			{
				double		sum = 0;

				for (size_t i = cuts[part]; i < cuts[part + 1]; i++)
					sum += values[i];
				for (size_t i = cuts[part]; i < cuts[part + 1]; i++)
					inertia += pow(values[i] - sum / (double) (cuts[part + 1] - cuts[part]), 2) / variance;
			}
			best = fmin(best, inertia);
		}
	fit = fit_frame(env, frame, "kmeans", "{\"k\":3,\"starts\":20}");
	close_to(ps_value_number_or(fit_parameters(&fit), "inertia", NAN), best, 1e-6, 0, "the optimum of all partitions");
}

/* Frames of few different rows. */
static void
test_few(const ps_env *env)
{
	static const size_t sizes[] = {40, 60000};

	for (int s = 0; s < 2; s++)
	{
		ps_frame   *frame;
		ps_error	error;
		fitted		fit;

		ps_frame_create(env, columns, 1, false, false, &frame, &error);
		for (size_t i = 0; i < sizes[s]; i++)
		{
			/* three values; the third only once, so that a sample will miss it */
			ps_cell		cell = number_cell(i == 17 ? 9 : (double) (i % 2));

			ps_frame_append(frame, &cell, 0, 1, &error);
		}
		fit = fit_frame(env, frame, "kmeans", "{\"k\":3}");
		ok(fit.status == PS_OK && ps_value_number_or(cluster(&fit, 3), "rows", 0) == 1, "%zu rows, three values: %s", sizes[s],
		   fit.error.message);
		close_to(ps_value_number_or(fit_parameters(&fit), "inertia", NAN), 0, 0, 1e-9, "a cluster each");
		fit = fit_frame(env, frame, "kmeans", "{\"k\":4}");
		ok(fit.status == PS_TOO_LITTLE_DATA &&
		   strcmp(fit.error.message, "cannot make 4 clusters of rows of which only 3 are different") == 0,
		   "four clusters: %s", fit.error.message);
	}
	{
		ps_frame   *frame;
		ps_error	error;
		fitted		fit;
		ps_cell		cell = number_cell(1);

		ps_frame_create(env, columns, 1, false, false, &frame, &error);
		for (size_t i = 0; i < 20; i++)
			ps_frame_append(frame, &cell, 0, 1, &error);
		fit = fit_frame(env, frame, "kmeans", "{}");
		ok(fit.status == PS_TOO_LITTLE_DATA, "constant columns only: %s", fit.error.message);
		fit = fit_frame(env, frame, "kmeans", "{\"k\":1}");
		ok(fit.status == PS_INVALID_OPTION, "k 1: %s", fit.error.message);
		ps_frame_create(env, columns, 1, false, true, &frame, &error);
		ps_frame_append(frame, &cell, 0, 1, &error);
		fit = fit_frame(env, frame, "kmeans", "{}");
		ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	}
}

/* NULL, bad scales, rows unlike any seen. */
static void
test_cells(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	fitted		fit;
	ps_cell		cells[2];
	double		number;

	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < 300; i++)
	{
		cells[0] = number_cell(i % 3 == 0 ? (double) NAN : 1e12 + 1e10 * (double) (i % 3));
		cells[1] = number_cell(1e-12 * (double) (i % 2));
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	fit = fit_frame(env, frame, "kmeans", "{\"k\":6}");
	ok(fit.status == PS_OK && ps_value_number_or(fit_parameters(&fit), "inertia", 1) < 1e-6, "NULLs are a place of their own");
	cells[0] = number_cell(NAN);
	cells[1] = number_cell(NAN);
	number = score_cells(env, &fit, cells);
	ok(number >= 1 && number <= 6, "a row of NULLs");
	cells[1] = number_cell(-1e300);
	ok(isnan(score_cells(env, &fit, cells)), "too far away to compute is an error");
}

/* Every set of kernels against plain loops. */
static void
test_kernels(void)
{
	enum
	{
	N = PS_CLUSTER_ROWS, D = 7, K = 8};
	static float x[D * N],
				centers[K * D],
				half_norms[K];
	const ps_kernels *kernels;
	ps_random	random;

	ps_random_seed(&random, 5);
	for (int i = 0; i < D * N; i++)
		x[i] = (float) ps_random_uniform(&random);
	for (int c = 0; c < K; c++)
	{
		half_norms[c] = c < 6 ? 0 : HUGE_VALF;
		for (int j = 0; j < D; j++)
		{
			centers[c * D + j] = (float) ps_random_uniform(&random);
			half_norms[c] += 0.5f * centers[c * D + j] * centers[c * D + j];
		}
	}
	for (size_t i = 0; (kernels = ps_kernels_number(i)) != NULL; i++)
	{
		int32_t		labels[N];
		float		margin;
		int			wrong = 0;

		kernels->nearest_tile(x, D, centers, half_norms, K, x, labels, &margin);
		for (int row = 0; row < N; row++)
		{
			double		best = INFINITY;
			int			label = 0;

			for (int c = 0; c < 6; c++)
			{
				double		sum = 0;

				for (int j = 0; j < D; j++)
					sum += pow((double) x[j * N + row] - (double) centers[c * D + j], 2);
				if (sum < best)
				{
					best = sum;
					label = c;
				}
			}
			wrong += labels[row] != label;
		}
		ok(wrong == 0, "%s: nearest centers", kernels->name);
	}
}

static void
test_corrupt(const ps_env *env)
{
	static const char *const texts[] = {
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]},\"clusters\":[{\"center\":[1]},{\"center\":[2]}]}",
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]},\"clusters\":[{\"center\":[1]}]}",
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]},\"clusters\":[{\"center\":[1,2]},{\"center\":[2,1]}]}",
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]},\"clusters\":[3,4]}",
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\"}]},\"clusters\":[{\"center\":[]},{\"center\":[]}]}",
		"{\"encoder\":{\"reference_dropped\":true,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]},\"clusters\":[{\"center\":[1]},{\"center\":[2]}]}",
		"{\"clusters\":[{\"center\":[1]},{\"center\":[2]}]}"
	};
	const ps_input input = {"spend", PS_TYPE_NUMBER};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		ps_value   *parameters;
		void	   *state;
		ps_error	error = {0};

		ps_json_read(env, texts[i], strlen(texts[i]), &parameters, &error);
		ok(ps_learner_find("kmeans")->load(env, parameters, &input, 1, &state, &error) == (i == 0 ? PS_OK : PS_CORRUPT),
		   "%s %s", i == 0 ? "loads" : "refused:", error.message);
	}
}

static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	ps_value   *metrics;
	double		loss;
	fitted		fit;

	PS_TRY(ps_frame_create(env, columns, 3, false, false, &frame, &error));
	for (size_t i = 0; i < 70; i++)
	{
		ps_cell		cells[3];

		make_cells(i, cells);
		PS_TRY(ps_frame_append(frame, cells, 0, 1, &error));
	}
	fit = fit_frame(env, frame, "kmeans", "{\"k\":3,\"starts\":2}");
	PS_TRY(fit.status);
	return ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_groups(&h.env, 300);
	test_groups(&h.env, 40000);
	test_optimum(&h.env);
	test_few(&h.env);
	test_cells(&h.env);
	test_kernels();
	test_corrupt(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
