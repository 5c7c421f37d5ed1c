# Who may do what: the owner of a database and a role with nothing but what
# PUBLIC has use everything for themselves, nothing of each other's, and
# nobody gets more rights through a text, a search_path, a function or bytes.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE owner LOGIN;
	CREATE ROLE guest LOGIN;
	CREATE ROLE colleague LOGIN IN ROLE owner;
	CREATE ROLE reserved LOGIN NOINHERIT IN ROLE owner;
	CREATE DATABASE shop OWNER owner;
});
$node->safe_psql('shop', 'CREATE SCHEMA AUTHORIZATION owner; CREATE SCHEMA AUTHORIZATION guest;');
my $superuser = $node->safe_psql('shop', 'SELECT current_user');

# Run SQL as a role and return what psql prints; what it says goes to $said.
my $said = '';

sub sql
{
	my ($role, $sql) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql('shop', $sql, stdout => \$out, stderr => \$err, on_error_stop => 1,
		extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);
	$said = $err;
	diag("$sql\n$err") if $status != 0;
	return $out;
}

# Check that SQL fails with this SQLSTATE and message.
sub fails
{
	my ($role, $sql, $error, $name) = @_;
	my $err = '';
	my $status = $node->psql('shop', $sql, stderr => \$err, on_error_stop => 1, timeout => 180,
		extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);
	my ($got) = $err =~ /ERROR:  (.*)/;
	is($got // "no error, status $status", $error, $name // "$role: $sql");
}

sub quoted { my ($text) = @_; $text =~ s/'/''/g; return "'$text'"; }
sub identifier { my ($text) = @_; $text =~ s/"/""/g; return qq("$text"); }

# --- everything, for oneself ----------------------------------------------------

is(sql('owner', 'CREATE EXTENSION predseg'), '', 'the owner of the database creates the extension');

for my $role ('owner', 'guest')
{
	is(sql($role, qq{
		CREATE TABLE customer (id int PRIMARY KEY, x float8, y boolean, orders predseg.rfm);
		INSERT INTO customer SELECT i, i + 0.5, (i * 7919) % 97 < i,
			(SELECT predseg.rfm(date '2024-01-01' + i % 7 * j * j, i + j) FROM generate_series(0, 1 + i % 4) j)
			FROM generate_series(1, 120) i;
		SELECT version, deployed FROM predseg.train('$role intent', 'customer', 'y', 'logistic', exclude => '{id,orders}');
		SELECT version, deployed FROM predseg.train('$role intent', 'SELECT id, x / 2 AS x, y FROM customer', 'y', 'logistic', key => 'id', deploy => 'never');
		SELECT predseg.deploy('$role intent', 2), predseg.deploy('$role intent', 1);
		SELECT predseg.fit('kmeans', t.*, '{"k": 2}') IS NOT NULL FROM (SELECT x, x * x AS z FROM customer) t;
		SELECT predseg.describe(predseg.fit('logistic', t.*, '{"target": "y"}'))->>'method' FROM (SELECT x, y FROM customer) t;
		SELECT predseg.roc_auc(y, predseg.score('$role intent', t.*)) > 0.5 FROM customer t;
		CREATE MATERIALIZED VIEW scores AS SELECT id, round(predseg.score('$role intent', t.*)::numeric, 3)::float8 AS intent FROM customer t;
		CREATE UNIQUE INDEX ON scores (id);
		SELECT predseg.create_segment('$role likely', 'scores', 'id', 'intent >= 0.5');
		SELECT predseg.create_consumer('$role mail', ARRAY['$role likely'], from_start => true);
		SELECT segment, entered > 0, held FROM predseg.refresh('$role likely');
		SELECT max(pos) - min(pos) + 1 = count(*), count(*) = (SELECT count(*) FROM scores WHERE intent >= 0.5) FROM predseg.poll('$role mail');
		SELECT predseg.ack('$role mail', delivered_pos) > 0 FROM predseg.consumers;
	}), "1|t\n2|f\n2|1\nt\nlogistic\nt\n1\n0\n$role likely|t|f\nt|t\nt", "$role: trains, scores, makes a segment, consumes");
	my $file = sql($role, q{SELECT pg_relation_filenode('scores')});
	is(sql($role, q{
		DELETE FROM customer WHERE id > 100;
		SELECT entered, "left" > 0, held FROM predseg.refresh();
		SELECT DISTINCT reason FROM predseg.changes WHERE op = 'leave';
		SELECT count(*) > 0 FROM predseg.members;
	}), "0|t|f\ngone\nt", "$role: refreshes");
	is($said, '', 'without a warning');
	is(sql($role, q{SELECT pg_relation_filenode('scores')}), $file, 'CONCURRENTLY');
	is(sql($role, qq{
		SELECT version FROM predseg.train('$role short', 'customer', 'y', 'logistic', exclude => '{id,orders}');
		SELECT predseg.drop_model('$role short');
		SELECT predseg.create_segment('$role brief', 'scores', 'id', 'intent < 0.1');
		SELECT predseg.drop_segment('$role brief');
		SELECT predseg.create_consumer('$role once') > 0;
		SELECT predseg.drop_consumer('$role once');
		SELECT count(*) FROM predseg.training_runs;
		SELECT count(*) > 1 FROM predseg.refresh_runs;
	}), "1\n1\n1\n\nt\n\n3\nt", "$role: drops what it made");
}

# --- nothing of each other's ----------------------------------------------------

for my $pair ([ 'owner', 'guest' ], [ 'guest', 'owner' ])
{
	my ($role, $other) = @$pair;
	is(sql($role, qq{
		SELECT count(*) FROM predseg.models WHERE name LIKE '$other%';
		SELECT count(*) FROM predseg.model_versions WHERE name LIKE '$other%';
		SELECT count(*) FROM predseg.training_runs WHERE name LIKE '$other%';
		SELECT count(*) FROM predseg.segments WHERE name LIKE '$other%';
		SELECT count(*) FROM predseg.members WHERE segment LIKE '$other%';
		SELECT count(*) FROM predseg.member_histories WHERE segment LIKE '$other%';
		SELECT count(*) FROM predseg.refresh_runs WHERE segment LIKE '$other%';
		SELECT count(*) FROM predseg.changes WHERE segment LIKE '$other%';
		SELECT count(*) FROM predseg.consumers WHERE name LIKE '$other%';
		SELECT count(*) FROM predseg.refresh() WHERE segment LIKE '$other%';
		SELECT predseg.create_consumer('$role all', from_start => true);
		SELECT count(*) > 0, count(*) FILTER (WHERE segment LIKE '$other%') FROM predseg.poll('$role all', 100000);
	}), ("0\n" x 11) . 't|0', "$role sees nothing of $other");
	fails($role, "SELECT predseg.score('$other intent', t.*) FROM customer t", qq{PS008: there is no model "$other intent"});
	fails($role, "SELECT predseg.deploy('$other intent')", qq{42501: model "$other intent" belongs to another role});
	fails($role, "SELECT predseg.deploy('$other intent', 2)", qq{42501: model "$other intent" belongs to another role});
	fails($role, "SELECT predseg.store_model('$other intent', predseg.make_model('bg_nbd', '{\"r\": 1, \"alpha\": 1, \"a\": 1, \"b\": 2}'))",
		qq{42501: model "$other intent" belongs to another role});
	fails($role, "SELECT predseg.drop_model('$other intent')", qq{42501: model "$other intent" belongs to another role});
	fails($role, "SELECT predseg.train('$other intent', 'customer', 'y')", qq{42501: model "$other intent" belongs to another role});
	fails($role, "SELECT predseg.train('mine', '$other.customer', 'y')", '42501: permission denied for schema ' . $other);
	fails($role, "SELECT predseg.create_segment('$other likely', 'scores', 'id', 'true')", qq{42501: segment "$other likely" belongs to another role});
	fails($role, "SELECT predseg.create_segment('$other brief', 'scores', 'id', 'true')", qq{42501: segment "$other brief" belongs to another role},
		"$role cannot take the name of a segment that $other has dropped, and its history");
	fails($role, "SELECT predseg.create_segment('mine', '$other.scores', 'id', 'true')", '42501: permission denied for schema ' . $other);
	fails($role, "SELECT predseg.refresh('$other likely')", qq{PS009: there is no segment "$other likely" that you have rights for});
	fails($role, "SELECT predseg.drop_segment('$other likely')", qq{PS009: there is no segment "$other likely" that you have rights for});
	fails($role, "SELECT predseg.poll('$other mail')", qq{PS010: there is no consumer "$other mail" that you have rights for});
	fails($role, "SELECT predseg.ack('$other mail', 1)", qq{PS010: there is no consumer "$other mail" that you have rights for});
	fails($role, "SELECT predseg.drop_consumer('$other mail')", qq{PS010: there is no consumer "$other mail" that you have rights for});
	fails($role, "SELECT predseg.create_consumer('$other mail')", qq{42501: consumer "$other mail" belongs to another role});
	fails($role, "SELECT predseg.create_consumer('mine', ARRAY['$other likely'])", qq{PS009: there is no segment "$other likely" that you have rights for});
}

# Tables and sequences are written by functions only: whatever there is.
my $before = $node->safe_psql('shop', q{SELECT string_agg(query_to_xml('SELECT * FROM ' || oid::regclass, true, true, '')::text, '' ORDER BY oid)
	FROM pg_class WHERE relnamespace = 'predseg'::regnamespace AND relkind = 'r'});
for my $table (split /\n/, $node->safe_psql('shop', q{SELECT relname FROM pg_class WHERE relnamespace = 'predseg'::regnamespace AND relkind = 'r' ORDER BY 1}))
{
	my ($column) = split /\n/, $node->safe_psql('shop', "SELECT attname FROM pg_attribute WHERE attrelid = 'predseg.$table'::regclass AND attnum = 1");
	my $denied = "42501: permission denied for table $table";
	fails('guest', "SELECT FROM predseg.$table", $denied);
	fails('guest', "INSERT INTO predseg.$table DEFAULT VALUES", $denied);
	fails('guest', "COPY predseg.$table FROM STDIN;\n\\.\n", $denied);
	fails('owner', "INSERT INTO predseg.$table DEFAULT VALUES", "42501: rows of predseg.$table are written by the functions of predseg only");
	for my $role ('owner', 'guest')
	{
		fails($role, "UPDATE predseg.$table SET $column = DEFAULT", $denied);
		fails($role, "DELETE FROM predseg.$table", $denied);
		fails($role, "TRUNCATE predseg.$table", $denied);
		fails($role, "CREATE TRIGGER mine BEFORE INSERT ON predseg.$table FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()", $denied);
		fails($role, "ALTER TABLE predseg.$table DISABLE TRIGGER ALL", "42501: must be owner of table $table");
		fails($role, "DROP TABLE predseg.$table", "42501: must be owner of table $table");
	}
}
for my $sequence ('training_run_id_seq', 'refresh_run_id_seq')
{
	fails('guest', "SELECT setval('predseg.$sequence', 1)", "42501: permission denied for sequence $sequence");
	fails('guest', "SELECT nextval('predseg.$sequence')", "42501: permission denied for sequence $sequence");
}
for my $role ('owner', 'guest')
{
	fails($role, 'CREATE TABLE predseg.mine ()', '42501: permission denied for schema predseg');
	fails($role, q{CREATE OR REPLACE FUNCTION predseg.orders(rfm predseg.rfm) RETURNS int LANGUAGE sql AS 'SELECT 1'}, '42501: permission denied for schema predseg');
	fails($role, 'ALTER FUNCTION predseg.deploy(text, int) SECURITY DEFINER', '42501: must be owner of function predseg.deploy');
}
fails('guest', 'DROP EXTENSION predseg', '42501: must be owner of extension predseg');
is($node->safe_psql('shop', q{SELECT string_agg(query_to_xml('SELECT * FROM ' || oid::regclass, true, true, '')::text, '' ORDER BY oid)
	FROM pg_class WHERE relnamespace = 'predseg'::regnamespace AND relkind = 'r'}), $before, 'all is as it was');

# --- membership opens -----------------------------------------------------------

sql('owner', 'GRANT USAGE ON SCHEMA owner TO colleague; GRANT SELECT ON owner.customer TO reserved; GRANT USAGE ON SCHEMA owner TO reserved');
is(sql('colleague', q{
	SELECT count(predseg.score('owner intent', t.*)) FROM owner.customer t;
	SELECT count(*) FROM predseg.segments;
	SELECT segment FROM predseg.refresh();
	SELECT version FROM predseg.train('owner intent', 'owner.customer', 'y', 'logistic', exclude => '{id,orders}', deploy => 'never');
	SELECT predseg.deploy('owner intent', 2), predseg.deploy('owner intent', 1);
	SELECT count(*) > 0 FROM predseg.poll('owner mail', lease => '0');
}), "100\n1\nowner likely\n3\n2|1\nt", 'a member of the owning role uses what the role has');
is(sql('owner', q{SELECT owner, run_by FROM predseg.training_runs ORDER BY id DESC LIMIT 1}), 'owner|colleague',
	'what a member trains belongs to the owner of the name');
fails('reserved', q{SELECT predseg.score('owner intent', t.*) FROM owner.customer t}, 'PS008: there is no model "owner intent"',
	'a member who does not inherit must become the role');
is(sql('reserved', q{SET ROLE owner; SELECT count(predseg.score('owner intent', t.*)) FROM owner.customer t}), '100', 'and then may');
is(sql('reserved', q{
	SET ROLE owner;
	CREATE FUNCTION owner.ask() RETURNS float8 LANGUAGE plpgsql AS $$
		DECLARE r owner.customer; s float8; BEGIN SELECT * INTO r FROM owner.customer WHERE id = 50; s := predseg.score('owner intent', r); RETURN s; END $$;
	BEGIN;
	SELECT owner.ask() > 0;
	RESET ROLE;
	SAVEPOINT s;
	\set ON_ERROR_STOP 0
	SELECT owner.ask() > 0;
}), 't', 'an expression that PL/pgSQL keeps');
like($said, qr/PS008: there is no model "owner intent"/, 'asks again who asks');

# --- predicates -------------------------------------------------------------------

for my $predicate (
	q{true) or (select count(*) from pg_authid) > (0},
	q{true) OR (true},
	q{true; SELECT 1},
	q{(SELECT count(*) FROM pg_authid) > 0},
	q{EXISTS (SELECT FROM pg_authid)},
	q{id IN (SELECT 1)},
	q{true FROM pg_authid},
	q{true UNION SELECT true FROM pg_authid},
	q{true, true},
	q{true AS t},
	q{count(*) > 0},
	q{row_number() OVER () = 1},
	q{generate_series(1, 2) = 1},
	q{random() > 0.5},
	q{pg_advisory_lock(1) IS NULL},
	q{set_config('role', 'postgres', false) = ''},
	q{query_to_xml('SELECT * FROM pg_authid', true, true, '') IS NOT NULL},
	q{true -- or false},
	q{true /* */},
	q{pg_authid.rolname = ''},
	q{$1},
	q{scores.*},
	q{},
	q{intent},
	q{"},
	q{'})
{
	my $err;
	$node->psql('shop', 'SELECT predseg.create_segment(\'bad\', \'scores\', \'id\', ' . quoted($predicate) . ')',
		stderr => \$err, extra_params => [ '-U', 'guest', '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  PS011: /, "refused: $predicate");
	$node->psql('shop', 'SELECT predseg.create_segment(\'bad\', \'scores\', \'id\', \'true\', ' . quoted($predicate) . ')',
		stderr => \$err, extra_params => [ '-U', 'guest', '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  PS011: /, "refused for leaving: $predicate");
}
for my $source ('INSERT INTO customer VALUES (1)', 'SELECT 1; SELECT 2', 'WITH d AS (DELETE FROM customer RETURNING id) SELECT * FROM d',
	'SELECT * INTO t FROM customer', 'SELECT * FROM customer FOR UPDATE', 'DO $$$$', 'COPY customer TO STDOUT', '', ';', 'scores_id_idx',
	'SELECT * FROM customer) s, (SELECT 1')
{
	my $err;
	$node->psql('shop', 'SELECT predseg.create_segment(\'bad\', ' . quoted($source) . ', \'id\', \'true\')',
		stderr => \$err, extra_params => [ '-U', 'guest', '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  PS012: /, "no source of a segment: $source");
	$node->psql('shop', 'SELECT predseg.train(\'bad\', ' . quoted($source) . ', \'y\')',
		stderr => \$err, extra_params => [ '-U', 'guest', '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  (PS012|42601|42P01): /, "no source of a training: $source");
}
fails('guest', q{SELECT predseg.create_segment('bad', 'pg_catalog.pg_authid', 'rolname', 'true')}, '42501: permission denied for table pg_authid');
fails('guest', q{SELECT predseg.create_segment('bad', 'SELECT * FROM pg_authid', 'rolname', 'true')}, '42501: permission denied for table pg_authid');
fails('guest', q{SELECT predseg.train('bad', 'SELECT * FROM pg_authid', 'rolsuper')}, '42501: permission denied for table pg_authid');
is(sql('guest', q{SELECT count(*) FROM predseg.segments WHERE name = 'bad'}), '0', 'nothing came of it');

# --- as whom texts are evaluated ---------------------------------------------------

sql('owner', q{
	CREATE FUNCTION owner.witness(id int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE NOTICE 'witness %', current_user; RETURN id; END $$;
	SELECT predseg.create_segment('witness', 'SELECT owner.witness(id) AS id, x FROM owner.customer WHERE id = 1', 'id', 'owner.witness(id) > 0');
});
for my $role ('owner', 'colleague', $superuser)
{
	sql($role, q{SELECT predseg.refresh('witness')});
	is(join(' ', sort keys %{ { map { $_ => 1 } $said =~ /witness (\w+)/g } }), 'owner', "$role: a segment is evaluated as its owner");
}
for my $role ('colleague', 'guest')
{
	sql('owner', 'GRANT USAGE ON SCHEMA owner TO guest; GRANT SELECT ON owner.customer TO guest');
	sql($role, q{SELECT predseg.train('seen by } . $role . q{', 'SELECT owner.witness(id) AS id, x, y FROM owner.customer', 'y', 'logistic', key => 'id')});
	is(join(' ', sort keys %{ { map { $_ => 1 } $said =~ /witness (\w+)/g } }), $role, "$role: a training reads as who calls");
	sql('owner', 'REVOKE USAGE ON SCHEMA owner FROM guest; REVOKE SELECT ON owner.customer FROM guest');
}

# What a text does while somebody mightier evaluates it.
sql('guest', q{
	CREATE TABLE loot (who text, primary key (who) deferrable initially deferred);
	CREATE TABLE plan (command text);
	INSERT INTO plan VALUES ('');
	CREATE FUNCTION act() RETURNS SETOF guest.customer LANGUAGE plpgsql AS $$
		BEGIN EXECUTE (SELECT command FROM guest.plan); RETURN QUERY SELECT * FROM guest.customer; END $$;
	CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'late %', current_user; RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON loot DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
	SELECT predseg.create_segment('trojan', 'SELECT * FROM guest.act()', 'id', 'x > 0');
});
for my $try (
	[ 'SET ROLE ' . identifier($superuser), 'cannot set parameter "role" within security-' ],
	[ 'RESET ROLE', 'cannot set parameter "role" within security-' ],
	[ 'SET SESSION AUTHORIZATION ' . identifier($superuser), 'cannot set parameter "session_authorization" within security-' ],
	[ 'RESET SESSION AUTHORIZATION', 'cannot set parameter "session_authorization" within security-' ],
	[ q{SELECT set_config('role', 'owner', false)}, 'cannot set parameter "role" within security-' ],
	[ 'CREATE TEMPORARY TABLE pg_class (a int)', 'cannot create temporary table within security-restricted operation' ],
	[ 'LISTEN x', 'cannot execute LISTEN within security-restricted operation' ],
	[ 'PREPARE p AS SELECT 1', 'cannot execute PREPARE within security-restricted operation' ],
	[ q{INSERT INTO guest.loot VALUES ('x')}, 'cannot fire deferred trigger within security-restricted operation' ],
	[ 'SELECT FROM pg_authid', 'permission denied for table pg_authid' ],
	[ 'GRANT owner TO guest', 'must have admin option on role "owner"|permission denied to grant role "owner".*' ],
	[ 'UPDATE predseg.segment SET owner = current_user', 'permission denied for table segment' ])
{
	my ($command, $reason) = @$try;
	sql('guest', 'UPDATE plan SET command = ' . quoted($command));
	like($node->safe_psql('shop', q{SELECT held, reason FROM predseg.refresh('trojan')}), qr/^t\|(?:$reason)/, "a superuser refreshes while the segment tries: $command");
}
sql('guest', q{UPDATE plan SET command = 'SET search_path = guest; SET statement_timeout = 1000; SET shop.mine = 1'});
is($node->safe_psql('shop', q{
	SELECT held FROM predseg.refresh('trojan'); SHOW search_path; SHOW statement_timeout; SELECT current_user = session_user, current_setting('is_superuser')}),
	qq{f\n"\$user", public\n0\nt|on}, 'settings of a segment end with it');
is(sql('guest', 'SELECT count(*) FROM loot'), '0', 'no loot');
sql('guest', q{UPDATE plan SET command = 'SELECT predseg.refresh(''trojan'')'});
like($node->safe_psql('shop', q{SELECT held FROM predseg.refresh('trojan')}), qr/^[tf]$/, 'a segment that refreshes itself comes to an end');
is($node->safe_psql('shop', q{
	SELECT count(*) = count(DISTINCT pos) AND max(pos) = (SELECT pos FROM predseg.change_position) FROM predseg.change;
	SELECT (SELECT size FROM predseg.segment WHERE name = 'trojan') = (SELECT count(*) FROM predseg.member WHERE segment = 'trojan')}),
	"t\nt", 'and the log and the members are whole');
sql('guest', q{SELECT predseg.drop_segment('trojan')});

# --- a hostile search_path -----------------------------------------------------------

$node->safe_psql('shop', 'CREATE SCHEMA evil AUTHORIZATION guest');
my @traps;
for my $trap (
	[ 'eq(text, text)', 'boolean', '$1 OPERATOR(pg_catalog.=) $2' ],
	[ 'ge(float8, float8)', 'boolean', '$1 OPERATOR(pg_catalog.>=) $2' ],
	[ 'concat(text, text)', 'text', 'pg_catalog.textcat($1, $2)' ],
	[ 'pg_has_role(oid, text)', 'boolean', 'true' ],
	[ 'pg_has_role(oid, oid, text)', 'boolean', 'true' ],
	[ 'hashtextextended(text, bigint)', 'bigint', '1' ],
	[ 'hashtextextended(text, int)', 'bigint', '1' ],
	[ 'pg_advisory_xact_lock(bigint)', 'void', 'NULL' ],
	[ 'clock_timestamp()', 'timestamptz', 'now()' ],
	[ 'to_jsonb(anyelement)', 'jsonb', 'NULL' ],
	[ 'unnest(text[])', 'text', 'NULL' ],
	[ 'gen_random_uuid()', 'uuid', 'NULL' ])
{
	my ($signature, $result, $body) = @$trap;
	push @traps, "CREATE FUNCTION evil.$signature RETURNS $result LANGUAGE plpgsql STABLE AS \$\$ BEGIN RAISE WARNING 'trap %', current_user; RETURN"
	  . ($result eq 'void' ? '' : " $body") . "; END \$\$;";
}
sql('guest', join("\n", @traps) . q{
	CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
	CREATE OPERATOR evil.>= (LEFTARG = float8, RIGHTARG = float8, FUNCTION = evil.ge);
	CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.concat);
	CREATE VIEW evil.pg_roles AS SELECT 10::oid AS oid, evil.concat('a', 'b') AS rolname;
	CREATE TABLE evil.segment (name text); CREATE TABLE evil.changes (a int); CREATE TABLE evil.evaluated (key text);
	CREATE DOMAIN evil.text AS pg_catalog.text;
});
my $path = 'SET search_path = evil, guest, pg_catalog, public;';
my $everything = q{
	SELECT version FROM predseg.train('trap', 'customer', 'y', 'logistic', exclude => '{id,orders}');
	SELECT version FROM predseg.train('trap', 'customer', 'y', 'logistic', exclude => '{id,orders}');
	SELECT predseg.deploy('trap', 1);
	SELECT count(predseg.score('trap', c.*)) FROM customer c;
	SELECT count(*) FROM predseg.models; SELECT count(*) FROM predseg.segments; SELECT count(*) FROM predseg.members;
	SELECT count(*) FROM predseg.changes; SELECT count(*) FROM predseg.consumers; SELECT count(*) FROM predseg.refresh_runs;
	SELECT predseg.create_segment('trap', 'scores', 'id', 'intent >= 0.5::float8');
	SELECT predseg.create_consumer('trap');
	SELECT held FROM predseg.refresh('trap');
	SELECT count(*) FROM predseg.poll('trap');
	SELECT predseg.ack('trap', 0);
	SELECT predseg.drop_consumer('trap');
	SELECT predseg.drop_model('trap');
};
sql('guest', $path . $everything);
my @caught = $said =~ /trap (\w+)/g;
is(join(' ', sort keys %{ { map { $_ => 1 } @caught } }), 'guest', 'operators of a hostile search_path run as who set it, and nobody else');
$node->psql('shop', q{SELECT held FROM predseg.refresh('trap')}, stderr => \$said);
@caught = $said =~ /trap (\w+)/g;
is(join(' ', sort keys %{ { map { $_ => 1 } @caught } }), 'guest', 'even where a superuser refreshes');
is(sql('guest', $path . q{SELECT count(*) FROM predseg.segments WHERE owner OPERATOR(pg_catalog.<>) 'guest'}), '0', 'nothing more is seen');
sql('guest', q{SET search_path = pg_catalog; SELECT predseg.drop_segment('trap'); DROP SCHEMA evil CASCADE});

# A function that talks, in a filter over a view.
sql('guest', q{
	CREATE FUNCTION tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'told %', $1; RETURN true; END $$;
	SELECT count(*) FROM predseg.segments WHERE tell(name);
	SELECT count(*) FROM predseg.members WHERE tell(segment);
	SELECT count(*) FROM predseg.changes WHERE tell(segment);
	SELECT count(*) FROM predseg.member_histories WHERE tell(segment);
	SELECT count(*) FROM predseg.refresh_runs WHERE tell(segment);
	SELECT count(*) FROM predseg.consumers WHERE tell(name);
	SELECT count(*) FROM predseg.models WHERE tell(name);
	SELECT count(*) FROM predseg.model_versions WHERE tell(name);
	SELECT count(*) FROM predseg.training_runs WHERE tell(name);
});
like($said, qr/told guest/, 'a function in a filter sees what is shown');
unlike($said, qr/told owner|told witness/, 'and nothing else');

# --- row-level security ---------------------------------------------------------------

sql('owner', q{
	CREATE TABLE owner.secret AS SELECT id, x, y, CASE WHEN id % 2 = 0 THEN 'guest' ELSE 'owner' END AS reader FROM owner.customer;
	ALTER TABLE owner.secret ENABLE ROW LEVEL SECURITY;
	CREATE POLICY readers ON owner.secret USING (reader = current_user);
	GRANT USAGE ON SCHEMA owner TO guest;
	GRANT SELECT ON owner.secret TO guest;
});
is(sql('guest', q{SELECT rows + holdout_rows FROM predseg.train('guest rls', 'SELECT id, x, y FROM owner.secret', 'y', 'logistic', key => 'id')}),
	'50', 'a training sees what row-level security shows to who calls');
sql('guest', q{SELECT predseg.create_segment('guest rls', 'owner.secret', 'id', 'true')});
is($node->safe_psql('shop', q{SELECT entered FROM predseg.refresh('guest rls')}), '50', 'a segment what it shows to its owner, also when a superuser refreshes');
is(sql('guest', q{SELECT entered, "left" FROM predseg.refresh('guest rls')}), '0|0', 'the same when its owner does');
sql('owner', 'REVOKE SELECT ON owner.secret FROM guest');
is(sql('guest', q{SELECT held, reason FROM predseg.refresh('guest rls')}), 't|permission denied for table secret', 'a right that is taken back is gone');
is(sql('guest', q{SELECT count(*) FROM predseg.members WHERE segment = 'guest rls'; SELECT state FROM predseg.segments WHERE name = 'guest rls'}),
	"50\nheld", 'the members stay, and it says so');
sql('guest', q{SELECT predseg.drop_segment('guest rls')});
sql('owner', 'REVOKE USAGE ON SCHEMA owner FROM guest');

# --- hostile names --------------------------------------------------------------------

for my $name (q{it's}, q{"quoted"}, q{back\\slash}, q{a" b' c\\}, q{{"a":[1,2]}}, q{select}, q{a.b}, q{%s%n$1}, "tab\there\nand there", "gr\xc3\xbc\xc3\x9fe \xf0\x9f\x9b\x92",
	'x' x 200, "\xc3\xbc" x 100, q{--}, q{/*}, q{;}, q{ }, q{NULL}, q{pg_temp})
{
	my $shown = length($name) > 40 ? substr($name, 0, 40) . '...' : $name;
	my $string = quoted($name);
	my $short = substr($name, 0, 40) =~ s/\xc3$//r;
	my $relation = identifier($short);
	my $key = identifier("$short k");
	my $x = identifier("$short x");
	is(sql('guest', qq{
		CREATE TABLE $relation AS SELECT $string || id AS $key, x AS $x, y FROM customer;
		CREATE UNIQUE INDEX ON $relation ($key);
		SELECT version FROM predseg.train($string, } . quoted($relation) . qq{, 'y', 'logistic');
		CREATE MATERIALIZED VIEW } . identifier("$short m") . qq{ AS SELECT $key, round(predseg.score($string, t.*)::numeric, 2) AS $x FROM $relation t;
		CREATE UNIQUE INDEX ON } . identifier("$short m") . qq{ ($key);
		SELECT predseg.create_segment($string, } . quoted(identifier("$short m")) . qq{, } . quoted("$short k") . qq{, } . quoted("$x > 0.4") . qq{, description => $string);
		SELECT predseg.create_consumer($string, ARRAY[$string]);
		LISTEN predseg;
		SELECT segment = $string, entered > 0, held FROM predseg.refresh($string);
		UNLISTEN *;
		SELECT count(*) > 0, bool_and(segment = $string), bool_and(starts_with(key, $string)) FROM predseg.poll($string);
		SELECT bool_and(facts ? } . quoted("$short x") . qq{) FROM predseg.members WHERE segment = $string;
		SELECT count(*) FROM predseg.models WHERE name = $string AND key = } . quoted("$short k") . qq{;
	}) =~ s/^Asynchronous notification.*\n//mr, "1\n1\n" . sql('guest', qq{SELECT acked_pos FROM predseg.consumers WHERE name = $string}) . "\nt|t|f\nt|t|t\nt\n1",
		"a model, a segment, a consumer, a table, columns and keys named $shown");
	is(sql('guest', qq{
		SELECT reason IS NOT NULL, "left" FROM predseg.refresh($string);
		SELECT predseg.drop_consumer($string);
		SELECT predseg.drop_segment($string);
		SELECT predseg.drop_model($string);
		DROP TABLE $relation CASCADE;
	}), "f|0\n\n\n1", 'and dropped');
}
is(sql('guest', qq{LISTEN predseg; SELECT predseg.create_segment('quote " back \\ {}', 'scores', 'id', 'true'); SELECT held FROM predseg.refresh('quote " back \\ {}')})
	=~ s/.*payload "(.*)" received.*/$1/sr =~ s/"first":.*//r, q({"segment":"quote \" back \\\\ {}","entered":100,"left":0,"moved":0,), 'a notification is JSON');
sql('guest', q{SELECT predseg.drop_segment('quote " back \\ {}')});
for my $length (201, 256, 100000)
{
	fails('guest', "SELECT predseg.create_segment(repeat('x', $length), 'scores', 'id', 'true')", "42602: the name of a segment must have 1 to 200 bytes, not $length");
	fails('guest', "SELECT predseg.create_consumer(repeat('x', $length))", "42602: the name of a consumer must have 1 to 200 bytes, not $length");
}
fails('guest', q{SELECT predseg.train(repeat('x', 256), 'customer', 'y')}, q{42602: a model's name must have 1 to 255 bytes});
fails('guest', q{SELECT predseg.score(repeat('x', 100000), c.*) FROM customer c}, 'PS008: there is no model "' . ('x' x 100000) . '"', 'a very long name');
is(sql('guest', q{
	CREATE TABLE long AS SELECT (SELECT string_agg(md5(id || ' ' || i), '') FROM generate_series(1, 200) i) AS id, x FROM customer;
	SELECT predseg.create_segment('long', 'long', 'id', 'true');
	SELECT held, reason ~ 'index row' FROM predseg.refresh('long');
	SELECT predseg.drop_segment('long')}), "1\nt|t\n", 'keys that are too long for an index hold the segment');

# --- the deployed model, everywhere ---------------------------------------------------

sql('guest', q{SELECT predseg.train('twice', 'customer', 'y', 'logistic', exclude => '{id,orders}', deploy => 'always');
	SELECT predseg.train('twice', 'SELECT id, -x AS x, y FROM customer', 'y', 'logistic', key => 'id', deploy => 'never');
	CREATE TABLE big AS SELECT c.* FROM customer c, generate_series(1, 300);
	ANALYZE big;
	CREATE TABLE truth AS SELECT version, predseg.score(m.model, c.*) AS score FROM customer c,
		(VALUES (1, predseg.make_model('bg_nbd', '{"r": 1, "alpha": 1, "a": 1, "b": 1}'))) m (version, model) WHERE false});
my $parallel = q{SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off;};
my $ask = q{SELECT count(*), md5(string_agg(s::text, ',' ORDER BY s)), sum(b) FROM (SELECT predseg.score('twice', t.*) AS s, length(predseg.band('twice', t.*)) AS b FROM big t) q};
my $serial = sql('guest', "SET max_parallel_workers_per_gather = 0; $ask");
like(sql('guest', "$parallel EXPLAIN (COSTS OFF) SELECT id FROM big t WHERE predseg.score('twice', t.*) > 0.5"), qr/Gather/, 'scores by name are computed by parallel workers');
is(sql('guest', "$parallel $ask"), $serial, 'and are the same');
is(sql('guest', "$parallel SELECT count(*) FROM big t WHERE predseg.score('twice', t.*) > 0.5"),
	sql('guest', "SET max_parallel_workers_per_gather = 0; SELECT count(*) FROM big t WHERE predseg.score('twice', t.*) > 0.5"), 'in a filter, too');
fails('owner', "$parallel SET search_path = owner; CREATE TEMPORARY TABLE t AS SELECT x FROM owner.customer; SELECT count(*) FROM owner.customer t WHERE predseg.score('twice', t.*) > 0.5",
	'PS008: there is no model "twice"', 'workers ask for the same role');

my ($first, $second) = map { sql('guest', "SELECT predseg.deploy('twice', $_); SELECT predseg.score('twice', c.*) FROM customer c WHERE id = 90") =~ s/.*\n//r } (1, 2);
isnt($first, $second, 'the versions differ');
my $score = q{SELECT predseg.score('twice', c.*) FROM customer c WHERE id = 90;};
is(sql('guest', qq{SELECT FROM predseg.deploy('twice', 1); PREPARE p AS $score EXECUTE p; SELECT FROM predseg.deploy('twice', 2); EXECUTE p;
	SET plan_cache_mode = force_generic_plan; EXECUTE p; SELECT FROM predseg.deploy('twice', 1); EXECUTE p; EXECUTE p;}) =~ s/\n\n/\n/gr =~ s/^\n//r,
	join("\n", $first, $second, $second, $first, $first), 'a prepared statement sees the model deployed now');
my $guest = '\! psql -X -q -A -t -U guest -d "' . $node->connstr('shop') . '" -c ';
is(sql('guest', qq{PREPARE p AS $score EXECUTE p;\n$guest "SELECT FROM predseg.deploy('twice', 2)"\nEXECUTE p;}) =~ s/\n\n/\n/gr, "$first\n$second", 'also when another session deploys');
is(sql('guest', qq{BEGIN; SELECT FROM predseg.deploy('twice', 1); $score ROLLBACK; $score BEGIN; SAVEPOINT s; SELECT FROM predseg.deploy('twice', 1); $score ROLLBACK TO s; $score COMMIT;}) =~ s/\n\n/\n/gr =~ s/^\n//r,
	join("\n", $first, $second, $first, $second), 'a deployment that is rolled back is not remembered');
is(sql('guest', qq{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM predseg.models WHERE name = 'twice';\n$guest "SELECT FROM predseg.deploy('twice', 1)"\n$score COMMIT; $score}) =~ s/\n\n/\n/gr,
	"1\n$second\n$first", 'what an old snapshot shows does not outlive it');
is(sql('guest', qq{BEGIN; DECLARE c CURSOR FOR $score\n$guest "SELECT FROM predseg.deploy('twice', 2)"\nFETCH c; COMMIT; $score}) =~ s/\n\n/\n/gr,
	"$first\n$second", 'nor what an old cursor shows');
is(sql('guest', q{
	DO $$ DECLARE r customer; name text; s float8; BEGIN
		SELECT * INTO r FROM customer WHERE id = 90;
		FOR i IN 1..2 LOOP PERFORM predseg.deploy('twice', i); s := predseg.score('twice', r); RAISE NOTICE 'score %', s; END LOOP; END $$}) // '', '', 'PL/pgSQL');
is(join(' ', $said =~ /score (\S+)/g), "$first $second", 'keeps no model that is not deployed any more');

# --- garbage ------------------------------------------------------------------------------

for my $try (
	[ q{SELECT predseg.rfm_add(NULL, date '2020-01-01', 1)}, '0A000: this function can be called only by an aggregate' ],
	[ q{SELECT predseg.rfm_add(orders, date '2020-01-01', 1) FROM customer}, '0A000: this function can be called only by an aggregate' ],
	[ q{SELECT predseg.rfm_merge(orders, orders) FROM customer}, '0A000: this function can be called only by an aggregate' ],
	[ q{SELECT predseg.rfm_final(orders) FROM customer}, '0A000: this function can be called only by an aggregate' ],
	[ q{SELECT predseg.roc_add(NULL, true, 0.5)}, '0A000: this function can be called only by an aggregate' ],
	[ q{SELECT predseg.roc_merge(NULL, NULL)}, '0A000: this function can be called only by an aggregate' ],
	[ q{SELECT predseg.fit_finish(NULL)}, '42883: function predseg.fit_finish(unknown) does not exist' ],
	[ q{SELECT predseg.fit_accumulate(NULL, 'kmeans', ROW(1))}, '42883: function predseg.fit_accumulate(unknown, unknown, record) does not exist' ],
	[ q{SELECT predseg.model_recv('x')}, '42883: function predseg.model_recv(unknown) does not exist' ],
	[ q{SELECT 'x'::predseg.model}, '22P02: invalid input for type predseg.model: not valid JSON: a value is expected at byte 1' ],
	[ q{SELECT repeat('[', 1000000)::predseg.model}, '22P02: invalid input for type predseg.model: not valid JSON: too many levels of nesting at byte 65' ],
	[ q(SELECT repeat('{"days":', 100000)::predseg.rfm), '22P02: invalid input syntax for type predseg.rfm: not valid JSON: too many levels of nesting at byte 513' ],
	[ q{SELECT 'garbage'::predseg.roc}, '22P02: not a valid state of roc_auc' ],
	[ q{SELECT 'garbage'::predseg.point_sample}, '22P02: not a valid state of a silhouette' ],
	[ q{SELECT predseg.point_sample_merge('garbage', NULL)}, '22P02: not a valid state of a silhouette' ],
	[ q{SELECT predseg.roc_area('\x0102030405060708')}, '22P02: not a valid state of roc_auc' ],
	[ q{SELECT predseg.fit('logistic', c.*, '{"target": "y", "seed": 1e400}') FROM customer c}, 'PS001: not valid JSON: a number out of range at byte 10' ],
	[ q{SELECT predseg.fit('logistic', r, '{"target": "y"}') FROM (SELECT CASE WHEN id % 2 = 0 THEN (SELECT a FROM (SELECT id AS x, y) a) ELSE (SELECT b FROM (SELECT 'text' AS x, y) b) END AS r FROM customer) s},
		'PS005: the rows are of different types' ],
	[ q{CREATE TABLE t (owner int[]); CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION predseg.keep_owner(); INSERT INTO t VALUES ('{1}')}, q{39P01: keep_owner is a trigger of predseg's own tables} ],
	[ q{CREATE AGGREGATE mine(text, record) (SFUNC = predseg.fit_accumulate, STYPE = internal)}, '42P13: aggregate transition data type cannot be internal' ])
{
	fails('guest', $try->[0], $try->[1]);
}

# Aggregates of one's own can give the functions any value, as it lies in a table.
is(sql('guest', q{
	CREATE FUNCTION last(predseg.rfm, predseg.rfm) RETURNS predseg.rfm LANGUAGE sql AS 'SELECT $2';
	CREATE FUNCTION nothing(predseg.rfm, date, float8) RETURNS predseg.rfm LANGUAGE sql AS 'SELECT orders FROM guest.customer WHERE id = 90';
	CREATE AGGREGATE final(predseg.rfm) (SFUNC = last, STYPE = predseg.rfm, FINALFUNC = predseg.rfm_final);
	CREATE AGGREGATE moving(date, float8) (SFUNC = predseg.rfm_add, STYPE = predseg.rfm, FINALFUNC = predseg.rfm_final,
		MSFUNC = predseg.rfm_add, MINVFUNC = nothing, MSTYPE = predseg.rfm, MFINALFUNC = predseg.rfm_final);
	CREATE AGGREGATE begun(predseg.rfm) (SFUNC = predseg.rfm_merge, STYPE = predseg.rfm, INITCOND = '{"days":[["2020-01-02",1]]}');
	CREATE TABLE short AS SELECT predseg.rfm(date '2024-01-01' + j, 1) AS orders FROM generate_series(1, 3) j;
	CREATE TABLE large AS SELECT predseg.rfm(date '2024-01-01' + j, j * 1.1) AS orders FROM generate_series(1, 20000) j;
	SELECT final(orders) IS NOT NULL FROM short;
	SELECT predseg.orders(final(orders)) FROM large;
	SELECT predseg.orders(begun(orders)) FROM large;
	SELECT sum(predseg.orders(o)) FROM (SELECT moving(date '2024-06-01' + id, id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS o FROM customer) w;
	SELECT sum(predseg.orders(o)) FROM (SELECT predseg.rollup(orders) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS o FROM customer) w;
}) =~ /^t\n20000\n20001\n\d+\n\d+$/ ? 1 : 0, 1, 'states from elsewhere are read as values');

# --- corrupted bytes -----------------------------------------------------------------------

# A COPY BINARY file with one row of one column.
sub binary_file
{
	my ($bytes) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/bytes';
	open my $handle, '>:raw', $file or die $!;
	print $handle "PGCOPY\n\xff\r\n\0" . pack('NN', 0, 0) . pack('n', 1) . pack('N', length $bytes) . $bytes . pack('n', 0xffff);
	close $handle;
	return $file;
}

for my $value (
	[ 'model', q{SELECT predseg.model_send(predseg.fit('logistic', t.*, '{"target": "y"}')) FROM (SELECT x, y FROM customer) t} ],
	[ 'model', q{SELECT predseg.model_send(predseg.make_model('bg_nbd', '{"r": 0.25, "alpha": 4.4, "a": 0.8, "b": 2.4}'))} ],
	[ 'rfm', q{SELECT predseg.rfm_send(orders) FROM customer WHERE id = 91} ])
{
	my ($type, $sql) = @$value;
	my $bytes = pack 'H*', substr(sql('guest', $sql), 2);
	sql('guest', "DROP TABLE IF EXISTS target; CREATE TABLE target (value predseg.$type)");
	my $good = binary_file($bytes);
	is(sql('guest', "\\copy target FROM '$good' (FORMAT binary)\nSELECT count(*) FROM target; TRUNCATE target"), '1', "the bytes of a $type are read");

	# Every bit that is tried flipped, and some lengths; all in one session.
	my $script = '';
	my $tries = 0;
	my @variants = map { my $b = $bytes; substr($b, int($_), 1) ^= chr(1 << ($tries++ % 8)); $b } map { $_ * (length($bytes) - 1) / 150 } 0 .. 150;
	push @variants, map { substr($bytes, 0, $_) } 0 .. 20, length($bytes) - 1;
	push @variants, $bytes . "\0", $bytes x 2, "\0" x 100, "\xff" x 100;
	for my $variant (@variants)
	{
		my $hex = unpack 'H*', "PGCOPY\n\xff\r\n\0" . pack('NN', 0, 0) . pack('n', 1) . pack('N', length $variant) . $variant . pack('n', 0xffff);
		$script .= "\\copy target FROM PROGRAM 'printf $hex | perl -pe \"binmode STDOUT; s/(..)/chr(hex(\\\$1))/ge\"' (FORMAT binary)\n";
	}
	my $err;
	$node->psql('shop', $script . 'SELECT count(*) FROM target', stdout => \my $out, stderr => \$err, on_error_stop => 0,
		extra_params => [ '-U', 'guest', '-v', 'VERBOSITY=verbose' ]);
	my $refused = () = $err =~ /ERROR:  22P03: invalid bytes for type predseg\.$type/mg;
	is($refused, scalar @variants, "corrupted bytes of a $type are refused");
	is($out, '0', 'all of them');
}
sql('guest', q{DROP TABLE target; CREATE TABLE target (value predseg.roc)});
for my $bytes ('', "\0", "\1" x 7, "\1" x 24, "\xff" x 64, ("\0" x 16) . ("\x7f\xff" x 16))
{
	my $file = binary_file($bytes);
	my $err = '';
	$node->psql('shop', "\\copy target FROM '$file' (FORMAT binary)\nSELECT predseg.roc_area(value) FROM target", stderr => \$err, on_error_stop => 0,
		extra_params => [ '-U', 'guest', '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/^$|ERROR:  22P03: not a valid state of roc_auc/, 'bytes of predseg.roc: ' . unpack('H*', $bytes));
}

is(sql('guest', 'SELECT 1'), '1', 'the server lives');
unlike(slurp_file($node->logfile), qr/terminated by signal|TRAP:|PANIC:/, 'and no process crashed');

$node->stop;
done_testing();
