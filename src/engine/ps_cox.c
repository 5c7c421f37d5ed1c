/*-------------------------------------------------------------------------
 *
 * ps_cox.c
 *	  The method cox: proportional hazards.
 *
 * The hazard of a contract at time t is h0(t) exp(x'beta), with a baseline h0 of
 * any shape, one for each stratum.  beta maximises the partial likelihood (Cox 1972),
 * in which each contract that ends is set against all those at risk at its time.
 * Contracts that end at the same time are treated by Efron's method (1977), the
 * default, or Breslow's (1974).  With weights, the d contracts that end together share
 * their weight evenly in Efron's terms, as in R's survival package.
 *
 * A pass goes through the rows of each stratum from the longest duration to
 * the shortest and keeps the sums over those at risk of r and r x, r =
 * weight exp(x'beta); those that enter later are taken out again in the order
 * of their entries.  It takes a time proportional to the rows, whatever the ties:
 * the d terms of one time differ only in a fraction c of the sums of those that end,
 *		sum of log(S0 - c D0),
 * and their derivatives are sums of 1/(S0 - c D0), c/(S0 - c D0) and so on
 * times S1, D1, and the sums of r x x'.  The latter are not kept: over all times
 * they are a sum over the rows of x x' times the ends expected of the row, r times
 * the hazard that it was exposed to, and the gradient is the sum of x
 * times ends that were not expected (martingale residuals; Therneau and Grambsch 2000,
 * Modeling Survival Data, 4.2).
 *
 * The main number, PS_ASK_SCORE, is the log of the hazard relative to that of
 * a contract with all columns at their means in training, which is what
 * explain() explains.
 *
 * The test of proportional hazards is that of Grambsch and Therneau (1994) for each
 * coefficient: whether scaled Schoenfeld residuals are correlated with the rank of time.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_learners.h"
#include "ps_linear_fit.h"
#include "ps_sort.h"
#include "ps_special.h"
#include "ps_step_curve.h"
#include "ps_strata.h"
#include "ps_survival_quality.h"

#define AT_MEANS "log_hazard_at_means"
#define ROWS PS_NEWTON_ROWS
#define FAR 100.0				/* from the largest predictor, from which on risks are computed anew */
#define EXPONENT_MOST 300.0		/* of a relative hazard, which multiplies */

static const ps_option own_options[] = {
	PS_SURVIVAL_DURATION,
	PS_SURVIVAL_ENTRY,
	PS_SURVIVAL_MARGIN,
	PS_SURVIVAL_STRATA,
	{"ties", PS_OPTION_TEXT, NAN, 0, 0, "efron breslow", "How contracts that end at the same time are treated."},
	PS_LINEAR_PENALTIES,
	{"iterations", PS_OPTION_INTEGER, 50, 1, 1000, NULL, "Passes over the rows at most."},
	{0}
};

/* A row in the order of a pass. */
typedef struct cox_row
{
	double		duration;
	size_t		place;			/* among the rows of the frame that take part */
	uint8_t		stratum;
	bool		ended;
} cox_row;

/* A row that comes under observation late. */
typedef struct late_entry
{
	double		entry;
	size_t		index;			/* in the order of a pass */
	uint8_t		stratum;
} late_entry;

/* What a pass finds at one time at which contracts ended. */
typedef struct cox_time
{
	double		time;
	double		at_risk;		/* weights */
	double		ended;
	double		hazard;			/* that those at risk are exposed to; times exp(reference) */
	double		spared;			/* the part of it from which those that end are spared, by Efron */
	double		rank;			/* the mean rank of its ends among all, less that of all */
	uint8_t		stratum;
} cox_time;

