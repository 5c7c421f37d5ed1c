-- What the rows of each cluster are like, and names made of it.
SET search_path = pg_temp, public;
SET client_min_messages = warning;

-- Best customers, new ones and lapsed ones; the country of some is not known
CREATE TABLE public.client AS
SELECT id, (ARRAY[8, 15, 250])[g] * (0.6 + 0.4 * u) AS days_since_last_order, (ARRAY[12, 1, 4])[g] + id % 3 AS orders, (ARRAY[900, 40, 80])[g] * (0.6 + 0.4 * v) AS total,
	u + v > CASE g WHEN 1 THEN 0.4 ELSE 1.7 END AS newsletter, CASE WHEN id % 7 > 0 THEN CASE WHEN g = 2 OR v > 1.8 THEN 'AT' ELSE 'DE' END END AS country,
	date '2024-12-31' - ((ARRAY[900, 30, 800])[g] * (0.6 + 0.4 * v))::int AS joined, CASE WHEN g = 3 AND v > 0.7 THEN NULL ELSE 30 + 20 * u END AS age
FROM (SELECT id, CASE WHEN id % 10 < 2 THEN 1 WHEN id % 10 < 5 THEN 2 ELSE 3 END AS g, id * 0.6180339887 % 1 + id * 0.7071067811 % 1 AS u,
		id * 0.7548776662 % 1 + id * 0.5698402909 % 1 AS v FROM generate_series(1, 1000) AS id) AS s;
SELECT reason FROM predseg.train('profiled clients', 'client', method => 'kmeans', key => 'id', options => '{"k": 3}', holdout => 0);
SELECT cluster, cluster_name, rows, share FROM predseg.cluster_names('profiled clients', 'client');
SELECT cluster, feature, level, rows_with, round(mean::numeric, 2) AS mean, round(median::numeric, 2) AS median, round(overall_mean::numeric, 2) AS overall_mean,
	round(overall_median::numeric, 2) AS overall_median, round(difference::numeric, 2) AS difference, round(lift::numeric, 2) AS lift
FROM predseg.cluster_profile('profiled clients', 'client');

-- The same as PostgreSQL's own aggregates, in any order of the rows
CREATE TEMPORARY TABLE profile AS SELECT * FROM predseg.cluster_profile('profiled clients', 'SELECT * FROM client ORDER BY total');
SELECT count(*) AS rows FROM (SELECT * FROM profile EXCEPT SELECT * FROM predseg.cluster_profile('profiled clients', 'client')) AS s;
CREATE TEMPORARY TABLE member AS SELECT c.*, predseg.cluster('profiled clients', c.*) AS cluster FROM client AS c;
SELECT count(*) AS compared, max(abs(p.rows_with - m.count)) AS count, max(abs(p.mean - m.mean)) < 1e-9 AS mean, max(abs(p.median - m.median)) < 1e-9 AS median,
	max(abs(p.overall_mean - o.mean)) < 1e-9 AS overall_mean, max(abs(p.overall_median - o.median)) < 1e-9 AS overall_median,
	max(abs(p.difference - (m.mean - o.mean) / o.deviation)) < 1e-9 AS difference
FROM (SELECT f.feature, cluster, count(f.x), avg(f.x) AS mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY f.x) AS median FROM member,
		LATERAL (VALUES ('total', total), ('age', age), ('orders', orders), ('joined', joined - date '2000-01-01')) AS f (feature, x) GROUP BY 1, 2) AS m
	JOIN (SELECT f.feature, avg(f.x) AS mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY f.x) AS median, stddev_pop(f.x) AS deviation FROM member,
		LATERAL (VALUES ('total', total), ('age', age), ('orders', orders), ('joined', joined - date '2000-01-01')) AS f (feature, x) GROUP BY 1) AS o USING (feature)
	JOIN profile AS p ON p.feature = m.feature AND p.cluster = m.cluster AND p.level IS NULL;
SELECT count(*) AS compared, max(abs(p.rows_with - m.count)) AS count, max(abs(p.mean - m.mean)) < 1e-12 AS mean, max(abs(p.overall_mean - o.mean)) < 1e-12 AS overall_mean,
	max(abs(p.lift - m.mean / o.mean)) < 1e-12 AS lift, max(abs(p.difference - (m.mean - o.mean) / o.deviation)) < 1e-12 AS difference
