--
-- Step 6: segments.
--
\echo
\echo '== 6. Segments: rules over the scores'
\echo
SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY clv_1y) AS high FROM scores \gset
SELECT cluster AS best FROM scores GROUP BY cluster ORDER BY avg(clv_1y) DESC NULLS LAST LIMIT 1 \gset
\set valuable 'clv_1y >= ' :high
\set alike 'cluster = ' :best
\set ECHO queries
SELECT predseg.create_segment('likely_buyers', 'scores', 'customer_id', $$ intent = 'high' $$);

SELECT predseg.create_segment('at_risk', 'scores', 'customer_id',
    'orders >= 3 AND churn_90d BETWEEN 0.6 AND 0.8',
    leave_when => 'churn_90d < 0.5 OR churn_90d > 0.8',
    description => 'Regular customers who have fallen silent');

SELECT predseg.create_segment('high_value', 'scores', 'customer_id', :'valuable');

SELECT predseg.create_segment('best_cluster', 'scores', 'customer_id', :'alike');
