--
-- Step 8: time goes on.
--
\echo '\n== 8. New orders arrive'
\echo
\set ECHO queries
INSERT INTO orders TABLE new_orders;
\set ECHO none
SELECT to_regclass('new_web_events') IS NOT NULL AS simulated \gset
\if :simulated
\set ECHO queries
INSERT INTO web_events TABLE new_web_events;
\set ECHO none
\endif
\set ECHO queries
SELECT count(*) AS new_orders, min(ordered_on) AS first_day, max(ordered_on) AS last_day
FROM new_orders;

SELECT * FROM predseg.refresh();