FROM (SELECT f.feature, f.level, cluster, count(*) FILTER (WHERE f.x), avg(f.x::int)::float8 AS mean FROM member,
		LATERAL (VALUES ('country', 'AT', country IS NOT DISTINCT FROM 'AT'), ('country', '(null)', country IS NULL), ('newsletter', 'true', newsletter), ('age', '(null)', age IS NULL)) AS f (feature, level, x) GROUP BY 1, 2, 3) AS m
	JOIN (SELECT f.feature, f.level, avg(f.x::int)::float8 AS mean, stddev_pop(f.x::int)::float8 AS deviation FROM member,
		LATERAL (VALUES ('country', 'AT', country IS NOT DISTINCT FROM 'AT'), ('country', '(null)', country IS NULL), ('newsletter', 'true', newsletter), ('age', '(null)', age IS NULL)) AS f (feature, level, x) GROUP BY 1, 2) AS o USING (feature, level)
	JOIN profile AS p ON p.feature = m.feature AND p.cluster = m.cluster AND p.level = m.level;

-- By value; columns that the model does not read; fewer rows, and a cluster without any
SELECT model AS m FROM predseg.model_version WHERE name = 'profiled clients' \gset
SELECT count(*) AS differ FROM (SELECT * FROM profile EXCEPT SELECT * FROM predseg.cluster_profile(:'m'::predseg.model, 'client')) AS s;
SELECT cluster, feature, level, rows_with, round(difference::numeric, 1) AS difference FROM predseg.cluster_profile('profiled clients', 'SELECT *, total / orders AS basket FROM client', '{basket, country}');
SELECT * FROM predseg.cluster_names(:'m'::predseg.model, 'SELECT * FROM client WHERE orders < 9');
SELECT cluster, rows, share, feature, mean, difference FROM predseg.cluster_profile('profiled clients', 'SELECT * FROM client WHERE orders < 9', '{orders}');

-- Names: all different, even where the clusters are not; hostile and natural names of columns
CREATE TABLE public.thing AS SELECT i % 6 AS "high ""value""; DROP TABLE thing", (i % 6) * 2.0 AS "größe_von_größter_größe_von_größter_größe_von_gr", i % 6 / 3 > 0 AS "is_%s_%I" FROM generate_series(1, 300) AS i;
SELECT cluster_name, rows FROM predseg.cluster_names((SELECT predseg.fit('kmeans', t.*, '{"k": 6}') FROM thing AS t), 'thing');
SELECT cluster_name FROM predseg.cluster_names((SELECT predseg.fit('kmeans', t.*, '{"k": 2, "include": ["x"]}') FROM (SELECT i % 2 AS x, 7 AS constant, NULL::float8 AS nothing FROM generate_series(1, 50) AS i) AS t),
	'SELECT i % 2 AS x, 7 AS constant, NULL::float8 AS nothing, 0.1 AS tenth FROM generate_series(1, 50) AS i', '{tenth}');
SELECT feature, level, mean, overall_mean, difference, lift FROM predseg.cluster_profile((SELECT predseg.fit('kmeans', t.*, '{"k": 2}') FROM (SELECT i % 2 AS x FROM generate_series(1, 50) AS i) AS t),
	'SELECT i % 2 AS x, 0.1 AS tenth, NULL::float8 AS nothing, NULL::text AS no_text, ''(null)'' AS text FROM generate_series(1, 50) AS i', '{tenth, nothing, no_text, text}') WHERE cluster = 1 ORDER BY feature, level;

-- Words for what marketers count: little, and much
SELECT f.feature, min(cluster_name) FILTER (WHERE mean < overall_mean) AS low, min(cluster_name) FILTER (WHERE mean > overall_mean) AS high
FROM (VALUES ('recency'), ('days_since_last'), ('days_since_signup'), ('tenure'), ('average_order_value'), ('Orders'), ('totalSpend'), ('monetary'), ('income')) AS f (feature),
	(SELECT predseg.fit('kmeans', t.*, '{"k": 2}') AS model FROM (SELECT i % 10 / 5 AS x FROM generate_series(1, 50) AS i) AS t) AS m,
	predseg.cluster_profile(m.model, format('SELECT i %% 10 / 5 AS x, i %% 10 / 5 AS %I FROM generate_series(1, 50) AS i', f.feature), ARRAY[f.feature]) GROUP BY 1 ORDER BY 1;
