/*-------------------------------------------------------------------------
 *
 * ingest.c
 *	  See ingest.h.
 *
 * Which rows are held out or belong to a sample is decided by ps_holdout.h.
 * Each of the two frames has a sample of its own, of the size that its share
 * of all rows asks for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "budget.h"
#include "compat.h"
#include "errors.h"
#include "ingest.h"
#include "ps_out_of_fold.h"
#include "ps_random.h"

/* Read the option as_of, a date that no setting makes another one. */
static DateADT
read_as_of(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	bool		fits = strlen(text) == strlen(form);

	for (size_t i = 0; fits && form[i] != '\0'; i++)
		fits = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("option \"as_of\" is \"%s\", which is not a date", text),
				 errhint("Write it as year, month and day, for example \"2024-12-31\".")));
	return DatumGetDateADT(DirectFunctionCall1(date_in, CStringGetDatum(text)));
}

/* How many rows are in the frames. */
static int64
rows_held(const Ingest *ingest)
{
	return (ingest->frame != NULL ? (int64) ps_frame_rows(ingest->frame) : 0) +
		(ingest->holdout != NULL ? (int64) ps_frame_rows(ingest->holdout) : 0);
}

/* What else than more memory may help: a sample that is likely to leave room to learn, or a smaller one. */
static const char *
advice(const Ingest *ingest)
{
	double		part = (double) rows_held(ingest) / 4;
	double		unit = pow(10, floor(log10(Max(part, 1))));

	if (ingest->sample != NULL && ingest->key < 0)
		return "give a key, without which all rows are remembered to tell equal ones apart";
	if (rows_held(ingest) == 0)
		return "learn from fewer columns or groups";
	return psprintf("learn from a sample, for example {\"sample\": %.0f}, or leave columns out by \"exclude\"",
					Max(floor(part / unit) * unit, 1));
}

/* Raise the error, if there is one, of an environment within the budget. */
static void
check_budget(const Ingest *ingest, const ps_env *env, ps_status status, const ps_error *error, const char *what)
{
	Size		bytes = (ingest->frame != NULL ? ps_frame_memory(ingest->frame) : 0) +
		(ingest->holdout != NULL ? ps_frame_memory(ingest->holdout) : 0);

	if (status != PS_OK)
		budget_check(env, status, error, what, rows_held(ingest), bytes, advice(ingest));
}

void
ingest_check(const Ingest *ingest, ps_status status, const ps_error *error)
{
	check_budget(ingest, &ingest->env, status, error, "learning");
}

Ingest *
ingest_create(MemoryContext context, const char *method, ps_value *given)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Ingest	   *ingest = palloc0(sizeof(Ingest));
	ps_error	error;
	const char *as_of;

	if (strcmp(method, PS_AUTO) != 0 && ps_learner_find(method) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("unknown method \"%s\"", method),
				 errhint("Methods are: %s.", ps_learner_names())));
	ingest->context = context;
	ingest->env = budget_env(context);
	ingest->method = pstrdup(method);
	ingest->given = given;
	ingest->key = -1;
	ingest_check(ingest, ps_value_list(&ingest->env, &ingest->notes, &error), &error);
	as_of = ps_value_text_or(given, "as_of", NULL);
	if (as_of != NULL)
	{
		ingest->moment.given = true;
		ingest->moment.day = read_as_of(as_of);
	}
	ingest->row_context = AllocSetContextCreate(context, "predseg row", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(old);
	return ingest;
}

/* Find the key column that an option names. */
static void
bind_key(Ingest *ingest, TupleDesc desc, const ps_column *columns, const int *attributes, int n)
{
	const char *name = ps_value_text_or(ingest->plan.options, "key", NULL);
	Oid			type;
	Oid			output;
	bool		is_varlena;
	char		category;
	bool		is_preferred;

	if (name == NULL)
		return;
	for (int i = 0; i < n; i++)
		if (strcmp(columns[i].name, name) == 0)
			ingest->key = attributes[i];
	Assert(ingest->key >= 0);	/* ps_plan_make has checked */
	ingest->key_name = pstrdup(name);
	type = getBaseType(TupleDescAttr(desc, ingest->key)->atttypid);
	getTypeOutputInfo(type, &output, &is_varlena);
	fmgr_info_cxt(output, &ingest->key_output, ingest->context);

	/* DateStyle, TimeZone and extra_float_digits must not choose other customers. */
	get_type_category_preferred(type, &category, &is_preferred);
	ingest->key_is_raw = category == TYPCATEGORY_DATETIME || category == TYPCATEGORY_TIMESPAN ||
		type == FLOAT4OID || type == FLOAT8OID;
	get_typlenbyval(type, &ingest->key_length, &ingest->key_by_value);
}

