/*-------------------------------------------------------------------------
 *
 * ps_json.c
 *	  Canonical JSON text of a tree, and back.
 *
 * The reader takes any JSON of RFC 8259 except: more than PS_TREE_DEPTH
 * levels, a name given twice in one object, a number beyond the range of
 * doubles, and \u0000 or a lone surrogate in a text.  A \u escape becomes
 * UTF-8.  Bytes that are not ASCII are passed through as they are.
 *
 * Numbers are read with strtod() after their grammar was checked; the host
 * must leave LC_NUMERIC at "C", as PostgreSQL does (with any other decimal
 * point a fraction is refused, never misread).
 *
 *-------------------------------------------------------------------------
 */
#include "ps_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_tree.h"

typedef struct reader
{
	const ps_env *env;
	const char *text;
	size_t		length;
	size_t		position;
	size_t		polled;			/* values and strings since the last poll */
	bool		foreign;		/* take the words that other writers put for numbers that are not finite */
	ps_error   *error;
} reader;

/* Fail at the present position. */
static ps_status
fail_here(const reader *in, const char *what)
{
	return ps_fail(in->error, PS_CORRUPT, "not valid JSON: %s at byte %d", what, (int64_t) in->position + 1);
}

/* The present character, or 0 at the end (which no grammar rule accepts). */
static char
peek(const reader *in)
{
	return in->position < in->length ? in->text[in->position] : '\0';
}

/* Skip white space. */
static void
skip_space(reader *in)
{
	while (peek(in) == ' ' || peek(in) == '\t' || peek(in) == '\n' || peek(in) == '\r')
		in->position++;
}

/* Skip decimal digits; false when there is none. */
static bool
skip_digits(reader *in)
{
	size_t		start = in->position;

	while (peek(in) >= '0' && peek(in) <= '9')
		in->position++;
	return in->position > start;
}

/* Read a number: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static ps_status
read_number(reader *in, double *out)
{
	size_t		start = in->position;
	size_t		length;
	char		buffer[64];
	char	   *copy = buffer;
	char	   *end;

	if (peek(in) == '-')
		in->position++;
	if (peek(in) == '0')
		in->position++;
	else if (!skip_digits(in))
		return fail_here(in, "a value is expected");
	if (peek(in) == '.')
	{
		in->position++;
		if (!skip_digits(in))
			return fail_here(in, "a digit is expected");
	}
	if (peek(in) == 'e' || peek(in) == 'E')
	{
		in->position++;
		if (peek(in) == '+' || peek(in) == '-')
			in->position++;
		if (!skip_digits(in))
			return fail_here(in, "a digit is expected");
	}

	length = in->position - start;
	if (length < sizeof(buffer))
	{
		memcpy(buffer, in->text + start, length);
		buffer[length] = '\0';
	}
	else
		PS_TRY(ps_copy_text(in->env, in->text + start, length, &copy, in->error));
	*out = strtod(copy, &end);
	if (*end != '\0' || !isfinite(*out))
	{
		in->position = start;
		return fail_here(in, "a number out of range");
	}
	if (copy != buffer)
		ps_release(in->env, copy);
	return PS_OK;
}

/* Read four hexadecimal digits. */
static ps_status
read_hex(reader *in, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++)
	{
		char		c = peek(in);
		int			digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return fail_here(in, "four hexadecimal digits are expected");
		*out = *out << 4 | (uint32_t) digit;
		in->position++;
	}
	return PS_OK;
}

/* Read what follows "\u" and write its UTF-8 (1 to 4 bytes) at *target. */
static ps_status
read_unicode(reader *in, char **target)
{
	uint32_t	code;
	char	   *end = *target;

	PS_TRY(read_hex(in, &code));
	if (code >= 0xD800 && code < 0xDC00)
	{
		uint32_t	second = 0;

		if (peek(in) == '\\' && in->position + 1 < in->length && in->text[in->position + 1] == 'u')
		{
			in->position += 2;
			PS_TRY(read_hex(in, &second));
		}
		if (second < 0xDC00 || second > 0xDFFF)
			return fail_here(in, "a surrogate without its other half");
		code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
	}
	else if (code >= 0xDC00 && code <= 0xDFFF)
		return fail_here(in, "a surrogate without its other half");
	if (code == 0)
		return fail_here(in, "\\u0000, which no text can hold,");

	if (code < 0x80)
		*end++ = (char) code;
	else
	{
		/* lead byte with the number of bytes, then six bits each */
		int			more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

		*end++ = (char) (uint8_t) ((0xFF00u >> (more + 1)) | (code >> (6 * more)));
		while (more-- > 0)
			*end++ = (char) (uint8_t) (0x80 | ((code >> (6 * more)) & 0x3F));
	}
	*target = end;
	return PS_OK;
}

