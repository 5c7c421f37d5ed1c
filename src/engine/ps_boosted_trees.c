/*-------------------------------------------------------------------------
 *
 * ps_boosted_trees.c
 *	  The method boosted_trees: options, parameters, scores, quality.
 *
 * Parameters:
 *
 *	loss		what was minimised (ps_loss.h); alpha and power where it has one
 *	base, unit	from sums of trees to predictions (ps_loss.h)
 *	columns, reference
 *				rules of the inputs (ps_bins.h), each with the share of all
 *				gain that splits on it made, as "importance"
 *	held_out_loss	mean loss on rows held out, if any were
 *	trees, ...	the trees (ps_tree_score.h)
 *
 * With class_weight "balanced" the classes weigh the same in total, as in
 * ps_logistic.c: the base is 0 while trees grow, and gets the log-odds of the
 * true base rate afterwards.
 *
 * Only the loss "binary" makes a classifier, which answers with P(target); the
 * others predict the target's mean, or its quantile.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_boost.h"
#include "ps_evaluate.h"
#include "ps_learners.h"
#include "ps_random.h"
#include "ps_row_hash.h"
#include "ps_tree_score.h"
#include "ps_tree_shap.h"

static const ps_option boosted_trees_options[] = {
	{"loss", PS_OPTION_TEXT, NAN, 0, 0, "auto binary squared poisson gamma tweedie quantile",
	"What to minimise; auto is binary for a target of 0 and 1 and squared otherwise."},
	{"alpha", PS_OPTION_NUMBER, 0.5, 0.001, 0.999, NULL, "Which quantile the loss quantile predicts."},
	{"power", PS_OPTION_NUMBER, 1.5, 1.01, 1.99, NULL, "Power of the mean that the variance has for the loss tweedie."},
	{"trees", PS_OPTION_INTEGER, 500, 1, 10000, NULL, "Number of trees at most; exactly without early stopping."},
	{"leaves", PS_OPTION_INTEGER, 15, 2, PS_TREE_LEAVES, NULL, "Leaves of a tree at most."},
	{"learning_rate", PS_OPTION_NUMBER, 0.1, 0.001, 1, NULL, "What part of its step each tree makes."},
	{"early_stopping", PS_OPTION_BOOLEAN, 1, 0, 0, NULL, "Choose the number of trees by the loss on rows held out."},
	{"min_rows", PS_OPTION_INTEGER, 20, 1, 1e9, NULL, "Rows of a leaf at least."},
	{"min_curvature", PS_OPTION_NUMBER, 0.001, 1e-6, 1e9, NULL,
	"Sum of second derivatives of the loss in a leaf at least."},
	{"l2", PS_OPTION_NUMBER, 5, 0, 1e9, NULL, "Penalty on squared values of leaves."},
	{"row_share", PS_OPTION_NUMBER, 1, 0.01, 1, NULL, "Share of the rows that each tree is grown on."},
	{"column_share", PS_OPTION_NUMBER, 1, 0.01, 1, NULL, "Share of the columns that each tree may use."},
	{"class_weight", PS_OPTION_TEXT, NAN, 0, 0, "none balanced",
	"With balanced, both classes weigh the same in the fit; probabilities keep to the base rate."},
	{"increasing", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, "Columns with which the prediction must not fall."},
	{"decreasing", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, "Columns with which the prediction must not rise."},
	{0}
};

/* The loss of a fit with these options. */
static ps_loss_kind
loss_of(const ps_value *options, bool zero_one)
{
	ps_loss_kind kind;

	if (ps_loss_find(ps_value_text_or(options, "loss", "auto"), &kind))
		return kind;
	return zero_one ? PS_LOSS_BINARY : PS_LOSS_SQUARED;
}

static const char *
kind_of(ps_loss_kind loss)
{
	return loss == PS_LOSS_BINARY ? "classifier" : loss == PS_LOSS_QUANTILE ? "quantile" : "regression";
}

static const char *
boosted_trees_fit_kind(const ps_value *options, bool zero_one)
{
	return kind_of(loss_of(options, zero_one));
}

