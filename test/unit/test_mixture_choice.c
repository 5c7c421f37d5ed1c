/*-------------------------------------------------------------------------
 *
 * test_mixture_choice.c
 *	  How many clusters gaussian_mixture makes, and of which shape, when it may
 *	  choose: as many as there are, whatever their number, sizes, widths and
 *	  directions, with small groups in many columns; one of rows without
 *	  groups; what the shapes are to estimate, and that they do.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_agreement.h"
#include "ps_random.h"

#define MOST_ROWS 1200
#define MOST_GROUPS 10
#define MOST_COLUMNS 20

static const char *const names[] = {
	"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"
};

/* Rows in groups that are known. */
typedef struct simulated
{
	size_t		count;
	size_t		width;
	size_t		k;
	double		values[MOST_ROWS][MOST_COLUMNS];
	size_t		group[MOST_ROWS];
} simulated;

typedef enum shape
{
	ROUND,
	LONG,						/* along a column */
	SLANTED,					/* in one direction, each group in its own */
	CROOKED						/* in all directions */
} shape;

/* A group: center + shape times normal numbers. */
typedef struct group
{
	double		center[MOST_COLUMNS];
	double		deviation;		/* root of the mean variance of the columns */
	double		shape[MOST_COLUMNS][MOST_COLUMNS];
} group;

static simulated rows;

static double
normal(ps_random *random)
{
	double		u = ps_random_uniform(random);

	return sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * ps_random_uniform(random));
}

/* Draw a group of a mean standard deviation of 0.5 to 1.5 anywhere in a box around 0. */
static void
draw_group(ps_random *random, size_t width, double box, shape of, group *out)
{
	size_t		longest = (size_t) (ps_random_uniform(random) * (double) width);
	double		total = 0;

	memset(out, 0, sizeof(*out));
	out->deviation = 0.5 + ps_random_uniform(random);
	for (size_t j = 0; j < width; j++)
	{
		double		length = of == CROOKED ? 0.4 + 1.4 * ps_random_uniform(random) :
			of != ROUND && j == longest ? 2 + 2 * ps_random_uniform(random) : 1;

		out->center[j] = box * (ps_random_uniform(random) - 0.5);
		out->shape[j][j] = length;
		total += length * length;
	}
	for (size_t j = 0; j < width; j++)
		out->shape[j][j] *= out->deviation / sqrt(total / (double) width);
	for (size_t a = 0; of >= SLANTED && a < width; a++)
		for (size_t b = 0; b < a; b++)
		{
			double		angle = 6.283185307179586 * ps_random_uniform(random);

			for (size_t j = 0; j < width; j++)
			{
				double		x = out->shape[a][j];
				double		y = out->shape[b][j];

				out->shape[a][j] = cos(angle) * x - sin(angle) * y;
				out->shape[b][j] = sin(angle) * x + cos(angle) * y;
			}
		}
}

/* The standard deviation of a group along a line. */
static double
deviation_along(const group *of, size_t width, const double *line)
{
	double		length = 0;
	double		variance = 0;

	for (size_t j = 0; j < width; j++)
	{
		double		part = 0;

		for (size_t i = 0; i < width; i++)
			part += of->shape[i][j] * line[i];
		variance += part * part;
		length += line[j] * line[j];
	}
	return sqrt(variance / length);
}

/* Are two groups 8 mean standard deviations apart, also along the line between them? */
static bool
apart(const group *a, const group *b, size_t width)
{
	double		line[MOST_COLUMNS];
	double		square = 0;

	for (size_t j = 0; j < width; j++)
	{
		line[j] = a->center[j] - b->center[j];
		square += line[j] * line[j];
	}
	return sqrt(square) >= 4 * fmax(a->deviation + b->deviation, deviation_along(a, width, line) + deviation_along(b, width, line));
}

