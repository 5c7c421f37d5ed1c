--
-- Segments: definitions, refreshes, members and their history
--
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_segment_analyst, regress_segment_other;
CREATE ROLE regress_segment_analyst;
CREATE ROLE regress_segment_other;
CREATE SCHEMA shop AUTHORIZATION regress_segment_analyst;
RESET client_min_messages;
GRANT USAGE ON SCHEMA shop TO regress_segment_other;
SET SESSION AUTHORIZATION regress_segment_analyst;
SET search_path = shop;

CREATE TABLE customer (id int, name text, intent float8, orders int, since date);
INSERT INTO customer VALUES
	(1, 'Ann', 0.9, 5, '2024-01-01'), (2, 'Bob', 0.7, 1, '2024-02-01'), (3, 'Cid', 0.3, 9, '2024-03-01'),
	(4, 'Dee', NULL, 2, '2024-04-01'), (5, 'Eve', 0.1, 0, '2024-05-01');
CREATE MATERIALIZED VIEW scores AS SELECT id, name, round(intent::numeric, 2) AS intent, orders FROM customer;
CREATE UNIQUE INDEX ON scores (id);

-- A definition is declarative
SELECT predseg.create_segment('likely', 'scores', 'id', 'intent >= 0.6', description => 'Likely buyers');
SELECT predseg.create_segment('likely', 'scores', 'id', 'intent >= 0.6', description => 'Likely buyers');
SELECT name, owner, source, key, enter_when, leave_when, kind, version, description, size, state FROM predseg.segments;
SELECT * FROM predseg.members;

-- First fill
SELECT * FROM predseg.refresh('likely');
SELECT segment, key, reason, facts, version, episode FROM predseg.members ORDER BY key;
SELECT row_number() OVER (ORDER BY pos) AS n, segment, key, op, reason, version, episode FROM predseg.changes ORDER BY pos;
-- Nothing changed, nothing happens
SELECT * FROM predseg.refresh();
-- Data change: the materialized view is refreshed, too
UPDATE customer SET intent = 0.2 WHERE id = 2;
UPDATE customer SET intent = 0.8 WHERE id = 4;
DELETE FROM customer WHERE id = 1;
SELECT * FROM predseg.refresh();
SELECT key, op, reason, episode FROM predseg.changes ORDER BY pos;
SELECT key, episode, enter_reason, entered_facts, leave_reason, left_facts, left_at > entered_at AS longer
	FROM predseg.member_histories ORDER BY key, episode;
-- Coming back is the next episode
UPDATE customer SET intent = 0.95 WHERE id = 2;
SELECT * FROM predseg.refresh();
SELECT key, episode, enter_reason, facts FROM predseg.members m JOIN predseg.member_histories USING (segment, key, episode) ORDER BY key;
SELECT name, size, state, held_reason, as_of IS NOT NULL AND refreshed_at >= as_of AS dated FROM predseg.segments;
SELECT id > 0 AS numbered, version, reason, entered, "left", moved, held, started_at <= finished_at AS timed
	FROM predseg.refresh_runs r ORDER BY r.id;

-- Another definition is a new version, and its changes say so
SELECT predseg.create_segment('likely', 'scores', 'id', 'intent >= 0.9');
SELECT * FROM predseg.refresh();
SELECT key, op, reason, version FROM predseg.changes WHERE run = (SELECT max(id) FROM predseg.refresh_runs) ORDER BY pos;
SELECT predseg.create_segment('likely', 'scores', 'id', 'intent >= 0.6', 'intent < 0.25');
SELECT * FROM predseg.refresh();
-- leave_when: between the two limits nobody moves
UPDATE customer SET intent = 0.5 WHERE id IN (2, 3);
SELECT * FROM predseg.refresh();
SELECT key, facts FROM predseg.members ORDER BY key;
UPDATE customer SET intent = 0.2 WHERE id IN (2, 4);
SELECT * FROM predseg.refresh();
SELECT key, left_facts, leave_reason FROM predseg.member_histories WHERE leave_run = (SELECT max(id) FROM predseg.refresh_runs) ORDER BY key;
-- Who would leave at once does not enter
SELECT predseg.create_segment('both', 'scores', 'id', 'orders > 0', 'orders > 5');
SELECT * FROM predseg.refresh('both');
SELECT key FROM predseg.members WHERE segment = 'both' ORDER BY key;

