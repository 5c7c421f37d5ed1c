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

-- The silhouette of any groups.

CREATE TYPE predseg.point_sample;

CREATE FUNCTION predseg.point_sample_in(cstring) RETURNS predseg.point_sample
	AS 'MODULE_PATHNAME', 'predseg_point_sample_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.point_sample_in(cstring) IS 'Reads the state of a silhouette from hexadecimal text';

CREATE FUNCTION predseg.point_sample_out(predseg.point_sample) RETURNS cstring
	AS 'MODULE_PATHNAME', 'predseg_point_sample_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.point_sample_out(predseg.point_sample) IS 'Writes the state of a silhouette as hexadecimal text';

CREATE FUNCTION predseg.point_sample_recv(internal) RETURNS predseg.point_sample
	AS 'MODULE_PATHNAME', 'predseg_point_sample_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.point_sample_recv(internal) IS 'Reads the state of a silhouette from its bytes, checking them completely';

CREATE FUNCTION predseg.point_sample_send(predseg.point_sample) RETURNS bytea
	AS 'MODULE_PATHNAME', 'predseg_point_sample_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION predseg.point_sample_send(predseg.point_sample) IS 'Writes the state of a silhouette as its bytes';

CREATE TYPE predseg.point_sample (
	INPUT = predseg.point_sample_in,
	OUTPUT = predseg.point_sample_out,
	RECEIVE = predseg.point_sample_recv,
	SEND = predseg.point_sample_send,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE predseg.point_sample IS 'State of silhouette: up to 4096 different rows with their labels, and how often each occurs';

CREATE FUNCTION predseg.point_sample_add(state predseg.point_sample, label "any", VARIADIC columns float8[]) RETURNS predseg.point_sample
	AS 'MODULE_PATHNAME', 'predseg_point_sample_add' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.point_sample_add(predseg.point_sample, "any", float8[]) IS 'Transition function of the aggregate predseg.silhouette';

CREATE FUNCTION predseg.point_sample_merge(state predseg.point_sample, other predseg.point_sample) RETURNS predseg.point_sample
	AS 'MODULE_PATHNAME', 'predseg_point_sample_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION predseg.point_sample_merge(predseg.point_sample, predseg.point_sample) IS 'Combine function of the aggregate predseg.silhouette';

CREATE FUNCTION predseg.point_sample_silhouette(state predseg.point_sample) RETURNS float8
	AS 'MODULE_PATHNAME', 'predseg_point_sample_silhouette' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION predseg.point_sample_silhouette(predseg.point_sample) IS 'Final function of the aggregate predseg.silhouette';

CREATE AGGREGATE predseg.silhouette(label "any", VARIADIC columns float8[]) (
	SFUNC = predseg.point_sample_add,
	STYPE = predseg.point_sample,
	SSPACE = 1048576,
	COMBINEFUNC = predseg.point_sample_merge,
	FINALFUNC = predseg.point_sample_silhouette,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE predseg.silhouette("any", float8[]) IS 'Mean silhouette of rows in groups, by distance in the columns: from 1 (far apart) over 0 to -1 (in the wrong group). Exact up to 4096 different rows, beyond of a sample of as many that does not depend on their order. Rows with NULL are skipped; NULL without two groups';
