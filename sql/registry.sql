-- Models by name: versions, training runs, and what is deployed.

CREATE TABLE predseg.model_version (
	name         text NOT NULL CHECK (name <> ''),
	version      int NOT NULL CHECK (version > 0),
	owner        text NOT NULL,
	method       text NOT NULL,
	model        predseg.model NOT NULL,
	source       text NOT NULL,
	target       text,
	key          text,
	options      jsonb NOT NULL,
	metrics      jsonb,
	rows         bigint NOT NULL,
	holdout_rows bigint NOT NULL,
	fingerprint  text,
	trained_at   timestamptz NOT NULL,
	deployed     boolean NOT NULL,
	deployed_at  timestamptz,
	PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX model_version_deployed ON predseg.model_version (name) WHERE deployed;
COMMENT ON INDEX predseg.model_version_deployed IS 'At most one version of a name is deployed';
COMMENT ON INDEX predseg.model_version_pkey IS 'One row for each version of a name';
COMMENT ON TABLE predseg.model_version IS 'Every trained version of every named model; written by predseg.train, store_model, deploy and drop_model only';
COMMENT ON COLUMN predseg.model_version.name IS 'Name of the model, as scoring functions take it';
COMMENT ON COLUMN predseg.model_version.version IS 'Counts from 1 under a name';
COMMENT ON COLUMN predseg.model_version.owner IS 'Role that owns the name; it and its members may use, train, deploy and drop it';
COMMENT ON COLUMN predseg.model_version.method IS 'Method that learned it';
COMMENT ON COLUMN predseg.model_version.model IS 'The model itself';
COMMENT ON COLUMN predseg.model_version.source IS 'Source it was trained on, as given; empty for a model that was stored';
COMMENT ON COLUMN predseg.model_version.target IS 'Column that is predicted';
COMMENT ON COLUMN predseg.model_version.key IS 'Column of the customer; decides who is held out';
COMMENT ON COLUMN predseg.model_version.options IS 'All options, defaults included';
COMMENT ON COLUMN predseg.model_version.metrics IS 'Quality on the hold-out, and what became of the numbers of clusters';
COMMENT ON COLUMN predseg.model_version.rows IS 'Rows learned from';
COMMENT ON COLUMN predseg.model_version.holdout_rows IS 'Rows held out for evaluation';
COMMENT ON COLUMN predseg.model_version.fingerprint IS 'Identifies source, data and options, so that an unchanged training can be skipped; not filled yet';
COMMENT ON COLUMN predseg.model_version.trained_at IS 'When the training began';
COMMENT ON COLUMN predseg.model_version.deployed IS 'Is this the version that the name means?';
COMMENT ON COLUMN predseg.model_version.deployed_at IS 'When it was last deployed';

CREATE TABLE predseg.training_run (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name         text NOT NULL,
	version      int NOT NULL,
	owner        text NOT NULL,
	method       text NOT NULL,
	source       text NOT NULL,
	target       text,
	key          text,
	options      jsonb NOT NULL,
	metrics      jsonb,
	rows         bigint NOT NULL,
	holdout_rows bigint NOT NULL,
	fingerprint  text,
	notes        text[] NOT NULL,
	started_at   timestamptz NOT NULL,
	finished_at  timestamptz NOT NULL,
	deployed     boolean NOT NULL,
	reason       text NOT NULL,
	run_by       text NOT NULL
);
COMMENT ON INDEX predseg.training_run_pkey IS 'One row for each training';
COMMENT ON TABLE predseg.training_run IS 'One row for each call of predseg.train, which returns it, and of predseg.store_model';
COMMENT ON COLUMN predseg.training_run.id IS 'Counts the trainings';
COMMENT ON COLUMN predseg.training_run.name IS 'Name of the model';
COMMENT ON COLUMN predseg.training_run.version IS 'Version that the training made';
COMMENT ON COLUMN predseg.training_run.owner IS 'Role that owns the model';
COMMENT ON COLUMN predseg.training_run.method IS 'Method that learned it';
COMMENT ON COLUMN predseg.training_run.source IS 'Source, as given';
COMMENT ON COLUMN predseg.training_run.target IS 'Column that is predicted';
COMMENT ON COLUMN predseg.training_run.key IS 'Column of the customer; decides who is held out';
COMMENT ON COLUMN predseg.training_run.options IS 'All options, defaults included';
COMMENT ON COLUMN predseg.training_run.metrics IS 'Quality on the hold-out, and what became of the numbers of clusters';
COMMENT ON COLUMN predseg.training_run.rows IS 'Rows learned from';
COMMENT ON COLUMN predseg.training_run.holdout_rows IS 'Rows held out for evaluation';
COMMENT ON COLUMN predseg.training_run.fingerprint IS 'Identifies source, data and options; not filled yet';
COMMENT ON COLUMN predseg.training_run.notes IS 'Everything that was also a NOTICE: what was left out, chosen or found';
COMMENT ON COLUMN predseg.training_run.started_at IS 'When it began';
COMMENT ON COLUMN predseg.training_run.finished_at IS 'When the model was stored';
COMMENT ON COLUMN predseg.training_run.deployed IS 'Was the version deployed by this training?';
COMMENT ON COLUMN predseg.training_run.reason IS 'Why it was deployed or not';
COMMENT ON COLUMN predseg.training_run.run_by IS 'Role that called';

SELECT pg_catalog.pg_extension_config_dump('predseg.model_version', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.training_run', '');
SELECT pg_catalog.pg_extension_config_dump('predseg.training_run_id_seq', '');

CREATE VIEW predseg.model_versions WITH (security_barrier) AS
	SELECT v.name, v.version, v.deployed, v.method, v.target, v.key, v.source, v.options, v.metrics,
		v.rows, v.holdout_rows, v.trained_at, v.deployed_at, v.owner
	FROM predseg.model_version v
	WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r
		WHERE r.rolname OPERATOR(pg_catalog.=) v.owner AND pg_catalog.pg_has_role(r.oid, 'USAGE'));
COMMENT ON VIEW predseg.model_versions IS 'The versions of the models you can use, without their bytes';
COMMENT ON COLUMN predseg.model_versions.name IS 'Name of the model, as scoring functions take it';
COMMENT ON COLUMN predseg.model_versions.version IS 'Counts from 1 under a name';
COMMENT ON COLUMN predseg.model_versions.deployed IS 'Is this the version that the name means?';
COMMENT ON COLUMN predseg.model_versions.method IS 'Method that learned it';
COMMENT ON COLUMN predseg.model_versions.target IS 'Column that is predicted';
COMMENT ON COLUMN predseg.model_versions.key IS 'Column of the customer';
COMMENT ON COLUMN predseg.model_versions.source IS 'Source it was trained on, as given';
COMMENT ON COLUMN predseg.model_versions.options IS 'All options, defaults included';
COMMENT ON COLUMN predseg.model_versions.metrics IS 'Quality on the hold-out, and what became of the numbers of clusters';
COMMENT ON COLUMN predseg.model_versions.rows IS 'Rows learned from';
COMMENT ON COLUMN predseg.model_versions.holdout_rows IS 'Rows held out for evaluation';
COMMENT ON COLUMN predseg.model_versions.trained_at IS 'When the training began';
COMMENT ON COLUMN predseg.model_versions.deployed_at IS 'When it was last deployed';
COMMENT ON COLUMN predseg.model_versions.owner IS 'Role that owns the name';

CREATE VIEW predseg.models WITH (security_barrier) AS
	SELECT v.name, v.version, v.method, v.target, v.key, v.source, v.metrics, v.rows, v.holdout_rows,
		v.trained_at, v.deployed_at, v.owner
	FROM predseg.model_version v
	WHERE v.deployed AND EXISTS (SELECT FROM pg_catalog.pg_roles r
		WHERE r.rolname OPERATOR(pg_catalog.=) v.owner AND pg_catalog.pg_has_role(r.oid, 'USAGE'));
COMMENT ON VIEW predseg.models IS 'The deployed models you can use, without their bytes';
COMMENT ON COLUMN predseg.models.name IS 'Name of the model, as scoring functions take it';
COMMENT ON COLUMN predseg.models.version IS 'Version deployed';
COMMENT ON COLUMN predseg.models.method IS 'Method that learned it';
COMMENT ON COLUMN predseg.models.target IS 'Column that is predicted';
COMMENT ON COLUMN predseg.models.key IS 'Column of the customer';
COMMENT ON COLUMN predseg.models.source IS 'Source it was trained on, as given';
COMMENT ON COLUMN predseg.models.metrics IS 'Quality on the hold-out, and what became of the numbers of clusters';
COMMENT ON COLUMN predseg.models.rows IS 'Rows learned from';
COMMENT ON COLUMN predseg.models.holdout_rows IS 'Rows held out for evaluation';
COMMENT ON COLUMN predseg.models.trained_at IS 'When the training began';
COMMENT ON COLUMN predseg.models.deployed_at IS 'When it was last deployed';
COMMENT ON COLUMN predseg.models.owner IS 'Role that owns the name';

CREATE VIEW predseg.training_runs WITH (security_barrier) AS
	SELECT t.id, t.name, t.version, t.deployed, t.reason, t.method, t.target, t.key, t.source, t.options, t.metrics,
		t.rows, t.holdout_rows, t.notes, t.started_at, t.finished_at, t.run_by, t.owner
	FROM predseg.training_run t
	WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r
		WHERE r.rolname OPERATOR(pg_catalog.=) t.owner AND pg_catalog.pg_has_role(r.oid, 'USAGE'));
