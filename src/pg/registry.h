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
} RegistryModel;

/* Longest name of a model in bytes. */
#define REGISTRY_NAME_MAX (NAMEDATALEN * 4 - 1)

/*
 * The model deployed under a name, held until the memory context holder is
 * reset or deleted. An error when there is none, or the current user does not
 * have the rights of its owner.
 */
extern const RegistryModel *registry_deployed(const char *name, MemoryContext holder);

/* Is it certain that the model is still what its name means? Cheap enough to ask for every row. */
extern bool registry_is_current(const RegistryModel *registered);

/*
 * Take the transaction's lock under which versions of a name are made and
 * deployed. Returns the owner of the name, NULL if the name is new; an error
 * unless the current user has the owner's rights.
 */
extern char *registry_lock(const char *name);

/* Make a version, which must exist, the deployed one. Under registry_lock. */
extern void registry_deploy(const char *name, int version);

/* Make every session read deployed models again, at commit. */
extern void registry_changed(void);

#endif							/* PREDSEG_REGISTRY_H */
