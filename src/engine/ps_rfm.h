/*-------------------------------------------------------------------------
 *
 * ps_rfm.h
 *	  Purchase histories: the exact set of a customer's purchase days.
 *
 * A history is a time zone (or none) and a set of entries (day, amount):
 *
 *	  a day with a known total	one entry for each component of the total
 *	  a day of unknown value	one entry whose amount is NaN
 *	  the sum of the returns	entries of the day PS_RFM_RETURNS
 *
 * Sums are exact.  In the canonical form entries ascend by day, and a sum is
 * the one expansion whose first component is the exact sum correctly rounded,
 * whose second component is the correctly rounded remainder, and so on
 * (usually there is one component, or two).  So equal histories have equal
 * bytes, in whatever order and by whatever detours their rows arrived.
 *
 * The working form of the aggregate has the same layout with an unsorted tail
 * of further entries and spare room behind.  Merging is appending, and
 * ps_rfm_compact() makes any working form canonical.
 *
 * Memory, in the byte order of the machine (what is sent elsewhere is
 * ps_rfm_encode's): this header, the zone's name padded to a multiple of
 * four, then entries of 12 bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_RFM_H
#define PS_RFM_H

#include "ps_env.h"
#include "ps_frame.h"

/* Days are counted from 2000-01-01, as PostgreSQL does, and have its range: 4714-11-24 BC to 5874897-12-31. */
#define PS_RFM_FIRST_DAY (-2451545)
#define PS_RFM_LAST_DAY 2145031948
#define PS_RFM_RETURNS INT32_MAX

/*
 * No sum may be larger in magnitude.  This leaves room for the sum of all
 * days, so that no accessor can overflow, and as the amounts of a sum all have
 * one sign, whether it is too large does not depend on their order.
 */
#define PS_RFM_LARGEST 1e298

#define PS_RFM_ZONE_LENGTH 255	/* longest name of a zone, in bytes */

typedef struct ps_rfm_entry
{
	int32_t		day;
	uint32_t	amount[2];		/* a double; it need not be aligned */
} ps_rfm_entry;

typedef struct ps_rfm
{
	uint8_t		version;
	uint8_t		zone_length;	/* 0: no zone */
	uint16_t	reserved;		/* 0 */
	uint32_t	count;			/* entries */
	uint32_t	sorted;			/* the first so many are canonical */
	uint32_t	body[];			/* zone, entries, spare room */
} ps_rfm;

/* Bytes of a history with room for that many entries; the caller keeps capacity below 2^32. */
extern size_t ps_rfm_size(size_t zone_length, size_t capacity);

/* Entries for which size bytes of this history have room. */
extern size_t ps_rfm_capacity(const ps_rfm *rfm, size_t size);

/* Start an empty history; its memory is ps_rfm_size(zone_length, ...) bytes. */
extern ps_status ps_rfm_init(ps_rfm *rfm, const char *zone, size_t zone_length, ps_error *error);

/* The zone's name, not terminated. */
extern const char *ps_rfm_zone(const ps_rfm *rfm);

/* Fail unless the history was recorded in that zone. */
extern ps_status ps_rfm_check_zone(const ps_rfm *rfm, const char *zone, size_t zone_length, ps_error *error);

/* The entries. */
extern const ps_rfm_entry *ps_rfm_entries(const ps_rfm *rfm);

/*
 * Make the entry of a row: an occasion on the day, worth amount (NULL:
 * unknown), or a return where the amount is negative.
 */
extern ps_status ps_rfm_entry_make(ps_rfm_entry *entry, int32_t day, const double *amount, ps_error *error);

/* Append the entry of a row; the history has room for it. */
extern ps_status ps_rfm_add(ps_rfm *rfm, int32_t day, const double *amount, ps_error *error);

/* Append entries; the history has room for them. */
extern void ps_rfm_append_entries(ps_rfm *rfm, const ps_rfm_entry *entries, uint32_t count);

/* Append the entries of another history of the same zone; there is room. */
extern ps_status ps_rfm_append(ps_rfm *rfm, const ps_rfm *other, ps_error *error);

/* Make canonical, in place. */
extern ps_status ps_rfm_compact(const ps_env *env, ps_rfm *rfm, ps_error *error);

/* Validate size bytes that claim to be a history in memory: canonical, or a working form. */
extern ps_status ps_rfm_check(const ps_rfm *rfm, size_t size, ps_error *error);

/* What follows reads canonical histories. */

typedef struct ps_rfm_summary
{
	int64_t		occasions;		/* days with a purchase */
	int64_t		known;			/* of these, days of known value */
	int32_t		first_day;		/* undefined without occasions */
	int32_t		last_day;
	double		total;			/* known amounts minus returns; NAN when there are neither */
	double		average;		/* mean over the days of known value; NAN when there is none */
} ps_rfm_summary;

extern void ps_rfm_summarize(const ps_rfm *rfm, ps_rfm_summary *out);

/* The history as purchase models read it, in days; false when there is no occasion on or before as_of. */
extern bool ps_rfm_history(const ps_rfm *rfm, int32_t as_of, ps_history *out);

/*
 * Text, in JSON without spaces:
 *	  {"zone":"Europe/Vienna","days":[["1997-01-01",11.77],["1997-01-18",null]],"returns":[-5]}
 * zone and returns are left out where there are none.  After a date comes
 * null, or the components of the day's total; returns lists the components of
 * their sum.  Years before 1 are written "0044-03-15 BC".  *out is
 * zero-terminated.
 */
extern ps_status ps_rfm_write(const ps_env *env, const ps_rfm *rfm, char **out, ps_error *error);

/* Read what ps_rfm_write writes, and only that but for spaces and the order of members; *size is that of the result. */
extern ps_status ps_rfm_read(const ps_env *env, const char *text, size_t length, ps_rfm **out, size_t *size, ps_error *error);

/*
 * Bytes for other machines, all little-endian:
 *
 *	  0   4  magic "PSRF"
 *	  4   2  format version (1)
 *	  6   2  flags, 0; reserved
 *	  8   4  length of the payload in bytes
 *	  12  4  CRC-32C of bytes 0..11 and of the payload
 *	  16     payload: length of the zone's name (1), the name, entries (4 day, 8 amount)
 */
extern ps_status ps_rfm_encode(const ps_env *env, const ps_rfm *rfm, uint8_t **bytes, size_t *length, ps_error *error);
extern ps_status ps_rfm_decode(const ps_env *env, const uint8_t *bytes, size_t length, ps_rfm **out, size_t *size, ps_error *error);

#endif							/* PS_RFM_H */
