/*-------------------------------------------------------------------------
 *
 * ps_target.c
 *	  A target of texts, of which there are two, as 0 and 1.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_target.h"

#include <string.h>

#define SHOWN 60				/* bytes of a value in a message at most */

/* Are these the same text? */
static bool
is_same(const char *value, const char *text, size_t length)
{
	return strlen(value) == length && (length == 0 || memcmp(value, text, length) == 0);
}

/* Copy the start of a text for a message, whole UTF-8 characters. */
static void
show(const char *text, size_t length, char *out)
{
	if (length > SHOWN)
	{
		length = SHOWN;
		while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80)
			length--;
	}
	if (length > 0)
		memcpy(out, text, length);
	out[length] = '\0';
}

ps_status
ps_target_add(const ps_env *env, ps_target *target, const char *text, size_t length, double *code, ps_error *error)
{
	size_t		i = 0;
	char		shown[3][SHOWN + 1];

	while (i < target->count && !is_same(target->values[i], text, length))
		i++;
	if (i == 2)
	{
		for (int k = 0; k < 2; k++)
			show(target->values[k], strlen(target->values[k]), shown[k]);
		show(text, length, shown[2]);
		ps_fail_column(error, PS_INVALID_DATA, target->name,
					   "target \"%s\" has more than two values: \"%s\", \"%s\", \"%s\"", target->name, shown[0],
					   shown[1], shown[2]);
		return ps_hint(error, "Make a yes or no of it, for example (%s = '%s') AS target.", target->name, shown[0]);
	}
	if (i == target->count)
	{
		PS_TRY(ps_copy_text(env, text, length, &target->values[i], error));
		target->count++;
	}
	target->rows[i]++;
	*code = (double) i;
	return PS_OK;
}

/* Is a text one of the space-separated words, in letters of any case? */
static bool
is_word(const char *text, const char *words)
{
	size_t		length = strlen(text);

	for (const char *at = words; *at != '\0'; at += strspn(at, " "))
	{
		size_t		span = strcspn(at, " ");
		size_t		i = 0;

		while (i < span && span == length &&
			   (text[i] == at[i] || (text[i] >= 'A' && text[i] <= 'Z' && text[i] - 'A' + 'a' == at[i])))
			i++;
		if (i == span && span == length)
			return true;
		at += span;
	}
	return false;
}

/* Choose by words; false when they do not tell. */
static bool
choose_by_word(const ps_target *target, size_t *positive)
{
	static const char yes[] = "true t yes y 1 on";
	static const char no[] = "false f no n 0 off";
	bool		is_yes = is_word(target->values[1], yes);
	bool		is_no = is_word(target->values[1], no);

	*positive = is_yes || is_word(target->values[0], no) ? 1 : 0;
	return is_yes != is_word(target->values[0], yes) || is_no != is_word(target->values[0], no);
}

ps_status
ps_target_choose(const ps_env *env, const ps_target *target, const ps_value *options, const char *const *deployed,
				 size_t *positive, ps_value *notes, ps_error *error)
{
	const char *named = ps_value_text_or(options, "positive", NULL);
	const char *why;
	char		shown[2][SHOWN + 1];

	for (size_t i = 0; i < target->count; i++)
		show(target->values[i], strlen(target->values[i]), shown[i]);
	if (target->count == 1)
	{
		ps_fail_column(error, PS_TOO_LITTLE_DATA, target->name, "target \"%s\" is '%s' in all %d rows", target->name,
					   shown[0], target->rows[0]);
		return ps_hint(error, "Learning needs rows of both classes.");
	}
	for (*positive = 0; named != NULL && *positive < 2; (*positive)++)
		if (strcmp(target->values[*positive], named) == 0)
			return PS_OK;
	if (named != NULL)
	{
		ps_fail_column(error, PS_INVALID_OPTION, target->name, "option \"positive\" is \"%s\", which target \"%s\" never is",
					   named, target->name);
		return ps_hint(error, "Its values are '%s' and '%s'.", shown[0], shown[1]);
	}
	*positive = deployed != NULL && strcmp(target->values[1], deployed[1]) == 0 ? 1 : 0;
	if (deployed != NULL && strcmp(target->values[*positive], deployed[1]) == 0 &&
		strcmp(target->values[1 - *positive], deployed[0]) == 0)
		why = "as in the deployed version";
	else if (choose_by_word(target, positive))
		why = "by its name";
	else
	{
		*positive = target->rows[1] != target->rows[0] ? target->rows[1] < target->rows[0] :
			strcmp(target->values[1], target->values[0]) > 0;
		why = target->rows[1] != target->rows[0] ? "the rarer value" : "the later text";
	}
	return ps_note(env, notes, error, "target \"%s\": '%s' is positive, %s, and '%s' is not; the option \"positive\" can name the other",
				   target->name, shown[*positive], why, shown[1 - *positive]);
}

ps_status
ps_target_save(const ps_env *env, const ps_target *target, size_t positive, ps_value *document, ps_error *error)
{
	ps_value   *list;

	PS_TRY(ps_value_set_list(env, document, "classes", &list, error));
	PS_TRY(ps_value_append_text(env, list, target->values[1 - positive], error));
	return ps_value_append_text(env, list, target->values[positive], error);
}

ps_status
ps_target_load(const ps_env *env, const ps_value *document, const char ***classes, ps_error *error)
{
	const ps_value *list = ps_value_get(document, "classes");

	*classes = NULL;
	if (list == NULL)
		return PS_OK;
	if (list->type != PS_LIST || list->count != 2 || list->items[0]->type != PS_STRING ||
		list->items[1]->type != PS_STRING || strcmp(list->items[0]->text, list->items[1]->text) == 0)
		return ps_fail(error, PS_CORRUPT, "\"classes\" is not a list of two different texts");
	PS_TRY(ps_alloc(env, 2, sizeof(**classes), classes, error));
	for (int i = 0; i < 2; i++)
		(*classes)[i] = list->items[i]->text;
	return PS_OK;
}

ps_status
ps_target_code(const char *name, const char *const *classes, const char *text, size_t length, double *code,
			   ps_error *error)
{
	char		shown[3][SHOWN + 1];

	*code = is_same(classes[1], text, length) ? 1 : 0;
	if (*code == 1 || is_same(classes[0], text, length))
		return PS_OK;
	show(text, length, shown[0]);
	for (int i = 0; i < 2; i++)
		show(classes[i], strlen(classes[i]), shown[1 + i]);
	ps_fail_column(error, PS_INVALID_DATA, name, "target \"%s\" is '%s', which the model has not learned", name, shown[0]);
	return ps_hint(error, "It was learned as '%s' and '%s'.", shown[1], shown[2]);
}
