--
-- The demo's shop: SIMULATED customers, orders and web events, from known
-- parameters, so that estimates can be compared with the truth.
--
--	 customers	20,000 (or :customers); they first order in the 82 weeks from
--				2024-01-01 on
--	 orders		by the story of the MBG/NBD model: a customer orders at a rate of
--				lambda ~ Gamma(r, alpha) a week, and with each order is lost with
--				probability Beta(a, b)
--	 amounts	by the story of the gamma-gamma model: an order is worth
--				Gamma(p, nu), where nu ~ Gamma(q, v) is the customer's own
--	 web events	who will order within 28 days has visited the shop, viewed
--				products and filled the cart more often in the 28 days before.
--				Poisson counts with means m1 (will order) and m0 (will not) make
--				the log-odds of ordering linear in the counts, the coefficient
--				of each kind being ln(m1 / m0)
--
-- The shop knows the first 78 weeks; the last four are still to happen, in the
-- tables new_orders and new_web_events.
--
-- Every random number is a hash of what it decides, so that the shop is always
-- the same (hash partitioning needs the hashes of all versions to agree).  The
-- parameters are such that each distribution is an exact function of a few
-- uniform numbers u: Gamma(1) is -ln u, and sums of such are Gamma(2),
-- Gamma(3)...; Gamma(1/2) is half the square of a normal number (Box and
-- Muller); Beta(1, b) is 1 - u ^ (1 / b).
--
\if :{?customers}
\else
\set customers 20000
\endif

CREATE TABLE truth (model text, parameter text, value float8);
INSERT INTO truth VALUES
	('value', 'r', 1.5), ('value', 'alpha', 12), ('value', 'a', 1), ('value', 'b', 3),
	('value', 'p', 3), ('value', 'q', 4), ('value', 'v', 30),
	('intent', 'visits', ln(1.5)), ('intent', 'product_views', ln(2)), ('intent', 'carts', ln(4)),
	('intent', 'newsletter', 0);

-- The uniform number, between 0 and 1, that belongs to a decision about a customer.
CREATE FUNCTION uniform(customer int, decision text) RETURNS float8 IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ((hashtextextended(decision, customer) & ((1::bigint << 52) - 1)) + 0.5::float8) / 2 ^ 52;
END;

-- The same for numbers that are Gamma(3, 1).
CREATE FUNCTION gamma_3(customer int, decision text) RETURNS float8 IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT -ln(uniform(customer, decision || ' a') * uniform(customer, decision || ' b') * uniform(customer, decision || ' c'));
END;

-- Times are in days since 2024-01-01; a first order is at noon, which makes
-- whole days right on average.
CREATE TEMPORARY TABLE buyer AS
SELECT id,
	floor(uniform(id, 'begins') * 82 * 7) + 0.5 AS first,
	(-ln(uniform(id, 'rate a')) - ln(uniform(id, 'rate b')) * cos(2 * pi() * uniform(id, 'rate c')) ^ 2) / 12 / 7 AS lambda,
	-- staying after each order with probability s, s ^ 3 being uniform: order n is the last with probability s ^ (n - 1) * (1 - s)
	ceil(ln(uniform(id, 'last')) / (ln(uniform(id, 'loyalty')) / 3)) AS orders,
	(gamma_3(id, 'spend') - ln(uniform(id, 'spend'))) / 30 AS nu
FROM generate_series(1, :customers) AS id;

-- All orders of 86 weeks: four more than anybody will see, because the web
-- events of the last four tell of them.
CREATE TEMPORARY TABLE buying AS
WITH RECURSIVE buying AS
(
	SELECT id, 1 AS number, first AS at, lambda, orders FROM buyer
	UNION ALL
	SELECT id, number + 1, at - ln(uniform(id, 'wait ' || number)) / lambda, lambda, orders FROM buying
	WHERE number < orders AND at < 86 * 7
)
SELECT id AS customer_id, date '2024-01-01' + floor(at)::int AS ordered_on,
	greatest(0.01, round((gamma_3(id, 'amount ' || number) / nu)::numeric, 2)) AS amount
FROM buying JOIN buyer USING (id)
WHERE buying.at < 86 * 7;
CREATE INDEX ON buying (customer_id, ordered_on);
ANALYZE buyer, buying;

CREATE TEMPORARY TABLE browsing AS
WITH cdf AS					-- of the Poisson distributions
(
	SELECT kind, buys, array_agg(chance ORDER BY k) AS chances
	FROM
	(
		SELECT kind, buys, k, sum(exp(-mean) * mean ^ k / factorial(k)::float8) OVER (PARTITION BY kind, buys ORDER BY k) AS chance
		FROM (VALUES ('visit', false, 1.5), ('visit', true, 2.25), ('product view', false, 0.8), ('product view', true, 1.6),
					 ('cart', false, 0.1), ('cart', true, 0.4)) AS means (kind, buys, mean),
			generate_series(0, 20) AS k
	) AS term
	GROUP BY kind, buys
)
SELECT id AS customer_id, kind, day - floor(uniform(id, concat_ws(' ', day, kind, number)) * 28)::int AS happened_on
FROM (VALUES (date '2025-06-01'), ('2025-06-29'), ('2025-07-27')) AS ends (day)
	JOIN buyer ON date '2024-01-01' + floor(first)::int <= day,
	LATERAL (SELECT EXISTS (SELECT FROM buying WHERE customer_id = id AND ordered_on > day AND ordered_on <= day + 28) AS buys) AS future
	JOIN cdf USING (buys),
	LATERAL generate_series(1, width_bucket(uniform(id, concat_ws(' ', day, kind)), chances)) AS number;

CREATE TABLE customers AS
SELECT id AS customer_id, uniform(id, 'newsletter') < 0.4 AS newsletter FROM buyer;
ALTER TABLE customers ADD PRIMARY KEY (customer_id);

CREATE TABLE orders AS
SELECT * FROM buying WHERE ordered_on <= '2025-06-29' ORDER BY ordered_on, customer_id;
CREATE INDEX ON orders (customer_id);
CREATE TABLE new_orders AS
SELECT * FROM buying WHERE ordered_on > '2025-06-29' AND ordered_on <= '2025-07-27' ORDER BY ordered_on, customer_id;

CREATE TABLE web_events AS
SELECT * FROM browsing WHERE happened_on <= '2025-06-29' ORDER BY happened_on, customer_id;
CREATE TABLE new_web_events AS
SELECT * FROM browsing WHERE happened_on > '2025-06-29' ORDER BY happened_on, customer_id;

DROP FUNCTION gamma_3, uniform;
ANALYZE customers, orders, web_events;
