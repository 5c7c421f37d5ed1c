-- Rows passed to a named model as the columns that it reads: where, and that no result changes.
SET client_min_messages = warning;

CREATE TABLE shop (id int PRIMARY KEY, x int NOT NULL, gone text, "Pages" float8, channel text, seen date, bought boolean);
ALTER TABLE shop DROP gone;
INSERT INTO shop SELECT i, i % 3, nullif((i * 7919) % 13, 12) / 4.0, (ARRAY['mail', 'web', NULL])[i % 3 + 1],
	date '2024-01-01' + i % 50, (i * 7919) % 13 + i % 3 > 7 FROM generate_series(1, 130) i;
SELECT version FROM predseg.train('m', 'SELECT "Pages", channel, bought FROM shop', target => 'bought', method => 'logistic');
SELECT version FROM predseg.train('seen', 'SELECT seen, "Pages", bought FROM shop', target => 'bought', method => 'logistic');
SELECT version FROM predseg.train('numbers', 'SELECT "Pages", id::float8 / 7 AS weight, bought FROM shop WHERE "Pages" IS NOT NULL',
	target => 'bought', method => 'logistic');
CREATE TABLE customer AS SELECT i AS id, predseg.rfm(date '2024-01-01' + i * n, i + n) AS history, date '2024-12-31' AS as_of
	FROM generate_series(1, 60) i, generate_series(0, 4) n WHERE n <= i % 5 GROUP BY i;
SELECT version FROM predseg.train('value', 'customer', method => 'clv', key => 'id', options => '{"as_of": "2024-12-31"}');
CREATE TABLE counted AS SELECT i AS id, i * 7 % 4 + 0.0::float8 AS repeats, sign(i * 7 % 4) * (10.0 + i % 7) AS recency, 40.0::float8 + i % 11 AS age,
	date '2024-01-01' + i AS as_of FROM generate_series(1, 130) i;
SELECT version FROM predseg.train('counts', 'counted', method => 'bg_nbd', key => 'id', holdout => 0,
	options => '{"frequency": "repeats", "recency": "recency", "tenure": "age"}');

