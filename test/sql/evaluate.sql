-- roc_auc: exact with ties, weights, groups, parallel plans.
CREATE TABLE scored (g text, actual boolean, predicted float8, weight float8);
INSERT INTO scored VALUES
	('a', true, 0.9, 1), ('a', false, 0.8, 1), ('a', true, 0.7, 1), ('a', false, 0.1, 1),
	('ties', true, 0.5, 1), ('ties', false, 0.5, 1), ('ties', true, 0.9, 1), ('ties', false, 0.5, 1),
	('one class', true, 0.5, 1), ('one class', true, 0.6, 1),
	('nulls', true, NULL, 1), ('nulls', NULL, 0.4, 1), ('nulls', true, 0.2, 1), ('nulls', false, 0.1, 1),
	('weights', true, 0.4, 3), ('weights', false, 0.3, 1), ('weights', false, 0.6, 1), ('weights', true, 0.7, 0);
-- By hand: pairs won, half for ties. a: 3 of 4; ties: (1 + 1 + 0.5 + 0.5) of 4; weights: 3 of 6.
SELECT g, predseg.roc_auc(actual, predicted) AS auc, predseg.roc_auc(actual::int, predicted) AS of_int,
	predseg.roc_auc(actual, predicted, weight) AS weighted
FROM scored GROUP BY g ORDER BY g;
SELECT predseg.roc_auc(actual, predicted) IS NULL AS empty FROM scored WHERE false;
SELECT predseg.roc_auc(actual::int * 2, predicted) FROM scored;
SELECT predseg.roc_auc(g, predicted) FROM scored;
SELECT predseg.roc_auc(actual, 'NaN') FROM scored;
SELECT predseg.roc_auc(actual, predicted, -weight) FROM scored;
SELECT round(predseg.roc_auc(actual, predicted) OVER (ORDER BY predicted)::numeric, 4) AS running FROM scored WHERE g = 'a' ORDER BY predicted;

-- Against the definition, over 600 rows with many ties
CREATE TABLE many AS
SELECT i % 7 < 2 + (i * 37 % 100) / 40 AS actual, round((i * 37 % 100) / 300.0, 2) + (i * 7919 % 50) / 100.0 AS predicted FROM generate_series(1, 600) i;
SELECT predseg.roc_auc(actual, predicted::float8) AS auc FROM many \gset
SELECT abs(:auc - (SELECT avg(CASE WHEN p.predicted > n.predicted THEN 1 WHEN p.predicted = n.predicted THEN 0.5 ELSE 0 END)::float8
	FROM many p, many n WHERE p.actual AND NOT n.actual)) < 1e-12 AS by_definition;

-- A parallel plan merges states and gives the same.
ALTER TABLE many SET (parallel_workers = 2);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT predseg.roc_auc(actual, predicted::float8) FROM many;
SELECT predseg.roc_auc(actual, predicted::float8) = :auc AS parallel FROM many;

-- The state is a type that refuses what it did not write, and functions of the state are the aggregate's.
SELECT '\x00'::predseg.roc;
SELECT 'text'::predseg.roc;
SELECT predseg.roc_add(NULL, true, 0.5);
DROP TABLE scored, many;
