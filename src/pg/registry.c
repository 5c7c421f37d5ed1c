/*-------------------------------------------------------------------------
 *
 * registry.c
 *	  See registry.h; also store_model(), deploy(), drop_model().
 *
 * A session opens a deployed model once, and keeps it for later queries;
 * before it opens another, those kept and not in use are cut down to
 * REGISTRY_MEMORY.  Whoever changes the registry sends
 * a relcache invalidation for predseg.model_version with his transaction; the
 * callback only sets a flag, and the next lookup starts afresh.  A query that
 * runs keeps the model it began with: what is read, it reads under its own
 * snapshot.  What an old snapshot showed is not kept for the session, which
 * nobody would tell that it was out of date already.  A REPEATABLE READ
 * transaction may see a newer model than its snapshot, if another call in the
 * session read it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "authority.h"
#include "compat.h"
#include "errors.h"
#include "model.h"
#include "registry.h"
#include "store.h"

/* Most bytes of models kept that no query is using. */
#define REGISTRY_MEMORY ((Size) 64 * 1024 * 1024)

typedef struct RegistryEntry
{
	char		name[NAMEDATALEN * 4];	/* hash key */
	RegistryModel *registered;
} RegistryEntry;

/* State of the session. */
static HTAB *registry_models = NULL;
static Oid	registry_relation = InvalidOid;
static bool registry_valid = false;
uint64		registry_generation = 0;
static uint64 registry_asked = 0;

/* Read deployed models afresh from now on. */
static void
registry_outdate(void)
{
	registry_valid = false;
	registry_generation++;
}

/* Note that the registry, or everything, may have changed. */
static void
registry_invalidate(Datum argument, Oid relation)
{
	if (relation == InvalidOid || relation == registry_relation)
		registry_outdate();
}

Oid
registry_table(void)
{
	return get_relname_relid("model_version", predseg_schema());
}

static Oid
registry_relation_oid(void)
{
	Oid			relation = registry_table();

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table predseg.model_version does not exist"),
				 errhint("Is the extension installed? CREATE EXTENSION predseg;")));
	return relation;
}

/* Free a model that nobody uses. */
static void
registry_free(RegistryModel *registered)
{
	MemoryContextDelete(registered->context);
}

/* Let go of a model whose holder goes. */
static void
registry_release(void *argument)
{
	RegistryModel *registered = argument;

	registered->users--;
	if (registered->users == 0 && registered->stale)
		registry_free(registered);
}

/* Forget every model that was read. */
static void
registry_forget(void)
{
	HASH_SEQ_STATUS scan;
	RegistryEntry *entry;

	hash_seq_init(&scan, registry_models);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		RegistryModel *registered = entry->registered;

		hash_search(registry_models, entry->name, HASH_REMOVE, NULL);
		registered->stale = true;
		if (registered->users == 0)
			registry_free(registered);
	}
}

/* Forget models that nobody uses, the longest unasked first, until the others fit. */
static void
registry_shrink(void)
{
	for (;;)
	{
		HASH_SEQ_STATUS scan;
		RegistryEntry *entry;
		RegistryModel *oldest = NULL;
		Size		total = 0;
		const char *name = NULL;

		hash_seq_init(&scan, registry_models);
		while ((entry = hash_seq_search(&scan)) != NULL)
		{
			if (entry->registered->users > 0)
				continue;
			total += MemoryContextMemAllocated(entry->registered->context, true);
			if (oldest == NULL || entry->registered->asked < oldest->asked)
			{
				oldest = entry->registered;
				name = entry->name;
			}
		}
		if (total <= REGISTRY_MEMORY)
			return;
		hash_search(registry_models, name, HASH_REMOVE, NULL);
		registry_free(oldest);
	}
}

/* Has any transaction ended since the active snapshot was taken? */
static bool
snapshot_is_old(void)
{
	Snapshot	active = GetActiveSnapshot();
	Snapshot	latest = GetCatalogSnapshot(registry_relation);

	return active->xmax != latest->xmax || active->xcnt != latest->xcnt || active->subxcnt != latest->subxcnt;
}

/* Report a name under which the current user has no model. */
static void
report_unknown(const char *name)
{
	if (name[0] == '{')
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_UNKNOWN_MODEL),
				 errmsg("there is no model of that name, which looks like a model's own text"),
				 errhint("Cast the text to make it a model value: '...'::predseg.model.")));
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_UNKNOWN_MODEL),
			 errmsg("there is no model \"%s\"", name),
			 errhint("The view predseg.models shows those you can use; predseg.train makes one.")));
}

/*
 * Read the deployed version from the table; NULL when there is none.  A model
 * that cannot be read is an error, or none as well.
 */
