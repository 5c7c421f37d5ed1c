/*-------------------------------------------------------------------------
 *
 * train.c
 *	  train(name, source, ...): learn, hold out, evaluate, store, deploy.
 *
 * The source runs through the executor as the caller, so privileges, row
 * security, views and partitions hold, and each tuple goes into a frame.  The
 * stored model is the one that was evaluated.  Whether it is better than the
 * deployed version is judged on the new hold-out, which holds the same
 * customers for every version of a name.  Clusters get the numbers that the
 * deployed version has for them on the new rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "authority.h"
#include "compat.h"
#include "errors.h"
#include "ingest.h"
#include "model.h"
#include "ps_cluster_labels.h"
#include "registry.h"
#include "source.h"
#include "store.h"

typedef enum DeployRule
{
	DEPLOY_IF_BETTER,
	DEPLOY_ALWAYS,
	DEPLOY_NEVER
} DeployRule;

/* Everything about one call of train(). */
typedef struct Training
{
	const char *name;
	const char *source_text;
	Source	   *source;
	DeployRule	rule;
	TimestampTz started_at;
	Ingest	   *ingest;
	ps_value   *document;
	ps_model   *model;
	ps_value   *metrics;		/* or NULL without a hold-out */
	ps_value   *labels;			/* what became of the deployed version's numbers of clusters, or NULL */
	double		loss;			/* on the hold-out */
	bool		deploy;
	const char *reason;			/* why deployed or not */
} Training;

static void
start_rows(void *ingest, TupleDesc desc)
{
	ingest_start(ingest, desc);
}

static void
take_row(void *ingest, const Datum *values, const bool *nulls)
{
	ingest_row(ingest, values, nulls);
}

/* Add a sentence to the notes. */
static void
note(Training *training, const char *sentence)
{
	ps_error	error;

	ingest_check(training->ingest, ps_note(&training->ingest->env, training->ingest->notes, &error, "%s", sentence), &error);
}

/* Put an argument of train() among the options, where it must not stand already. */
static void
add_option(const ps_env *env, ps_value *options, const char *name, const char *text)
{
	ps_error	error;

	if (ps_value_get(options, name) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("\"%s\" is given both as an argument and in options", name)));
	if (text != NULL)
		predseg_check(ps_value_set_text(env, options, name, text, &error), &error);
}

/* Refuse options that are arguments of train(), and add the arguments given. */
static ps_value *
complete_options(FunctionCallInfo fcinfo, Training *training)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *options = value_from_jsonb(PG_GETARG_JSONB_P(7));
	const char *key = PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4));
	ArrayType  *exclude = PG_GETARG_ARRAYTYPE_P(5);
	Datum	   *excluded;
	bool	   *nulls;
	int			nexcluded;

	if (options->type != PS_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("options must be a JSON object")));
	if (!PG_ARGISNULL(2))
		add_option(&env, options, "target", text_to_cstring(PG_GETARG_TEXT_PP(2)));
	if (key != NULL)
		add_option(&env, options, "key", key);
	else if (ps_value_get(options, "key") == NULL && OidIsValid(training->source->relation))
		add_option(&env, options, "key", source_only_key(training->source->relation));
	deconstruct_array(exclude, TEXTOID, -1, false, TYPALIGN_INT, &excluded, &nulls, &nexcluded);
	if (nexcluded > 0)
	{
		ps_value   *list;

		add_option(&env, options, "exclude", NULL);
		predseg_check(ps_value_set_list(&env, options, "exclude", &list, &error), &error);
		for (int i = 0; i < nexcluded; i++)
			if (!nulls[i])
				predseg_check(ps_value_append_text(&env, list, TextDatumGetCString(excluded[i]), &error), &error);
	}
	return options;
}

/*
 * The columns of a frame that a model needs, in its order.  NULL, and the
 * missing column, when they are not all there.
 */
