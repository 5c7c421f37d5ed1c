-- The type predseg.rfm: a customer's purchase history, as an aggregate and its value.

CREATE TYPE predseg.rfm;

CREATE FUNCTION predseg.rfm_in(cstring) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_in(cstring) IS 'Reads a purchase history from its text';

CREATE FUNCTION predseg.rfm_out(predseg.rfm) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_rfm_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_out(predseg.rfm) IS 'Writes a purchase history as canonical JSON text';

CREATE FUNCTION predseg.rfm_recv(internal) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_recv(internal) IS 'Reads a purchase history from its bytes, checking them completely';

CREATE FUNCTION predseg.rfm_send(predseg.rfm) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_rfm_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_send(predseg.rfm) IS 'Writes a purchase history as its bytes';

CREATE TYPE predseg.rfm (
	INPUT = predseg.rfm_in,
	OUTPUT = predseg.rfm_out,
	RECEIVE = predseg.rfm_recv,
	SEND = predseg.rfm_send,
	STORAGE = extended
);
COMMENT ON TYPE predseg.rfm IS 'A purchase history: the exact set of local purchase days with their totals, the sum of returns, and the time zone';

CREATE CAST (predseg.rfm AS jsonb) WITH INOUT;
COMMENT ON CAST (predseg.rfm AS jsonb) IS 'A purchase history as its JSON text';

-- The aggregates. Their state is the type itself, so that parallel plans and
-- distributed databases can hand it on. The functions of the state may be
-- called by aggregates only.

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, day date, amount float8) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, date, float8) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, day date, amount numeric) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_date_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, date, numeric) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, at timestamp, amount float8) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, timestamp, float8) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, at timestamp, amount numeric) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_timestamp_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, timestamp, numeric) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, day date, amount float8, zone text) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, date, float8, text) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, day date, amount numeric, zone text) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_date_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, date, numeric, text) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, at timestamp, amount float8, zone text) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, timestamp, float8, text) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, at timestamp, amount numeric, zone text) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_timestamp_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, timestamp, numeric, text) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, at timestamptz, amount float8, zone text) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, timestamptz, float8, text) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_add(state predseg.rfm, at timestamptz, amount numeric, zone text) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_add_timestamptz_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_add(predseg.rfm, timestamptz, numeric, text) IS 'Transition function of the aggregate predseg.rfm';

CREATE FUNCTION predseg.rfm_merge(state predseg.rfm, rfm predseg.rfm) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_merge(predseg.rfm, predseg.rfm) IS 'Combine function of the aggregates predseg.rfm and predseg.rollup';

CREATE FUNCTION predseg.rfm_final(state predseg.rfm) RETURNS predseg.rfm
	AS 'MODULE_PATHNAME', 'predseg_rfm_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.rfm_final(predseg.rfm) IS 'Final function of the aggregates predseg.rfm and predseg.rollup';

CREATE AGGREGATE predseg.rfm(day date, amount float8) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(date, float8) IS 'Purchase history of a customer from days and amounts; negative amounts are returns, NULL is an unknown amount';

CREATE AGGREGATE predseg.rfm(day date, amount numeric) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(date, numeric) IS 'Purchase history of a customer from days and amounts of type numeric; negative amounts are returns, NULL is an unknown amount';

CREATE AGGREGATE predseg.rfm(at timestamp, amount float8) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(timestamp, float8) IS 'Purchase history of a customer from local times and amounts';

CREATE AGGREGATE predseg.rfm(at timestamp, amount numeric) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(timestamp, numeric) IS 'Purchase history of a customer from local times and amounts of type numeric';

CREATE AGGREGATE predseg.rfm(at timestamptz, amount float8, zone text) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(timestamptz, float8, text) IS 'Purchase history of a customer from moments and amounts; days are those of the zone';

CREATE AGGREGATE predseg.rfm(at timestamptz, amount numeric, zone text) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(timestamptz, numeric, text) IS 'Purchase history of a customer from moments and amounts of type numeric; days are those of the zone';