/* Draw k groups of 40 to 100 rows that are apart; the first has 40. */
static void
simulate_groups(size_t k, size_t width, shape of, uint64_t seed)
{
	static group groups[MOST_GROUPS];
	double		box = 20;
	ps_random	random;

	ps_random_seed(&random, seed);
	rows = (simulated) {.k = k,.width = width};
	for (size_t c = 0; c < k; box *= 1.01)
	{
		bool		free = true;
		size_t		count = c == 0 ? 40 : 40 + (size_t) (60 * ps_random_uniform(&random));

		draw_group(&random, width, box, of, &groups[c]);
		for (size_t other = 0; other < c; other++)
			free = free && apart(&groups[c], &groups[other], width);
		for (size_t i = 0; free && i < count; i++, rows.count++)
		{
			double		z[MOST_COLUMNS];

			for (size_t j = 0; j < width; j++)
				z[j] = normal(&random);
			rows.group[rows.count] = c;
			for (size_t j = 0; j < width; j++)
			{
				rows.values[rows.count][j] = groups[c].center[j];
				for (size_t m = 0; m < width; m++)
					rows.values[rows.count][j] += groups[c].shape[j][m] * z[m];
			}
		}
		c += free ? 1 : 0;
	}
}

static ps_status
make_frame(const ps_env *env, ps_frame **frame)
{
	ps_column	columns[MOST_COLUMNS];
	ps_error	error;

	for (size_t j = 0; j < rows.width; j++)
		columns[j] = (ps_column) {names[j], PS_TYPE_NUMBER};
	PS_TRY(ps_frame_create(env, columns, rows.width, false, false, frame, &error));
	for (size_t i = 0; i < rows.count; i++)
	{
		ps_cell		cells[MOST_COLUMNS];

		for (size_t j = 0; j < rows.width; j++)
			cells[j] = number_cell(rows.values[i][j]);
		PS_TRY(ps_frame_append(*frame, cells, 0, 1, &error));
	}
	return PS_OK;
}

static fitted
fit_rows(const ps_env *env, const char *options)
{
	ps_frame   *frame;

	make_frame(env, &frame);
	return fit_frame(env, frame, "gaussian_mixture", options);
}

static size_t
clusters_of(const fitted *fit)
{
	const ps_value *clusters = ps_value_get(fit_parameters(fit), "clusters");

	return clusters == NULL ? 0 : clusters->count;
}

static const char *
covariance_of(const fitted *fit)
{
	return ps_value_text_or(fit_parameters(fit), "covariance", "?");
}

/* The adjusted Rand index of groups and clusters. */
static double
agreement(const ps_env *env, const fitted *fit)
{
	ps_agreement table = {0};
	double		value = NAN;
	bool		defined;
	ps_error	error;

	for (size_t i = 0; i < rows.count; i++)
	{
		ps_cell		cells[MOST_COLUMNS];
		char		number[20];
		char		cluster[20];

		for (size_t j = 0; j < rows.width; j++)
			cells[j] = number_cell(rows.values[i][j]);
		snprintf(number, sizeof(number), "%zu", rows.group[i]);
		snprintf(cluster, sizeof(cluster), "%g", score_cells(env, fit, cells));
		ps_agreement_add(env, &table, (const char *const[]) {number, cluster}, (const size_t[]) {strlen(number), strlen(cluster)},
						 1, &error);
	}
	ps_adjusted_rand(env, &table, &value, &defined, &error);
	return value;
}

/* Well separated groups: their number and their rows, by default options. */
static void
test_groups(const ps_env *env)
{
	static const struct
	{
		size_t		k;
		size_t		width;
		shape		of;
	}			cases[] = {
		{2, 1, ROUND}, {7, 1, ROUND}, {4, 2, SLANTED}, {10, 2, LONG}, {5, 3, CROOKED}, {3, 5, SLANTED}, {5, 7, ROUND},
		{3, 8, LONG}, {4, 9, SLANTED}, {3, 8, CROOKED}, {3, 10, SLANTED}, {2, 20, SLANTED}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		fitted		fit;

		simulate_groups(cases[i].k, cases[i].width, cases[i].of, i);
		fit = fit_rows(env, "{}");
		ok(fit.status == PS_OK && clusters_of(&fit) == rows.k && agreement(env, &fit) >= 0.99,
		   "seed %zu: %zu clusters (%s) of %zu groups in %zu columns %s", i, clusters_of(&fit), covariance_of(&fit), rows.k,
		   rows.width, fit.error.message);
	}
}

