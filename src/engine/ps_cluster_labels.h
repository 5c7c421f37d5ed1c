/*-------------------------------------------------------------------------
 *
 * ps_cluster_labels.h
 *	  Keeping the numbers of clusters from one version of a model to the next.
 *
 * Both models say of the same rows which cluster they are in.  A new cluster
 * takes the number of the old one that it has most of its rows in common with,
 * such that as many rows as possible keep their number.  Two clusters that have
 * less than half of their rows in common (twice the common ones divided by the
 * sum of both sizes, the coefficient of Dice 1945) are not the same, and a new
 * cluster without an old one takes a number that none ever had: what a number
 * stands for never changes silently.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_LABELS_H
#define PS_CLUSTER_LABELS_H

#include "ps_model.h"

/*
 * Renumber the clusters in document, that of model, after those of old, which
 * is called version in notes.  The frames hold the same rows, with the inputs
 * of each model as columns.  The model must be opened again.  *report becomes
 * an object:
 *
 *	  labels_kept_from	version
 *	  adjusted_rand		of both models' clusters of the rows
 *	  share_moved		of the rows whose number differs, 0 to 1
 *	  labels			list by number: cluster, rows_before (by old), rows (by
 *						model), rows_kept (by both)
 *
 * On failure the document is as it was.
 */
extern ps_status ps_cluster_labels_keep(const ps_env *env, ps_value *document, const ps_model *model,
										const ps_frame *frame, const ps_model *old, const ps_frame *old_frame,
										int64_t version, ps_value *notes, ps_value **report, ps_error *error);

#endif							/* PS_CLUSTER_LABELS_H */
