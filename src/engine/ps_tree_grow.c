/*-------------------------------------------------------------------------
 *
 * ps_tree_grow.c
 *	  Growing one tree, the best leaf first.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_tree_grow.h"

#include <math.h>
#include <string.h>

#include "ps_random.h"

#define PRIOR_ROWS 10.0			/* draws levels of texts towards the node's value */
#define FEW_LEVELS 4			/* at most so many are split from the others */
#define MIN_GAIN 1e-10
#define POLL_UPDATES ((size_t) 1 << 20)	/* additions to a histogram between polls */

/* The best split of a leaf; gain 0 when there is none. */
typedef struct leaf_split
{
	double		gain;
	size_t		column;
	uint8_t		cut;
	uint64_t	goes_left[4];
	uint64_t	left;			/* sums of gradients and curvatures */
	double		left_value;
	double		right_value;
} leaf_split;

typedef struct grow_leaf
{
	uint32_t	node;
	size_t		start;			/* of its rows in the index */
	size_t		count;
	int			depth;
	uint64_t	sums;			/* of gradients and curvatures */
	double		lower;			/* bounds of its value */
	double		upper;
	uint64_t   *histogram;		/* stride x PS_BINS; NULL when no split is looked for */
	leaf_split	best;
} grow_leaf;

struct ps_grower
{
	const ps_env *env;
	const ps_bins *bins;
	const ps_bin_matrix *matrix;
	ps_grow_rules rules;
	const ps_gradients *gradients;	/* of the tree in work */
	bool	   *in_tree;		/* columns of the tree in work */
	uint32_t   *right;			/* rows set aside while partitioning */
	grow_leaf  *leaves;
	ps_tree_node *nodes;
	uint64_t  **free_histograms;
	size_t		nfree;
};

/* True when a tree may split on a column of the matrix. */
static bool
has_column(const ps_grow_rules *rules, size_t column, uint64_t tree)
{
	uint64_t	hash = ps_hash_add(rules->column_hashes[column], tree);

	return (double) (hash >> 11) * 0x1p-53 < rules->column_share;
}

ps_status
ps_grower_create(const ps_env *env, const ps_bins *bins, const ps_bin_matrix *matrix, const ps_grow_rules *rules,
				 ps_grower **out, ps_error *error)
{
	ps_grower  *grower;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*grower), &grower, error));
	grower->env = env;
	grower->bins = bins;
	grower->matrix = matrix;
	grower->rules = *rules;
	PS_TRY(ps_alloc(env, matrix->width, sizeof(*grower->in_tree), &grower->in_tree, error));
	PS_TRY(ps_alloc(env, matrix->rows, sizeof(*grower->right), &grower->right, error));
	PS_TRY(ps_alloc(env, rules->leaves, sizeof(*grower->leaves), &grower->leaves, error));
	PS_TRY(ps_alloc(env, 2 * rules->leaves, sizeof(*grower->nodes), &grower->nodes, error));
	PS_TRY(ps_alloc(env, rules->leaves + 1, sizeof(*grower->free_histograms), &grower->free_histograms, error));
	*out = grower;
	return PS_OK;
}

void
ps_grower_release(ps_grower *grower)
{
	ps_release(grower->env, grower->right);
	ps_release(grower->env, grower->leaves);
	ps_release(grower->env, grower->nodes);
	while (grower->nfree > 0)
		ps_release(grower->env, grower->free_histograms[--grower->nfree]);
}

/* Take a histogram that is not in use. */
static ps_status
take_histogram(ps_grower *grower, uint64_t **out, ps_error *error)
{
	if (grower->nfree == 0)
		return ps_alloc(grower->env, grower->matrix->stride, PS_BINS * sizeof(uint64_t), out, error);
	*out = grower->free_histograms[--grower->nfree];
	return PS_OK;
}

static void
give_histogram(ps_grower *grower, grow_leaf *leaf)
{
	if (leaf->histogram != NULL)
		grower->free_histograms[grower->nfree++] = leaf->histogram;
	leaf->histogram = NULL;
}

