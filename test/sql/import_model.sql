-- Models of other programs: files of test/data/imported, with what their programs predict.
SET client_min_messages = warning;
\getenv folder PG_ABS_SRCDIR
\set folder :folder '/data/imported/'

CREATE TABLE visitor (id int GENERATED ALWAYS AS IDENTITY, a float8, b float8, c float8, t text, k int);
CREATE TABLE imported (file text PRIMARY KEY, m predseg.model);
SELECT format('COPY visitor (a, b, c, t, k) FROM %L (FORMAT csv, HEADER)', :'folder' || 'rows.csv') AS copy \gset
:copy;

INSERT INTO imported
SELECT file, predseg.import_model(split_part(file, '-', 1), pg_read_file(:'folder' || file), options)
FROM (VALUES
	('xgboost-1.7-binary', '{"levels": {"t": ["a", "b", "c", "d", "e", "f", "g"], "k": [3, 7, 11, 20]}}'::jsonb),
	('xgboost-1.7-poisson', '{"columns": ["a", "b", "c"], "target": "orders"}'),
	('xgboost-3.2-quantile', '{}'),
	('lightgbm-4.7-binary', '{"target": "bought"}'),
	('lightgbm-4.7-tweedie', '{}')) AS f (file, options);

SELECT file, m ->> 'method' AS method, m ->> 'target' AS target, p ->> 'objective' AS objective, p ->> 'kind' AS kind,
	p ->> 'trees' AS trees, (SELECT string_agg(i ->> 'name' || ' ' || (i ->> 'type'), ', ' ORDER BY i ->> 'name') FROM jsonb_array_elements(m -> 'inputs') AS i) AS inputs
FROM (SELECT file, predseg.describe(m) AS m FROM imported) AS i, LATERAL (SELECT m -> 'parameters' AS p) AS p ORDER BY file;

-- Every score to 1e-6 (relative where it is above 1)
WITH wanted AS
(
	SELECT file, row AS id, split_part(line, ' ', 1)::float8 AS score
	FROM imported, regexp_split_to_table(trim(E'\n' FROM pg_read_file(:'folder' || file || '.expected')), E'\n') WITH ORDINALITY AS l (line, row)
)
SELECT file, count(*) AS rows, max(abs(predseg.score(m, v.*) - w.score) / greatest(1, abs(w.score))) < 1e-6 AS agree
FROM imported JOIN wanted AS w USING (file) JOIN visitor AS v USING (id) GROUP BY file ORDER BY file;

-- A classifier answers as others do, and is explained in log-odds.
SELECT m FROM imported WHERE file = 'lightgbm-4.7-binary' \gset
SELECT bool_and(predseg.intent_score(:'m'::predseg.model, v.*) = predseg.score(:'m'::predseg.model, v.*) AND
	predseg.churn_probability(:'m'::predseg.model, v.*) = predseg.score(:'m'::predseg.model, v.*)) AS same FROM visitor AS v;
SELECT bool_and(abs(e.total - ln(e.score / (1 - e.score))) < 1e-12) AS sums
FROM (SELECT predseg.score(:'m'::predseg.model, v.*) AS score, (SELECT sum(contribution) FROM predseg.explain(:'m'::predseg.model, v.*)) AS total FROM visitor AS v) AS e;
SELECT predseg.score(:'m'::predseg.model, v.*) = predseg.score(:'m'::predseg.model::text::predseg.model, v.*) AS copied FROM visitor AS v WHERE id = 1;
SELECT count(*) AS metrics FROM predseg.evaluate(:'m'::predseg.model, 'SELECT v.*, a > 0 AS bought FROM visitor AS v');
-- A level that the model does not know is as good as none.
SELECT count(DISTINCT predseg.score(:'m'::predseg.model, r.*)) AS scores FROM (SELECT 0.5::float8 AS a, 1::float8 AS b, 2::float8 AS c, t, 3 AS k FROM (VALUES ('zebra'), (NULL)) AS x (t)) AS r;

-- How many iterations: those after the best one are told, and can be left out.
SELECT regexp_replace(pg_read_file(:'folder' || 'xgboost-1.7-poisson'), '"best_iteration":"."', '"best_iteration":"1"') AS early \gset
SET client_min_messages = notice;
SELECT predseg.describe(predseg.import_model('xgboost', :'early', '{"columns": ["a", "b", "c"]}')) -> 'parameters' -> 'trees' AS trees;
SELECT predseg.describe(predseg.import_model('xgboost', :'early', '{"columns": ["a", "b", "c"], "iterations": 2}')) -> 'parameters' -> 'trees' AS trees;

-- What is refused
SELECT predseg.import_model('catboost', '');
SELECT predseg.import_model('xgboost', '');
SELECT predseg.import_model('xgboost', '{"learner": {}}');
SELECT predseg.import_model('lightgbm', 'trees');
SELECT predseg.import_model('lightgbm', E'tree\nnum_class=3\nmax_feature_idx=0\nobjective=multiclass num_class:3\n');
SELECT predseg.import_model('lightgbm', '', '{"column": ["a"]}');
SELECT predseg.import_model('xgboost', pg_read_file(:'folder' || 'xgboost-1.7-poisson'));
SELECT predseg.score(predseg.import_model('xgboost', pg_read_file(:'folder' || 'xgboost-1.7-binary')), v.*) FROM visitor AS v;
\set VERBOSITY terse
SELECT predseg.intent_score(m, v.*) FROM imported, visitor AS v WHERE file = 'lightgbm-4.7-tweedie';
\set VERBOSITY default
SELECT predseg.fit('imported_trees', v.*, '{"target": "a"}') FROM visitor AS v;
SELECT regexp_replace(:'m', '"null_left":\[.', '"null_left":[2')::predseg.model;
SELECT regexp_replace(:'m', '"rows":\[', '"rows":[1,')::predseg.model;
SELECT predseg.import_model(NULL, 'x') IS NULL AS strict;

DROP TABLE visitor, imported;
