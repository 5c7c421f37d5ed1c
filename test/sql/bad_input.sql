-- Bad input, for every method, through fit, train and scoring: a clear error or
-- a documented treatment, and nothing half done.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on

-- What a statement answers, or its error: SQLSTATE, message, detail, hint without the list of methods.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text; state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN coalesce('answer: ' || answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n\t', state || ' ' || message, nullif(detail, ''), regexp_replace(nullif(hint, ''), '^(Methods [^:]*: ).*', '\1...'));
END $$;

-- One table with something for every method.
CREATE TABLE good AS
SELECT i AS id, (i * 37 % 100) / 10.0 AS pages, i % 3 = 0 AS member, (ARRAY['mail', 'shop'])[1 + i % 2] AS channel,
	(i * 7919 % 100) < 20 + i * 37 % 60 AS bought,
	i % 7 AS x, CASE WHEN i % 7 = 0 THEN 0.0 ELSE 5 + i % 20 END AS t_x, 30.0 AS t, CASE WHEN i % 7 > 0 THEN 10.0 + i % 13 END AS spend
FROM generate_series(1, 300) i;
CREATE TABLE method (place int, method text, options jsonb, columns text);
INSERT INTO method VALUES
	(1, 'logistic', '{"target": "bought"}', 'pages, member, channel, bought'),
	(2, 'bg_nbd', '{"frequency": "x", "recency": "t_x", "tenure": "t"}', 'x, t_x, t'),
	(3, 'mbg_nbd', '{"frequency": "x", "recency": "t_x", "tenure": "t"}', 'x, t_x, t'),
	(4, 'gamma_gamma', '{"frequency": "x", "monetary": "spend"}', 'x, spend'),
	(5, 'clv', '{"frequency": "x", "recency": "t_x", "tenure": "t", "monetary": "spend"}', 'x, t_x, t, spend'),
	(6, 'kmeans', '{"k": 3}', 'pages, member, channel'),
	(7, 'boosted_trees', '{"target": "bought", "trees": 3}', 'pages, member, channel, bought');

-- A fault: what is wrong, the methods it is tried on, and a source where {} is
-- the list of the method's columns.
CREATE TABLE fault (place serial, fault text, methods text, source text, more jsonb DEFAULT '{}');

-- Faults of the rows: fit and train must say the same.  train holds nothing
-- out, so that it sees the same rows.
CREATE VIEW learned AS
SELECT f.place, m.place AS method_place, f.fault, m.method, attempt(fit) AS fit, attempt(train) AS train
FROM fault f JOIN method m ON m.method ~ f.methods, LATERAL (SELECT m.options || f.more AS options, m.options || f.more || '{"on_too_little_data": "error"}' AS fit_options, replace(f.source, '{}', m.columns) AS source) AS o,
	LATERAL (SELECT
		format('SELECT coalesce(predseg.describe(m) #>> ''{parameters,status}'', predseg.describe(m) #>> ''{parameters,purchase,status}'', ''a model'')
			FROM (SELECT predseg.fit(%L, s, %L) AS m FROM (%s) s) f WHERE m IS NOT NULL', m.method, o.fit_options, o.source) AS fit,
		format('SELECT coalesce(options #>> ''{}'', '''') IS NOT NULL FROM predseg.train(%L, %L, method => %L, holdout => 0, deploy => ''never'', options => %L)',
			'bad', o.source, m.method, o.options) AS train) AS calls;

INSERT INTO fault (fault, methods, source) VALUES
	('nothing is wrong', '.', 'SELECT {} FROM good'),
	('no rows', '.', 'SELECT {} FROM good WHERE false'),
	('all NULL', '.', 'SELECT {} FROM generate_series(1, 50) LEFT JOIN good ON false'),
	('a column is missing', '.', 'SELECT id FROM good');
INSERT INTO fault (fault, methods, source) VALUES
	('NaN', 'logistic|trees|kmeans', 'SELECT CASE id WHEN 7 THEN ''NaN'' ELSE pages END AS pages, member, bought FROM good'),
	('infinity', 'logistic|trees|kmeans', 'SELECT CASE id WHEN 7 THEN ''infinity'' ELSE pages::float4 END AS pages, member, bought FROM good'),
	('a numeric beyond float8', 'logistic|trees|kmeans', 'SELECT CASE id WHEN 7 THEN -1e400 ELSE pages END AS pages, member, bought FROM good'),
	('NaN in the history', 'nbd|clv', 'SELECT x, CASE id WHEN 7 THEN ''NaN'' ELSE t_x END AS t_x, t, spend FROM good'),
	('infinite spend', 'gamma|clv', 'SELECT x, t_x, t, CASE id WHEN 8 THEN ''infinity'' ELSE spend END AS spend FROM good'),
	('text for a number', 'nbd|clv', 'SELECT x, t_x, t::text, spend FROM good'),
	('text for a number', 'gamma', 'SELECT x, spend::text FROM good'),
	('text for the target', 'logistic|trees', 'SELECT pages, bought::text FROM good'),
	('a target of two texts', 'logistic|trees', 'SELECT pages, CASE WHEN bought THEN ''yes'' ELSE ''no'' END AS bought FROM good'),
	('a target of three texts', 'logistic|trees', 'SELECT pages, CASE WHEN id > 2 THEN bought::text ELSE ''perhaps'' END AS bought FROM good ORDER BY id'),
	('a target of one text', 'logistic|trees', 'SELECT pages, ''yes''::text AS bought FROM good'),
	('the target is NULL in some rows', 'logistic|trees', 'SELECT pages, CASE WHEN id % 5 > 0 THEN bought END AS bought FROM good'),
	('an infinite target', 'trees', 'SELECT pages, CASE WHEN id = 9 THEN ''infinity'' ELSE pages::float8 END AS bought FROM good'),
	('a target of NaN', 'trees', 'SELECT pages, ''NaN''::float8 AS bought FROM good'),
	('a constant target', 'trees', 'SELECT pages, 3 AS bought FROM good'),
	('a huge target', 'trees', 'SELECT pages, pages * 1e307::float8 AS bought FROM good'),
	('a tiny target', 'trees', 'SELECT pages, pages * 1e-307::float8 AS bought FROM good'),
	('a target of more than two values', 'logistic|trees', 'SELECT pages, id AS bought FROM good'),
	('one class', 'logistic|trees', 'SELECT pages, true AS bought FROM good'),
	('the other class', 'logistic|trees', 'SELECT pages, 0 AS bought FROM good'),
	('the target is NULL', 'logistic|trees', 'SELECT pages, NULL::boolean AS bought FROM good'),
	('the target in disguise', 'logistic|trees', 'SELECT bought AS copy, pages, bought FROM good'),
	('a constant column', 'logistic|trees|kmeans', 'SELECT pages, 7 AS constant, bought FROM good'),
	('constant columns only', 'logistic|trees|kmeans', 'SELECT 7 AS constant, ''a'' AS word, bought FROM good'),
	('a column of dates that are all NULL', 'logistic|trees', 'SELECT pages, NULL::date AS d, NULL::interval AS i, NULL::text AS t, bought FROM good'),
	('dates at the ends of time', 'logistic|trees', 'SELECT pages, CASE WHEN id % 2 = 0 THEN date ''4713-01-01 BC'' ELSE date ''5874897-12-31'' END AS d, bought FROM good'),
	('numbers of any size', 'logistic|trees', 'SELECT pages * 1e140::float8 AS a, pages * 1e-140::float8 AS b, 1e15 + id % 9 AS c, bought FROM good'),
	('columns named as options', 'logistic|trees', 'SELECT pages AS target, pages * 2 AS weight, channel AS key, member AS "exclude", id % 5 AS seed, channel AS as_of, bought FROM good'),
	('identical columns', 'logistic|trees|kmeans', 'SELECT pages, pages AS again, bought FROM good'),
	('fewer rows than parameters', 'logistic|trees', 'SELECT * FROM (SELECT id AS a, id * id AS b, id * id * id AS c, id % 2 = 0 AS bought FROM good ORDER BY id LIMIT 3) s'),
	('one row', '.', 'SELECT {} FROM good WHERE id = 8'),
	('two rows', '.', 'SELECT {} FROM good WHERE id IN (8, 9)'),
	('a column name twice', 'logistic|trees|kmeans', 'SELECT pages, id AS pages, bought FROM good'),
	('two targets', 'logistic|trees', 'SELECT pages, bought, member AS bought FROM good'),
	('too wide a range', 'logistic|trees|kmeans', 'SELECT pages::float8 * 1e307 AS pages, bought FROM good'),
	('below the smallest number', 'logistic|trees|kmeans', 'SELECT pages::float8 * 1e-310 AS pages, bought FROM good'),
	('negative frequency', 'nbd|clv|gamma', 'SELECT CASE WHEN id IN (8, 9) THEN -1 ELSE x END AS x, t_x, t, spend FROM good'),
	('half a purchase', 'nbd|clv|gamma', 'SELECT CASE id WHEN 8 THEN 0.5 ELSE x END AS x, t_x, t, spend FROM good'),
	('negative recency', 'nbd|clv', 'SELECT x, -t_x AS t_x, t, spend FROM good'),
	('days since the last purchase as recency', 'nbd|clv', 'SELECT x, t - t_x AS t_x, t, spend FROM good'),
	('customers of today, with a tenure of 0', 'nbd|clv', 'SELECT CASE WHEN id % 5 > 0 THEN x ELSE 0 END AS x, CASE WHEN id % 5 > 0 THEN t_x ELSE 0 END AS t_x, CASE WHEN id % 5 > 0 THEN t ELSE 0 END AS t, spend FROM good'),
	('a tenure of 0 for all', 'nbd|clv', 'SELECT 0 AS x, 0 AS t_x, 0 AS t, NULL::float8 AS spend FROM good'),
	('repeats without an amount', 'gamma|clv', 'SELECT x, t_x, t, CASE WHEN id % 2 = 0 THEN spend END AS spend FROM good'),
	('repeats without any amount', 'gamma|clv', 'SELECT x, t_x, t, NULL::float8 AS spend FROM good'),
	('recency after tenure', 'nbd|clv', 'SELECT x, t_x, t - 20 AS t, spend FROM good'),
	('a repeat at the first moment', 'nbd|clv', 'SELECT x, 0 AS t_x, t, spend FROM good'),
	('recency without a repeat', 'nbd|clv', 'SELECT 0 AS x, t_x, t, spend FROM good'),
	('negative tenure', 'nbd|clv', 'SELECT x, t_x, -t AS t, spend FROM good'),
	('nobody came back', 'nbd|clv|gamma', 'SELECT 0 AS x, 0 AS t_x, t, NULL::float8 AS spend FROM good'),
	('negative money', 'gamma|clv', 'SELECT x, t_x, t, -spend AS spend FROM good'),
	('no money', 'gamma|clv', 'SELECT x, t_x, t, 0 AS spend FROM good'),
	('too much money', 'gamma|clv', 'SELECT x, t_x, t, spend * 1e200 AS spend FROM good'),
	('one customer, many times', 'nbd|clv|gamma', 'SELECT 3 AS x, 20 AS t_x, 30 AS t, 10 AS spend FROM good'),
	('one column twice', 'nbd|clv', 'SELECT x, t_x, t AS t, t AS t, spend FROM good');
INSERT INTO fault (fault, methods, source, more) VALUES
	('unknown option', '.', 'SELECT {} FROM good', '{"depth": 3}'),
	('an option of another type', '.', 'SELECT {} FROM good', '{"seed": "one"}'),
	('an option out of range', '.', 'SELECT {} FROM good', '{"seed": -1}'),
	('unknown time unit', '.', 'SELECT {} FROM good', '{"time_unit": "quarter"}'),
	('an option names no column', '.', 'SELECT {} FROM good', '{"key": "customer"}'),
	('exclude is no list', '.', 'SELECT {} FROM good', '{"exclude": "x"}'),
	('no date', '.', 'SELECT {} FROM good', '{"as_of": "some day"}'),
	('two options name one column', 'nbd|clv', 'SELECT {} FROM good', '{"tenure": "t_x"}'),
	('a target where none is taken', 'nbd|gamma|clv|kmeans', 'SELECT {} FROM good', '{"target": "x"}'),
	('negative weight', '.', 'SELECT {}, 3 - id AS w FROM good ORDER BY id', '{"weight": "w"}'),
	('weights are NULL', '.', 'SELECT {}, NULL::int AS w FROM good', '{"weight": "w"}'),
	('a weight is infinite', '.', 'SELECT {}, CASE WHEN id = 9 THEN ''infinity'' ELSE 1::float8 END AS w FROM good', '{"weight": "w"}'),
	('a weight is NaN', '.', 'SELECT {}, CASE WHEN id = 9 THEN ''NaN'' ELSE 1::float8 END AS w FROM good', '{"weight": "w"}'),
	('weights are huge', '.', 'SELECT {}, 1e308::float8 AS w FROM good', '{"weight": "w"}'),
	('weights are tiny', '.', 'SELECT {}, 1e-300::float8 AS w FROM good', '{"weight": "w"}'),
	('most weights are 0', '.', 'SELECT {}, (id % 4 = 0)::int AS w FROM good', '{"weight": "w"}'),
	('weights are 0', '.', 'SELECT {}, 0 AS w FROM good', '{"weight": "w"}'),
	('one class only has weight', 'logistic|trees', 'SELECT {}, bought::int AS w FROM good', '{"weight": "w"}'),
	('the weight is text', '.', 'SELECT {}, ''heavy'' AS w FROM good', '{"weight": "w"}'),
	('the key is NULL', '.', 'SELECT {}, nullif(id, 7) AS id FROM good', '{"key": "id"}'),
	('everything is excluded', 'logistic|trees|kmeans', 'SELECT pages, bought FROM good', '{"exclude": ["pages", "bought"]}'),
	('more clusters than rows', 'kmeans', 'SELECT pages FROM good WHERE id < 10', '{"k": 10}'),
	('more clusters than different rows', 'kmeans', 'SELECT member FROM good', '{"k": 3}');
SELECT fault || ', ' || string_agg(method, ' ' ORDER BY method_place) || E'\n\t' || fit ||
	CASE WHEN train = fit OR (fit LIKE 'answer%' AND train LIKE 'answer%') THEN '' ELSE E'\n  but train\n\t' || train END
FROM learned GROUP BY place, fault, fit, train ORDER BY place, min(method_place);
SELECT count(*) AS versions, count(*) FILTER (WHERE name <> 'bad') FROM predseg.model_version;
SELECT predseg.drop_model('bad') > 0;
DELETE FROM predseg.training_run;

-- A hold-out that takes everything
SELECT attempt($$SELECT predseg.train('bad', 'SELECT 1 AS pages, true AS bought FROM good', target => 'bought', holdout => 0.999)$$);
SELECT attempt($$SELECT predseg.train('bad', 'SELECT id, pages, bought FROM good WHERE id < 3', target => 'bought', key => 'id', holdout => 0.999)$$);
-- An error while rows are read, and one after the model is learned
SELECT attempt($$SELECT predseg.train('bad', 'SELECT pages, 1 / (id - 7) AS n, bought FROM good', target => 'bought')$$);
BEGIN;
SELECT version FROM predseg.train('bad', 'good', target => 'bought', key => 'id');
ROLLBACK;
SELECT (SELECT count(*) FROM predseg.model_version), (SELECT count(*) FROM predseg.training_run);

-- Method and options that are not what they must be
SELECT attempt($$SELECT predseg.fit(NULL, g, '{}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('', g, '{}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('forest', g, '{}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('auto', g, '{}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('logistic', g, NULL) FROM good g$$);
SELECT attempt($$SELECT predseg.fit('logistic', g, '5') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('logistic', g, '{"target": null}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('logistic', g, '{"target": ["bought"]}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('logistic', ROW(1, true), '{"target": "f2"}')$$);
SELECT attempt($$SELECT predseg.fit('bg_nbd', g) FROM good g$$);
SELECT attempt($$SELECT predseg.fit(CASE WHEN id < 9 THEN 'logistic' ELSE 'bg_nbd' END, g, '{"target": "bought"}') FROM good g$$);
SELECT attempt($$SELECT predseg.fit('kmeans', g, jsonb_build_object('k', 2 + id % 2)) FROM good g$$);
SELECT attempt($$SELECT count(m) FROM (SELECT predseg.fit('kmeans', g, jsonb_build_object('k', 2 + id % 2)) AS m FROM good g GROUP BY 2 + id % 2) s$$);

-- Scoring, by models of every method
CREATE TABLE fitted AS
SELECT m.place, m.method, (SELECT predseg.fit(m.method, g, m.options || '{"exclude": ["id"]}') FROM good g WHERE m.method <> 'logistic') AS model FROM method m;
UPDATE fitted SET model = (SELECT predseg.fit('logistic', s, '{"target": "bought"}') FROM (SELECT pages, member, channel, bought FROM good) s) WHERE method = 'logistic';
UPDATE fitted SET model = (SELECT predseg.fit('kmeans', s, '{"k": 3}') FROM (SELECT pages, member, channel FROM good) s) WHERE method = 'kmeans';
UPDATE fitted SET model = (SELECT predseg.fit('boosted_trees', s, '{"target": "bought", "trees": 3}') FROM (SELECT pages, member, channel, bought FROM good) s) WHERE method = 'boosted_trees';
CREATE TABLE bad_row (place serial, fault text, methods text, source text);
INSERT INTO bad_row (fault, methods, source) VALUES
	('nothing is wrong', '.', 'SELECT * FROM good WHERE id = 8'),
	('NULL values', '.', 'SELECT (jsonb_populate_record(NULL::good, ''{"id": 1}'')).*'),
	('no columns', '.', 'SELECT'),
	('columns are missing', '.', 'SELECT id FROM good WHERE id = 8'),
	('text for numbers', '.', 'SELECT pages::text, x::text, member, channel, t_x, t, spend FROM good WHERE id = 8'),
	('numbers for text', 'logistic|trees|kmeans', 'SELECT pages, member, id AS channel FROM good WHERE id = 8'),
	('NaN', '.', 'SELECT ''NaN''::float8 AS pages, member, channel, ''NaN''::float8 AS x, t_x, t, spend FROM good WHERE id = 8'),
	('infinity', '.', 'SELECT ''infinity''::numeric AS pages, member, channel, ''-infinity''::numeric AS x, t_x, t, spend FROM good WHERE id = 8'),
	('unseen level, far number', 'logistic|trees|kmeans', 'SELECT -1e300 AS pages, member, ''radio'' AS channel FROM good WHERE id = 8'),
	('impossible history', 'nbd|clv', 'SELECT x, t AS t_x, t_x AS t, spend FROM good WHERE id = 8'),
	('negative money', 'gamma|clv', 'SELECT x, t_x, t, -spend AS spend FROM good WHERE id = 8'),
	('a name twice', '.', 'SELECT g.*, 1 AS pages, 1 AS x FROM good g WHERE id = 8');
SELECT fault || ', ' || string_agg(method, ' ' ORDER BY m.place) || E'\n\t' || answer
FROM bad_row b JOIN fitted m ON method ~ methods,
	LATERAL regexp_replace(attempt(format('SELECT predseg.score(%L::predseg.model, s) FROM (%s) s', m.model, source)), 'answer: .*', 'a number') AS answer
GROUP BY b.place, fault, answer ORDER BY b.place, min(m.place);

SELECT count(*) AS models, count(predseg.score(model, g.*)) AS of_null_rows FROM fitted LEFT JOIN good g ON false;

-- The wrong question, or one that is not complete
CREATE TABLE question (place serial, question text, methods text DEFAULT '.');
INSERT INTO question (question) VALUES ('score(m, g)'), ('intent_score(m, g)'), ('band(m, g)'), ('cluster(m, g)'), ('p_alive(m, g)'),
	('churn_probability(m, g, ''1 day'')'), ('expected_purchases(m, g, ''1 day'')'), ('p_exactly(m, g, ''1 day'', 1)'),
	('p_at_least(m, g, ''1 day'', 1)'), ('next_purchase(m, g, 0.01, ''2024-06-01'')'), ('p_alive_below(m, g, 0.01, ''2024-06-01'')'),
	('churn_above(m, g, ''1 day'', 0.99, ''2024-06-01'')'), ('clv(m, g, ''1 day'')'), ('score(m, NULL)');
INSERT INTO question (question, methods) VALUES ('p_alive(m, g, ''-1 day'')', 'nbd|clv'), ('churn_probability(m, g)', 'nbd|clv|log'),
	('expected_purchases(m, g, NULL)', 'nbd|clv'), ('clv(m, g)', 'clv'), ('clv(m, g, ''0'')', 'clv'), ('clv(m, g, NULL, -0.1)', 'clv'), ('clv(m, g, ''1 day'', ''NaN'')', 'clv'),
	('clv(m, g, ''1 day'', ''infinity'')', 'clv');
SELECT question || ', ' || string_agg(method, ' ' ORDER BY m.place) || E'\n\t' || answer
FROM question q JOIN fitted m ON method ~ methods,
	LATERAL (SELECT attempt(replace(format('SELECT predseg.%s FROM good g WHERE id = 8', question), '(m', format('(%L::predseg.model', m.model))) AS said) AS s,
	LATERAL regexp_replace(regexp_replace(said, 'answer: .*', 'an answer'), 'a "[a-z_]+" model', 'a model of such a method') AS answer
GROUP BY q.place, question, answer ORDER BY q.place, min(m.place);

-- Horizons and discounts that cannot be, of every question to every purchase model
CREATE TABLE known AS
SELECT method, predseg.make_model(method, parameters, options || jsonb_build_object('time_unit', 'week', 'frequency', 'x', 'recency', 't_x', 'tenure', 't')) AS m
FROM (VALUES ('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}'::jsonb, '{}'::jsonb),
	('mbg_nbd', '{"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}', '{}'), ('pareto_nbd', '{"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}', '{}'),
	('bg_bb', '{"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}', '{}'),
	('clv', '{"purchase": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, "spend": {"p": 6.25, "q": 3.74, "v": 15.44}}', '{"monetary": "spend"}')) AS v (method, parameters, options);
CREATE TABLE ask (question text, horizon text, discount text, methods text DEFAULT '.');
INSERT INTO ask (question, horizon) VALUES ('p_alive', 'p_alive(m, h, %s)'), ('churn_probability', 'churn_probability(m, h, %s)'), ('expected_purchases', 'expected_purchases(m, h, %s)'),
	('expected_purchases_bound', 'expected_purchases_bound(m, h, %s, 0.9)'), ('p_exactly', 'p_exactly(m, h, %s, 1)'), ('p_at_least', 'p_at_least(m, h, %s, 1)'),
	('churn_above', 'churn_above(m, h, %s, 0.5, ''2024-06-01'')');
INSERT INTO ask VALUES ('discounted_purchases', 'discounted_purchases(m, h, %s)', 'discounted_purchases(m, h, ''1 year'', %s)', '.'),
	('clv', 'clv(m, h, %s)', 'clv(m, h, ''1 year'', %s)', 'clv'), ('clv_bound', 'clv_bound(m, h, %s, 0.9)', 'clv_bound(m, h, ''1 year'', 0.9, %s)', 'clv');
CREATE VIEW asked AS
SELECT fault, question, method, attempt(replace(format('SELECT predseg.' || call || ' FROM (SELECT 2 AS x, 30 AS t_x, 38 AS t, 22.35 AS spend) AS h', quote_literal(fault)), '(m', format('(%L::predseg.model', m))) AS answer
FROM known JOIN ask ON method ~ methods,
	LATERAL (SELECT horizon, unnest('{0, -1 day, -1 month, infinity}'::text[]) UNION ALL SELECT discount, unnest('{-0.1, -1, NaN, Infinity}'::text[])) AS v (call, fault)
WHERE call IS NOT NULL;
SELECT fault || ': ' || string_agg(DISTINCT question, ' ' ORDER BY question) || ' of ' || string_agg(DISTINCT method, ' ' ORDER BY method) || E'\n\t' || answer
FROM asked WHERE fault <> 'infinity' GROUP BY fault, answer ORDER BY fault COLLATE "C", answer COLLATE "C";
SELECT count(*) AS infinite_horizons, bool_and(current_setting('server_version_num')::int < 170000 OR answer LIKE 'PS002 horizon must be finite%') AS refused
FROM asked WHERE fault = 'infinity';
DROP TABLE known, ask CASCADE;

-- Refunds larger than sales lower the total and nothing that is learned or answered; a customer in two rows is two customers.
CREATE TABLE refunded AS
SELECT c AS id, what, predseg.rfm(day, amount) AS history, date '2024-06-01' AS as_of
FROM unnest('{sales, refunds}'::text[]) AS what, generate_series(1, 60) c, generate_series(0, c % 5) n,
	LATERAL (SELECT date '2024-01-01' + c % 30 + n * (5 + c % 9) AS day, unnest(CASE what WHEN 'sales' THEN ARRAY[10 + (c + n) % 7] ELSE ARRAY[10 + (c + n) % 7, -40] END) AS amount) AS d
GROUP BY c, what;
CREATE TABLE refunded_model AS
SELECT what, predseg.fit('clv', r.*, '{"key": "id"}') AS m FROM refunded r GROUP BY what
UNION ALL SELECT 'twice', predseg.fit('clv', r.*, '{"key": "id"}') FROM refunded r;
SELECT bool_and(predseg.total(r.history) < 0) AS negative_totals, bool_and(abs(predseg.clv(a.m, s.*, '1 year') / predseg.clv(b.m, r.*, '1 year') - 1) < 1e-6) AS same_values
FROM refunded s JOIN refunded r USING (id), refunded_model a, refunded_model b WHERE s.what = 'sales' AND r.what = 'refunds' AND a.what = s.what AND b.what = r.what;
SELECT what, predseg.describe(m) #> '{parameters,purchase,customers}' AS customers FROM refunded_model ORDER BY what;
DROP TABLE refunded, refunded_model;

-- Histories: no purchase, returns only, days of no known amount; moments
CREATE TABLE history AS
SELECT 'bought' AS what, predseg.rfm(d, 10) AS history FROM unnest('{2024-01-01, 2024-02-01, 2024-03-01}'::date[]) d
UNION ALL SELECT 'once', predseg.rfm(date '2024-01-01', 10)
UNION ALL SELECT 'for nothing', predseg.rfm(d, 0) FROM unnest('{2024-01-01, 2024-02-01}'::date[]) d
UNION ALL SELECT 'for an unknown amount', predseg.rfm(d, NULL) FROM unnest('{2024-01-01, 2024-02-01}'::date[]) d
UNION ALL SELECT 'returns only', predseg.rfm(d, -10) FROM unnest('{2024-01-01, 2024-02-01}'::date[]) d
UNION ALL SELECT 'nothing', NULL;
CREATE TABLE buyer_model AS
SELECT predseg.make_model('clv', '{"purchase": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, "spend": {"p": 6.25, "q": 3.74, "v": 15.44}}', '{"time_unit": "week"}') AS m;
SELECT what, as_of, round(predseg.p_alive(m, h, as_of => as_of)::numeric, 6), round(predseg.expected_purchases(m, h, '1 month', as_of)::numeric, 6),
	round(predseg.churn_probability(m, h, '1 month', as_of)::numeric, 6), round(predseg.clv(m, h, '1 year', 0.1, as_of)::numeric, 4)
FROM history h, buyer_model, unnest('{2023-12-31, 2024-01-01, 2024-02-01, 2024-06-01}'::date[]) AS as_of ORDER BY what COLLATE "C", as_of;
SELECT attempt($$SELECT predseg.p_alive(m, h) FROM history h, buyer_model$$);
SELECT attempt($$SELECT predseg.p_alive(m, h, as_of => '-infinity') FROM history h, buyer_model$$);
SELECT current_setting('server_version_num')::int < 170000
	OR attempt($$SELECT predseg.p_alive(m, h, 'infinity', '2024-06-01') FROM history h, buyer_model$$) LIKE 'PS002 horizon must be finite%' AS finite;
SELECT attempt($$SELECT predseg.p_alive(m, s) FROM (SELECT history, 20240601 AS as_of FROM history) s, buyer_model$$);
SELECT attempt($$SELECT predseg.p_alive(m, s) FROM (SELECT history, timestamp 'infinity' AS as_of FROM history) s, buyer_model$$);
SELECT attempt($$SELECT predseg.p_alive(m, s) FROM (SELECT history AS a, history AS b, date '2024-06-01' AS as_of FROM history) s, buyer_model$$);
SELECT attempt($$SELECT predseg.p_alive(m, s) FROM (SELECT date '2024-06-01' AS as_of, date '2024-07-01' AS as_of, history FROM history) s, buyer_model$$);
SELECT attempt(format('SELECT predseg.fit(%L, s, ''{"as_of": "2024-06-01", "on_too_little_data": "error"}'') FROM (SELECT history FROM history WHERE what IN (''returns only'', ''nothing'')) s', method)) FROM unnest('{bg_nbd, gamma_gamma, clv}'::text[]) method;
SELECT attempt($$SELECT predseg.fit('clv', s) FROM (SELECT history FROM history) s$$);
SELECT attempt($$SELECT predseg.fit('clv', s) FROM (SELECT history, nullif(date '2024-06-01', date '2024-06-01') AS as_of FROM history) s$$);
SELECT attempt($$SELECT predseg.fit('clv', s) FROM (SELECT history, history AS again, date '2024-06-01' AS as_of FROM history) s$$);
SELECT attempt($$SELECT predseg.fit('logistic', s, '{"target": "y"}') FROM (SELECT history, what = 'once' AS y FROM history) s$$);

-- Orders
SELECT attempt($$SELECT predseg.rfm(date '2024-01-01', 'much')$$);
SELECT attempt($$SELECT predseg.rfm(date '2024-01-01', a) FROM unnest('{1, NaN}'::float8[]) a$$);
SELECT attempt($$SELECT predseg.rfm(date '2024-01-01', 1e400)$$);
SELECT attempt($$SELECT predseg.rfm(now(), 1)$$);
SELECT attempt($$SELECT predseg.rfm(now(), 1, '')$$);
SELECT attempt($$SELECT predseg.rfm(now(), 1, 'Mars/Phobos')$$);
SELECT attempt($$SELECT predseg.rfm(d, 1) FROM unnest('{2024-01-01, infinity}'::date[]) d$$);

-- Columns of many types: some are read, the others left out with a notice
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TYPE pair AS (a int, b int);
CREATE DOMAIN age AS int CHECK (VALUE > 0);
CREATE DOMAIN adult AS age CHECK (VALUE > 17);
CREATE DOMAIN word AS text;
CREATE DOMAIN purchases AS predseg.rfm;
CREATE TABLE typed (id uuid, years adult, w word, c colour, n name, ch char(8), v varchar(5), gone int, s smallint, b bigint, num numeric, r real, f boolean,
	a int[], j jsonb, d date, ts timestamptz, i interval, p pair, by bytea, m money, q "char", h purchases, bought boolean, twice int GENERATED ALWAYS AS (s * 2) STORED);
ALTER TABLE typed DROP COLUMN gone;
INSERT INTO typed
SELECT gen_random_uuid(), 20 + i % 50, 'w' || i % 4, (ARRAY['red', 'green'])[1 + (i / 2) % 2]::colour, 'n' || i % 2, 'c' || i % 3, 'v' || i % 5, i % 11,
	9223372036854775807 - i * 1000000000000000::bigint, i % 9 / 3.0, i % 8, i % 13 = 0,
	'{1}'::int[], '{}'::jsonb, date '2024-01-01', timestamptz '2024-01-01', interval '1 day', ROW(1, 2)::pair, '\x00'::bytea, 5::money, 'q'::"char", '{"days": [["2024-01-01", 1]]}'::predseg.rfm, i * 37 % 100 < 40 + i % 4 * 10
FROM generate_series(1, 400) i;
SET client_min_messages = notice;
CREATE TABLE typed_model AS SELECT predseg.fit('logistic', t.*, '{"target": "bought", "key": "id", "calibration": "none"}') AS model FROM typed t;
SET client_min_messages = warning;
SELECT string_agg(concat_ws(' ', i ->> 'name', i ->> 'type'), ', ') FROM typed_model, jsonb_array_elements(predseg.describe(model) -> 'inputs') i;
SELECT count(predseg.score(model, t.*)) FROM typed_model, typed t;
-- A char(n) is its text without the blanks; an enum, a domain and a varchar are their text.
SELECT count(*) FILTER (WHERE predseg.score(model, t.*) = predseg.score(model, plain.*)) AS same
FROM typed_model, typed t, LATERAL (SELECT t.years::int, t.w::text, t.c::text, t.n::text, t.ch::text, t.v::text, t.s::int, t.b::numeric, t.num::float8, t.r::float8, t.f, t.d::timestamp, t.ts::date, t.i, t.twice::bigint) plain;
SELECT attempt($$SELECT predseg.fit('logistic', t.*, '{"target": "bought", "exclude": ["years"], "weight": "d"}') FROM typed t$$);
SELECT attempt($$SELECT predseg.fit('bg_nbd', t.*, '{"as_of": "2024-06-01", "on_too_little_data": "error"}') FROM typed t$$);
SELECT attempt(format('SELECT predseg.fit(''logistic'', u.*, ''{"target": "y"}'') IS NOT NULL FROM (SELECT num, %s AS y FROM typed) u', y))
FROM unnest('{(years % 2)::numeric, (years % 2)::real, years % 2 = 1, -(years % 2), (years % 2) * 2, (years % 2)::float8 * 1e-300, d, ts, a, c, h}'::text[]) y;

-- Names: reserved words, quotes, blanks, case, 63 bytes of two each
CREATE TABLE odd (id int PRIMARY KEY, "select" int, "a ""quoted"" name" int, "größe_größe_größe_größe_größe_größe_größe_größe" int, "Case" int, "case" int, " " text, "a.b" float8, bought boolean);
INSERT INTO odd SELECT i, i % 2, i % 3, i % 5, i % 7, i % 11, 'x' || i % 4, i % 13, i * 37 % 10 < 3 + i % 4 FROM generate_series(1, 400) i;
SELECT version FROM predseg.train('odd "name" ''ß''', 'odd', target => 'bought', method => 'logistic');
SELECT i ->> 'name' FROM predseg.model_version, jsonb_array_elements(predseg.describe(model) -> 'inputs') i;
SELECT count(predseg.score('odd "name" ''ß''', o.*)), count(DISTINCT predseg.score('odd "name" ''ß''', o.*)) > 100 FROM odd o;
SELECT model::text::predseg.model::text = model::text FROM predseg.model_version;
SELECT attempt($$SELECT predseg.score('odd "name" ''ß''', s) FROM (SELECT 1 AS "select", 1 AS "Case", 1 AS "case") s$$);
SELECT predseg.drop_model('odd "name" ''ß''');

-- Twenty thousand different texts say nothing; a column of them with one frequent value says that.
SELECT attempt(format($$SELECT predseg.score(m, s.*) IS NOT NULL FROM (SELECT predseg.fit(%L, s.*, %L) AS m
	FROM (SELECT md5(i::text) AS w, CASE WHEN i %% 3 = 0 THEN 'often' ELSE i::text END AS v, i %% 9 AS n, i %% 3 = 0 AND i %% 7 > 0 AS bought FROM generate_series(1, 20000) i) s) f,
	(SELECT 'new' AS w, 'newer' AS v, 1 AS n) s$$, method, options)) FROM method WHERE options ? 'target';

-- Wide rows, rows without columns, long texts
DO $$
BEGIN
	EXECUTE (SELECT format('CREATE TABLE wide (%s)', string_agg(format('c%s real', i), ', ')) FROM generate_series(1, 1600) i);
	EXECUTE (SELECT format('INSERT INTO wide SELECT %s FROM generate_series(1, 40) i',
		string_agg(CASE i % 3 WHEN 0 THEN 'i % 2' ELSE format('(i * %s) %% 7', i) END, ', ')) FROM generate_series(1, 1600) i);
END $$;
SELECT attempt($$SELECT jsonb_array_length(predseg.describe(predseg.fit('boosted_trees', w.*, '{"target": "c3"}')) -> 'inputs') FROM wide w$$);
SELECT attempt($$SELECT jsonb_array_length(predseg.describe(predseg.fit('logistic', w.*, '{"target": "c3"}')) #> '{parameters, terms}') FROM wide w$$);
SELECT attempt(format('SELECT jsonb_array_length(predseg.describe(predseg.fit(''logistic'', w.*, %L)) -> ''inputs'') FROM wide w',
	jsonb_build_object('target', 'c3', 'exclude', (SELECT jsonb_agg('c' || i) FROM generate_series(800, 1600) i))));
CREATE TABLE none ();
INSERT INTO none DEFAULT VALUES;
SELECT attempt($$SELECT predseg.fit('kmeans', n, '{"k": 2}') FROM none n$$);
SELECT attempt($$SELECT predseg.train('bad', 'none', method => 'kmeans')$$);
SELECT attempt($$SELECT predseg.score(model, n) FROM fitted, none n WHERE method = 'kmeans'$$);
CREATE TABLE long AS
SELECT i AS id, CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN ' ' WHEN 2 THEN repeat('x', 1000000) || i % 3 END AS w, i * 37 % 10 < 4 + i % 4 AS bought FROM generate_series(1, 200) i;
SELECT count(predseg.score(m, l.*)) AS scored, count(DISTINCT predseg.score(m, l.*)) > 2 AS apart
FROM long l, (SELECT predseg.fit('logistic', l.*, '{"target": "bought", "key": "id"}') AS m FROM long l) f;

-- A damaged model: as text, as binary input, as a stored value of which one bit
-- is wrong or the end is cut off.  It is refused or, as text, may mean another.
CREATE CAST (predseg.model AS bytea) WITHOUT FUNCTION;
CREATE CAST (bytea AS predseg.model) WITHOUT FUNCTION;
CREATE TABLE stored AS SELECT method, model::bytea AS bytes, model::text AS text FROM fitted;
SELECT left(attempt(format('SELECT predseg.score(%L::bytea::predseg.model, g) FROM good g LIMIT 1', set_bit(bytes, bit, 1 - get_bit(bytes, bit)))), 5) AS state, count(*) > 0
FROM stored, generate_series(0, octet_length(bytes) * 8 - 1, 3) AS bit GROUP BY 1;
SELECT left(attempt(format('SELECT %L::bytea::predseg.model', substr(bytes, 1, length))), 5) AS state, count(*) > 0
FROM stored, generate_series(0, octet_length(bytes) - 1, 5) AS length GROUP BY 1;
SELECT left(attempt(format('SELECT predseg.score(%L::predseg.model, g) FROM good g LIMIT 1', overlay(text placing letter from place))), 5) AS state, count(*) > 0
FROM stored, generate_series(1, length(text), 3) AS place, unnest(ARRAY['', '9', '-', '"', '[', '}']) AS letter GROUP BY 1 ORDER BY 1;
DROP CAST (predseg.model AS bytea);
DROP CAST (bytea AS predseg.model);

-- Nothing is left.
SELECT (SELECT count(*) FROM predseg.model_version), (SELECT count(*) FROM predseg.training_run WHERE name = 'bad');
DELETE FROM predseg.training_run;
DROP TABLE good, method, fault, fitted, bad_row, question, history, buyer_model, typed, typed_model, odd, wide, none, long, stored CASCADE;
DROP TYPE colour, pair;
DROP DOMAIN adult, age, word, purchases;
DROP FUNCTION attempt;
