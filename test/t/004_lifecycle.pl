# The life of a database: dump and restore, a new owner, cancelled and killed
# sessions, dropping and making again, temporary objects, two databases.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->start;
my $roles = 'CREATE ROLE owner LOGIN; CREATE ROLE analyst LOGIN; CREATE ROLE heir LOGIN;';
$node->safe_psql('postgres', "$roles CREATE DATABASE shop OWNER owner;");

# Run SQL as a role in a database of a node and return what psql prints.
sub sql
{
	my ($role, $database, $sql, $where) = @_;
	return ($where // $node)->safe_psql($database, $sql, extra_params => [ '-U', $role ]);
}

# Everything that predseg keeps in a database, as text: rows, the bytes of
# models, the state of sequences.
sub contents
{
	my ($database, $where) = @_;
	$where //= $node;
	my @statements = split /\n/, $where->safe_psql($database, q{SELECT CASE relkind
			WHEN 'r' THEN format('SELECT %L, t FROM predseg.%I t ORDER BY t::text', relname, relname)
			ELSE format('SELECT %L, last_value, is_called FROM predseg.%I', relname, relname) END
		FROM pg_class WHERE relnamespace = 'predseg'::regnamespace AND relkind IN ('r', 'S') ORDER BY relkind, relname});
	return join "\n", (map { $where->safe_psql($database, $_) } @statements),
	  $where->safe_psql($database, q{SELECT name, version, md5(predseg.model_send(model)) FROM predseg.model_version ORDER BY 1, 2});
}

# The same without sequences, which nothing takes back.
sub rows { return contents($_[0]) =~ s/^\w+_id_seq\|.*\n//gmr; }

# What must hold between the tables whatever happened.
sub is_whole
{
	my ($database, $name) = @_;
	is($node->safe_psql($database, q{
		SELECT 'size', name FROM predseg.segment s WHERE size <> (SELECT count(*) FROM predseg.member m WHERE m.segment = s.name)
		UNION ALL
		SELECT 'present', coalesce(m.segment, h.segment) || ' ' || coalesce(m.key, h.key) FROM predseg.member m
			FULL JOIN (SELECT * FROM predseg.member_history WHERE left_at IS NULL) h USING (segment, key, episode) WHERE m.key IS NULL OR h.key IS NULL
		UNION ALL
		SELECT 'log', segment || ' ' || key FROM (SELECT segment, key, sum(CASE op WHEN 'enter' THEN 1 ELSE -1 END) AS inside FROM predseg.change GROUP BY 1, 2) c
			LEFT JOIN predseg.member m USING (segment, key) WHERE inside <> (m.key IS NOT NULL)::int
		UNION ALL
		SELECT 'position', max(pos)::text FROM predseg.change HAVING max(pos) IS DISTINCT FROM (SELECT pos FROM predseg.change_position) OR count(*) <> max(pos)
		UNION ALL
		SELECT 'run', id::text FROM predseg.refresh_run WHERE finished_at IS NULL
		UNION ALL
		SELECT 'deployed', name FROM predseg.model_version GROUP BY name HAVING count(*) FILTER (WHERE deployed) > 1
	}), '', $name);
}

# A session that stays open, which says "reached" when it is where it should be.
sub begin_session
{
	my ($application, $sql) = @_;
	my $session = { in => "$sql;\n", out => '', err => '' };
	$session->{run} = IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-U', 'owner', '-d', $node->connstr('shop') . " application_name=$application", '-f', '-' ],
		'<', \$session->{in}, '>', \$session->{out}, '2>', \$session->{err});
	ok(pump_until($session->{run}, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default), \$session->{err}, qr/reached/), "$application is under way");
	return $session;
}

sub victim { my ($do) = @_; return $node->safe_psql('postgres', "SELECT $do FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active'"); }

# --- a shop -----------------------------------------------------------------------