static ps_frame *
project(const Ingest *ingest, const ps_frame *frame, const ps_model *model, const char **missing)
{
	ps_error	error;
	size_t		n = model->ninputs;
	size_t		width = ps_frame_columns(frame);
	size_t	   *from = palloc(Max(n, 1) * sizeof(size_t));
	ps_frame   *projected;

	for (size_t i = 0; i < n; i++)
	{
		from[i] = width;
		for (size_t j = 0; j < width; j++)
			if (ingest_serves(ps_frame_column(frame, j), &model->inputs[i]))
				from[i] = j;
		if (from[i] == width)
		{
			*missing = model->inputs[i].name;
			return NULL;
		}
	}
	ingest_check(ingest, ps_frame_select(&ingest->env, frame, from, n, NULL, true, &projected, &error), &error);
	return projected;
}

/* Were timestamps read in another time zone by the deployed version? */
static bool
has_other_zone(const ps_model *model, const ps_model *deployed)
{
	return model->time_zone != NULL && deployed->time_zone != NULL && strcmp(model->time_zone, deployed->time_zone) != 0;
}

/* Give clusters the numbers that they have in the deployed version, and open the model again. */
static void
keep_labels(Training *training, const RegistryModel *deployed)
{
	Ingest	   *ingest = training->ingest;
	const ps_model *old = deployed->model;
	const char *missing = NULL;
	const char *reason;
	ps_frame   *frame;
	ps_error	error;
	ps_status	status;

	if (has_other_zone(training->model, old))
		reason = psprintf("the time zone is no longer the %s of that version", old->time_zone);
	else if ((frame = project(ingest, ingest->rival_frame, old, &missing)) == NULL)
		reason = psprintf("it needs column \"%s\", which the source no longer has", missing);
	else
	{
		status = ps_cluster_labels_keep(&ingest->env, training->document, training->model, ingest->frame, old, frame,
										deployed->version, ingest->notes, &training->labels, &error);
		if (status == PS_OK)
		{
			ingest_check(ingest, ps_model_open(&ingest->env, training->document, &training->model, &error), &error);
			return;
		}
		if (status == PS_OUT_OF_MEMORY || status == PS_CANCELLED)
			ingest_check(ingest, status, &error);
		reason = error.message;
	}
	note(training, psprintf("the clusters do not keep the numbers of version %d: %s", deployed->version, reason));
}

/* Add what became of the numbers of clusters to the metrics. */
static void
add_labels(Training *training)
{
	const Ingest *ingest = training->ingest;
	ps_error	error;

	if (training->metrics == NULL)
		ingest_check(ingest, ps_value_object(&ingest->env, &training->metrics, &error), &error);
	for (size_t i = 0; i < training->labels->count; i++)
		ingest_check(ingest, ps_value_set(&ingest->env, training->metrics, training->labels->names[i],
										  training->labels->items[i], &error), &error);
}

/* Did the deployed version predict another column? */
static bool
has_other_target(const ps_model *model, const ps_model *deployed)
{
	return model->target != NULL && deployed->target != NULL && strcmp(model->target, deployed->target) != 0;
}

/* Did a target of texts mean something else in the deployed version? */
static bool
has_other_classes(const ps_model *model, const ps_model *deployed)
{
	return model->classes != NULL && deployed->classes != NULL && strcmp(model->classes[1], deployed->classes[1]) != 0;
}

