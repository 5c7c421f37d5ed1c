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