typedef struct cox_data
{
	bool		efron;
	size_t		n;
	size_t		width;
	size_t		padded;			/* width rounded up to a multiple of 4 */
	cox_row    *rows;			/* by stratum, then duration descending */
	double	   *design;			/* n x width, in the order of rows */
	double	   *weights;		/* n */
	double	   *risks;			/* n: weight exp(x'beta - reference) */
	double	   *expected;		/* n: ends, by the hazard */
	late_entry *entries;		/* by stratum, then entry descending */
	size_t		nentries;
	double	   *s1;				/* width: sums over those at risk */
	double	   *d1;				/* over those that end at one time */

	/* of tiles */
	const ps_kernels *kernels;
	double	   *tile;			/* padded x ROWS */
	double	   *scratch;
	double	   *beta;			/* padded */
	double	   *gradient;		/* padded */
	double	   *gram;			/* padded x padded, lower triangle */

	/* filled by a pass */
	cox_time   *times;			/* by stratum, then descending */
	size_t		ntimes;
	double		reference;		/* near the largest predictor, which exp() could not take */
	double		largest;		/* predictor */
	double	   *rank_sums;		/* when not NULL: sums of Schoenfeld's residuals times ranks, width */
} cox_data;

/* The sums over the d terms of one time. */
typedef struct tie_sums
{
	double		logs;			/* log(S0 - c D0) */
	double		inverse;		/* 1 / (S0 - c D0) */
	double		inverse_c;		/* c / ... */
	double		square;			/* 1 / (S0 - c D0)^2 */
	double		square_c;
	double		square_cc;
} tie_sums;

static tie_sums
sum_ties(double s0, double d0, size_t d, bool efron)
{
	tie_sums	t = {0};

	if (!efron)
		return (tie_sums) {(double) d * log(s0), (double) d / s0, 0, (double) d / s0 / s0, 0, 0};
	for (size_t l = 0; l < d; l++)
	{
		double		c = (double) l / (double) d;
		double		inverse = 1 / (s0 - c * d0);

		t.logs -= log(inverse);
		t.inverse += inverse;
		t.inverse_c += c * inverse;
		t.square += inverse * inverse;
		t.square_c += c * inverse * inverse;
		t.square_cc += c * c * inverse * inverse;
	}
	return t;
}

/* Add a row, or with factor -1 take it out again, to the sums over those at risk. */
static void
add_risk(cox_data *data, size_t row, double factor, double *s0, double *weight, bool with_vectors)
{
	const double *x = data->design + row * data->width;
	double		risk = factor * data->risks[row];

	*s0 += risk;
	*weight += factor * data->weights[row];
	for (size_t j = 0; with_vectors && j < data->width; j++)
		data->s1[j] += risk * x[j];
}

/*
 * Add one time at which rows from .. to - 1 leave, of which some end: its part of the value, of the
 * products of sums in the Gram matrix, and of the sums for the test of proportionality.
 */
static void
add_time(cox_data *data, double *value, size_t from, size_t to, double s0, double at_risk, bool with_gram)
{
	size_t		width = data->width;
	bool		with_vectors = with_gram || data->rank_sums != NULL;
	size_t		d = 0;
	double		d0 = 0;
	double		ended = 0;
	double		mean_weight;
	cox_time   *time = &data->times[data->ntimes];
	tie_sums	t;

	memset(data->d1, 0, width * sizeof(double));
	for (size_t i = from; i < to; i++)
	{
		const double *x = data->design + i * width;

		if (!data->rows[i].ended)
			continue;
		d++;
		d0 += data->risks[i];
		ended += data->weights[i];
		for (size_t j = 0; with_vectors && j < width; j++)
			data->d1[j] += data->risks[i] * x[j];
		for (size_t j = 0; data->rank_sums != NULL && j < width; j++)
			data->rank_sums[j] += time->rank * data->weights[i] * x[j];
	}
	if (d == 0)
		return;
	t = sum_ties(s0, d0, d, data->efron);
	mean_weight = ended / (double) d;
	*value -= mean_weight * t.logs + ended * data->reference;
	time->time = data->rows[from].duration;
	time->at_risk = at_risk;
	time->ended = ended;
	time->hazard = mean_weight * t.inverse;
	time->spared = mean_weight * t.inverse_c;
	time->stratum = data->rows[from].stratum;
	data->ntimes++;
	for (size_t a = 0; with_vectors && a < width; a++)
	{
		double	   *gram = data->gram + a * data->padded;
		double		s = mean_weight * (t.square * data->s1[a] - t.square_c * data->d1[a]);
		double		e = mean_weight * (t.square_cc * data->d1[a] - t.square_c * data->s1[a]);

		for (size_t b = 0; with_gram && b <= a; b++)
			gram[b] -= s * data->s1[b] + e * data->d1[b];
		if (data->rank_sums != NULL)
			data->rank_sums[a] -= time->rank * mean_weight * (t.inverse * data->s1[a] - t.inverse_c * data->d1[a]);
	}
}

