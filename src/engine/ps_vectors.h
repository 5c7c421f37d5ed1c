/*-------------------------------------------------------------------------
 *
 * ps_vectors.h
 *	  Saved vectors of numbers that are read element by element, each in
 *	  its own order: how trees are kept in a model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_VECTORS_H
#define PS_VECTORS_H

#include "ps_value.h"

/* A vector being read. */
typedef struct ps_vector
{
	const char *name;
	const double *numbers;
	size_t		count;
	size_t		next;
} ps_vector;

/* Find vectors by their names in an object. What does not fit is PS_CORRUPT, here and below. */
extern ps_status ps_vectors_open(const ps_value *object, const char *const *names, size_t count, ps_vector *vectors,
								 ps_error *error);

/* Read the next element: a number min..max. */
extern ps_status ps_vector_next(ps_vector *vector, double min, double max, double *out, ps_error *error);

/* The same, a whole number. */
extern ps_status ps_vector_next_integer(ps_vector *vector, size_t min, size_t max, size_t *out, ps_error *error);

/* Refuse elements that were not read. */
extern ps_status ps_vectors_finish(const ps_vector *vectors, size_t count, ps_error *error);

#endif							/* PS_VECTORS_H */
