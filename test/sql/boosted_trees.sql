-- boosted_trees: curves and interactions of columns as they are, from fit() to band().
SET client_min_messages = notice;
CREATE TABLE customer AS
SELECT i AS id, i * 7919 % 1000 / 10.0 AS spend, CASE WHEN i % 5 > 0 THEN i * 37 % 60 END AS age,
	CASE WHEN i % 9 > 0 THEN (ARRAY['Graz', 'Linz', 'Wien'])[1 + i * 31 % 3] END AS city, i % 4 = 0 AS member,
	date '2024-01-01' + i % 300 AS joined, i * 13 % 37 * interval '6 hours' AS gap, i % 2 AS half,
	i * 104729 % 997 / 997.0 AS noise
FROM generate_series(1, 2000) AS i;
-- Those leave who spend neither little nor much, members where they spend much; unknown ages are like old ones.
CREATE TABLE past AS
SELECT c.*, (CASE WHEN spend BETWEEN 30 AND 60 THEN 0.6 ELSE 0.1 END + CASE WHEN member AND spend > 80 THEN 0.5 ELSE 0 END
	+ CASE WHEN coalesce(age, 60) > 40 THEN 0.25 ELSE 0 END) > noise AS left_us,
	floor(exp(1 + CASE city WHEN 'Wien' THEN 1 ELSE 0 END) * (0.5 + noise)) AS orders
FROM customer AS c;
ALTER TABLE past ADD PRIMARY KEY (id);

-- The date is an age, the interval a number; a linear model sees little of this.
CREATE TABLE fitted AS
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "exclude": ["id", "orders", "noise", "half"]}') AS trees,
	predseg.fit('logistic', p.*, '{"target": "left_us", "exclude": ["id", "orders", "noise", "half", "joined"]}') AS line
