/*-------------------------------------------------------------------------
 *
 * ps_model_bytes.c
 *	  The bytes of a model.
 *
 * Header: see ps_model.h.  Payload: one value, that of the document.  A value
 * is a byte that tells its form and then, with integers little-endian and
 * floats as their IEEE bits,
 *
 *	  0 null, 1 false, 2 true		nothing
 *	  3 number						8 bytes
 *	  4 text						4 bytes length, bytes (none of them zero)
 *	  5 list						4 bytes count, values
 *	  6 object						4 bytes count, of each member: 4 bytes length of
 *									the name, name, value
 *	  7 numbers, bytes				4 bytes count, elements of 1 byte, unsigned
 *	  8 numbers, integers			4 bytes count, elements of 4 bytes, signed
 *	  9 numbers, single				4 bytes count, elements of 4 bytes
 *	 10 numbers, double				4 bytes count, elements of 8 bytes
 *
 * A tree has exactly one encoding: a vector of numbers has the first of the
 * forms 7 to 10 that holds every element exactly (minus zero is no integer)
 * and at least one element; a list is not made of numbers alone; no number is
 * NaN or infinite; names are unique.  The reader refuses everything else, so
 * equal models are equal bytes.  A count is compared with the bytes that are
 * left before memory is taken for it.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_model.h"
#include "ps_tree.h"

#define FORMAT_VERSION 1

enum form
{
	FORM_NULL,
	FORM_FALSE,
	FORM_TRUE,
	FORM_NUMBER,
	FORM_TEXT,
	FORM_LIST,
	FORM_OBJECT,
	FORM_BYTES,
	FORM_INTEGERS,
	FORM_SINGLE,
	FORM_DOUBLE
};

static const uint8_t magic[4] = {'P', 'S', 'M', 'D'};

/* The first of the forms of a vector that holds all its numbers exactly. */
static enum form
vector_form(const double *numbers, size_t count)
{
	bool		bytes = true;
	bool		integers = true;
	bool		single = true;

	for (size_t i = 0; i < count; i++)
	{
		double		number = numbers[i];
		bool		whole = number == floor(number) && !(number == 0 && signbit(number));

		bytes = bytes && whole && number >= 0 && number <= UINT8_MAX;
		integers = integers && whole && number >= INT32_MIN && number <= INT32_MAX;
		single = single && fabs(number) <= FLT_MAX && (double) (float) number == number;
	}
	return bytes ? FORM_BYTES : integers ? FORM_INTEGERS : single ? FORM_SINGLE : FORM_DOUBLE;
}

/* Bytes of an element. */
static size_t
element_size(enum form form)
{
	return form == FORM_BYTES ? 1 : form == FORM_DOUBLE ? 8 : 4;
}

/* Load an element of a vector. */
static double
load_element(const uint8_t *data, enum form form)
{
	uint64_t	bits = ps_load_integer(data, element_size(form));
	uint32_t	low = (uint32_t) bits;
	int32_t		whole;
	float		single;
	double		number;

	switch (form)
	{
		case FORM_BYTES:
			return (double) bits;
		case FORM_INTEGERS:
			memcpy(&whole, &low, sizeof(whole));
			return whole;
		case FORM_SINGLE:
			memcpy(&single, &low, sizeof(single));
			return (double) single;
		default:
			memcpy(&number, &bits, sizeof(number));
			return number;
	}
}

/* Store an element of a vector. */
static void
store_element(uint8_t *data, enum form form, double number)
{
	uint64_t	bits;
	uint32_t	low;
	float		single;

	switch (form)
	{
		case FORM_BYTES:
		case FORM_INTEGERS:
			bits = (uint64_t) (int64_t) number;
			break;
		case FORM_SINGLE:
			single = (float) number;
			memcpy(&low, &single, sizeof(low));
			bits = low;
			break;
		default:
			memcpy(&bits, &number, sizeof(bits));
			break;
	}
	ps_store_integer(data, bits, element_size(form));
}

/* Write the form and a count or length. */
static ps_status
write_head(ps_writer *out, enum form form, size_t count, ps_error *error)
{
	if (count > UINT32_MAX)
		return ps_fail(error, PS_OUT_OF_MEMORY, "the model is too large");
	PS_TRY(ps_writer_integer(out, form, 1, error));
	return ps_writer_integer(out, count, 4, error);
}

/* Write a vector in the smallest form. */
static ps_status
write_vector(ps_writer *out, const ps_value *value, ps_error *error)
{
	enum form	form = vector_form(value->numbers, value->count);

	PS_TRY(write_head(out, form, value->count, error));
	for (size_t i = 0; i < value->count; i++)
	{
		if (i % 65536 == 0)
			PS_TRY(ps_poll(out->env, 0, error));
		PS_TRY(ps_writer_reserve(out, 8, error));
		store_element(out->data + out->length, form, value->numbers[i]);
		out->length += element_size(form);
	}
	return PS_OK;
}

