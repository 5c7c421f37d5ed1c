/*-------------------------------------------------------------------------
 *
 * metrics.h
 *	  What the aggregates over (actual, predicted [, weight]) have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_METRICS_H
#define PREDSEG_METRICS_H

#include "postgres.h"

#include "fmgr.h"

/* Read what happened: a boolean, or a number that is 0 or 1. */
extern bool metric_actual(FunctionCallInfo fcinfo, int argument);

#endif							/* PREDSEG_METRICS_H */
