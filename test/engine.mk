# Build the engine without PostgreSQL, for its tests, from the top folder:
#
#	make -f test/engine.mk OUT=folder strict		objects for the rules, all warnings errors
#	make -f test/engine.mk OUT=folder unit			unit/test_*, with sanitizers
#	make -f test/engine.mk OUT=folder replay		fuzz/replay_*: any compiler (test/fuzz/replay.c)
#	make -f test/engine.mk OUT=folder fuzz			fuzz/fuzz_*: libFuzzer, CLANG names the compiler
#	make -f test/engine.mk OUT=folder bench			engine_*, with the flags of an extension

include src/engine/flags.mk

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
INCLUDE = -Isrc/engine -Itest/unit
TEST_FLAGS = $(ENGINE_FLAGS) -g -O1 -Wall -Wextra $(SANITIZE) $(INCLUDE)
# The checksum of a model stops a fuzzer at the door.
FUZZ_FLAGS = $(TEST_FLAGS) -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

HEADERS = $(ENGINE_HEADERS) $(wildcard test/unit/*.h test/fuzz/*.h)
objects = $(ENGINE_SOURCES:src/engine/%.c=$(OUT)/$(1)/%.o)
flags_of = $(if $(filter ps_kernels%,$(1)),$(KERNEL_FLAGS)) $(if $(filter $(VECTOR_SOURCES),$(1)),$(VECTOR_FLAGS))

.PHONY: strict unit replay fuzz bench
.SECONDARY:
strict: $(call objects,strict)
unit: $(patsubst test/unit/%.c,$(OUT)/unit/%,$(wildcard test/unit/test_*.c))
replay: $(patsubst test/fuzz/fuzz_%.c,$(OUT)/fuzz/replay_%,$(wildcard test/fuzz/fuzz_*.c))
fuzz: $(patsubst test/fuzz/%.c,$(OUT)/fuzz/%,$(wildcard test/fuzz/fuzz_*.c))
bench: $(patsubst test/bench/%.c,$(OUT)/%,$(wildcard test/bench/engine_*.c))

# Position-dependent, so that only what really can change counts as data, and
# without the calls that hardening inserts.
BARE = -fno-pic -fno-pie -fno-stack-protector -U_FORTIFY_SOURCE
$(OUT)/strict/%.o: src/engine/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(ENGINE_FLAGS) -O2 $(call flags_of,$*) $(ENGINE_WARNINGS) -Werror $(BARE) -c $< -o $@

$(OUT)/checked/%.o: src/engine/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) $(call flags_of,$*) -c $< -o $@

$(OUT)/unit/test_%: test/unit/test_%.c $(call objects,checked)
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) $^ -lm -o $@

$(OUT)/replay/%.o: src/engine/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_FLAGS) $(call flags_of,$*) -c $< -o $@

$(OUT)/fuzz/replay_%: test/fuzz/fuzz_%.c test/fuzz/replay.c $(call objects,replay)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_FLAGS) $^ -lm -o $@

$(OUT)/instrumented/%.o: src/engine/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) $(call flags_of,$*) -fsanitize=fuzzer-no-link -c $< -o $@

$(OUT)/fuzz/fuzz_%: test/fuzz/fuzz_%.c $(call objects,instrumented)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer $^ -lm -o $@

$(OUT)/shipped/%.o: src/engine/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(ENGINE_FLAGS) -O2 -fPIC $(call flags_of,$*) -c $< -o $@

$(OUT)/engine_%: test/bench/engine_%.c $(call objects,shipped)
	$(CC) $(ENGINE_FLAGS) -D_GNU_SOURCE -O2 $(INCLUDE) $^ -lm -o $@
