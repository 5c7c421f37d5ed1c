/*-------------------------------------------------------------------------
 *
 * ps_covariates.c
 *	  Covariates of purchase models: fit, and parameters of a row.
 *
 * Rows with the same columns have the same parameters, so the law's own
 * accumulate() serves each set of them; the derivatives in the coefficients
 * follow by the chain rule.  With theta_i = theta + signs z'g, and the law's
 * gradient d and Hessian H at theta_i,
 *		d/dg_a = z_a s_a'd,		d2/dg_a dtheta = z_a H s_a,		d2/dg_a dg_b = z_a z_b s_a'H s_b,
 * s_a being the signs of the part that a belongs to.
 *
 * Numbers are fitted as distances from their means in standard deviations,
 * 0/1 columns of texts in standard deviations, so that theta are the parameters
 * "at_means".
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_covariates.h"
#include "ps_dense.h"
#include "ps_linear_model.h"
#include "ps_parameters.h"
#include "ps_random.h"
#include "ps_sort.h"
#include "ps_special.h"

#define DEPENDENT 1e-10			/* 1 - R^2 of a column on those before it */
#define POLL_ROWS 4096
#define SAMPLE_PENALTY 1.0
#define VALUE_LIMIT 1e100		/* parameters stay between this and its inverse */

static const char *const part_names[PS_PURCHASE_PARTS] = {"purchase", "lifetime"};
static const char *const option_names[PS_PURCHASE_PARTS] = {"purchase_covariates", "lifetime_covariates"};

/* Tell whether a list, which may be NULL, has a text. */
static bool
list_has(const ps_value *list, const char *text)
{
	for (size_t i = 0; list != NULL && i < list->count; i++)
	{
		if (strcmp(list->items[i]->text, text) == 0)
			return true;
	}
	return false;
}

bool
ps_covariates_asked(const ps_value *options)
{
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
	{
		const ps_value *list = ps_value_get(options, option_names[part]);

		if (list != NULL && list->count > 0)
			return true;
	}
	return false;
}

/* Refuse a name that is none of the columns. */
static ps_status
check_names(const ps_value *options, const char *option, const ps_column *columns, size_t n, ps_error *error)
{
	const ps_value *list = ps_value_get(options, option);

	for (size_t i = 0; list != NULL && i < list->count; i++)
	{
		const char *name = list->items[i]->text;
		size_t		j = 0;

		while (j < n && strcmp(columns[j].name, name) != 0)
			j++;
		if (j == n)
			return ps_fail_column(error, PS_MISSING_COLUMN, name,
								  "option \"%s\" names column \"%s\", which is not among the columns to learn from",
								  option, name);
	}
	return PS_OK;
}

ps_status
ps_covariates_choose(const ps_value *options, const ps_purchase_law *law, const ps_column *columns, size_t n,
					 size_t *features, size_t *nfeatures, ps_error *error)
{
	size_t		behaviour = *nfeatures;

	if (!ps_covariates_asked(options))
		return PS_OK;
	if (law->covariate_signs[0] == NULL)
		return ps_fail(error, PS_INVALID_OPTION, "%s takes no covariates", law->method);
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
		PS_TRY(check_names(options, option_names[part], columns, n, error));
	for (size_t i = 0; i < n; i++)
	{
		ps_type		type = columns[i].type;

		if (!list_has(ps_value_get(options, option_names[0]), columns[i].name) &&
			!list_has(ps_value_get(options, option_names[1]), columns[i].name))
			continue;
		if (type != PS_TYPE_NUMBER && type != PS_TYPE_BOOLEAN && type != PS_TYPE_TEXT && type != PS_TYPE_INTERVAL)
			return ps_fail_column(error, PS_WRONG_TYPE, columns[i].name,
								  "column \"%s\" is of type %s, but covariates are numbers, booleans, intervals or texts",
								  columns[i].name, ps_type_name(type));
		for (size_t j = 0; j < behaviour; j++)
		{
			if (features[j] == i)
				return ps_fail_column(error, PS_INVALID_OPTION, columns[i].name,
									  "column \"%s\" is a covariate and the purchase behaviour itself", columns[i].name);
		}
		features[(*nfeatures)++] = i;
	}
	return PS_OK;
}

