-- Quality of scores against what really happened.

CREATE TYPE predseg.roc;

CREATE FUNCTION predseg.roc_in(cstring) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_in(cstring) IS 'Reads the state of roc_auc from hexadecimal text';

CREATE FUNCTION predseg.roc_out(predseg.roc) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_roc_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_out(predseg.roc) IS 'Writes the state of roc_auc as hexadecimal text';

CREATE FUNCTION predseg.roc_recv(internal) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_recv(internal) IS 'Reads the state of roc_auc from its bytes, checking them completely';

CREATE FUNCTION predseg.roc_send(predseg.roc) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_roc_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_send(predseg.roc) IS 'Writes the state of roc_auc as its bytes';

CREATE TYPE predseg.roc (
	INPUT = predseg.roc_in,
	OUTPUT = predseg.roc_out,
	RECEIVE = predseg.roc_recv,
	SEND = predseg.roc_send,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE predseg.roc IS 'State of roc_auc and the other aggregates that look at all scores: the weights of both classes at every score';

CREATE FUNCTION predseg.roc_add(state predseg.roc, actual anyelement, predicted float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add(predseg.roc, anyelement, float8) IS 'Transition function of the aggregate predseg.roc_auc';

CREATE FUNCTION predseg.roc_add(state predseg.roc, actual anyelement, predicted float8, weight float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add(predseg.roc, anyelement, float8, float8) IS 'Transition function of the weighted aggregate predseg.roc_auc';

CREATE FUNCTION predseg.roc_merge(state predseg.roc, other predseg.roc) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_merge(predseg.roc, predseg.roc) IS 'Combine function of the aggregate predseg.roc_auc';

CREATE FUNCTION predseg.roc_area(state predseg.roc) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_roc_area' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_area(predseg.roc) IS 'Final function of the aggregate predseg.roc_auc';

CREATE AGGREGATE predseg.roc_auc(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_area,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.roc_auc(anyelement, float8) IS 'Area under the ROC curve, exact with ties: the probability that a row where it happened scores above one where it did not. actual is boolean or 0/1; pairs with NULL are skipped; NULL without both classes';

CREATE AGGREGATE predseg.roc_auc(actual anyelement, predicted float8, weight float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_area,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.roc_auc(anyelement, float8, float8) IS 'Area under the ROC curve of weighted rows';

CREATE FUNCTION predseg.roc_average_precision(state predseg.roc) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_roc_average_precision' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_average_precision(predseg.roc) IS 'Final function of the aggregate predseg.average_precision';

CREATE AGGREGATE predseg.average_precision(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_average_precision,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.average_precision(anyelement, float8) IS 'Average precision: the mean precision at each row where it happened, from the highest prediction down, ties together; NULL without both classes';

CREATE AGGREGATE predseg.average_precision(actual anyelement, predicted float8, weight float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_average_precision,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.average_precision(anyelement, float8, float8) IS 'Average precision of weighted rows';

CREATE FUNCTION predseg.roc_gini(state predseg.roc) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_roc_gini' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_gini(predseg.roc) IS 'Final function of the aggregate predseg.gini';

CREATE AGGREGATE predseg.gini(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_gini,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.gini(anyelement, float8) IS 'Gini coefficient, 2 AUC - 1: 0 for chance, 1 for perfect order; NULL without both classes';

CREATE AGGREGATE predseg.gini(actual anyelement, predicted float8, weight float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_gini,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.gini(anyelement, float8, float8) IS 'Gini coefficient of weighted rows';

-- Tables over bins of equal size, as far as ties allow.

CREATE TYPE predseg.calibration_bin AS (
	bin                 int,
	lower               float8,
	upper               float8,
	rows                float8,
	predicted           float8,
	observed            float8,
	observed_lower      float8,
	observed_upper      float8
);
COMMENT ON TYPE predseg.calibration_bin IS 'Rows that were given about the same probability, and how often it happened';
COMMENT ON COLUMN predseg.calibration_bin.bin IS '1, ... from the lowest predictions up';
COMMENT ON COLUMN predseg.calibration_bin.lower IS 'Lowest prediction in the bin';
COMMENT ON COLUMN predseg.calibration_bin.upper IS 'Highest prediction in the bin';
COMMENT ON COLUMN predseg.calibration_bin.rows IS 'Rows, or the sum of their weights';
COMMENT ON COLUMN predseg.calibration_bin.predicted IS 'Mean prediction';
COMMENT ON COLUMN predseg.calibration_bin.observed IS 'Share of the rows where it happened';
COMMENT ON COLUMN predseg.calibration_bin.observed_lower IS 'Lower end of the 95 % confidence interval of observed (Wilson)';
COMMENT ON COLUMN predseg.calibration_bin.observed_upper IS 'Upper end of that interval';

CREATE TYPE predseg.lift_bin AS (
	bin                 int,
	lower               float8,
	upper               float8,
	rows                float8,
	positives           float8,
	rate                float8,
	lift                float8,
	reached             float8,
	captured            float8,
	cumulative_lift     float8
);
COMMENT ON TYPE predseg.lift_bin IS 'Rows of about the same rank, from the highest predictions down, and how often it happened';
COMMENT ON COLUMN predseg.lift_bin.bin IS '1, ... from the highest predictions down';
COMMENT ON COLUMN predseg.lift_bin.lower IS 'Lowest prediction in the bin';
COMMENT ON COLUMN predseg.lift_bin.upper IS 'Highest prediction in the bin';
COMMENT ON COLUMN predseg.lift_bin.rows IS 'Rows, or the sum of their weights';
COMMENT ON COLUMN predseg.lift_bin.positives IS 'Rows where it happened';
COMMENT ON COLUMN predseg.lift_bin.rate IS 'positives / rows';
COMMENT ON COLUMN predseg.lift_bin.lift IS 'rate / rate of all rows';
COMMENT ON COLUMN predseg.lift_bin.reached IS 'Share of all rows that are in this bin and those before';
COMMENT ON COLUMN predseg.lift_bin.captured IS 'Share of all positives that are in this bin and those before';
COMMENT ON COLUMN predseg.lift_bin.cumulative_lift IS 'captured / reached';

CREATE TYPE predseg.threshold AS (
	cut                 float8,
	rows                float8,
	caught              float8,
	wasted              float8,
	precision           float8,
	recall              float8,
	false_positive_rate float8
);
COMMENT ON TYPE predseg.threshold IS 'What comes of treating the rows from a prediction on';
COMMENT ON COLUMN predseg.threshold.cut IS 'Rows are treated whose prediction is at least this';
COMMENT ON COLUMN predseg.threshold.rows IS 'Rows treated, or the sum of their weights';
COMMENT ON COLUMN predseg.threshold.caught IS 'Rows treated where it happened';
COMMENT ON COLUMN predseg.threshold.wasted IS 'Rows treated where it did not happen';
COMMENT ON COLUMN predseg.threshold.precision IS 'caught / rows';
COMMENT ON COLUMN predseg.threshold.recall IS 'caught / all rows where it happened';
COMMENT ON COLUMN predseg.threshold.false_positive_rate IS 'wasted / all rows where it did not happen';

CREATE FUNCTION predseg.roc_add_bins(state predseg.roc, actual anyelement, predicted float8, bins int) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add_bins' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add_bins(predseg.roc, anyelement, float8, int) IS 'Transition function of the aggregates with bins';

CREATE FUNCTION predseg.roc_add_bins(state predseg.roc, actual anyelement, predicted float8, bins int, weight float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add_bins' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add_bins(predseg.roc, anyelement, float8, int, float8) IS 'Transition function of the weighted aggregates with bins';

CREATE FUNCTION predseg.roc_calibration(state predseg.roc) RETURNS predseg.calibration_bin[]
	AS 'MODULE_PATHNAME', 'predseg_roc_calibration' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_calibration(predseg.roc) IS 'Final function of the aggregate predseg.calibration';

CREATE AGGREGATE predseg.calibration(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_calibration,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.calibration(anyelement, float8) IS 'Calibration: bins of about the same predicted probability, each with how often it happened';

CREATE AGGREGATE predseg.calibration(actual anyelement, predicted float8, bins int) (
	SFUNC = predseg.roc_add_bins,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_calibration,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.calibration(anyelement, float8, int) IS 'Calibration with a number of bins other than 10';

CREATE AGGREGATE predseg.calibration(actual anyelement, predicted float8, bins int, weight float8) (
	SFUNC = predseg.roc_add_bins,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_calibration,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.calibration(anyelement, float8, int, float8) IS 'Calibration of weighted rows';

CREATE FUNCTION predseg.roc_lift(state predseg.roc) RETURNS predseg.lift_bin[]
	AS 'MODULE_PATHNAME', 'predseg_roc_lift' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_lift(predseg.roc) IS 'Final function of the aggregate predseg.lift';

CREATE AGGREGATE predseg.lift(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_lift,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.lift(anyelement, float8) IS 'The decile table: bins from the highest predictions down, each with how often it happened; NULL without both classes';

CREATE AGGREGATE predseg.lift(actual anyelement, predicted float8, bins int) (
	SFUNC = predseg.roc_add_bins,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_lift,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.lift(anyelement, float8, int) IS 'The decile table with a number of bins other than 10';

CREATE AGGREGATE predseg.lift(actual anyelement, predicted float8, bins int, weight float8) (
	SFUNC = predseg.roc_add_bins,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_lift,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.lift(anyelement, float8, int, float8) IS 'The decile table of weighted rows';

CREATE FUNCTION predseg.roc_thresholds(state predseg.roc) RETURNS predseg.threshold[]
	AS 'MODULE_PATHNAME', 'predseg_roc_thresholds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_thresholds(predseg.roc) IS 'Final function of the aggregate predseg.threshold_table';

CREATE AGGREGATE predseg.threshold_table(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_thresholds,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.threshold_table(anyelement, float8) IS 'The threshold table: for cuts from the highest predictions down, what treating the rows above would catch and waste; NULL without both classes';

CREATE AGGREGATE predseg.threshold_table(actual anyelement, predicted float8, bins int) (
	SFUNC = predseg.roc_add_bins,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_thresholds,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.threshold_table(anyelement, float8, int) IS 'The threshold table with a number of bins other than 10';

CREATE AGGREGATE predseg.threshold_table(actual anyelement, predicted float8, bins int, weight float8) (
	SFUNC = predseg.roc_add_bins,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_thresholds,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.threshold_table(anyelement, float8, int, float8) IS 'The threshold table of weighted rows';

-- The cut-off that pays best.

CREATE FUNCTION predseg.roc_add_profit(state predseg.roc, actual anyelement, predicted float8, benefit float8, cost float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add_profit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add_profit(predseg.roc, anyelement, float8, float8, float8) IS 'Transition function of the aggregate predseg.choose_cutoff';

CREATE FUNCTION predseg.roc_add_profit(state predseg.roc, actual anyelement, predicted float8, benefit float8, cost float8, capacity float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add_profit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add_profit(predseg.roc, anyelement, float8, float8, float8, float8) IS 'Transition function of the aggregate predseg.choose_cutoff with a capacity';

CREATE FUNCTION predseg.roc_add_profit(state predseg.roc, actual anyelement, predicted float8, benefit float8, cost float8, capacity float8, weight float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add_profit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add_profit(predseg.roc, anyelement, float8, float8, float8, float8, float8) IS 'Transition function of the aggregate predseg.choose_cutoff of weighted rows';

CREATE FUNCTION predseg.roc_cutoff(state predseg.roc) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_roc_cutoff' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_cutoff(predseg.roc) IS 'Final function of the aggregate predseg.choose_cutoff';

CREATE AGGREGATE predseg.choose_cutoff(actual anyelement, predicted float8, benefit float8, cost float8) (
	SFUNC = predseg.roc_add_profit,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_cutoff,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.choose_cutoff(anyelement, float8, float8, float8) IS 'The cut-off with the highest profit: treating the rows whose prediction is at least it brings benefit for each where it happened and costs cost for each; Infinity when treating nobody is best';

CREATE AGGREGATE predseg.choose_cutoff(actual anyelement, predicted float8, benefit float8, cost float8, capacity float8) (
	SFUNC = predseg.roc_add_profit,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_cutoff,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.choose_cutoff(anyelement, float8, float8, float8, float8) IS 'The cut-off with the highest profit among those that treat at most the share capacity of the rows';

CREATE AGGREGATE predseg.choose_cutoff(actual anyelement, predicted float8, benefit float8, cost float8, capacity float8, weight float8) (
	SFUNC = predseg.roc_add_profit,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_cutoff,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.choose_cutoff(anyelement, float8, float8, float8, float8, float8) IS 'The cut-off with the highest profit over weighted rows';

-- Means over rows.

CREATE TYPE predseg.mean_loss;

CREATE FUNCTION predseg.mean_loss_in(cstring) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_in(cstring) IS 'Reads the state of a mean loss from hexadecimal text';

CREATE FUNCTION predseg.mean_loss_out(predseg.mean_loss) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_out(predseg.mean_loss) IS 'Writes the state of a mean loss as hexadecimal text';

CREATE FUNCTION predseg.mean_loss_recv(internal) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_recv(internal) IS 'Reads the state of a mean loss from its bytes, checking them completely';

CREATE FUNCTION predseg.mean_loss_send(predseg.mean_loss) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_send(predseg.mean_loss) IS 'Writes the state of a mean loss as its bytes';

CREATE TYPE predseg.mean_loss (
	INPUT = predseg.mean_loss_in,
	OUTPUT = predseg.mean_loss_out,
	RECEIVE = predseg.mean_loss_recv,
	SEND = predseg.mean_loss_send,
	INTERNALLENGTH = 40,
	ALIGNMENT = double
);
COMMENT ON TYPE predseg.mean_loss IS 'State of log_loss, brier, rmse and mae: the sums of the losses and of the weights';

CREATE FUNCTION predseg.mean_loss_merge(state predseg.mean_loss, other predseg.mean_loss) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_merge(predseg.mean_loss, predseg.mean_loss) IS 'Combine function of the aggregates log_loss, brier, rmse and mae';

CREATE FUNCTION predseg.mean_loss_mean(state predseg.mean_loss) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_mean(predseg.mean_loss) IS 'Final function of the aggregates log_loss, brier and mae';

CREATE FUNCTION predseg.mean_loss_root(state predseg.mean_loss) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_mean_loss_root' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.mean_loss_root(predseg.mean_loss) IS 'Final function of the aggregate rmse';

CREATE FUNCTION predseg.log_loss_add(state predseg.mean_loss, actual anyelement, predicted float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_log_loss_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.log_loss_add(predseg.mean_loss, anyelement, float8) IS 'Transition function of the aggregate predseg.log_loss';

CREATE FUNCTION predseg.log_loss_add(state predseg.mean_loss, actual anyelement, predicted float8, weight float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_log_loss_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.log_loss_add(predseg.mean_loss, anyelement, float8, float8) IS 'Transition function of the weighted aggregate predseg.log_loss';

CREATE AGGREGATE predseg.log_loss(actual anyelement, predicted float8) (
	SFUNC = predseg.log_loss_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_mean,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.log_loss(anyelement, float8) IS 'Log loss of probabilities, in nats: minus the mean logarithm of the probability of what happened, no probability counting as less than 2^-52';

CREATE AGGREGATE predseg.log_loss(actual anyelement, predicted float8, weight float8) (
	SFUNC = predseg.log_loss_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_mean,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.log_loss(anyelement, float8, float8) IS 'Log loss of weighted rows';

CREATE FUNCTION predseg.brier_add(state predseg.mean_loss, actual anyelement, predicted float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_brier_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.brier_add(predseg.mean_loss, anyelement, float8) IS 'Transition function of the aggregate predseg.brier';

CREATE FUNCTION predseg.brier_add(state predseg.mean_loss, actual anyelement, predicted float8, weight float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_brier_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.brier_add(predseg.mean_loss, anyelement, float8, float8) IS 'Transition function of the weighted aggregate predseg.brier';

CREATE AGGREGATE predseg.brier(actual anyelement, predicted float8) (
	SFUNC = predseg.brier_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_mean,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.brier(anyelement, float8) IS 'Brier score of probabilities: their mean squared distance from what happened, 1 or 0';

CREATE AGGREGATE predseg.brier(actual anyelement, predicted float8, weight float8) (
	SFUNC = predseg.brier_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_mean,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.brier(anyelement, float8, float8) IS 'Brier score of weighted rows';

CREATE FUNCTION predseg.squared_loss_add(state predseg.mean_loss, actual float8, predicted float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_squared_loss_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.squared_loss_add(predseg.mean_loss, float8, float8) IS 'Transition function of the aggregate predseg.rmse';

CREATE FUNCTION predseg.squared_loss_add(state predseg.mean_loss, actual float8, predicted float8, weight float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_squared_loss_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.squared_loss_add(predseg.mean_loss, float8, float8, float8) IS 'Transition function of the weighted aggregate predseg.rmse';

CREATE AGGREGATE predseg.rmse(actual float8, predicted float8) (
	SFUNC = predseg.squared_loss_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_root,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rmse(float8, float8) IS 'Root mean squared error of predicted numbers';

CREATE AGGREGATE predseg.rmse(actual float8, predicted float8, weight float8) (
	SFUNC = predseg.squared_loss_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_root,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rmse(float8, float8, float8) IS 'Root mean squared error of weighted rows';

CREATE FUNCTION predseg.absolute_loss_add(state predseg.mean_loss, actual float8, predicted float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_absolute_loss_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.absolute_loss_add(predseg.mean_loss, float8, float8) IS 'Transition function of the aggregate predseg.mae';

CREATE FUNCTION predseg.absolute_loss_add(state predseg.mean_loss, actual float8, predicted float8, weight float8) RETURNS predseg.mean_loss
	AS 'MODULE_PATHNAME', 'predseg_absolute_loss_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.absolute_loss_add(predseg.mean_loss, float8, float8, float8) IS 'Transition function of the weighted aggregate predseg.mae';

CREATE AGGREGATE predseg.mae(actual float8, predicted float8) (
	SFUNC = predseg.absolute_loss_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_mean,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.mae(float8, float8) IS 'Mean absolute error of predicted numbers';

CREATE AGGREGATE predseg.mae(actual float8, predicted float8, weight float8) (
	SFUNC = predseg.absolute_loss_add,
	STYPE = predseg.mean_loss,
	COMBINEFUNC = predseg.mean_loss_merge,
	FINALFUNC = predseg.mean_loss_mean,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.mae(float8, float8, float8) IS 'Mean absolute error of weighted rows';

-- A whole model.

CREATE FUNCTION predseg.evaluate(model predseg.model, source text, by text DEFAULT NULL, weight text DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (metric text, value float8, quality text, by_value text)
	AS 'MODULE_PATHNAME', 'predseg_evaluate_by_value' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION predseg.evaluate(predseg.model, text, text, text, date) IS 'Quality of a model on the rows of a source: one row for each metric of its method, for each value of the column by';

CREATE FUNCTION predseg.evaluate(name text, source text, by text DEFAULT NULL, weight text DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (metric text, value float8, quality text, by_value text)
	AS 'MODULE_PATHNAME', 'predseg_evaluate_by_name' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION predseg.evaluate(text, text, text, text, date) IS 'Quality of the model deployed under a name on the rows of a source: one row for each metric of its method, for each value of the column by';

CREATE FUNCTION predseg.outcomes(model predseg.model, source text, by text DEFAULT NULL, weight text DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (actual float8, predicted float8, weight float8, by_value text)
	AS 'MODULE_PATHNAME', 'predseg_outcomes_by_value' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 1000;
COMMENT ON FUNCTION predseg.outcomes(predseg.model, text, text, text, date) IS 'What happened and what a model predicts for the rows of a source, for the aggregates of quality';

CREATE FUNCTION predseg.outcomes(name text, source text, by text DEFAULT NULL, weight text DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (actual float8, predicted float8, weight float8, by_value text)
	AS 'MODULE_PATHNAME', 'predseg_outcomes_by_name' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 1000;
COMMENT ON FUNCTION predseg.outcomes(text, text, text, text, date) IS 'What happened and what the model deployed under a name predicts for the rows of a source, for the aggregates of quality';

-- Agreement of two columns of labels.

CREATE TYPE predseg.agreement;

CREATE FUNCTION predseg.agreement_in(cstring) RETURNS predseg.agreement
	AS 'MODULE_PATHNAME', 'predseg_agreement_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.agreement_in(cstring) IS 'Reads the state of an agreement of labels from hexadecimal text';

CREATE FUNCTION predseg.agreement_out(predseg.agreement) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_agreement_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.agreement_out(predseg.agreement) IS 'Writes the state of an agreement of labels as hexadecimal text';

CREATE FUNCTION predseg.agreement_recv(internal) RETURNS predseg.agreement
	AS 'MODULE_PATHNAME', 'predseg_agreement_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.agreement_recv(internal) IS 'Reads the state of an agreement of labels from its bytes, checking them completely';

CREATE FUNCTION predseg.agreement_send(predseg.agreement) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_agreement_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.agreement_send(predseg.agreement) IS 'Writes the state of an agreement of labels as its bytes';

CREATE TYPE predseg.agreement (
	INPUT = predseg.agreement_in,
	OUTPUT = predseg.agreement_out,
	RECEIVE = predseg.agreement_recv,
	SEND = predseg.agreement_send,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE predseg.agreement IS 'State of adjusted_rand and normalized_mutual_information: how many rows have each pair of labels';

CREATE FUNCTION predseg.agreement_add(state predseg.agreement, actual "any", predicted "any") RETURNS predseg.agreement
	AS 'MODULE_PATHNAME', 'predseg_agreement_add' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.agreement_add(predseg.agreement, "any", "any") IS 'Transition function of the aggregates adjusted_rand and normalized_mutual_information';

CREATE FUNCTION predseg.agreement_merge(state predseg.agreement, other predseg.agreement) RETURNS predseg.agreement
	AS 'MODULE_PATHNAME', 'predseg_agreement_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.agreement_merge(predseg.agreement, predseg.agreement) IS 'Combine function of the aggregates adjusted_rand and normalized_mutual_information';

CREATE FUNCTION predseg.agreement_rand(state predseg.agreement) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_agreement_rand' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.agreement_rand(predseg.agreement) IS 'Final function of the aggregate predseg.adjusted_rand';

CREATE FUNCTION predseg.agreement_information(state predseg.agreement) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_agreement_information' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.agreement_information(predseg.agreement) IS 'Final function of the aggregate predseg.normalized_mutual_information';

CREATE AGGREGATE predseg.adjusted_rand(actual "any", predicted "any") (
	SFUNC = predseg.agreement_add,
	STYPE = predseg.agreement,
	SSPACE = 8192,
	COMBINEFUNC = predseg.agreement_merge,
	FINALFUNC = predseg.agreement_rand,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.adjusted_rand("any", "any") IS 'Adjusted Rand index of two columns of labels: 1 for the same groups under any names, about 0 for groups that have nothing to do with each other. Pairs with NULL are skipped; NULL without any';

CREATE AGGREGATE predseg.normalized_mutual_information(actual "any", predicted "any") (
	SFUNC = predseg.agreement_add,
	STYPE = predseg.agreement,
	SSPACE = 8192,
	COMBINEFUNC = predseg.agreement_merge,
	FINALFUNC = predseg.agreement_information,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.normalized_mutual_information("any", "any") IS 'What two columns of labels say about each other, from 0 (nothing) to 1 (everything): mutual information divided by the mean of both entropies. Pairs with NULL are skipped; NULL without any';
