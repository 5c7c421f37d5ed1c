/*-------------------------------------------------------------------------
 *
 * ownership.c
 *	  The triggers that let a database be restored without letting its owner
 *	  forge rows or act for others.
 *
 * Who restores a dump inserts rows directly, and must be able to: the role
 * that installs the extension.  So it may, but only into an empty table.  A
 * text that a segment keeps is evaluated with the rights of the role that its
 * row names as owner: unless the restoring role is a superuser or has the
 * rights of the named role, the row becomes its own.
 *
 * Anybody may put these triggers on a table of his own, where they refuse to
 * work: what they read and change is known of predseg's tables only.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "authority.h"
#include "compat.h"
#include "store.h"

PG_FUNCTION_INFO_V1(predseg_only_restore);

/* Before a statement that inserts into a table of predseg. */
Datum
predseg_only_restore(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		empty;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) || RelationGetNamespace(trigger->tg_relation) != predseg_schema())
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("only_restore is a trigger of predseg's own tables")));

	/* Functions of predseg insert as the table's owner. */
	if (superuser() || GetUserId() == trigger->tg_relation->rd_rel->relowner)
		return PointerGetDatum(NULL);
	SPI_connect();
	empty = store_execute(psprintf("SELECT FROM predseg.%s LIMIT 1",
								   quote_identifier(RelationGetRelationName(trigger->tg_relation))), 0, NULL) == 0;
	SPI_finish();
	if (!empty)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("rows of predseg.%s are written by the functions of predseg only",
						RelationGetRelationName(trigger->tg_relation)),
				 errdetail("Rows can be inserted into the empty table alone, to restore a dump."),
				 errhint("Restore into a new database, as COPY and not as single INSERT statements.")));
	return PointerGetDatum(NULL);
}

PG_FUNCTION_INFO_V1(predseg_keep_owner);

/* Before an insert into a table with a column "owner" of type text. */
Datum
predseg_keep_owner(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	char	   *owner;
	int			column;
	Datum		value;
	bool		isnull = false;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		RelationGetNamespace(trigger->tg_relation) != predseg_schema())
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("keep_owner is a trigger of predseg's own tables")));
	desc = RelationGetDescr(trigger->tg_relation);
	owner = SPI_getvalue(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "owner"));
	if (owner == NULL || superuser() || authority_has_role(owner))
		return PointerGetDatum(trigger->tg_trigtuple);
	column = SPI_fnumber(desc, "owner");
	value = CStringGetTextDatum(authority_current_user());
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_trigtuple, desc, 1, &column, &value, &isnull));
}