/* Set the directions of the columns that an option names. */
static ps_status
set_directions(const ps_value *options, const char *option, int8_t direction, const ps_bins *bins,
			   const ps_bin_matrix *matrix, int8_t *directions, ps_error *error)
{
	const ps_value *names = ps_value_get(options, option);

	for (size_t n = 0; names != NULL && n < names->count; n++)
	{
		const char *name = names->items[n]->text;
		size_t		input = 0;

		while (input < bins->ninputs && strcmp(bins->inputs[input].name, name) != 0)
			input++;
		if (input == bins->ninputs || bins->inputs[input].type == PS_TYPE_TEXT ||
			bins->inputs[input].type == PS_TYPE_MOMENT)
		{
			ps_fail_column(error, PS_INVALID_OPTION, name, input == bins->ninputs ?
						   "option \"%s\" names column \"%s\", which is not learned from" :
						   bins->inputs[input].type == PS_TYPE_TEXT ?
						   "option \"%s\" names column \"%s\", which is a text" :
						   "option \"%s\" names column \"%s\", which is a date or time", option, name);
			return ps_hint(error, "Name numbers or booleans to learn from.");
		}
		for (size_t column = 0; column < matrix->width; column++)
		{
			if (matrix->inputs[column] != input)
				continue;
			if (directions[column] == -direction)
				return ps_fail_column(error, PS_INVALID_OPTION, name,
									  "column \"%s\" is named both as \"increasing\" and as \"decreasing\"", name);
			directions[column] = direction;
		}
	}
	return PS_OK;
}

/* Collect the rules of a fit from its options. */
static ps_status
read_rules(const ps_env *env, const ps_value *options, uint64_t seed, const ps_bins *bins,
		   const ps_bin_matrix *matrix, ps_boost_rules *rules, ps_error *error)
{
	int8_t	   *directions;
	uint64_t   *hashes;

	PS_TRY(ps_alloc_zero(env, matrix->width, sizeof(*directions), &directions, error));
	PS_TRY(ps_alloc(env, matrix->width, sizeof(*hashes), &hashes, error));
	for (size_t column = 0; column < matrix->width; column++)
	{
		const char *name = bins->inputs[matrix->inputs[column]].name;

		hashes[column] = ps_hash_bytes(seed, name, strlen(name));
	}
	PS_TRY(set_directions(options, "increasing", 1, bins, matrix, directions, error));
	PS_TRY(set_directions(options, "decreasing", -1, bins, matrix, directions, error));
	*rules = (ps_boost_rules) {
		.grow = {
			.leaves = (size_t) ps_value_number_or(options, "leaves", 15),
			.min_rows = ps_value_number_or(options, "min_rows", 20),
			.min_curvature = ps_value_number_or(options, "min_curvature", 0.001),
			.l2 = ps_value_number_or(options, "l2", 5),
			.column_share = ps_value_number_or(options, "column_share", 1),
			.directions = directions,
			.column_hashes = hashes
		},
		.trees = (size_t) ps_value_number_or(options, "trees", 500),
		.learning_rate = ps_value_number_or(options, "learning_rate", 0.1),
		.row_share = ps_value_number_or(options, "row_share", 1),
		.early_stopping = ps_value_boolean_or(options, "early_stopping", true)
	};
	return PS_OK;
}

/* Write the rules of the columns with their importances. */
static ps_status
save_columns(const ps_env *env, const ps_bins *bins, const ps_bin_matrix *matrix, const ps_boosted *boosted,
			 ps_value *parameters, ps_error *error)
{
	double	   *gains;
	double		total = 0;
	const ps_value *list;

	PS_TRY(ps_alloc_zero(env, bins->ninputs, sizeof(*gains), &gains, error));
	for (size_t t = 0; t < boosted->count; t++)
	{
		PS_TRY(ps_poll(env, 0, error));
		for (size_t i = 0; i < boosted->trees[t].count; i++)
		{
			const ps_tree_node *node = &boosted->trees[t].nodes[i];

			if (node->left == 0)
				continue;
			gains[matrix->inputs[node->column]] += node->gain;
			total += node->gain;
		}
	}
	PS_TRY(ps_bins_save(env, bins, parameters, error));
	PS_TRY(ps_value_need(parameters, "columns", PS_LIST, &list, error));
	for (size_t i = 0; i < bins->ninputs; i++)
		if (bins->inputs[i].used)
			PS_TRY(ps_value_set_number(env, list->items[i], "importance", total > 0 ? gains[i] / total : 0, error));
	return PS_OK;
}

