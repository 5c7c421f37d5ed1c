/*-------------------------------------------------------------------------
 *
 * ps_dendrogram.c
 *	  The upper part of a tree of merges, as a table to draw it by.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_dendrogram.h"

/* What is drawn of a node. */
typedef struct drawn_node
{
	size_t		branches;		/* below it, or 1 for a branch */
	size_t		first;			/* the leftmost of them, from 0 */
	size_t		number;
	double		position;
} drawn_node;

static ps_status
save_node(const ps_env *env, const drawn_node *node, double height, double rows, ps_value *tree, ps_value **out,
		  ps_error *error)
{
	PS_TRY(ps_value_append_object(env, tree, out, error));
	PS_TRY(ps_value_set_number(env, *out, "node", (double) node->number, error));
	PS_TRY(ps_value_set_number(env, *out, "position", node->position, error));
	PS_TRY(ps_value_set_number(env, *out, "height", height, error));
	return ps_value_set_number(env, *out, "rows", rows, error);
}

ps_status
ps_dendrogram_save(const ps_env *env, const ps_points *points, const ps_merge *merges, size_t nmerges,
				   const size_t *roots, size_t k, size_t *numbers, ps_value *object, ps_error *error)
{
	size_t		count = points->count;
	size_t		first_merge = count - 1 - nmerges;
	drawn_node *nodes;
	size_t	   *branches;		/* the node of each, from left to right */
	ps_value   *tree;
	ps_value   *saved;

	PS_TRY(ps_alloc_zero(env, 2 * count - 1, sizeof(*nodes), &nodes, error));
	PS_TRY(ps_alloc_zero(env, nmerges + 1, sizeof(*branches), &branches, error));
	for (size_t node = 0; node < 2 * count - 1; node++)
	{
		const ps_merge *merge = node < count + first_merge ? NULL : &merges[node - count];

		nodes[node].branches = merge == NULL ? 1 : nodes[merge->left].branches + nodes[merge->right].branches;
	}
	for (size_t i = count - 1; i-- > first_merge;)
	{
		const ps_merge *merge = &merges[i];

		nodes[merge->left].first = nodes[count + i].first;
		nodes[merge->right].first = nodes[count + i].first + nodes[merge->left].branches;
		if (merge->left < count + first_merge)
			branches[nodes[merge->left].first] = merge->left;
		if (merge->right < count + first_merge)
			branches[nodes[merge->right].first] = merge->right;
	}

	PS_TRY(ps_value_set_list(env, object, "tree", &tree, error));
	for (size_t i = 0; i <= nmerges; i++)
	{
		size_t		node = branches[i];
		double		rows = node >= count ? merges[node - count].weight : points->weights == NULL ? 1 : points->weights[node];

		nodes[node].number = i + 1;
		nodes[node].position = (double) (i + 1);
		PS_TRY(save_node(env, &nodes[node], node < count ? 0 : merges[node - count].height, rows, tree, &saved, error));
	}
	for (size_t i = first_merge; i + 1 < count; i++)
	{
		const drawn_node *left = &nodes[merges[i].left];
		const drawn_node *right = &nodes[merges[i].right];

		nodes[count + i].number = nmerges + 2 + i - first_merge;
		nodes[count + i].position = (left->position + right->position) / 2;
		PS_TRY(save_node(env, &nodes[count + i], merges[i].height, merges[i].weight, tree, &saved, error));
		PS_TRY(ps_value_set_number(env, saved, "left", (double) left->number, error));
		PS_TRY(ps_value_set_number(env, saved, "right", (double) right->number, error));
	}
	for (size_t c = 0; c < k; c++)
		numbers[c] = nodes[roots[c]].number;
	ps_release(env, nodes);
	ps_release(env, branches);
	return PS_OK;
}
