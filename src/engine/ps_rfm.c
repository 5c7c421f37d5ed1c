/*-------------------------------------------------------------------------
 *
 * ps_rfm.c
 *	  Purchase histories: the exact set of a customer's purchase days.
 *
 * Sums follow Shewchuk ("Adaptive precision floating-point arithmetic",
 * Discrete & Computational Geometry 18, 1997): an expansion is a list of
 * doubles that do not overlap and whose exact sum is the value.  Growing one
 * by a double (his theorem 10) never loses a bit.
 *
 * The canonical expansion of a value takes the correctly rounded value, then
 * the correctly rounded remainder, until nothing remains.  It never has more
 * components than there were summands: were the summands' expansion x1 + x2 +
 * ..., then the rounded value is x1 + x2 rounded, or in a tie that the rest
 * decides its neighbour, and in either case what remains of x1 + x2 is one
 * double.  That is why compaction works in place.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_rfm.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_day_sort.h"
#include "ps_json.h"

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__)
#error "exact sums need IEEE arithmetic in the order written"
#endif
_Static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1, "doubles must be evaluated as doubles");
_Static_assert(sizeof(ps_rfm_entry) == 12 && sizeof(ps_rfm) == 12, "the layout is a stored format");

#define FORMAT_VERSION 1
#define ENTRY_LENGTH 12
#define UNKNOWN_BITS UINT64_C(0x7FF8000000000000)	/* the amount of an occasion of unknown value */
#define DAY_TEXT 24				/* bytes that hold a day as text */
#define POLL_ENTRIES 65536		/* a few milliseconds of work */

/*
 * Parts ascend in magnitude and do not overlap.  A canonical expansion has at
 * most 40 (each part is at most half a unit in the last place of the one
 * before: 2^-53 of it, between 2^1024 and 2^-1074); while one is taken out,
 * each of these adds at most one part to the others.
 */
#define MANY_PARTS 64
#define CANONICAL_PARTS 40

typedef struct expansion
{
	int			count;
	double		parts[MANY_PARTS + CANONICAL_PARTS + 2];
} expansion;

/* Add a double to an expansion. */
static void
grow(expansion *sum, double addend)
{
	int			kept = 0;

	for (int i = 0; i < sum->count; i++)
	{
		double		large = addend;
		double		small = sum->parts[i];
		double		rest;

		if (fabs(large) < fabs(small))
		{
			large = sum->parts[i];
			small = addend;
		}
		addend = large + small;
		rest = small - (addend - large);
		if (rest != 0.0)
			sum->parts[kept++] = rest;
	}
	if (addend != 0.0)
		sum->parts[kept++] = addend;
	sum->count = kept;
}

/*
 * Round an expansion correctly, ties to even: add from the top until a
 * remainder is left, and where that is half a unit let the sign of the parts
 * below decide (as fsum of Python does).
 */
static double
rounded(const expansion *sum)
{
	int			i = sum->count;
	double		result = 0.0;
	double		rest = 0.0;

	if (i > 0)
		result = sum->parts[--i];
	while (i > 0 && rest == 0.0)
	{
		double		large = result;
		double		small = sum->parts[--i];

		result = large + small;
		rest = small - (result - large);
	}
	if (i > 0 && (rest < 0.0) == (sum->parts[i - 1] < 0.0))
	{
		double		twice = rest * 2.0;
		double		neighbour = result + twice;

		if (neighbour - result == twice)
			result = neighbour;
	}
	return result;
}

/* Take the canonical components out of an expansion, largest first; zero is one component. Returns their number. */
static int
take_components(expansion *sum, double components[CANONICAL_PARTS])
{
	int			count = 0;

	do
	{
		components[count] = rounded(sum);
		grow(sum, -components[count]);
		count++;
	} while (sum->count > 0);
	return count;
}

/* Add a double to an expansion of which the parts must stay few. */
static void
add(expansion *sum, double addend)
{
	grow(sum, addend);
	if (sum->count >= MANY_PARTS)
	{
		double		components[CANONICAL_PARTS];
		int			count = take_components(sum, components);

		sum->count = count;
		for (int i = 0; i < count; i++)
			sum->parts[i] = components[count - 1 - i];
	}
}

/* Read the bits of an entry's amount. */
static uint64_t
amount_bits(const ps_rfm_entry *entry)
{
	uint64_t	bits;

	memcpy(&bits, entry->amount, sizeof(bits));
	return bits;
}

