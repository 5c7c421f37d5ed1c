-- Columns as they lie in a CRM: dates, times, intervals, identifiers, and
-- columns that know the answer.
SET client_min_messages = notice;
CREATE SCHEMA raw_columns;
SET search_path = raw_columns;

CREATE TABLE customer AS
SELECT i AS customer_id,
	md5(i::text)::uuid AS token,
	'C-' || i AS code,
	CASE WHEN i % 40 = 7 THEN NULL ELSE date '2020-01-01' + i * 37 % 1500 END AS signed_up,
	timestamp '2024-01-01 12:00' - i % 90 * interval '1 day 3 hours' AS last_visit,
	timestamptz '2024-03-30 23:30+00' + i % 200 * interval '1 hour' AS last_mail,
	make_interval(months => 1 + i % 24) AS contract,
	i * 31 % 500 / 10.0 AS spent,
	(i * 7919 % 1000) / 1000.0 < 0.1 + i % 90 / 150.0 + CASE WHEN extract(isodow FROM date '2020-01-01' + i * 37 % 1500) = 6 THEN 0.25 ELSE 0 END AS bought
FROM generate_series(1, 2000) i;

-- Every column is given as it is: identifiers are left out, the others read.
CREATE TABLE fitted AS
SELECT predseg.fit('logistic', c.*, '{"target": "bought"}') AS m FROM customer c;
SELECT predseg.describe(m) ->> 'time_zone' AS zone, i ->> 'name' AS input, i ->> 'type' AS type
FROM fitted, jsonb_array_elements(predseg.describe(m) -> 'inputs') i;
SELECT date '2000-01-01' + floor((predseg.describe(m) -> 'parameters' -> 'encoder' ->> 'reference')::float8)::int AS counted_from FROM fitted;
SELECT t ->> 'column' AS "column", t ->> 'level' AS level, t ->> 'null' AS "null"
FROM fitted, jsonb_array_elements(predseg.describe(m) -> 'parameters' -> 'terms') t;

-- The scores are those of ages made by hand.
CREATE VIEW raw AS SELECT customer_id, last_visit, contract, bought FROM customer;
CREATE VIEW by_hand AS
SELECT customer_id, extract(epoch FROM timestamp '2024-04-08' - last_visit) / 86400 AS visit,
	extract(year FROM contract) * 12 + extract(month FROM contract) AS months, bought FROM customer;
SELECT max(abs(predseg.score(r.m, raw.*) - predseg.score(h.m, by_hand.*))) < 1e-9 AS same
FROM (SELECT predseg.fit('logistic', raw.*, '{"target": "bought", "key": "customer_id"}') AS m FROM raw) r,
	(SELECT predseg.fit('logistic', by_hand.*, '{"target": "bought", "key": "customer_id"}') AS m FROM by_hand) h,
	raw JOIN by_hand USING (customer_id);

-- A month is 365.25/12 days.
SELECT round((c ->> 'mean')::numeric, 9) = round(12.5 * 365.25 / 12, 9) AS mean_contract
FROM (SELECT predseg.fit('logistic', c.*, '{"target": "bought"}') AS m
	FROM (SELECT contract, bought FROM customer WHERE customer_id <= 1992) c) f,
	jsonb_array_elements(predseg.describe(m) -> 'parameters' -> 'encoder' -> 'columns') c;

-- What a score says does not depend on the session's zone, but on the model's.
CREATE TABLE by_zone AS
SELECT z AS zone, predseg.fit('kmeans', t.*, format('{"k": 2, "time_zone": "%s"}', z)::jsonb) AS m
FROM unnest('{UTC, America/New_York, Asia/Kolkata}'::text[]) z, (SELECT last_mail FROM customer) t GROUP BY z;
SELECT zone, predseg.describe(m) ->> 'time_zone' AS kept,
	timestamp '2000-01-01' + (predseg.describe(m) -> 'parameters' -> 'encoder' ->> 'reference')::float8 * interval '1 day' AS latest
