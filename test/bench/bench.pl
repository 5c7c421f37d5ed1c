# test/bench/bench.pl
#	  Time predseg's jobs inside a server, in CPU nanoseconds of the backend per
#	  row, each beside SELECT count(column) over the same table in the same round.
#
# One psql session runs everything; its backend's CPU time is read from the
# kernel (/proc/PID/schedstat).  Rounds alternate the job and its baseline, and
# the fastest of each counts: whatever disturbs a run only makes it slower.

use strict;
use warnings;
use IPC::Open2;

my $rows   = $ENV{ROWS}   || 1_000_000;
my $rounds = $ENV{ROUNDS} || 3;

my $pid = open2(my $from, my $to, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres')
  or die "cannot run psql: $!\n";

# Run SQL and return the rows it printed.
sub query
{
	my ($sql) = @_;
	my @lines;
	print {$to} "$sql;\n\\echo --end--\n";
	$to->flush;
	while (my $line = <$from>)
	{
		chomp $line;
		return @lines if $line eq '--end--';
		push @lines, $line;
	}
	die "psql ended at: $sql\n";
}

my ($backend) = query('SET client_min_messages = warning; CREATE EXTENSION predseg; SELECT pg_backend_pid()');

sub cpu_nanoseconds
{
	open my $file, '<', "/proc/$backend/schedstat" or die "no CPU time of the backend: $!\n";
	return (split ' ', <$file>)[0];
}

sub timed
{
	my ($sql) = @_;
	my $before = cpu_nanoseconds();
	my ($result) = query($sql);
	return (cpu_nanoseconds() - $before, $result);
}

# A sample from the gamma distribution (Marsaglia and Tsang 2000).
sub gamma_sample
{
	my ($shape, $rate) = @_;
	return gamma_sample($shape + 1, $rate) * rand()**(1 / $shape) if $shape < 1;
	my $d = $shape - 1 / 3;
	my $c = 1 / sqrt(9 * $d);
	while (1)
	{
		my $z = sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand());
		my $v = (1 + $c * $z)**3;
		next if $v <= 0;
		return $d * $v / $rate if log(1 - rand()) < $z * $z / 2 + $d - $d * $v + $d * log($v);
	}
}

# Customers who behave as BG/NBD says: r .243, alpha 4.414 weeks, a .793, b 2.426.
sub make_customers
{
	srand(42);
	query('CREATE TABLE customer (x int, t_x float8, t float8)');
	print {$to} "COPY customer FROM STDIN;\n";
	for (1 .. $rows)
	{
		my $rate = gamma_sample(0.243, 4.414);
		my ($ga, $gb) = (gamma_sample(0.793, 1), gamma_sample(2.426, 1));
		my $leave = $ga / ($ga + $gb);
		my $t = 27 + 12 * rand();
		my ($x, $last, $now) = (0, 0, 0);
		while (1)
		{
			$now += -log(1 - rand()) / ($rate > 0 ? $rate : 1e-300);
			last if $now > $t;
			($x, $last) = ($x + 1, $now);
			last if rand() < $leave;
		}
		print {$to} "$x\t$last\t$t\n";
	}
	print {$to} "\\.\n";
	query('VACUUM ANALYZE customer');
}

sub make_rows
{
	my $normal = 'sqrt(-2 * ln(1 - random())) * cos(6.283185307179586 * random())';
	my $columns = join ', ', map { "$normal AS f$_" } 0 .. 19;
	my $sum = join ' + ', map { sprintf '%.2f * f%d', (($_ * 7) % 11 - 5) / 10, $_ } 0 .. 19;
	query('SET synchronize_seqscans = off; SELECT setseed(0.42)');
	query("CREATE TABLE visit AS SELECT s.*, random() < 1 / (1 + exp(0.8 - ($sum))) AS bought"
		  . " FROM (SELECT $columns FROM generate_series(1, $rows)) s");
	query('VACUUM ANALYZE visit');
}

sub make_orders
{
	my $orders = 5 * $rows;
	my $customers = int($orders / 36);
	query('SELECT setseed(0.42)');
	query("CREATE TABLE orders AS SELECT (random() ^ 2 * $customers)::int AS customer_id,"
		  . " date '2023-01-01' + (random() * 730)::int AS ordered_on,"
		  . " round((5 + 95 * random())::numeric, 2)::float8 AS amount"
		  . " FROM generate_series(1, $orders)");
	query('VACUUM ANALYZE orders');
	return $orders;
}

print "Making the data: $rows customers, $rows visits of 20 columns, ", 5 * $rows, " orders ...\n";
make_customers();
make_rows();
my $orders = make_orders();

my $bg_options = q('{"frequency": "x", "recency": "t_x", "tenure": "t", "time_unit": "week"}');
query('CREATE TABLE fitted (name text PRIMARY KEY, model predseg.model)');

# Fits leave their model for the jobs that score.
sub fit
{
	my ($name, $method, $table, $options) = @_;
	return "INSERT INTO fitted SELECT '$name', predseg.fit('$method', t.*, $options) FROM $table t"
	  . " ON CONFLICT (name) DO UPDATE SET model = EXCLUDED.model";
}

