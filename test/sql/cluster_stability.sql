-- Clusters keep their numbers from version to version.
SET search_path = pg_temp, public;
SET client_min_messages = warning;

-- Four kinds of customers; how many there are of each is up to the test
CREATE TABLE public.shopper (id int PRIMARY KEY, kind int, orders float8, days float8);
CREATE FUNCTION pg_temp.fill(counts int[]) RETURNS void LANGUAGE SQL AS $$
	DELETE FROM public.shopper;
	INSERT INTO public.shopper SELECT 1000 * kind + i, kind,
			(ARRAY[2, 3, 12, 20])[kind] + i * 0.6180339887 % 1 + i * 0.7071067811 % 1 - 1,
			(ARRAY[300, 20, 150, 10])[kind] + 20 * (i * 0.7548776662 % 1 + i * 0.5698402909 % 1 - 1)
		FROM unnest(counts) WITH ORDINALITY AS k (count, kind), generate_series(1, count) AS i;
$$;
CREATE VIEW pg_temp.numbering AS SELECT kind, string_agg(DISTINCT predseg.cluster('shopper kinds', s.*)::text, ', ') AS cluster FROM shopper s GROUP BY kind;
SELECT pg_temp.fill('{400, 300, 200, 100}');
CREATE FUNCTION pg_temp.train(options jsonb DEFAULT '{}', method text DEFAULT 'kmeans', source text DEFAULT 'SELECT id, orders, days FROM shopper', holdout float8 DEFAULT 0.2)
	RETURNS TABLE (version int, kept_from int, adjusted_rand numeric, moved numeric, notes text[]) LANGUAGE SQL AS $$
	SELECT t.version, (t.metrics ->> 'labels_kept_from')::int, round((t.metrics ->> 'adjusted_rand')::numeric, 3),
		round((t.metrics ->> 'share_moved')::numeric, 3), array_remove(t.notes, t.reason)
	FROM predseg.train('shopper kinds', source, method => method, key => 'id', holdout => holdout, options => '{"k": 4}'::jsonb || options) AS t;
$$;
CREATE FUNCTION pg_temp.labels() RETURNS TABLE (cluster int, rows_before int, rows int, rows_kept int) LANGUAGE SQL AS $$
	SELECT l.* FROM predseg.models m, jsonb_to_recordset(m.metrics -> 'labels') AS l (cluster int, rows_before int, rows int, rows_kept int)
	WHERE m.name = 'shopper kinds';
$$;
SELECT * FROM pg_temp.train();
SELECT * FROM numbering;

-- A segment on a cluster
CREATE MATERIALIZED VIEW public.shopper_cluster AS SELECT s.id, predseg.cluster('shopper kinds', s.*) AS cluster FROM public.shopper s;
CREATE UNIQUE INDEX ON public.shopper_cluster (id);
SELECT predseg.create_segment('seldom and long ago', 'public.shopper_cluster', 'id', 'cluster = 1');
SELECT segment, entered, "left", held FROM predseg.refresh();

