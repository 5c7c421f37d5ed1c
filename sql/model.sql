-- The type predseg.model: an immutable value that holds everything a model needs.

CREATE TYPE predseg.model;

CREATE FUNCTION predseg.model_in(cstring) RETURNS predseg.model
	AS 'MODULE_PATHNAME', 'predseg_model_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.model_in(cstring) IS 'Reads a model from its canonical JSON text';

CREATE FUNCTION predseg.model_out(predseg.model) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_model_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.model_out(predseg.model) IS 'Writes a model as canonical JSON text';

CREATE FUNCTION predseg.model_recv(internal) RETURNS predseg.model
	AS 'MODULE_PATHNAME', 'predseg_model_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.model_recv(internal) IS 'Reads a model from its bytes, checking them completely';

CREATE FUNCTION predseg.model_send(predseg.model) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_model_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.model_send(predseg.model) IS 'Writes a model as its bytes';

CREATE TYPE predseg.model (
	INPUT = predseg.model_in,
	OUTPUT = predseg.model_out,
	RECEIVE = predseg.model_recv,
	SEND = predseg.model_send,
	STORAGE = extended
);
COMMENT ON TYPE predseg.model IS 'A fitted model: a value that can be stored, copied, dumped and scored; shown as JSON';

CREATE FUNCTION predseg.describe(model predseg.model) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'predseg_model_describe' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.describe(predseg.model) IS 'Everything about a model: method, inputs, parameters with standard errors, facts about its training';

CREATE CAST (predseg.model AS jsonb) WITH FUNCTION predseg.describe(predseg.model);
COMMENT ON CAST (predseg.model AS jsonb) IS 'Everything about a model, as predseg.describe shows it';

CREATE FUNCTION predseg.make_model(method text, parameters jsonb, options jsonb DEFAULT '{}') RETURNS predseg.model
	AS 'MODULE_PATHNAME', 'predseg_model_make' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION predseg.make_model(text, jsonb, jsonb) IS 'A model from known parameters, for example those of a paper: make_model(''bg_nbd'', ''{"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}'', ''{"time_unit": "week"}'')';

CREATE FUNCTION predseg.import_model(format text, content text, options jsonb DEFAULT '{}') RETURNS predseg.model
	AS 'MODULE_PATHNAME', 'predseg_model_import' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION predseg.import_model(text, text, jsonb) IS 'A model from the content of a model file of XGBoost or LightGBM, to score with: import_model(''xgboost'', pg_read_file(''model.json''))';
