-- Gaussian mixtures, and the agreement of labels.
SET search_path = pg_temp, public;
SET client_min_messages = warning;

-- Three groups, slanted and of other sizes
SELECT setseed(0.1);
CREATE TEMPORARY TABLE person AS
SELECT i AS id, g AS kind, 10 * g + u AS age, 1e6 * (5 * (g % 2) + v + u) AS income, g = 1 AS member
FROM (SELECT i, CASE WHEN i % 10 < 5 THEN 0 WHEN i % 10 < 8 THEN 1 ELSE 2 END AS g,
		random() + random() - 1 AS u, random() + random() - 1 AS v
	FROM generate_series(1, 600) i) s;
CREATE TEMPORARY TABLE mixture AS
SELECT covariance, predseg.fit('gaussian_mixture', p.*, jsonb_build_object('k_max', 5, 'covariance', covariance, 'k', k, 'exclude', '["id", "kind"]'::jsonb)) AS model
FROM person p, (VALUES ('full', NULL), ('diagonal', 3)) AS v(covariance, k) GROUP BY covariance;
SELECT covariance, jsonb_array_length(predseg.describe(model) #> '{parameters,clusters}') AS k,
	jsonb_array_length(predseg.describe(model) #> '{parameters,candidates}') AS candidates,
	(SELECT min((c ->> 'bic')::float8) FROM jsonb_array_elements(predseg.describe(model) #> '{parameters,candidates}') c)
		= (predseg.describe(model) #>> '{parameters,bic}')::float8 AS lowest
FROM mixture ORDER BY covariance;

-- Groups beside a column that has nothing to do with them: a start that k-means refined along it missed them
SELECT setseed(0.35);
CREATE TEMPORARY TABLE hidden AS
SELECT g, x[1 + g] + random() + random() AS x, y[1 + g] + random() + random() AS y, random() + random() AS noise
FROM (SELECT CASE WHEN i % 20 < 8 THEN 0 WHEN i % 20 < 12 THEN 1 ELSE 2 + i % 5 END AS g, '{-17,-11,8,14,10,-3,-14}'::float8[] AS x, '{-16,-7,-12,1,14,11,6}'::float8[] AS y
	FROM generate_series(1, 1500) i) s;
SELECT count(DISTINCT predseg.cluster(m, h)) AS k, round(predseg.adjusted_rand(g, predseg.cluster(m, h))::numeric, 2) AS agreement
FROM hidden h, (SELECT predseg.fit('gaussian_mixture', h, '{"exclude": ["g"]}') AS m FROM hidden h) s;

-- The groups are found; answers agree
SELECT covariance, round(predseg.adjusted_rand(kind, predseg.cluster(model, p))::numeric, 2) AS agreement,
	bool_and(predseg.score(model, p) = predseg.cluster(model, p)) AS score,
	bool_and(abs((SELECT sum(x) FROM unnest(predseg.cluster_probabilities(model, p)) x) - 1) < 1e-12) AS sum,
	bool_and((predseg.cluster_probabilities(model, p))[predseg.cluster(model, p)] = (SELECT max(x) FROM unnest(predseg.cluster_probabilities(model, p)) x)) AS largest
FROM mixture, person p GROUP BY covariance ORDER BY covariance;
SELECT covariance, count(expected) > 5 AS enough, bool_and(abs(sum - expected) < 1e-6) AS explained
FROM (SELECT covariance, (SELECT sum(contribution) FROM predseg.explain(model, p)) AS sum,
		(SELECT ln(max(x) / nullif((array_agg(x ORDER BY x DESC))[2], 0)) FROM unnest(predseg.cluster_probabilities(model, p)) x) AS expected
	FROM mixture, person p WHERE id < 30) s GROUP BY covariance ORDER BY covariance;

-- By name, with only the columns that are read
SELECT deployed, notes FROM predseg.train('kinds', 'SELECT id, age, income FROM person', method => 'gaussian_mixture', key => 'id', options => '{"k": 3}');
SELECT array_length(predseg.cluster_probabilities('kinds', p.*), 1) AS k, predseg.cluster('kinds', p.*) FROM person p ORDER BY id LIMIT 1;
EXPLAIN (VERBOSE, COSTS OFF) SELECT predseg.cluster_probabilities('kinds', p.*) FROM person p;
SELECT metric FROM predseg.evaluate('kinds', 'SELECT * FROM person') ORDER BY metric;
SELECT predseg.cluster_probabilities(NULL::predseg.model, p) IS NULL AND predseg.cluster_probabilities('kinds', NULL) IS NULL FROM person p LIMIT 1;
SELECT predseg.cluster_probabilities(m, p) FROM person p, (SELECT predseg.fit('kmeans', p.*, '{"k": 3}') AS m FROM person p) s LIMIT 1;
SELECT predseg.drop_model('kinds');

-- What cannot be clustered
SELECT predseg.fit('gaussian_mixture', p, '{"k": 101}') FROM person p;
SELECT predseg.fit('gaussian_mixture', p, '{"k_min": 4, "k_max": 3}') FROM person p;
SELECT predseg.fit('gaussian_mixture', s, '{"k": 3, "on_too_little_data": "error"}') FROM (SELECT member FROM person) s;
SELECT predseg.fit('gaussian_mixture', s, '{"on_too_little_data": "error"}') FROM (SELECT 7 AS seven FROM person) s;
SELECT predseg.fit('gaussian_mixture', s, '{"k": 2}') FROM (SELECT CASE id WHEN 7 THEN 'NaN' ELSE age::float8 END AS age FROM person) s;

-- Agreement: the numbers of scikit-learn, groups, NULL, other types
SELECT predseg.adjusted_rand(j % 3, j % 3 + (j % 7 = 0)::int), predseg.normalized_mutual_information((j % 3)::text, j % 3 + (j % 7 = 0)::int)
FROM generate_series(0, 59) j;
SELECT g, predseg.adjusted_rand(a, b), predseg.normalized_mutual_information(a, b)
FROM (VALUES (1, 'x', 1), (1, 'y', 2), (1, 'x', 1), (2, 'x', 1), (2, 'y', 1), (3, NULL, 1), (3, 'x', NULL), (4, 'x', 7), (1, NULL, 3)) v(g, a, b)
GROUP BY g ORDER BY g;
SELECT predseg.adjusted_rand(1, 2) FROM person WHERE false;

-- Their state: text and bytes that come back, nothing else
CREATE AGGREGATE pg_temp.agreement("any", "any") (SFUNC = predseg.agreement_add, STYPE = predseg.agreement, COMBINEFUNC = predseg.agreement_merge);
CREATE TEMPORARY TABLE state AS SELECT pg_temp.agreement(kind, member) AS s FROM person;
SELECT s::text::predseg.agreement::text = s::text AS same, predseg.agreement_rand(s::text::predseg.agreement) = (SELECT predseg.adjusted_rand(kind, member) FROM person) AS rand,
	predseg.agreement_information(s) = (SELECT predseg.normalized_mutual_information(kind, member) FROM person) AS information FROM state;
SELECT '\x50534147'::predseg.agreement;
SELECT predseg.agreement_add(NULL, 1, 2);

-- In parallel
CREATE TABLE public.many AS SELECT i % 7 AS a, i % 5 AS b FROM generate_series(1, 20000) i;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT predseg.adjusted_rand(a, b) FROM public.many;
CREATE TEMPORARY TABLE parallel AS SELECT predseg.adjusted_rand(a, b) AS r, predseg.normalized_mutual_information(a, b / 2) AS n FROM public.many;
SET max_parallel_workers_per_gather = 0;
SELECT r = (SELECT predseg.adjusted_rand(a, b) FROM public.many) AS rand, n = (SELECT predseg.normalized_mutual_information(a, b / 2) FROM public.many) AS information FROM parallel;
DROP TABLE public.many;
