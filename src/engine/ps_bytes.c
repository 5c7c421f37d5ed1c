/*-------------------------------------------------------------------------
 *
 * ps_bytes.c
 *	  Bytes written at the end of a growing buffer, and read with bounds.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_bytes.h"

#include <string.h>

/* Load a little-endian integer. */
uint64_t
ps_load_integer(const uint8_t *data, size_t size)
{
	uint64_t	value = 0;

	for (size_t i = size; i-- > 0;)
		value = value << 8 | data[i];
	return value;
}

/* Store the lowest size bytes, little-endian. */
void
ps_store_integer(uint8_t *data, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t) (value >> (8 * i));
}

/* Make room for more bytes. */
ps_status
ps_writer_reserve(ps_writer *writer, size_t more, ps_error *error)
{
	size_t		needed;

	if (!ps_size_add(writer->length, more, &needed))
		return ps_fail(error, PS_OUT_OF_MEMORY, "out of memory");
	return ps_grow(writer->env, &writer->data, writer->length, needed, &writer->capacity, 1, error);
}

/* Append length bytes. */
ps_status
ps_writer_append(ps_writer *writer, const void *data, size_t length, ps_error *error)
{
	PS_TRY(ps_writer_reserve(writer, length, error));
	if (length > 0)
		memcpy(writer->data + writer->length, data, length);
	writer->length += length;
	return PS_OK;
}

/* Append an integer. */
ps_status
ps_writer_integer(ps_writer *writer, uint64_t value, size_t size, ps_error *error)
{
	PS_TRY(ps_writer_reserve(writer, size, error));
	ps_store_integer(writer->data + writer->length, value, size);
	writer->length += size;
	return PS_OK;
}

/* Take the next length bytes. */
ps_status
ps_reader_take(ps_reader *reader, size_t length, const uint8_t **out, ps_error *error)
{
	*out = NULL;
	if (length > reader->length - reader->position)
		return ps_fail(error, PS_CORRUPT, "the bytes end too early, at %d", (int64_t) reader->length);
	*out = reader->data + reader->position;
	reader->position += length;
	return PS_OK;
}

/* Read an integer. */
ps_status
ps_reader_integer(ps_reader *reader, size_t size, uint64_t *out, ps_error *error)
{
	const uint8_t *data;

	PS_TRY(ps_reader_take(reader, size, &data, error));
	*out = ps_load_integer(data, size);
	return PS_OK;
}

double
ps_load_number(const uint8_t *data)
{
	uint64_t	bits = ps_load_integer(data, 8);
	double		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

void
ps_store_number(uint8_t *data, double number)
{
	uint64_t	bits;

	memcpy(&bits, &number, sizeof(bits));
	ps_store_integer(data, bits, 8);
}
