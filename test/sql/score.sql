-- Questions to models by value: bindings by name, NULL, as_of, errors.
SET client_min_messages = warning;

-- Literals, with the cast that a model value needs beside a name.
SELECT quote_literal(predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}',
	'{"time_unit": "week", "frequency": "x", "recency": "t_x", "tenure": "t"}')) || '::predseg.model' AS bg \gset
SELECT quote_literal(predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}', '{"time_unit": "week"}')) || '::predseg.model' AS bg_rfm \gset

-- Reference values: mpmath, 20 digits (BG/NBD at x = 2, t_x = 30.43, T = 38.86).
CREATE TABLE history (x int, t_x float8, t numeric);
INSERT INTO history VALUES (2, 30.43, 38.86);
SELECT round(predseg.p_alive(:bg, h.*)::numeric, 12) AS p_alive,
	round(predseg.expected_purchases(:bg, h.*, interval '273 days')::numeric, 11) AS expected
FROM history h;

-- Column order and extra columns do not matter.
SELECT predseg.p_alive(:bg, s.*) = predseg.p_alive(:bg, h.*) AS by_name
FROM history h, LATERAL (SELECT h.t, 'extra' AS name, h.t_x, now() AS at, h.x) s;

-- A NULL row of an outer join scores NULL; so does a NULL model.
SELECT predseg.p_alive(:bg, h.*) IS NULL AS null_row
FROM (VALUES (1)) v (i) LEFT JOIN history h ON h.x = 99;
SELECT predseg.score(NULL::predseg.model, h.*) IS NULL AS null_model FROM history h;
-- A NULL input has no answer of a purchase model.
SELECT predseg.p_alive(:bg, s.*) IS NULL AS null_input FROM (SELECT 2 AS x, NULL::float8 AS t_x, 38.86 AS t) s;

-- Histories: the moment judged comes from the call, then from the row.
CREATE TABLE customer (id int PRIMARY KEY, history predseg.rfm);
INSERT INTO customer
	SELECT 1, predseg.rfm(d, 10) FROM unnest('{1997-01-01, 1997-03-02, 1997-08-02}'::date[]) d;
INSERT INTO customer VALUES (2, NULL);
SELECT id, round(predseg.p_alive(:bg_rfm, c.*, as_of => '1997-09-30')::numeric, 9) AS p_alive FROM customer c ORDER BY id;
SELECT predseg.p_alive(:bg_rfm, c.*, as_of => '1997-09-30') = predseg.p_alive(:bg_rfm, s.*) AS from_row
FROM customer c, LATERAL (SELECT c.*, date '1997-09-30' AS as_of) s WHERE c.id = 1;
SELECT predseg.p_alive(:bg_rfm, c.*, as_of => '1997-09-30') = predseg.p_alive(:bg_rfm, s.*, as_of => '1997-09-30') AS call_wins
FROM customer c, LATERAL (SELECT c.*, date '1998-09-30' AS as_of) s WHERE c.id = 1;
SELECT predseg.p_alive(:bg_rfm, s.*) IS NULL AS null_as_of FROM customer c, LATERAL (SELECT c.*, NULL::date AS as_of) s WHERE c.id = 1;
SELECT predseg.p_alive(:bg_rfm, c.*, as_of => '1996-12-31') IS NULL AS before_first FROM customer c WHERE id = 1;
SELECT predseg.p_alive(:bg_rfm, c.*) FROM customer c WHERE id = 1;
SELECT predseg.p_alive(:bg_rfm, s.*) FROM customer c, LATERAL (SELECT c.*, '1997-09-30' AS as_of) s WHERE c.id = 1;
SELECT predseg.p_alive(:bg_rfm, s.*) FROM customer c, LATERAL (SELECT c.*, timestamptz '1997-09-30 00:00+00' AS as_of) s WHERE c.id = 1;
SELECT predseg.p_alive(:bg_rfm, c.*, as_of => 'infinity') FROM customer c WHERE id = 1;

-- A history is found by its type; two of them are ambiguous.
SELECT predseg.p_alive(:bg_rfm, s.*, as_of => '1997-09-30') = predseg.p_alive(:bg_rfm, c.*, as_of => '1997-09-30') AS found
FROM customer c, LATERAL (SELECT c.history AS purchases) s WHERE c.id = 1;
SELECT predseg.p_alive(:bg_rfm, s.*, as_of => '1997-09-30') FROM customer c, LATERAL (SELECT c.history AS a, c.history AS b) s;

