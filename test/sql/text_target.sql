-- A target of texts: two values, one of which is positive, in train, fit, auto, score and evaluate.
SET client_min_messages = notice;
CREATE SCHEMA text_target;
SET search_path = text_target;
CREATE TYPE state AS ENUM ('Stayed', 'Churned');
CREATE TABLE client AS
SELECT i AS id, i * 7919 % 1000 / 10.0 AS spend, (ARRAY['web', 'shop'])[1 + i % 2] AS channel,
	i * 7919 % 1000 / 10.0 + i * 104729 % 997 / 10.0 > 120 AS gone
FROM generate_series(1, 800) AS i;
CREATE VIEW texts AS SELECT id, spend, channel, CASE WHEN gone THEN 'Churned' ELSE 'Stayed' END AS status FROM client;

-- The rarer value is positive, unless words tell or it is named; the scores are those of the boolean.
CREATE FUNCTION status_of(yes text, no text, options jsonb = '{}') RETURNS TABLE (classes jsonb, same boolean) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT predseg.describe(t.m) -> 'classes', bool_and(abs(predseg.score(t.m, c.*) - predseg.score(b.m, c.*)) < 1e-9)
		FROM (SELECT predseg.fit('logistic', s.*, %L) AS m FROM (SELECT spend, channel, CASE WHEN gone THEN %L ELSE %L END AS y FROM client) s) t,
			(SELECT predseg.fit('logistic', s.*, '{"target": "gone"}') AS m FROM (SELECT spend, channel, gone FROM client) s) b, client c GROUP BY 1$q$,
		options || '{"target": "y"}', yes, no);
END $$;
SELECT * FROM status_of('Churned', 'Stayed');
SELECT * FROM status_of('Stayed', 'Churned');
SELECT * FROM status_of('no', 'yes');
SELECT * FROM status_of('Ja', 'NO');
SELECT * FROM status_of('0', '1');
SELECT * FROM status_of('', ' ');
SELECT * FROM status_of('Stayed', 'Churned', '{"positive": "Churned"}');
SELECT * FROM status_of('Stayed', 'Churned', '{"positive": "churned"}');
SELECT * FROM status_of('größer', 'it''s "less"', '{"positive": "it''s \"less\""}');

-- Where rows are equal in number the later text is positive. The order of the rows does not matter.
SELECT count(DISTINCT m::text) AS models, min(predseg.describe(m) ->> 'classes') AS classes FROM (
	SELECT predseg.fit('boosted_trees', s.*, '{"target": "status"}') AS m FROM (SELECT spend, status FROM texts ORDER BY id) s
	UNION ALL SELECT predseg.fit('boosted_trees', s.*, '{"target": "status"}') FROM (SELECT spend, status FROM texts ORDER BY status DESC) s) f;
SELECT predseg.describe(predseg.fit('logistic', s.*, '{"target": "half"}')) -> 'classes' AS classes
FROM (SELECT spend, CASE WHEN id % 2 = 0 THEN 'b' ELSE 'a' END AS half FROM client) s;

-- train, by an enum: the same customers are held out as by a boolean; rows where it is not known are left out.
SELECT version, method, deployed, metrics - '{rows, base_rate, roc_auc, gini, average_precision, brier, log_loss}'::text[] AS other, notes
FROM predseg.train('clients', 'SELECT id, spend, channel, CASE WHEN id > 10 THEN status::state END AS status FROM texts', 'status', key => 'id');
SELECT (metrics ->> 'rows')::int AS rows, round((metrics ->> 'base_rate')::numeric, 2) AS base_rate, predseg.describe(model) -> 'classes' AS classes,
	target, options ? 'positive' AS named FROM predseg.model_version WHERE name = 'clients';
-- Without a key the text itself is hashed, so that the order of the rows does not choose who is held out.
SELECT holdout_rows AS held_out FROM predseg.train('clients without a key', 'SELECT spend, channel, status FROM texts ORDER BY id', 'status', 'logistic') \gset
SELECT holdout_rows = :held_out AS same, deployed, reason ~ 'is not lower than' AS same_loss
FROM predseg.train('clients without a key', 'SELECT spend, channel, status FROM texts ORDER BY id DESC', 'status', 'logistic');
SELECT predseg.intent_score('clients', t.*) IS NOT NULL AS scored, predseg.band('clients', t.*) FROM texts t LIMIT 1;

-- The deployed version says what is positive; a version that turns it round is not compared with it.
SELECT reason FROM predseg.train('clients', $$SELECT id, spend, channel, status FROM texts WHERE status = 'Churned' OR id % 8 > 5$$, 'status', 'logistic',
	key => 'id', deploy => 'always');
SELECT predseg.describe(model) -> 'classes' AS classes FROM predseg.model_version WHERE name = 'clients' AND deployed;
SELECT deployed, reason FROM predseg.train('clients', 'texts', 'status', 'logistic', key => 'id', options => '{"positive": "Stayed"}');

-- evaluate maps the target in the same way.
SELECT metric, t.value = b.value AS same FROM predseg.evaluate('clients', 'texts') t
	JOIN predseg.evaluate('clients', 'SELECT id, spend, channel, NOT gone AS status FROM client') b USING (metric);
SELECT avg(actual) = avg((status = 'Stayed')::int) AS positive_is_one, bool_and(weight = 1) AS weight
FROM predseg.outcomes('clients', 'texts'), texts;
SELECT * FROM predseg.evaluate('clients', $$SELECT spend, channel, 'Unknown' AS status FROM client$$);
SELECT * FROM predseg.evaluate('clients', $$SELECT spend, channel, date '2024-01-01' AS status FROM client$$);

-- What cannot be learned
SELECT predseg.fit('logistic', s.*, '{"target": "status"}') FROM (SELECT spend, CASE id % 3 WHEN 0 THEN 'a' WHEN 1 THEN repeat('ß', 100) ELSE 'c' END AS status FROM client) s;
SELECT predseg.fit('logistic', s.*, '{"target": "status"}') FROM (SELECT spend, 'active' AS status FROM client) s;
SELECT predseg.fit('logistic', s.*, '{"target": "status"}') FROM (SELECT spend, NULL::text AS status FROM client) s;
SELECT predseg.fit('boosted_trees', s.*, '{"target": "status", "loss": "squared"}') FROM (SELECT spend, status FROM texts) s;
SELECT predseg.fit('logistic', s.*, '{"target": "gone", "positive": "no"}') FROM (SELECT spend, gone FROM client) s;
SELECT predseg.fit('kmeans', s.*, '{"positive": "no"}') FROM (SELECT spend FROM client) s;
SELECT predseg.train('clients', 'texts', 'status', key => 'id', options => '{"positive": 1}');

-- A model is checked.
SELECT replace(model::text, '["Churned","Stayed"]', '["a","a"]')::predseg.model FROM predseg.model_version WHERE name = 'clients' AND deployed;
SELECT replace(model::text, '["Churned","Stayed"]', '[1,2]')::predseg.model FROM predseg.model_version WHERE name = 'clients' AND deployed;
SELECT model::text::predseg.model::text = model::text AS kept FROM predseg.model_version WHERE name = 'clients' AND deployed;
SET client_min_messages = warning;
SELECT count(predseg.drop_model(name)) AS dropped FROM predseg.models;
DROP SCHEMA text_target CASCADE;