-- Sources: a SELECT, views over views, names that need quotes
CREATE VIEW adults AS SELECT * FROM scores WHERE orders > 0;
CREATE MATERIALIZED VIEW "Second Level" AS SELECT a.id AS "Customer", a.orders * 2 AS "Double Orders" FROM adults a;
SELECT predseg.create_segment('deep', '"Second Level"', 'Customer', '"Double Orders" >= 4');
SELECT * FROM predseg.refresh('deep');
INSERT INTO customer VALUES (6, 'Fay', 0.6, 7, '2024-06-01');
-- No unique index: readers would wait; both views are refreshed, in order
SELECT * FROM predseg.refresh('deep');
CREATE UNIQUE INDEX ON "Second Level" ("Double Orders") WHERE "Double Orders" > 1000;
SELECT * FROM predseg.refresh('deep');
DROP INDEX "Second Level_Double Orders_idx";
CREATE UNIQUE INDEX ON "Second Level" ("Customer");
SELECT * FROM predseg.refresh('deep');
SELECT key, facts FROM predseg.members WHERE segment = 'deep' ORDER BY key;
SELECT predseg.create_segment('by select', $$
	-- the customers of one year
	WITH c AS (SELECT id, name, since FROM customer)
	SELECT id, name, since FROM c WHERE since < '2025-01-01';
$$, 'name', 'since >= date ''2024-03-01'' AND source.id IS NOT NULL');
SELECT * FROM predseg.refresh('by select');
SELECT key, facts FROM predseg.members WHERE segment = 'by select' ORDER BY key;
-- A view that was never filled
CREATE MATERIALIZED VIEW empty AS SELECT id FROM customer WITH NO DATA;
SELECT predseg.create_segment('empty', 'empty', 'id', 'true');
SELECT * FROM predseg.refresh('empty');
SELECT predseg.drop_segment('empty');
-- An empty source; a predicate that is null for everybody
SELECT predseg.create_segment('nobody', 'SELECT id FROM customer WHERE false', 'id', 'true');
SELECT predseg.create_segment('nothing known', 'scores', 'id', 'NULL');
SELECT * FROM predseg.refresh('nobody') UNION ALL SELECT * FROM predseg.refresh('nothing known');

-- The texts are read under the search_path they were written under, and dates do not follow the session
SET search_path = pg_catalog;
SET DateStyle = 'German';
SELECT * FROM predseg.refresh('by select');
RESET DateStyle;
SET search_path = shop;
\set VERBOSITY terse
SELECT predseg.create_segment('which month', 'SELECT 1 AS id', 'id', 'date ''02/03/2024'' < now()');
\set VERBOSITY default
-- Nor does the time of day follow who refreshes
SELECT set_config('regress.time_zone', current_setting('TimeZone'), false) <> '' AS kept;
SET TimeZone = 'Asia/Tokyo';
SELECT predseg.create_segment('in Tokyo', $$SELECT i AS id, timestamptz '2024-03-01 00:00+00' + i * interval '6 hours' AS at
	FROM generate_series(0, 7) i$$, 'id', 'at::date = date ''2024-03-02''');
SELECT entered FROM predseg.refresh('in Tokyo');
SET TimeZone = 'Pacific/Honolulu';
SELECT entered, "left" FROM predseg.refresh('in Tokyo');
SELECT string_agg(key, ',' ORDER BY key) FROM predseg.members WHERE segment = 'in Tokyo';
SELECT set_config('TimeZone', current_setting('regress.time_zone'), false) <> '' AS back;
SELECT predseg.drop_segment('in Tokyo');

