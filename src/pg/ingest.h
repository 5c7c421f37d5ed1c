/*-------------------------------------------------------------------------
 *
 * ingest.h
 *	  From rows to frames: what fit() and train() have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_INGEST_H
#define PREDSEG_INGEST_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "utils/jsonb.h"

#include "ps_choice.h"
#include "ps_copies.h"
#include "ps_holdout.h"
#include "ps_target.h"
#include "row.h"

typedef struct Ingest
{
	/* What is asked for; set by ingest_create and, before the first row, by its caller. */
	MemoryContext context;		/* holds everything here */
	ps_env		env;			/* over context, within the budget; the frames keep a pointer to it */
	const char *method;			/* or PS_AUTO */
	ps_value   *given;			/* options as given */
	RowMoment	moment;
	double		holdout_share;	/* 0: no hold-out */
	const char *salt;			/* of the hold-out: the model's name */
	const ps_model *rival;		/* the hold-out has this model's inputs too, as far as the rows have them; or NULL */

	/* Known once the columns are. */
	ps_choice	choice;			/* the candidates, when the method is "auto" */
	ps_plan		plan;			/* what the rows need; after ingest_fit, the learner's and its features */
	ps_value   *notes;			/* sentences for the user */
	RowBinding *binding;		/* features, the rival's further inputs, then target, then weight */
	ps_cell    *cells;
	int			key;			/* attribute of the key, or -1 */
	char	   *key_name;

	/* The rows. */
	ps_frame   *frame;			/* for learning */
	ps_frame   *rival_frame;	/* the same rows with the rival's inputs, where clusters keep its numbers; or NULL */
	ps_frame   *holdout;		/* or NULL */
	int64		rows;			/* read */
	int64		taken;			/* of which with a target and so on; more than the frames have when sampled */
	int64		without_target;
	int64		without_weight;
	int64		without_key;

	/* Private. */
	MemoryContext row_context;
	ps_column  *features;		/* columns of the hold-out: those of the frame, then the rival's */
	size_t		nfeatures;
	uint64		salt_hash;		/* of the hold-out */
	ps_copies  *copies;			/* of rows without a key */
	uint64		seed;			/* of the sample */
	ps_sample  *sample;			/* of the rows for learning, or NULL */
	ps_sample  *holdout_sample;
	FmgrInfo	key_output;
	bool		key_is_raw;		/* hashed as it is: its text depends on settings */
	int16		key_length;		/* of such a key in bytes */
	bool		key_by_value;
	int			target_cell;	/* index into cells, or -1 */
	int			weight_cell;
	ps_target	texts;			/* values of a target of type text */
} Ingest;

/* Prepare for rows; context is kept and everything allocated below it. */
extern Ingest *ingest_create(MemoryContext context, const char *method, ps_value *given);

/* Look at the columns: find the methods that may learn from them, make the plan and empty frames. */
extern void ingest_start(Ingest *ingest, TupleDesc desc);

/* Take one deformed row. */
extern void ingest_row(Ingest *ingest, const Datum *values, const bool *nulls);

/* Return if status is PS_OK, raise the error of learning or evaluating otherwise. */
extern void ingest_check(const Ingest *ingest, ps_status status, const ps_error *error);

/* Is the column what the input of a model asks for? */
extern bool ingest_serves(const ps_column *column, const ps_input *input);

/*
 * Choose the method if several may learn from what was taken, learn, calibrate,
 * and give the model's document.  Adds notes about the choice and rows left
 * out.  Rows that nothing can be learned from return PS_TOO_LITTLE_DATA; other
 * failures are raised.
 */
extern ps_status ingest_fit(Ingest *ingest, ps_value **document, ps_error *error);

#endif							/* PREDSEG_INGEST_H */
