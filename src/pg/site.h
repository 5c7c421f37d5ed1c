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
	const double *numbers;		/* the same where the model takes them instead, or NULL */
	size_t		stride;			/* bytes from one number to the next */
} Site;

/*
 * Get the model of argument 0, a value or the name under which it is
 * deployed, and read the row of argument 1; neither may be NULL.  NULL when
 * the row has no moment to be judged at.  Where numbers_do, they may be set
 * instead of cells.
 */
extern const Site *site_read(FunctionCallInfo fcinfo, bool by_name, bool numbers_do, const RowMoment *moment);

#endif							/* PREDSEG_SITE_H */