/* What is listed and said. */
static void
test_explained(const ps_env *env)
{
	static const char *const forms[] = {"full", "tied", "stretched", "diagonal", "spherical"};
	fitted		fit;
	fitted		given;
	const ps_value *candidates;
	size_t		wrong = 0;
	double		lowest = INFINITY;

	simulate_groups(3, 3, SLANTED, 20);
	fit = fit_rows(env, "{\"k_max\":4}");
	ok(clusters_of(&fit) == 3 && has_note(&fit, "3 clusters with the covariance \"stretched\" have the lowest BIC of 1 to 4: ") &&
	   has_note(&fit, "; next are ") && !has_note(&fit, "without a gap"), "chosen: %s", covariance_of(&fit));
	candidates = ps_value_get(fit_parameters(&fit), "candidates");
	ok(candidates->count == 20, "each number with each shape");
	for (size_t i = 0; i < candidates->count; i++)
	{
		const ps_value *row = candidates->items[i];

		wrong += ps_value_number_or(row, "k", 0) != (double) (1 + i / 5) ||
			strcmp(ps_value_text_or(row, "covariance", ""), forms[i % 5]) != 0 || isnan(ps_value_number_or(row, "aic", NAN));
		lowest = fmin(lowest, ps_value_number_or(row, "bic", NAN));
	}
	ok(wrong == 0, "in order");
	close_to(ps_value_number_or(fit_parameters(&fit), "bic", NAN), lowest, 1e-12, 0, "the model has the lowest BIC");

	/* numbers to estimate: 3 clusters in 3 columns have 2 shares and 9 means */
	for (size_t i = 0; i < 5; i++)
	{
		static const double covariances[] = {18, 6, 14, 9, 3};
		const ps_value *row = candidates->items[10 + i];

		close_to((ps_value_number_or(row, "bic", NAN) - ps_value_number_or(row, "aic", NAN)) / (log((double) rows.count) - 2),
				 11 + covariances[i], 1e-9, 0, "numbers that are estimated: %s", forms[i]);
	}

	given = fit_rows(env, "{\"k\":3}");
	ok(strcmp(covariance_of(&given), "stretched") == 0 && ps_value_get(fit_parameters(&given), "candidates")->count == 5 &&
	   has_note(&given, "of 3 clusters, those with the covariance \"stretched\" have the lowest BIC: "), "with k, the shape is chosen");
	given = fit_rows(env, "{\"k\":3,\"covariance\":\"tied\"}");
	ok(strcmp(covariance_of(&given), "tied") == 0 && ps_value_get(fit_parameters(&given), "candidates") == NULL &&
	   !has_note(&given, "BIC"), "with both, nothing is");
	given = fit_rows(env, "{\"k_max\":4,\"covariance\":\"spherical\"}");
	ok(strcmp(covariance_of(&given), "spherical") == 0 && ps_value_get(fit_parameters(&given), "candidates")->count == 4,
	   "with the shape, the number is");
}

/*
 * The covariances that a mixture of one cluster must have, from the sums of the
 * rows: all forms have their maximum where they keep what they can of it.
 */
static void
test_shapes(const ps_env *env)
{
	double		likelihoods[2];
	const double *first;
	const double *second;
	fitted		fit;

	/* in two columns a stretched cluster is a full one, whatever the units */
	simulate_groups(2, 2, SLANTED, 30);
	for (int i = 0; i < 2; i++)
	{
		fit = fit_rows(env, i == 0 ? "{\"k\":2,\"covariance\":\"full\",\"regularisation\":1e-9}" :
					   "{\"k\":2,\"covariance\":\"stretched\",\"regularisation\":1e-9}");
		likelihoods[i] = ps_value_number_or(fit_parameters(&fit), "log_likelihood", NAN);
	}
	close_to(likelihoods[1], likelihoods[0], 1e-5, 0, "stretched in two columns: full");

	/* tied: one covariance, the mean of those of the clusters where they do not overlap */
	fit = fit_rows(env, "{\"k\":2,\"covariance\":\"full\",\"regularisation\":1e-9}");
	likelihoods[0] = likelihoods[1] = 0;
	for (size_t c = 1; c <= 2; c++)
		likelihoods[0] += ps_value_number_or(fit_cluster(&fit, c), "share", NAN) *
			ps_value_get(fit_cluster(&fit, c), "covariance")->numbers[1];
	fit = fit_rows(env, "{\"k\":2,\"covariance\":\"tied\",\"regularisation\":1e-9}");
	first = ps_value_get(fit_cluster(&fit, 1), "covariance")->numbers;
	second = ps_value_get(fit_cluster(&fit, 2), "covariance")->numbers;
	ok(memcmp(first, second, 3 * sizeof(double)) == 0, "tied covariances are the same");
	close_to(first[1], likelihoods[0], 1e-6, 0, "the mean of both");
}

