-- Quality of scores: exact with ties, weights, groups, parallel plans; and of models: evaluate().
CREATE TABLE scored (g text, actual boolean, predicted float8, weight float8);
INSERT INTO scored VALUES
	('a', true, 0.9, 1), ('a', false, 0.8, 1), ('a', true, 0.7, 1), ('a', false, 0.1, 1),
	('ties', true, 0.5, 1), ('ties', false, 0.5, 1), ('ties', true, 0.9, 1), ('ties', false, 0.5, 1),
	('one class', true, 0.5, 1), ('one class', true, 0.6, 1),
	('nulls', true, NULL, 1), ('nulls', NULL, 0.4, 1), ('nulls', true, 0.2, 1), ('nulls', false, 0.1, 1),
	('weights', true, 0.4, 3), ('weights', false, 0.3, 1), ('weights', false, 0.6, 1), ('weights', true, 0.7, 0);
-- By hand: pairs won, half for ties. a: 3 of 4; ties: (1 + 1 + 0.5 + 0.5) of 4; weights: 3 of 6.
SELECT g, predseg.roc_auc(actual, predicted) AS auc, predseg.roc_auc(actual::int, predicted) AS of_int,
	predseg.roc_auc(actual, predicted, weight) AS weighted
FROM scored GROUP BY g ORDER BY g;
SELECT predseg.roc_auc(actual, predicted) IS NULL AS empty FROM scored WHERE false;
SELECT predseg.roc_auc(actual::int * 2, predicted) FROM scored;
SELECT predseg.roc_auc(g, predicted) FROM scored;
SELECT predseg.roc_auc(actual, 'NaN') FROM scored;
SELECT predseg.roc_auc(actual, predicted, -weight) FROM scored;
SELECT round(predseg.roc_auc(actual, predicted) OVER (ORDER BY predicted)::numeric, 4) AS running FROM scored WHERE g = 'a' ORDER BY predicted;

-- Against the definition, over 600 rows with many ties
CREATE TABLE many AS
SELECT i % 7 < 2 + (i * 37 % 100) / 40 AS actual, round((i * 37 % 100) / 300.0, 2) + (i * 7919 % 50) / 100.0 AS predicted FROM generate_series(1, 600) i;
SELECT predseg.roc_auc(actual, predicted::float8) AS auc FROM many \gset
SELECT abs(:auc - (SELECT avg(CASE WHEN p.predicted > n.predicted THEN 1 WHEN p.predicted = n.predicted THEN 0.5 ELSE 0 END)::float8
	FROM many p, many n WHERE p.actual AND NOT n.actual)) < 1e-12 AS by_definition;

-- A parallel plan merges states and gives the same.
ALTER TABLE many SET (parallel_workers = 2);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT predseg.roc_auc(actual, predicted::float8) FROM many;
SELECT predseg.roc_auc(actual, predicted::float8) = :auc AS parallel FROM many;
-- An error of a parallel worker would say so, or not, as chance has it.
SET max_parallel_workers_per_gather = 0;

-- The state is a type that refuses what it did not write, and functions of the state are the aggregate's.
SELECT '\x00'::predseg.roc;
SELECT 'text'::predseg.roc;
SELECT predseg.roc_add(NULL, true, 0.5);
-- All that looks at the scores, by hand for a: order + - + -.
SELECT round(predseg.average_precision(actual, predicted)::numeric, 6) AS average_precision, predseg.gini(actual, predicted) AS gini
FROM scored WHERE g = 'a';
SELECT g, predseg.average_precision(actual, predicted) AS average_precision, predseg.gini(actual, predicted) AS gini,
	predseg.lift(actual, predicted) IS NULL AS no_lift, cardinality(predseg.calibration(actual, predicted)) AS bins