-- Another version of a model is not the customers' doing
CREATE TABLE visit AS SELECT i AS id, i % 10 AS pages, i % 3 AS returns, (i * 7919 % 1000) / 100.0 < i % 10 AS bought
	FROM generate_series(1, 500) i;
SET client_min_messages = warning;
SELECT version FROM predseg.train('segment buyers', 'visit', target => 'bought', key => 'id', method => 'logistic');
CREATE MATERIALIZED VIEW visit_scores AS
	SELECT v.id, round(predseg.intent_score("row" => v.*, name => 'segment buyers')::numeric, 1) AS intent FROM visit v;
CREATE UNIQUE INDEX ON visit_scores (id);
SELECT predseg.create_segment('m by view', 'visit_scores', 'id', 'intent >= 0.8');
SELECT predseg.create_segment('m by predicate', 'visit', 'id', 'predseg.intent_score(''segment buyers'', visit.*) >= 0.8 AND returns < 3');
SELECT segment, entered > 0 AS entered, held, reason FROM predseg.refresh() WHERE segment LIKE 'm by%';
SELECT DISTINCT segment, facts FROM predseg.members WHERE segment = 'm by predicate' ORDER BY facts;
SELECT version FROM predseg.train('segment buyers', 'SELECT id, returns, bought FROM visit', target => 'bought', key => 'id',
	method => 'logistic', deploy => 'always');
RESET client_min_messages;
-- but who vanished meanwhile did that himself
DELETE FROM visit WHERE id = 9;
SELECT segment, "left" > 0 AS "left", held FROM predseg.refresh() WHERE segment LIKE 'm by%';
SELECT segment, op, reason, bool_or(key = '9') AS vanished FROM predseg.changes WHERE segment LIKE 'm by%' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
UPDATE visit SET returns = 4 WHERE returns = 2;
SELECT segment, held FROM predseg.refresh() WHERE segment LIKE 'm by%';
SELECT DISTINCT ON (segment) segment, reason FROM predseg.refresh_runs WHERE segment LIKE 'm by%' ORDER BY segment, id DESC;
SELECT predseg.drop_segment('m by view'), predseg.drop_segment('m by predicate');
SELECT predseg.drop_model('segment buyers');

-- What is not one expression over the source's columns
\set try 'SELECT predseg.create_segment(\'bad\', \'scores\', \'id\', '
:try 'true) or (select count(*) from pg_authid) > (0');
\echo :LAST_ERROR_SQLSTATE
:try '(select count(*) from pg_authid) > 0');
\echo :LAST_ERROR_SQLSTATE
:try 'exists (select from pg_authid)');
:try 'pg_authid.rolname = ''postgres''');
:try 'intent > 0.5 -- or not');
:try 'intent > /* at least */ 0.5');
:try 'true; drop table shop.customer');
:try 'true FROM shop.customer');
:try 'true WHERE true');
:try 'true UNION SELECT false');
:try 'true AS a');
:try 'true, false');
:try '*');
:try 'DISTINCT true');
:try 'true INTO bad');
:try 'true ORDER BY 1');
:try 'true LIMIT 1');
:try '');
:try 'intent >');
:try 'intnt > 0.5');
:try 'intent');
:try 'intent > ''much''');
:try 'count(*) > 1');
:try 'rank() OVER (ORDER BY intent) < 10');
:try 'generate_series(1, 2) > 1');
:try 'intent > random()');
:try '$1');
:try 'no_such_function(intent)');
SELECT predseg.create_segment('bad', 'scores', 'id', 'true', 'true OR');
-- Sources that are none
SELECT predseg.create_segment('bad', 'no_such_table', 'id', 'true');
\echo :LAST_ERROR_SQLSTATE
SELECT predseg.create_segment('bad', 'SELECT 1; SELECT 2', 'id', 'true');
SELECT predseg.create_segment('bad', 'DELETE FROM customer RETURNING id', 'id', 'true');
SELECT predseg.create_segment('bad', 'WITH d AS (DELETE FROM customer RETURNING id) SELECT id FROM d', 'id', 'true');
SELECT predseg.create_segment('bad', 'SELECT id INTO t FROM customer', 'id', 'true');
SELECT predseg.create_segment('bad', 'SELECT id FROM customer FOR UPDATE', 'id', 'true');
SELECT predseg.create_segment('bad', 'SELECT id FORM customer', 'id', 'true');
SELECT predseg.create_segment('bad', 'SELECT rolpassword FROM pg_authid', 'rolpassword', 'true');
CREATE TEMPORARY TABLE passing (id int);
SELECT predseg.create_segment('bad', 'passing', 'id', 'true');
-- Keys that are none
SELECT predseg.create_segment('bad', 'scores', 'customer_id', 'true');
\echo :LAST_ERROR_SQLSTATE
SELECT predseg.create_segment('bad', 'scores', 'ctid', 'true');
-- Names and nulls
SELECT predseg.create_segment('', 'scores', 'id', 'true');
SELECT predseg.create_segment(repeat('x', 201), 'scores', 'id', 'true');
SELECT predseg.create_segment('bad', NULL, 'id', 'true');
SELECT predseg.create_segment('bad', 'scores', 'id', NULL);
SELECT predseg.refresh('no such segment');
\echo :LAST_ERROR_SQLSTATE
SELECT predseg.drop_segment('no such segment');
SELECT count(*) FROM predseg.segments WHERE name = 'bad';

