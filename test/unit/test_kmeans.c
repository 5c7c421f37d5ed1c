/*-------------------------------------------------------------------------
 *
 * test_kmeans.c
 *	  k-means: finds clusters that are there, reaches the optimum that all
 *	  partitions of a small set give, is the same for rows in any order, and
 *	  says clearly when there are too few different rows.
 *
 *-------------------------------------------------------------------------
 */
#include "data_file.h"
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
		close_to(ps_value_number_or(fit_cluster(&fit, c), "rows", NAN), (double) (n * (5 - c) / 10), 0, 0, "size of %zu", c);
	means = ps_value_get(fit_cluster(&fit, 4), "means");
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
	ok(memcmp(ps_value_get(fit_cluster(&fit, 1), "center")->numbers, ps_value_get(fit_cluster(&same, 1), "center")->numbers,
			  ps_value_get(fit_cluster(&fit, 1), "center")->count * sizeof(double)) == 0, "to the last bit of its centers");
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
		ok(fit.status == PS_OK && ps_value_number_or(fit_cluster(&fit, 3), "rows", 0) == 1, "%zu rows, three values: %s", sizes[s],
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
	number = score_cells(env, &fit, cells);
	ok(number >= 1 && number <= 6, "a number far away counts as the limit");
	ok(answer_of(env, &fit, PS_ASK_UNLIKE, cells) == 1 && isnan(answer_of(env, &fit, PS_ASK_CLUSTER_DISTANCE, cells)),
	   "the row is unlike any, its distance too large to compute");
}

/* Distance, the next best cluster and what is unlike any, for the rows of the groups and for strangers. */
static void
test_answers(const ps_env *env)
{
	ps_frame   *frame = make_frame(env, 1000, false);
	fitted		fit = fit_frame(env, frame, "kmeans", "{\"k\":4,\"scale\":\"standard\",\"transform\":\"none\"}");
	ps_cell		cells[3];
	size_t		wrong = 0;
	size_t		unlike = 0;
	double		sum = 0;

	for (size_t row = 0; row < 1000; row++)
	{
		double		first;
		double		second;
		double		distance;
		double		baseline = 0;
		double		contributions[3] = {0};
		ps_error	error;
		double		gap = 0;

		ps_frame_row(frame, row, cells);
		first = answer_of(env, &fit, PS_ASK_CLUSTER, cells);
		second = answer_of(env, &fit, PS_ASK_SECOND_CLUSTER, cells);
		distance = answer_of(env, &fit, PS_ASK_CLUSTER_DISTANCE, cells);
		sum += distance * distance;
		wrong += !(second >= 1 && second <= 4 && second != first && distance >= 0);
		wrong += ps_model_explain(env, fit.model, cells, &baseline, contributions, &error) != PS_OK;
		for (size_t i = 0; i < 3; i++)
			gap += contributions[i];
		wrong += !(gap >= 0) || baseline != 0;
		unlike += answer_of(env, &fit, PS_ASK_UNLIKE, cells) != 0;
	}
	ok(wrong == 0, "every row has a distance and another cluster, and its explanation speaks for the first");
	close_to(sum, ps_value_number_or(fit_parameters(&fit), "inertia", NAN), 1e-6, 0, "distances add up to the inertia");
	ok(unlike == 0, "no row of compact groups is unlike all: %zu", unlike);
	cells[0] = number_cell(250);
	cells[1] = number_cell(60);
	cells[2] = text_cell("web");
	ok(answer_of(env, &fit, PS_ASK_UNLIKE, cells) == 1, "a stranger is");
	fit = fit_frame(env, frame, "kmeans", "{\"k\":4}");
	cells[0] = number_cell(1e9);
	ok(answer_of(env, &fit, PS_ASK_CLUSTER, cells) >= 1 && answer_of(env, &fit, PS_ASK_UNLIKE, cells) == 1,
	   "also one beyond the limits, which has a cluster all the same");
}

