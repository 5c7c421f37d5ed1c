/*-------------------------------------------------------------------------
 *
 * ps_survival_table.h
 *	  The curve that a model of contracts shows beside what was counted.
 *
 * "curves" of the parameters has one object, of the shape that kaplan_meier
 * and cox give each of their strata:
 *
 *	contracts, longest	their weight, and the longest duration
 *	times				at which contracts ended, ascending; where there are more than
 *						PS_SURVIVAL_TABLE_MAX, some stand for those before them, too
 *	at_risk, ended		how many were under observation then, and ended; where a time stands
 *						for others, then or at one of those
 *	survival			what the model says of a contract with all columns at
 *						their means
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SURVIVAL_TABLE_H
#define PS_SURVIVAL_TABLE_H

#include "ps_survival.h"

#define PS_SURVIVAL_TABLE_MAX 200

/* Write the table of rows[n], some of which have ended, after 0, and of the curve at the means. */
extern ps_status ps_survival_table_save(const ps_env *env, const ps_survival_row *rows, size_t n,
										const ps_survival_curve *curve, ps_value *parameters, ps_error *error);

/* Validate the table of untrusted parameters, if they have one, against the curve at the means. */
extern ps_status ps_survival_table_check(const ps_value *parameters, const ps_survival_curve *curve, ps_error *error);

#endif							/* PS_SURVIVAL_TABLE_H */
