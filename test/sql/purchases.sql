-- Purchase models: numbers of purchases, and days on which something comes true.
SET client_min_messages = warning;

CREATE TABLE known AS
SELECT method, predseg.make_model(method, parameters, '{"time_unit": "week", "frequency": "x", "recency": "t_x", "tenure": "t"}') AS m
FROM (VALUES ('bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}'::jsonb),
	('mbg_nbd', '{"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}'),
	('pareto_nbd', '{"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}'),
	('bg_bb', '{"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}')) AS v (method, parameters);
CREATE TABLE history AS SELECT 2 AS x, 30 AS t_x, 38 AS t;

SELECT method, round(predseg.p_alive(m, h.*)::numeric, 6) AS p_alive, round(predseg.p_alive(m, h.*, '273 days')::numeric, 6) AS later,
	round(predseg.expected_purchases(m, h.*, '273 days')::numeric, 6) AS expected,
	round(predseg.churn_probability(m, h.*, '273 days')::numeric, 6) AS churn
FROM known, history h ORDER BY method COLLATE "C";

SELECT method, max(abs(predseg.p_alive_log_odds(m, h.*, horizon) - ln(alive / (1 - alive)))) < 1e-10 AS log_odds,
	bool_and(predseg.p_alive_log_odds(m, n.*) IS NULL) AS certain, bool_and(predseg.p_alive_log_odds(m, n.*, '1 week') > 0) AS not_later
FROM known, history h, unnest('{NULL, 1 week, 10 years}'::interval[]) AS horizon, LATERAL predseg.p_alive(m, h.*, horizon) AS alive,
	(SELECT 0 AS x, 0 AS t_x, 0 AS t) AS n
GROUP BY method ORDER BY method COLLATE "C";

-- The probabilities of all numbers sum to 1, and their mean is what is expected.
SELECT method, abs(sum(predseg.p_exactly(m, h.*, '273 days', n)) - 1) < 1e-9 AS all_numbers,
	abs(sum(n * predseg.p_exactly(m, h.*, '273 days', n)) - min(predseg.expected_purchases(m, h.*, '273 days'))) < 1e-7 AS mean,
	max(abs(predseg.p_at_least(m, h.*, '273 days', n) - predseg.p_at_least(m, h.*, '273 days', n + 1) - predseg.p_exactly(m, h.*, '273 days', n))) < 1e-9 AS differences
FROM known, history h, generate_series(0, 200) AS n GROUP BY method ORDER BY method COLLATE "C";
SELECT method, abs(predseg.p_exactly(m, h.*, '273 days', 0) - predseg.churn_probability(m, h.*, '273 days')) < 1e-12 AS none_is_churn,
	predseg.p_at_least(m, h.*, '273 days', 0) AS any_number
FROM known, history h ORDER BY method COLLATE "C";

-- Discounted purchases: published ones (BTYD 2.4.3), to the digits printed; those of BG/NBD and MBG/NBD by test/unit/reference/purchases.py.
SELECT what, abs(predseg.discounted_purchases(predseg.make_model(method, parameters, jsonb_build_object('time_unit', unit, 'frequency', 'x', 'recency', 't_x', 'tenure', 't')),
	v.*, NULL, discount) / published - 1) < 1e-9 AS same
FROM (VALUES ('Pareto/NBD', 'pareto_nbd', '{"r": 0.5629966, "alpha": 12.559037, "s": 0.4081095, "beta": 10.5148048}'::jsonb, 'week', exp(0.0027 * 365.25 / 7) - 1, 7, 35, 77.86, 1.864183328),
	('Pareto/NBD, once', 'pareto_nbd', '{"r": 0.5629966, "alpha": 12.559037, "s": 0.4081095, "beta": 10.5148048}', 'week', exp(0.0027 * 365.25 / 7) - 1, 1, 30, 77.86, 2.19915545),
	('BG/BB', 'bg_bb', '{"alpha": 1.20, "beta": 0.75, "gamma": 0.66, "delta": 2.78}', 'year', 0.1, 1, 6, 6, 1.802044799),
	('BG/BB, five times', 'bg_bb', '{"alpha": 1.20, "beta": 0.75, "gamma": 0.66, "delta": 2.78}', 'year', 0.1, 5, 6, 6, 5.078489887),
	('BG/NBD', 'bg_nbd', '{"r": 0.243, "alpha": 4.414, "a": 0.5, "b": 0.5}', 'day', exp(1e-6 * 365.25) - 1, 0, 0, 0, 157.28631167311057),
	('MBG/NBD', 'mbg_nbd', '{"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}', 'week', exp(0.0027 * 365.25 / 7) - 1, 26, 30.86, 31, 61.41571755830191)
) AS v (what, method, parameters, unit, discount, x, t_x, t, published) ORDER BY what COLLATE "C";
-- Without a discount they are those expected, and they fall with it; without a horizon they are those of a long one; by name as by value.
SELECT method, bool_and(abs(predseg.discounted_purchases(m, h.*, horizon) - predseg.expected_purchases(m, h.*, horizon)) < 1e-14) AS no_discount,
	bool_and(predseg.discounted_purchases(m, h.*, horizon, 0.1) < predseg.discounted_purchases(m, h.*, horizon, 0.01)
		AND predseg.discounted_purchases(m, h.*, horizon, 0.01) < predseg.expected_purchases(m, h.*, horizon)) AS falls,
	bool_and(abs(predseg.discounted_purchases(m, h.*, '1000 years', 0.1) / predseg.discounted_purchases(m, h.*, NULL, 0.1) - 1) < 1e-9) AS endless