FROM scored WHERE g IN ('one class', 'ties') GROUP BY g ORDER BY g;
SELECT t.* FROM (SELECT predseg.threshold_table(actual, predicted, 4) AS t FROM scored WHERE g = 'a') AS x, unnest(t) AS t;
SELECT l.bin, l.lower, l.upper, l.rows, l.positives, l.rate, l.lift, l.reached, l.captured, l.cumulative_lift
FROM (SELECT predseg.lift(actual, predicted, 2) AS t FROM scored WHERE g = 'a') AS x, unnest(t) AS l;
SELECT c.bin, c.lower, c.upper, c.rows, c.predicted, c.observed, round(c.observed_lower::numeric, 6) AS observed_lower, round(c.observed_upper::numeric, 6) AS observed_upper
FROM (SELECT predseg.calibration(actual, predicted, 2) AS t FROM scored WHERE g = 'a') AS x, unnest(t) AS c;
-- Profits at 0.9, 0.8, 0.7, 0.1 are 1, 0, 1, 0 for 2 and 1; 3, 2, 5, 4 for 4 and 1.
SELECT predseg.choose_cutoff(actual, predicted, 2, 1) AS tie, predseg.choose_cutoff(actual, predicted, 4, 1) AS pays,
	predseg.choose_cutoff(actual, predicted, 4, 1, 0.5) AS half, predseg.choose_cutoff(actual, predicted, 1, 2) AS nobody,
	predseg.choose_cutoff(actual, predicted, 4, 1) FILTER (WHERE false) AS nothing
FROM scored WHERE g = 'a';
-- Means: rmse sqrt((9 + 16) / 2), mae 3.5
SELECT predseg.rmse(a, p), predseg.mae(a, p), predseg.rmse(a, p, 0) AS no_weight, predseg.mae(a, NULL) AS nothing
FROM (VALUES (1, 4), (2, -2), (NULL, 3)) AS v (a, p);
SELECT abs(predseg.brier(actual, predicted) - (0.01 + 0.64 + 0.09 + 0.01) / 4) < 1e-15 AS brier,
	predseg.log_loss(actual, predicted) + (ln(0.9) + ln(0.2) + ln(0.7) + ln(0.9)) / 4 BETWEEN -1e-15 AND 1e-15 AS log_loss,
	predseg.log_loss(actual, actual::int) < 1e-15 AS certain, predseg.log_loss(NOT actual, actual::int) / ln(2) AS bits
FROM scored WHERE g = 'a';

-- Weights are repetitions.
CREATE TABLE weighted AS
SELECT i AS id, i * 7919 % 10 < 3 AS actual, (i * 37 % 101) / 128.0 AS predicted, i % 4 AS weight, i % 3 AS g FROM generate_series(1, 500) AS i;
CREATE TABLE repeated AS SELECT w.* FROM weighted AS w, generate_series(1, weight);
SELECT g, a = b AS same FROM
	(SELECT g, (predseg.average_precision(actual, predicted, weight), predseg.gini(actual, predicted, weight),
		predseg.calibration(actual, predicted, 10, weight), predseg.lift(actual, predicted, 10, weight),
		predseg.threshold_table(actual, predicted, 10, weight), predseg.choose_cutoff(actual, predicted, 5, 1, 0.9, weight),
		round(predseg.log_loss(actual, predicted, weight)::numeric, 12), round(predseg.brier(actual, predicted, weight)::numeric, 12),
		round(predseg.rmse(id, predicted, weight)::numeric, 10), round(predseg.mae(id, predicted, weight)::numeric, 10)) AS a
	FROM weighted GROUP BY g) AS w
	JOIN (SELECT g, (predseg.average_precision(actual::int, predicted), predseg.gini(actual::int, predicted),
		predseg.calibration(actual::int, predicted), predseg.lift(actual::int, predicted),
		predseg.threshold_table(actual::int, predicted), predseg.choose_cutoff(actual::int, predicted, 5, 1, 0.9),
		round(predseg.log_loss(actual::int, predicted)::numeric, 12), round(predseg.brier(actual::int, predicted)::numeric, 12),
		round(predseg.rmse(id, predicted)::numeric, 10), round(predseg.mae(id, predicted)::numeric, 10)) AS b
	FROM repeated GROUP BY g) AS r USING (g) ORDER BY g;

-- By definition, in SQL
SELECT abs(predseg.average_precision(actual, predicted) - (
		SELECT avg(precision) FROM (SELECT actual,
			sum(actual::int) OVER (ORDER BY predicted DESC)::float8 / count(*) OVER (ORDER BY predicted DESC) AS precision FROM repeated) AS ranked
		WHERE actual)) < 1e-12 AS average_precision,
	predseg.rmse(id, predicted) / (SELECT sqrt(avg((id - predicted) ^ 2)) FROM repeated)::float8 - 1 BETWEEN -1e-12 AND 1e-12 AS rmse,
	predseg.mae(id, predicted) / (SELECT avg(abs(id - predicted)) FROM repeated)::float8 - 1 BETWEEN -1e-12 AND 1e-12 AS mae,
	predseg.brier(actual, predicted) / (SELECT avg((actual::int - predicted) ^ 2) FROM repeated)::float8 - 1 BETWEEN -1e-12 AND 1e-12 AS brier
