/*-------------------------------------------------------------------------
 *
 * rewrite.c
 *	  While planning, replace the row of f('name', t.*, ...) by the columns
 *	  that the model reads.
 *
 * To put a whole row together and take it apart again costs several times
 * what a linear model costs.  So the second argument becomes
 *
 *		COALESCE(predseg.row_of('name', inputs, names, t.a, t.b, ...), t.*)
 *
 * where inputs are those of the model that the planner saw.  The model is
 * asked for when the query runs, as ever, and may be another by then: a
 * function in SQL is planned as a whole before its first statement, which may
 * train.  If it has other inputs, row_of (site.c) gives NULL, and the row is
 * whole.  The registry becomes one of the relations of
 * the plan, so that a prepared statement is planned anew after deploy().
 *
 * What the row is read for decides what it must hold: all columns of a name
 * that is an input's, where one is a history all columns of that type, and
 * "as_of" where there are histories or answers are days.  So whatever is wrong with them is found when the query runs, in
 * the words in which it always is.  Where a column is missing, the row stays
 * whole: the error lists its columns.
 *
 * The row stays whole, too, where
 *	- it may be NULL because of an outer join.  We look for its relation in the
 *	  tree of joins, which no join may extend by NULLs on the way; what is not
 *	  there, as in RETURNING of INSERT, is left alone as well.
 *	- the planner gives no root, or may have given us the wrong one: for the
 *	  WHERE of an EXISTS it passes that of the query around it.
 *	- the model is a value.  An index expression is planned without a root, and
 *	  must be equal to the query's.
 *	- a column of a ROW(...), also of a view's, is volatile or a sub-select,
 *	  since it would stand there twice.
 *
 * Where rows go from their scan into a join, a sort, an aggregate or the union
 * of partitions, t.* in
 * COALESCE would be put together for each of them on the way; there it is ROW(...)
 * of all columns, put together only if it is needed.  In the scan itself, t.*
 * is better: columns behind those that the model reads stay untouched.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "authority.h"
#include "compat.h"
#include "registry.h"
#include "rewrite.h"
#include "row.h"

static bool rewrite_rows = true;

void
rewrite_init(void)
{
	DefineCustomBoolVariable("predseg.rewrite_rows",
							 "Lets the planner pass to a named model only the columns that it reads.",
							 "Results are the same with and without.",
							 &rewrite_rows, true, PGC_USERSET, 0, NULL, NULL, NULL);
}

/* The columns of a row, as expressions. */
typedef struct RowFields
{
	TupleDesc	desc;
	List	   *fields;			/* one for each attribute, dropped ones included */
	Node	   *whole;			/* the row itself, for when it is needed after all */
} RowFields;

/* Is a relation below a node of the join tree at a place that no outer join fills with NULLs? */
static bool
is_never_null(Node *node, int relation)
{
	check_stack_depth();
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblRef))
		return ((RangeTblRef *) node)->rtindex == relation;
	if (IsA(node, FromExpr))
	{
		ListCell   *cell;

		foreach(cell, ((FromExpr *) node)->fromlist)
			if (is_never_null(lfirst(cell), relation))
				return true;
		return false;
	}
	if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) node;
		bool		left = join->jointype == JOIN_INNER || join->jointype == JOIN_SEMI ||
			join->jointype == JOIN_LEFT || join->jointype == JOIN_ANTI;
		bool		right = join->jointype == JOIN_INNER || join->jointype == JOIN_SEMI || join->jointype == JOIN_RIGHT;

		return (left && is_never_null(join->larg, relation)) || (right && is_never_null(join->rarg, relation));
	}
	return false;
}

/* Is there an EXISTS in an expression, not looking into sub-selects? */
static bool
has_exists(Node *node, void *context)
{
	if (node == NULL || IsA(node, Query))
		return false;
	if (IsA(node, SubLink) && ((SubLink *) node)->subLinkType == EXISTS_SUBLINK)
		return true;
	return expression_tree_walker(node, has_exists, context);
}