/* Add rows to a histogram, four columns with each load. */
static void
add_rows(uint64_t *restrict histogram, const ps_bin_matrix *matrix, const uint64_t *restrict words,
		 const uint32_t *restrict index, size_t count, size_t ahead)
{
	const uint8_t *codes = matrix->by_row;
	size_t		stride = matrix->stride;

	for (size_t k = 0; k < count; k++)
	{
		size_t		row = index[k];
		const uint8_t *from = codes + row * stride;
		uint64_t	word = words[row];
		uint64_t   *to = histogram;

#ifdef __GNUC__
		if (k < ahead)
		{
			__builtin_prefetch(codes + index[k + 16] * stride);
			__builtin_prefetch(words + index[k + 16]);
		}
#else
		(void) ahead;
#endif
		for (size_t column = 0; column < stride; column += 4, to += 4 * PS_BINS)
		{
			uint8_t		code[4];

			memcpy(code, from + column, 4);
			to[code[0]] += word;
			(to + PS_BINS)[code[1]] += word;
			(to + 2 * PS_BINS)[code[2]] += word;
			(to + 3 * PS_BINS)[code[3]] += word;
		}
	}
}

/* Count the rows of a leaf into its histogram. */
static ps_status
count_leaf(ps_grower *grower, const uint32_t *index, grow_leaf *leaf, ps_error *error)
{
	size_t		stride = grower->matrix->stride;
	size_t		block = POLL_UPDATES / (stride + 1) + 1;

	memset(leaf->histogram, 0, stride * PS_BINS * sizeof(uint64_t));
	for (size_t start = 0; start < leaf->count; start += block)
	{
		size_t		left = leaf->count - start;
		size_t		count = left < block ? left : block;

		add_rows(leaf->histogram, grower->matrix, grower->gradients->words, index + leaf->start + start, count,
				 left > 16 ? left - 16 : 0);
		PS_TRY(ps_poll(grower->env, 0, error));
	}
	return PS_OK;
}

/* The value of a leaf with these sums. */
static inline double
value_of(const ps_grower *grower, double gradient, double curvature, double lower, double upper)
{
	double		value = -gradient / (curvature + grower->rules.l2);

	value = value < lower ? lower : value;
	return value > upper ? upper : value;
}

/* Twice what a leaf with that value lowers the loss by. */
static inline double
gain_of(const ps_grower *grower, double gradient, double curvature, double value)
{
	return -value * (2 * gradient + (curvature + grower->rules.l2) * value);
}

/* What the search for a leaf's split compares with. */
typedef struct split_search
{
	const ps_grower *grower;
	grow_leaf  *leaf;
	double		gradient;
	double		curvature;
	double		unsplit;		/* gain of the leaf as it is */
	double		min_curvature;	/* of each side, whatever asks for more */
} split_search;

/* Compare a split with the best; true when it is better. */
static inline bool
try_split(const split_search *search, uint64_t left, int direction)
{
	const ps_grower *grower = search->grower;
	grow_leaf  *leaf = search->leaf;
	double		gradient = ps_gradient_of(grower->gradients, left);
	double		curvature = ps_curvature_of(grower->gradients, left);
	double		other_gradient = search->gradient - gradient;
	double		other_curvature = search->curvature - curvature;
	double		left_value;
	double		right_value;
	double		gain;

	if (curvature < search->min_curvature || other_curvature < search->min_curvature)
		return false;
	left_value = value_of(grower, gradient, curvature, leaf->lower, leaf->upper);
	right_value = value_of(grower, other_gradient, other_curvature, leaf->lower, leaf->upper);
	gain = gain_of(grower, gradient, curvature, left_value) +
		gain_of(grower, other_gradient, other_curvature, right_value) - search->unsplit;
	if (!(gain > leaf->best.gain) || direction * (right_value - left_value) < 0)
		return false;
	leaf->best.gain = gain;
	leaf->best.left = left;
	leaf->best.left_value = left_value;
	leaf->best.right_value = right_value;
	return true;
}

