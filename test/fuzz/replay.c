/*-------------------------------------------------------------------------
 *
 * replay.c
 *	  Run a fuzz target without libFuzzer.
 *
 * Every fuzz_*.c defines LLVMFuzzerTestOneInput and, to start from something
 * better than nothing, fuzz_seed: valid inputs, made by the engine itself, so
 * that no binary file need be kept.
 *
 *		replay_NAME SECONDS		run the seeds, then seeded mutations of them
 *		replay_NAME --seeds DIR	write the seeds there, for libFuzzer
 *		replay_NAME FILE...		run these inputs (to look into a failure)
 *
 * Inputs follow from their number, so that a run can be repeated.  An input
 * that a sanitizer stops at is written to replay.input.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sanitizer/common_interface_defs.h>

#define CAPACITY 65536
#define MAX_SEEDS 64

extern int	LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Write seed number 0, 1, ... into bytes; return its size, 0 when there are no more. */
extern size_t fuzz_seed(size_t number, uint8_t *bytes, size_t capacity);

static uint64_t random_state;

/* The input that is running. */
static const uint8_t *running;
static size_t running_size;

/* Return 64 random bits (splitmix64). */
static uint64_t
random_bits(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Return a random number below limit. */
static size_t
random_below(size_t limit)
{
	return limit == 0 ? 0 : (size_t) (random_bits() % limit);
}

/* Change bytes in one way and return the new size. */
static size_t
mutate(uint8_t *bytes, size_t size)
{
	static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '[', '-', 'e'};
	size_t		at = random_below(size + 1);
	size_t		length = 1 + random_below(8);

	switch (random_below(6))
	{
		case 0:					/* flip a bit */
			if (at < size)
				bytes[at] ^= (uint8_t) (1u << random_below(8));
			break;
		case 1:					/* an edge value */
			if (at < size)
				bytes[at] = edges[random_below(sizeof(edges))];
			break;
		case 2:					/* cut the end off */
			size = at;
			break;
		case 3:					/* remove a few bytes */
			if (at + length <= size)
			{
				memmove(bytes + at, bytes + at + length, size - at - length);
				size -= length;
			}
			break;
		case 4:					/* repeat a few bytes */
			if (at + length <= size && size + length <= CAPACITY)
			{
				memmove(bytes + at + length, bytes + at, size - at);
				size += length;
			}
			break;
		default:				/* random bytes */
			for (size_t i = at; i < at + length && i < size; i++)
				bytes[i] = (uint8_t) random_bits();
	}
	return size;
}

/* Write bytes to a file; give up on failure. */
static void
write_file(const char *name, const uint8_t *bytes, size_t size)
{
	FILE	   *file = fopen(name, "wb");

	if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
	{
		perror(name);
		exit(2);
	}
}

/* Save the input that a sanitizer has stopped at. */
static void
save_running(void)
{
	fprintf(stderr, "the input is in replay.input\n");
	write_file("replay.input", running, running_size);
}

/* Run a copy of exactly this size, so that reading past its end is seen. */
static void
run(const uint8_t *bytes, size_t size)
{
	uint8_t    *copy = malloc(size);

	if (size > 0)
		memcpy(copy, bytes, size);
	running = bytes;
	running_size = size;
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Run one file. */
static void
run_file(const char *name)
{
	static uint8_t bytes[CAPACITY];
	FILE	   *file = fopen(name, "rb");

	if (file == NULL)
	{
		perror(name);
		exit(2);
	}
	run(bytes, fread(bytes, 1, sizeof(bytes), file));
	fclose(file);
}

int
main(int argc, char **argv)
{
	static uint8_t seeds[MAX_SEEDS][CAPACITY];
	static uint8_t bytes[CAPACITY];
	size_t		sizes[MAX_SEEDS];
	size_t		count = 0;
	char	   *end;
	time_t		start = time(NULL);
	double		seconds;
	unsigned long long input = 0;

	while (count < MAX_SEEDS && (sizes[count] = fuzz_seed(count, seeds[count], CAPACITY)) > 0)
		count++;
	if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
	{
		for (size_t i = 0; i < count; i++)
		{
			char		name[4096];

			snprintf(name, sizeof(name), "%s/seed%zu", argv[2], i);
			write_file(name, seeds[i], sizes[i]);
		}
		return 0;
	}
	seconds = argc == 2 ? strtod(argv[1], &end) : 0.0;
	if (argc < 2 || argc > 2 || *end != '\0')
	{
		for (int i = 1; i < argc; i++)
			run_file(argv[i]);
		return 0;
	}

	if (count == 0)
	{
		fprintf(stderr, "no seeds\n");
		return 2;
	}
	__sanitizer_set_death_callback(save_running);
	for (size_t i = 0; i < count; i++)
		run(seeds[i], sizes[i]);
	while (difftime(time(NULL), start) < seconds)
	{
		size_t		seed;
		size_t		size;

		random_state = ++input;
		seed = random_below(count);
		size = sizes[seed];
		memcpy(bytes, seeds[seed], size);
		for (size_t n = 1 + random_below(4); n > 0; n--)
			size = mutate(bytes, size);
		run(bytes, size);
	}
	printf("ran %zu seeds and %llu mutations\n", count, input);
	return 0;
}
