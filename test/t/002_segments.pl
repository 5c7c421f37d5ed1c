# Segments, members, history, the log of changes and consumers survive a dump
# and a restore, by a superuser and by the owner of the database, and the
# restore neither makes changes nor rings the bell.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE owner LOGIN;
	CREATE ROLE analyst LOGIN;
	CREATE DATABASE shop OWNER owner;
	CREATE DATABASE copy;
	CREATE DATABASE own_copy OWNER owner;
	CREATE DATABASE forged OWNER owner;
});

# Run SQL as a role in a database and return what psql prints.
sub sql
{
	my ($role, $database, $sql) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ '-U', $role ]);
}

# Everything that predseg keeps about segments in a database, as text.
sub contents
{
	my ($database) = @_;
	return join "\n", map { "$_: " . $node->safe_psql($database, "SELECT * FROM predseg.$_ t ORDER BY t::text") }
	  qw(segment member member_history refresh_run change change_position consumer);
}

sql('owner', 'shop', q{
	CREATE EXTENSION predseg;
	CREATE TABLE customer (id int PRIMARY KEY, intent float8);
	INSERT INTO customer SELECT i, i / 10.0 FROM generate_series(1, 9) i;
	CREATE MATERIALIZED VIEW scores AS SELECT id, intent FROM customer;
	CREATE UNIQUE INDEX ON scores (id);
	GRANT SELECT ON scores TO analyst;
	SELECT predseg.create_segment('likely', 'scores', 'id', 'intent > 0.55');
	SELECT predseg.create_segment('gone', 'scores', 'id', 'intent > 0.85');
	SELECT predseg.create_consumer('mail', '{likely}', from_start => true);
	SELECT predseg.refresh();
});
sql('analyst', 'shop', q{
	SELECT predseg.create_segment('unlikely', 'scores', 'id', 'intent < 0.25');
	SELECT predseg.refresh();
});
sql('owner', 'shop', q{
	UPDATE customer SET intent = 0.1 WHERE id = 9;
	SELECT predseg.refresh();
	SELECT predseg.drop_segment('gone');
	SELECT predseg.ack('mail', (SELECT min(pos) FROM predseg.poll('mail', lease => '1 day')));
	INSERT INTO customer VALUES (10, 0.95);
});
my $before = contents('shop');
like($before, qr/likely.*held|fresh/s, 'there is something to dump');

# The owner dumps; the matviews are filled anew at the restore, by then with
# customer 10, who enters at the next refresh and not before.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/shop.sql';
$node->command_ok([ 'pg_dump', '-U', 'owner', '-d', $node->connstr('shop'), '-f', $dump ], 'the owner dumps the database');

my ($out, $err) = run_command([ 'psql', '-X', '-d', $node->connstr('copy'), '-v', 'ON_ERROR_STOP=1', '-c', 'LISTEN predseg', '-f', $dump ]);
is($err, '', 'a superuser restores the dump');
unlike($out, qr/notification/, 'the restore rings no bell');
is(contents('copy'), $before, 'everything is as it was');
is(sql('owner', 'copy', q{SELECT segment, entered, "left", held FROM predseg.refresh()}), 'likely|1|0|f',
	'a refresh after the restore finds what changed since the last one');
is($node->safe_psql('copy', q{SELECT key, op, reason, run = (SELECT max(id) FROM predseg.refresh_runs),
	pos = (SELECT max(pos) FROM predseg.changes), pos = (SELECT count(*) FROM predseg.change) FROM predseg.changes ORDER BY pos DESC LIMIT 1}),
	'10|enter|data|t|t|t', 'positions and runs go on');
is(sql('analyst', 'copy', q{SELECT count(*) FROM predseg.members}), '2', 'members belong to who had them');
is(sql('owner', 'copy', q{SELECT count(*) FROM predseg.poll('mail')}), '5',
	'what was not acknowledged is handed out');

# The owner restores: what belongs to others becomes his, so that nobody can
# make a dump that acts for another role.
($out, $err) = run_command([ 'psql', '-X', '-U', 'owner', '-d', $node->connstr('own_copy'), '-v', 'ON_ERROR_STOP=1',
	'-c', 'LISTEN predseg', '-f', $dump ]);
is($err, '', 'the owner restores the dump');
unlike($out, qr/notification/, 'without a bell');
(my $expected = $before) =~ s/^((?:segment: )?unlikely\|)analyst\|/$1owner|/m;
isnt($expected, $before, 'somebody else had a segment');
is(contents('own_copy'), $expected, 'everything is as it was, and belongs to who restored it');
my $forge = q{INSERT INTO predseg.segment (name, owner, source, key, enter_when, search_path, time_zone)
	VALUES ('forged', 'postgres', 'pg_catalog.pg_authid', 'rolname', 'true', 'pg_catalog', 'UTC'),
		('nobody''s', 'no such role', 'pg_catalog.pg_authid', 'rolname', 'true', 'pg_catalog', 'UTC')};
like(($node->psql('own_copy', $forge, extra_params => [ '-U', 'owner' ]))[2], qr/written by the functions of predseg only/,
	'rows are restored into empty tables only');
sql('owner', 'forged', "CREATE EXTENSION predseg; $forge");
is($node->safe_psql('forged', 'SELECT owner FROM predseg.segment'), "owner\nowner", 'a forged owner is not kept');
is($node->safe_psql('forged', q{SELECT segment, held, reason FROM predseg.refresh('forged')}),
	'forged|t|permission denied for table pg_authid', 'and a superuser evaluates nothing for him');

# The bell: once for each segment with changes, at the commit, and only then.
$out = $node->safe_psql('shop', q{
	LISTEN predseg;
	SELECT count(*) FROM predseg.refresh('likely');
	SELECT count(*) FROM predseg.refresh('likely');
	BEGIN;
	DELETE FROM public.customer;
	SELECT count(*) FROM predseg.refresh('likely');
	ROLLBACK;
});
my @bells = $out =~ /notification "predseg" with payload "(.*)" received/g;
is(scalar(@bells), 1, 'one notification for one segment with changes');
my $last = $node->safe_psql('shop', 'SELECT max(pos) FROM predseg.change');
is($bells[0], qq({"segment":"likely","entered":1,"left":0,"moved":0,"first":$last,"last":$last,"reason":"data"}),
	'it says what happened, and where to find it');

$node->stop;
done_testing();