/* Normal rows are one cluster, however many columns and rows there are. */
static void
test_cloud(const ps_env *env)
{
	static const size_t widths[] = {1, 3, 5};

	fitted		fit;

	for (size_t w = 0; w < 3; w++)
	{
		ps_random	random;

		ps_random_seed(&random, w);
		rows = (simulated) {.k = 1,.width = widths[w],.count = 250};
		for (size_t i = 0; i < rows.count; i++)
			for (size_t j = 0; j < rows.width; j++)
				rows.values[i][j] = normal(&random) + (j > 0 ? rows.values[i][0] : 0);
		fit = fit_rows(env, "{}");
		ok(clusters_of(&fit) == 1, "a cloud in %zu columns: %zu clusters, %s", rows.width, clusters_of(&fit), covariance_of(&fit));
	}

	/* even spread is not normal: it takes clusters to describe it, which are no groups */
	rows = (simulated) {.k = 1,.width = 1,.count = 1000};
	for (size_t i = 0; i < rows.count; i++)
		rows.values[i][0] = fmod((double) i * 0.6180339887498949, 1);
	fit = fit_rows(env, "{}");
	ok(clusters_of(&fit) > 1 && has_note(&fit, "without a gap"), "even spread: %zu clusters, no groups", clusters_of(&fit));
}

/* Few different rows stand for all their copies; a sample of many says so. */
static void
test_many(const ps_env *env)
{
	ps_random	random;
	fitted		fit;
	ps_frame   *frame;
	ps_error	error;

	ps_random_seed(&random, 5);
	for (int copies = 0; copies < 2; copies++)
	{
		ps_frame_create(env, (const ps_column[]) {{"x", PS_TYPE_NUMBER}}, 1, false, false, &frame, &error);
		for (size_t i = 0; i < 20000; i++)
		{
			double		x = normal(&random) + (i % 3 == 0 ? 9 : 0);

			ps_frame_append(frame, (ps_cell[]) {number_cell(copies > 0 ? rint(8 * x) : x)}, 0, 1, &error);
		}
		fit = fit_frame(env, frame, "gaussian_mixture", "{\"k_max\":3,\"starts\":1,\"transform\":\"none\"}");
		ok(clusters_of(&fit) == 2, "20,000 rows, %s: %zu clusters", copies > 0 ? "copies" : "all different", clusters_of(&fit));
		ok(copies > 0 || has_note(&fit, "they were compared on a sample of "), "a sample");
		if (copies > 0)
			close_to(ps_value_number_or(fit_parameters(&fit), "bic", NAN),
					 ps_value_number_or(ps_value_get(fit_parameters(&fit), "candidates")->items[strcmp(covariance_of(&fit), "tied") == 0 ? 3 : 2],
										"bic", NAN), 1e-12, 0, "no sample: the candidate is the model");
	}
}

static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;

	PS_TRY(make_frame(env, &frame));
	return fit_frame(env, frame, "gaussian_mixture", "{\"k_max\":2,\"starts\":1}").status;
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_groups(&h.env);
	test_explained(&h.env);
	test_shapes(&h.env);
	test_cloud(&h.env);
	test_many(&h.env);
	host_free(&h);
	rows = (simulated) {.k = 2,.width = 3,.count = 8};
	for (size_t i = 0; i < rows.count; i++)
		for (size_t j = 0; j < rows.width; j++)
			rows.values[i][j] = (double) (i % 2 * 9 + i * (j + 1) % 3);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
