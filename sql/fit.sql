-- The aggregate that fits one model per group.

CREATE FUNCTION predseg.fit_accumulate(state internal, method text, "row" record) RETURNS internal
	AS 'MODULE_PATHNAME', 'predseg_fit_accumulate' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.fit_accumulate(internal, text, record) IS 'Internal: transition function of predseg.fit';

CREATE FUNCTION predseg.fit_accumulate(state internal, method text, "row" record, options jsonb) RETURNS internal
	AS 'MODULE_PATHNAME', 'predseg_fit_accumulate' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION predseg.fit_accumulate(internal, text, record, jsonb) IS 'Internal: transition function of predseg.fit with options';

CREATE FUNCTION predseg.fit_finish(state internal) RETURNS predseg.model
	AS 'MODULE_PATHNAME', 'predseg_fit_finish' LANGUAGE C STABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION predseg.fit_finish(internal) IS 'Internal: final function of predseg.fit';

CREATE AGGREGATE predseg.fit(method text, "row" record) (
	SFUNC = predseg.fit_accumulate,
	STYPE = internal,
	SSPACE = 1048576,
	FINALFUNC = predseg.fit_finish,
	FINALFUNC_MODIFY = READ_WRITE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.fit(text, record) IS 'Fits a model of the given method to the rows of a group; NULL without rows and, with a warning, where they are too little to learn from';

CREATE AGGREGATE predseg.fit(method text, "row" record, options jsonb) (
	SFUNC = predseg.fit_accumulate,
	STYPE = internal,
	SSPACE = 1048576,
	FINALFUNC = predseg.fit_finish,
	FINALFUNC_MODIFY = READ_WRITE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.fit(text, record, jsonb) IS 'Fits a model of the given method to the rows of a group, with options such as {"target": "bought"}; NULL without rows and, with a warning, where they are too little to learn from';