/* Read a string into a new zero-terminated text of *length bytes. */
static ps_status
read_string(reader *in, char **out, size_t *length)
{
	size_t		close = in->position + 1;
	char	   *target;

	if (peek(in) != '"')
		return fail_here(in, "a string is expected");

	/* the text is never longer than its source: \uXXXX is at most 3 bytes */
	while (close < in->length && in->text[close] != '"')
		close += in->text[close] == '\\' ? 2 : 1;
	if (close >= in->length)
		return fail_here(in, "a string without its end");
	in->position++;
	PS_TRY(ps_alloc(in->env, close - in->position + 1, 1, out, in->error));
	target = *out;
	while (in->position < close)
	{
		static const char escapes[] = "\"\\/bfnrt";
		static const char meanings[] = "\"\\/\b\f\n\r\t";
		char		c = in->text[in->position];
		const char *found;

		if ((unsigned char) c < 0x20)
			return fail_here(in, "a control character in a string");
		in->position++;
		if (c != '\\')
		{
			*target++ = c;
			continue;
		}
		c = in->text[in->position++];
		found = c == '\0' ? NULL : strchr(escapes, c);
		if (c == 'u')
			PS_TRY(read_unicode(in, &target));
		else if (found != NULL)
			*target++ = meanings[found - escapes];
		else
			return fail_here(in, "an unknown escape before");
	}
	in->position = close + 1;
	*target = '\0';
	*length = (size_t) (target - *out);
	return PS_OK;
}

/* Read one of the three words. */
static ps_status
read_word(reader *in, const char *word)
{
	size_t		length = strlen(word);

	if (in->length - in->position < length || memcmp(in->text + in->position, word, length) != 0)
		return fail_here(in, "a value is expected");
	in->position += length;
	return PS_OK;
}

static ps_status read_value(reader *in, int depth, ps_value **out);

/* Read the elements of a list or the members of an object up to the closing bracket. */
static ps_status
read_elements(reader *in, int depth, ps_value *parent)
{
	bool		object = parent->type == PS_OBJECT;
	char		bracket = object ? '}' : ']';

	if (depth >= PS_TREE_DEPTH)
		return fail_here(in, "too many levels of nesting");
	in->position++;
	skip_space(in);
	if (peek(in) == bracket)
	{
		in->position++;
		return PS_OK;
	}
	for (;;)
	{
		ps_value   *item;

		skip_space(in);
		if (object)
		{
			char	   *name;
			size_t		length;

			PS_TRY(read_string(in, &name, &length));
			skip_space(in);
			if (peek(in) != ':')
				return fail_here(in, "a colon is expected");
			in->position++;
			PS_TRY(read_value(in, depth + 1, &item));
			PS_TRY(ps_value_add_member(in->env, parent, name, item, in->error));
		}
		else
		{
			PS_TRY(read_value(in, depth + 1, &item));
			PS_TRY(ps_value_append(in->env, parent, item, in->error));
		}
		skip_space(in);
		if (peek(in) == bracket)
			break;
		if (peek(in) != ',')
			return fail_here(in, object ? "a comma or } is expected" : "a comma or ] is expected");
		in->position++;
	}
	in->position++;
	if (object)
		return ps_value_check_names(in->env, parent, in->error);
	return ps_value_pack(in->env, parent, in->error);
}

/* The word for a number that is not finite at the present position, or NULL. */
static const char *
peek_not_finite(const reader *in)
{
	switch (peek(in))
	{
		case 'N':
			return "NaN";
		case 'I':
			return "Infinity";
		case '-':
			return in->position + 1 < in->length && in->text[in->position + 1] == 'I' ? "-Infinity" : NULL;
		default:
			return NULL;
	}
}

