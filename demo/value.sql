--
-- Step 3: churn and lifetime value.
--
\echo
\echo '== 3. Churn and lifetime value: when does a customer order again, and for how much?'
\echo
\set ECHO queries
CREATE VIEW customer AS
    SELECT * FROM customers_at((SELECT max(ordered_on) FROM orders));
\set ECHO none
\echo
\set ECHO queries
SELECT version, method, rows, holdout_rows, deployed
FROM predseg.train('value', 'customer', method => 'clv', key => 'customer_id',
    options => '{"time_unit": "week"}');
\set ECHO none

SELECT to_regclass('truth') IS NOT NULL AS simulated \gset
\if :simulated
\echo 'What was learned, beside the truth of the simulation:'
\echo
\set ECHO queries
SELECT part.key AS part, t.parameter, t.value AS truth,
       round((part.value ->> t.parameter)::numeric, 3) AS estimate,
       round((part.value -> 'standard_errors' ->> t.parameter)::numeric, 3) AS standard_error
FROM predseg.model_version AS m,
     jsonb_each(predseg.describe(m.model) -> 'parameters') AS part
     JOIN truth AS t ON part.value ? t.parameter
WHERE m.name = 'value' AND m.deployed AND t.model = 'value';
\set ECHO none
\else
\echo 'What was learned:'
\echo
\set ECHO queries
SELECT part.key AS part, p AS parameter, round((part.value ->> p)::numeric, 3) AS estimate,
       round((part.value -> 'standard_errors' ->> p)::numeric, 3) AS standard_error
FROM predseg.model_version AS m,
     jsonb_each(predseg.describe(m.model) -> 'parameters') AS part,
     jsonb_object_keys(part.value -> 'standard_errors') AS p
WHERE m.name = 'value' AND m.deployed;
\set ECHO none
\endif
