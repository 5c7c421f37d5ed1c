/*-------------------------------------------------------------------------
 *
 * ps_leaf_masks.c
 *	  Leaves of all trees by intersection (after QuickScorer: Lucchese and
 *	  others 2015, who rule leaves out threshold by threshold).
 *
 * A tree has 16, 32 or 64 bits, as the largest one needs, in the order of the
 * trees.  A split rules out the leaves on the side that a row does not take;
 * what is left after all splits is one bit.
 *
 * Of the edges of an input only those are kept that some tree splits at, which
 * makes the table smaller and changes no answer.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_leaf_masks.h"

#include <math.h>
#include <string.h>

#include "ps_kernels.h"

#define BLOCK PS_INTERSECT_WORDS
#define LINE 64					/* bytes of a line of the cache */
#define MOST_INPUTS 64
#define MOST_LEAVES 64
#define MOST_SLOTS 65536
#define MOST_BYTES ((size_t) 4 << 20)

typedef struct mask_input
{
	ps_bin_input input;			/* with the edges that trees split at */
	uint8_t		rank[PS_BINS];	/* of a cut: how many of those edges are below its own */
	size_t		row;			/* the first, of code 0; that of NULL comes last */
} mask_input;

struct ps_leaf_masks
{
	size_t		ninputs;
	mask_input *inputs;
	size_t		bits;			/* of a tree */
	size_t		groups;			/* of trees */
	size_t		words;			/* of a row, a multiple of BLOCK */
	uint64_t   *table;			/* rows of words */
	double	   *values;			/* of each leaf: bits of them for each tree */
	const ps_kernels *kernels;
};

/* A tree and the sets of leaves below its nodes, which follow one another from the root. */
typedef struct tree_sets
{
	size_t		nodes;
	size_t		leaves;
	uint64_t	sets[2 * MOST_LEAVES - 1];
} tree_sets;

/* Find the sets of a tree, and number its leaves; false if it has too many. */
static bool
find_sets(const ps_ensemble *ensemble, size_t root, tree_sets *tree)
{
	tree->nodes = 1;
	tree->leaves = 0;
	for (size_t i = 0; i < tree->nodes; i++)
	{
		if (ensemble->nodes[root + i].left != root + i)
		{
			tree->nodes += 2;
			if (tree->nodes > 2 * MOST_LEAVES - 1)
				return false;
			continue;
		}
		tree->sets[i] = (uint64_t) 1 << tree->leaves++;
	}
	for (size_t i = tree->nodes; i-- > 0;)
	{
		size_t		left = ensemble->nodes[root + i].left - root;

		if (left != i)
			tree->sets[i] = tree->sets[left] | tree->sets[left + 1];
	}
	return true;
}

/* Which input owns each slot, from slot 1. */
static void
find_owners(const ps_ensemble *ensemble, uint8_t *owners)
{
	for (size_t i = 0; i < ensemble->ninputs; i++)
	{
		const ps_score_input *input = &ensemble->inputs[i];

		memset(owners + input->slot, (int) i, input->goes_right == NULL ? 2 : input->splits);
	}
}

