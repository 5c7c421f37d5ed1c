/*-------------------------------------------------------------------------
 *
 * errors.h
 *	  predseg's SQLSTATEs, and the host environment the engine runs in.
 *
 * errors.c is the only place where an engine status becomes an ereport.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_ERRORS_H
#define PREDSEG_ERRORS_H

#include "postgres.h"
#include "ps_env.h"

/* Class PS: conditions of this extension. */
#define ERRCODE_PREDSEG_INVALID_OPTION		MAKE_SQLSTATE('P', 'S', '0', '0', '1')
#define ERRCODE_PREDSEG_INVALID_DATA		MAKE_SQLSTATE('P', 'S', '0', '0', '2')
#define ERRCODE_PREDSEG_TOO_LITTLE_DATA		MAKE_SQLSTATE('P', 'S', '0', '0', '3')
#define ERRCODE_PREDSEG_MISSING_COLUMN		MAKE_SQLSTATE('P', 'S', '0', '0', '4')
#define ERRCODE_PREDSEG_WRONG_TYPE			MAKE_SQLSTATE('P', 'S', '0', '0', '5')
#define ERRCODE_PREDSEG_WRONG_MODEL			MAKE_SQLSTATE('P', 'S', '0', '0', '6')
#define ERRCODE_PREDSEG_NO_SOLUTION			MAKE_SQLSTATE('P', 'S', '0', '0', '7')
#define ERRCODE_PREDSEG_UNKNOWN_MODEL		MAKE_SQLSTATE('P', 'S', '0', '0', '8')
#define ERRCODE_PREDSEG_UNKNOWN_SEGMENT		MAKE_SQLSTATE('P', 'S', '0', '0', '9')
#define ERRCODE_PREDSEG_UNKNOWN_CONSUMER	MAKE_SQLSTATE('P', 'S', '0', '1', '0')
#define ERRCODE_PREDSEG_INVALID_PREDICATE	MAKE_SQLSTATE('P', 'S', '0', '1', '1')
#define ERRCODE_PREDSEG_INVALID_SOURCE		MAKE_SQLSTATE('P', 'S', '0', '1', '2')
#define ERRCODE_PREDSEG_INVALID_KEY			MAKE_SQLSTATE('P', 'S', '0', '1', '3')

/* An engine environment whose memory is all in context; poll handles interrupts. */
extern ps_env predseg_env(MemoryContext context);

/* Return if status is PS_OK, raise the error otherwise. */
extern void predseg_check(ps_status status, const ps_error *error);

/* Raise a NOTICE for each sentence of a list of notes. */
struct ps_value;
extern void predseg_raise_notes(const struct ps_value *notes);

#endif							/* PREDSEG_ERRORS_H */
