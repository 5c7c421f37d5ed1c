/*-------------------------------------------------------------------------
 *
 * test_kmeans_choice.c
 *	  How many clusters k-means makes when it may choose: as many as there
 *	  are, whatever their number, sizes and widths; near pairs of clusters are
 *	  not taken for one; of rows without groups it says so; every criterion
 *	  decides and explains; few different rows; rows in any order.  On real
 *	  customers it is as good as scikit-learn.
 *
 *-------------------------------------------------------------------------
 */
#include "data_file.h"
#include "learner_host.h"

#include "ps_agreement.h"
#include "ps_random.h"

#define MOST_ROWS 1200
#define MOST_GROUPS 10

static const char *const names[] = {
	"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"
};

/* Rows in groups that are known. */
typedef struct simulated
{
	size_t		count;
	size_t		width;
	size_t		k;
	double		values[MOST_ROWS][20];
	size_t		group[MOST_ROWS];
} simulated;

static double
normal(ps_random *random)
{
	double		u = ps_random_uniform(random);

	return sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * ps_random_uniform(random));
}

/* How far two groups are from each other, in standard deviations of their mean width. */
static double
apart(const double *a, const double *b, size_t width, double deviation)
{
	double		sum = 0;

	for (size_t j = 0; j < width; j++)
		sum += (a[j] - b[j]) * (a[j] - b[j]);
	return sqrt(sum) / deviation;
}

/* Normal groups of unequal sizes and widths whose centers are at least 8 standard deviations apart. */
static void
simulate_groups(simulated *rows, uint64_t seed)
{
	static const size_t widths[] = {2, 3, 5, 10, 20};
	double		centers[MOST_GROUPS][20];
	double		deviations[MOST_GROUPS];
	double		ends[MOST_GROUPS];
	double		total = 0;
	double		box = 20;
	ps_random	random;

	ps_random_seed(&random, seed);
	rows->k = 2 + seed % 9;
	rows->width = widths[seed % 5];
	rows->count = 400 + 80 * rows->k;
	for (size_t c = 0; c < rows->k;)
	{
		bool		free = true;

		deviations[c] = 0.5 + ps_random_uniform(&random);
		for (size_t j = 0; j < rows->width; j++)
			centers[c][j] = box * ps_random_uniform(&random);
		for (size_t other = 0; other < c; other++)
			free = free && apart(centers[c], centers[other], rows->width, (deviations[c] + deviations[other]) / 2) >= 8;
		box *= 1.01;
		if (free)
			ends[c++] = total += 0.3 + ps_random_uniform(&random);
	}
	for (size_t i = 0, c = 0; i < rows->count; i++)
	{
		while (c + 1 < rows->k && (double) i * total >= ends[c] * (double) rows->count)
			c++;
		rows->group[i] = c;
		for (size_t j = 0; j < rows->width; j++)
			rows->values[i][j] = centers[c][j] + deviations[c] * normal(&random);
	}
}

/* Groups in pairs: 7 standard deviations within a pair, 60 between the pairs. */
static void
simulate_pairs(simulated *rows, uint64_t seed)
{
	ps_random	random;

	ps_random_seed(&random, seed);
	rows->k = 6;
	rows->width = 2;
	rows->count = 600;
	for (size_t i = 0; i < rows->count; i++)
	{
		rows->group[i] = i % 6;
		rows->values[i][0] = 60 * (double) (i % 3) + normal(&random);
		rows->values[i][1] = 7 * (double) (i % 6 / 3) + 60 * (double) (i % 3 == 1) + normal(&random);
	}
}

typedef enum shape
{
	NORMAL,
	UNIFORM,
	SKEWED,
	COUNTS
} shape;

/* Rows without groups. */
static void
simulate_cloud(simulated *rows, shape of, uint64_t seed)
{
	ps_random	random;

	ps_random_seed(&random, seed);
	rows->k = 1;
	rows->width = 3;
	rows->count = 800;
	for (size_t i = 0; i < rows->count; i++)
		for (size_t j = 0; j < 3; j++)
		{
			double		value = of == UNIFORM ? ps_random_uniform(&random) : normal(&random);

			rows->values[i][j] = of == SKEWED ? exp(value) : of == COUNTS ? floor(exp(1 + 0.7 * value)) : value;
		}
}