bool
ingest_serves(const ps_column *column, const ps_input *input)
{
	return column->type == input->type &&
		(strcmp(column->name, input->name) == 0 ||
		 (input->type == PS_TYPE_HISTORY && input->name[0] == '\0'));
}

/* Append to features[n] the rival's inputs that are not among them; returns how many there are then. */
static size_t
add_rival_inputs(const ps_model *rival, const ps_column *columns, int ncolumns, ps_column *features, size_t n)
{
	for (size_t i = 0; i < rival->ninputs; i++)
	{
		bool		there = false;

		for (size_t j = 0; j < n; j++)
			there = there || ingest_serves(&features[j], &rival->inputs[i]);
		for (int j = 0; j < ncolumns && !there; j++)
			if (ingest_serves(&columns[j], &rival->inputs[i]))
			{
				features[n++] = columns[j];
				there = true;
			}
	}
	return n;
}

/* Are clusters to be learned that keep the rival's numbers? */
static bool
keeps_labels(const Ingest *ingest)
{
	return ingest->rival != NULL && ingest->rival->clusters != NULL &&
		ps_value_boolean_or(ingest->plan.options, "keep_labels", false);
}

/* Prepare the samples, if the option asks for them. */
static void
create_samples(Ingest *ingest)
{
	double		rows = ps_value_number_or(ingest->plan.options, "sample", 0);
	size_t		held_out = (size_t) ceil(rows * ingest->holdout_share);
	ps_error	error;

	if (rows == 0)
		return;
	ingest->seed = (uint64) ps_value_number_or(ingest->plan.options, "seed", 0);
	ingest_check(ingest, ps_sample_create(&ingest->env, Max((size_t) rows - held_out, 1), &ingest->sample, &error),
				 &error);
	if (ingest->holdout != NULL)
		ingest_check(ingest, ps_sample_create(&ingest->env, held_out, &ingest->holdout_sample, &error), &error);
}

void
ingest_start(Ingest *ingest, TupleDesc desc)
{
	MemoryContext old = MemoryContextSwitchTo(ingest->context);
	ps_error	error;
	ps_column  *columns;
	int		   *attributes;
	int			n;
	ps_column  *features;
	ps_input   *inputs;
	size_t		ninputs;

	row_columns(desc, &columns, &attributes, &n);
	ingest_check(ingest, ps_choice_begin(&ingest->env, ingest->method, ingest->given, columns, n, &ingest->choice,
										 ingest->notes, &error), &error);
	ingest->plan = ingest->choice.all;
	bind_key(ingest, desc, columns, attributes, n);

	/* Bind the features, then the target and the weight, as inputs of a row. */
	features = palloc(Max(n, 1) * sizeof(ps_column));
	inputs = palloc((n + 2) * sizeof(ps_input));
	for (size_t i = 0; i < ingest->plan.nfeatures; i++)
		features[i] = columns[ingest->plan.features[i]];
	ninputs = ingest->plan.nfeatures;
	if (ingest->rival != NULL)
		ninputs = add_rival_inputs(ingest->rival, columns, n, features, ninputs);
	ingest->features = features;
	ingest->nfeatures = ninputs;
	for (size_t i = 0; i < ninputs; i++)
		inputs[i] = (ps_input) {features[i].name, features[i].type};
	ingest->target_cell = ingest->weight_cell = -1;
	if (ingest->plan.target >= 0)
	{
		ingest->target_cell = (int) ninputs;
		if (columns[ingest->plan.target].type == PS_TYPE_TEXT)
			ingest->texts.name = columns[ingest->plan.target].name;
		inputs[ninputs++] = (ps_input) {columns[ingest->plan.target].name, columns[ingest->plan.target].type};
	}
	if (ingest->plan.weight >= 0)
	{
		ingest->weight_cell = (int) ninputs;
		inputs[ninputs++] = (ps_input) {columns[ingest->plan.weight].name, columns[ingest->plan.weight].type};
	}
	ingest->binding = row_bind(desc, inputs, ninputs, ps_value_text_or(ingest->plan.options, "time_zone", PS_UTC));
	ingest->cells = palloc0((ninputs + 1) * sizeof(ps_cell));
	ingest_check(ingest, ps_frame_create(&ingest->env, features,
										 keeps_labels(ingest) ? ingest->nfeatures : ingest->plan.nfeatures,
										 ingest->target_cell >= 0, ingest->weight_cell >= 0, &ingest->frame, &error),
				 &error);
	if (ingest->holdout_share > 0)
		ingest_check(ingest, ps_frame_create(&ingest->env, features, ingest->nfeatures, ingest->target_cell >= 0,
											 ingest->weight_cell >= 0, &ingest->holdout, &error), &error);
	ingest->salt_hash = ps_holdout_salt(ingest->salt != NULL ? ingest->salt : "");
	create_samples(ingest);
	if (ingest->key < 0)
		ingest_check(ingest, ps_copies_create(&ingest->env, &ingest->copies, &error), &error);
	ingest_check(ingest, budget_count_rest(&ingest->env, &error), &error);
	MemoryContextSwitchTo(old);
}

