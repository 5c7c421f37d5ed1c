/*-------------------------------------------------------------------------
 *
 * test_tree_shap.c
 *	  Contributions of boosted trees: against the definition over all sets of
 *	  inputs, and against closed forms where there are too many sets.
 *
 * Compared to 1e-12: values are below 10, and there are a few thousand terms
 * at most, each with errors of some 1e-16.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_random.h"
#include "ps_tree_grow.h"

#define INPUTS 4
#define MOST_NODES 40
#define TREES 3
#define DEEP PS_TREE_DEEPEST

static const ps_input inputs[INPUTS] = {
	{"x", PS_TYPE_NUMBER}, {"z", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}, {"b", PS_TYPE_BOOLEAN}
};

/* A node of a plain tree: a split when input is above 0. */
typedef struct plain_node
{
	int			input;
	int			left;			/* index of the left child */
	int			cut;
	bool		null_left;
	unsigned	set;			/* of three levels and the others */
	double		value;
	double		rows;
} plain_node;

typedef struct plain_tree
{
	int			count;
	plain_node	nodes[MOST_NODES];
} plain_tree;

/* Numbers in JSON, appended one by one. */
typedef struct vector_text
{
	char		text[65536];
	size_t		used;
} vector_text;

static void
append(vector_text *vector, double number)
{
	vector->used += (size_t) snprintf(vector->text + vector->used, sizeof(vector->text) - vector->used, "%s%.17g",
									  vector->used == 0 ? "" : ",", number);
}

/* Load the trees as a model of the squared loss with unit 2; the columns have edges 1, 2, 3 and levels a, b, c. */
static ps_status
load_trees(const ps_env *env, const plain_tree *trees, int count, void **state, ps_error *error)
{
	static vector_text nodes,
				cuts,
				null_left,
				sets,
				values,
				rows;
	static char json[1 << 19];
	ps_value   *parameters;

	nodes.used = cuts.used = null_left.used = sets.used = values.used = rows.used = 0;
	cuts.text[0] = sets.text[0] = null_left.text[0] = '\0';
	for (int t = 0; t < count; t++)
		for (int i = 0; i < trees[t].count; i++)
		{
			const plain_node *node = &trees[t].nodes[i];

			append(&nodes, node->input);
			if (node->input == 0)
			{
				append(&values, node->value);
				append(&rows, node->rows);
				continue;
			}
			append(&null_left, node->null_left);
			if (node->input == 3)
				append(&sets, node->set);
			else
				append(&cuts, node->cut);
		}
	snprintf(json, sizeof(json), "{\"loss\":\"squared\",\"base\":100,\"unit\":2,\"columns\":["
			 "{\"column\":\"x\",\"edges\":[1,2,3]},{\"column\":\"z\",\"edges\":[1,2,3]},"
			 "{\"column\":\"t\",\"levels\":[\"a\",\"b\",\"c\"]},{\"column\":\"b\",\"edges\":[0.25,0.5,0.75]}],\"trees\":%d,"
			 "\"nodes\":[%s],\"cuts\":[%s],\"null_left\":[%s],\"sets\":[%s],\"values\":[%s],\"rows\":[%s]}",
			 count, nodes.text, cuts.text, null_left.text, sets.text, values.text, rows.text);
	PS_TRY(ps_json_read(env, json, strlen(json), &parameters, error));
	return ps_learner_find("boosted_trees")->load(env, parameters, inputs, INPUTS, state, error);
}

