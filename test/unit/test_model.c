/*-------------------------------------------------------------------------
 *
 * test_model.c
 *	  Documents, their bytes, and what is checked for every method.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_json.h"
#include "ps_model.h"
#include "tap.h"

static host h;
static ps_error error;

static const char given_json[] = "{\"r\":0.2426,\"alpha\":4.4136,\"a\":0.7929,\"b\":2.4259}";

static ps_value *
read_json(const char *json)
{
	ps_value   *value = NULL;

	if (ps_json_read(&h.env, json, strlen(json), &value, &error) != PS_OK)
		printf("Bail out! %s: %s\n", json, error.message);
	return value;
}

static const char *
write_json(const ps_value *value)
{
	char	   *out = NULL;
	size_t		length;

	ps_json_write(&h.env, value, &out, &length, &error);
	return out;
}

/* Give a payload the header it needs; *length receives that of the whole. */
static uint8_t *
with_header(const void *payload, size_t payload_length, size_t *length)
{
	uint8_t    *bytes = malloc(16 + payload_length);

	memcpy(bytes, "PSMD\1\0\0\0", 8);
	ps_store_integer(bytes + 8, payload_length, 4);
	memcpy(bytes + 16, payload, payload_length);
	ps_store_integer(bytes + 12, ps_crc32c(ps_crc32c(0, bytes, 12), bytes + 16, payload_length), 4);
	*length = 16 + payload_length;
	return bytes;
}

/* Payloads that only the check of their content can refuse. */
static void
refused(const void *payload, size_t payload_length, const char *why)
{
	size_t		length;
	uint8_t    *bytes = with_header(payload, payload_length, &length);
	ps_value   *document;
	long		before = h.allocations;

	ok(ps_model_decode(&h.env, bytes, length, &document, &error) == PS_CORRUPT &&
	   strstr(error.message, why) != NULL && h.allocations < before + 200, "refuses a payload: %s", error.message);
	free(bytes);
}

#define REFUSED(payload, why) refused(payload, sizeof(payload) - 1, why)

/* Encode the vector alone and check its form and size. */
static void
has_form(const char *json, uint8_t form, size_t size)
{
	ps_value   *value;
	uint8_t    *bytes;
	size_t		length;
	bool		same;

	same = ps_model_encode(&h.env, read_json(json), &bytes, &length, &error) == PS_OK &&
		bytes[16] == form && length == 16 + size &&
		ps_model_decode(&h.env, bytes, length, &value, &error) == PS_OK && strcmp(write_json(value), json) == 0;
	ok(same, "%s has form %d and comes back", json, form);
}

