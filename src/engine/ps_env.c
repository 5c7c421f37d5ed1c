/*-------------------------------------------------------------------------
 *
 * ps_env.c
 *	  Checked memory, formatting without stdio, errors and polling.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_env.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "ps_json.h"

/* Multiply sizes; false on overflow. */
bool
ps_size_multiply(size_t a, size_t b, size_t *out)
{
	if (b != 0 && a > SIZE_MAX / b)
		return false;
	*out = a * b;
	return true;
}

/* Add sizes; false on overflow. */
bool
ps_size_add(size_t a, size_t b, size_t *out)
{
	if (a > SIZE_MAX - b)
		return false;
	*out = a + b;
	return true;
}

/* Allocate count * size bytes into *(void **) out_pointer. */
ps_status
ps_alloc(const ps_env *env, size_t count, size_t size, void *out_pointer, ps_error *error)
{
	size_t		bytes;
	void	   *block = NULL;

	if (ps_size_multiply(count, size, &bytes))
		block = env->alloc(env->ctx, bytes > 0 ? bytes : 1);

	/* out_pointer is the address of a pointer of any object type */
	memcpy(out_pointer, &block, sizeof(block));
	if (block == NULL)
		return ps_fail(error, PS_OUT_OF_MEMORY, "out of memory");
	return PS_OK;
}

/* Allocate zeroed memory. */
ps_status
ps_alloc_zero(const ps_env *env, size_t count, size_t size, void *out_pointer, ps_error *error)
{
	void	   *block;

	PS_TRY(ps_alloc(env, count, size, &block, error));
	memset(block, 0, count * size > 0 ? count * size : 1);
	memcpy(out_pointer, &block, sizeof(block));
	return PS_OK;
}

/* Make *(void **) items_pointer hold at least needed elements, keeping the first used. */
ps_status
ps_grow(const ps_env *env, void *items_pointer, size_t used, size_t needed, size_t *capacity, size_t size,
		ps_error *error)
{
	void	   *old;
	void	   *grown;
	size_t		target = *capacity < 4 ? 4 : *capacity;

	if (needed <= *capacity)
		return PS_OK;
	while (target < needed)
	{
		if (!ps_size_multiply(target, 2, &target))
			return ps_fail(error, PS_OUT_OF_MEMORY, "out of memory");
	}
	PS_TRY(ps_alloc(env, target, size, &grown, error));
	memcpy(&old, items_pointer, sizeof(old));
	if (used > 0)
		memcpy(grown, old, used * size);
	ps_release(env, old);
	memcpy(items_pointer, &grown, sizeof(grown));
	*capacity = target;
	return PS_OK;
}

/* Copy length bytes and terminate them. */
ps_status
ps_copy_text(const ps_env *env, const char *text, size_t length, char **out, ps_error *error)
{
	size_t		bytes;

	*out = NULL;
	if (!ps_size_add(length, 1, &bytes))
		return ps_fail(error, PS_OUT_OF_MEMORY, "out of memory");
	PS_TRY(ps_alloc(env, bytes, 1, out, error));
	if (length > 0)
		memcpy(*out, text, length);
	(*out)[length] = '\0';
	return PS_OK;
}

/* Give memory back to the host. */
void
ps_release(const ps_env *env, void *pointer)
{
	if (pointer != NULL)
		env->release(env->ctx, pointer);
}

/* Let the host interrupt; fraction_done is 0..1. */
ps_status
ps_poll(const ps_env *env, double fraction_done, ps_error *error)
{
	if (env->poll(env->ctx, fraction_done) != 0)
		return ps_fail(error, PS_CANCELLED, "cancelled");
	return PS_OK;
}

/* Write a whole number in decimal; out needs 21 bytes; return its length. */
static size_t
write_integer(int64_t number, char *out)
{
	char		digits[20];
	size_t		count = 0;
	size_t		length = 0;
	uint64_t	rest = number < 0 ? 0 - (uint64_t) number : (uint64_t) number;

	do
	{
		digits[count++] = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		out[length++] = '-';
	while (count > 0)
		out[length++] = digits[--count];
	return length;
}

/* As ps_format, with the arguments as a list. */
void
ps_format_list(char *out, size_t size, const char *format, va_list arguments)
{
	size_t		used = 0;

	if (size == 0)
		return;
	for (; *format != '\0'; format++)
	{
		char		buffer[32];
		const char *piece = format;
		size_t		length = strcspn(format, "%");

		if (length > 0)
			format += length - 1;
		else
		{
			length = 1;
			format++;
			piece = buffer;
			switch (*format)
			{
				case 's':
					piece = va_arg(arguments, const char *);
					if (piece == NULL)
						piece = "(null)";
					length = strlen(piece);
					break;
				case 'd':
					length = write_integer(va_arg(arguments, int64_t), buffer);
					break;
				case 'g':
					length = ps_number_write(va_arg(arguments, double), buffer);
					break;
				default:
					piece = "%";
					break;
			}
		}
		if (length > size - 1 - used)
		{
			/* cut before a character that does not fit, not within it */
			length = size - 1 - used;
			while (length > 0 && ((unsigned char) piece[length] & 0xC0) == 0x80)
				length--;
			memcpy(out + used, piece, length);
			used += length;
			break;
		}
		memcpy(out + used, piece, length);
		used += length;
	}
	out[used] = '\0';
}

/* Format into a fixed buffer. */
void
ps_format(char *out, size_t size, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	ps_format_list(out, size, format, arguments);
	va_end(arguments);
}

double
ps_rounded(double number, int digits)
{
	double		units = 1;

	for (int i = 0; i < digits; i++)
		units *= 10;
	return round(number * units) / units;
}

/* Start an error: everything but the message. */
static void
start_error(ps_error *error, ps_status status, const char *column)
{
	memset(error, 0, sizeof(*error));
	error->status = status;
	ps_format(error->column, sizeof(error->column), "%s", column);
}

/* Fill error and return status. */
ps_status
ps_fail(ps_error *error, ps_status status, const char *format,...)
{
	va_list		arguments;

	start_error(error, status, "");
	va_start(arguments, format);
	ps_format_list(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return status;
}

/* Fill error, naming the column, and return status. */
ps_status
ps_fail_column(ps_error *error, ps_status status, const char *column, const char *format,...)
{
	va_list		arguments;

	start_error(error, status, column);
	va_start(arguments, format);
	ps_format_list(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return status;
}

/* Add a detail to an error already filled and return its status. */
ps_status
ps_detail(ps_error *error, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	ps_format_list(error->detail, sizeof(error->detail), format, arguments);
	va_end(arguments);
	return error->status;
}

/* Add a hint to an error already filled and return its status. */
ps_status
ps_hint(ps_error *error, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	ps_format_list(error->hint, sizeof(error->hint), format, arguments);
	va_end(arguments);
	return error->status;
}
