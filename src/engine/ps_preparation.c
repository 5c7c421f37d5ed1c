/*-------------------------------------------------------------------------
 *
 * ps_preparation.c
 *	  How a number becomes one that distances can be taken of.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_preparation.h"

#include <string.h>

#include "ps_pieces.h"
#include "ps_sort.h"

#define SUMMARY 200				/* quantiles at (i + 0.5) / SUMMARY */
#define FEWEST_VALUES 40		/* to judge a tail by */
#define FEWEST_QUANTILES 10
#define MOST_NEGATIVE 8			/* one in so many quantiles */
#define HIGHLY_SKEWED 1.0
#define FARTHEST 5				/* robust standard deviations from the median */
#define UNITS 5					/* tried where there are groups */
#define STRONG 5				/* more log likelihood: "very strong" evidence (Kass and Raftery 1995) */
#define MANY_ZEROES 2			/* times the next value */

_Static_assert(SUMMARY <= PS_PIECES_NUMBERS, "pieces of a summary can be found");

double
ps_preparation_inverse(const ps_preparation *preparation, double y)
{
	double		x = preparation->unit > 0 ? copysign(preparation->unit * expm1(fabs(y)), y) : y;

	return fmin(fmax(x, -PS_PREPARATION_LARGEST), PS_PREPARATION_LARGEST);
}

/* The skewness of n > 0 ascending numbers that are not 0, prepared; 0 where they are all the same. */
static double
skewness(const double *x, size_t n, const ps_preparation *preparation)
{
	double		largest = fmax(fabs(ps_prepare(preparation, x[0])), fabs(ps_prepare(preparation, x[n - 1])));
	double		mean = 0;
	double		squares = 0;
	double		cubes = 0;

	for (size_t i = 0; i < n; i++)
		mean += ps_prepare(preparation, x[i]) / largest / (double) n;
	for (size_t i = 0; i < n; i++)
	{
		double		deviation = ps_prepare(preparation, x[i]) / largest - mean;

		squares += deviation * deviation / (double) n;
		cubes += deviation * deviation * deviation / (double) n;
	}
	return squares > 0 ? cubes / (squares * sqrt(squares)) : 0;
}

/* Round a positive number to two digits, for people to read. */
static double
round_digits(double x)
{
	double		exponent = floor(log10(x)) - 1;
	double		power = pow(10, fabs(exponent));

	return exponent >= 0 ? rint(x / power) * power : rint(x * power) / power;
}

/* Change the sign of ascending numbers and keep them ascending. */
static void
turn_around(double *x, size_t n)
{
	for (size_t i = 0; i < (n + 1) / 2; i++)
	{
		double		swap = x[i];

		x[i] = -x[n - 1 - i];
		x[n - 1 - i] = -swap;
	}
}

static bool
can_be_unit(double x)
{
	return x > 10 / PS_PREPARATION_LARGEST && x < PS_PREPARATION_LARGEST / 10;
}

/* Find the unit of the logarithm of an ascending summary by its tail, 0 where it does not help. */
static double
find_unit(const double *summary)
{
	ps_preparation trial = {0, -INFINITY, INFINITY};
	double		other[SUMMARY];
	size_t		n = 0;
	size_t		negative = 0;
	const double *positive;
	size_t		npositive;
	double		skew;

	for (size_t i = 0; i < SUMMARY; i++)
		if (summary[i] != 0)
			other[n++] = summary[i];
	if (n < FEWEST_QUANTILES)
		return 0;
	skew = skewness(other, n, &trial);
	if (!(fabs(skew) >= HIGHLY_SKEWED))
		return 0;

	/* a tail to the left is one to the right, seen from the other side */
	if (skew < 0)
		turn_around(other, n);
	while (negative < n && other[negative] < 0)
		negative++;
	positive = other + negative;
	npositive = n - negative;
	if (npositive < FEWEST_QUANTILES || negative > n / MOST_NEGATIVE)
		return 0;
	trial.unit = negative > 0 ? positive[npositive / 2] :
		fmax(positive[npositive / 4] * (positive[npositive / 4] / positive[npositive * 3 / 4]), positive[0]);
	if (!can_be_unit(trial.unit))
		return 0;
	trial.unit = round_digits(trial.unit);
	if (fabs(skewness(other, n, &trial)) > fabs(skew) / 2)
		return 0;
	return trial.unit;
}

/*
 * Spread equal ones of n ascending numbers over half the way to their nearest
 * neighbours, so that whole numbers do not look like groups.
 */
static void
spread_ties(double *x, size_t n)
{
	double		out[SUMMARY];
	size_t		end;

	for (size_t start = 0; start < n; start = end)
	{
		double		width = x[start] == 0 ? INFINITY : fabs(x[start]);

		for (end = start + 1; end < n && x[end] == x[start];)
			end++;
		if (start > 0)
			width = fmin(width, x[start] - x[start - 1]);
		if (end < n)
			width = fmin(width, x[end] - x[start]);
		for (size_t i = start; i < end; i++)
			out[i] = x[i] + width * (((double) (i - start) + 0.5) / (double) (end - start) - 0.5);
	}
	memcpy(x, out, n * sizeof(double));
}

