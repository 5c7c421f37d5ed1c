/*-------------------------------------------------------------------------
 *
 * test_env.c
 *	  Checked sizes, formatting, errors, polling.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_env.h"
#include "tap.h"

static void
is_format(const char *got, const char *want)
{
	ok(strcmp(got, want) == 0, "formats \"%s\"", want);
}

int
main(void)
{
	host		h;
	ps_error	error;
	char		buffer[64];
	char		small[8];
	size_t		size = 7;
	size_t		capacity = 0;
	int		   *numbers = NULL;
	char	   *text;
	bool		zero = true;
	bool		kept = true;

	host_init(&h);

	ok(ps_size_multiply(SIZE_MAX / 2, 2, &size) && size == SIZE_MAX - 1, "the largest even product fits");
	ok(!ps_size_multiply(SIZE_MAX / 2 + 1, 2, &size), "a product beyond size_t is refused");
	ok(ps_size_multiply(SIZE_MAX, 0, &size) && size == 0, "nothing times anything is nothing");
	ok(ps_size_add(SIZE_MAX - 1, 1, &size) && size == SIZE_MAX, "the largest sum fits");
	ok(!ps_size_add(SIZE_MAX, 1, &size), "a sum beyond size_t is refused");

	ok(ps_alloc(&h.env, SIZE_MAX / 4, 8, &numbers, &error) == PS_OUT_OF_MEMORY && numbers == NULL &&
	   h.allocations == 0, "an overflowing allocation does not reach the host");
	ok(ps_alloc(&h.env, 0, 8, &numbers, &error) == PS_OK && numbers != NULL, "an empty allocation is a pointer");
	ok(ps_alloc_zero(&h.env, 100, sizeof(int), &numbers, &error) == PS_OK, "zeroed memory");
	for (int i = 0; i < 100; i++)
		zero = zero && numbers[i] == 0;
	ok(zero, "is zero");
	ok(ps_copy_text(&h.env, "abcdef", 3, &text, &error) == PS_OK && strcmp(text, "abc") == 0, "copies part of a text");
	ok(ps_copy_text(&h.env, NULL, 0, &text, &error) == PS_OK && strcmp(text, "") == 0, "copies no text");
	h.fail_at = h.allocations + 1;
	ok(ps_copy_text(&h.env, "a", 1, &text, &error) == PS_OUT_OF_MEMORY && text == NULL &&
	   error.status == PS_OUT_OF_MEMORY, "a host without memory is reported");

	numbers = NULL;
	for (size_t i = 0; i < 1000; i++)
	{
		if (ps_grow(&h.env, &numbers, i, i + 1, &capacity, sizeof(int), &error) != PS_OK)
			break;
		numbers[i] = (int) i;
	}
	for (int i = 0; i < 1000; i++)
		kept = kept && numbers[i] == i;
	ok(kept && capacity == 1024, "a growing array keeps its elements");
	capacity = SIZE_MAX / 2 + 1;
	ok(ps_grow(&h.env, &numbers, 0, SIZE_MAX, &capacity, sizeof(int), &error) == PS_OUT_OF_MEMORY,
	   "a growing array does not overflow");

	ps_format(buffer, sizeof(buffer), "%s has %d of %g%%", "a", (int64_t) 42, 0.1);
	is_format(buffer, "a has 42 of 0.1%");
	ps_format(buffer, sizeof(buffer), "%d %d", INT64_MIN, INT64_MAX);
	is_format(buffer, "-9223372036854775808 9223372036854775807");
	ps_format(buffer, sizeof(buffer), "%g %g %g", NAN, INFINITY, -INFINITY);
	ok(strstr(buffer, "NaN ") != NULL && strstr(buffer, " Infinity -Infinity") != NULL, "formats \"%s\"", buffer);
	ps_format(small, sizeof(small), "%s", "1234567890");
	is_format(small, "1234567");
	ps_format(small, sizeof(small), "12345%s", "\xC3\xA9");
	is_format(small, "12345\xC3\xA9");
	ps_format(small, sizeof(small), "123456%s", "\xC3\xA9");
	is_format(small, "123456");
	ps_format(small, sizeof(small), "12345\xE2\x82\xAC and more");
	is_format(small, "12345");
	ps_format(small, sizeof(small), "123456%d%s", (int64_t) 77, "x");
	is_format(small, "1234567");
	ok(ps_rounded(0.12346, 4) == 0.1235 && ps_rounded(-2.5, 0) == -3 && isnan(ps_rounded(NAN, 2)) && isinf(ps_rounded(INFINITY, 4)),
	   "numbers are rounded for people");
	ps_format(small, 1, "abc");
	is_format(small, "");

	memset(&error, 0x55, sizeof(error));
	ok(ps_fail_column(&error, PS_WRONG_TYPE, "age", "column \"%s\" is a text", "age") == PS_WRONG_TYPE &&
	   strcmp(error.message, "column \"age\" is a text") == 0 && strcmp(error.column, "age") == 0 &&
	   error.row == 0 && error.detail[0] == '\0' && error.hint[0] == '\0', "an error starts clean");
	ok(ps_detail(&error, "Row %d.", (int64_t) 3) == PS_WRONG_TYPE && strcmp(error.detail, "Row 3.") == 0 &&
	   ps_hint(&error, "Cast it.") == PS_WRONG_TYPE && strcmp(error.hint, "Cast it.") == 0 &&
	   strcmp(error.message, "column \"age\" is a text") == 0, "detail and hint are added");

	ok(ps_poll(&h.env, 0.5, &error) == PS_OK, "a poll goes on");
	h.cancel_at = h.polls + 1;
	ok(ps_poll(&h.env, 0.5, &error) == PS_CANCELLED && error.status == PS_CANCELLED, "a poll cancels");

	host_free(&h);
	return tap_done();
}