/* Set the bits of codes 0..cut, and that of NULL. */
static void
set_range(leaf_split *split, size_t cut, bool null_left)
{
	memset(split->goes_left, 0, sizeof(split->goes_left));
	for (size_t code = 0; code <= cut; code++)
		split->goes_left[code >> 6] |= UINT64_C(1) << (code & 63);
	if (null_left)
		split->goes_left[PS_BINS_NULL >> 6] |= UINT64_C(1) << (PS_BINS_NULL & 63);
	split->cut = (uint8_t) cut;
}

/* Look for the best split of a number. */
static void
search_number(const split_search *search, size_t column, size_t codes, int direction)
{
	leaf_split *best = &search->leaf->best;
	const uint64_t *histogram = search->leaf->histogram + column * PS_BINS;
	uint64_t	nulls = histogram[PS_BINS_NULL];
	uint64_t	left = 0;
	size_t		cut = 0;
	bool		found = false;
	bool		null_left = false;

	for (size_t code = 0; code < codes; code++)
	{
		if (histogram[code] == 0)
			continue;
		left += histogram[code];
		if (try_split(search, left, direction))
		{
			found = true;
			cut = code;
			null_left = nulls == 0 &&
				2 * ps_curvature_of(search->grower->gradients, left) > search->curvature;
		}
		if (nulls != 0 && try_split(search, left + nulls, direction))
		{
			found = true;
			cut = code;
			null_left = true;
		}
	}
	if (!found)
		return;
	best->column = column;
	set_range(best, cut, null_left);
}

/* A level with what it is ordered by. */
typedef struct ranked_level
{
	double		value;
	size_t		code;
} ranked_level;

/* Sort levels by value, equal ones by code (Shell's method; there are at most PS_BINS). */
static void
sort_levels(ranked_level *levels, size_t count)
{
	static const size_t gaps[] = {57, 23, 10, 4, 1};

	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++)
		for (size_t i = gaps[g]; i < count; i++)
		{
			ranked_level level = levels[i];
			size_t		at = i;

			for (; at >= gaps[g]; at -= gaps[g])
			{
				ranked_level before = levels[at - gaps[g]];

				if (before.value < level.value || (before.value == level.value && before.code < level.code))
					break;
				levels[at] = before;
			}
			levels[at] = level;
		}
}

/* Look for the best split of a text. */
static void
search_text(const split_search *search, size_t column)
{
	const ps_gradients *gradients = search->grower->gradients;
	leaf_split *best = &search->leaf->best;
	const uint64_t *histogram = search->leaf->histogram + column * PS_BINS;
	double		average = search->gradient / search->curvature;
	double		prior = PRIOR_ROWS * search->curvature / (double) search->leaf->count;
	ranked_level seen[PS_BINS];
	size_t		count = 0;
	size_t		last = PS_BINS;
	uint64_t	left = 0;

	for (size_t code = 0; code < PS_BINS; code++)
	{
		double		gradient = ps_gradient_of(gradients, histogram[code]);
		double		curvature = ps_curvature_of(gradients, histogram[code]);

		if (histogram[code] != 0)
			seen[count++] = (ranked_level) {(gradient + prior * average) / (curvature + prior), code};
	}
	sort_levels(seen, count);
	for (size_t i = 0; i + 1 < count; i++)
	{
		left += histogram[seen[i].code];
		if ((i < FEW_LEVELS || count - i - 1 <= FEW_LEVELS) && try_split(search, left, 0))
			last = i;
	}
	if (last == PS_BINS)
		return;
	best->column = column;
	best->cut = 0;
	memset(best->goes_left, 2 * average < seen[last].value + seen[last + 1].value ? 0xff : 0, sizeof(best->goes_left));
	for (size_t i = 0; i < count; i++)
	{
		uint64_t	bit = UINT64_C(1) << (seen[i].code & 63);
		uint64_t   *word = &best->goes_left[seen[i].code >> 6];

		*word = i <= last ? *word | bit : *word & ~bit;
	}
}