FROM past AS p;
SELECT predseg.describe(trees) ->> 'method' AS method, predseg.describe(trees) -> 'inputs' AS inputs FROM fitted;
SELECT predseg.describe(trees) #>> '{parameters, loss}' AS loss,
	(SELECT string_agg(c ->> 'column', ' ' ORDER BY (c ->> 'importance')::float8 DESC)
		FROM jsonb_array_elements(predseg.describe(trees) #> '{parameters, columns}') AS c WHERE (c ->> 'importance')::float8 > 0.1) AS matter,
	(SELECT round(sum((c ->> 'importance')::numeric), 9)
		FROM jsonb_array_elements(predseg.describe(trees) #> '{parameters, columns}') AS c) AS all_importances
FROM fitted;
SELECT predseg.roc_auc(left_us, predseg.score(trees, p.*)) > 0.85 AS trees, predseg.roc_auc(left_us, predseg.score(line, p.*)) < 0.75 AS line,
	predseg.log_loss(left_us, predseg.score(trees, p.*)) < predseg.log_loss(left_us, predseg.score(line, p.*)) AS better
FROM past AS p, fitted;
SELECT bool_and(predseg.intent_score(trees, p.*) = predseg.score(trees, p.*) AND predseg.churn_probability(trees, p.*) = predseg.score(trees, p.*)
	AND predseg.score(trees, p.*) BETWEEN 0.001 AND 0.999) AS probabilities FROM past AS p, fitted;
\set VERBOSITY terse
SELECT predseg.expected_purchases(trees, p.*, '1 day') FROM past AS p, fitted LIMIT 1;
\set VERBOSITY default
-- Text and bytes keep every bit.
SELECT bool_and(predseg.score(trees::text::predseg.model, p.*) = predseg.score(trees, p.*)) AS same FROM past AS p, fitted WHERE id <= 50;

-- By name, with a hold-out
SELECT version, method, rows, holdout_rows, deployed, (metrics ->> 'roc_auc')::float8 > 0.75 AS good, notes
FROM predseg.train('leaving', 'past', target => 'left_us', method => 'boosted_trees', exclude => '{orders, noise, joined}');
SELECT bool_and(predseg.score('leaving', p.*) = predseg.score(m.model, p.*)) AS name_is_value
FROM past AS p, predseg.model_version AS m WHERE m.name = 'leaving';
SELECT band, count(*) > 100 AS many, avg(left_us::int) > lag(avg(left_us::int), 1, 0.0) OVER (ORDER BY avg(left_us::int)) AS more
FROM (SELECT left_us, predseg.band('leaving', p.*) AS band FROM past AS p) AS b GROUP BY band ORDER BY avg(left_us::int);
SELECT metric, value - CASE metric
	WHEN 'rows' THEN count(*)
	WHEN 'base_rate' THEN avg(left_us::int)
	WHEN 'roc_auc' THEN predseg.roc_auc(left_us, s)
	WHEN 'gini' THEN predseg.gini(left_us, s)
	WHEN 'average_precision' THEN predseg.average_precision(left_us, s)
	WHEN 'log_loss' THEN predseg.log_loss(left_us, s)
	WHEN 'brier' THEN predseg.brier(left_us, s) END BETWEEN -1e-12 AND 1e-12 AS is_the_aggregate
FROM predseg.evaluate('leaving', 'past'), (SELECT left_us, predseg.score('leaving', p.*) AS s FROM past AS p) AS scored
GROUP BY metric, value ORDER BY metric;
-- It is better than logistic regression, which does not take its place.
SELECT version, deployed FROM predseg.train('leaving', 'past', target => 'left_us', method => 'logistic', exclude => '{orders, noise, joined}');

-- NULL is learned where it occurs; a city that nobody had is like none of them; an unknown member was never seen, and is no error.
SELECT abs(avg(s) FILTER (WHERE age IS NULL) - avg(s) FILTER (WHERE age > 40)) < 0.05 AS like_old,
	avg(s) FILTER (WHERE age IS NULL) - avg(s) FILTER (WHERE age <= 40) > 0.1 AS not_like_young
FROM (SELECT age, predseg.score(trees, p.*) AS s FROM past AS p, fitted) AS scored;
SELECT predseg.score(trees, r.*) BETWEEN 0.001 AND 0.999 AS unseen
FROM fitted, (SELECT NULL::numeric AS spend, NULL::int AS age, 'Zell' AS city, NULL::boolean AS member, NULL::date AS joined, NULL::interval AS gap) AS r;
SELECT predseg.score(trees, NULL::past) IS NULL AS no_row FROM fitted;
SELECT predseg.score(trees, r.*) FROM fitted, (SELECT 'NaN'::float8 AS spend, 1 AS age, 'Graz' AS city, true AS member, date '2024-01-01' AS joined, interval '1 day' AS gap) AS r;
SELECT predseg.score(trees, r.*) FROM fitted, (SELECT 1.0 AS spend, 1 AS age, true AS member, date '2024-01-01' AS joined, interval '1 day' AS gap) AS r;
SELECT predseg.score(trees, r.*) FROM fitted, (SELECT 1.0 AS spend, 1 AS age, 3 AS city, true AS member, date '2024-01-01' AS joined, interval '1 day' AS gap) AS r;

-- Contributions sum to the log-odds, for every row; the intercept is the average log-odds of the training rows.
CREATE TABLE explained AS
SELECT p.id, e.feature, e.contribution, predseg.score(trees, p.*) AS s FROM past AS p, fitted, predseg.explain(trees, p.*) AS e;
SELECT count(*), bool_and(abs(total - ln(s / (1 - s))) < 1e-9) AS sums FROM (SELECT s, sum(contribution) AS total FROM explained GROUP BY id, s) AS x;
SELECT count(DISTINCT contribution) AS baselines, abs(min(contribution) - avg(ln(s / (1 - s)))) < 1e-9 AS is_the_average FROM explained WHERE feature = '(intercept)';
SELECT string_agg(feature, ' ' ORDER BY size DESC) AS matter FROM
	(SELECT feature, avg(abs(contribution)) AS size FROM explained WHERE feature <> '(intercept)' GROUP BY feature) AS x WHERE size > 0.2;
SELECT avg(contribution) FILTER (WHERE spend BETWEEN 32 AND 58) > 0.5 AS raises, avg(contribution) FILTER (WHERE spend < 28) < -0.2 AS lowers
FROM explained JOIN past USING (id) WHERE feature = 'spend';
SELECT e.feature, e.value FROM fitted, (SELECT NULL::numeric AS spend, 30 AS age, 'Zell' AS city, NULL::boolean AS member, date '2024-01-01' AS joined, interval '1 day' AS gap) AS r,
	predseg.explain(trees, r.*) AS e ORDER BY e.feature COLLATE "C";
SELECT bool_and(abs(total - predseg.score('leaving', p.*)) < 1e-9) AS sums_by_name
FROM past AS p, LATERAL (SELECT 1 / (1 + exp(-sum(contribution))) AS total FROM predseg.explain('leaving', p.*, 2)) AS e;
DROP TABLE explained;

-- One model for each group; the order of rows changes nothing, not one bit.
SELECT half, predseg.describe(m) #>> '{training, rows}' AS rows
FROM (SELECT half, predseg.fit('boosted_trees', p.*, '{"target": "left_us", "exclude": ["id", "half", "orders", "noise", "joined"], "trees": 20}') AS m
	FROM past AS p GROUP BY half) AS g ORDER BY half;
SELECT count(DISTINCT m::text) AS models FROM (
	SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "exclude": ["id", "noise", "joined"], "row_share": 0.7, "column_share": 0.6}') AS m FROM past AS p
	UNION ALL
	SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "exclude": ["id", "noise", "joined"], "row_share": 0.7, "column_share": 0.6}')
	FROM (SELECT * FROM past ORDER BY noise DESC) AS p) AS f;

-- Numbers: the mean by city, with the loss of counts and of amounts; a quantile has its share of the targets below.
CREATE TABLE numbers AS
SELECT loss, predseg.fit('boosted_trees', p.*, jsonb_build_object('target', 'orders', 'loss', loss, 'alpha', 0.9,
	'exclude', '{id, spend, age, member, joined, gap, half, noise, left_us}'::text[])) AS model
FROM past AS p, unnest('{auto, squared, poisson, tweedie, quantile}'::text[]) AS loss GROUP BY loss;
SELECT loss, predseg.describe(model) #>> '{parameters, loss}' AS minimised,
	bool_and(CASE WHEN loss = 'quantile' THEN below <= 0.92 AND up_to >= 0.88 ELSE abs(predicted / mean - 1) < 0.03 END) AS right
FROM numbers, LATERAL (SELECT avg(predseg.score(model, p.*)) AS predicted, avg(orders) AS mean,
		avg((orders < predseg.score(model, p.*) - 0.01)::int) AS below, avg((orders < predseg.score(model, p.*) + 0.01)::int) AS up_to
	FROM past AS p GROUP BY coalesce(city, '')) AS s
GROUP BY loss, minimised ORDER BY loss;
SELECT n.loss, metric, CASE WHEN metric = 'rows' THEN value = 2000 ELSE value BETWEEN 0 AND 10 END AS right
FROM numbers AS n, predseg.evaluate(model, 'past') WHERE loss IN ('poisson', 'quantile') ORDER BY loss, metric;
SELECT value - rmse BETWEEN -1e-12 AND 1e-12 AS is_the_aggregate
FROM numbers, predseg.evaluate(model, 'past'), LATERAL (SELECT predseg.rmse(orders, predseg.score(model, p.*)) AS rmse FROM past AS p) AS a
WHERE loss = 'poisson' AND metric = 'rmse';
-- What contributions sum to: the logarithm of a mean that cannot be negative, otherwise the prediction
SELECT loss, bool_and(abs(CASE WHEN loss IN ('poisson', 'tweedie') THEN exp(total) ELSE total END - predseg.score(model, p.*)) < 1e-9) AS sums
FROM numbers, past AS p, LATERAL (SELECT sum(contribution) AS total FROM predseg.explain(model, p.*)) AS e
WHERE id <= 100 GROUP BY loss ORDER BY loss;
SELECT version, (metrics ->> 'r_squared')::float8 > 0.3 AS useful, deployed
FROM predseg.train('orders', 'past', target => 'orders', method => 'boosted_trees', exclude => '{left_us, noise, joined}', options => '{"loss": "poisson"}');
\set VERBOSITY terse
SELECT predseg.intent_score(model, p.*) FROM numbers, past AS p WHERE loss = 'poisson' LIMIT 1;
SELECT predseg.band('orders', p.*) FROM past AS p LIMIT 1;
\set VERBOSITY default

-- A prediction that must not fall with a column does not; without the option it does.
SELECT increasing, count(*) FILTER (WHERE s < before) = 0 AS never_falls
FROM (SELECT increasing, s, lag(s) OVER (PARTITION BY increasing ORDER BY x) AS before
	FROM (SELECT o AS increasing, predseg.fit('boosted_trees', p.*, ('{"target": "y", "early_stopping": false, "trees": 30, "min_rows": 5' || o || '}')::jsonb) AS m
		FROM (SELECT spend AS x, spend / 100.0 + noise AS y FROM past WHERE id <= 400) AS p,
			unnest(ARRAY['', ', "increasing": ["x"]']) AS o GROUP BY o) AS f,
		generate_series(0, 100) AS x, LATERAL (SELECT predseg.score(m, r.*) AS s FROM (SELECT x::numeric AS x) AS r) AS scored) AS steps
GROUP BY increasing ORDER BY increasing;

-- What is refused
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "leafs": 3}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "leaves": 1}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "learning_rate": "fast"}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "loss": "hinge"}') FROM past AS p;
SET client_min_messages = warning;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "increasing": ["city"]}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "increasing": ["age"], "decreasing": ["age"]}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "left_us", "decreasing": ["no_such"]}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "city"}') FROM past AS p;
SELECT predseg.fit('boosted_trees', p.*, '{"target": "orders", "loss": "binary"}') FROM past AS p;
SELECT predseg.fit('boosted_trees', r.*, '{"target": "y", "loss": "poisson"}') FROM (SELECT spend, -1 AS y FROM past) AS r;
SELECT predseg.fit('boosted_trees', p.*, '{}') FROM past AS p;
SELECT predseg.make_model('boosted_trees', '{}', '{}');
-- Nothing to learn from: the mean, with a note
SET client_min_messages = notice;
SELECT predseg.score(m, r.*) AS mean FROM (SELECT predseg.fit('boosted_trees', r.*, '{"target": "y"}') AS m FROM (SELECT 1 AS x, i::float8 AS y FROM generate_series(1, 9) AS i) AS r) AS f, (SELECT 1 AS x) AS r;

