-- linear, and penalties of both linear methods: from fit() to evaluate().
SET client_min_messages = notice;
-- NIST StRD, Longley: employment from six series of the economy; certified values to the digits shown.
CREATE TABLE longley (employed float8, deflator float8, gnp float8, unemployed float8, forces float8, population float8, year int);
INSERT INTO longley VALUES (60323, 83.0, 234289, 2356, 1590, 107608, 1947), (61122, 88.5, 259426, 2325, 1456, 108632, 1948),
	(60171, 88.2, 258054, 3682, 1616, 109773, 1949), (61187, 89.5, 284599, 3351, 1650, 110929, 1950),
	(63221, 96.2, 328975, 2099, 3099, 112075, 1951), (63639, 98.1, 346999, 1932, 3594, 113270, 1952),
	(64989, 99.0, 365385, 1870, 3547, 115094, 1953), (63761, 100.0, 363112, 3578, 3350, 116219, 1954),
	(66019, 101.2, 397469, 2904, 3048, 117388, 1955), (67857, 104.6, 419180, 2822, 2857, 118734, 1956),
	(68169, 108.4, 442769, 2936, 2798, 120445, 1957), (66513, 110.8, 444546, 4681, 2637, 121950, 1958),
	(68655, 112.6, 482704, 3813, 2552, 123366, 1959), (69564, 114.2, 502601, 3931, 2514, 125368, 1960),
	(69331, 115.7, 518173, 4806, 2572, 127852, 1961), (70551, 116.9, 554894, 4007, 2827, 130081, 1962);
CREATE TABLE fitted AS SELECT predseg.fit('linear', l.*, '{"target": "employed"}') AS model FROM longley l;
SELECT term ->> 'column' AS "column", round((term ->> 'coefficient')::numeric, 6) AS coefficient,
	round((term ->> 'standard_error')::numeric, 6) AS standard_error, round((term ->> 't')::numeric, 4) AS t,
	round((term ->> 'p')::numeric, 5) AS p, round((term ->> 'lower')::numeric, 4) AS lower, round((term ->> 'upper')::numeric, 4) AS upper