/* Put the design columns of rows from first on into the tile, and return how many rows these are. */
static size_t
load_tile(cox_data *data, size_t first)
{
	size_t		count = data->n - first < ROWS ? data->n - first : ROWS;
	const double *x = data->design + first * data->width;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < data->width; j++)
			data->tile[j * ROWS + i] = *x++;
	return count;
}

/* Find the risks of rows from first on, as many as a tile has, and add the predictors of those that ended to the value. */
static void
find_risks(cox_data *data, size_t first, double *value)
{
	size_t		count = load_tile(data, first);
	double		predictor[ROWS];

	data->kernels->predict_tile(data->tile, data->padded, data->beta, predictor);
	for (size_t i = 0; i < count; i++)
	{
		double		weight = data->weights[first + i];

		data->risks[first + i] = weight * exp(predictor[i] - data->reference);
		data->largest = fmax(data->largest, predictor[i]);
		*value += data->rows[first + i].ended ? weight * predictor[i] : 0;
	}
}

/* Go through all times. */
static ps_status
take_times(cox_data *data, const ps_env *env, double *value, bool with_gram, ps_error *error)
{
	bool		with_vectors = with_gram || data->rank_sums != NULL;
	size_t		entry = 0;
	double		s0 = 0;
	double		at_risk = 0;

	data->ntimes = 0;
	data->largest = -INFINITY;
	for (size_t from = 0; from < data->n;)
	{
		const cox_row *first = &data->rows[from];
		size_t		to = from;

		if (from == 0 || first[-1].stratum != first->stratum)
		{
			s0 = at_risk = 0;
			memset(data->s1, 0, data->width * sizeof(double));
			while (entry < data->nentries && data->entries[entry].stratum < first->stratum)
				entry++;
		}
		for (; to < data->n && data->rows[to].stratum == first->stratum && data->rows[to].duration == first->duration; to++)
		{
			if (to % ROWS == 0)
			{
				PS_TRY(ps_poll(env, 0, error));
				find_risks(data, to, value);
			}
			add_risk(data, to, 1, &s0, &at_risk, with_vectors);
		}
		for (; entry < data->nentries && data->entries[entry].stratum == first->stratum &&
			 data->entries[entry].entry >= first->duration; entry++)
			add_risk(data, data->entries[entry].index, -1, &s0, &at_risk, with_vectors);
		add_time(data, value, from, to, s0, at_risk, with_gram);
		from = to;
	}
	return PS_OK;
}

/* Find the ends expected of each row: its risk times the hazards from its entry on and up to its duration. */
static void
expect_ends(cox_data *data)
{
	size_t		k = data->ntimes;
	double		hazard = 0;
	double		spared = 0;		/* at the last of the times, which is that of a row that ended */

	for (size_t i = data->n; i-- > 0;)
	{
		const cox_row *row = &data->rows[i];

		if (i + 1 == data->n || row[1].stratum != row->stratum)
			hazard = 0;
		for (; k > 0 && data->times[k - 1].stratum == row->stratum && data->times[k - 1].time <= row->duration; k--)
		{
			hazard += data->times[k - 1].hazard;
			spared = data->times[k - 1].spared;
		}
		data->expected[i] = data->risks[i] * (row->ended ? hazard - spared : hazard);
	}
	k = data->ntimes;
	for (size_t i = data->nentries; i-- > 0;)
	{
		const late_entry *late = &data->entries[i];

		if (i + 1 == data->nentries || late[1].stratum != late->stratum)
		{
			hazard = 0;
			while (k > 0 && data->times[k - 1].stratum > late->stratum)
				k--;
		}
		for (; k > 0 && data->times[k - 1].stratum == late->stratum && data->times[k - 1].time <= late->entry; k--)
			hazard += data->times[k - 1].hazard;
		data->expected[late->index] = fmax(data->expected[late->index] - data->risks[late->index] * hazard, 0);
	}
}

