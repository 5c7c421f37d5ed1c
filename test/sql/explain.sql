-- explain(): contributions by original column, which sum to the log-odds or the margin.
SET client_min_messages = warning;
CREATE TYPE tariff AS ENUM ('basic', 'gold');
CREATE TABLE customer AS
SELECT i AS id, CASE WHEN i % 10 > 0 THEN i * 37 % 60 END AS age, round((i * 7919 % 1000) / 4.0, 2) AS spend,
	(i % 3)::float4 / 10 AS share, (i % 7)::bigint AS visits, i % 4 = 0 AS member,
	CASE WHEN i % 9 > 0 THEN (ARRAY['Graz', 'Linz', 'Wien'])[1 + i * 31 % 3] END AS city,
	(ARRAY['basic', 'gold'])[1 + i % 2]::tariff AS tariff, 'AT'::char(4) AS country,
	i * 7919 % 1000 / 500.0 + CASE WHEN i % 4 = 0 THEN 1 ELSE 0 END + i * 37 % 60 / 40.0 - i * 104729 % 997 / 300.0 > 0.5 AS left_us
FROM generate_series(1, 2000) i;
ALTER TABLE customer ADD PRIMARY KEY (id);
SELECT predseg.fit('logistic', c.*, '{"target": "left_us", "exclude": ["id"]}')::text AS model FROM customer c \gset
SELECT quote_literal(:'model') || '::predseg.model' AS m \gset

-- The sum is the log-odds of the probability, for every row, and columns are 0 on average.
CREATE FUNCTION log_odds(p float8) RETURNS float8 LANGUAGE sql RETURN ln(p / (1 - p));
SELECT count(*), max(abs(total - log_odds(predseg.score(:m, c.*)))) < 1e-12 AS sums
FROM customer c, LATERAL (SELECT sum(e.contribution) AS total FROM predseg.explain(:m, c.*) e) s;
SELECT e.feature, count(*), abs(avg(e.contribution)) < 1e-12 AS zero_on_average
FROM customer c, predseg.explain(:m, c.*) e WHERE e.feature <> '(intercept)' GROUP BY 1 ORDER BY 1;
-- A row like none before: NULLs, and a city and a tariff that nobody had.
SELECT abs(sum(e.contribution) - log_odds(min(predseg.score(:m, s.*)))) < 1e-12 AS sums
FROM (SELECT NULL::int AS age, NULL::numeric AS spend, 0.7::float4 AS share, 0::bigint AS visits, NULL::boolean AS member,
	'Zell' AS city, NULL::tariff AS tariff, 'CH'::char(4) AS country) s, LATERAL predseg.explain(:m, s.*) e;

-- The strongest first, the intercept last; values as a person reads them.
SELECT feature, value, round(contribution::numeric, 6) AS contribution FROM predseg.explain(:m, (SELECT c FROM customer c WHERE id = 40));
SELECT bool_and(sorted) AS sorted FROM (
	SELECT abs(e.contribution) <= lag(abs(e.contribution), 1, 'infinity') OVER (PARTITION BY c.id ORDER BY e.place) AS sorted
	FROM customer c, ROWS FROM (predseg.explain(:m, c.*)) WITH ORDINALITY AS e (feature, value, contribution, place)
	WHERE e.feature <> '(intercept)') s;
SET extra_float_digits = -5;
SELECT feature, value FROM predseg.explain(:m, ROW(1, 0, 19.90, 0.1, 9007199254740993, false, 'say "hi"', 'gold', 'AT', true)::customer) ORDER BY feature;
RESET extra_float_digits;

-- top: the rest in one row, and the sum still holds.
SELECT feature, value, round(contribution::numeric, 6) AS contribution FROM predseg.explain(:m, (SELECT c FROM customer c WHERE id = 40), 2);
SELECT top, count(e.*) AS rows, count(*) FILTER (WHERE e.feature = '(other)') AS others,
	abs(sum(e.contribution) - (SELECT log_odds(predseg.score(:m, c.*)) FROM customer c WHERE id = 40)) < 1e-12 AS sums
FROM unnest('{0, 1, 7, 8, 9, NULL}'::int[]) top, predseg.explain(:m, (SELECT c FROM customer c WHERE id = 40), top) e GROUP BY top ORDER BY top;
SELECT * FROM predseg.explain(:m, (SELECT c FROM customer c WHERE id = 40), -1);

-- No row, no model, no name: no rows.
SELECT count(e.*) FROM (VALUES (1)) v (i) LEFT JOIN customer c ON c.id = -1, predseg.explain(:m, c.*) e;
SELECT v.i, e.feature FROM (VALUES (1)) v (i) LEFT JOIN customer c ON c.id = -1 LEFT JOIN predseg.explain(:m, c.*) e ON true;
SELECT count(*) FROM customer c, predseg.explain(NULL::predseg.model, c.*) e;
SELECT count(*) FROM customer c, predseg.explain(NULL::text, c.*) e;

