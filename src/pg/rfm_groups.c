/*-------------------------------------------------------------------------
 *
 * rfm_groups.c
 *	  The states of predseg.rfm in a hash aggregate: one log for all groups.
 *
 * A hash aggregate gets the rows of all customers in any order.  What costs
 * time is waiting for memory that is touched here and there: the executor's
 * hash table is, and a state that grows in its own place would be, too.  So a
 * state is only a number here, and rows go to the end of one log
 * (ps_rfm_log.h), which is sorted when states are read.
 *
 * To the executor a state is an expanded object (utils/expandeddatum.h) whose
 * flat form is a purchase history: that is how partial aggregates hand it on.
 * All groups of an aggregate live in one memory context below the aggregate's,
 * as the executor wants it to leave them where they are.
 *
 * Adding a row does not even read the state: its address says which group
 * it is.  Groups are made in blocks, the first as large as the planner expects
 * them to be many, which most often leaves one block to look at, and each
 * other twice as large as the one before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "ps_rfm_log.h"
#include "rfm_groups.h"

#define SMALLEST_BLOCK 16		/* groups */
#define FIRST_BLOCK_SHARE 8		/* of the memory for hash tables is the first block's at most */
#define MOST_BLOCKS 28			/* 2^32 groups, nearly, where the first block is the smallest */

typedef struct rfm_group
{
	ExpandedObjectHeader header;
	rfm_groups *groups;
	const char *zone;
} rfm_group;

struct rfm_groups
{
	MemoryContext context;
	MemoryContextCallback forget;
	ps_env		env;
	ps_rfm_log	log;
	uint32		first_block;
	rfm_group  *blocks[MOST_BLOCKS];	/* block b has first_block << b groups */
	int			nblocks;
	const char *zone;			/* of all groups, or NULL when they have several */
};

/* The first group of a block. */
static inline uint64
block_start(const rfm_groups *groups, int block)
{
	return (uint64) groups->first_block * ((UINT64_C(1) << block) - 1);
}

/* Find the number of the group whose state is at that address; -1 if it is none of these. */
static inline int64
group_at(const rfm_groups *groups, const void *state)
{
	for (int block = 0; block < groups->nblocks; block++)
	{
		size_t		offset = (uintptr_t) state - (uintptr_t) groups->blocks[block];

		if (offset < ((size_t) groups->first_block << block) * sizeof(rfm_group))
			return (int64) (block_start(groups, block) + offset / sizeof(rfm_group));
	}
	return -1;
}

/* Forget the groups: their memory is being freed. */
static void
forget_groups(void *known)
{
	*(rfm_groups **) known = NULL;
}

rfm_groups *
rfm_groups_find(FunctionCallInfo fcinfo, MemoryContext context, rfm_groups **known)
{
	const AggState *aggregate = (const AggState *) fcinfo->context;
	MemoryContext own;
	rfm_groups *groups;
	double		most;

	if (!IsA(aggregate, AggState) || aggregate->hashcontext == NULL ||
		aggregate->hashcontext->ecxt_per_tuple_memory != context)
		return NULL;
	if (*known != NULL)
		return *known;
	own = AllocSetContextCreate(context, "predseg.rfm", ALLOCSET_DEFAULT_SIZES);
	groups = MemoryContextAllocZero(own, sizeof(rfm_groups));
	groups->context = own;
	groups->env = predseg_env(own);
	most = get_hash_memory_limit() / (double) FIRST_BLOCK_SHARE / sizeof(rfm_group);
	groups->first_block = (uint32) Max(SMALLEST_BLOCK, Min(Min((double) ((const Agg *) aggregate->ss.ps.plan)->numGroups, most), 1 << 24));
	groups->forget.func = forget_groups;
	groups->forget.arg = known;
	MemoryContextRegisterResetCallback(own, &groups->forget);
	*known = groups;
	return groups;
}

/* Find the entries of a group's history. */
static const ps_rfm_entry *
entries_of(const rfm_group *group, uint32 *count)
{
	rfm_groups *groups = group->groups;
	const ps_rfm_entry *entries;
	ps_error	error;

	predseg_check(ps_rfm_log_find(&groups->env, &groups->log, (uint32) group_at(groups, group), &entries, count, &error), &error);
	return entries;
}

/* The bytes of a group's history in the working form. */
static Size
flat_size(ExpandedObjectHeader *header)
{
	const rfm_group *group = (const rfm_group *) header;
	uint32		count;

	entries_of(group, &count);
	return VARHDRSZ + ps_rfm_size(strlen(group->zone), count);
}

/* Write a group's history in the working form to memory of that size. */
static void
flatten(ExpandedObjectHeader *header, void *result, Size size)
{
	const rfm_group *group = (const rfm_group *) header;
	ps_rfm	   *rfm = (ps_rfm *) VARDATA(result);
	uint32		count;
	const ps_rfm_entry *entries = entries_of(group, &count);
	ps_error	error;

	SET_VARSIZE(result, size);
	predseg_check(ps_rfm_init(rfm, group->zone, strlen(group->zone), &error), &error);
	ps_rfm_append_entries(rfm, entries, count);
}

static const ExpandedObjectMethods methods = {flat_size, flatten};

Datum
rfm_groups_start(rfm_groups *groups, const char *zone)
{
	uint32		number = groups->log.histories;
	rfm_group  *group;

	if (number == block_start(groups, groups->nblocks))
	{
		if (block_start(groups, groups->nblocks + 1) > PG_UINT32_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many purchase histories for one aggregate")));
		groups->blocks[groups->nblocks] = MemoryContextAllocHuge(groups->context,
																 ((Size) groups->first_block << groups->nblocks) * sizeof(rfm_group));
		groups->nblocks++;
	}
	if (number == 0)
		groups->zone = zone;
	else if (groups->zone != zone)
		groups->zone = NULL;
	group = &groups->blocks[groups->nblocks - 1][number - block_start(groups, groups->nblocks - 1)];
	EOH_init_header(&group->header, &methods, groups->context);
	group->groups = groups;
	group->zone = zone;
	groups->log.histories++;
	return EOHPGetRWDatum(&group->header);
}

/* Fail unless rows of the group are of that zone. */
static void
check_zone(const rfm_group *group, const char *zone)
{
	ps_rfm	   *rfm;
	ps_error	error;

	if (strcmp(group->zone, zone) == 0)
		return;
	rfm = palloc(ps_rfm_size(strlen(group->zone), 0));
	predseg_check(ps_rfm_init(rfm, group->zone, strlen(group->zone), &error), &error);
	predseg_check(ps_rfm_check_zone(rfm, zone, strlen(zone), &error), &error);
}

bool
rfm_groups_add(rfm_groups *groups, Datum state, DateADT day, const float8 *amount, const char *zone)
{
	int64		number = group_at(groups, DatumGetPointer(state));
	ps_error	error;

	if (number < 0)
		return false;
	if (groups->zone != zone)
		check_zone((const rfm_group *) DatumGetEOHP(state), zone);
	predseg_check(ps_rfm_log_add(&groups->env, &groups->log, (uint32) number, day, amount, &error), &error);
	return true;
}

bytea *
rfm_groups_flatten(Datum state)
{
	ExpandedObjectHeader *header;
	Size		size;
	bytea	   *flat;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(state)))
		return NULL;
	header = DatumGetEOHP(state);
	if (header->eoh_methods != &methods)
		return NULL;
	size = flat_size(header);
	flat = palloc(size);
	flatten(header, flat, size);
	return flat;
}
