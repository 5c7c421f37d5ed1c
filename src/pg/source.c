/*-------------------------------------------------------------------------
 *
 * source.c
 *	  See source.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "executor/spi.h"
#include "nodes/nodeFuncs.h"
#include "parser/parser.h"
#include "parser/scansup.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "compat.h"
#include "errors.h"
#include "source.h"

/* Does the text read as a possibly qualified name? */
static bool
is_name(const char *text)
{
	char	   *copy = pstrdup(text);
	List	   *names;

	return SplitIdentifierString(copy, '.', &names) && list_length(names) >= 1 && list_length(names) <= 3;
}

/* Report text that is neither a name nor one SELECT. */
static void
refuse(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_INVALID_SOURCE),
			 errmsg("the source %s", what),
			 errhint("A source is the name of a table, view or materialized view, or one SELECT.")));
}

/* Refuse a SELECT, or a part of one, that writes, locks or makes a table. */
static bool
refuse_side_effects(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, InsertStmt) || IsA(node, UpdateStmt) || IsA(node, DeleteStmt) || IsA(node, MergeStmt))
		refuse("changes data in a WITH clause");
	if (IsA(node, SelectStmt))
	{
		if (((SelectStmt *) node)->intoClause != NULL)
			refuse("makes a table with INTO");
		if (((SelectStmt *) node)->lockingClause != NIL)
			refuse("locks rows");
	}
	return raw_expression_tree_walker(node, refuse_side_effects, context);
}

/* Take a relation by name. */
static void
parse_relation(Source *source, const char *text)
{
	List	   *names = stringToQualifiedNameList(text
#if PG_VERSION_NUM >= 160000
												  ,NULL
#endif
		);
	RangeVar   *range = makeRangeVarFromNameList(names);
	Oid			relation = RangeVarGetRelid(range, AccessShareLock, false); /* so that it keeps its name */
	char		kind = get_rel_relkind(relation);

	if (kind != RELKIND_RELATION && kind != RELKIND_VIEW && kind != RELKIND_MATVIEW &&
		kind != RELKIND_FOREIGN_TABLE && kind != RELKIND_PARTITIONED_TABLE)
		refuse("names an object that has no rows");
	source->relation = relation;
	source->query = psprintf("SELECT * FROM %s",
							 quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
														get_rel_name(relation)));
}

Source *
source_parse(const char *text)
{
	Source	   *source = palloc0(sizeof(Source));
	List	   *statements;
	RawStmt    *statement;
	int			length;

	if (is_name(text))
	{
		parse_relation(source, text);
		return source;
	}
	statements = raw_parser(text, RAW_PARSE_DEFAULT);
	if (list_length(statements) != 1)
		refuse(statements == NIL ? "is empty" : "has more than one statement");
	statement = linitial_node(RawStmt, statements);
	if (!IsA(statement->stmt, SelectStmt))
		refuse("is not a SELECT");
	refuse_side_effects(statement->stmt, NULL);

	/* Without the semicolon, so that it can stand in a FROM clause. */
	length = statement->stmt_len > 0 ? statement->stmt_len : (int) strlen(text) - statement->stmt_location;
	source->query = psprintf("%.*s\n", length, text + statement->stmt_location);
	return source;
}

typedef struct SourceReceiver
{
	DestReceiver receiver;
	void		(*start) (void *reader, TupleDesc desc);
	void		(*take) (void *reader, const Datum *values, const bool *nulls);
	void	   *reader;
} SourceReceiver;

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	SourceReceiver *receiver = (SourceReceiver *) self;

	receiver->start(receiver->reader, desc);
}

static bool
receiver_take(TupleTableSlot *slot, DestReceiver *self)
{
	SourceReceiver *receiver = (SourceReceiver *) self;

	slot_getallattrs(slot);
	receiver->take(receiver->reader, slot->tts_values, slot->tts_isnull);
	return true;
}

static void
receiver_ignore(DestReceiver *self)
{
}

void
source_read(const Source *source, void (*start) (void *reader, TupleDesc desc),
			void (*take) (void *reader, const Datum *values, const bool *nulls), void *reader)
{
	SourceReceiver receiver = {
		.receiver = {
			.receiveSlot = receiver_take,
			.rStartup = receiver_startup,
			.rShutdown = receiver_ignore,
			.rDestroy = receiver_ignore,
			.mydest = DestNone
		},
		.start = start,
		.take = take,
		.reader = reader
	};
	SPIExecuteOptions options = {.read_only = true, .dest = (DestReceiver *) &receiver};

	SPI_connect();
	if (SPI_execute_extended(source->query, &options) < 0)
		elog(ERROR, "could not run the source");
	SPI_finish();
}

int
source_column(TupleDesc desc, const char *argument, const char *name)
{
	int			number = SPI_fnumber(desc, name);

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
				 errmsg("\"%s\" names column \"%s\", which the source does not have", argument, name),
				 err_generic_string(PG_DIAG_COLUMN_NAME, name)));
	return number - 1;
}

char *
source_only_key(Oid relation_oid)
{
	Relation	relation = table_open(relation_oid, AccessShareLock);
	List	   *indexes = RelationGetIndexList(relation);
	ListCell   *cell;
	char	   *key = NULL;
	bool		several = false;

	foreach(cell, indexes)
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			continue;
		index = (Form_pg_index) GETSTRUCT(tuple);
		if (index->indisunique && index->indisvalid && index->indnkeyatts == 1 &&
			index->indkey.values[0] > 0 &&
			heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		{
			const char *column = NameStr(TupleDescAttr(RelationGetDescr(relation), index->indkey.values[0] - 1)->attname);

			if (key != NULL && strcmp(key, column) != 0)
				several = true;
			else
				key = pstrdup(column);
		}
		ReleaseSysCache(tuple);
	}
	list_free(indexes);
	table_close(relation, AccessShareLock);
	return several ? NULL : key;
}
