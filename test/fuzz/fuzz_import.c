/*-------------------------------------------------------------------------
 *
 * fuzz_import.c
 *	  Any bytes as a model file of another program: refused, or a model that
 *	  answers and explains.  The first byte chooses the format.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "ps_import.h"
#include "ps_json.h"

#define CELLS 64

static const char *const formats[] = {"xgboost", "lightgbm"};
static const char options[] = "{\"levels\":{\"t\":[\"a\",\"b\",\"c\"]}}";

/* Score and explain a few rows. */
static void
ask(const ps_env *env, const ps_model *model)
{
	static const double numbers[] = {0, 1, -1, 1e308, -1e308, 5e-324, 2.5};
	static const char *const texts[] = {"", "a", "b", "\xff"};
	const ps_request request = {0};
	ps_cell		cells[CELLS];
	double		contributions[CELLS];
	double		baseline;
	ps_answer	answer;
	ps_error	error;

	for (size_t variant = 0; variant < 14 && model->ninputs <= CELLS; variant++)
	{
		memset(cells, 0, sizeof(cells));
		for (size_t i = 0; i < model->ninputs; i++)
		{
			cells[i].null = (variant + i) % 5 == 4;
			cells[i].number = numbers[(variant + 3 * i) % 7];
			cells[i].text = texts[(variant + i) % 4];
			cells[i].length = strlen(cells[i].text);
		}
		if (ps_model_ask(env, model, PS_ASK_SCORE, cells, &request, &answer, &error) == PS_OK)
			CHECK(!answer.null && isfinite(answer.number));
		if (ps_model_explain(env, model, cells, &baseline, contributions, &error) == PS_OK)
			CHECK(isfinite(baseline));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	host		h;
	ps_error	error;
	ps_value   *given;
	ps_value   *document;
	ps_value   *notes;
	ps_model   *model;
	ps_status	status;

	if (size == 0)
		return 0;
	fuzz_host(&h);
	CHECK(ps_json_read(&h.env, options, strlen(options), &given, &error) == PS_OK);
	CHECK(ps_value_list(&h.env, &notes, &error) == PS_OK);
	status = ps_import_model(&h.env, formats[bytes[0] % 2], (const char *) bytes + 1, size - 1, given, &document, notes,
							 &error);
	CHECK(status != PS_CORRUPT);
	if (status == PS_OK)
	{
		CHECK(ps_model_open(&h.env, document, &model, &error) == PS_OK);
		ask(&h.env, model);
	}
	else
		CHECK(error.message[0] != '\0');
	host_free(&h);
	return 0;
}

/* A small model of each format. */
size_t
fuzz_seed(size_t number, uint8_t *bytes, size_t capacity)
{
	static const char *const seeds[] = {
		"0{\"learner\":{\"attributes\":{\"best_iteration\":\"0\"},\"feature_names\":[\"x\",\"t\"],"
		"\"feature_types\":[\"float\",\"c\"],\"gradient_booster\":{\"model\":{\"cats\":{\"enc\":[{\"offsets\":[],"
		"\"values\":[]},{\"offsets\":[0,1,2],\"values\":[97,98]}]},\"gbtree_model_param\":{\"num_parallel_tree\":\"1\"},"
		"\"trees\":[{\"categories\":[1],\"categories_nodes\":[2],\"categories_segments\":[0],\"categories_sizes\":[1],"
		"\"default_left\":[0,0,1,0,0],\"left_children\":[1,-1,3,-1,-1],\"right_children\":[2,-1,4,-1,-1],"
		"\"split_conditions\":[0.5,-0.1,NaN,0.2,0.3],\"split_indices\":[0,0,1,0,0],\"split_type\":[0,0,1,0,0],"
		"\"sum_hessian\":[9.5,5,4.5,2,2.5]}]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"[5E-1]\","
		"\"num_class\":\"0\",\"num_feature\":\"2\",\"num_target\":\"1\"},\"objective\":{\"name\":\"binary:logistic\"}}}",
		"1tree\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=binary sigmoid:1\n"
		"feature_names=x t\n\nTree=0\nnum_leaves=3\nnum_cat=1\nsplit_feature=0 1\nthreshold=0.5 0\ndecision_type=10 1\n"
		"left_child=-1 -2\nright_child=1 -3\nleaf_value=-0.1 0.2 0.3\nleaf_count=5 2 3\ncat_boundaries=0 1\n"
		"cat_threshold=3\nis_linear=0\n\nend of trees\n[categorical_feature: 1]\npandas_categorical:[[\"a\",\"b\"]]\n"
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
