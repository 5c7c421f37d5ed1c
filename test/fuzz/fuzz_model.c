/*-------------------------------------------------------------------------
 *
 * fuzz_model.c
 *	  Any bytes as a model: refused, or a model that answers every question it
 *	  claims to answer, about any row, with a finite number, null or an error.
 *
 * Built with FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION, without which the
 * checksum would refuse every mutation.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "ps_json.h"
#include "ps_model.h"

#define ROWS 60					/* that seeds are learned from */

/* Fill a cell with the variant-th odd value of its type. */
static void
odd_cell(ps_cell *cell, size_t variant)
{
	static const double numbers[] = {0, 1, -0.0, -1, 1e308, -1e308, 5e-324, INFINITY, -INFINITY, NAN, 40, 0.5};
	static const char *const texts[] = {"", "a", "b", "\xff\xfe", "a long text that no model has seen before"};
	size_t		count = sizeof(numbers) / sizeof(numbers[0]);

	memset(cell, 0, sizeof(*cell));
	cell->null = variant % 13 == 12;
	cell->number = numbers[variant % count];
	cell->text = texts[variant % (sizeof(texts) / sizeof(texts[0]))];
	cell->length = strlen(cell->text);
	cell->history.frequency = numbers[variant % count];
	cell->history.recency = numbers[variant / 2 % count];
	cell->history.tenure = numbers[variant / 3 % count];
	cell->history.monetary = numbers[variant / 5 % count];
	if (variant % 4 == 3)
		cell->history = (ps_history) {(double) (variant % 50), (double) (variant % 50), 1e3 * (double) variant, 9.5};
}