/* True when every target is 0 or 1. */
static ps_status
is_zero_one(const ps_env *env, const ps_frame *frame, bool *out, ps_error *error)
{
	*out = true;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *targets = ps_frame_targets(frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			*out = *out && (targets[i] == 0 || targets[i] == 1);
		if (chunk % 64 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

static ps_status
boosted_trees_fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters,
				  ps_value *notes, ps_error *error)
{
	static const char salt[] = "early stopping";	/* other parts than those that choose and calibrate */
	uint64_t	seed = (uint64_t) ps_value_number_or(options, "seed", 0);
	ps_loss		loss;
	ps_bins    *bins;
	ps_bin_matrix *matrix;
	ps_boost_rules rules;
	ps_boosted	boosted;
	uint64_t   *hashes;
	uint64_t   *group_hashes = NULL;
	double		correction = 0;
	bool		balanced = strcmp(ps_value_text_or(options, "class_weight", "none"), "balanced") == 0;
	bool		zero_one;

	if (ps_frame_rows(frame) > INT32_MAX / 2)
		return ps_fail(error, PS_INVALID_DATA, "%d rows are more than method \"boosted_trees\" can take",
					   (int64_t) ps_frame_rows(frame));
	PS_TRY(is_zero_one(env, frame, &zero_one, error));
	loss = (ps_loss) {
		.kind = loss_of(options, zero_one),
		.alpha = ps_value_number_or(options, "alpha", 0.5)
	};
	loss.power = loss.kind == PS_LOSS_POISSON ? 1 : loss.kind == PS_LOSS_GAMMA ? 2 :
		ps_value_number_or(options, "power", 1.5);
	PS_TRY(ps_loss_fit(env, frame, ps_value_text_or(options, "target", "target"), &loss, error));
	if (balanced)
	{
		double		base_rate = 1 / (1 + exp(-loss.base));

		if (loss.kind != PS_LOSS_BINARY)
		{
			ps_fail(error, PS_INVALID_OPTION, "option \"class_weight\" is for a target of 0 and 1");
			return ps_hint(error, "Leave the option out.");
		}
		loss.class_weights[0] = 0.5 / (1 - base_rate);
		loss.class_weights[1] = 0.5 / base_rate;
		correction = loss.base;
		loss.base = 0;
	}
	PS_TRY(ps_row_hashes(env, frame, seed, &hashes, error));
	PS_TRY(ps_bins_fit(env, frame, hashes, options, &bins, notes, error));
	PS_TRY(ps_bins_matrix(env, bins, frame, &matrix, error));
	PS_TRY(read_rules(env, options, seed, bins, matrix, &rules, error));
	if (rules.early_stopping)
		PS_TRY(ps_row_group_hashes(env, frame, ps_hash_bytes(seed, salt, sizeof(salt) - 1), &group_hashes, error));
	PS_TRY(ps_boost_fit(env, frame, bins, matrix, hashes, group_hashes, &loss, &rules, &boosted, error));
	loss.base += correction;
	ps_release(env, hashes);
	ps_release(env, group_hashes);
	ps_bins_release_codes(env, matrix);
	if (loss.constant)
		PS_TRY(ps_note(env, notes, error, "the target is the same in all rows: so are the scores"));
	else if (boosted.count == 0)
		PS_TRY(ps_note(env, notes, error, "no column helps to predict the target: every row gets the same score"));
	else if (rules.early_stopping && boosted.count == rules.trees)
		PS_TRY(ps_note(env, notes, error, "the loss on rows held out was still falling after %d trees: "
					   "more trees or a higher learning rate may be better", (int64_t) rules.trees));

	PS_TRY(ps_value_set_text(env, parameters, "loss", ps_loss_name(loss.kind), error));
	if (loss.kind == PS_LOSS_QUANTILE)
		PS_TRY(ps_value_set_number(env, parameters, "alpha", loss.alpha, error));
	if (loss.kind == PS_LOSS_TWEEDIE)
		PS_TRY(ps_value_set_number(env, parameters, "power", loss.power, error));
	if (balanced)
		PS_TRY(ps_value_set_text(env, parameters, "class_weight", "balanced", error));
	PS_TRY(ps_value_set_number(env, parameters, "base", loss.base, error));
	PS_TRY(ps_value_set_number(env, parameters, "unit", loss.unit, error));
	if (!isnan(boosted.held_out_loss))
		PS_TRY(ps_value_set_number(env, parameters, "held_out_loss", boosted.held_out_loss, error));
	PS_TRY(save_columns(env, bins, matrix, &boosted, parameters, error));
	return ps_ensemble_save(env, boosted.trees, boosted.count, bins, matrix, parameters, error);
}

/* A model ready to score. */
typedef struct boosted_trees_model
{
	ps_loss		loss;
	size_t		ninputs;
	ps_ensemble *ensemble;
} boosted_trees_model;

static ps_status
boosted_trees_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
				   void **state, ps_error *error)
{
	boosted_trees_model *model;
	const ps_value *value;
	ps_bins    *bins;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	model->ninputs = ninputs;
	PS_TRY(ps_value_need(parameters, "loss", PS_STRING, &value, error));
	if (!ps_loss_find(value->text, &model->loss.kind))
		return ps_fail(error, PS_CORRUPT, "there is no loss \"%s\"", value->text);
	if (model->loss.kind == PS_LOSS_QUANTILE)
		PS_TRY(ps_value_need_number(parameters, "alpha", &model->loss.alpha, error));
	PS_TRY(ps_value_need_number(parameters, "base", &model->loss.base, error));
	PS_TRY(ps_value_need_number(parameters, "unit", &model->loss.unit, error));
	if (model->loss.kind == PS_LOSS_QUANTILE && !(model->loss.alpha > 0 && model->loss.alpha < 1))
		return ps_fail(error, PS_CORRUPT, "\"alpha\" is %g, not between 0 and 1", model->loss.alpha);
	if (!(model->loss.unit > 0))
		return ps_fail(error, PS_CORRUPT, "\"unit\" is %g, not above 0", model->loss.unit);
	PS_TRY(ps_bins_load(env, parameters, inputs, ninputs, &bins, error));
	PS_TRY(ps_ensemble_load(env, parameters, bins, &model->ensemble, error));
	*state = model;
	return PS_OK;
}

static void
boosted_trees_model_kind(const void *state, const char **kind, unsigned *answers)
{
	const boosted_trees_model *model = state;

	*kind = kind_of(model->loss.kind);
	if (model->loss.kind != PS_LOSS_BINARY)
		*answers = 1u << PS_ASK_SCORE;
}

/* P(target), or the mean or quantile of the target. A horizon says nothing to trees. */
static ps_status
boosted_trees_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
					 const ps_request *request, ps_answer *answer, ps_error *error)
{
	const boosted_trees_model *model = state;
	double		sum;

	(void) question;
	(void) request;
	PS_TRY(ps_ensemble_sum(env, model->ensemble, cells, &sum, error));
	answer->null = false;
	answer->number = ps_loss_predict(&model->loss, sum);
	return PS_OK;
}