sql('owner', 'shop', q{
	CREATE EXTENSION predseg;
	CREATE FUNCTION reached() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'reached'; RETURN true; END $$;
	CREATE TABLE customer (id int PRIMARY KEY, x float8, y boolean, orders predseg.rfm, country text);
	INSERT INTO customer SELECT i, i, (i * 7919) % 97 < i,
		(SELECT predseg.rfm(date '2024-01-01' + i % 7 * j * j, (i + j) / 7.0) FROM generate_series(0, 1 + i % 4) j), 'it''s "' || chr(196 + i % 3) || '" \ ' || i % 3
		FROM generate_series(1, 120) i;
	SELECT FROM predseg.train('intent', 'SELECT id, x, y, country FROM customer', 'y', 'logistic', key => 'id', options => '{"include": ["x"]}');
	SELECT FROM predseg.train('intent', 'SELECT id, x * x AS x, y, country FROM customer', 'y', 'logistic', key => 'id', deploy => 'never');
	SELECT FROM predseg.train('groups', 'SELECT id, x, sin(x) AS z FROM customer', NULL, 'kmeans', key => 'id', options => '{"k": 3}');
	SELECT FROM predseg.train('value', 'SELECT id, orders, date ''2025-01-01'' AS as_of FROM customer', NULL, 'mbg_nbd', key => 'id', options => '{"time_unit": "week"}');
	SELECT FROM predseg.train('dropped', 'SELECT id, x, y FROM customer', 'y', 'logistic', key => 'id');
	SELECT predseg.drop_model('dropped');
	CREATE MATERIALIZED VIEW scores AS SELECT id, round(predseg.score('intent', t.*)::numeric, 3)::float8 AS intent, predseg.cluster('groups', g.*) AS cluster
		FROM customer t, LATERAL (SELECT t.x, sin(t.x) AS z) g;
	CREATE UNIQUE INDEX ON scores (id);
	GRANT SELECT ON customer, scores TO analyst;
	SELECT predseg.create_segment('likely', 'scores', 'id', 'intent > 0.6', 'intent < 0.4', 'the "likely" ones');
	SELECT predseg.create_segment('first', 'scores', 'id', 'cluster = 1');
	SELECT predseg.create_segment('gone', 'scores', 'id', 'intent > 0.5');
	SELECT predseg.create_consumer('mail', '{likely}', from_start => true);
	SELECT predseg.create_consumer('all');
	SELECT predseg.refresh();
});
sql('analyst', 'shop', q{
	SELECT FROM predseg.train('analyst', 'SELECT id, x, y FROM public.customer', 'y', 'logistic', key => 'id');
	SELECT predseg.create_segment('unlikely', 'public.scores', 'id', 'intent < 0.25');
	SELECT predseg.refresh();
});
sql('owner', 'shop', q{
	UPDATE customer SET x = 1 WHERE id > 110;
	SELECT predseg.refresh();
	SELECT predseg.drop_segment('gone');
	SELECT predseg.ack('mail', (SELECT min(pos) + 2 FROM predseg.poll('mail')));
	SELECT FROM predseg.poll('mail', lease => '100 years');
});
sql('analyst', 'shop', 'SELECT predseg.refresh()');
is_whole('shop', 'the shop is whole');
my $ask = q{SELECT md5(string_agg(predseg.score('intent', t.*)::text || predseg.band('intent', t.*), ' ' ORDER BY id)) FROM customer t;
	SELECT md5(string_agg(predseg.expected_purchases('value', t.*, '1 year', '2025-01-01')::text, ' ' ORDER BY id)) FROM customer t;
	SELECT md5(string_agg(orders::text, ' ' ORDER BY id)) FROM customer};
my $before = contents('shop');
my $answers = sql('owner', 'shop', $ask);

# --- dump and restore ---------------------------------------------------------------

my $folder = PostgreSQL::Test::Utils::tempdir();
$node->command_ok([ 'pg_dump', '-U', 'owner', '-d', $node->connstr('shop'), '-f', "$folder/shop.sql" ], 'the owner dumps the database');
$node->command_ok([ 'pg_dump', '-U', 'owner', '-d', $node->connstr('shop'), '-Fc', '-f', "$folder/shop.dump" ], 'also in the custom format');
my $fresh = PostgreSQL::Test::Cluster->new('fresh');
$fresh->init;
$fresh->start;
$fresh->safe_psql('postgres', "$roles CREATE DATABASE shop OWNER owner;");
$node->safe_psql('postgres', 'CREATE DATABASE copy OWNER owner; CREATE DATABASE parallel OWNER owner');

