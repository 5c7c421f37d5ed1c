# test/docs.pl PAGE
#	  Run the SQL examples of a page of documentation, in order, in one session
#	  on a fresh database, as its owner, who is not a superuser.
#
# Every ```sql block runs and is one test: it passes when no statement fails.
# A statement that is meant to fail is preceded by a line (or ends in a
# comment)
#
#	-- error: some words of the message
#
# A page that starts from tables of its own names a script that makes them:
#
#	<!-- setup: test/docs/NAME.sql -->
#
# The extension is there from the start, unless the page itself creates it.

use strict;
use warnings;

my ($page) = @ARGV;
open(my $in, '<', $page) or die "$page: $!\n";
my @lines = <$in>;
close $in;

# Blocks: first and last line, and the errors they announce.  The script has
# the block's lines at the page's line numbers, so that psql's messages point
# into the page.
my (@blocks, @script, @setup, @problems, $block);
my $creates = 0;
my $fence;
for my $i (0 .. $#lines)
{
	my $number = $i + 1;
	local $_ = $lines[$i];
	push @script, "\n";
	if (!defined $fence)
	{
		push @setup, $1 if /^<!--\s*setup:\s*(\S+)\s*-->/;
		next unless /^(\s*)(```+|~~~+)\s*(.*?)\s*$/;
		$fence = $2;
		if ($3 eq 'sql')
		{
			$block = { first => $number, errors => [], text => '' };
		}
		elsif ($3 =~ /^(sql|psql|postgres|pgsql|plpgsql)/i)
		{
			push @problems, "line $number: an SQL example must be marked sql and nothing else, not \"$3\"";
		}
	}
	elsif (/^\s*\Q$fence\E\s*$/)
	{
		if ($block)
		{
			$block->{last} = $number;
			(my $code = $block->{text}) =~ s/--[^\n]*//g;
			push @problems, "line $number: the example does not end with a semicolon"
			  unless $code =~ /;\s*$/ || $code =~ /\n\s*\\[^\n]*\s*$/ || $code =~ /^\s*\\[^\n]*\s*$/;
			push @blocks, $block;
		}
		undef $block;
		undef $fence;
	}
	elsif ($block)
	{
		$script[-1] = $_;
		$block->{text} .= $_;
		$creates = 1 if /^\s*CREATE\s+EXTENSION\b.*\bpredseg\b/i;
		push @{ $block->{errors} }, $1 if /--\s*error:\s*(.*?)\s*$/;
	}
}
push @problems, "a block is not closed" if defined $fence;

sub psql
{
	my ($database, $role, @arguments) = @_;
	my $command = join ' ', map { s/'/'\\''/gr =~ s/(.*)/'$1'/sr }
	  'psql', '-X', '-q', '-v', 'VERBOSITY=default', '-P', 'pager=off', '-d', $database, '-U', $role, @arguments;
	my $output = `$command 2>&1 >/dev/null`;
	return ($output, $?);
}

(my $database = lc "docs_$page") =~ s/[^a-z0-9]+/_/g;
my ($output, $status) = psql('postgres', 'postgres', '-v', 'ON_ERROR_STOP=1',
	'-c', "DO \$\$ BEGIN CREATE ROLE docs LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$",
	'-c', "CREATE DATABASE $database OWNER docs");
die $output if $status;
($output, $status) = psql($database, 'postgres', '-c', 'ALTER SCHEMA public OWNER TO docs');
die $output if $status;
if (!$creates)
{
	($output, $status) = psql($database, 'docs', '-v', 'ON_ERROR_STOP=1', '-c', 'CREATE EXTENSION predseg');
	die $output if $status;
}
for my $setup (@setup)
{
	($output, $status) = psql($database, 'docs', '-v', 'ON_ERROR_STOP=1', '-f', $setup);
	die $output if $status;
}

my $file = "$ENV{SCRATCH}/$database.sql";
open(my $out, '>', $file) or die "$file: $!\n";
print $out @script;
close $out or die "$file: $!\n";
($output, $status) = psql($database, 'docs', '-f', $file);

my $test = 0;

# The errors that psql reports for this block, in order.
my @errors;
while ($output =~ /^psql:\Q$file\E:(\d+): (?:ERROR|FATAL|PANIC|error):\s*(.*)$/mg)
{
	push @errors, { line => $1, text => $2 };
}
for my $block (@blocks)
{
	my @got = grep { $_->{line} >= $block->{first} && $_->{line} <= $block->{last} } @errors;
	my @want = @{ $block->{errors} };
	my $same = @got == @want && !grep { index($got[$_]{text}, $want[$_]) < 0 } 0 .. $#want;
	$test++;
	print $same ? '' : 'not ', "ok $test - $page:$block->{first}\n";
	next if $same;
	print "# expected the error: $_\n" for @want;
	print "# line $_->{line}: $_->{text}\n" for @got;
}
for my $problem (@problems)
{
	$test++;
	print "not ok $test - $page: $problem\n";
}
if ($status)
{
	$test++;
	print "not ok $test - psql ended with status ", $status >> 8, "\n$output";
}
print "ok ", ++$test, " - $page has no SQL examples\n" if $test == 0;
print "1..$test\n";
