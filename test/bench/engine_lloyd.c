/*-------------------------------------------------------------------------
 *
 * engine_lloyd.c
 *	  Run Lloyd's algorithm of the engine from given centers and say what it took.
 *
 *		engine_lloyd ROWS COLUMNS FILE CLUSTERS START PASSES
 *
 * FILE has ROWS rows of COLUMNS floats, as this machine stores them; START has
 * as many rows as there are CLUSTERS.
 *
 * Prints one line of JSON: CPU seconds, which start with the rows in tiles, the
 * passes made, and the sum of squared distances.
 *
 *-------------------------------------------------------------------------
 */
#include "engine_host.h"

#include "ps_lloyd.h"

/* Read floats. */
static float *
read_floats(const char *name, size_t count)
{
	FILE	   *file = fopen(name, "rb");
	float	   *numbers = malloc(count * sizeof(*numbers) + 1);

	if (file == NULL || numbers == NULL || fread(numbers, sizeof(*numbers), count, file) != count)
		fail(name, "cannot read it, or it is too short");
	fclose(file);
	return numbers;
}

int
main(int argc, char **argv)
{
	meter		memory = {0, 0};
	const ps_env env = {&memory, meter_alloc, meter_release, never_cancel};
	ps_cluster_rows rows;
	ps_lloyd	clusters;
	ps_error	error;
	float	   *numbers;
	bool	   *used;
	size_t		count;
	size_t		width;
	size_t		k;
	double		start;
	double		seconds;
	double		inertia;

	if (argc != 7)
		fail("usage", "engine_lloyd ROWS COLUMNS FILE CLUSTERS START PASSES");
	count = (size_t) strtoull(argv[1], NULL, 10);
	width = (size_t) strtoull(argv[2], NULL, 10);
	k = (size_t) strtoull(argv[4], NULL, 10);
	check(ps_cluster_rows_create(&env, count, width, &rows, &error), &error);
	numbers = read_floats(argv[3], count * width);
	for (size_t row = 0; row < count; row++)
		for (size_t j = 0; j < width; j++)
			rows.tiles[(row / PS_CLUSTER_ROWS * width + j) * PS_CLUSTER_ROWS + row % PS_CLUSTER_ROWS] =
				numbers[row * width + j];
	free(numbers);
	check(ps_lloyd_create(&env, k, width, &clusters, &error), &error);
	check(ps_alloc(&env, k, sizeof(*used), &used, &error), &error);
	numbers = read_floats(argv[5], k * width);
	for (size_t i = 0; i < k * width; i++)
		clusters.centers[i] = (double) numbers[i];

	start = cpu_seconds();
	check(ps_lloyd_run(&rows, &clusters, atoi(argv[6]), true, used, &error), &error);
	seconds = cpu_seconds() - start;
	check(ps_lloyd_inertia(&rows, &clusters, &inertia, &error), &error);
	printf("{\"fit\": %.4f, \"passes\": %d, \"inertia\": %.17g}\n", seconds, clusters.iterations, inertia);
	return 0;
}
