# predseg: predictive customer segments inside PostgreSQL
#
#	make, make install		build and install for the server of PG_CONFIG
#	make installcheck		run the SQL tests against that running server
#	make test				run every test on a private server
#	make demo, make bench	play the demo, measure, on a private server
#	make bench-peers		measure beside other programs, which pip installs
#
# test, demo and bench need nothing but make: they install what is missing (or
# say what to install) and leave no server behind.  PG_CONFIG=... chooses the
# server everywhere.

EXTENSION = predseg
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" predseg.control)

MODULE_big = predseg
include src/engine/flags.mk
ENGINE_OBJS = $(ENGINE_SOURCES:.c=.o)
OBJS = $(ENGINE_OBJS) $(patsubst %.c, %.o, $(wildcard src/pg/*.c))

# The install script is these files in this order: what a file uses stands in
# an earlier one.
SQL_SUBJECTS = schema model rfm fit score survival explain evaluate cluster profile backtest registry segment activation privileges
SQL_FILES = $(wildcard $(SQL_SUBJECTS:%=sql/%.sql))
UNLISTED = $(filter-out $(SQL_FILES) sql/$(EXTENSION)--%, $(wildcard sql/*.sql))
ifneq ($(UNLISTED),)
$(error $(UNLISTED): add the file to SQL_SUBJECTS in the Makefile, where its order is decided)
endif

DATA = $(wildcard sql/$(EXTENSION)--*--*.sql)
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql

REGRESS = $(sort $(patsubst test/sql/%.sql, %, $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=test --load-extension=$(EXTENSION)
ISOLATION = $(sort $(patsubst test/specs/%.spec, %, $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=test/output_iso --load-extension=$(EXTENSION)
TAP_TESTS = 1
PROVE_TESTS = test/t/*.pl
EXTRA_CLEAN = test/results test/output_iso test/regression.diffs test/regression.out

PG_CPPFLAGS = -DPREDSEG_VERSION='"$(EXTVERSION)"' -Isrc/engine
# Link-time optimisation, which some distributions turn on, would blur the
# flags that differ between files; so would LLVM bitcode, which is built with
# one set of flags for all files: hence neither.
PG_CFLAGS = -fno-lto
override with_llvm = no
SHLIB_LINK = -lm

PG_CONFIG ?= pg_config

# A bare machine has no pg_config yet when it is asked for one of these.
STANDALONE = test demo bench bench-peers
ifneq ($(filter-out $(STANDALONE), $(or $(MAKECMDGOALS),all)),)
PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(PGXS),)
$(error no PostgreSQL development files: $(PG_CONFIG) does not run. Set PG_CONFIG=/path/to/pg_config, or try "make demo", which says what to install)
endif
include $(PGXS)

# Calls within the library go straight there: scoring makes many for every row.
ifeq ($(PORTNAME),linux)
SHLIB_LINK += -Wl,-Bsymbolic-functions
endif

$(ENGINE_OBJS): override CFLAGS += $(ENGINE_FLAGS) $(ENGINE_WARNINGS) -Wno-declaration-after-statement
src/engine/ps_kernels%.o: override CFLAGS += $(KERNEL_FLAGS)
$(VECTOR_SOURCES:%=src/engine/%.o): override CFLAGS += $(VECTOR_FLAGS)
$(OBJS): $(ENGINE_HEADERS) $(wildcard src/pg/*.h) Makefile src/engine/flags.mk predseg.control

$(DATA_built): $(SQL_FILES) Makefile predseg.control
	printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit' > $@.new
	cat $(SQL_FILES) >> $@.new
	mv $@.new $@
endif

.PHONY: $(STANDALONE)

test:
	@test/run

demo:
	@tools/sandbox demo demo/run

bench:
	@tools/sandbox demo test/bench/run

bench-peers:
	@PEERS=1 tools/sandbox demo test/bench/run
