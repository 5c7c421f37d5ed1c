/*-------------------------------------------------------------------------
 *
 * registry.h
 *	  Models by name: the versions stored in predseg.model_version.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_REGISTRY_H
#define PREDSEG_REGISTRY_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "miscadmin.h"

#include "ps_model.h"

/* A deployed model, opened once per session and shared by its call sites. */
typedef struct RegistryModel
{
	MemoryContext context;
	int			version;
	char	   *owner;
	ps_model   *model;
	int			users;			/* memory contexts that hold it */
	bool		stale;			/* freed when the last one is gone */
	uint64		generation;		/* registry_generation when it was read */
	uint64		asked;			/* when it was last asked for: a count */
} RegistryModel;

/* Who asks, and what the active snapshot sees. */
typedef struct RegistryMoment
{
	Oid			user;
	TransactionId xmax;
	uint32		xcnt;
	CommandId	command;
} RegistryMoment;

/* A version to store, and the training that made it. */
typedef struct RegistryVersion
{
	const char *name;
	const char *owner;
	const char *method;
	Datum		model;
	const char *source;
	const char *target;			/* or NULL, as key */
	const char *key;
	Datum		options;		/* jsonb, as metrics */
	Datum		metrics;
	bool		no_metrics;
	int64		rows;
	int64		holdout_rows;
	Datum		notes;			/* text[] */
	TimestampTz started_at;
	bool		deploy;
	const char *reason;			/* why deployed or not */
} RegistryVersion;

/* Longest name of a model in bytes. */
#define REGISTRY_NAME_MAX (NAMEDATALEN * 4 - 1)

/*
 * The model deployed under a name, held until the memory context holder is
 * reset or deleted. An error when there is none, or the current user does not
 * have the rights of its owner.
 */
extern const RegistryModel *registry_deployed(const char *name, MemoryContext holder);

/* The same, but NULL instead of an error, also for a model that cannot be read. */
extern const RegistryModel *registry_find(const char *name, MemoryContext holder);

/* The model that argument 0 names, held as above, or is, opened in the current context. */
extern const ps_model *registry_argument(FunctionCallInfo fcinfo, bool by_name, MemoryContext holder);

/* The table of models, or InvalidOid: who depends on what is deployed depends on it. */
extern Oid	registry_table(void);

/* The moment a model is asked for; two with equal members see the same versions. */
extern RegistryMoment registry_moment(void);

/* Counts whenever deployed models may have changed. */
extern uint64 registry_generation;

/* Does the active snapshot see what it saw at a moment? */
extern bool registry_is_moment(const RegistryMoment *moment);

/* May who asked for the model at a moment go on with it? Cheap enough to ask for every row. */
static inline bool
registry_is_current(const RegistryModel *registered, const RegistryMoment *moment)
{
	return moment->user == GetUserId() &&
		(registered->generation == registry_generation || registry_is_moment(moment));
}

/*
 * Take the transaction's lock under which versions of a name are made and
 * deployed. Returns the owner of the name, NULL if the name is new; an error
 * unless the current user has the owner's rights.
 */
extern char *registry_lock(const char *name);

/*
 * Store the next version of a name, deploy it if it says so, and record the
 * run.  Returns the version; *run receives the row of training_run, in the
 * current context, unless it is NULL.  Under registry_lock.
 */
extern int	registry_store(const RegistryVersion *version, Datum *run);

#endif							/* PREDSEG_REGISTRY_H */