/* Write a value. */
static ps_status
write_value(ps_writer *out, const ps_value *value, int depth, ps_error *error)
{
	uint8_t		number[8];
	bool		object = value->type == PS_OBJECT;

	switch (value->type)
	{
		case PS_NULL:
			return ps_writer_integer(out, FORM_NULL, 1, error);
		case PS_BOOLEAN:
			return ps_writer_integer(out, value->boolean ? FORM_TRUE : FORM_FALSE, 1, error);
		case PS_NUMBER:
			PS_TRY(ps_writer_integer(out, FORM_NUMBER, 1, error));
			store_element(number, FORM_DOUBLE, value->number);
			return ps_writer_append(out, number, sizeof(number), error);
		case PS_STRING:
			PS_TRY(write_head(out, FORM_TEXT, value->count, error));
			return ps_writer_append(out, value->text, value->count, error);
		case PS_NUMBERS:
			return write_vector(out, value, error);
		case PS_LIST:
		case PS_OBJECT:
			break;
	}
	if (depth >= PS_TREE_DEPTH)
		return ps_fail(error, PS_CORRUPT, "the model nests deeper than %d levels", (int64_t) PS_TREE_DEPTH);
	PS_TRY(write_head(out, object ? FORM_OBJECT : FORM_LIST, value->count, error));
	for (size_t i = 0; i < value->count; i++)
	{
		if (i % 4096 == 0)
			PS_TRY(ps_poll(out->env, 0, error));
		if (object)
		{
			size_t		length = strlen(value->names[i]);

			PS_TRY(ps_writer_integer(out, length, 4, error));
			PS_TRY(ps_writer_append(out, value->names[i], length, error));
		}
		PS_TRY(write_value(out, value->items[i], depth + 1, error));
	}
	return PS_OK;
}

/* Write a document as bytes. */
ps_status
ps_model_encode(const ps_env *env, const ps_value *document, uint8_t **bytes, size_t *length, ps_error *error)
{
	ps_writer	out = {.env = env};
	uint32_t	crc;

	PS_TRY(ps_writer_append(&out, magic, sizeof(magic), error));
	PS_TRY(ps_writer_integer(&out, FORMAT_VERSION, 2, error));
	PS_TRY(ps_writer_integer(&out, 0, 2, error));
	PS_TRY(ps_writer_integer(&out, 0, 8, error));	/* length and checksum */
	PS_TRY(write_value(&out, document, 0, error));
	if (out.length - PS_HEADER_BYTES > UINT32_MAX)
		return ps_fail(error, PS_OUT_OF_MEMORY, "the model is too large");
	ps_store_integer(out.data + 8, out.length - PS_HEADER_BYTES, 4);
	PS_TRY(ps_checksum(env, out.data, out.length, &crc, error));
	ps_store_integer(out.data + PS_CHECKSUM_OFFSET, crc, 4);
	*bytes = out.data;
	*length = out.length;
	return PS_OK;
}

/* Read a count of things that take at least size bytes each. */
static ps_status
read_count(ps_reader *in, size_t size, size_t *out, ps_error *error)
{
	uint64_t	count;

	PS_TRY(ps_reader_integer(in, 4, &count, error));
	if (count > (in->length - in->position) / size)
		return ps_fail(error, PS_CORRUPT, "a count of %d at byte %d is more than the bytes hold", (int64_t) count,
					   (int64_t) in->position - 4);
	*out = (size_t) count;
	return PS_OK;
}

/* Read a length and so many bytes, none of them zero, into a new text. */
static ps_status
read_text(const ps_env *env, ps_reader *in, char **text, size_t *length, ps_error *error)
{
	const uint8_t *data;

	PS_TRY(read_count(in, 1, length, error));
	PS_TRY(ps_reader_take(in, *length, &data, error));
	if (memchr(data, 0, *length) != NULL)
		return ps_fail(error, PS_CORRUPT, "a text before byte %d holds a zero byte", (int64_t) in->position);
	return ps_copy_text(env, (const char *) data, *length, text, error);
}