static ps_status
make_frame(const ps_env *env, const simulated *rows, bool reversed, ps_frame **frame)
{
	ps_column	columns[20];
	ps_error	error;

	for (size_t j = 0; j < rows->width; j++)
		columns[j] = (ps_column) {names[j], PS_TYPE_NUMBER};
	PS_TRY(ps_frame_create(env, columns, rows->width, false, false, frame, &error));
	for (size_t i = 0; i < rows->count; i++)
	{
		ps_cell		cells[20];

		for (size_t j = 0; j < rows->width; j++)
			cells[j] = number_cell(rows->values[reversed ? rows->count - 1 - i : i][j]);
		PS_TRY(ps_frame_append(*frame, cells, 0, 1, &error));
	}
	return PS_OK;
}

static ps_frame *
frame_of(const ps_env *env, const simulated *rows, bool reversed)
{
	ps_frame   *frame = NULL;

	make_frame(env, rows, reversed, &frame);
	return frame;
}

static size_t
clusters_of(const fitted *fit)
{
	const ps_value *clusters = ps_value_get(fit_parameters(fit), "clusters");

	return clusters == NULL ? 0 : clusters->count;
}

/* The adjusted Rand index of groups and clusters. */
static double
agreement(const ps_env *env, const simulated *rows, const fitted *fit, const ps_frame *frame)
{
	ps_agreement table = {0};
	double		value = NAN;
	bool		defined;
	ps_error	error;

	for (size_t i = 0; i < rows->count; i++)
	{
		char		group[20];
		char		cluster[20];

		snprintf(group, sizeof(group), "%zu", rows->group[i]);
		snprintf(cluster, sizeof(cluster), "%g", score_row(env, fit, frame, i));
		ps_agreement_add(env, &table, (const char *const[]) {group, cluster}, (const size_t[]) {strlen(group), strlen(cluster)},
						 1, &error);
	}
	ps_adjusted_rand(env, &table, &value, &defined, &error);
	return value;
}

static simulated rows;

/* Ten seeds: the number of groups, and the groups. */
static void
test_groups(const ps_env *env)
{
	for (uint64_t seed = 0; seed < 10; seed++)
	{
		ps_frame   *frame;
		fitted		fit;

		simulate_groups(&rows, seed);
		frame = frame_of(env, &rows, false);
		fit = fit_frame(env, frame, "kmeans", "{}");
		ok(fit.status == PS_OK && clusters_of(&fit) == rows.k, "seed %d: %zu clusters of %zu groups in %zu columns %s", (int) seed,
		   clusters_of(&fit), rows.k, rows.width, fit.error.message);
		if (fit.status != PS_OK)
			continue;
		ok(agreement(env, &rows, &fit, frame) >= 0.99, "the clusters are the groups");
		ok(has_note(&fit, "that have a gap between every two of them"), "said so");
		if (seed < 2)
		{
			fitted		same = fit_frame(env, frame_of(env, &rows, true), "kmeans", "{}");
			char		options[30];
			fitted		given;

			ok(strcmp(parameters_json(env, &fit), parameters_json(env, &same)) == 0,
			   "the same to the last bit for rows in another order");
			snprintf(options, sizeof(options), "{\"k\":%zu}", rows.k);
			given = fit_frame(env, frame, "kmeans", options);
			ok(ps_value_get(fit_parameters(&given), "candidates") == NULL &&
			   ps_value_number_or(fit_parameters(&given), "inertia", 0) == ps_value_number_or(fit_parameters(&fit), "inertia", 1),
			   "the same clusters when their number is given");
		}
	}
}

static void
test_pairs(const ps_env *env)
{
	fitted		fit;
	ps_frame   *frame;

	simulate_pairs(&rows, 1);
	frame = frame_of(env, &rows, false);
	fit = fit_frame(env, frame, "kmeans", "{}");
	ok(clusters_of(&fit) == 6 && agreement(env, &rows, &fit, frame) >= 0.99, "pairs of groups are two each: %zu clusters",
	   clusters_of(&fit));
	fit = fit_frame(env, frame, "kmeans", "{\"criterion\":\"silhouette\"}");
	ok(clusters_of(&fit) == 3, "which the silhouette takes for one: %zu clusters", clusters_of(&fit));
	ok(has_note(&fit, "3 clusters have the highest silhouette of 2 to 10: 0."), "and says so");
	fit = fit_frame(env, frame, "kmeans", "{\"k_max\":6}");
	ok(clusters_of(&fit) == 6 && has_note(&fit, "there may be more than 6 clusters: raise the option \"k_max\""), "the last one tried");
}

