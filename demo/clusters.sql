--
-- Step 4: clusters.
--
\echo
\echo '== 4. Clusters: customers who are alike'
\echo
\set ECHO queries
CREATE VIEW customer_shape AS
    SELECT c.*, ln(1 + predseg.orders(history)) AS log_orders,
           ln(1 + greatest(predseg.total(history), 0)) AS log_total,
           predseg.days_since_last(history, as_of) AS silent_days
    FROM customer AS c;
\set ECHO none
\echo
\set ECHO queries
SELECT version, method, rows, holdout_rows, deployed
FROM predseg.train('group', 'SELECT customer_id, log_orders, log_total, silent_days FROM customer_shape',
    method => 'kmeans', key => 'customer_id', options => '{"k": 4}');
SELECT * FROM predseg.cluster_names('group', 'customer_shape');
\set ECHO none
