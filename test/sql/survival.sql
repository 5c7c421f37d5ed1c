-- Contracts: all methods.
CREATE TABLE remission (patient int, treatment text, weeks int, relapsed boolean);
INSERT INTO remission
SELECT ordinality, 'treated', w, ordinality <= 9
FROM unnest(ARRAY[6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]) WITH ORDINALITY AS t (w, ordinality)
UNION ALL
SELECT 21 + ordinality, 'placebo', w, true
FROM unnest(ARRAY[1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]) WITH ORDINALITY AS t (w, ordinality);

-- Freireich and others (1963): log-rank 16.79 on one degree of freedom
CREATE TABLE curves AS
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks", "strata": ["treatment"], "time_unit": "week"}') AS model
FROM remission AS r;
SELECT round((d -> 'log_rank' ->> 'chi_squared')::numeric, 2) AS chi_squared, d -> 'log_rank' ->> 'degrees_of_freedom' AS degrees_of_freedom,
	(d -> 'log_rank' ->> 'p')::numeric < 0.0001 AS significant
FROM (SELECT predseg.describe(model) -> 'parameters' AS d FROM curves) AS p;
SELECT stratum, at, at_risk, ended, round(survival::numeric, 4) AS survival, round(standard_error::numeric, 4) AS standard_error,
	round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper
FROM curves, predseg.survival_curve(model) WHERE stratum = 'treated' ORDER BY at;
SELECT weeks, round(predseg.score(model, r.*)::numeric, 4) AS longer,
	round(predseg.churn_probability(model, r.*, '10 weeks')::numeric, 4) AS churn,
	round(predseg.p_alive(model, r.*, '10 weeks')::numeric, 4) AS stays,
	round(predseg.expected_lifetime(model, r.*, '10 weeks')::numeric, 2) AS days
FROM curves, remission AS r WHERE treatment = 'treated' AND NOT relapsed ORDER BY weeks, patient;
SELECT predseg.churn_probability(model, r.*) FROM curves, remission AS r LIMIT 1;
SELECT predseg.clv(model, r.*) FROM curves, remission AS r LIMIT 1;

-- a stratum that was not there, and a duration that is not known
SELECT predseg.score(model, r.*) FROM curves, (VALUES ('other', 3), (NULL, 3), ('treated', NULL)) AS r (treatment, weeks);

-- Cox of the same data, Efron's ties: coefficient 1.572, standard error 0.412 (R's survival)
CREATE TABLE hazards AS
SELECT predseg.fit('cox', r.*, '{"target": "relapsed", "duration": "weeks", "key": "patient", "time_unit": "week"}') AS model FROM remission AS r;
SELECT t ->> 'column' AS "column", t ->> 'level' AS level, round((t ->> 'coefficient')::numeric, 3) AS coefficient,
	round((t ->> 'standard_error')::numeric, 3) AS standard_error, round((t ->> 'hazard_ratio')::numeric, 2) AS hazard_ratio
FROM hazards, jsonb_array_elements(predseg.describe(model) -> 'parameters' -> 'terms') AS t;
SELECT treatment, weeks, round(predseg.score(model, r.*)::numeric, 3) AS log_hazard,
	round(predseg.churn_probability(model, r.*, '4 weeks')::numeric, 3) AS within_4_weeks,
	round((SELECT sum(contribution) FROM predseg.explain(model, r.*))::numeric, 3) AS explained
FROM hazards, remission AS r WHERE patient IN (1, 30);
SELECT at, at_risk, ended, round(survival::numeric, 4) AS survival, standard_error FROM hazards, predseg.survival_curve(model) WHERE at < 4 ORDER BY at;
DROP TABLE hazards;

