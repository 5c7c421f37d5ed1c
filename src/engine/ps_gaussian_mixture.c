/*-------------------------------------------------------------------------
 *
 * ps_gaussian_mixture.c
 *	  Clusters as a mixture of normal distributions.
 *
 * The likelihood of a mixture has no maximum: a cluster that shrinks to a point
 * makes it infinite.  Every variance is therefore raised by a part of the
 * column's own.  For 0/1 columns the part f is such that clusters that are pure
 * in the column raise the log likelihood of a row by the column's entropy,
 * log((1 + f) / f) / 2, and no more: this is what it costs to say which of them
 * the row is in.  The columns of a text share the text's entropy.  A wide
 * cluster loses its rows' distance from its middle beside, so that such a
 * column can still divide clusters that others make; a larger f would leave it
 * nothing to say at all.
 *
 * Whole numbers, and others with a step between repeated values, would get a
 * cluster for each value.  Their variances are raised by that of a normal
 * distribution half a step wide: many of them, one at each step, sum to a
 * density that is even to 2 exp(-pi^2 / 2), 1.4 %, and so explain no more than
 * one wide cluster does.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_cluster_choice.h"
#include "ps_cluster_evaluate.h"
#include "ps_learners.h"
#include "ps_mixture_save.h"
#include "ps_mixture_choice.h"
#include "ps_sort.h"
#include "ps_sum.h"
#include "ps_weighed.h"

#define STEP_VARIANCE 0.25		/* in squared steps */

/*
 * The step of a column of numbers: the median over its values of the way to the
 * nearest other one, which is 0 for a value that no two rows have.
 */
static ps_status
find_step(const ps_mixture_rows *sample, size_t column, double *step, ps_error *error)
{
	const ps_env *env = sample->env;
	size_t		count = 0;
	double		left = INFINITY;
	ps_weighed *values;
	double	   *ways;

	PS_TRY(ps_alloc(env, sample->count, sizeof(*values), &values, error));
	PS_TRY(ps_alloc(env, sample->count, sizeof(*ways), &ways, error));
	for (size_t i = 0; i < sample->count; i++)
		values[i] = (ps_weighed) {ps_mixture_row(sample, i)[column * PS_NEWTON_ROWS], sample->weights[i]};
	PS_TRY(ps_weighed_sort(env, values, sample->count, error));
	for (size_t i = 1; i < sample->count; i++)
		if (values[i].value != values[count].value)
			values[++count] = values[i];
		else
			values[count].weight += values[i].weight;
	count++;
	for (size_t i = 0; i < count; i++)
	{
		double		right = i + 1 < count ? values[i + 1].value - values[i].value : INFINITY;

		ways[i] = count > 1 && values[i].weight > 1 ? fmin(left, right) : 0;
		left = right;
	}
	PS_TRY(ps_sort_numbers(env, ways, count, error));
	*step = ways[(count - 1) / 2];
	ps_release(env, values);
	ps_release(env, ways);
	return ps_poll(env, 0, error);
}