/* Read an entry's amount. */
static double
amount_of(const ps_rfm_entry *entry)
{
	double		amount;

	memcpy(&amount, entry->amount, sizeof(amount));
	return amount;
}

/* Is this an occasion of unknown value? */
static bool
is_unknown(const ps_rfm_entry *entry)
{
	return amount_bits(entry) == UNKNOWN_BITS;
}

/* Fill an entry. */
static void
set_entry(ps_rfm_entry *entry, int32_t day, double amount)
{
	entry->day = day;
	memcpy(entry->amount, &amount, sizeof(amount));
}

/* Fill an entry of unknown value. */
static void
set_unknown(ps_rfm_entry *entry, int32_t day)
{
	uint64_t	bits = UNKNOWN_BITS;

	entry->day = day;
	memcpy(entry->amount, &bits, sizeof(bits));
}

/* Words that the zone's name takes before the entries. */
static size_t
zone_words(size_t zone_length)
{
	return (zone_length + 3) / 4;
}

/* The entries. */
const ps_rfm_entry *
ps_rfm_entries(const ps_rfm *rfm)
{
	return (const ps_rfm_entry *) (const void *) (rfm->body + zone_words(rfm->zone_length));
}

/* The same, to be written. */
static ps_rfm_entry *
entries_in(ps_rfm *rfm)
{
	return (ps_rfm_entry *) (void *) (rfm->body + zone_words(rfm->zone_length));
}

/* Bytes of a history. */
size_t
ps_rfm_size(size_t zone_length, size_t capacity)
{
	return sizeof(ps_rfm) + zone_words(zone_length) * 4 + capacity * ENTRY_LENGTH;
}

/* Entries for which there is room. */
size_t
ps_rfm_capacity(const ps_rfm *rfm, size_t size)
{
	size_t		fixed = ps_rfm_size(rfm->zone_length, 0);

	return size < fixed ? 0 : (size - fixed) / ENTRY_LENGTH;
}

/* The zone's name. */
const char *
ps_rfm_zone(const ps_rfm *rfm)
{
	return (const char *) rfm->body;
}

/* Can these bytes be a zone's name? Visible ASCII that JSON need not escape; padding is zero. */
static bool
is_zone(const char *zone, size_t length, size_t padded)
{
	for (size_t i = 0; i < length; i++)
	{
		if (zone[i] <= ' ' || zone[i] > '~' || zone[i] == '"' || zone[i] == '\\')
			return false;
	}
	for (size_t i = length; i < padded; i++)
	{
		if (zone[i] != '\0')
			return false;
	}
	return length <= PS_RFM_ZONE_LENGTH;
}

/* Start an empty history. */
ps_status
ps_rfm_init(ps_rfm *rfm, const char *zone, size_t zone_length, ps_error *error)
{
	if (!is_zone(zone, zone_length, zone_length))
		return ps_fail(error, PS_INVALID_DATA, "the time zone's name cannot be recorded");
	memset(rfm, 0, ps_rfm_size(zone_length, 0));
	rfm->version = FORMAT_VERSION;
	rfm->zone_length = (uint8_t) zone_length;
	if (zone_length > 0)
		memcpy(rfm->body, zone, zone_length);
	return PS_OK;
}

/* Write a zone for a message. */
static void
name_zone(char out[PS_RFM_ZONE_LENGTH + 16], const char *zone, size_t length)
{
	char		name[PS_RFM_ZONE_LENGTH + 1];

	memcpy(name, zone, length);
	name[length] = '\0';
	ps_format(out, PS_RFM_ZONE_LENGTH + 16, length > 0 ? "\"%s\"" : "no time zone", name);
}

/* Fail unless the history was recorded in that zone. */
ps_status
ps_rfm_check_zone(const ps_rfm *rfm, const char *zone, size_t zone_length, ps_error *error)
{
	char		recorded[PS_RFM_ZONE_LENGTH + 16];
	char		given[PS_RFM_ZONE_LENGTH + 16];

	if (rfm->zone_length == zone_length && memcmp(rfm->body, zone, zone_length) == 0)
		return PS_OK;
	name_zone(recorded, ps_rfm_zone(rfm), rfm->zone_length);
	name_zone(given, zone, zone_length);
	ps_fail(error, PS_INVALID_DATA, "purchase days of different time zones cannot be combined: %s and %s",
			recorded, given);
	return ps_hint(error, "Give all rows of a customer the same zone.");
}