/* ps_linear_fit.pass: the partial likelihood with its derivatives. */
static ps_status
cox_pass(ps_linear_fit *fit, bool with_gram, ps_error *error)
{
	cox_data   *data = fit->pass_state;
	double		residual[ROWS];
	double		curvature[ROWS];
	double		value;
	size_t		count;

	memcpy(data->beta, fit->beta + 1, data->width * sizeof(double));
	do
	{
		data->reference = data->largest;
		value = 0;
		memset(data->gradient, 0, data->padded * sizeof(double));
		memset(data->gram, 0, data->padded * data->padded * sizeof(double));
		PS_TRY(take_times(data, fit->env, &value, with_gram, error));
	} while (fabs(data->largest - data->reference) > FAR);
	fit->total.value += value;
	expect_ends(data);
	for (size_t first = 0; first < data->n; first += count)
	{
		count = load_tile(data, first);
		for (size_t i = 0; i < ROWS; i++)
		{
			bool		ended = i < count && data->rows[first + i].ended;

			curvature[i] = i < count ? data->expected[first + i] : 0;
			residual[i] = (ended ? data->weights[first + i] : 0) - curvature[i];
		}
		data->kernels->moments_tile(data->tile, data->padded, residual, curvature, with_gram ? data->gram : NULL,
									data->gradient, data->scratch);
		PS_TRY(ps_poll(fit->env, 0, error));
	}
	for (size_t a = 0; a < data->width; a++)
	{
		fit->total.gradient[a + 1] += data->gradient[a];
		for (size_t b = 0; with_gram && b <= a; b++)
			fit->total.gram[(a + 1) * fit->padded + b + 1] += data->gram[a * data->padded + b];
	}
	return PS_OK;
}

/* Make room for what passes need beside the rows and their design. */
static ps_status
prepare_passes(const ps_env *env, cox_data *data, ps_error *error)
{
	size_t		count = 0;		/* of times at which contracts end */
	bool		ended = false;

	for (size_t i = 0; i < data->n; i++)
	{
		if (i > 0 && (data->rows[i].stratum != data->rows[i - 1].stratum || data->rows[i].duration != data->rows[i - 1].duration))
			ended = false;
		count += data->rows[i].ended && !ended;
		ended = ended || data->rows[i].ended;
	}
	data->kernels = ps_kernels_best();
	PS_TRY(ps_alloc_zero(env, count + 1, sizeof(*data->times), &data->times, error));
	PS_TRY(ps_alloc(env, data->n, sizeof(double), &data->risks, error));
	PS_TRY(ps_alloc(env, data->n, sizeof(double), &data->expected, error));
	PS_TRY(ps_alloc(env, data->width, sizeof(double), &data->s1, error));
	PS_TRY(ps_alloc(env, data->width, sizeof(double), &data->d1, error));
	PS_TRY(ps_alloc_zero(env, data->padded * ROWS, sizeof(double), &data->tile, error));
	PS_TRY(ps_alloc(env, data->padded * ROWS, sizeof(double), &data->scratch, error));
	PS_TRY(ps_alloc_zero(env, data->padded, sizeof(double), &data->beta, error));
	PS_TRY(ps_alloc(env, data->padded, sizeof(double), &data->gradient, error));
	PS_TRY(ps_alloc(env, data->padded * data->padded, sizeof(double), &data->gram, error));
	return PS_OK;
}

static int
compare_rows(const void *left, const void *right)
{
	const cox_row *a = left;
	const cox_row *b = right;

	if (a->stratum != b->stratum)
		return a->stratum - b->stratum;
	return (a->duration < b->duration) - (a->duration > b->duration);
}

static int
compare_entries(const void *left, const void *right)
{
	const late_entry *a = left;
	const late_entry *b = right;

	if (a->stratum != b->stratum)
		return a->stratum - b->stratum;
	return (a->entry < b->entry) - (a->entry > b->entry);
}