/* Is the target a text? */
static bool
has_text_target(const Ingest *ingest)
{
	return ingest->texts.name != NULL;
}

/* Hash what a row says; the number of a text target depends on the order of the rows, its text does not. */
static uint64
hash_content(const Ingest *ingest, uint64 salt, size_t nfeatures, double target)
{
	const ps_cell *text = &ingest->cells[ingest->target_cell];

	if (!has_text_target(ingest))
		return ps_holdout_content(salt, ingest->features, nfeatures, ingest->cells, target);
	return ps_hash_bytes(ps_holdout_content(salt, ingest->features, nfeatures, ingest->cells, 0), text->text, text->length);
}

/* The identity of a row: a hash of its key or, without one, of what it says and its number among its copies. */
static uint64
row_identity(Ingest *ingest, const Datum *values, double target, double weight)
{
	Datum		key;
	const char *text;

	if (ingest->key < 0)
	{
		uint64		hash = hash_content(ingest, ingest->salt_hash, ingest->plan.nfeatures, target);
		ps_error	error;

		hash = ps_hash_bytes(hash, &weight, sizeof(weight));
		check_budget(ingest, &ingest->env, ps_copies_number(ingest->copies, &hash, &error), &error, "the training set");
		return hash;
	}
	key = values[ingest->key];
	if (ingest->key_is_raw)
		return ingest->key_by_value ? ps_hash_add(ingest->salt_hash, (uint64) key) :
			ps_hash_bytes(ingest->salt_hash, DatumGetPointer(key), ingest->key_length);
	text = OutputFunctionCall(&ingest->key_output, key);
	return ps_hash_bytes(ingest->salt_hash, text, strlen(text));
}

/* Put a row that is in the cells where it belongs. */
static void
take_row(Ingest *ingest, const Datum *values, double target, double weight)
{
	ps_frame   *frame = ingest->frame;
	ps_sample  *sample = ingest->sample;
	uint64		identity = 0;
	ps_status	status = PS_OK;
	size_t		place;
	ps_error	error;

	if (ingest->holdout != NULL || sample != NULL)
		identity = row_identity(ingest, values, target, weight);
	if (ingest->holdout != NULL && ps_holdout_has(identity, ingest->holdout_share))
	{
		frame = ingest->holdout;
		sample = ingest->holdout_sample;
	}
	place = ps_frame_rows(frame);
	if (sample != NULL)
	{
		uint64		hash = hash_content(ingest, ps_hash_add(identity, ingest->seed), ingest->nfeatures, target);

		status = ps_sample_offer(sample, ps_hash_bytes(hash, &weight, sizeof(weight)), &place, &error);
	}
	if (status == PS_OK && place == ps_frame_rows(frame))
		status = ps_frame_append(frame, ingest->cells, target, weight, &error);
	else if (status == PS_OK && place != PS_SAMPLE_NONE)
		status = ps_frame_replace(frame, place, ingest->cells, target, weight, &error);
	check_budget(ingest, &ingest->env, status, &error, "the training set");
	ingest->taken++;
}

