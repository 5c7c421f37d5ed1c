/*-------------------------------------------------------------------------
 *
 * ps_boost.c
 *	  Gradient boosting.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_boost.h"

#include <math.h>
#include <string.h>

#include "ps_random.h"
#include "ps_sum.h"
#include "ps_weighed.h"

#define FEW_ROWS 20000			/* fewer are all held out in turn */
#define FOLDS 5
#define HELD_OUT 10
#define PATIENCE 3.0			/* full steps without a lower loss before it is given up ... */
#define LEAST_PATIENCE 10		/* and trees */
#define BLOCK 16384				/* rows between polls */

/* One fit in progress. */
typedef struct boost_run
{
	const ps_env *env;
	const ps_frame *frame;
	const ps_bin_matrix *matrix;
	const uint64_t *hashes;
	const uint64_t *group_hashes;
	const ps_loss *loss;
	const ps_boost_rules *rules;
	ps_grower  *grower;
	ps_gradients gradients;
	float	   *f;				/* of each row, with the start */
	uint32_t   *index;			/* rows of the tree in work */
	uint64_t	folds;			/* 0: nothing is held out */
	uint64_t	fold;
	size_t		held_out;		/* rows */
} boost_run;

/* True when a row is held out. */
static inline bool
is_held_out(const boost_run *run, size_t row)
{
	return run->folds > 0 && (run->group_hashes[row] >> 32) * run->folds >> 32 == run->fold;
}

/* True when a tree is grown on a row. */
static inline bool
is_in_tree(const boost_run *run, size_t row, uint64_t tree)
{
	if (is_held_out(run, row))
		return false;
	return run->rules->row_share >= 1 ||
		(double) (ps_hash_add(run->hashes[row], tree) >> 11) * 0x1p-53 < run->rules->row_share;
}

static ps_status
run_create(boost_run *run, const ps_bins *bins, ps_error *error)
{
	size_t		rows = run->matrix->rows;

	PS_TRY(ps_grower_create(run->env, bins, run->matrix, &run->rules->grow, &run->grower, error));
	PS_TRY(ps_alloc(run->env, rows, sizeof(*run->gradients.words), &run->gradients.words, error));
	PS_TRY(ps_alloc(run->env, rows, sizeof(*run->f), &run->f, error));
	return ps_alloc(run->env, rows, sizeof(*run->index), &run->index, error);
}

/* Set the value of a leaf to the quantile of what its rows are still off by. */
static ps_status
fit_leaf_quantile(const boost_run *run, ps_tree_node *leaf, ps_error *error)
{
	ps_weighed *rest;

	PS_TRY(ps_alloc(run->env, leaf->count, sizeof(*rest), &rest, error));
	for (size_t k = 0; k < leaf->count; k++)
	{
		size_t		row = run->index[leaf->start + k];

		if (k % BLOCK == 0)
			PS_TRY(ps_poll(run->env, 0, error));
		rest[k].value = ps_loss_target(run->loss, ps_frame_target(run->frame, row)) - (double) run->f[row];
		rest[k].weight = ps_frame_weight(run->frame, row);
	}
	PS_TRY(ps_weighed_quantile(run->env, rest, leaf->count, run->loss->alpha, &leaf->value, error));
	leaf->value = fmin(fmax(leaf->value, leaf->lower), leaf->upper);
	ps_release(run->env, rest);
	return PS_OK;
}

/*
 * Turn the values of the leaves into what is added to F.  On a logarithmic
 * scale a Newton step v may be huge; sign(v) log(1 + |v|) is the exact optimum
 * of a leaf for Poisson where v > 0 and shorter elsewhere, and keeps the order
 * of values.
 */
static ps_status
finish_values(const boost_run *run, ps_grown_tree *tree, ps_error *error)
{
	for (size_t i = 0; i < tree->count; i++)
	{
		ps_tree_node *node = &tree->nodes[i];

		if (node->left != 0)
			continue;
		if (run->loss->kind == PS_LOSS_QUANTILE && tree->count > 1)
			PS_TRY(fit_leaf_quantile(run, node, error));
		if (ps_loss_has_log_link(run->loss->kind))
			node->value = copysign(log1p(fabs(node->value)), node->value);
		node->value = (double) (float) (run->rules->learning_rate * node->value);
	}
	return PS_OK;
}

/* Add a tree to F of all rows. */
static ps_status
add_tree(boost_run *run, const ps_grown_tree *tree, uint64_t number, size_t grown_on, ps_error *error)
{
	size_t		rows = run->matrix->rows;

	for (size_t i = 0; i < tree->count; i++)
	{
		const ps_tree_node *node = &tree->nodes[i];

		for (size_t k = 0; node->left == 0 && k < node->count; k++)
		{
			if (k % BLOCK == 0)
				PS_TRY(ps_poll(run->env, 0, error));
			run->f[run->index[node->start + k]] += (float) node->value;
		}
	}
	for (size_t row = 0; grown_on < rows && row < rows; row++)
	{
		if (row % BLOCK == 0)
			PS_TRY(ps_poll(run->env, 0, error));
		if (!is_in_tree(run, row, number))
			run->f[row] += (float) ps_tree_leaf(tree, run->matrix->by_row + row * run->matrix->stride)->value;
	}
	return PS_OK;
}

