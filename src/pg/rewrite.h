/*-------------------------------------------------------------------------
 *
 * rewrite.h
 *	  The setting predseg.rewrite_rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_REWRITE_H
#define PREDSEG_REWRITE_H

/* Define the setting; called once, when the module is loaded. */
extern void rewrite_init(void);

#endif							/* PREDSEG_REWRITE_H */