ps_status
ps_covariates_begin(const ps_env *env, const ps_frame *frame, size_t first, const ps_value *options,
					ps_covariates **out, ps_value *notes, ps_error *error)
{
	ps_covariates *c;
	ps_frame   *selected;
	size_t		ncolumns = ps_frame_columns(frame) - first;
	size_t	   *columns;
	size_t		cells;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*c), &c, error));
	PS_TRY(ps_alloc(env, ncolumns, sizeof(*columns), &columns, error));
	PS_TRY(ps_alloc_zero(env, ncolumns, sizeof(*c->cells), &c->cells, error));
	for (size_t i = 0; i < ncolumns; i++)
		columns[i] = first + i;
	PS_TRY(ps_frame_select(env, frame, columns, ncolumns, NULL, true, &selected, error));
	c->frame = selected;
	c->penalty = ps_value_number_or(options, "penalty", 0);
	PS_TRY(ps_encode_fit(env, selected, options, true, &c->encoder, notes, error));
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
		for (size_t j = 0; j < c->encoder->width; j++)
		{
			const char *name;
			const char *level;

			ps_encode_term(c->encoder, j, &name, &level);
			if (!list_has(ps_value_get(options, option_names[part]), name))
				continue;
			if (c->n == PS_NEWTON_MAX - PS_PURCHASE_PARAMETERS)
			{
				ps_fail(error, PS_INVALID_OPTION, "the covariates need more than %d coefficients, the most there can be",
						(int64_t) c->n);
				return ps_hint(error, "A text has one for each level but the first: put levels together, or name fewer columns.");
			}
			c->terms[c->n++] = (ps_covariate) {j, part};
		}
	if (!ps_size_multiply(ps_frame_rows(frame), c->encoder->width, &cells))
		cells = SIZE_MAX;		/* more than there is: ps_alloc says so */
	PS_TRY(ps_alloc(env, cells, sizeof(double), &c->design, error));
	*out = c;
	return PS_OK;
}

/* Tell whether a design column is a number, as opposed to a yes-or-no column of a text or of NULL. */
static bool
is_number(const ps_encoder *encoder, size_t column)
{
	const char *name;
	const char *level;

	return ps_encode_term(encoder, column, &name, &level) == PS_ENCODE_VALUE;
}

ps_status
ps_covariates_read(ps_covariates *c, size_t row, size_t place, ps_error *error)
{
	const ps_encoder *encoder = c->encoder;
	double	   *z = c->design + place * encoder->width;

	ps_frame_row(c->frame, row, c->cells);
	PS_TRY(ps_encode_row(encoder, c->cells, z, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		if (!is_number(encoder, j))
			z[j] += encoder->mean[j] / encoder->scale[j];
	}
	return PS_OK;
}

ps_status
ps_covariates_reduce(const ps_env *env, ps_covariates *c, const ps_purchase_group *rows, size_t n, ps_value *notes,
					 ps_error *error)
{
	size_t		width = c->encoder->width;
	int			kept = 0;

	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
	{
		double		gram[PS_NEWTON_MAX * PS_NEWTON_MAX] = {0};
		size_t		columns[PS_NEWTON_MAX];
		bool		dependent[PS_NEWTON_MAX];
		size_t		size = 1,	/* the first is 1 in all rows */
					rank;

		for (int i = 0; i < c->n; i++)
		{
			if (c->terms[i].part == part)
				columns[size++] = c->terms[i].column;
		}
		for (size_t row = 0; row < n; row++)
		{
			const double *z = c->design + row * width;

			if (row % POLL_ROWS == 0)
				PS_TRY(ps_poll(env, 0, error));
			for (size_t i = 0; i < size; i++)
				for (size_t j = 0; j <= i; j++)
					gram[i * size + j] += rows[row].weight * (i == 0 ? 1 : z[columns[i]]) * (j == 0 ? 1 : z[columns[j]]);
		}
		PS_TRY(ps_cholesky(env, gram, size, DEPENDENT, dependent, &rank, error));
		for (size_t i = 1; i < size; i++)
		{
			char		text[200];

			if (!dependent[i])
			{
				c->terms[kept++] = (ps_covariate) {columns[i], part};
				continue;
			}
			ps_encode_term_text(c->encoder, columns[i], text, sizeof(text));
			PS_TRY(ps_note(env, notes, error, "column %s of \"%s\" is constant or a linear combination of columns "
						   "before it: its coefficient is 0", text, option_names[part]));
		}
	}
	c->n = kept;
	return PS_OK;
}

/* A row to be sorted: equal ones become neighbours. */
typedef struct sorted_row
{
	uint64_t	hash;			/* of the design */
	const double *z;
	ps_purchase_group group;
} sorted_row;

static int
compare_rows(const void *left, const void *right)
{
	const sorted_row *a = left;
	const sorted_row *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->group.frequency != b->group.frequency)
		return a->group.frequency < b->group.frequency ? -1 : 1;
	if (a->group.recency != b->group.recency)
		return a->group.recency < b->group.recency ? -1 : 1;
	return (a->group.tenure > b->group.tenure) - (a->group.tenure < b->group.tenure);
}

