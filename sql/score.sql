-- Questions to models: by value (a pure function) and by name (the deployed version).

-- Internal: while it plans, PostgreSQL asks row_support about every f('name', t.*, ...), and passes only the columns
-- that the model reads (src/pg/rewrite.c).

CREATE FUNCTION predseg.row_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'predseg_row_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.row_support(internal) IS 'Internal: lets the planner pass to a named model only the columns that it reads';

CREATE FUNCTION predseg.row_of(name text, inputs text[], names text[], VARIADIC "columns" "any") RETURNS record
	AS 'MODULE_PATHNAME', 'predseg_row_of' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.row_of(text, text[], text[], "any") IS 'Internal: a row of some columns for the model deployed under a name; NULL when its inputs are others';

CREATE FUNCTION predseg.score(model predseg.model, "row" record) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_score_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.score(predseg.model, record) IS 'The main number of a model for a row: the probability of a classifier, P(alive) of a purchase model, the expected spend of a gamma_gamma, the number of a cluster; the documentation of a method says it; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.score(name text, "row" record) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_score_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.score(text, record) IS 'The main number of a model for a row: the probability of a classifier, P(alive) of a purchase model, the expected spend of a gamma_gamma, the number of a cluster; the documentation of a method says it; asks the model deployed under a name';

CREATE FUNCTION predseg.intent_score(model predseg.model, "row" record) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_intent_score_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.intent_score(predseg.model, record) IS 'P(target) for a row, by a classifier; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.intent_score(name text, "row" record) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_intent_score_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.intent_score(text, record) IS 'P(target) for a row, by a classifier; asks the model deployed under a name';

