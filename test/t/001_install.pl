# The owner of a database, who is not a superuser, installs the extension,
# and a dump made by that owner brings it back.
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
	CREATE DATABASE shop OWNER owner;
	CREATE DATABASE copy OWNER owner;
});

# Run SQL as the owner in a database and return what psql prints.
sub owner_sql
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ '-U', 'owner' ]);
}

is(owner_sql('shop', 'CREATE EXTENSION predseg'), '', 'a database owner creates the extension');
is( owner_sql('shop', q{SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'predseg'}),
	$node->safe_psql('shop', q{SELECT rolname FROM pg_roles WHERE oid = 10}),
	'its schema belongs to the bootstrap superuser');

my $dump = PostgreSQL::Test::Utils::tempdir() . '/shop.sql';
$node->command_ok([ 'pg_dump', '-U', 'owner', '-d', $node->connstr('shop'), '-f', $dump ],
	'the owner dumps the database');
$node->command_ok([ 'psql', '-X', '-q', '-U', 'owner', '-d', $node->connstr('copy'), '-v', 'ON_ERROR_STOP=1', '-f', $dump ],
	'the owner restores the dump');
is(owner_sql('copy', q{SELECT count(*) FROM pg_extension WHERE extname = 'predseg'}), '1',
	'the restored database has the extension');

owner_sql('shop', 'DROP EXTENSION predseg');
is(owner_sql('shop', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'predseg'}), '0',
	'dropping the extension removes its schema');

$node->stop;
done_testing();