/* A tree with splits at random, many inputs being split again on the way, and leaves without any row. */
static void
random_tree(ps_random *random, plain_tree *tree)
{
	int			known = 1;

	memset(tree, 0, sizeof(*tree));
	for (int i = 0; i < known; i++)
	{
		plain_node *node = &tree->nodes[i];

		if (known + 2 <= MOST_NODES && ps_random_uniform(random) < 0.8)
		{
			node->input = 1 + (int) (INPUTS * ps_random_uniform(random));
			node->left = known;
			node->cut = (int) (4 * ps_random_uniform(random));
			node->null_left = ps_random_uniform(random) < 0.5;
			node->set = (unsigned) (16 * ps_random_uniform(random));
			known += 2;
			continue;
		}
		node->value = 4 * ps_random_uniform(random) - 2;
		node->rows = ps_random_uniform(random) < 0.2 ? 0 : floor(100 * ps_random_uniform(random));
	}
	tree->count = known;
	for (int i = known; i-- > 0;)
		if (tree->nodes[i].input > 0)
			tree->nodes[i].rows = tree->nodes[tree->nodes[i].left].rows + tree->nodes[tree->nodes[i].left + 1].rows;
}

/* The side to which a row goes at a split. */
static bool
plain_left(const plain_node *node, const ps_cell *cells)
{
	const ps_cell *cell = &cells[node->input - 1];

	if (cell->null)
		return node->null_left;
	if (node->input == 3)
		return node->set >> (cell->text[0] >= 'a' && cell->text[0] <= 'c' ? cell->text[0] - 'a' : 3) & 1;
	return node->cut == 3 || cell->number <= (node->input == 4 ? 0.25 * (node->cut + 1) : node->cut + 1);
}

/* What a tree gives when only the inputs in a set of bits are known. */
static double
plain_worth(const plain_tree *tree, const ps_cell *cells, unsigned set)
{
	double		weights[MOST_NODES] = {1};
	double		sum = 0;

	for (int i = 0; i < tree->count; i++)
	{
		const plain_node *node = &tree->nodes[i];
		double		share = node->rows > 0 ? tree->nodes[node->left].rows / node->rows : 0.5;

		if (node->input == 0)
		{
			sum += weights[i] * node->value;
			continue;
		}
		if (set >> (node->input - 1) & 1)
			share = plain_left(node, cells) ? 1 : 0;
		weights[node->left] = weights[i] * share;
		weights[node->left + 1] = weights[i] * (1 - share);
	}
	return sum;
}

static void
random_cells(ps_random *random, ps_cell *cells)
{
	static const char *const texts[] = {"a", "b", "c", "d", NULL};

	cells[0] = number_cell(ps_random_uniform(random) < 0.2 ? NAN : 4 * ps_random_uniform(random));
	cells[1] = number_cell(ps_random_uniform(random) < 0.2 ? NAN : 4 * ps_random_uniform(random));
	cells[2] = text_cell(texts[(int) (5 * ps_random_uniform(random))]);
	cells[3] = number_cell(ps_random_uniform(random) < 0.1 ? NAN : ps_random_uniform(random) < 0.5);
}

/* Shapley's definition: the mean over all orders of what an input adds, as a sum over sets. */
static void
test_definition(const ps_env *env)
{
	static const double orders[INPUTS] = {1.0 / 4, 1.0 / 12, 1.0 / 12, 1.0 / 4};	/* s! (3 - s)! / 4! */
	const ps_learner *learner = ps_learner_find("boosted_trees");
	plain_tree	trees[TREES];
	ps_random	random;
	double		worst = 0;
	double		worst_sum = 0;
	double		worst_mean = 0;
	size_t		failed = 0;

	ps_random_seed(&random, 1);
	for (int model = 0; model < 200; model++)
	{
		void	   *state;
		ps_error	error;

		for (int t = 0; t < TREES; t++)
			random_tree(&random, &trees[t]);
		if (load_trees(env, trees, TREES, &state, &error) != PS_OK)
		{
			printf("# %s\n", error.message);
			failed++;
			continue;
		}
		for (int row = 0; row < 10; row++)
		{
			const ps_request request = {0};
			ps_cell		cells[INPUTS];
			ps_answer	answer;
			double		mean = 0;
			double		sum = 0;
			double		got[INPUTS] = {0};

			random_cells(&random, cells);
			failed += learner->explain(env, state, cells, &mean, got, &error) != PS_OK ||
				learner->answer(env, state, PS_ASK_SCORE, cells, &request, &answer, &error) != PS_OK;
			for (unsigned i = 0; i < INPUTS; i++)
			{
				double		want = 0;

				for (unsigned set = 0; set < 1u << INPUTS; set++)
				{
					if (set >> i & 1)
						continue;
					for (int t = 0; t < TREES; t++)
						want += 2 * orders[__builtin_popcount(set)] *
							(plain_worth(&trees[t], cells, set | 1u << i) - plain_worth(&trees[t], cells, set));
				}
				worst = fmax(worst, fabs(want - got[i]));
				sum += got[i];
			}
			worst_sum = fmax(worst_sum, fabs(mean + sum - answer.number));
			for (int t = 0; t < TREES; t++)
				mean -= 2 * plain_worth(&trees[t], cells, 0);
			worst_mean = fmax(worst_mean, fabs(mean - 100));
		}
	}
	ok(failed == 0, "trees at random load and explain");
	close_to(worst, 0, 0, 1e-12, "contributions are Shapley values by their definition");
	close_to(worst_sum, 0, 0, 1e-12, "with the baseline they sum to the score");
	close_to(worst_mean, 0, 0, 1e-12, "the baseline is the mean over the rows of the training");
}

