-- A small made-up shop for the examples of the documentation: 1,000 customers
-- who first order in the first half of 2024, their orders until the end of
-- that year in euros, and their visits to the shop, each with whether it ended
-- in a purchase. Buyers order at their own pace and stop after an order with
-- a probability of their own. The same numbers on every machine.
SELECT setseed(0.5);

CREATE TABLE customers AS
SELECT id AS customer_id, (ARRAY['AT', 'CH', 'DE'])[1 + floor(3 * random())::int] AS country,
	random() < 0.4 AS newsletter
FROM generate_series(1, 1000) AS id;
ALTER TABLE customers ADD PRIMARY KEY (customer_id);

CREATE TABLE orders AS
WITH RECURSIVE buyer AS MATERIALIZED
(
	SELECT customer_id, 182 * random() AS first, -40 * ln(random()) - 20 * ln(random()) AS pace, 0.05 + 0.35 * random() AS leaves,
		20 + 60 * random() AS basket
	FROM customers
), buying AS
(
	SELECT *, first AS day FROM buyer
	UNION ALL
	SELECT customer_id, first, pace, leaves, basket, day - pace * ln(random()) FROM buying
	WHERE random() > leaves AND day < 366
)
SELECT row_number() OVER (ORDER BY day) AS order_id, customer_id,
	timestamptz '2024-01-01 00:00+01' + day * interval '1 day' AS ordered_at,
	round((basket * (0.6 + 0.8 * random()))::numeric, 2) AS amount
FROM buying WHERE day < 366;
ALTER TABLE orders ADD PRIMARY KEY (order_id);

CREATE TABLE visits AS
SELECT id AS visit_id, 1 + floor(1000 * random())::int AS customer_id, pages, channel,
	random() < 1 / (1 + exp(3 - 0.3 * pages - CASE channel WHEN 'mail' THEN 1 ELSE 0 END)) AS bought
FROM (SELECT id, floor(-4 * ln(random()))::int AS pages, (ARRAY['mail', 'search', 'advert'])[1 + floor(3 * random())::int] AS channel
	FROM generate_series(1, 3000) AS id) AS visit;
ALTER TABLE visits ADD PRIMARY KEY (visit_id);

-- subscriptions that began in one of 36 months, with the months paid so far; some plans are left sooner
CREATE TABLE subscriptions AS
SELECT id AS subscription_id, plan, age, greatest(least(ended, observed), 1) AS months, ended <= observed AS cancelled, price
FROM
(
	SELECT id, plan, age, observed, price,
		ceil(-(CASE plan WHEN 'monthly' THEN 9 ELSE 30 END) * exp(0.02 * (age - 40)) * ln(random()))::int AS ended
	FROM
	(
		SELECT id, (ARRAY['monthly', 'yearly'])[1 + (random() < 0.4)::int] AS plan, 20 + floor(40 * random())::int AS age,
			1 + floor(36 * random())::int AS observed, 5 + floor(10 * random())::int AS price
		FROM generate_series(1, 1500) AS id
	) AS begun
) AS seen;
ALTER TABLE subscriptions ADD PRIMARY KEY (subscription_id);
ANALYZE subscriptions, customers, orders, visits;
