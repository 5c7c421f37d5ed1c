-- Calibration within models, and bands from out-of-fold scores.
SET client_min_messages = notice;

-- A target that jumps where the logistic curve bends: its probabilities need calibration.
CREATE TABLE caller AS
SELECT i AS id, x, u < CASE WHEN x < 5 THEN 0.02 ELSE 0.6 END AS agreed, u < 0.005 + CASE WHEN x > 9 THEN 0.25 ELSE 0 END AS rare
FROM (SELECT i, (hashint4(i) & 65535) / 6553.6 AS x, (hashint4(i + 100000) & 65535) / 65536.0 AS u FROM generate_series(1, 8000) i) s;
CREATE TABLE seen AS SELECT * FROM caller WHERE id % 2 = 0;
CREATE TABLE unseen AS SELECT * FROM caller WHERE id % 2 = 1;
CREATE FUNCTION ece(bins predseg.calibration_bin[]) RETURNS float8 LANGUAGE sql
	RETURN (SELECT sum(rows * abs(predicted - observed)) / sum(rows) FROM unnest(bins));

CREATE TABLE fitted AS
SELECT predseg.fit('logistic', s.*, '{"target": "agreed", "key": "id", "exclude": ["rare"]}') AS chosen,
	predseg.fit('logistic', s.*, '{"target": "agreed", "key": "id", "exclude": ["rare"], "calibration": "platt"}') AS platt,
	predseg.fit('logistic', s.*, '{"target": "agreed", "key": "id", "exclude": ["rare"], "calibration": "none"}') AS without FROM seen s;
SELECT predseg.describe(chosen) #>> '{calibration, kind}' AS chosen, predseg.describe(platt) #>> '{calibration, kind}' AS platt,
	predseg.describe(without) -> 'calibration' IS NULL AS without, predseg.describe(chosen) #>> '{training, out_of_fold, rows}' AS rows,
	predseg.describe(chosen) -> 'parameters' = predseg.describe(without) -> 'parameters' AS same_coefficients
FROM fitted;
SELECT ece(predseg.calibration(agreed, predseg.intent_score(without, u.*))) > 0.06 AS wrong,
	ece(predseg.calibration(agreed, predseg.intent_score(chosen, u.*))) < 0.02 AS right,
	predseg.log_loss(agreed, predseg.intent_score(chosen, u.*)) < 0.95 * predseg.log_loss(agreed, predseg.intent_score(without, u.*)) AS better,
	abs(predseg.roc_auc(agreed, predseg.intent_score(chosen, u.*)) - predseg.roc_auc(agreed, predseg.intent_score(without, u.*))) < 1e-12 AS same_order
FROM fitted, unseen u;

-- Everything that the model says is calibrated, and explanations sum to it.
SELECT bool_and(predseg.score(chosen, u.*) = predseg.intent_score(chosen, u.*) AND predseg.churn_probability(chosen, u.*) = predseg.intent_score(chosen, u.*)) AS same,
	max(abs(ln(p / (1 - p)) - (SELECT sum(contribution) FROM predseg.explain(chosen, u.*)))) < 1e-9 AS explained
