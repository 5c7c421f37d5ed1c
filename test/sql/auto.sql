-- The method "auto": what follows from the columns, and the better of two for a target.
SET client_min_messages = warning;
CREATE TABLE shopper AS
SELECT i AS id, a, b,
	u < 1 / (1 + exp(-1.5 * a + b)) AS linear,
	u < CASE WHEN (a > 0) <> (b > 0) THEN 0.9 ELSE 0.1 END AS crossed,
	30 + 10 * a * b AS spent
FROM (SELECT i, (hashint4(i) & 65535) / 16384.0 - 2 AS a, (hashint4(i + 100000) & 65535) / 16384.0 - 2 AS b,
		(hashint4(i + 200000) & 65535) / 65536.0 AS u FROM generate_series(1, 3000) i) s;
ALTER TABLE shopper ADD PRIMARY KEY (id);

-- The chosen method and what is said of the choice, with the losses to two digits
CREATE FUNCTION chosen(run predseg.training_run) RETURNS text LANGUAGE sql AS
	$$SELECT run.method || ': ' || string_agg(regexp_replace(n, '(0\.\d\d)\d+', '\1..', 'g'), ' / ')
	FROM unnest(run.notes) n WHERE n LIKE 'method %'$$;

SELECT chosen(r) FROM predseg.train('linear', 'SELECT id, a, b, linear FROM shopper', 'linear', key => 'id') r;
SELECT chosen(r) FROM predseg.train('crossed', 'SELECT id, a, b, crossed FROM shopper', 'crossed', key => 'id') r;
SELECT predseg.roc_auc(crossed, predseg.intent_score('crossed', s.*)) > 0.85 AS good FROM shopper s;
-- Every row to learn from is learned from once the choice is made.
SELECT version, (predseg.describe(model) -> 'training' ->> 'rows')::int = rows AS all_rows FROM predseg.model_version WHERE name = 'crossed';
-- The better model is deployed, whatever its method; the next time nothing has changed.
SELECT method, deployed FROM predseg.train('both', 'SELECT id, a, b, crossed FROM shopper', 'crossed', 'logistic', key => 'id');
SELECT method, deployed FROM predseg.train('both', 'SELECT id, a, b, crossed FROM shopper', 'crossed', key => 'id');
SELECT method, deployed FROM predseg.train('both', 'SELECT id, a, b, crossed FROM shopper', 'crossed', key => 'id');

-- Data that cannot tell: the simple method
SELECT chosen(r) FROM predseg.train('equal', 'SELECT id, a > 0 AS above, linear FROM shopper', 'linear', key => 'id') r;
SELECT chosen(r) FROM predseg.train('few', 'SELECT id, a, b, crossed FROM shopper WHERE id <= 240', 'crossed', key => 'id') r;
SELECT chosen(r) FROM predseg.train('few', 'SELECT id, a, b, crossed FROM shopper WHERE id <= 240', 'crossed', key => 'id', holdout => 0) r;
SELECT chosen(r) FROM predseg.train('rare', 'SELECT id, a, b, id = 7 AS seven FROM shopper', 'seven', key => 'id', holdout => 0) r;
SELECT predseg.train('none', 'SELECT id, a, b, id < 0 AS never FROM shopper', 'never', key => 'id');
SELECT chosen(r) FROM predseg.train('weighed', 'SELECT id, a, b, crossed, (id <= 150)::int AS w FROM shopper', 'crossed', key => 'id', holdout => 0, options => '{"weight": "w"}') r;

-- A target of amounts
SELECT chosen(r), metrics ->> 'r_squared' > '0.5' AS good FROM predseg.train('spent', 'SELECT id, a, b, spent FROM shopper', 'spent', key => 'id') r;
SELECT chosen(r) FROM predseg.train('spent', 'SELECT id, a, b, spent FROM shopper WHERE id <= 100', 'spent', key => 'id') r;

-- Options that only one method has
SELECT chosen(r) FROM predseg.train('ridge', 'SELECT id, a, b, crossed FROM shopper', 'crossed', key => 'id', options => '{"ridge": 1}') r;
SELECT chosen(r) FROM predseg.train('leaves', 'SELECT id, a, b, linear FROM shopper', 'linear', key => 'id', options => '{"leaves": 4, "trees": 20}') r;
SELECT predseg.train('x', 'SELECT id, a, b, linear FROM shopper', 'linear', key => 'id', options => '{"leaves": "many"}');
SELECT predseg.train('x', 'SELECT id, a, b, linear FROM shopper', 'linear', key => 'id', options => '{"leaves": 4, "ridge": 1}');
SELECT chosen(r) FROM predseg.train('x', 'SELECT id, a, b, spent FROM shopper', 'spent', key => 'id', options => '{"ridge": 1}') r;
SELECT chosen(r) FROM predseg.train('straight', 'SELECT id, a, b, 3 * a - b AS sum FROM shopper', 'sum', key => 'id') r;

