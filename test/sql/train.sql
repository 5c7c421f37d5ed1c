-- train(), deploy(), and scoring by name.
SET client_min_messages = notice;
CREATE TABLE visit AS
SELECT i AS id, (i * 37 % 100) / 10.0 AS pages, i % 3 = 0 AS returning_visitor,
	(i * 7919 % 1000) / 1000.0 < 0.1 + (i * 37 % 100) / 250.0 + CASE WHEN i % 3 = 0 THEN 0.2 ELSE 0 END AS bought
FROM generate_series(1, 2000) i;
ALTER TABLE visit ADD PRIMARY KEY (id);

SELECT name, version, method, target, key, rows, holdout_rows, deployed, reason, cardinality(notes) > 0 AS notes,
	(metrics ->> 'roc_auc')::float8 > 0.6 AS better_than_chance
FROM predseg.train('intent', 'visit', target => 'bought');
SELECT name, version, method, rows + holdout_rows AS rows FROM predseg.models;
SELECT corr(predseg.intent_score('intent', v.*), bought::int) > 0.2 AS related,
	array_agg(DISTINCT predseg.band('intent', v.*)) AS bands FROM visit v;
SELECT bool_and(predseg.score('intent', v.*) = predseg.score(m.model, v.*)) AS name_is_value
FROM visit v, predseg.model_version m WHERE m.name = 'intent';

-- The same customers are held out of every version, so the same data gives the same model and loss.
SELECT version, deployed, holdout_rows FROM predseg.train('intent', 'visit', target => 'bought');
SELECT count(DISTINCT model::text) AS models, count(*) AS versions FROM predseg.model_version WHERE name = 'intent';
-- A worse one is not deployed, unless asked for; going back is one call.
SELECT version, deployed FROM predseg.train('intent', 'visit', target => 'bought', exclude => '{pages}');
SELECT version, deployed, reason FROM predseg.train('intent', 'SELECT id, returning_visitor, bought FROM visit', target => 'bought', key => 'id', deploy => 'always');
SELECT version FROM predseg.models WHERE name = 'intent';
SELECT predseg.deploy('intent', 1);
SELECT version FROM predseg.models WHERE name = 'intent';
SELECT predseg.deploy('intent');
SELECT predseg.deploy('intent', 99);
SELECT predseg.deploy('no_such');
SELECT version, deployed FROM predseg.train('intent', 'visit', target => 'bought', deploy => 'never');

-- In one session, what is deployed counts at once; and a rollback takes it back.
SELECT predseg.deploy('intent', 4);
SELECT round(predseg.score('intent', v.*)::numeric, 4) = round(predseg.score(m.model, v.*)::numeric, 4) AS version_4
FROM visit v, predseg.model_version m WHERE v.id = 1 AND m.name = 'intent' AND m.version = 4;
BEGIN;
SELECT predseg.deploy('intent', 1);
SELECT predseg.score('intent', v.*) = predseg.score(m.model, v.*) AS version_1
FROM visit v, predseg.model_version m WHERE v.id = 1 AND m.name = 'intent' AND m.version = 1;
ROLLBACK;
SELECT predseg.score('intent', v.*) = predseg.score(m.model, v.*) AS version_4_again
FROM visit v, predseg.model_version m WHERE v.id = 1 AND m.name = 'intent' AND m.version = 4;

-- PL/pgSQL keeps the state of an expression: other values and a deployment in between still count.
DO $$
DECLARE
	r record;
	first float8;
	second float8;
	names text[] := '{intent, intent}';
BEGIN
	FOR version IN 1..2 LOOP
		PERFORM predseg.deploy('intent', CASE version WHEN 1 THEN 1 ELSE 4 END);
		FOR r IN SELECT v.* FROM visit v WHERE id = 1 LOOP
			second := predseg.score(names[version], r);
		END LOOP;
		first := coalesce(first, second);
	END LOOP;
	RAISE NOTICE 'by name, versions differ: %', first <> second;
