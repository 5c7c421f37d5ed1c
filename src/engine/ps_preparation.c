/*-------------------------------------------------------------------------
 *
 * ps_preparation.c
 *	  How a number becomes one that distances can be taken of.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_preparation.h"

#include "ps_sort.h"

#define SUMMARY 200				/* quantiles at (i + 0.5) / SUMMARY */
#define FEWEST_VALUES 50		/* to judge a tail by */
#define FEWEST_QUANTILES 10
#define MOST_NEGATIVE 8			/* one in so many quantiles */
#define HIGHLY_SKEWED 1.0
#define FARTHEST 5				/* robust standard deviations from the median */

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

/* Find the unit of the logarithm of an ascending summary, 0 where it does not help. */
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
	for (size_t i = 0; skew < 0 && i < (n + 1) / 2; i++)
	{
		double		swap = other[i];

		other[i] = -other[n - 1 - i];
		other[n - 1 - i] = -swap;
	}
	while (negative < n && other[negative] < 0)
		negative++;
	positive = other + negative;
	npositive = n - negative;
	if (npositive < FEWEST_QUANTILES || negative > n / MOST_NEGATIVE)
		return 0;
	trial.unit = negative > 0 ? positive[npositive / 2] :
		fmax(positive[npositive / 4] * (positive[npositive / 4] / positive[npositive * 3 / 4]), positive[0]);
	if (!(trial.unit > 10 / PS_PREPARATION_LARGEST && trial.unit < PS_PREPARATION_LARGEST / 10))
		return 0;
	trial.unit = round_digits(trial.unit);
	if (fabs(skewness(other, n, &trial)) > fabs(skew) / 2)
		return 0;
	return trial.unit;
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
	if (logarithm && count >= FEWEST_VALUES)
		out->unit = find_unit(summary);
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