SELECT predseg.drop_model('leaving'), predseg.drop_model('orders');
DROP TABLE customer, past, fitted, numbers;

-- Balanced classes: a like ranking, and probabilities that keep to the base rate, calibrated or not.
CREATE TABLE rare AS SELECT i AS id, i * 7919 % 1000 AS x, hashint4(i) & 7 AS noise, (i * 7919 % 1000) / 4 > hashint4(-i) & 4095 AS y FROM generate_series(1, 6000) i;
SELECT calibration, count(*) FILTER (WHERE y) BETWEEN 100 AND 400 AS rare, abs(avg(p) - avg(y::int)) < 0.01 AS base_rate, predseg.roc_auc(y, p) > 0.6 AS ranks,
	min(d #>> '{parameters, class_weight}') AS class_weight
FROM unnest(ARRAY['none', 'platt']) AS calibration, LATERAL (SELECT m, predseg.describe(m) AS d FROM (SELECT
		predseg.fit('boosted_trees', r.*, jsonb_build_object('target', 'y', 'exclude', '["id"]'::jsonb, 'class_weight', 'balanced', 'calibration', calibration)) AS m FROM rare r) f) AS fitted,
	LATERAL (SELECT y, predseg.intent_score(m, r.*) AS p FROM rare r) AS s GROUP BY calibration ORDER BY calibration;
SELECT predseg.fit('boosted_trees', r.*, '{"target": "x", "class_weight": "balanced"}') FROM rare r;
-- What copies teach is not taken for knowledge: nothing can be learned here.
SELECT (predseg.describe(predseg.fit('boosted_trees', c.*, '{"target": "y", "calibration": "none"}')) #>> '{parameters, held_out_loss}')::float8 > 0.69 AS honest
FROM (SELECT hashint4(i) % 1000 / 7.0 AS a, hashint4(i + 7777) % 1000 / 7.0 AS b, hashint4(i + 99999) & 1 = 1 AS y FROM generate_series(1, 400) i, generate_series(1, 8)) c;
SELECT predseg.score(predseg.fit('boosted_trees', r.*, '{"target": "seven"}'), (SELECT r FROM rare r LIMIT 1)) AS seven FROM (SELECT 7.5 AS seven, x, noise FROM rare) r;
DROP TABLE rare;