/* Contributions to base + unit F: the log-odds, the logarithm of the mean, or the prediction itself (ps_loss.h). */
static ps_status
boosted_trees_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
					  double *contributions, ps_error *error)
{
	const boosted_trees_model *model = state;

	PS_TRY(ps_ensemble_shap(env, model->ensemble, cells, baseline, contributions, error));
	*baseline = model->loss.base + model->loss.unit * *baseline;
	for (size_t i = 0; i < model->ninputs; i++)
		contributions[i] *= model->loss.unit;
	return PS_OK;
}

static ps_status
boosted_trees_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
					   ps_error *error)
{
	const boosted_trees_model *model = state;

	if (model->loss.kind == PS_LOSS_BINARY)
		return ps_evaluate_classifier(env, boosted_trees_answer, state, frame, metrics, loss, error);
	return ps_evaluate_regression(env, boosted_trees_answer, state, frame,
								  model->loss.kind == PS_LOSS_QUANTILE ? model->loss.alpha : NAN, metrics, loss, error);
}

const ps_learner ps_learner_boosted_trees = {
	.name = "boosted_trees",
	.kind = "regression",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_PROBABILITY | 1u << PS_ASK_CHURN,
	.comparison = PS_COMPARE_KIND,
	.automatic = PS_AUTOMATIC_TARGET,
	.options = boosted_trees_options,
	.fit_kind = boosted_trees_fit_kind,
	.model_kind = boosted_trees_model_kind,
	.choose = ps_choose_features,
	.fit = boosted_trees_fit,
	.load = boosted_trees_load,
	.answer = boosted_trees_answer,
	.evaluate = boosted_trees_evaluate,
	.explain = boosted_trees_explain
};