/*
 * The deepest tree: 64 inputs, of which all must be above 0 for the last leaf,
 * whose value is 1.  No leaf has rows, so each split halves: for a row that
 * goes there, the contributions are equal and sum to 1 - 2^-64.  Where one
 * input leads away, its contribution is -1/2 times the integral of
 * ((1 + t) / 2)^63, which is -(1 - 2^-64) / 64, and the 63 others share the
 * rest of -2^-64.
 */
static void
test_deepest(const ps_env *env)
{
	static char names[DEEP][8];
	static ps_input many[DEEP];
	static vector_text nodes,
				zeros,
				values;
	static char json[1 << 19];
	const ps_learner *learner = ps_learner_find("boosted_trees");
	ps_cell		cells[DEEP];
	double		got[DEEP] = {0};
	double		away[DEEP] = {0};
	double		mean = 0;
	double		lost = ldexp(1, -DEEP);
	double		worst = 0;
	double		worst_away = 0;
	ps_value   *parameters;
	void	   *state;
	ps_error	error;
	size_t		used;

	used = (size_t) snprintf(json, sizeof(json), "{\"loss\":\"quantile\",\"alpha\":0.5,\"base\":0,\"unit\":1,\"columns\":[");
	for (int i = 0; i < DEEP; i++)
	{
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		many[i] = (ps_input) {names[i], PS_TYPE_NUMBER};
		cells[i] = number_cell(1);
		append(&nodes, i + 1);
		append(&nodes, 0);
		append(&zeros, 0);
		append(&values, 0);
		used += (size_t) snprintf(json + used, sizeof(json) - used, "%s{\"column\":\"n%d\",\"edges\":[0]}", i == 0 ? "" : ",", i);
	}
	snprintf(json + used, sizeof(json) - used, "],\"trees\":1,\"nodes\":[%s,0],\"cuts\":[%s],\"null_left\":[%s],\"sets\":[],"
			 "\"values\":[%s,1],\"rows\":[%s,0]}", nodes.text, zeros.text, zeros.text, values.text, zeros.text);
	ok(ps_json_read(env, json, strlen(json), &parameters, &error) == PS_OK &&
	   learner->load(env, parameters, many, DEEP, &state, &error) == PS_OK &&
	   learner->explain(env, state, cells, &mean, got, &error) == PS_OK, "the deepest tree");
	close_to(mean, lost, 1e-12, 0, "its mean");
	cells[9] = number_cell(0);
	learner->explain(env, state, cells, &mean, away, &error);
	for (int i = 0; i < DEEP; i++)
	{
		worst = fmax(worst, fabs(got[i] * DEEP / (1 - lost) - 1));
		worst_away = fmax(worst_away, fabs(away[i] / (i == 9 ? -(1 - lost) / DEEP : ((1 - lost) / DEEP - lost) / 63) - 1));
	}
	close_to(worst, 0, 0, 1e-12, "64 inputs that are all needed share alike");
	close_to(worst_away, 0, 0, 1e-12, "one that leads away loses what the others gain");
	cells[9] = number_cell(NAN);
	cells[9].null = false;
	ok(learner->explain(env, state, cells, &mean, away, &error) == PS_INVALID_DATA, "NaN is refused");
}

