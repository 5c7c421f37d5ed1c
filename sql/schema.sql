-- The schema everything lives in. Made here and not by the control file, so
-- that it belongs to the extension, goes with it, and cannot be pre-created.
CREATE SCHEMA predseg;
COMMENT ON SCHEMA predseg IS 'Predictive segmentation: models, scores, segments of customers, and the log of their changes';