CREATE FUNCTION predseg.churn_probability(model predseg.model, "row" record, horizon interval DEFAULT NULL, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_churn_probability_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.churn_probability(predseg.model, record, interval, date) IS 'Purchase models: P(no purchase in (as_of, as_of + horizon]); contracts: P(ends within the horizon); classifiers: their probability, without a horizon; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.churn_probability(name text, "row" record, horizon interval DEFAULT NULL, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_churn_probability_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.churn_probability(text, record, interval, date) IS 'Purchase models: P(no purchase in (as_of, as_of + horizon]); contracts: P(ends within the horizon); classifiers: their probability, without a horizon; asks the model deployed under a name';

CREATE FUNCTION predseg.p_alive(model predseg.model, "row" record, horizon interval DEFAULT NULL, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_alive_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.p_alive(predseg.model, record, interval, date) IS 'P(the customer is still alive at as_of, or at as_of + horizon), by a purchase model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.p_alive(name text, "row" record, horizon interval DEFAULT NULL, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_alive_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.p_alive(text, record, interval, date) IS 'P(the customer is still alive at as_of, or at as_of + horizon), by a purchase model; asks the model deployed under a name';

CREATE FUNCTION predseg.p_alive_log_odds(model predseg.model, "row" record, horizon interval DEFAULT NULL, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_alive_log_odds_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.p_alive_log_odds(predseg.model, record, interval, date) IS 'The log-odds of P(the customer is still alive at as_of, or at as_of + horizon), with the digits that a P near 1 has lost; NULL where it is certain; by a purchase model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.p_alive_log_odds(name text, "row" record, horizon interval DEFAULT NULL, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_alive_log_odds_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.p_alive_log_odds(text, record, interval, date) IS 'The log-odds of P(the customer is still alive at as_of, or at as_of + horizon), with the digits that a P near 1 has lost; NULL where it is certain; by a purchase model; asks the model deployed under a name';

CREATE FUNCTION predseg.expected_purchases(model predseg.model, "row" record, horizon interval, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_expected_purchases_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.expected_purchases(predseg.model, record, interval, date) IS 'Expected number of purchases in (as_of, as_of + horizon], by a purchase model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.expected_purchases(name text, "row" record, horizon interval, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_expected_purchases_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.expected_purchases(text, record, interval, date) IS 'Expected number of purchases in (as_of, as_of + horizon], by a purchase model; asks the model deployed under a name';

CREATE FUNCTION predseg.discounted_purchases(model predseg.model, "row" record, horizon interval DEFAULT NULL, discount float8 DEFAULT 0, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_discounted_purchases_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.discounted_purchases(predseg.model, record, interval, float8, date) IS 'Expected number of purchases after as_of within the horizon (NULL: without end), each discounted by its wait at an effective annual rate, by a purchase model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.discounted_purchases(name text, "row" record, horizon interval DEFAULT NULL, discount float8 DEFAULT 0, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_discounted_purchases_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.discounted_purchases(text, record, interval, float8, date) IS 'Expected number of purchases after as_of within the horizon (NULL: without end), each discounted by its wait at an effective annual rate, by a purchase model; asks the model deployed under a name';

CREATE FUNCTION predseg.p_exactly(model predseg.model, "row" record, horizon interval, purchases int, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_exactly_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.p_exactly(predseg.model, record, interval, int, date) IS 'P(exactly so many purchases in (as_of, as_of + horizon]), by a purchase model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.p_exactly(name text, "row" record, horizon interval, purchases int, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_exactly_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.p_exactly(text, record, interval, int, date) IS 'P(exactly so many purchases in (as_of, as_of + horizon]), by a purchase model; asks the model deployed under a name';

CREATE FUNCTION predseg.p_at_least(model predseg.model, "row" record, horizon interval, purchases int, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_at_least_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.p_at_least(predseg.model, record, interval, int, date) IS 'P(so many purchases or more in (as_of, as_of + horizon]), by a purchase model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.p_at_least(name text, "row" record, horizon interval, purchases int, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_p_at_least_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.p_at_least(text, record, interval, int, date) IS 'P(so many purchases or more in (as_of, as_of + horizon]), by a purchase model; asks the model deployed under a name';

CREATE FUNCTION predseg.next_purchase(model predseg.model, "row" record, p float8 DEFAULT 0.5, as_of date DEFAULT NULL) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_next_purchase_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.next_purchase(predseg.model, record, float8, date) IS 'The day by which a purchase after as_of has happened with probability p, by a purchase model; NULL when it never gets so likely; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.next_purchase(name text, "row" record, p float8 DEFAULT 0.5, as_of date DEFAULT NULL) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_next_purchase_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.next_purchase(text, record, float8, date) IS 'The day by which a purchase after as_of has happened with probability p, by a purchase model; NULL when it never gets so likely; asks the model deployed under a name';

CREATE FUNCTION predseg.p_alive_below(model predseg.model, "row" record, threshold float8 DEFAULT 0.5, as_of date DEFAULT NULL) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_p_alive_below_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.p_alive_below(predseg.model, record, float8, date) IS 'The first day from as_of on with P(alive) below a threshold, if no purchase happens until then, by a purchase model; NULL when there is none; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.p_alive_below(name text, "row" record, threshold float8 DEFAULT 0.5, as_of date DEFAULT NULL) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_p_alive_below_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.p_alive_below(text, record, float8, date) IS 'The first day from as_of on with P(alive) below a threshold, if no purchase happens until then, by a purchase model; NULL when there is none; asks the model deployed under a name';

CREATE FUNCTION predseg.churn_above(model predseg.model, "row" record, horizon interval, threshold float8 DEFAULT 0.5, as_of date DEFAULT NULL) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_churn_above_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.churn_above(predseg.model, record, interval, float8, date) IS 'The first day from as_of on whose churn_probability within the horizon reaches a threshold, if no purchase happens until then, by a purchase model; NULL when there is none; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.churn_above(name text, "row" record, horizon interval, threshold float8 DEFAULT 0.5, as_of date DEFAULT NULL) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_churn_above_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.churn_above(text, record, interval, float8, date) IS 'The first day from as_of on whose churn_probability within the horizon reaches a threshold, if no purchase happens until then, by a purchase model; NULL when there is none; asks the model deployed under a name';

CREATE FUNCTION predseg.clv(model predseg.model, "row" record, horizon interval DEFAULT NULL, discount float8 DEFAULT 0, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_clv_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.clv(predseg.model, record, interval, float8, date) IS 'Expected value of the purchases after as_of in the currency of the amounts, or of the margin that a contract still brings, within the horizon (NULL: without end), discounted by an effective annual rate; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.clv(name text, "row" record, horizon interval DEFAULT NULL, discount float8 DEFAULT 0, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_clv_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.clv(text, record, interval, float8, date) IS 'Expected value of the purchases after as_of in the currency of the amounts, or of the margin that a contract still brings, within the horizon (NULL: without end), discounted by an effective annual rate; asks the model deployed under a name';

CREATE FUNCTION predseg.expected_purchases_bound(model predseg.model, "row" record, horizon interval, p float8, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_expected_purchases_bound_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION predseg.expected_purchases_bound(predseg.model, record, interval, float8, date) IS 'What expected_purchases is below with probability p, given how many customers the model learned from; NULL where the fit did not converge or the parameters were given; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.expected_purchases_bound(name text, "row" record, horizon interval, p float8, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_expected_purchases_bound_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 60 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.expected_purchases_bound(text, record, interval, float8, date) IS 'What expected_purchases is below with probability p, given how many customers the model learned from; NULL where the fit did not converge or the parameters were given; asks the model deployed under a name';

CREATE FUNCTION predseg.clv_bound(model predseg.model, "row" record, horizon interval, p float8, discount float8 DEFAULT 0, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_clv_bound_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION predseg.clv_bound(predseg.model, record, interval, float8, float8, date) IS 'What clv is below with probability p, given how many customers the model learned from; NULL where a fit did not converge or the parameters were given; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.clv_bound(name text, "row" record, horizon interval, p float8, discount float8 DEFAULT 0, as_of date DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_clv_bound_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 60 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.clv_bound(text, record, interval, float8, float8, date) IS 'What clv is below with probability p, given how many customers the model learned from; NULL where a fit did not converge or the parameters were given; asks the model deployed under a name';

CREATE FUNCTION predseg.expected_lifetime(model predseg.model, "row" record, horizon interval DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_expected_lifetime_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predseg.expected_lifetime(predseg.model, record, interval) IS 'Expected days that a contract still lasts, within the horizon (NULL: without end), given its duration; NULL where the model cannot say or the expectation is infinite; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.expected_lifetime(name text, "row" record, horizon interval DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_expected_lifetime_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 30 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.expected_lifetime(text, record, interval) IS 'Expected days that a contract still lasts, within the horizon (NULL: without end), given its duration; asks the model deployed under a name';

CREATE FUNCTION predseg.cluster(model predseg.model, "row" record) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_cluster_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.cluster(predseg.model, record) IS 'The number of the cluster of a row; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.cluster(name text, "row" record) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_cluster_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.cluster(text, record) IS 'The number of the cluster of a row; asks the model deployed under a name';

CREATE FUNCTION predseg.cluster_probabilities(model predseg.model, "row" record) RETURNS float8[]
	AS 'MODULE_PATHNAME', 'predseg_cluster_probabilities_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.cluster_probabilities(predseg.model, record) IS 'The probability of each cluster for a row, by a mixture: element 1 is that of cluster 1; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.cluster_probabilities(name text, "row" record) RETURNS float8[]
	AS 'MODULE_PATHNAME', 'predseg_cluster_probabilities_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.cluster_probabilities(text, record) IS 'The probability of each cluster for a row, by a mixture: element 1 is that of cluster 1; asks the model deployed under a name';

CREATE FUNCTION predseg.cluster_distance(model predseg.model, "row" record) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_cluster_distance_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.cluster_distance(predseg.model, record) IS 'How far a row is from its cluster, in scaled columns; by a mixture in standard deviations of the cluster; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.cluster_distance(name text, "row" record) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_cluster_distance_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.cluster_distance(text, record) IS 'How far a row is from its cluster, in scaled columns; by a mixture in standard deviations of the cluster; asks the model deployed under a name';

CREATE FUNCTION predseg.second_cluster(model predseg.model, "row" record) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_second_cluster_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.second_cluster(predseg.model, record) IS 'The next best cluster of a row, 1..k; NULL where there is only one; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.second_cluster(name text, "row" record) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_second_cluster_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.second_cluster(text, record) IS 'The next best cluster of a row, 1..k; NULL where there is only one; asks the model deployed under a name';

CREATE FUNCTION predseg.unlike_any_cluster(model predseg.model, "row" record) RETURNS boolean
	AS 'MODULE_PATHNAME', 'predseg_unlike_any_cluster_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.unlike_any_cluster(predseg.model, record) IS 'Is a row farther from its cluster, or by a mixture less likely, than nearly all rows of the training? NULL for models of versions that did not keep the cut; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.unlike_any_cluster(name text, "row" record) RETURNS boolean
	AS 'MODULE_PATHNAME', 'predseg_unlike_any_cluster_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.unlike_any_cluster(text, record) IS 'Is a row farther from its cluster, or by a mixture less likely, than nearly all rows of the training? NULL for models of versions that did not keep the cut; asks the model deployed under a name';

CREATE FUNCTION predseg.band(model predseg.model, "row" record) RETURNS text
	AS 'MODULE_PATHNAME', 'predseg_band_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.band(predseg.model, record) IS 'low, medium or high: the band of a row''s probability by the cuts frozen in the model; the same for the same arguments, so it can be indexed';

CREATE FUNCTION predseg.band(name text, "row" record) RETURNS text
	AS 'MODULE_PATHNAME', 'predseg_band_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 SUPPORT predseg.row_support;
COMMENT ON FUNCTION predseg.band(text, record) IS 'low, medium or high: the band of a row''s probability by the cuts frozen in the model; asks the model deployed under a name';

CREATE FUNCTION predseg.band(score float8, cuts float8[], labels text[]) RETURNS text
	AS 'MODULE_PATHNAME', 'predseg_band_by_hand' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.band(float8, float8[], text[]) IS 'The label of a number: labels[1] below the first of the ascending cuts, the next from each cut on';
