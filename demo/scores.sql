--
-- Step 5: the materialized view that is published.
--
\echo
\echo '== 5. Scores: one row for each customer, in a materialized view'
\echo '   Rounded, so that a refresh rewrites only customers for whom something changed.'
\echo
\set ECHO queries
CREATE MATERIALIZED VIEW scores AS
    SELECT customer_id,
           predseg.orders(history) AS orders,
           predseg.band('intent', c.*) AS intent,
           round(predseg.churn_probability('value', c.*, '90 days')::numeric, 1) AS churn_90d,
           round(predseg.clv('value', c.*, '1 year')::numeric, -1) AS clv_1y,
           predseg.cluster('group', c.*) AS cluster
    FROM customer_shape AS c;
\set ECHO none
\echo '\nWith a unique index, a refresh does not block readers:\n'
\set ECHO queries
CREATE UNIQUE INDEX ON scores (customer_id);
\set ECHO none
\echo
\set ECHO queries
SELECT cluster, count(*) AS customers, round(avg(orders), 1) AS orders,
       count(*) FILTER (WHERE intent = 'high') AS high_intent,
       round(avg(churn_90d), 2) AS churn_90d, round(avg(clv_1y)) AS clv_1y
FROM scores GROUP BY cluster ORDER BY cluster;
