-- predseg.rfm: the purchase history, as an aggregate and its value
SET datestyle = 'ISO, YMD';
CREATE TABLE rfm_order (customer int, day date, amount float8);
INSERT INTO rfm_order VALUES
	(1, '1997-01-01', 11.77), (1, '1997-01-18', NULL), (1, '1997-01-20', 3), (1, '1997-01-20', 4.5), (1, '1997-01-25', -5),
	(2, '1997-01-12', 12), (2, '1997-01-12', 0.1), (2, '1997-01-12', NULL),
	(3, '1997-02-01', -20), (3, '1997-02-02', -1.5),
	(4, '1997-03-01', 0), (4, NULL, 99), (4, '1997-03-02', '-0'),
	(5, NULL, 1),
	(6, '1997-04-01', NULL);
CREATE VIEW rfm_customer AS
	SELECT customer, predseg.rfm(day, amount) AS rfm FROM rfm_order GROUP BY customer;

-- returns lower only the total; NULL is an unknown amount; rows without a day are ignored
SELECT * FROM rfm_customer ORDER BY customer;
SELECT customer, predseg.orders(rfm), predseg.repeats(rfm), predseg.total(rfm), predseg.average(rfm),
	predseg.first_day(rfm), predseg.last_day(rfm), predseg.days_since_last(rfm, '1997-02-01') AS since
FROM rfm_customer ORDER BY customer;

-- as of a day, by the occasions on or before it
SELECT as_of::date, (predseg.btyd(rfm, as_of::date)).*, predseg.btyd(rfm, as_of::date) IS NULL AS none,
	predseg.days_since_last(rfm, as_of::date) AS since
FROM rfm_customer, unnest('{1996-12-31,1997-01-01,1997-01-18,1997-01-20,1997-02-01}'::date[]) AS as_of
WHERE customer = 1 ORDER BY 1;
SELECT customer, predseg.btyd(rfm, '1998-01-01') FROM rfm_customer ORDER BY customer;
SELECT predseg.btyd(rfm, 'infinity') FROM rfm_customer WHERE customer = 1;

-- sums are exact
SELECT predseg.rfm('2000-01-02'::date, 0.1::float8) FROM generate_series(1, 10);
SELECT predseg.total(predseg.rfm('2000-01-02'::date, a)) FROM unnest('{1e16, 1, -1e16}'::float8[]) AS a;

-- an amount of type numeric is the nearest float8
SELECT kind, count(*) AS histories,
	count(*) FILTER (WHERE of_numeric::text IS NOT DISTINCT FROM of_float8::text) AS same
FROM (SELECT kind, predseg.rfm(day, a.amount) AS of_numeric, predseg.rfm(day, a.amount::float8) AS of_float8
	FROM rfm_order, unnest('{0.1,-0.1,12345678901234567.25,1e-30,7e200,0}'::numeric[]) WITH ORDINALITY AS a(amount, kind)
	GROUP BY kind, customer) AS h GROUP BY kind ORDER BY kind;
SELECT predseg.rfm(day, amount) AS date, predseg.rfm(day, amount, 'UTC') AS date_zone, predseg.rfm(day::timestamp, amount) AS local,
	predseg.rfm(day::timestamp, amount, 'UTC') AS local_zone, predseg.rfm(timestamptz '1997-03-01 00:30+01', amount, 'UTC') AS moment
FROM (VALUES (date '1997-03-01', 1.25), ('1997-03-02', NULL), ('1997-03-01', 2)) AS a (day, amount);
SELECT predseg.rfm(date '2024-05-06', 'NaN'::numeric);
CREATE TABLE rfm_numeric (compressed numeric, elsewhere numeric);
ALTER TABLE rfm_numeric ALTER elsewhere SET STORAGE EXTERNAL;
INSERT INTO rfm_numeric SELECT n, n FROM (SELECT ('0.' || repeat('1234567', 2000))::numeric AS n) AS v;
SELECT predseg.rfm(date '2024-05-06', compressed) AS compressed, predseg.rfm(date '2024-05-06', elsewhere) AS elsewhere FROM rfm_numeric;
DROP TABLE rfm_numeric;
SELECT predseg.rfm(date '2024-05-06', 1e400);

