-- Why a score is what it is: by value (a pure function) and by name (the deployed version).

CREATE FUNCTION predseg.explain(model predseg.model, "row" record, top int DEFAULT NULL)
	RETURNS TABLE (feature text, value text, contribution float8)
	AS 'MODULE_PATHNAME', 'predseg_explain_by_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 40 ROWS 10;
COMMENT ON FUNCTION predseg.explain(predseg.model, record, int) IS 'What each column of a row adds to its score (to the log-odds of a probability), the strongest first; top limits to so many and sums up the others. Relative to the means of training, which are the row (intercept); all rows sum to the score';

CREATE FUNCTION predseg.explain(name text, "row" record, top int DEFAULT NULL)
	RETURNS TABLE (feature text, value text, contribution float8)
	AS 'MODULE_PATHNAME', 'predseg_explain_by_name' LANGUAGE C STABLE PARALLEL SAFE COST 50 SUPPORT predseg.row_support ROWS 10;
COMMENT ON FUNCTION predseg.explain(text, record, int) IS 'What each column of a row adds to its score (to the log-odds of a probability), the strongest first; asks the model deployed under a name';