/* Keep of each number the edges that a node splits at, and place the rows; *rows receives how many there are. */
static ps_status
lay_out(const ps_env *env, const ps_ensemble *ensemble, const uint8_t *owners, ps_leaf_masks *masks, size_t *rows,
		ps_error *error)
{
	bool		(*used)[PS_BINS];	/* of each input: whether a node has this cut */

	PS_TRY(ps_alloc_zero(env, ensemble->ninputs, sizeof(*used), &used, error));
	for (size_t t = 0; t < ensemble->count; t++)
	{
		size_t		root = ensemble->trees[t].root;
		size_t		nodes = 1;

		for (size_t i = 0; i < nodes; i++)
		{
			const ps_score_node *node = &ensemble->nodes[root + i];

			if (node->left == root + i)
				continue;
			nodes += 2;
			used[owners[node->cut_and_slot & 0xffffff]][node->cut_and_slot >> 24] = true;
		}
	}
	*rows = 0;
	for (size_t i = 0; i < ensemble->ninputs; i++)
	{
		mask_input *input = &masks->inputs[i];
		const ps_bin_input *whole = ensemble->inputs[i].input;

		input->input = *whole;
		input->row = *rows;
		if (whole->type != PS_TYPE_TEXT)
		{
			input->input.codes = 1;
			PS_TRY(ps_alloc(env, PS_BINS, sizeof(double), &input->input.edges, error));
			for (size_t cut = 0; cut < PS_BINS; cut++)
			{
				input->input.edges[cut] = INFINITY;
				input->rank[cut] = (uint8_t) (input->input.codes - 1);
				if (used[i][cut] && cut + 1 < whole->codes)
					input->input.edges[input->input.codes++ - 1] = whole->edges[cut];
			}
		}
		*rows += input->input.codes + 1;
	}
	ps_release(env, used);
	return PS_OK;
}

/* Rule out, in each row of a split's input, the leaves on the side it does not take. */
static void
apply_split(const ps_score_input *whole, const mask_input *input, const ps_score_node *node, uint64_t left,
			uint64_t right, uint64_t *sets)
{
	size_t		slot = (node->cut_and_slot & 0xffffff) - whole->slot;
	size_t		rank = input->rank[node->cut_and_slot >> 24];
	size_t		codes = input->input.codes;

	sets += input->row;
	if (whole->goes_right != NULL)
	{
		for (size_t code = 0; code <= codes; code++)
			sets[code] &= ~(whole->goes_right[code * whole->splits + slot] ? left : right);
		return;
	}
	for (size_t code = 0; code <= rank; code++)
		sets[code] &= ~right;
	for (size_t code = rank + 1; code < codes; code++)
		sets[code] &= ~left;
	sets[codes] &= ~(slot == 0 ? left : right);
}

/* Fill in the table and the values. */
static ps_status
fill(const ps_env *env, const ps_ensemble *ensemble, const uint8_t *owners, size_t rows, ps_leaf_masks *masks,
	 ps_error *error)
{
	tree_sets	tree;
	uint64_t   *sets;			/* of each row, of one tree: apart, since the rows of the table are not */

	PS_TRY(ps_alloc(env, rows, sizeof(*sets), &sets, error));
	for (size_t t = 0; t < ensemble->count; t++)
	{
		size_t		root = ensemble->trees[t].root;
		size_t		bit = t * masks->bits;
		uint64_t   *words = masks->table + bit / 64;

		find_sets(ensemble, root, &tree);
		for (size_t row = 0; row < rows; row++)
			sets[row] = tree.sets[0];
		tree.leaves = 0;
		for (size_t i = 0; i < tree.nodes; i++)
		{
			const ps_score_node *node = &ensemble->nodes[root + i];
			size_t		left = node->left - root;
			size_t		owner;

			if (left == i)
			{
				masks->values[bit + tree.leaves++] = ensemble->values[root + i];
				continue;
			}
			owner = owners[node->cut_and_slot & 0xffffff];
			apply_split(&ensemble->inputs[owner], &masks->inputs[owner], node, tree.sets[left], tree.sets[left + 1],
						sets);
		}
		for (size_t row = 0; row < rows; row++)
			words[row * masks->words] |= sets[row] << bit % 64;
		PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, sets);
	return PS_OK;
}

/* Allocate the table, from the beginning of a line. */
static ps_status
create_table(const ps_env *env, size_t rows, ps_leaf_masks *masks, ps_error *error)
{
	char	   *bytes;

	PS_TRY(ps_alloc_zero(env, rows * masks->words * sizeof(*masks->table) + LINE, 1, &bytes, error));
	masks->table = (uint64_t *) (bytes + (LINE - (uintptr_t) bytes % LINE) % LINE);
	return PS_OK;
}

