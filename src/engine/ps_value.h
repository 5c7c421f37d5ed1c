/*-------------------------------------------------------------------------
 *
 * ps_value.h
 *	  Trees of plain values: options, models and descriptions.
 *
 * One representation serves the options a user gives (JSON), the parameters
 * of every kind of model, and what describe() shows, so that text form, byte
 * format and validation are written once and not per method.
 *
 * Numbers are finite doubles.  An array whose elements are all numbers is
 * always a PS_NUMBERS vector (packed), any other array a PS_LIST; the empty
 * array is a PS_LIST.  Object members keep their order; names are unique.
 * Text is UTF-8 or whatever the database encoding is: bytes are passed through.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_VALUE_H
#define PS_VALUE_H

#include "ps_env.h"

typedef enum ps_value_type
{
	PS_NULL,
	PS_BOOLEAN,
	PS_NUMBER,
	PS_STRING,
	PS_NUMBERS,
	PS_LIST,
	PS_OBJECT
} ps_value_type;

typedef struct ps_value
{
	ps_value_type type;
	bool		boolean;		/* PS_BOOLEAN */
	double		number;			/* PS_NUMBER */
	char	   *text;			/* PS_STRING, zero-terminated */
	size_t		count;			/* bytes of text, or elements */
	size_t		capacity;		/* of items and names, when growing */
	double	   *numbers;		/* PS_NUMBERS */
	struct ps_value **items;	/* PS_LIST, PS_OBJECT */
	char	  **names;			/* PS_OBJECT, zero-terminated */
} ps_value;

/* Makers. Text and numbers are copied. */
extern ps_status ps_value_object(const ps_env *env, ps_value **out, ps_error *error);
extern ps_status ps_value_list(const ps_env *env, ps_value **out, ps_error *error);

/*
 * Members of an object. Setting a name that exists replaces its value.  A
 * number that is not finite is stored as null (JSON has none).
 */
extern ps_status ps_value_set(const ps_env *env, ps_value *object, const char *name, ps_value *member, ps_error *error);
extern ps_status ps_value_set_null(const ps_env *env, ps_value *object, const char *name, ps_error *error);
extern ps_status ps_value_set_boolean(const ps_env *env, ps_value *object, const char *name, bool boolean, ps_error *error);
extern ps_status ps_value_set_number(const ps_env *env, ps_value *object, const char *name, double number, ps_error *error);
extern ps_status ps_value_set_text(const ps_env *env, ps_value *object, const char *name, const char *text, ps_error *error);
/* All numbers must be finite (PS_NO_SOLUTION otherwise); count 0 gives an empty list. */
extern ps_status ps_value_set_numbers(const ps_env *env, ps_value *object, const char *name, const double *numbers, size_t count, ps_error *error);
/* Makes an empty object or list, sets it and returns it. */
extern ps_status ps_value_set_object(const ps_env *env, ps_value *object, const char *name, ps_value **out, ps_error *error);
extern ps_status ps_value_set_list(const ps_env *env, ps_value *object, const char *name, ps_value **out, ps_error *error);

/* Elements of a list. */
extern ps_status ps_value_append(const ps_env *env, ps_value *list, ps_value *item, ps_error *error);
extern ps_status ps_value_append_text(const ps_env *env, ps_value *list, const char *text, ps_error *error);
extern ps_status ps_value_append_object(const ps_env *env, ps_value *list, ps_value **out, ps_error *error);

/* A formatted sentence for the list of notes a user gets (NOTICE and training_run.notes). Formats as ps_format, up to 1000 bytes. */
extern ps_status ps_note(const ps_env *env, ps_value *notes, ps_error *error, const char *format, ...);

/* The member, or NULL when object is NULL, not an object or has none of that name. */
extern const ps_value *ps_value_get(const ps_value *object, const char *name);

/* As ps_value_get, or the fallback when absent, null or of another type. */
extern double ps_value_number_or(const ps_value *object, const char *name, double fallback);
extern bool ps_value_boolean_or(const ps_value *object, const char *name, bool fallback);
extern const char *ps_value_text_or(const ps_value *object, const char *name, const char *fallback);

/*
 * For validating models: the member with exactly that type, or PS_CORRUPT
 * with a message that names it.
 */
extern ps_status ps_value_need(const ps_value *object, const char *name, ps_value_type type, const ps_value **out, ps_error *error);
extern ps_status ps_value_need_number(const ps_value *object, const char *name, double *out, ps_error *error);
/* A vector of exactly count finite numbers (count 0: an empty list). */
extern ps_status ps_value_need_numbers(const ps_value *object, const char *name, size_t count, const double **out, ps_error *error);
/* A whole number min..max. */
extern ps_status ps_value_need_integer(const ps_value *object, const char *name, int64_t min, int64_t max, int64_t *out, ps_error *error);

#endif							/* PS_VALUE_H */
