-- The orders of the CDNOW sample (docs/cdnow.md) where $PREDSEG_DATA has them; otherwise those of a made-up shop, so that the examples run.
\set file `cat "$PREDSEG_DATA/cdnow/cdnow_sample.csv" 2>/dev/null`
CREATE TABLE cdnow AS
SELECT split_part(line, ',', 2)::int AS customer_id, split_part(line, ',', 3)::date AS ordered_on, split_part(line, ',', 5)::numeric AS dollars
FROM string_to_table(:'file', E'\n') WITH ORDINALITY AS f (line, n) WHERE n > 1 AND line <> '';

SELECT setseed(0.5);
INSERT INTO cdnow
WITH RECURSIVE buyer AS MATERIALIZED
(
	SELECT id, 84 * random() AS first, -60 * ln(random()) - 60 * ln(random()) AS pace, random() ^ 2 AS leaves, 10 + 40 * random() AS basket
	FROM generate_series(1, 2357) AS id
), buying AS
(
	SELECT *, first AS day FROM buyer
	UNION ALL
	SELECT id, first, pace, leaves, basket, day - pace * ln(random()) FROM buying WHERE random() > leaves AND day < 546
)
SELECT id, date '1997-01-01' + floor(day)::int, round((basket * (0.5 + random()))::numeric, 2) FROM buying
WHERE day < 546 AND NOT EXISTS (SELECT FROM cdnow);
ANALYZE cdnow;
