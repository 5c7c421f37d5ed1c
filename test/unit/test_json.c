/*-------------------------------------------------------------------------
 *
 * test_json.c
 *	  JSON to trees and back.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_json.h"
#include "tap.h"

static host h;
static ps_error error;

/* Read and write; NULL when refused. */
static const char *
rewrite(const char *json)
{
	ps_value   *value;
	char	   *out;
	size_t		length;

	if (ps_json_read(&h.env, json, strlen(json), &value, &error) != PS_OK ||
		ps_json_write(&h.env, value, &out, &length, &error) != PS_OK || strlen(out) != length)
		return NULL;
	return out;
}

static void
becomes(const char *json, const char *want)
{
	const char *got = rewrite(json);
	const char *again = got != NULL ? rewrite(got) : NULL;

	if (!ok(got != NULL && strcmp(got, want) == 0 && again != NULL && strcmp(again, got) == 0, "reads %s", json))
		printf("# got %s, %s\n", got != NULL ? got : "(refused)", error.message);
}

static void
refused(const char *json, const char *why)
{
	ok(rewrite(json) == NULL && error.status == PS_CORRUPT && strstr(error.message, why) != NULL,
	   "refuses %.60s (%s)", json, error.message);
}

/* levels of nested lists */
static const char *
nested(int levels)
{
	static char text[300];

	memset(text, '[', (size_t) levels);
	memset(text + levels, ']', (size_t) levels);
	text[2 * levels] = '\0';
	return text;
}

int
main(void)
{
	static const char sample[] = " { \"a\" : [1, 2.50, -0] , \"b\":[true,null,\"x\\u0041\\n\"],\"c\":{},\"d\":[] } ";
	ps_value   *value;
	char	   *out;
	char	   *large;
	size_t		length;
	long		wrong;

	host_init(&h);

	becomes(sample, "{\"a\":[1,2.5,-0],\"b\":[true,null,\"xA\\n\"],\"c\":{},\"d\":[]}");
	becomes("0", "0");
	becomes("-0.0", "-0");
	becomes("1E3", "1000");
	becomes("1e-400", "0");
	becomes("123456789012345678901234567890", "1.2345678901234568e+29");
	becomes("0.1000000000000000055511151231257827021181583404541015625000000000000000000000000000000001", "0.1");
	becomes("\"\\ud83d\\ude00\\u00e9\\u20AC\\/\"", "\"\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC/\"");
	becomes("\"\\u001f\\u0008\\b\\f\\r\\t\\\\\\\"\"", "\"\\u001f\\b\\b\\f\\r\\t\\\\\\\"\"");
	becomes("\"caf\xC3\xA9\"", "\"caf\xC3\xA9\"");
	becomes(nested(64), nested(64));
	becomes("{\"b\":1,\"a\":2,\"\":3}", "{\"b\":1,\"a\":2,\"\":3}");

	refused("", "expected");
	refused(" ", "expected");
	refused("nul", "expected");
	refused("True", "expected");
	refused("NaN", "expected");
	refused("Infinity", "expected");
	refused("+1", "expected");
	refused("01", "after the end");
	refused(".5", "expected");
	refused("1.", "digit");
	refused("1e", "digit");
	refused("-", "expected");
	refused("0x10", "after the end");
	refused("1e400", "range");
	refused("-1e309", "range");
	refused("[1,]", "expected");
	refused("[1 2]", "comma");
	refused("[1", "comma");
	refused("{\"a\":1,}", "string");
	refused("{\"a\" 1}", "colon");
	refused("{a:1}", "string");
	refused("{\"a\":1,\"b\":2,\"a\":3}", "\"a\" is given twice");
	refused("{\"a\":1,\"\\u0061\":3}", "twice");
	refused("\"abc", "without its end");
	refused("\"abc\\", "without its end");
	refused("\"abc\\\"", "without its end");
	refused("\"\\x\"", "escape");
	refused("\"\\u12\"", "hexadecimal");
	refused("\"\\u12g4\"", "hexadecimal");
	refused("\"\\u0000\"", "u0000");
	refused("\"\\ud83d\"", "surrogate");
	refused("\"\\ud83dx\"", "surrogate");
	refused("\"\\ud83d\\u0041\"", "surrogate");
	refused("\"\\ude00\"", "surrogate");
	refused("\"a\tb\"", "control");
	refused("1 2", "after the end");
	refused(nested(65), "nesting");
	ok(ps_json_read(&h.env, "1\0", 2, &value, &error) == PS_CORRUPT, "refuses a zero byte after the value");
	ok(ps_json_read(&h.env, "\"a\0b\"", 5, &value, &error) == PS_CORRUPT, "refuses a zero byte in a string");

	/* types: lists of numbers alone are vectors */
	ok(ps_json_read(&h.env, sample, strlen(sample), &value, &error) == PS_OK &&
	   ps_value_get(value, "a")->type == PS_NUMBERS && ps_value_get(value, "b")->type == PS_LIST &&
	   ps_value_get(value, "d")->type == PS_LIST, "numbers alone become a vector");

	/* every truncation of an object is refused without reading past its end */
	wrong = 0;
	for (length = 0; length < strlen(sample) - 2; length++)
	{
		char	   *part = malloc(length + 1);

		memcpy(part, sample, length);
		part = realloc(part, length > 0 ? length : 1);
		wrong += ps_json_read(&h.env, part, length, &value, &error) != PS_CORRUPT;
		free(part);
	}
	ok(wrong == 0, "every truncation is refused");

	/* many members take time n log n, and repeat a name far apart */
	large = malloc(2000000);
	length = 0;
	for (int i = 0; i <= 100000; i++)
		length += (size_t) sprintf(large + length, "%s\"n%d\":1", i == 0 ? "{" : ",", i * 7919 % 100000);
	strcpy(large + length, "}");
	refused(large, "\"n0\" is given twice");
	free(large);

	/* memory and polls may fail anywhere */
	wrong = 0;
	for (long k = 1;; k++)
	{
		ps_status	status;

		h.fail_at = h.allocations + k;
		status = ps_json_read(&h.env, sample, strlen(sample), &value, &error);
		if (status == PS_OK)
			status = ps_json_write(&h.env, value, &out, &length, &error);
		if (status == PS_OK)
			break;
		wrong += status != PS_OUT_OF_MEMORY;
	}
	ok(wrong == 0, "every failing allocation is reported");

	host_free(&h);
	return tap_done();
}