-- The columns that a query passes, NULL for whole rows.
CREATE FUNCTION passed(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		IF line LIKE '%predseg.row_of(%' THEN
			RETURN substring(line FROM $re$row_of\([^,]*, '[^']*'::text\[\], '([^']*)'$re$);
		END IF;
	END LOOP;
	RETURN NULL;
END $$;

-- Run a query with and without: what it passed, and whether the rows are the same.
CREATE FUNCTION compare(query text, OUT passed text, OUT "rows" bigint, OUT same boolean) LANGUAGE plpgsql AS $$
DECLARE
	with_rewrite text;
	without text;
BEGIN
	SET LOCAL predseg.rewrite_rows = on;
	passed := passed(query);
	BEGIN
		EXECUTE 'SELECT count(*), string_agg(q::text, E''\n'' ORDER BY q::text) FROM (' || query || ') q' INTO "rows", with_rewrite;
	EXCEPTION WHEN OTHERS THEN
		with_rewrite := SQLSTATE || SQLERRM;
	END;
	SET LOCAL predseg.rewrite_rows = off;
	BEGIN
		EXECUTE 'SELECT string_agg(q::text, E''\n'' ORDER BY q::text) FROM (' || query || ') q' INTO without;
	EXCEPTION WHEN OTHERS THEN
		without := SQLSTATE || SQLERRM;
	END;
	same := with_rewrite IS NOT DISTINCT FROM without;
	IF NOT same THEN
		RAISE WARNING '% differs: % and %', query, left(with_rewrite, 300), left(without, 300);
	END IF;
END $$;

-- Days to come count from the row's own moment, also where the model reads plain columns.
SELECT id, predseg.p_alive_below('counts', c.*) - as_of AS days FROM counted c WHERE id < 4;
SELECT predseg.p_alive_below('counts', c.*) FROM (SELECT repeats, recency, age, as_of::timestamptz FROM counted) c;

SELECT predseg.score('m', s.*) = predseg.score('m', o.*) AS by_name FROM shop s, LATERAL (SELECT s.channel, s."Pages") o WHERE id = 7;
EXPLAIN (VERBOSE, COSTS OFF) SELECT predseg.score('m', s.*) FROM shop s;

CREATE VIEW plain AS SELECT id, channel, "Pages" FROM shop;
CREATE VIEW computed AS SELECT id, upper(channel) AS channel, "Pages" + 1 AS "Pages", 1 / (x + 1) AS share FROM shop;
CREATE VIEW guarded WITH (security_barrier) AS SELECT id, channel, "Pages" FROM shop WHERE x > 0;
CREATE VIEW grouped AS SELECT channel, max("Pages") AS "Pages" FROM shop GROUP BY channel;
CREATE VIEW selecting AS SELECT id, (SELECT max(o.channel) FROM shop o WHERE o.x = shop.x) AS channel, "Pages" FROM shop;
CREATE VIEW volatile AS SELECT id, channel, "Pages", random() AS luck FROM shop;
CREATE TABLE parts (channel text, id int, "Pages" float8) PARTITION BY LIST (channel);
CREATE TABLE parts_web (more int, "Pages" float8, channel text, id int);
ALTER TABLE parts_web DROP more;
ALTER TABLE parts ATTACH PARTITION parts_web FOR VALUES IN ('web');
CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT channel, id, "Pages" FROM shop;
CREATE TABLE child (extra int) INHERITS (shop);
INSERT INTO child SELECT id + 1000, x, "Pages", channel, seen, bought, 1 FROM shop LIMIT 5;
CREATE FUNCTION scored(s shop) RETURNS float8 LANGUAGE sql STABLE AS $$ SELECT predseg.score('m', s) $$;
CREATE FUNCTION few() RETURNS SETOF shop LANGUAGE sql AS $$ SELECT * FROM shop WHERE id < 9 $$;

CREATE TABLE question (n int GENERATED ALWAYS AS IDENTITY, query text);
INSERT INTO question (query) VALUES
	-- every function
	($$SELECT id, predseg.score('m', s.*), predseg.intent_score('m', s.*), predseg.band('m', s.*), predseg.churn_probability('m', s.*) FROM shop s$$),
	($$SELECT id, predseg.score('numbers', n.*) FROM (SELECT id, "Pages", id::float8 / 7 AS weight FROM shop) n$$),
	($$SELECT id, e.* FROM shop s, predseg.explain('m', s.*, 2) e WHERE id < 9$$),
	($$SELECT id, predseg.explain('numbers', n.*) FROM (SELECT id, "Pages", id::float8 / 7 AS weight FROM shop WHERE id < 9) n$$),
	($$SELECT id, predseg.clv('value', c.*, '1 year', 0.1), predseg.p_alive('value', c.*), predseg.expected_purchases('value', c.*, '90 days', '2025-02-01') FROM customer c$$),
	($$SELECT id, predseg.p_alive('value', c.*, as_of => '2025-01-01') FROM (SELECT id, history AS renamed FROM customer) c$$),
	($$SELECT id, predseg.score('seen', s.*) FROM shop s$$),
	($$SELECT id, predseg.next_purchase('value', c.*, 0.2), predseg.p_exactly('value', c.*, '90 days', 1), predseg.p_at_least('value', c.*, '90 days', 1) FROM customer c$$),
	($$SELECT id, predseg.p_alive_below('counts', c.*), predseg.churn_above('counts', c.*, '30 days'), predseg.next_purchase('counts', c.*, 0.1) FROM counted c$$),
	($$SELECT predseg.p_alive_below('counts', c.*) FROM (SELECT repeats, recency, age, as_of::timestamptz FROM counted) c$$),
	($$SELECT predseg.p_alive_below('counts', c.*, as_of => '2025-01-01') FROM (SELECT repeats, recency, age, as_of::timestamptz FROM counted) c$$),
	($$SELECT predseg.p_alive('counts', c.*) FROM (SELECT repeats, recency, age, as_of::timestamptz FROM counted) c$$),
	-- where a row can stand
	($$SELECT * FROM shop s WHERE predseg.score('m', s.*) > 0.5 ORDER BY predseg.score('m', s.*) LIMIT 9$$),
	($$SELECT x, count(*), avg(predseg.score('m', s.*)) FROM shop s GROUP BY x HAVING max(predseg.score('m', s.*)) > 0.1$$),
	($$SELECT predseg.score('m', s.*), predseg.score('m', s.*) * 2, count(*) FROM shop s GROUP BY predseg.score('m', s.*)$$),
	($$SELECT DISTINCT predseg.band('m', s.*), channel FROM shop s$$),
	($$SELECT predseg.score('m', s.*) FROM shop s GROUP BY s.id$$),
	($$SELECT predseg.score('m', s.*), grouping(s.*), count(*) FROM shop s GROUP BY ROLLUP (s.*)$$),
	($$SELECT id, rank() OVER (ORDER BY predseg.score('m', s.*)) FROM shop s$$),
	($$SELECT id FROM shop s WHERE predseg.score('m', s.*) > 0.3 UNION ALL SELECT id FROM shop s WHERE predseg.score('m', s.*) < 0.2$$),
	($$SELECT predseg.score('m', u.*) FROM (SELECT channel, "Pages" FROM shop UNION ALL SELECT 'web', id::float8 FROM customer) u$$),
	($$SELECT scored(s) FROM shop s$$),
	($$SELECT predseg.score('m', s) FROM shop s$$),
	($$SELECT predseg.score('m', a.*) FROM shop AS a (n, "Pages", channel, c, d, e)$$),
	-- relations of every kind
	($$SELECT id, predseg.score('m', v.*) FROM plain v$$),
	($$SELECT id, predseg.score('m', v.*) FROM computed v$$),
	($$SELECT id, predseg.score('m', v.*) FROM guarded v$$),
	($$SELECT predseg.score('m', v.*) FROM grouped v$$),
	($$SELECT id, predseg.score('m', v.*) FROM selecting v$$),
	($$SELECT id, predseg.score('m', v.*) FROM volatile v$$),
	($$SELECT id, predseg.score('m', p.*) FROM parts p$$),
	($$SELECT id, predseg.score('m', s.*) FROM ONLY shop s$$),
	($$SELECT predseg.score('m', v.*) FROM (VALUES ('web', 1.0::float8), ('mail', NULL)) v (channel, "Pages")$$),
	($$SELECT id, predseg.score('m', f.*) FROM few() f$$),
	($$WITH c AS MATERIALIZED (SELECT * FROM shop) SELECT id, predseg.score('m', c.*) FROM c$$),
	($$WITH c AS (SELECT * FROM shop) SELECT id, predseg.score('m', c.*) FROM c$$),
	($$SELECT predseg.score('m', ROW(id, x, "Pages", channel, seen, bought)::shop) FROM shop$$),
	-- outer joins: a row that a join may make NULL stays whole
	($$SELECT a.id, predseg.score('m', a.*), predseg.score('m', b.*) FROM shop a LEFT JOIN shop b ON b.id = a.id + 100$$),
	($$SELECT a.id, predseg.score('m', a.*), predseg.score('m', b.*) FROM shop a RIGHT JOIN shop b ON b.id = a.id + 100$$),
	($$SELECT a.id, predseg.score('m', a.*), predseg.score('m', b.*) FROM shop a FULL JOIN shop b ON b.id = a.id + 100$$),
	($$SELECT a.id, predseg.score('m', b.*), predseg.score('m', c.*) FROM shop a LEFT JOIN (shop b JOIN shop c ON b.id = c.id + 1) ON b.id = a.id + 100$$),
	($$SELECT a.id, predseg.score('m', b.*) FROM shop a LEFT JOIN shop b ON b.id = a.id AND predseg.score('m', b.*) > 0.5$$),
	($$SELECT a.id, predseg.score('m', b.*) FROM shop a LEFT JOIN plain b ON b.id = a.id + 100$$),
	($$SELECT a.id, predseg.score('m', b.*) FROM shop a LEFT JOIN grouped b ON b.channel = a.channel$$),
	($$SELECT a.id, s FROM shop a LEFT JOIN (SELECT b.id, predseg.score('m', b.*) AS s FROM shop b) b ON b.id = a.id + 100$$),
	($$SELECT a.id, s FROM shop a LEFT JOIN LATERAL (SELECT predseg.score('m', a.*) AS s) l ON a.id > 9$$),
	($$SELECT j.id, predseg.score('m', j.*) FROM (shop a JOIN (SELECT id FROM customer) c USING (id)) j$$),
	($$SELECT predseg.score('m', b.*) FROM shop a LEFT JOIN shop b ON b.id = a.id + 100 WHERE predseg.score('m', b.*) > 0.1$$),
	-- sub-selects: the planner may pass the wrong root for them
	($$SELECT id FROM shop a WHERE EXISTS (SELECT FROM shop b WHERE predseg.score('m', b.*) > predseg.score('m', a.*) AND b.x = a.x)$$),
	($$SELECT id, EXISTS (SELECT FROM customer c LEFT JOIN shop b ON b.id = c.id + 125 WHERE coalesce(predseg.score('m', b.*), 1) > 0.9 AND c.id = a.id) FROM shop a$$),
	($$SELECT q.id, EXISTS (SELECT FROM (SELECT channel, "Pages", id FROM shop OFFSET 0) z WHERE predseg.score('m', z.*) > 0.5 AND z.id = q.id)
		FROM (SELECT id, "Pages" AS channel, channel AS "Pages" FROM shop OFFSET 0) q$$),
	($$SELECT id, (SELECT predseg.score('m', a.*)), (SELECT max(predseg.score('m', b.*)) FROM shop b WHERE b.x = a.x) FROM shop a$$),
	($$SELECT id FROM shop a WHERE id IN (SELECT id FROM shop b WHERE predseg.score('m', b.*) > 0.4)$$),
	($$SELECT id FROM shop a WHERE NOT EXISTS (SELECT FROM shop b WHERE b.id = a.id + 100 AND predseg.score('m', b.*) > 0.2)$$),
	-- errors stay what and when they are
	($$SELECT predseg.score('nobody', s.*) FROM shop s$$),
	($$SELECT predseg.score('nobody', s.*) FROM shop s WHERE false$$),
	($$SELECT predseg.score('m', c.*) FROM customer c$$),
	($$SELECT predseg.score('m', c.*) FROM customer c WHERE id < 0$$),
	($$SELECT predseg.score('m', t.*) FROM (SELECT 1 AS channel, 1.0 AS "Pages" FROM shop) t$$),
	($$SELECT predseg.score('m', t.*) FROM (SELECT 'web' AS channel, 'NaN'::float8 AS "Pages" FROM shop) t$$),
	($$SELECT predseg.score('m', ROW('web', 1.0)) FROM shop$$),
	($$SELECT predseg.score('m', t.*) FROM (SELECT 'web' AS channel, 'web' AS channel, 1.0 AS "Pages" FROM shop) t$$),
	($$SELECT predseg.p_alive('value', c.*) FROM (SELECT history AS a, history AS b FROM customer) c$$),
	($$SELECT predseg.cluster('m', s.*) FROM shop s$$),
	($$SELECT predseg.score(NULL::text, s.*) FROM shop s$$),
	($$SELECT predseg.score(CASE WHEN id < 9 THEN 'm' ELSE 'seen' END, s.*) FROM shop s$$),
	($$SELECT id, predseg.score('numbers', n.*) FROM (SELECT id::float8 / 7 AS weight, id, "Pages" FROM shop) n$$),
	-- numbers that are none, and a horizon, which a classifier does not have
	($$SELECT id, predseg.score('numbers', n.*) FROM (SELECT id, id::float8 / 7 AS weight, CASE id WHEN 130 THEN 'NaN' ELSE "Pages" END AS "Pages" FROM shop) n$$),
	($$SELECT id, predseg.score('numbers', n.*) FROM (SELECT id, CASE id WHEN 130 THEN '-Infinity'::float8 ELSE 1 END AS weight, "Pages" FROM shop) n$$),
	($$SELECT id, predseg.churn_probability('numbers', n.*), predseg.churn_probability('numbers', n.*, NULL) FROM (SELECT id, id::float8 AS weight, "Pages" FROM shop) n$$),
	($$SELECT id, predseg.churn_probability('numbers', n.*, '30 days') FROM (SELECT id, id::float8 AS weight, "Pages" FROM shop) n$$);
-- From PostgreSQL 18 on a row that is grouped by stays whole; the result is the same.
SELECT "rows", same FROM compare($$SELECT predseg.score('m', s.*) FROM shop s GROUP BY s.*$$);
SELECT n, c.*, query FROM question, compare(query) c ORDER BY n;

-- A column that the model does not read is not computed, as if it were not passed.
SELECT count(predseg.score('m', v.*)) FROM (SELECT channel, "Pages", 1 / (x - x) AS broken FROM shop) v;

-- In parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT name AS force FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query') \gset
SET :force = on;
SELECT count(*) AS queries, bool_and(c.same) AS same FROM question, compare(query) c;
RESET :force;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- With every way to join
SET enable_hashjoin = off;
SET enable_hashagg = off;
SELECT count(*) AS queries, bool_and(c.same) AS same FROM question, compare(query) c;
SET enable_mergejoin = off;
SET enable_sort = off;
SELECT count(*) AS queries, bool_and(c.same) AS same FROM question, compare(query) c;
RESET ALL;
SET client_min_messages = warning;

-- Changes of rows
CREATE TABLE target AS SELECT s.*, NULL::float8 AS s FROM shop s;
UPDATE target t SET s = predseg.score('m', t.*);
SELECT count(*) FILTER (WHERE t.s IS DISTINCT FROM predseg.score('m', o.*)) AS wrong FROM target t JOIN shop o USING (id);
UPDATE target t SET "Pages" = 3 WHERE id < 4 RETURNING id, s = predseg.score('m', t.*) AS "as before",
	predseg.score('m', t.*) = predseg.score('m', ROW(t.id, t.x, t."Pages", t.channel, t.seen, t.bought)::shop) AS "as now";
INSERT INTO target (id, x, channel) VALUES (0, 1, 'web') RETURNING predseg.score('m', target.*) IS NOT NULL AS scored;
CREATE UNIQUE INDEX ON target (id);
INSERT INTO target SELECT 0, 1, 1, 'mail' ON CONFLICT (id) DO UPDATE SET s = predseg.score('m', excluded.*) - predseg.score('m', target.*) RETURNING s <> 0 AS differs;
MERGE INTO target t USING customer c ON c.id = t.id + 120 WHEN MATCHED AND predseg.score('m', t.*) > 0 THEN UPDATE SET s = -predseg.score('m', t.*)
	WHEN NOT MATCHED THEN INSERT (id, x, s) VALUES (c.id + 5000, 0, predseg.score('value', c.*));
SELECT count(*) FILTER (WHERE s < 0) AS updated, count(*) FILTER (WHERE id > 5000) AS inserted FROM target;

-- Prepared statements: planned again after deploy, drop, ALTER TABLE and rollback; a name may be a parameter.
SET plan_cache_mode = force_generic_plan;
PREPARE ask AS SELECT round(predseg.score('m', s.*)::numeric, 6) AS score FROM shop s WHERE id = 8;
PREPARE ask_name (text) AS SELECT round(predseg.score($1, s.*)::numeric, 6) AS score FROM shop s WHERE id = 8;
EXECUTE ask;
EXECUTE ask_name ('m');
EXECUTE ask_name ('seen');
BEGIN;
SELECT version, deployed FROM predseg.train('m', 'SELECT "Pages", seen, x, bought FROM shop', target => 'bought', method => 'logistic', deploy => 'always');
EXECUTE ask;
EXECUTE ask_name ('m');
SELECT passed('EXECUTE ask');
ROLLBACK;
EXECUTE ask;
SELECT passed('EXECUTE ask');
ALTER TABLE shop ADD more int;
EXECUTE ask;
ALTER TABLE shop RENAME "Pages" TO pages;
EXECUTE ask;
ALTER TABLE shop RENAME pages TO "Pages";
EXECUTE ask;
DROP VIEW plain, computed, guarded, grouped, selecting, volatile;
ALTER TABLE shop ALTER "Pages" TYPE numeric, DROP x CASCADE;
EXECUTE ask;
ALTER TABLE shop ALTER channel TYPE varchar;
EXECUTE ask;
SELECT predseg.drop_model('m');
EXECUTE ask;
SELECT version FROM predseg.train('m', 'SELECT "Pages", bought FROM shop', target => 'bought', method => 'logistic');
SELECT passed('EXECUTE ask');
EXECUTE ask;
SET plan_cache_mode = force_custom_plan;
SELECT passed($$EXECUTE ask_name ('m')$$);
EXECUTE ask_name ('m');
RESET plan_cache_mode;

-- A function in SQL is planned before its first statement: the model may be another when it is asked.
CREATE FUNCTION retrain(columns text) RETURNS SETOF numeric LANGUAGE sql AS $$
	SELECT predseg.drop_model('m');
	SELECT version FROM predseg.train('m', 'SELECT bought, ' || columns || ' FROM shop', target => 'bought', method => 'logistic');
	SELECT round(predseg.score('m', s.*)::numeric, 6) FROM shop s WHERE id = 8;
$$;
SELECT a, a = round(predseg.score('m', s.*)::numeric, 6) AS "as anew" FROM retrain('channel, seen') a, shop s WHERE id = 8;
SELECT a, a = round(predseg.score('m', s.*)::numeric, 6) AS "as anew" FROM retrain('"Pages"') a, shop s WHERE id = 8;

-- Materialized views
CREATE MATERIALIZED VIEW scores AS SELECT id, predseg.score('m', s.*) AS score FROM shop s;
SELECT version, deployed FROM predseg.train('m', 'SELECT channel, "Pages", bought FROM shop', target => 'bought', method => 'logistic', deploy => 'always');
REFRESH MATERIALIZED VIEW scores;
SELECT bool_and(score = predseg.score('m', s.*)) AS same FROM scores JOIN shop s USING (id);

-- Rights: reading a whole row needs all columns, with and without.
CREATE ROLE analyst;
SELECT predseg.drop_model('m');
GRANT SELECT ("Pages", channel, id) ON shop TO analyst;
GRANT CREATE ON SCHEMA public TO analyst;
SET ROLE analyst;
CREATE TABLE own AS SELECT i % 7 AS a, (i * 5) % 11 > 4 AS bought FROM generate_series(1, 300) i;
SELECT version FROM predseg.train('m', 'own', target => 'bought', method => 'logistic');
SELECT predseg.score('m', s.*) FROM shop s;
SELECT count(predseg.score('m', s.*)) FROM (SELECT id AS a FROM shop) s;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION predseg.row_of FROM PUBLIC;
SET ROLE analyst;
SELECT c.* FROM compare($$SELECT predseg.score('m', o.*) FROM own o$$) c;
RESET ROLE;
GRANT EXECUTE ON FUNCTION predseg.row_of TO PUBLIC;

-- A model value is never rewritten: its index is used.
SELECT quote_literal(model) || '::predseg.model' AS model FROM predseg.model_version WHERE name = 'm' AND deployed \gset
CREATE INDEX own_scores ON own (predseg.score(:model, own.*));
ANALYZE own;
SET enable_seqscan = off;
SELECT 'SELECT a FROM own o WHERE predseg.score(' || :'model' || ', o.*) > 0.4' AS query \gset
CREATE FUNCTION index_used(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line LIKE '%own_scores%' THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
SELECT index_used(:'query') AS "index used", c.same, c.passed FROM compare(:'query') c;
RESET enable_seqscan;

-- row_of alone: an ordinary row to everybody else, and no way to ask another model
SELECT to_jsonb(predseg.row_of('m', '{a}', '{a,f2}', 5, 'x'::text));
SELECT predseg.row_of('m', '{b}', '{a}', 5) IS NULL AS "other inputs", predseg.row_of('nobody', '{a}', '{a}', 5) IS NULL AS "no model";
SELECT predseg.score('seen', predseg.row_of('m', '{a}', '{a}', 5));
SELECT predseg.score(:model, predseg.row_of('m', '{a}', '{a}', 5)) = predseg.score('m', predseg.row_of('m', '{a}', '{a}', 5)) AS same;
SELECT predseg.row_of('m', '{a}', '{a}');
SELECT predseg.row_of('m', '{a}', '{a,b}', 5);
SELECT predseg.row_of('m', '{a}', '{NULL}', 5);
SELECT predseg.row_of('m', '{a}', '{a}', VARIADIC ARRAY[5]);
SELECT predseg.drop_model('m'), predseg.drop_model('seen'), predseg.drop_model('numbers'), predseg.drop_model('value'), predseg.drop_model('counts');
DROP TABLE shop, customer, counted, parts, own, target, question CASCADE;
REVOKE CREATE ON SCHEMA public FROM analyst;
DROP ROLE analyst;
DROP FUNCTION compare, passed, retrain, index_used;
