/*-------------------------------------------------------------------------
 *
 * ps_bytes.h
 *	  Bytes written at the end of a growing buffer, and read with bounds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_BYTES_H
#define PS_BYTES_H

#include "ps_env.h"

/* Start with zeroes and env. */
typedef struct ps_writer
{
	const ps_env *env;
	uint8_t    *data;
	size_t		length;
	size_t		capacity;
} ps_writer;

/* Make room for more bytes at data + length, without adding them. */
extern ps_status ps_writer_reserve(ps_writer *writer, size_t more, ps_error *error);
extern ps_status ps_writer_append(ps_writer *writer, const void *data, size_t length, ps_error *error);

/* Append the lowest size (1..8) bytes of value, little-endian. */
extern ps_status ps_writer_integer(ps_writer *writer, uint64_t value, size_t size, ps_error *error);

typedef struct ps_reader
{
	const uint8_t *data;
	size_t		length;
	size_t		position;
} ps_reader;

/* Read size (1..8) bytes, little-endian; PS_CORRUPT at the end of the data. */
extern ps_status ps_reader_integer(ps_reader *reader, size_t size, uint64_t *out, ps_error *error);

/* A pointer to the next length bytes; PS_CORRUPT when there are fewer. */
extern ps_status ps_reader_take(ps_reader *reader, size_t length, const uint8_t **out, ps_error *error);

/* Little-endian integer of size bytes at data. */
extern uint64_t ps_load_integer(const uint8_t *data, size_t size);
extern void ps_store_integer(uint8_t *data, uint64_t value, size_t size);

/* Little-endian double at data. */
extern double ps_load_number(const uint8_t *data);
extern void ps_store_number(uint8_t *data, double number);

#endif							/* PS_BYTES_H */
