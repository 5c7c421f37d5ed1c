/*-------------------------------------------------------------------------
 *
 * predicate.c
 *	  See predicate.h.
 *
 * A definition is composed of parse trees, never of text: the source becomes
 * the one item of a FROM clause, and each predicate is parsed alone, must be
 * a single expression, and is analysed over the source's columns.  So a text
 * can not end early, open a bracket for another, or name another relation.
 * Comments are refused all the same: they hide what a predicate says from the
 * person who reads it in a list.
 *
 * The query is run with the executor's own privilege checks for the user who
 * is current then.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_clause.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "parser/parsetree.h"
#include "parser/scanner.h"
#include "parser/scansup.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "errors.h"
#include "predicate.h"
#include "source.h"

/* The part of a definition that is being analysed, for error messages. */
typedef struct Part
{
	const char *name;
	const char *text;
	int			sqlstate;
} Part;

int
definition_settings(const Definition *definition)
{
	const char *const settings[][2] = {
		{"search_path", definition->search_path},
		{"TimeZone", definition->time_zone},
		{"DateStyle", "ISO, YMD"},
		{"IntervalStyle", "postgres"},
		{"bytea_output", "hex"},
		{"extra_float_digits", "1"},
	};
	int			level = NewGUCNestLevel();

	for (size_t i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

char *
definition_search_path(void)
{
	StringInfoData path;
	ListCell   *cell;

	initStringInfo(&path);
	foreach(cell, fetch_search_path(false))
	{
		char	   *name = get_namespace_name(lfirst_oid(cell));

		/* It may have been dropped since the path was made. */
		if (name != NULL && !isAnyTempNamespace(lfirst_oid(cell)))
			appendStringInfo(&path, "%s, ", quote_identifier(name));
	}
	appendStringInfoString(&path, "pg_temp");
	return path.data;
}

/* Raise an error about a predicate. */
static void
refuse(const char *format, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_INVALID_PREDICATE),
			 errmsg("%s", format),
			 errhint("%s", hint)));
}

/*
 * Refuse comments: whatever stands between two tokens that is not a space.
 * After a token was read the scanner has put a zero byte behind it.
 */
static void
refuse_comments(const char *text)
{
	core_yy_extra_type extra;
	core_yyscan_t scanner = scanner_init(text, &extra, &ScanKeywords, ScanKeywordTokens);
	core_YYSTYPE value;
	YYLTYPE		location;
	size_t		end = 0;
	int			token;

	do
	{
		token = core_yylex(&value, &location, scanner);
		for (size_t i = end; i < (size_t) location; i++)
		{
			if (!scanner_isspace(text[i]))
				refuse("a predicate cannot contain comments",
					   "Write it as one expression over the columns of the source, and the explanation in \"description\".");
		}
		end = (size_t) location + strlen(extra.scanbuf + location);
	} while (token != 0);
	scanner_finish(scanner);
}

/* Parse text as exactly one expression. */
static Node *
parse_expression(const char *text)
{
	List	   *statements = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select = (SelectStmt *) linitial_node(RawStmt, statements)->stmt;
	ResTarget  *target;

	if (!IsA(select, SelectStmt) || select->op != SETOP_NONE || list_length(select->targetList) != 1 ||
		select->distinctClause != NIL || select->intoClause != NULL || select->fromClause != NIL ||
		select->whereClause != NULL || select->groupClause != NIL || select->havingClause != NULL ||
		select->windowClause != NIL || select->valuesLists != NIL || select->sortClause != NIL ||
		select->limitOffset != NULL || select->limitCount != NULL || select->lockingClause != NIL ||
		select->withClause != NULL)
		refuse("a predicate must be one expression and nothing else",
			   "Write what belongs in a WHERE clause, for example \"intent >= 0.6 AND orders > 2\".");
	target = linitial_node(ResTarget, select->targetList);
	if (target->name != NULL || target->indirection != NIL ||
		(IsA(target->val, ColumnRef) && IsA(llast(((ColumnRef *) target->val)->fields), A_Star)))
		refuse("a predicate must be one expression and nothing else",
			   "Write what belongs in a WHERE clause, for example \"intent >= 0.6 AND orders > 2\".");
	return target->val;
}

