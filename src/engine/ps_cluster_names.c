/*-------------------------------------------------------------------------
 *
 * ps_cluster_names.c
 *	  Names for clusters from what sets them apart (ps_cluster_profile.h).
 *
 * A name is made of parts such as "recent", "high income", "country AT" or "age
 * unknown", the strongest differences first, one for each column.  Differences
 * below 0.3 standard deviations are left out, but for the strongest one where
 * there is no other, and where two clusters would have the same name.  (From
 * the mean of all rows; a cluster of half of them is twice as far from the
 * others.)  A level is part of a name where most rows of the cluster have it.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_profile.h"

#define PARTS 3
#define PART_BYTES 280
#define LEVEL_BYTES 60			/* longer texts are no names */
#define FAINT 0.1				/* differences in standard deviations */
#define CLEAR 0.3
#define STRONG 2.0

/*
 * What a marketer calls little and much of a column, by the words in the
 * column's name: one of first and, unless it is NULL, one of second.  The first
 * rule that fits holds.
 */
typedef struct naming_rule
{
	const char *first;
	const char *second;
	const char *low;
	const char *high;
} naming_rule;

static const naming_rule number_rules[] = {
	{"since", "first signup joined registration registered", "new", "long-standing"},
	{"tenure", NULL, "new", "long-standing"},
	{"recency since silent inactive idle", NULL, "recent", "lapsed"},
	{"basket baskets aov", NULL, "small baskets", "large baskets"},
	{"average avg", "order orders purchase purchases amount value spend", "small baskets", "large baskets"},
	{"frequency orders purchases repeats transactions visits sessions", NULL, "infrequent", "frequent"},
	{"total revenue spend spent spending monetary sales turnover value clv ltv", NULL, "low value", "high value"},
	{0}
};

