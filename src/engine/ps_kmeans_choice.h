/*-------------------------------------------------------------------------
 *
 * ps_kmeans_choice.h
 *	  How many clusters k-means should make.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_KMEANS_CHOICE_H
#define PS_KMEANS_CHOICE_H

#include "ps_cluster_rows.h"
#include "ps_value.h"

/*
 * Make each number of clusters from option k_min to k_max, but not more than
 * there are different rows less one, of a sample; judge them, list them in
 * parameters and choose one (ps_cluster_choice.h).  Without k_max >= k_min an
 * error.
 */
extern ps_status ps_kmeans_choose(const ps_cluster_rows *rows, const ps_value *options, ps_value *parameters,
								  ps_value *notes, size_t *k, ps_error *error);

#endif							/* PS_KMEANS_CHOICE_H */
