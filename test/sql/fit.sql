-- The aggregate fit(): encodings, groups, and ordinary bad data.
SET client_min_messages = notice;

-- A shop's visits: numbers with NULL, a boolean, text; the outcome follows them.
CREATE TABLE visit AS
SELECT i AS id,
	CASE WHEN i % 11 = 0 THEN NULL ELSE (i * 37 % 100) / 10.0 END AS pages,
	i % 3 = 0 AS returning_visitor,
	(ARRAY['mail', 'search', 'advert'])[1 + i % 3 * (i % 2)] AS channel,
	(i * 7919 % 1000) / 1000.0 < 0.1 + (i * 37 % 100) / 250.0 + CASE WHEN i % 3 = 0 THEN 0.2 ELSE 0 END AS bought
FROM generate_series(1, 1200) i;
ALTER TABLE visit ADD PRIMARY KEY (id);

CREATE TABLE fitted AS
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "key": "id"}') AS m FROM visit v;
SELECT predseg.describe(m) ->> 'method' AS method, predseg.describe(m) ->> 'target' AS target,
	predseg.describe(m) -> 'parameters' ->> 'status' AS status FROM fitted;
SELECT i ->> 'name' AS input, i ->> 'type' AS type FROM fitted, jsonb_array_elements(predseg.describe(m) -> 'inputs') i;
SELECT round(avg(predseg.intent_score(m, v.*))::numeric, 6) = round(avg(bought::int), 6) AS mean_is_base_rate,
	bool_and(predseg.intent_score(m, v.*) BETWEEN 0 AND 1) AS probabilities,
	corr(predseg.intent_score(m, v.*), bought::int) > 0.2 AS related,
	bool_and(predseg.score(m, v.*) = predseg.intent_score(m, v.*) AND predseg.churn_probability(m, v.*) = predseg.score(m, v.*)) AS same
FROM fitted, visit v;
SELECT array_agg(DISTINCT predseg.band(m, v.*)) AS bands FROM fitted, visit v;

-- The order of the rows changes nothing but the last bits.
SELECT max(abs(predseg.score(f.m, v.*) - predseg.score(b.m, v.*))) < 1e-9 AS order_free
FROM fitted f, (SELECT predseg.fit('logistic', v.*, '{"target": "bought", "key": "id"}' ORDER BY id DESC) AS m FROM visit v) b, visit v;

-- One model per group
SELECT channel, predseg.describe(predseg.fit('logistic', v.*, '{"target": "bought", "exclude": ["channel", "id"]}')) -> 'training' ->> 'rows' AS rows
FROM visit v GROUP BY channel ORDER BY channel;

-- A NULL row is no row; no rows give no model.
SELECT predseg.describe(predseg.fit('logistic', v.*, '{"target": "bought", "key": "id"}')) -> 'training' ->> 'rows' AS rows
FROM generate_series(1, 1300) g LEFT JOIN visit v ON v.id = g;
SELECT predseg.fit('logistic', v.*, '{"target": "bought"}') IS NULL AS empty FROM visit v WHERE false;

-- Unseen levels, NULLs and levels in another case are answered.
SELECT round(predseg.score(m, s.*)::numeric, 3) BETWEEN 0.001 AND 0.999 AS answered
FROM fitted, (SELECT NULL::numeric AS pages, NULL::boolean AS returning_visitor, 'radio' AS channel) s;

-- What training had none of says nothing: it is not taken for the most frequent value.
SELECT e.feature, e.contribution = 0 AS nothing, abs(m.contribution) > 1e-6 AS the_most_frequent_says_something
FROM fitted, (SELECT 5.0 AS pages, true AS returning_visitor, 'radio' AS channel) s, predseg.explain(fitted.m, s.*) e,
	predseg.explain(fitted.m, (SELECT v FROM visit v WHERE channel = 'mail' LIMIT 1)) m
WHERE e.feature = 'channel' AND m.feature = 'channel';
SELECT e.contribution = 0 AS null_says_nothing
FROM fitted, (SELECT 5.0 AS pages, true AS returning_visitor, NULL AS channel) s, predseg.explain(fitted.m, s.*) e WHERE e.feature = 'channel';