FROM fitted, jsonb_array_elements(predseg.describe(model) #> '{parameters, terms}') AS term;
SELECT round((p #>> '{intercept, coefficient}')::numeric, 4) AS intercept, round((p ->> 'r_squared')::numeric, 10) AS r_squared,
	round((p ->> 'adjusted_r_squared')::numeric, 10) AS adjusted, round((p ->> 'residual_standard_error')::numeric, 6) AS residual,
	p -> 'degrees_of_freedom' AS degrees, p -> 'status' AS status, p -> 'confidence' AS confidence
FROM (SELECT predseg.describe(model) -> 'parameters' AS p FROM fitted) AS described;
SELECT predseg.describe(model) -> 'method' AS method, max(abs(predseg.score(model, l.*) - s.sum)) < 1e-6 AS explained
FROM longley l, fitted, LATERAL (SELECT sum(contribution) AS sum FROM predseg.explain(model, l.*)) AS s GROUP BY 1;
SELECT bool_and(predseg.score(model::text::predseg.model, l.*) = predseg.score(model, l.*)) AS same FROM longley l, fitted;
\set VERBOSITY terse
SELECT predseg.intent_score(model, l.*) FROM longley l, fitted LIMIT 1;
\set VERBOSITY default
-- A column twice, and one that is a sum; NULLs; a text.
SELECT jsonb_path_query_array(predseg.describe(predseg.fit('linear', s.*, '{"target": "employed"}')), '$.parameters.terms[*].coefficient ? (@ == 0)') AS left_out
FROM (SELECT employed, gnp, forces, gnp AS again, gnp - 2 * forces AS mixed FROM longley) s;
-- Penalties: fewer columns, no standard errors.
SELECT jsonb_path_query_array(d, '$.parameters.terms[*] ? (@.coefficient != 0).column') AS kept, d #> '{parameters, l1}' AS l1,
	d #> '{parameters, l2}' AS l2, d #> '{parameters, no_standard_errors}' AS why, d #> '{parameters, terms, 0}' ? 'standard_error' AS has_error
FROM (SELECT predseg.describe(predseg.fit('linear', l.*, '{"target": "employed", "penalty": 20000, "l1_ratio": 1}')) AS d FROM longley l) AS described;
SELECT predseg.fit('linear', l.*, '{"target": "employed", "penalty": -1}') FROM longley l;
SELECT predseg.fit('linear', l.*, '{"target": "employed", "l1_ratio": 2}') FROM longley l;

-- By name, with a hold-out; visits that do or do not end in a purchase, and what is spent.
CREATE TABLE visit AS
SELECT i AS id, i * 7919 % 100 AS pages, i * 104729 % 97 AS minutes, (ARRAY['mail', 'shop', 'web'])[1 + i % 3] AS channel,
	i * 31 % 11 AS noise, 3 * (i * 7919 % 100) + CASE WHEN i % 3 = 1 THEN 40 ELSE 0 END + hashint4(i) % 50 AS spent,
	(i * 7919 % 100) + hashint4(i) % 60 > 50 AS bought
FROM generate_series(1, 2000) i;
ALTER TABLE visit ADD PRIMARY KEY (id);
SELECT method, rows, holdout_rows, (metrics ->> 'r_squared')::float8 > 0.85 AS good, (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(metrics) k) AS metrics
FROM predseg.train('spending', 'visit', target => 'spent', method => 'linear', exclude => '{bought}');
SELECT metric, value - CASE metric WHEN 'rows' THEN count(*) WHEN 'mean_target' THEN avg(spent)
	WHEN 'rmse' THEN predseg.rmse(spent, s) WHEN 'mae' THEN predseg.mae(spent, s) ELSE value END BETWEEN -1e-9 AND 1e-9 AS same
FROM predseg.evaluate('spending', 'visit'), (SELECT spent, predseg.score('spending', v.*) AS s FROM visit v) AS scored GROUP BY metric, value ORDER BY metric;
-- Least squares: residuals have no mean in any level, and nothing to do with any column.
SELECT max(abs(r.residual)) < 1e-8 AS normal_equations
FROM (SELECT predseg.fit('linear', v.*, '{"target": "spent", "exclude": ["id", "bought"]}') AS m FROM visit v) AS f,
	LATERAL (SELECT unnest(ARRAY[avg(e) FILTER (WHERE channel = 'mail'), avg(e) FILTER (WHERE channel = 'web'), covar_pop(e, pages), covar_pop(e, minutes)])
		FROM (SELECT spent - predseg.score(m, v.*) AS e, v.* FROM visit v) AS e) AS r(residual);
-- One model for each group
SELECT channel, predseg.describe(predseg.fit('linear', v.*, '{"target": "spent", "exclude": ["id", "bought", "channel"]}')) #>> '{training, rows}' AS rows
FROM visit v GROUP BY channel ORDER BY channel;
-- logistic: odds ratios, and columns that an L1 penalty leaves out
SELECT term ->> 'column' AS "column", abs((term ->> 'odds_ratio')::float8 - exp((term ->> 'coefficient')::float8)) < 1e-12 AS ratio,
	(term ->> 'odds_ratio_lower')::float8 < (term ->> 'odds_ratio')::float8 AND (term ->> 'odds_ratio')::float8 < (term ->> 'odds_ratio_upper')::float8 AS inside
FROM (SELECT predseg.fit('logistic', v.*, '{"target": "bought", "exclude": ["id", "spent"]}') AS m FROM visit v) AS f,
	jsonb_array_elements(predseg.describe(m) #> '{parameters, terms}') AS term;
SELECT jsonb_path_query_array(predseg.describe(predseg.fit('logistic', v.*, '{"target": "bought", "exclude": ["id", "spent"], "penalty": 60, "l1_ratio": 1}')),
	'$.parameters.terms[*] ? (@.coefficient != 0).column') AS kept FROM visit v;
-- Targets that are not numbers to learn
SELECT predseg.fit('linear', v.*, '{"target": "channel"}') FROM visit v;
SELECT predseg.fit('linear', v.*, '{"exclude": ["id"]}') FROM visit v;
SELECT count(predseg.drop_model(name)) AS dropped FROM predseg.models;
DROP TABLE longley, fitted, visit;
