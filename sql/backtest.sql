-- The back-test of purchase models: learn from what was before a day, judge by what came after it.

CREATE FUNCTION predseg.transactions(source text, key text DEFAULT 'customer_id', at text DEFAULT 'ordered_at', amount text DEFAULT 'amount', zone text DEFAULT NULL)
	RETURNS TABLE (customer text, day date, value float8)
	AS 'MODULE_PATHNAME', 'predseg_transactions' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 100000;
COMMENT ON FUNCTION predseg.transactions(text, text, text, text, text) IS 'The transactions of a source: customer, local day and amount, from the columns that the arguments name';

CREATE FUNCTION predseg.holdout_end(first_day date, split_at date, ends_at date) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_holdout_end' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.holdout_end(date, date, date) IS 'Internal: ends_at; an error unless first_day <= split_at < ends_at';

CREATE FUNCTION predseg.holdout_periods(first_day date, split_at date, ends_at date, period interval)
	RETURNS TABLE (bin int, begins_on date, ends_on date)
	AS 'MODULE_PATHNAME', 'predseg_holdout_periods' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION predseg.holdout_periods(date, date, date, interval) IS 'Internal: the periods from first_day to ends_at, 1 being the first after split_at and 0 the last before';

-- "holdout" is materialized so that its error is raised whatever split_at is: a
-- planner that knows it to be NULL would see that no row can come out.
CREATE FUNCTION predseg.holdout_split(source text, split_at date, ends_at date DEFAULT NULL, key text DEFAULT 'customer_id',
	at text DEFAULT 'ordered_at', amount text DEFAULT 'amount', zone text DEFAULT NULL)
	RETURNS TABLE (customer text, history predseg.rfm, as_of date, horizon interval, days date[], purchases int, value float8)
	LANGUAGE SQL VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000
BEGIN ATOMIC
	WITH purchase AS MATERIALIZED
	(
		SELECT t.customer, t.day, t.value FROM predseg.transactions(source, key, at, amount, zone) AS t
		WHERE (t.value >= 0) IS NOT FALSE
	), holdout AS MATERIALIZED
	(
		SELECT split_at, predseg.holdout_end(min(p.day), split_at, coalesce(ends_at, max(p.day))) AS last_day FROM purchase AS p
	)
	SELECT p.customer, predseg.rfm(p.day, p.value) FILTER (WHERE p.day <= h.split_at), h.split_at,
		make_interval(days => h.last_day - h.split_at), array_agg(DISTINCT p.day),
		(count(DISTINCT p.day) FILTER (WHERE p.day > h.split_at))::int, coalesce(sum(p.value) FILTER (WHERE p.day > h.split_at), 0)
	FROM purchase AS p JOIN holdout AS h ON p.day <= h.last_day
	GROUP BY p.customer, h.split_at, h.last_day
	HAVING min(p.day) <= h.split_at;
END;
COMMENT ON FUNCTION predseg.holdout_split(text, date, date, text, text, text, text) IS 'Transactions as one row for each customer with a purchase on or before split_at: the history until then, and how many purchase days and what value came after, until ends_at (the last transaction)';

-- Everything is computed from "judged", one row for each model, customer and
-- quantity, except what is followed over time: that needs what a model expects
-- of a customer at his first purchase, by the days since.
-- "predicted" asks the models by itself: in VALUES, each row would open its model again.
CREATE FUNCTION predseg.clv_backtest(source text, split_at date, methods text[] DEFAULT '{mbg_nbd}', period interval DEFAULT '7 days',
	ends_at date DEFAULT NULL, key text DEFAULT 'customer_id', at text DEFAULT 'ordered_at', amount text DEFAULT 'amount',
	zone text DEFAULT NULL, options jsonb DEFAULT '{}')
	RETURNS TABLE (method text, quantity text, measure text, bin int, label text, customers bigint, expected float8, actual float8, metric float8)
	LANGUAGE SQL VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 1000
