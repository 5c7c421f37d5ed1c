/*-------------------------------------------------------------------------
 *
 * segment.h
 *	  A segment on its way through a refresh.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_SEGMENT_H
#define PREDSEG_SEGMENT_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/tuplestore.h"

#include "dependency.h"
#include "predicate.h"

/* Longest name of a segment or a consumer in bytes. */
#define SEGMENT_NAME_MAX 200

typedef struct Segment
{
	/* as stored */
	char	   *name;
	char	   *owner;
	Definition	definition;
	int			version;
	int			refreshed_version;	/* 0: never refreshed */
	char	   *models;			/* JSON object */

	/* of this refresh */
	Dependencies dependencies;
	const char *reason;			/* data, definition or model */
	int64		run;			/* number of the refresh */
	TimestampTz as_of;
	Tuplestorestate *changes;	/* see membership.h */
	int64		entered;
	int64		left;
	char	   *held;			/* why it is held, or NULL */
} Segment;

/*
 * Read and lock the segment of that name, or all when name is NULL, of the
 * roles whose rights the current user has; a list of Segment * in the order
 * of names. An error when the named one is not among them. Needs an SPI
 * connection, and allocates in the current memory context.
 */
extern List *segments_lock(const char *name);

/* Read a function's argument that must be given; what names it in the error. */
extern char *required_text(FunctionCallInfo fcinfo, int argument, const char *what);

/* Refuse an empty or too long name; what is "segment" or "consumer". */
extern void check_name(const char *name, const char *what);

#endif							/* PREDSEG_SEGMENT_H */
