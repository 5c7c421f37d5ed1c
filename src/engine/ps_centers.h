/*-------------------------------------------------------------------------
 *
 * ps_centers.h
 *	  Clusters that are told apart by the nearest of their centers: what is
 *	  saved of them, and how the methods that make them answer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CENTERS_H
#define PS_CENTERS_H

#include "ps_encode.h"
#include "ps_learner.h"

/* A model ready to score. */
typedef struct ps_centers
{
	ps_encoder *encoder;
	size_t		k;
	const double **centers;		/* k times width numbers, standardised */
} ps_centers;

/*
 * Save k clusters as the member "clusters", numbered by size, the largest
 * first.  centers: k x width, standardised; sizes: rows of each.
 */
extern ps_status ps_centers_save(const ps_env *env, const ps_encoder *encoder, const double *centers,
								 const size_t *sizes, size_t k, ps_value *parameters, ps_error *error);

/* What ps_learner.h says of load, answer, explain and evaluate; the state is a ps_centers. */
extern ps_status ps_centers_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs,
								 size_t ninputs, void **state, ps_error *error);
extern ps_status ps_centers_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
								   const ps_request *request, ps_answer *answer, ps_error *error);
extern ps_status ps_centers_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
									double *contributions, ps_error *error);
extern ps_status ps_centers_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
									 ps_value *metrics, double *loss, ps_error *error);

#endif							/* PS_CENTERS_H */
