-- The back-test of purchase models.
SET client_min_messages = warning;

-- Transactions: days are those of the zone, whatever the session's is.
CREATE TABLE sale AS
SELECT v.* FROM (VALUES
	('b', timestamp '2024-01-01 23:30', 10.50::numeric), ('b', '2024-01-01 08:00', 4), ('b', '2024-01-20 00:00', NULL),
	('b', '2024-02-10 12:00', 20), ('b', '2024-02-10 13:00', -20), ('b', '2024-03-01 12:00', 7),
	('a', '2024-01-15 12:00', 30), ('a', '2024-03-02 12:00', 99), ('late', '2024-02-01 12:00', 5), ('returns', '2024-01-02 12:00', -5)
) AS v (customer_id, ordered_at, amount);
SELECT * FROM predseg.transactions('sale') ORDER BY customer, day, value;
SELECT customer, day, value FROM predseg.transactions(
	'SELECT customer_id AS id, ordered_at AT TIME ZONE ''Asia/Tokyo'' AS moment FROM sale', 'id', 'moment', NULL, 'Europe/Vienna')
ORDER BY customer, day LIMIT 4;
SELECT count(*) FROM predseg.transactions('SELECT 7 AS customer_id, date ''2024-01-01'' AS ordered_at, 3::smallint AS amount');
SET client_min_messages = notice;
SELECT * FROM predseg.transactions($$SELECT * FROM (VALUES (1, date '2024-01-01'), (NULL, '2024-01-01'), (2, NULL)) AS v (customer_id, ordered_at)$$, amount => NULL);
SET client_min_messages = warning;
SELECT predseg.transactions('sale', key => 'customer');
SELECT predseg.transactions('sale', amount => 'price');
SELECT predseg.transactions('sale', at => 'amount');
SELECT predseg.transactions('sale', amount => 'ordered_at');
SELECT predseg.transactions('sale', at => NULL);
SELECT predseg.transactions('SELECT 1 AS customer_id, now() AS ordered_at, 1 AS amount');
SELECT predseg.transactions('SELECT 1 AS customer_id, now() AS ordered_at, 1 AS amount', zone => 'Vienna');
SELECT predseg.transactions('SELECT 1 AS customer_id, date ''infinity'' AS ordered_at, 1 AS amount');
SELECT predseg.transactions('SELECT 1 AS customer_id, date ''2024-01-01'' AS ordered_at, ''NaN''::float8 AS amount');
SELECT predseg.transactions('DELETE FROM sale');

-- The split: who came later is left out, and so is what a return takes back.
SELECT customer, predseg.orders(history), predseg.total(history), as_of, horizon, days, purchases, value
FROM predseg.holdout_split('sale', '2024-01-31') ORDER BY customer;
SELECT customer, horizon, days, purchases, value FROM predseg.holdout_split('sale', '2024-01-31', '2024-03-01') ORDER BY customer;
SELECT predseg.holdout_split('sale', '2024-03-02');
SELECT predseg.holdout_split('sale', '2024-01-31', '2024-01-31');
SELECT predseg.holdout_split('sale', '2024-01-31', 'infinity');
SELECT predseg.holdout_split('sale', NULL);
SELECT count(*) FROM predseg.holdout_split('sale', '2023-12-31');

-- Periods: they meet at the split, and follow the calendar.
SELECT * FROM predseg.holdout_periods('2024-01-05', '2024-01-20', '2024-02-01', '7 days');
SELECT * FROM predseg.holdout_periods('2023-12-31', '2024-01-31', '2024-04-01', '1 month');
SELECT predseg.holdout_periods('2024-01-05', '2024-01-20', '2024-02-01', '12 hours');
SELECT predseg.holdout_periods('2024-01-05', '2024-01-20', '2024-02-01', '-1 day');
SELECT predseg.holdout_periods('2024-01-05', '2024-01-20', '2024-02-01', NULL);

