/*-------------------------------------------------------------------------
 *
 * authority.h
 *	  Who may do what: roles that own models, segments and consumers, and the
 *	  narrow door through which predseg's own tables are read and written.
 *
 * predseg's tables belong to the role that owns the schema predseg (the
 * bootstrap superuser for a trusted extension) and grant nothing to PUBLIC.
 * Only constant statements of this extension run between authority_enter()
 * and authority_leave(), with their parameters passed as values; text from a
 * user is never evaluated there.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_AUTHORITY_H
#define PREDSEG_AUTHORITY_H

#include "postgres.h"

typedef struct AuthorityScope
{
	Oid			user;
	int			security_context;
	int			guc_level;
} AuthorityScope;

/* The OID of schema predseg; an error when the extension is not installed. */
extern Oid	predseg_schema(void);

/*
 * Act as the owner of the schema predseg, with search_path pg_catalog,
 * pg_temp, until authority_leave. An error in between restores both at the
 * (sub)transaction's abort.
 */
extern void authority_enter(AuthorityScope *scope);
extern void authority_leave(const AuthorityScope *scope);

/*
 * Act as that role in a security-restricted operation (no session state can
 * be changed), keeping the caller's search_path; for text that belongs to
 * that role. Leave by authority_leave.
 */
extern void authority_become(AuthorityScope *scope, Oid role);

/* Does the current user have the rights of that role (a name from a table)? False when no such role exists. */
extern bool authority_has_role(const char *role_name);

/* The name of the current user. */
extern const char *authority_current_user(void);

#endif							/* PREDSEG_AUTHORITY_H */
