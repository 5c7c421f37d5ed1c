-- What the rows of each cluster are like: by value and by name (the deployed version).

CREATE FUNCTION predseg.cluster_profile(model predseg.model, source text, columns text[] DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (cluster int, cluster_name text, rows bigint, share float8, feature text, level text, rows_with bigint,
		mean float8, median float8, overall_mean float8, overall_median float8, difference float8, lift float8)
	AS 'MODULE_PATHNAME', 'predseg_cluster_profile_by_value' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 100;
COMMENT ON FUNCTION predseg.cluster_profile(predseg.model, text, text[], date) IS 'What the rows of a source are like in each cluster of a model: one row for each cluster and column (for texts, each level), what sets the cluster apart most first';

CREATE FUNCTION predseg.cluster_profile(name text, source text, columns text[] DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (cluster int, cluster_name text, rows bigint, share float8, feature text, level text, rows_with bigint,
		mean float8, median float8, overall_mean float8, overall_median float8, difference float8, lift float8)
	AS 'MODULE_PATHNAME', 'predseg_cluster_profile_by_name' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 100;
COMMENT ON FUNCTION predseg.cluster_profile(text, text, text[], date) IS 'What the rows of a source are like in each cluster of the model deployed under a name: one row for each cluster and column (for texts, each level), what sets the cluster apart most first';

CREATE FUNCTION predseg.cluster_names(model predseg.model, source text, columns text[] DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (cluster int, cluster_name text, rows bigint, share float8)
	AS 'MODULE_PATHNAME', 'predseg_cluster_names_by_value' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION predseg.cluster_names(predseg.model, text, text[], date) IS 'A suggested name for each cluster of a model, all different, from what sets its rows of a source apart, and how many there are';

CREATE FUNCTION predseg.cluster_names(name text, source text, columns text[] DEFAULT NULL, as_of date DEFAULT NULL)
	RETURNS TABLE (cluster int, cluster_name text, rows bigint, share float8)
	AS 'MODULE_PATHNAME', 'predseg_cluster_names_by_name' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION predseg.cluster_names(text, text, text[], date) IS 'A suggested name for each cluster of the model deployed under a name, all different, from what sets its rows of a source apart, and how many there are';