-- A shop: customers of different pace and loyalty, the same everywhere.
CREATE TABLE shop AS
SELECT id AS customer_id, date '2023-01-01' + id % 60 + n * (4 + 7 * id % 41) AS ordered_at, 10 + id * n % 37 AS amount
FROM generate_series(1, 300) AS id, generate_series(0, 30) AS n
WHERE n <= (id * 7919 % 97) / 8 + (id % 11 = 0)::int * 20 AND 60 + n * (4 + 7 * id % 41) < 500;
CREATE TABLE tested AS SELECT * FROM predseg.clv_backtest('shop', '2023-09-30', '{bg_nbd, mbg_nbd, pareto_nbd}', ends_at => '2024-03-31');
SELECT method, quantity, measure, count(*), count(expected) AS expected, count(metric) AS metric FROM tested
GROUP BY 1, 2, 3 ORDER BY method COLLATE "C", quantity COLLATE "C", measure COLLATE "C";
-- Every table has the same total, and the periods are the steps of the cumulative curve.
SELECT quantity, bool_and(abs(customers - total) + abs(expected - e) + abs(actual - a) < 1e-6) AS sums
FROM (SELECT method, quantity, measure, sum(customers) AS customers, sum(expected) AS expected, sum(actual) AS actual FROM tested
		WHERE measure IN ('frequency', 'decile') GROUP BY 1, 2, 3) AS s
	JOIN (SELECT method, quantity, customers AS total, expected AS e, actual AS a FROM tested WHERE measure = 'total') AS t USING (method, quantity)
GROUP BY quantity ORDER BY quantity COLLATE "C";
SELECT bool_and(abs(s.expected - t.expected) < 1e-6 AND s.actual = t.actual) AS steps
FROM (SELECT method, sum(expected) AS expected, sum(actual) AS actual FROM tested WHERE measure = 'period' GROUP BY method) AS s
	JOIN tested AS t ON t.method = s.method AND t.measure = 'cumulative' AND t.label = '2024-03-31';
SELECT array_agg(bin ORDER BY bin) AS deciles FROM tested WHERE measure = 'decile' AND quantity = 'value' AND method = 'bg_nbd';
SELECT label, bin FROM tested WHERE measure = 'period' AND method = 'bg_nbd' AND bin IN (0, 1, 26, 27) ORDER BY bin;

-- The same by hand: from the histories, the models, and the days.
CREATE TABLE split AS SELECT * FROM predseg.holdout_split('shop', '2023-09-30', '2024-03-31');
CREATE TABLE fitted AS SELECT method, predseg.fit('clv', s.*, jsonb_build_object('purchase', method)) AS model
FROM split AS s, unnest('{bg_nbd, mbg_nbd, pareto_nbd}'::text[]) AS method GROUP BY method;
CREATE TABLE predicted AS SELECT method, customer, purchases, value, predseg.expected_purchases(model, s.*, horizon) AS expected,
	predseg.clv(model, s.*, horizon) AS clv, predseg.churn_probability(model, s.*, horizon) AS churn FROM fitted, split AS s;
CREATE TYPE metric_row AS (quantity text, measure text, x float8);
SELECT method, max(abs(x - metric)) < 1e-9 AS same, count(*) FROM (
	SELECT method, (v).* FROM (
		SELECT method, unnest(ARRAY[
			('purchases', 'rmse', sqrt(avg((expected - purchases) ^ 2))), ('purchases', 'mae', avg(abs(expected - purchases))),
			('purchases', 'total', sum(expected) / sum(purchases) - 1), ('value', 'total', sum(clv) / sum(value) - 1),
			('value', 'rmse', sqrt(avg((clv - value) ^ 2))), ('churn', 'brier', avg((churn - (purchases = 0)::int) ^ 2)),
			('churn', 'roc_auc', predseg.roc_auc(purchases = 0, churn)), ('churn', 'log_loss', predseg.log_loss(purchases = 0, churn))
		]::metric_row[]) AS v FROM predicted GROUP BY method) AS s) AS h (method, quantity, measure, x)
	JOIN tested USING (method, quantity, measure) GROUP BY method ORDER BY method;