-- local times and moments: the zone given decides, the session's does not
CREATE TABLE rfm_moment (at timestamptz, amount float8);
INSERT INTO rfm_moment VALUES ('2024-03-30 23:30+00', 1), ('2024-03-31 22:30+00', 2), ('2024-03-31 21:59:59.999999+00', 4);
CREATE TEMP TABLE rfm_zone (session text, vienna text, kolkata text, local text, day text, day_in_zone text);
DO $$
DECLARE
	session text;
BEGIN
	FOREACH session IN ARRAY '{UTC,America/New_York,Asia/Kolkata}'::text[]
	LOOP
		PERFORM set_config('timezone', session, true);
		INSERT INTO rfm_zone
		SELECT session,
			(SELECT predseg.rfm(at, amount, 'Europe/Vienna')::text FROM rfm_moment),
			(SELECT predseg.rfm(at, amount, 'asia/kolkata')::text FROM rfm_moment),
			predseg.rfm(timestamp '1999-12-31 23:59:59.999999', 1)::text,
			predseg.rfm(date '1999-12-31', 1)::text,
			predseg.rfm(date '1999-12-31', 1, 'UTC')::text || predseg.rfm(timestamp '1999-12-31 23:59:59', 1, 'utc')::text;
	END LOOP;
END
$$;
SELECT DISTINCT vienna, kolkata, local, day, day_in_zone FROM rfm_zone;
SELECT predseg.rfm(at, amount, 'Europe/Wien') FROM rfm_moment;
SELECT predseg.rfm(at, amount, '+02') FROM rfm_moment;
SELECT predseg.rfm(at, amount, 'UTC+2') FROM rfm_moment;
SELECT predseg.rfm(at, amount, NULL) FROM rfm_moment;
SELECT predseg.rfm(at, amount, CASE amount WHEN 1 THEN 'UTC' ELSE 'Europe/Vienna' END) FROM rfm_moment;
SELECT predseg.rfm(at, amount) FROM rfm_moment;

-- what cannot be a purchase
SELECT predseg.rfm(date '2024-05-06', 'NaN');
SELECT predseg.rfm(date '2024-05-06', '-infinity');
SELECT predseg.rfm(date '2024-05-06', 1e299);
SELECT predseg.rfm(date '2024-05-06', 6e297) FROM generate_series(1, 2);
SELECT predseg.rfm(date 'infinity', 1);
SELECT predseg.rfm(timestamp '-infinity', 1);
SELECT predseg.rfm(timestamptz 'infinity', 1, 'UTC');
SELECT predseg.rfm(NULL::date, 1);
SELECT predseg.rfm(day, amount) FROM rfm_order WHERE false;
SELECT predseg.rfm(d::date, 1) FROM unnest('{4714-11-24 BC,0044-03-15 BC,5874897-12-31}'::date[]) AS d;
SELECT predseg.rfm_add(NULL, date '2024-05-06', 1);
SELECT predseg.rfm_add(NULL, NULL::date, 1);

-- any split rolls up to the same value, bit for bit
CREATE TABLE rfm_many WITH (autovacuum_enabled = off) AS
	SELECT i AS id, i % 7 AS customer, date '2020-01-01' + (i * 7919) % 300 AS day,
		CASE WHEN i % 11 = 0 THEN NULL WHEN i % 13 = 0 THEN -1 ELSE 1 END * ((i * 104729) % 100003)::float8 / 100 AS amount
	FROM generate_series(1, 20000) AS i;
CREATE TABLE rfm_whole AS
	SELECT customer, predseg.rfm(day, amount ORDER BY id) AS rfm FROM rfm_many GROUP BY customer;
SELECT parts, count(*) AS customers, count(*) FILTER (WHERE split::text = rfm::text) AS same_text,
	count(*) FILTER (WHERE predseg.rfm_send(split) = predseg.rfm_send(rfm)) AS same_bytes
