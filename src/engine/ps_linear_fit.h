/*-------------------------------------------------------------------------
 *
 * ps_linear_fit.h
 *	  Coefficients of a linear predictor that fit a target best.
 *
 * Maximises
 *		sum of weight f(target, x'beta)
 *			- sum over columns of (l2 beta_j^2 / 2 + l1 |beta_j|)
 * over the design columns x, standardised to mean 0 and standard deviation 1; the
 * intercept carries no penalty; a ridge that was not given but chosen
 * (ps_ridge_choice.h) has a factor for each column.  A method gives f, which is concave, as a
 * kernel: the logarithm of a probability, or minus half a square.
 *
 * A method that needs more of a row than its target gives functions instead of a kernel,
 * and may have a few design columns of its own between the intercept and the
 * encoder's, without penalty too: of time, say.
 *
 * A method calls ps_linear_fit_begin, changes what its comments say it may,
 * and calls ps_linear_fit_run and ps_linear_fit_save.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LINEAR_FIT_H
#define PS_LINEAR_FIT_H

#include "ps_linear_model.h"

/* Options of penalties, for the tables of methods. */
#define PS_LINEAR_PENALTIES \
	{"penalty", PS_OPTION_NUMBER, NAN, 0, 1e12, NULL, \
	"Penalty on the coefficients of columns scaled to standard deviation 1, for the sum over rows; 0 is none."}, \
	{"l1_ratio", PS_OPTION_NUMBER, 0, 0, 1, NULL, \
	"Share of the penalty on sizes (L1, which leaves columns out), the rest being on half the squares (L2)."}, \
	{"ridge", PS_OPTION_NUMBER, NAN, 0, 1e12, NULL, "The same as penalty with an l1_ratio of 0; added to it."}

#define PS_LINEAR_EXTRAS 8		/* design columns of a method's own at most */

/* A design column of the method's own: (value - mean) / scale. */
typedef struct ps_linear_extra
{
	double		start;			/* of its coefficient */
	double		mean;
	double		scale;
	double		range;			/* largest minus smallest value */
} ps_linear_extra;

/* Sums over rows at one beta. */
typedef struct ps_linear_sums
{
	double		value;			/* of what is maximised, without penalties */
	double	   *gradient;		/* padded */
	double	   *gram;			/* padded x padded: minus the second derivatives; lower triangle */
} ps_linear_sums;

typedef struct ps_linear_fit ps_linear_fit;

/* One fit; vectors have the intercept first, then the method's own columns, then the encoder's. */
struct ps_linear_fit
{
	const ps_env *env;
	const ps_frame *frame;
	const ps_encoder *encoder;
	const ps_encoding *encoding;
	size_t		n;				/* coefficients with the intercept */
	size_t		free;			/* those before the encoder's */
	size_t		padded;			/* n rounded up to a multiple of 4 */
	double		weight_sum;
	double		target_mean;	/* weighted */
	double		target_deviation;	/* root mean square from it; only of quadratic fits */

	ps_moments_kernel kernel;

	/*
	 * Instead of a kernel: add the rows first .. first + count - 1 of the frame to sums, whose gram is NULL
	 * when not asked for, at beta.  tile has their design columns but for the method's own.
	 */
	void		(*add_rows) (ps_linear_fit *fit, size_t first, size_t count, ps_linear_sums *sums);

	/*
	 * Around that, or instead of it: fill total, which is 0, at beta, the Gram matrix
	 * only when asked for.  Such a function may leave the intercept's
	 * derivatives 0; it then stays at its start.
	 */
	ps_status	(*pass) (ps_linear_fit *fit, bool with_gram, ps_error *error);
	void	   *pass_state;
	bool		quadratic;		/* the Gram matrix is the same at every beta */

	/* the method may change these before the run */
	double		shift;			/* f is given (target - shift) / unit; 0 and 1 */
	double		unit;
	double		start;			/* of the intercept; 0 */
	bool		unit_estimated;	/* set after the run: unit is a constant divided by beta[1] */
	ps_linear_extra extras[PS_LINEAR_EXTRAS];
	double		extra_l2;		/* penalty on their coefficients; 0 */
	double		correction;		/* added to the intercept at the end; 0 */
	double		class_weights[2];	/* factors of the weights of rows whose target is 0, and others; 1 */
	double		l1;				/* with the target in units */
	double		l2;
	double	   *l2_factors;		/* padded; 1 */
	bool		choose_ridge;	/* where rows are few; when no penalty is given */
	int			most_iterations;	/* passes over the rows; 50 */

	/* what the run finds */
	const char *status;			/* "converged", "separated", "not_converged" */
	const char *no_inference;	/* why the curvature says nothing of errors, or NULL */
	int			iterations;
	double		value;			/* of what is maximised, without penalties, before the last step */
	size_t		rank;			/* coefficients that others do not determine */
	double	   *beta;			/* padded */
	double	   *factor;			/* n x n: Cholesky factor of minus the second derivatives, at the last point but one */

	/* buffers */
	size_t		chunk_step;		/* 1, or more where a pass leaves chunks of rows out */
	double	   *tile;			/* padded x PS_NEWTON_ROWS */
	double	   *scratch;		/* the same */
	ps_linear_sums block;
	ps_linear_sums total;
	double	   *previous;		/* beta before the last step, and the gradient there */
	double	   *previous_gradient;
	double	   *step;			/* padded */
	double	   *product;		/* padded */
	bool	   *dependent;		/* n, at the last factoring */
	bool	   *dropped;		/* n, for the whole fit */
};

/* Fit the encoder, read the penalties, and look at targets and weights. */
extern ps_status ps_linear_fit_begin(const ps_env *env, const ps_frame *frame, const ps_value *options,
									 ps_moments_kernel kernel, bool quadratic, size_t extras, ps_linear_fit *fit,
									 ps_value *notes, ps_error *error);

/* Fill total, which is 0, at beta with the sums of all rows, for a method's pass. */
extern ps_status ps_linear_fit_sum(ps_linear_fit *fit, bool with_gram, ps_error *error);

/* Climb at the present penalties from the start until it converges, separates or has had enough. */
extern ps_status ps_linear_fit_maximise(ps_linear_fit *fit, ps_error *error);

/* Maximise.  Separated classes and too few rows get a ridge, with a note. */
extern ps_status ps_linear_fit_run(ps_linear_fit *fit, ps_value *notes, ps_error *error);

/* Get the coefficient of a column of the method's own and its variance, before they are written. */
extern void ps_linear_fit_extra(ps_linear_fit *fit, size_t extra, double *coefficient, double *variance);

/*
 * Write coefficients in the data's units, those of the method's own columns left out.  The covariance of beta is variance
 * times the inverse of minus the second derivatives.
 */
extern ps_status ps_linear_fit_save(ps_linear_fit *fit, const char *at_means_name, double variance,
									const ps_inference *inference, ps_value *parameters, ps_error *error);

#endif							/* PS_LINEAR_FIT_H */
