-- Segments: a predicate over a relation of scored customers, its members, and
-- everybody who was inside before. Keys of customers are kept as text, so that
-- one table serves segments of every kind of key; COLLATE "C" is the order of
-- their bytes, the same on every machine.

CREATE TABLE predseg.segment (
	name text COLLATE "C" PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 200),
	owner text NOT NULL,
	source text NOT NULL,
	key text NOT NULL,
	enter_when text NOT NULL,
	leave_when text,
	search_path text NOT NULL,
	time_zone text NOT NULL,
	kind text NOT NULL DEFAULT 'rule' CHECK (kind IN ('rule', 'tiers')),
	tiers jsonb,
	version int NOT NULL DEFAULT 1 CHECK (version > 0),
	description text,
	purpose text,
	max_change float8,
	refresh_every interval,
	confirm int,
	min_stay interval,
	cooldown interval,
	control float8,
	salt uuid NOT NULL DEFAULT gen_random_uuid(),
	models jsonb NOT NULL DEFAULT '{}',
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	dropped_at timestamptz,
	refreshed_at timestamptz,
	refreshed_version int,
	as_of timestamptz,
	state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'fresh', 'held', 'dropped')),
	held_reason text,
	size bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE predseg.segment IS 'Definitions of segments and how their last refresh ended; a dropped segment keeps its row, so that its history keeps its owner';
COMMENT ON COLUMN predseg.segment.name IS 'Name, at most 200 bytes';
COMMENT ON COLUMN predseg.segment.owner IS 'Role that made it, and as which its texts are evaluated';
COMMENT ON COLUMN predseg.segment.source IS 'Relation or SELECT with one row for each customer';
COMMENT ON COLUMN predseg.segment.key IS 'The source''s column that identifies a customer';
COMMENT ON COLUMN predseg.segment.enter_when IS 'A customer enters when this is true';
COMMENT ON COLUMN predseg.segment.leave_when IS 'A customer leaves when this is true; NULL: when enter_when is not true';
COMMENT ON COLUMN predseg.segment.search_path IS 'search_path under which source and predicates are read';
COMMENT ON COLUMN predseg.segment.time_zone IS 'Time zone under which source and predicates are read';
COMMENT ON COLUMN predseg.segment.kind IS 'rule: inside or outside; tiers: one of several classes (later)';
COMMENT ON COLUMN predseg.segment.tiers IS 'The classes of a segment of kind tiers (later)';
COMMENT ON COLUMN predseg.segment.version IS 'Number of the definition; a different definition is a new version';
COMMENT ON COLUMN predseg.segment.description IS 'What the segment is, for people';
COMMENT ON COLUMN predseg.segment.purpose IS 'What customers must have agreed to (later)';
COMMENT ON COLUMN predseg.segment.max_change IS 'Largest share of members that one refresh may change (later)';
COMMENT ON COLUMN predseg.segment.refresh_every IS 'How often tick() refreshes it (later)';
COMMENT ON COLUMN predseg.segment.confirm IS 'Number of refreshes in a row that must agree before a customer enters or leaves (later)';
COMMENT ON COLUMN predseg.segment.min_stay IS 'Shortest stay (later)';
COMMENT ON COLUMN predseg.segment.cooldown IS 'Shortest time between leaving and entering again (later)';
COMMENT ON COLUMN predseg.segment.control IS 'Share of customers kept out of campaigns (later)';
COMMENT ON COLUMN predseg.segment.salt IS 'Seed of the choice of the control customers; never changes';
COMMENT ON COLUMN predseg.segment.models IS 'Models that the definition or its views name, with the version deployed at the last refresh';
COMMENT ON COLUMN predseg.segment.created_at IS 'When it was made';
COMMENT ON COLUMN predseg.segment.changed_at IS 'When this version was made';
COMMENT ON COLUMN predseg.segment.dropped_at IS 'When it was dropped; NULL while it exists';
COMMENT ON COLUMN predseg.segment.refreshed_at IS 'When the last refresh that was not held ended';
COMMENT ON COLUMN predseg.segment.refreshed_version IS 'Version of the definition in that refresh';
COMMENT ON COLUMN predseg.segment.as_of IS 'The moment that refresh looked at the source';
COMMENT ON COLUMN predseg.segment.state IS 'new: never refreshed; fresh; held: the last refresh failed and the members are those of the one before; dropped';
COMMENT ON COLUMN predseg.segment.held_reason IS 'Why it is held';
COMMENT ON COLUMN predseg.segment.size IS 'Number of members';

