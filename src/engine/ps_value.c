/*-------------------------------------------------------------------------
 *
 * ps_value.c
 *	  Trees of plain values.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_value.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "ps_sort.h"
#include "ps_tree.h"

/* Make a value of a type, everything else zero. */
ps_status
ps_value_make(const ps_env *env, ps_value_type type, ps_value **out, ps_error *error)
{
	PS_TRY(ps_alloc_zero(env, 1, sizeof(ps_value), out, error));
	(*out)->type = type;
	return PS_OK;
}

/* Make a number; one that is not finite becomes null. */
static ps_status
make_number(const ps_env *env, double number, ps_value **out, ps_error *error)
{
	PS_TRY(ps_value_make(env, isfinite(number) ? PS_NUMBER : PS_NULL, out, error));
	if (isfinite(number))
		(*out)->number = number;
	return PS_OK;
}

/* Make a text of length bytes. */
static ps_status
make_text(const ps_env *env, const char *text, size_t length, ps_value **out, ps_error *error)
{
	PS_TRY(ps_value_make(env, PS_STRING, out, error));
	(*out)->count = length;
	return ps_copy_text(env, text, length, &(*out)->text, error);
}

/* Make an empty object. */
ps_status
ps_value_object(const ps_env *env, ps_value **out, ps_error *error)
{
	return ps_value_make(env, PS_OBJECT, out, error);
}

/* Make an empty list. */
ps_status
ps_value_list(const ps_env *env, ps_value **out, ps_error *error)
{
	return ps_value_make(env, PS_LIST, out, error);
}

/* Append a member whose name (already allocated) is not looked up among the others. */
ps_status
ps_value_add_member(const ps_env *env, ps_value *object, char *name, ps_value *member, ps_error *error)
{
	size_t		capacity = object->capacity;

	/* both arrays grow together; only the second success moves the capacity */
	PS_TRY(ps_grow(env, &object->items, object->count, object->count + 1, &capacity, sizeof(ps_value *), error));
	capacity = object->capacity;
	PS_TRY(ps_grow(env, &object->names, object->count, object->count + 1, &capacity, sizeof(char *), error));
	object->capacity = capacity;
	object->items[object->count] = member;
	object->names[object->count++] = name;
	return PS_OK;
}

/* Set or replace a member. */
ps_status
ps_value_set(const ps_env *env, ps_value *object, const char *name, ps_value *member, ps_error *error)
{
	char	   *copy;

	for (size_t i = 0; i < object->count; i++)
	{
		if (strcmp(object->names[i], name) == 0)
		{
			object->items[i] = member;
			return PS_OK;
		}
	}
	PS_TRY(ps_copy_text(env, name, strlen(name), &copy, error));
	return ps_value_add_member(env, object, copy, member, error);
}

/* Set a member to null. */
ps_status
ps_value_set_null(const ps_env *env, ps_value *object, const char *name, ps_error *error)
{
	ps_value   *member;

	PS_TRY(ps_value_make(env, PS_NULL, &member, error));
	return ps_value_set(env, object, name, member, error);
}

/* Set a member to true or false. */
ps_status
ps_value_set_boolean(const ps_env *env, ps_value *object, const char *name, bool boolean, ps_error *error)
{
	ps_value   *member;

	PS_TRY(ps_value_make(env, PS_BOOLEAN, &member, error));
	member->boolean = boolean;
	return ps_value_set(env, object, name, member, error);
}

/* Set a member to a number, or to null when it is not finite. */
ps_status
ps_value_set_number(const ps_env *env, ps_value *object, const char *name, double number, ps_error *error)
{
	ps_value   *member;

	PS_TRY(make_number(env, number, &member, error));
	return ps_value_set(env, object, name, member, error);
}

/* Set a member to a zero-terminated text. */
ps_status
ps_value_set_text(const ps_env *env, ps_value *object, const char *name, const char *text, ps_error *error)
{
	ps_value   *member;

	PS_TRY(make_text(env, text, strlen(text), &member, error));
	return ps_value_set(env, object, name, member, error);
}