-- Horizons
SELECT predseg.churn_probability(:bg, h.*) FROM history h;
SELECT predseg.expected_purchases(:bg, h.*, NULL) FROM history h;
SELECT predseg.expected_purchases(:bg, h.*, '0') FROM history h;
SELECT predseg.expected_purchases(:bg, h.*, '-1 day') FROM history h;
SELECT predseg.expected_purchases(:bg, h.*, '1 month') = predseg.expected_purchases(:bg, h.*, interval '1 day' * 30.4375) AS month FROM history h;
SELECT predseg.p_alive(:bg, h.*, '1 year') < predseg.p_alive(:bg, h.*) AS later_is_less FROM history h;

-- What is refused
SELECT predseg.p_alive(:bg, ROW(2, 30.43, 38.86));
SELECT predseg.p_alive(:bg, s.*) FROM (SELECT 2 AS x, 30.43 AS t_x) s;
SELECT predseg.p_alive(:bg, s.*) FROM (SELECT '2' AS x, 30.43 AS t_x, 38.86 AS t) s;
SELECT predseg.p_alive(:bg, s.*) FROM (SELECT 2 AS x, 'NaN'::float8 AS t_x, 38.86 AS t) s;
SELECT predseg.p_alive(:bg, s.*) FROM (SELECT 2 AS x, 'infinity'::float8 AS t_x, 38.86 AS t) s;
SELECT predseg.p_alive(:bg, s.*) FROM (SELECT 2 AS x, 40 AS t_x, 38.86 AS t) s;
SELECT predseg.p_alive(:bg, s.*) FROM (SELECT -2 AS x, 30 AS t_x, 38.86 AS t) s;
\set VERBOSITY terse
SELECT predseg.cluster(:bg, h.*) FROM history h;
SELECT predseg.intent_score(:bg, h.*) FROM history h;
SELECT predseg.clv(:bg, h.*, '1 year') FROM history h;
SELECT predseg.band(:bg, h.*) FROM history h;
\set VERBOSITY default

-- Bands by hand
SELECT s, predseg.band(s, '{0.2, 0.5}', '{low, medium, high}') FROM unnest('{-1, 0.2, 0.3, 0.5, 9}'::float8[]) s;
SELECT predseg.band(NULL, '{0.2, 0.5}', '{low, medium, high}') IS NULL AS strict;
SELECT predseg.band(0.5, '{0.2, 0.5}', '{low, high}');
SELECT predseg.band(0.5, '{0.5, 0.2}', '{low, medium, high}');
SELECT predseg.band(0.5, '{0.5, NULL}', '{low, medium, high}');
SELECT predseg.band('NaN', '{0.2, 0.5}', '{low, medium, high}');

-- By value it is immutable: it can be indexed, and changing models in one column are told apart.
CREATE INDEX history_alive ON history ((predseg.score(:bg, ROW(x, t_x, t)::history)));
SET enable_seqscan = off;
SELECT 'EXPLAIN (COSTS OFF) SELECT FROM history WHERE predseg.score(' || quote_literal(:bg::text) || '::predseg.model, ROW(x, t_x, t)::history) > 0.5' AS question \gset
SELECT set_config('test.question', :'question', false) IS NOT NULL AS set;
CREATE TABLE plan (line text);
DO $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE current_setting('test.question') LOOP
		INSERT INTO plan VALUES (line);
	END LOOP;
END $$;
SELECT count(*) FILTER (WHERE line LIKE '%history_alive%') > 0 AS uses_index FROM plan;
RESET enable_seqscan;
-- Without the cast the text would be a name.
SELECT predseg.p_alive('{"method": "bg_nbd"}', h.*) FROM history h;
WITH m (i, model) AS (VALUES (1, :bg),
	(2, predseg.make_model('bg_nbd', '{"r": 0.3, "alpha": 4, "a": 0.8, "b": 2}', '{"time_unit": "week", "frequency": "x", "recency": "t_x", "tenure": "t"}')))
SELECT i, round(predseg.p_alive(model, h.*)::numeric, 6) AS p_alive FROM m, history h, generate_series(1, 2) ORDER BY i;

-- A row's columns may change between two calls at one place
CREATE TABLE wide (x int, t_x float8, t float8);
INSERT INTO wide VALUES (2, 30.43, 38.86);
CREATE FUNCTION ask(model predseg.model, customer wide) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	RETURN round(predseg.p_alive(model, customer)::numeric, 6);
END $$;
BEGIN;
SELECT ask(:bg, w) FROM wide w;
ALTER TABLE wide ALTER x TYPE float8, ALTER t TYPE numeric USING 99.99, ADD note text;
SELECT ask(:bg, w) = round(predseg.p_alive(:bg, w.*)::numeric, 6)::float8 AS "as anew" FROM wide w;
ALTER TABLE wide ALTER t TYPE text;
SELECT ask(:bg, w) FROM wide w;
ROLLBACK;
DROP TABLE history, customer, plan, wide CASCADE;
