/*-------------------------------------------------------------------------
 *
 * ps_linkage.c
 *	  Hierarchical clustering of weighted points.
 *
 * Merges are found along chains of nearest neighbours (Benzecri 1982, Juan
 * 1982; Murtagh 1983): from any group go to its nearest, from there on, until
 * two are nearest to each other.  For these linkages a merge brings no group
 * nearer to another than both of its parts were, so that such a pair is merged
 * at the same height whatever has been merged before, and sorting by height
 * gives the tree that always merging the nearest pair gives.  Distances to
 * what a merge makes follow from those to its parts (Lance and Williams 1967).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_linkage.h"
#include "ps_sort.h"

/* Groups in progress; a group keeps the place of the later of its parts. */
typedef struct linkage_state
{
	ps_linkage	linkage;
	double	   *distances;		/* lower triangle: of places i > j at i (i - 1) / 2 + j; squared for Ward's linkage */
	double	   *weights;		/* of each place */
	size_t	   *active;			/* places of groups, ascending */
	size_t		nactive;
	size_t	   *chain;
	size_t		length;			/* of the chain */
} linkage_state;

static inline double *
distance_at(const linkage_state *state, size_t i, size_t j)
{
	return i > j ? &state->distances[i * (i - 1) / 2 + j] : &state->distances[j * (j - 1) / 2 + i];
}