FROM (SELECT parts, customer, predseg.rollup(part) AS split
	  FROM (SELECT parts, customer, predseg.rfm(day, amount ORDER BY hashint4(id)) AS part
			FROM rfm_many, unnest('{1,2,3,50,30000}'::int[]) AS parts
			GROUP BY parts, customer, hashint4(id # parts) % parts) AS p
	  GROUP BY parts, customer) AS s
JOIN rfm_whole USING (customer)
GROUP BY parts ORDER BY parts;
SELECT predseg.rollup(rfm) IS NOT DISTINCT FROM NULL FROM rfm_whole WHERE false;
SELECT predseg.rollup(r) FROM (VALUES ('{"days":[["2024-01-01",1]]}'::predseg.rfm), (NULL), ('{"days":[["2024-01-01",2]],"returns":[-1]}')) AS v(r);
SELECT predseg.rollup(r) FROM (VALUES ('{"zone":"UTC","days":[["2024-01-01",1]]}'::predseg.rfm), ('{"zone":"Asia/Kolkata","days":[]}')) AS v(r);

-- the sums are those of numeric
SELECT count(*) AS customers, count(*) FILTER (WHERE predseg.orders(rfm) = days AND predseg.total(rfm) = total) AS same
FROM rfm_whole JOIN (SELECT customer, count(DISTINCT day) FILTER (WHERE amount >= 0 OR amount IS NULL) AS days,
						sum(amount::numeric)::float8 AS total FROM rfm_many GROUP BY customer) AS n USING (customer);

-- as a window function the state is read between rows
SELECT id, predseg.orders(predseg.rfm(day, amount) OVER (ORDER BY id)) AS orders,
	predseg.total(predseg.rfm(day, amount) OVER (ORDER BY id)) IS NOT DISTINCT FROM (sum(amount::numeric) OVER (ORDER BY id))::float8 AS same
FROM rfm_many WHERE id <= 40 AND customer < 3 ORDER BY id OFFSET 10;
SELECT count(*) AS frames, count(*) FILTER (WHERE moving::text IS NOT DISTINCT FROM alone::text) AS same
FROM (SELECT predseg.rfm(day, amount) OVER (ORDER BY id ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) AS moving,
		(SELECT predseg.rfm(day, amount) FROM rfm_many AS f WHERE f.id BETWEEN m.id - 5 AND m.id) AS alone
	  FROM rfm_many AS m WHERE id <= 200) AS w;

-- a hash aggregate gives what a sorted one gives, with little memory, too, and over all kinds of plans
SET enable_hashagg = off;
CREATE TABLE rfm_sorted AS
	SELECT id % 3001 AS customer, predseg.rfm(day, amount) AS rfm FROM rfm_many GROUP BY id % 3001;
RESET enable_hashagg;
SET enable_sort = off;
CREATE VIEW rfm_hashed AS
	SELECT id % 3001 AS customer, predseg.rfm(day, amount) AS rfm FROM rfm_many GROUP BY id % 3001;
EXPLAIN (COSTS OFF) SELECT * FROM rfm_hashed;
SELECT count(*) AS customers, count(*) FILTER (WHERE h.rfm::text = s.rfm::text) AS same FROM rfm_hashed AS h JOIN rfm_sorted AS s USING (customer);
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
SELECT count(*) AS customers, count(*) FILTER (WHERE h.rfm::text = s.rfm::text) AS same FROM rfm_hashed AS h JOIN rfm_sorted AS s USING (customer);
RESET work_mem;
RESET hash_mem_multiplier;
SELECT count(*) AS customers, count(*) FILTER (WHERE h.rfm::text = s.rfm::text) AS same
FROM (SELECT id % 3001 AS customer, id % 7 AS other, predseg.rfm(day, amount) AS rfm, predseg.rfm(day + 1, -amount) AS second
	  FROM rfm_many GROUP BY GROUPING SETS ((id % 3001), (id % 7), ())) AS h JOIN rfm_sorted AS s USING (customer);

-- three hash tables and a plain state in one aggregate, of a plan made for more memory than there is
CREATE VIEW rfm_sets AS
	SELECT GROUPING(id % 3001, id % 7) AS set, coalesce(id % 3001, -1) AS customer, coalesce(id % 7, -1) AS other,
		predseg.rfm(day, amount::numeric) AS rfm, predseg.rfm(day + 1, -amount) AS second
	FROM rfm_many GROUP BY GROUPING SETS ((id % 3001), (id % 7), (id % 3001, id % 7), ());
SET enable_hashagg = off;
CREATE TABLE rfm_sets_sorted AS SELECT * FROM rfm_sets;
RESET enable_hashagg;
SET work_mem = '1GB';
SET plan_cache_mode = force_generic_plan;
PREPARE rfm_sets AS SELECT * FROM rfm_sets;
DO $$
DECLARE
	line text;
	hashed bool = false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) EXECUTE rfm_sets'
	LOOP
		hashed = hashed OR line LIKE '%MixedAggregate%';
	END LOOP;
	ASSERT hashed;
END
$$;
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
CREATE TABLE rfm_sets_hashed AS EXECUTE rfm_sets;
RESET work_mem;
RESET hash_mem_multiplier;
RESET plan_cache_mode;
SELECT set, count(*) AS groups, count(*) FILTER (WHERE h.rfm::text = s.rfm::text AND h.second::text = s.second::text) AS same
FROM rfm_sets_hashed AS h FULL JOIN rfm_sets_sorted AS s USING (set, customer, other) GROUP BY set ORDER BY set;
SELECT count(*) AS groups, count(*) FILTER (WHERE h.rfm::text = w.rfm::text) AS same
FROM (SELECT id % 7 AS customer, id % 3001 AS other, predseg.rfm(day, amount) AS rfm
	  FROM rfm_many GROUP BY ROLLUP (id % 7, id % 3001)) AS h JOIN rfm_whole AS w ON w.customer = h.customer AND h.other IS NULL;
CREATE TABLE rfm_parts (LIKE rfm_many) PARTITION BY HASH (id);
CREATE TABLE rfm_part_0 PARTITION OF rfm_parts FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE rfm_part_1 PARTITION OF rfm_parts FOR VALUES WITH (modulus 2, remainder 1);
INSERT INTO rfm_parts SELECT * FROM rfm_many;
ANALYZE rfm_parts;
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF) SELECT customer, predseg.rfm(day, amount) FROM rfm_parts GROUP BY customer;
SELECT count(*) AS customers, count(*) FILTER (WHERE p.rfm::text = w.rfm::text) AS same
FROM (SELECT customer, predseg.rfm(day, amount) AS rfm FROM rfm_parts GROUP BY customer) AS p JOIN rfm_whole AS w USING (customer);
RESET enable_partitionwise_aggregate;
SELECT count(*) AS histories, count(DISTINCT rfm::text) AS different
FROM generate_series(1, 20) AS times,
	LATERAL (SELECT predseg.rfm(day, amount) AS rfm FROM rfm_many WHERE id <= 60 + times % 2 GROUP BY customer OFFSET 0) AS r;
