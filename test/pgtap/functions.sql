-- What the extension gives to its users, name by name: a function, a relation,
-- a type or a cast that is added, removed or changed must be written here, too.
BEGIN;
SELECT no_plan();

CREATE TEMPORARY VIEW object AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS description
FROM pg_depend d
WHERE d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'predseg')
  AND d.deptype = 'e'
  -- from PostgreSQL 17 on, array types and the row types of tables are members, too
  AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (
	SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
	WHERE t.oid = d.objid AND (t.typelem <> 0 OR c.relkind IN ('r', 'v'))));

CREATE TEMPORARY VIEW relation AS
SELECT c.*, o.description FROM pg_class c JOIN object o ON o.objid = c.oid AND o.classid = 'pg_class'::regclass;

-- Functions and aggregates: arguments, result; kind, volatility, strictness
-- and parallel label.

SELECT bag_eq($$
	SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')' AS signature, pg_get_function_result(p.oid) AS result,
		CASE p.prokind WHEN 'a' THEN 'aggregate ' WHEN 'f' THEN '' ELSE 'other ' END
		|| CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END
		|| CASE WHEN p.proisstrict THEN ' strict' ELSE '' END
		|| CASE p.proparallel WHEN 's' THEN ' safe' WHEN 'u' THEN ' unsafe' ELSE ' restricted' END AS labels
	FROM pg_proc p JOIN object o ON o.objid = p.oid AND o.classid = 'pg_proc'::regclass
$$, $wanted$ VALUES
	('absolute_loss_add(state predseg.mean_loss, actual double precision, predicted double precision)', 'predseg.mean_loss', 'immutable safe'),
	('absolute_loss_add(state predseg.mean_loss, actual double precision, predicted double precision, weight double precision)', 'predseg.mean_loss', 'immutable safe'),
	('ack(consumer text, pos bigint)', 'bigint', 'volatile unsafe'),
	('average(rfm predseg.rfm)', 'double precision', 'immutable strict safe'),
	('average_precision(actual anyelement, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('average_precision(actual anyelement, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('band(model predseg.model, "row" record)', 'text', 'immutable strict safe'),
	('band(name text, "row" record)', 'text', 'stable strict safe'),
	('band(score double precision, cuts double precision[], labels text[])', 'text', 'immutable strict safe'),
	('adjusted_rand(actual "any", predicted "any")', 'double precision', 'aggregate immutable safe'),
	('agreement_add(state predseg.agreement, actual "any", predicted "any")', 'predseg.agreement', 'stable safe'),
	('agreement_in(cstring)', 'predseg.agreement', 'immutable strict safe'),
	('agreement_information(state predseg.agreement)', 'double precision', 'immutable strict safe'),
	('agreement_merge(state predseg.agreement, other predseg.agreement)', 'predseg.agreement', 'immutable safe'),
	('agreement_out(predseg.agreement)', 'cstring', 'immutable strict safe'),
	('agreement_rand(state predseg.agreement)', 'double precision', 'immutable strict safe'),
	('agreement_recv(internal)', 'predseg.agreement', 'immutable strict safe'),
	('agreement_send(predseg.agreement)', 'bytea', 'immutable strict safe'),
	('normalized_mutual_information(actual "any", predicted "any")', 'double precision', 'aggregate immutable safe'),
	('brier(actual anyelement, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('brier(actual anyelement, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('brier_add(state predseg.mean_loss, actual anyelement, predicted double precision)', 'predseg.mean_loss', 'immutable safe'),
	('brier_add(state predseg.mean_loss, actual anyelement, predicted double precision, weight double precision)', 'predseg.mean_loss', 'immutable safe'),
	('btyd(rfm predseg.rfm, as_of date)', 'predseg.btyd', 'immutable strict safe'),
	('calibration(actual anyelement, predicted double precision)', 'predseg.calibration_bin[]', 'aggregate immutable safe'),
	('calibration(actual anyelement, predicted double precision, bins integer)', 'predseg.calibration_bin[]', 'aggregate immutable safe'),
	('calibration(actual anyelement, predicted double precision, bins integer, weight double precision)', 'predseg.calibration_bin[]', 'aggregate immutable safe'),
	('change_notify()', 'trigger', 'volatile unsafe'),
	('choose_cutoff(actual anyelement, predicted double precision, benefit double precision, cost double precision)', 'double precision', 'aggregate immutable safe'),
	('choose_cutoff(actual anyelement, predicted double precision, benefit double precision, cost double precision, capacity double precision)', 'double precision', 'aggregate immutable safe'),
	('choose_cutoff(actual anyelement, predicted double precision, benefit double precision, cost double precision, capacity double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('churn_above(model predseg.model, "row" record, horizon interval, threshold double precision DEFAULT 0.5, as_of date DEFAULT NULL::date)', 'date', 'immutable safe'),
	('churn_above(name text, "row" record, horizon interval, threshold double precision DEFAULT 0.5, as_of date DEFAULT NULL::date)', 'date', 'stable safe'),
	('churn_probability(model predseg.model, "row" record, horizon interval DEFAULT NULL::interval, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('churn_probability(name text, "row" record, horizon interval DEFAULT NULL::interval, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('clv_backtest(source text, split_at date, methods text[] DEFAULT ''{mbg_nbd}''::text[], period interval DEFAULT ''7 days''::interval, ends_at date DEFAULT NULL::date, key text DEFAULT ''customer_id''::text, at text DEFAULT ''ordered_at''::text, amount text DEFAULT ''amount''::text, zone text DEFAULT NULL::text, options jsonb DEFAULT ''{}''::jsonb)', 'TABLE(method text, quantity text, measure text, bin integer, label text, customers bigint, expected double precision, actual double precision, metric double precision)', 'volatile unsafe'),
	('holdout_end(first_day date, split_at date, ends_at date)', 'date', 'immutable safe'),
	('holdout_periods(first_day date, split_at date, ends_at date, period interval)', 'TABLE(bin integer, begins_on date, ends_on date)', 'immutable safe'),
	('holdout_split(source text, split_at date, ends_at date DEFAULT NULL::date, key text DEFAULT ''customer_id''::text, at text DEFAULT ''ordered_at''::text, amount text DEFAULT ''amount''::text, zone text DEFAULT NULL::text)', 'TABLE(customer text, history predseg.rfm, as_of date, horizon interval, days date[], purchases integer, value double precision)', 'volatile unsafe'),
	('transactions(source text, key text DEFAULT ''customer_id''::text, at text DEFAULT ''ordered_at''::text, amount text DEFAULT ''amount''::text, zone text DEFAULT NULL::text)', 'TABLE(customer text, day date, value double precision)', 'volatile unsafe'),
	('clv_bound(model predseg.model, "row" record, horizon interval, p double precision, discount double precision DEFAULT 0, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('clv_bound(name text, "row" record, horizon interval, p double precision, discount double precision DEFAULT 0, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('expected_purchases_bound(model predseg.model, "row" record, horizon interval, p double precision, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('expected_purchases_bound(name text, "row" record, horizon interval, p double precision, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('cluster_candidates(model predseg.model)', 'TABLE(k integer, chosen boolean, covariance text, inertia double precision, overlap double precision, silhouette double precision, calinski_harabasz double precision, davies_bouldin double precision, gap double precision, gap_error double precision, height double precision, log_likelihood double precision, bic double precision, aic double precision)', 'immutable strict safe'),
	('cluster_candidates(name text)', 'TABLE(k integer, chosen boolean, covariance text, inertia double precision, overlap double precision, silhouette double precision, calinski_harabasz double precision, davies_bouldin double precision, gap double precision, gap_error double precision, height double precision, log_likelihood double precision, bic double precision, aic double precision)', 'stable strict safe'),
	('silhouette(label "any", VARIADIC columns double precision[])', 'double precision', 'aggregate immutable safe'),
	('point_sample_add(state predseg.point_sample, label "any", VARIADIC columns double precision[])', 'predseg.point_sample', 'stable safe'),
	('point_sample_in(cstring)', 'predseg.point_sample', 'immutable strict safe'),
	('point_sample_merge(state predseg.point_sample, other predseg.point_sample)', 'predseg.point_sample', 'immutable safe'),
	('point_sample_out(predseg.point_sample)', 'cstring', 'immutable strict safe'),
	('point_sample_recv(internal)', 'predseg.point_sample', 'immutable strict safe'),
	('point_sample_send(predseg.point_sample)', 'bytea', 'immutable strict safe'),
	('point_sample_silhouette(state predseg.point_sample)', 'double precision', 'immutable strict safe'),
	('cluster(model predseg.model, "row" record)', 'integer', 'immutable strict safe'),
	('cluster(name text, "row" record)', 'integer', 'stable strict safe'),
	('cluster_names(model predseg.model, source text, columns text[] DEFAULT NULL::text[], as_of date DEFAULT NULL::date)', 'TABLE(cluster integer, cluster_name text, rows bigint, share double precision)', 'volatile unsafe'),
	('cluster_names(name text, source text, columns text[] DEFAULT NULL::text[], as_of date DEFAULT NULL::date)', 'TABLE(cluster integer, cluster_name text, rows bigint, share double precision)', 'volatile unsafe'),
	('cluster_probabilities(model predseg.model, "row" record)', 'double precision[]', 'immutable strict safe'),
	('cluster_probabilities(name text, "row" record)', 'double precision[]', 'stable strict safe'),
	('cluster_distance(model predseg.model, "row" record)', 'double precision', 'immutable strict safe'),
	('cluster_distance(name text, "row" record)', 'double precision', 'stable strict safe'),
	('second_cluster(model predseg.model, "row" record)', 'integer', 'immutable strict safe'),
	('second_cluster(name text, "row" record)', 'integer', 'stable strict safe'),
	('unlike_any_cluster(model predseg.model, "row" record)', 'boolean', 'immutable strict safe'),
	('unlike_any_cluster(name text, "row" record)', 'boolean', 'stable strict safe'),
	('cluster_profile(model predseg.model, source text, columns text[] DEFAULT NULL::text[], as_of date DEFAULT NULL::date)', 'TABLE(cluster integer, cluster_name text, rows bigint, share double precision, feature text, level text, rows_with bigint, mean double precision, median double precision, overall_mean double precision, overall_median double precision, difference double precision, lift double precision)', 'volatile unsafe'),
	('cluster_profile(name text, source text, columns text[] DEFAULT NULL::text[], as_of date DEFAULT NULL::date)', 'TABLE(cluster integer, cluster_name text, rows bigint, share double precision, feature text, level text, rows_with bigint, mean double precision, median double precision, overall_mean double precision, overall_median double precision, difference double precision, lift double precision)', 'volatile unsafe'),
	('clv(model predseg.model, "row" record, horizon interval DEFAULT NULL::interval, discount double precision DEFAULT 0, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('clv(name text, "row" record, horizon interval DEFAULT NULL::interval, discount double precision DEFAULT 0, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('create_consumer(name text, segments text[] DEFAULT NULL::text[], from_start boolean DEFAULT false)', 'bigint', 'volatile unsafe'),
	('create_segment(name text, source text, key text, enter_when text, leave_when text DEFAULT NULL::text, description text DEFAULT NULL::text)', 'integer', 'volatile unsafe'),
	('days_since_last(rfm predseg.rfm, as_of date)', 'integer', 'immutable strict safe'),
	('deploy(name text, version integer DEFAULT NULL::integer)', 'integer', 'volatile unsafe'),
	('describe(model predseg.model)', 'jsonb', 'immutable strict safe'),
	('drop_consumer(name text)', 'void', 'volatile unsafe'),
	('drop_model(name text)', 'integer', 'volatile strict unsafe'),
	('drop_segment(name text)', 'void', 'volatile unsafe'),
	('expected_lifetime(model predseg.model, "row" record, horizon interval DEFAULT NULL::interval)', 'double precision', 'immutable safe'),
	('expected_lifetime(name text, "row" record, horizon interval DEFAULT NULL::interval)', 'double precision', 'stable safe'),
	('evaluate(model predseg.model, source text, by text DEFAULT NULL::text, weight text DEFAULT NULL::text, as_of date DEFAULT NULL::date)', 'TABLE(metric text, value double precision, quality text, by_value text)', 'volatile unsafe'),
	('evaluate(name text, source text, by text DEFAULT NULL::text, weight text DEFAULT NULL::text, as_of date DEFAULT NULL::date)', 'TABLE(metric text, value double precision, quality text, by_value text)', 'volatile unsafe'),
	('outcomes(model predseg.model, source text, by text DEFAULT NULL::text, weight text DEFAULT NULL::text, as_of date DEFAULT NULL::date)', 'TABLE(actual double precision, predicted double precision, weight double precision, by_value text)', 'volatile unsafe'),
	('outcomes(name text, source text, by text DEFAULT NULL::text, weight text DEFAULT NULL::text, as_of date DEFAULT NULL::date)', 'TABLE(actual double precision, predicted double precision, weight double precision, by_value text)', 'volatile unsafe'),
	('discounted_purchases(model predseg.model, "row" record, horizon interval DEFAULT NULL::interval, discount double precision DEFAULT 0, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('discounted_purchases(name text, "row" record, horizon interval DEFAULT NULL::interval, discount double precision DEFAULT 0, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('expected_purchases(model predseg.model, "row" record, horizon interval, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('expected_purchases(name text, "row" record, horizon interval, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('explain(model predseg.model, "row" record, top integer DEFAULT NULL::integer)', 'TABLE(feature text, value text, contribution double precision)', 'immutable safe'),
	('explain(name text, "row" record, top integer DEFAULT NULL::integer)', 'TABLE(feature text, value text, contribution double precision)', 'stable safe'),
	('first_day(rfm predseg.rfm)', 'date', 'immutable strict safe'),
	('fit(method text, "row" record)', 'predseg.model', 'aggregate immutable safe'),
	('fit(method text, "row" record, options jsonb)', 'predseg.model', 'aggregate immutable safe'),
	('fit_accumulate(state internal, method text, "row" record)', 'internal', 'stable safe'),
	('fit_accumulate(state internal, method text, "row" record, options jsonb)', 'internal', 'stable safe'),
	('fit_finish(state internal)', 'predseg.model', 'stable safe'),
	('gini(actual anyelement, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('gini(actual anyelement, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('intent_score(model predseg.model, "row" record)', 'double precision', 'immutable strict safe'),
	('intent_score(name text, "row" record)', 'double precision', 'stable strict safe'),
	('keep_owner()', 'trigger', 'volatile unsafe'),
	('last_day(rfm predseg.rfm)', 'date', 'immutable strict safe'),
	('lift(actual anyelement, predicted double precision)', 'predseg.lift_bin[]', 'aggregate immutable safe'),
	('lift(actual anyelement, predicted double precision, bins integer)', 'predseg.lift_bin[]', 'aggregate immutable safe'),
	('lift(actual anyelement, predicted double precision, bins integer, weight double precision)', 'predseg.lift_bin[]', 'aggregate immutable safe'),
	('log_loss(actual anyelement, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('log_loss(actual anyelement, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('log_loss_add(state predseg.mean_loss, actual anyelement, predicted double precision)', 'predseg.mean_loss', 'immutable safe'),
	('log_loss_add(state predseg.mean_loss, actual anyelement, predicted double precision, weight double precision)', 'predseg.mean_loss', 'immutable safe'),
	('mae(actual double precision, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('mae(actual double precision, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('make_model(method text, parameters jsonb, options jsonb DEFAULT ''{}''::jsonb)', 'predseg.model', 'immutable strict safe'),
	('import_model(format text, content text, options jsonb DEFAULT ''{}''::jsonb)', 'predseg.model', 'immutable strict safe'),
	('mean_loss_in(cstring)', 'predseg.mean_loss', 'immutable strict safe'),
	('mean_loss_mean(state predseg.mean_loss)', 'double precision', 'immutable strict safe'),
	('mean_loss_merge(state predseg.mean_loss, other predseg.mean_loss)', 'predseg.mean_loss', 'immutable safe'),
	('mean_loss_out(predseg.mean_loss)', 'cstring', 'immutable strict safe'),
	('mean_loss_recv(internal)', 'predseg.mean_loss', 'immutable strict safe'),
	('mean_loss_root(state predseg.mean_loss)', 'double precision', 'immutable strict safe'),
	('mean_loss_send(predseg.mean_loss)', 'bytea', 'immutable strict safe'),
	('model_in(cstring)', 'predseg.model', 'immutable strict safe'),
	('model_out(predseg.model)', 'cstring', 'immutable strict safe'),
	('model_recv(internal)', 'predseg.model', 'immutable strict safe'),
	('model_send(predseg.model)', 'bytea', 'immutable strict safe'),
	('next_purchase(model predseg.model, "row" record, p double precision DEFAULT 0.5, as_of date DEFAULT NULL::date)', 'date', 'immutable safe'),
	('next_purchase(name text, "row" record, p double precision DEFAULT 0.5, as_of date DEFAULT NULL::date)', 'date', 'stable safe'),
	('only_restore()', 'trigger', 'volatile unsafe'),
	('orders(rfm predseg.rfm)', 'integer', 'immutable strict safe'),
	('p_alive(model predseg.model, "row" record, horizon interval DEFAULT NULL::interval, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('p_alive(name text, "row" record, horizon interval DEFAULT NULL::interval, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('p_alive_below(model predseg.model, "row" record, threshold double precision DEFAULT 0.5, as_of date DEFAULT NULL::date)', 'date', 'immutable safe'),
	('p_alive_below(name text, "row" record, threshold double precision DEFAULT 0.5, as_of date DEFAULT NULL::date)', 'date', 'stable safe'),
	('p_alive_log_odds(model predseg.model, "row" record, horizon interval DEFAULT NULL::interval, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('p_alive_log_odds(name text, "row" record, horizon interval DEFAULT NULL::interval, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('p_at_least(model predseg.model, "row" record, horizon interval, purchases integer, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('p_at_least(name text, "row" record, horizon interval, purchases integer, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('p_exactly(model predseg.model, "row" record, horizon interval, purchases integer, as_of date DEFAULT NULL::date)', 'double precision', 'immutable safe'),
	('p_exactly(name text, "row" record, horizon interval, purchases integer, as_of date DEFAULT NULL::date)', 'double precision', 'stable safe'),
	('poll(consumer text, max_rows integer DEFAULT 1000, lease interval DEFAULT ''00:01:00''::interval)', 'SETOF predseg.change', 'volatile unsafe'),
	('refresh(name text DEFAULT NULL::text)', 'TABLE(segment text, entered bigint, "left" bigint, moved bigint, held boolean, reason text)', 'volatile unsafe'),
	('repeats(rfm predseg.rfm)', 'integer', 'immutable strict safe'),
	('rfm(at timestamp with time zone, amount double precision, zone text)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(at timestamp with time zone, amount numeric, zone text)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(at timestamp without time zone, amount double precision)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(at timestamp without time zone, amount numeric)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(at timestamp without time zone, amount double precision, zone text)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(at timestamp without time zone, amount numeric, zone text)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(day date, amount double precision)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(day date, amount numeric)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(day date, amount double precision, zone text)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm(day date, amount numeric, zone text)', 'predseg.rfm', 'aggregate immutable safe'),
	('rfm_add(state predseg.rfm, at timestamp with time zone, amount double precision, zone text)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, at timestamp with time zone, amount numeric, zone text)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, at timestamp without time zone, amount double precision)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, at timestamp without time zone, amount numeric)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, at timestamp without time zone, amount double precision, zone text)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, at timestamp without time zone, amount numeric, zone text)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, day date, amount double precision)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, day date, amount numeric)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, day date, amount double precision, zone text)', 'predseg.rfm', 'immutable safe'),
	('rfm_add(state predseg.rfm, day date, amount numeric, zone text)', 'predseg.rfm', 'immutable safe'),
	('rfm_final(state predseg.rfm)', 'predseg.rfm', 'immutable strict safe'),
	('rfm_in(cstring)', 'predseg.rfm', 'immutable strict safe'),
	('rfm_merge(state predseg.rfm, rfm predseg.rfm)', 'predseg.rfm', 'immutable safe'),
	('rfm_out(predseg.rfm)', 'cstring', 'immutable strict safe'),
	('rfm_recv(internal)', 'predseg.rfm', 'immutable strict safe'),
	('rfm_send(predseg.rfm)', 'bytea', 'immutable strict safe'),
	('rmse(actual double precision, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('rmse(actual double precision, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('roc_add(state predseg.roc, actual anyelement, predicted double precision)', 'predseg.roc', 'immutable safe'),
	('roc_add(state predseg.roc, actual anyelement, predicted double precision, weight double precision)', 'predseg.roc', 'immutable safe'),
	('roc_add_bins(state predseg.roc, actual anyelement, predicted double precision, bins integer)', 'predseg.roc', 'immutable safe'),
	('roc_add_bins(state predseg.roc, actual anyelement, predicted double precision, bins integer, weight double precision)', 'predseg.roc', 'immutable safe'),
	('roc_add_profit(state predseg.roc, actual anyelement, predicted double precision, benefit double precision, cost double precision)', 'predseg.roc', 'immutable safe'),
	('roc_add_profit(state predseg.roc, actual anyelement, predicted double precision, benefit double precision, cost double precision, capacity double precision)', 'predseg.roc', 'immutable safe'),
	('roc_add_profit(state predseg.roc, actual anyelement, predicted double precision, benefit double precision, cost double precision, capacity double precision, weight double precision)', 'predseg.roc', 'immutable safe'),
	('roc_area(state predseg.roc)', 'double precision', 'immutable strict safe'),
	('roc_auc(actual anyelement, predicted double precision)', 'double precision', 'aggregate immutable safe'),
	('roc_auc(actual anyelement, predicted double precision, weight double precision)', 'double precision', 'aggregate immutable safe'),
	('roc_average_precision(state predseg.roc)', 'double precision', 'immutable strict safe'),
	('roc_calibration(state predseg.roc)', 'predseg.calibration_bin[]', 'immutable strict safe'),
	('roc_cutoff(state predseg.roc)', 'double precision', 'immutable strict safe'),
	('roc_gini(state predseg.roc)', 'double precision', 'immutable strict safe'),
	('roc_in(cstring)', 'predseg.roc', 'immutable strict safe'),
	('roc_lift(state predseg.roc)', 'predseg.lift_bin[]', 'immutable strict safe'),
	('roc_merge(state predseg.roc, other predseg.roc)', 'predseg.roc', 'immutable safe'),
	('roc_out(predseg.roc)', 'cstring', 'immutable strict safe'),
	('roc_recv(internal)', 'predseg.roc', 'immutable strict safe'),
	('roc_send(predseg.roc)', 'bytea', 'immutable strict safe'),
	('roc_thresholds(state predseg.roc)', 'predseg.threshold[]', 'immutable strict safe'),
	('rollup(rfm predseg.rfm)', 'predseg.rfm', 'aggregate immutable safe'),
	('row_of(name text, inputs text[], names text[], VARIADIC columns "any")', 'record', 'stable safe'),
	('row_support(internal)', 'internal', 'immutable strict safe'),
	('score(model predseg.model, "row" record)', 'double precision', 'immutable strict safe'),
	('score(name text, "row" record)', 'double precision', 'stable strict safe'),
	('squared_loss_add(state predseg.mean_loss, actual double precision, predicted double precision)', 'predseg.mean_loss', 'immutable safe'),
	('squared_loss_add(state predseg.mean_loss, actual double precision, predicted double precision, weight double precision)', 'predseg.mean_loss', 'immutable safe'),
	('store_model(name text, model predseg.model, deploy boolean DEFAULT true)', 'integer', 'volatile strict unsafe'),
	('survival_curve(model predseg.model)', 'TABLE(stratum text, at double precision, at_risk double precision, ended double precision, survival double precision, standard_error double precision, lower double precision, upper double precision)', 'immutable strict safe'),
	('threshold_table(actual anyelement, predicted double precision)', 'predseg.threshold[]', 'aggregate immutable safe'),
	('threshold_table(actual anyelement, predicted double precision, bins integer)', 'predseg.threshold[]', 'aggregate immutable safe'),
	('threshold_table(actual anyelement, predicted double precision, bins integer, weight double precision)', 'predseg.threshold[]', 'aggregate immutable safe'),
	('total(rfm predseg.rfm)', 'double precision', 'immutable strict safe'),
	('train(name text, source text, target text DEFAULT NULL::text, method text DEFAULT ''auto''::text, key text DEFAULT NULL::text, exclude text[] DEFAULT ''{}''::text[], holdout double precision DEFAULT 0.2, options jsonb DEFAULT ''{}''::jsonb, deploy text DEFAULT ''if_better''::text)', 'predseg.training_run', 'volatile unsafe')
$wanted$, 'functions and aggregates');

SELECT bag_eq($$
	SELECT c.relname::text, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'other' END AS kind,
		string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
			|| CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, ', ' ORDER BY a.attnum) AS columns
	FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	WHERE c.relkind NOT IN ('i', 'S')
	GROUP BY c.relname, c.relkind
	UNION ALL
	SELECT c.relname, 'composite type', string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
	FROM pg_type t JOIN object o ON o.objid = t.oid AND o.classid = 'pg_type'::regclass
		JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_attribute a ON a.attrelid = c.oid
	GROUP BY c.relname
$$, $wanted$ VALUES
	('change', 'table', 'pos bigint not null, segment text not null, key text not null, op text not null, reason text not null, from_tier text, to_tier text, version integer not null, episode integer not null, run bigint not null, as_of timestamp with time zone not null, at timestamp with time zone not null'),
	('change_position', 'table', 'one boolean not null, pos bigint not null'),
	('consumer', 'table', 'name text not null, owner text not null, segments text[], acked_pos bigint not null, delivered_pos bigint not null, lease_until timestamp with time zone, created_at timestamp with time zone not null, polled_at timestamp with time zone, acked_at timestamp with time zone'),
	('member', 'table', 'segment text not null, key text not null, tier text, version integer not null, episode integer not null, entered_at timestamp with time zone not null, as_of timestamp with time zone not null, facts jsonb, next_due timestamp with time zone, pinned text'),
	('member_history', 'table', 'segment text not null, key text not null, episode integer not null, tier text, version integer not null, entered_at timestamp with time zone not null, left_at timestamp with time zone, enter_reason text not null, leave_reason text, entered_facts jsonb, left_facts jsonb, enter_run bigint not null, leave_run bigint'),
	('model_version', 'table', 'name text not null, version integer not null, owner text not null, method text not null, model predseg.model not null, source text not null, target text, key text, options jsonb not null, metrics jsonb, rows bigint not null, holdout_rows bigint not null, fingerprint text, trained_at timestamp with time zone not null, deployed boolean not null, deployed_at timestamp with time zone'),
	('refresh_run', 'table', 'id bigint not null, segment text not null, version integer not null, reason text, started_at timestamp with time zone not null, finished_at timestamp with time zone, as_of timestamp with time zone, entered bigint not null, "left" bigint not null, moved bigint not null, held boolean not null, held_reason text'),
	('segment', 'table', 'name text not null, owner text not null, source text not null, key text not null, enter_when text not null, leave_when text, search_path text not null, time_zone text not null, kind text not null, tiers jsonb, version integer not null, description text, purpose text, max_change double precision, refresh_every interval, confirm integer, min_stay interval, cooldown interval, control double precision, salt uuid not null, models jsonb not null, created_at timestamp with time zone not null, changed_at timestamp with time zone not null, dropped_at timestamp with time zone, refreshed_at timestamp with time zone, refreshed_version integer, as_of timestamp with time zone, state text not null, held_reason text, size bigint not null'),
	('training_run', 'table', 'id bigint not null, name text not null, version integer not null, owner text not null, method text not null, source text not null, target text, key text, options jsonb not null, metrics jsonb, rows bigint not null, holdout_rows bigint not null, fingerprint text, notes text[] not null, started_at timestamp with time zone not null, finished_at timestamp with time zone not null, deployed boolean not null, reason text not null, run_by text not null'),
	('changes', 'view', 'pos bigint, segment text, key text, op text, reason text, from_tier text, to_tier text, version integer, episode integer, run bigint, as_of timestamp with time zone, at timestamp with time zone'),
	('consumers', 'view', 'name text, owner text, segments text[], acked_pos bigint, delivered_pos bigint, lease_until timestamp with time zone, created_at timestamp with time zone, polled_at timestamp with time zone, acked_at timestamp with time zone'),
	('member_histories', 'view', 'segment text, key text, episode integer, tier text, entered_at timestamp with time zone, left_at timestamp with time zone, enter_reason text, leave_reason text, entered_facts jsonb, left_facts jsonb, version integer, enter_run bigint, leave_run bigint'),
	('members', 'view', 'segment text, key text, tier text, entered_at timestamp with time zone, reason text, facts jsonb, version integer, episode integer'),
	('model_versions', 'view', 'name text, version integer, deployed boolean, method text, target text, key text, source text, options jsonb, metrics jsonb, rows bigint, holdout_rows bigint, trained_at timestamp with time zone, deployed_at timestamp with time zone, owner text'),
	('models', 'view', 'name text, version integer, method text, target text, key text, source text, metrics jsonb, rows bigint, holdout_rows bigint, trained_at timestamp with time zone, deployed_at timestamp with time zone, owner text'),
	('refresh_runs', 'view', 'id bigint, segment text, version integer, reason text, started_at timestamp with time zone, finished_at timestamp with time zone, as_of timestamp with time zone, entered bigint, "left" bigint, moved bigint, held boolean, held_reason text'),
	('segments', 'view', 'name text, owner text, source text, key text, enter_when text, leave_when text, kind text, version integer, description text, size bigint, state text, held_reason text, refreshed_at timestamp with time zone, as_of timestamp with time zone, created_at timestamp with time zone, changed_at timestamp with time zone'),
	('training_runs', 'view', 'id bigint, name text, version integer, deployed boolean, reason text, method text, target text, key text, source text, options jsonb, metrics jsonb, rows bigint, holdout_rows bigint, notes text[], started_at timestamp with time zone, finished_at timestamp with time zone, run_by text, owner text'),
	('btyd', 'composite type', 'frequency double precision, recency double precision, tenure double precision, monetary double precision'),
	('calibration_bin', 'composite type', 'bin integer, lower double precision, upper double precision, rows double precision, predicted double precision, observed double precision, observed_lower double precision, observed_upper double precision'),
	('lift_bin', 'composite type', 'bin integer, lower double precision, upper double precision, rows double precision, positives double precision, rate double precision, lift double precision, reached double precision, captured double precision, cumulative_lift double precision'),
	('threshold', 'composite type', 'cut double precision, rows double precision, caught double precision, wasted double precision, "precision" double precision, recall double precision, false_positive_rate double precision')
$wanted$, 'tables, views and composite types with their columns');

SELECT bag_eq($$
	SELECT t.typname::text, t.typtype::text, t.typstorage::text
	FROM pg_type t JOIN object o ON o.objid = t.oid AND o.classid = 'pg_type'::regclass
$$, $$ VALUES ('agreement', 'b', 'x'), ('btyd', 'c', 'x'), ('calibration_bin', 'c', 'x'), ('lift_bin', 'c', 'x'), ('mean_loss', 'b', 'p'), ('model', 'b', 'x'),
	('point_sample', 'b', 'x'), ('rfm', 'b', 'x'), ('roc', 'b', 'x'), ('threshold', 'c', 'x') $$, 'types');

SELECT bag_eq($$
	SELECT c.castsource::regtype::text, c.casttarget::regtype::text, c.castcontext::text
	FROM pg_cast c JOIN object o ON o.objid = c.oid AND o.classid = 'pg_cast'::regclass
$$, $$ VALUES ('predseg.model', 'jsonb', 'e'), ('predseg.rfm', 'jsonb', 'e') $$, 'casts, all of them explicit');

SELECT bag_eq($$ SELECT relname::text FROM pg_class WHERE relnamespace = 'predseg'::regnamespace AND relkind = 'S' $$,
	$$ VALUES ('refresh_run_id_seq'), ('training_run_id_seq') $$, 'sequences');

SELECT is_empty($$
	SELECT description FROM object
	WHERE classid NOT IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass, 'pg_cast'::regclass, 'pg_namespace'::regclass)
$$, 'there are no operators, languages, event triggers or whatever else');

SELECT bag_eq($$
	SELECT c.relname::text, t.tgname::text FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid
	WHERE NOT t.tgisinternal AND t.tgenabled = 'O'
$$, $$
	SELECT relname::text, 'only_restore' AS trigger FROM relation WHERE relkind = 'r'
	UNION ALL
	SELECT relname, 'keep_owner' FROM relation c WHERE relkind = 'r'
		AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'owner')
	UNION ALL
	VALUES ('change', 'change_notify')
$$, 'triggers: every table refuses rows that are not restored, and where there are owners, strange ones');

-- Comments.

SELECT is_empty($$
	SELECT description FROM object o
	WHERE coalesce(obj_description(objid, classid::regclass::name), '') = ''
	  AND NOT EXISTS (SELECT FROM relation r WHERE r.oid = o.objid AND r.relkind IN ('i', 'S'))
$$, 'everything has a comment');

SELECT is_empty($$
	SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	WHERE c.relnamespace = 'predseg'::regnamespace AND c.relkind IN ('r', 'v', 'c')
	  AND a.attnum > 0 AND NOT a.attisdropped AND coalesce(col_description(c.oid, a.attnum), '') = ''
$$, 'every column has a comment');

SELECT is_empty($$
	SELECT c.relname, t.tgname FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid
	WHERE NOT t.tgisinternal AND obj_description(t.oid, 'pg_trigger') IS NULL
$$, 'every trigger has a comment');

SELECT is_empty($$
	SELECT DISTINCT p.description FROM (
		SELECT obj_description(p.oid, 'pg_proc') AS description, p.proname, count(*) OVER (PARTITION BY obj_description(p.oid, 'pg_proc')) AS times
		FROM pg_proc p WHERE p.pronamespace = 'predseg'::regnamespace AND p.proname !~ '^(rfm|roc|fit)_') p
	WHERE p.times > 1
$$, 'no two functions that people call have the same comment');

-- Rights.

SELECT is_empty($$ SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'predseg'::regnamespace AND prosecdef $$,
	'no function has its owner''s rights');

SELECT is_empty($$
	SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
	WHERE p.pronamespace = 'predseg'::regnamespace AND l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
$$, 'no function has a body that a search_path could lead astray');

SELECT is_empty($$
	SELECT o.description FROM object o
	LEFT JOIN pg_class c ON o.classid = 'pg_class'::regclass AND c.oid = o.objid
	LEFT JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid
	LEFT JOIN pg_type t ON o.classid = 'pg_type'::regclass AND t.oid = o.objid
	LEFT JOIN pg_namespace n ON o.classid = 'pg_namespace'::regclass AND n.oid = o.objid
	WHERE coalesce(c.relowner, p.proowner, t.typowner, n.nspowner) <> 10
$$, 'everything belongs to the bootstrap superuser');

SELECT bag_eq($$
	SELECT c.relname::text, acl.privilege_type FROM pg_class c, LATERAL aclexplode(c.relacl) acl
	WHERE c.relnamespace = 'predseg'::regnamespace AND acl.grantee = 0
	UNION ALL
	SELECT n.nspname, acl.privilege_type FROM pg_namespace n, LATERAL aclexplode(n.nspacl) acl
	WHERE n.nspname = 'predseg' AND acl.grantee = 0
	UNION ALL
	SELECT a.attname, acl.privilege_type FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, LATERAL aclexplode(a.attacl) acl
	WHERE c.relnamespace = 'predseg'::regnamespace
$$, $$ VALUES ('predseg', 'USAGE'), ('changes', 'SELECT'), ('consumers', 'SELECT'), ('member_histories', 'SELECT'), ('members', 'SELECT'),
	('model_versions', 'SELECT'), ('models', 'SELECT'), ('refresh_runs', 'SELECT'), ('segments', 'SELECT'), ('training_runs', 'SELECT')
$$, 'PUBLIC may use the schema and read the views, and nothing else');

SELECT is_empty($$
	SELECT c.relname, acl.privilege_type FROM pg_class c, LATERAL aclexplode(c.relacl) acl
	WHERE c.relnamespace = 'predseg'::regnamespace AND acl.grantee NOT IN (0, c.relowner)
	  AND NOT (acl.grantee = 'pg_database_owner'::regrole AND acl.privilege_type = 'SELECT' AND NOT acl.is_grantable)
$$, 'the owner of the database may read, and nobody else has rights when a superuser installs');

SELECT is_empty($$
	SELECT c.relname FROM pg_class c
	WHERE c.relnamespace = 'predseg'::regnamespace AND c.relkind = 'v'
	  AND NOT coalesce('security_barrier=true' = ANY (c.reloptions), false)
$$, 'every view hides what it leaves out from functions that talk');

SELECT bag_eq($$
	SELECT unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'predseg'
$$, $$
	SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = 'predseg'::regnamespace AND c.relkind IN ('r', 'S')
$$, 'pg_dump dumps every table and sequence, those of identity columns too');

SELECT is_empty($$ SELECT condition FROM pg_extension, unnest(extcondition) condition WHERE extname = 'predseg' AND condition <> '' $$,
	'and all of their rows');

SELECT is_empty($$
	SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'predseg'::regnamespace AND c.relkind = 'r' AND c.relpersistence <> 'p'
$$, 'every table survives a crash');

SELECT * FROM finish();
ROLLBACK;
