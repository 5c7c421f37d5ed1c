-- What must not change what is said of contracts: the unit of time, the order of rows, weights in place of copies.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on

-- Contracts of whole weeks, some joined late, some seen to the end; the draws are hashes, the same everywhere.
CREATE FUNCTION draw(contract int, what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
	$$SELECT ((('x' || substr(md5(contract || what), 1, 8))::bit(32)::bigint) + 0.5) / 4294967296$$;
CREATE TABLE contract AS
SELECT c AS id, greatest(1, least(ends, 30))::int AS weeks, 7 * greatest(1, least(ends, 30)) AS days, ends <= 30 AS ended, seats, plan,
	greatest(1, least(ends, 30))::int / 3 * (c % 4 / 3) AS since_week, 7 * (greatest(1, least(ends, 30))::int / 3 * (c % 4 / 3)) AS since_day, 1 + c % 3 AS w
FROM (SELECT c, 1 + (c * 7) % 10 AS seats, (ARRAY['basic', 'plus', 'pro'])[1 + c % 3] AS plan,
	ceil(-ln(draw(c, 'end')) ^ 1.3 * 15 * exp(0.05 * (c * 7 % 10) + 0.2 * (c % 3))) AS ends FROM generate_series(1, 600) c) AS made;

CREATE TABLE asked (name text, method text, options jsonb);
INSERT INTO asked VALUES ('kaplan_meier', 'kaplan_meier', '{"strata": ["plan"], "exclude": ["id", "w", "seats"]}'), ('cox', 'cox', '{"exclude": ["id", "w"]}'),
	('cox breslow', 'cox', '{"ties": "breslow", "exclude": ["id", "w"]}'), ('cox strata', 'cox', '{"ties": "breslow", "strata": ["plan"], "exclude": ["id", "w"]}'),
	('weibull', 'weibull_aft', '{"exclude": ["id", "w"]}'), ('exponential', 'weibull_aft', '{"distribution": "exponential", "exclude": ["id", "w"]}'),
	('log_normal', 'weibull_aft', '{"distribution": "log_normal", "exclude": ["id", "w"]}'), ('log_logistic', 'weibull_aft', '{"distribution": "log_logistic", "exclude": ["id", "w"]}'),
	('discrete_hazard', 'discrete_hazard', '{"exclude": ["id", "w"]}'), ('discrete cloglog', 'discrete_hazard', '{"link": "cloglog", "exclude": ["id", "w"]}'),
	('shifted_beta_geometric', 'shifted_beta_geometric', '{}');
CREATE VIEW by_week AS SELECT id, weeks AS until, since_week AS since, ended, seats, plan, w FROM contract;
CREATE TABLE asked_about AS SELECT * FROM by_week WHERE id <= 20 AND until < 15;
CREATE VIEW by_day AS SELECT id, days AS until, since_day AS since, ended, seats, plan, w FROM contract;
-- What a model says, and how well it fits; tests and errors as sums.  Not the parameters: the level of a text that the others are compared with is the one of most rows.
CREATE FUNCTION numbers(model predseg.model) RETURNS TABLE (what text, number float8) LANGUAGE sql AS $$
	SELECT 'log_likelihood', (p ->> 'log_likelihood')::float8 FROM (SELECT predseg.describe(model) -> 'parameters') AS d (p)
	UNION ALL SELECT 'log_rank', (p #>> '{log_rank,chi_squared}')::float8 FROM (SELECT predseg.describe(model) -> 'parameters') AS d (p)
	UNION ALL SELECT what, (t ->> what)::float8 FROM unnest('{coefficient,standard_error,proportionality_chi_squared}'::text[]) AS what,
		jsonb_array_elements(predseg.describe(model) #> '{parameters,terms}') AS t WHERE t ->> 'column' = 'seats'
	UNION ALL SELECT 'churn ' || id, predseg.churn_probability(model, c.*, '28 days') FROM asked_about c
	UNION ALL SELECT 'lifetime ' || id, predseg.expected_lifetime(model, c.*, '70 days') FROM asked_about c
$$;
-- The largest relative difference between what two models say.
CREATE FUNCTION distance(a predseg.model, b predseg.model, leave_out text DEFAULT 'nothing') RETURNS float8 LANGUAGE sql AS $$
	SELECT max(abs(x.number - y.number) / greatest(abs(x.number), abs(y.number), 1e-300))
	FROM (SELECT *, row_number() OVER () AS i FROM numbers(a)) x JOIN (SELECT *, row_number() OVER () AS i FROM numbers(b)) y USING (i, what) WHERE what !~ leave_out
$$;
UPDATE asked SET options = options || '{"target": "ended", "duration": "until", "entry": "since", "time_unit": "week"}';
CREATE TABLE model AS SELECT name, method, options, predseg.fit(method, c.*, options) AS m FROM by_week c, asked GROUP BY name, method, options;

-- The order of rows changes nothing, nor do copies in place of weights; but in Efron's terms, as in R, rows that end together share their weight evenly.
SELECT name, distance(m, (SELECT predseg.fit(method, c.*, options ORDER BY hashint4(id)) FROM by_week c)) < 1e-9 AS order_of_rows,
	distance((SELECT predseg.fit(method, c.*, options) FROM by_week c, generate_series(1, w)),
		(SELECT predseg.fit(method, c.*, options || '{"weight": "w"}') FROM by_week c)) < CASE name WHEN 'cox' THEN 0.01 ELSE 1e-9 END AS weights
FROM model ORDER BY name COLLATE "C";

-- Weeks or days: the likelihood of a density is one in that unit, and nothing else changes.
SELECT name, max(abs(predseg.churn_probability(m, w.*, '28 days') / predseg.churn_probability(d, b.*, '28 days') - 1)) < 1e-6 AS churn,
	max(abs(predseg.expected_lifetime(m, w.*, '70 days') / predseg.expected_lifetime(d, b.*, '70 days') - 1)) < 1e-6 AS lifetime,
	max(abs(predseg.p_alive(m, w.*, '28 days') / predseg.p_alive(d, b.*, '28 days') - 1)) < 1e-6 AS p_alive
FROM (SELECT name, m, (SELECT predseg.fit(method, c.*, options || '{"time_unit": "day"}') FROM by_day c) AS d FROM model WHERE method IN ('kaplan_meier', 'cox', 'weibull_aft')) AS f,
	asked_about w JOIN by_day b USING (id) GROUP BY name ORDER BY name COLLATE "C";

-- The methods of periods count them, whatever their length: four months of monthly ones are as good as four weeks of weekly ones.
SELECT name, bool_and(predseg.describe(m) #> '{parameters,log_likelihood}' = predseg.describe(l) #> '{parameters,log_likelihood}') AS likelihood,
	bool_and(predseg.churn_probability(m, w.*, '28 days') = predseg.churn_probability(l, w.*, '4 months')) AS churn,
	max(abs(predseg.expected_lifetime(l, w.*, '10 months') / predseg.expected_lifetime(m, w.*, '70 days') / (365.25 / 84) - 1)) < 1e-12 AS lifetime
FROM (SELECT name, m, (SELECT predseg.fit(method, c.*, options || '{"time_unit": "month"}') FROM by_week c) AS l FROM model WHERE method IN ('discrete_hazard', 'shifted_beta_geometric')) AS f,
	asked_about w GROUP BY name ORDER BY name COLLATE "C";

-- Margins in cents: values a hundred times as large.
SELECT name, max(abs(predseg.clv(c, a.*, '70 days', 0.1) / predseg.clv(e, a.*, '70 days', 0.1) / 100 - 1)) < 1e-12 AS clv,
	bool_and(predseg.churn_probability(c, a.*, '28 days') = predseg.churn_probability(e, a.*, '28 days')) AS churn
FROM (SELECT name, predseg.fit(method, c.*, options || '{"margin": "euros", "exclude": ["id", "w", "seats", "plan", "cents"]}') AS e,
		predseg.fit(method, c.*, options || '{"margin": "cents", "exclude": ["id", "w", "seats", "plan", "euros"]}') AS c
	FROM model, (SELECT *, 3.3 * seats AS euros, 330 * seats AS cents FROM by_week) c WHERE method <> 'kaplan_meier' AND name NOT IN ('cox strata') GROUP BY name) AS f,
	(SELECT *, 3.3 * seats AS euros, 330 * seats AS cents FROM asked_about) a GROUP BY name ORDER BY name COLLATE "C";

DROP VIEW by_day, by_week;
DROP TABLE contract, asked, model, asked_about;
DROP FUNCTION numbers, distance, draw;