static RegistryModel *
registry_read(const char *name, bool report)
{
	RegistryModel *registered = NULL;

	SPI_connect();
	if (store_read("SELECT version, owner, model FROM predseg.model_version WHERE name = $1 AND deployed",
				   STORE_VALUES(store_text(name))) == 1)
	{
		HeapTuple	tuple = SPI_tuptable->vals[0];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "predseg model", ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(context);
		ps_error	error;
		ps_status	status;

		registered = palloc0(sizeof(RegistryModel));
		registered->context = context;
		registered->version = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull));
		registered->owner = MemoryContextStrdup(context, store_get_text(0, 2));
		status = model_try_open(SPI_getbinval(tuple, desc, 3, &isnull), &registered->model, &error);
		MemoryContextSwitchTo(old);
		if (report)
			predseg_check(status, &error);

		/* Kept for the session only once it is complete. */
		if (status == PS_OK)
			MemoryContextSetParent(context, CacheMemoryContext);
		else
			registered = NULL;
	}
	SPI_finish();
	return registered;
}

/* Get the model deployed under a name; without one, an error or NULL. */
static const RegistryModel *
registry_get(const char *name, MemoryContext holder, bool report)
{
	RegistryEntry *entry = NULL;
	MemoryContextCallback *callback;

	if (registry_models == NULL)
	{
		HASHCTL		control = {.keysize = NAMEDATALEN * 4, .entrysize = sizeof(RegistryEntry)};

		registry_models = hash_create("predseg models", 16, &control, HASH_ELEM | HASH_STRINGS);
		CacheRegisterRelcacheCallback(registry_invalidate, (Datum) 0);
	}
	if (!registry_valid)
	{
		registry_forget();
		registry_relation = registry_relation_oid();

		/* Before reading: an invalidation that comes meanwhile must stick. */
		registry_valid = true;
	}
	if (strlen(name) <= REGISTRY_NAME_MAX)
		entry = hash_search(registry_models, name, HASH_FIND, NULL);
	if (entry == NULL && strlen(name) <= REGISTRY_NAME_MAX)
	{
		uint64		generation = registry_generation;
		RegistryModel *registered = registry_read(name, report);

		if (registered != NULL)
		{
			registered->generation = generation;
			if (snapshot_is_old())
				registry_outdate();
			registry_shrink();
			entry = hash_search(registry_models, name, HASH_ENTER, NULL);
			entry->registered = registered;
		}
	}
	if (entry == NULL || !authority_has_role(entry->registered->owner))
	{
		if (report)
			report_unknown(name);
		return NULL;
	}
	entry->registered->asked = ++registry_asked;
	callback = MemoryContextAllocZero(holder, sizeof(*callback));
	callback->func = registry_release;
	callback->arg = entry->registered;
	MemoryContextRegisterResetCallback(holder, callback);
	entry->registered->users++;
	return entry->registered;
}

const RegistryModel *
registry_deployed(const char *name, MemoryContext holder)
{
	return registry_get(name, holder, true);
}

const RegistryModel *
registry_find(const char *name, MemoryContext holder)
{
	return registry_get(name, holder, false);
}

const ps_model *
registry_argument(FunctionCallInfo fcinfo, bool by_name, MemoryContext holder)
{
	if (by_name)
		return registry_deployed(text_to_cstring(PG_GETARG_TEXT_PP(0)), holder)->model;
	return model_open(PG_GETARG_DATUM(0));
}

RegistryMoment
registry_moment(void)
{
	Snapshot	active = GetActiveSnapshot();

	return (RegistryMoment) {GetUserId(), active->xmax, active->xcnt, active->curcid};
}

bool
registry_is_moment(const RegistryMoment *moment)
{
	RegistryMoment now = registry_moment();

	return moment->xmax == now.xmax && moment->xcnt == now.xcnt && moment->command == now.command;
}

/* Make every session read deployed models again, at commit. */
static void
registry_changed(void)
{
	CacheInvalidateRelcacheByRelid(registry_relation_oid());
}

char *
registry_lock(const char *name)
{
	MemoryContext caller = CurrentMemoryContext;
	char	   *owner = NULL;

	if (strlen(name) == 0 || strlen(name) > REGISTRY_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("a model's name must have 1 to %d bytes", REGISTRY_NAME_MAX)));
	SPI_connect();
	store_execute("SELECT pg_advisory_xact_lock(hashtextextended('predseg model ' || $1, 0))",
				  STORE_VALUES(store_text(name)));
	if (store_execute("SELECT owner FROM predseg.model_version WHERE name = $1 LIMIT 1",
					  STORE_VALUES(store_text(name))) == 1)
		owner = MemoryContextStrdup(caller, store_get_text(0, 1));
	SPI_finish();
	if (owner != NULL && !authority_has_role(owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("model \"%s\" belongs to another role", name),
				 errhint("Choose another name, or become a member of the owning role.")));
	return owner;
}

/* Make a version, which must exist, the deployed one. Under registry_lock. */
static void
registry_deploy(const char *name, int version)
{
	SPI_connect();
	if (store_execute("UPDATE predseg.model_version SET deployed_at = CASE WHEN deployed THEN deployed_at ELSE clock_timestamp() END"
					  " WHERE name = $1 AND version = $2",
					  STORE_VALUES(store_text(name), store_int4(version))) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_UNKNOWN_MODEL),
				 errmsg("model \"%s\" has no version %d", name, version),
				 errhint("SELECT version FROM predseg.model_versions WHERE name = %s shows them.",
						 quote_literal_cstr(name))));

	/* The one before first: at most one may be deployed at any moment. */
	store_execute("UPDATE predseg.model_version SET deployed = false"
				  " WHERE name = $1 AND deployed AND version <> $2",
				  STORE_VALUES(store_text(name), store_int4(version)));
	store_execute("UPDATE predseg.model_version SET deployed = true"
				  " WHERE name = $1 AND version = $2 AND NOT deployed",
				  STORE_VALUES(store_text(name), store_int4(version)));
	SPI_finish();
	registry_changed();
}

