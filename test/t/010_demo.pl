# The demo plays to its end, with its own shop and with a file, and says what
# is wrong with a file it cannot use.
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'needs the private installation of test/run' unless $ENV{PGBIN} && $ENV{SCRATCH} && $ENV{SOCKETS};

my $number = 0;

# Play the demo with these settings in a place of its own; return what it prints and its exit status.
sub demo
{
	my %settings = @_;
	my $place = PostgreSQL::Test::Utils::tempdir();
	my $sockets = "$ENV{SOCKETS}/demo" . $number++;
	mkdir $sockets or die "$sockets: $!\n";
	local %ENV = (%ENV, %settings, SCRATCH => $place, SOCKETS => $sockets);
	my $output = `demo/run 2>&1 </dev/null`;
	my $status = $?;
	ok(!-e "$place/cluster/postmaster.pid", 'its server is stopped');
	return ($output, $status);
}

# The demo's output has these landmarks, in this order.
sub has_landmarks
{
	my ($output, $name, @landmarks) = @_;
	pos($output) = 0;
	for my $landmark (@landmarks)
	{
		ok($output =~ /\G.*?$landmark/gcs, "$name: $landmark") or diag($output), return;
	}
}

my @story = (
	'== 2\. Purchase intent', '== 3\. Churn and lifetime value', '== 4\. Clusters', '== 5\. Scores', '== 6\. Segments',
	'== 7\.',
	'create_consumer',
	'at_risk +\| +\d+ \| +0 \|',
	'notification "predseg" with payload\s+\| +\{"segment":"at_risk","entered":\d+,',
	'at_risk +\| enter \| definition',
	'ack',
	'== 8\. New orders arrive',
	'at_risk +\| +[1-9]\d* \| +[1-9]\d* \|',
	'notification "predseg" with payload\s+\| +\{"segment":"at_risk","entered":\d+,"left":\d+,[^\n]*"reason":"data"\}',
	'at_risk +\| enter \| \w+ +\| data',
	'== 9\. Who moved',
	'left_segments +\| +entered_segments',
	'0\.[678] -> 0\.[0-4] +\| \d+ -> \d+',
	'== What next');

my ($output, $status) = demo(DATA => '');
is($status, 0, 'the demo ends well');
has_landmarks($output, 'shop', '== 1\. A shop', @story);
like($output, qr/alpha +\| +12 \| +1[123]\.\d+ \|/, 'the truth stands beside the estimate');
unlike($output, qr/ERROR|WARNING/, 'it has no errors and no warnings');

($output, $status) = demo(DATA => 'test/data/orders.csv');
is($status, 0, 'the demo with a file ends well');
has_landmarks($output, 'file', 'customer: taken to be "Customer ID"', 'time: taken to be "Order Date"',
	'amount: taken to be "Quantity" \* "Unit Price"', 'day before the month', '1 of \d+ rows have no customer',
	'1 of \d+ rows have a time that is no date, for example "soon"', '== 1\. Your transactions', @story);

($output, $status) = demo(DATA => 'test/data/orders.csv', CUSTOMER => 'buyer');
isnt($status, 0, 'a column that is not in the file stops the demo');
like($output, qr/ERROR:  CUSTOMER=buyer cannot be used: column "buyer" does not exist\nHINT:  The columns are: "Customer ID", "Order Date",/,
	'and it says which columns there are');

my $nameless = PostgreSQL::Test::Utils::tempdir() . '/nameless.csv';
PostgreSQL::Test::Utils::append_to_file($nameless, "who;on;paid\n1;2024-01-01;5\n");
($output, $status) = demo(DATA => $nameless);
isnt($status, 0, 'a header that tells nothing stops the demo');
like($output, qr/the header does not say which column is the customer\nHINT:  Say CUSTOMER=column.*The columns are: who, "on", paid\./,
	'and it says what to say');

done_testing();