static void
test_no_groups(const ps_env *env)
{
	for (int of = NORMAL; of <= COUNTS; of++)
	{
		fitted		fit;

		simulate_cloud(&rows, (shape) of, 7);
		fit = fit_frame(env, frame_of(env, &rows, false), "kmeans", "{}");
		ok(fit.status == PS_OK && has_note(&fit, "the rows have no clear groups") && !has_note(&fit, "have a gap"),
		   "cloud %d: %zu clusters, but no groups", of, clusters_of(&fit));
	}
}

/* Each criterion finds groups that nobody can miss, and lists what it looked at. */
static void
test_criteria(const ps_env *env)
{
	static const char *const criteria[] = {"overlap", "silhouette", "calinski_harabasz", "davies_bouldin", "gap"};
	static const char *const words[] = {"gap between every two", "highest silhouette", "highest Calinski-Harabasz", "lowest Davies-Bouldin", "gap statistic"};

	simulate_groups(&rows, 1);
	for (int i = 0; i < 5; i++)
	{
		char		options[60];
		fitted		fit;
		const ps_value *candidates;

		snprintf(options, sizeof(options), "{\"criterion\":\"%s\",\"k_max\":6}", criteria[i]);
		fit = fit_frame(env, frame_of(env, &rows, false), "kmeans", options);
		ok(clusters_of(&fit) == 3 && has_note(&fit, words[i]), "%s: %zu clusters", criteria[i], clusters_of(&fit));
		candidates = ps_value_get(fit_parameters(&fit), "candidates");
		ok(candidates->count == 5, "five candidates");
		for (size_t c = 0; c < candidates->count; c++)
		{
			const ps_value *row = candidates->items[c];

			ok(ps_value_number_or(row, "k", 0) == (double) (2 + c) && ps_value_number_or(row, "inertia", -1) > 0 &&
			   ps_value_number_or(row, "overlap", -1) >= 0 && fabs(ps_value_number_or(row, "silhouette", 9)) <= 1 &&
			   ps_value_number_or(row, "calinski_harabasz", -1) > 0 && ps_value_number_or(row, "davies_bouldin", -1) > 0 &&
			   isnan(ps_value_number_or(row, "gap", NAN)) == (i != 4) && (i != 4 || ps_value_number_or(row, "gap_error", -1) > 0),
			   "measured");
		}
	}
	ok(fit_frame(env, frame_of(env, &rows, false), "kmeans", "{\"criterion\":\"bic\"}").status == PS_INVALID_OPTION, "no other");
}

/* A frame of one column with values 0 .. different - 1, over and over. */
static ps_frame *
few_values(const ps_env *env, size_t count, size_t different)
{
	simulated  *few = &rows;

	few->count = count;
	few->width = 1;
	for (size_t i = 0; i < count; i++)
		few->values[i][0] = (double) (i % different);
	return frame_of(env, few, false);
}