FROM known, history h, unnest('{7 days, 273 days, 20 years}'::interval[]) AS horizon GROUP BY method ORDER BY method COLLATE "C";
SELECT predseg.store_model('known', m) FROM known WHERE method = 'pareto_nbd';
SELECT predseg.discounted_purchases('known', h.*, discount => 0.1) = predseg.discounted_purchases(m, h.*, discount => 0.1) AS by_name,
	predseg.discounted_purchases(NULL::predseg.model, h.*, '1 year') IS NULL AS no_model, predseg.discounted_purchases(m, NULL, '1 year') IS NULL AS no_row,
	predseg.discounted_purchases(m, n.*, '1 year') IS NULL AS no_history
FROM known, history h, (SELECT NULL::int AS x, NULL::int AS t_x, NULL::int AS t) AS n WHERE method = 'pareto_nbd';
SELECT predseg.drop_model('known');

-- Days: counted from as_of, of the call or of the row.
SELECT method, predseg.next_purchase(m, h.*, as_of => '2024-12-31') AS next_purchase, predseg.next_purchase(m, h.*, 0.2, '2024-12-31') AS one_in_five,
	predseg.next_purchase(m, h.*, 0.9999, '2024-12-31') AS never,
	predseg.p_alive_below(m, h.*, as_of => '2024-12-31') AS p_alive_below, predseg.churn_above(m, h.*, '90 days', 0.9, '2024-12-31') AS churn_above
FROM known, history h ORDER BY method COLLATE "C";
SELECT method, 1 - predseg.churn_probability(m, h.*, (day - '2024-12-31') * interval '1 day') >= 0.3 AS on_the_day,
	1 - predseg.churn_probability(m, h.*, (day - '2025-01-01') * interval '1 day') < 0.3 AS not_before
FROM known, history h, LATERAL predseg.next_purchase(m, h.*, 0.3, '2024-12-31') AS day ORDER BY method COLLATE "C";
SELECT predseg.p_alive_below(m, h.*, 0.9999, '2024-12-31') AS already FROM known, history h WHERE method = 'pareto_nbd';
SELECT predseg.next_purchase(m, s.*) = predseg.next_purchase(m, s.*, 0.5, '2024-12-31') AS from_row,
	predseg.next_purchase(m, s.*, 0.5, '2025-12-31') - predseg.next_purchase(m, s.*) AS call_wins
FROM known, (SELECT h.*, date '2024-12-31' AS as_of FROM history h) AS s WHERE method = 'pareto_nbd';
SELECT predseg.next_purchase(m, s.*) IS NULL AS no_day FROM known, (SELECT h.*, NULL::date AS as_of FROM history h) AS s WHERE method = 'pareto_nbd';
SELECT predseg.next_purchase(m, h.*) FROM known, history h WHERE method = 'pareto_nbd';
SELECT predseg.next_purchase(m, h.*, NULL) IS NULL AS no_probability, predseg.p_exactly(m, h.*, '1 week', NULL) IS NULL AS no_number,
	predseg.next_purchase(NULL::predseg.model, h.*) IS NULL AS no_model
FROM known, history h WHERE method = 'pareto_nbd';

