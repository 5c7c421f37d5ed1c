-- Who may do what. Everybody may use the functions, types and the views, which
-- show what belongs to him. The tables are written by the functions only; they
-- can be read by the owner of the database and by who installed the extension,
-- so that pg_dump works for them.

GRANT USAGE ON SCHEMA predseg TO PUBLIC;
GRANT SELECT ON predseg.models, predseg.model_versions, predseg.training_runs TO PUBLIC;
GRANT SELECT ON predseg.segments, predseg.members, predseg.member_histories, predseg.refresh_runs TO PUBLIC;
GRANT SELECT ON predseg.changes, predseg.consumers TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA predseg TO pg_database_owner, @extowner@;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA predseg TO pg_database_owner, @extowner@;

-- Who restores a dump creates the extension, and then inserts its rows. That he
-- may, and no more: only into empty tables, and never in the name of a role for
-- which he may not act.

CREATE FUNCTION predseg.only_restore() RETURNS trigger
	AS 'MODULE_PATHNAME', 'predseg_only_restore' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION predseg.only_restore() IS 'Refuses rows that do not come from a function of predseg, unless the table is empty, as it is for a restore';

CREATE FUNCTION predseg.keep_owner() RETURNS trigger
	AS 'MODULE_PATHNAME', 'predseg_keep_owner' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION predseg.keep_owner() IS 'Makes a row that somebody restores his own, unless he has the rights of the owner it names';

CREATE TRIGGER only_restore BEFORE INSERT ON predseg.model_version
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.model_version IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.training_run
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.training_run IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.segment
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.segment IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.member
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.member IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.member_history
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.member_history IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.refresh_run
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.refresh_run IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.change_position
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.change_position IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.change
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.change IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER only_restore BEFORE INSERT ON predseg.consumer
	FOR EACH STATEMENT EXECUTE FUNCTION predseg.only_restore();
COMMENT ON TRIGGER only_restore ON predseg.consumer IS 'Rows come from functions of predseg, or from a restore into the empty table';
CREATE TRIGGER keep_owner BEFORE INSERT ON predseg.model_version
	FOR EACH ROW EXECUTE FUNCTION predseg.keep_owner();
COMMENT ON TRIGGER keep_owner ON predseg.model_version IS 'Nobody restores rows that act for others';
CREATE TRIGGER keep_owner BEFORE INSERT ON predseg.training_run
	FOR EACH ROW EXECUTE FUNCTION predseg.keep_owner();
COMMENT ON TRIGGER keep_owner ON predseg.training_run IS 'Nobody restores rows that act for others';
CREATE TRIGGER keep_owner BEFORE INSERT ON predseg.segment
	FOR EACH ROW EXECUTE FUNCTION predseg.keep_owner();
COMMENT ON TRIGGER keep_owner ON predseg.segment IS 'Nobody restores rows that act for others';
CREATE TRIGGER keep_owner BEFORE INSERT ON predseg.consumer
	FOR EACH ROW EXECUTE FUNCTION predseg.keep_owner();
COMMENT ON TRIGGER keep_owner ON predseg.consumer IS 'Nobody restores rows that act for others';

GRANT INSERT ON predseg.model_version, predseg.training_run, predseg.segment, predseg.member, predseg.member_history,
	predseg.refresh_run, predseg.change_position, predseg.change, predseg.consumer TO @extowner@;
GRANT UPDATE ON ALL SEQUENCES IN SCHEMA predseg TO @extowner@;
