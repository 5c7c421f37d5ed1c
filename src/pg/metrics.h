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

/* The context an aggregate's state lives in; an error when called otherwise. */
extern MemoryContext metric_context(FunctionCallInfo fcinfo);

/* Read what happened: a boolean, or a number that is 0 or 1. */
extern bool metric_actual(FunctionCallInfo fcinfo, int argument);

/* Bytes as hexadecimal text, whatever bytea_output is. */
extern char *metric_text(const char *bytes, Size length);

#endif							/* PREDSEG_METRICS_H */
