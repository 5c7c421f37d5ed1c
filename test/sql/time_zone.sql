-- The tests run in several time zones, each with this same expected output.
-- Here they prove that they do: pg_regress sets a zone of its own, and the
-- runner replaces it by the one it asks for.
\getenv asked PREDSEG_TIMEZONE
\if :{?asked}
\else
\getenv asked PGTZ
\endif
SELECT current_setting('TimeZone') = :'asked' AS zone_is_as_asked;
