/*-------------------------------------------------------------------------
 *
 * agreement.c
 *	  Aggregates that compare two ways to label the same rows (adjusted_rand,
 *	  normalized_mutual_information), and their state, the type
 *	  predseg.agreement.
 *
 * Labels of any type are compared by their text.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "aggregate_state.h"
#include "compat.h"
#include "errors.h"
#include "ps_agreement.h"

static ps_status
read_agreement(const ps_env *env, const uint8_t *bytes, size_t length, void *content, ps_error *error)
{
	return ps_agreement_read(env, bytes, length, content, error);
}

static ps_status
write_agreement(const ps_env *env, void *content, uint8_t **bytes, size_t *length, ps_error *error)
{
	return ps_agreement_write(env, content, bytes, length, error);
}

static ps_status
merge_agreements(const ps_env *env, void *content, const void *other, ps_error *error)
{
	return ps_agreement_merge(env, content, other, error);
}

static const StateKind agreement_kind = {
	sizeof(ps_agreement), "labels", "Compare labels that several rows have in common.",
	read_agreement, write_agreement, merge_agreements
};

STATE_FUNCTIONS(agreement, agreement_kind);

PG_FUNCTION_INFO_V1(predseg_agreement_add);

/* agreement_add(state, actual, predicted): pairs with a NULL are skipped. */
Datum
predseg_agreement_add(PG_FUNCTION_ARGS)
{
	const char *labels[2];
	size_t		lengths[2];
	AggregateState *state;
	ps_error	error;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state_unchanged(fcinfo);
	state_labels(fcinfo, 1, 2, labels, lengths);
	state = state_to_change(fcinfo, &agreement_kind);
	predseg_check(ps_agreement_add(&state->env, state->content, labels, lengths, 1, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* Answer a final function; NULL where it is not defined. */
static Datum
agreement_number(FunctionCallInfo fcinfo, ps_status (*ask) (const ps_env *env, const ps_agreement *agreement,
															double *value, bool *defined, ps_error *error))
{
	const ps_agreement *agreement = state_to_finish(fcinfo, &agreement_kind);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		value;
	bool		defined;

	predseg_check(ask(&env, agreement, &value, &defined, &error), &error);
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

PG_FUNCTION_INFO_V1(predseg_agreement_rand);

/* The adjusted Rand index. */
Datum
predseg_agreement_rand(PG_FUNCTION_ARGS)
{
	return agreement_number(fcinfo, ps_adjusted_rand);
}

PG_FUNCTION_INFO_V1(predseg_agreement_information);

/* The normalized mutual information. */
Datum
predseg_agreement_information(PG_FUNCTION_ARGS)
{
	return agreement_number(fcinfo, ps_normalized_mutual_information);
}
