-- Values of type numeric are learned from and scored as their float8 is, to the last bit.
SET client_min_messages = warning;
CREATE TABLE amount AS
SELECT x FROM (VALUES (0), (-0.0), (1), (-1), (0.1), (-0.3), (9999), (10000), (10001), (0.0001), (0.00001), (123456.789),
	(9007199254740991), (9007199254740992), (9007199254740993), (-9007199254740993), (9999999999999999), (99999999999999999999),
	(1e22), (1e23), (-1e40), (1e-20), (1e-22), (1.5e-23), (1e-40), (3.141592653589793238462643383279), (0.30000000000000004),
	(123456789012345.67), (1e300), (1e308), (2.2250738585072014e-308), (0.000000000000000000000000000000)) AS v(x)
UNION ALL SELECT round(((hashint4(i) / 1000.0) * 10 ^ (i % 25 - 15))::numeric, i % 18) FROM generate_series(1, 10000) i;
INSERT INTO amount SELECT (x || repeat('0', 20))::numeric FROM amount WHERE x::text LIKE '%.%';

-- A logistic model's contribution of a column is coefficient times distance from the mean, which is 0 here.
CREATE TABLE kept AS
SELECT predseg.fit('logistic', t.*, '{"target": "bought"}') AS model
FROM (SELECT i * 7.0::float8 AS x, (i + 50) * 7919 % 100 < i + 50 AS bought FROM generate_series(-50, 50) i) t;
CREATE VIEW compared AS
SELECT s.x, n.contribution, n.contribution IS NOT DISTINCT FROM f.contribution AS same
FROM amount s, kept, LATERAL (SELECT s.x) a, LATERAL (SELECT s.x::float8) b,
	LATERAL predseg.explain(model, a.*) n, LATERAL predseg.explain(model, b.*) f WHERE n.feature = 'x' AND f.feature = 'x';
SELECT count(*) > 15000 AS many, count(DISTINCT contribution) > 5000 AS different FROM compared;
SELECT x, contribution FROM compared WHERE NOT same;

-- Long ones, and what is not finite
TRUNCATE amount;
INSERT INTO amount VALUES (1 / 3.0::numeric(1000, 900)), (repeat('9', 5000)::numeric / 10::numeric ^ 4990);
SELECT count(*) FROM compared WHERE same;
SELECT predseg.score(model, n.*) FROM kept, (SELECT 1e-400 AS x) n, (SELECT 0.0 AS x) o WHERE predseg.score(model, n.*) <> predseg.score(model, o.*);
SELECT predseg.score(model, n.*) FROM kept, (SELECT 'NaN'::numeric AS x) n;
SELECT predseg.score(model, n.*) FROM kept, (SELECT '-Infinity'::numeric AS x) n;
SELECT predseg.score(model, n.*) FROM kept, (SELECT 1e400 AS x) n;
DROP TABLE amount, kept CASCADE;
