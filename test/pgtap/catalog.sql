-- Rules that every object of the extension keeps, whatever is added later.
BEGIN;
SELECT no_plan();

-- Everything the extension owns, as text.
CREATE TEMPORARY VIEW object AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS description
FROM pg_depend d
WHERE d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'predseg')
  AND d.deptype = 'e';

CREATE TEMPORARY VIEW routine AS
SELECT p.*, o.description FROM pg_proc p JOIN object o ON o.objid = p.oid AND o.classid = 'pg_proc'::regclass;

CREATE TEMPORARY VIEW relation AS
SELECT c.*, o.description FROM pg_class c JOIN object o ON o.objid = c.oid AND o.classid = 'pg_class'::regclass;

SELECT isnt_empty('SELECT FROM routine', 'the extension has functions');

SELECT is_empty($$
	SELECT description FROM routine WHERE pronamespace <> 'predseg'::regnamespace
	UNION ALL
	SELECT description FROM relation WHERE relnamespace <> 'predseg'::regnamespace
$$, 'functions and relations are in schema predseg');

SELECT is_empty($$
	SELECT description FROM routine
	WHERE obj_description(oid, 'pg_proc') IS NULL
$$, 'every function has a comment');

SELECT is_empty($$
	SELECT description FROM relation
	WHERE relkind IN ('r', 'v', 'm') AND obj_description(oid, 'pg_class') IS NULL
$$, 'every table and view has a comment');

SELECT is_empty($$
	SELECT description FROM routine r JOIN pg_language l ON l.oid = r.prolang
	WHERE l.lanname IN ('sql', 'plpgsql')
	  AND r.prosqlbody IS NULL
	  AND NOT coalesce(r.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false)
$$, 'a function whose body is text fixes its search_path');

SELECT is_empty($$
	SELECT description FROM routine
	WHERE prosecdef AND NOT coalesce(proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false)
$$, 'a function with its owner''s rights fixes its search_path');

SELECT is_empty($$
	SELECT description || ' ' || privilege_type
	FROM relation, LATERAL aclexplode(relacl) acl
	WHERE acl.grantee = 0 AND privilege_type <> 'SELECT'
$$, 'PUBLIC writes to no table and advances no sequence');

SELECT is_empty($$
	SELECT description FROM routine
	WHERE prokind = 'f' AND provolatile = 'i' AND proparallel <> 's'
$$, 'an immutable function is parallel safe');

SELECT is_empty($$
	SELECT r.description FROM routine r JOIN pg_aggregate a ON a.aggfnoid = r.oid
	WHERE r.proparallel = 's' AND a.aggcombinefn <> 0 AND a.aggtranstype = 'internal'::regtype
$$, 'the state of a mergeable aggregate is a real type');

SELECT is_empty($$
	SELECT description FROM relation
	WHERE relkind IN ('r', 'S')
	  AND NOT oid = ANY (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'predseg')
$$, 'pg_dump dumps the rows of every table and the state of every sequence');

SELECT is_empty($$
	SELECT typ.typname FROM pg_type typ JOIN object o ON o.objid = typ.oid AND o.classid = 'pg_type'::regclass
	WHERE typ.typtype = 'b' AND typ.typelem = 0 AND (typ.typreceive = 0 OR typ.typsend = 0)
$$, 'every type has a binary form');

SELECT * FROM finish();
ROLLBACK;
