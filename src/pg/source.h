/*-------------------------------------------------------------------------
 *
 * source.h
 *	  Sources: a relation's name or one SELECT, as text from a user.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_SOURCE_H
#define PREDSEG_SOURCE_H

#include "postgres.h"

#include "access/tupdesc.h"

typedef struct Source
{
	char	   *query;			/* SELECT ... without a final semicolon, on lines of its own if it has comments */
	Oid			relation;		/* or InvalidOid for a SELECT */
} Source;

/*
 * Understand a source as the current user. Refuses anything but the name of a
 * table, view, materialized view or foreign table, or one plain SELECT (or
 * VALUES, or WITH ... SELECT) that neither writes, locks nor makes a table.
 */
extern Source *source_parse(const char *text);

/*
 * Run a source through the executor as the current user: start is called with
 * its columns, then take with each deformed row.
 */
extern void source_read(const Source *source, void (*start) (void *reader, TupleDesc desc),
						void (*take) (void *reader, const Datum *values, const bool *nulls), void *reader);

/* Find the column of a source that an argument names; an error when there is none. */
extern int	source_column(TupleDesc desc, const char *argument, const char *name);

/*
 * The name of the column of the relation's only unique index on one plain
 * column (and not partial); NULL when there is none or more than one.
 */
extern char *source_only_key(Oid relation);

#endif							/* PREDSEG_SOURCE_H */
