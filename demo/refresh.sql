--
-- The first refresh.
--
\set ECHO queries
SELECT * FROM predseg.refresh();
