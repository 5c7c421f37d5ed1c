/*-------------------------------------------------------------------------
 *
 * ps_number.c
 *	  Shortest decimal text of a double that reads back the same.
 *
 * The free-format algorithm of Steele and White ("How to print floating-point
 * numbers accurately", 1990) in the arrangement of Burger and Dybvig (1996):
 * exact integers r, s, up and down with number = r / s * 10^k and the half
 * gaps to the neighbouring doubles up / s and down / s; digits are produced
 * until what is left lies within a half gap.  Of the shortest texts it gives
 * the nearest.  Exact, without tables; the integers stay below 2^1152.
 *
 * Written as a plain decimal from 1e-5 up to below 1e16, else as
 * d.ddde+dd or d.ddde-dd.  Minus zero is "-0", which is valid JSON and reads
 * back as minus zero.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_json.h"

#define WORDS 40				/* 1280 bits */

typedef struct big
{
	int			count;			/* words in use; the last is not 0 */
	uint32_t	words[WORDS];	/* least significant first */
} big;

/* number *= factor, which is below 2^32. */
static void
big_multiply(big *number, uint32_t factor)
{
	uint64_t	carry = 0;

	for (int i = 0; i < number->count; i++)
	{
		carry += (uint64_t) number->words[i] * factor;
		number->words[i] = (uint32_t) carry;
		carry >>= 32;
	}
	if (carry > 0)
		number->words[number->count++] = (uint32_t) carry;
}

/* number = mantissa * 2^shift. */
static void
big_set(big *number, uint64_t mantissa, int shift)
{
	memset(number, 0, sizeof(*number));
	number->count = shift / 32;
	for (; mantissa > 0; mantissa >>= 32)
		number->words[number->count++] = (uint32_t) mantissa;
	big_multiply(number, (uint32_t) 1 << shift % 32);
}

/* number *= 10^power. */
static void
big_multiply_power(big *number, int power)
{
	for (; power >= 9; power -= 9)
		big_multiply(number, 1000000000);
	for (; power > 0; power--)
		big_multiply(number, 10);
}

/* Sign of a - b. */
static int
big_compare(const big *a, const big *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	for (int i = a->count; i-- > 0;)
	{
		if (a->words[i] != b->words[i])
			return a->words[i] < b->words[i] ? -1 : 1;
	}
	return 0;
}

/* number += other, or with subtract number -= other (which is not larger). */
static void
big_add(big *number, const big *other, bool subtract)
{
	int			count = number->count > other->count ? number->count : other->count;
	uint64_t	carry = subtract ? 1 : 0;

	/* subtraction adds the complement of other; the final carry is then dropped */
	for (int i = 0; i < count; i++)
	{
		uint32_t	term = i < other->count ? other->words[i] : 0;

		carry += (uint64_t) (i < number->count ? number->words[i] : 0) + (subtract ? ~term : term);
		number->words[i] = (uint32_t) carry;
		carry >>= 32;
	}
	number->count = count;
	if (!subtract && carry > 0)
		number->words[number->count++] = (uint32_t) carry;
	while (number->count > 0 && number->words[number->count - 1] == 0)
		number->count--;
}

/*
 * Shortest decimal digits (no trailing zero) of a positive finite number;
 * return how many (1..17) and the exponent of the first: d.ddd * 10^exponent.
 */
static int
shortest_digits(double number, char *digits, int *exponent)
{
	uint64_t	bits;
	uint64_t	mantissa;
	int			binary;			/* number = mantissa * 2^binary */
	bool		narrow;			/* the gap below is half the gap above */
	bool		even;			/* reading rounds ties to even: our interval includes its ends */
	int			power;
	int			count = 0;
	big			r,
				s,
				up,
				down,
				sum;

	memcpy(&bits, &number, sizeof(bits));
	mantissa = bits & (((uint64_t) 1 << 52) - 1);
	binary = (int) (bits >> 52);
	narrow = mantissa == 0 && binary > 1;
	if (binary > 0)
		mantissa |= (uint64_t) 1 << 52;
	else
		binary = 1;
	binary -= 1075;
	even = mantissa % 2 == 0;

	{
		int			extra = narrow ? 2 : 1; /* makes the half gaps whole */
		int			scale = binary > 0 ? binary : 0;

		big_set(&r, mantissa, scale + extra);
		big_set(&s, 1, scale - binary + extra);
		big_set(&up, 1, scale + extra - 1);
		big_set(&down, 1, scale);
	}

	/* first power of ten above the interval, at most one too low */
	power = (int) ceil(log10(number) - 1e-10);
	if (power >= 0)
		big_multiply_power(&s, power);
	else
	{
		big_multiply_power(&r, -power);
		big_multiply_power(&up, -power);
		big_multiply_power(&down, -power);
	}
	sum = r;
	big_add(&sum, &up, false);
	if (big_compare(&sum, &s) >= (even ? 0 : 1))
		power++;
	else
	{
		big_multiply(&r, 10);
		big_multiply(&up, 10);
		big_multiply(&down, 10);
	}
	*exponent = power - 1;

	for (;;)
	{
		int			digit = 0;
		bool		low,
					high;

		while (big_compare(&r, &s) >= 0)
		{
			big_add(&r, &s, true);
			digit++;
		}
		low = big_compare(&r, &down) < (even ? 1 : 0);
		sum = r;
		big_add(&sum, &up, false);
		high = big_compare(&sum, &s) >= (even ? 0 : 1);
		if (low && high)
		{
			int			half;

			/* both neighbours read back the same: take the nearer, of two as near the even */
			sum = r;
			big_add(&sum, &r, false);
			half = big_compare(&sum, &s);
			high = half > 0 || (half == 0 && digit % 2 == 1);
		}
		digits[count++] = (char) ('0' + digit + (high ? 1 : 0));
		if (low || high)
			return count;
		big_multiply(&r, 10);
		big_multiply(&up, 10);
		big_multiply(&down, 10);
	}
}

/* Write the number; out needs 32 bytes; return the length. */
size_t
ps_number_write(double number, char *out)
{
	char		digits[20];
	char	   *end = out;
	int			exponent = 0;
	int			count = 1;

	if (signbit(number))
		*end++ = '-';
	digits[0] = '0';
	if (!isfinite(number))
	{
		/* only in messages: no tree holds such a number */
		memcpy(end, isnan(number) ? "NaN\0\0\0\0\0" : "Infinity", 9);
		return (size_t) (end - out) + strlen(end);
	}
	if (number != 0)
		count = shortest_digits(fabs(number), digits, &exponent);

	if (exponent < -5 || exponent > 15)
	{
		*end++ = digits[0];
		if (count > 1)
			*end++ = '.';
		memcpy(end, digits + 1, (size_t) count - 1);
		end += count - 1;
		*end++ = 'e';
		*end++ = exponent < 0 ? '-' : '+';
		exponent = exponent < 0 ? -exponent : exponent;
		if (exponent >= 100)
			*end++ = (char) ('0' + exponent / 100);
		*end++ = (char) ('0' + exponent / 10 % 10);
		*end++ = (char) ('0' + exponent % 10);
	}
	else
	{
		/* digit i stands at 10^(exponent - i) */
		for (int i = exponent < 0 ? exponent : 0; i < count || i <= exponent; i++)
		{
			if (i == exponent + 1)
				*end++ = '.';
			*end++ = i < 0 || i >= count ? '0' : digits[i];
		}
	}
	*end = '\0';
	return (size_t) (end - out);
}
