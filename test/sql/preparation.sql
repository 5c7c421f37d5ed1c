-- Preparation of columns for clusters, and answers about how a row lies among them.
SET search_path = pg_temp, public;
SET client_min_messages = warning;

-- Customers: money with a long tail and refunds, orders, an outlier of a million, a text, NULLs; no random source
CREATE TEMPORARY TABLE customer AS
SELECT i AS id, CASE WHEN i = 7 THEN 1e6 ELSE exp(3 + g + u)::numeric(12, 2) END AS money, 1 + (g * 4 + 3 * u * u)::int AS orders,
	CASE WHEN i % 9 > 0 THEN 100 * v END AS days, CASE WHEN i % 5 = 0 THEN -exp(4 * u) ELSE 0 END::float8 AS refunds,
	CASE WHEN g = 1 THEN 'shop' WHEN i % 3 = 0 THEN 'web' ELSE 'mail' END AS channel, g = 1 AS member, g
FROM (SELECT i, i % 3 / 2 AS g, i * 0.6180339887 % 1 + i * 0.7071067811 % 1 AS u, i * 0.7548776662 % 1 AS v FROM generate_series(1, 900) i) s;

-- Long tails are told
SET client_min_messages = notice;
CREATE TEMPORARY TABLE fitted AS SELECT predseg.fit('kmeans', c, '{"k": 2, "exclude": ["id", "g"]}') AS model FROM customer c;
SET client_min_messages = warning;
SELECT round(predseg.adjusted_rand(g, predseg.cluster(model, c))::numeric, 2) AS agreement, count(*) FILTER (WHERE predseg.unlike_any_cluster(model, c)) AS unlike,
	bool_and(predseg.second_cluster(model, c) = 3 - predseg.cluster(model, c)) AS second, min(predseg.cluster_distance(model, c)) >= 0 AS distance
FROM fitted, customer c;

