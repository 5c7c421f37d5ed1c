/*-------------------------------------------------------------------------
 *
 * ps_tree_score.c
 *	  Trees in a model.
 *
 * A row is first turned into a vector of bytes, the slots: each number gives
 * two, which are its code but for NULL, the first then being 255 and the
 * second 0; each split of a text gives one that is 1 if the row's level goes
 * right.  Every node then asks the same question, whether a slot is above its
 * cut, and NULL and levels cost nothing on the way down.  A leaf asks a slot
 * that is always 0 and leads to itself.
 *
 * The answer is added to the index of the left child: there is no branch for
 * the processor to guess.  PS_SCORE_GROUP trees go down together, since each
 * step of one tree must wait for the one before; where each is fits the
 * registers.  All take as many steps as the deepest, so trees are grouped by
 * depth.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_tree_score.h"

#include <math.h>
#include <string.h>

#include "ps_leaf_masks.h"
#include "ps_sort.h"
#include "ps_vectors.h"

#define EACH(what) what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) what(11)
#define MOST_TREES 100000
#define MOST_NODES (2 * PS_TREE_LEAVES - 1)
#define STACK_SLOTS 2048		/* more are allocated for each row */
#define MOST_SLOTS ((size_t) 1 << 24)
#define LARGEST 1e300			/* value of a leaf */

/* Numbers of a vector to be saved. */
typedef struct number_list
{
	double	   *numbers;
	size_t		count;
	size_t		capacity;
} number_list;

static ps_status
add_number(const ps_env *env, number_list *list, double number, ps_error *error)
{
	PS_TRY(ps_grow(env, &list->numbers, list->count, list->count + 1, &list->capacity, sizeof(double), error));
	list->numbers[list->count++] = number;
	return PS_OK;
}

/* The vectors, in this order. */
enum vector
{
	NODES, CUTS, NULL_LEFT, SETS, VALUES, ROWS, VECTORS
};

static const char *const vector_names[VECTORS] = {"nodes", "cuts", "null_left", "sets", "values", "rows"};

static inline bool
goes_left(const ps_tree_node *node, size_t code)
{
	return node->goes_left[code >> 6] >> (code & 63) & 1;
}

/* Add a split to the vectors. */
static ps_status
save_split(const ps_env *env, const ps_tree_node *node, size_t number, const ps_bin_input *input,
		   number_list *vectors, ps_error *error)
{
	PS_TRY(add_number(env, &vectors[NODES], (double) (number + 1), error));
	PS_TRY(add_number(env, &vectors[NULL_LEFT], goes_left(node, PS_BINS_NULL) ? 1 : 0, error));
	if (input->type != PS_TYPE_TEXT)
		return add_number(env, &vectors[CUTS], node->cut, error);
	for (size_t first = 0; first < input->codes; first += 8)
	{
		unsigned	byte = 0;

		for (size_t bit = 0; bit < 8 && first + bit < input->codes; bit++)
			byte |= goes_left(node, first + bit) ? 1u << bit : 0;
		PS_TRY(add_number(env, &vectors[SETS], byte, error));
	}
	return PS_OK;
}

