-- Fail where docs/reference.md misses a function, type, table, view or column
-- of the extension. It runs as a set-up script of that page.
\set page `cat docs/reference.md`
WITH object AS
(
	SELECT classid, objid FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'predseg')
), named AS
(
	SELECT proname::text AS name, '`' || proname || '[(`]' AS pattern
	FROM object JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
	UNION
	SELECT relname, 'predseg\.' || relname || '\M'
	FROM object JOIN pg_class c ON classid = 'pg_class'::regclass AND c.oid = objid AND relkind IN ('r', 'v')
	UNION
	SELECT typname, 'predseg\.' || typname || '\M'
	FROM object JOIN pg_type t ON classid = 'pg_type'::regclass AND t.oid = objid AND typname NOT LIKE '\_%'
	UNION
	SELECT relname || '.' || attname, '`' || attname || '`'
	FROM object JOIN pg_class c ON classid = 'pg_class'::regclass AND c.oid = objid AND relkind IN ('r', 'v', 'c')
		JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
)
SELECT ('docs/reference.md does not mention ' || string_agg(name, ', ' ORDER BY name))::int
FROM named WHERE :'page' !~ pattern
HAVING count(*) > 0;