CREATE TABLE predseg.member (
	segment text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	tier text,
	version int NOT NULL,
	episode int NOT NULL,
	entered_at timestamptz NOT NULL,
	as_of timestamptz NOT NULL,
	facts jsonb,
	next_due timestamptz,
	pinned text CHECK (pinned IN ('in', 'out')),
	PRIMARY KEY (segment, key)
);
COMMENT ON TABLE predseg.member IS 'Who is inside now';
COMMENT ON COLUMN predseg.member.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.member.key IS 'The customer''s key, as text';
COMMENT ON COLUMN predseg.member.tier IS 'Class, in a segment of kind tiers (later)';
COMMENT ON COLUMN predseg.member.version IS 'Version of the definition under which the customer entered';
COMMENT ON COLUMN predseg.member.episode IS 'The customer''s how-manieth stay in this segment, from 1';
COMMENT ON COLUMN predseg.member.entered_at IS 'When the customer entered';
COMMENT ON COLUMN predseg.member.as_of IS 'The moment that was judged when this row was written';
COMMENT ON COLUMN predseg.member.facts IS 'Values, at entering, of the columns that the predicates mention';
COMMENT ON COLUMN predseg.member.next_due IS 'When time alone can change the answer (later)';
COMMENT ON COLUMN predseg.member.pinned IS 'Kept in or out by hand (later)';

CREATE TABLE predseg.member_history (
	segment text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	episode int NOT NULL,
	tier text,
	version int NOT NULL,
	entered_at timestamptz NOT NULL,
	left_at timestamptz,
	enter_reason text NOT NULL,
	leave_reason text,
	entered_facts jsonb,
	left_facts jsonb,
	enter_run bigint NOT NULL,
	leave_run bigint,
	PRIMARY KEY (segment, key, episode),
	CONSTRAINT member_history_reason_check CHECK (
		enter_reason IN ('data', 'definition', 'model', 'gone', 'time', 'restore', 'erasure', 'manual') AND
		leave_reason IN ('data', 'definition', 'model', 'gone', 'time', 'restore', 'erasure', 'manual'))
);
COMMENT ON TABLE predseg.member_history IS 'Every stay of every customer, the present ones too';
COMMENT ON COLUMN predseg.member_history.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.member_history.key IS 'The customer''s key, as text';
COMMENT ON COLUMN predseg.member_history.episode IS 'The customer''s how-manieth stay in this segment, from 1';
COMMENT ON COLUMN predseg.member_history.tier IS 'Class, in a segment of kind tiers (later)';
COMMENT ON COLUMN predseg.member_history.version IS 'Version of the definition under which the customer entered';
COMMENT ON COLUMN predseg.member_history.entered_at IS 'When the customer entered';
COMMENT ON COLUMN predseg.member_history.left_at IS 'When the customer left; NULL while inside';
COMMENT ON COLUMN predseg.member_history.enter_reason IS 'Why the customer entered: data, definition, model, and later time, restore, manual';
COMMENT ON COLUMN predseg.member_history.leave_reason IS 'Why the customer left: data, gone (no longer in the source), definition, model, and later time, restore, erasure, manual';
COMMENT ON COLUMN predseg.member_history.entered_facts IS 'Values, at entering, of the columns that the predicates mention';
COMMENT ON COLUMN predseg.member_history.left_facts IS 'The same at leaving; NULL for a customer who is gone';
COMMENT ON COLUMN predseg.member_history.enter_run IS 'Refresh that let the customer in';
COMMENT ON COLUMN predseg.member_history.leave_run IS 'Refresh that let the customer out';

CREATE TABLE predseg.refresh_run (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	segment text COLLATE "C" NOT NULL,
	version int NOT NULL,
	reason text,
	started_at timestamptz NOT NULL,
	finished_at timestamptz,
	as_of timestamptz,
	entered bigint NOT NULL DEFAULT 0,
	"left" bigint NOT NULL DEFAULT 0,
	moved bigint NOT NULL DEFAULT 0,
	held boolean NOT NULL DEFAULT false,
	held_reason text
);
COMMENT ON TABLE predseg.refresh_run IS 'Every refresh of every segment';
COMMENT ON COLUMN predseg.refresh_run.id IS 'Number of the refresh';
COMMENT ON COLUMN predseg.refresh_run.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.refresh_run.version IS 'Version of the definition';
COMMENT ON COLUMN predseg.refresh_run.reason IS 'Why its changes happened: data, definition or model';
COMMENT ON COLUMN predseg.refresh_run.started_at IS 'When it began';
COMMENT ON COLUMN predseg.refresh_run.finished_at IS 'When it ended';
COMMENT ON COLUMN predseg.refresh_run.as_of IS 'The moment it looked at the source';
COMMENT ON COLUMN predseg.refresh_run.entered IS 'Number of customers who entered';
COMMENT ON COLUMN predseg.refresh_run."left" IS 'Number of customers who left';
COMMENT ON COLUMN predseg.refresh_run.moved IS 'Number of customers who changed their class (later)';
COMMENT ON COLUMN predseg.refresh_run.held IS 'Whether it failed, and changed nothing';
COMMENT ON COLUMN predseg.refresh_run.held_reason IS 'Why it failed';

