/*-------------------------------------------------------------------------
 *
 * model.h
 *	  The SQL type predseg.model, and models opened for questions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_MODEL_H
#define PREDSEG_MODEL_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "ps_model.h"

/* The OID of the type predseg.model. */
extern Oid	model_type(void);

/* Encode a document as a datum of type predseg.model. */
extern Datum model_datum(const ps_value *document);

/* Read and validate a datum of type predseg.model; memory is in the current context. */
extern const ps_value *model_document(Datum model);

/* The same, opened for questions. */
extern ps_model *model_open(Datum model);

/* The same, with a status instead of an error. */
extern ps_status model_try_open(Datum model, ps_model **opened, ps_error *error);

/* The clusters of an opened model; an error if it has none. */
extern const ps_cluster_numbers *model_clusters(const ps_model *model);

/* jsonb to a value tree, and a value tree to jsonb; in the current context. */
extern ps_value *value_from_jsonb(Jsonb *jsonb);
extern Datum value_to_jsonb(const ps_value *value);

#endif							/* PREDSEG_MODEL_H */