COMMENT ON VIEW predseg.training_runs IS 'The trainings of the models you can use';
COMMENT ON COLUMN predseg.training_runs.id IS 'Counts the trainings';
COMMENT ON COLUMN predseg.training_runs.name IS 'Name of the model';
COMMENT ON COLUMN predseg.training_runs.version IS 'Version that the training made';
COMMENT ON COLUMN predseg.training_runs.deployed IS 'Was the version deployed by this training?';
COMMENT ON COLUMN predseg.training_runs.reason IS 'Why it was deployed or not';
COMMENT ON COLUMN predseg.training_runs.method IS 'Method that learned it';
COMMENT ON COLUMN predseg.training_runs.target IS 'Column that is predicted';
COMMENT ON COLUMN predseg.training_runs.key IS 'Column of the customer';
COMMENT ON COLUMN predseg.training_runs.source IS 'Source, as given';
COMMENT ON COLUMN predseg.training_runs.options IS 'All options, defaults included';
COMMENT ON COLUMN predseg.training_runs.metrics IS 'Quality on the hold-out, and what became of the numbers of clusters';
COMMENT ON COLUMN predseg.training_runs.rows IS 'Rows learned from';
COMMENT ON COLUMN predseg.training_runs.holdout_rows IS 'Rows held out for evaluation';
COMMENT ON COLUMN predseg.training_runs.notes IS 'Everything that was also a NOTICE';
COMMENT ON COLUMN predseg.training_runs.started_at IS 'When it began';
COMMENT ON COLUMN predseg.training_runs.finished_at IS 'When the model was stored';
COMMENT ON COLUMN predseg.training_runs.run_by IS 'Role that called';
COMMENT ON COLUMN predseg.training_runs.owner IS 'Role that owns the model';

