-- The memory that training may take, and samples of more rows than fit.
SET client_min_messages = warning;
CREATE TABLE event AS
SELECT i AS id, i * 7919 % 1000 / 10.0 AS pages, i * 10007 % 997 / 7.0 AS minutes, 'shop ' || i % 7 AS shop,
	md5(i::text) AS session, i % 3 AS weight, (i * 7919 % 1000) + (i * 31 % 500) > 900 AS bought
FROM generate_series(1, 30000) i;

-- What an error says, without the numbers that depend on the server
CREATE FUNCTION failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE query;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, nullif(regexp_replace(detail, '\d+ (kB|MB|bytes|rows)', 'N \1', 'g'), ''),
		nullif(regexp_replace(hint, '\d+', 'N', 'g'), ''));
END $$;
\t on
\a

SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session"]}') FROM event e$$);
SHOW predseg.training_memory;
SET predseg.training_memory = '1MB';
SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session"]}') FROM event e$$);
SELECT failure($$SELECT predseg.train('x', 'event', target => 'bought', key => 'id')$$);
-- By default it follows maintenance_work_mem.
SET predseg.training_memory = -1;
SET maintenance_work_mem = '1MB';
SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought"}') FROM event e$$);
SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session", "shop", "weight", "id"]}') FROM event e$$);
RESET maintenance_work_mem;

-- Rows may fit and learning may not.
SET predseg.training_memory = '1500kB';
SELECT failure($$SELECT predseg.fit('boosted_trees', e.*, '{"target": "bought", "exclude": ["session", "id"]}') FROM event e$$);

-- All groups of a query count: a hash aggregate holds them at once.
SET predseg.training_memory = '1MB';
SET enable_sort = off;
SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session"], "calibration": "none"}') FROM event e WHERE id <= 10000 GROUP BY id % 1$$);
SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session"], "calibration": "none"}') FROM event e GROUP BY id % 3$$);
RESET enable_sort;
-- What is done does not count any more, nor what failed.
SELECT string_agg(failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session"], "calibration": "none"}') FROM event e WHERE id <= 10000$$), ', ')
FROM generate_series(1, 4);

-- Evaluating reads rows, too.
CREATE TABLE kept AS SELECT predseg.fit('logistic', e.*, '{"target": "bought", "exclude": ["session"], "calibration": "none"}') AS model FROM event e WHERE id <= 10000;
SELECT failure(format('SELECT * FROM predseg.evaluate(%L::predseg.model, %L)', model, 'event')) FROM kept;

-- A sample is taken while the rows go by, and fits where they do not.
SET client_min_messages = notice;
SELECT predseg.describe(predseg.fit('logistic', e.*, '{"target": "bought", "key": "id", "exclude": ["session"], "sample": 5000}')) -> 'training' ->> 'rows' FROM event e;
SELECT rows + holdout_rows, holdout_rows, notes FROM predseg.train('x', 'event', 'bought', 'logistic', key => 'id', exclude => '{session}', options => '{"sample": 5000}');
SELECT rows + holdout_rows FROM predseg.train('x', 'SELECT * FROM event WHERE id <= 1000', 'bought', 'logistic', key => 'id', options => '{"sample": 5000}');
-- Texts that only rows outside the sample have are forgotten: session still is an identifier.
\set VERBOSITY terse
SELECT notes FROM predseg.train('y', 'SELECT * FROM event WHERE id <= 10000', 'bought', 'logistic', key => 'id', options => '{"sample": 3000}');
\set VERBOSITY default
RESET predseg.training_memory;

-- It is the same for any order of the rows, with a key and without, with copies of rows and with weights; another seed chooses others.
SET client_min_messages = warning;
CREATE VIEW twice AS SELECT pages, shop, weight, bought FROM event UNION ALL SELECT pages, shop, weight, bought FROM event WHERE id <= 15000;
CREATE FUNCTION trees(source text, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	model text;
BEGIN
	EXECUTE format('SELECT md5(predseg.fit(''boosted_trees'', s.*, %L)::text) FROM (%s) s',
		options || '{"target": "bought", "trees": 5, "early_stopping": false, "exclude": ["session"]}', source) INTO model;
	RETURN model;
END $$;
SELECT count(DISTINCT trees('SELECT * FROM event ORDER BY ' || place, options)), count(*)
FROM unnest('{id, md5(id::text)}'::text[]) place, (VALUES ('{"sample": 3000, "key": "id"}'::jsonb), ('{"sample": 3000, "key": "id", "seed": 1}')) o(options) GROUP BY options;
CREATE TABLE copies AS SELECT pages, shop, weight, bought, row_number() OVER () AS n, NULL AS session FROM twice;
SELECT count(DISTINCT trees(format('SELECT pages, shop, %s bought, session FROM copies ORDER BY %s', weight, place), options)), count(*)
FROM unnest('{n, md5(n::text)}'::text[]) place,
	(VALUES ('{"sample": 3000}'::jsonb, ''), ('{"sample": 3000, "weight": "weight"}', 'weight,')) o(options, weight) GROUP BY options, weight;
SELECT count(DISTINCT trees('SELECT * FROM event', jsonb_build_object('key', 'id', 'sample', 3000, 'seed', seed))) FROM generate_series(1, 3) seed;
-- The sample looks like the rows: its share of buyers is within five standard errors of that of all.
SELECT abs((predseg.describe(predseg.fit('logistic', c.*, '{"target": "bought", "sample": 3000, "exclude": ["session", "n"]}')) -> 'training' ->> 'base_rate')::float8
	- avg(bought::int)) < 5 * sqrt(0.25 / 3000) AS base_rate FROM copies c;
SELECT failure($$SELECT predseg.fit('logistic', e.*, '{"target": "bought", "sample": 0}') FROM event e$$);
DROP TABLE event, kept, copies CASCADE;
