-- Covariates of purchase models.
SET client_min_messages = warning;
SET timezone = 'UTC';

-- Members buy more often; "size" says nothing; "copy" is a multiple of it.
CREATE TABLE buyer AS
SELECT id, id % 2 = 0 AS member, id % 3 AS size, 2 * (id % 3) AS copy,
	CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN 'north' ELSE 'south' END AS shop, 10.0 + id % 4 AS spent, n AS x,
	CASE WHEN n = 0 THEN 0 ELSE lived * power((id * 577 % 991 + 1) / 992.0, 1.0 / n::float8) END AS t_x, tenure
FROM (SELECT *, floor(lived / tenure * 1.3 * ln((id * 7919 % 1009 + 1) / 1010.0) * ln((id * 4729 % 997 + 1) / 998.0) * (CASE WHEN id % 2 = 0 THEN 3 ELSE 1 END)) AS n
	FROM (SELECT id, 30 + id % 7 AS tenure, least(30.0 + id % 7, 0.5 + 40 * ln((id * 3571 % 983 + 1) / 984.0) * ln((id * 6047 % 977 + 1) / 978.0)) AS lived
		FROM generate_series(1, 600) AS id) AS l) AS b;

CREATE TABLE learnt AS
SELECT method, predseg.fit(method, b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "time_unit": "week", "exclude": ["id"],
	"purchase_covariates": ["member", "shop"], "lifetime_covariates": ["size"]}') AS m
FROM buyer AS b, unnest('{bg_nbd, mbg_nbd, pareto_nbd}'::text[]) AS method GROUP BY method;
INSERT INTO learnt
SELECT 'clv', predseg.fit('clv', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "monetary": "spent", "time_unit": "week", "exclude": ["id"],
	"purchase_covariates": ["member", "shop"], "lifetime_covariates": ["size"]}') FROM buyer AS b;

SELECT method, part, t ->> 'column' AS column, coalesce(t ->> 'level', CASE WHEN t ? 'null' THEN 'NULL' END) AS level,
	round((t ->> 'coefficient')::numeric, 3) AS coefficient, round((t ->> 'p')::numeric, 3) AS p
FROM learnt, LATERAL (SELECT CASE method WHEN 'clv' THEN predseg.describe(m) #> '{parameters,purchase,covariates}' ELSE predseg.describe(m) #> '{parameters,covariates}' END AS c) AS d,
	unnest('{purchase, lifetime}'::text[]) AS part, jsonb_array_elements(c -> part -> 'terms') AS t
ORDER BY method COLLATE "C", part COLLATE "C" DESC, t ->> 'column' COLLATE "C", t ->> 'level' COLLATE "C";
SELECT method, predseg.describe(m) #>> '{parameters,status}' AS status, round((predseg.describe(m) #>> '{parameters,covariates,chi_squared}')::numeric, 1) AS chi_squared,
	predseg.describe(m) #>> '{parameters,covariates,degrees_of_freedom}' AS degrees, (predseg.describe(m) #>> '{parameters,covariates,p}')::float8 < 0.001 AS matters
FROM learnt WHERE method <> 'clv' ORDER BY method COLLATE "C";

-- Answers differ by the columns alone; a level never seen, and NULL, are answered.
SELECT method, round(predseg.expected_purchases(m, p.*, '52 weeks')::numeric, 3) AS plain, round(predseg.expected_purchases(m, q.*, '52 weeks')::numeric, 3) AS of_member,
	round(predseg.expected_purchases(m, r.*, '52 weeks')::numeric, 3) AS in_new_shop, predseg.p_alive(m, s.*) BETWEEN 0 AND 1 AS unknown
FROM learnt, (SELECT 2 AS x, 20.0 AS t_x, 30 AS tenure, 12.0 AS spent, false AS member, 'south' AS shop, 1 AS size) AS p,
	(SELECT 2 AS x, 20.0 AS t_x, 30 AS tenure, 12.0 AS spent, true AS member, 'south' AS shop, 1 AS size) AS q,
	(SELECT 2 AS x, 20.0 AS t_x, 30 AS tenure, 12.0 AS spent, true AS member, 'east' AS shop, 1 AS size) AS r,
	(SELECT 2 AS x, 20.0 AS t_x, 30 AS tenure, 12.0 AS spent, NULL::boolean AS member, NULL::text AS shop, NULL::int AS size) AS s
ORDER BY method COLLATE "C";

-- The model as text is the model, and its quality is measured.
SELECT method, m::text::predseg.model::text = m::text AS same, bool_and(predseg.p_alive(m::text::predseg.model, b.*) = predseg.p_alive(m, b.*)) AS same_answers
FROM learnt, buyer AS b GROUP BY method, m::text ORDER BY method COLLATE "C";

-- Of histories, beside which covariates stand.
CREATE TABLE shopper AS
SELECT id, id % 2 = 0 AS member, predseg.rfm(date '2023-01-02' + 9 * id * n, 10 + id + n) AS history
FROM generate_series(1, 40) AS id, generate_series(0, id % 7) AS n GROUP BY id;
SELECT (predseg.train('shoppers', 'shopper', method => 'mbg_nbd', key => 'id', options => '{"as_of": "2024-01-01", "purchase_covariates": ["member"]}')).method;
SELECT count(predseg.p_alive('shoppers', s.*, as_of => '2024-01-01')) AS answers FROM shopper AS s;

-- Left out with a note: columns that others determine.
SET client_min_messages = notice;
SELECT predseg.describe(predseg.fit('mbg_nbd', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "purchase_covariates": ["size", "copy"]}'))
	#>> '{parameters,covariates,degrees_of_freedom}' AS degrees FROM buyer AS b;
SET client_min_messages = warning;
SELECT predseg.describe(m) #>> '{parameters,covariates,no_standard_errors}' AS reason, predseg.describe(m) #> '{parameters,covariates,penalty}' AS penalty,
	predseg.describe(m) #> '{parameters,covariates,purchase,terms,0,standard_error}' IS NULL AS none
FROM (SELECT predseg.fit('mbg_nbd', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "purchase_covariates": ["member"], "penalty": 10}') AS m FROM buyer AS b) AS f;

-- What is refused
SELECT predseg.fit('mbg_nbd', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "purchase_covariates": ["colour"]}') FROM buyer AS b;
SELECT predseg.fit('mbg_nbd', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "purchase_covariates": "member"}') FROM buyer AS b;
SELECT predseg.fit('mbg_nbd', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "lifetime_covariates": ["tenure"]}') FROM buyer AS b;
SELECT predseg.fit('mbg_nbd', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "lifetime_covariates": ["since"]}') FROM (SELECT *, date '2024-01-01' AS since FROM buyer) AS b;
SELECT predseg.fit('bg_bb', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "lifetime_covariates": ["size"]}') FROM buyer AS b;
SELECT predseg.fit('clv', b.*, '{"frequency": "x", "recency": "t_x", "tenure": "tenure", "monetary": "spent", "purchase": "bg_bb", "lifetime_covariates": ["size"]}') FROM buyer AS b;
SELECT predseg.make_model('bg_nbd', '{"r": 1, "alpha": 1, "a": 1, "b": 1}', '{"purchase_covariates": ["size"]}');
SELECT predseg.drop_model('shoppers');
DROP TABLE buyer, learnt, shopper;
