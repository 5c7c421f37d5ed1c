/*-------------------------------------------------------------------------
 *
 * ps_mbg_nbd.c
 *	  The method mbg_nbd: purchases and silent drop-out by the MBG/NBD model.
 *
 * See ps_purchase.h for the model and ps_purchase_learner.h for what it
 * answers.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_learners.h"
#include "ps_purchase_learner.h"

static ps_status
fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	ps_error *error)
{
	return ps_purchase_fit(env, frame, options, true, parameters, notes, error);
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	return ps_purchase_load(env, parameters, inputs, ninputs, true, state, error);
}

const ps_learner ps_learner_mbg_nbd = {
	.name = "mbg_nbd",
	.kind = "purchase",
	.needs_target = false,
	.answers = PS_PURCHASE_ANSWERS,
	.options = ps_purchase_options,
	.choose = ps_purchase_choose,
	.fit = fit,
	.make = ps_purchase_make,
	.load = load,
	.answer = ps_purchase_answer,
	.evaluate = ps_purchase_evaluate
};
