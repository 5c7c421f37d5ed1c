/*-------------------------------------------------------------------------
 *
 * ps_ridge_choice.h
 *	  The ridge of a linear fit for which no penalty is given.
 *
 * With many rows for each coefficient there is none: the fit is that of
 * greatest likelihood, with its standard errors.  With few, none and ridges of
 * 1, 4, 16, ... are tried, and what predicts rows best that are left out is
 * taken: none only if it is better by more than a thousandth, since a weak ridge
 * does no harm there while none may.
 *
 * Such a ridge is on the coefficients of columns of standard deviation 1, but
 * on those of the 0/1 columns of texts as if half of the rows had a 1: by its
 * own standard deviation a level of few rows would be shrunk no more than one
 * of many, while its coefficient is known worse.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_RIDGE_CHOICE_H
#define PS_RIDGE_CHOICE_H

#include "ps_linear_fit.h"

/* Are there so few rows, of the rarer class where there are classes, that a ridge may help? */
extern bool ps_ridge_matters(const ps_linear_fit *fit);

/* Choose, and fit with the choice. A fit without penalties has been made if l2 is 0. */
extern ps_status ps_ridge_choose(ps_linear_fit *fit, ps_value *notes, ps_error *error);

#endif							/* PS_RIDGE_CHOICE_H */