-- Ordinary bad data: a documented treatment, or an error that says what and where.
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought"}')) -> 'parameters' ->> 'status' AS constant_and_copy
FROM (SELECT pages, pages AS pages_again, 7 AS constant, NULL::float8 AS nothing, bought FROM visit) s;
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought"}')) -> 'parameters' ->> 'status' AS separated
FROM (SELECT bought AS leak, pages, bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') IS NOT NULL AS ten_rows FROM (SELECT pages, channel, bought FROM visit WHERE id <= 10) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT pages, true AS bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT pages, NULL::boolean AS bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT pages, id AS bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT pages, channel AS bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT 'NaN'::float8 AS pages, bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT '-infinity'::float4 AS pages, bought FROM visit) s;
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought"}')) -> 'parameters' ->> 'status' AS nothing_known FROM (SELECT NULL::float8 AS pages, bought FROM visit) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT bought FROM visit) s;
SELECT predseg.fit('logistic', v.*, '{"target": "sold"}') FROM visit v;
SELECT predseg.fit('logistic', v.*) FROM visit v;
SELECT predseg.fit('logistic', ROW(1, 2, true), '{"target": "f3"}');
\set VERBOSITY terse
SELECT predseg.fit('regression', v.*, '{"target": "bought"}') FROM visit v;
SELECT predseg.fit(NULL, v.*) FROM visit v;
\set VERBOSITY default
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "ridges": 1}') FROM visit v;
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "ridge": -1}') FROM visit v;
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "ridge": "much"}') FROM visit v;
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "weight": "channel"}') FROM visit v;
SELECT predseg.fit('logistic', v.*, '{"target": "bought", "exclude": ["pages", "colour"]}') FROM visit v;
SELECT predseg.fit('logistic', v.*, '["target"]') FROM visit v;
SELECT predseg.fit('logistic', v.*, '{"target": "bought"}') OVER () FROM visit v;
SELECT predseg.intent_score(m, s.*) FROM fitted, (SELECT 'many' AS pages, true AS returning_visitor, 'mail' AS channel) s;
SELECT predseg.intent_score(m, s.*) FROM fitted, (SELECT 1 AS pages, true AS returning_visitor) s;

-- A classifier's horizon is that of its target.
SELECT predseg.churn_probability(m, v.*, '90 days') FROM fitted, visit v LIMIT 1;

-- Weights: two equal rows are one of weight two.
SELECT max(abs(predseg.score(a.m, v.*) - predseg.score(b.m, v.*))) < 1e-9 AS weight_is_repetition
FROM (SELECT predseg.fit('logistic', s.*, '{"target": "bought", "weight": "w", "exclude": ["id"]}') AS m FROM (SELECT v.*, 1 + id % 2 AS w FROM visit v) s) a,
	(SELECT predseg.fit('logistic', s.*, '{"target": "bought", "exclude": ["id"]}') AS m FROM (SELECT v.* FROM visit v, generate_series(1, 1 + id % 2)) s) b, visit v;

-- Clusters
CREATE TABLE place AS
SELECT i AS id, (i % 3) * 10 + (i * 37 % 100) / 100.0 AS x, (i % 3) * -5 + (i * 53 % 100) / 100.0 AS y FROM generate_series(1, 300) i;
CREATE TABLE clustered AS SELECT predseg.fit('kmeans', p.*, '{"k": 3, "key": "id"}') AS m FROM place p;
SELECT count(DISTINCT predseg.cluster(m, p.*)) AS clusters, count(DISTINCT (id % 3, predseg.cluster(m, p.*))) AS pairs FROM clustered, place p;
SELECT bool_and(predseg.cluster(c.m, p.*) = predseg.cluster(r.m, p.*)) AS order_free
FROM clustered c, (SELECT predseg.fit('kmeans', p.*, '{"k": 3, "key": "id"}' ORDER BY id DESC) AS m FROM place p) r, place p;
SELECT predseg.fit('kmeans', p.*, '{"k": 3}') FROM (SELECT 1 AS x FROM place) p;
SELECT predseg.fit('kmeans', p.*, '{"k": 301, "key": "id"}') FROM place p;
SELECT predseg.fit('kmeans', p.*, '{"k": 1}') FROM place p;
SELECT predseg.fit('kmeans', p.*, '{"k": 2.5}') FROM place p;

-- Purchase histories from columns named by the options
CREATE TABLE history AS
SELECT i % 7 AS x, CASE WHEN i % 7 = 0 THEN 0 ELSE 5 + i % 20 END AS t_x, 30 AS t, CASE WHEN i % 7 > 0 THEN 10 + i % 13 END AS spend
FROM generate_series(1, 500) i;
SELECT predseg.describe(predseg.fit('clv', h.*, '{"frequency": "x", "recency": "t_x", "tenure": "t", "monetary": "spend", "time_unit": "week"}')) -> 'parameters' -> 'purchase' ->> 'status' AS status FROM history h;
SELECT predseg.fit('bg_nbd', h.*) FROM history h;
SELECT predseg.fit('bg_nbd', h.*, '{"frequency": "x"}') FROM history h;
SELECT predseg.fit('bg_nbd', h.*, '{"frequency": "x", "recency": "t_x", "tenure": "t"}') FROM (SELECT x, t - t_x AS t_x, t FROM history) h;
SELECT predseg.fit('bg_nbd', h.*, '{"frequency": "x", "recency": "t_x", "tenure": "t"}') FROM (SELECT x, 31 AS t_x, t FROM history) h;
SELECT predseg.fit('bg_nbd', h.*, '{"frequency": "x", "recency": "t_x", "tenure": "t"}') FROM (SELECT 0.5 AS x, t_x, t FROM history) h;
SELECT predseg.fit('bg_nbd', h.*, '{"frequency": "x", "recency": "t_x", "tenure": "t"}') FROM (SELECT 0 AS x, 0 AS t_x, t FROM history) h;
SELECT predseg.fit('gamma_gamma', h.*, '{"frequency": "x", "monetary": "spend"}') FROM (SELECT x, -spend AS spend FROM history) h;
SELECT predseg.fit('bg_nbd', h.*, '{"target": "spend", "frequency": "x", "recency": "t_x", "tenure": "t"}') FROM history h;
DROP TABLE visit, fitted, place, clustered, history;
