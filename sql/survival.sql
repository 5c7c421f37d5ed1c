-- Survival of contracts as tables.

CREATE FUNCTION predseg.survival_curve(model predseg.model)
	RETURNS TABLE (stratum text, at float8, at_risk float8, ended float8, survival float8, standard_error float8, lower float8, upper float8)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100
BEGIN ATOMIC
	SELECT (SELECT string_agg(coalesce(v.value ->> 'value', 'null'), ', ' ORDER BY v.ordinality)
			FROM jsonb_array_elements(c.curve -> 'values') WITH ORDINALITY AS v),
		n.at::float8, n.at_risk::float8, n.ended::float8,
		coalesce(n.survival::float8, exp(-least(n.cumulative_hazard::float8, 700))), n.standard_error::float8, n.lower::float8, n.upper::float8
	FROM jsonb_array_elements(predseg.describe(survival_curve.model) -> 'parameters' -> 'curves') AS c (curve),
		ROWS FROM (jsonb_array_elements_text(c.curve -> 'times'), jsonb_array_elements_text(c.curve -> 'at_risk'),
			jsonb_array_elements_text(c.curve -> 'ended'), jsonb_array_elements_text(c.curve -> 'survival'),
			jsonb_array_elements_text(c.curve -> 'standard_errors'), jsonb_array_elements_text(c.curve -> 'lower'),
			jsonb_array_elements_text(c.curve -> 'upper'), jsonb_array_elements_text(c.curve -> 'cumulative_hazard'))
			AS n (at, at_risk, ended, survival, standard_error, lower, upper, cumulative_hazard);
END;
COMMENT ON FUNCTION predseg.survival_curve(predseg.model) IS 'The curve of a model of contracts beside what was counted: at each time (in its time unit) at which contracts ended, how many were at risk and ended, and the share that lasted longer, of kaplan_meier with its standard error and 95 % interval; of other methods that of a contract with all columns at their means';
