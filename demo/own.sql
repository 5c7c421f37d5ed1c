--
-- Steps 1 and 2 with own transactions: look at the data, train intent.
--
SELECT last_day - first_day + 1 AS days, last_day - period AS train_day, period
FROM (SELECT min(ordered_on) AS first_day, max(ordered_on) AS last_day,
		 (SELECT max(ordered_on) FROM new_orders) - max(ordered_on) AS period FROM orders) AS known \gset

\echo '\n== 1. Your transactions'
\echo '   The last' :period 'days are held back: they arrive in step 8.'
\echo
\set ECHO queries
SELECT count(*) AS transactions, count(DISTINCT customer_id) AS customers,
       min(ordered_on) AS first_day, max(ordered_on) AS last_day,
       round(sum(amount)) AS total, count(*) FILTER (WHERE amount < 0) AS returns
FROM orders;
\set ECHO none

\echo 'What was known about each customer on a day, and nothing that came later. "history" is the set'
\echo 'of purchase days and amounts that purchase models read:'
\echo
\set ECHO queries
CREATE FUNCTION customers_at(day date)
    RETURNS TABLE (customer_id text, as_of date, history predseg.rfm,
                   orders int, average float8, days_since_last int, days_known int)
STABLE
BEGIN ATOMIC
    SELECT customer_id, day, h, predseg.orders(h), predseg.average(h),
           predseg.days_since_last(h, day), day - predseg.first_day(h)
    FROM (SELECT customer_id, predseg.rfm(ordered_on, amount) AS h
          FROM orders WHERE ordered_on <= day GROUP BY customer_id) AS history;
END;
\set ECHO none

\echo '\n== 2. Purchase intent: who orders in the next' :period 'days?'
\echo
\set ECHO queries
CREATE VIEW intent_training AS
    SELECT c.customer_id, c.orders, c.average, c.days_since_last, c.days_known,
           EXISTS (SELECT FROM orders AS o WHERE o.customer_id = c.customer_id
                   AND o.ordered_on > c.as_of AND coalesce(o.amount, 0) >= 0) AS bought
    FROM customers_at(:'train_day') AS c;
\set ECHO none
\echo
\set ECHO queries
SELECT version, method, rows, holdout_rows, round((metrics ->> 'roc_auc')::numeric, 3) AS holdout_auc
FROM predseg.train('intent', 'intent_training', target => 'bought', key => 'customer_id',
    method => 'logistic');
\set ECHO none
\echo 'What was learned, in log-odds:'
\echo
\set ECHO queries
SELECT concat(term ->> 'column', CASE WHEN term ? 'null' THEN ' is null' END) AS column,
       round((term ->> 'coefficient')::numeric, 5) AS coefficient, round((term ->> 'z')::numeric, 1) AS z
FROM predseg.model_version AS m,
     jsonb_array_elements(predseg.describe(m.model) #> '{parameters,terms}') AS term
WHERE m.name = 'intent' AND m.deployed AND term ? 'z';
