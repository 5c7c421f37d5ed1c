/*-------------------------------------------------------------------------
 *
 * change.h
 *	  The log of changes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_CHANGE_H
#define PREDSEG_CHANGE_H

#include "postgres.h"

#include "nodes/pg_list.h"

/*
 * Append the changes of these segments (of Segment *) to the log, with
 * positions whose order is the order of commits, and notify. From here to the
 * end of the transaction no other transaction gets positions: the last thing
 * a refresh does. Needs an SPI connection.
 */
extern void changes_append(List *segments);

#endif							/* PREDSEG_CHANGE_H */
