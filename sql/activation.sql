-- Activation: the log of changes, which is the interface to other systems, and
-- the consumers that read it. NOTIFY predseg only says that there is something.

CREATE TABLE predseg.change_position (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	pos bigint NOT NULL CHECK (pos > 0)
);
COMMENT ON TABLE predseg.change_position IS 'The last position given in predseg.change: one row, locked from there to the commit, so that the order of positions is the order of commits';
COMMENT ON COLUMN predseg.change_position.one IS 'True: there is one row at most';
COMMENT ON COLUMN predseg.change_position.pos IS 'The last position given';

CREATE TABLE predseg.change (
	pos bigint PRIMARY KEY CHECK (pos > 0),
	segment text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	op text NOT NULL CHECK (op IN ('enter', 'leave', 'move')),
	reason text NOT NULL CHECK (reason IN ('data', 'definition', 'model', 'gone', 'time', 'restore', 'erasure', 'manual')),
	from_tier text,
	to_tier text,
	version int NOT NULL,
	episode int NOT NULL,
	run bigint NOT NULL,
	as_of timestamptz NOT NULL,
	at timestamptz NOT NULL
);
COMMENT ON TABLE predseg.change IS 'Every entering, leaving and moving, in the order of commits';
COMMENT ON COLUMN predseg.change.pos IS 'Position: increases in the order of commits, without gaps';
COMMENT ON COLUMN predseg.change.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.change.key IS 'The customer''s key, as text';
COMMENT ON COLUMN predseg.change.op IS 'enter, leave, or move (from one class to another, later)';
COMMENT ON COLUMN predseg.change.reason IS 'data; definition: first fill, or the definition changed, or the segment was dropped; model: another version of a model is deployed; gone: no longer in the source; later time, restore, erasure, manual';
COMMENT ON COLUMN predseg.change.from_tier IS 'Class before (later)';
COMMENT ON COLUMN predseg.change.to_tier IS 'Class after (later)';
COMMENT ON COLUMN predseg.change.version IS 'Version of the definition';
COMMENT ON COLUMN predseg.change.episode IS 'The customer''s how-manieth stay in this segment, from 1';
COMMENT ON COLUMN predseg.change.run IS 'Refresh that made the change';
COMMENT ON COLUMN predseg.change.as_of IS 'The moment the refresh looked at the source';
COMMENT ON COLUMN predseg.change.at IS 'When the change was made';

CREATE FUNCTION predseg.change_notify() RETURNS trigger
	AS 'MODULE_PATHNAME', 'predseg_change_notify' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION predseg.change_notify() IS 'Sends NOTIFY predseg once for each segment with changes; does nothing for rows that no refresh made, such as those of a restore';

CREATE TRIGGER change_notify AFTER INSERT ON predseg.change
	REFERENCING NEW TABLE AS inserted
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.change_notify();
COMMENT ON TRIGGER change_notify ON predseg.change IS 'Rings the bell for consumers';

CREATE TABLE predseg.consumer (
	name text COLLATE "C" PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 200),
	owner text NOT NULL,
	segments text[],
	acked_pos bigint NOT NULL,
	delivered_pos bigint NOT NULL,
	lease_until timestamptz,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	polled_at timestamptz,
	acked_at timestamptz,
	CHECK (acked_pos BETWEEN 0 AND delivered_pos)
) WITH (fillfactor = 50);
COMMENT ON TABLE predseg.consumer IS 'Readers of the log of changes, and how far they are';
COMMENT ON COLUMN predseg.consumer.name IS 'Name, at most 200 bytes';
COMMENT ON COLUMN predseg.consumer.owner IS 'Role that made it; it gets the changes of segments that this role has rights for';
COMMENT ON COLUMN predseg.consumer.segments IS 'Segments it wants; NULL: all';
COMMENT ON COLUMN predseg.consumer.acked_pos IS 'Everything up to this position is done with';
COMMENT ON COLUMN predseg.consumer.delivered_pos IS 'The last position handed out';
COMMENT ON COLUMN predseg.consumer.lease_until IS 'Until then nothing is handed out again; NULL: nothing is outstanding';
COMMENT ON COLUMN predseg.consumer.created_at IS 'When it was made';
COMMENT ON COLUMN predseg.consumer.polled_at IS 'Last poll that handed out changes';
COMMENT ON COLUMN predseg.consumer.acked_at IS 'Last acknowledgement';