-- The same of histories
CREATE TABLE customer AS
SELECT id, predseg.rfm(date '2023-01-02' + 9 * id * n, 10 + id + n) AS history
FROM generate_series(1, 40) AS id, generate_series(0, id % 7) AS n GROUP BY id;
SELECT method, count(*) AS customers, bool_and(day > '2024-01-01') AS later, bool_and(abs(1 - predseg.churn_probability(m, c.*, (day - '2024-01-01') * interval '1 day', '2024-01-01') - 0.1) < 0.02) AS likely
FROM (SELECT method, predseg.fit(method, c.*, '{"as_of": "2024-01-01", "key": "id"}') AS m FROM customer c, unnest('{bg_nbd, mbg_nbd, pareto_nbd, bg_bb, clv}'::text[]) AS method GROUP BY method) AS f,
	customer c, LATERAL predseg.next_purchase(m, c.*, 0.1, '2024-01-01') AS day
WHERE day IS NOT NULL GROUP BY method ORDER BY method COLLATE "C";
SELECT purchase, predseg.describe(m) #>> '{parameters,purchase,method}' AS method,
	bool_and(predseg.clv(m, c.*, '1 year', 0.1, '2024-01-01') BETWEEN 0 AND predseg.clv(m, c.*, NULL, 0.1, '2024-01-01')) AS clv
FROM (SELECT purchase, predseg.fit('clv', c.*, jsonb_build_object('as_of', '2024-01-01', 'key', 'id', 'purchase', purchase)) AS m FROM customer c, unnest('{bg_nbd, mbg_nbd, pareto_nbd, bg_bb}'::text[]) AS purchase GROUP BY purchase) AS f, customer c
GROUP BY purchase, m::text, m::jsonb ORDER BY purchase COLLATE "C";

-- By name, where today is the default
SELECT (predseg.train('shop', 'customer', method => 'pareto_nbd', key => 'id', options => '{"as_of": "2024-01-01"}')).method;
SELECT count(predseg.p_at_least('shop', c.*, '1 year', 1, '2024-01-01')) AS answers,
	count(predseg.next_purchase('shop', c.*, 0.001)) AS days FROM customer c;

-- What is refused
SELECT predseg.next_purchase(m, h.*, 0, '2024-12-31') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.next_purchase(m, h.*, 1, '2024-12-31') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.p_alive_below(m, h.*, 'NaN', '2024-12-31') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.next_purchase(m, h.*, 0.2, 'infinity') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.next_purchase(m, h.*, 0.2, '5874897-12-30') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.p_exactly(m, h.*, '1 week', -1) FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.p_at_least(m, h.*, NULL, 1) FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.discounted_purchases(m, h.*) FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.discounted_purchases(m, h.*, '1 year', -0.1) FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.discounted_purchases(m, h.*, '0') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.churn_above(m, h.*, NULL, 0.5, '2024-12-31') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.churn_above(m, h.*, '-1 day', 0.5, '2024-12-31') FROM known, history h WHERE method = 'bg_nbd';
SELECT predseg.fit('bg_bb', h.*, '{"frequency": "x", "recency": "t_x", "tenure": "t"}') FROM (SELECT 3 AS x, 2 AS t_x, 6 AS t) AS h;
SELECT predseg.fit('bg_bb', c.*, '{"time_unit": "week", "as_of": "2024-01-01", "key": "id"}') FROM customer c;
SELECT predseg.churn_probability(m, h.*, '1000000 years') FROM known, history h WHERE method = 'bg_bb';
SELECT predseg.make_model('pareto_nbd', '{"r": 1, "alpha": 1, "a": 1, "b": 1}');
DROP TABLE known, history, customer;
SELECT predseg.drop_model('shop');

-- How sure an expectation is: with the variance of one parameter alone it can be told by hand.  The expected spend of a customer
-- without repeats is in proportion to v, and time in purchases of a new customer to alpha.
CREATE TABLE unsure AS
SELECT jsonb_set(jsonb_set(m::jsonb, '{parameters,spend,covariance}', '[0, 0, 0, 0, 0, 0.04]'),
	'{parameters,purchase,covariance}', '[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]')::text::predseg.model AS by_v,
	jsonb_set(jsonb_set(m::jsonb, '{parameters,spend,covariance}', '[0, 0, 0, 0, 0, 0]'),
	'{parameters,purchase,covariance}', '[0, 0, 0.04, 0, 0, 0, 0, 0, 0, 0]')::text::predseg.model AS by_alpha, m AS sure
FROM predseg.make_model('clv', '{"purchase": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, "spend": {"p": 6.25, "q": 3.74, "v": 15.44}}',
	'{"purchase": "bg_nbd", "time_unit": "week"}') AS m;
