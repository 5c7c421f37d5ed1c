--
-- Make the demo's tables of the transactions in the table upload: orders, and
-- new_orders with the last tenth of the time, which arrives later.
--
-- psql's variables customer, moment and amount are expressions over the columns
-- of the file, or empty to be guessed.
--

\set SHOW_CONTEXT never

-- Columns in which every value is a number become numeric.  Those with leading
-- zeros are codes, not numbers.
DO $$
DECLARE
	changes text := '';
	column_name name;
	numeric_column boolean;
BEGIN
	FOR column_name IN
		SELECT attname FROM pg_attribute WHERE attrelid = 'upload'::regclass AND attnum > 0
	LOOP
		EXECUTE format($q$
			SELECT coalesce(bool_and(btrim(%1$I) ~ '^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)$'), false)
			FROM upload WHERE btrim(%1$I) <> '' $q$, column_name) INTO numeric_column;
		changes := changes || format(', ALTER %1$I TYPE %2$s USING nullif(btrim(%1$I), '''')::%2$s', column_name,
			CASE WHEN numeric_column THEN 'numeric' ELSE 'text' END);
	END LOOP;
	EXECUTE 'ALTER TABLE upload ' || substr(changes, 3);
END $$;

-- The first of these columns that the file has, whatever its capitals, spaces and underscores.
CREATE FUNCTION pg_temp.guess(VARIADIC names text[]) RETURNS text
BEGIN ATOMIC
	SELECT quote_ident(attname)
	FROM unnest(names) WITH ORDINALITY AS wanted (name, place)
		JOIN pg_attribute ON regexp_replace(lower(attname), '[^a-z0-9]', '', 'g') = wanted.name
	WHERE attrelid = 'upload'::regclass AND attnum > 0
	ORDER BY place LIMIT 1;
END;

-- Choose the expression for a part: the one given, or the guess.
CREATE FUNCTION pg_temp.choose(part text, given text, guess text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
					 FROM pg_attribute WHERE attrelid = 'upload'::regclass AND attnum > 0);
BEGIN
	IF given = '' AND guess IS NULL THEN
		RAISE EXCEPTION 'the header does not say which column is the %', part
			USING HINT = format('Say %s=column, or an SQL expression. The columns are: %s.', upper(part), columns);
	ELSIF given = '' THEN
		RAISE NOTICE '%: taken to be %. Say %=... to choose another.', part, guess, upper(part);
		RETURN guess;
	END IF;
	BEGIN
		EXECUTE format('SELECT (%s)::text FROM upload LIMIT 0', given);
	EXCEPTION WHEN OTHERS THEN
		RAISE EXCEPTION '%=% cannot be used: %', upper(part), given, SQLERRM
			USING HINT = format('The columns are: %s. Names that are not plain lower case need double quotes.', columns);
	END;
	RETURN given;
END $$;

-- What cannot be read is NULL.
CREATE FUNCTION pg_temp.to_day(value text) RETURNS date STRICT LANGUAGE plpgsql AS $$
BEGIN
	RETURN nullif(nullif(value::timestamp, 'infinity'), '-infinity')::date;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$;

CREATE FUNCTION pg_temp.to_amount(value text) RETURNS numeric STRICT LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE WHEN value::numeric BETWEEN -1e15 AND 1e15 THEN value::numeric END;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$;

-- Read the transactions, in one order of day and month.
CREATE FUNCTION pg_temp.read(customer text, moment text, amount text, day_order text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('DateStyle', 'ISO, ' || day_order, true);
	EXECUTE format($q$
		CREATE TEMPORARY TABLE transaction AS
		SELECT customer_id, moment, amount, pg_temp.to_day(moment) AS day, pg_temp.to_amount(amount) AS value
		FROM (SELECT (%s)::text AS customer_id, (%s)::text AS moment, (%s)::text AS amount FROM upload) AS given $q$,
		customer, moment, amount);
END $$;

-- Tell how many rows a condition leaves out, with an example; refuse when it is most.
CREATE FUNCTION pg_temp.leave_out(condition text, why text, example text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	rows bigint := (SELECT count(*) FROM transaction);
	bad bigint;
	first text;
BEGIN
	EXECUTE format('SELECT count(*), min(%s) FROM transaction WHERE %s', example, condition) INTO bad, first;
	IF bad > 0 THEN
		why := format('%s of %s rows have %s', bad, rows, why) || coalesce(format(', for example "%s"', first), '');
		IF bad * 2 > rows THEN
			RAISE EXCEPTION '%', why USING HINT = 'Choose the columns with CUSTOMER=, TIME= and AMOUNT=.';
		END IF;
		RAISE NOTICE '%: they are left out', why;
		EXECUTE format('DELETE FROM transaction WHERE %s', condition);
	END IF;
END $$;

SELECT pg_temp.choose('customer', :'customer',
		pg_temp.guess('customerid', 'customer', 'customerno', 'customernumber', 'custid', 'clientid', 'client', 'userid', 'user',
			'buyerid', 'memberid', 'accountid', 'visitorid', 'email', 'id')) AS customer,
	pg_temp.choose('time', :'moment',
		pg_temp.guess('orderedat', 'orderdate', 'ordertime', 'purchasedat', 'purchasedate', 'invoicets', 'invoicedate', 'soldat',
			'transactiondate', 'createdat', 'timestamp', 'datetime', 'date', 'time', 'ts', 'at', 'day')) AS moment,
	pg_temp.choose('amount', :'amount',
		coalesce(
			pg_temp.guess('amount', 'ordertotal', 'totalamount', 'total', 'revenue', 'sales', 'spend', 'value', 'dollars'),
			pg_temp.guess('quantity', 'qty', 'units') || ' * ' || pg_temp.guess('unitprice', 'priceeach', 'price'),
			pg_temp.guess('price'))) AS amount
\gset

BEGIN;
SELECT pg_temp.read(:'customer', :'moment', :'amount', 'MDY');
SELECT count(*) AS unread FROM transaction WHERE day IS NULL AND moment IS NOT NULL \gset
SELECT :unread > 0 AS try_other_order \gset
\if :try_other_order
	DROP TABLE transaction;
	SELECT pg_temp.read(:'customer', :'moment', :'amount', 'DMY');
	SELECT count(*) < :unread AS better FROM transaction WHERE day IS NULL AND moment IS NOT NULL \gset
	\if :better
		\warn 'NOTICE:  dates are read with the day before the month'
	\else
		DROP TABLE transaction;
		SELECT pg_temp.read(:'customer', :'moment', :'amount', 'MDY');
	\endif
\endif

SELECT pg_temp.leave_out('customer_id IS NULL', 'no customer', 'NULL::text');
SELECT pg_temp.leave_out('moment IS NULL', 'no time', 'NULL::text');
SELECT pg_temp.leave_out('day IS NULL', 'a time that is no date', 'moment');
SELECT pg_temp.leave_out('value IS NULL AND amount IS NOT NULL', 'an amount that is no number', 'amount');

DO $$
DECLARE
	first_day date;
	last_day date;
	known_until date;
BEGIN
	SELECT min(day), max(day) INTO first_day, last_day FROM transaction;
	IF first_day IS NULL OR last_day - first_day < 30 THEN
		RAISE EXCEPTION 'the file has transactions from % to %, but the demo needs at least 30 days', first_day, last_day;
	END IF;
	known_until := last_day - (last_day - first_day) / 10;
	CREATE TABLE orders AS
		SELECT customer_id, day AS ordered_on, value AS amount FROM transaction WHERE day <= known_until;
	CREATE INDEX ON orders (customer_id);
	CREATE TABLE new_orders AS
		SELECT customer_id, day AS ordered_on, value AS amount FROM transaction WHERE day > known_until;
END $$;
COMMIT;
ANALYZE orders, new_orders;