-- Means of a cluster are those of the data, outliers included
SELECT n, bool_and(abs(expected - (cl #>> ARRAY['means', n])::float8) < 1e-9 * abs(expected)) AS same
FROM (SELECT cl, n, avg(CASE n WHEN 'money' THEN c.money WHEN 'orders' THEN c.orders WHEN 'days' THEN c.days END::float8) AS expected
	FROM fitted, jsonb_array_elements(predseg.describe(model) #> '{parameters,clusters}') cl, customer c, (VALUES ('money'), ('orders'), ('days')) v(n)
	WHERE predseg.cluster(model, c) = (cl ->> 'cluster')::int GROUP BY cl, n) s GROUP BY n ORDER BY n;

-- The outlier is unlike any; without preparation one column of it is all that counts
SELECT predseg.unlike_any_cluster(model, c) AS unlike, predseg.cluster_distance(model, c) > 5 AS far FROM fitted, customer c WHERE id = 7;
SELECT (SELECT predseg.adjusted_rand(g, predseg.cluster(m, c)) < 0.1 FROM customer c) AS lost
FROM (SELECT predseg.fit('kmeans', c, '{"k": 2, "exclude": ["id", "g", "member", "channel", "orders"], "scale": "standard", "transform": "none"}') AS m FROM customer c) s;

-- Trimming, weights
SELECT predseg.describe(m) #>> '{parameters,trimmed_rows}' AS trimmed, (SELECT sum((cl ->> 'rows')::int) FROM jsonb_array_elements(predseg.describe(m) #> '{parameters,clusters}') cl) AS rows
FROM (SELECT predseg.fit('kmeans', c, '{"k": 2, "exclude": ["id", "g"], "trim": 0.05}') AS m FROM customer c) s;
SELECT predseg.fit('kmeans', c, '{"k": 2, "trim": 0.6}') FROM customer c;
SELECT method, (SELECT predseg.describe(predseg.fit(method, s, '{"weight": "n"}')) #> '{parameters,encoder}' FROM (SELECT orders, days, channel, id % 3 AS n FROM customer) s) =
	(SELECT predseg.describe(predseg.fit(method, s)) #> '{parameters,encoder}' FROM (SELECT orders, days, channel FROM customer, generate_series(1, id % 3)) s) AS same_columns,
	(SELECT jsonb_agg(jsonb_build_array(c -> 'rows', c -> 'center', c -> 'unlike_beyond')) FROM jsonb_array_elements((SELECT predseg.describe(predseg.fit(method, s, '{"weight": "n"}')) #> '{parameters,clusters}'
		FROM (SELECT orders, days, channel, id % 3 AS n FROM customer) s)) c) =
	(SELECT jsonb_agg(jsonb_build_array(c -> 'rows', c -> 'center', c -> 'unlike_beyond')) FROM jsonb_array_elements((SELECT predseg.describe(predseg.fit(method, s)) #> '{parameters,clusters}'
		FROM (SELECT orders, days, channel FROM customer, generate_series(1, id % 3)) s)) c) AS same_clusters
FROM (VALUES ('kmeans'), ('hierarchical')) m(method);
SELECT predseg.fit('kmeans', c, '{"weight": "w"}') FROM (SELECT orders, days, 1e15::float8 AS w FROM customer) c;
SELECT bool_and(abs((a ->> 'share')::float8 - (b ->> 'share')::float8) < 0.01) AS same
FROM (SELECT predseg.describe(predseg.fit('gaussian_mixture', s, '{"k": 2, "weight": "n"}')) #> '{parameters,clusters}' AS c FROM (SELECT orders, days, 1 + id % 2 AS n FROM customer WHERE id <> 7) s) w,
	(SELECT predseg.describe(predseg.fit('gaussian_mixture', s, '{"k": 2}')) #> '{parameters,clusters}' AS c FROM (SELECT orders, days FROM customer, generate_series(0, id % 2) WHERE id <> 7) s) r,
	generate_series(0, 1) i, LATERAL (SELECT w.c -> i, r.c -> i) v(a, b);

-- By name, with only the columns that are read
SELECT deployed FROM predseg.train('kinds', 'SELECT id, orders, days FROM customer', method => 'gaussian_mixture', key => 'id', options => '{"k": 2}');
EXPLAIN (VERBOSE, COSTS OFF) SELECT predseg.cluster_distance('kinds', c.*), predseg.second_cluster('kinds', c.*), predseg.unlike_any_cluster('kinds', c.*) FROM customer c;
SELECT predseg.second_cluster('kinds', c.*) = 3 - predseg.cluster('kinds', c.*) AS second, predseg.cluster_distance('kinds', c.*) < 4 AS near, predseg.unlike_any_cluster('kinds', c.*) AS unlike
FROM customer c WHERE id = 1;
SELECT predseg.unlike_any_cluster('kinds', s) AS unlike, predseg.cluster_distance('kinds', s) > 100 AS far FROM (SELECT 1000 AS orders, -5000::float8 AS days) s;
SELECT predseg.cluster_distance('kinds', NULL) IS NULL AND predseg.second_cluster(NULL::predseg.model, c) IS NULL AND predseg.unlike_any_cluster(NULL::text, c) IS NULL AS nothing FROM customer c LIMIT 1;
SELECT predseg.drop_model('kinds');
SELECT predseg.second_cluster(m, c) FROM customer c, (SELECT predseg.fit('gaussian_mixture', c, '{"k": 1, "exclude": ["id"]}') AS m FROM customer c) s LIMIT 1;
SELECT predseg.unlike_any_cluster(m, c) FROM customer c, (SELECT predseg.fit('linear', c, '{"target": "orders", "exclude": ["id"]}') AS m FROM customer c) s LIMIT 1;

-- A model of a version that kept no cut
CREATE TEMPORARY TABLE older AS SELECT (jsonb_set(jsonb_set(model::jsonb, '{parameters,clusters,0}', model::jsonb #> '{parameters,clusters,0}' #- '{unlike_beyond}'),
	'{parameters,clusters,1}', model::jsonb #> '{parameters,clusters,1}' #- '{unlike_beyond}'))::text::predseg.model AS model FROM fitted;
SELECT predseg.unlike_any_cluster(model, c) IS NULL AS unlike, predseg.cluster_distance(model, c) > 0 AS distance FROM older, customer c LIMIT 1;

-- Columns of ordinary trouble
CREATE FUNCTION pg_temp.outcome(method text, query text, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE format('SELECT jsonb_array_length(predseg.describe(predseg.fit(%L, s, %L)) #> ''{parameters,clusters}'') || '' clusters'' FROM (%s) s', method,
		options || '{"on_too_little_data": "error"}', query) INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SELECT what, method, pg_temp.outcome(method, query, '{"k": 3}')
FROM (VALUES (1, 'identical rows', 'SELECT 7 AS a, ''x'' AS b FROM generate_series(1, 30)'),
	(2, 'two different rows', 'SELECT i % 2 AS a FROM generate_series(1, 30) i'),
	(3, 'one column', 'SELECT i % 17 AS a FROM generate_series(1, 300) i'),
	(4, 'a million times larger', 'SELECT i % 17 AS a, 1e6 * (i % 13) AS b FROM generate_series(1, 300) i'),
	(5, 'categories only', 'SELECT ''c'' || i % 3 AS a, i % 2 = 0 AS b FROM generate_series(1, 300) i'),
	(6, 'a column of NULL', 'SELECT i % 17 AS a, NULL::float8 AS b, NULL::text AS c FROM generate_series(1, 300) i'),
	(7, 'NaN', 'SELECT CASE i WHEN 3 THEN ''NaN''::float8 ELSE i % 17 END AS a FROM generate_series(1, 300) i'),
	(8, 'infinity', 'SELECT CASE i WHEN 3 THEN ''-Infinity''::float8 ELSE i % 17 END AS a FROM generate_series(1, 300) i'),
	(9, '99 % zeroes', 'SELECT CASE WHEN i % 100 = 0 THEN i ELSE 0 END AS a, i % 17 AS b FROM generate_series(1, 1000) i'),
	(10, 'negative money', 'SELECT -exp(i % 97 / 10.0)::float8 AS a FROM generate_series(1, 300) i'),
	(11, '1e300', 'SELECT CASE i WHEN 3 THEN 1e300 ELSE i % 17 END::float8 AS a FROM generate_series(1, 300) i'),
	(12, '1e149', 'SELECT CASE i WHEN 3 THEN 1e149 ELSE i % 17 END::float8 AS a, i % 13 AS b FROM generate_series(1, 300) i')) q(n, what, query),
	(VALUES ('kmeans'), ('gaussian_mixture')) m(method)
ORDER BY n, method DESC;

-- Columns that would hide groups are named in one notice.
SELECT setseed(0.7);
CREATE TABLE noisy AS SELECT i AS id, i % 4 AS kind, (i % 2) * 20 + random() AS a, (i % 4 / 2) * 20 + random() AS b, random() AS c, random() AS d, random() AS e
	FROM generate_series(1, 400) AS i;
SELECT notes FROM predseg.train('noisy', 'noisy', method => 'kmeans', key => 'id', exclude => '{kind}');
SELECT predseg.adjusted_rand(kind, predseg.cluster('noisy', n.*)) FROM noisy AS n;
SELECT predseg.drop_model('noisy');
DROP TABLE noisy;