/* Write a day as text and return its length: the civil calendar by H. Hinnant's algorithm, eras of 400 years from March on. */
static size_t
write_day(int32_t day, char out[DAY_TEXT])
{
	int64_t		from_era = (int64_t) day + 730425;	/* from 0000-03-01 */
	int64_t		era = (from_era >= 0 ? from_era : from_era - 146096) / 146097;
	int64_t		of_era = from_era - era * 146097;
	int64_t		year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t		of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t		shifted = (5 * of_year + 2) / 153;	/* 0 is March */
	int64_t		day_of_month = of_year - (153 * shifted + 2) / 5 + 1;
	int64_t		month = shifted < 10 ? shifted + 3 : shifted - 9;
	int64_t		year = year_of_era + era * 400 + (month <= 2);
	int64_t		shown = year > 0 ? year : 1 - year;

	ps_format(out, DAY_TEXT, "%s%d-%s%d-%s%d%s",
			  shown < 10 ? "000" : shown < 100 ? "00" : shown < 1000 ? "0" : "", shown,
			  month < 10 ? "0" : "", month, day_of_month < 10 ? "0" : "", day_of_month,
			  year > 0 ? "" : " BC");
	return strlen(out);
}

/* Read digits; -1 where there are not min to max of them. */
static int64_t
read_digits(const char **text, int min, int max)
{
	int64_t		number = 0;
	int			count = 0;

	for (; count < max && **text >= '0' && **text <= '9'; count++)
		number = number * 10 + (*(*text)++ - '0');
	return count < min ? -1 : number;
}