FROM by_zone ORDER BY zone;
SET timezone = 'Pacific/Auckland';
CREATE TEMPORARY TABLE before AS SELECT customer_id, predseg.score(m, c.*) AS score FROM fitted, customer c;
SET timezone = 'America/Lima';
SELECT bool_and(predseg.score(m, c.*) = b.score) AS same FROM fitted, customer c JOIN before b USING (customer_id);
RESET timezone;

-- A date serves where the model learned a timestamp; a number does not.
SELECT predseg.score(m, s.*) IS NOT NULL AS scored
FROM fitted, (SELECT c.customer_id, c.code, c.signed_up::timestamp, c.last_visit::date, c.last_mail::date, c.contract, c.spent FROM customer c LIMIT 1) s;
SELECT predseg.score(m, s.*) FROM fitted, (SELECT 1 AS customer_id, 'x' AS code, 5 AS signed_up) s;

-- Ages count from the row's own as_of; by name from today where it has none.
CREATE VIEW snapshot AS
SELECT customer_id, last_visit, timestamp '2024-02-01' + customer_id % 3 * interval '1 day' AS as_of, bought FROM customer;
CREATE TABLE judged AS
SELECT predseg.fit('logistic', s.*, '{"target": "bought", "exclude": ["customer_id"]}') AS m
FROM snapshot s;
SELECT predseg.describe(m) -> 'parameters' -> 'encoder' AS encoder FROM judged \gset
SELECT (:'encoder'::jsonb ? 'reference') AS has_reference, jsonb_array_length(:'encoder'::jsonb -> 'columns') AS columns;
SELECT count(DISTINCT round(predseg.score(m, s.*)::numeric, 12)) AS scores
FROM judged, (SELECT date '2024-01-01' + g AS last_visit, date '2024-01-31' + g AS as_of FROM generate_series(1, 100) g) s;
SELECT predseg.churn_probability(m, s.*, as_of => '2024-01-31') = predseg.score(m, t.*) AS argument_first
FROM judged, (SELECT date '2024-01-01' AS last_visit, date '2024-12-31' AS as_of) s, (SELECT date '2024-01-01' AS last_visit, date '2024-01-31' AS as_of) t;
SELECT predseg.score(m, s.*) FROM judged, (SELECT date '2024-01-01' AS last_visit) s;
SELECT predseg.score(m, s.*) = predseg.score(m, t.*) AS unknown_as_of_is_unknown_age
FROM judged, (SELECT date '2024-01-01' AS last_visit, NULL::date AS as_of) s, (SELECT NULL::date AS last_visit, date '2024-01-31' AS as_of) t;
SELECT deployed, holdout_rows > 0 AS held_out FROM predseg.train('judged', 'snapshot', 'bought', key => 'customer_id', options => '{"time_zone": "Europe/Vienna"}');
SELECT predseg.score('judged', s.*) = predseg.score('judged', t.*) AS today_by_name
FROM (SELECT date '2024-01-01' AS last_visit) s, (SELECT date '2024-01-01' AS last_visit, (now() AT TIME ZONE 'Europe/Vienna')::date AS as_of) t;
SELECT reason FROM predseg.train('judged', 'snapshot', 'bought', key => 'customer_id', options => '{"time_zone": "Asia/Tokyo"}');

