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
 * The name of the column of the relation's only unique index on one plain
 * column (and not partial); NULL when there is none or more than one.
 */
extern char *source_only_key(Oid relation);

#endif							/* PREDSEG_SOURCE_H */
