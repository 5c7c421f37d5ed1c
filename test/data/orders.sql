-- Makes orders.csv, simulated transactions with some that cannot be used, of an empty database:
--	psql -X -q -v ON_ERROR_STOP=1 -v customers=300 -f demo/simulate.sql -f test/data/orders.sql >test/data/orders.csv
COPY (
	SELECT customer_id AS "Customer ID", to_char(ordered_on, 'DD/MM/YYYY') AS "Order Date",
		CASE WHEN (customer_id + ordered_on - date '2024-01-01') % 50 = 0 THEN -1 ELSE 2 END AS "Quantity",
		round(amount / 2, 2) AS "Unit Price"
	FROM orders
	UNION ALL
	VALUES (NULL::int, '01/02/2024', 1, 5.00), (7, 'soon', 1, 5.00)
) TO STDOUT WITH (FORMAT csv, HEADER);