-- A segment that fails is held and keeps its members; others go on
CREATE TABLE fragile (id int, divisor int);
INSERT INTO fragile VALUES (1, 1), (2, 2);
SELECT predseg.create_segment('a ratio', 'fragile', 'id', '10 / divisor > 1');
SELECT predseg.create_segment('b fine', 'fragile', 'id', 'id > 0');
SELECT * FROM predseg.refresh() WHERE segment IN ('a ratio', 'b fine');
UPDATE fragile SET divisor = 0 WHERE id = 1;
INSERT INTO fragile VALUES (3, 3);
SELECT * FROM predseg.refresh() WHERE segment IN ('a ratio', 'b fine');
SELECT name, state, held_reason, size FROM predseg.segments WHERE name IN ('a ratio', 'b fine') ORDER BY name;
SELECT segment, key FROM predseg.members WHERE segment IN ('a ratio', 'b fine') ORDER BY 1, 2;
-- Keys that are null or repeated
UPDATE fragile SET divisor = 1;
INSERT INTO fragile VALUES (NULL, 1), (NULL, 2);
SELECT * FROM predseg.refresh('b fine');
UPDATE fragile SET id = 3 WHERE id IS NULL;
SELECT * FROM predseg.refresh('b fine');
DELETE FROM fragile WHERE id = 3;
SELECT * FROM predseg.refresh('b fine');
SELECT name, state, held_reason, size FROM predseg.segments WHERE name = 'b fine';
-- A column that is gone; a view that cannot be refreshed
ALTER TABLE fragile RENAME divisor TO denominator;
SELECT * FROM predseg.refresh('a ratio');
CREATE MATERIALIZED VIEW broken AS SELECT id, 1 / denominator AS share FROM fragile;
CREATE UNIQUE INDEX ON broken (id);
SELECT predseg.create_segment('c broken', 'broken', 'id', 'share > 0');
UPDATE fragile SET denominator = 0 WHERE id = 1;
SELECT * FROM predseg.refresh('c broken');
-- A cancelled refresh is not a held segment
CREATE FUNCTION cancel_me() RETURNS int LANGUAGE plpgsql STABLE AS
	$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'query_canceled', MESSAGE = 'stop'; END $$;
SELECT predseg.create_segment('d cancelled', 'SELECT cancel_me() AS id', 'id', 'true');
SELECT * FROM predseg.refresh();
SELECT state FROM predseg.segments WHERE name = 'd cancelled';
SELECT predseg.drop_segment('d cancelled');

-- Inside a transaction: all or nothing
BEGIN;
INSERT INTO customer VALUES (7, 'Gil', 0.99, 1, '2024-07-01');
SELECT * FROM predseg.refresh('likely');
ROLLBACK;
SELECT * FROM predseg.refresh('likely');
SELECT key FROM predseg.members WHERE segment = 'likely' ORDER BY key;