/* Describe a row type with columns of given names; NULL unless the fields have exactly its columns. */
static TupleDesc
describe_row(Oid type, List *names, List *fields)
{
	TupleDesc	desc;

	if (type == RECORDOID)
	{
		if (list_length(names) != list_length(fields))
			return NULL;
		desc = CreateTemplateTupleDesc(list_length(fields));
		for (int i = 0; i < desc->natts; i++)
			TupleDescInitEntry(desc, (AttrNumber) (i + 1), strVal(list_nth(names, i)), exprType(list_nth(fields, i)), -1, 0);
		return desc;
	}
	desc = lookup_rowtype_tupdesc_noerror(type, -1, true);
	if (desc != NULL)
	{
		TupleDesc	pinned = desc;

		desc = CreateTupleDescCopy(pinned);
		ReleaseTupleDesc(pinned);
	}
	if (desc == NULL || desc->natts != list_length(fields))
		return NULL;
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped &&
			TupleDescAttr(desc, i)->atttypid != exprType(list_nth(fields, i)))
			return NULL;
	return desc;
}

/* Is all that a query computes computed where it scans its single relation, a table? */
static bool
only_scans(const Query *query, const RangeTblEntry *entry)
{
	return entry->rtekind == RTE_RELATION && !entry->inh && list_length(query->jointree->fromlist) == 1 && IsA(linitial(query->jointree->fromlist), RangeTblRef) &&
		!query->hasAggs && !query->hasWindowFuncs && !query->hasTargetSRFs && query->groupClause == NIL &&
		query->distinctClause == NIL && query->sortClause == NIL;
}

/* Take a row of a relation apart; false to leave it whole. */
static bool
fields_of_relation(PlannerInfo *root, Var *var, RowFields *row)
{
	Query	   *query = root->parse;
	RangeTblEntry *entry;
	List	   *names;

	if (var->varattno != InvalidAttrNumber || var->varlevelsup != 0 || predseg_var_returns_old_or_new(var) ||
		var->varno < 1 || var->varno > list_length(query->rtable) ||
		!is_never_null((Node *) query->jointree, var->varno))
		return false;
	if (query->commandType == CMD_MERGE || query->groupingSets != NIL ||
		(query->hasSubLinks &&
		 query_tree_walker(query, has_exists, NULL, QTW_IGNORE_RT_SUBQUERIES | QTW_IGNORE_CTE_SUBQUERIES)))
		return false;
	entry = rt_fetch(var->varno, query->rtable);
	if (entry->rtekind != RTE_RELATION && entry->rtekind != RTE_CTE && entry->rtekind != RTE_VALUES &&
		(entry->rtekind != RTE_SUBQUERY || entry->subquery == NULL))
		return false;
	predseg_expand_entry(entry, var->varno, var->vartype != RECORDOID, &names, &row->fields);
	row->desc = describe_row(var->vartype, names, row->fields);
	if (row->desc == NULL)
		return false;
	row->whole = (Node *) var;
	if (!only_scans(query, entry))
	{
		RowExpr    *whole = makeNode(RowExpr);

		whole->args = row->fields;
		whole->row_typeid = var->vartype;
		whole->row_format = COERCE_IMPLICIT_CAST;
		whole->colnames = var->vartype == RECORDOID ? names : NIL;
		whole->location = -1;
		row->whole = (Node *) whole;
	}
	return true;
}

/* The same for ROW(...), which rows of views and sub-selects have become. */
static bool
fields_of_row(RowExpr *expression, RowFields *row)
{
	if (contain_volatile_functions((Node *) expression) || contain_subplans((Node *) expression) ||
		expression_returns_set((Node *) expression))
		return false;
	row->fields = expression->args;
	row->desc = describe_row(expression->row_typeid, expression->colnames, row->fields);
	row->whole = (Node *) expression;
	return row->desc != NULL;
}

/* Choose the attributes that a model may look at, in the order of its inputs; NIL when it cannot do with them. */
static List *
choose_attributes(const ps_model *model, TupleDesc desc)
{
	List	   *chosen = NIL;
	bool		takes_as_of = (model->answers & PS_DAY_QUESTIONS) != 0;

	for (size_t i = 0; i < model->ninputs; i++)
	{
		const ps_input *input = &model->inputs[i];
		bool		found = ps_is_as_of(input->name, input->type);

		for (int j = 0; j < desc->natts; j++)
		{
			Form_pg_attribute attribute = TupleDescAttr(desc, j);
			const char *name = NameStr(attribute->attname);

			if (attribute->attisdropped)
				continue;
			if (input->type == PS_TYPE_HISTORY ? row_type(attribute->atttypid) == PS_TYPE_HISTORY :
				strcmp(name, input->name) == 0)
				found = true;
			else if (!(takes_as_of || input->type == PS_TYPE_HISTORY) || strcmp(name, PS_AS_OF) != 0)
				continue;
			chosen = list_append_unique_int(chosen, j);
		}
		if (!found)
			return NIL;
	}
	return chosen;
}

