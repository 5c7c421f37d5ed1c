-- How many clusters k-means makes, what speaks for each number, and the silhouette.
SET search_path = pg_temp, public;
SET client_min_messages = warning;

-- Four groups, of other sizes and scales; the numbers need no random source
CREATE TEMPORARY TABLE person AS
SELECT i AS id, g AS kind, 10 * g + u AS age, 1e6 * (5 * (g % 2) + v) AS income, (ARRAY['a', 'b', 'c'])[1 + g % 3] AS town
FROM (SELECT i, CASE WHEN i % 10 < 4 THEN 0 WHEN i % 10 < 7 THEN 1 WHEN i % 10 < 9 THEN 2 ELSE 3 END AS g,
		i * 0.6180339887 % 1 + i * 0.7071067811 % 1 - 1 AS u, i * 0.7548776662 % 1 + i * 0.5698402909 % 1 - 1 AS v
	FROM generate_series(1, 600) i) s;

-- Found without k, by name and by value, with reasons
SELECT deployed, notes FROM predseg.train('chosen', 'SELECT id, age, income FROM person', method => 'kmeans', key => 'id');
SELECT predseg.adjusted_rand(kind, predseg.cluster('chosen', p.*)) FROM person p;
SELECT k, chosen, inertia > 0 AS inertia, round(overlap::numeric, 1) AS overlap, round(silhouette::numeric, 2) AS silhouette,
	calinski_harabasz > 0 AS calinski_harabasz, davies_bouldin > 0 AS davies_bouldin, gap, gap_error, height, log_likelihood, bic, aic
FROM predseg.cluster_candidates('chosen');
SELECT metric, round(value::numeric, 2) AS value, quality FROM predseg.evaluate('chosen', 'SELECT * FROM person')
WHERE metric IN ('silhouette', 'davies_bouldin', 'rows') ORDER BY metric;
CREATE TEMPORARY TABLE model AS
SELECT o AS options, predseg.fit('kmeans', s.*, o::jsonb) AS m FROM (SELECT age, income FROM person) s,
	(VALUES ('{"k_max": 6}'), ('{"k_max": 6, "criterion": "silhouette"}'), ('{"k_max": 6, "criterion": "calinski_harabasz"}'),
		('{"k_max": 6, "criterion": "davies_bouldin"}'), ('{"k_max": 6, "criterion": "gap"}'), ('{"k": 4}'), ('{"k_min": 5, "k_max": 5}')) v(o)
GROUP BY o;
SELECT options, (SELECT k FROM predseg.cluster_candidates(m) WHERE chosen), (SELECT count(*) FROM predseg.cluster_candidates(m)) AS tried,
	(SELECT count(gap) FROM predseg.cluster_candidates(m)) AS gaps