ps_status
ps_ensemble_save(const ps_env *env, const ps_grown_tree *trees, size_t count, const ps_bins *bins,
				 const ps_bin_matrix *matrix, ps_value *object, ps_error *error)
{
	number_list vectors[VECTORS];
	uint32_t   *order;			/* nodes of a tree as they are saved */

	memset(vectors, 0, sizeof(vectors));
	PS_TRY(ps_alloc(env, 2 * PS_TREE_LEAVES, sizeof(*order), &order, error));
	for (size_t t = 0; t < count; t++)
	{
		size_t		known = 1;

		order[0] = 0;
		for (size_t i = 0; i < known; i++)
		{
			const ps_tree_node *node = &trees[t].nodes[order[i]];

			if (node->left != 0)
			{
				size_t		input = matrix->inputs[node->column];

				PS_TRY(save_split(env, node, input, &bins->inputs[input], vectors, error));
				order[known++] = node->left;
				order[known++] = node->left + 1;
				continue;
			}
			PS_TRY(add_number(env, &vectors[NODES], 0, error));
			PS_TRY(add_number(env, &vectors[VALUES], node->value, error));
			PS_TRY(add_number(env, &vectors[ROWS], (double) node->count, error));
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_value_set_number(env, object, "trees", (double) count, error));
	for (int v = 0; v < VECTORS; v++)
	{
		PS_TRY(ps_value_set_numbers(env, object, vector_names[v], vectors[v].numbers, vectors[v].count, error));
		ps_release(env, vectors[v].numbers);
	}
	return PS_OK;
}

/* Give slots to the inputs that trees split on; places[ninputs] receives which of those each is. */
static ps_status
lay_out(const ps_env *env, ps_ensemble *ensemble, const ps_bins *bins, const ps_vector *nodes, size_t *places,
		ps_error *error)
{
	size_t	   *splits;

	PS_TRY(ps_alloc_zero(env, bins->ninputs + 1, sizeof(*splits), &splits, error));
	for (size_t i = 0; i < nodes->count; i++)
	{
		double		number = nodes->numbers[i];

		if (!(number >= 0 && number <= (double) bins->ninputs && number == floor(number)))
			return ps_fail(error, PS_CORRUPT, "node %d splits input %g of %d", (int64_t) i + 1, number,
						   (int64_t) bins->ninputs);
		splits[(size_t) number]++;
		if (i % 65536 == 65535)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_alloc(env, bins->ninputs, sizeof(*ensemble->inputs), &ensemble->inputs, error));
	ensemble->slots = 1;
	for (size_t i = 0; i < bins->ninputs; i++)
	{
		ps_score_input *input = &ensemble->inputs[ensemble->ninputs];

		if (splits[i + 1] == 0)
			continue;
		if (!bins->inputs[i].used)
			return ps_fail(error, PS_CORRUPT, "a node splits column \"%s\", which has no edges or levels",
						   bins->inputs[i].name);
		*input = (ps_score_input) {.input = &bins->inputs[i],.number = bins->inputs[i].source,.slot = ensemble->slots};
		places[i] = ensemble->ninputs++;
		if (bins->inputs[i].type != PS_TYPE_TEXT)
		{
			ensemble->slots += 2;
			continue;
		}
		input->splits = splits[i + 1];
		PS_TRY(ps_alloc(env, bins->inputs[i].codes + 1, input->splits, &input->goes_right, error));
		ensemble->slots += input->splits;
	}
	if (ensemble->slots > MOST_SLOTS)
		return ps_fail(error, PS_CORRUPT, "there are too many splits");
	return PS_OK;
}

/* Read the levels that go left at one split of a text. */
static ps_status
load_set(ps_score_input *input, bool null_left, ps_vector *vectors, ps_error *error)
{
	size_t		codes = input->input->codes;
	size_t		split = input->loaded++;
	size_t		byte = 0;

	for (size_t code = 0; code < codes; code++)
	{
		if (code % 8 == 0)
			PS_TRY(ps_vector_next_integer(&vectors[SETS], 0, codes - code >= 8 ? 255 : ((size_t) 1 << (codes - code)) - 1,
										  &byte, error));
		input->goes_right[code * input->splits + split] = (byte >> (code % 8) & 1) == 0;
	}
	input->goes_right[codes * input->splits + split] = !null_left;
	return PS_OK;
}

/* Read one split. */
static ps_status
load_split(ps_score_input *input, ps_vector *vectors, ps_score_node *node, ps_error *error)
{
	size_t		null_left;
	size_t		cut;

	PS_TRY(ps_vector_next_integer(&vectors[NULL_LEFT], 0, 1, &null_left, error));
	if (input->input->type == PS_TYPE_TEXT)
	{
		node->cut_and_slot = (uint32_t) (input->slot + input->loaded);
		return load_set(input, null_left == 1, vectors, error);
	}
	PS_TRY(ps_vector_next_integer(&vectors[CUTS], 0, input->input->codes - 1, &cut, error));
	node->cut_and_slot = (uint32_t) (input->slot + null_left) | (uint32_t) cut << 24;
	return PS_OK;
}

/* What is known of a node while its tree is read. */
typedef struct node_facts
{
	uint8_t		depth;
	double		rows;			/* in the leaves below it */
} node_facts;

/* Fill in the shares and means of splits from the leaves up. */
static void
sum_up(ps_ensemble *ensemble, size_t first, size_t count, node_facts *facts)
{
	for (size_t i = count; i-- > 0;)
	{
		size_t		left = ensemble->nodes[first + i].left;

		if (left == first + i)
			continue;
		facts[i].rows = facts[left - first].rows + facts[left - first + 1].rows;
		ps_ensemble_split(ensemble, first + i, left, facts[left - first].rows, facts[left - first + 1].rows);
	}
}

/* Read one tree into the nodes from its root on; *count receives how many it has. */
static ps_status
load_tree(ps_ensemble *ensemble, size_t ninputs, const size_t *places, ps_vector *vectors, node_facts *facts,
		  ps_score_tree *tree, size_t *count, ps_error *error)
{
	size_t		first = tree->root;
	ps_score_node *nodes = ensemble->nodes + first;
	size_t		known = 1;

	facts[0].depth = 0;
	for (size_t i = 0; i < known; i++)
	{
		size_t		number;

		PS_TRY(ps_vector_next_integer(&vectors[NODES], 0, ninputs, &number, error));
		if (number == 0)
		{
			size_t		rows;

			PS_TRY(ps_vector_next_integer(&vectors[ROWS], 0, SIZE_MAX >> 12, &rows, error));
			PS_TRY(ps_vector_next(&vectors[VALUES], -LARGEST, LARGEST, &ensemble->values[first + i], error));
			nodes[i].left = (uint32_t) (first + i);
			facts[i].rows = (double) rows;
			continue;
		}
		if (known + 2 > MOST_NODES || facts[i].depth == PS_TREE_DEEPEST)
			return ps_fail(error, PS_CORRUPT, "a tree has more than %d leaves or is deeper than %d",
						   (int64_t) PS_TREE_LEAVES, (int64_t) PS_TREE_DEEPEST);
		/* the vector ends before the nodes could: every node known is one more to read */
		if (known + 2 - i > vectors[NODES].count - vectors[NODES].next + 1)
			return ps_fail(error, PS_CORRUPT, "\"nodes\" is too short");
		PS_TRY(load_split(&ensemble->inputs[places[number - 1]], vectors, &nodes[i], error));
		nodes[i].left = (uint32_t) (first + known);
		ensemble->numbers[first + i] = (uint32_t) ensemble->inputs[places[number - 1]].number;
		facts[known].depth = facts[known + 1].depth = (uint8_t) (facts[i].depth + 1);
		if (facts[known].depth > tree->depth)
			tree->depth = facts[known].depth;
		known += 2;
	}
	*count = known;
	sum_up(ensemble, first, known, facts);
	return PS_OK;
}

/* Order trees by depth. */
static int
compare_depths(const void *a, const void *b)
{
	uint32_t	left = ((const ps_score_tree *) a)->depth;
	uint32_t	right = ((const ps_score_tree *) b)->depth;

	return left < right ? -1 : left > right ? 1 : 0;
}

ps_status
ps_ensemble_load(const ps_env *env, const ps_value *object, const ps_bins *bins, ps_ensemble **out, ps_error *error)
{
	ps_ensemble *ensemble;
	ps_vector vectors[VECTORS];
	int64_t		trees;
	size_t		nodes;
	size_t		first = 0;
	size_t	   *places;
	node_facts *facts;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*ensemble), &ensemble, error));
	PS_TRY(ps_value_need_integer(object, "trees", 0, MOST_TREES, &trees, error));
	PS_TRY(ps_vectors_open(object, vector_names, VECTORS, vectors, error));
	nodes = vectors[NODES].count;
	if (nodes < (size_t) trees || nodes > UINT32_MAX - 1)
		return ps_fail(error, PS_CORRUPT, "there are %d nodes for %d trees", (int64_t) nodes, trees);
	PS_TRY(ps_alloc_zero(env, bins->ninputs, sizeof(*places), &places, error));
	PS_TRY(lay_out(env, ensemble, bins, &vectors[NODES], places, error));

	/* one more node is a leaf of value 0, the tree that fills up the last group */
	ensemble->count = ((size_t) trees + PS_SCORE_GROUP - 1) / PS_SCORE_GROUP * PS_SCORE_GROUP;
	PS_TRY(ps_alloc_zero(env, nodes + 1, sizeof(*ensemble->nodes), &ensemble->nodes, error));
	PS_TRY(ps_alloc_zero(env, nodes + 1, sizeof(*ensemble->values), &ensemble->values, error));
	PS_TRY(ps_alloc(env, nodes + 1, sizeof(*ensemble->left_shares), &ensemble->left_shares, error));
	PS_TRY(ps_alloc(env, nodes + 1, sizeof(*ensemble->numbers), &ensemble->numbers, error));
	PS_TRY(ps_alloc(env, ensemble->count, sizeof(*ensemble->trees), &ensemble->trees, error));
	PS_TRY(ps_alloc(env, MOST_NODES, sizeof(*facts), &facts, error));
	ensemble->nodes[nodes].left = (uint32_t) nodes;
	for (size_t t = 0; t < ensemble->count; t++)
	{
		ps_score_tree *tree = &ensemble->trees[t];
		size_t		count = 0;

		*tree = (ps_score_tree) {(uint32_t) (t < (size_t) trees ? first : nodes), 0};
		if (t < (size_t) trees)
			PS_TRY(load_tree(ensemble, bins->ninputs, places, vectors, facts, tree, &count, error));
		first += count;
		PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_sort(env, ensemble->trees, ensemble->count, sizeof(*ensemble->trees), compare_depths, error));
	ps_release(env, places);
	ps_release(env, facts);
	PS_TRY(ps_vectors_finish(vectors, VECTORS, error));
	ensemble->env = *env;
	*out = ensemble;
	return PS_OK;
}