/* Set a member to a vector of count finite numbers. */
ps_status
ps_value_set_numbers(const ps_env *env, ps_value *object, const char *name, const double *numbers, size_t count,
					 ps_error *error)
{
	ps_value   *member;

	for (size_t i = 0; i < count; i++)
	{
		if (!isfinite(numbers[i]))
			return ps_fail(error, PS_NO_SOLUTION, "element %d of \"%s\" is not a finite number",
						   (int64_t) i + 1, name);
	}
	PS_TRY(ps_value_make(env, count > 0 ? PS_NUMBERS : PS_LIST, &member, error));
	if (count > 0)
	{
		PS_TRY(ps_alloc(env, count, sizeof(double), &member->numbers, error));
		memcpy(member->numbers, numbers, count * sizeof(double));
		member->count = count;
	}
	return ps_value_set(env, object, name, member, error);
}

/* Set a member to a new empty object. */
ps_status
ps_value_set_object(const ps_env *env, ps_value *object, const char *name, ps_value **out, ps_error *error)
{
	PS_TRY(ps_value_object(env, out, error));
	return ps_value_set(env, object, name, *out, error);
}

/* Set a member to a new empty list. */
ps_status
ps_value_set_list(const ps_env *env, ps_value *object, const char *name, ps_value **out, ps_error *error)
{
	PS_TRY(ps_value_list(env, out, error));
	return ps_value_set(env, object, name, *out, error);
}

/* Append an element to a list. */
ps_status
ps_value_append(const ps_env *env, ps_value *list, ps_value *item, ps_error *error)
{
	PS_TRY(ps_grow(env, &list->items, list->count, list->count + 1, &list->capacity, sizeof(ps_value *), error));
	list->items[list->count++] = item;
	return PS_OK;
}

/* Append a zero-terminated text to a list. */
ps_status
ps_value_append_text(const ps_env *env, ps_value *list, const char *text, ps_error *error)
{
	ps_value   *item;

	PS_TRY(make_text(env, text, strlen(text), &item, error));
	return ps_value_append(env, list, item, error);
}

/* Append a new empty object to a list. */
ps_status
ps_value_append_object(const ps_env *env, ps_value *list, ps_value **out, ps_error *error)
{
	PS_TRY(ps_value_object(env, out, error));
	return ps_value_append(env, list, *out, error);
}

/* Append a formatted sentence to the notes. */
ps_status
ps_note(const ps_env *env, ps_value *notes, ps_error *error, const char *format,...)
{
	char		text[1000];
	va_list		arguments;

	va_start(arguments, format);
	ps_format_list(text, sizeof(text), format, arguments);
	va_end(arguments);
	return ps_value_append_text(env, notes, text, error);
}

/* Find a member. */
const ps_value *
ps_value_get(const ps_value *object, const char *name)
{
	if (object == NULL || object->type != PS_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++)
	{
		if (strcmp(object->names[i], name) == 0)
			return object->items[i];
	}
	return NULL;
}

/* The number, or the fallback. */
double
ps_value_number_or(const ps_value *object, const char *name, double fallback)
{
	const ps_value *member = ps_value_get(object, name);

	return member != NULL && member->type == PS_NUMBER ? member->number : fallback;
}

/* The boolean, or the fallback. */
bool
ps_value_boolean_or(const ps_value *object, const char *name, bool fallback)
{
	const ps_value *member = ps_value_get(object, name);

	return member != NULL && member->type == PS_BOOLEAN ? member->boolean : fallback;
}

/* The text, or the fallback. */
const char *
ps_value_text_or(const ps_value *object, const char *name, const char *fallback)
{
	const ps_value *member = ps_value_get(object, name);

	return member != NULL && member->type == PS_STRING ? member->text : fallback;
}