SELECT customer, predseg.rfm(day, customer, CASE customer WHEN 1 THEN 'UTC' ELSE 'Asia/Kolkata' END)
FROM rfm_order GROUP BY customer ORDER BY customer LIMIT 2;
SELECT customer, predseg.rfm(day, amount, CASE amount WHEN 3 THEN 'UTC' ELSE 'Asia/Kolkata' END) FROM rfm_order GROUP BY customer;
SELECT customer, predseg.rfm(day, 6e297) FROM rfm_order WHERE customer = 2 GROUP BY customer;
CREATE AGGREGATE rfm_from_one(date, float8) (SFUNC = predseg.rfm_add, STYPE = predseg.rfm, INITCOND = '{"days":[["2024-01-01",1]]}');
SELECT customer, rfm_from_one(day, amount) FROM rfm_order GROUP BY customer ORDER BY customer;

-- an aggregate of others may give its states away, which are histories as good, and hand in stored ones
CREATE AGGREGATE rfm_state(date, float8) (SFUNC = predseg.rfm_add, STYPE = predseg.rfm);
CREATE TABLE rfm_states AS SELECT id % 3001 AS customer, rfm_state(day, amount) AS rfm FROM rfm_many GROUP BY id % 3001;
SELECT count(*) AS customers, count(*) FILTER (WHERE g.rfm::text = s.rfm::text) AS same FROM rfm_states AS g JOIN rfm_sorted AS s USING (customer);
SELECT predseg.rollup(g.rfm)::text = predseg.rollup(s.rfm)::text AS same FROM rfm_states AS g JOIN rfm_sorted AS s USING (customer);
CREATE FUNCTION rfm_stored(state predseg.rfm, wanted integer) RETURNS predseg.rfm LANGUAGE sql AS
	'SELECT rfm FROM rfm_whole WHERE customer = $2';