void
ingest_row(Ingest *ingest, const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(ingest->row_context);
	double		target = 0;
	double		weight = 1;
	bool		wanted = true;
	ps_error	error;

	ingest->rows++;
	if (!row_read(ingest->binding, values, nulls, &ingest->moment, ingest->cells))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("column \"as_of\" is NULL in row " INT64_FORMAT, ingest->rows),
				 errhint("Every row needs the moment its purchase history is judged at.")));
	if (ingest->key >= 0 && nulls[ingest->key])
	{
		ingest->without_key++;
		wanted = false;
	}
	else if (ingest->target_cell >= 0)
	{
		const ps_cell *cell = &ingest->cells[ingest->target_cell];

		if (cell->null)
			ingest->without_target++;
		wanted = !cell->null;
		target = cell->number;
		if (wanted && has_text_target(ingest))
			ingest_check(ingest, ps_target_add(&ingest->env, &ingest->texts, cell->text, cell->length, &target, &error),
						 &error);
	}
	if (wanted && ingest->weight_cell >= 0)
	{
		const ps_cell *cell = &ingest->cells[ingest->weight_cell];

		if (cell->null)
			ingest->without_weight++;
		wanted = !cell->null;
		weight = cell->number;
		if (wanted && weight < 0)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_DATA),
					 errmsg("weight \"%s\" is %g in row " INT64_FORMAT ", must be 0 or more",
							ingest->binding->inputs[ingest->weight_cell].name, weight, ingest->rows)));
	}
	if (wanted)
		take_row(ingest, values, target, weight);
	MemoryContextSwitchTo(old);
	MemoryContextReset(ingest->row_context);
}

/* Take the rival's further inputs out of the frame to learn from. */
static void
divide_columns(Ingest *ingest)
{
	size_t	   *columns = palloc(Max(ingest->plan.nfeatures, 1) * sizeof(size_t));
	ps_error	error;

	for (size_t i = 0; i < ingest->plan.nfeatures; i++)
		columns[i] = i;
	ingest->rival_frame = ingest->frame;
	ingest_check(ingest, ps_frame_select(&ingest->env, ingest->rival_frame, columns, ingest->plan.nfeatures, NULL, true,
										 &ingest->frame, &error), &error);
}

/* Choose which of the target's texts is positive, and make it 1 in all rows. */
static ps_status
choose_positive(Ingest *ingest, size_t *positive, ps_error *error)
{
	PS_TRY(ps_target_choose(&ingest->env, &ingest->texts, ingest->plan.options,
							ingest->rival != NULL ? ingest->rival->classes : NULL, positive, ingest->notes, error));
	if (*positive != 0)
		return PS_OK;
	PS_TRY(ps_frame_turn_targets(ingest->frame, error));
	return ingest->holdout == NULL ? PS_OK : ps_frame_turn_targets(ingest->holdout, error);
}

/* Choose one of the candidates; the memory that takes is given back. */
static void
choose_method(Ingest *ingest, ps_verdict *verdict)
{
	MemoryContext scratch = AllocSetContextCreate(ingest->context, "predseg choice", ALLOCSET_DEFAULT_SIZES);
	ps_env		env = budget_env(scratch);
	ps_error	error;

	check_budget(ingest, &env, ps_choice_compare(&env, &ingest->choice, ingest->frame, verdict, &error), &error,
				 "choosing a method");
	MemoryContextDelete(scratch);
	ingest_check(ingest, ps_choice_settle(&ingest->env, &ingest->choice, verdict, &ingest->frame, ingest->notes, &error),
				 &error);
	ingest->plan = ingest->choice.plans[verdict->winner];
}

