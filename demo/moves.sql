--
-- Who moved, from where to where, and why.
--
\echo '\n== 9. Who moved, from where to where, and why'
\echo
\set ECHO queries
CREATE VIEW move AS
    SELECT key AS customer,
           string_agg(segment, ', ') FILTER (WHERE op = 'leave') AS left_segments,
           string_agg(segment, ', ') FILTER (WHERE op = 'enter') AS entered_segments
    FROM (SELECT * FROM predseg.changes WHERE reason = 'data' ORDER BY segment) AS c GROUP BY key;
\set ECHO none
\echo
\set ECHO queries
SELECT left_segments, entered_segments, count(*) AS customers
FROM move GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10;
\set ECHO none
\echo 'The history keeps the values by which a customer entered and left. Those who were at risk, and'
\echo 'ordered again:'
\echo
\set ECHO queries
SELECT h.key AS customer, m.entered_segments,
       concat(h.entered_facts -> 'churn_90d', ' -> ', h.left_facts -> 'churn_90d') AS churn_90d,
       concat(h.entered_facts -> 'orders', ' -> ', h.left_facts -> 'orders') AS orders
FROM predseg.member_histories AS h JOIN move AS m ON m.customer = h.key
WHERE h.segment = 'at_risk' AND h.left_facts -> 'orders' > h.entered_facts -> 'orders'
ORDER BY h.left_facts -> 'churn_90d', h.key LIMIT 5;
\set ECHO none
\echo 'And those who stayed silent, until there was little hope left:'
\echo
\set ECHO queries
SELECT h.key AS customer, m.left_segments,
       concat(h.entered_facts -> 'churn_90d', ' -> ', h.left_facts -> 'churn_90d') AS churn_90d,
       concat(h.entered_facts -> 'orders', ' -> ', h.left_facts -> 'orders') AS orders
FROM predseg.member_histories AS h JOIN move AS m ON m.customer = h.key
WHERE h.segment = 'at_risk' AND h.left_facts -> 'orders' = h.entered_facts -> 'orders'
ORDER BY h.left_facts -> 'churn_90d' DESC, h.key LIMIT 5;