/* Fit and explain through the model: log-odds of a classifier. */
static void
test_fitted(const ps_env *env)
{
	static const ps_column columns[] = {
		{"x", PS_TYPE_NUMBER}, {"z", PS_TYPE_NUMBER}, {"t", PS_TYPE_TEXT}, {"b", PS_TYPE_BOOLEAN}
	};
	ps_frame   *frame;
	ps_random	random;
	ps_error	error;
	fitted		fit;
	double		worst = 0;
	double		baseline = NAN;
	double		base;
	double		total = 0;

	ps_random_seed(&random, 2);
	ps_frame_create(env, columns, INPUTS, true, false, &frame, &error);
	for (int row = 0; row < 1000; row++)
	{
		ps_cell		cells[INPUTS];
		bool		likely;

		random_cells(&random, cells);
		likely = cells[0].null || (cells[0].number > 2) != (cells[1].number > 2);
		ps_frame_append(frame, cells, ps_random_uniform(&random) < (likely ? 0.8 : 0.2), 1, &error);
	}
	fit = fit_frame(env, frame, "boosted_trees", "{\"trees\":30,\"early_stopping\":false}");
	for (size_t row = 0; row < 1000; row++)
	{
		ps_cell		cells[INPUTS];
		double		contributions[INPUTS];
		double		p = score_row(env, &fit, frame, row);
		double		sum = -log(p / (1 - p));

		ps_frame_row(frame, row, cells);
		if (fit.model == NULL || ps_model_explain(env, fit.model, cells, &baseline, contributions, &error) != PS_OK)
			sum = NAN;
		total -= sum / 1000;
		for (size_t i = 0; i < INPUTS; i++)
			sum += contributions[i];
		worst = fmax(worst, isnan(sum) ? 1 : fabs(sum + baseline));
	}
	close_to(worst, 0, 0, 1e-12, "contributions sum to the log-odds");
	close_to(baseline, total, 0, 1e-12, "the baseline is the average log-odds of the training rows");
	base = ps_value_number_or(fit_parameters(&fit), "base", NAN);
	ok(fabs(baseline - base) > 1e-6, "which is not what the fit began with");
}

#define MANY_TREES 90

static void *many_trees;		/* loaded; enough for explaining to poll */

static ps_status
explain_many(const ps_env *env)
{
	const ps_cell cells[INPUTS] = {{.number = 1.5}, {.null = true}, {.text = "b",.length = 1}, {.number = 1}};
	double		mean = 0;
	double		contributions[INPUTS] = {0};
	ps_error	error;

	return ps_learner_find("boosted_trees")->explain(env, many_trees, cells, &mean, contributions, &error);
}

static void
test_faults(const ps_env *env)
{
	static plain_tree trees[MANY_TREES];
	ps_random	random;
	ps_error	error;
	long		allocations;
	long		polls;
	size_t		wrong;

	ps_random_seed(&random, 3);
	for (int t = 0; t < MANY_TREES; t++)
		random_tree(&random, &trees[t]);
	ok(load_trees(env, trees, MANY_TREES, &many_trees, &error) == PS_OK, "many trees");
	wrong = inject_faults(explain_many, &allocations, &polls);
	ok(wrong == 0 && allocations > 0 && polls > 0,
	   "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
}

int
main(void)
{
	host		h;

	host_init(&h);
	test_definition(&h.env);
	test_deepest(&h.env);
	test_fitted(&h.env);
	test_faults(&h.env);
	host_free(&h);
	return tap_done();
}