COMMENT ON INDEX predseg.segment_pkey IS 'One row for each segment';
COMMENT ON INDEX predseg.member_pkey IS 'One row for each customer inside a segment';
COMMENT ON INDEX predseg.member_history_pkey IS 'One row for each stay';
COMMENT ON INDEX predseg.refresh_run_pkey IS 'One row for each refresh of a segment';

CREATE FUNCTION predseg.create_segment(name text, source text, key text, enter_when text,
	leave_when text DEFAULT NULL, description text DEFAULT NULL) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_segment_create' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.create_segment(text, text, text, text, text, text) IS 'Defines a segment and returns the version of its definition: the same definition again changes nothing, a different one is a new version, applied by the next refresh';

CREATE FUNCTION predseg.drop_segment(name text) RETURNS void
	AS 'MODULE_PATHNAME', 'predseg_segment_drop' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.drop_segment(text) IS 'Ends a segment: its members leave with the reason definition; the history stays, and the name stays with its owner';

CREATE FUNCTION predseg.refresh(name text DEFAULT NULL)
	RETURNS TABLE (segment text, entered bigint, "left" bigint, moved bigint, held boolean, reason text)
	AS 'MODULE_PATHNAME', 'predseg_segment_refresh' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 ROWS 10;
COMMENT ON FUNCTION predseg.refresh(text) IS 'Refreshes one segment, or all that you have rights for: first the materialized views they need, then their members; a segment that fails is held with its reason and keeps its members';

-- Views for people: each shows what belongs to roles whose rights the reader
-- has. A role that no longer exists owns nothing that anybody sees.

CREATE VIEW predseg.segments WITH (security_barrier) AS
	SELECT s.name, s.owner, s.source, s.key, s.enter_when, s.leave_when, s.kind, s.version, s.description,
		s.size, s.state, s.held_reason, s.refreshed_at, s.as_of, s.created_at, s.changed_at
	FROM predseg.segment s
	WHERE s.dropped_at IS NULL
		AND s.owner IN (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(r.oid, 'USAGE'));
COMMENT ON VIEW predseg.segments IS 'Your segments: definition, size, and how the last refresh ended';
COMMENT ON COLUMN predseg.segments.name IS 'Name';
COMMENT ON COLUMN predseg.segments.owner IS 'Role that made it, and as which its texts are evaluated';
COMMENT ON COLUMN predseg.segments.source IS 'Relation or SELECT with one row for each customer';
COMMENT ON COLUMN predseg.segments.key IS 'The source''s column that identifies a customer';
COMMENT ON COLUMN predseg.segments.enter_when IS 'A customer enters when this is true';
COMMENT ON COLUMN predseg.segments.leave_when IS 'A customer leaves when this is true; NULL: when enter_when is not true';
COMMENT ON COLUMN predseg.segments.kind IS 'rule: inside or outside';
COMMENT ON COLUMN predseg.segments.version IS 'Number of the definition';
COMMENT ON COLUMN predseg.segments.description IS 'What the segment is, for people';
COMMENT ON COLUMN predseg.segments.size IS 'Number of members';
COMMENT ON COLUMN predseg.segments.state IS 'new: never refreshed; fresh; held: the last refresh failed and the members are those of the one before';
COMMENT ON COLUMN predseg.segments.held_reason IS 'Why it is held';
COMMENT ON COLUMN predseg.segments.refreshed_at IS 'When the last refresh that was not held ended';
COMMENT ON COLUMN predseg.segments.as_of IS 'The moment that refresh looked at the source';
COMMENT ON COLUMN predseg.segments.created_at IS 'When it was made';
COMMENT ON COLUMN predseg.segments.changed_at IS 'When this version was made';

CREATE VIEW predseg.members WITH (security_barrier) AS
	SELECT m.segment, m.key, m.tier, m.entered_at, h.enter_reason AS reason, m.facts, m.version, m.episode
	FROM predseg.member m
		LEFT JOIN predseg.member_history h ON h.segment = m.segment AND h.key = m.key AND h.episode = m.episode
	WHERE m.segment IN (SELECT s.name FROM predseg.segments s);