END $$;
CREATE FUNCTION score_of(m predseg.model, v visit) RETURNS float8 LANGUAGE plpgsql AS 'BEGIN RETURN predseg.score(m, v); END';
SELECT count(DISTINCT score_of(m.model, v)) > 1 AS models_as_parameters FROM predseg.model_version m, visit v WHERE v.id = 1 AND m.name = 'intent';
DROP FUNCTION score_of;

-- Without a key the content of a row decides; without a hold-out there are no metrics.
CREATE TABLE keyless AS SELECT pages, returning_visitor, bought FROM visit;
SELECT version, key IS NULL AS no_key, holdout_rows > 0 AS held_out FROM predseg.train('keyless', 'keyless', target => 'bought');
SELECT version, holdout_rows, metrics FROM predseg.train('all', 'visit', target => 'bought', holdout => 0);
SELECT reason FROM predseg.train('all', 'SELECT id, pages, NOT bought AS left FROM visit', target => 'left', key => 'id', method => 'logistic');
-- The same customers are held out, however the session writes their keys
SET client_min_messages = warning;
DO $$
DECLARE key text;
BEGIN
	FOREACH key IN ARRAY '{id / 7.0::float8, date ''2020-01-01'' + id, timestamptz ''2020-01-01 00:00+00'' + id * interval ''1 hour'', id * interval ''1 day 1 hour''}'::text[] LOOP
		PERFORM set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true);
		PERFORM predseg.train('settings', format('SELECT %s AS id, pages, bought FROM visit', key), target => 'bought', key => 'id');
		PERFORM set_config('DateStyle', 'German', true), set_config('IntervalStyle', 'iso_8601', true), set_config('extra_float_digits', '-10', true);
		PERFORM predseg.train('settings', format('SELECT %s AS id, pages, bought FROM visit', key), target => 'bought', key => 'id');
	END LOOP;
END $$;
RESET client_min_messages;
SELECT count(DISTINCT (source, metrics)) AS sources, count(*) AS versions FROM predseg.model_versions WHERE name = 'settings';
SELECT predseg.drop_model('settings');

-- Methods that follow from the source
CREATE TABLE customer AS
SELECT c AS id, predseg.rfm(date '2024-01-01' + (c * 7 + o * (5 + c % 40)) % 300, 10 + (c + o) % 25) AS history
FROM generate_series(1, 400) c, generate_series(0, c % 6) o GROUP BY c;
ALTER TABLE customer ADD PRIMARY KEY (id);
SELECT method, rows + holdout_rows AS rows, deployed FROM predseg.train('value', 'customer', options => '{"as_of": "2024-12-31", "time_unit": "week"}');
SELECT count(*) AS customers, bool_and(predseg.clv('value', c.*, '1 year', 0.1, '2024-12-31') >= 0) AS values,
	bool_and(predseg.churn_probability('value', c.*, '90 days', '2024-12-31') BETWEEN 0 AND 1) AS probabilities FROM customer c;
SELECT method, deployed FROM predseg.train('groups', 'SELECT id, predseg.orders(history) AS orders, predseg.total(history) AS total FROM customer', method => 'kmeans', key => 'id', options => '{"k": 4}');
SELECT min(predseg.cluster('groups', s.*)), max(predseg.cluster('groups', s.*)) FROM (SELECT predseg.orders(history) AS orders, predseg.total(history) AS total FROM customer) s;

