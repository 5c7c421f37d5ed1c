/*-------------------------------------------------------------------------
 *
 * test_target.c
 *	  Targets of two texts: which is positive, and what is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_target.h"

/* Take values, each as often as its place says, and choose; "" in answer when that fails. */
static ps_status
choose(const ps_env *env, const char *first, size_t rows, const char *second, size_t other_rows, const char *options,
	   const char *const *deployed, const char **answer, ps_value **notes, ps_error *error)
{
	ps_target	target = {.name = "t"};
	ps_value   *given;
	size_t		positive;
	double		code;

	*answer = "";
	PS_TRY(ps_value_list(env, notes, error));
	PS_TRY(ps_json_read(env, options, strlen(options), &given, error));
	for (size_t i = 0; i < rows; i++)
		PS_TRY(ps_target_add(env, &target, first, strlen(first), &code, error));
	for (size_t i = 0; i < other_rows; i++)
		PS_TRY(ps_target_add(env, &target, second, strlen(second), &code, error));
	PS_TRY(ps_target_choose(env, &target, given, deployed, &positive, *notes, error));
	*answer = positive == 0 ? first : second;
	return PS_OK;
}

static void
test_rules(const ps_env *env)
{
	static const char *const deployed[] = {"b", "a"};
	static const char *const others[] = {"c", "a"};
	static const struct
	{
		const char *first;
		size_t		rows;
		const char *second;
		size_t		other_rows;
		const char *options;
		const char *const *deployed;
		const char *want;
		const char *why;
	}			cases[] = {
		{"stayed", 3, "churned", 2, "{}", NULL, "churned", "rarer"},
		{"stayed", 2, "churned", 3, "{}", NULL, "stayed", "rarer"},
		{"a", 2, "b", 2, "{}", NULL, "b", "later"}, {"b", 2, "a", 2, "{}", NULL, "b", "later"},
		{"", 2, "b", 3, "{}", NULL, "", "rarer"},
		{"Yes", 5, "No", 1, "{}", NULL, "Yes", "name"}, {"n", 1, "y", 9, "{}", NULL, "y", "name"},
		{"FALSE", 1, "TRUE", 9, "{}", NULL, "TRUE", "name"}, {"1", 9, "0", 1, "{}", NULL, "1", "name"},
		{"oui", 9, "no", 1, "{}", NULL, "oui", "name"}, {"true", 9, "unknown", 1, "{}", NULL, "true", "name"},
		{"yes", 9, "true", 1, "{}", NULL, "true", "rarer"}, {"off", 1, "no", 9, "{}", NULL, "off", "rarer"},
		{"yesterday", 9, "n/a", 1, "{}", NULL, "n/a", "rarer"},
		{"a", 9, "b", 1, "{}", deployed, "a", "deployed"}, {"b", 1, "a", 9, "{}", deployed, "a", "deployed"},
		{"a", 9, "b", 1, "{}", others, "b", "rarer"},
		{"a", 9, "b", 1, "{\"positive\": \"b\"}", deployed, "b", NULL}, {"a", 9, "b", 1, "{\"positive\": \"a\"}", NULL, "a", NULL}
	};
	ps_value   *notes;
	const char *answer;
	ps_error	error;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		choose(env, cases[i].first, cases[i].rows, cases[i].second, cases[i].other_rows, cases[i].options,
			   cases[i].deployed, &answer, &notes, &error);
		ok(strcmp(answer, cases[i].want) == 0, "of '%s' and '%s', '%s'", cases[i].first, cases[i].second, answer);
		ok(cases[i].why == NULL ? notes->count == 0 : notes->count == 1 && strstr(notes->items[0]->text, cases[i].why) != NULL,
		   "%s", notes->count > 0 ? notes->items[0]->text : "not noted");
	}
	ok(choose(env, "a", 3, "b", 0, "{}", NULL, &answer, &notes, &error) == PS_TOO_LITTLE_DATA &&
	   strcmp(error.message, "target \"t\" is 'a' in all 3 rows") == 0, "%s", error.message);
	ok(choose(env, "a", 3, "b", 1, "{\"positive\": \"B\"}", NULL, &answer, &notes, &error) == PS_INVALID_OPTION, "%s",
	   error.message);
}

static void
test_values(const ps_env *env)
{
	ps_target	target = {.name = "t"};
	ps_value   *document;
	const char **classes;
	char		wide[81];
	double		code;
	ps_error	error;

	for (size_t i = 0; i < 80; i += 2)
		memcpy(wide + i, "\xc3\x9f", 2);
	wide[80] = '\0';
	ok(ps_target_add(env, &target, "yes", 3, &code, &error) == PS_OK && code == 0, "the first value");
	ok(ps_target_add(env, &target, "yes!", 4, &code, &error) == PS_OK && code == 1, "the second, which the first begins");
	ok(ps_target_add(env, &target, "yes?", 3, &code, &error) == PS_OK && code == 0 && target.rows[0] == 2, "lengths count");
	ok(ps_target_add(env, &target, wide, 80, &code, &error) == PS_INVALID_DATA, "%s", error.message);
	ok(strstr(error.message, "\xc3\x9f\"") != NULL, "a long value is cut between characters");

	ps_value_object(env, &document, &error);
	ok(ps_target_load(env, document, &classes, &error) == PS_OK && classes == NULL, "no classes");
	ok(ps_target_save(env, &target, 0, document, &error) == PS_OK &&
	   ps_target_load(env, document, &classes, &error) == PS_OK && strcmp(classes[1], "yes") == 0, "classes are kept");
	ok(ps_target_code("t", classes, "yes", 3, &code, &error) == PS_OK && code == 1, "the positive one");
	ok(ps_target_code("t", classes, "yes!", 4, &code, &error) == PS_OK && code == 0, "the other one");
	ok(ps_target_code("t", classes, "", 0, &code, &error) == PS_INVALID_DATA, "%s", error.message);
}

static void
test_bad_classes(const ps_env *env)
{
	static const char *const bad[] = {
		"[]", "[\"a\"]", "[\"a\", \"a\"]", "[\"a\", \"b\", \"c\"]", "[1, 2]", "[\"a\", 1]", "{}", "\"ab\"", "null"
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		char		text[64];
		ps_value   *document;
		const char **classes;
		ps_error	error;

		snprintf(text, sizeof(text), "{\"classes\": %s}", bad[i]);
		ps_json_read(env, text, strlen(text), &document, &error);
		ok(ps_target_load(env, document, &classes, &error) == PS_CORRUPT, "%s: %s", bad[i], error.message);
	}
}

static ps_status
small_choice(const ps_env *env)
{
	ps_value   *notes;
	const char *answer;
	ps_error	error;

	return choose(env, "stayed", 3, "churned", 2, "{}", NULL, &answer, &notes, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_rules(&h.env);
	test_values(&h.env);
	test_bad_classes(&h.env);
	host_free(&h);
	wrong = inject_faults(small_choice, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations may fail: %zu did not end as they should", allocations, wrong);
	return tap_done();
}