/* Calibrate a classifier and cut its bands; the memory that trial models take is given back. */
static void
calibrate(Ingest *ingest, ps_value *document)
{
	MemoryContext context = AllocSetContextCreate(ingest->context, "predseg calibration", ALLOCSET_DEFAULT_SIZES);
	ps_env		env = budget_env(context);
	ps_error	error;
	ps_out_of_fold out_of_fold;

	check_budget(ingest, &env, ps_out_of_fold_begin(&env, &ingest->plan, ingest->frame, document, &out_of_fold, &error),
				 &error, "calibration");
	for (size_t fold = 0; fold < out_of_fold.folds; fold++)
	{
		MemoryContext scratch = AllocSetContextCreate(context, "predseg fold", ALLOCSET_DEFAULT_SIZES);
		ps_env		fold_env = budget_env(scratch);

		check_budget(ingest, &fold_env, ps_out_of_fold_run(&fold_env, &out_of_fold, fold, &error), &error, "calibration");
		MemoryContextDelete(scratch);
	}
	ingest_check(ingest, ps_out_of_fold_finish(&ingest->env, &out_of_fold, document, ingest->notes, &error), &error);
	MemoryContextDelete(context);
}

/* Fail because no row is left to learn from, and say where they went. */
static ps_status
fail_no_rows(const Ingest *ingest, ps_error *error)
{
	int64		held_out = ingest->holdout != NULL ? (int64) ps_frame_rows(ingest->holdout) : 0;

	if (ingest->without_target == ingest->rows)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "target \"%s\" is NULL in all %d rows",
					   ps_value_text_or(ingest->plan.options, "target", ""), ingest->rows);
	ps_fail(error, PS_TOO_LITTLE_DATA, "none of the %d rows is left to learn from", ingest->rows);
	ps_detail(error, "%d have no target, %d have no weight, %d are held out.", ingest->without_target,
			  ingest->without_weight, held_out);
	if (held_out == 0)
		return PS_TOO_LITTLE_DATA;
	return ps_hint(error, "Give more rows, or a smaller holdout.");
}

ps_status
ingest_fit(Ingest *ingest, ps_value **document, ps_error *error)
{
	MemoryContext old = MemoryContextSwitchTo(ingest->context);
	ps_status	status = PS_OK;
	size_t		positive = 0;
	ps_verdict	verdict;

	if (ingest->without_key > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_KEY),
				 errmsg("key column \"%s\" is NULL in " INT64_FORMAT " of " INT64_FORMAT " rows",
						ingest->key_name, ingest->without_key, ingest->rows),
				 errhint("Leave those rows out of the source with WHERE %s IS NOT NULL.", quote_identifier(ingest->key_name))));
	if (ingest->without_target > 0)
		ingest_check(ingest, ps_note(&ingest->env, ingest->notes, error, "%d of %d rows have no target and were left out",
									 ingest->without_target, ingest->rows), error);
	if (ingest->without_weight > 0)
		ingest_check(ingest, ps_note(&ingest->env, ingest->notes, error, "%d of %d rows have no weight and were left out",
									 ingest->without_weight, ingest->rows), error);
	if (rows_held(ingest) < ingest->taken)
	{
		ingest_check(ingest, ps_note(&ingest->env, ingest->notes, error,
									 "%d of %d rows were used: a uniform sample, as the option \"sample\" asks",
									 rows_held(ingest), ingest->taken), error);
		ingest_check(ingest, ps_frame_drop_unused_levels(ingest->frame, error), error);
		if (ingest->holdout != NULL)
			ingest_check(ingest, ps_frame_drop_unused_levels(ingest->holdout, error), error);
	}
	if (ingest->rows > 0 && ps_frame_rows(ingest->frame) == 0)
		status = fail_no_rows(ingest, error);
	else if (has_text_target(ingest) && ingest->texts.count > 0)
		status = choose_positive(ingest, &positive, error);
	if (status == PS_OK)
	{
		if (keeps_labels(ingest))
			divide_columns(ingest);
		choose_method(ingest, &verdict);
		status = ps_model_fit(&ingest->env, &ingest->plan, ingest->frame, document, ingest->notes, error);
	}
	if (status == PS_OK)
		status = ps_choice_save(&ingest->env, &ingest->choice, &verdict, *document, error);
	if (status == PS_OK && has_text_target(ingest))
		status = ps_target_save(&ingest->env, &ingest->texts, positive, *document, error);
	if (status == PS_OK)
		calibrate(ingest, *document);
	else if (status != PS_TOO_LITTLE_DATA)
		ingest_check(ingest, status, error);
	MemoryContextSwitchTo(old);
	return status;
}