/* Order rows for passes; their design columns follow in the same order. */
static ps_status
order_rows(const ps_env *env, const ps_survival_row *rows, const uint8_t *members, size_t n, cox_data *data,
		   ps_error *error)
{
	data->n = n;
	PS_TRY(ps_alloc(env, n, sizeof(*data->rows), &data->rows, error));
	PS_TRY(ps_alloc(env, n, sizeof(double), &data->weights, error));
	PS_TRY(ps_alloc(env, n, sizeof(*data->entries), &data->entries, error));
	for (size_t i = 0; i < n; i++)
		data->rows[i] = (cox_row) {rows[i].duration, i, members[i], rows[i].ended};
	PS_TRY(ps_sort(env, data->rows, n, sizeof(*data->rows), compare_rows, error));
	for (size_t i = 0; i < n; i++)
	{
		const ps_survival_row *row = &rows[data->rows[i].place];

		data->weights[i] = row->weight;
		if (row->entry > 0)
			data->entries[data->nentries++] = (late_entry) {row->entry, i, data->rows[i].stratum};
	}
	return ps_sort(env, data->entries, data->nentries, sizeof(*data->entries), compare_entries, error);
}

/* Encode the design columns of the rows, in the order of passes. */
static ps_status
encode_rows(const ps_linear_fit *fit, const ps_survival_row *rows, cox_data *data, ps_error *error)
{
	const ps_env *env = fit->env;
	size_t		width = data->width;
	size_t	   *position;		/* of each of rows in the order of passes */
	double	   *tile;
	size_t		i = 0;

	PS_TRY(ps_alloc(env, data->n, sizeof(*position), &position, error));
	for (size_t at = 0; at < data->n; at++)
		position[data->rows[at].place] = at;
	PS_TRY(ps_alloc(env, width * ROWS + 1, sizeof(double), &tile, error));
	PS_TRY(ps_alloc(env, data->n, width * sizeof(double) + 1, &data->design, error));
	while (i < data->n)
	{
		size_t		start = rows[i].row / ROWS * ROWS;
		size_t		chunk = start / PS_FRAME_CHUNK;
		size_t		in_chunk = start % PS_FRAME_CHUNK;
		size_t		left = ps_frame_chunk_rows(fit->frame, chunk) - in_chunk;
		size_t		count = left < ROWS ? left : ROWS;

		ps_encode_tile(fit->encoding, chunk, in_chunk, count, tile, ROWS);
		for (; i < data->n && rows[i].row < start + count; i++)
			for (size_t j = 0; j < width; j++)
				data->design[position[i] * width + j] = tile[j * ROWS + rows[i].row - start];
		PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, tile);
	ps_release(env, position);
	return PS_OK;
}

/* Write the baselines: for each stratum the cumulative hazard of a contract with all columns at their means. */
static ps_status
save_baselines(const ps_env *env, const cox_data *data, const ps_strata *strata, ps_value *parameters,
			   ps_error *error)
{
	ps_value   *curves;
	size_t		end = 0;
	size_t		row = 0;
	double	   *numbers[4];

	for (int k = 0; k < 4; k++)
		PS_TRY(ps_alloc(env, data->ntimes, sizeof(double), &numbers[k], error));
	PS_TRY(ps_value_set_list(env, parameters, "curves", &curves, error));
	for (size_t s = 0; s < strata->count; s++)
	{
		ps_value   *curve;
		size_t		start = end;
		size_t		count;
		double		sum = 0;
		double		contracts = 0;
		double		longest = data->rows[row].duration;

		for (; row < data->n && data->rows[row].stratum == s; row++)
			contracts += data->weights[row];
		while (end < data->ntimes && data->times[end].stratum == s)
			end++;
		count = end - start;
		if (count > PS_STEP_CURVE_MAX)
			return ps_step_curve_refuse(count, error);
		for (size_t i = 0; i < count; i++)
		{
			const cox_time *at = &data->times[end - 1 - i]; /* they go from the longest to the shortest */

			sum += at->hazard * exp(-data->reference);
			numbers[0][i] = at->time;
			numbers[1][i] = at->at_risk;
			numbers[2][i] = at->ended;
			numbers[3][i] = sum;
		}
		PS_TRY(ps_value_append_object(env, curves, &curve, error));
		PS_TRY(ps_strata_save(env, strata, s, curve, error));
		PS_TRY(ps_value_set_number(env, curve, "contracts", contracts, error));
		PS_TRY(ps_value_set_number(env, curve, "longest", longest, error));
		PS_TRY(ps_value_set_numbers(env, curve, "times", numbers[0], count, error));
		PS_TRY(ps_value_set_numbers(env, curve, "at_risk", numbers[1], count, error));
		PS_TRY(ps_value_set_numbers(env, curve, "ended", numbers[2], count, error));
		PS_TRY(ps_value_set_numbers(env, curve, "cumulative_hazard", numbers[3], count, error));
	}
	for (int k = 0; k < 4; k++)
		ps_release(env, numbers[k]);
	return PS_OK;
}