COMMENT ON VIEW predseg.members IS 'Who is inside your segments now, since when and why';
COMMENT ON COLUMN predseg.members.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.members.key IS 'The customer''s key, as text';
COMMENT ON COLUMN predseg.members.tier IS 'Class, in a segment of kind tiers (later)';
COMMENT ON COLUMN predseg.members.entered_at IS 'When the customer entered';
COMMENT ON COLUMN predseg.members.reason IS 'Why the customer entered: data, definition, model';
COMMENT ON COLUMN predseg.members.facts IS 'Values, at entering, of the columns that the predicates mention';
COMMENT ON COLUMN predseg.members.version IS 'Version of the definition under which the customer entered';
COMMENT ON COLUMN predseg.members.episode IS 'The customer''s how-manieth stay in this segment, from 1';

CREATE VIEW predseg.member_histories WITH (security_barrier) AS
	SELECT h.segment, h.key, h.episode, h.tier, h.entered_at, h.left_at, h.enter_reason, h.leave_reason,
		h.entered_facts, h.left_facts, h.version, h.enter_run, h.leave_run
	FROM predseg.member_history h
	WHERE h.segment IN (SELECT s.name FROM predseg.segment s
		WHERE s.owner IN (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(r.oid, 'USAGE')));
COMMENT ON VIEW predseg.member_histories IS 'Every stay in your segments, those that were dropped too: who entered and left, when and why';
COMMENT ON COLUMN predseg.member_histories.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.member_histories.key IS 'The customer''s key, as text';
COMMENT ON COLUMN predseg.member_histories.episode IS 'The customer''s how-manieth stay in this segment, from 1';
COMMENT ON COLUMN predseg.member_histories.tier IS 'Class, in a segment of kind tiers (later)';
COMMENT ON COLUMN predseg.member_histories.entered_at IS 'When the customer entered';
COMMENT ON COLUMN predseg.member_histories.left_at IS 'When the customer left; NULL while inside';
COMMENT ON COLUMN predseg.member_histories.enter_reason IS 'Why the customer entered: data, definition, model';
COMMENT ON COLUMN predseg.member_histories.leave_reason IS 'Why the customer left: data, gone, definition, model';
COMMENT ON COLUMN predseg.member_histories.entered_facts IS 'Values, at entering, of the columns that the predicates mention';
COMMENT ON COLUMN predseg.member_histories.left_facts IS 'The same at leaving; NULL for a customer who is gone';
COMMENT ON COLUMN predseg.member_histories.version IS 'Version of the definition under which the customer entered';
COMMENT ON COLUMN predseg.member_histories.enter_run IS 'Refresh that let the customer in';
COMMENT ON COLUMN predseg.member_histories.leave_run IS 'Refresh that let the customer out';

CREATE VIEW predseg.refresh_runs WITH (security_barrier) AS
	SELECT r.id, r.segment, r.version, r.reason, r.started_at, r.finished_at, r.as_of,
		r.entered, r."left", r.moved, r.held, r.held_reason
	FROM predseg.refresh_run r
	WHERE r.segment IN (SELECT s.name FROM predseg.segment s
		WHERE s.owner IN (SELECT o.rolname::text FROM pg_catalog.pg_roles o WHERE pg_catalog.pg_has_role(o.oid, 'USAGE')));
COMMENT ON VIEW predseg.refresh_runs IS 'Every refresh of your segments';
COMMENT ON COLUMN predseg.refresh_runs.id IS 'Number of the refresh';
COMMENT ON COLUMN predseg.refresh_runs.segment IS 'Name of the segment';
COMMENT ON COLUMN predseg.refresh_runs.version IS 'Version of the definition';
COMMENT ON COLUMN predseg.refresh_runs.reason IS 'Why its changes happened: data, definition or model';
COMMENT ON COLUMN predseg.refresh_runs.started_at IS 'When it began';
COMMENT ON COLUMN predseg.refresh_runs.finished_at IS 'When it ended';
COMMENT ON COLUMN predseg.refresh_runs.as_of IS 'The moment it looked at the source';
COMMENT ON COLUMN predseg.refresh_runs.entered IS 'Number of customers who entered';
COMMENT ON COLUMN predseg.refresh_runs."left" IS 'Number of customers who left';
COMMENT ON COLUMN predseg.refresh_runs.moved IS 'Number of customers who changed their class (later)';
COMMENT ON COLUMN predseg.refresh_runs.held IS 'Whether it failed, and changed nothing';
COMMENT ON COLUMN predseg.refresh_runs.held_reason IS 'Why it failed';

SELECT pg_catalog.pg_extension_config_dump('predseg.segment', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.member', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.member_history', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.refresh_run', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.refresh_run_id_seq', '');