/* Parse and analyse a predicate over the columns in sight. */
static Expr *
analyze_predicate(ParseState *state, const Part *part)
{
	Node	   *expression;

	refuse_comments(part->text);
	expression = transformExpr(state, parse_expression(part->text), EXPR_KIND_SELECT_TARGET);
	if (state->p_hasSubLinks)
		refuse("a predicate cannot contain a sub-select",
			   "Put what it needs into the source: a view or a materialized view with one row for each customer.");
	if (state->p_hasAggs || state->p_hasWindowFuncs)
		refuse("a predicate cannot contain an aggregate or a window function",
			   "Compute it in the source, as a column.");
	if (state->p_hasTargetSRFs)
		refuse("a predicate cannot contain a function that returns a set",
			   "Compute it in the source, as a column.");
	expression = coerce_to_boolean(state, expression, part->name);
	assign_expr_collations(state, expression);
	if (contain_volatile_functions(expression))
		refuse("a predicate cannot contain a volatile function, such as random() or clock_timestamp()",
			   "The same customer must get the same answer twice. now() and functions of the columns are allowed.");
	return (Expr *) expression;
}

/* Make the source the FROM clause. */
static void
analyze_source(ParseState *state, const char *text)
{
	Source	   *source = source_parse(text);
	Node	   *item;

	if (OidIsValid(source->relation))
		item = (Node *) makeRangeVar(get_namespace_name(get_rel_namespace(source->relation)),
									 get_rel_name(source->relation), -1);
	else
	{
		RangeSubselect *subselect = makeNode(RangeSubselect);

		state->p_sourcetext = source->query;
		subselect->subquery = linitial_node(RawStmt, raw_parser(source->query, RAW_PARSE_DEFAULT))->stmt;
		subselect->alias = makeAlias("source", NIL);
		item = (Node *) subselect;
	}
	transformFromClause(state, list_make1(item));
}

/* Find the key among the source's columns, as text. */
static Expr *
analyze_key(ParseState *state, const char *key)
{
	Node	   *column = colNameToVar(state, key, true, -1);
	Node	   *result;

	if (column == NULL || !IsA(column, Var) || ((Var *) column)->varattno <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_KEY),
				 errmsg("the source has no column \"%s\"", key),
				 errhint("The key is the name of the column that identifies a customer.")));
	result = coerce_to_target_type(state, column, exprType(column), TEXTOID, -1,
								   COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
	if (result == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_KEY),
				 errmsg("the key \"%s\" has type %s, which cannot be written as text",
						key, format_type_be(exprType(column))),
				 errhint("Choose a column of integers, text or uuid.")));
	assign_expr_collations(state, result);
	return (Expr *) result;
}

/*
 * Collect the columns that the predicates mention into to_jsonb(ROW(...)).  A
 * whole row (scores.*) is not taken apart: it may be hundreds of columns.
 */
static Expr *
make_facts(ParseState *state, List *predicates)
{
	List	   *mentioned = pull_var_clause((Node *) predicates, 0);
	Bitmapset  *attributes = NULL;
	RowExpr    *row = makeNode(RowExpr);
	RangeTblEntry *source = linitial_node(RangeTblEntry, state->p_rtable);
	ListCell   *cell;

	row->row_typeid = RECORDOID;
	row->row_format = COERCE_EXPLICIT_CALL;
	row->location = -1;
	foreach(cell, mentioned)
	{
		Var		   *column = lfirst_node(Var, cell);

		if (column->varattno <= 0 || bms_is_member(column->varattno, attributes))
			continue;
		attributes = bms_add_member(attributes, column->varattno);
		row->args = lappend(row->args, copyObject(column));
		row->colnames = lappend(row->colnames, makeString(get_rte_attribute_name(source, column->varattno)));
	}
	return (Expr *) makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(row), InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

/* Make "expression IS TRUE". */
static Expr *
is_true(Expr *expression)
{
	BooleanTest *test = makeNode(BooleanTest);

	test->arg = expression;
	test->booltesttype = IS_TRUE;
	test->location = -1;
	return (Expr *) test;
}

/* Analyse a definition; part follows what is being read. */
static Query *
analyze(const Definition *definition, ParseState *state, Part *part)
{
	Query	   *query = makeNode(Query);
	Expr	   *key;
	Expr	   *enters;
	Expr	   *leaves = NULL;
	List	   *predicates;
	Expr	   *columns[4];
	static const char *const names[4] = {"key", "enters", "leaves", "facts"};

	*part = (Part) {"source", definition->source, ERRCODE_PREDSEG_INVALID_SOURCE};
	state->p_sourcetext = part->text;
	analyze_source(state, part->text);

	*part = (Part) {"key", definition->key, ERRCODE_PREDSEG_INVALID_KEY};
	state->p_sourcetext = part->text;
	key = analyze_key(state, part->text);

	*part = (Part) {"enter_when", definition->enter_when, ERRCODE_PREDSEG_INVALID_PREDICATE};
	state->p_sourcetext = part->text;
	enters = analyze_predicate(state, part);
	predicates = list_make1(enters);
	if (definition->leave_when != NULL)
	{
		*part = (Part) {"leave_when", definition->leave_when, ERRCODE_PREDSEG_INVALID_PREDICATE};
		state->p_sourcetext = part->text;
		leaves = analyze_predicate(state, part);
		predicates = lappend(predicates, leaves);
	}

	columns[0] = key;
	columns[1] = is_true(enters);
	columns[2] = leaves != NULL ? is_true(leaves) : (Expr *) makeBoolConst(false, true);
	columns[3] = make_facts(state, predicates);
	for (int i = 0; i < 4; i++)
		query->targetList = lappend(query->targetList,
									makeTargetEntry(columns[i], (AttrNumber) (i + 1), pstrdup(names[i]), false));
	query->commandType = CMD_SELECT;
	query->querySource = QSRC_ORIGINAL;
	query->canSetTag = true;
	query->rtable = state->p_rtable;
#if PG_VERSION_NUM >= 160000
	query->rteperminfos = state->p_rteperminfos;
#endif
	query->jointree = makeFromExpr(state->p_joinlist, NULL);

	*part = (Part) {"source", definition->source, ERRCODE_PREDSEG_INVALID_SOURCE};
	if (isQueryUsingTempRelation(query))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_SOURCE),
				 errmsg("the source is a temporary table, or uses one"),
				 errhint("A segment outlives the session: make it an ordinary table or a materialized view.")));
	return query;
}

