-- Hierarchical clustering.
SET search_path = pg_temp, public;
SET client_min_messages = warning;

-- Three groups of sizes 5:3:2; the numbers need no random source
CREATE TEMPORARY TABLE person AS
SELECT i AS id, g AS kind, 10 * g + u AS age, 1e6 * (5 * (g % 2) + v + u) AS income, g = 1 AS member
FROM (SELECT i, CASE WHEN i % 10 < 5 THEN 0 WHEN i % 10 < 8 THEN 1 ELSE 2 END AS g,
		i * 0.6180339887 % 1 + i * 0.7071067811 % 1 - 1 AS u, i * 0.7548776662 % 1 + i * 0.5698402909 % 1 - 1 AS v
	FROM generate_series(1, 600) i) s;
CREATE TEMPORARY TABLE cut AS
SELECT linkage, predseg.fit('hierarchical', p.*, jsonb_build_object('linkage', linkage, 'exclude', '["id", "kind"]'::jsonb)) AS model
FROM person p, (VALUES ('ward'), ('average')) AS v(linkage) GROUP BY linkage;

-- The groups are found, and every row of the training is in the cluster of the tree
SELECT linkage, predseg.describe(model) #>> '{parameters,status}' AS status, jsonb_array_length(predseg.describe(model) #> '{parameters,clusters}') AS k,
	jsonb_array_length(predseg.describe(model) #> '{parameters,candidates}') AS candidates, predseg.describe(model) #> '{parameters,points}' AS points
FROM cut ORDER BY linkage;
SELECT linkage, predseg.adjusted_rand(kind, predseg.cluster(model, p)) AS agreement, bool_and(predseg.score(model, p) = predseg.cluster(model, p)) AS score,
	bool_and(predseg.second_cluster(model, p) <> predseg.cluster(model, p)) AS second, count(*) FILTER (WHERE predseg.unlike_any_cluster(model, p)) AS unlike
FROM cut, person p GROUP BY linkage ORDER BY linkage;
SELECT linkage, c -> 'cluster' AS cluster, (c -> 'rows')::int = count(p) AS rows
FROM cut, jsonb_array_elements(predseg.describe(model) #> '{parameters,clusters}') c, person p
WHERE predseg.cluster(model, p) = (c -> 'cluster')::int GROUP BY linkage, c ORDER BY linkage, 2;

-- The tree as a table
CREATE TEMPORARY VIEW tree AS
SELECT linkage, n.* FROM cut, jsonb_to_recordset(predseg.describe(model) #> '{parameters,tree}')
	AS n(node int, position float8, height float8, rows int, "left" int, "right" int);
SELECT linkage, count(*), count("left") AS merges, sum(rows) FILTER (WHERE "left" IS NULL) AS rows, max(rows) AS root FROM tree GROUP BY linkage ORDER BY linkage;
SELECT bool_and(m.rows = l.rows + r.rows AND m.position = (l.position + r.position) / 2 AND m.height >= greatest(l.height, r.height)) AS tree
FROM tree m JOIN tree l ON l.linkage = m.linkage AND l.node = m."left" JOIN tree r ON r.linkage = m.linkage AND r.node = m."right";
SELECT linkage, bool_and(t.rows = (c -> 'rows')::int) AS nodes
FROM cut JOIN tree t USING (linkage), jsonb_array_elements(predseg.describe(model) #> '{parameters,clusters}') c
WHERE t.node = (c -> 'node')::int GROUP BY linkage ORDER BY linkage;

-- Contributions sum to something that is not negative
SELECT linkage, bool_and((SELECT sum(contribution) FROM predseg.explain(model, p)) >= 0) AS nearer FROM cut, person p WHERE id < 50 GROUP BY linkage ORDER BY linkage;

-- Rows in another order: the same model, byte for byte; from a summary of rows, too
SELECT linkage, model::text = (SELECT predseg.fit('hierarchical', p.*, jsonb_build_object('linkage', c.linkage, 'exclude', '["id", "kind"]'::jsonb) ORDER BY id DESC)::text
	FROM person p) AS same
FROM cut c ORDER BY linkage;
CREATE TEMPORARY TABLE crowd AS
SELECT i AS id, (i % 3) * 5 + i * 0.6180339887 % 1 + i * 0.7071067811 % 1 AS x, (i % 3 = 1)::int * 5 + i * 0.7548776662 % 1 + i * 0.5698402909 % 1 AS y
FROM generate_series(1, 6000) i;
CREATE TEMPORARY TABLE many AS SELECT predseg.fit('hierarchical', c.*, '{"key": "id"}') AS model FROM crowd c;
SELECT predseg.describe(model) #>> '{parameters,status}' AS status, (predseg.describe(model) #> '{parameters,points}')::int <= 1024 AS points,
	model::text = (SELECT predseg.fit('hierarchical', c.*, '{"key": "id"}' ORDER BY id DESC)::text FROM crowd c) AS same,
	model::text::predseg.model::text = model::text AS text
FROM many;
SELECT predseg.adjusted_rand(id % 3, predseg.cluster(model, c)) FROM many, crowd c;

-- A cut by height
SELECT jsonb_array_length(predseg.describe(predseg.fit('hierarchical', p.*, jsonb_build_object('height', h, 'exclude', '["id", "kind"]'::jsonb))) #> '{parameters,clusters}') AS k
FROM person p, (SELECT height AS h FROM tree WHERE linkage = 'ward' ORDER BY height DESC OFFSET 4 LIMIT 1) s GROUP BY h;

-- By name
SELECT deployed, notes FROM predseg.train('kinds', 'SELECT id, age, income FROM person', method => 'hierarchical', key => 'id', options => '{"k_max": 5}');
SELECT metric FROM predseg.evaluate('kinds', 'SELECT * FROM person') ORDER BY metric;
SELECT predseg.cluster('kinds', p.*) FROM person p WHERE id = 8;
SELECT predseg.drop_model('kinds');

-- What cannot be clustered, and what can
SELECT predseg.fit('hierarchical', p, '{"k": 1001}') FROM person p;
SELECT predseg.fit('hierarchical', p, '{"k": 1}') FROM person p;
SELECT predseg.fit('hierarchical', p, '{"k": 2, "height": 1}') FROM person p;
SELECT predseg.fit('hierarchical', p, '{"k_min": 4, "k_max": 3}') FROM person p;
SELECT predseg.fit('hierarchical', p, '{"linkage": "complete"}') FROM person p;
SELECT predseg.fit('hierarchical', s, '{"k": 3, "on_too_little_data": "error"}') FROM (SELECT member FROM person) s;
SELECT predseg.fit('hierarchical', s, '{"on_too_little_data": "error"}') FROM (SELECT 7 AS seven FROM person) s;
SELECT predseg.fit('hierarchical', s, '{"on_too_little_data": "error"}') FROM (SELECT NULL::float8 AS unknown FROM person) s;
SELECT predseg.fit('hierarchical', s, '{"k": 2}') FROM (SELECT CASE id WHEN 7 THEN 'NaN' ELSE age::float8 END AS age FROM person) s;
SELECT predseg.fit('hierarchical', s, '{"k": 2, "weight": "n"}') FROM (SELECT id, age, 5 - id AS n FROM person ORDER BY id) s;
SELECT what, jsonb_agg(c -> 'rows' ORDER BY c -> 'cluster') AS rows
FROM (SELECT 'one column' AS what, predseg.fit('hierarchical', s, '{"k": 2}') AS model FROM (SELECT income FROM person) s
	UNION ALL SELECT 'a column a million times larger', predseg.fit('hierarchical', s, '{"k": 3}') FROM (SELECT age, income * 1e6 AS income FROM person) s
	UNION ALL SELECT 'categories only', predseg.fit('hierarchical', s, '{"k": 3}') FROM (SELECT 'kind ' || kind AS kind, member FROM person) s
	UNION ALL SELECT 'NULLs', predseg.fit('hierarchical', s, '{"k": 2}') FROM (SELECT CASE WHEN kind > 0 THEN age END AS age, NULL::int AS unknown FROM person) s) f,
	jsonb_array_elements(predseg.describe(model) #> '{parameters,clusters}') c
GROUP BY what ORDER BY what;