CREATE FUNCTION predseg.train(
	name text,
	source text,
	target text DEFAULT NULL,
	method text DEFAULT 'auto',
	key text DEFAULT NULL,
	exclude text[] DEFAULT '{}',
	holdout float8 DEFAULT 0.2,
	options jsonb DEFAULT '{}',
	deploy text DEFAULT 'if_better'
) RETURNS predseg.training_run
	AS 'MODULE_PATHNAME', 'predseg_train' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION predseg.train(text, text, text, text, text, text[], float8, jsonb, text) IS 'Fits a model to a source, holds rows out, evaluates, stores a version under the name and deploys it if it is better';

CREATE FUNCTION predseg.store_model(name text, model predseg.model, deploy boolean DEFAULT true) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_registry_store' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.store_model(text, predseg.model, boolean) IS 'Stores a model value as the next version of a name, and deploys it unless told not to; returns the version';

CREATE FUNCTION predseg.deploy(name text, version int DEFAULT NULL) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_registry_deploy' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.deploy(text, int) IS 'Makes a version (the newest by default) the one that the name means; returns it';

CREATE FUNCTION predseg.drop_model(name text) RETURNS int
	AS 'MODULE_PATHNAME', 'predseg_registry_drop' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION predseg.drop_model(text) IS 'Removes all versions of a model; returns how many there were. Its training runs stay';