FROM fitted, unseen u, LATERAL (SELECT predseg.intent_score(chosen, u.*) AS p) AS s WHERE id < 500;
-- For Platt the contributions are multiplied by the slope.
SELECT max(abs(c.contribution - (predseg.describe(platt) #>> '{calibration, slope}')::float8 * w.contribution)) < 1e-12 AS by_slope
FROM fitted, unseen u, predseg.explain(platt, u.*) AS c, predseg.explain(without, u.*) AS w
WHERE id < 100 AND c.feature = w.feature AND c.feature <> '(intercept)';
-- Text and bytes keep it.
SELECT chosen::text::predseg.model::text = chosen::text AS text_is_kept FROM fitted;
SELECT replace(chosen::text, '"isotonic"', '"platonic"')::predseg.model FROM fitted;
-- evaluate() and train() judge the calibrated scores, and rows in another order give the same model.
SELECT round(value::numeric, 9) = (SELECT round(predseg.log_loss(agreed, predseg.intent_score(chosen, u.*))::numeric, 9) FROM fitted, unseen u) AS calibrated_loss
FROM fitted, predseg.evaluate(chosen, 'unseen') WHERE metric = 'log_loss';
SET client_min_messages = warning;
SELECT count(DISTINCT predseg.describe(m) -> 'calibration') AS maps FROM (
	SELECT predseg.fit('boosted_trees', s.*, '{"target": "agreed", "key": "id", "exclude": ["rare"], "calibration": "isotonic", "trees": 30, "early_stopping": false}') AS m FROM (SELECT * FROM seen ORDER BY id) s
	UNION ALL SELECT predseg.fit('boosted_trees', s.*, '{"target": "agreed", "key": "id", "exclude": ["rare"], "calibration": "isotonic", "trees": 30, "early_stopping": false}') FROM (SELECT * FROM seen ORDER BY x) s) f;

-- A base rate of 3 %: the bands follow it, for every method, in fit and in train alike.
CREATE TABLE rare_model AS
SELECT predseg.fit('logistic', s.*, '{"target": "rare", "key": "id", "exclude": ["agreed"]}') AS line,
	predseg.fit('boosted_trees', s.*, '{"target": "rare", "key": "id", "exclude": ["agreed"], "trees": 30, "early_stopping": false}') AS trees FROM seen s;
SELECT predseg.describe(line) #>> '{training, base_rate}' AS base_rate FROM rare_model;
SELECT method, band, count(*) > 200 AS many, avg(rare::int) > 0.06 AS often
FROM rare_model, unseen u, LATERAL (VALUES ('logistic', predseg.band(line, u.*)), ('boosted_trees', predseg.band(trees, u.*))) AS b (method, band)
GROUP BY method, band ORDER BY method, band;
SELECT ece(predseg.calibration(rare, predseg.intent_score(line, u.*))) < 0.01 AS line, ece(predseg.calibration(rare, predseg.intent_score(trees, u.*))) < 0.01 AS trees
FROM rare_model, unseen u;
SELECT count(*) FROM predseg.train('rare', 'caller', 'rare', 'logistic', key => 'id', exclude => '{agreed}');
SELECT (predseg.describe(model) #>> '{training, out_of_fold, rows}')::int = rows AS of_the_training_part FROM predseg.model_version WHERE name = 'rare';

-- Few rows are not calibrated; what cannot be is said, or refused.
SET client_min_messages = notice;
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "agreed", "key": "id"}')) -> 'calibration' IS NULL AS without FROM (SELECT id, x, agreed FROM seen LIMIT 150) s;
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "agreed", "key": "id", "calibration": "platt"}')) -> 'calibration' IS NULL AS without FROM (SELECT id, x, agreed FROM seen LIMIT 150) s;
SELECT predseg.fit('logistic', s.*, '{"target": "agreed", "calibration": "sigmoid"}') FROM seen s;
SELECT predseg.fit('boosted_trees', s.*, '{"target": "x", "calibration": "platt"}') FROM seen s;
SELECT predseg.fit('kmeans', s.*, '{"calibration": "platt"}') FROM seen s;

-- One model per group: groups with too little data get NULL and a warning that names them.
CREATE TABLE shop_visit AS
SELECT (ARRAY['Graz', 'Linz', 'Wien', 'Zell'])[1 + i % 4] AS town, i % 10 AS pages, CASE i % 4 WHEN 0 THEN i % 8 > 10 WHEN 1 THEN NULL ELSE i % 7 > 3 END AS bought,
	CASE WHEN i % 4 = 2 THEN 0 ELSE 1 END AS w FROM generate_series(1, 400) i;
SELECT town, m IS NOT NULL AS learned
FROM (SELECT town, predseg.fit('logistic', v.*, '{"target": "bought", "weight": "w"}') AS m FROM (SELECT * FROM shop_visit ORDER BY town) v GROUP BY town ORDER BY town) f ORDER BY town;
SELECT predseg.score(m, ROW(3, 'Graz')) IS NULL AS unknown FROM (SELECT predseg.fit('logistic', v.*, '{"target": "bought"}') AS m FROM shop_visit v WHERE town = 'Graz') f;
SELECT town, predseg.fit('logistic', v.*, '{"target": "bought", "on_too_little_data": "error"}') FROM (SELECT * FROM shop_visit ORDER BY town) v GROUP BY town ORDER BY town;
SELECT predseg.fit('kmeans', v.*, '{"k": 9, "exclude": ["town"]}') IS NULL AS too_few FROM (SELECT town, pages FROM shop_visit WHERE pages < 5) v;
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "on_too_little_data": "skip"}') FROM shop_visit v;
SELECT predseg.fit('logistic', v.*, '{"target": "sold"}') FROM shop_visit v WHERE false;
SELECT predseg.fit('logistic', v.*, '{"target": "sold"}') FROM shop_visit v WHERE town = 'Graz';
SELECT predseg.train('none', $$SELECT * FROM shop_visit WHERE town = 'Linz'$$, 'bought', 'logistic');
SELECT predseg.train('none', 'shop_visit', 'bought', 'logistic', options => '{"on_too_little_data": "null"}');

SELECT predseg.drop_model('rare');
DROP FUNCTION ece;
DROP TABLE caller, seen, unseen, fitted, rare_model, shop_visit;
