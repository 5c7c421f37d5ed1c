/*-------------------------------------------------------------------------
 *
 * dependency.c
 *	  See dependency.h.
 *
 * Views and materialized views keep their query in a rewrite rule; the rules
 * are followed from relation to relation.  A chain of views cannot be a circle.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/prs2lock.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "authority.h"
#include "compat.h"
#include "dependency.h"

typedef struct Walk
{
	Dependencies *dependencies;
	Oid			self;			/* the view whose query it is: its rule mentions it, too */
	int			level;			/* of the highest materialized view below the query */
} Walk;

static bool walk(Node *node, void *context);

/* Walk through one query, of a view if self says so; return the level it reaches. */
static int
walk_query(Query *query, Oid self, Dependencies *dependencies)
{
	Walk		below = {dependencies, self, 0};

	check_stack_depth();
	(void) query_tree_walker(query, walk, &below, QTW_EXAMINE_RTES_BEFORE);
	return below.level;
}

/* Walk through the query that a view is made of. */
static int
walk_rule(Relation view, Dependencies *dependencies)
{
	RuleLock   *rules = view->rd_rules;
	int			level = 0;

	for (int i = 0; rules != NULL && i < rules->numLocks; i++)
	{
		if (rules->rules[i]->event == CMD_SELECT)
			level = walk_query(linitial_node(Query, rules->rules[i]->actions), RelationGetRelid(view), dependencies);
	}
	return level;
}

/* Note a relation; return the level it reaches. */
static int
walk_relation(Oid oid, Dependencies *dependencies)
{
	char		kind = get_rel_relkind(oid);
	Relation	relation;
	DependencyView *view;
	ListCell   *cell;
	int			level;

	if (kind != RELKIND_VIEW && kind != RELKIND_MATVIEW)
		return 0;
	foreach(cell, kind == RELKIND_MATVIEW ? dependencies->views : dependencies->seen)
	{
		view = lfirst(cell);
		if (view->relation == oid)
			return view->level;
	}
	relation = table_open(oid, AccessShareLock);
	level = walk_rule(relation, dependencies);
	table_close(relation, NoLock);
	view = palloc(sizeof(DependencyView));
	if (kind == RELKIND_MATVIEW)
	{
		*view = (DependencyView) {oid, ++level,
			quote_qualified_identifier(get_namespace_name(get_rel_namespace(oid)), get_rel_name(oid))};
		dependencies->views = lappend(dependencies->views, view);
	}
	else
	{
		*view = (DependencyView) {oid, level, NULL};
		dependencies->seen = lappend(dependencies->seen, view);
	}
	return level;
}

/* Find the first argument of a call, which may be written anywhere with its name. */
static Node *
first_argument(const FuncExpr *call)
{
	Node	   *first = linitial(call->args);
	ListCell   *cell;

	foreach(cell, call->args)
	{
		NamedArgExpr *named = lfirst(cell);

		if (IsA(named, NamedArgExpr) && named->argnumber == 0)
			first = (Node *) named->arg;
	}
	while (IsA(first, RelabelType))
		first = (Node *) ((RelabelType *) first)->arg;
	return first;
}

/* Note a text constant that is the first argument of one of predseg's functions. */
static void
note_model(FuncExpr *call, Dependencies *dependencies)
{
	Node	   *first = first_argument(call);
	Const	   *name;
	char	   *model;
	ListCell   *cell;

	if (!IsA(first, Const) || get_func_namespace(call->funcid) != predseg_schema())
		return;
	name = (Const *) first;
	if (name->constisnull || (name->consttype != TEXTOID && name->consttype != VARCHAROID))
		return;
	model = TextDatumGetCString(name->constvalue);
	foreach(cell, dependencies->models)
	{
		if (strcmp(lfirst(cell), model) == 0)
			return;
	}
	dependencies->models = lappend(dependencies->models, model);
}

static bool
walk(Node *node, void *context)
{
	Walk	   *here = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *entry = (RangeTblEntry *) node;

		if (entry->rtekind == RTE_RELATION && entry->relid != here->self)
			here->level = Max(here->level, walk_relation(entry->relid, here->dependencies));
		return false;
	}
	if (IsA(node, Query))
	{
		here->level = Max(here->level, walk_query((Query *) node, here->self, here->dependencies));
		return false;
	}
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->args != NIL)
		note_model((FuncExpr *) node, here->dependencies);
	return expression_tree_walker(node, walk, context);
}

void
dependencies_collect(Query *query, Dependencies *dependencies)
{
	(void) walk_query(query, InvalidOid, dependencies);
}