/* Trimming: outliers make no cluster of their own, are counted, and the order of rows changes nothing. */
static void
test_trim(const ps_env *env, size_t n)
{
	ps_frame   *frames[2];
	fitted		fits[3];
	ps_error	error;
	size_t		wrong = 0;
	ps_cell		cells[2];
	ps_random	random;

	for (int f = 0; f < 2; f++)
	{
		ps_frame_create(env, columns, 2, false, false, &frames[f], &error);
		for (size_t at = 0; at < n; at++)
		{
			size_t		i = f == 0 ? at : n - 1 - at;

			ps_random_seed(&random, i);
			cells[0] = number_cell((i % 2 == 0 ? 0 : 10) + ps_random_uniform(&random));
			cells[1] = number_cell((i % 2 == 0 ? 0 : 10) + ps_random_uniform(&random));

			/* one row in fifty is far from both, somewhere else */
			if (i % 50 == 0)
			{
				cells[0] = number_cell(200 * ps_random_uniform(&random) - 100);
				cells[1] = number_cell(100 + 100 * ps_random_uniform(&random));
			}
			ps_frame_append(frames[f], cells, 0, 1, &error);
		}
		fits[f] = fit_frame(env, frames[f], "kmeans", "{\"k\":2,\"trim\":0.02,\"scale\":\"standard\",\"transform\":\"none\"}");
		ok(fits[f].status == PS_OK && strcmp(fit_status(&fits[f]), "converged") == 0, "%zu rows: %s", n, fits[f].error.message);
	}
	fits[2] = fit_frame(env, frames[0], "kmeans", "{\"k\":2,\"scale\":\"standard\",\"transform\":\"none\"}");
	for (size_t i = 0; i < n; i++)
	{
		ps_frame_row(frames[0], i, cells);
		if (i % 50 != 0)
			wrong += score_cells(env, &fits[0], cells) != (i % 2 == 0 ? 2 : 1);
		wrong += answer_of(env, &fits[0], PS_ASK_UNLIKE, cells) != (i % 50 == 0);
	}
	ok(wrong == 0, "both groups, and nothing else, are found: %zu wrong", wrong);
	wrong = 0;
	for (size_t i = 0; i < n; i++)
	{
		ps_frame_row(frames[0], i, cells);
		wrong += i % 50 != 0 && score_cells(env, &fits[2], cells) != (i % 2 == 0 ? 2 : 1);
	}
	ok(wrong > n / 4, "without trimming they are not: %zu wrong", wrong);
	close_to(ps_value_number_or(fit_parameters(&fits[0]), "trimmed_rows", NAN), (double) (n / 50), 0, 0, "rows left out");
	close_to(ps_value_number_or(fit_cluster(&fits[0], 1), "rows", NAN) + ps_value_number_or(fit_cluster(&fits[0], 2), "rows", NAN),
			 (double) (n - n / 50), 0, 0, "and the others");
	close_to(ps_value_number_or(ps_value_get(fit_cluster(&fits[0], 1), "means"), "spend", NAN), 10.5, 0.02, 0, "a mean without outliers");
	ok(strcmp(parameters_json(env, &fits[0]), parameters_json(env, &fits[1])) == 0 ||
	   memcmp(ps_value_get(fit_cluster(&fits[0], 1), "center")->numbers, ps_value_get(fit_cluster(&fits[1], 1), "center")->numbers,
			  2 * sizeof(double)) == 0, "rows in another order: the same centers");
}

/* A frame of one column of a shape, and what comes of three clusters of it. */
static fitted
fit_shape(const ps_env *env, double (*shape) (size_t i), const char *options)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < 500; i++)
	{
		ps_cell		cells[2] = {number_cell(shape(i)), number_cell((double) (i * 7 % 31) / 31)};

		ps_frame_append(frame, cells, 0, 1, &error);
	}
	return fit_frame(env, frame, "kmeans", options);
}

static double
mostly_zero(size_t i)
{
	return i % 100 == 0 ? (double) i : 0;
}

static double
refunds(size_t i)
{
	return -exp((double) (i * 37 % 100) / 20);
}

static double
million_times(size_t i)
{
	return 1e6 * (double) (i * 37 % 100);
}

static double
one_huge(size_t i)
{
	return i == 3 ? 1e149 : (double) (i * 37 % 100);
}

static double
too_huge(size_t i)
{
	return i == 3 ? 1e300 : (double) (i * 37 % 100);
}

static double
all_null(size_t i)
{
	(void) i;
	return NAN;
}