static void
test_few(const ps_env *env)
{
	fitted		fit = fit_frame(env, few_values(env, 100, 1), "kmeans", "{}");

	ok(fit.status == PS_TOO_LITTLE_DATA, "identical rows: %s", fit.error.message);
	fit = fit_frame(env, few_values(env, 100, 2), "kmeans", "{}");
	ok(clusters_of(&fit) == 2 && ps_value_get(fit_parameters(&fit), "candidates")->count == 1, "two values: two clusters");
	fit = fit_frame(env, few_values(env, 100, 4), "kmeans", "{}");
	ok(clusters_of(&fit) == 4 && ps_value_get(fit_parameters(&fit), "candidates")->count == 3, "four values: four clusters");
	fit = fit_frame(env, few_values(env, 5, 2), "kmeans", "{}");
	ok(clusters_of(&fit) == 2 && ps_value_get(fit_parameters(&fit), "candidates")->count == 1, "five rows of two values: copies count");
	fit = fit_frame(env, few_values(env, 3, 2), "kmeans", "{}");
	ok(clusters_of(&fit) == 2 && has_note(&fit, "too few"), "three rows of two values: two clusters");
	ok(ps_value_get(fit_parameters(&fit), "candidates") == NULL, "with nothing to choose");
	for (size_t count = 3; count <= 12; count += 3)
	{
		fit = fit_frame(env, few_values(env, count, count), "kmeans", "{}");
		ok(fit.status == PS_OK && clusters_of(&fit) >= 2 && clusters_of(&fit) < count, "%zu rows: %zu clusters", count,
		   clusters_of(&fit));
	}
	fit = fit_frame(env, few_values(env, 100, 3), "kmeans", "{\"k_min\":5}");
	ok(fit.status == PS_TOO_LITTLE_DATA &&
	   strcmp(fit.error.message, "cannot make 5 clusters of rows of which only 3 are different") == 0, "%s", fit.error.message);
	ok(strstr(fit.error.hint, "k_min") != NULL, "%s", fit.error.hint);
	fit = fit_frame(env, few_values(env, 100, 3), "kmeans", "{\"k_min\":5,\"k_max\":4}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
}

/*
 * Customers of a wholesaler, by the logarithms of what they spend, and their
 * channel (1 or 2).  The figures are those of KMeans of scikit-learn 1.9.1 with
 * the same columns, scaled to standard deviation 1: the least inertia of 100
 * starts, and the adjusted Rand index it has.
 */
static void
test_wholesale(const ps_env *env)
{
	FILE	   *file = open_data("wholesale_customers/wholesale_customers.csv");
	static const double inertias[] = {1847.9797082061768, 1177.149471150707};
	static const double agreements[] = {0.5135430824813362, 0.19440282984701646};
	char		line[LINE_MAX_LENGTH];
	char	   *fields[FIELDS_MAX];
	ps_frame   *frame;
	fitted		fit;

	if (file == NULL)
		return;
	rows.count = 0;
	rows.width = 6;
	while (next_line(file, line, fields) > 0)
	{
		rows.group[rows.count] = (size_t) atoi(fields[0]);
		for (size_t j = 0; j < 6; j++)
			rows.values[rows.count][j] = log(atof(fields[2 + j]));
		rows.count++;
	}
	fclose(file);
	frame = frame_of(env, &rows, false);
	for (int i = 0; i < 2; i++)
	{
		char		options[80];

		snprintf(options, sizeof(options), "{\"k\":%d,\"scale\":\"standard\",\"transform\":\"none\"}", i == 0 ? 2 : 6);
		fit = fit_frame(env, frame, "kmeans", options);
		ok(agreement(env, &rows, &fit, frame) >= agreements[i] - 1e-6, "%s: agreement with the channel %g", options,
		   agreement(env, &rows, &fit, frame));
		snprintf(options, sizeof(options), "{\"k\":%d,\"starts\":100,\"scale\":\"standard\",\"transform\":\"none\"}",
				 i == 0 ? 2 : 6);
		fit = fit_frame(env, frame, "kmeans", options);
		ok(ps_value_number_or(fit_parameters(&fit), "inertia", INFINITY) <= inertias[i] * (1 + 1e-6), "%s: inertia %g", options,
		   ps_value_number_or(fit_parameters(&fit), "inertia", NAN));
	}
	fit = fit_frame(env, frame, "kmeans", "{}");
	ok(clusters_of(&fit) == 2 && agreement(env, &rows, &fit, frame) >= agreements[0], "as many clusters as channels: %zu, agreement %g",
	   clusters_of(&fit), agreement(env, &rows, &fit, frame));
}

static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;

	PS_TRY(make_frame(env, &rows, false, &frame));
	return fit_frame(env, frame, "kmeans", "{\"k_max\":3,\"starts\":1,\"criterion\":\"gap\"}").status;
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
	test_pairs(&h.env);
	test_no_groups(&h.env);
	test_criteria(&h.env);
	test_few(&h.env);
	test_wholesale(&h.env);
	host_free(&h);
	simulate_groups(&rows, 0);
	rows.count = 50;
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
