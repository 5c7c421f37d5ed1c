/*-------------------------------------------------------------------------
 *
 * ps_loss.h
 *	  What boosted trees minimise.
 *
 * A model's sum of trees F is in units of its loss; what it predicts is
 *
 *	binary		1 / (1 + exp(-(base + F))), loss: minus log P(target)
 *	squared		base + unit F, loss: squared error
 *	poisson		exp(base + F), loss: minus the log likelihood of counts
 *	gamma		the same of a gamma variable, for amounts above zero
 *	tweedie		the same of a Tweedie variable with 1 < power < 2, for
 *				amounts of which many are zero
 *	quantile	base + unit F, loss: |error| times alpha if the target is above
 *				and 1 - alpha if it is below, least at the alpha quantile
 *
 * Gradients and curvatures are taken in F of targets in the same units, so
 * that step sizes and penalties mean the same whatever the target is measured
 * in.  The curvature is the expected one (Fisher scoring), which is positive.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LOSS_H
#define PS_LOSS_H

#include "ps_frame.h"

typedef enum ps_loss_kind
{
	PS_LOSS_BINARY,
	PS_LOSS_SQUARED,
	PS_LOSS_POISSON,
	PS_LOSS_GAMMA,
	PS_LOSS_TWEEDIE,
	PS_LOSS_QUANTILE
} ps_loss_kind;

#define PS_LOSSES 6

typedef struct ps_loss
{
	ps_loss_kind kind;
	double		power;			/* of the variance in the mean: 1 Poisson, 2 gamma */
	double		alpha;			/* of the quantile */
	double		base;
	double		unit;
	double		shift;			/* a target in units is (target - shift) / scale */
	double		scale;
	double		mean_weight;
	double		class_weights[2];	/* binary: factors of the weights of rows whose target is 0 and 1; 1 */
	bool		constant;		/* all targets are the same */
} ps_loss;

#define PS_LOSS_ROWS 256		/* of a tile */

/* The word of the option "loss"; and back, false when there is none. */
extern const char *ps_loss_name(ps_loss_kind kind);
extern bool ps_loss_find(const char *name, ps_loss_kind *kind);

/* True for losses whose base is on a logarithmic scale. */
extern bool ps_loss_has_log_link(ps_loss_kind kind);

/*
 * Fit base and units to the targets; kind, power and alpha are set.  A target
 * that the loss cannot take is PS_INVALID_DATA naming the row.
 */
extern ps_status ps_loss_fit(const ps_env *env, const ps_frame *frame, const char *target_name, ps_loss *loss,
							 ps_error *error);

/* A target in the units of F. */
static inline double
ps_loss_target(const ps_loss *loss, double target)
{
	return (target - loss->shift) / loss->scale;
}

/* The F of no trees, as a float. */
extern float ps_loss_start(const ps_loss *loss);

/*
 * Gradients and curvatures of PS_LOSS_ROWS rows at F, times the weights (all 1
 * if weights is NULL).  targets and weights are as in the frame; F includes
 * the start.  Reads count of them.
 */
extern void ps_loss_gradients(const ps_loss *loss, const double *targets, const double *weights, const float *f,
							  size_t count, float *gradients, float *curvatures);

/* The loss of one row at F (with the start), but for terms that depend on the target alone. */
extern double ps_loss_value(const ps_loss *loss, double target, double f);

/* The prediction of a sum of trees (without the start). */
extern double ps_loss_predict(const ps_loss *loss, double f);

#endif							/* PS_LOSS_H */