FROM repeated;
SELECT bool_and(c.rows = d.rows AND abs(c.predicted - d.predicted) < 1e-12 AND abs(c.observed - d.observed) < 1e-12) AS calibration
FROM (SELECT unnest(predseg.calibration(actual, predicted)) AS c FROM repeated) AS t,
	LATERAL (SELECT count(*) AS rows, avg(predicted)::float8 AS predicted, avg(actual::int)::float8 AS observed FROM repeated
		WHERE predicted BETWEEN (t.c).lower AND (t.c).upper) AS d, LATERAL (SELECT (t.c).*) AS c;
SELECT bool_and(t.caught = d.caught AND t.wasted = d.wasted) AS threshold_table, count(*)
FROM (SELECT unnest(predseg.threshold_table(actual, predicted, 20)) AS t FROM repeated) AS x,
	LATERAL (SELECT count(*) FILTER (WHERE actual) AS caught, count(*) FILTER (WHERE NOT actual) AS wasted FROM repeated
		WHERE predicted >= (x.t).cut) AS d, LATERAL (SELECT (x.t).*) AS t;
SELECT cut = (SELECT predicted FROM (SELECT DISTINCT predicted, sum(5 * actual::int - 1) OVER (ORDER BY predicted DESC) AS profit FROM repeated) AS p
	ORDER BY profit DESC, predicted DESC LIMIT 1) AS choose_cutoff
FROM (SELECT predseg.choose_cutoff(actual, predicted, 5, 1) AS cut FROM repeated) AS c;

-- Parallel plans merge states and give the same, up to the last bit.
ALTER TABLE repeated SET (parallel_workers = 2);
CREATE TABLE answer AS
SELECT predseg.log_loss(actual, predicted), predseg.brier(actual, predicted), predseg.rmse(id, predicted), predseg.mae(id, predicted),
	predseg.average_precision(actual, predicted), predseg.gini(actual, predicted), predseg.calibration(actual, predicted, 7),
	predseg.lift(actual, predicted, 7), predseg.threshold_table(actual, predicted, 7), predseg.choose_cutoff(actual, predicted, 5, 1, 0.5) AS cut
FROM repeated;
RESET max_parallel_workers_per_gather;
EXPLAIN (COSTS OFF) SELECT predseg.log_loss(actual, predicted), predseg.lift(actual, predicted, 7) FROM repeated;
SELECT answer = (SELECT x FROM (SELECT predseg.log_loss(actual, predicted), predseg.brier(actual, predicted), predseg.rmse(id, predicted), predseg.mae(id, predicted),
	predseg.average_precision(actual, predicted), predseg.gini(actual, predicted), predseg.calibration(actual, predicted, 7),
	predseg.lift(actual, predicted, 7), predseg.threshold_table(actual, predicted, 7), predseg.choose_cutoff(actual, predicted, 5, 1, 0.5)
FROM repeated) AS x) AS same FROM answer;

-- Errors
SET max_parallel_workers_per_gather = 0;
SELECT predseg.log_loss(actual, predicted + 1) FROM scored WHERE g = 'a';
SELECT predseg.brier(actual, -predicted) FROM scored WHERE g = 'a';
SELECT predseg.brier(g, predicted) FROM scored WHERE g = 'a';
SELECT predseg.rmse('NaN', predicted) FROM scored;
SELECT predseg.mae(1, 'Infinity') FROM scored;
SELECT predseg.mae(1, predicted, -1) FROM scored;
SELECT predseg.calibration(actual, 2) FROM scored;
SELECT predseg.calibration(actual, 'NaN') FROM scored;
SELECT predseg.lift(actual, predicted, 0) FROM scored;
SELECT predseg.lift(actual, predicted, NULL) FROM scored;
SELECT predseg.lift(actual, predicted, id) FROM weighted;
SELECT predseg.choose_cutoff(actual, predicted, -1, 1) FROM scored;
SELECT predseg.choose_cutoff(actual, predicted, 1, NULL) FROM scored;
SELECT predseg.choose_cutoff(actual, predicted, 1, 1, 500) FROM scored;

