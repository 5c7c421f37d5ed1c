/*-------------------------------------------------------------------------
 *
 * decimal.c
 *	  See decimal.h.
 *
 * PostgreSQL converts by way of a text, which costs more than all else that is
 * done with a value.  Here the stored digits are read: the format on disk
 * has been the same since PostgreSQL 9.1 (NumericShort and NumericLong in
 * numeric.c) and cannot change while pg_upgrade keeps data files.
 *
 * A numeric is a whole number times a power of 10.  Where both are exact as
 * doubles, their product or quotient is the nearest double (Clinger 1990);
 * other values go PostgreSQL's way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "decimal.h"

#define KIND_BITS 0xC000
#define KIND_NEGATIVE 0x4000	/* of long ones */
#define KIND_SHORT 0x8000
#define KIND_SPECIAL 0xC000
#define SHORT_NEGATIVE 0x2000
#define SHORT_WEIGHT_SIGN 0x0040
#define SHORT_WEIGHT 0x003F
#define DIGIT_BASE 10000
#define DIGIT_DIGITS 4			/* decimal digits of one */
#define MOST_DIGITS 4			/* of which 10000^4 still fits into 64 bits */

/* Powers of 10 that are exact. */
static const double powers[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
	1e21, 1e22
};

/* Read 16 bits that need not be aligned. */
static inline uint16
word_at(const char *from)
{
	uint16		word;

	memcpy(&word, from, sizeof(word));
	return word;
}

/* Convert a numeric whose digits are few; false where they are not, or it is NaN or infinite. */
static bool
convert_short(const char *data, Size size, double *out)
{
	uint16		header = word_at(data);
	bool		is_short = (header & KIND_BITS) == KIND_SHORT;
	Size		start = is_short ? sizeof(uint16) : 2 * sizeof(uint16);
	bool		negative;
	int			weight;			/* of the first digit, in powers of DIGIT_BASE */
	int			ndigits;
	int			exponent;
	uint64		whole = 0;

	if ((header & KIND_BITS) == KIND_SPECIAL)
		return false;
	if (is_short)
	{
		negative = (header & SHORT_NEGATIVE) != 0;
		weight = (header & SHORT_WEIGHT) - ((header & SHORT_WEIGHT_SIGN) != 0 ? SHORT_WEIGHT + 1 : 0);
	}
	else
	{
		negative = (header & KIND_BITS) == KIND_NEGATIVE;
		weight = (int16) word_at(data + sizeof(uint16));
	}
	ndigits = (int) ((size - start) / sizeof(uint16));
	exponent = DIGIT_DIGITS * (weight - ndigits + 1);
	if (ndigits > MOST_DIGITS || abs(exponent) >= (int) lengthof(powers))
		return false;
	for (int i = 0; i < ndigits; i++)
		whole = whole * DIGIT_BASE + word_at(data + start + i * sizeof(uint16));
	if (whole > UINT64CONST(1) << 53)
		return false;
	*out = exponent < 0 ? (double) whole / powers[-exponent] : (double) whole * powers[exponent];
	if (negative)
		*out = -*out;
	return true;
}

double
decimal_number(Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	double		number;

	if (convert_short(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed), &number))
		return number;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
}
