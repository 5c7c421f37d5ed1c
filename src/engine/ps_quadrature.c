/*-------------------------------------------------------------------------
 *
 * ps_quadrature.c
 *	  Integrals of smooth functions.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdbool.h>

#include "ps_quadrature.h"
#include "ps_special.h"

#define NEGLIGIBLE 1e-17		/* part of the sum */
#define PANELS_MAX 4000.0		/* 10 ms */

/* Spacing of the trapezoidal rule: error about exp(-pi^2 / STEP) = 5e-15. */
#define STEP 0.3
#define TERM_NEGLIGIBLE 1e-15
#define EDGE_MIN 1e-300			/* before p underflows */
#define SPREAD_NONE 1e-9		/* p is as good as known: a relative error of this order */

const ps_gauss_node ps_gauss[PS_GAUSS_NODES] = {
	{0.005299532504175033702, 0.013576229705877047426}, {0.027712488463383711961, 0.031126761969323946431},
	{0.067184398806084128060, 0.047579255841246392405}, {0.122297795822498483052, 0.062314485627766936026},
	{0.191061877798678125777, 0.074797994408288366041}, {0.270991611171386306829, 0.084578259697501269095},
	{0.359198224610370543385, 0.091301707522461794433}, {0.452493745081181279907, 0.094725305227534248143},
	{0.547506254918818720093, 0.094725305227534248143}, {0.640801775389629456615, 0.091301707522461794433},
	{0.729008388828613693171, 0.084578259697501269095}, {0.808938122201321874223, 0.074797994408288366041},
	{0.877702204177501516948, 0.062314485627766936026}, {0.932815601193915871940, 0.047579255841246392405},
	{0.972287511536616288039, 0.031126761969323946431}, {0.994700467495824966298, 0.013576229705877047426}
};

double
ps_integrate(ps_integrand f, const void *data, double from, double to, double width)
{
	double		length = fabs(to - from),
				panels = fmin(ceil(length / width), PANELS_MAX),
				step = copysign(isinf(length) ? width : length / panels, to - from),
				sum = 0;

	if (!(length > 0))
		return 0;
	for (double panel = 0; panel < panels; panel++)
	{
		double		part = 0;

		for (int i = 0; i < PS_GAUSS_NODES; i++)
			part += ps_gauss[i].weight * f(data, from + (panel + ps_gauss[i].at) * step);
		sum += part;
		if (part <= NEGLIGIBLE * sum)
			break;
	}
	return sum * fabs(step);
}

void
ps_average_beta(ps_beta_integrand value, const void *data, double a, double b, double left, double right, double *means)
{
	double		spread = 1 / a + 1 / b, /* variance of log(p / (1 - p)), where it is small */
				centre = log(a) - log(b),
				width = fmin(STEP, 0.5 * sqrt(spread)),
				reference = -a * ps_softplus(-centre) - b * ps_softplus(centre),
				sum[3] = {0, 0, 0}; /* of the weights; weighted values */

	if (spread < SPREAD_NONE)
	{
		value(data, a / (a + b), means);
		return;
	}
	for (int side = 0; side < 2; side++)
	{
		double		fall = side == 0 ? a : b,	/* of the log weight, per unit, far out */
					settle = side == 0 ? 1 + b + left : 1 + a + right;

		for (double step = side;; step++)
		{
			double		y = centre + (side == 0 ? -step : step) * width,
						t = exp(-fabs(y)),
						l = log1p(t),
						p = (y > 0 ? 1 : t) / (1 + t),
						edge = ((y > 0) == (side == 1) ? t : 1) / (1 + t),	/* p on the left, 1 - p on the right */
						term[3];
			bool		settled = edge * settle < TERM_NEGLIGIBLE || edge < EDGE_MIN,
						negligible = true;

			term[0] = exp((y > 0 ? -a * l - b * (y + l) : a * (y - l) - b * l) - reference);
			value(data, p, &term[1]);
			term[1] *= term[0];
			term[2] *= term[0];
			for (int i = 0; i < 3; i++)
			{
				/* the terms are powers of edge from here on: add the rest of the geometric series */
				sum[i] += settled ? term[i] / -expm1(-fall * width) : term[i];
				negligible = negligible && term[i] <= TERM_NEGLIGIBLE * fmin(1, fall) * sum[i];
			}
			if (settled || negligible)
				break;
		}
	}
	means[0] = sum[1] / sum[0];
	means[1] = sum[2] / sum[0];
}