CREATE TABLE newcomer AS SELECT predseg.rfm(date '2024-01-01', 10) AS history, date '2024-01-01' AS as_of;
SELECT p, abs(predseg.clv_bound(by_v, n.*, '1 year', p) / predseg.clv(by_v, n.*, '1 year') - exp(z * 0.2)) < 1e-9 AS clv,
	abs(predseg.expected_purchases_bound(by_v, n.*, '1 year', p) / predseg.expected_purchases(by_v, n.*, '1 year') - 1) < 1e-9 AS purchases,
	abs(ln(predseg.expected_purchases_bound(by_alpha, n.*, '70 days', p) / predseg.expected_purchases(by_alpha, n.*, '70 days'))
		- 0.2 * z * ln(predseg.expected_purchases(by_alpha, n.*, '70 days 1 minute') / predseg.expected_purchases(by_alpha, n.*, '70 days -1 minute'))
			/ (ln(70 + 1 / 1440.0) - ln(70 - 1 / 1440.0))) < 1e-6 AS alpha_is_time,
	abs(predseg.clv_bound(by_alpha, n.*, '70 days', p) / predseg.clv(by_alpha, n.*, '70 days')
		- predseg.expected_purchases_bound(by_alpha, n.*, '70 days', p) / predseg.expected_purchases(by_alpha, n.*, '70 days')) < 1e-9 AS same
FROM unsure, newcomer AS n, (VALUES (0.5, 0), (0.025, -1.959963984540054), (0.9, 1.2815515655446004)) AS v (p, z);
SELECT predseg.clv_bound(sure, n.*, '1 year', 0.9) IS NULL AS no_covariance, predseg.clv_bound(by_v, n.*, NULL, 0.9, 0.1) > predseg.clv(by_v, n.*, NULL, 0.1) AS without_end,
	predseg.clv_bound(by_v, n.*, '1 year', NULL) IS NULL AS no_probability FROM unsure, newcomer AS n;
SELECT predseg.clv_bound(by_v, n.*, '1 year', 95) FROM unsure, newcomer AS n;
SELECT predseg.expected_purchases_bound(by_v, n.*, NULL, 0.95) FROM unsure, newcomer AS n;
SELECT jsonb_set(by_v::jsonb, '{parameters,spend,covariance}', '[1, 2]')::text::predseg.model FROM unsure;

-- Four times the customers, half the width; and only where the fit converged.
SELECT setseed(0.5);
CREATE TABLE buyer AS
WITH RECURSIVE taste AS MATERIALIZED
(
	SELECT id, -20 * ln(random()) - 20 * ln(random()) AS pace, 0.5 * random() AS leaves FROM generate_series(1, 500) AS id
), buying AS
(
	SELECT *, 0::float8 AS day FROM taste
	UNION ALL
	SELECT id, pace, leaves, day - pace * ln(random()) FROM buying WHERE random() > leaves AND day < 500
)
SELECT id, predseg.rfm(date '2023-01-01' + floor(day)::int, 10) AS history, date '2024-06-01' AS as_of, 4 AS w FROM buying GROUP BY id;
SELECT method, predseg.describe(one) #>> '{parameters,status}' AS status,
	bool_and(abs(ln(predseg.expected_purchases_bound(one, b.*, '1 year', 0.9) / predseg.expected_purchases(one, b.*, '1 year'))
		/ ln(predseg.expected_purchases_bound(four, b.*, '1 year', 0.9) / predseg.expected_purchases(four, b.*, '1 year')) - 2) < 1e-3) AS half
FROM (SELECT method, predseg.fit(method, b.*, '{"key": "id", "exclude": ["w"]}') AS one, predseg.fit(method, b.*, '{"key": "id", "weight": "w"}') AS four
	FROM buyer AS b, unnest('{bg_nbd, mbg_nbd, pareto_nbd}'::text[]) AS method GROUP BY method) AS f, buyer AS b
GROUP BY method, 2 ORDER BY method COLLATE "C";
SELECT predseg.describe(m) #>> '{parameters,status}' AS status, predseg.expected_purchases_bound(m, b.*, '1 year', 0.9) IS NULL AS unknown
FROM (SELECT predseg.fit('mbg_nbd', c.*, '{"key": "id"}') AS m FROM
	(SELECT id, predseg.rfm(date '2023-01-01' + 10 * n, 10) AS history, date '2023-03-01' AS as_of
		FROM generate_series(1, 30) AS id, generate_series(0, 3) AS n GROUP BY id) AS c) AS f, buyer AS b LIMIT 1;
DROP TABLE unsure, newcomer, buyer;
