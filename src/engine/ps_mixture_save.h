/*-------------------------------------------------------------------------
 *
 * ps_mixture_save.h
 *	  What a fitted mixture says of the rows, and how it is written into a model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_SAVE_H
#define PS_MIXTURE_SAVE_H

#include "ps_mixture.h"
#include "ps_mixture_rows.h"
#include "ps_value.h"

/* What rows say of the clusters, in the data's units, and of what is unlike them. */
typedef struct ps_mixture_summary
{
	double	   *mean;			/* k x width: of numbers, by share over the rows where they are known; NAN where none is */
	double	   *deviation;		/* k x width: standard deviations of the same */
	double		unlike_below;	/* log density of encoded rows */
} ps_mixture_summary;

/*
 * Summarise the rows, in the order of their tiles: (*order)[i] is the frame's
 * row i.  The cut is the lower quartile of the log densities minus three times
 * the range between the quartiles ("far out", Tukey, Exploratory Data Analysis,
 * 1977).
 */
extern ps_status ps_mixture_summarise(const ps_frame *frame, const ps_encoder *encoder, const ps_mixture_rows *rows,
									  const size_t *order, const ps_mixture *of, ps_mixture_summary *out,
									  ps_error *error);

/* Write the list "clusters", numbered by their share, the largest first. */
extern ps_status ps_mixture_save(const ps_env *env, const ps_encoder *encoder, const ps_mixture *of,
								 const ps_mixture_summary *summary, ps_value *parameters, ps_error *error);

#endif							/* PS_MIXTURE_SAVE_H */