COMMENT ON INDEX predseg.change_position_pkey IS 'One row at most';
COMMENT ON INDEX predseg.change_pkey IS 'One row for each position; consumers read along it';
COMMENT ON INDEX predseg.consumer_pkey IS 'One row for each consumer';

CREATE FUNCTION predseg.create_consumer(name text, segments text[] DEFAULT NULL, from_start boolean DEFAULT false) RETURNS bigint
	AS 'MODULE_PATHNAME', 'predseg_consumer_create' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.create_consumer(text, text[], boolean) IS 'Makes a reader of the changes of these segments (all by default), from now or from the first change, and returns the position it begins after; an existing one keeps its position';

CREATE FUNCTION predseg.poll(consumer text, max_rows int DEFAULT 1000, lease interval DEFAULT '1 min') RETURNS SETOF predseg.change
	AS 'MODULE_PATHNAME', 'predseg_consumer_poll' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 ROWS 1000;
COMMENT ON FUNCTION predseg.poll(text, int, interval) IS 'Hands out the changes after the acknowledged position, in order; they are handed out again when the lease ends without an acknowledgement';

CREATE FUNCTION predseg.ack(consumer text, pos bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'predseg_consumer_ack' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.ack(text, bigint) IS 'Acknowledges the changes up to a position that was handed out, ends the lease, and returns the acknowledged position';

CREATE FUNCTION predseg.drop_consumer(name text) RETURNS void
	AS 'MODULE_PATHNAME', 'predseg_consumer_drop' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.drop_consumer(text) IS 'Removes a consumer';

CREATE VIEW predseg.changes WITH (security_barrier) AS
	SELECT c.pos, c.segment, c.key, c.op, c.reason, c.from_tier, c.to_tier, c.version, c.episode, c.run, c.as_of, c.at
	FROM predseg.change c
	WHERE c.segment IN (SELECT s.name FROM predseg.segment s
		WHERE s.owner IN (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(r.oid, 'USAGE')));
COMMENT ON VIEW predseg.changes IS 'Every change of your segments, those that were dropped too, in the order of commits';
COMMENT ON COLUMN predseg.changes.pos IS 'Position: increases in the order of commits';
COMMENT ON COLUMN predseg.changes.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.changes.key IS 'The customer''s key, as text';
COMMENT ON COLUMN predseg.changes.op IS 'enter, leave, or move (later)';
COMMENT ON COLUMN predseg.changes.reason IS 'data, definition, model, gone';
COMMENT ON COLUMN predseg.changes.from_tier IS 'Class before (later)';
COMMENT ON COLUMN predseg.changes.to_tier IS 'Class after (later)';
COMMENT ON COLUMN predseg.changes.version IS 'Version of the definition';
COMMENT ON COLUMN predseg.changes.episode IS 'The customer''s how-manieth stay in this segment, from 1';
COMMENT ON COLUMN predseg.changes.run IS 'Refresh that made the change';
COMMENT ON COLUMN predseg.changes.as_of IS 'The moment the refresh looked at the source';
COMMENT ON COLUMN predseg.changes.at IS 'When the change was made';

CREATE VIEW predseg.consumers WITH (security_barrier) AS
	SELECT c.name, c.owner, c.segments, c.acked_pos, c.delivered_pos, c.lease_until, c.created_at, c.polled_at, c.acked_at
	FROM predseg.consumer c
	WHERE c.owner IN (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(r.oid, 'USAGE'));
COMMENT ON VIEW predseg.consumers IS 'Your consumers, and how far they are';
COMMENT ON COLUMN predseg.consumers.name IS 'Name';
COMMENT ON COLUMN predseg.consumers.owner IS 'Role that made it; it gets the changes of segments that this role has rights for';
COMMENT ON COLUMN predseg.consumers.segments IS 'Segments it wants; NULL: all';
COMMENT ON COLUMN predseg.consumers.acked_pos IS 'Everything up to this position is done with';
COMMENT ON COLUMN predseg.consumers.delivered_pos IS 'The last position handed out';
COMMENT ON COLUMN predseg.consumers.lease_until IS 'Until then nothing is handed out again; NULL: nothing is outstanding';
COMMENT ON COLUMN predseg.consumers.created_at IS 'When it was made';
COMMENT ON COLUMN predseg.consumers.polled_at IS 'Last poll that handed out changes';
COMMENT ON COLUMN predseg.consumers.acked_at IS 'Last acknowledgement';

SELECT pg_catalog.pg_extension_config_dump('predseg.change_position', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.change', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.consumer', '');
