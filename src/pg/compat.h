/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Every difference between the PostgreSQL versions we support (15 to 18).
 *
 * Include it after postgres.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_COMPAT_H
#define PREDSEG_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "predseg needs PostgreSQL 15 or later"
#endif

#include "datatype/timestamp.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18: TupleDescAttr stays, but the executor's run lost its last argument. */
#if PG_VERSION_NUM >= 180000
#define predseg_executor_run(query_desc) \
	ExecutorRun(query_desc, ForwardScanDirection, 0)
#else
#define predseg_executor_run(query_desc) \
	ExecutorRun(query_desc, ForwardScanDirection, 0, true)
#endif

/* 17: REFRESH needs the privilege MAINTAIN; before, ownership, whose check was renamed in 16. */
#if PG_VERSION_NUM >= 170000
#define predseg_may_refresh(view) \
	(pg_class_aclcheck(view, GetUserId(), ACL_MAINTAIN) == ACLCHECK_OK)
#elif PG_VERSION_NUM >= 160000
#define predseg_may_refresh(view) object_ownercheck(RelationRelationId, view, GetUserId())
#else
#define predseg_may_refresh(view) pg_class_ownercheck(view, GetUserId())
#endif

#if PG_VERSION_NUM >= 180000
#define PREDSEG_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "predseg", .version = PREDSEG_VERSION)
#else
#define PREDSEG_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* 16: one check for the rights on any kind of object. */
#if PG_VERSION_NUM >= 160000
#define predseg_may_execute(function) \
	(object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK)
#else
#define predseg_may_execute(function) (pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK)
#endif

/* Intervals without end came with 17. */
#ifndef INTERVAL_NOT_FINITE
#define INTERVAL_NOT_FINITE(interval) false
#endif

/* Soft errors came with 16: before it, input errors are always thrown. */
#if PG_VERSION_NUM >= 160000
#define predseg_input_error(fcinfo, ...) ereturn((fcinfo)->context, (Datum) 0, __VA_ARGS__)
#else
#define predseg_input_error(fcinfo, ...) ereport(ERROR, __VA_ARGS__)
#endif

/* 18: RETURNING knows the row before and after. */
#if PG_VERSION_NUM >= 180000
#define predseg_var_returns_old_or_new(var) ((var)->varreturningtype != VAR_RETURNING_DEFAULT)
#define predseg_expand_entry(entry, relation, dropped, names, columns) \
	expandRTE(entry, relation, 0, VAR_RETURNING_DEFAULT, -1, dropped, names, columns)
#else
#define predseg_var_returns_old_or_new(var) false
#define predseg_expand_entry(entry, relation, dropped, names, columns) \
	expandRTE(entry, relation, 0, -1, dropped, names, columns)
#endif

#endif							/* PREDSEG_COMPAT_H */