SELECT method, abs(sum(predseg.expected_purchases(model, n.*, make_interval(days => date '2024-03-31' - days[1]), '2023-09-30'))
	- (SELECT expected FROM tested AS t WHERE t.method = f.method AND measure = 'cumulative' AND label = '2024-03-31')) < 1e-9 AS same
FROM fitted AS f, split, (SELECT predseg.rfm(date '2023-09-30', 0) AS history) AS n GROUP BY method ORDER BY method COLLATE "C";
SELECT count(*) AS repeats, (SELECT actual FROM tested WHERE method = 'bg_nbd' AND measure = 'cumulative' AND bin = 0) AS tracked
FROM (SELECT DISTINCT customer_id, ordered_at FROM shop) AS d
WHERE ordered_at <= '2023-09-30' AND EXISTS (SELECT FROM shop AS f WHERE f.customer_id = d.customer_id AND f.ordered_at < d.ordered_at);

-- Without amounts there are purchases only, of purchase models without spend.
SELECT quantity, count(DISTINCT method), count(DISTINCT measure) FROM predseg.clv_backtest('shop', '2023-09-30', '{mbg_nbd, pareto_nbd}', '1 month', amount => NULL)
GROUP BY quantity ORDER BY quantity COLLATE "C";
SELECT method, round(metric::numeric, 4) AS bias FROM predseg.clv_backtest('SELECT *, ordered_at::timestamptz AS at FROM shop', '2023-09-30', at => 'at', zone => current_setting('timezone'))
WHERE measure = 'total' AND quantity = 'purchases';
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30', '{}');
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30', '{none}', amount => NULL);
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30', '{clv}');
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30', '{kmeans}', amount => NULL);
SELECT count(*) FROM predseg.clv_backtest('SELECT * FROM shop WHERE customer_id = 1', '2023-01-15');
SELECT count(*) FROM predseg.clv_backtest('SELECT * FROM shop WHERE false', '2023-09-30');
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30', period => '1 hour');

-- To bg_bb, days are occasions; longer ones are to be counted by hand.  auto stands for the purchase model that clv chooses.
SELECT t.quantity, abs(t.expected - h.expected) < 1e-9 AS same, t.actual = h.actual AS same_days
FROM predseg.clv_backtest('shop', '2023-09-30', '{bg_bb}', ends_at => '2024-03-31') AS t JOIN (
	SELECT quantity, sum(expected) AS expected, sum(actual) AS actual
	FROM (SELECT predseg.fit('clv', s.*, '{"purchase": "bg_bb"}') AS m FROM split s) AS f, split s, LATERAL (VALUES
		('purchases', predseg.expected_purchases(m, s.*, horizon), purchases), ('value', predseg.clv(m, s.*, horizon), value),
		('churn', predseg.churn_probability(m, s.*, horizon), (purchases = 0)::int)) AS v (quantity, expected, actual) GROUP BY quantity) AS h USING (quantity)
WHERE t.measure = 'total' ORDER BY t.quantity COLLATE "C";
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30', '{bg_bb}', options => '{"time_unit": "week"}');
SELECT method, quantity, expected IS NOT NULL AS known FROM predseg.clv_backtest('shop', '2023-09-30', '{auto}') WHERE measure = 'total' ORDER BY quantity COLLATE "C";
SELECT DISTINCT a.quantity FROM predseg.clv_backtest('shop', '2023-09-30', '{auto}', amount => NULL) AS a
	JOIN predseg.clv_backtest('shop', '2023-09-30', '{mbg_nbd,bg_nbd,pareto_nbd}', amount => NULL) AS b USING (quantity, measure)
WHERE measure = 'total' AND abs(a.expected - b.expected) < 1e-9 * b.expected ORDER BY a.quantity;

-- The source is read with the caller's rights.
CREATE ROLE regress_predseg_reader;
SET ROLE regress_predseg_reader;
SELECT count(*) FROM predseg.clv_backtest('shop', '2023-09-30');
RESET ROLE;
DROP ROLE regress_predseg_reader;
DROP TABLE sale, shop, tested, split, fitted, predicted;
DROP TYPE metric_row;