/* Read a value after optional white space. */
static ps_status
read_value(reader *in, int depth, ps_value **out)
{
	if (++in->polled % 8192 == 0)
		PS_TRY(ps_poll(in->env, (double) in->position / (double) in->length, in->error));
	skip_space(in);
	if (in->foreign && peek_not_finite(in) != NULL)
	{
		PS_TRY(ps_value_make(in->env, PS_NULL, out, in->error));
		return read_word(in, peek_not_finite(in));
	}
	switch (peek(in))
	{
		case '{':
			PS_TRY(ps_value_make(in->env, PS_OBJECT, out, in->error));
			return read_elements(in, depth, *out);
		case '[':
			PS_TRY(ps_value_make(in->env, PS_LIST, out, in->error));
			return read_elements(in, depth, *out);
		case '"':
			PS_TRY(ps_value_make(in->env, PS_STRING, out, in->error));
			return read_string(in, &(*out)->text, &(*out)->count);
		case 'n':
			PS_TRY(ps_value_make(in->env, PS_NULL, out, in->error));
			return read_word(in, "null");
		case 't':
		case 'f':
			PS_TRY(ps_value_make(in->env, PS_BOOLEAN, out, in->error));
			(*out)->boolean = peek(in) == 't';
			return read_word(in, (*out)->boolean ? "true" : "false");
		default:
			PS_TRY(ps_value_make(in->env, PS_NUMBER, out, in->error));
			return read_number(in, &(*out)->number);
	}
}

/* Read one JSON value that is all of the reader's text. */
static ps_status
read_all(reader *in, ps_value **out)
{
	*out = NULL;
	PS_TRY(read_value(in, 0, out));
	skip_space(in);
	if (in->position < in->length)
		return fail_here(in, "text after the end of the value");
	return PS_OK;
}

ps_status
ps_json_read(const ps_env *env, const char *text, size_t length, ps_value **out, ps_error *error)
{
	reader		in = {.env = env, .text = text, .length = length, .error = error};

	return read_all(&in, out);
}

ps_status
ps_json_read_foreign(const ps_env *env, const char *text, size_t length, ps_value **out, ps_error *error)
{
	reader		in = {.env = env, .text = text, .length = length, .foreign = true, .error = error};

	return read_all(&in, out);
}

/* Write a string with the escapes JSON requires and no others. */
static ps_status
write_string(ps_writer *out, const char *text, size_t length, ps_error *error)
{
	PS_TRY(ps_writer_append(out, "\"", 1, error));
	for (size_t i = 0; i < length; i++)
	{
		static const char hex[] = "0123456789abcdef";
		static const char escaped[] = "\"\\\b\f\n\r\t";
		static const char letters[] = "\"\\bfnrt";
		unsigned char c = (unsigned char) text[i];
		const char *found = c == 0 ? NULL : strchr(escaped, c);
		char		escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

		if (found != NULL)
		{
			escape[1] = letters[found - escaped];
			PS_TRY(ps_writer_append(out, escape, 2, error));
		}
		else if (c < 0x20)
			PS_TRY(ps_writer_append(out, escape, 6, error));
		else
			PS_TRY(ps_writer_append(out, text + i, 1, error));
	}
	return ps_writer_append(out, "\"", 1, error);
}

/* Write a number. */
static ps_status
write_number(ps_writer *out, double number, ps_error *error)
{
	char		buffer[32];

	return ps_writer_append(out, buffer, ps_number_write(number, buffer), error);
}

/* Write a value. */
static ps_status
write_value(ps_writer *out, const ps_value *value, ps_error *error)
{
	bool		object = value->type == PS_OBJECT;

	switch (value->type)
	{
		case PS_NULL:
			return ps_writer_append(out, "null", 4, error);
		case PS_BOOLEAN:
			return ps_writer_append(out, value->boolean ? "true" : "false", value->boolean ? 4 : 5, error);
		case PS_NUMBER:
			return write_number(out, value->number, error);
		case PS_STRING:
			return write_string(out, value->text, value->count, error);
		case PS_NUMBERS:
		case PS_LIST:
		case PS_OBJECT:
			break;
	}
	PS_TRY(ps_writer_append(out, object ? "{" : "[", 1, error));
	for (size_t i = 0; i < value->count; i++)
	{
		if (i % 1024 == 0)
			PS_TRY(ps_poll(out->env, 0, error));
		if (i > 0)
			PS_TRY(ps_writer_append(out, ",", 1, error));
		if (object)
		{
			PS_TRY(write_string(out, value->names[i], strlen(value->names[i]), error));
			PS_TRY(ps_writer_append(out, ":", 1, error));
		}
		if (value->type == PS_NUMBERS)
			PS_TRY(write_number(out, value->numbers[i], error));
		else
			PS_TRY(write_value(out, value->items[i], error));
	}
	return ps_writer_append(out, object ? "}" : "]", 1, error);
}

/* Write canonical JSON. */
ps_status
ps_json_write(const ps_env *env, const ps_value *value, char **out, size_t *length, ps_error *error)
{
	ps_writer	writer = {.env = env};

	*out = NULL;
	PS_TRY(write_value(&writer, value, error));
	*length = writer.length;
	PS_TRY(ps_writer_append(&writer, "", 1, error));
	*out = (char *) writer.data;
	return PS_OK;
}