SELECT f.feature, min(cluster_name) FILTER (WHERE mean < overall_mean) AS low, min(cluster_name) FILTER (WHERE mean > overall_mean) AS high
FROM (VALUES ('last_order'), ('registered'), ('birthday')) AS f (feature),
	(SELECT predseg.fit('kmeans', t.*, '{"k": 2}') AS model FROM (SELECT i % 10 / 5 AS x FROM generate_series(1, 50) AS i) AS t) AS m,
	predseg.cluster_profile(m.model, format('SELECT i %% 10 / 5 AS x, timestamptz ''2024-01-01 00:00+00'' + i %% 10 / 5 * interval ''1 day'' AS %I FROM generate_series(1, 50) AS i', f.feature), ARRAY[f.feature]) GROUP BY 1 ORDER BY 1;

-- Many levels: the twenty most frequent, and the others together
SELECT count(*), min(level) FILTER (WHERE rows_with = 0), sum(rows_with), round(sum(mean)::numeric, 9) AS share, sum(rows_with) FILTER (WHERE level = '(other)') AS other
FROM predseg.cluster_profile('profiled clients', 'SELECT c.*, ''l'' || floor(sqrt(id)) AS city FROM client AS c', '{city}') WHERE cluster = 1;

-- explain on mixed columns: contributions sum to how much nearer or likelier the cluster is
SELECT reason FROM predseg.train('profiled mixture', 'SELECT id, orders, newsletter, country, age FROM client', method => 'gaussian_mixture', key => 'id', options => '{"k": 3}', holdout => 0);
SELECT count(*) > 900 AS rows, max(abs(sum - expected)) < 1e-6 AS explained, min(features) AS features
FROM (SELECT (SELECT sum(contribution) FROM predseg.explain('profiled mixture', c.*)) AS sum, (SELECT count(*) FROM predseg.explain('profiled mixture', c.*)) AS features,
		(SELECT ln(max(x) / nullif((array_agg(x ORDER BY x DESC))[2], 0)) FROM unnest(predseg.cluster_probabilities('profiled mixture', c.*)) AS x) AS expected FROM client AS c) AS s
WHERE expected IS NOT NULL;
SELECT min(sum) >= 0 AS nearest, min(features) AS features FROM (SELECT id, sum(contribution), count(*) AS features FROM client AS c, predseg.explain('profiled clients', c.*) AS e GROUP BY id) AS s;

-- What cannot be described
SELECT * FROM predseg.cluster_profile('profiled clients', 'SELECT * FROM client WHERE false');
SELECT * FROM predseg.cluster_profile('profiled clients', 'SELECT id FROM client');
SELECT * FROM predseg.cluster_profile('profiled clients', 'client', '{nobody}');
SELECT * FROM predseg.cluster_profile('profiled clients', 'SELECT *, ARRAY[1] AS list FROM client', '{list}');
SELECT * FROM predseg.cluster_profile('profiled clients', 'SELECT *, float8 ''NaN'' AS x FROM client', '{x}');
SELECT * FROM predseg.cluster_profile('profiled clients', 'client', '{NULL}');
SELECT * FROM predseg.cluster_profile('profiled clients', NULL);
SELECT * FROM predseg.cluster_names('profiled clients', NULL);
SELECT * FROM predseg.cluster_names(NULL::predseg.model, 'client');
SELECT * FROM predseg.cluster_profile('nobody', 'client');
SELECT * FROM predseg.cluster_profile('profiled clients', 'DELETE FROM client');
SELECT * FROM predseg.cluster_names(predseg.make_model('gamma_gamma', '{"p": 6, "q": 4, "v": 15}'), 'client');

SELECT predseg.drop_model('profiled clients'), predseg.drop_model('profiled mixture');
DROP TABLE public.client, public.thing;