/* Is this an error of the text, and not of the server or of rights? */
static bool
is_error_of_text(int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return sqlstate != ERRCODE_INSUFFICIENT_PRIVILEGE &&
		(category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION ||
		 category == ERRCODE_FEATURE_NOT_SUPPORTED ||
		 category == ERRCODE_DATA_EXCEPTION ||
		 category == ERRCODE_INVALID_SCHEMA_NAME ||
		 category == ERRCODE_TO_CATEGORY(ERRCODE_PREDSEG_INVALID_PREDICATE));
}

Query *
definition_analyze(const Definition *definition)
{
	MemoryContext context = CurrentMemoryContext;
	ParseState *state = make_parsestate(NULL);
	volatile Part part = {0};
	Query	   *query = NULL;

	PG_TRY();
	{
		query = analyze(definition, state, (Part *) &part);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!is_error_of_text(error->sqlerrcode))
			PG_RE_THROW();

		/* Nothing is half done: the error below ends the caller's work as this one would have. */
		FlushErrorState();
		ereport(ERROR,
				(errcode(part.sqlstate),
				 errmsg("%s is not valid: %s", part.name, error->message),
				 error->detail != NULL ? errdetail("%s", error->detail) : 0,
				 error->hint != NULL ? errhint("%s", error->hint) :
				 part.sqlstate == ERRCODE_PREDSEG_INVALID_PREDICATE ?
				 errhint("A predicate is one expression over the columns of the source, for example \"intent >= 0.6\".") : 0,
				 error->cursorpos > 0 ? internalerrposition(error->cursorpos) : 0,
				 error->cursorpos > 0 ? internalerrquery(part.text) : 0));
	}
	PG_END_TRY();
	free_parsestate(state);
	return query;
}

/* Plan the query and start its execution, which checks privileges. */
static QueryDesc *
start(Query *query, const char *source, DestReceiver *receiver, int flags)
{
	List	   *rewritten = QueryRewrite(query);
	QueryDesc  *run;

	if (list_length(rewritten) != 1)
		elog(ERROR, "unexpected rewriting of a segment's source");
	run = CreateQueryDesc(pg_plan_query(linitial_node(Query, rewritten), source, CURSOR_OPT_PARALLEL_OK, NULL),
						  source, GetActiveSnapshot(), InvalidSnapshot, receiver, NULL, NULL, 0);
	ExecutorStart(run, flags);
	return run;
}

/* End the execution. */
static void
end(QueryDesc *run)
{
	ExecutorEnd(run);
	FreeQueryDesc(run);
}

void
definition_check(Query *query, const char *source)
{
	end(start(query, source, None_Receiver, EXEC_FLAG_EXPLAIN_ONLY));
}

Tuplestorestate *
definition_evaluate(Query *query, const char *source, TupleDesc *result)
{
	Tuplestorestate *rows = tuplestore_begin_heap(false, false, work_mem);
	DestReceiver *receiver = CreateTuplestoreDestReceiver();
	QueryDesc  *run;

	SetTuplestoreDestReceiverParams(receiver, rows, CurrentMemoryContext, false, NULL, NULL);
	run = start(query, source, receiver, 0);
	predseg_executor_run(run);
	*result = CreateTupleDescCopy(run->tupDesc);
	ExecutorFinish(run);
	end(run);
	receiver->rDestroy(receiver);
	return rows;
}