/* Shapes of columns that are ordinary trouble. */
static void
test_shapes(const ps_env *env)
{
	static const struct
	{
		const char *name;
		double		(*shape) (size_t i);
		ps_status	status;
	}			shapes[] = {
		{"99 % zeroes", mostly_zero, PS_OK}, {"negative money", refunds, PS_OK},
		{"a million times the other", million_times, PS_OK}, {"one value of 1e149", one_huge, PS_OK},
		{"one value of 1e300", too_huge, PS_INVALID_DATA}, {"NULL only", all_null, PS_OK}
	};
	fitted		plain;
	fitted		fit;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
	{
		static const char *const options[] = {"{\"k\":3}", "{\"k\":3,\"trim\":0.1}", "{\"k\":3,\"scale\":\"standard\",\"transform\":\"none\"}"};

		for (size_t o = 0; o < 3; o++)
		{
			fit = fit_shape(env, shapes[i].shape, options[o]);
			ok(fit.status == shapes[i].status, "%s: %s", shapes[i].name, fit.error.message);
		}
	}

	/* one of the two columns a million times larger, or with an outlier: clusters are still told apart by both */
	plain = fit_shape(env, million_times, "{\"k\":3}");
	fit = fit_shape(env, one_huge, "{\"k\":3}");
	for (size_t c = 1; c <= 3; c++)
		ok(fabs(ps_value_number_or(fit_cluster(&plain, c), "rows", 0) - ps_value_number_or(fit_cluster(&fit, c), "rows", NAN)) <= 30,
		   "cluster %zu has %g and %g rows", c, ps_value_number_or(fit_cluster(&plain, c), "rows", 0),
		   ps_value_number_or(fit_cluster(&fit, c), "rows", NAN));
	fit = fit_shape(env, mostly_zero, "{\"k\":400}");
	ok(fit.status == PS_TOO_LITTLE_DATA, "%s", fit.error.message);
	fit = fit_shape(env, all_null, "{\"k\":31,\"trim\":0.5}");
	ok(fit.status == PS_OK && ps_value_number_or(fit_parameters(&fit), "trimmed_rows", NAN) == 0,
	   "of rows that are all as near, none is trimmed");
}

/*
 * Customers of a wholesaler by what they spent on six groups of goods: the two
 * clusters of the raw columns are the two channels at least as well as those
 * that scikit-learn 1.9.1 finds when a user takes logarithms and scales them
 * (KMeans(2, n_init=20): adjusted Rand index 0.5202).
 */
static void
test_wholesale(const ps_env *env)
{
	static const ps_column goods[] = {
		{"fresh", PS_TYPE_NUMBER}, {"milk", PS_TYPE_NUMBER}, {"grocery", PS_TYPE_NUMBER}, {"frozen", PS_TYPE_NUMBER},
		{"detergents_paper", PS_TYPE_NUMBER}, {"delicassen", PS_TYPE_NUMBER}
	};
	FILE	   *file = open_data("wholesale_customers/wholesale_customers.csv");
	char		line[LINE_MAX_LENGTH];
	char	   *fields[FIELDS_MAX];
	int			channels[500];
	double		labels[500];
	double		both = 0;
	double		clusters = 0;
	double		same = 0;
	double		chance;
	size_t		n = 0;
	ps_frame   *frame;
	fitted		fit;
	ps_error	error;

	if (file == NULL)
		return;
	ps_frame_create(env, goods, 6, false, false, &frame, &error);
	for (; n < 500 && next_line(file, line, fields) > 0; n++)
	{
		ps_cell		cells[6];

		channels[n] = atoi(fields[0]);
		for (int j = 0; j < 6; j++)
			cells[j] = number_cell(atof(fields[2 + j]));
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	fclose(file);
	fit = fit_frame(env, frame, "kmeans", "{\"k\":2}");
	for (size_t i = 0; i < n; i++)
		labels[i] = score_row(env, &fit, frame, i);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
		{
			clusters += labels[i] == labels[j];
			same += channels[i] == channels[j];
			both += labels[i] == labels[j] && channels[i] == channels[j];
		}
	chance = clusters * same / ((double) n * (double) (n - 1) / 2);
	both = (both - chance) / ((clusters + same) / 2 - chance);
	ok(both >= 0.5202, "wholesale customers: adjusted Rand index %g", both);
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
		"{\"clusters\":[{\"center\":[1]},{\"center\":[2]}]}",
		"{\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]},\"clusters\":[{\"center\":[1],\"unlike_beyond\":-1},{\"center\":[2]}]}"
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
	for (size_t i = 0; i < 50; i++)
	{
		ps_cell		cells[3];

		make_cells(i, cells);
		PS_TRY(ps_frame_append(frame, cells, 0, 1, &error));
	}
	fit = fit_frame(env, frame, "kmeans", "{\"k\":3,\"starts\":2,\"trim\":0.1}");
	PS_TRY(fit.status);
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
	test_answers(&h.env);
	test_trim(&h.env, 1000);
	test_trim(&h.env, 30000);
	test_shapes(&h.env);
	test_wholesale(&h.env);
	test_kernels();
	test_corrupt(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