int
registry_store(const RegistryVersion *version, Datum *run)
{
	MemoryContext caller = CurrentMemoryContext;
	bool		isnull;
	int			number;

	SPI_connect();
	if (store_execute("WITH stored AS ("
					  " INSERT INTO predseg.model_version"
					  " (name, version, owner, method, model, source, target, key, options, metrics,"
					  "  rows, holdout_rows, trained_at, deployed)"
					  " SELECT $1, greatest(max(v.version), (SELECT max(t.version) FROM predseg.training_run t WHERE t.name = $1), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13, false"
					  " FROM predseg.model_version v WHERE v.name = $1"
					  " RETURNING version)"
					  " INSERT INTO predseg.training_run AS r"
					  " (name, version, owner, method, source, target, key, options, metrics, rows,"
					  "  holdout_rows, notes, started_at, finished_at, deployed, reason, run_by)"
					  " SELECT $1, stored.version, $2, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
					  "  clock_timestamp(), $14, $15, $16"
					  " FROM stored"
					  " RETURNING r.version, r",
					  STORE_VALUES(store_text(version->name),
								   store_text(version->owner),
								   store_text(version->method),
								   store_datum(model_type(), version->model, false),
								   store_text(version->source),
								   store_text(version->target),
								   store_text(version->key),
								   store_datum(JSONBOID, version->options, false),
								   store_datum(JSONBOID, version->metrics, version->no_metrics),
								   store_int8(version->rows),
								   store_int8(version->holdout_rows),
								   store_datum(TEXTARRAYOID, version->notes, false),
								   store_time(version->started_at),
								   store_bool(version->deploy),
								   store_text(version->reason),
								   store_text(authority_current_user()))) != 1)
		elog(ERROR, "could not store the model");
	number = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	if (run != NULL)
	{
		Datum		row = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
		MemoryContext old = MemoryContextSwitchTo(caller);

		*run = PointerGetDatum(DatumGetHeapTupleHeaderCopy(row));
		MemoryContextSwitchTo(old);
	}
	if (version->deploy)
		registry_deploy(version->name, number);
	SPI_finish();
	return number;
}

PG_FUNCTION_INFO_V1(predseg_registry_store);

/* store_model(name, model, deploy): a model value as the next version of a name; returns the version. */
Datum
predseg_registry_store(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Datum		value = PG_GETARG_DATUM(1);
	bool		deploy = PG_GETARG_BOOL(2);
	const ps_model *model = model_open(value);
	const ps_value *training = ps_value_get(model_document(value), "training");
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	ps_value   *no_options;
	char	   *owner = registry_lock(name);

	predseg_check(ps_value_object(&env, &no_options, &error), &error);
	PG_RETURN_INT32(registry_store(&(RegistryVersion) {
		.name = name,.owner = owner != NULL ? owner : authority_current_user(),.method = model->learner->name,
		.model = value,.source = "",.target = model->target,.options = value_to_jsonb(no_options),.no_metrics = true,
		.rows = training != NULL ? (int64) ps_value_number_or(training, "rows", 0) : 0,
		.notes = PointerGetDatum(construct_empty_array(TEXTOID)),.started_at = GetCurrentTimestamp(),
		.deploy = deploy,
		.reason = deploy ? "deployed: a model that was stored" : "not deployed: deploy is false"
	}, NULL));
}

/* Find the newest version of a name that has one. */
static int
newest_version(const char *name)
{
	bool		isnull;
	int			version;

	SPI_connect();
	store_execute("SELECT max(version) FROM predseg.model_version WHERE name = $1", STORE_VALUES(store_text(name)));
	version = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return version;
}

PG_FUNCTION_INFO_V1(predseg_registry_deploy);

/* deploy(name [, version]): make a version the one that the name means; the newest by default. */
Datum
predseg_registry_deploy(PG_FUNCTION_ARGS)
{
	char	   *name;
	int			version;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (registry_lock(name) == NULL)
		report_unknown(name);
	version = PG_ARGISNULL(1) ? newest_version(name) : PG_GETARG_INT32(1);
	registry_deploy(name, version);
	PG_RETURN_INT32(version);
}

PG_FUNCTION_INFO_V1(predseg_registry_drop);

/* drop_model(name): remove all versions; returns how many. */
Datum
predseg_registry_drop(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	uint64		dropped;

	if (registry_lock(name) == NULL)
		report_unknown(name);
	SPI_connect();
	dropped = store_execute("DELETE FROM predseg.model_version WHERE name = $1", STORE_VALUES(store_text(name)));
	SPI_finish();
	registry_changed();
	PG_RETURN_INT32((int32) dropped);
}