-- Dropping: everybody leaves, the history stays, and the name stays taken
UPDATE customer SET intent = 0.97 WHERE id = 3;
SELECT * FROM predseg.refresh('likely');
SELECT predseg.drop_segment('likely');
SELECT count(*) FROM predseg.segments WHERE name = 'likely';
SELECT count(*) FROM predseg.members WHERE segment = 'likely';
SELECT key, episode, leave_reason FROM predseg.member_histories WHERE segment = 'likely' AND key = '3' ORDER BY episode;
SELECT op, reason FROM predseg.changes ORDER BY pos DESC LIMIT 1;
SELECT predseg.refresh('likely');
SELECT predseg.create_segment('likely', 'scores', 'id', 'intent >= 0.9', 'intent < 0.25');
SELECT * FROM predseg.refresh('likely');
SELECT key, episode, enter_reason FROM predseg.member_histories WHERE segment = 'likely' AND left_at IS NULL;

-- Another role sees nothing, changes nothing, takes nothing over
SET SESSION AUTHORIZATION regress_segment_other;
SELECT count(*) FROM predseg.segments;
SELECT count(*) FROM predseg.members;
SELECT count(*) FROM predseg.member_histories;
SELECT count(*) FROM predseg.changes;
SELECT count(*) FROM predseg.refresh_runs;
SELECT * FROM predseg.refresh();
SELECT * FROM predseg.refresh('likely');
SELECT predseg.create_segment('likely', 'SELECT 1 AS id', 'id', 'true');
SELECT predseg.drop_segment('likely');
SELECT * FROM predseg.segment;
SELECT * FROM predseg.member;
SELECT * FROM predseg.member_history;
INSERT INTO predseg.segment (name, owner, source, key, enter_when, search_path)
	VALUES ('forged', 'regress_segment_analyst', 'pg_authid', 'rolname', 'true', 'pg_catalog');
INSERT INTO predseg.member VALUES ('likely', '1', NULL, 1, 1, now(), now());
UPDATE predseg.member_history SET left_at = NULL;
DELETE FROM predseg.refresh_run;
-- It reads what it may read only
SELECT predseg.create_segment('peek', 'shop.scores', 'id', 'true');
SET SESSION AUTHORIZATION regress_segment_analyst;
GRANT SELECT ON scores TO regress_segment_other;
SET SESSION AUTHORIZATION regress_segment_other;
SELECT predseg.create_segment('peek', 'shop.scores', 'id', 'intent > 0.5');
-- The view belongs to somebody else, who refreshes it
SELECT * FROM predseg.refresh();
SET SESSION AUTHORIZATION regress_segment_analyst;
REVOKE SELECT ON scores FROM regress_segment_other;
-- A superuser refreshes a segment as its owner, and learns from it nothing that the owner may not read
RESET SESSION AUTHORIZATION;
SELECT * FROM predseg.refresh('peek');
-- A member of the owner may refresh
GRANT regress_segment_other TO regress_segment_analyst;
SET SESSION AUTHORIZATION regress_segment_analyst;
GRANT SELECT ON scores TO regress_segment_other;
SELECT * FROM predseg.refresh('peek');
SELECT count(*) FROM predseg.members WHERE segment = 'peek';

RESET SESSION AUTHORIZATION;
-- A role that no longer exists owns nothing that anybody sees
SELECT count(*) > 0 AS seen FROM predseg.segments WHERE owner LIKE 'regress_segment%';
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP OWNED BY regress_segment_other, regress_segment_analyst;
DROP ROLE regress_segment_other, regress_segment_analyst;
RESET client_min_messages;
SELECT count(*) FROM predseg.segments WHERE owner LIKE 'regress_segment%';
SELECT count(*) FROM predseg.members WHERE segment = 'peek';
SELECT * FROM predseg.refresh() WHERE segment = 'peek';
SELECT * FROM predseg.refresh('peek');