static int
compare_times(const void *left, const void *right)
{
	const cox_time *a = *(cox_time *const *) left;
	const cox_time *b = *(cox_time *const *) right;

	return (a->time > b->time) - (a->time < b->time);
}

/* Rank the times of ends, of all strata together: *ends are counted by weight, *squares the sum of squared ranks of all ends. */
static ps_status
rank_times(const ps_env *env, cox_data *data, double *ends, double *squares, ps_error *error)
{
	cox_time  **sorted;
	double		below = 0;

	PS_TRY(ps_alloc(env, data->ntimes, sizeof(*sorted), &sorted, error));
	*ends = *squares = 0;
	for (size_t i = 0; i < data->ntimes; i++)
	{
		sorted[i] = &data->times[i];
		*ends += data->times[i].ended;
	}
	PS_TRY(ps_sort(env, sorted, data->ntimes, sizeof(*sorted), compare_times, error));
	for (size_t i = 0; i < data->ntimes;)
	{
		size_t		end = i;
		double		here = 0;

		for (; end < data->ntimes && sorted[end]->time == sorted[i]->time; end++)
			here += sorted[end]->ended;
		for (; i < end; i++)
			sorted[i]->rank = below + 0.5 * here - 0.5 * *ends;
		*squares += here * sorted[end - 1]->rank * sorted[end - 1]->rank;
		below += here;
	}
	ps_release(env, sorted);
	return PS_OK;
}

/*
 * Test each coefficient for proportional hazards: with g the centred ranks of the
 * times of the d contracts that ended, by weight, r their residuals and V the inverse of the information,
 *		d (sum of g (V r)_j)^2 / (V_jj sum of g^2)
 * is chi-squared with one degree of freedom (Grambsch and Therneau 1994).
 * rank_sums are the sums of g r; statistics[width] are NAN for dropped columns.
 */
static ps_status
test_proportionality(const ps_linear_fit *fit, const double *rank_sums, double ends, double squares, double *statistics,
					 ps_error *error)
{
	size_t		width = fit->n - 1;
	double	   *sum;			/* of g V r; the intercept first, as in the factor */
	double	   *unit;

	PS_TRY(ps_alloc_zero(fit->env, fit->n, sizeof(double), &sum, error));
	PS_TRY(ps_alloc(fit->env, fit->n, sizeof(double), &unit, error));
	memcpy(sum + 1, rank_sums, width * sizeof(double));
	ps_cholesky_solve(fit->factor, fit->n, fit->dependent, sum);
	for (size_t j = 0; j < width; j++)
	{
		memset(unit, 0, fit->n * sizeof(double));
		unit[j + 1] = 1;
		ps_cholesky_solve(fit->factor, fit->n, fit->dependent, unit);
		statistics[j] = fit->dropped[j + 1] ? (double) NAN : ends * sum[j + 1] * sum[j + 1] / (unit[j + 1] * squares);
	}
	ps_release(fit->env, sum);
	ps_release(fit->env, unit);
	return PS_OK;
}

/* Write the tests beside the coefficients they are of. */
static ps_status
save_proportionality(const ps_env *env, const double *statistics, const ps_value *terms, ps_error *error)
{
	for (size_t j = 0; j < terms->count; j++)
	{
		if (isnan(statistics[j]))
			continue;
		PS_TRY(ps_value_set_number(env, terms->items[j], "proportionality_chi_squared", statistics[j], error));
		PS_TRY(ps_value_set_number(env, terms->items[j], "proportionality_p", ps_chi_squared_tail(statistics[j], 1), error));
	}
	return PS_OK;
}