/* What people call a type, with its article. */
const char *
ps_value_type_name(ps_value_type type)
{
	static const char *const names[] = {"null", "a boolean", "a number", "a text", "a list of numbers", "a list",
		"an object"};

	return names[type];
}

/* The member of exactly that type, or PS_CORRUPT. */
ps_status
ps_value_need(const ps_value *object, const char *name, ps_value_type type, const ps_value **out, ps_error *error)
{
	const ps_value *member = ps_value_get(object, name);

	*out = member;
	if (member == NULL)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is missing", name);
	if (member->type != type)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is %s, not %s", name, ps_value_type_name(member->type),
					   ps_value_type_name(type));
	return PS_OK;
}

/* A number that must be there. */
ps_status
ps_value_need_number(const ps_value *object, const char *name, double *out, ps_error *error)
{
	const ps_value *member;

	PS_TRY(ps_value_need(object, name, PS_NUMBER, &member, error));
	*out = member->number;
	return PS_OK;
}

/* A vector of exactly count numbers that must be there. */
ps_status
ps_value_need_numbers(const ps_value *object, const char *name, size_t count, const double **out, ps_error *error)
{
	const ps_value *member;

	PS_TRY(ps_value_need(object, name, count > 0 ? PS_NUMBERS : PS_LIST, &member, error));
	if (member->count != count)
		return ps_fail(error, PS_CORRUPT, "\"%s\" has %d elements, not %d", name, (int64_t) member->count,
					   (int64_t) count);
	*out = member->numbers;
	return PS_OK;
}

/* A whole number min..max that must be there. */
ps_status
ps_value_need_integer(const ps_value *object, const char *name, int64_t min, int64_t max, int64_t *out,
					  ps_error *error)
{
	double		number;

	PS_TRY(ps_value_need_number(object, name, &number, error));
	/* beyond 2^53 doubles skip whole numbers; no count in a model is that large */
	if (number != floor(number) || fabs(number) > 9007199254740992.0 ||
		(int64_t) number < min || (int64_t) number > max)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is %g, not a whole number from %d to %d", name, number, min, max);
	*out = (int64_t) number;
	return PS_OK;
}

/* Order of two names for ps_sort. */
static int
compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *) left, *(char *const *) right);
}

/*
 * Refuse an object that has a name twice (PS_CORRUPT).  Sorted, because text
 * from outside may have any number of members, and comparing all pairs would
 * let it take minutes.
 */
ps_status
ps_value_check_names(const ps_env *env, const ps_value *object, ps_error *error)
{
	char	  **names;

	if (object->count < 2)
		return PS_OK;
	PS_TRY(ps_alloc(env, object->count, sizeof(char *), &names, error));
	memcpy(names, object->names, object->count * sizeof(char *));
	PS_TRY(ps_sort(env, names, object->count, sizeof(char *), compare_names, error));
	for (size_t i = 1; i < object->count; i++)
	{
		if (strcmp(names[i - 1], names[i]) == 0)
			return ps_fail(error, PS_CORRUPT, "name \"%s\" is given twice", names[i]);
	}
	ps_release(env, names);
	return PS_OK;
}

/*
 * Turn a list whose elements are all numbers into a vector; leave any other
 * list as it is.
 */
ps_status
ps_value_pack(const ps_env *env, ps_value *list, ps_error *error)
{
	double	   *numbers;

	for (size_t i = 0; i < list->count; i++)
	{
		if (list->items[i]->type != PS_NUMBER)
			return PS_OK;
	}
	if (list->count == 0)
		return PS_OK;
	PS_TRY(ps_alloc(env, list->count, sizeof(double), &numbers, error));
	for (size_t i = 0; i < list->count; i++)
	{
		numbers[i] = list->items[i]->number;
		ps_release(env, list->items[i]);
	}
	ps_release(env, list->items);
	list->type = PS_NUMBERS;
	list->items = NULL;
	list->capacity = 0;
	list->numbers = numbers;
	return PS_OK;
}