ps_status
ps_ensemble_slots(const ps_ensemble *ensemble, const ps_cell *cells, uint8_t *slots, ps_error *error)
{
	slots[0] = 0;
	for (size_t i = 0; i < ensemble->ninputs; i++)
	{
		const ps_score_input *input = &ensemble->inputs[i];
		uint8_t		code;

		PS_TRY(ps_bins_cell(input->input, cells, &code, error));
		if (input->goes_right == NULL)
		{
			slots[input->slot] = code;
			slots[input->slot + 1] = code == PS_BINS_NULL ? 0 : code;
		}
		else
		{
			size_t		row = code == PS_BINS_NULL ? input->input->codes : code;

			memcpy(slots + input->slot, input->goes_right + row * input->splits, input->splits);
		}
	}
	return PS_OK;
}

/* Add up the trees of a group; the slots are where a node has its cut. */
static inline double
sum_group(const ps_ensemble *ensemble, size_t group, const uint32_t *slots)
{
	const ps_score_node *nodes = ensemble->nodes;
	const double *values = ensemble->values;
	const ps_score_tree *trees = ensemble->trees + group * PS_SCORE_GROUP;
	double		sum = 0;

#define START(t) uint32_t at##t = trees[t].root;
#define STEP(t) \
	{ \
		uint32_t	question = nodes[at##t].cut_and_slot; \
\
		at##t = nodes[at##t].left + (question < slots[question & 0xffffff]); \
	}
#define ADD(t) sum += values[at##t];

	EACH(START)
	for (uint32_t step = trees[PS_SCORE_GROUP - 1].depth; step > 0; step--)
	{
		EACH(STEP)
	}
	EACH(ADD)
	return sum;
}

ps_status
ps_ensemble_sum(const ps_env *env, ps_ensemble *ensemble, const ps_cell *cells, double *sum, ps_error *error)
{
	uint32_t	on_stack[2 * STACK_SLOTS];
	uint32_t   *slots = on_stack;
	uint8_t    *bytes;

	if (ensemble->masks != NULL)
		return ps_leaf_masks_sum(ensemble->masks, cells, sum, error);
	if (++ensemble->scored == PS_SCORE_MASKS_AFTER)
		PS_TRY(ps_leaf_masks_create(&ensemble->env, ensemble, &ensemble->masks, error));
	if (ensemble->slots > STACK_SLOTS)
		PS_TRY(ps_alloc(env, ensemble->slots, 2 * sizeof(*slots), &slots, error));
	bytes = (uint8_t *) (slots + ensemble->slots);
	PS_TRY(ps_ensemble_slots(ensemble, cells, bytes, error));
	/* once for each slot, and not at each node that asks it */
	for (size_t i = 0; i < ensemble->slots; i++)
		slots[i] = (uint32_t) bytes[i] << 24;
	*sum = 0;
	for (size_t group = 0; group < ensemble->count / PS_SCORE_GROUP; group++)
		*sum += sum_group(ensemble, group, slots);
	if (slots != on_stack)
		ps_release(env, slots);
	return PS_OK;
}
