/*-------------------------------------------------------------------------
 *
 * model.c
 *	  The SQL type predseg.model: text, binary, jsonb, describe, make_model,
 *	  import_model.
 *
 * A datum holds the engine's bytes behind a varlena header; its text is the
 * canonical JSON of the document.  Whatever comes from outside (text, binary)
 * is validated completely, and so is a stored datum when it is opened: its
 * checksum and its parameters, so that corruption gives an error and no crash.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "authority.h"
#include "compat.h"
#include "errors.h"
#include "model.h"
#include "ps_import.h"
#include "ps_json.h"

Oid
model_type(void)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("model"), ObjectIdGetDatum(predseg_schema()));
}

Datum
model_datum(const ps_value *document)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	uint8_t    *bytes;
	size_t		length;
	bytea	   *datum;

	predseg_check(ps_model_encode(&env, document, &bytes, &length, &error), &error);
	if (length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the model takes %zu bytes, more than a value can hold", length)));
	datum = palloc(length + VARHDRSZ);
	SET_VARSIZE(datum, length + VARHDRSZ);
	memcpy(VARDATA(datum), bytes, length);
	pfree(bytes);
	return PointerGetDatum(datum);
}

const ps_value *
model_document(Datum model)
{
	bytea	   *datum = DatumGetByteaPP(model);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *document;

	predseg_check(ps_model_decode(&env, (const uint8_t *) VARDATA_ANY(datum), VARSIZE_ANY_EXHDR(datum),
								  &document, &error), &error);
	return document;
}

ps_status
model_try_open(Datum model, ps_model **opened, ps_error *error)
{
	bytea	   *datum = DatumGetByteaPP(model);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_value   *document;

	PS_TRY(ps_model_decode(&env, (const uint8_t *) VARDATA_ANY(datum), VARSIZE_ANY_EXHDR(datum), &document, error));
	return ps_model_open(&env, document, opened, error);
}

ps_model *
model_open(Datum model)
{
	ps_error	error;
	ps_model   *opened;

	predseg_check(model_try_open(model, &opened, &error), &error);
	return opened;
}

const ps_cluster_numbers *
model_clusters(const ps_model *model)
{
	char		others[280];

	if (model->clusters != NULL)
		return model->clusters;
	ps_learner_list(1u << PS_ASK_CLUSTER, others, sizeof(others));
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_WRONG_MODEL),
			 errmsg("a \"%s\" model has no clusters", model->learner->name),
			 errhint("Methods that do: %s.", others)));
	pg_unreachable();
}

ps_value *
value_from_jsonb(Jsonb *jsonb)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *value;
	char	   *text = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
	ps_status	status = ps_json_read(&env, text, strlen(text), &value, &error);

	/* jsonb can be deeper, and its numbers larger, than what we read. */
	if (status == PS_CORRUPT)
		status = PS_INVALID_OPTION;
	predseg_check(status, &error);
	return value;
}

/* Write a value tree as JSON text. */
static char *
value_to_text(const ps_value *value)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	char	   *text;
	size_t		length;

	predseg_check(ps_json_write(&env, value, &text, &length, &error), &error);
	return text;
}

Datum
value_to_jsonb(const ps_value *value)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(value_to_text(value)));
}

/* Names and labels must be text of this database's encoding, which bytes and \u escapes need not be. */
static void
check_encoding(const ps_value *value)
{
	if (value->type == PS_STRING)
		(void) pg_verifymbstr(value->text, (int) value->count, false);
	if (value->type != PS_OBJECT && value->type != PS_LIST)
		return;
	for (size_t i = 0; i < value->count; i++)
	{
		if (value->type == PS_OBJECT)
			(void) pg_verifymbstr(value->names[i], (int) strlen(value->names[i]), false);
		check_encoding(value->items[i]);
	}
}

PG_FUNCTION_INFO_V1(predseg_model_in);

/* Read a model from its JSON text. */
Datum
predseg_model_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *document;
	ps_model   *model;
	ps_status	status = ps_json_read(&env, text, strlen(text), &document, &error);

	if (status == PS_OK)
		status = ps_model_open(&env, document, &model, &error);
	if (status == PS_CORRUPT)
		predseg_input_error(fcinfo,
							(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
							 errmsg("invalid input for type predseg.model: %s", error.message),
							 error.hint[0] != '\0' ? errhint("%s", error.hint) : 0));
	predseg_check(status, &error);
	check_encoding(document);
	return model_datum(document);
}

PG_FUNCTION_INFO_V1(predseg_model_out);

/* Write a model as canonical JSON text. */
Datum
predseg_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(value_to_text(model_document(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(predseg_model_recv);

/* Read a model from its bytes. */
Datum
predseg_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buffer->len - buffer->cursor;
	bytea	   *datum = palloc((Size) length + VARHDRSZ);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *document;
	ps_model   *model;
	ps_status	status;

	SET_VARSIZE(datum, (Size) length + VARHDRSZ);
	pq_copymsgbytes(buffer, VARDATA(datum), length);
	status = ps_model_decode(&env, (const uint8_t *) VARDATA(datum), (size_t) length, &document, &error);
	if (status == PS_OK)
		status = ps_model_open(&env, document, &model, &error);
	if (status == PS_CORRUPT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid bytes for type predseg.model: %s", error.message)));
	predseg_check(status, &error);

	check_encoding(document);
	PG_RETURN_BYTEA_P(datum);
}

PG_FUNCTION_INFO_V1(predseg_model_send);

/* Write a model as its bytes. */
Datum
predseg_model_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

PG_FUNCTION_INFO_V1(predseg_model_describe);

/* Show everything about a model as jsonb; also the cast. */
Datum
predseg_model_describe(PG_FUNCTION_ARGS)
{
	return value_to_jsonb(model_document(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(predseg_model_make);

/* make_model(method, parameters [, options]): a model from known parameters. */
Datum
predseg_model_make(PG_FUNCTION_ARGS)
{
	char	   *method = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const ps_learner *learner = ps_learner_find(method);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *document;

	if (learner == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("unknown method \"%s\"", method),
				 errhint("Methods are: %s.", ps_learner_names())));
	predseg_check(ps_model_make(&env, learner,
								value_from_jsonb(PG_GETARG_JSONB_P(1)),
								value_from_jsonb(PG_GETARG_JSONB_P(2)),
								&document, &error), &error);
	return model_datum(document);
}

PG_FUNCTION_INFO_V1(predseg_model_import);

/* import_model(format, content [, options]): a model from a file of another program. */
Datum
predseg_model_import(PG_FUNCTION_ARGS)
{
	char	   *format = text_to_cstring(PG_GETARG_TEXT_PP(0));
	text	   *content = PG_GETARG_TEXT_PP(1);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *document;
	ps_value   *notes;

	predseg_check(ps_value_list(&env, &notes, &error), &error);
	predseg_check(ps_import_model(&env, format, VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content),
								  value_from_jsonb(PG_GETARG_JSONB_P(2)), &document, notes, &error), &error);
	check_encoding(document);
	predseg_raise_notes(notes);
	return model_datum(document);
}
