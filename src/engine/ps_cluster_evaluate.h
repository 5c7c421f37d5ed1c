/*-------------------------------------------------------------------------
 *
 * ps_cluster_evaluate.h
 *	  How good the clusters are that a model makes of the rows of a frame.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_EVALUATE_H
#define PS_CLUSTER_EVALUATE_H

#include "ps_encode.h"

/* A model that encodes rows and answers PS_ASK_CLUSTER by a place from 1, as its learner does. */
typedef struct ps_clustering
{
	const ps_encoder *encoder;
	ps_status	(*answer) (const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
						   const ps_request *request, ps_answer *answer, ps_error *error);
	const void *state;
} ps_clustering;

/*
 * Add the silhouette and the indices of Calinski and Harabasz and of Davies
 * and Bouldin (ps_cluster_quality.h) to metrics, null where they are not
 * defined: of all rows where there are no more than 4,096, otherwise of a sample
 * of about so many that does not depend on their order.
 */
extern ps_status ps_cluster_measure(const ps_env *env, const ps_frame *frame, const ps_clustering *clustering, size_t k,
									ps_value *metrics, ps_error *error);

#endif							/* PS_CLUSTER_EVALUATE_H */
