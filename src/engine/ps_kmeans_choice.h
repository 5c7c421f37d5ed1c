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
 * Make each number of clusters from option k_min to k_max of about 4,096 rows
 * of a sample; judge them, list them in parameters and choose one
 * (ps_cluster_choice.h).  There are never as many as different rows: with no
 * more of these than k_min it is k_min, and nothing to choose.
 */
extern ps_status ps_kmeans_choose(const ps_cluster_rows *sample, const ps_value *options, ps_value *parameters,
								  ps_value *notes, size_t *k, ps_error *error);

#endif							/* PS_KMEANS_CHOICE_H */