/* Write what the whole fit says. */
static ps_status
save_likelihoods(const ps_env *env, const ps_linear_fit *fit, const cox_data *data, double null_likelihood,
				 ps_value *parameters, ps_error *error)
{
	double		statistic = 2 * (fit->value - null_likelihood);
	double		ended = 0;
	ps_value   *test;

	for (size_t i = 0; i < data->ntimes; i++)
		ended += data->times[i].ended;
	PS_TRY(ps_value_set_text(env, parameters, "status", fit->status, error));
	PS_TRY(ps_value_set_text(env, parameters, "ties", data->efron ? "efron" : "breslow", error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", fit->iterations, error));
	PS_TRY(ps_value_set_number(env, parameters, "ended", ended, error));
	PS_TRY(ps_value_set_number(env, parameters, "log_likelihood", fit->value, error));
	PS_TRY(ps_value_set_number(env, parameters, "null_log_likelihood", null_likelihood, error));
	if (fit->no_inference != NULL || fit->rank == 0)
		return PS_OK;
	PS_TRY(ps_value_set_object(env, parameters, "likelihood_ratio", &test, error));
	PS_TRY(ps_value_set_number(env, test, "chi_squared", statistic, error));
	PS_TRY(ps_value_set_number(env, test, "degrees_of_freedom", (double) fit->rank, error));
	return ps_value_set_number(env, test, "p", ps_chi_squared_tail(fmax(statistic, 0), (int) fit->rank), error);
}

static ps_status
learn(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	  ps_error *error)
{
	cox_data	data = {.efron = strcmp(ps_value_text_or(options, "ties", "efron"), "efron") == 0};
	ps_inference inference = {.degrees = INFINITY,.ratio = "hazard_ratio"};
	ps_survival_reader reader;
	ps_survival_row *rows;
	ps_frame   *covariates;
	ps_strata	strata;
	uint8_t    *members;
	size_t		n;
	double	   *statistics;
	double		null_likelihood;
	double		ends;
	double		squares;
	ps_linear_fit fit;

	PS_TRY(ps_survival_save(env, options, parameters, error));
	PS_TRY(ps_survival_open_frame(env, &reader, parameters, frame, error));
	PS_TRY(ps_survival_read(env, &reader, frame, &rows, &n, notes, error));
	PS_TRY(ps_survival_need_ends(rows, n, error));
	PS_TRY(ps_strata_fit(env, &reader, frame, rows, n, &strata, &members, error));
	PS_TRY(ps_survival_covariates(env, &reader, frame, &covariates, error));
	PS_TRY(ps_linear_fit_begin(env, covariates, options, NULL, false, 0, &fit, notes, error));
	data.width = fit.encoder->width;
	data.padded = (data.width + 3) / 4 * 4;
	PS_TRY(order_rows(env, rows, members, n, &data, error));
	PS_TRY(encode_rows(&fit, rows, &data, error));
	ps_release(env, rows);
	ps_release(env, members);
	PS_TRY(prepare_passes(env, &data, error));
	fit.pass = cox_pass;
	fit.pass_state = &data;

	memset(fit.beta, 0, fit.padded * sizeof(double));
	memset(fit.total.gradient, 0, fit.padded * sizeof(double));
	fit.total.value = 0;
	PS_TRY(cox_pass(&fit, false, error));
	null_likelihood = fit.total.value;
	PS_TRY(ps_linear_fit_run(&fit, notes, error));

	/* once more at the end, for what it says beside the coefficients */
	PS_TRY(rank_times(env, &data, &ends, &squares, error));
	if (fit.no_inference == NULL)
		PS_TRY(ps_alloc_zero(env, data.width, sizeof(double), &data.rank_sums, error));
	memset(fit.total.gradient, 0, fit.padded * sizeof(double));
	fit.total.value = 0;
	PS_TRY(cox_pass(&fit, false, error));
	fit.value = fit.total.value;
	inference.none = fit.no_inference;
	PS_TRY(save_likelihoods(env, &fit, &data, null_likelihood, parameters, error));
	PS_TRY(save_baselines(env, &data, &strata, parameters, error));
	PS_TRY(ps_alloc(env, data.width, sizeof(double), &statistics, error));
	if (fit.no_inference == NULL)
		PS_TRY(test_proportionality(&fit, data.rank_sums, ends, squares, statistics, error));
	PS_TRY(ps_linear_fit_save(&fit, AT_MEANS, 1, &inference, parameters, error));
	if (fit.no_inference == NULL)
		PS_TRY(save_proportionality(env, statistics, ps_value_get(parameters, "terms"), error));
	ps_release(env, data.design);
	ps_release(env, data.rows);
	return PS_OK;
}

typedef struct cox_state
{
	ps_survival_model model;
	ps_strata	strata;
	ps_step_curve *baselines;
} cox_state;

/* Validate the baseline of one stratum. */
static ps_status
load_baseline(const ps_env *env, const ps_value *object, ps_step_curve *curve, ps_error *error)
{
	const double *at_risk;
	const double *ended;
	const double *hazard;
	double	   *log_survival;

	PS_TRY(ps_step_curve_load(object, curve, &at_risk, &ended, error));
	PS_TRY(ps_value_need_numbers(object, "cumulative_hazard", curve->count, &hazard, error));
	PS_TRY(ps_alloc(env, curve->count, sizeof(double), &log_survival, error));
	for (size_t i = 0; i < curve->count; i++)
	{
		if (!(hazard[i] >= (i > 0 ? hazard[i - 1] : 0)))
			return ps_fail(error, PS_CORRUPT, "the cumulative hazard falls at step %d", (int64_t) i + 1);
		log_survival[i] = -hazard[i];
	}
	curve->log_survival = log_survival;
	return PS_OK;
}

/* The baseline raised to the power of a row's relative hazard. */
static double
log_survival(const ps_survival_curve *curve, double time)
{
	double		baseline = ps_step_curve_log_survival(curve, time);

	return baseline == 0 ? 0 : baseline * curve->numbers[0];
}

static ps_status
find_curve(const void *state, const ps_cell *cells, ps_survival_curve *curve, bool *null, ps_error *error)
{
	const cox_state *loaded = state;
	size_t		stratum = ps_strata_find(&loaded->strata, cells);
	double		log_hazard;

	*null = stratum == loaded->strata.count;
	if (*null)
		return PS_OK;
	PS_TRY(ps_linear_model_predict(&loaded->model.predictor, cells, &log_hazard, error));
	*curve = (ps_survival_curve) {log_survival, ps_step_curve_next, loaded->baselines[stratum].end,
		&loaded->baselines[stratum], {exp(fmin(log_hazard, EXPONENT_MOST))}, NULL};
	return PS_OK;
}

static ps_status
score(const void *state, const ps_cell *cells, ps_answer *answer, ps_error *error)
{
	const cox_state *loaded = state;

	return ps_linear_model_predict(&loaded->model.predictor, cells, &answer->number, error);
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	cox_state  *loaded;
	const ps_value *curves;
	void	   *predictor;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_survival_open(&loaded->model.reader, parameters, inputs, ninputs, error));
	PS_TRY(ps_linear_model_load(env, parameters, inputs, loaded->model.reader.ncovariates, AT_MEANS, &predictor, error));
	loaded->model.predictor = *(ps_linear_model *) predictor;
	PS_TRY(ps_value_need(parameters, "curves", PS_LIST, &curves, error));
	PS_TRY(ps_strata_load(env, &loaded->model.reader, inputs, curves, &loaded->strata, error));
	PS_TRY(ps_alloc_zero(env, curves->count, sizeof(*loaded->baselines), &loaded->baselines, error));
	for (size_t i = 0; i < curves->count; i++)
		PS_TRY(load_baseline(env, curves->items[i], &loaded->baselines[i], error));
	loaded->model.find_curve = find_curve;
	loaded->model.score = score;
	*state = loaded;
	return PS_OK;
}

const ps_learner ps_learner_cox = {
	.name = "cox",
	.kind = "survival",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | PS_SURVIVAL_ANSWERS,
	.comparison = PS_COMPARE_KIND,
	.options = own_options,
	.choose = ps_survival_choose_covariates,
	.fit = learn,
	.load = load,
	.answer = ps_survival_ask,
	.evaluate = ps_survival_evaluate,
	.explain = ps_linear_model_explain
};