for my $place ([ $fresh, 'shop', 'into a new cluster' ], [ $node, 'copy', 'into another database' ], [ $node, 'parallel', 'by pg_restore in parallel' ])
{
	my ($where, $database, $name) = @$place;
	my ($out, $err) = $database eq 'parallel' ? run_command([ 'pg_restore', '-d', $where->connstr($database), '-j', '2', "$folder/shop.dump" ]) :
	  run_command([ 'psql', '-X', '-q', '-d', $where->connstr($database), '-v', 'ON_ERROR_STOP=1', '-c', 'LISTEN predseg', '-f', "$folder/shop.sql" ]);
	is($err, '', "a superuser restores $name");
	unlike($out, qr/notification/, 'no bell rings');
	is(contents($database, $where), $before, 'models, runs, segments, members, histories, changes, consumers and their positions are as they were');
	is(sql('owner', $database, $ask, $where), $answers, 'scores are the same to the last digit');
	is(sql('owner', $database, q{SELECT segment, entered, "left", held FROM predseg.refresh()}, $where), "first|0|0|f\nlikely|0|0|f", 'a refresh changes nothing');
	is(sql('analyst', $database, q{SELECT segment, entered, "left", held FROM predseg.refresh()}, $where), 'unlikely|0|0|f', 'nor does that of another role');
	is($where->safe_psql($database, 'SELECT count(*) = max(pos) AND max(pos) = (SELECT pos FROM predseg.change_position) FROM predseg.change'), 't', 'no change is born of a restore');
	is(sql('owner', $database, q{
		SELECT count(*) FROM predseg.poll('mail');
		SELECT predseg.ack('mail', delivered_pos) = delivered_pos FROM predseg.consumers WHERE name = 'mail';
		UPDATE customer SET x = 119 WHERE id = 1;
		SELECT segment, entered FROM predseg.refresh('likely');
		SELECT key, op, reason, pos = (SELECT count(*) FROM predseg.change) FROM predseg.poll('mail');
		SELECT version, id = 1 + (SELECT count(*) FROM predseg.training_run) FROM predseg.train('intent', 'SELECT id, x, y, country FROM customer', 'y', 'logistic', key => 'id', options => '{"include": ["x"]}');
	}, $where), "0\nt\nlikely|1\n1|enter|data|t\n3|t", 'a lease holds, and positions, runs and versions go on');
}
$fresh->stop;

# --- a new owner of the database -----------------------------------------------------

$node->safe_psql('postgres', 'ALTER DATABASE copy OWNER TO heir');
$node->safe_psql('copy', 'GRANT ALL ON ALL TABLES IN SCHEMA public TO heir');
$node->command_ok([ 'pg_dump', '-U', 'heir', '-d', $node->connstr('copy'), '-f', "$folder/copy.sql" ], 'the new owner of the database dumps it');
is(sql('heir', 'copy', q{
	SELECT count(*) FROM predseg.models;
	SELECT version FROM predseg.train('heir', 'SELECT id, x, y FROM public.customer', 'y', 'logistic', key => 'id');
	SELECT predseg.create_segment('heir', 'SELECT id, predseg.score(''heir'', c.*) AS s FROM public.customer c', 'id', 's > 0.5');
	SELECT segment, entered > 0 FROM predseg.refresh();
}), "0\n1\n1\nheir|t", 'and works for himself, without getting what belongs to others');
is(sql('owner', 'copy', q{SELECT segment, held FROM predseg.refresh() ORDER BY 1}), "first|f\nlikely|f", 'who owned it before keeps what is his');

# --- cancel ------------------------------------------------------------------------------

