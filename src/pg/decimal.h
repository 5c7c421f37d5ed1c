/*-------------------------------------------------------------------------
 *
 * decimal.h
 *	  Values of type numeric as doubles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_DECIMAL_H
#define PREDSEG_DECIMAL_H

#include "postgres.h"

/* The double nearest to a numeric, the same as value::float8 gives; infinite where there is none. */
extern double decimal_number(Datum value);

#endif							/* PREDSEG_DECIMAL_H */
