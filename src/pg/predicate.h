/*-------------------------------------------------------------------------
 *
 * predicate.h
 *	  A segment's definition as one query over its source.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_PREDICATE_H
#define PREDSEG_PREDICATE_H

#include "postgres.h"

#include "nodes/parsenodes.h"
#include "utils/tuplestore.h"

/* What a person wrote. */
typedef struct Definition
{
	char	   *source;
	char	   *key;
	char	   *enter_when;
	char	   *leave_when;			/* or NULL */
	char	   *search_path;		/* these two as they were when it was written: */
	char	   *time_zone;			/* the texts are read under them */
} Definition;

/*
 * Set the session as a definition is read and its keys are written: its
 * search_path and time zone, dates in ISO (with year first, so that 02/03/2024
 * is refused, not guessed). Returns the level for AtEOXact_GUC(false, level).
 */
extern int	definition_settings(const Definition *definition);

/* The current search_path as a setting, with temporary tables last. */
extern char *definition_search_path(void);

/*
 * Analyse a definition as the current user, under definition_settings: the
 * query (key text, enters boolean, leaves boolean or NULL, facts jsonb), with
 * locks on its relations. Errors are PS011 for a predicate, PS012 for the
 * source, PS013 for the key.
 */
extern Query *definition_analyze(const Definition *definition);

/* Check that the current user may run that query. The query is used up. */
extern void definition_check(Query *query, const char *source);

/*
 * Run that query as the current user under the active snapshot, into a
 * tuplestore in the current memory context. The query is used up.
 */
extern Tuplestorestate *definition_evaluate(Query *query, const char *source, TupleDesc *result);

#endif							/* PREDSEG_PREDICATE_H */
