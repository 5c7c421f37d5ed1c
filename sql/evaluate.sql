-- Quality of scores against what really happened.

CREATE TYPE predseg.roc;

CREATE FUNCTION predseg.roc_in(cstring) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_in(cstring) IS 'Reads the state of roc_auc from hexadecimal text';

CREATE FUNCTION predseg.roc_out(predseg.roc) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_roc_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_out(predseg.roc) IS 'Writes the state of roc_auc as hexadecimal text';

CREATE FUNCTION predseg.roc_recv(internal) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_recv(internal) IS 'Reads the state of roc_auc from its bytes, checking them completely';

CREATE FUNCTION predseg.roc_send(predseg.roc) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_roc_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_send(predseg.roc) IS 'Writes the state of roc_auc as its bytes';

CREATE TYPE predseg.roc (
	INPUT = predseg.roc_in,
	OUTPUT = predseg.roc_out,
	RECEIVE = predseg.roc_recv,
	SEND = predseg.roc_send,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE predseg.roc IS 'State of roc_auc: the weights of both classes at every score';

CREATE FUNCTION predseg.roc_add(state predseg.roc, actual anyelement, predicted float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add(predseg.roc, anyelement, float8) IS 'Transition function of the aggregate predseg.roc_auc';

CREATE FUNCTION predseg.roc_add(state predseg.roc, actual anyelement, predicted float8, weight float8) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_add(predseg.roc, anyelement, float8, float8) IS 'Transition function of the weighted aggregate predseg.roc_auc';

CREATE FUNCTION predseg.roc_merge(state predseg.roc, other predseg.roc) RETURNS predseg.roc
	AS 'MODULE_PATHNAME', 'predseg_roc_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.roc_merge(predseg.roc, predseg.roc) IS 'Combine function of the aggregate predseg.roc_auc';

CREATE FUNCTION predseg.roc_area(state predseg.roc) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_roc_area' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.roc_area(predseg.roc) IS 'Final function of the aggregate predseg.roc_auc';

CREATE AGGREGATE predseg.roc_auc(actual anyelement, predicted float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_area,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.roc_auc(anyelement, float8) IS 'Area under the ROC curve, exact with ties: the probability that a row where it happened scores above one where it did not. actual is boolean or 0/1; pairs with NULL are skipped; NULL without both classes';

CREATE AGGREGATE predseg.roc_auc(actual anyelement, predicted float8, weight float8) (
	SFUNC = predseg.roc_add,
	STYPE = predseg.roc,
	SSPACE = 65536,
	COMBINEFUNC = predseg.roc_merge,
	FINALFUNC = predseg.roc_area,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.roc_auc(anyelement, float8, float8) IS 'Area under the ROC curve of weighted rows';