/* Read a vector that is in its smallest form. */
static ps_status
read_vector(const ps_env *env, ps_reader *in, enum form form, ps_value *out, ps_error *error)
{
	size_t		size = element_size(form);
	const uint8_t *data;

	PS_TRY(read_count(in, size, &out->count, error));
	PS_TRY(ps_reader_take(in, out->count * size, &data, error));
	PS_TRY(ps_alloc(env, out->count, sizeof(double), &out->numbers, error));
	for (size_t i = 0; i < out->count; i++)
	{
		if (i % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
		out->numbers[i] = load_element(data + i * size, form);
		if (!isfinite(out->numbers[i]))
			return ps_fail(error, PS_CORRUPT, "a number before byte %d is not finite", (int64_t) in->position);
	}
	if (out->count == 0 || vector_form(out->numbers, out->count) != form)
		return ps_fail(error, PS_CORRUPT, "a vector before byte %d is not in its shortest form",
					   (int64_t) in->position);
	return PS_OK;
}

/* Read a value. */
static ps_status
read_value(const ps_env *env, ps_reader *in, int depth, ps_value **out, ps_error *error)
{
	static const ps_value_type types[] = {
		PS_NULL, PS_BOOLEAN, PS_BOOLEAN, PS_NUMBER, PS_STRING, PS_LIST, PS_OBJECT, PS_NUMBERS, PS_NUMBERS,
		PS_NUMBERS, PS_NUMBERS
	};
	uint64_t	form;
	const uint8_t *data;
	size_t		count;
	bool		object;

	PS_TRY(ps_reader_integer(in, 1, &form, error));
	if (form > FORM_DOUBLE)
		return ps_fail(error, PS_CORRUPT, "byte %d is no form of a value", (int64_t) in->position - 1);
	PS_TRY(ps_value_make(env, types[form], out, error));
	switch ((enum form) form)
	{
		case FORM_NULL:
		case FORM_FALSE:
			return PS_OK;
		case FORM_TRUE:
			(*out)->boolean = true;
			return PS_OK;
		case FORM_NUMBER:
			PS_TRY(ps_reader_take(in, 8, &data, error));
			(*out)->number = load_element(data, FORM_DOUBLE);
			if (!isfinite((*out)->number))
				return ps_fail(error, PS_CORRUPT, "a number before byte %d is not finite", (int64_t) in->position);
			return PS_OK;
		case FORM_TEXT:
			return read_text(env, in, &(*out)->text, &(*out)->count, error);
		case FORM_BYTES:
		case FORM_INTEGERS:
		case FORM_SINGLE:
		case FORM_DOUBLE:
			return read_vector(env, in, (enum form) form, *out, error);
		case FORM_LIST:
		case FORM_OBJECT:
			break;
	}

	object = form == FORM_OBJECT;
	if (depth >= PS_TREE_DEPTH)
		return ps_fail(error, PS_CORRUPT, "the model nests deeper than %d levels", (int64_t) PS_TREE_DEPTH);
	PS_TRY(read_count(in, object ? 5 : 1, &count, error));
	for (size_t i = 0; i < count; i++)
	{
		ps_value   *item;
		char	   *name;
		size_t		length;

		if (i % 4096 == 0)
			PS_TRY(ps_poll(env, (double) in->position / (double) in->length, error));
		if (object)
			PS_TRY(read_text(env, in, &name, &length, error));
		PS_TRY(read_value(env, in, depth + 1, &item, error));
		if (object)
			PS_TRY(ps_value_add_member(env, *out, name, item, error));
		else
			PS_TRY(ps_value_append(env, *out, item, error));
	}
	if (object)
		return ps_value_check_names(env, *out, error);
	PS_TRY(ps_value_pack(env, *out, error));
	if ((*out)->type != PS_LIST)
		return ps_fail(error, PS_CORRUPT, "a list before byte %d holds nothing but numbers",
					   (int64_t) in->position);
	return PS_OK;
}

/* Read bytes as a document; they must be exactly what encoding it writes. */
ps_status
ps_model_decode(const ps_env *env, const uint8_t *bytes, size_t length, ps_value **document, ps_error *error)
{
	ps_reader	in = {.data = bytes, .length = length, .position = PS_HEADER_BYTES};
	uint64_t	version;

	*document = NULL;
	if (length < PS_HEADER_BYTES || memcmp(bytes, magic, sizeof(magic)) != 0)
		return ps_fail(error, PS_CORRUPT, "the bytes are not a model");
	version = ps_load_integer(bytes + 4, 2);
	if (version != FORMAT_VERSION)
	{
		ps_fail(error, PS_CORRUPT, "the model has format version %d, known is %d", (int64_t) version,
				(int64_t) FORMAT_VERSION);
		return ps_hint(error, "It was written by another version of predseg, or damaged.");
	}
	if (ps_load_integer(bytes + 6, 2) != 0)
		return ps_fail(error, PS_CORRUPT, "the model has unknown flags");
	if (ps_load_integer(bytes + 8, 4) != length - PS_HEADER_BYTES)
		return ps_fail(error, PS_CORRUPT, "the model should have %d bytes, has %d",
					   (int64_t) ps_load_integer(bytes + 8, 4) + PS_HEADER_BYTES, (int64_t) length);
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	{
		uint32_t	crc;

		PS_TRY(ps_checksum(env, bytes, length, &crc, error));
		if (crc != ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4))
			return ps_fail(error, PS_CORRUPT, "the model's checksum is wrong");
	}
#endif
	PS_TRY(read_value(env, &in, 0, document, error));
	if (in.position != in.length)
		return ps_fail(error, PS_CORRUPT, "the model has %d bytes after its end", (int64_t) (in.length - in.position));
	return PS_OK;
}
