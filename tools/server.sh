# tools/server.sh
#	  Shell functions for programs that tools/sandbox runs:
#
#	server_install [MAKE-VARIABLE=VALUE...]
#		Build the extension and install it into the private installation.
#	server_start [SETTING...]
#		Make a cluster and start its server; afterwards psql and every other
#		client reach it, as the superuser postgres, without arguments.
#	server_crashed
#		Has any process of the server ended by a signal?
#	server_stop
#		Stop it.
#
# The server listens on a socket in a folder that only its owner can enter;
# that folder is its access control, so connections are trusted and any role
# can be tried out.

# One line of output when it succeeds, the compiler's when it does not.
server_install()
{
	if ! make -s -j"$(nproc)" PG_CONFIG="$PG_CONFIG" "$@" all >"$SCRATCH/build.log" 2>&1 ||
		! make -s PG_CONFIG="$PG_CONFIG" "$@" DESTDIR="$SCRATCH/root" install >>"$SCRATCH/build.log" 2>&1
	then
		cat "$SCRATCH/build.log"
		return 1
	fi
}

server_start()
{
	if ! "$PGBIN/initdb" -D "$SCRATCH/cluster" -U postgres -A trust -E UTF8 --no-locale --no-sync \
		>"$SCRATCH/initdb.log" 2>&1
	then
		cat "$SCRATCH/initdb.log"
		return 1
	fi
	{
		echo "listen_addresses = ''"
		echo "unix_socket_directories = '$SOCKETS'"
		echo "timezone = 'UTC'"
		for setting; do
			printf '%s\n' "$setting"
		done
	} >>"$SCRATCH/cluster/postgresql.conf"
	export PGHOST="$SOCKETS" PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	if ! "$PGBIN/pg_ctl" start -s -w -D "$SCRATCH/cluster" -l "$SCRATCH/server.log" >/dev/null 2>&1; then
		tail -n 20 "$SCRATCH/server.log"
		return 1
	fi
}

server_crashed()
{
	grep -E 'was terminated by signal|PANIC:|TRAP:' "$SCRATCH/server.log"
}

server_stop()
{
	"$PGBIN/pg_ctl" stop -s -w -m fast -D "$SCRATCH/cluster" >/dev/null 2>&1
}