static const naming_rule moment_rules[] = {
	{"last latest", NULL, "lapsed", "recent"},
	{"first since signup joined registration registered created", NULL, "long-standing", "new"},
	{0}
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is a word of letters, length of them, among space-separated ones, whatever the case? */
static bool
is_among(const char *words, const char *word, size_t length)
{
	for (const char *at = words; *at != '\0'; at += strspn(at, " "))
	{
		size_t		span = strcspn(at, " ");
		size_t		same = 0;

		while (same < length && same < span && (word[same] | 0x20) == at[same])
			same++;
		if (same == length && span == length)
			return true;
		at += span;
	}
	return false;
}

/* Does a column's name have one of the words? */
static bool
has_word(const char *name, const char *words)
{
	while (*name != '\0')
	{
		size_t		length = 0;

		while (is_letter(name[length]))
			length++;
		if (length > 0 && is_among(words, name, length))
			return true;
		name += length > 0 ? length : 1;
	}
	return false;
}

/* What little or much of a column is called, NULL without a rule. */
static const char *
natural_word(const ps_column *column, bool high)
{
	for (const naming_rule *rule = column->type == PS_TYPE_MOMENT ? moment_rules : number_rules; rule->first != NULL; rule++)
		if (has_word(column->name, rule->first) && (rule->second == NULL || has_word(column->name, rule->second)))
			return high ? rule->high : rule->low;
	return NULL;
}

/* Write what a row of the profile says of its cluster; false when it makes no part of a name. */
static bool
write_part(const ps_frame *frame, const ps_profile_row *row, char part[PART_BYTES])
{
	const ps_column *column = ps_frame_column(frame, row->column);
	bool		high = row->difference > 0;
	bool		most = row->mean >= 0.5;
	const char *word;
	const char *degree;
	char		name[128];

	if (!(fabs(row->difference) >= FAINT))
		return false;
	ps_format(name, sizeof(name), "%s", column->name);
	for (char *at = name; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
	if (row->level == NULL)
	{
		word = natural_word(column, high);
		degree = fabs(row->difference) >= STRONG ? "very " : fabs(row->difference) >= CLEAR ? "" : "rather ";
		if (word != NULL)
			ps_format(part, PART_BYTES, "%s%s", degree, word);
		else if (column->type == PS_TYPE_MOMENT)
			ps_format(part, PART_BYTES, "%s%s %s", degree, high ? "late" : "early", name);
		else
			ps_format(part, PART_BYTES, "%s%s %s", degree, high ? "high" : "low", name);
		return true;
	}
	if (high != most)
		return false;
	if (column->type == PS_TYPE_BOOLEAN && strcmp(row->level, PS_PROFILE_NULL) != 0)
	{
		ps_format(part, PART_BYTES, high ? "%s" : "no %s", name);
		return true;
	}

	/* not to have one of several levels says little */
	if (!high || strcmp(row->level, PS_PROFILE_OTHER) == 0 || row->level[0] == '\0' || strlen(row->level) > LEVEL_BYTES)
		return false;
	if (strcmp(row->level, PS_PROFILE_NULL) == 0)
		ps_format(part, PART_BYTES, "%s unknown", name);
	else
		ps_format(part, PART_BYTES, "%s %s", name, row->level);
	return true;
}

/* The parts a name of one cluster can have. */
typedef struct name_parts
{
	size_t		known;			/* at most PARTS */
	size_t		used;
	size_t		columns[PARTS];
	char		parts[PARTS][PART_BYTES];
} name_parts;

/* Take a row of the profile into the parts, unless its column or its words are there. */
static void
take_row(const ps_frame *frame, const ps_profile_row *row, name_parts *of)
{
	char		part[PART_BYTES];

	if (of->known == PARTS || !write_part(frame, row, part))
		return;
	for (size_t i = 0; i < of->known; i++)
		if (of->columns[i] == row->column || strcmp(of->parts[i], part) == 0)
			return;
	memcpy(of->parts[of->known], part, sizeof(part));
	of->columns[of->known++] = row->column;
	if (fabs(row->difference) >= CLEAR || of->used == 0)
		of->used++;
}

/* Write the name that the used parts make. */
static ps_status
write_name(const ps_env *env, const name_parts *of, char **name, ps_error *error)
{
	char		text[PARTS * PART_BYTES];

	ps_format(text, sizeof(text), "%s", of->used == 0 ? "average" : of->parts[0]);
	for (size_t i = 1; i < of->used; i++)
		ps_format(text + strlen(text), sizeof(text) - strlen(text), ", %s", of->parts[i]);
	ps_release(env, *name);
	return ps_copy_text(env, text, strlen(text), name, error);
}

/* Mark the clusters whose name another one has; says whether there are any. */
static ps_status
find_equal(const ps_env *env, const ps_profile *profile, bool *equal, bool *any, ps_error *error)
{
	size_t		count = profile->numbers->count;

	*any = false;
	for (size_t c = 0; c < count; c++)
	{
		equal[c] = false;
		for (size_t other = 0; other < count && !equal[c]; other++)
			equal[c] = other != c && profile->names[c] != NULL && profile->names[other] != NULL &&
				strcmp(profile->names[c], profile->names[other]) == 0;
		*any = *any || equal[c];
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* Tell clusters of the same name apart, by further parts and at last by their numbers. */
static ps_status
make_distinct(const ps_env *env, ps_profile *profile, name_parts *parts, ps_error *error)
{
	bool	   *equal;
	bool		any;

	PS_TRY(ps_alloc(env, profile->numbers->count, sizeof(bool), &equal, error));
	for (int round = 1; round < PARTS; round++)
	{
		PS_TRY(find_equal(env, profile, equal, &any, error));
		for (size_t c = 0; any && c < profile->numbers->count; c++)
			if (equal[c] && parts[c].used < parts[c].known)
			{
				parts[c].used++;
				PS_TRY(write_name(env, &parts[c], &profile->names[c], error));
			}
	}
	PS_TRY(find_equal(env, profile, equal, &any, error));
	for (size_t c = 0; any && c < profile->numbers->count; c++)
	{
		char		text[PARTS * PART_BYTES + 20];

		if (!equal[c])
			continue;
		ps_format(text, sizeof(text), "%s (%d)", profile->names[c], (int64_t) profile->numbers->numbers[c]);
		ps_release(env, profile->names[c]);
		PS_TRY(ps_copy_text(env, text, strlen(text), &profile->names[c], error));
	}
	ps_release(env, equal);
	return PS_OK;
}

ps_status
ps_profile_name(const ps_env *env, ps_profile *profile, ps_error *error)
{
	size_t		count = profile->numbers->count;
	name_parts *parts;

	PS_TRY(ps_alloc_zero(env, count, sizeof(*parts), &parts, error));
	PS_TRY(ps_alloc_zero(env, count, sizeof(char *), &profile->names, error));
	for (size_t i = 0; i < profile->count; i++)
		take_row(profile->frame, &profile->rows[i], &parts[profile->rows[i].cluster]);
	for (size_t c = 0; c < count; c++)
		if (profile->sizes[c] > 0)
			PS_TRY(write_name(env, &parts[c], &profile->names[c], error));
	PS_TRY(make_distinct(env, profile, parts, error));
	ps_release(env, parts);
	return PS_OK;
}