sql('owner', 'shop', q{
	CREATE TABLE wide AS SELECT i AS id, sin(i) AS a, sin(i * 1.1) AS b, sin(i * 1.3) AS c, sin(i * 1.7) AS d, sin(i * 1.9) AS e, sin(i * 2.3) AS f FROM generate_series(1, 60000) i;
	CREATE VIEW until_read AS SELECT a, b, c, d, e, f FROM wide UNION ALL SELECT 0, 0, 0, 0, 0, 0 WHERE reached();
	CREATE FUNCTION wait() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'reached'; PERFORM pg_advisory_xact_lock(42); RETURN true; END $$;
	CREATE TABLE gate (name text); INSERT INTO gate VALUES ('none');
	CREATE VIEW gated AS SELECT id, intent FROM scores WHERE (SELECT name FROM gate) <> 'evaluation' OR (SELECT wait());
	CREATE MATERIALIZED VIEW slow AS SELECT id, intent FROM scores WHERE (SELECT name FROM gate) <> 'view' OR (SELECT wait());
	CREATE UNIQUE INDEX ON slow (id);
	SELECT predseg.create_segment('second', 'gated', 'id', 'intent > 0.6');
	SELECT predseg.create_segment('third', 'slow', 'id', 'intent > 0.6');
	SELECT predseg.refresh();
	UPDATE customer SET x = 120 - x;
});
my $endless = q{'{"k": 1000, "starts": 1000}'};
for my $try (
	[ 'a fit', "SELECT predseg.fit('kmeans', t.*, $endless) FROM until_read t" ],
	[ 'a training', "SELECT predseg.train('endless', 'until_read', method => 'kmeans', options => $endless, holdout => 0)" ],
	[ 'a training of a new version', "SELECT predseg.train('groups', 'SELECT a AS x, b AS z, c, d, e FROM until_read', method => 'kmeans', options => $endless, deploy => 'always')" ],
	[ 'an aggregation of purchases', q{SELECT predseg.rfm(date '2000-01-01' + (i % 100) * (j % 100), i) FROM generate_series(1, 100000) i, generate_series(1, 100000) j WHERE i + j > 2 OR reached()} ],
	[ 'a rollup', q{SELECT predseg.rollup(orders) FROM customer, generate_series(1, 100000) i, generate_series(1, 100000) j WHERE i + j + id > 3 OR reached()} ],
	[ 'a refresh, after other segments are done', 'SELECT predseg.refresh()', 'evaluation' ],
	[ 'a refresh of a materialized view', 'SELECT predseg.refresh()', 'view' ])
{
	my ($name, $sql, $gate) = @$try;
	sql('owner', 'shop', "UPDATE gate SET name = '$gate'") if $gate;
	my $was = rows('shop');
	my $holder = begin_session('holder', 'SELECT pg_advisory_lock(42), reached()');
	my $session = begin_session('victim', $sql);
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event_type = 'Lock'}), 'it waits') if $gate;
	is(victim('pg_cancel_backend(pid)'), 't', "$name is cancelled");
	$_->{run}->finish for $session, $holder;
	like($session->{err}, qr/ERROR:  canceling statement due to user request/, 'and says so');
	is($session->{out}, '', 'without a result');
	is(rows('shop'), $was, 'nothing is half done');
}
is(sql('owner', 'shop', q{SELECT predseg.score('intent', c.*) > 0 FROM customer c WHERE id = 7}), 't', 'the server is healthy');

# --- kill -------------------------------------------------------------------------------

{
	sql('owner', 'shop', q{UPDATE gate SET name = 'evaluation'});
	my $was = rows('shop');
	my $holder = begin_session('holder', 'SELECT pg_advisory_lock(42), reached()');
	my $session = begin_session('victim', 'SELECT predseg.refresh()');
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event_type = 'Lock'}), 'a refresh is in its middle');
	is(system_log('pg_ctl', 'kill', 'KILL', victim('pid')), 0, 'its process is killed');
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'holder'}), 'the server starts again');
	$_->{run}->finish for $session, $holder;
	is(rows('shop'), $was, 'the tables are as before the refresh');
	sql('owner', 'shop', q{UPDATE gate SET name = 'none'});
	is(sql('owner', 'shop', q{SELECT segment, entered > 0, "left" > 0, held FROM predseg.refresh()}), join("\n", map { "$_|t|t|f" } qw(first likely second third)),
		'the next refresh does what that one would have');
	is_whole('shop', 'and all is whole');
	is(sql('owner', 'shop', q{SELECT (SELECT array_agg(key ORDER BY key COLLATE "C") FROM predseg.members WHERE segment = 'second') =
		(SELECT array_agg(id::text ORDER BY id::text COLLATE "C") FROM scores WHERE intent > 0.6)}), 't', 'the members are those of the source');
}

# --- temporary objects -----------------------------------------------------------------

