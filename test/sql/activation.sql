--
-- The log of changes and its consumers (notifications: test/specs and test/t)
--
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_activation_owner, regress_activation_tool, regress_activation_other;
CREATE ROLE regress_activation_owner;
CREATE ROLE regress_activation_tool;
CREATE ROLE regress_activation_other;
GRANT regress_activation_owner TO regress_activation_tool;
CREATE SCHEMA activation AUTHORIZATION regress_activation_owner;
RESET client_min_messages;
SET SESSION AUTHORIZATION regress_activation_owner;
SET search_path = activation;
CREATE TABLE score (id int PRIMARY KEY, intent float8, risk float8);
INSERT INTO score SELECT i, i / 10.0, 1 - i / 10.0 FROM generate_series(1, 9) i;
SELECT predseg.create_segment('act buyers', 'score', 'id', 'intent > 0.65'),
	predseg.create_segment('act risks', 'score', 'id', 'risk > 0.65');

-- A consumer begins now, or at the first change
SELECT predseg.create_consumer('act early', from_start => true) AS begins;
SELECT * FROM predseg.refresh();
SELECT predseg.create_consumer('act late') = (SELECT max(pos) FROM predseg.changes) AS begins_now;
SELECT predseg.create_consumer('act risks only', '{act risks}', true) AS begins;
-- The same again keeps its position
SELECT predseg.create_consumer('act risks only', '{act risks}') AS begins;

CREATE FUNCTION position_of(log text) RETURNS TABLE (n bigint, segment text, key text, op text, reason text) LANGUAGE sql AS
	$$ SELECT row_number() OVER (ORDER BY pos), segment, key, op, reason FROM predseg.poll(log) $$;
SELECT * FROM position_of('act early');
-- Within the lease nothing is handed out again
SELECT count(*) FROM predseg.poll('act early');
SELECT delivered_pos > acked_pos AS outstanding, lease_until > clock_timestamp() AS leased FROM predseg.consumers WHERE name = 'act early';
SELECT * FROM position_of('act risks only');
SELECT count(*) FROM predseg.poll('act late');
-- Partial acknowledgement: the rest is handed out again
SELECT max(pos) - 1 AS "last" FROM predseg.changes WHERE segment = 'act risks' \gset
SELECT predseg.ack('act risks only', :last) = :last AS acknowledged;
SELECT * FROM position_of('act risks only');
SELECT predseg.ack('act risks only', :last + 1) = :last + 1 AS acknowledged;
-- An older acknowledgement changes nothing
SELECT predseg.ack('act risks only', 0) = :last + 1 AS acknowledged;
SELECT count(*) FROM predseg.poll('act risks only');
-- No acknowledgement: handed out again after the lease; in pieces
UPDATE score SET intent = 0.1 WHERE id > 7;
SELECT segment, entered, "left" FROM predseg.refresh();
SELECT key, op FROM predseg.poll('act late', max_rows => 1, lease => '0');
SELECT key, op FROM predseg.poll('act late', max_rows => 1, lease => '0');
SELECT max(pos) AS "last" FROM predseg.poll('act late', lease => '0') \gset
SELECT predseg.ack('act late', :last) = :last AS acknowledged;
-- Changes of other segments only: the position moves on by itself
SELECT count(*) FROM predseg.poll('act risks only');
SELECT acked_pos = :last AS moved, lease_until FROM predseg.consumers WHERE name = 'act risks only';
-- Positions have no gaps
SELECT max(pos) - min(pos) + 1 = count(*) AS gapless FROM predseg.changes;

-- Errors
\set VERBOSITY sqlstate
SELECT predseg.ack('act late', :last + 1000);
\set VERBOSITY default
SELECT predseg.ack('act late', NULL);
SELECT predseg.poll('no such consumer');
\echo :LAST_ERROR_SQLSTATE
SELECT predseg.ack('no such consumer', 1);
SELECT predseg.drop_consumer('no such consumer');
SELECT predseg.create_consumer('act wrong', '{no such segment}');
SELECT predseg.create_consumer('act wrong', '{NULL}');
SELECT predseg.create_consumer('');
SELECT predseg.create_consumer(NULL);
SELECT predseg.poll('act late', 0);
SELECT predseg.poll('act late', NULL);
SELECT predseg.poll('act late', lease => '-1 second');
SELECT predseg.poll('act late', lease => NULL);
SELECT predseg.change_notify();

-- A member of the owner reads; the consumer gets what its owner may see at that moment
SET SESSION AUTHORIZATION regress_activation_tool;
SELECT predseg.create_consumer('act tool', from_start => true) AS begins;
SELECT count(*) > 0 AS some FROM predseg.poll('act tool', lease => '0');
SELECT count(*) FROM predseg.poll('act early');
RESET SESSION AUTHORIZATION;
REVOKE regress_activation_owner FROM regress_activation_tool;
SET SESSION AUTHORIZATION regress_activation_tool;
SELECT count(*) FROM predseg.poll('act tool', lease => '0');
SELECT predseg.poll('act early');
SELECT name FROM predseg.consumers;
-- Another role gets nothing, forges nothing, and cannot take a name
SET SESSION AUTHORIZATION regress_activation_other;
SELECT count(*) FROM predseg.consumers;
SELECT predseg.create_consumer('act early');
SELECT predseg.create_consumer('act other', '{act risks}');
SELECT predseg.create_consumer('act other', from_start => true) AS begins;
SELECT count(*) FROM predseg.poll('act other');
SELECT predseg.ack('act early', 1);
SELECT predseg.drop_consumer('act early');
SELECT * FROM predseg.change;
SELECT * FROM predseg.consumer;
INSERT INTO predseg.change VALUES (1000000, 'act risks', '1', 'enter', 'data', NULL, NULL, 1, 1, 1, now(), now());
UPDATE predseg.consumer SET acked_pos = 0;
UPDATE predseg.change_position SET pos = 1;
DELETE FROM predseg.change;

-- Dropped segments tell their consumers
SET SESSION AUTHORIZATION regress_activation_owner;
SELECT predseg.drop_segment('act risks');
SELECT key, op, reason FROM predseg.poll('act risks only');
SELECT predseg.drop_segment('act buyers');
SELECT predseg.drop_consumer('act early'), predseg.drop_consumer('act late'), predseg.drop_consumer('act risks only');
SELECT count(*) FROM predseg.consumers;
RESET SESSION AUTHORIZATION;
SELECT predseg.drop_consumer(name) FROM predseg.consumers WHERE name LIKE 'act %';
SET client_min_messages = warning;
DROP SCHEMA activation CASCADE;
DROP OWNED BY regress_activation_owner, regress_activation_tool, regress_activation_other;
DROP ROLE regress_activation_owner, regress_activation_tool, regress_activation_other;