/* Find the best split of a leaf that has a histogram; without one, give the histogram back. */
static void
find_split(ps_grower *grower, grow_leaf *leaf)
{
	split_search search = {.grower = grower,.leaf = leaf};
	double		value;
	double		row_share = grower->rules.min_rows / (double) leaf->count;

	search.gradient = ps_gradient_of(grower->gradients, leaf->sums);
	search.curvature = ps_curvature_of(grower->gradients, leaf->sums);
	value = value_of(grower, search.gradient, search.curvature, leaf->lower, leaf->upper);
	search.unsplit = gain_of(grower, search.gradient, search.curvature, value);
	search.min_curvature = fmax(grower->rules.min_curvature, row_share * search.curvature);
	leaf->best.gain = MIN_GAIN;
	leaf->best.column = SIZE_MAX;
	for (size_t column = 0; column < grower->matrix->width; column++)
	{
		const ps_bin_input *input = &grower->bins->inputs[grower->matrix->inputs[column]];

		if (!grower->in_tree[column])
			continue;
		if (input->type == PS_TYPE_TEXT)
			search_text(&search, column);
		else
			search_number(&search, column, input->codes, grower->rules.directions[column]);
	}
	if (leaf->best.column == SIZE_MAX)
	{
		leaf->best.gain = 0;
		give_histogram(grower, leaf);
	}
}

/* Move the rows of a leaf that go left before the others, both in their order; count those. */
static ps_status
partition(ps_grower *grower, const grow_leaf *leaf, uint32_t *index, size_t *left_count, ps_error *error)
{
	const uint8_t *codes = grower->matrix->by_column + leaf->best.column * grower->matrix->rows;
	uint32_t   *rows = index + leaf->start;
	uint32_t   *right = grower->right;
	size_t		nleft = 0;
	size_t		nright = 0;
	uint8_t		goes_left[PS_BINS];

	for (size_t code = 0; code < PS_BINS; code++)
		goes_left[code] = leaf->best.goes_left[code >> 6] >> (code & 63) & 1;
	for (size_t start = 0; start < leaf->count; start += 65536)
	{
		size_t		end = leaf->count - start < 65536 ? leaf->count : start + 65536;

		for (size_t k = start; k < end; k++)
		{
			uint32_t	row = rows[k];
			size_t		goes = goes_left[codes[row]];

			rows[nleft] = row;
			right[nright] = row;
			nleft += goes;
			nright += 1 - goes;
		}
		PS_TRY(ps_poll(grower->env, 0, error));
	}
	memcpy(rows + nleft, right, nright * sizeof(*rows));
	*left_count = nleft;
	return PS_OK;
}

/* True when a leaf may be split. */
static bool
is_divisible(const ps_grower *grower, const grow_leaf *leaf)
{
	return leaf->depth < PS_TREE_DEEPEST && leaf->count >= 2 &&
		(double) leaf->count >= 2 * grower->rules.min_rows &&
		ps_curvature_of(grower->gradients, leaf->sums) >= 2 * grower->rules.min_curvature;
}

/* Make two leaves of the best split of one: left takes its place, right is new. */
static ps_status
split_leaf(ps_grower *grower, grow_leaf *left, grow_leaf *right, uint32_t *index, uint32_t nodes, ps_error *error)
{
	const grow_leaf parent = *left;
	ps_tree_node *node = &grower->nodes[parent.node];
	int			direction = grower->rules.directions[parent.best.column];
	double		middle = (parent.best.left_value + parent.best.right_value) / 2;
	size_t		left_count;

	PS_TRY(partition(grower, &parent, index, &left_count, error));
	node->left = nodes;
	node->column = (uint32_t) parent.best.column;
	node->cut = parent.best.cut;
	memcpy(node->goes_left, parent.best.goes_left, sizeof(node->goes_left));
	node->gain = parent.best.gain;

	*right = parent;
	left->node = nodes;
	right->node = nodes + 1;
	left->depth = right->depth = parent.depth + 1;
	left->count = left_count;
	right->start += left_count;
	right->count -= left_count;
	left->sums = parent.best.left;
	right->sums = parent.sums - parent.best.left;
	if (direction > 0)
		left->upper = right->lower = middle;
	else if (direction < 0)
		left->lower = right->upper = middle;
	left->histogram = right->histogram = NULL;
	left->best.gain = right->best.gain = 0;
	return PS_OK;
}