/* Decide whether the new version replaces the deployed one, and say why. */
static void
judge(Training *training, const RegistryModel *deployed)
{
	const Ingest *ingest = training->ingest;
	ps_error	error;
	const ps_model *old = deployed != NULL ? deployed->model : NULL;
	const char *missing = NULL;
	ps_frame   *frame;
	ps_value   *metrics;
	double		loss;
	ps_status	status;

	training->deploy = training->rule != DEPLOY_NEVER;
	if (training->rule == DEPLOY_NEVER)
		training->reason = "not deployed: deploy is 'never'";
	else if (training->rule == DEPLOY_ALWAYS)
		training->reason = "deployed: deploy is 'always'";
	else if (old == NULL)
		training->reason = "deployed: the first version";
	else if (training->metrics == NULL)
		training->reason = psprintf("deployed: without a hold-out it cannot be compared with version %d", deployed->version);
	else if (training->model->learner->comparison == PS_COMPARE_NEVER)
		training->reason = psprintf("deployed: models of method %s are not compared with version %d",
									training->model->learner->name, deployed->version);
	else if (!ps_model_comparable(training->model, old))
		training->reason = psprintf("deployed: method %s cannot be compared with the %s of version %d",
									training->model->learner->name, old->learner->name, deployed->version);
	else if (has_other_target(training->model, old))
		training->reason = psprintf("deployed: the target is no longer the \"%s\" of version %d",
									old->target, deployed->version);
	else if (has_other_classes(training->model, old))
		training->reason = psprintf("deployed: the positive value of the target is no longer the '%s' of version %d",
									old->classes[1], deployed->version);
	else if (has_other_zone(training->model, old))
		training->reason = psprintf("deployed: the time zone is no longer the %s of version %d",
									old->time_zone, deployed->version);
	else if ((frame = project(ingest, ingest->holdout, old, &missing)) == NULL)
		training->reason = psprintf("deployed: version %d needs column \"%s\", which the source no longer has",
									deployed->version, missing);
	else if ((status = ps_model_evaluate(&ingest->env, old, frame, &metrics, &loss, &error)) != PS_OK)
	{
		if (status == PS_OUT_OF_MEMORY || status == PS_CANCELLED)
			ingest_check(ingest, status, &error);
		training->reason = psprintf("deployed: version %d cannot be evaluated on the hold-out: %s",
									deployed->version, error.message);
	}
	else if (training->loss < loss)
		training->reason = psprintf("deployed: held-out loss %.6g is lower than the %.6g of version %d",
									training->loss, loss, deployed->version);
	else
	{
		training->deploy = false;
		training->reason = psprintf("not deployed: held-out loss %.6g is not lower than the %.6g of version %d",
									training->loss, loss, deployed->version);
	}
}

/*
 * Find the deployed version of a name, if there is one: the latest, which the
 * snapshot of the calling query does not show when this very query, or another
 * one while this waited for the lock, has deployed it.
 */
static const RegistryModel *
find_deployed(const char *name)
{
	const RegistryModel *deployed;
	bool		found;

	SPI_connect();
	found = store_execute("SELECT FROM predseg.model_version WHERE name = $1 AND deployed",
						  STORE_VALUES(store_text(name))) > 0;
	SPI_finish();
	if (!found)
		return NULL;
	PushActiveSnapshot(GetTransactionSnapshot());
	deployed = registry_deployed(name, CurrentMemoryContext);
	PopActiveSnapshot();
	return deployed;
}

/* The notes as a text array. */
static Datum
notes_array(const ps_value *notes)
{
	Datum	   *texts = palloc(Max(notes->count, 1) * sizeof(Datum));

	for (size_t i = 0; i < notes->count; i++)
		texts[i] = CStringGetTextDatum(notes->items[i]->text);
	return PointerGetDatum(construct_array(texts, (int) notes->count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * Store the version and the run, deploy it if that was decided, and return
 * the row of training_run.  owner owns the name.
 */
static Datum
store_run(const Training *training, const char *owner)
{
	const Ingest *ingest = training->ingest;
	const ps_value *options = ingest->plan.options;
	Datum		run;

	(void) registry_store(&(RegistryVersion) {
		.name = training->name,.owner = owner,.method = ingest->plan.learner->name,
		.model = model_datum(training->document),.source = training->source_text,
		.target = ps_value_text_or(options, "target", NULL),.key = ps_value_text_or(options, "key", NULL),
		.options = value_to_jsonb(options),
		.metrics = training->metrics == NULL ? (Datum) 0 : value_to_jsonb(training->metrics),
		.no_metrics = training->metrics == NULL,
		.rows = (int64) ps_frame_rows(ingest->frame),
		.holdout_rows = ingest->holdout != NULL ? (int64) ps_frame_rows(ingest->holdout) : 0,
		.notes = notes_array(ingest->notes),.started_at = training->started_at,
		.deploy = training->deploy,.reason = training->reason
	}, &run);
	return run;
}

/* Read the argument deploy. */
static DeployRule
deploy_rule(const char *word)
{
	if (strcmp(word, "if_better") == 0)
		return DEPLOY_IF_BETTER;
	if (strcmp(word, "always") == 0)
		return DEPLOY_ALWAYS;
	if (strcmp(word, "never") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("deploy must be 'if_better', 'always' or 'never', not \"%s\"", word)));
	return DEPLOY_NEVER;
}

/* Refuse NULL for an argument whose default is not NULL. */
static void
require(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" of predseg.train must not be NULL", name)));
}