static ps_status
state_create(const ps_env *env, ps_linkage linkage, const ps_points *points, linkage_state *state, ps_error *error)
{
	size_t		count = points->count;
	size_t		width = points->width;
	double	   *out;

	*state = (linkage_state) {.linkage = linkage,.nactive = count};
	PS_TRY(ps_alloc(env, count, (count + 1) / 2 * sizeof(double), &state->distances, error));
	PS_TRY(ps_alloc(env, count, sizeof(double), &state->weights, error));
	PS_TRY(ps_alloc(env, count, sizeof(size_t), &state->active, error));
	PS_TRY(ps_alloc(env, count, sizeof(size_t), &state->chain, error));
	out = state->distances;
	for (size_t i = 0; i < count; i++)
	{
		double		v = points->weights == NULL ? 1 : points->weights[i];

		state->weights[i] = v;
		state->active[i] = i;
		for (size_t j = 0; j < i; j++)
		{
			double		w = state->weights[j];
			double		sum = 0;

			for (size_t m = 0; m < width; m++)
			{
				double		difference = points->values[i * width + m] - points->values[j * width + m];

				sum += difference * difference;
			}
			*out++ = linkage == PS_LINKAGE_WARD ? 2 * v * w / (v + w) * sum : sqrt(sum);
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* Lengthen the chain until its last two groups are nearest to each other. */
static ps_status
follow_chain(const ps_env *env, linkage_state *state, ps_error *error)
{
	if (state->length == 0)
		state->chain[state->length++] = state->active[0];
	for (;;)
	{
		size_t		last = state->chain[state->length - 1];
		size_t		before = state->length > 1 ? state->chain[state->length - 2] : last;
		size_t		nearest = before;
		double		least = before != last ? *distance_at(state, last, before) : INFINITY;

		/* of equally near groups the one before, so that the chain ends */
		for (size_t i = 0; i < state->nactive; i++)
		{
			size_t		place = state->active[i];

			if (place != last && *distance_at(state, last, place) < least)
			{
				least = *distance_at(state, last, place);
				nearest = place;
			}
		}
		PS_TRY(ps_poll(env, 0, error));
		if (nearest == before && before != last)
			return PS_OK;
		state->chain[state->length++] = nearest;
	}
}

/* Merge the last two groups of the chain; left and right become places of theirs. */
static void
merge_last(linkage_state *state, ps_merge *merge)
{
	size_t		a = state->chain[state->length - 1];
	size_t		b = state->chain[state->length - 2];
	size_t		from = a < b ? a : b;
	size_t		to = a < b ? b : a;
	double		v = state->weights[from];
	double		w = state->weights[to];
	double		apart = *distance_at(state, from, to);
	size_t		kept = 0;

	state->length -= 2;
	*merge = (ps_merge) {from, to, state->linkage == PS_LINKAGE_WARD ? sqrt(apart) : apart, v + w};
	state->weights[to] = v + w;
	for (size_t i = 0; i < state->nactive; i++)
	{
		size_t		place = state->active[i];
		double		u = state->weights[place];
		double	   *out;

		if (place == from)
			continue;
		state->active[kept++] = place;
		if (place == to)
			continue;
		out = distance_at(state, to, place);
		if (state->linkage == PS_LINKAGE_WARD)
			*out = fmax(((u + v) * *distance_at(state, from, place) + (u + w) * *out - u * apart) / (u + v + w), 0);
		else
			*out = (v * *distance_at(state, from, place) + w * *out) / (v + w);
	}
	state->nactive = kept;
}

static int
compare_heights(const void *a, const void *b)
{
	double		left = ((const ps_merge *) a)->height;
	double		right = ((const ps_merge *) b)->height;

	return left < right ? -1 : left > right ? 1 : 0;
}

/* The last node that a node has become part of; shortens the way there. */
static size_t
find_root(size_t *parents, size_t node)
{
	size_t		root = node;

	while (parents[root] != root)
		root = parents[root];
	while (parents[node] != root)
	{
		size_t		next = parents[node];

		parents[node] = root;
		node = next;
	}
	return root;
}

ps_status
ps_linkage_merge(const ps_env *env, ps_linkage linkage, const ps_points *points, ps_merge *merges, ps_error *error)
{
	size_t		count = points->count;
	linkage_state state;
	size_t	   *parents;

	PS_TRY(state_create(env, linkage, points, &state, error));
	for (size_t i = 0; i + 1 < count; i++)
	{
		PS_TRY(follow_chain(env, &state, error));
		merge_last(&state, &merges[i]);
	}
	ps_release(env, state.distances);
	ps_release(env, state.active);
	ps_release(env, state.chain);
	PS_TRY(ps_sort(env, merges, count - 1, sizeof(*merges), compare_heights, error));

	/* from a point of each part to the node that the part is */
	PS_TRY(ps_alloc(env, count, 2 * sizeof(size_t), &parents, error));
	for (size_t i = 0; i < count; i++)
	{
		parents[i] = i;
		state.weights[i] = points->weights == NULL ? 1 : points->weights[i];
	}
	for (size_t i = 0; i + 1 < count; i++)
	{
		size_t		a = find_root(parents, merges[i].left);
		size_t		b = find_root(parents, merges[i].right);

		merges[i].left = a < b ? a : b;
		merges[i].right = a < b ? b : a;
		merges[i].weight = 0;
		for (int part = 0; part < 2; part++)
		{
			size_t		node = part == 0 ? a : b;

			merges[i].weight += node < count ? state.weights[node] : merges[node - count].weight;
			parents[node] = count + i;
		}
		parents[count + i] = count + i;
	}
	ps_release(env, state.weights);
	ps_release(env, parents);
	return PS_OK;
}

void
ps_linkage_cut(const ps_merge *merges, size_t count, size_t k, int32_t *labels, size_t *roots)
{
	size_t		groups = 0;

	if (k == 1)
		roots[groups++] = 2 * count - 2;
	labels[2 * count - 2] = k == 1 ? 0 : -1;
	for (size_t i = count - 1; i-- > 0;)
	{
		const size_t parts[] = {merges[i].left, merges[i].right};

		for (int part = 0; part < 2; part++)
		{
			size_t		node = parts[part];
			bool		undone = node >= count && node - count + k >= count;

			labels[node] = labels[count + i];
			if (labels[count + i] < 0 && !undone)
			{
				labels[node] = (int32_t) groups;
				roots[groups++] = node;
			}
		}
	}
}