/* Give both leaves of a split their histograms, if they may be split again, and find their splits. */
static ps_status
search_leaves(ps_grower *grower, grow_leaf *left, grow_leaf *right, uint64_t *parents, const uint32_t *index,
			  ps_error *error)
{
	grow_leaf  *smaller = left->count < right->count ? left : right;
	grow_leaf  *larger = smaller == left ? right : left;
	size_t		size = grower->matrix->stride * PS_BINS;

	larger->histogram = parents;
	if (!is_divisible(grower, left) && !is_divisible(grower, right))
	{
		give_histogram(grower, larger);
		return PS_OK;
	}
	PS_TRY(take_histogram(grower, &smaller->histogram, error));
	PS_TRY(count_leaf(grower, index, smaller, error));
	for (size_t i = 0; i < size; i++)
		parents[i] -= smaller->histogram[i];
	for (int side = 0; side < 2; side++)
	{
		grow_leaf  *leaf = side == 0 ? left : right;

		if (is_divisible(grower, leaf))
			find_split(grower, leaf);
		else
			give_histogram(grower, leaf);
	}
	return ps_poll(grower->env, 0, error);
}

ps_status
ps_tree_grow(ps_grower *grower, const ps_gradients *gradients, uint32_t *index, size_t count, uint64_t tree,
			 ps_grown_tree *out, ps_error *error)
{
	grow_leaf  *root = grower->leaves;
	size_t		nleaves = 1;
	uint32_t	nodes = 1;

	grower->gradients = gradients;
	for (size_t column = 0; column < grower->matrix->width; column++)
		grower->in_tree[column] = has_column(&grower->rules, column, tree);
	memset(root, 0, sizeof(*root));
	memset(grower->nodes, 0, 2 * grower->rules.leaves * sizeof(*grower->nodes));
	root->count = count;
	root->lower = -INFINITY;
	root->upper = INFINITY;
	for (size_t k = 0; k < count; k++)
	{
		root->sums += gradients->words[index[k]];
		if (k % 65536 == 0)
			PS_TRY(ps_poll(grower->env, 0, error));
	}
	if (is_divisible(grower, root) && grower->matrix->width > 0)
	{
		PS_TRY(take_histogram(grower, &root->histogram, error));
		PS_TRY(count_leaf(grower, index, root, error));
		find_split(grower, root);
	}
	while (nleaves < grower->rules.leaves)
	{
		grow_leaf  *best = root;
		grow_leaf  *right = &grower->leaves[nleaves];
		uint64_t   *histogram;

		for (size_t i = 1; i < nleaves; i++)
			if (grower->leaves[i].best.gain > best->best.gain)
				best = &grower->leaves[i];
		if (best->best.gain <= 0)
			break;
		histogram = best->histogram;
		PS_TRY(split_leaf(grower, best, right, index, nodes, error));
		nodes += 2;
		nleaves++;
		if (nleaves < grower->rules.leaves)
			PS_TRY(search_leaves(grower, best, right, histogram, index, error));
		else
			grower->free_histograms[grower->nfree++] = histogram;
	}
	for (size_t i = 0; i < nleaves; i++)
	{
		grow_leaf  *leaf = &grower->leaves[i];
		ps_tree_node *node = &grower->nodes[leaf->node];

		if (nleaves > 1)
			node->value = value_of(grower, ps_gradient_of(gradients, leaf->sums),
								   ps_curvature_of(gradients, leaf->sums), leaf->lower, leaf->upper);
		node->start = leaf->start;
		node->count = leaf->count;
		node->lower = leaf->lower;
		node->upper = leaf->upper;
		give_histogram(grower, leaf);
	}
	out->count = nodes;
	PS_TRY(ps_alloc(grower->env, nodes, sizeof(*out->nodes), &out->nodes, error));
	memcpy(out->nodes, grower->nodes, nodes * sizeof(*out->nodes));
	return PS_OK;
}