-- evaluate: every metric of the method as a row
CREATE TABLE visit AS
SELECT i AS id, (i * 37 % 100) / 10.0 AS pages, (i * 7919 % 1000) / 1000.0 < 0.1 + (i * 37 % 100) / 250.0 AS bought,
	CASE WHEN i % 10 > 0 THEN ((i * 7919 % 1000) / 1000.0 < 0.3)::int END AS known
FROM generate_series(1, 1000) AS i;
SELECT version, reason FROM predseg.train('quality', 'visit', target => 'bought', key => 'id', exclude => '{known}');
SELECT metric FROM predseg.evaluate('quality', 'visit');
SELECT (SELECT array_agg(e ORDER BY metric) FROM predseg.evaluate('quality', 'visit') AS e)
	= (SELECT array_agg(e ORDER BY metric) FROM predseg.evaluate((SELECT model FROM predseg.model_version WHERE name = 'quality'), 'visit') AS e) AS name_is_value;
SELECT metric, value - CASE metric
	WHEN 'rows' THEN count(*)
	WHEN 'base_rate' THEN avg(bought::int)
	WHEN 'roc_auc' THEN predseg.roc_auc(bought, p)
	WHEN 'gini' THEN predseg.gini(bought, p)
	WHEN 'average_precision' THEN predseg.average_precision(bought, p)
	WHEN 'log_loss' THEN predseg.log_loss(bought, p)
	WHEN 'brier' THEN predseg.brier(bought, p) END BETWEEN -1e-12 AND 1e-12 AS is_the_aggregate
FROM predseg.evaluate('quality', 'visit'), (SELECT bought, predseg.score('quality', v.*) AS p FROM visit AS v) AS s
WHERE metric IN ('rows', 'base_rate', 'roc_auc', 'gini', 'average_precision', 'log_loss', 'brier') GROUP BY metric, value ORDER BY metric;
-- Rows where it is not known do not count; a number 0 or 1 is as good as a boolean; one class only has no area.
SELECT value AS rows FROM predseg.evaluate('quality', 'SELECT pages, known AS bought FROM visit') WHERE metric = 'rows';
SELECT metric, value FROM predseg.evaluate('quality', 'SELECT pages, true AS bought FROM visit') WHERE metric IN ('rows', 'base_rate', 'roc_auc') ORDER BY metric;
SELECT * FROM predseg.evaluate('quality', 'SELECT * FROM visit WHERE false');
SELECT * FROM predseg.evaluate('quality', 'SELECT pages FROM visit');
SELECT * FROM predseg.evaluate('quality', 'SELECT bought FROM visit');
SELECT * FROM predseg.evaluate('quality', 'SELECT pages, bought::text FROM visit');
SELECT * FROM predseg.evaluate('quality', 'SELECT pages, 2 AS bought FROM visit');
SELECT * FROM predseg.evaluate('quality', 'DELETE FROM visit');
SELECT * FROM predseg.evaluate('quality', NULL);
SELECT * FROM predseg.evaluate('no_such', 'visit');
-- In groups: each as by itself, NULL a group too; weights are repetitions.
CREATE VIEW grouped AS SELECT v.*, (ARRAY['b', 'a'])[1 + id % 3] AS place, id % 4 AS w FROM visit AS v;
SELECT by_value, count(*), max(value) FILTER (WHERE metric = 'rows') AS rows,
	bool_and(value = (SELECT e.value FROM predseg.evaluate('quality', format('SELECT * FROM grouped WHERE place IS NOT DISTINCT FROM %L', g.by_value)) AS e
		WHERE e.metric = g.metric)) AS as_by_itself
FROM predseg.evaluate('quality', 'grouped', by => 'place') AS g GROUP BY by_value ORDER BY by_value;
SELECT bool_and(abs(w.value - r.value) < 1e-12) AS weights_repeat
FROM predseg.evaluate('quality', 'grouped', weight => 'w') AS w
	JOIN predseg.evaluate('quality', 'SELECT g.* FROM grouped AS g, generate_series(1, w)') AS r USING (metric) WHERE metric <> 'rows';
