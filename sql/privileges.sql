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

-- Who restores a dump creates the extension, and then inserts its rows; triggers
-- make rows his own that name an owner for whom he may not act.
GRANT INSERT ON predseg.model_version, predseg.training_run, predseg.segment, predseg.member, predseg.member_history,
	predseg.refresh_run, predseg.change_position, predseg.change, predseg.consumer TO @extowner@;
GRANT UPDATE ON ALL SEQUENCES IN SCHEMA predseg TO @extowner@;