-- By name: the deployed version, for every row of a table.
SELECT version FROM predseg.train('churn', 'customer', target => 'left_us');
SELECT c.id, e.feature, e.value, e.contribution > 0 AS raises FROM customer c, predseg.explain('churn', c.*, 3) e WHERE c.id IN (1, 40);
SELECT count(*), max(abs(total - log_odds(predseg.score('churn', c.*)))) < 1e-12 AS sums
FROM customer c, LATERAL (SELECT sum(e.contribution) AS total FROM predseg.explain('churn', c.*, 2) e) s;
SELECT count(*) AS same FROM customer c, predseg.explain('churn', c.*) e JOIN predseg.model_version m ON m.name = 'churn', predseg.explain(m.model, c.*) v
WHERE (v.*) = (e.*) AND c.id <= 10;
SELECT * FROM customer c, predseg.explain('no_such', c.*) e;
-- In the target list, too; and what is deployed in between counts.
SELECT (predseg.explain('churn', c.*, 1)).feature FROM customer c WHERE id = 40;
DO $$
DECLARE
	counts int[];
	c customer;
BEGIN
	SELECT * INTO c FROM customer WHERE id = 40;
	FOR version IN 1..2 LOOP
		counts := counts || (SELECT count(*)::int FROM predseg.explain('churn', c));
		PERFORM predseg.train('churn', 'customer', target => 'left_us', exclude => '{age, city}', deploy => 'always');
	END LOOP;
	RAISE WARNING 'rows: %', counts;
END $$;

-- Clusters: why this one rather than the next best.
SELECT predseg.fit('kmeans', c.*, '{"k": 3}')::text AS model FROM (SELECT id % 3 * 10 + id % 7 AS spend, (ARRAY['web', 'shop'])[1 + id % 2] AS channel FROM customer) c \gset
SELECT quote_literal(:'model') || '::predseg.model' AS k \gset
SELECT feature, value, round(contribution::numeric, 6) AS contribution FROM (SELECT 12 AS spend, 'web' AS channel) c, predseg.explain(:k, c.*) e;
SELECT min(total) >= 0 AS nearest FROM generate_series(-5, 40) spend,
	LATERAL (SELECT sum(contribution) AS total FROM (SELECT spend, 'shop' AS channel) c, predseg.explain(:k, c.*) e) s;

-- What is refused
SELECT * FROM (SELECT 12 AS spend) c, predseg.explain(:k, c.*) e;
\set VERBOSITY terse
SELECT * FROM (SELECT 2 AS x, 30.43 AS t_x, 38.86 AS t) h,
	predseg.explain(predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}', '{"frequency": "x", "recency": "t_x", "tenure": "t"}'), h.*);
\set VERBOSITY default

-- A parallel plan
ALTER TABLE customer SET (parallel_workers = 2);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT count(*), avg(e.contribution) FROM customer c, predseg.explain('churn', c.*) e;
SELECT count(*) FROM customer c, predseg.explain('churn', c.*) e;
SELECT predseg.drop_model('churn');
DROP FUNCTION log_odds;
DROP TABLE customer;
DROP TYPE tariff;

-- Dates, times and intervals: their age and calendar parts count for the column, shown without any setting
CREATE TABLE signup AS
SELECT i AS id, date '2024-01-01' + i * 7919 % 720 AS joined, timestamptz '2024-01-01 00:30+00' + i * 104729 % 700 * interval '37 hours' AS seen,
	i * 13 % 40 * interval '6 hours' AS gap, (i * 7919 % 720) / 30 % 12 < 6 AND i % 5 > 0 AS bought
FROM generate_series(1, 900) i;
CREATE TABLE signup_model AS SELECT predseg.fit('logistic', s.*, '{"target": "bought", "key": "id", "time_zone": "Europe/Vienna"}') AS m FROM signup s;
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'iso_8601';
SELECT e.feature, e.value FROM signup_model, signup s, predseg.explain(m, s.*) e WHERE s.id = 7 ORDER BY e.feature COLLATE "C";
RESET datestyle;
RESET intervalstyle;
SELECT max(abs(total - ln(p / (1 - p)))) < 1e-9 AS sums
FROM (SELECT (SELECT sum(e.contribution) FROM predseg.explain(m, s.*) e) AS total, predseg.score(m, s.*) AS p FROM signup_model, signup s) x;
DROP TABLE signup, signup_model;
