-- The type predseg.model: text, binary, casts, describe, make_model.
SET client_min_messages = warning;

SELECT predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}', '{"time_unit": "week"}') AS m \gset
SELECT :'m';
SELECT :'m'::predseg.model::text = :'m' AS text_is_canonical;
SELECT predseg.describe(:'m'::predseg.model) -> 'parameters' ->> 'alpha' AS alpha;
SELECT (:'m'::predseg.model)::jsonb = predseg.describe(:'m') AS cast_is_describe;

-- Canonical text: other white space and number forms give the same value.
SELECT regexp_replace(:'m', ',', E' ,\n ', 'g')::predseg.model::text = :'m' AS white_space;

-- COPY, text and binary
CREATE TEMP TABLE stored (m predseg.model);
INSERT INTO stored VALUES (:'m'), (NULL), (predseg.make_model('gamma_gamma', '{"p": 6.25, "q": 3.74, "v": 15.44}'));
CREATE TEMP TABLE copied (LIKE stored);
\set file `mktemp -u`
\set copy_out 'COPY stored TO ' :'file' ' (FORMAT binary)'
\set copy_in 'COPY copied FROM ' :'file' ' (FORMAT binary)'
:copy_out;
:copy_in;
\setenv COPIED :file
\! rm -f "$COPIED"
SELECT count(*), count(*) FILTER (WHERE s.m::text IS NOT DISTINCT FROM c.m::text) AS same
FROM (SELECT m, row_number() OVER () AS i FROM stored) s JOIN (SELECT m, row_number() OVER () AS i FROM copied) c USING (i);

-- The clv model holds both parts.
SELECT predseg.describe(predseg.make_model('clv',
	'{"purchase": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, "spend": {"p": 6.25, "q": 3.74, "v": 15.44}}',
	'{"time_unit": "week"}')) -> 'parameters' -> 'spend' -> 'q' AS q;

-- What is refused
SELECT 'not json'::predseg.model;
SELECT '{}'::predseg.model;
SELECT '{"method": "bg_nbd"}'::predseg.model;
\set VERBOSITY terse
SELECT '{"method": "no_such", "inputs": [], "parameters": {}}'::predseg.model;
\set VERBOSITY default
SELECT replace(:'m', '"r":0.243', '"r":-1')::predseg.model;
SELECT replace(:'m', '"r":0.243', '"r":1e999')::predseg.model;
SELECT replace(:'m', '"r":0.243', '"r":"big"')::predseg.model;
\set VERBOSITY terse
SELECT predseg.make_model('no_such', '{}');
\set VERBOSITY default
SELECT predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793}');
SELECT predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": -2}');
SELECT predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "c": 1}');
SELECT predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}', '{"time_units": "week"}');
SELECT predseg.make_model('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}', '{"time_unit": "fortnight"}');
SELECT predseg.make_model('logistic', '{}');
SELECT predseg.make_model('bg_nbd', '[1, 2]');
SELECT predseg.make_model(NULL, '{}') IS NULL AS strict;