typedef struct learning
{
	const ps_purchase_law *law;
	const ps_covariates *covariates;
	const ps_purchase_group *groups;
	const double **z;			/* of each group; the same pointer in a set */
	size_t		n;
} learning;

/* Put equal rows together as groups, those of one set of columns next to each other. */
static ps_status
put_together(const ps_env *env, const ps_covariates *c, const ps_purchase_group *rows, size_t n, learning *out,
			 ps_error *error)
{
	size_t		width = c->encoder->width;
	sorted_row *sorted;
	ps_purchase_group *groups;

	PS_TRY(ps_alloc(env, n, sizeof(*sorted), &sorted, error));
	for (size_t i = 0; i < n; i++)
	{
		const double *z = c->design + i * width;

		if (i % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		sorted[i] = (sorted_row) {ps_hash_bytes(0, z, width * sizeof(double)), z, rows[i]};
	}
	PS_TRY(ps_sort(env, sorted, n, sizeof(*sorted), compare_rows, error));
	PS_TRY(ps_alloc(env, n, sizeof(*groups), &groups, error));
	PS_TRY(ps_alloc(env, n, sizeof(*out->z), &out->z, error));
	out->groups = groups;
	out->n = 0;
	for (size_t i = 0; i < n; i++)
	{
		const ps_purchase_group *group = &sorted[i].group;
		ps_purchase_group *last = out->n > 0 ? &groups[out->n - 1] : NULL;
		bool		same = last != NULL && sorted[i].hash == sorted[i - 1].hash &&
			memcmp(sorted[i].z, out->z[out->n - 1], width * sizeof(double)) == 0;

		if (i % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (same && last->frequency == group->frequency && last->recency == group->recency &&
			last->tenure == group->tenure)
		{
			last->weight += group->weight;
			continue;
		}
		out->z[out->n] = same ? out->z[out->n - 1] : sorted[i].z;
		groups[out->n++] = *group;
	}
	ps_release(env, sorted);
	return PS_OK;
}

/* Add what the groups from .. to - 1, all of one z, contribute. */
static void
add_set(const learning *l, size_t from, size_t to, const double *theta, ps_newton_sums *sums)
{
	const ps_covariates *c = l->covariates;
	const double *z = l->z[from];
	double		point[PS_PURCHASE_PARAMETERS],
				along[PS_PURCHASE_PARTS] = {0}, /* s'd */
				turned[PS_PURCHASE_PARTS][PS_PURCHASE_PARAMETERS] = {{0}},	/* H s */
				curved[PS_PURCHASE_PARTS][PS_PURCHASE_PARTS] = {{0}};	/* s'H s */
	ps_newton_sums set;

	/* the law fills no more than its own parameters: clearing the whole would take longer than the work */
	set.value = 0;
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
	{
		point[i] = theta[i];
		set.gradient[i] = 0;
		for (int j = 0; j < PS_PURCHASE_PARAMETERS; j++)
			set.hessian[i][j] = 0;
	}
	for (int a = 0; a < c->n; a++)
	{
		const double *signs = l->law->covariate_signs[c->terms[a].part];

		for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
			point[i] += signs[i] * z[c->terms[a].column] * theta[PS_PURCHASE_PARAMETERS + a];
	}
	l->law->accumulate(l->law, l->groups, from, to, point, &set);

	sums->value += set.value;
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
	{
		sums->gradient[i] += set.gradient[i];
		for (int j = 0; j < PS_PURCHASE_PARAMETERS; j++)
		{
			sums->hessian[i][j] += set.hessian[i][j];
			for (int part = 0; part < PS_PURCHASE_PARTS; part++)
				turned[part][i] += set.hessian[i][j] * l->law->covariate_signs[part][j];
		}
	}
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
		for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		{
			along[part] += l->law->covariate_signs[part][i] * set.gradient[i];
			for (int other = 0; other < PS_PURCHASE_PARTS; other++)
				curved[part][other] += l->law->covariate_signs[other][i] * turned[part][i];
		}
	for (int a = 0; a < c->n; a++)
	{
		int			part = c->terms[a].part;
		double		za = z[c->terms[a].column],
				   *row = sums->hessian[PS_PURCHASE_PARAMETERS + a];

		sums->gradient[PS_PURCHASE_PARAMETERS + a] += za * along[part];
		for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
			row[i] += za * turned[part][i];
		for (int b = 0; b <= a; b++)
			row[PS_PURCHASE_PARAMETERS + b] += za * z[c->terms[b].column] * curved[part][c->terms[b].part];
	}
}

/* The objective of the fit. */
static ps_status
likelihood(const ps_env *env, const void *data, const double *theta, ps_newton_sums *sums, ps_error *error)
{
	const learning *l = data;
	int			n = PS_PURCHASE_PARAMETERS + l->covariates->n;
	size_t		set_work = 4 + (size_t) (n * n) / 64;	/* in groups */

	for (size_t from = 0; from < l->n;)
	{
		ps_newton_sums block = {0};

		PS_TRY(ps_poll(env, (double) from / (double) l->n, error));
		for (size_t work = 0; from < l->n && work < l->law->block;)
		{
			size_t		to = from + 1;

			while (to < l->n && l->z[to] == l->z[from] && to - from < l->law->block)
				to++;
			add_set(l, from, to, theta, &block);
			work += to - from + set_work;
			from = to;
		}
		ps_newton_merge(sums, &block);
	}
	for (int i = PS_PURCHASE_PARAMETERS; i < n; i++)
	{
		sums->value -= l->covariates->penalty / 2 * theta[i] * theta[i];
		sums->gradient[i] -= l->covariates->penalty * theta[i];
		sums->hessian[i][i] -= l->covariates->penalty;
		for (int j = 0; j < i; j++)
			sums->hessian[j][i] = sums->hessian[i][j];
	}
	return PS_OK;
}

ps_status
ps_covariates_maximise(const ps_env *env, const ps_purchase_law *law, const ps_purchase_group *rows, size_t n,
					   ps_covariates *c, const double (*starts)[PS_NEWTON_MAX], int nstarts, size_t *groups,
					   ps_error *error)
{
	learning	all = {law, c, NULL, NULL, 0},
				part = {law, NULL, NULL, NULL, 0};
	ps_purchase_group *sample = NULL;
	double		start[1][PS_NEWTON_MAX];

	PS_TRY(put_together(env, c, rows, n, &all, error));
	PS_TRY(ps_purchase_sample(env, all.groups, all.z, c->encoder->width, all.n, &sample, &part.z, &part.n, error));
	if (part.n > 0)
	{
		ps_covariates held = *c;	/* so that columns rare in the sample stay where they are */
		ps_newton_result near;

		held.penalty = fmax(c->penalty, SAMPLE_PENALTY);
		part.covariates = &held;
		part.groups = sample;
		PS_TRY(ps_newton_maximise(env, likelihood, &part, PS_PURCHASE_PARAMETERS + c->n, starts, nstarts, &near, error));
		memcpy(start[0], near.theta, sizeof(start[0]));
		starts = (const double (*)[PS_NEWTON_MAX]) start;
		nstarts = 1;
	}
	ps_release(env, sample);
	ps_release(env, part.z);
	PS_TRY(ps_newton_maximise(env, likelihood, &all, PS_PURCHASE_PARAMETERS + c->n, starts, nstarts, &c->result, error));
	for (int i = PS_PURCHASE_PARAMETERS; i < PS_PURCHASE_PARAMETERS + c->n; i++)
		c->result.value += c->penalty / 2 * c->result.theta[i] * c->result.theta[i];
	*groups = all.n;
	return PS_OK;
}

/* Move the law's parameters in fit from the means of the columns to 0, with their errors but not their covariance. */
static void
move_to_zero(const ps_purchase_law *law, const ps_covariates *c, ps_fit *fit)
{
	int			n = PS_PURCHASE_PARAMETERS + c->n;

	fit->has_covariance = false;
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
	{
		double		slope[PS_NEWTON_MAX] = {0}, /* of the log parameter at 0 in theta */
					shift = 0,
					variance = 0;

		slope[i] = 1;
		for (int a = 0; a < c->n; a++)
		{
			size_t		column = c->terms[a].column;
			double		zero = is_number(c->encoder, column) ? -c->encoder->mean[column] / c->encoder->scale[column] : 0;

			slope[PS_PURCHASE_PARAMETERS + a] = law->covariate_signs[c->terms[a].part][i] * zero;
			shift += slope[PS_PURCHASE_PARAMETERS + a] * c->result.theta[PS_PURCHASE_PARAMETERS + a];
		}
		for (int a = 0; a < n; a++)
			for (int b = 0; b < n; b++)
				variance += slope[a] * slope[b] * c->result.covariance[a][b];
		fit->values[i] *= exp(shift);
		if (!(fit->values[i] <= VALUE_LIMIT && fit->values[i] >= 1 / VALUE_LIMIT))
			fit->values[i] = NAN;
		fit->standard_errors[i] = fit->status == PS_FIT_CONVERGED && c->penalty == 0 ?
			fit->values[i] * sqrt(variance) : NAN;
	}
}

/* Store the columns and terms of a part. */
static ps_status
save_part(const ps_env *env, const ps_covariates *c, int part, const ps_value *columns, bool inference,
		  ps_value *object, ps_error *error)
{
	ps_value   *saved,
			   *list;

	PS_TRY(ps_value_set_object(env, object, part_names[part], &saved, error));
	PS_TRY(ps_value_set_list(env, saved, "columns", &list, error));
	for (size_t i = 0; i < columns->count; i++)
		PS_TRY(ps_value_append_text(env, list, columns->items[i]->text, error));
	PS_TRY(ps_value_set_list(env, saved, "terms", &list, error));
	for (size_t j = 0; j < c->encoder->width; j++)
	{
		const char *name;
		const char *level;
		double		coefficient = 0,
					variance = 0;

		ps_encode_term(c->encoder, j, &name, &level);
		if (!list_has(columns, name))
			continue;
		for (int a = 0; a < c->n; a++)
		{
			int			i = PS_PURCHASE_PARAMETERS + a;

			if (c->terms[a].column != j || c->terms[a].part != part)
				continue;
			coefficient = c->result.theta[i] / c->encoder->scale[j];
			variance = inference ? c->result.covariance[i][i] / (c->encoder->scale[j] * c->encoder->scale[j]) : 0;
		}
		PS_TRY(ps_linear_model_save_term(env, list, c->encoder, j, coefficient, variance,
										 &(ps_inference) {NULL, INFINITY, NULL}, error));
	}
	return PS_OK;
}

ps_status
ps_covariates_save(const ps_env *env, const ps_purchase_law *law, const ps_covariates *c, const ps_value *options,
				   ps_fit *fit, ps_value *parameters, ps_error *error)
{
	bool		converged = fit->status == PS_FIT_CONVERGED;
	double		chi_squared = fmax(2 * (fit->log_likelihood - c->without), 0);
	ps_value   *object,
			   *saved;

	PS_TRY(ps_value_set_object(env, parameters, "covariates", &object, error));
	PS_TRY(ps_value_set_object(env, object, "at_means", &saved, error));
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		PS_TRY(ps_value_set_number(env, saved, law->names[i], fit->values[i], error));
	move_to_zero(law, c, fit);
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
	{
		const ps_value *columns = ps_value_get(options, option_names[part]);

		if (columns != NULL && columns->count > 0)
			PS_TRY(save_part(env, c, part, columns, converged && c->penalty == 0, object, error));
	}
	PS_TRY(ps_value_set_number(env, object, "log_likelihood_without", c->without, error));
	if (c->penalty > 0)
	{
		PS_TRY(ps_value_set_number(env, object, "penalty", c->penalty, error));
		PS_TRY(ps_value_set_text(env, object, "no_standard_errors", "the coefficients are penalised", error));
	}
	else if (c->n > 0)
	{
		PS_TRY(ps_value_set_number(env, object, "chi_squared", chi_squared, error));
		PS_TRY(ps_value_set_number(env, object, "degrees_of_freedom", c->n, error));
		PS_TRY(ps_value_set_number(env, object, "p", ps_chi_squared_tail(chi_squared, c->n), error));
	}
	PS_TRY(ps_value_set_object(env, object, "encoder", &saved, error));
	return ps_encode_save(env, c->encoder, saved, error);
}

/* Read the coefficients of a part; those of other columns are 0. */
static ps_status
load_part(const ps_env *env, const ps_value *object, int part, const ps_encoder *encoder, double **out, ps_error *error)
{
	const ps_value *saved,
			   *columns,
			   *terms;
	size_t		next = 0;

	PS_TRY(ps_alloc_zero(env, encoder->width, sizeof(double), out, error));
	if (ps_value_get(object, part_names[part]) == NULL)
		return PS_OK;
	PS_TRY(ps_value_need(object, part_names[part], PS_OBJECT, &saved, error));
	PS_TRY(ps_value_need(saved, "columns", PS_LIST, &columns, error));
	PS_TRY(ps_value_need(saved, "terms", PS_LIST, &terms, error));
	for (size_t i = 0; i < columns->count; i++)
	{
		if (columns->items[i]->type != PS_STRING)
			return ps_fail(error, PS_CORRUPT, "a column of the covariates is not text");
	}
	for (size_t j = 0; j < encoder->width; j++)
	{
		const char *name;
		const char *level;

		ps_encode_term(encoder, j, &name, &level);
		if (!list_has(columns, name))
			continue;
		if (next == terms->count || terms->items[next]->type != PS_OBJECT)
			return ps_fail(error, PS_CORRUPT, "there is no term for column \"%s\"", name);
		PS_TRY(ps_value_need_number(terms->items[next++], "coefficient", &(*out)[j], error));
	}
	return next == terms->count ? PS_OK : ps_fail(error, PS_CORRUPT, "there are %d terms for %d columns",
												  (int64_t) terms->count, (int64_t) next);
}

ps_status
ps_covariates_load(const ps_env *env, const ps_value *object, const ps_purchase_law *law, const ps_input *inputs,
				   size_t ninputs, size_t first, ps_covariates_reader **out, double *values, ps_error *error)
{
	ps_covariates_reader *reader;
	const ps_value *saved;

	if (law->covariate_signs[0] == NULL || first >= ninputs)
		return ps_fail(error, PS_CORRUPT, "the model has covariates where there can be none");
	PS_TRY(ps_alloc_zero(env, 1, sizeof(*reader), &reader, error));
	reader->first = first;
	PS_TRY(ps_value_need(object, "at_means", PS_OBJECT, &saved, error));
	PS_TRY(ps_parameters_load(saved, law->names, PS_PURCHASE_PARAMETERS, NULL, 0, values, error));
	PS_TRY(ps_value_need(object, "encoder", PS_OBJECT, &saved, error));
	PS_TRY(ps_encode_load(env, saved, inputs + first, ninputs - first, &reader->encoder, error));
	if (!reader->encoder->reference_dropped)
		return ps_fail(error, PS_CORRUPT, "the encoder keeps reference levels");
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
		PS_TRY(load_part(env, object, part, reader->encoder, &reader->coefficients[part], error));
	*out = reader;
	return PS_OK;
}

ps_status
ps_covariates_apply(const ps_covariates_reader *reader, const ps_cell *cells, ps_purchase *model, ps_error *error)
{
	for (int part = 0; part < PS_PURCHASE_PARTS; part++)
	{
		double		sum;

		PS_TRY(ps_encode_dot(reader->encoder, cells + reader->first, reader->coefficients[part], &sum, error));
		if (isnan(sum))
			return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
		for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		{
			double		sign = model->law->covariate_signs[part][i];

			if (sign != 0)
				model->values[i] = fmin(fmax(model->values[i] * exp(sign * sum), 1 / VALUE_LIMIT), VALUE_LIMIT);
		}
	}
	return PS_OK;
}