PG_FUNCTION_INFO_V1(predseg_train);

/* train(name, source, target, method, key, exclude, holdout, options, deploy) */
Datum
predseg_train(PG_FUNCTION_ARGS)
{
	Training	training = {0};
	MemoryContext context;
	MemoryContext old;
	Ingest	   *ingest;
	ps_error	error;
	double		holdout;
	char	   *owner;
	const RegistryModel *deployed;
	Datum		row;

	require(fcinfo, 0, "name");
	require(fcinfo, 1, "source");
	require(fcinfo, 3, "method");
	require(fcinfo, 5, "exclude");
	require(fcinfo, 6, "holdout");
	require(fcinfo, 7, "options");
	require(fcinfo, 8, "deploy");
	holdout = PG_GETARG_FLOAT8(6);
	if (!(holdout >= 0 && holdout < 1))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("holdout must be at least 0 and below 1, not %g", holdout)));

	context = AllocSetContextCreate(CurrentMemoryContext, "predseg train", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	training.name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	training.source_text = text_to_cstring(PG_GETARG_TEXT_PP(1));
	training.rule = deploy_rule(text_to_cstring(PG_GETARG_TEXT_PP(8)));
	training.started_at = GetCurrentTimestamp();
	training.source = source_parse(training.source_text);
	owner = registry_lock(training.name);
	if (owner == NULL)
		owner = pstrdup(authority_current_user());

	ingest = training.ingest = ingest_create(context, text_to_cstring(PG_GETARG_TEXT_PP(3)),
											 complete_options(fcinfo, &training));
	ingest->holdout_share = holdout;
	ingest->salt = training.name;
	ingest->moment.today_if_missing = true;
	deployed = find_deployed(training.name);
	if (deployed != NULL)
		ingest->rival = deployed->model;
	source_read(training.source, start_rows, take_row, ingest);
	if (holdout > 0 && ingest->key < 0)
		note(&training, "the source has no key: the hold-out is chosen by the content of the rows");
	ingest_check(ingest, ingest_fit(ingest, &training.document, &error), &error);
	ingest_check(ingest, ps_model_open(&ingest->env, training.document, &training.model, &error), &error);
	if (ingest->rival_frame != NULL)
		keep_labels(&training, deployed);
	if (ingest->holdout != NULL && ps_frame_rows(ingest->holdout) > 0)
	{
		const char *missing;
		const ps_frame *judged = project(ingest, ingest->holdout, training.model, &missing);
		ps_status	status = ps_model_evaluate(&ingest->env, training.model, judged, &training.metrics, &training.loss, &error);

		if (status == PS_TOO_LITTLE_DATA)
		{
			training.metrics = NULL;
			note(&training, psprintf("the hold-out cannot judge the model: %s", error.message));
		}
		else
			ingest_check(ingest, status, &error);
	}

	judge(&training, deployed);
	note(&training, training.reason);
	if (training.labels != NULL)
		add_labels(&training);
	predseg_raise_notes(ingest->notes);
	MemoryContextSwitchTo(old);
	row = store_run(&training, owner);
	MemoryContextDelete(context);
	PG_RETURN_DATUM(row);
}