is(sql('owner', 'shop', q{
	CREATE TEMPORARY TABLE t AS SELECT id, x, y FROM customer;
	CREATE TEMPORARY TABLE m AS SELECT predseg.fit('logistic', t.*, '{"target": "y", "key": "id"}') AS model FROM t;
	SELECT count(predseg.score(model, t.*)) FROM m, t;
	SELECT version FROM predseg.train('temporary', 't', 'y', 'logistic', key => 'id');
	SELECT count(predseg.score('temporary', t.*)) FROM t;
}), "120\n1\n120", 'temporary tables are learned from and scored');
for my $source ('t', 'v', 'SELECT * FROM t', 'SELECT c.* FROM customer c JOIN t USING (id)')
{
	my ($out, $err);
	$node->psql('shop', "CREATE TEMPORARY TABLE t AS SELECT id, x FROM customer; CREATE TEMPORARY VIEW v AS SELECT * FROM customer; SELECT predseg.create_segment('temporary', '$source', 'id', 'true')",
		stdout => \$out, stderr => \$err, extra_params => [ '-U', 'owner', '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  PS012: .*temporary/, "a segment is not made over temporary $source");
}

# --- two databases ---------------------------------------------------------------------

is(sql('owner', 'shop', q{SELECT count(*) FROM predseg.segments WHERE name = 'heir'; SELECT count(*) FROM predseg.models WHERE name = 'temporary'}), "0\n1", 'one database');
is(sql('owner', 'copy', q{SELECT count(*) FROM predseg.models WHERE name = 'temporary'}), '0', 'knows nothing of another');
is(sql('owner', 'shop', qq{BEGIN;
		SELECT predseg.drop_model('intent') > 0;
		SELECT held FROM predseg.refresh('likely');
		\\! psql -X -q -A -t -U owner -d "@{[$node->connstr('copy')]}" -c "SELECT predseg.deploy('intent', 2)" -c "SELECT held FROM predseg.refresh('likely')"
		ROLLBACK;}), "t\nt\n2\nf", 'and does not wait for it');

# --- drop, and make again ----------------------------------------------------------------

my $left = q{SELECT pg_describe_object(classid, objid, objsubid) FROM pg_depend
	WHERE refobjid = 0 OR pg_describe_object(refclassid, refobjid, refobjsubid) ~ 'predseg' OR pg_describe_object(classid, objid, objsubid) ~ 'predseg'
	UNION ALL SELECT proname FROM pg_proc WHERE probin ~ 'predseg' UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'predseg'
	UNION ALL SELECT description FROM pg_description WHERE description ~ 'predseg'
	UNION ALL SELECT classoid::regclass::text FROM pg_init_privs i WHERE classoid = 'pg_class'::regclass AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = i.objoid)};
is(sql('owner', 'shop', q{
	SELECT count(predseg.score('intent', c.*)) FROM customer c;
	SET client_min_messages = error;
	DROP EXTENSION predseg CASCADE;
	CREATE EXTENSION predseg;
	SELECT count(*) FROM predseg.models;
	ALTER TABLE customer ADD orders predseg.rfm;
	UPDATE customer SET orders = (SELECT predseg.rfm(date '2024-01-01' + j, j) FROM generate_series(1, 1 + id % 5) j);
	SELECT version, id FROM predseg.train('intent', 'SELECT id, x, y FROM customer', 'y', 'logistic', key => 'id');
	SELECT version FROM predseg.train('value', 'SELECT id, orders, date ''2024-02-01'' AS as_of FROM customer', NULL, 'bg_nbd', key => 'id');
	SELECT count(predseg.score('intent', c.*)), count(predseg.p_alive('value', c.*, as_of => '2024-02-01')) FROM customer c;
	SELECT predseg.create_segment('likely', 'customer', 'id', 'id > 60');
	SELECT entered FROM predseg.refresh();
	SELECT min(pos) FROM predseg.changes;
}), "120\n0\n1|1\n1\n120|120\n1\n60\n1", 'one session drops the extension, makes it again, and starts anew');
sql('owner', 'shop', 'SET client_min_messages = error; DROP EXTENSION predseg CASCADE');
is($node->safe_psql('shop', $left), '', 'dropping leaves nothing behind');
is(sql('owner', 'shop', q{SELECT count(*), count(x) FROM customer}), '120|120', 'but the data of the user');

$node->stop;
done_testing();
