/*-------------------------------------------------------------------------
 *
 * ingest.c
 *	  See ingest.h.
 *
 * The hold-out is chosen by a hash of a salt (the model's name) with the key,
 * so that the same customers are held out from every version of a model; a
 * source without a key hashes the row's content.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

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
	ingest->env = predseg_env(context);
	ingest->method = pstrdup(method);
	ingest->given = given;
	ingest->key = -1;
	predseg_check(ps_value_list(&ingest->env, &ingest->notes, &error), &error);
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
	size_t		nheld;			/* columns of the hold-out */

	row_columns(desc, &columns, &attributes, &n);
	predseg_check(ps_choice_begin(&ingest->env, ingest->method, ingest->given, columns, n, &ingest->choice,
								  ingest->notes, &error), &error);
	ingest->plan = ingest->choice.all;
	bind_key(ingest, desc, columns, attributes, n);

	/* Bind the features, then the target and the weight, as inputs of a row. */
	features = palloc(Max(n, 1) * sizeof(ps_column));
	inputs = palloc((n + 2) * sizeof(ps_input));
	for (size_t i = 0; i < ingest->plan.nfeatures; i++)
		features[i] = columns[ingest->plan.features[i]];
	nheld = ingest->plan.nfeatures;
	if (ingest->rival != NULL)
		nheld = add_rival_inputs(ingest->rival, columns, n, features, nheld);
	ninputs = nheld;
	for (size_t i = 0; i < ninputs; i++)
		inputs[i] = (ps_input) {features[i].name, features[i].type};
	ingest->target_cell = ingest->weight_cell = -1;
	if (ingest->plan.target >= 0)
	{
		ingest->target_cell = (int) ninputs;
		inputs[ninputs++] = (ps_input) {columns[ingest->plan.target].name, columns[ingest->plan.target].type};
	}
	if (ingest->plan.weight >= 0)
	{
		ingest->weight_cell = (int) ninputs;
		inputs[ninputs++] = (ps_input) {columns[ingest->plan.weight].name, columns[ingest->plan.weight].type};
	}
	ingest->binding = row_bind(desc, inputs, ninputs, ps_value_text_or(ingest->plan.options, "time_zone", PS_UTC));
	ingest->cells = palloc0((ninputs + 1) * sizeof(ps_cell));
	predseg_check(ps_frame_create(&ingest->env, features, ingest->plan.nfeatures, ingest->target_cell >= 0,
								  ingest->weight_cell >= 0, &ingest->frame, &error), &error);
	if (ingest->holdout_share > 0)
		predseg_check(ps_frame_create(&ingest->env, features, nheld, ingest->target_cell >= 0,
									  ingest->weight_cell >= 0, &ingest->holdout, &error), &error);
	MemoryContextSwitchTo(old);
}

/* Hash what a row says, for sources without a key. */
static uint64
hash_content(const Ingest *ingest, double target, uint64 hash)
{
	for (size_t i = 0; i < ingest->plan.nfeatures; i++)
	{
		const ps_cell *cell = &ingest->cells[i];

		if (cell->null)
			hash = ps_hash_add(hash, i);
		else
			switch (ps_frame_column(ingest->frame, i)->type)
			{
				case PS_TYPE_TEXT:
					hash = ps_hash_bytes(hash, cell->text, cell->length);
					break;
				case PS_TYPE_HISTORY:
					hash = ps_hash_bytes(hash, &cell->history, sizeof(cell->history));
					break;
				default:
					hash = ps_hash_bytes(hash, &cell->number, sizeof(cell->number));
			}
	}
	return ps_hash_bytes(hash, &target, sizeof(target));
}

/* Decide whether a row is held out. */
static bool
is_held_out(Ingest *ingest, const Datum *values, double target)
{
	uint64		hash = ps_hash_bytes(0, ingest->salt, strlen(ingest->salt));

	if (ingest->key >= 0 && ingest->key_is_raw)
		hash = ingest->key_by_value ? ps_hash_add(hash, (uint64) values[ingest->key]) :
			ps_hash_bytes(hash, DatumGetPointer(values[ingest->key]), ingest->key_length);
	else if (ingest->key >= 0)
	{
		const char *key = OutputFunctionCall(&ingest->key_output, values[ingest->key]);

		hash = ps_hash_bytes(hash, key, strlen(key));
	}
	else
		hash = hash_content(ingest, target, hash);
	return ps_hash_mix(hash) < ingest->holdout_share * (double) PG_UINT64_MAX;
}