/* Read a day; false unless it is exactly what write_day writes. */
static bool
read_day(const char *text, int32_t *out)
{
	const char *at = text;
	char		again[DAY_TEXT];
	int64_t		year = read_digits(&at, 4, 7);
	int64_t		month = *at == '-' && at++ ? read_digits(&at, 2, 2) : -1;
	int64_t		day_of_month = *at == '-' && at++ ? read_digits(&at, 2, 2) : -1;
	int64_t		era;
	int64_t		year_of_era;
	int64_t		day;

	if (year < 1 || month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31)
		return false;
	if (*at == ' ')
		year = 1 - year;
	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day = era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
		(153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month - 1 - 730425;
	if (day < PS_RFM_FIRST_DAY || day > PS_RFM_LAST_DAY)
		return false;
	*out = (int32_t) day;
	write_day(*out, again);
	return strcmp(text, again) == 0;
}

/* Make the entry of a row. */
ps_status
ps_rfm_entry_make(ps_rfm_entry *entry, int32_t day, const double *amount, ps_error *error)
{
	if (day < PS_RFM_FIRST_DAY || day > PS_RFM_LAST_DAY)
		return ps_fail(error, PS_INVALID_DATA, "a purchase day is infinite or outside the calendar");
	if (amount == NULL)
		set_unknown(entry, day);
	else if (fabs(*amount) <= PS_RFM_LARGEST)
		set_entry(entry, *amount < 0.0 ? PS_RFM_RETURNS : day, *amount == 0.0 ? 0.0 : *amount);
	else
	{
		char		text[DAY_TEXT];

		write_day(day, text);
		if (isfinite(*amount))
			return ps_fail(error, PS_INVALID_DATA, "an amount on %s is %g, more than 1e298 in magnitude", text, *amount);
		ps_fail(error, PS_INVALID_DATA, "an amount on %s is %s", text,
				isnan(*amount) ? "NaN" : *amount > 0.0 ? "Infinity" : "-Infinity");
		return ps_hint(error, "Give NULL where the amount of a purchase is unknown.");
	}
	return PS_OK;
}

/* Append a row. */
ps_status
ps_rfm_add(ps_rfm *rfm, int32_t day, const double *amount, ps_error *error)
{
	PS_TRY(ps_rfm_entry_make(entries_in(rfm) + rfm->count, day, amount, error));
	rfm->count++;
	return PS_OK;
}

/* Append entries. */
void
ps_rfm_append_entries(ps_rfm *rfm, const ps_rfm_entry *entries, uint32_t count)
{
	memcpy(entries_in(rfm) + rfm->count, entries, (size_t) count * ENTRY_LENGTH);
	rfm->count += count;
}

/* Append the entries of another history. */
ps_status
ps_rfm_append(ps_rfm *rfm, const ps_rfm *other, ps_error *error)
{
	PS_TRY(ps_rfm_check_zone(rfm, ps_rfm_zone(other), other->zone_length, error));
	ps_rfm_append_entries(rfm, ps_rfm_entries(other), other->count);
	return PS_OK;
}

/*
 * Sum the count entries of one day (or of the returns) into its canonical
 * components; *ncomponents is 0 where the value is unknown.
 */
static void
sum_day(const ps_rfm_entry *entries, size_t count, double components[CANONICAL_PARTS], int *ncomponents)
{
	expansion	sum;
	bool		known = false;

	sum.count = 0;
	for (size_t i = 0; i < count; i++)
	{
		if (is_unknown(&entries[i]))
			continue;
		known = true;
		add(&sum, amount_of(&entries[i]));
	}
	*ncomponents = known ? take_components(&sum, components) : 0;
}

/* How many entries from the first one on are of its day? */
static size_t
count_day(const ps_rfm_entry *entries, size_t count)
{
	size_t		same = 1;

	while (same < count && entries[same].day == entries[0].day)
		same++;
	return same;
}

/* Can a sum be the total of a day, or of the returns? */
static bool
is_total(int32_t day, double sum)
{
	return fabs(sum) <= PS_RFM_LARGEST && (day == PS_RFM_RETURNS) == (sum < 0.0);
}

/* Make canonical. */
ps_status
ps_rfm_compact(const ps_env *env, ps_rfm *rfm, ps_error *error)
{
	ps_rfm_entry *entries = entries_in(rfm);
	size_t		out = 0;
	size_t		next_poll = POLL_ENTRIES;

	if (rfm->sorted == rfm->count)
		return PS_OK;
	PS_TRY(ps_day_sort(env, entries, rfm->count, error));
	for (size_t i = 0; i < rfm->count;)
	{
		int32_t		day = entries[i].day;
		size_t		same = count_day(entries + i, rfm->count - i);
		double		components[CANONICAL_PARTS];
		int			ncomponents;

		if (same == 1)
			entries[out++] = entries[i];
		else
		{
			sum_day(entries + i, same, components, &ncomponents);
			if (ncomponents == 0)
				set_unknown(&entries[out++], day);
			else if (!is_total(day, components[0]))
			{
				char		text[DAY_TEXT];

				if (day == PS_RFM_RETURNS)
					return ps_fail(error, PS_INVALID_DATA, "the returns add up to more than 1e298");
				write_day(day, text);
				return ps_fail(error, PS_INVALID_DATA, "the amounts of %s add up to more than 1e298", text);
			}
			for (int c = 0; c < ncomponents; c++)
				set_entry(&entries[out++], day, components[c]);
		}
		i += same;
		if (i >= next_poll)
		{
			next_poll = i + POLL_ENTRIES;
			PS_TRY(ps_poll(env, 0.0, error));
		}
	}
	rfm->count = rfm->sorted = (uint32_t) out;
	return PS_OK;
}

static ps_status
corrupt(ps_error *error, const char *what)
{
	return ps_fail(error, PS_CORRUPT, "the purchase history is damaged: %s", what);
}

/* Are these entries of one day exactly its canonical components? */
static bool
is_canonical(const ps_rfm_entry *entries, size_t count)
{
	double		components[CANONICAL_PARTS];
	int			ncomponents;

	if (count == 1)
		return (is_unknown(entries) && entries->day != PS_RFM_RETURNS) ||
			(is_total(entries->day, amount_of(entries)) && amount_bits(entries) != UINT64_C(1) << 63);
	sum_day(entries, count, components, &ncomponents);
	if ((size_t) ncomponents != count || !is_total(entries->day, components[0]))
		return false;
	for (size_t i = 0; i < count; i++)
	{
		if (amount_of(&entries[i]) != components[i])
			return false;
	}
	return true;
}

/* Validate bytes in memory. */
ps_status
ps_rfm_check(const ps_rfm *rfm, size_t size, ps_error *error)
{
	const ps_rfm_entry *entries;
	int64_t		previous = INT64_MIN;

	if (size < sizeof(ps_rfm))
		return corrupt(error, "it is too short");
	if (rfm->version != FORMAT_VERSION)
		return ps_fail(error, PS_CORRUPT, "the purchase history has format version %d, which is not known",
					   (int64_t) rfm->version);
	if (size < ps_rfm_size(rfm->zone_length, 0) || rfm->reserved != 0 || rfm->sorted > rfm->count ||
		rfm->count > ps_rfm_capacity(rfm, size))
		return corrupt(error, "its length is wrong");
	if (!is_zone(ps_rfm_zone(rfm), rfm->zone_length, zone_words(rfm->zone_length) * 4))
		return corrupt(error, "the time zone's name is wrong");
	entries = ps_rfm_entries(rfm);
	for (size_t i = 0; i < rfm->count; i++)
	{
		if (entries[i].day != PS_RFM_RETURNS &&
			(entries[i].day < PS_RFM_FIRST_DAY || entries[i].day > PS_RFM_LAST_DAY))
			return corrupt(error, "a day is outside the calendar");
		if (!(fabs(amount_of(&entries[i])) <= PS_RFM_LARGEST) &&
			!(is_unknown(&entries[i]) && entries[i].day != PS_RFM_RETURNS))
			return corrupt(error, "an amount is not a number");
	}
	for (size_t i = 0; i < rfm->sorted;)
	{
		size_t		same = count_day(entries + i, rfm->sorted - i);

		if (entries[i].day <= previous)
			return corrupt(error, "its days do not ascend");
		if (!is_canonical(entries + i, same))
			return corrupt(error, "a total is not in its canonical form");
		previous = entries[i].day;
		i += same;
	}
	return PS_OK;
}

/* Summarize all occasions and returns. */
void
ps_rfm_summarize(const ps_rfm *rfm, ps_rfm_summary *out)
{
	const ps_rfm_entry *entries = ps_rfm_entries(rfm);
	expansion	sum;

	memset(out, 0, sizeof(*out));
	out->total = out->average = NAN;
	sum.count = 0;
	for (size_t i = 0; i < rfm->count; i++)
	{
		/* the entries of a day follow each other, and returns come last */
		bool		first_of_day = i == 0 || entries[i].day != entries[i - 1].day;

		if (entries[i].day == PS_RFM_RETURNS)
		{
			if (first_of_day && out->known > 0)
				out->average = rounded(&sum) / (double) out->known;
		}
		else if (first_of_day)
		{
			if (out->occasions == 0)
				out->first_day = entries[i].day;
			out->last_day = entries[i].day;
			out->occasions++;
			out->known += !is_unknown(&entries[i]);
		}
		if (!is_unknown(&entries[i]))
		{
			add(&sum, amount_of(&entries[i]));
			out->total = 0.0;
		}
	}
	if (!isnan(out->total))
		out->total = rounded(&sum);
	if (isnan(out->average) && out->known > 0)
		out->average = out->total / (double) out->known;
}

/* The history as purchase models read it. */
bool
ps_rfm_history(const ps_rfm *rfm, int32_t as_of, ps_history *out)
{
	const ps_rfm_entry *entries = ps_rfm_entries(rfm);
	expansion	sum;
	int64_t		occasions = 0;
	int64_t		known = 0;
	int32_t		last = 0;

	sum.count = 0;
	for (size_t i = 0; i < rfm->count && entries[i].day <= as_of && entries[i].day != PS_RFM_RETURNS; i++)
	{
		bool		is_repeat = entries[i].day != entries[0].day;

		if (i == 0 || entries[i].day != last)
		{
			occasions++;
			known += is_repeat && !is_unknown(&entries[i]);
		}
		last = entries[i].day;
		if (is_repeat && !is_unknown(&entries[i]))
			add(&sum, amount_of(&entries[i]));
	}
	if (occasions == 0)
		return false;
	out->frequency = (double) (occasions - 1);
	out->recency = (double) last - (double) entries[0].day;
	out->tenure = (double) as_of - (double) entries[0].day;
	out->monetary = known > 0 ? rounded(&sum) / (double) known : NAN;
	return true;
}

/* Append zero-terminated text. */
static ps_status
append_text(ps_writer *writer, const char *text, ps_error *error)
{
	return ps_writer_append(writer, text, strlen(text), error);
}

/* Append an amount. */
static ps_status
append_number(ps_writer *writer, double number, ps_error *error)
{
	char		text[32];

	return ps_writer_append(writer, text, ps_number_write(number, text), error);
}

/* Write as text. */
ps_status
ps_rfm_write(const ps_env *env, const ps_rfm *rfm, char **out, ps_error *error)
{
	const ps_rfm_entry *entries = ps_rfm_entries(rfm);
	ps_writer	writer = {.env = env};
	size_t		i = 0;

	PS_TRY(append_text(&writer, "{", error));
	if (rfm->zone_length > 0)
	{
		PS_TRY(append_text(&writer, "\"zone\":\"", error));
		PS_TRY(ps_writer_append(&writer, ps_rfm_zone(rfm), rfm->zone_length, error));
		PS_TRY(append_text(&writer, "\",", error));
	}
	PS_TRY(append_text(&writer, "\"days\":[", error));
	while (i < rfm->count && entries[i].day != PS_RFM_RETURNS)
	{
		size_t		next = i + count_day(entries + i, rfm->count - i);
		char		day[DAY_TEXT];

		write_day(entries[i].day, day);
		PS_TRY(append_text(&writer, i > 0 ? ",[\"" : "[\"", error));
		PS_TRY(append_text(&writer, day, error));
		PS_TRY(append_text(&writer, "\"", error));
		for (; i < next; i++)
		{
			PS_TRY(append_text(&writer, ",", error));
			if (is_unknown(&entries[i]))
				PS_TRY(append_text(&writer, "null", error));
			else
				PS_TRY(append_number(&writer, amount_of(&entries[i]), error));
		}
		PS_TRY(append_text(&writer, "]", error));
	}
	for (size_t first = i; i < rfm->count; i++)
	{
		PS_TRY(append_text(&writer, i == first ? "],\"returns\":[" : ",", error));
		PS_TRY(append_number(&writer, amount_of(&entries[i]), error));
	}
	PS_TRY(ps_writer_append(&writer, "]}", 3, error));
	*out = (char *) writer.data;
	return PS_OK;
}

/* Make a history of count entries that the caller fills. */
static ps_status
allocate(const ps_env *env, const char *zone, size_t zone_length, size_t count, ps_rfm **out, size_t *size, ps_error *error)
{
	if (count > UINT32_MAX)
		return ps_fail(error, PS_CORRUPT, "the purchase history has too many days");
	*size = ps_rfm_size(zone_length, count);
	PS_TRY(ps_alloc_zero(env, *size, 1, out, error));
	PS_TRY(ps_rfm_init(*out, zone, zone_length, error));
	(*out)->count = (*out)->sorted = (uint32_t) count;
	return PS_OK;
}

/* Fill the entries of one element of "days", and return false unless it is ["date",null] or ["date",number,...]. */
static bool
read_element(const ps_value *element, ps_rfm_entry *entries)
{
	int32_t		day;

	if (element->type != PS_LIST || element->count < 2 || element->items[0]->type != PS_STRING ||
		!read_day(element->items[0]->text, &day))
		return false;
	for (size_t i = 1; i < element->count; i++)
	{
		const ps_value *item = element->items[i];

		if (item->type == PS_NULL)
			set_unknown(&entries[i - 1], day);
		else if (item->type == PS_NUMBER)
			set_entry(&entries[i - 1], day, item->number);
		else
			return false;
	}
	return true;
}

/* Read text. */
ps_status
ps_rfm_read(const ps_env *env, const char *text, size_t length, ps_rfm **out, size_t *size, ps_error *error)
{
	ps_value   *tree;
	const ps_value *zone;
	const ps_value *days;
	const ps_value *returns;
	ps_rfm_entry *entry;
	size_t		count = 0;

	PS_TRY(ps_json_read(env, text, length, &tree, error));
	zone = ps_value_get(tree, "zone");
	returns = ps_value_get(tree, "returns");
	PS_TRY(ps_value_need(tree, "days", PS_LIST, &days, error));
	if (tree->count != 1 + (size_t) (zone != NULL) + (size_t) (returns != NULL))
		return ps_fail(error, PS_CORRUPT, "a purchase history has no other members than zone, days and returns");
	if (zone != NULL && (zone->type != PS_STRING || zone->count == 0))
		return ps_fail(error, PS_CORRUPT, "zone must be the name of a time zone");
	if (returns != NULL && returns->type != PS_NUMBERS)
		return ps_fail(error, PS_CORRUPT, "returns must be a list of numbers");
	for (size_t i = 0; i < days->count; i++)
	{
		if (days->items[i]->type == PS_LIST && days->items[i]->count > 0)
			count += days->items[i]->count - 1;
	}
	PS_TRY(allocate(env, zone != NULL ? zone->text : "", zone != NULL ? zone->count : 0,
					count + (returns != NULL ? returns->count : 0), out, size, error));
	entry = entries_in(*out);
	for (size_t i = 0; i < days->count; i++)
	{
		if (!read_element(days->items[i], entry))
			return ps_fail(error, PS_CORRUPT, "element %d of days is not [\"YYYY-MM-DD\",amount] or [\"YYYY-MM-DD\",null]",
						   (int64_t) i + 1);
		entry += days->items[i]->count - 1;
	}
	for (size_t i = 0; returns != NULL && i < returns->count; i++)
		set_entry(entry++, PS_RFM_RETURNS, returns->numbers[i]);
	return ps_rfm_check(*out, *size, error);
}

/* Encode. */
ps_status
ps_rfm_encode(const ps_env *env, const ps_rfm *rfm, uint8_t **bytes, size_t *length, ps_error *error)
{
	const ps_rfm_entry *entries = ps_rfm_entries(rfm);
	size_t		payload = 1 + (size_t) rfm->zone_length + (size_t) rfm->count * ENTRY_LENGTH;
	ps_writer	writer = {.env = env};
	uint32_t	crc;

	if (payload > UINT32_MAX)
		return ps_fail(error, PS_INVALID_DATA, "the purchase history is too large to be sent");
	PS_TRY(ps_writer_append(&writer, "PSRF", 4, error));
	PS_TRY(ps_writer_integer(&writer, FORMAT_VERSION, 4, error));
	PS_TRY(ps_writer_integer(&writer, payload, 4, error));
	PS_TRY(ps_writer_integer(&writer, 0, 4, error));
	PS_TRY(ps_writer_integer(&writer, rfm->zone_length, 1, error));
	PS_TRY(ps_writer_append(&writer, ps_rfm_zone(rfm), rfm->zone_length, error));
	for (size_t i = 0; i < rfm->count; i++)
	{
		PS_TRY(ps_writer_integer(&writer, (uint32_t) entries[i].day, 4, error));
		PS_TRY(ps_writer_integer(&writer, amount_bits(&entries[i]), 8, error));
	}
	PS_TRY(ps_checksum(env, writer.data, writer.length, &crc, error));
	ps_store_integer(writer.data + PS_CHECKSUM_OFFSET, crc, 4);
	*bytes = writer.data;
	*length = writer.length;
	return PS_OK;
}

/* Decode. */
ps_status
ps_rfm_decode(const ps_env *env, const uint8_t *bytes, size_t length, ps_rfm **out, size_t *size, ps_error *error)
{
	const uint8_t *entries;
	size_t		zone_length;
	size_t		count;
	uint32_t	crc;

	if (length <= PS_HEADER_BYTES || memcmp(bytes, "PSRF", 4) != 0)
		return ps_fail(error, PS_CORRUPT, "the bytes are not a purchase history");
	if (ps_load_integer(bytes + 4, 4) != FORMAT_VERSION)
		return ps_fail(error, PS_CORRUPT, "the purchase history has format version %d, which is not known",
					   (int64_t) ps_load_integer(bytes + 4, 2));
	PS_TRY(ps_checksum(env, bytes, length, &crc, error));
	if (ps_load_integer(bytes + 8, 4) != length - PS_HEADER_BYTES || ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4) != crc)
		return corrupt(error, "its length or checksum is wrong");
	zone_length = bytes[PS_HEADER_BYTES];
	if (length - PS_HEADER_BYTES - 1 < zone_length || (length - PS_HEADER_BYTES - 1 - zone_length) % ENTRY_LENGTH != 0)
		return corrupt(error, "its length is wrong");
	entries = bytes + PS_HEADER_BYTES + 1 + zone_length;
	count = (size_t) (bytes + length - entries) / ENTRY_LENGTH;
	PS_TRY(allocate(env, (const char *) bytes + PS_HEADER_BYTES + 1, zone_length, count, out, size, error));
	for (size_t i = 0; i < count; i++)
	{
		ps_rfm_entry *entry = entries_in(*out) + i;
		uint32_t	day = (uint32_t) ps_load_integer(entries + i * ENTRY_LENGTH, 4);
		uint64_t	amount = ps_load_integer(entries + i * ENTRY_LENGTH + 4, 8);

		memcpy(&entry->day, &day, sizeof(day));
		memcpy(entry->amount, &amount, sizeof(amount));
	}
	return ps_rfm_check(*out, *size, error);
}
