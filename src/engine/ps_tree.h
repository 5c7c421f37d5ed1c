/*-------------------------------------------------------------------------
 *
 * ps_tree.h
 *	  What the readers of trees (JSON and the model's bytes) need beyond
 *	  ps_value.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_TREE_H
#define PS_TREE_H

#include "ps_value.h"

/* Levels of lists and objects that either reader accepts; both recurse. */
#define PS_TREE_DEPTH 64

extern ps_status ps_value_make(const ps_env *env, ps_value_type type, ps_value **out, ps_error *error);

/* Append a member whose name is allocated; names are checked at the end of the object. */
extern ps_status ps_value_add_member(const ps_env *env, ps_value *object, char *name, ps_value *member,
									 ps_error *error);
extern ps_status ps_value_check_names(const ps_env *env, const ps_value *object, ps_error *error);

/* Make a list of numbers a vector. */
extern ps_status ps_value_pack(const ps_env *env, ps_value *list, ps_error *error);

/* "null", "a number", "a text", ... */
extern const char *ps_value_type_name(ps_value_type type);

#endif							/* PS_TREE_H */