-- The same rows again, in any order: the same model, and nobody moves
SELECT * FROM pg_temp.train(source => 'SELECT orders, days, id FROM shopper ORDER BY days');
SELECT * FROM pg_temp.labels();
SELECT count(DISTINCT model::jsonb #- '{parameters,inertia}') AS models FROM predseg.model_version WHERE name = 'shopper kinds';
SELECT segment, entered, "left", held FROM predseg.refresh();

-- Other sizes: the largest is now the smallest. A refresh before the training says what the customers did; one after it, that the model moved nobody
SELECT pg_temp.fill('{100, 200, 300, 400}');
SELECT entered, "left" FROM predseg.refresh();
SELECT * FROM pg_temp.train();
SELECT * FROM numbering;
SELECT entered, "left" FROM predseg.refresh();
SELECT op, reason, count(*) FROM predseg.changes GROUP BY op, reason ORDER BY op, reason;

-- Half of the customers of kind 1 have come back and are of kind 2 now; the others stay away longer, which moves the cluster
UPDATE shopper SET orders = orders + CASE id % 2 WHEN 0 THEN 1 ELSE 0 END, days = days + CASE id % 2 WHEN 0 THEN -280 ELSE 60 END WHERE kind = 1;
SELECT entered, "left" FROM predseg.refresh();
SELECT * FROM pg_temp.train();
SELECT entered, "left" FROM predseg.refresh();
SELECT op, reason, count(*) FROM predseg.changes GROUP BY op, reason ORDER BY op, reason;

-- A kind goes, and another one comes: numbers are never given again
SELECT pg_temp.fill('{100, 200, 0, 400}');
SELECT version, moved, notes FROM pg_temp.train('{"k": 3}');
SELECT * FROM pg_temp.labels();
SELECT * FROM numbering;
SELECT pg_temp.fill('{100, 200, 300, 400}');
SELECT version, moved, notes FROM pg_temp.train();
SELECT * FROM pg_temp.labels();
SELECT * FROM numbering;

-- Another method keeps them, too; probabilities stand at the numbers
SELECT version, kept_from, moved FROM pg_temp.train(method => 'gaussian_mixture', holdout => 0);
SELECT * FROM numbering;
SELECT kind, array_agg(DISTINCT round(p::numeric, 2)) AS probabilities FROM shopper s, unnest(predseg.cluster_probabilities('shopper kinds', s.*)) WITH ORDINALITY AS u (p, n)
WHERE n = 3 OR n = 5 GROUP BY kind ORDER BY kind;
SELECT DISTINCT cardinality(predseg.cluster_probabilities('shopper kinds', s.*)) AS elements, (SELECT sum(p) FROM unnest(predseg.cluster_probabilities('shopper kinds', s.*)) p)::numeric(9, 6) AS sum FROM shopper s;

-- The second best one goes by the same numbers: it is the most probable of the others
SELECT count(*) AS rows, count(*) FILTER (WHERE s.second = (SELECT n FROM unnest(p) WITH ORDINALITY AS u (p, n) WHERE n <> best ORDER BY p DESC LIMIT 1)) AS second_best
FROM (SELECT predseg.cluster('shopper kinds', s.*) AS best, predseg.second_cluster('shopper kinds', s.*) AS second, predseg.cluster_probabilities('shopper kinds', s.*) AS p FROM shopper s) AS s
WHERE (SELECT count(*) FROM unnest(p) AS u (p) WHERE p > 1e-200) > 1;

-- Other columns: the version before must find its own among them
SELECT version, kept_from, moved FROM pg_temp.train(source => 'SELECT id, orders, days, ln(orders) AS log_orders FROM shopper', options => '{"exclude": ["orders"]}');
SELECT version, kept_from, notes FROM pg_temp.train(source => 'SELECT id, orders, days FROM shopper');
SELECT version, kept_from, notes FROM pg_temp.train('{"keep_labels": false}');
SELECT * FROM numbering;

-- A value that the version before cannot take: a density has no limits that it could count as
SELECT version, kept_from FROM pg_temp.train(method => 'gaussian_mixture', source => 'SELECT id, 1e-130 * orders AS orders FROM shopper');
SELECT version, kept_from, notes FROM pg_temp.train(source => 'SELECT id, 1e30 * orders AS orders FROM shopper');

-- After a model of another kind there is nothing to keep; the deployed version is what counts
SELECT deployed FROM predseg.train('shopper kinds', 'SELECT id, orders, days, kind = 1 AS y FROM shopper', target => 'y', method => 'logistic', key => 'id', options => '{"calibration": "none"}', deploy => 'always');
SELECT version, kept_from, notes FROM pg_temp.train();
SELECT version, kept_from FROM pg_temp.train('{"seed": 4}');
SELECT predseg.deploy('shopper kinds', 2);
SELECT version, kept_from FROM pg_temp.train('{"seed": 5}');

-- Clusters cut from a tree keep them, too, in other sizes
SELECT version, kept_from, moved FROM pg_temp.train(method => 'hierarchical', holdout => 0);
SELECT * FROM numbering;
SELECT pg_temp.fill('{150, 100, 250, 300}');
SELECT version, kept_from, moved FROM pg_temp.train(method => 'hierarchical', holdout => 0);
SELECT * FROM numbering;

SELECT predseg.train('shopper kinds', 'shopper', method => 'kmeans', options => '{"keep_labels": 1}');
SELECT predseg.train('shopper kinds', 'SELECT days, kind = 1 AS y FROM shopper', target => 'y', method => 'logistic', options => '{"keep_labels": true}');

SELECT predseg.drop_segment('seldom and long ago');
SELECT predseg.drop_model('shopper kinds');
DROP MATERIALIZED VIEW public.shopper_cluster;
DROP VIEW numbering;
DROP TABLE public.shopper;