static void
test_bytes(void)
{
	uint8_t    *bytes;
	size_t		length;
	uint8_t		deep[400];
	size_t		used = 0;

	has_form("[0,255]", 7, 5 + 2);
	has_form("[256]", 8, 5 + 4);
	has_form("[-1]", 8, 5 + 4);
	has_form("[-2147483648,2147483647]", 8, 5 + 8);
	has_form("[2147483648]", 9, 5 + 4);
	has_form("[-0]", 9, 5 + 4);
	has_form("[0.5,1]", 9, 5 + 8);
	has_form("[0.1]", 10, 5 + 8);
	has_form("[1e+300,0]", 10, 5 + 16);
	has_form("[]", 5, 5);
	has_form("[1,null]", 5, 5 + 9 + 1);
	has_form("{\"a\":{\"\":\"\"},\"b\":[true,false,null,[],-0]}", 6,
			 5 + (5 + 5 + 4 + 5) + (5 + 5 + 3 + 5 + 9));

	REFUSED("", "end too early");
	REFUSED("\13", "no form");
	REFUSED("\0\0", "after its end");
	REFUSED("\3\0\0\0\0\0\0\360\177", "not finite");
	REFUSED("\3\0\0\0\0\0\0\370\177", "not finite");
	REFUSED("\11\1\0\0\0\0\0\200\177", "not finite");
	REFUSED("\3\0\0\0\0\0\0\360", "end too early");
	REFUSED("\4\3\0\0\0a\0b", "zero byte");
	REFUSED("\4\377\377\377\377ab", "count of 4294967295");
	REFUSED("\5\377\377\377\377\0\0", "count of 4294967295");
	REFUSED("\6\1\0\0\0\0\0\0\0", "count of 1");
	REFUSED("\6\1\0\0\0\2\0\0\0a", "count of 2");
	REFUSED("\12\2\0\0\0\0\0\0\0\0\0\0\0", "count of 2");
	REFUSED("\5\1\0\0\0\3\0\0\0\0\0\0\360\77", "nothing but numbers");
	REFUSED("\7\0\0\0\0", "shortest form");
	REFUSED("\10\1\0\0\0\377\0\0\0", "shortest form");
	REFUSED("\11\1\0\0\0\0\0\200\77", "shortest form");
	REFUSED("\12\1\0\0\0\0\0\0\0\0\0\340\77", "shortest form");
	REFUSED("\6\2\0\0\0\1\0\0\0a\0\1\0\0\0a\0", "given twice");
	for (int i = 0; i < 65; i++)
	{
		memcpy(deep + used, "\5\1\0\0\0", 5);
		used += 5;
	}
	deep[used++] = 0;
	refused(deep, used, "deeper than 64");
	bytes = with_header(deep + 5, used - 5, &length);
	{
		ps_value   *document;

		ok(ps_model_decode(&h.env, bytes, length, &document, &error) == PS_OK, "64 levels are read");
	}
	free(bytes);

	ok(ps_model_encode(&h.env, read_json("{\"a\":[1,2,255]}"), &bytes, &length, &error) == PS_OK, "encodes");
	{
		/* pinned for ever: what is stored must stay readable; checksum by another program */
		static const uint8_t want[] = {
			'P', 'S', 'M', 'D', 1, 0, 0, 0, 18, 0, 0, 0, 0x0c, 0x26, 0x9b, 0x9d,
			6, 1, 0, 0, 0, 1, 0, 0, 0, 'a', 7, 3, 0, 0, 0, 1, 2, 255
		};

		ok(length == sizeof(want) && memcmp(bytes, want, length) == 0, "the format is the one written down");
	}
}

/* Make, encode, decode, open and ask; the first status that is not PS_OK. */
static ps_status
round_trip(const ps_env *env, const ps_value *given, ps_error *e)
{
	ps_value   *document;
	ps_value   *again;
	ps_model   *model;
	uint8_t    *bytes;
	size_t		length;
	ps_cell		cell = {.history = {2, 30.43, 38.86, 20}};
	ps_request	request = {.has_horizon = true, .horizon = 39};
	ps_answer	answer;

	PS_TRY(ps_model_make(env, ps_learner_find("bg_nbd"), given, NULL, &document, e));
	PS_TRY(ps_model_encode(env, document, &bytes, &length, e));
	PS_TRY(ps_model_decode(env, bytes, length, &again, e));
	PS_TRY(ps_model_open(env, again, &model, e));
	return ps_model_ask(env, model, PS_ASK_PURCHASES, &cell, &request, &answer, e);
}

