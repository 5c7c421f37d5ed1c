--
-- Steps 1 and 2 with the simulated shop: look at the data, train intent.
--
\echo
\echo '== 1. A shop: customers, orders and web events (simulated; demo/simulate.sql says how)'
\echo
\set ECHO queries
SELECT count(*) AS orders, count(DISTINCT customer_id) AS customers,
       min(ordered_on) AS first_day, max(ordered_on) AS last_day, round(sum(amount)) AS total
FROM orders;

SELECT kind, count(*) AS events FROM web_events GROUP BY kind ORDER BY kind;
\set ECHO none

\echo 'What was known about each customer on a day, and nothing that came later. "history" is the set'
\echo 'of purchase days and amounts that purchase models read:'
\echo
\set ECHO queries
CREATE FUNCTION customers_at(day date)
    RETURNS TABLE (customer_id int, as_of date, history predseg.rfm, newsletter boolean,
                   visits bigint, product_views bigint, carts bigint)
STABLE
BEGIN ATOMIC
    SELECT o.customer_id, day, o.history, c.newsletter,
           coalesce(w.visits, 0), coalesce(w.product_views, 0), coalesce(w.carts, 0)
    FROM (SELECT customer_id, predseg.rfm(ordered_on, amount) AS history
          FROM orders WHERE ordered_on <= day GROUP BY customer_id) AS o
    JOIN customers AS c USING (customer_id)
    LEFT JOIN (SELECT customer_id,
                      count(*) FILTER (WHERE kind = 'visit') AS visits,
                      count(*) FILTER (WHERE kind = 'product view') AS product_views,
                      count(*) FILTER (WHERE kind = 'cart') AS carts
               FROM web_events WHERE happened_on BETWEEN day - 27 AND day
               GROUP BY customer_id) AS w USING (customer_id);
END;
\set ECHO none

\echo '\n== 2. Purchase intent: who, judged by four weeks of web events, orders in the next four weeks?'
\echo
\set ECHO queries
CREATE VIEW intent_training AS
    SELECT c.customer_id, c.newsletter, c.visits, c.product_views, c.carts,
           EXISTS (SELECT FROM orders AS o WHERE o.customer_id = c.customer_id
                   AND o.ordered_on > c.as_of AND o.ordered_on <= c.as_of + 28) AS bought
    FROM customers_at('2025-06-01') AS c;
\set ECHO none
\echo
\set ECHO queries
SELECT version, method, rows, holdout_rows, round((metrics ->> 'roc_auc')::numeric, 3) AS holdout_auc
FROM predseg.train('intent', 'intent_training', target => 'bought', key => 'customer_id',
    method => 'logistic');
\set ECHO none

\echo 'What was learned, beside the truth of the simulation:'
\echo
\set ECHO queries
SELECT t.parameter AS column, round(t.value::numeric, 3) AS truth,
       round((term ->> 'coefficient')::numeric, 3) AS estimate,
       round((term ->> 'standard_error')::numeric, 3) AS standard_error
FROM predseg.model_version AS m,
     jsonb_array_elements(predseg.describe(m.model) #> '{parameters,terms}') AS term
     JOIN truth AS t ON t.parameter = term ->> 'column'
WHERE m.name = 'intent' AND m.deployed AND t.model = 'intent';
