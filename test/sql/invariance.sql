-- What must not change an answer, and what must change it in a known way.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on

-- A thousand customers of a year, who differ in pace, faith and spend; draws
-- are hashes, the same everywhere.
CREATE FUNCTION draw(customer int, what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
	$$SELECT ((('x' || substr(md5(customer || what), 1, 8))::bit(32)::bigint) + 0.5) / 4294967296$$;
CREATE TABLE orders AS
WITH RECURSIVE bought (customer, n, day) AS (
	SELECT c, 0, 300 * draw(c, 'first') FROM generate_series(1, 1000) c
	UNION ALL
	SELECT customer, n + 1, day + 1 - ln(draw(customer, 'gap' || n)) * 15 / draw(customer, 'pace') ^ 2
	FROM bought WHERE draw(customer, 'stays' || n) > draw(customer, 'faith') ^ 2 AND day < 700 AND n < 100)
SELECT customer, date '2022-01-01' + day::int AS day, round((30 / draw(customer, 'spend') ^ 0.3 * (0.3 + draw(customer, 'amount' || n)))::numeric, 2) AS amount FROM bought
UNION ALL
SELECT c, '2022-12-01', -3.5 FROM generate_series(1, 1000, 50) c;
CREATE TABLE customer AS SELECT customer, predseg.rfm(day, amount) AS history FROM orders GROUP BY customer;
\set options '{"key": "customer", "as_of": "2023-06-30"}'

-- The largest relative difference between the numbers of two models.
CREATE FUNCTION numbers(model predseg.model) RETURNS TABLE (path text, number float8) LANGUAGE sql AS $$
	WITH RECURSIVE tree (path, value) AS (
		SELECT '', predseg.describe(model) -> 'parameters'
		UNION ALL
		SELECT path || '/' || key, entry FROM tree, LATERAL (
			SELECT * FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END)
			UNION ALL
			SELECT i::text, e FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) WITH ORDINALITY AS a (e, i)) AS member (key, entry))
	SELECT path, (value #>> '{}')::float8 FROM tree WHERE jsonb_typeof(value) = 'number'
$$;
CREATE FUNCTION distance(a predseg.model, b predseg.model, leave_out text DEFAULT 'nothing') RETURNS float8 LANGUAGE sql AS $$
	SELECT max(coalesce(abs(x.number - y.number) / nullif(greatest(abs(x.number), abs(y.number)), 0), CASE WHEN x.number = y.number THEN 0 ELSE float8 'infinity' END))
	FROM numbers(a) x FULL JOIN numbers(b) y USING (path) WHERE path !~ leave_out
$$;
CREATE TABLE model AS
SELECT method, predseg.fit(method, c.*, :'options') AS m FROM customer c, unnest('{bg_nbd, mbg_nbd, pareto_nbd, bg_bb, gamma_gamma, clv}'::text[]) method GROUP BY method;
SELECT method, coalesce(predseg.describe(m) #>> '{parameters,status}', predseg.describe(m) #>> '{parameters,purchase,status}') FROM model ORDER BY method COLLATE "C";

-- The order of rows does not matter; two equal rows are one of weight 2.
SELECT method, distance(m, (SELECT predseg.fit(method, c.* , :'options' ORDER BY hashint4(customer)) FROM customer c)) < 1e-9 AS order_of_rows,
	distance((SELECT predseg.fit(method, c.*, :'options') FROM customer c, generate_series(1, 1 + customer % 3)),
		(SELECT predseg.fit(method, c.*, :'options' || '{"weight": "w"}'::jsonb) FROM (SELECT *, 1 + customer % 3 AS w FROM customer) c), 'groups') < 1e-6 AS weight
FROM model ORDER BY method COLLATE "C";

-- The unit of time changes the parameter alpha and nothing that is said.
CREATE TABLE unit_model AS
SELECT method, unit, predseg.fit(method, c.*, :'options' || jsonb_build_object('time_unit', unit)) AS m
FROM customer c, unnest('{bg_nbd, mbg_nbd, pareto_nbd, clv}'::text[]) method, unnest('{day, week, month, year}'::text[]) unit GROUP BY method, unit;
SELECT method, unit, bool_and(abs(alive / alive_by_day - 1) < 1e-6) AS p_alive, bool_and(abs(purchases / purchases_by_day - 1) < 1e-6) AS expected_purchases,
	bool_and(abs(churn / churn_by_day - 1) < 1e-6) AS churn_probability, bool_and(abs(worth / worth_by_day - 1) < 1e-6) AS discounted_purchases
FROM unit_model u JOIN model d USING (method), customer c,
	LATERAL (SELECT predseg.p_alive(u.m, c.*, as_of => '2023-06-30') AS alive, predseg.p_alive(d.m, c.*, as_of => '2023-06-30') AS alive_by_day,
		predseg.expected_purchases(u.m, c.*, '7 months', '2023-06-30') AS purchases, predseg.expected_purchases(d.m, c.*, '7 months', '2023-06-30') AS purchases_by_day,
		predseg.churn_probability(u.m, c.*, '90 days', '2023-06-30') AS churn, predseg.churn_probability(d.m, c.*, '90 days', '2023-06-30') AS churn_by_day,
		predseg.discounted_purchases(u.m, c.*, NULL, 0.1, '2023-06-30') AS worth, predseg.discounted_purchases(d.m, c.*, NULL, 0.1, '2023-06-30') AS worth_by_day) AS s
GROUP BY method, unit ORDER BY method COLLATE "C", unit COLLATE "C";
SELECT unit, max(abs(predseg.clv(u.m, c.*, '1 year', 0.1, '2023-06-30') / predseg.clv(d.m, c.*, '1 year', 0.1, '2023-06-30') - 1)) < 1e-6 AS clv
FROM unit_model u JOIN model d USING (method), customer c WHERE method = 'clv' GROUP BY unit ORDER BY unit COLLATE "C";

-- So do plain columns in another unit.
CREATE TABLE plain AS SELECT b.*, recency / 7 AS r, tenure / 7 AS t FROM customer, predseg.btyd(history, '2023-06-30') AS b;
CREATE TABLE plain_model AS
SELECT predseg.fit('bg_nbd', p.*, '{"frequency": "frequency", "recency": "recency", "tenure": "tenure"}') AS d,
	predseg.fit('bg_nbd', p.*, '{"frequency": "frequency", "recency": "r", "tenure": "t", "time_unit": "week"}') AS w FROM plain p;
SELECT max(distance(d, w, 'alpha|log_likelihood')) < 1e-6 AS parameters,
	max(abs(predseg.expected_purchases(w, p.*, '1 year') / predseg.expected_purchases(d, p.*, '1 year') - 1)) < 1e-6 AS answers FROM plain_model, plain p;

-- Occasions are counted, whatever lies between them: five weeks of weekly ones are as good as five months of monthly ones.
CREATE TABLE donor AS SELECT c AS customer, c % 7 AS used, CASE WHEN c % 7 > 0 THEN c % 7 + c % 4 ELSE 0 END AS last, 10 + c % 3 AS n FROM generate_series(1, 600) c;
SELECT bool_and(distance(w, m) < 1e-9) AS parameters, bool_and(predseg.expected_purchases(w, d.*, '35 days') = predseg.expected_purchases(m, d.*, '5 months')
		AND predseg.p_alive(w, d.*) = predseg.p_alive(m, d.*)) AS answers
FROM donor d, (SELECT predseg.fit('bg_bb', d.*, '{"frequency": "used", "recency": "last", "tenure": "n", "time_unit": "week", "key": "customer"}') AS w,
	predseg.fit('bg_bb', d.*, '{"frequency": "used", "recency": "last", "tenure": "n", "time_unit": "month", "key": "customer"}' ORDER BY hashint4(customer)) AS m FROM donor d) AS f;

-- Money in cents: values a hundred times as large, and nothing else, but that rounding decides which mean amounts are equal to a rank.
CREATE TABLE cents AS SELECT customer, predseg.rfm(day, amount * 100) AS history FROM orders GROUP BY customer;
SELECT max(abs(predseg.clv(cm, s.*, '1 year', 0.1, '2023-06-30') / predseg.clv(m, c.*, '1 year', 0.1, '2023-06-30') / 100 - 1)) < 1e-6 AS clv,
	max(abs(predseg.p_alive(cm, s.*, as_of => '2023-06-30') / predseg.p_alive(m, c.*, as_of => '2023-06-30') - 1)) < 1e-9 AS p_alive
FROM model, (SELECT predseg.fit('clv', s.*, :'options') AS cm FROM cents s) AS f, customer c JOIN cents s USING (customer) WHERE method = 'clv';
SELECT bool_and(distance(m, cm, '^/(v$|log_likelihood|standard_errors|covariance|iterations|rank)') < 1e-6) AS others, bool_and(abs((predseg.describe(cm) #>> '{parameters,v}')::float8 / (predseg.describe(m) #>> '{parameters,v}')::float8 / 100 - 1) < 1e-6) AS v,
	max(abs(predseg.score(cm, s.*) / predseg.score(m, c.*) / 100 - 1)) < 1e-6 AS amount
FROM model, (SELECT predseg.fit('gamma_gamma', s.*, :'options') AS cm FROM cents s) AS f,
	(SELECT customer, history, date '2023-06-30' AS as_of FROM customer) AS c JOIN (SELECT customer, history, date '2023-06-30' AS as_of FROM cents) AS s USING (customer)
WHERE method = 'gamma_gamma' AND customer % 10 = 1;

-- The purchase model that "auto" chooses, and what speaks for each, in all and in five small shops with hardly a difference between the models.
CREATE TABLE shop AS SELECT coalesce(s, 5) AS shop, customer, c.history, cents.history AS in_cents, 1 + customer % 3 AS w
FROM customer c JOIN cents USING (customer), generate_series(0, 5) AS s WHERE s IN (5, customer % 5);
\set auto '{"as_of": "2023-06-30", "purchase": "auto", "exclude": ["shop"]}'
CREATE TABLE choice AS
SELECT 'as it is' AS what, shop, predseg.fit('clv', s.*, :'auto') AS m FROM (SELECT shop, history FROM shop) s GROUP BY shop
UNION ALL SELECT 'backwards', shop, predseg.fit('clv', s.*, :'auto' ORDER BY history::text DESC) FROM (SELECT shop, history FROM shop) s GROUP BY shop
UNION ALL SELECT unit, shop, predseg.fit('clv', s.*, :'auto' || jsonb_build_object('time_unit', unit)) FROM (SELECT shop, history FROM shop) s, unnest('{week,year}'::text[]) unit GROUP BY unit, shop
UNION ALL SELECT 'weeks in columns', shop, predseg.fit('clv', s.*, '{"purchase": "auto", "frequency": "frequency", "recency": "r", "tenure": "t", "monetary": "monetary", "time_unit": "week"}')
	FROM (SELECT shop, frequency, recency / 7 AS r, tenure / 7 AS t, monetary FROM shop, predseg.btyd(history, '2023-06-30')) s GROUP BY shop
UNION ALL SELECT 'cents', shop, predseg.fit('clv', s.*, :'auto') FROM (SELECT shop, in_cents FROM shop) s GROUP BY shop
UNION ALL SELECT 'copies', shop, predseg.fit('clv', s.*, :'auto') FROM (SELECT shop, history FROM shop, generate_series(1, w)) s GROUP BY shop
UNION ALL SELECT 'weights', shop, predseg.fit('clv', s.*, :'auto' || '{"weight": "w"}'::jsonb) FROM (SELECT shop, history, w FROM shop) s GROUP BY shop;
CREATE TABLE candidate AS
SELECT what, shop, predseg.describe(m) #>> '{parameters,purchase,method}' AS chosen, (c ->> 'held_out_customers')::float8 AS customers, c ->> 'purchase' AS purchase,
	(c ->> 'held_out_log_likelihood')::float8 - (predseg.describe(m) #>> '{parameters,candidates,0,held_out_log_likelihood}')::float8 AS lead
FROM choice, jsonb_array_elements(predseg.describe(m) #> '{parameters,candidates}') AS c;
SELECT a.what, count(*), bool_and(a.chosen = b.chosen) AS chosen, bool_and(a.customers = b.customers) AS customers, max(abs(a.lead - b.lead)) < 1e-4 AS lead
FROM candidate a JOIN candidate b USING (shop, purchase)
WHERE b.what = CASE a.what WHEN 'weights' THEN 'copies' ELSE 'as it is' END AND a.what NOT IN ('copies', 'as it is') GROUP BY a.what ORDER BY a.what COLLATE "C";
SELECT count(DISTINCT shop) AS shops_with_hardly_a_difference FROM candidate WHERE abs(lead - 3) < 3 AND purchase <> 'mbg_nbd' AND what = 'as it is';

-- With covariates: answers, since the level of a text that the others are compared with is the one of most rows.
\set covariates '{"as_of": "2023-06-30", "key": "customer", "purchase_covariates": ["age", "city"], "lifetime_covariates": ["age"]}'
CREATE TABLE person AS SELECT customer, history, 20 + customer * 7 % 50 AS age, (ARRAY['Graz', 'Linz', 'Wien'])[1 + customer % 3] AS city FROM customer;
CREATE TABLE answer AS
SELECT method, what, customer, predseg.p_alive(m, p.*, as_of => '2023-06-30') AS alive, predseg.expected_purchases(m, p.*, '7 months', '2023-06-30') AS purchases
FROM person p, (
	SELECT method, 'as it is' AS what, predseg.fit(method, p.*, :'covariates') AS m FROM person p, unnest('{bg_nbd,mbg_nbd,pareto_nbd}'::text[]) method GROUP BY method
	UNION ALL SELECT method, 'backwards', predseg.fit(method, p.*, :'covariates' ORDER BY customer DESC) FROM person p, unnest('{bg_nbd,mbg_nbd,pareto_nbd}'::text[]) method GROUP BY method
	UNION ALL SELECT method, 'weeks', predseg.fit(method, p.*, :'covariates' || '{"time_unit": "week"}'::jsonb) FROM person p, unnest('{bg_nbd,mbg_nbd,pareto_nbd}'::text[]) method GROUP BY method
	UNION ALL SELECT method, 'copies', predseg.fit(method, p.*, :'covariates') FROM person p, generate_series(1, 1 + customer % 4), unnest('{bg_nbd,mbg_nbd,pareto_nbd}'::text[]) method GROUP BY method
	UNION ALL SELECT method, 'weights', predseg.fit(method, p.*, :'covariates' || '{"weight": "w"}'::jsonb) FROM (SELECT *, 1 + customer % 4 AS w FROM person) p, unnest('{bg_nbd,mbg_nbd,pareto_nbd}'::text[]) method GROUP BY method) AS f;
SELECT a.method, a.what, max(abs(a.alive / b.alive - 1)) < 1e-6 AS p_alive, max(abs(a.purchases / b.purchases - 1)) < 1e-6 AS expected_purchases
FROM answer a JOIN answer b USING (method, customer) WHERE b.what = CASE a.what WHEN 'weights' THEN 'copies' ELSE 'as it is' END AND a.what NOT IN ('copies', 'as it is')
GROUP BY a.method, a.what ORDER BY 1, 2;

-- Later orders do not change what was known on a day; days of a return do not count.
SELECT method, distance(m, (SELECT predseg.fit(method, c.*, :'options') FROM (SELECT customer, predseg.rfm(day, amount) AS history FROM orders WHERE day <= '2023-06-30' GROUP BY customer) c)) AS later_orders,
	distance(m, (SELECT predseg.fit(method, c.*, :'options') FROM (SELECT customer, predseg.rfm(day, amount) AS history FROM orders WHERE amount > 0 GROUP BY customer) c)) AS returns
FROM model ORDER BY method COLLATE "C";
SELECT bool_and(predseg.p_alive(m, c.*, as_of => '2022-09-01') IS NOT DISTINCT FROM predseg.p_alive(m, e.*, as_of => '2022-09-01')) AS as_of
FROM model, customer c LEFT JOIN (SELECT customer, predseg.rfm(day, amount) AS history FROM orders WHERE day <= '2022-09-01' GROUP BY customer) e USING (customer) WHERE method = 'bg_nbd';

-- A model is its text, whatever the order of its members, and its bytes.
SELECT method, (m::jsonb::text)::predseg.model::text::jsonb = m::text::jsonb AS reordered,
	bool_and(predseg.score((m::jsonb::text)::predseg.model, h.*) = predseg.score(m, h.*)) AS same_score
FROM model, (SELECT customer, history, date '2023-06-30' AS as_of FROM customer) h GROUP BY method, m::text, m::jsonb ORDER BY method COLLATE "C";

-- Probabilities fall and expectations rise with the horizon, without end.
SELECT bool_and(alive <= before_alive * (1 + 1e-12) AND purchases >= before_purchases * (1 - 1e-12) AND churn <= before_churn * (1 + 1e-12)
		AND value >= before_value * (1 - 1e-12)) AS monotone,
	min(alive) >= 0 AND max(churn) <= 1 AND max(value) < 'infinity' AS bounded
FROM (SELECT alive, purchases, churn, value, lag(alive) OVER w AS before_alive, lag(purchases) OVER w AS before_purchases, lag(churn) OVER w AS before_churn, lag(value) OVER w AS before_value
	FROM model, customer c, unnest('{1 microsecond, 1 second, 1 day, 1 week, 1 month, 1 year, 100 years, 10000 years, 10000000 years}'::interval[]) AS horizon,
		LATERAL (SELECT predseg.p_alive(m, c.*, horizon, '2023-06-30') AS alive, predseg.expected_purchases(m, c.*, horizon, '2023-06-30') AS purchases,
			predseg.churn_probability(m, c.*, horizon, '2023-06-30') AS churn, predseg.clv(m, c.*, horizon, 0.1, '2023-06-30') AS value) AS s
	WHERE method = 'clv' AND customer % 10 = 1
	WINDOW w AS (PARTITION BY customer ORDER BY horizon)) AS s WHERE before_alive IS NOT NULL;
SELECT bool_and(abs(predseg.clv(m, c.*, '10000 years', 0.1, '2023-06-30') / predseg.clv(m, c.*, NULL, 0.1, '2023-06-30') - 1) < 1e-9) AS without_end
FROM model, customer c WHERE method = 'clv';
SELECT bool_and(predseg.expected_purchases(m, c.*, '12 months', '2023-06-30') = predseg.expected_purchases(m, c.*, '1 year', '2023-06-30')) AS months,
	bool_and(predseg.expected_purchases(m, c.*, '48:00', '2023-06-30') = predseg.expected_purchases(m, c.*, '2 days', '2023-06-30')) AS hours
FROM model, customer c WHERE method = 'bg_nbd';

-- Customers with a purchase on each of 100,000 days, and with a million on one.
SELECT predseg.orders(history), predseg.repeats(history), predseg.total(history) = 500000 AS total, round(predseg.p_alive(m, h.*)::numeric, 4) AS p_alive,
	round(predseg.expected_purchases(m, h.*, '1 year')::numeric, 1) BETWEEN 300 AND 366 AS expected
FROM model, (SELECT predseg.rfm(date '2023-06-30' - i, 5) AS history, date '2023-06-30' AS as_of FROM generate_series(0, 99999) i) h WHERE method = 'bg_nbd';
SELECT predseg.orders(history), predseg.repeats(history), predseg.total(history), pg_column_size(history) < 1000 AS small
FROM (SELECT predseg.rfm(date '2023-06-30', 0.1) AS history FROM generate_series(1, 1000000)) h;

-- Classifier and clusters: rows and columns in another order, columns on another scale
CREATE TABLE visit AS
SELECT i AS id, (i * 37 % 100) / 10.0 AS pages, i * 53 % 17 AS views, i % 3 = 0 AS member, (ARRAY['mail', 'shop', 'web'])[1 + i % 3 * (i % 2)] AS channel, (i * 7919 % 1000) / 1000.0 < 0.1 + (i * 37 % 100) / 250.0 AS bought
FROM generate_series(1, 2000) i;
CREATE TABLE visit_model AS SELECT predseg.fit('logistic', v.*, '{"target": "bought", "key": "id"}') AS l, predseg.fit('kmeans', v.*, '{"k": 4, "key": "id", "exclude": ["bought"]}') AS k FROM visit v;
SELECT change, bool_and(abs(predseg.score(m.l, v.*) - predseg.score(c.l, n.*)) < 1e-6) AS scores,
	count(DISTINCT predseg.cluster(m.k, v.*)) AS clusters, count(DISTINCT (predseg.cluster(m.k, v.*), predseg.cluster(c.k, n.*))) AS pairs
FROM visit_model m, visit v, LATERAL (SELECT v.channel, v.member, v.views / 1000.0 - 7 AS views, v.pages * 1e6 AS pages) AS n, (
	SELECT 'order of rows and columns, units' AS change, predseg.fit('logistic', n.*, '{"target": "bought"}') AS l, predseg.fit('kmeans', n.*, '{"k": 4, "exclude": ["bought"]}') AS k
	FROM (SELECT channel, member, views / 1000.0 - 7 AS views, pages * 1e6 AS pages, bought FROM visit ORDER BY hashint4(id)) AS n) AS c
GROUP BY change;

DROP TABLE orders, customer, model, unit_model, plain, plain_model, donor, cents, shop, choice, candidate, person, answer, visit, visit_model;
DROP FUNCTION numbers, distance, draw;