/* Compute the mean loss of the rows held out; NAN where there are none. */
static ps_status
held_out_loss(const boost_run *run, double *out, ps_error *error)
{
	ps_sum		sum = {0, 0};
	ps_sum		weights = {0, 0};

	for (size_t row = 0; row < run->matrix->rows; row++)
	{
		double		target;
		double		weight;

		if (row % BLOCK == 0)
			PS_TRY(ps_poll(run->env, 0, error));
		if (!is_held_out(run, row))
			continue;
		target = ps_frame_target(run->frame, row);
		weight = ps_frame_weight(run->frame, row) * run->loss->class_weights[target != 0];
		ps_sum_add(&sum, weight * ps_loss_value(run->loss, target, (double) run->f[row]));
		ps_sum_add(&weights, weight);
	}
	*out = ps_sum_value(&weights) > 0 ? ps_sum_value(&sum) / ps_sum_value(&weights) : (double) NAN;
	return PS_OK;
}

/* Choose the rows that a tree is grown on. */
static ps_status
choose_rows(const boost_run *run, uint64_t tree, size_t *count, ps_error *error)
{
	*count = 0;
	for (size_t row = 0; row < run->matrix->rows; row++)
	{
		if (row % BLOCK == 0)
			PS_TRY(ps_poll(run->env, 0, error));
		run->index[*count] = (uint32_t) row;
		*count += is_in_tree(run, row, tree) ? 1 : 0;
	}
	return PS_OK;
}

/* Grow up to most trees, and keep those up to the least held-out loss if any rows are. */
static ps_status
run_fit(boost_run *run, size_t most, ps_boosted *out, ps_error *error)
{
	size_t		capacity = 0;
	size_t		grown = 0;
	size_t		patience = (size_t) fmax(PATIENCE / run->rules->learning_rate, LEAST_PATIENCE);
	bool		sampled = run->rules->row_share < 1 || run->rules->grow.column_share < 1;

	out->count = 0;
	out->trees = NULL;
	out->held_out_loss = NAN;
	for (size_t row = 0; row < run->matrix->rows; row++)
		run->f[row] = ps_loss_start(run->loss);
	if (run->folds > 0)
		PS_TRY(held_out_loss(run, &out->held_out_loss, error));
	while (grown < most && (run->folds == 0 || (!isnan(out->held_out_loss) && grown < out->count + patience)))
	{
		ps_grown_tree *tree;
		size_t		count;
		double		loss;

		PS_TRY(ps_gradients_compute(run->env, run->frame, run->loss, run->hashes, grown, run->f, &run->gradients,
									error));
		PS_TRY(choose_rows(run, grown, &count, error));
		PS_TRY(ps_grow(run->env, &out->trees, grown, grown + 1, &capacity, sizeof(*tree), error));
		tree = &out->trees[grown];
		PS_TRY(ps_tree_grow(run->grower, &run->gradients, run->index, count, grown, tree, error));
		if (tree->count == 1 && !sampled)
			break;				/* and so would be all that follow */
		PS_TRY(finish_values(run, tree, error));
		PS_TRY(add_tree(run, tree, grown, count, error));
		grown++;
		if (run->folds == 0)
			out->count = grown;
		else
		{
			PS_TRY(held_out_loss(run, &loss, error));
			if (loss < out->held_out_loss)
			{
				out->held_out_loss = loss;
				out->count = grown;
			}
		}
	}
	for (size_t i = out->count; i < grown; i++)
		ps_release(run->env, out->trees[i].nodes);
	return PS_OK;
}

/* Fit with as many trees as the rules say, or as rows held out say. */
static ps_status
fit_all(boost_run *run, ps_boosted *out, ps_error *error)
{
	const ps_boost_rules *rules = run->rules;
	double		trees = 0;
	double		loss_sum = 0;
	int			judged = 0;		/* folds with rows: with few, some are empty */

	if (!rules->early_stopping)
		return run_fit(run, rules->trees, out, error);
	if (run->matrix->rows >= FEW_ROWS)
	{
		run->folds = HELD_OUT;
		return run_fit(run, rules->trees, out, error);
	}
	run->folds = FOLDS;
	for (run->fold = 0; run->fold < FOLDS; run->fold++)
	{
		PS_TRY(run_fit(run, rules->trees, out, error));
		if (!isnan(out->held_out_loss))
		{
			trees += (double) out->count;
			loss_sum += out->held_out_loss;
			judged++;
		}
		for (size_t i = 0; i < out->count; i++)
			ps_release(run->env, out->trees[i].nodes);
		ps_release(run->env, out->trees);
	}
	run->folds = 0;
	PS_TRY(run_fit(run, (size_t) (trees / fmax(judged, 1) + 0.5), out, error));
	out->held_out_loss = judged > 0 ? loss_sum / judged : (double) NAN;
	return PS_OK;
}

ps_status
ps_boost_fit(const ps_env *env, const ps_frame *frame, const ps_bins *bins, const ps_bin_matrix *matrix,
			 const uint64_t *hashes, const uint64_t *group_hashes, const ps_loss *loss, const ps_boost_rules *rules,
			 ps_boosted *out, ps_error *error)
{
	boost_run	run = {
		.env = env,.frame = frame,.matrix = matrix,.hashes = hashes,.group_hashes = group_hashes,.loss = loss,.rules = rules
	};

	PS_TRY(run_create(&run, bins, error));
	PS_TRY(fit_all(&run, out, error));
	ps_grower_release(run.grower);
	ps_release(env, run.gradients.words);
	ps_release(env, run.f);
	ps_release(env, run.index);
	return PS_OK;
}
