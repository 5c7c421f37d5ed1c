/*-------------------------------------------------------------------------
 *
 * test_number.c
 *	  Shortest decimal text of doubles.
 *
 * Reference: the C library. A text is right when strtod() gives back the same
 * bits, no text with fewer digits does (printf's correctly rounded "%.{n-1}e"
 * does not), and with equal digits it is the nearest one, which is what printf
 * prints.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_json.h"
#include "tap.h"

static uint64_t random_state = 88172645463325252u;

static uint64_t
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Digits of the text without sign, point, leading and trailing zeroes, exponent. */
static size_t
count_digits(const char *text, char *digits)
{
	size_t		count = 0;

	for (; *text != '\0' && *text != 'e'; text++)
	{
		if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
			digits[count++] = *text;
	}
	while (count > 0 && digits[count - 1] == '0')
		count--;
	digits[count] = '\0';
	return count;
}

/* True when the text of number is exact, shortest and nearest. */
static bool
is_right(double number)
{
	char		text[32];
	char		digits[40];
	char		printed[40];
	char		reference[64];
	size_t		length = ps_number_write(number, text);
	size_t		count = count_digits(text, digits);
	double		back = strtod(text, NULL);

	if (length >= sizeof(text) || strlen(text) != length || memcmp(&back, &number, sizeof(back)) != 0)
		return false;
	if (number == 0)
		return true;
	if (count > 1)
	{
		snprintf(reference, sizeof(reference), "%.*e", (int) count - 2, number);
		if (strtod(reference, NULL) == number)
			return false;
	}
	snprintf(reference, sizeof(reference), "%.*e", (int) count - 1, number);
	count_digits(reference, printed);
	/* where rounding to so many digits leaves the interval, printf's is no candidate */
	return strtod(reference, NULL) != number || strcmp(digits, printed) == 0;
}

static void
is_text(double number, const char *want)
{
	char		text[32];

	ps_number_write(number, text);
	ok(strcmp(text, want) == 0 && is_right(number), "%s is written \"%s\"", want, text);
}

int
main(void)
{
	long		wrong = 0;
	double		power;

	is_text(0.0, "0");
	is_text(-0.0, "-0");
	is_text(1, "1");
	is_text(-1.5, "-1.5");
	is_text(0.1, "0.1");
	is_text(0.1 + 0.2, "0.30000000000000004");
	is_text(1.0 / 3, "0.3333333333333333");
	is_text(100, "100");
	is_text(123456.789, "123456.789");
	is_text(1e15, "1000000000000000");
	is_text(9007199254740993.0, "9007199254740992");
	is_text(1e16, "1e+16");
	is_text(1.5e16, "1.5e+16");
	is_text(1e-5, "0.00001");
	is_text(1.2345678901234567e-5, "0.000012345678901234568");
	is_text(9.9e-6, "9.9e-06");
	is_text(1e22, "1e+22");
	is_text(1e23, "1e+23");
	is_text(9.5367431640625e-07, "9.5367431640625e-07");
	is_text(5e-324, "5e-324");
	is_text(2.2250738585072014e-308, "2.2250738585072014e-308");
	is_text(2.225073858507201e-308, "2.225073858507201e-308");
	is_text(1.7976931348623157e308, "1.7976931348623157e+308");
	is_text(-1.7976931348623157e308, "-1.7976931348623157e+308");
	/* published hard cases for shortest printing (Ryu, Grisu papers) */
	is_text(2.0919495182368195E19, "2.0919495182368195e+19");
	is_text(9.5e-322, "9.5e-322");
	is_text(2.98023223876953125E-8, "2.9802322387695312e-08");
	is_text(9007199254740991, "9007199254740991");
	is_text(4.708356024711512E18, "4.708356024711512e+18");
	is_text(5.764607523034235E39, "5.764607523034235e+39");

	for (int i = 0; i < 100000; i++)
	{
		uint64_t	bits = next_random();
		double		number;

		memcpy(&number, &bits, sizeof(number));
		if (isfinite(number) && !is_right(number))
			wrong++;
		number = (double) (int64_t) (bits >> 40) / 100;
		if (!is_right(number))
			wrong++;
	}
	ok(wrong == 0, "200000 random doubles: exact, shortest, nearest");

	/* powers of two have a gap below half that above; powers of ten lie beside the scaling's edge */
	wrong = 0;
	power = 5e-324;
	for (int i = 0; i < 2098; i++, power *= 2)
		wrong += !is_right(power) + !is_right(nextafter(power, 0)) +
			(isfinite(power * 2) ? !is_right(nextafter(power, INFINITY)) : 0);
	for (int i = -323; i <= 308; i++)
	{
		char		text[16];

		snprintf(text, sizeof(text), "1e%d", i);
		power = strtod(text, NULL);
		wrong += !is_right(power) + !is_right(nextafter(power, 0)) + !is_right(nextafter(power, INFINITY));
	}
	ok(wrong == 0, "powers of two and of ten and their neighbours");
	return tap_done();
}