BEGIN ATOMIC
	WITH customer AS MATERIALIZED
	(
		SELECT s.* FROM predseg.holdout_split(source, split_at, ends_at, key, at, amount, zone) AS s
	), period AS MATERIALIZED
	(
		SELECT p.* FROM (SELECT min(c.days[1]) AS first_day, max(c.as_of + c.horizon)::date AS last_day FROM customer AS c) AS s,
			predseg.holdout_periods(s.first_day, split_at, s.last_day, period) AS p
	), model AS MATERIALIZED
	(
		SELECT m.method, predseg.fit(CASE WHEN amount IS NULL THEN m.method ELSE 'clv' END, c.*,
			options || '{"on_too_little_data": "error"}'
			|| CASE WHEN amount IS NULL AND m.method <> 'auto' THEN '{}' ELSE jsonb_build_object('purchase', m.method) END) AS model
		FROM unnest(methods) AS m (method), customer AS c GROUP BY m.method
	), predicted AS MATERIALIZED
	(
		SELECT m.method, predseg.repeats(c.history) AS repeats, c.purchases, c.value, (c.purchases = 0)::int AS churned,
			predseg.expected_purchases(m.model, c.*, c.horizon) AS expected_purchases,
			CASE WHEN amount IS NOT NULL THEN predseg.clv(m.model, c.*, c.horizon) END AS clv,
			predseg.churn_probability(m.model, c.*, c.horizon) AS churn_probability
		FROM model AS m, customer AS c
	), judged AS MATERIALIZED
	(
		SELECT p.method, q.quantity, p.repeats, q.expected, q.actual
		FROM predicted AS p, LATERAL (VALUES ('purchases', p.expected_purchases, p.purchases), ('value', p.clv, p.value),
			('churn', p.churn_probability, p.churned)) AS q (quantity, expected, actual)
		WHERE q.expected IS NOT NULL
	), cohort AS
	(
		SELECT c.days[1] AS first_day, count(*) AS customers FROM customer AS c GROUP BY c.days[1]
	), age AS MATERIALIZED
	(
		SELECT m.method, a.age, predseg.expected_purchases(m.model, n.*, make_interval(days => a.age), split_at) AS purchases
		FROM model AS m, (SELECT predseg.rfm(split_at, 0) AS history) AS n,
			(SELECT DISTINCT p.ends_on - c.first_day AS age FROM period AS p, cohort AS c WHERE p.ends_on > c.first_day) AS a
	), tracked AS
	(
		SELECT a.method, p.bin, p.ends_on, sum(c.customers)::bigint AS customers, sum(c.customers * a.purchases) AS expected
		FROM period AS p JOIN cohort AS c ON c.first_day < p.ends_on JOIN age AS a ON a.age = p.ends_on - c.first_day
		GROUP BY a.method, p.bin, p.ends_on
	), happened AS
	(
		SELECT p.bin, sum(sum(d.purchases)) OVER (ORDER BY p.bin) AS actual
		FROM period AS p LEFT JOIN
			(SELECT d.day, count(*) AS purchases FROM customer AS c, unnest(c.days[2:]) AS d (day) GROUP BY d.day) AS d
			ON d.day BETWEEN p.begins_on AND p.ends_on
		GROUP BY p.bin
	), cumulative AS
	(
		SELECT t.method, t.bin, to_char(t.ends_on, 'YYYY-MM-DD') AS label, t.customers, t.expected, coalesce(h.actual, 0) AS actual
		FROM tracked AS t JOIN happened AS h ON h.bin = t.bin
	), answer AS
	(
		SELECT c.method, 'purchases' AS quantity, 'cumulative' AS measure, c.bin, c.label, c.customers, c.expected, c.actual, NULL::float8 AS metric
		FROM cumulative AS c
		UNION ALL
		SELECT c.method, 'purchases', 'period', c.bin, c.label, c.customers,
			c.expected - lag(c.expected, 1, 0) OVER w, c.actual - lag(c.actual, 1, 0) OVER w, NULL
		FROM cumulative AS c WINDOW w AS (PARTITION BY c.method ORDER BY c.bin)
		UNION ALL
		SELECT j.method, j.quantity, 'frequency', least(j.repeats, 7), CASE WHEN j.repeats < 7 THEN j.repeats::text ELSE '7+' END,
			count(*), sum(j.expected), sum(j.actual), NULL
		FROM judged AS j GROUP BY 1, 2, 4, 5
		UNION ALL
		SELECT j.method, j.quantity, 'decile', j.bin, j.bin::text, count(*), sum(j.expected), sum(j.actual), NULL
		FROM (SELECT j.*, (10 * (rank() OVER (PARTITION BY j.method, j.quantity ORDER BY j.expected DESC) - 1)
				/ count(*) OVER (PARTITION BY j.method, j.quantity))::int + 1 AS bin FROM judged AS j) AS j
		GROUP BY 1, 2, 4
		UNION ALL
		SELECT j.method, j.quantity, 'total', NULL, NULL, count(*), sum(j.expected), sum(j.actual),
			sum(j.expected) / nullif(sum(j.actual), 0) - 1
		FROM judged AS j GROUP BY 1, 2
		UNION ALL
		SELECT j.method, j.quantity, v.measure, NULL, NULL, j.customers, NULL, NULL, v.metric
		FROM (SELECT j.method, j.quantity, count(*) AS customers, predseg.rmse(j.actual, j.expected) AS rmse, predseg.mae(j.actual, j.expected) AS mae
			FROM judged AS j WHERE j.quantity <> 'churn' GROUP BY 1, 2) AS j,
			LATERAL (VALUES ('rmse', j.rmse), ('mae', j.mae)) AS v (measure, metric)
		UNION ALL
		SELECT j.method, 'churn', v.measure, NULL, NULL, j.customers, NULL, NULL, v.metric
		FROM (SELECT j.method, count(*) AS customers, predseg.roc_auc(j.actual::int, j.expected) AS roc_auc,
				predseg.brier(j.actual::int, j.expected) AS brier, predseg.log_loss(j.actual::int, j.expected) AS log_loss,
				(SELECT sum(b.rows * abs(b.predicted - b.observed)) / sum(b.rows)
					FROM unnest(predseg.calibration(j.actual::int, j.expected)) AS b) AS calibration_error
			FROM judged AS j WHERE j.quantity = 'churn' GROUP BY j.method) AS j,
			LATERAL (VALUES ('roc_auc', j.roc_auc), ('brier', j.brier), ('log_loss', j.log_loss),
				('calibration_error', j.calibration_error)) AS v (measure, metric)
	)
	SELECT a.* FROM answer AS a ORDER BY array_position(methods, a.method), a.quantity, a.measure, a.bin;
END;
COMMENT ON FUNCTION predseg.clv_backtest(text, date, text[], interval, date, text, text, text, text, jsonb) IS 'Back-test of purchase models from transactions: fits each on what was until split_at and compares what it expects with what happened until ends_at, over time, by frequency, by decile and in all, ready to plot';