/* The pieces of n ascending numbers whose logarithm is taken with a unit, 0 for none. */
static ps_pieces
find_pieces(const double *x, size_t n, double unit)
{
	ps_preparation trial = {unit, -INFINITY, INFINITY};
	double		y[SUMMARY];
	double		slopes = 0;
	ps_pieces	pieces;

	for (size_t i = 0; i < n; i++)
	{
		y[i] = ps_prepare(&trial, x[i]);
		slopes -= unit > 0 ? log(unit + fabs(x[i])) : 0;
	}
	pieces = ps_pieces_find(y, n);
	pieces.log_likelihood += slopes;
	return pieces;
}

/*
 * Choose the unit of the logarithm of count ascending values by the groups
 * that they are in; usual, what their tail says, where there are none.
 */
static double
choose_unit(const double *sorted, size_t count, double usual)
{
	double		x[SUMMARY];
	size_t		n = count < SUMMARY ? count : SUMMARY;
	size_t		negative = 0;
	size_t		zeroes = 0;
	size_t		smallest = 0;
	const double *positive;
	size_t		npositive;
	double		units[UNITS + 2] = {usual, 0};
	size_t		nunits = 2;
	double		unit = usual;
	ps_pieces	best = {0};

	for (size_t i = 0; i < n; i++)
		x[i] = sorted[(size_t) (((double) i + 0.5) / (double) n * (double) count)];
	while (negative < n && x[negative] < 0)
		negative++;
	while (negative + zeroes < n && x[negative + zeroes] == 0)
		zeroes++;
	if (negative > n - negative - zeroes)
	{
		turn_around(x, n);
		negative = n - negative - zeroes;
	}
	positive = x + negative + zeroes;
	npositive = n - negative - zeroes;
	while (smallest < npositive && positive[smallest] == positive[0])
		smallest++;

	/* what is known of those who spent nothing is not how much */
	if (zeroes > MANY_ZEROES * smallest)
	{
		memmove(x + negative, positive, npositive * sizeof(double));
		positive = x + negative;
		n -= zeroes;
	}
	if (n < FEWEST_QUANTILES)
		return usual;
	if (npositive >= FEWEST_QUANTILES && negative <= (npositive + negative) / MOST_NEGATIVE)
		for (int i = 0; i < (negative > 0 ? 1 : UNITS); i++)
		{
			double		next = negative > 0 ? positive[npositive / 2] :
				positive[0] * pow(positive[npositive * 3 / 4] / positive[0], (double) i / (UNITS - 1));

			if (can_be_unit(next))
				units[nunits++] = round_digits(next);
		}
	spread_ties(x, n);
	for (size_t i = 0; i < nunits; i++)
	{
		ps_pieces	pieces = find_pieces(x, n, units[i]);

		if (i == 0)
			pieces.log_likelihood += STRONG;
		if (i == 0 || pieces.log_likelihood > best.log_likelihood)
		{
			best = pieces;
			unit = units[i];
		}
	}
	return best.count > 1 ? unit : usual;
}

ps_status
ps_preparation_fit(const ps_env *env, double *sample, size_t count, double min, double max, bool logarithm,
				   ps_preparation *out, ps_error *error)
{
	/* quantiles of the summary, and how far they lie from the median of a normal distribution */
	static const struct
	{
		size_t		quantile;
		double		deviations;
	}			pairs[] = {{2, 2.241402727604945}, {10, 1.6210822508524085}, {20, 1.2674344169169056}, {50, 0.6666433063863063}};
	double		summary[SUMMARY];
	double		middle;
	double		scale = 0;

	PS_TRY(ps_sort_numbers(env, sample, count, error));
	for (size_t i = 0; i < SUMMARY; i++)
		summary[i] = sample[(size_t) (((double) i + 0.5) / SUMMARY * (double) count)];
	*out = (ps_preparation) {0, -INFINITY, INFINITY};
	if (logarithm && count > 1)
		out->unit = choose_unit(sample, count, count >= FEWEST_VALUES ? find_unit(summary) : 0);
	middle = ps_prepare(out, summary[SUMMARY / 2]);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		scale = fmax(scale, (ps_prepare(out, summary[SUMMARY - 1 - pairs[i].quantile]) -
							 ps_prepare(out, summary[pairs[i].quantile])) / (2 * pairs[i].deviations));
	out->low = min;
	out->high = max;
	if (scale > 0)
	{
		out->low = fmax(out->low, ps_preparation_inverse(out, middle - FARTHEST * scale));
		out->high = fmin(out->high, ps_preparation_inverse(out, middle + FARTHEST * scale));
	}
	return PS_OK;
}
