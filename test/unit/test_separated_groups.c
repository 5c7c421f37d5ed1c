/*-------------------------------------------------------------------------
 *
 * test_separated_groups.c
 *	  Groups whose centers are at least eight mean standard deviations apart
 *	  are found, and how many there are, by kmeans and hierarchical without any
 *	  option: in one column and in many, in few rows, of unequal sizes and
 *	  widths, whole numbers, groups of money, money beside other columns, and
 *	  beside columns that have nothing to do with them.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_agreement.h"
#include "ps_random.h"

#define MOST_ROWS 600
#define MOST_GROUPS 10
#define MOST_COLUMNS 20
#define SEEDS 10

static const char *const names[] = {
	"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"
};

static struct
{
	size_t		count;
	size_t		width;
	size_t		k;
	double		values[MOST_ROWS][MOST_COLUMNS];
	size_t		group[MOST_ROWS];
}			rows;

static ps_random source;

static double
uniform(void)
{
	return ps_random_uniform(&source);
}

static double
normal(void)
{
	double		u = uniform();

	return sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * uniform());
}

/* Spread rows over k groups of normal values; the shares of the groups are in proportion to the weights. */
static void
fill(size_t count, size_t width, size_t k, double centers[][MOST_COLUMNS], const double *deviations, const double *weights)
{
	double		total = 0;
	double		end = 0;
	size_t		row = 0;

	for (size_t c = 0; c < k; c++)
		total += weights[c];
	rows.count = count;
	rows.width = width;
	rows.k = k;
	for (size_t c = 0; c < k; c++)
		for (end += weights[c]; row < count && ((double) row + 0.5) * total < end * (double) count; row++)
		{
			rows.group[row] = c;
			for (size_t j = 0; j < width; j++)
				rows.values[row][j] = centers[c][j] + deviations[c] * normal();
		}
}

/* Groups anywhere: widths of 0.5 to 1.5, sizes of 0.4 to 1.4. */
static void
simulate(size_t count, size_t width, size_t k)
{
	double		centers[MOST_GROUPS][MOST_COLUMNS];
	double		deviations[MOST_GROUPS];
	double		weights[MOST_GROUPS];
	double		box = 10;

	for (size_t c = 0; c < k;)
	{
		bool		free = true;

		deviations[c] = 0.5 + uniform();
		weights[c] = 0.4 + uniform();
		for (size_t j = 0; j < width; j++)
			centers[c][j] = box * uniform();
		for (size_t other = 0; other < c; other++)
		{
			double		sum = 0;

			for (size_t j = 0; j < width; j++)
				sum += (centers[c][j] - centers[other][j]) * (centers[c][j] - centers[other][j]);
			free = free && sqrt(sum) >= 8 * (deviations[c] + deviations[other]) / 2;
		}
		box *= 1.01;
		c += free;
	}
	fill(count, width, k, centers, deviations, weights);
}

/* Make money of a column: two to five decades of it. */
static void
make_money(size_t column)
{
	double		decades = 2 + 3 * uniform();
	double		least = INFINITY;
	double		most = -INFINITY;

	for (size_t i = 0; i < rows.count; i++)
	{
		least = fmin(least, rows.values[i][column]);
		most = fmax(most, rows.values[i][column]);
	}
	for (size_t i = 0; i < rows.count; i++)
		rows.values[i][column] = pow(10, decades * (rows.values[i][column] - least) / (most - least));
}

static void
add_column(bool flat)
{
	for (size_t i = 0; i < rows.count; i++)
		rows.values[i][rows.width] = flat ? uniform() : normal();
	rows.width++;
}

static void
any_width(size_t seed)
{
	static const size_t widths[] = {1, 2, 3, 5, 20};

	simulate(240, widths[seed % 5], 2 + seed % 9);
}

static void
few_rows(size_t seed)
{
	simulate(40 + 6 * seed, 1 + seed % 4, 2 + seed % 4);
}

static void
whole_numbers(size_t seed)
{
	simulate(200, 1 + seed % 3, 2 + seed % 6);
	for (size_t i = 0; i < rows.count; i++)
		for (size_t j = 0; j < rows.width; j++)
			rows.values[i][j] = rint(4 * rows.values[i][j]);
}