-- What is refused
SELECT predseg.train('x', 'no_such_table', target => 'bought');
SELECT predseg.train('x', 'SELECT * FROM visit; DROP TABLE visit', target => 'bought');
SELECT predseg.train('x', 'DELETE FROM visit', target => 'bought');
SELECT predseg.train('x', 'WITH d AS (DELETE FROM visit RETURNING *) SELECT * FROM d', target => 'bought');
SELECT predseg.train('x', 'SELECT * INTO copy FROM visit', target => 'bought');
SELECT predseg.train('x', 'SELECT * FROM visit FOR UPDATE', target => 'bought');
SELECT predseg.train('x', '', target => 'bought');
SELECT predseg.train('x', 'visit_pkey', target => 'bought');
SELECT predseg.train('x', 'visit');
SELECT predseg.train('x', 'visit', target => 'sold');
SELECT predseg.train('x', 'visit', target => 'bought', key => 'customer');
SELECT predseg.train('x', 'visit', target => 'bought', holdout => 1);
SELECT predseg.train('x', 'visit', target => 'bought', deploy => 'maybe');
SELECT predseg.train('x', 'visit', target => 'bought', options => '{"target": "bought"}');
\set VERBOSITY terse
SELECT predseg.train('x', 'visit', target => 'bought', method => 'forest');
\set VERBOSITY default
SELECT predseg.train('', 'visit', target => 'bought');
SELECT predseg.train(NULL, 'visit', target => 'bought');
SELECT predseg.train('x', 'SELECT nullif(id, 7) AS id, pages, bought FROM visit', target => 'bought', key => 'id');
SELECT predseg.train('x', 'SELECT * FROM visit WHERE false', target => 'bought');
SELECT predseg.score('no_such', v.*) FROM visit v LIMIT 1;
SELECT predseg.score(NULL::text, v.*) IS NULL AS strict FROM visit v LIMIT 1;
SELECT count(*) AS nothing_left FROM predseg.model_version WHERE name IN ('x', '');

SET datestyle = 'SQL, DMY';
SELECT predseg.train('x', 'customer', options => '{"as_of": "02/03/2024"}');
SELECT predseg.train('x', 'customer', options => '{"as_of": "some day"}');
RESET datestyle;

SELECT predseg.drop_model('intent');
SELECT predseg.score('intent', v.*) FROM visit v LIMIT 1;
SELECT count(*) FROM predseg.training_runs WHERE name = 'intent';
-- A version that the same statement has deployed is the one to beat.
SELECT (predseg.train('twice', 'visit', target => 'bought', method => 'logistic', options => '{"penalty": 0}')).reason AS first,
	(predseg.train('twice', 'visit', target => 'bought', method => 'logistic', options => '{"penalty": 0}')).reason LIKE '%of version 1' AS second;
SELECT predseg.drop_model('twice');
-- A model value under a name: asked, compared, replaced and dropped as one that was trained there.
CREATE TABLE value AS SELECT predseg.fit('logistic', v.*, '{"target": "bought", "exclude": ["id"], "calibration": "none"}') AS model FROM visit v;
SELECT predseg.store_model('stored', model) AS version FROM value;
SELECT bool_and(predseg.score('stored', v.*) = predseg.score(model, v.*)) AS same FROM value, visit v;
SELECT version, method, target, key, source, metrics, rows = (SELECT count(*) FROM visit WHERE bought IS NOT NULL) AS all_rows, holdout_rows FROM predseg.models WHERE name = 'stored';
SELECT predseg.store_model('stored', predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}'), deploy => false) AS version;
SELECT version, method, target, rows, deployed, deployed_at IS NULL AS never FROM predseg.model_versions WHERE name = 'stored' ORDER BY version;
SELECT version, deployed, reason, run_by = current_user AS mine FROM predseg.training_runs WHERE name = 'stored' ORDER BY version;
SELECT version, reason ~ '^(not )?deployed: held-out loss .* of version 1$' AS compared FROM predseg.train('stored', 'visit', target => 'bought', method => 'logistic');
SELECT predseg.deploy('stored', 2);
SELECT predseg.score('stored', v.*) FROM visit v LIMIT 1;
SELECT predseg.store_model('stored', NULL) IS NULL AS strict;
SELECT predseg.store_model('', model) FROM value;
SELECT predseg.drop_model('stored');
SELECT predseg.store_model('stored', model) AS next_version FROM value;
SELECT predseg.drop_model('stored');
DROP TABLE value;
-- Versions of a name are never given twice, so that nobody takes a new model for an old one.
SELECT version FROM predseg.train('intent', 'visit', target => 'bought');
SELECT predseg.drop_model('intent');
SELECT predseg.drop_model('keyless'), predseg.drop_model('all'), predseg.drop_model('value'), predseg.drop_model('groups');
DROP TABLE visit, keyless, customer;