-- Weibull of the same data: intercept 2.248, treatment 1.267, scale 0.732, log-likelihood -106.6 (R's survreg)
CREATE TABLE lifetimes AS
SELECT predseg.fit('weibull_aft', r.*, '{"target": "relapsed", "duration": "weeks", "key": "patient", "time_unit": "week"}') AS model FROM remission AS r;
SELECT round((p -> 'intercept' ->> 'coefficient')::numeric, 3) AS intercept, t ->> 'column' AS "column", t ->> 'level' AS level,
	round((t ->> 'coefficient')::numeric, 3) AS coefficient, round((t ->> 'time_ratio')::numeric, 3) AS time_ratio,
	round((p ->> 'scale')::numeric, 3) AS scale, round((p ->> 'log_likelihood')::numeric, 1) AS log_likelihood
FROM (SELECT predseg.describe(model) -> 'parameters' AS p FROM lifetimes) AS d, jsonb_array_elements(p -> 'terms') AS t;
SELECT treatment, weeks, round(predseg.score(model, r.*)::numeric, 3) AS log_weeks,
	round((SELECT sum(contribution) FROM predseg.explain(model, r.*))::numeric, 3) AS explained,
	round(predseg.churn_probability(model, r.*, '4 weeks')::numeric, 3) AS within_4_weeks,
	round(predseg.p_alive(model, r.*, '4 weeks')::numeric, 3) AS stays, round(predseg.expected_lifetime(model, r.*)::numeric, 1) AS days
FROM lifetimes, remission AS r WHERE patient IN (1, 30);
SELECT distribution, round((predseg.describe(predseg.fit('weibull_aft', r.*, jsonb_build_object('target', 'relapsed', 'duration', 'weeks', 'key', 'patient',
	'distribution', distribution))) -> 'parameters' ->> 'log_likelihood')::numeric, 2) AS log_likelihood
FROM remission AS r, unnest(ARRAY['weibull', 'exponential', 'log_normal', 'log_logistic']) AS distribution GROUP BY distribution ORDER BY 1;
DROP TABLE lifetimes;

-- every method shows its curve beside what was counted, at the same times; strata are those of kaplan_meier and cox
CREATE TABLE shown AS
SELECT method, distribution, predseg.fit(method, r.*, jsonb_strip_nulls(jsonb_build_object('target', 'relapsed', 'duration', 'weeks', 'time_unit', 'week',
	'exclude', '["patient"]'::jsonb, 'distribution', distribution))) AS model
FROM remission AS r, (VALUES ('kaplan_meier', NULL), ('cox', NULL), ('weibull_aft', 'weibull'), ('weibull_aft', 'exponential'), ('weibull_aft', 'log_normal'),
	('weibull_aft', 'log_logistic'), ('discrete_hazard', NULL), ('shifted_beta_geometric', NULL)) AS asked (method, distribution)
GROUP BY method, distribution;
SELECT m.method, m.distribution, count(*) AS times, bool_and((c.at, c.at_risk, c.ended) = (k.at, k.at_risk, k.ended)) AS counts_are_those_of_kaplan_meier,
	round(max(abs(c.survival - k.survival))::numeric, 3) AS farthest, round(min(c.survival)::numeric, 4) AS at_the_end
FROM shown AS m CROSS JOIN predseg.survival_curve(m.model) AS c
JOIN (SELECT k.* FROM shown, predseg.survival_curve(model) AS k WHERE method = 'kaplan_meier') AS k USING (at)
GROUP BY 1, 2 ORDER BY 1, 2;
DROP TABLE shown;
SELECT count(*) AS of_known_parameters FROM predseg.survival_curve(predseg.make_model('shifted_beta_geometric', '{"alpha": 2, "beta": 6}', '{"duration": "years"}'));

-- the regression of patient-weeks; a part of a week is not nothing
CREATE TABLE weekly AS
SELECT predseg.fit('discrete_hazard', r.*, '{"target": "relapsed", "duration": "weeks", "key": "patient", "time_unit": "week", "knots": 0}') AS model FROM remission AS r;
SELECT t ->> 'level' AS level, round((t ->> 'coefficient')::numeric, 3) AS coefficient, round((t ->> 'standard_error')::numeric, 3) AS standard_error,
	round((t ->> 'odds_ratio')::numeric, 3) AS odds_ratio, round((p ->> 'log_likelihood')::numeric, 2) AS log_likelihood
FROM (SELECT predseg.describe(model) -> 'parameters' AS p FROM weekly) AS d, jsonb_array_elements(p -> 'terms') AS t;
SELECT treatment, weeks, round((1 / (1 + exp(-predseg.score(model, r.*))))::numeric, 4) AS this_week,
	round(predseg.churn_probability(model, r.*, '1 week')::numeric, 4) AS within_a_week,
	round(predseg.churn_probability(model, r.*, '2 days')::numeric, 4) AS within_2_days,
	round((SELECT sum(contribution) FROM predseg.explain(model, r.*))::numeric - predseg.score(model, r.*)::numeric, 9) AS unexplained,
	round(predseg.expected_lifetime(model, r.*, '10 weeks')::numeric, 1) AS days
FROM weekly, remission AS r WHERE patient IN (1, 30);
DROP TABLE weekly;
SELECT predseg.fit('weibull_aft', r.*, '{"target": "gone", "duration": "days"}') FROM (VALUES (0, true), (3, true)) AS r (days, gone);
SELECT predseg.fit('discrete_hazard', r.*, '{"target": "gone", "duration": "seconds"}') FROM (VALUES (86400, true), (3, true)) AS r (seconds, gone);

-- late entry: only those who are under observation are at risk
SELECT at, at_risk, ended, round(survival::numeric, 4) AS survival
FROM predseg.survival_curve((SELECT predseg.fit('kaplan_meier', r.*, '{"target": "gone", "duration": "until", "entry": "since"}')
	FROM (VALUES (0, 3, true), (2, 5, true), (4, 6, false), (0, 4, true)) AS r (since, until, gone))) ORDER BY at;

-- durations as intervals count in the time unit
SELECT at, survival FROM predseg.survival_curve((SELECT predseg.fit('kaplan_meier', r.*,
	'{"target": "gone", "duration": "stayed", "time_unit": "week"}')
	FROM (VALUES (interval '7 days', true), (interval '21 days', false)) AS r (stayed, gone)));

-- Fader and Hardie (2007), the segment "high end": alpha 0.668, beta 3.806, log-likelihood -1611.2
CREATE TABLE renewals AS
SELECT year, n - coalesce(lead(n) OVER (ORDER BY year), 0) AS customers, true AS gone FROM
	unnest(ARRAY[1000, 869, 743, 653, 593, 551, 517]) WITH ORDINALITY AS active (n, year);
UPDATE renewals SET customers = 517 - 491 WHERE year = 7;
INSERT INTO renewals VALUES (7, 491, false);
CREATE TABLE retention AS
SELECT predseg.fit('shifted_beta_geometric', r.*, '{"target": "gone", "duration": "year", "weight": "customers", "time_unit": "year"}') AS model
FROM renewals AS r;
SELECT p ->> 'status' AS status, round((p ->> 'alpha')::numeric, 3) AS alpha, round((p ->> 'beta')::numeric, 3) AS beta,
	round((p ->> 'log_likelihood')::numeric, 1) AS log_likelihood, p -> 'standard_errors' IS NOT NULL AS has_errors
FROM (SELECT predseg.describe(model) -> 'parameters' AS p FROM retention) AS d;
SELECT year, round(predseg.score(model, r.*)::numeric, 4) AS next_renewal,
	round(predseg.churn_probability(model, r.*, '1 year')::numeric, 4) AS within_a_year,
	round((predseg.expected_lifetime(model, r.*, '5 years') / 365.25)::numeric, 3) AS years_of_five
FROM retention, renewals AS r WHERE gone ORDER BY year;
SELECT predseg.expected_lifetime(model, r.*) FROM retention, renewals AS r LIMIT 1;

-- hardly any contract ends, and those at once: by mpmath, the integral of the ratio of Gamma functions with 40 digits
SELECT abs(predseg.expected_lifetime(predseg.make_model('shifted_beta_geometric', '{"alpha": 1e-6, "beta": 0.001}', '{"duration": "years", "time_unit": "year"}'), r.*, '10 years') / 365.25
	/ 9.98999834905658 - 1) < 1e-12 AS few_at_once FROM (SELECT 0 AS years) AS r;

-- durations that are no multiples of the curve's steps in binary
SELECT method, count(predseg.expected_lifetime(m, p.*)) AS known, bool_and(predseg.expected_lifetime(m, p.*, '1 day') BETWEEN 0 AND 1) AS possible
FROM (SELECT 'kaplan_meier' AS method, predseg.fit('kaplan_meier', p.*, '{"target": "ended", "duration": "days"}') AS m FROM (SELECT i / 9.0 AS days, i % 3 > 0 OR i = 97 AS ended FROM generate_series(1, 97) AS i) AS p) AS fitted,
	(SELECT i / 9.0 AS days FROM generate_series(1, 97) AS i) AS p GROUP BY method;

-- known parameters, and money: 100 a year for as long as the contract lasts
SELECT round(predseg.clv(m, r.*, NULL, 0.1)::numeric, 2) AS value, round(predseg.clv(m, r.*, '3 years')::numeric, 2) AS three_years
FROM predseg.make_model('shifted_beta_geometric', '{"alpha": 2, "beta": 6}',
	'{"duration": "years", "margin": "margin", "time_unit": "year"}') AS m,
	(VALUES (0, 100), (5, 100), (5, NULL)) AS r (years, margin);

-- a target of texts: what was yes in training is an end, also for evaluate
CREATE TABLE spoken AS SELECT patient, treatment, weeks, CASE WHEN relapsed THEN 'Yes' ELSE 'No' END AS relapsed FROM remission;
SELECT method, predseg.describe(words) -> 'classes' AS classes, (predseg.describe(words) -> 'parameters') = (predseg.describe(truths) -> 'parameters') AS same
FROM unnest(ARRAY['kaplan_meier', 'cox', 'shifted_beta_geometric']) AS method,
	LATERAL (SELECT predseg.fit(method, s.*, '{"target": "relapsed", "duration": "weeks", "exclude": ["patient", "treatment"]}') AS words FROM spoken AS s) AS w,
	LATERAL (SELECT predseg.fit(method, r.*, '{"target": "relapsed", "duration": "weeks", "exclude": ["patient", "treatment"]}') AS truths FROM remission AS r) AS t;
SELECT predseg.describe(predseg.fit('kaplan_meier', s.*, '{"target": "relapsed", "duration": "weeks", "positive": "No"}')) -> 'classes' AS turned FROM spoken AS s;
SELECT count(*) AS metrics, bool_and(w.value IS NOT DISTINCT FROM t.value) AS same
FROM (SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks"}') AS m FROM remission AS r) AS truths,
	(SELECT predseg.fit('kaplan_meier', s.*, '{"target": "relapsed", "duration": "weeks"}') AS m FROM spoken AS s) AS words,
	LATERAL predseg.evaluate(truths.m, 'remission') AS t, LATERAL predseg.evaluate(words.m, 'spoken') AS w WHERE w.metric = t.metric;
SELECT predseg.evaluate(predseg.fit('kaplan_meier', s.*, '{"target": "relapsed", "duration": "weeks"}'), $$SELECT weeks, 'maybe' AS relapsed FROM spoken$$) FROM spoken AS s;
DROP TABLE spoken;

-- what cannot be
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks", "key": "patient", "strata": ["patient"]}') FROM remission AS r;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks", "strata": ["treatment", "treatment"]}') FROM remission AS r;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks", "strata": ["weeks"]}') FROM remission AS r;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed"}') FROM remission AS r;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "treatment"}') FROM remission AS r;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks", "entry": "weeks"}') FROM remission AS r;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks"}') FROM remission AS r WHERE NOT relapsed;
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "relapsed", "duration": "weeks"}') FROM (VALUES (true, -3)) AS r (relapsed, weeks);
SELECT predseg.fit('kaplan_meier', r.*, '{"target": "gone", "duration": "until", "entry": "since"}') FROM (VALUES (3, 3, true)) AS r (since, until, gone);
SELECT predseg.fit('shifted_beta_geometric', r.*, '{"target": "gone", "duration": "months"}') FROM (VALUES (3.5, true)) AS r (months, gone);
SELECT predseg.make_model('shifted_beta_geometric', '{"alpha": 2, "b": 6}', '{"duration": "years"}');

-- trained and deployed under a name
SET client_min_messages = warning;
SELECT version, deployed, metrics ->> 'ended' AS ended FROM predseg.train('remission', 'remission', target => 'relapsed', key => 'patient',
	method => 'kaplan_meier', options => '{"duration": "weeks", "time_unit": "week"}');
SELECT round(predseg.churn_probability('remission', r.*, '4 weeks')::numeric, 2) BETWEEN 0 AND 1 AS is_probability FROM remission AS r WHERE patient = 12;

-- what is too little to judge by does not keep the rest from being learned and judged
SELECT by_value, round(value::numeric, 2) AS ended FROM predseg.evaluate('remission', 'SELECT *, nullif(relapsed, false) AS part FROM remission', by => 'part')
WHERE metric = 'ended';
SELECT predseg.evaluate('remission', 'SELECT * FROM remission WHERE NOT relapsed');
SELECT deployed, metrics, notes FROM predseg.train('remission', 'SELECT patient, weeks, patient = 24 AS relapsed FROM remission',
	target => 'relapsed', key => 'patient', method => 'kaplan_meier', options => '{"duration": "weeks"}');
SELECT predseg.drop_model('remission');
DROP TABLE remission, curves, renewals, retention;