/* Say by how much each column's variance is raised, as a part of its own. */
static ps_status
least_variances(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, const ps_mixture_rows *sample,
				double regularisation, double **out, ps_error *error)
{
	PS_TRY(ps_alloc(env, encoder->width, sizeof(double), out, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		ps_type		type = ps_frame_column(frame, encoder->origin[j])->type;
		double		share = fmin(fmax(encoder->mean[j], DBL_EPSILON), 1 - DBL_EPSILON);
		double		entropy = -share * log(share);
		const char *name;
		const char *level;
		ps_encode_kind kind = ps_encode_term(encoder, j, &name, &level);

		if (kind == PS_ENCODE_VALUE && type != PS_TYPE_BOOLEAN)
		{
			double		step;

			PS_TRY(find_step(sample, j, &step, error));
			(*out)[j] = fmax(step * step * STEP_VARIANCE, regularisation);
			continue;
		}

		/* a yes or no by itself, not one of the columns that make up a text */
		if (kind == PS_ENCODE_VALUE || (kind == PS_ENCODE_NULL && type != PS_TYPE_TEXT))
			entropy -= (1 - share) * log1p(-share);
		(*out)[j] = fmax(1 / expm1(2 * entropy), regularisation);
	}
	return PS_OK;
}

/* Sum over the rows what their log densities need to be in the data's units. */
static ps_status
sum_log_slopes(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, double *out, ps_error *error)
{
	ps_sum		sum = {0, 0};
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		ps_frame_row(frame, row, cells);
		ps_sum_add(&sum, ps_frame_weight(frame, row) * ps_encode_log_slope(encoder, cells));
		if (row % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, cells);
	*out = ps_sum_value(&sum);
	return PS_OK;
}

/* Read which forms of covariances are to be tried: the one that is named, or all that make a difference. */
static ps_status
choose_forms(const char *name, size_t width, size_t k_max, bool *forms, ps_error *error)
{
	bool		many = k_max * ps_covariance_numbers(PS_FULL, width) > PS_MIXTURE_NUMBERS;
	ps_covariance_form only;

	if (ps_covariance_find(name, &only))
	{
		forms[only] = true;
		if (!many || !ps_covariance_is_matrix(only))
			return PS_OK;
		ps_fail(error, PS_INVALID_DATA, "%d columns are too many for the %s covariances of %d clusters", (int64_t) width,
				name, (int64_t) k_max);
		return ps_hint(error, "Set the option \"covariance\" to \"diagonal\", exclude columns or ask for fewer clusters.");
	}

	/* in one column, full ones are also diagonal and spherical; in two, stretched ones are full */
	forms[PS_FULL] = forms[PS_TIED] = !many;
	forms[PS_STRETCHED] = !many && width > 2;
	forms[PS_DIAGONAL] = forms[PS_SPHERICAL] = width > 1;
	return PS_OK;
}

static ps_status
gaussian_mixture_learn(const ps_env *env, const ps_frame *frame, const ps_value *options,
					   ps_value *parameters, ps_value *notes, ps_error *error)
{
	bool		automatic = ps_value_get(options, "k") == NULL;
	ps_mixture_plan plan = {
		.k_min = (size_t) ps_value_number_or(options, "k", 0),
		.most_iterations = (int) ps_value_number_or(options, "iterations", 300),
		.starts = (int) ps_value_number_or(options, "starts", 2),
		.seed = (uint64_t) ps_value_number_or(options, "seed", 0)
	};
	ps_encoder *encoder;
	ps_mixture_rows rows;
	ps_mixture_rows sample;
	size_t	   *order;
	size_t		distinct;
	bool		sampled;
	double		log_unit;
	double	   *least;
	ps_mixture_candidates candidates;
	size_t		chosen;
	ps_mixture_fit *best;
	ps_mixture_summary summary;
	ps_value   *saved;

	plan.k_max = plan.k_min;
	if (automatic)
		PS_TRY(ps_candidates_range(options, &plan.k_min, &plan.k_max, error));
	PS_TRY(ps_encode_fit_prepared(env, frame, options, false, &encoder, notes, error));
	PS_TRY(choose_forms(ps_value_text_or(options, "covariance", "auto"), encoder->width, plan.k_max, plan.forms, error));
	PS_TRY(ps_mixture_rows_read(env, frame, encoder, &rows, &sample, &order, &distinct, error));
	PS_TRY(least_variances(env, frame, encoder, &sample, ps_value_number_or(options, "regularisation", 1e-4), &least, error));
	plan.least = least;
	if (distinct < plan.k_min)
	{
		ps_fail(error, PS_TOO_LITTLE_DATA, "cannot make %d clusters of rows of which only %d are different",
				(int64_t) plan.k_min, (int64_t) distinct);
		return ps_hint(error, "Ask for fewer clusters by the option \"%s\".", automatic ? "k_min" : "k");
	}
	plan.k_max = plan.k_max < distinct ? plan.k_max : distinct;
	PS_TRY(sum_log_slopes(env, frame, encoder, &log_unit, error));
	PS_TRY(ps_mixture_try(&sample, &plan, &candidates, error));
	chosen = ps_mixture_choose(&candidates);

	/* a sample that stands for all rows has the weight of all; where it has not, candidates stay comparable */
	sampled = sample.total < rows.total * (1 - 1e-9);
	best = &candidates.fits[chosen];
	if (sampled)
		PS_TRY(ps_mixture_save_choice(env, &candidates, chosen, log_unit / rows.total, parameters, notes, error));
	PS_TRY(ps_mixture_finish(&rows, least, plan.most_iterations, best, error));
	if (!sampled)
		PS_TRY(ps_mixture_save_choice(env, &candidates, chosen, log_unit / rows.total, parameters, notes, error));
	else if (candidates.count > 1)
		PS_TRY(ps_note(env, notes, error, "they were compared on a sample of %d of %d rows", (int64_t) sample.count,
					   (int64_t) rows.count));
	if (automatic && best->mixture.k > 1)
		PS_TRY(ps_mixture_note_overlap(&sample, &best->mixture, notes, error));
	if (!best->converged)
		PS_TRY(ps_note(env, notes, error, "the likelihood was still rising after %d iterations",
					   (int64_t) plan.most_iterations));

	PS_TRY(ps_value_set_text(env, parameters, "status", best->converged ? "converged" : "not_converged", error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", best->iterations, error));
	PS_TRY(ps_mixture_save_quality(env, best, rows.total, log_unit / rows.total, parameters, error));
	PS_TRY(ps_value_set_text(env, parameters, "covariance", ps_covariance_names[best->mixture.form], error));
	PS_TRY(ps_mixture_summarise(frame, encoder, &rows, order, &best->mixture, &summary, error));
	PS_TRY(ps_value_set_number(env, parameters, "unlike_below", summary.unlike_below, error));
	PS_TRY(ps_mixture_save(env, encoder, &best->mixture, &summary, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

/* A model ready to score. */
typedef struct gaussian_mixture_model
{
	ps_encoder *encoder;
	ps_mixture	mixture;
	double		unlike_below;	/* log density of encoded rows; NAN where not known */
} gaussian_mixture_model;

/* Read one cluster into a mixture. */
static ps_status
load_cluster(const ps_value *value, ps_mixture *of, size_t c, ps_error *error)
{
	double	   *covariance = of->covariance + c * of->stride;
	const double *mean;
	const double *saved;

	PS_TRY(ps_value_need_number(value, "share", &of->share[c], error));
	if (!(of->share[c] > 0 && of->share[c] <= 1))
		return ps_fail(error, PS_CORRUPT, "the share of a cluster is %g", of->share[c]);
	PS_TRY(ps_value_need_numbers(value, "center", of->width, &mean, error));
	memcpy(of->mean + c * of->padded, mean, of->width * sizeof(double));
	PS_TRY(ps_value_need_numbers(value, "covariance", ps_covariance_numbers(of->form, of->width), &saved, error));
	for (size_t i = 0; i < of->width; i++)
	{
		double		variance = saved[ps_covariance_is_matrix(of->form) ? i * (i + 1) / 2 + i : of->form == PS_DIAGONAL ? i : 0];

		if (!(variance > 0))
			return ps_fail(error, PS_CORRUPT, "a variance of a cluster is %g", variance);
		if (ps_covariance_is_matrix(of->form))
			memcpy(covariance + i * of->padded, saved + i * (i + 1) / 2, (i + 1) * sizeof(double));
		else
			covariance[i] = variance;
	}
	return PS_OK;
}

static ps_status
gaussian_mixture_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
					  void **state, ps_error *error)
{
	gaussian_mixture_model *model;
	const ps_value *value;
	ps_covariance_form form;
	double	   *matrix;
	bool	   *dependent;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	PS_TRY(ps_value_need(parameters, "encoder", PS_OBJECT, &value, error));
	PS_TRY(ps_encode_load(env, value, inputs, ninputs, &model->encoder, error));
	if (model->encoder->reference_dropped || model->encoder->width == 0)
		return ps_fail(error, PS_CORRUPT, "the encoder is not one for clusters");
	PS_TRY(ps_value_need(parameters, "covariance", PS_STRING, &value, error));
	if (!ps_covariance_find(value->text, &form))
		return ps_fail(error, PS_CORRUPT, "there is no covariance \"%s\"", value->text);
	model->unlike_below = NAN;
	if (ps_value_get(parameters, "unlike_below") != NULL)
		PS_TRY(ps_value_need_number(parameters, "unlike_below", &model->unlike_below, error));
	PS_TRY(ps_value_need(parameters, "clusters", PS_LIST, &value, error));
	if (value->count < 1 || value->count > PS_MIXTURE_CLUSTERS ||
		value->count * ps_covariance_numbers(form, model->encoder->width) > PS_MIXTURE_NUMBERS)
		return ps_fail(error, PS_CORRUPT, "there are %d clusters of %d columns", (int64_t) value->count,
					   (int64_t) model->encoder->width);
	PS_TRY(ps_mixture_create(env, value->count, model->encoder->width, form, &model->mixture, error));
	for (size_t c = 0; c < value->count; c++)
	{
		const double *covariance = model->mixture.covariance;

		PS_TRY(load_cluster(value->items[c], &model->mixture, c, error));
		if (form == PS_TIED && memcmp(covariance, covariance + c * model->mixture.stride, model->mixture.stride * sizeof(double)) != 0)
			return ps_fail(error, PS_CORRUPT, "the tied covariances of clusters differ");
	}
	PS_TRY(ps_alloc(env, ps_covariance_is_matrix(form) ? model->encoder->width * model->encoder->width : 1, sizeof(double), &matrix, error));
	PS_TRY(ps_alloc(env, model->encoder->width, sizeof(bool), &dependent, error));
	if (ps_mixture_prepare(env, &model->mixture, matrix, dependent, error) != PS_OK)
	{
		if (error->status == PS_NO_SOLUTION)
			error->status = PS_CORRUPT;
		return error->status;
	}
	ps_release(env, matrix);
	ps_release(env, dependent);
	*state = model;
	return PS_OK;
}

/* The inner product, in four sums that do not wait for each other. */
static double
product_of(const double *a, const double *b, size_t width)
{
	double		sums[4] = {0, 0, 0, 0};
	size_t		j = 0;

	for (; j + 4 <= width; j += 4)
		for (size_t i = 0; i < 4; i++)
			sums[i] += a[j + i] * b[j + i];
	for (; j < width; j++)
		sums[0] += a[j] * b[j];
	return sums[0] + sums[1] + sums[2] + sums[3];
}

/*
 * The squared distance of a row from a cluster, in the cluster's own spread.
 * standard receives the coordinates it is the sum of squares of.
 */
static double
distance_of(const ps_mixture *of, size_t c, const double *x, double *standard)
{
	const double *mean = of->mean + c * of->padded;
	const double *factor = of->factor + c * of->stride;
	double		difference[PS_ENCODE_COLUMNS];
	double		sum = 0;

	for (size_t j = 0; j < of->width; j++)
		difference[j] = x[j] - mean[j];
	for (size_t j = 0; j < of->width; j++)
	{
		standard[j] = ps_covariance_is_matrix(of->form) ? product_of(factor + j * of->padded, difference, j + 1) :
			difference[j] * factor[j];
		sum += standard[j] * standard[j];
	}
	return sum;
}

/* A row among the clusters. */
typedef struct mixture_place
{
	double		x[PS_ENCODE_COLUMNS];	/* the row, standardised */
	double		standard[PS_ENCODE_COLUMNS];	/* room to work in */
	double		logs[PS_MIXTURE_CLUSTERS];	/* log of share times density */
	double		total;			/* log of their sum */
	size_t		best;			/* the most likely cluster, from 0 */
	size_t		next;			/* and the next; the same where there is only one */
} mixture_place;

/* Find the place of a row; of equally likely clusters the first. */
static ps_status
find_place(const gaussian_mixture_model *model, const ps_cell *cells, mixture_place *place, ps_error *error)
{
	const ps_mixture *of = &model->mixture;
	double		sum = 0;

	PS_TRY(ps_encode_row(model->encoder, cells, place->x, error));
	place->best = 0;
	for (size_t c = 0; c < of->k; c++)
	{
		place->logs[c] = of->constant[c] - 0.5 * distance_of(of, c, place->x, place->standard);
		if (!isfinite(place->logs[c]))
			return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
		if (place->logs[c] > place->logs[place->best])
			place->best = c;
	}
	place->next = place->best == 0 && of->k > 1 ? 1 : 0;
	for (size_t c = 0; c < of->k; c++)
	{
		if (c != place->best && place->logs[c] > place->logs[place->next])
			place->next = c;
		sum += exp(place->logs[c] - place->logs[place->best]);
	}
	place->total = place->logs[place->best] + log(sum);
	return PS_OK;
}

/*
 * The number of the most likely cluster or of the next, 1..k, or the
 * probabilities of all; how far the row is from the mean of the most likely
 * one, in its own standard deviations; whether its density is below the cut.
 */
static ps_status
gaussian_mixture_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
						const ps_request *request, ps_answer *answer, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	mixture_place place;

	(void) request;
	PS_TRY(find_place(model, cells, &place, error));
	answer->null = false;
	answer->number = (double) (place.best + 1);
	if (question == PS_ASK_SECOND_CLUSTER)
	{
		answer->null = place.next == place.best;
		answer->number = (double) (place.next + 1);
	}
	else if (question == PS_ASK_CLUSTER_DISTANCE)
		answer->number = sqrt(distance_of(&model->mixture, place.best, place.x, place.standard));
	else if (question == PS_ASK_UNLIKE)
	{
		answer->null = isnan(model->unlike_below);
		answer->number = place.total < model->unlike_below ? 1 : 0;
	}
	else if (question == PS_ASK_CLUSTERS)
	{
		double	   *numbers;

		PS_TRY(ps_alloc(env, model->mixture.k, sizeof(double), &numbers, error));
		for (size_t c = 0; c < model->mixture.k; c++)
			numbers[c] = exp(place.logs[c] - place.total);
		answer->count = model->mixture.k;
		answer->numbers = numbers;
	}
	return PS_OK;
}

/*
 * Add factor times what each column adds to the squared distance from a
 * cluster, z_j (C^-1 z)_j, where z is the row minus the mean.
 */
static void
add_distance_parts(const gaussian_mixture_model *model, size_t c, double factor, mixture_place *place,
				   double *contributions)
{
	const ps_mixture *of = &model->mixture;
	const double *inverse = of->factor + c * of->stride;

	distance_of(of, c, place->x, place->standard);
	for (size_t j = 0; j < of->width; j++)
	{
		double		gradient = 0;

		for (size_t i = j; ps_covariance_is_matrix(of->form) && i < of->width; i++)
			gradient += inverse[i * of->padded + j] * place->standard[i];
		if (!ps_covariance_is_matrix(of->form))
			gradient = inverse[j] * place->standard[j];
		contributions[model->encoder->origin[j]] += factor * gradient * (place->x[j] - of->mean[c * of->padded + j]);
	}
}

/*
 * Contributions to how much likelier the cluster is than the next one, as the
 * logarithm of the ratio of their probabilities; the baseline is that of their
 * shares and sizes.  A single cluster has nothing to be told from: all is 0.
 */
static ps_status
gaussian_mixture_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
						 double *contributions, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	const double *constant = model->mixture.constant;
	mixture_place place;

	(void) env;
	PS_TRY(find_place(model, cells, &place, error));
	if (place.next == place.best)
		return PS_OK;
	*baseline += constant[place.best] - constant[place.next];
	add_distance_parts(model, place.next, 0.5, &place, contributions);
	add_distance_parts(model, place.best, -0.5, &place, contributions);
	return PS_OK;
}

/* Loss: minus the mean log likelihood of a row, in the data's units. */
static ps_status
gaussian_mixture_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
						  ps_value *metrics, double *loss, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	size_t		rows = ps_frame_rows(frame);
	double		total = 0;
	double		weights = 0;
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < rows; row++)
	{
		mixture_place place;

		ps_frame_row(frame, row, cells);
		PS_TRY(find_place(model, cells, &place, error));
		total += ps_frame_weight(frame, row) * (place.total + ps_encode_log_slope(model->encoder, cells));
		weights += ps_frame_weight(frame, row);
		if (row % 16 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	if (!(weights > 0))
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to evaluate on");
	*loss = -total / weights;
	PS_TRY(ps_value_set_number(env, metrics, "rows", (double) rows, error));
	PS_TRY(ps_value_set_number(env, metrics, "log_likelihood", total, error));
	PS_TRY(ps_value_set_number(env, metrics, "mean_log_likelihood", -*loss, error));
	return ps_cluster_measure(env, frame, &(ps_clustering) {model->encoder, gaussian_mixture_answer, model}, model->mixture.k,
							  metrics, error);
}

static const ps_option gaussian_mixture_options[] = {
	{"k", PS_OPTION_INTEGER, NAN, 1, PS_MIXTURE_CLUSTERS, NULL, "Number of clusters; without it, from k_min to k_max as the BIC says."},
	{"k_min", PS_OPTION_INTEGER, 1, 1, PS_MIXTURE_CLUSTERS, NULL, "Fewest clusters tried where k is not given."},
	{"k_max", PS_OPTION_INTEGER, 10, 1, PS_MIXTURE_CLUSTERS, NULL, "Most clusters tried where k is not given."},
	{"covariance", PS_OPTION_TEXT, NAN, 0, 0, "auto full tied stretched diagonal spherical", "Shape of the clusters; auto: as the BIC says."},
	{"regularisation", PS_OPTION_NUMBER, 1e-4, 1e-9, 1, NULL, "What is added to the variance of a number in each cluster, as a part of its variance over all."},
	PS_ENCODE_TRANSFORM,
	{"iterations", PS_OPTION_INTEGER, 300, 1, 100000, NULL, "Passes over the rows at most."},
	{"starts", PS_OPTION_INTEGER, 2, 1, 1000, NULL, "Random starts of each candidate on a sample of up to about 16,000 rows."},
	{0}
};

const ps_learner ps_learner_gaussian_mixture = {
	.name = "gaussian_mixture",
	.kind = "cluster",
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_CLUSTER | 1u << PS_ASK_CLUSTERS |
		1u << PS_ASK_CLUSTER_DISTANCE | 1u << PS_ASK_SECOND_CLUSTER | 1u << PS_ASK_UNLIKE,
	.comparison = PS_COMPARE_NEVER,
	.options = gaussian_mixture_options,
	.choose = ps_choose_features,
	.fit = gaussian_mixture_learn,
	.load = gaussian_mixture_load,
	.answer = gaussian_mixture_answer,
	.evaluate = gaussian_mixture_evaluate,
	.explain = gaussian_mixture_explain
};
