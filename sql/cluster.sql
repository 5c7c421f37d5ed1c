-- How many clusters, and how good they are.

CREATE FUNCTION predseg.cluster_candidates(model predseg.model)
	RETURNS TABLE (k int, chosen boolean, covariance text, inertia float8, overlap float8, silhouette float8, calinski_harabasz float8,
		davies_bouldin float8, gap float8, gap_error float8, height float8, log_likelihood float8, bic float8, aic float8)
	AS 'MODULE_PATHNAME', 'predseg_cluster_candidates_by_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION predseg.cluster_candidates(predseg.model) IS 'The numbers of clusters, and shapes of their covariances, that were tried when the model was trained, and what speaks for each; what its method does not compute is NULL. No rows where there was nothing to choose';

CREATE FUNCTION predseg.cluster_candidates(name text)
	RETURNS TABLE (k int, chosen boolean, covariance text, inertia float8, overlap float8, silhouette float8, calinski_harabasz float8,
		davies_bouldin float8, gap float8, gap_error float8, height float8, log_likelihood float8, bic float8, aic float8)
	AS 'MODULE_PATHNAME', 'predseg_cluster_candidates_by_name' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION predseg.cluster_candidates(text) IS 'The numbers of clusters, and shapes of their covariances, that were tried when the model deployed under a name was trained, and what speaks for each';

CREATE FUNCTION predseg.silhouette_add(state internal, label "any", VARIADIC columns float8[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'predseg_silhouette_add' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.silhouette_add(internal, "any", float8[]) IS 'Internal: transition function of predseg.silhouette';

CREATE FUNCTION predseg.silhouette_finish(state internal) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_silhouette_finish' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION predseg.silhouette_finish(internal) IS 'Internal: final function of predseg.silhouette';

CREATE AGGREGATE predseg.silhouette(label "any", VARIADIC columns float8[]) (
	SFUNC = predseg.silhouette_add,
	STYPE = internal,
	SSPACE = 1048576,
	FINALFUNC = predseg.silhouette_finish,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.silhouette("any", float8[]) IS 'Mean silhouette of rows in groups, by distance in the columns: from 1 (far apart) over 0 to -1 (in the wrong group). Exact up to 4096 different rows, beyond of a sample of as many that does not depend on their order. Rows with NULL are skipped; NULL without two groups';