FROM model ORDER BY options COLLATE "C";
SELECT count(*), count(DISTINCT predseg.describe(m) #> '{parameters,clusters}') AS different
FROM model WHERE jsonb_array_length(predseg.describe(m) #> '{parameters,clusters}') = 4;

-- The same for rows in any order
SELECT count(DISTINCT m::text) FROM (
	SELECT predseg.fit('kmeans', s.*) AS m FROM (SELECT age, income, town FROM person ORDER BY id) s
	UNION ALL SELECT predseg.fit('kmeans', s.*) FROM (SELECT age, income, town FROM person ORDER BY id * 7919 % 601) s) f;

-- Mixtures have theirs; other models have none
SELECT k, covariance, chosen, inertia, bic IS NOT NULL AS bic, aic IS NOT NULL AS aic
FROM predseg.cluster_candidates((SELECT predseg.fit('gaussian_mixture', s.*, '{"k_max": 3}') FROM (SELECT age, income FROM person) s));
SELECT * FROM predseg.cluster_candidates(NULL::predseg.model);
SELECT * FROM predseg.cluster_candidates('nobody');
SELECT * FROM predseg.cluster_candidates((SELECT predseg.fit('linear', s.*, '{"target": "age"}') FROM (SELECT age, income FROM person) s));

-- Weights count in what is summed over rows
SELECT o, m.metric, abs(m.value / w.value - 1) < 1e-9 AS same
FROM (SELECT 'chosen' AS o) n, predseg.evaluate(o, 'SELECT p.* FROM person p, generate_series(1, id % 3)') m
JOIN predseg.evaluate('chosen', 'SELECT *, id % 3 AS times FROM person', weight => 'times') w USING (metric)
WHERE metric IN ('inertia', 'mean_squared_distance') ORDER BY metric;

-- Without groups, and with too little to choose from
CREATE FUNCTION pg_temp.tried(source text, options text DEFAULT '{}') RETURNS TABLE (k int, candidates bigint, notes text)
LANGUAGE plpgsql AS
$$
DECLARE
	run predseg.training_run;
BEGIN
	run := predseg.train('tried', source, method => 'kmeans', holdout => 0, options => '{"keep_labels": false}'::jsonb || options::jsonb, deploy => 'always');
	RETURN QUERY SELECT jsonb_array_length(d #> '{parameters,clusters}'), (SELECT count(*) FROM predseg.cluster_candidates('tried')),
		(SELECT string_agg(n, E'\n') FROM unnest(run.notes) n WHERE n !~ '^deployed')
	FROM (SELECT predseg.describe(v.model) AS d FROM predseg.model_version v WHERE v.name = 'tried' AND v.deployed) m;
EXCEPTION WHEN OTHERS THEN
	RETURN QUERY SELECT NULL::int, NULL::bigint, sqlstate || ' ' || sqlerrm;
END
$$;
SELECT what, t.* FROM (VALUES
	(1, 'evenly spread', 'SELECT i * 0.6180339887 % 1 AS x, i * 0.7548776662 % 1 AS y FROM generate_series(1, 900) i'),
	(2, 'identical rows', 'SELECT 5 AS x, 7 AS y FROM generate_series(1, 50)'),
	(3, 'two kinds of rows', 'SELECT i % 2 AS x FROM generate_series(1, 50) i'),
	(4, 'three kinds of rows', 'SELECT i % 3 AS x FROM generate_series(1, 50) i'),
	(5, 'one column', 'SELECT age FROM person'),
	(6, 'a column a million times larger', 'SELECT age * 1e6 AS age, income / 1e6 AS income FROM person'),
	(7, 'categories only', 'SELECT town, kind = 3 AS third FROM person'),
	(8, 'a column of NULL', 'SELECT age, income, NULL::int AS nothing FROM person'),
	(9, 'NaN', 'SELECT CASE id WHEN 7 THEN ''NaN'' ELSE age::float8 END AS age FROM person'),
	(10, 'ten rows', 'SELECT age, income FROM person WHERE id <= 10'),
	(11, 'two rows', 'SELECT age, income FROM person WHERE id <= 2'),
	(12, 'one row', 'SELECT age, income FROM person WHERE id = 1')) v(n, what, source), pg_temp.tried(source) t ORDER BY n;
SELECT * FROM pg_temp.tried('SELECT age FROM person', '{"k_min": 4, "k_max": 3}');
SELECT * FROM pg_temp.tried('SELECT i % 3 AS x FROM generate_series(1, 50) i', '{"k_min": 4}');
SELECT * FROM pg_temp.tried('SELECT age FROM person', '{"k_max": 101}');
SELECT * FROM pg_temp.tried('SELECT age FROM person', '{"criterion": "elbow"}');
SELECT predseg.drop_model('chosen'), predseg.drop_model('tried');

-- The silhouette: the numbers of scikit-learn (test/unit/reference/cluster_quality.py), with copies, in any order
CREATE TEMPORARY TABLE point AS
SELECT i, i % 3 AS third, i * i % 7 % 4 AS square, i * 0.6180339887::float8 - floor(i * 0.6180339887::float8) + 2 * (i % 3) AS x,
	i * 0.7071067811::float8 - floor(i * 0.7071067811::float8) - i % 2 AS y, 3 * (i * 0.7548776662::float8 - floor(i * 0.7548776662::float8)) AS z
FROM generate_series(0, 199) i;
SELECT round(predseg.silhouette(third, x, y, z)::numeric, 9) AS there, round(predseg.silhouette(square, VARIADIC ARRAY[x, y, z])::numeric, 9) AS not_there,
	predseg.silhouette(third::text, x, y, z) = predseg.silhouette(third, x, y, z ORDER BY -i) AS same
FROM point;
SELECT round(predseg.silhouette(third, x, y, z)::numeric, 8) AS copies FROM point, generate_series(0, i % 4);
SELECT predseg.silhouette(third, x, NULL) IS NULL AS nothing, predseg.silhouette(1, x, y) IS NULL AS one_group,
	predseg.silhouette(third, x) = predseg.silhouette(CASE WHEN i < 190 THEN third END, x) FILTER (WHERE i < 190) AS filtered
FROM point WHERE i < 190;
SELECT third, predseg.silhouette(square, x, y) BETWEEN -1 AND 1 AS silhouette FROM point GROUP BY third ORDER BY third;
SELECT count(DISTINCT s) FROM (SELECT predseg.silhouette(third, x, y, z) OVER (PARTITION BY square) AS s FROM point) w;
SELECT predseg.silhouette(third, 'infinity') FROM point;
SELECT predseg.silhouette(third, 1e200 * x) FROM point;
SELECT predseg.silhouette(third, VARIADIC CASE i WHEN 9 THEN ARRAY[x] ELSE ARRAY[x, y] END) FROM point;
SELECT predseg.silhouette(third, VARIADIC '{}') FROM point;

-- More rows than are kept: near the exact one, the same in any order
SELECT abs(predseg.silhouette(i % 3, i * 0.6180339887::float8 - floor(i * 0.6180339887::float8) + i % 3) - 0.5897) < 0.01 AS near,
	predseg.silhouette(i % 3, i * 0.6180339887::float8 - floor(i * 0.6180339887::float8) + i % 3 ORDER BY i * 7919 % 30011) =
	predseg.silhouette(i % 3, i * 0.6180339887::float8 - floor(i * 0.6180339887::float8) + i % 3 ORDER BY i DESC) AS same
FROM generate_series(0, 29999) i;

-- Its state: text and bytes that come back, nothing else; parallel workers give the same to the last bit
CREATE AGGREGATE pg_temp.state_of("any", VARIADIC float8[]) (SFUNC = predseg.point_sample_add, STYPE = predseg.point_sample);
SELECT s::text::predseg.point_sample::text = s::text AS same,
	predseg.point_sample_silhouette(s::text::predseg.point_sample) = (SELECT predseg.silhouette(third, x, y) FROM point) AS silhouette
FROM (SELECT pg_temp.state_of(third, x, y) AS s FROM point) t;
SELECT '\x50535053'::predseg.point_sample;
SELECT predseg.point_sample_add(NULL, 1, 2);
CREATE TABLE public.many AS SELECT i % 3 AS label, CASE i % 4 WHEN 0 THEN i % 50 ELSE i * 0.6180339887::float8 - floor(i * 0.6180339887::float8) + i % 3 END AS x
FROM generate_series(0, 29999) i;
CREATE TEMPORARY TABLE alone AS SELECT predseg.silhouette(label, x) AS s FROM public.many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT predseg.silhouette(label, x) FROM public.many;
SELECT predseg.silhouette(label, x) = (SELECT s FROM alone) AS same FROM public.many;
DROP TABLE public.many;