/* Ask everything about odd rows, with explanations. */
static void
ask(const ps_env *env, const ps_model *model)
{
	static const ps_request requests[] = {
		{.has_horizon = false}, {true, 30, 0, 2, 0.5}, {true, 1e-300, 1e300, 1, 1e-9}, {true, 1e300, 0.1, 1e9, 0.9},
		{false, 0, 0.1, 0, 0.1}, {true, 1e9, 1e-9, 100, 0.999}
	};
	ps_error	error;
	ps_cell    *cells;
	double		baseline;
	double	   *contributions;

	if (ps_alloc(env, model->ninputs, sizeof(ps_cell), &cells, &error) != PS_OK ||
		ps_alloc(env, model->ninputs, sizeof(double), &contributions, &error) != PS_OK)
		return;
	for (size_t variant = 0; variant < 60; variant++)
	{
		for (size_t i = 0; i < model->ninputs; i++)
			odd_cell(&cells[i], variant + 7 * i);
		for (int question = 0; question < PS_QUESTIONS; question++)
		{
			ps_answer	answer;

			if (ps_model_ask(env, model, (ps_question) question, cells,
							 &requests[variant % (sizeof(requests) / sizeof(requests[0]))], &answer, &error) == PS_OK)
				CHECK(answer.null || isfinite(answer.number));
			else
				CHECK(error.message[0] != '\0');
		}
		if (ps_model_explain(env, model, cells, &baseline, contributions, &error) == PS_OK)
		{
			CHECK(isfinite(baseline));
			for (size_t i = 0; i < model->ninputs; i++)
				CHECK(isfinite(contributions[i]));
		}
		else
			CHECK(error.message[0] != '\0');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	host		h;
	ps_error	error;
	ps_value   *document;
	ps_model   *model;
	ps_status	status;

	fuzz_host(&h);
	status = ps_model_decode(&h.env, bytes, size, &document, &error);
	CHECK(status == PS_OK || status == PS_CORRUPT);
	if (status == PS_OK)
	{
		uint8_t    *again;
		size_t		length;

		/* there is one encoding: all but the checksum, which is not looked at here, is the same */
		CHECK(ps_model_encode(&h.env, document, &again, &length, &error) == PS_OK);
		CHECK(length == size && memcmp(again, bytes, 12) == 0 && memcmp(again + 16, bytes + 16, size - 16) == 0);

		status = ps_model_open(&h.env, document, &model, &error);
		CHECK(status == PS_OK || status == PS_CORRUPT || status == PS_OUT_OF_MEMORY);
		if (status == PS_OK)
			ask(&h.env, model);
	}
	host_free(&h);
	return 0;
}

/* Give a classifier a calibration. */
static ps_status
calibrate(const ps_env *env, const ps_learner *learner, ps_value *document, ps_error *error)
{
	static const char *const maps[] = {
		"{\"kind\":\"platt\",\"slope\":0.8,\"intercept\":-0.25}",
		"{\"kind\":\"isotonic\",\"from\":[-3,-1.5,0.5,2],\"to\":[-4,-1.25,0,3.5]}"
	};
	const char *map = maps[strlen(learner->name) % 2];
	ps_model   *model;
	ps_value   *value;

	PS_TRY(ps_model_open(env, document, &model, error));
	if (!ps_is_classifier(model->kind))
		return PS_OK;
	PS_TRY(ps_json_read(env, map, strlen(map), &value, error));
	return ps_value_set(env, document, "calibration", value, error);
}

/* Learn a small model of any method from made-up rows. */
static ps_status
learn(const ps_env *env, const ps_learner *learner, ps_value **document, ps_error *error)
{
	static const ps_column columns[] = {
		{"size", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN}, {"plan", PS_TYPE_TEXT}, {"past", PS_TYPE_HISTORY},
		{"bought", PS_TYPE_NUMBER}, {"joined", PS_TYPE_MOMENT}
	};
	ps_column	chosen[6];
	ps_cell		cells[6];
	ps_value   *given;
	ps_value   *options;
	ps_value   *notes;
	ps_plan		plan;
	ps_frame   *frame;

	PS_TRY(ps_value_object(env, &given, error));
	PS_TRY(ps_value_list(env, &notes, error));
	PS_TRY(ps_value_set_text(env, given, learner->needs_target ? "target" : "key", "bought", error));
	if (strcmp(learner->name, "boosted_trees") == 0)	/* which would find nothing worth a tree */
	{
		PS_TRY(ps_value_set_boolean(env, given, "early_stopping", false, error));
		PS_TRY(ps_value_set_number(env, given, "trees", 12, error));
		PS_TRY(ps_value_set_number(env, given, "min_rows", 5, error));
	}
	for (const ps_option *option = learner->options; option != NULL && option->name != NULL; option++)
	{
		ps_value   *list;

		if (strcmp(option->name, "duration") == 0)	/* of contracts */
			PS_TRY(ps_value_set_text(env, given, "duration", "size", error));
		if (strcmp(option->name, "strata") == 0)
		{
			PS_TRY(ps_value_set_list(env, given, "strata", &list, error));
			PS_TRY(ps_value_append_text(env, list, "plan", error));
		}
	}
	PS_TRY(ps_options_complete(env, learner, given, &options, error));
	PS_TRY(ps_plan_make(env, learner, options, columns, 6, &plan, notes, error));
	for (size_t i = 0; i < plan.nfeatures; i++)
		chosen[i] = columns[plan.features[i]];
	PS_TRY(ps_frame_create(env, chosen, plan.nfeatures, learner->needs_target, false, &frame, error));
	for (int row = 0; row < ROWS; row++)
	{
		memset(cells, 0, sizeof(cells));
		for (size_t i = 0; i < plan.nfeatures; i++)
		{
			cells[i].null = row % 11 == 3 && chosen[i].type != PS_TYPE_HISTORY;
			cells[i].number = chosen[i].type == PS_TYPE_NUMBER ? 1 + row * 37 % 23 :
				chosen[i].type == PS_TYPE_MOMENT ? row * 31 : row / 3 % 2;
			cells[i].text = row % 5 < 2 ? "basic" : row % 5 < 4 ? "gold" : "trial";
			cells[i].length = strlen(cells[i].text);
			cells[i].history = (ps_history) {row % 4, row % 4 > 0 ? 10 + row % 30 : 0, 60 + row % 20,
			row % 4 > 0 ? 20 + row % 17 : NAN};
		}
		PS_TRY(ps_frame_append(frame, cells, row * 7 % 3 == 0, 1, error));
	}
	PS_TRY(ps_model_fit(env, &plan, frame, document, notes, error));
	return calibrate(env, learner, *document, error);
}

/* A document of a method that neither learns nor is made from parameters. */
static const char imported[] =
"{\"method\":\"imported_trees\",\"inputs\":[{\"name\":\"x\",\"type\":\"number\"},{\"name\":\"t\",\"type\":\"text\"}],"
"\"target\":\"y\",\"parameters\":{\"kind\":\"classifier\",\"link\":\"logistic\",\"base\":0.5,\"unit\":1,\"single\":true,"
"\"columns\":[{\"column\":\"x\",\"zero_is_null\":true},{\"column\":\"t\",\"categorical\":true,\"levels\":[\"a\",\"b\"]}],"
"\"trees\":2,\"nodes\":[1,0,2,0,0,0],\"thresholds\":[0.5],\"sets\":[2,0,1],\"null_left\":[0,1],\"values\":[0.1,-0.2,0.3,1],"
"\"rows\":[5,0,3,8]}}";

/* A document of any method: from known parameters, or learned, or as above. */
static ps_status
make(const ps_env *env, const ps_learner *learner, ps_value **document, ps_error *error)
{
	static const char *const known[] = {
		"{\"r\":0.5248,\"alpha\":6.1831,\"a\":0.8914,\"b\":1.614}",
		"{\"p\":6.249,\"q\":3.744,\"v\":15.444}",
		"{\"purchase\":{\"r\":0.5248,\"alpha\":6.1831,\"a\":0.8914,\"b\":1.614},"
		"\"spend\":{\"p\":6.249,\"q\":3.744,\"v\":15.444}}"
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		ps_value   *given;

		if (ps_json_read(env, known[i], strlen(known[i]), &given, error) == PS_OK &&
			ps_model_make(env, learner, given, NULL, document, error) == PS_OK)
			return PS_OK;
	}
	if (strcmp(learner->name, "imported_trees") == 0)
		return ps_json_read(env, imported, strlen(imported), document, error);
	return learn(env, learner, document, error);
}

/* A model of each method in the order of the table; one that cannot be made is reported and passed over. */
size_t
fuzz_seed(size_t number, uint8_t *bytes, size_t capacity)
{
	const char *name = ps_learner_names();
	size_t		result = 0;
	host		h;

	fuzz_host(&h);
	while (*name != '\0' && result == 0)
	{
		char		method[64] = "";
		size_t		length = strcspn(name, ",");
		ps_error	error;
		ps_value   *document;
		uint8_t    *encoded;

		memcpy(method, name, length);
		name += length + strspn(name + length, ", ");
		if (make(&h.env, ps_learner_find(method), &document, &error) != PS_OK ||
			ps_model_encode(&h.env, document, &encoded, &length, &error) != PS_OK || length > capacity)
			fprintf(stderr, "no seed of method \"%s\": %s\n", method, error.message);
		else if (number-- == 0)
		{
			memcpy(bytes, encoded, length);
			result = length;
		}
	}
	host_free(&h);
	return result;
}