static void
test_damage(const uint8_t *bytes, size_t length)
{
	uint8_t    *damaged = malloc(length + 1);
	ps_value   *document;
	long		wrong = 0;

	for (size_t part = 0; part < length; part++)
	{
		uint8_t    *exact = malloc(part > 0 ? part : 1);	/* so that reading past its end is seen */

		memcpy(exact, bytes, part);
		wrong += ps_model_decode(&h.env, exact, part, &document, &error) != PS_CORRUPT;
		free(exact);
	}
	ok(wrong == 0, "each of %zu truncations is refused", length);

	wrong = 0;
	memcpy(damaged, bytes, length);
	for (size_t bit = 0; bit < 8 * length; bit++)
	{
		damaged[bit / 8] ^= (uint8_t) (1 << bit % 8);
		wrong += ps_model_decode(&h.env, damaged, length, &document, &error) != PS_CORRUPT;
		damaged[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	ok(wrong == 0, "each of %zu flipped bits is refused", 8 * length);

	damaged[length] = 0;
	ok(ps_model_decode(&h.env, damaged, length + 1, &document, &error) == PS_CORRUPT, "a byte more is refused");
	free(damaged);
}

static void
test_failures(void)
{
	ps_value   *given = read_json(given_json);
	long		allocations = h.allocations;
	long		polls = h.polls;
	long		wrong = 0;

	ok(round_trip(&h.env, given, &error) == PS_OK, "make, encode, decode, open, ask");
	allocations = h.allocations - allocations;
	polls = h.polls - polls;
	ok(allocations > 20 && polls > 2, "takes %ld allocations and %ld polls", allocations, polls);
	for (long k = 1; k <= allocations; k++)
	{
		h.fail_at = h.allocations + k;
		wrong += round_trip(&h.env, given, &error) != PS_OUT_OF_MEMORY || error.status != PS_OUT_OF_MEMORY;
	}
	h.fail_at = 0;
	ok(wrong == 0, "every failing allocation is reported");

	wrong = 0;
	for (long k = 1; k <= polls; k++)
	{
		h.cancel_at = h.polls + k;
		wrong += round_trip(&h.env, given, &error) != PS_CANCELLED || error.status != PS_CANCELLED;
	}
	h.cancel_at = 0;
	ok(wrong == 0, "every cancelling poll is reported");

	for (volatile long k = 1; k <= polls; k++)
	{
		h.jump_at = h.polls + k;
		if (setjmp(h.jump) == 0)
		{
			round_trip(&h.env, given, &error);
			wrong++;
		}
	}
	h.jump_at = 0;
	ok(wrong == 0 && round_trip(&h.env, given, &error) == PS_OK, "a poll may jump out of every place");
}

static void
test_documents(void)
{
	static const char *const right = "{\"method\":\"bg_nbd\",\"inputs\":[{\"name\":\"\",\"type\":\"history\"}],"
		"\"bands\":{\"cuts\":[0.1,0.2],\"labels\":[\"a\",\"b\",\"c\"]},\"training\":{\"rows\":10},\"parameters\":";
	static const struct
	{
		const char *from;
		const char *to;
	}			changes[] = {
		{"\"bg_nbd\"", "\"none\""}, {"\"bg_nbd\"", "7"}, {"\"method\":\"bg_nbd\",", ""},
		{"[{\"name\":\"\",\"type\":\"history\"}]", "[]"}, {"[{\"name\":\"\",\"type\":\"history\"}]", "{}"},
		{"\"name\":\"\",", ""}, {"\"name\":\"\"", "\"name\":\"x\""}, {"\"history\"", "\"number\""},
		{"\"history\"", "\"nothing\""}, {"\"history\"", "\"history\",\"more\":1"},
		{"[{\"name\":\"\",\"type\":\"history\"}", "[{\"name\":\"\",\"type\":\"history\"},{\"name\":\"\",\"type\":\"history\"}"},
		{"[{", "[1,{"},
		{"[0.1,0.2]", "[0.2,0.1]"}, {"[0.1,0.2]", "[0.1]"}, {"[0.1,0.2]", "[]"}, {"[0.1,0.2]", "0.1"},
		{"\"a\"", "null"}, {"{\"cuts\"", "{\"more\":1,\"cuts\""}, {"{\"rows\":10}", "10"},
		{"\"training\"", "\"target\":\"x\",\"training\""}, {"\"training\"", "\"unknown\""},
		{"\"parameters\":{", "\"parameters\":null,\"x\":{"}, {"\"parameters\"", "\"training2\""},
		{"0.2426", "-1"}, {"0.2426", "null"}, {"\"r\":0.2426,", ""}, {"4.4136", "0"}
	};
	ps_value   *document;
	ps_model   *model;
	char		text[1000];
	const char *parameters;

	ok(ps_model_make(&h.env, ps_learner_find("bg_nbd"), read_json(given_json), NULL, &document, &error) == PS_OK,
	   "makes a model");
	parameters = write_json(ps_value_get(document, "parameters"));
	snprintf(text, sizeof(text), "%s%s}", right, parameters);
	ok(ps_model_open(&h.env, read_json(text), &model, &error) == PS_OK && model->ncuts == 2 &&
	   strcmp(model->labels[2], "c") == 0 && model->ninputs == 1 && model->target == NULL, "opens a document");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
	{
		char		changed[1200];
		char	   *at;

		snprintf(text, sizeof(text), "%s%s}", right, parameters);
		at = strstr(text, changes[i].from);
		snprintf(changed, sizeof(changed), "%.*s%s%s", (int) (at - text), text, changes[i].to,
				 at + strlen(changes[i].from));
		ok(ps_model_open(&h.env, read_json(changed), &model, &error) == PS_CORRUPT && error.status == PS_CORRUPT &&
		   model == NULL, "%s for %s: %s", changes[i].to, changes[i].from, error.message);
	}
	ok(ps_model_open(&h.env, read_json("[]"), &model, &error) == PS_CORRUPT, "a list is no model");

	ok(ps_model_make(&h.env, ps_learner_find("bg_nbd"), read_json(given_json),
					 read_json("{\"recency\":\"t_x\",\"tenure\":\"T\",\"frequency\":\"x\"}"), &document, &error) == PS_OK,
	   "makes a model on plain columns");
	ok(strcmp(write_json(ps_value_get(document, "inputs")),
			  "[{\"name\":\"x\",\"type\":\"number\"},{\"name\":\"t_x\",\"type\":\"number\"},"
			  "{\"name\":\"T\",\"type\":\"number\"}]") == 0, "its inputs are in the order of the table");
	ok(ps_model_make(&h.env, ps_learner_find("bg_nbd"), read_json(given_json), read_json("{\"x\":1}"), &document,
					 &error) == PS_INVALID_OPTION, "make refuses an unknown option: %s", error.message);
	ok(ps_model_make(&h.env, ps_learner_find("bg_nbd"), read_json("[1]"), NULL, &document, &error) ==
	   PS_INVALID_OPTION, "make refuses parameters that are no object");
	ok(ps_model_make(&h.env, ps_learner_find("logistic"), read_json("{}"), NULL, &document, &error) == PS_WRONG_MODEL,
	   "a classifier is not made: %s", error.message);
}

/* A classifier that answers with the number in its only column. */
static ps_status
echo(const ps_env *env, const void *state, ps_question question, const ps_cell *cells, const ps_request *request,
	 ps_answer *answer, ps_error *e)
{
	(void) env;
	(void) state;
	(void) question;
	(void) request;
	(void) e;
	answer->null = cells[0].null;
	answer->number = cells[0].number;
	return PS_OK;
}

static const ps_learner echo_learner = {
	.name = "echo", .kind = "classifier", .needs_target = true,
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_PROBABILITY, .answer = echo
};

/* Bands from count scores, the i-th being function(i). */
static const double *
bands_of(double base_rate, double (*function) (int), int count)
{
	static double cuts[2];
	const ps_column column = {"x", PS_TYPE_NUMBER};
	const ps_model model = {.learner = &echo_learner,.kind = echo_learner.kind,.answers = echo_learner.answers};
	const ps_value *got;
	ps_frame   *frame;
	ps_value   *document = read_json("{}");
	ps_value   *training;

	ps_frame_create(&h.env, &column, 1, true, false, &frame, &error);
	for (int i = 0; i < count; i++)
	{
		ps_cell		cell = {.number = function(i), .null = isnan(function(i))};

		ps_frame_append(frame, &cell, 0, 1, &error);
	}
	ps_value_set_object(&h.env, document, "training", &training, &error);
	ps_value_set_number(&h.env, training, "base_rate", base_rate, &error);
	if (ps_model_set_bands(&h.env, document, &model, frame, &error) != PS_OK)
		return NULL;
	got = ps_value_get(ps_value_get(document, "bands"), "cuts");
	memcpy(cuts, got->numbers, sizeof(cuts));
	return cuts;
}

static double
hundredths(int i)
{
	return i * 37 % 100 / 100.0;
}

static double
constant(int i)
{
	(void) i;
	return 0.25;
}

static double
mostly_low(int i)
{
	return i % 20 == 0 ? 0.5 : 0.1;
}

static double
mostly_null(int i)
{
	return i == 5 ? 0.4 : NAN;
}

static double
nothing(int i)
{
	(void) i;
	return NAN;
}

static void
test_bands(void)
{
	static const char *const labels[] = {"low", "medium", "high"};
	const double *cuts;
	const double two[] = {0.2, 0.5};

	ok(strcmp(ps_band_label(two, 2, labels, 0.19), "low") == 0 && strcmp(ps_band_label(two, 2, labels, 0.2), "medium") == 0 &&
	   strcmp(ps_band_label(two, 2, labels, 0.5), "high") == 0 && strcmp(ps_band_label(two, 0, labels, 0.5), "low") == 0,
	   "a cut belongs to the band above it");
	cuts = bands_of(0.3, hundredths, 100);
	ok(cuts != NULL && cuts[0] == 0.3 && cuts[1] == 0.6, "base rate and twice of it");
	cuts = bands_of(0.01, hundredths, 100);
	ok(cuts != NULL && cuts[0] == 0.02 && cuts[1] == 0.02, "low gives way where the cuts cross");
	cuts = bands_of(0.6, hundredths, 100);
	ok(cuts != NULL && cuts[0] == 0.6 && cuts[1] == 0.89, "high keeps a tenth of the scores");
	cuts = bands_of(0.15, hundredths, 100);
	ok(cuts != NULL && cuts[0] == 0.2 && cuts[1] == 0.3, "low keeps a fifth of the scores");
	cuts = bands_of(0.25, constant, 100);
	ok(cuts != NULL && strcmp(ps_band_label(cuts, 2, labels, 0.25), "medium") == 0, "a constant score is medium");
	cuts = bands_of(0.12, mostly_low, 100);
	ok(cuts != NULL && cuts[0] == 0.12 && cuts[1] == 0.24, "a quantile that is the smallest score does not count");
	cuts = bands_of(0.3, mostly_null, 100);
	ok(cuts != NULL && cuts[0] <= cuts[1], "unknown scores are skipped");
	ok(bands_of(0.3, nothing, 100) == NULL && error.status == PS_TOO_LITTLE_DATA, "no score, no bands");
}

static void
test_questions(void)
{
	const ps_model model = {.learner = &echo_learner,.kind = echo_learner.kind,.answers = echo_learner.answers};
	ps_request	request = {.has_horizon = false};
	ps_cell		cell = {.number = 0.25};
	ps_answer	answer;

	ok(ps_model_ask(&h.env, &model, PS_ASK_SCORE, &cell, &request, &answer, &error) == PS_OK && !answer.null &&
	   answer.number == 0.25, "answers");
	ok(ps_model_ask(&h.env, &model, PS_ASK_ALIVE, &cell, &request, &answer, &error) == PS_WRONG_MODEL &&
	   strcmp(error.message, "a \"echo\" model does not answer p_alive") == 0 && strstr(error.hint, "bg_nbd") != NULL,
	   "names who answers: %s", error.hint);
	cell.number = NAN;
	ok(ps_model_ask(&h.env, &model, PS_ASK_SCORE, &cell, &request, &answer, &error) == PS_NO_SOLUTION && answer.null,
	   "NaN is no answer");
	cell.number = INFINITY;
	ok(ps_model_ask(&h.env, &model, PS_ASK_SCORE, &cell, &request, &answer, &error) == PS_NO_SOLUTION && answer.null,
	   "infinity is no answer");
	cell.number = 1;
	for (int i = 0; i < 4; i++)
	{
		static const double horizons[] = {0, -1, NAN, INFINITY};

		request = (ps_request) {.has_horizon = true, .horizon = horizons[i]};
		ok(ps_model_ask(&h.env, &model, PS_ASK_SCORE, &cell, &request, &answer, &error) == PS_INVALID_DATA,
		   "refused: %s", error.message);
	}
	for (int i = 0; i < 3; i++)
	{
		static const double discounts[] = {-0.1, NAN, INFINITY};

		request = (ps_request) {.discount = discounts[i]};
		ok(ps_model_ask(&h.env, &model, PS_ASK_SCORE, &cell, &request, &answer, &error) == PS_INVALID_DATA,
		   "refused: %s", error.message);
	}
}

/* Fit the classifier to targets, each row with this weight. */
static ps_status
fit_targets(const double *targets, size_t count, double weight)
{
	const ps_column column = {"x", PS_TYPE_NUMBER};
	const ps_plan plan = {.learner = &echo_learner, .options = read_json("{\"target\":\"bought\"}")};
	ps_frame   *frame;
	ps_value   *document;

	ps_frame_create(&h.env, &column, 1, true, true, &frame, &error);
	for (size_t i = 0; i < count; i++)
	{
		ps_cell		cell = {.number = (double) i};

		ps_frame_append(frame, &cell, targets[i], weight, &error);
	}
	return ps_model_fit(&h.env, &plan, frame, &document, read_json("[]"), &error);
}

static void
test_targets(void)
{
	ok(fit_targets(NULL, 0, 1) == PS_TOO_LITTLE_DATA, "no rows: %s", error.message);
	ok(fit_targets((double[]) {1, 1, 1}, 3, 1) == PS_TOO_LITTLE_DATA && strstr(error.message, "all 3 rows") != NULL,
	   "one class: %s", error.message);
	ok(fit_targets((double[]) {0, 0}, 2, 1) == PS_TOO_LITTLE_DATA, "one class: %s", error.message);
	ok(fit_targets((double[]) {0, 1}, 2, 0) == PS_TOO_LITTLE_DATA, "no weight: %s", error.message);
	ok(fit_targets((double[]) {0, 1}, 2, 1e308) == PS_INVALID_DATA, "too much weight: %s", error.message);
	ok(fit_targets((double[]) {0, 1, 3}, 3, 1) == PS_INVALID_DATA && error.row == 3 &&
	   strcmp(error.column, "bought") == 0, "no class: %s", error.message);
}

/* What a learned document says beside the method's own parameters. */
static void
test_fit(void)
{
	static const ps_column columns[] = {{"visits", PS_TYPE_NUMBER}, {"bought", PS_TYPE_BOOLEAN}, {"w", PS_TYPE_NUMBER}};
	const ps_learner *learner = ps_learner_find("logistic");
	ps_value   *options;
	ps_value   *notes = read_json("[]");
	ps_value   *document;
	ps_value   *metrics;
	ps_plan		plan;
	ps_frame   *frame;
	ps_model   *model;
	double		loss;

	ps_options_complete(&h.env, learner, read_json("{\"target\":\"bought\",\"weight\":\"w\"}"), &options, &error);
	ps_plan_make(&h.env, learner, options, columns, 3, &plan, notes, &error);
	ps_frame_create(&h.env, columns, 1, true, true, &frame, &error);
	for (int i = 0; i < 40; i++)
	{
		ps_cell		cell = {.number = i * 17 % 23};

		/* 10 of 40 rows buy, and those count twice */
		ps_frame_append(frame, &cell, i % 4 == 0, i % 4 == 0 ? 2 : 1, &error);
	}
	if (!ok(ps_model_fit(&h.env, &plan, frame, &document, notes, &error) == PS_OK, "learns"))
		return;
	ok(strcmp(write_json(ps_value_get(document, "inputs")), "[{\"name\":\"visits\",\"type\":\"number\"}]") == 0 &&
	   strcmp(ps_value_text_or(document, "method", ""), "logistic") == 0 &&
	   strcmp(ps_value_text_or(document, "target", ""), "bought") == 0, "method, inputs and target");
	ok(strcmp(write_json(ps_value_get(document, "training")), "{\"rows\":40,\"weight\":50,\"base_rate\":0.4}") == 0,
	   "facts about the training: %s", write_json(ps_value_get(document, "training")));
	ok(ps_model_open(&h.env, document, &model, &error) == PS_OK &&
	   ps_model_set_bands(&h.env, document, model, frame, &error) == PS_OK &&
	   ps_model_open(&h.env, document, &model, &error) == PS_OK && model->ncuts == 2, "bands are set and opened");
	if (ok(ps_model_evaluate(&h.env, model, frame, &metrics, &loss, &error) == PS_OK, "evaluates"))
		ok(isfinite(loss) && metrics->count > 0, "a loss and %s", write_json(metrics));
	ps_frame_append(frame, &(ps_cell) {.number = 1}, 2, 1, &error);
	ok(ps_model_evaluate(&h.env, model, frame, &metrics, &loss, &error) == PS_INVALID_DATA &&
	   strcmp(error.column, "bought") == 0, "no class: %s", error.message);
}

int
main(void)
{
	ps_value   *document;
	uint8_t    *bytes;
	size_t		length = 0;

	host_init(&h);
	test_bytes();
	if (ok(ps_model_make(&h.env, ps_learner_find("bg_nbd"), read_json(given_json), NULL, &document, &error) == PS_OK &&
		   ps_model_encode(&h.env, document, &bytes, &length, &error) == PS_OK, "a model of %zu bytes", length))
		test_damage(bytes, length);
	test_failures();
	test_documents();
	test_bands();
	test_questions();
	test_targets();
	test_fit();
	host_free(&h);
	return tap_done();
}
