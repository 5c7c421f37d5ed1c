/*-------------------------------------------------------------------------
 *
 * authority.c
 *	  See authority.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/syscache.h"
#include "catalog/namespace.h"

#include "authority.h"
#include "compat.h"

/* Find the schema that holds the extension. */
Oid
predseg_schema(void)
{
	return get_namespace_oid("predseg", false);
}

/* Find the role that owns the schema, and with it predseg's tables. */
static Oid
schema_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(predseg_schema()));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema predseg");
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Remember who we are, and open a nest level for settings. */
static void
scope_open(AuthorityScope *scope)
{
	GetUserIdAndSecContext(&scope->user, &scope->security_context);
	scope->guc_level = NewGUCNestLevel();
}

void
authority_enter(AuthorityScope *scope)
{
	Oid			owner = schema_owner();

	scope_open(scope);
	SetUserIdAndSecContext(owner, scope->security_context | SECURITY_LOCAL_USERID_CHANGE);

	/* GUC_ACTION_SAVE is the one form that parallel workers may use. */
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

void
authority_become(AuthorityScope *scope, Oid role)
{
	scope_open(scope);
	SetUserIdAndSecContext(role, scope->security_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

void
authority_leave(const AuthorityScope *scope)
{
	AtEOXact_GUC(false, scope->guc_level);
	SetUserIdAndSecContext(scope->user, scope->security_context);
}

bool
authority_has_role(const char *role_name)
{
	Oid			role = get_role_oid(role_name, true);

	return OidIsValid(role) && has_privs_of_role(GetUserId(), role);
}

const char *
authority_current_user(void)
{
	return GetUserNameFromId(GetUserId(), false);
}