/* Six in ten rows are in the lowest group, which is skewed but has no long tail. */
static void
lowest_largest(size_t seed)
{
	double		centers[MOST_GROUPS][MOST_COLUMNS] = {{20.0 * (double) (seed % 2)}};
	double		deviations[MOST_GROUPS];
	double		weights[MOST_GROUPS];
	size_t		k = 4 + seed % 3;

	for (size_t c = 0; c < k; c++)
	{
		if (c > 0)
			centers[c][0] = centers[c - 1][0] + 8 + 6 * uniform();
		deviations[c] = 0.7 + 0.3 * uniform();
		weights[c] = c == 0 ? 0.6 : 0.4 / (double) (k - 1);
	}
	fill(240, 1, k, centers, deviations, weights);
}

/* Groups of money from 1 to 100,000, each a tenth wide; some also have customers who spent nothing, and in debt. */
static void
decades(size_t seed)
{
	double		centers[MOST_GROUPS][MOST_COLUMNS];
	double		deviations[MOST_GROUPS];
	double		weights[MOST_GROUPS];
	size_t		k = 4 + seed % 5;

	for (size_t c = 0; c < k; c++)
	{
		centers[c][0] = log(1e5) * (double) c / (double) (k - 1);
		deviations[c] = 0.07 + 0.06 * uniform();
		weights[c] = 1;
	}
	fill(240, 1, k, centers, deviations, weights);
	for (size_t i = 0; i < rows.count; i++)
		rows.values[i][0] = (seed % 4 == 3 ? -1 : 1) * exp(rows.values[i][0]);
	for (size_t i = 0; seed % 2 == 1 && i < rows.count; i += 3)
	{
		rows.values[i][0] = 0;
		rows.group[i] = k;
	}
	rows.k += seed % 2;
}

static void
money_beside(size_t seed)
{
	simulate(200, 2 + seed % 4, 2 + seed % 6);
	for (size_t j = 0; j < 1 + seed % 2; j++)
		make_money(j);
}

static void
one_says_nothing(size_t seed)
{
	simulate(300, 1 + seed % 3, 2 + seed % 4);
	add_column(seed % 2 == 0);
}

static void
two_say_nothing(size_t seed)
{
	simulate(300, 2, 3 + seed % 4);
	add_column(seed % 2 == 0);
	add_column(seed % 4 < 2);
}

static ps_status
fill_frame(const ps_env *env, ps_frame **frame)
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

static ps_frame *
make_frame(const ps_env *env)
{
	ps_frame   *frame = NULL;

	fill_frame(env, &frame);
	return frame;
}

/* The adjusted Rand index of groups and clusters. */
static double
agreement(const ps_env *env, const fitted *fit, const ps_frame *frame)
{
	ps_agreement table = {0};
	double		value = NAN;
	bool		defined;
	ps_error	error;

	for (size_t i = 0; i < rows.count; i++)
	{
		char		group[20];
		char		cluster[20];

		snprintf(group, sizeof(group), "%zu", rows.group[i]);
		snprintf(cluster, sizeof(cluster), "%g", score_row(env, fit, frame, i));
		ps_agreement_add(env, &table, (const char *const[]) {group, cluster}, (const size_t[]) {strlen(group), strlen(cluster)},
						 1, &error);
	}
	ps_adjusted_rand(env, &table, &value, &defined, &error);
	return value;
}

static size_t
clusters_of(const fitted *fit)
{
	return fit->status == PS_OK ? ps_value_get(fit_parameters(fit), "clusters")->count : 0;
}