SELECT metric, quality FROM predseg.evaluate('quality', 'visit') WHERE quality IS NOT NULL;
SELECT quality FROM predseg.evaluate('quality', 'SELECT * FROM visit LIMIT 30') WHERE metric = 'roc_auc';
SELECT * FROM predseg.evaluate('quality', 'grouped', by => 'nowhere');
SELECT * FROM predseg.evaluate('quality', 'grouped', weight => 'place');
SELECT * FROM predseg.evaluate('quality', 'SELECT *, -1 AS minus FROM visit', weight => 'minus');
SELECT count(*) FROM predseg.evaluate('quality', 'SELECT * FROM grouped WHERE false', by => 'place');
-- What happened and what was predicted: tables and cuts of a model, in groups
SELECT predseg.roc_auc(actual, predicted) = (SELECT value FROM predseg.evaluate('quality', 'visit') WHERE metric = 'roc_auc') AS same_area,
	predseg.lift(actual, predicted) = (SELECT predseg.lift(bought, predseg.score('quality', v.*)) FROM visit AS v) AS same_lift,
	predseg.threshold_table(actual, predicted) = (SELECT predseg.threshold_table(bought, predseg.score('quality', v.*)) FROM visit AS v) AS same_thresholds
FROM predseg.outcomes('quality', 'visit');
SELECT by_value, count(*), sum(weight) FROM predseg.outcomes((SELECT model FROM predseg.model_version WHERE name = 'quality'), 'grouped', 'place', 'w')
GROUP BY 1 ORDER BY 1;
SELECT predseg.roc_auc(actual / 2, predicted) FROM predseg.outcomes('quality', 'visit');
SELECT count(*) FROM predseg.outcomes('quality', NULL);
-- Purchase models are judged at a moment.
CREATE TABLE shopper AS
SELECT c AS id, predseg.rfm(date '2024-01-01' + c * d * d, 10 + c % 7) AS history
FROM generate_series(1, 60) AS c, generate_series(0, 3) AS d WHERE c * d * d < 300 AND (c % 3 > 0 OR d = 0) GROUP BY c;
CREATE TABLE purchase AS SELECT predseg.fit('mbg_nbd', s.*, '{"as_of": "2025-01-01"}') AS model FROM shopper AS s;
SELECT metric, value IS NOT NULL AS there FROM purchase, predseg.evaluate(model, 'shopper', as_of => '2025-01-01');
SELECT predseg.evaluate(model, 'shopper', as_of => '2025-01-01') = predseg.evaluate(model, 'SELECT *, date ''2025-01-01'' AS as_of FROM shopper') AS as_of_in_the_row FROM purchase;
SELECT count(*) FROM purchase, predseg.outcomes(model, 'shopper');
SELECT count(*) FROM purchase, predseg.evaluate(model, 'shopper');
SELECT count(*) FROM purchase, predseg.evaluate(model, 'SELECT *, NULL::date AS as_of FROM shopper');

-- States are types: written and read without loss, and what was not written is refused.
CREATE AGGREGATE loss_state(anyelement, float8) (SFUNC = predseg.log_loss_add, STYPE = predseg.mean_loss);
CREATE AGGREGATE bin_state(anyelement, float8, int) (SFUNC = predseg.roc_add_bins, STYPE = predseg.roc);
CREATE AGGREGATE loss_rollup(predseg.mean_loss) (SFUNC = predseg.mean_loss_merge, STYPE = predseg.mean_loss, FINALFUNC = predseg.mean_loss_mean);
CREATE AGGREGATE bin_rollup(predseg.roc) (SFUNC = predseg.roc_merge, STYPE = predseg.roc, FINALFUNC = predseg.roc_lift);
CREATE TABLE state AS SELECT g, loss_state(actual, predicted) AS loss, bin_state(actual, predicted, 7) AS bins FROM repeated GROUP BY g;
SELECT bool_and(loss::text::predseg.mean_loss::text = loss::text AND bins::text::predseg.roc::text = bins::text) AS lossless FROM state;
SELECT loss_rollup(s.loss::text::predseg.mean_loss) = a.log_loss AND bin_rollup(s.bins::text::predseg.roc) = a.lift AS same
FROM state AS s, answer AS a GROUP BY a.log_loss, a.lift;
SELECT '\x00'::predseg.mean_loss;
SELECT 'text'::predseg.mean_loss;
SELECT predseg.log_loss_add(NULL, true, 0.5);
SELECT predseg.mean_loss_merge(NULL, NULL);
SELECT count(*) FROM predseg.outcomes('quality', 'SELECT v.*, -1 AS minus FROM visit AS v', weight => 'minus');
DROP VIEW grouped;
DROP TABLE scored, many, weighted, repeated, answer, visit, shopper, purchase, state;
DROP AGGREGATE loss_state(anyelement, float8), bin_state(anyelement, float8, int), loss_rollup(predseg.mean_loss), bin_rollup(predseg.roc);
SELECT predseg.drop_model('quality');
