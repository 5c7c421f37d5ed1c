-- Bad input for the methods on contracts, through fit, scoring and curves: a
-- clear error or a documented treatment.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on

-- What a statement answers, or its error: SQLSTATE, message, detail, hint.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text; state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN coalesce('answer: ' || answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n\t', state || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE TABLE good AS
SELECT i AS id, 1 + (i * i % 37) % 24 AS months, (i * 7919 % 100) < 60 AS ended, (ARRAY['basic', 'plus', 'team'])[1 + i % 3] AS plan, 1 + i * 13 % 50 AS seats
FROM generate_series(1, 300) AS i;
CREATE TABLE method (place int, method text);
INSERT INTO method VALUES (1, 'kaplan_meier'), (2, 'cox'), (3, 'weibull_aft'), (4, 'discrete_hazard'), (5, 'shifted_beta_geometric');
CREATE TABLE fault (place serial, fault text, source text, more jsonb DEFAULT '{}');
INSERT INTO fault (fault, source) VALUES
	('nothing is wrong', 'SELECT * FROM good'),
	('no rows', 'SELECT * FROM good WHERE false'),
	('a negative duration', 'SELECT id, CASE id WHEN 7 THEN -3 ELSE months END AS months, ended, plan FROM good ORDER BY id'),
	('an infinite duration', 'SELECT id, CASE id WHEN 7 THEN ''infinity'' ELSE months::float8 END AS months, ended, plan FROM good ORDER BY id'),
	('NaN', 'SELECT id, CASE id WHEN 7 THEN ''NaN'' ELSE months::float8 END AS months, ended, plan FROM good ORDER BY id'),
	('a huge duration', 'SELECT id, CASE id WHEN 7 THEN 1e99 ELSE months::float8 END AS months, ended, plan FROM good ORDER BY id'),
	('NULL durations', 'SELECT id, nullif(months, 5) AS months, ended, plan FROM good'),
	('all durations NULL', 'SELECT id, NULL::int AS months, ended, plan FROM good'),
	('durations of 0 that go on', 'SELECT id, CASE WHEN ended THEN months ELSE 0 END AS months, ended, plan FROM good'),
	('a duration of 0 that ended', 'SELECT id, CASE id WHEN 7 THEN 0 ELSE months END AS months, id = 7 OR ended AS ended, plan FROM good ORDER BY id'),
	('all ended at 0', 'SELECT id, 0 AS months, true AS ended, plan FROM good'),
	('nobody has ended', 'SELECT id, months, false AS ended, plan FROM good'),
	('everybody has ended', 'SELECT id, months, true AS ended, plan FROM good'),
	('one has ended', 'SELECT id, months, id = 11 AS ended, plan FROM good'),
	('all ended at one time', 'SELECT id, 5 AS months, true AS ended, plan FROM good'),
	('all durations are the same', 'SELECT id, 5 AS months, ended, plan FROM good'),
	('the target is 1 and 2', 'SELECT id, months, 1 + ended::int AS ended, plan FROM good ORDER BY id'),
	('the target is a part', 'SELECT id, months, 0.5 * ended::int AS ended, plan FROM good ORDER BY id'),
	('the target is NULL in some rows', 'SELECT id, months, CASE WHEN id % 5 > 0 THEN ended END AS ended, plan FROM good'),
	('the target is three texts', 'SELECT id, months, (ARRAY[''yes'', ''no'', ''maybe''])[1 + id % 3] AS ended, plan FROM good ORDER BY id'),
	('the duration is text', 'SELECT id, months::text, ended, plan FROM good'),
	('the duration is an interval', 'SELECT id, months * interval ''1 day'' AS months, ended, plan FROM good'),
	('one row', 'SELECT * FROM good WHERE id = 2'),
	('one row that ended', 'SELECT * FROM good WHERE id = 3'),
	('two rows', 'SELECT * FROM good WHERE id IN (2, 3)'),
	('a column that says who ends', 'SELECT id, months, ended, CASE WHEN ended THEN ''gone'' ELSE ''here'' END AS said FROM good'),
	('a column that orders the ends', 'SELECT id, months, ended, -months AS told FROM good'),
	('a constant column', 'SELECT id, months, ended, 7 AS constant FROM good'),
	('a copy of a column', 'SELECT id, months, ended, seats, 2 * seats AS again FROM good'),
	('no column but those', 'SELECT id, months, ended FROM good'),
	('a column of NULLs', 'SELECT id, months, ended, NULL::float8 AS nothing, seats FROM good'),
	('NULL in columns', 'SELECT id, months, ended, nullif(seats, 14) AS seats, nullif(plan, ''team'') AS plan FROM good'),
	('numbers of any size', 'SELECT id, months, ended, seats * 1e140::float8 AS a, seats * 1e-140::float8 AS b FROM good'),
	('infinity in a column', 'SELECT id, months, ended, CASE id WHEN 7 THEN ''infinity'' ELSE seats::float8 END AS seats FROM good');
INSERT INTO fault (fault, source, more) VALUES
	('an entry after the duration', 'SELECT *, CASE id WHEN 7 THEN months + 1 ELSE 0 END AS since FROM good ORDER BY id', '{"entry": "since"}'),
	('an entry at the duration', 'SELECT *, CASE id WHEN 7 THEN months ELSE 0 END AS since FROM good ORDER BY id', '{"entry": "since"}'),
	('a negative entry', 'SELECT *, CASE id WHEN 7 THEN -1 ELSE 0 END AS since FROM good ORDER BY id', '{"entry": "since"}'),
	('NULL entries', 'SELECT *, CASE WHEN id % 9 > 0 THEN 0 END AS since FROM good', '{"entry": "since"}'),
	('entries so late that nobody is compared', 'SELECT *, months - 1 AS since FROM good', '{"entry": "since"}'),
	('negative weights', 'SELECT *, 3 - id AS w FROM good ORDER BY id', '{"weight": "w"}'),
	('weights of 0', 'SELECT *, 0 AS w FROM good', '{"weight": "w"}'),
	('most weights 0', 'SELECT *, (id % 4 = 0)::int AS w FROM good', '{"weight": "w"}'),
	('only those that go on have weight', 'SELECT *, (NOT ended)::int AS w FROM good', '{"weight": "w"}'),
	('huge weights', 'SELECT *, 1e308::float8 AS w FROM good', '{"weight": "w"}'),
	('tiny weights', 'SELECT *, 1e-300::float8 AS w FROM good', '{"weight": "w"}'),
	('no duration named', 'SELECT * FROM good', '{"duration": null}'),
	('a duration that is not there', 'SELECT * FROM good', '{"duration": "days"}'),
	('duration and target are one', 'SELECT * FROM good', '{"duration": "ended"}'),
	('a margin of text', 'SELECT * FROM good', '{"margin": "plan"}'),
	('strata of one row', 'SELECT id, months, ended, seats, CASE id WHEN 7 THEN ''alone'' WHEN 8 THEN ''single'' ELSE plan END AS plan FROM good', '{"strata": ["plan"]}'),
	('a stratum that nobody has ended in', 'SELECT id, months, ended AND plan <> ''team'' AS ended, seats, plan FROM good', '{"strata": ["plan"]}'),
	('too many strata', 'SELECT id, months, ended, id AS each FROM good', '{"strata": ["each"]}'),
	('strata of NULL', 'SELECT id, months, ended, seats, nullif(plan, ''team'') AS plan FROM good', '{"strata": ["plan"]}');
SELECT fault || ', ' || string_agg(method, ' ' ORDER BY m.place) || E'\n\t' || answer
FROM fault AS f JOIN method AS m ON NOT f.more ? 'strata' OR m.place < 3,
	LATERAL attempt(format('SELECT coalesce(predseg.describe(m) #>> ''{parameters,status}'', ''a model'') FROM (SELECT predseg.fit(%L, s, %L) AS m FROM (%s) AS s) AS f WHERE m IS NOT NULL',
		m.method, '{"target": "ended", "duration": "months", "key": "id", "time_unit": "month", "on_too_little_data": "error"}'::jsonb || f.more, f.source)) AS answer
GROUP BY f.place, fault, answer ORDER BY f.place, min(m.place);

-- Models of all faults that can be learned from, asked about ordinary and odd rows
CREATE TABLE fitted (fault text, method text, place int, model predseg.model);
DO $$
DECLARE
	f record;
BEGIN
	FOR f IN SELECT fault.fault, source, more, method, method.place FROM fault, method WHERE fault <> 'the duration is an interval' ORDER BY fault.place LOOP
		BEGIN
			EXECUTE format('INSERT INTO fitted SELECT %L, %L, %L, predseg.fit(%L, s, %L) FROM (SELECT *, 10 AS margin FROM (%s) AS s) AS s',
				f.fault, f.method, f.place, f.method, '{"target": "ended", "duration": "months", "key": "id", "margin": "margin", "time_unit": "month", "on_too_little_data": "error"}'::jsonb
				|| CASE WHEN f.more ? 'strata' AND f.place > 2 THEN '{}' ELSE f.more END, f.source);
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
	END LOOP;
END $$;
CREATE TABLE odd AS
SELECT place, what, months::float8, plan, seats::float8, margin::float8, 0 AS since, 1 AS again, 1 AS constant, 1 AS told, 1 AS nothing, 1 AS a, 1 AS b, 'here'::text AS said
FROM (VALUES (1, 'ordinary', 6, 'plus', 20, 10), (2, 'duration 0', 0, 'plus', 20, 10), (3, 'duration beyond what was seen', 1000, 'plus', 20, 10),
	(4, 'duration far beyond', 1e90, 'plus', 20, 10), (5, 'NULL duration', NULL, 'plus', 20, 10), (6, 'NULL margin', 6, 'plus', 20, NULL),
	(7, 'NULL columns', 6, NULL, NULL, 10), (8, 'unseen level', 6, 'gold', 20, 10), (9, 'far number', 6, 'plus', -1e300, 10), (10, 'far other number', 6, 'plus', 1e300, 10),
	(11, 'negative margin', 6, 'plus', 20, -5), (12, 'huge margin', 6, 'plus', 20, 1e308), (13, 'negative duration', -1, 'plus', 20, 10),
	(14, 'infinite duration', 'infinity'::float8, 'plus', 20, 10)) AS v (place, what, months, plan, seats, margin);
CREATE TABLE question (place serial, question text);
INSERT INTO question (question) VALUES ('score(m, o)'), ('p_alive(m, o)'), ('p_alive(m, o, ''3 months'')'), ('churn_probability(m, o, ''3 months'')'),
	('churn_probability(m, o, ''100000 years'')'), ('expected_lifetime(m, o, ''3 months'')'), ('expected_lifetime(m, o)'), ('clv(m, o)'),
	('clv(m, o, ''3 months'', 0.1)'), ('clv(m, o, NULL, 0.1)'), ('clv(m, o, NULL, 1e-12)'), ('clv(m, o, ''1 year'', 1e6)');
CREATE TABLE said AS
SELECT f.fault, f.method, f.place AS method_place, o.place AS row_place, o.what, q.place AS question_place, q.question,
	attempt(format('SELECT predseg.%s FROM fitted AS f, odd AS o WHERE f.fault = %L AND f.method = %L AND o.place = %s', replace(question, '(m,', '(f.model,'), fault, method, o.place)) AS answer
FROM fitted AS f, odd AS o, question AS q WHERE fault = 'nothing is wrong' OR o.place IN (1, 3, 9, 10);
SELECT count(*) > 5000 AS many, count(*) FILTER (WHERE answer ~ '^answer: .*(NaN|Infinity)') AS not_finite,
	count(*) FILTER (WHERE (question LIKE 'p\_alive%' OR question LIKE 'churn%') AND answer LIKE 'answer%' AND NOT substr(answer, 9)::float8 BETWEEN 0 AND 1) AS no_probability,
	count(*) FILTER (WHERE question LIKE 'expected%' AND answer LIKE 'answer%' AND substr(answer, 9)::float8 < 0) AS negative
FROM said;
SELECT what || ', ' || string_agg(DISTINCT question, ' ') || E'\n\t' || answer FROM (SELECT what, row_place, regexp_replace(question, '\(.*', '') AS question, answer FROM said WHERE answer !~ '^(answer|NULL)' AND answer !~ 'no column|but the model was trained') AS errors
GROUP BY row_place, what, answer ORDER BY row_place;

-- Where an answer is NULL, by an ordinary model: beyond what was seen, or where it is infinite
SELECT what || ', ' || method || ': ' || string_agg(replace(replace(question, 'm, o, ', ''), '(m, o)', '()'), ' ' ORDER BY question_place)
FROM said WHERE fault = 'nothing is wrong' AND answer = 'NULL' AND what NOT LIKE 'NULL%' GROUP BY row_place, what, method_place, method ORDER BY row_place, method_place;

-- Horizons and discounts that cannot be
SELECT question || ', ' || string_agg(method, ' ' ORDER BY f.place) || E'\n\t' || answer
FROM fitted AS f, unnest('{"churn_probability(f.model, o)", "churn_probability(f.model, o, ''0'')", "churn_probability(f.model, o, ''-1 day'')", "p_alive(f.model, o, ''-1 day'')",
	"expected_lifetime(f.model, o, ''0'')", "clv(f.model, o, ''1 year'', -0.1)", "clv(f.model, o, ''1 year'', ''NaN'')", "clv(f.model, o, ''1 year'', ''infinity'')", "next_purchase(f.model, o)"}'::text[]) WITH ORDINALITY AS q (question, place),
	LATERAL regexp_replace(attempt(format('SELECT predseg.%s FROM fitted AS f, odd AS o WHERE f.fault = %L AND f.method = %L AND o.place = 1', question, fault, method)), 'a "[a-z_]+" model', 'a model of such a method') AS answer
WHERE fault = 'nothing is wrong' GROUP BY q.place, question, answer ORDER BY q.place, min(f.place);

-- Curves fall from at most 1 to at least 0, and nobody ends who was not at risk
SELECT method, count(DISTINCT fault) > 20 AS many, bool_and(survival BETWEEN 0 AND before) AS falls, bool_and(ended > 0 AND ended <= at_risk * (1 + 1e-9)) AS counted
FROM (SELECT f.method, f.fault, c.*, coalesce(lag(survival) OVER (PARTITION BY method, fault, stratum ORDER BY at), 1) AS before
	FROM fitted AS f, predseg.survival_curve(model) AS c) AS curves GROUP BY method ORDER BY method;

-- Evaluation on rows that say too little
SELECT fault || ', ' || string_agg(method, ' ' ORDER BY f.place) || E'\n\t' || answer
FROM fitted AS f, (VALUES (1, 'SELECT * FROM good WHERE false'), (2, 'SELECT *, 10 AS margin FROM good WHERE NOT ended'), (3, 'SELECT *, 10 AS margin FROM good WHERE id = 3'),
	(4, 'SELECT id, NULL::int AS months, ended, plan, seats, 10 AS margin FROM good'), (5, 'SELECT id, 0 AS months, true AS ended, plan, seats, 10 AS margin FROM good')) AS e (place, source),
	LATERAL attempt(format('SELECT string_agg(metric, '' '') FILTER (WHERE value IS NOT NULL) FROM (SELECT model AS m FROM fitted WHERE fault = ''nothing is wrong'' AND method = %L) AS f, predseg.evaluate(m, %L)', method, e.source)) AS answer
WHERE f.fault = 'nothing is wrong' GROUP BY e.place, fault, answer ORDER BY e.place, min(f.place);
DROP TABLE good, method, fault, fitted, odd, question, said;
DROP FUNCTION attempt;
