/*-------------------------------------------------------------------------
 *
 * dependency.h
 *	  What a segment's query depends on: materialized views and models.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_DEPENDENCY_H
#define PREDSEG_DEPENDENCY_H

#include "postgres.h"

#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"

/*
 * A materialized view, and how many stand on each other up to it: 1 when it
 * reads no other. Ascending by (level, relation) is an order in which views
 * can be refreshed, and the same order in every session, so that two
 * refreshes never wait for each other's views.
 */
typedef struct DependencyView
{
	Oid			relation;
	int			level;
	char	   *name;			/* qualified and quoted */
} DependencyView;

typedef struct Dependencies
{
	List	   *views;			/* of DependencyView *, each relation once */
	List	   *seen;			/* of DependencyView *, plain views that were walked through */
	List	   *models;			/* of char *, candidates for names of models, each once */
} Dependencies;

/*
 * Add what an analysed query depends on, through views and materialized views
 * down to tables. Bodies of functions are not looked into. The names are
 * those of now: without the locks on the relations anything can be dropped.
 */
extern void dependencies_collect(Query *query, Dependencies *dependencies);

#endif							/* PREDSEG_DEPENDENCY_H */
