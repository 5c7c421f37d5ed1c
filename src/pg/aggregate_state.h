/*-------------------------------------------------------------------------
 *
 * aggregate_state.h
 *	  States of aggregates that are values of the engine.
 *
 * The state is a real type, so that parallel plans and distributed databases
 * can hand it on.  While it grows it is an expanded object, which is flattened
 * to the engine's canonical bytes when it leaves the aggregate.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_AGGREGATE_STATE_H
#define PREDSEG_AGGREGATE_STATE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/expandeddatum.h"

#include "ps_env.h"

/* What the engine does with states of one type.  Contents begin as zeroes. */
typedef struct StateKind
{
	Size		size;			/* of the content */
	const char *parts;			/* what there may be too many of */
	const char *hint;			/* and what to do then */
	ps_status	(*read) (const ps_env *env, const uint8_t *bytes, size_t length, void *content, ps_error *error);
	ps_status	(*write) (const ps_env *env, void *content, uint8_t **bytes, size_t *length, ps_error *error);
	ps_status	(*merge) (const ps_env *env, void *content, const void *other, ps_error *error);
} StateKind;

typedef struct AggregateState
{
	ExpandedObjectHeader header;
	const StateKind *kind;
	ps_env		env;			/* gives memory that lives as long as the state */
	void	   *content;
	uint8_t    *flat;			/* bytes between get_flat_size and flatten_into */
	size_t		flat_length;
} AggregateState;

/* The context an aggregate's state lives in; an error when called otherwise. */
extern MemoryContext state_context(FunctionCallInfo fcinfo);

/* The state to change in a transition function: argument 0, or a new one where that is NULL. */
extern AggregateState *state_to_change(FunctionCallInfo fcinfo, const StateKind *kind);

/* The content of argument 0 for a final function: a copy, which may be changed. */
extern void *state_to_finish(FunctionCallInfo fcinfo, const StateKind *kind);

/* Return argument 0, the state, as it is. */
extern Datum state_unchanged(FunctionCallInfo fcinfo);

/* What the functions of the type and the combine function do. */
extern Datum state_merge(FunctionCallInfo fcinfo, const StateKind *kind);
extern Datum state_in(FunctionCallInfo fcinfo, const StateKind *kind);
extern Datum state_out(FunctionCallInfo fcinfo);
extern Datum state_recv(FunctionCallInfo fcinfo, const StateKind *kind);
extern Datum state_send(FunctionCallInfo fcinfo);

/* Define these functions for a type. */
#define STATE_FUNCTIONS(type, kind) \
	STATE_FUNCTION(type##_merge, state_merge(fcinfo, &kind)); \
	STATE_FUNCTION(type##_in, state_in(fcinfo, &kind)); \
	STATE_FUNCTION(type##_out, state_out(fcinfo)); \
	STATE_FUNCTION(type##_recv, state_recv(fcinfo, &kind)); \
	STATE_FUNCTION(type##_send, state_send(fcinfo))

#define STATE_FUNCTION(name, answer) \
PG_FUNCTION_INFO_V1(predseg_##name); \
Datum \
predseg_##name(PG_FUNCTION_ARGS) \
{ \
	return answer; \
} \
extern Datum predseg_##name(PG_FUNCTION_ARGS)

/* Bytes as hexadecimal text, whatever bytea_output is. */
extern char *state_text(const char *bytes, Size length);

/*
 * Arguments of transition functions that are labels of any type: their text,
 * of count arguments from first on.  Nothing else uses fn_extra then.
 */
extern void state_labels(FunctionCallInfo fcinfo, int first, int count, const char **labels, size_t *lengths);

#endif							/* PREDSEG_AGGREGATE_STATE_H */