void
ingest_row(Ingest *ingest, const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(ingest->row_context);
	ps_error	error;
	double		target = 0;
	double		weight = 1;
	bool		wanted = true;

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
	{
		ps_frame   *frame = ingest->holdout != NULL && is_held_out(ingest, values, target) ?
			ingest->holdout : ingest->frame;

		predseg_check(ps_frame_append(frame, ingest->cells, target, weight, &error), &error);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(ingest->row_context);
}

/* Choose one of the candidates; the memory that takes is given back. */
static void
choose_method(Ingest *ingest)
{
	MemoryContext scratch = AllocSetContextCreate(ingest->context, "predseg choice", ALLOCSET_DEFAULT_SIZES);
	ps_env		env = predseg_env(scratch);
	ps_error	error;
	ps_verdict	verdict;

	predseg_check(ps_choice_compare(&env, &ingest->choice, ingest->frame, &verdict, &error), &error);
	MemoryContextDelete(scratch);
	predseg_check(ps_choice_settle(&ingest->env, &ingest->choice, &verdict, &ingest->frame, ingest->notes, &error), &error);
	ingest->plan = ingest->choice.plans[verdict.winner];
}

/* Calibrate a classifier and cut its bands; the memory that trial models take is given back. */
static void
calibrate(Ingest *ingest, ps_value *document)
{
	MemoryContext context = AllocSetContextCreate(ingest->context, "predseg calibration", ALLOCSET_DEFAULT_SIZES);
	ps_env		env = predseg_env(context);
	ps_error	error;
	ps_out_of_fold out_of_fold;

	predseg_check(ps_out_of_fold_begin(&env, &ingest->plan, ingest->frame, document, &out_of_fold, &error), &error);
	for (size_t fold = 0; fold < out_of_fold.folds; fold++)
	{
		MemoryContext scratch = AllocSetContextCreate(context, "predseg fold", ALLOCSET_DEFAULT_SIZES);
		ps_env		fold_env = predseg_env(scratch);

		predseg_check(ps_out_of_fold_run(&fold_env, &out_of_fold, fold, &error), &error);
		MemoryContextDelete(scratch);
	}
	predseg_check(ps_out_of_fold_finish(&ingest->env, &out_of_fold, document, ingest->notes, &error), &error);
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
	return ps_hint(error, ingest->key >= 0 ? "Give more rows, or a smaller holdout." :
				   "Without a key, equal rows are held out together: give a key, or holdout => 0.");
}

ps_status
ingest_fit(Ingest *ingest, ps_value **document, ps_error *error)
{
	MemoryContext old = MemoryContextSwitchTo(ingest->context);
	ps_status	status;

	if (ingest->without_key > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_KEY),
				 errmsg("key column \"%s\" is NULL in " INT64_FORMAT " of " INT64_FORMAT " rows",
						ingest->key_name, ingest->without_key, ingest->rows),
				 errhint("Leave those rows out of the source with WHERE %s IS NOT NULL.", quote_identifier(ingest->key_name))));
	if (ingest->without_target > 0)
		predseg_check(ps_note(&ingest->env, ingest->notes, error, "%d of %d rows have no target and were left out",
							  ingest->without_target, ingest->rows), error);
	if (ingest->without_weight > 0)
		predseg_check(ps_note(&ingest->env, ingest->notes, error, "%d of %d rows have no weight and were left out",
							  ingest->without_weight, ingest->rows), error);
	if (ingest->rows > 0 && ps_frame_rows(ingest->frame) == 0)
		status = fail_no_rows(ingest, error);
	else
	{
		choose_method(ingest);
		status = ps_model_fit(&ingest->env, &ingest->plan, ingest->frame, document, ingest->notes, error);
	}
	if (status == PS_OK)
		calibrate(ingest, *document);
	else if (status != PS_TOO_LITTLE_DATA)
		predseg_check(status, error);
	MemoryContextSwitchTo(old);
	return status;
}
