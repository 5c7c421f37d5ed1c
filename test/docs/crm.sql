-- A made-up table as it lies in a CRM: 4,000 subscribers as they were on
-- 2024-06-30, with what had become of them three months later. Texts, dates,
-- unknown values, skewed money, an identifier, and a column that is filled in
-- only when somebody cancels. The same numbers on every machine.
SELECT setseed(0.25);

CREATE TABLE subscribers AS
SELECT id AS subscriber_id, md5(id::text)::uuid AS token, date '2024-06-30' AS as_of, joined, last_login, plan, country, spent, tickets, newsletter,
	CASE WHEN cancels THEN date '2024-07-01' + floor(91 * random())::int END AS cancelled_on,
	CASE WHEN cancels THEN 'cancelled' ELSE 'active' END AS status
FROM (SELECT *, random() < 1 / (1 + exp(2.6 - 0.035 * away - 0.5 * tickets + 0.35 * ln(1 + spent) / ln(10) - CASE plan WHEN 'monthly' THEN 1.2 ELSE 0 END
		+ CASE WHEN newsletter THEN 0.6 ELSE 0 END)) AS cancels
	FROM (SELECT *, date '2024-06-30' - away * interval '1 day' AS last_login
		FROM (SELECT id, date '2020-01-01' + floor(1600 * random())::int AS joined, round((-25 * ln(1 - random()))::numeric, 2) AS away,
				(ARRAY['monthly', 'yearly', 'yearly'])[1 + floor(3 * random())::int] AS plan,
				(ARRAY['AT', 'AT', 'CH', 'DE', 'DE', 'DE', 'DE', NULL])[1 + floor(8 * random())::int] AS country,
				round(exp(3 + 1.5 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))::numeric, 2) AS spent,
				floor(-0.8 * ln(1 - random()))::int AS tickets, CASE WHEN random() < 0.9 THEN random() < 0.4 END AS newsletter
			FROM generate_series(1, 4000) AS id) AS drawn) AS known) AS past;
ALTER TABLE subscribers ADD PRIMARY KEY (subscriber_id);

-- Those still there, three months later
CREATE VIEW subscribers_now AS
SELECT subscriber_id, date '2024-09-30' AS as_of, joined, last_login + interval '92 days' AS last_login, plan, country, spent, tickets, newsletter
FROM subscribers WHERE status = 'active';
ANALYZE subscribers;