static void
test_groups(void)
{
	static const struct
	{
		const char *name;
		void		(*simulate) (size_t seed);
	}			shapes[] = {
		{"1 to 20 columns", any_width}, {"few rows", few_rows}, {"whole numbers", whole_numbers},
		{"the lowest is largest", lowest_largest}, {"decades", decades}, {"money beside others", money_beside},
		{"a column says nothing", one_says_nothing}, {"two columns say nothing", two_say_nothing}
	};
	static const char *const methods[] = {"kmeans", "hierarchical"};

	for (size_t shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++)
		for (size_t seed = 0; seed < SEEDS; seed++)
			for (int method = 0; method < 2; method++)
			{
				host		h;
				ps_frame   *frame;
				fitted		fit;

				host_init(&h);
				ps_random_seed(&source, 100 * shape + seed);
				shapes[shape].simulate(seed);
				frame = make_frame(&h.env);
				fit = fit_frame(&h.env, frame, methods[method], "{}");
				ok(clusters_of(&fit) == rows.k && agreement(&h.env, &fit, frame) >= 0.99,
				   "%s, seed %zu, %s: %zu clusters of %zu groups in %zu columns", shapes[shape].name, seed, methods[method],
				   clusters_of(&fit), rows.k, rows.width);
				host_free(&h);
			}
}

/* What makes columns count less: said, not done where nothing is hidden or where it is not wanted. */
static void
test_weights(const ps_env *env)
{
	fitted		fit;
	fitted		same;
	ps_frame   *frame;

	ps_random_seed(&source, 1);
	two_say_nothing(1);
	frame = make_frame(env);
	fit = fit_frame(env, frame, "kmeans", "{}");
	ok(has_note(&fit, "2 columns would hide groups, and count less") && has_note(&fit, "best: \"c\" 0.") && has_note(&fit, ", \"d\" 0."), "columns that count less are told");
	for (size_t i = 0; i < rows.count / 2; i++)
		for (size_t j = 0; j < rows.width; j++)
		{
			double		value = rows.values[i][j];

			rows.values[i][j] = rows.values[rows.count - 1 - i][j];
			rows.values[rows.count - 1 - i][j] = value;
		}
	same = fit_frame(env, make_frame(env), "kmeans", "{}");
	ok(strcmp(parameters_json(env, &fit), parameters_json(env, &same)) == 0, "the same to the last bit for rows in another order");
	for (size_t i = 0; i < rows.count; i++)
		rows.values[i][2] *= 1e6;
	same = fit_frame(env, make_frame(env), "kmeans", "{}");
	ok(clusters_of(&same) == rows.k, "a million times larger: %zu clusters", clusters_of(&same));
	fit = fit_frame(env, frame, "kmeans", "{\"scale\":\"standard\"}");
	ok(!has_note(&fit, "counts 0."), "all columns count alike where that is wanted");

	/* neither normal columns nor few values that differ from each other are groups */
	rows.count = 600;
	rows.width = 4;
	for (size_t i = 0; i < rows.count; i++)
	{
		rows.values[i][0] = normal();
		rows.values[i][1] = floor(-3 * log(1 - uniform()));
		rows.values[i][2] = 1 + floor(5 * uniform());
		rows.values[i][3] = exp(normal());
	}
	fit = fit_frame(env, make_frame(env), "hierarchical", "{}");
	ok(has_note(&fit, "no clear groups") && !has_note(&fit, "counts 0."), "rows without groups: nothing is hidden");
}

/* A fit that weighs columns. */
static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;

	PS_TRY(fill_frame(env, &frame));
	return fit_frame(env, frame, "kmeans", "{\"k\":2,\"starts\":1}").status;
}

/* Some allocations and polls fail: they are many, and mostly those of ps_lloyd.c. */
static void
test_faults(void)
{
	host		h;
	size_t		wrong = 0;
	long		allocations;
	long		polls;

	ps_random_seed(&source, 1);
	simulate(62, 1, 2);
	add_column(true);
	host_init(&h);
	small_fit(&h.env);
	allocations = h.allocations;
	polls = h.polls;
	host_free(&h);
	for (long k = 1; k <= allocations; k += 40)
	{
		host_init(&h);
		h.fail_at = k;
		wrong += small_fit(&h.env) != PS_OUT_OF_MEMORY;
		host_free(&h);
	}
	for (long k = 1; k <= polls; k += 200)
	{
		host_init(&h);
		h.cancel_at = k;
		wrong += small_fit(&h.env) != PS_CANCELLED;
		host_free(&h);
	}
	ok(wrong == 0, "some of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
}

int
main(void)
{
	host		h;

	test_groups();
	host_init(&h);
	test_weights(&h.env);
	host_free(&h);
	test_faults();
	return tap_done();
}
