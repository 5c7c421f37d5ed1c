# Compiler flags of the engine, shared by the extension's Makefile and by
# test/engine.mk, so that the tests exercise the code that is shipped.
#
# A product and a sum are never fused into one instruction: a result must not
# depend on the CPU.  Only the kernel files may fuse and reorder sums (that is
# what lets the compiler vectorise them); they keep NaN and infinity, and nothing here
# reaches the linker, where such flags would change the whole server.

ENGINE_FLAGS = -std=c11 -ffp-contract=off
ENGINE_WARNINGS = -Wall -Wextra -Wconversion -Wshadow
KERNEL_FLAGS = -O3 -fno-math-errno -fno-trapping-math -fassociative-math -fno-signed-zeros -ffp-contract=fast

# These files have loops that compilers vectorise without a change to any
# result, if they are asked to.
VECTOR_SOURCES = ps_bins ps_cluster_quality ps_day_sort ps_gradients ps_lloyd ps_loss
VECTOR_FLAGS = -O3 -fno-math-errno -fno-trapping-math

# A file NAME.inc.c is a part that other files include.
ENGINE_SOURCES = $(filter-out %.inc.c, $(wildcard src/engine/*.c))
ENGINE_HEADERS = $(wildcard src/engine/*.h src/engine/*.inc.c)