# A model as a literal, as the planner sees it when a query is prepared.
my %literal;
sub model
{
	my ($name) = @_;
	($literal{$name}) = query("SELECT quote_literal(model) || '::predseg.model' FROM fitted WHERE name = '$name'")
	  unless $literal{$name};
	return $literal{$name};
}

my $group = 'FROM orders GROUP BY customer_id) s';
my @jobs = (
	[ 'BG/NBD: fit()', 'customer', 't', $rows, sub { fit('bg', 'bg_nbd', 'customer', $bg_options) } ],
	[ 'BG/NBD: p_alive', 'customer', 't', $rows, sub { 'SELECT count(predseg.p_alive(' . model('bg') . ', t.*)) FROM customer t' } ],
	[ 'BG/NBD: churn_probability, 90 days', 'customer', 't', $rows, sub { 'SELECT count(predseg.churn_probability(' . model('bg') . ", t.*, '90 days')) FROM customer t" } ],
	[ 'BG/NBD: expected_purchases, 273 days', 'customer', 't', $rows, sub { 'SELECT count(predseg.expected_purchases(' . model('bg') . ", t.*, '273 days')) FROM customer t" } ],
	[ 'logistic, 20 columns: fit()', 'visit', 'f19', $rows, sub { fit('intent', 'logistic', 'visit', q('{"target": "bought"}')) } ],
	[ 'logistic, 20 columns: train(), evaluation included', 'visit', 'f19', $rows, sub { q{SELECT version FROM predseg.train('intent', 'visit', target => 'bought', method => 'logistic')} } ],
	[ 'logistic, 20 columns: score by value', 'visit', 'f19', $rows, sub { 'SELECT count(predseg.score(' . model('intent') . ', t.*)) FROM visit t' } ],
	[ 'logistic, 20 columns: score by name', 'visit', 'f19', $rows, sub { q{SELECT count(predseg.score('intent', t.*)) FROM visit t} } ],
	[ 'k-means, 20 columns, k = 8: fit()', 'visit', 'f19', $rows, sub { fit('groups', 'kmeans', 'visit', q('{"k": 8, "exclude": ["bought"], "starts": 1}')) } ],
	[ 'k-means, 20 columns, k = 8: cluster', 'visit', 'f19', $rows, sub { 'SELECT count(predseg.cluster(' . model('groups') . ', t.*)) FROM visit t' } ],
	[ 'hierarchical, 20 columns, k = 8: fit()', 'visit', 'f19', $rows, sub { fit('families', 'hierarchical', 'visit', q('{"k": 8, "exclude": ["bought"]}')) } ],
	[ 'hierarchical, 20 columns, k = 8: cluster', 'visit', 'f19', $rows, sub { 'SELECT count(predseg.cluster(' . model('families') . ', t.*)) FROM visit t' } ],
	[ 'boosted trees, 100 trees of 63 leaves, no early stopping: fit()', 'visit', 'f19', $rows, sub { fit('trees', 'boosted_trees', 'visit', q('{"target": "bought", "trees": 100, "leaves": 63, "early_stopping": false}')) } ],
	[ 'boosted trees, 100 trees of 63 leaves: score by value', 'visit', 'f19', $rows, sub { 'SELECT count(predseg.score(' . model('trees') . ', t.*)) FROM visit t' } ],
	[ 'roc_auc', 'visit', 'f19', $rows, sub { 'SELECT predseg.roc_auc(bought, f19) FROM visit' } ],
	[ 'orders to rfm, grouped by customer', 'orders', 'amount', $orders, sub { "SELECT count(h) FROM (SELECT predseg.rfm(ordered_on, amount) AS h $group" } ],
	[ '  the same facts in plain SQL', 'orders', 'amount', $orders, sub { "SELECT count(n), count(d), count(f), count(l), count(s) FROM (SELECT count(*) AS n, count(DISTINCT ordered_on) AS d, min(ordered_on) AS f, max(ordered_on) AS l, sum(amount) AS s $group" } ],
);

my ($version) = query('SHOW server_version');
my ($predseg) = query(q(SELECT extversion FROM pg_extension WHERE extname = 'predseg'));
open my $cpuinfo, '<', '/proc/cpuinfo';
my ($cpu) = map { /^model name\s*:\s*(.*)/ ? $1 : () } <$cpuinfo>;
print "predseg $predseg, PostgreSQL $version, ", $cpu // 'unknown CPU', ", one process, JIT off; CPU time, fastest of $rounds\n\n";
print "| job | ns per row | count(column), ns per row | ratio |\n|---|---|---|---|\n";
for my $job (@jobs)
{
	my ($name, $table, $column, $n, $sql) = @$job;
	my ($best, $base);
	my $statement = $sql->();
	for (1 .. $rounds)
	{
		my ($ns) = timed($statement);
		my ($baseline) = timed("SELECT count($column) FROM $table");
		$best = $ns       if !defined $best || $ns < $best;
		$base = $baseline if !defined $base || $baseline < $base;
	}
	printf "| %s | %.0f | %.0f | %.1f |\n", $name, $best / $n, $base / $n, $best / $base;
}
my ($iterations) = query(q(SELECT predseg.describe(model) -> 'parameters' ->> 'iterations' FROM fitted WHERE name = 'groups'));
print "\nk-means needed ", $iterations // '?', " iterations.\n";
close $to;
waitpid $pid, 0;
exit $? >> 8;