/* A constant array of texts. */
static Node *
make_names(const char **names, int count)
{
	Datum	   *texts = palloc(Max(count, 1) * sizeof(Datum));

	for (int i = 0; i < count; i++)
		texts[i] = CStringGetTextDatum(names[i]);
	return (Node *) makeConst(TEXTARRAYOID, -1, InvalidOid, -1,
							  PointerGetDatum(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT)),
							  false, false);
}

/* Find predseg.row_of; InvalidOid unless the user may call it. */
static Oid
find_row_of(void)
{
	Oid			types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, ANYOID};
	Oid			function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("row_of"),
										   PointerGetDatum(buildoidvector(types, 4)), ObjectIdGetDatum(predseg_schema()));

	return OidIsValid(function) && predseg_may_execute(function) ? function : InvalidOid;
}

/* Write the row with only the columns that the model reads; NULL when that cannot be. */
static Node *
make_row(const ps_model *model, Const *name, const RowFields *row)
{
	List	   *chosen = choose_attributes(model, row->desc);
	ListCell   *cell;
	Oid			function = find_row_of();
	const char **inputs = palloc(model->ninputs * sizeof(char *));
	const char **names = palloc(Max(row->desc->natts, 1) * sizeof(char *));
	List	   *columns = NIL;		/* copies: the planner renumbers variables in place */
	int			count = 0;
	FuncExpr   *narrow;
	CoalesceExpr *expression = makeNode(CoalesceExpr);

	foreach(cell, chosen)
	{
		names[count++] = NameStr(TupleDescAttr(row->desc, lfirst_int(cell))->attname);
		columns = lappend(columns, copyObject(list_nth(row->fields, lfirst_int(cell))));
	}
	if (!OidIsValid(function) || count == 0 || count + 3 > FUNC_MAX_ARGS)
		return NULL;
	for (size_t i = 0; i < model->ninputs; i++)
		inputs[i] = model->inputs[i].name;
	narrow = makeFuncExpr(function, RECORDOID,
						  list_concat(list_make3(copyObject(name), make_names(inputs, (int) model->ninputs), make_names(names, count)),
									  columns),
						  InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
	expression->coalescetype = RECORDOID;
	expression->args = list_make2(narrow, row->whole);
	expression->location = -1;
	return (Node *) expression;
}

/* Rewrite a call f('name', row, ...); NULL to leave it as it is. */
static Node *
rewrite_call(PlannerInfo *root, FuncExpr *call)
{
	Const	   *name;
	Node	   *argument;
	Node	   *narrow = NULL;
	RowFields	row;
	MemoryContext holder;
	const RegistryModel *registered;
	FuncExpr   *rewritten;

	if (!rewrite_rows || root == NULL || list_length(call->args) < 2)
		return NULL;
	name = linitial(call->args);
	argument = lsecond(call->args);
	if (!IsA(name, Const) || name->consttype != TEXTOID || name->constisnull)
		return NULL;
	if (IsA(argument, Var) ? !fields_of_relation(root, (Var *) argument, &row) :
		!IsA(argument, RowExpr) || !fields_of_row((RowExpr *) argument, &row))
		return NULL;
	if (row_is_anonymous(row.desc) || !OidIsValid(registry_table()))
		return NULL;

	/* Before asking, so that a name without a model is looked up again, too, once there is one. */
	root->glob->relationOids = list_append_unique_oid(root->glob->relationOids, registry_table());
	holder = AllocSetContextCreate(CurrentMemoryContext, "predseg plan", ALLOCSET_SMALL_SIZES);
	registered = registry_find(TextDatumGetCString(name->constvalue), holder);
	if (registered != NULL)
		narrow = make_row(registered->model, name, &row);
	MemoryContextDelete(holder);
	if (narrow == NULL)
		return NULL;
	rewritten = makeNode(FuncExpr);
	*rewritten = *call;
	rewritten->args = list_copy(call->args);
	lsecond(rewritten->args) = narrow;
	return (Node *) rewritten;
}

PG_FUNCTION_INFO_V1(predseg_row_support);

/* What the planner asks about functions that take a model's name and a row. */
Datum
predseg_row_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(rewrite_call(((SupportRequestSimplify *) request)->root, ((SupportRequestSimplify *) request)->fcall));
}
