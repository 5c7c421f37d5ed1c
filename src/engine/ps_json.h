/*-------------------------------------------------------------------------
 *
 * ps_json.h
 *	  Canonical JSON text of a ps_value, and back.
 *
 * Canonical: members in stored order, ", " and ": " as separators of jsonb's
 * own output style are NOT used; no spaces at all; numbers in the shortest
 * form that reads back to the same double; strings escaped only where JSON
 * requires it.  Reading what was written gives the same tree, and writing
 * that again the same bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_JSON_H
#define PS_JSON_H

#include "ps_value.h"

/* Read one JSON value. PS_CORRUPT with the byte position when it is not JSON, nests deeper than 64, repeats a name or holds a number out of range. */
extern ps_status ps_json_read(const ps_env *env, const char *text, size_t length, ps_value **out, ps_error *error);

/* The same, with NaN, Infinity and -Infinity, which other programs write though JSON has none, as nulls. */
extern ps_status ps_json_read_foreign(const ps_env *env, const char *text, size_t length, ps_value **out,
									  ps_error *error);

/* Write; *out is zero-terminated, *length excludes the zero. */
extern ps_status ps_json_write(const ps_env *env, const ps_value *value, char **out, size_t *length, ps_error *error);

/* Shortest decimal text of a finite double that reads back the same; out needs 32 bytes; returns its length. */
extern size_t ps_number_write(double number, char *out);

#endif							/* PS_JSON_H */