CREATE AGGREGATE rfm_stored(integer) (SFUNC = rfm_stored, STYPE = predseg.rfm, FINALFUNC = predseg.rfm_final);
SELECT count(*) AS customers, count(*) FILTER (WHERE g.rfm::text = w.rfm::text) AS same, max(pg_column_size(w.rfm)) < max(length(predseg.rfm_send(w.rfm))) AS toasted
FROM (SELECT customer, rfm_stored(customer) AS rfm FROM rfm_many GROUP BY customer) AS g JOIN rfm_whole AS w USING (customer);
RESET enable_sort;

-- parallel plans
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE rfm_many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT predseg.rfm(day, amount) FROM rfm_many;
SELECT p.rfm::text = w.rfm::text AS same
FROM (SELECT predseg.rfm(day, amount) AS rfm FROM rfm_many) AS p, (SELECT predseg.rollup(rfm) AS rfm FROM rfm_whole) AS w;
EXPLAIN (COSTS OFF) SELECT customer, predseg.rfm(day, amount) FROM rfm_many GROUP BY customer;
SELECT count(*) AS customers, count(*) FILTER (WHERE p.rfm::text = w.rfm::text) AS same
FROM (SELECT customer, predseg.rfm(day, amount) AS rfm FROM rfm_many GROUP BY customer) AS p JOIN rfm_whole AS w USING (customer);
ALTER TABLE rfm_whole SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT predseg.rollup(rfm) FROM rfm_whole;

-- text, jsonb, binary
SELECT rfm::jsonb FROM rfm_customer WHERE customer = 1;
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm::text::predseg.rfm::text = rfm::text) AS same FROM rfm_whole;
SELECT '{"days":[["2024-02-30",1]]}'::predseg.rfm;
SELECT '{"days":[["2024-02-02",1],["2024-02-01",1]]}'::predseg.rfm;
SELECT '{"days":[["2024-02-02",1,2]]}'::predseg.rfm;
SELECT '{"days":[],"age":3}'::predseg.rfm;
SELECT 'history'::predseg.rfm;
\copy rfm_whole to program 'cat > "$PG_ABS_BUILDDIR/results/rfm.bin"' (format binary)
CREATE TABLE rfm_copied (LIKE rfm_whole);
\copy rfm_copied from program 'cat "$PG_ABS_BUILDDIR/results/rfm.bin"' (format binary)
SELECT count(*) AS customers, count(*) FILTER (WHERE c.rfm::text = w.rfm::text) AS same FROM rfm_copied AS c JOIN rfm_whole AS w USING (customer);
\set VERBOSITY terse
\copy rfm_copied from program 'LC_ALL=C sed s/PSRF/PSRG/ "$PG_ABS_BUILDDIR/results/rfm.bin"; rm "$PG_ABS_BUILDDIR/results/rfm.bin"' (format binary)
\set VERBOSITY default

DEALLOCATE rfm_sets;
DROP VIEW rfm_customer, rfm_hashed, rfm_sets;
DROP AGGREGATE rfm_from_one(date, float8), rfm_state(date, float8), rfm_stored(integer);
DROP FUNCTION rfm_stored(predseg.rfm, integer);
DROP TABLE rfm_order, rfm_moment, rfm_many, rfm_whole, rfm_sorted, rfm_states, rfm_sets_sorted, rfm_sets_hashed, rfm_parts, rfm_copied, rfm_zone;