-- Without these, a date or a local time given with a zone would be cast to
-- timestamptz, by the session's TimeZone.
CREATE AGGREGATE predseg.rfm(day date, amount float8, zone text) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(date, float8, text) IS 'Purchase history of a customer from days that are already local to the zone';

CREATE AGGREGATE predseg.rfm(day date, amount numeric, zone text) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(date, numeric, text) IS 'Purchase history of a customer from days that are already local to the zone and amounts of type numeric';

CREATE AGGREGATE predseg.rfm(at timestamp, amount float8, zone text) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(timestamp, float8, text) IS 'Purchase history of a customer from times that are already local to the zone';

CREATE AGGREGATE predseg.rfm(at timestamp, amount numeric, zone text) (
	SFUNC = predseg.rfm_add, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rfm(timestamp, numeric, text) IS 'Purchase history of a customer from times that are already local to the zone and amounts of type numeric';

CREATE AGGREGATE predseg.rollup(rfm predseg.rfm) (
	SFUNC = predseg.rfm_merge, STYPE = predseg.rfm, SSPACE = 128, COMBINEFUNC = predseg.rfm_merge,
	FINALFUNC = predseg.rfm_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.rollup(predseg.rfm) IS 'One purchase history from several of the same time zone, the same as from all their rows';

-- What a purchase history says.

CREATE FUNCTION predseg.orders(rfm predseg.rfm) RETURNS integer
	AS 'MODULE_PATHNAME', 'predseg_rfm_orders' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.orders(predseg.rfm) IS 'Number of days with a purchase';

CREATE FUNCTION predseg.repeats(rfm predseg.rfm) RETURNS integer
	AS 'MODULE_PATHNAME', 'predseg_rfm_repeats' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.repeats(predseg.rfm) IS 'Number of days with a purchase after the first such day';

CREATE FUNCTION predseg.total(rfm predseg.rfm) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_rfm_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.total(predseg.rfm) IS 'Sum of all known amounts, returns subtracted; NULL when no amount is known';

CREATE FUNCTION predseg.average(rfm predseg.rfm) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_rfm_average' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.average(predseg.rfm) IS 'Mean value of the purchase days of known value, before returns; NULL when there is none';

CREATE FUNCTION predseg.first_day(rfm predseg.rfm) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_rfm_first_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.first_day(predseg.rfm) IS 'First day with a purchase; NULL when there is none';

CREATE FUNCTION predseg.last_day(rfm predseg.rfm) RETURNS date
	AS 'MODULE_PATHNAME', 'predseg_rfm_last_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.last_day(predseg.rfm) IS 'Last day with a purchase; NULL when there is none';

CREATE FUNCTION predseg.days_since_last(rfm predseg.rfm, as_of date) RETURNS integer
	AS 'MODULE_PATHNAME', 'predseg_rfm_days_since_last' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.days_since_last(predseg.rfm, date) IS 'Days from the last purchase on or before as_of to as_of; NULL when there is none';

CREATE TYPE predseg.btyd AS (
	frequency float8,
	recency float8,
	tenure float8,
	monetary float8
);
COMMENT ON TYPE predseg.btyd IS 'A purchase history as purchase models read it';
COMMENT ON COLUMN predseg.btyd.frequency IS 'Number of repeat purchase days';
COMMENT ON COLUMN predseg.btyd.recency IS 'Days from the first purchase to the last; 0 without repeats';
COMMENT ON COLUMN predseg.btyd.tenure IS 'Days from the first purchase to as_of';
COMMENT ON COLUMN predseg.btyd.monetary IS 'Mean value of the repeat purchase days of known value; NULL when there is none';

CREATE FUNCTION predseg.btyd(rfm predseg.rfm, as_of date) RETURNS predseg.btyd
	AS 'MODULE_PATHNAME', 'predseg_rfm_btyd' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.btyd(predseg.rfm, date) IS 'Frequency, recency, tenure and monetary value in days, by the purchases on or before as_of; NULL when there is none';
