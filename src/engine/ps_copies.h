/*-------------------------------------------------------------------------
 *
 * ps_copies.h
 *	  Numbers for rows that say the same, so that hashes tell them apart.
 *
 * The set of numbered hashes is the same for any order of the rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_COPIES_H
#define PS_COPIES_H

#include "ps_env.h"

typedef struct ps_copies ps_copies;

/* Without any rows yet.  Each different one will take 24 to 48 bytes. */
extern ps_status ps_copies_create(const ps_env *env, ps_copies **out, ps_error *error);

/* Count a row by its hash: *before receives how many with the same hash came before. */
extern ps_status ps_copies_count(ps_copies *copies, uint64_t hash, uint32_t *before, ps_error *error);

/* The same, and extend the hash by that number. */
extern ps_status ps_copies_number(ps_copies *copies, uint64_t *hash, ps_error *error);

extern void ps_copies_release(ps_copies *copies);

#endif							/* PS_COPIES_H */
