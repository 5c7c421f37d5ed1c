/*-------------------------------------------------------------------------
 *
 * site.h
 *	  Call sites of functions f(model, row, ...) and f(name, row, ...): the
 *	  opened model and the mapping of the row's columns, kept from row to row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_SITE_H
#define PREDSEG_SITE_H

#include "postgres.h"

#include "fmgr.h"

#include "ps_model.h"
#include "row.h"

typedef struct Site
{
	const ps_model *model;
	RowBinding *binding;
	Datum	   *values;			/* the row's */
	bool	   *nulls;
	ps_cell    *cells;			/* the model's inputs */
	ps_numbers	numbers;		/* of row_of, where the model takes them; otherwise first is NULL */
} Site;

/* What fn_extra of a call site begins with: the row_of that its rows come from, if only one can. */
typedef struct SiteFeed
{
	Datum		row;			/* what that row_of returns, otherwise 0 */
	const Site *site;
} SiteFeed;

/*
 * Get the model of argument 0, a value or the name under which it is
 * deployed, and read the row of argument 1; neither may be NULL.  NULL when
 * the row has no moment to be judged at.
 */
extern const Site *site_read(FunctionCallInfo fcinfo, bool by_name, const RowMoment *moment);

/* The site of a function by name whose numbers are the row; NULL where the row must be read. */
static inline const Site *
site_of_numbers(FunctionCallInfo fcinfo)
{
	const SiteFeed *feed = fcinfo->flinfo->fn_extra;

	return feed != NULL && feed->row == fcinfo->args[1].value && !fcinfo->args[1].isnull &&
		feed->site->numbers.first != NULL ? feed->site : NULL;
}

#endif							/* PREDSEG_SITE_H */
