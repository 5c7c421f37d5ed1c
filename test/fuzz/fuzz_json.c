/*-------------------------------------------------------------------------
 *
 * fuzz_json.c
 *	  Any bytes as JSON: refused, or written and read again without change.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "ps_json.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	host		h;
	ps_error	error;
	ps_value   *value;
	char	   *first;
	char	   *second;
	size_t		first_length;
	size_t		second_length;
	ps_status	status;

	fuzz_host(&h);
	status = ps_json_read(&h.env, (const char *) bytes, size, &value, &error);
	CHECK(status == PS_OK || status == PS_CORRUPT);
	if (status == PS_OK)
	{
		CHECK(ps_json_write(&h.env, value, &first, &first_length, &error) == PS_OK);
		CHECK(ps_json_read(&h.env, first, first_length, &value, &error) == PS_OK);
		CHECK(ps_json_write(&h.env, value, &second, &second_length, &error) == PS_OK);
		CHECK(first_length == second_length && memcmp(first, second, first_length) == 0);
	}
	host_free(&h);
	return 0;
}

size_t
fuzz_seed(size_t number, uint8_t *bytes, size_t capacity)
{
	static const char *const seeds[] = {
		"{\"method\":\"kmeans\",\"inputs\":[{\"name\":\"a\",\"type\":\"number\"}],\"parameters\":{\"x\":[1,2.5,-0]}}",
		" [ true , false , null , \"\\ud83d\\ude00\\n\\\"\\u00e9\" , 1e-300 , -0.0 , 123456789.25E+3 ] ",
		"[[[[[[{\"a\":{\"b\":[]}}]]]]]]"
	};
	size_t		length;

	if (number >= sizeof(seeds) / sizeof(seeds[0]))
		return 0;
	length = strlen(seeds[number]);
	if (length > capacity)
		return 0;
	memcpy(bytes, seeds[number], length);
	return length;
}