-- Only as_of is a date: nothing counts from it.
SELECT jsonb_array_length(predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought"}')) -> 'inputs') AS inputs
FROM (SELECT spent, bought, date '2024-01-01' AS as_of FROM customer) s;

-- Months that matter, over more than two years
CREATE TABLE season AS
SELECT day, (i * 7919 % 1000) / 1000.0 < CASE WHEN extract(month FROM day) = 12 THEN 0.6 ELSE 0.2 END AS y
FROM (SELECT i, date '2020-01-01' + i * 37 % 1461 AS day FROM generate_series(1, 4000) i) d;
SELECT extract(month FROM day) AS month, round(avg(predseg.score(m, s.*))::numeric, 1) AS score
FROM (SELECT predseg.fit('logistic', s.*, '{"target": "y"}') AS m FROM season s) f, season s GROUP BY 1 ORDER BY 1;
SELECT array_agg(t ->> 'level') FILTER (WHERE t ? 'level') AS levels
FROM (SELECT predseg.fit('logistic', s.*, '{"target": "y"}') AS m FROM season s WHERE day < '2021-12-20') f,
	jsonb_array_elements(predseg.describe(m) -> 'parameters' -> 'terms') t;

-- Infinite values, unknown zones
SELECT predseg.fit('logistic', s.*, '{"target": "bought"}') FROM (SELECT date 'infinity' AS ends, bought FROM customer) s;
SELECT predseg.fit('kmeans', s.*) FROM (SELECT timestamptz '-infinity' AS ends FROM customer) s;
SELECT predseg.score(m, s.*) FROM judged, (SELECT timestamp '-infinity' AS last_visit, date '2024-01-31' AS as_of) s;
SELECT predseg.churn_probability(m, s.*, as_of => 'infinity') FROM judged, snapshot s LIMIT 1;
SELECT predseg.fit('kmeans', s.*, '{"time_zone": "Mars/Phobos"}') FROM (SELECT last_mail FROM customer) s;
SELECT replace(m::text, '"UTC"', '"Mars/Phobos"')::predseg.model IS NOT NULL AS read FROM fitted;
SELECT predseg.score(replace(m::text, '"UTC"', '"Mars/Phobos"')::predseg.model, c.*) FROM fitted, customer c LIMIT 1;
SELECT replace(m::text, '"time_zone":"UTC",', '')::predseg.model FROM fitted;
SELECT predseg.fit('logistic', s.*, '{"target": "contract"}') FROM customer s;

-- Whole numbers that number the rows are left out unless they are asked for.
SELECT jsonb_array_length(predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought", "include": ["customer_id"]}')) -> 'parameters' -> 'terms') AS terms
FROM (SELECT customer_id, spent, bought FROM customer) s;
SELECT jsonb_array_length(predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought"}')) -> 'parameters' -> 'terms') AS terms
FROM (SELECT customer_id, customer_id * customer_id AS square, spent, bought FROM customer) s;
SELECT predseg.fit('logistic', s.*, '{"target": "bought", "include": ["id"]}') FROM customer s;

-- Columns that know the answer are named: copies, words for it, a date that only leavers have.
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "bought"}')) -> 'parameters' ->> 'status' AS status
FROM (SELECT bought::int AS as_number, CASE WHEN bought THEN 'yes' ELSE 'no' END AS in_words,
	CASE WHEN bought THEN last_visit END AS bought_at, spent, bought FROM customer) s;
SELECT notes FROM predseg.train('leaky', $$SELECT customer_id, spent, spent + CASE WHEN bought THEN 45.0 ELSE 0 END AS total, bought FROM customer$$,
	'bought', 'logistic', key => 'customer_id');

-- Boosted trees read and leave out the same columns.
CREATE TABLE trees AS
SELECT predseg.fit('boosted_trees', c.*, '{"target": "bought"}') AS m FROM (SELECT *, 7 AS seven, NULL::date AS never FROM customer) c;
SELECT predseg.describe(m) ->> 'time_zone' AS zone,
	date '2000-01-01' + floor((predseg.describe(m) #>> '{parameters, reference}')::float8)::int AS counted_from FROM trees;
SELECT c ->> 'column' AS "column", c ->> 'part' AS part, jsonb_array_length(c -> 'edges') > 0 AS split, c ? 'importance' AS used
FROM trees, jsonb_array_elements(predseg.describe(m) #> '{parameters, columns}') c;
SELECT bool_and(predseg.score(m::text::predseg.model, c.*) = predseg.score(m, c.*)) AS same,
	predseg.roc_auc(bought, predseg.score(m, c.*)) > 0.75 AS learned
FROM trees, (SELECT *, 7 AS seven, NULL::date AS never FROM customer) c;
-- All that a date says is one feature.
SELECT count(*) AS features, count(DISTINCT feature) AS different, count(*) FILTER (WHERE feature = 'signed_up' AND contribution <> 0) AS date,
	abs(sum(contribution) - ln(score / (1 - score))) < 1e-9 AS sums_up
FROM (SELECT e.*, predseg.score(m, c.*) AS score FROM trees, (SELECT *, 7 AS seven, NULL::date AS never FROM customer WHERE customer_id = 5) c,
	predseg.explain(m, c.*) e) x GROUP BY score;
SELECT jsonb_path_query_first(predseg.describe(m) #> '{parameters, columns}', '$[0]') ? 'edges' AS included
FROM (SELECT predseg.fit('boosted_trees', s.*, '{"target": "bought", "include": ["customer_id"]}') AS m FROM (SELECT customer_id, spent, bought FROM customer) s) f;
-- Nearly the trees of ages made by hand: gradients are rounded by the content of rows, which differs.
SELECT max(abs(predseg.score(r.m, raw.*) - predseg.score(h.m, by_hand.*))) < 0.01 AS same
FROM (SELECT predseg.fit('boosted_trees', raw.*, '{"target": "bought", "early_stopping": false, "trees": 20}') AS m
		FROM (SELECT last_visit, spent, bought FROM customer) raw) r,
	(SELECT predseg.fit('boosted_trees', by_hand.*, '{"target": "bought", "early_stopping": false, "trees": 20}') AS m
		FROM (SELECT extract(epoch FROM timestamp '2024-01-01 12:00' - last_visit) / 86400 AS visit, spent, bought FROM customer) by_hand) h,
	customer c, LATERAL (SELECT c.last_visit, c.spent) raw, LATERAL (SELECT extract(epoch FROM timestamp '2024-01-01 12:00' - c.last_visit) / 86400 AS visit, c.spent) by_hand;
SELECT extract(month FROM day) AS month, round(avg(predseg.score(m, s.*))::numeric, 1) AS score
FROM (SELECT predseg.fit('boosted_trees', s.*, '{"target": "y"}') AS m FROM season s) f, season s GROUP BY 1 ORDER BY 1;
-- Ages count from the row's own as_of.
SELECT count(DISTINCT predseg.score(m, s.*)) AS scores
FROM (SELECT predseg.fit('boosted_trees', s.*, '{"target": "bought", "exclude": ["customer_id"]}') AS m FROM snapshot s) f,
	(SELECT date '2024-01-01' + g AS last_visit, date '2024-01-31' + g AS as_of FROM generate_series(1, 100) g) s;
SELECT predseg.fit('boosted_trees', c.*, '{"target": "bought", "increasing": ["last_visit"]}') FROM customer c;
SELECT replace(m::text, '"part":"weekday"', '"part":"hour"')::predseg.model FROM trees;
SELECT replace(m::text, '"reference":', '"origin":')::predseg.model FROM trees;

-- Balanced classes: the base rate stays, and so does the order of the customers.
SELECT round(avg(predseg.score(b, c.*))::numeric, 3) - round(avg(bought::int), 3) BETWEEN -0.005 AND 0.005 AS base_rate,
	corr(predseg.score(b, c.*), predseg.score(p, c.*)) > 0.99 AS same_order,
	min(predseg.describe(b) -> 'parameters' ->> 'class_weight') AS class_weight
FROM (SELECT predseg.fit('logistic', c.*, '{"target": "bought", "class_weight": "balanced"}') AS b,
	predseg.fit('logistic', c.*, '{"target": "bought"}') AS p FROM (SELECT last_visit, spent, bought FROM customer) c) f,
	(SELECT last_visit, spent, bought FROM customer) c;
SELECT predseg.fit('logistic', c.*, '{"target": "bought", "class_weight": "both"}') FROM customer c;
SELECT predseg.fit('kmeans', c.*, '{"class_weight": "balanced"}') FROM customer c;

SET client_min_messages = warning;
SELECT predseg.drop_model('judged') AS judged, predseg.drop_model('leaky') AS leaky;
DROP SCHEMA raw_columns CASCADE;