ps_status
ps_leaf_masks_create(const ps_env *env, const ps_ensemble *ensemble, ps_leaf_masks **out, ps_error *error)
{
	ps_leaf_masks *masks;
	uint8_t    *owners;
	size_t		rows;
	size_t		leaves = 1;

	*out = NULL;
	if (ensemble->ninputs == 0 || ensemble->ninputs > MOST_INPUTS || ensemble->slots > MOST_SLOTS)
		return PS_OK;
	for (size_t t = 0; t < ensemble->count; t++)
	{
		tree_sets	tree;

		if (!find_sets(ensemble, ensemble->trees[t].root, &tree))
			return PS_OK;
		leaves = tree.leaves > leaves ? tree.leaves : leaves;
	}
	PS_TRY(ps_alloc_zero(env, 1, sizeof(*masks), &masks, error));
	masks->kernels = ps_kernels_best();
	masks->ninputs = ensemble->ninputs;
	masks->bits = leaves <= 16 ? 16 : leaves <= 32 ? 32 : 64;
	masks->groups = ensemble->count / PS_SCORE_GROUP;
	masks->words = (ensemble->count * masks->bits / 64 + BLOCK - 1) / BLOCK * BLOCK;
	PS_TRY(ps_alloc(env, masks->ninputs, sizeof(*masks->inputs), &masks->inputs, error));
	PS_TRY(ps_alloc(env, ensemble->slots, 1, &owners, error));
	find_owners(ensemble, owners);
	PS_TRY(lay_out(env, ensemble, owners, masks, &rows, error));
	if (rows <= MOST_BYTES / sizeof(*masks->table) / masks->words)
	{
		PS_TRY(create_table(env, rows, masks, error));
		PS_TRY(ps_alloc_zero(env, ensemble->count * masks->bits, sizeof(double), &masks->values, error));
		PS_TRY(fill(env, ensemble, owners, rows, masks, error));
		*out = masks;
	}
	ps_release(env, owners);
	return PS_OK;
}

/* Add up a group of trees from the bits that are left of them. */
static inline double
sum_group(const uint64_t *words, const double *values, size_t bits)
{
	double		sum = 0;

	for (size_t t = 0; t < PS_SCORE_GROUP; t++)
		sum += values[t * bits + (size_t) __builtin_ctzll(words[t * bits / 64] >> t * bits % 64)];
	return sum;
}

/* Add the groups from one on that have their bits in a block. */
static inline void
sum_block(const ps_leaf_masks *masks, size_t group, const uint64_t *words, size_t bits, double *sum)
{
	size_t		end = group + BLOCK * 64 / bits / PS_SCORE_GROUP;

	for (; group < end && group < masks->groups; group++, words += PS_SCORE_GROUP * bits / 64)
		*sum += sum_group(words, masks->values + group * PS_SCORE_GROUP * bits, bits);
}

ps_status
ps_leaf_masks_sum(const ps_leaf_masks *masks, const ps_cell *cells, double *sum, ps_error *error)
{
	const uint64_t *rows[MOST_INPUTS];
	uint64_t	left[BLOCK];

	for (size_t i = 0; i < masks->ninputs; i++)
	{
		const mask_input *input = &masks->inputs[i];
		uint8_t		code;

		PS_TRY(ps_bins_cell(&input->input, cells, &code, error));
		rows[i] = masks->table + (input->row + (code == PS_BINS_NULL ? input->input.codes : code)) * masks->words;
	}
	*sum = 0;
	for (size_t word = 0; word < masks->words; word += BLOCK)
	{
		size_t		group = word * 64 / masks->bits / PS_SCORE_GROUP;

		masks->kernels->intersect(rows, masks->ninputs, word, left);
		/* with the bits as constants, so that the loops unroll */
		if (masks->bits == 64)
			sum_block(masks, group, left, 64, sum);
		else if (masks->bits == 32)
			sum_block(masks, group, left, 32, sum);
		else
			sum_block(masks, group, left, 16, sum);
	}
	return PS_OK;
}