-- Dates are read by both; they say nothing here.
SELECT chosen(r) FROM predseg.train('dated', 'SELECT id, a, b, date ''2024-01-01'' + id % 365 AS since, date ''2025-01-01'' AS as_of, crossed FROM shopper', 'crossed', key => 'id') r;
SELECT predseg.describe(model) -> 'inputs' FROM predseg.model_version WHERE name = 'dated';
SELECT chosen(r) FROM predseg.train('dates', 'SELECT id, date ''2024-01-01'' + id % 365 AS since, date ''2025-01-01'' AS as_of, crossed FROM shopper', 'crossed', key => 'id') r;

-- Without a target
SELECT chosen(r) FROM predseg.train('value', $$SELECT c AS id, predseg.rfm(date '2024-01-01' + (c * 7 + o * (5 + c % 40)) % 300, 10 + (c + o) % 25) AS history
	FROM generate_series(1, 400) c, generate_series(0, c % 6) o GROUP BY c$$, key => 'id', options => '{"as_of": "2024-12-31"}') r;
SELECT predseg.train('x', 'SELECT id, a, b FROM shopper', key => 'id');

-- The purchase model of clv: customers who live for a time of their own, whatever they buy.
SELECT setseed(0.25);
CREATE TABLE buyer AS
WITH RECURSIVE taste AS MATERIALIZED
(
	SELECT id, -10 / ln(random()) AS pace, -30 * ln(random()) AS ends FROM generate_series(1, 2000) AS id
), buying AS
(
	SELECT *, 0::float8 AS day FROM taste
	UNION ALL
	SELECT id, pace, ends, day - pace * ln(random()) FROM buying WHERE day < least(ends, 180)
)
SELECT id, predseg.rfm(date '2024-01-01' + day::int, 10 + day::int % 7) AS history, date '2024-06-29' AS as_of, id % 3 AS third
FROM buying WHERE day <= least(ends, 180) GROUP BY id;
CREATE TABLE run AS SELECT r.* FROM predseg.train('which', 'buyer', method => 'clv', key => 'id', options => '{"purchase": "auto", "exclude": ["third"]}') r;
SELECT regexp_replace(n, '-\d+\.\d+', '-..', 'g') AS note FROM run, unnest(notes) n WHERE n LIKE 'purchase %';
SELECT options ->> 'purchase' AS kept FROM run;
SELECT c ->> 'purchase' AS purchase, rank() OVER (ORDER BY (c ->> 'held_out_log_likelihood')::float8 DESC), abs((c ->> 'held_out_customers')::int - rows / 5) < 2 AS a_part
FROM predseg.model_version, jsonb_array_elements(predseg.describe(model) #> '{parameters,candidates}') AS c WHERE name = 'which' ORDER BY 2;
-- The same for any order of the rows and unit of time; by groups; with covariates; with weights; from columns; few customers get the default.
SELECT unit, predseg.describe(m) #>> '{parameters,purchase,method}' AS method,
	abs((predseg.describe(m) #>> '{parameters,candidates,2,held_out_log_likelihood}')::float8 - (predseg.describe(m) #>> '{parameters,candidates,0,held_out_log_likelihood}')::float8
		- (predseg.describe(d) #>> '{parameters,candidates,2,held_out_log_likelihood}')::float8 + (predseg.describe(d) #>> '{parameters,candidates,0,held_out_log_likelihood}')::float8) < 1e-4 AS same_lead
FROM (SELECT predseg.fit('clv', b.*, '{"purchase": "auto", "key": "id"}') AS d FROM buyer b) AS d,
	(SELECT unit, predseg.fit('clv', b.*, jsonb_build_object('purchase', 'auto', 'key', 'id', 'time_unit', unit) ORDER BY hashint4(id)) AS m
		FROM buyer b, unnest('{day, week, year}'::text[]) AS unit GROUP BY unit) AS f ORDER BY unit COLLATE "C";
SELECT third, predseg.describe(predseg.fit('clv', b.*, '{"purchase": "auto", "key": "id"}')) #>> '{parameters,purchase,method}' AS method FROM buyer b GROUP BY third ORDER BY third;
SELECT predseg.describe(predseg.fit('clv', b.*, '{"purchase": "auto", "key": "id", "purchase_covariates": ["third"]}')) #>> '{parameters,purchase,method}' AS covariates,
	predseg.describe(predseg.fit('clv', b.*, '{"purchase": "auto", "key": "id", "weight": "third"}')) #>> '{parameters,purchase,method}' AS weights,
	predseg.describe(predseg.fit('auto', b.*, '{"purchase": "auto", "key": "id"}')) #>> '{parameters,purchase,method}' AS auto FROM buyer b;
SELECT predseg.describe(predseg.fit('clv', c.*, '{"purchase": "auto", "frequency": "frequency", "recency": "recency", "tenure": "tenure", "monetary": "monetary"}')) #>> '{parameters,purchase,method}' AS columns
FROM buyer b, LATERAL predseg.btyd(b.history, b.as_of) AS c;
SELECT predseg.describe(m) #>> '{parameters,purchase,method}' AS few, predseg.describe(m) #> '{parameters,candidates}' IS NULL AS not_compared
FROM (SELECT predseg.fit('clv', b.*, '{"purchase": "auto", "key": "id"}') AS m FROM buyer b WHERE id < 200) AS f;
-- Histories without amounts: "auto" learns purchases alone; clv, asked for by name, does not.
CREATE TABLE visitor AS SELECT id, predseg.rfm(date '2024-01-01' + id % 50 + (3 + id % 17) * n, NULL) AS history, date '2024-06-29' AS as_of
FROM generate_series(1, 300) AS id, generate_series(0, id % 6) AS n GROUP BY id;
SET client_min_messages = notice;
SELECT predseg.describe(predseg.fit('auto', v.*, '{"key": "id"}')) ->> 'method' AS method FROM visitor v;
SELECT predseg.describe(predseg.fit('auto', v.*, '{"key": "id", "purchase": "bg_nbd"}')) ->> 'method' AS method FROM visitor v;
SET client_min_messages = warning;
SELECT method, substring(notes[2], '.*customers') AS note FROM predseg.train('visits', 'visitor', key => 'id', options => '{"purchase": "auto"}');
SELECT bool_and(predseg.expected_purchases('visits', v.*, '30 days') > 0) AS expects FROM visitor v;
SELECT predseg.fit('clv', v.*, '{"key": "id"}') FROM visitor v;
DROP TABLE visitor;
SELECT predseg.drop_model('visits');
-- A model with candidates is its text and bytes as any other; damaged ones are refused.
SELECT model::text::predseg.model::text = model::text AS same, predseg.score(model, b.*) = predseg.score('which', b.*) AS scores
FROM predseg.model_version, (SELECT * FROM buyer LIMIT 1) b WHERE name = 'which';
SELECT jsonb_set(model::jsonb, '{parameters,candidates}', '1')::text::predseg.model FROM predseg.model_version WHERE name = 'which';
SELECT jsonb_set(model::jsonb, '{parameters,others}', '1')::text::predseg.model FROM predseg.model_version WHERE name = 'which';
SELECT predseg.fit('clv', b.*, '{"purchase": "best"}') FROM buyer b;
SELECT predseg.make_model('clv', '{"purchase": {}, "spend": {}}', '{"purchase": "auto"}');
SELECT predseg.fit('mbg_nbd', b.*, '{"purchase": "auto"}') FROM buyer b;
DROP TABLE buyer, run;
SELECT predseg.drop_model('which');

-- fit() chooses in the same way, for any order of the rows.
SET client_min_messages = notice;
SELECT predseg.fit('auto', s.*, '{"target": "crossed"}') IS NOT NULL AS learned FROM (SELECT a, b, crossed FROM shopper ORDER BY id) s;
SELECT predseg.fit('auto', s.*, '{"target": "crossed"}') IS NOT NULL AS learned FROM (SELECT a, b, crossed FROM shopper ORDER BY a) s;
SET client_min_messages = warning;
SELECT count(DISTINCT model::text) AS models FROM (
	SELECT predseg.fit('auto', s.*, '{"target": "crossed"}') AS model FROM (SELECT a, b, crossed FROM shopper ORDER BY id) s
	UNION ALL SELECT predseg.fit('boosted_trees', s.*, '{"target": "crossed"}') FROM (SELECT a, b, crossed FROM shopper ORDER BY b) s) m;
SELECT count(predseg.drop_model(name)) AS dropped FROM predseg.models;
DROP FUNCTION chosen;
DROP TABLE shopper;
