/*-------------------------------------------------------------------------
 *
 * test_point_sample.c
 *	  Samples of labelled points: what is kept, merged and written does not
 *	  depend on the order of points or how they are split, and nothing is read
 *	  but what was written.
 *
 * The tolerance is that of scikit-learn, which takes distances from products:
 * those of copies of a point come out as 1e-8 instead of 0.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_point_sample.h"

#define COUNT 200
#define WIDTH 3
#define MANY 30000
#define TOLERANCE 1e-9

static const char *const labels[] = {"one", "two", "three"};

/* Add a point of those in test/unit/reference/cluster_quality.py. */
static ps_status
add(const ps_env *env, ps_point_sample *sample, int i, ps_error *error)
{
	const double point[WIDTH] = {fmod(i * 0.6180339887, 1) + 2 * (i % 3), fmod(i * 0.7071067811, 1) - i % 2,
	3 * fmod(i * 0.7548776662, 1)};

	return ps_point_sample_add(env, sample, labels[i % 3], strlen(labels[i % 3]), point, error);
}

/* Add one of many points of one value. */
static ps_status
add_one(const ps_env *env, ps_point_sample *sample, int i, ps_error *error)
{
	double		value = fmod(i * 0.6180339887, 1) + i % 3;

	return ps_point_sample_add(env, sample, labels[i % 3], strlen(labels[i % 3]), &value, error);
}

static double
silhouette_of(const ps_env *env, const ps_point_sample *sample)
{
	double		silhouette = -9;
	ps_error	error;

	return ps_point_sample_silhouette(env, sample, &silhouette, &error) == PS_OK ? silhouette : -9;
}

/* Do two samples write the same bytes? */
static bool
same(const ps_env *env, const ps_point_sample *left, const ps_point_sample *right)
{
	uint8_t    *bytes[2];
	size_t		lengths[2];
	ps_error	error;

	return ps_point_sample_write(env, left, &bytes[0], &lengths[0], &error) == PS_OK &&
		ps_point_sample_write(env, right, &bytes[1], &lengths[1], &error) == PS_OK && lengths[0] == lengths[1] &&
		memcmp(bytes[0], bytes[1], lengths[0]) == 0;
}

/* Few points are all kept, and copies counted. */
static void
test_few(const ps_env *env)
{
	ps_point_sample whole = {.width = WIDTH};
	ps_point_sample parts[3] = {{.width = WIDTH}, {.width = WIDTH}, {.width = WIDTH}};
	ps_point_sample narrow = {.width = 1};
	const double infinite[WIDTH] = {0, INFINITY, 0};
	const double zeroes[2][WIDTH] = {{-0.0, 0, 1}, {0, -0.0, 1}};
	ps_error	error;

	ok(isnan(silhouette_of(env, &whole)), "no points");
	ok(same(env, &whole, &parts[0]), "which can be written");
	for (int copy = 0; copy < 4; copy++)
		for (int i = 0; i < COUNT; i++)
			if (copy <= i % 4)
				add(env, &whole, i, &error);
	ok(whole.count == COUNT, "copies are one");
	close_to(silhouette_of(env, &whole), 0.41709394578218556, TOLERANCE, 0, "the silhouette with copies");

	for (int copy = 0; copy < 4; copy++)
		for (int i = COUNT - 1; i >= 0; i--)
			if (copy <= i % 4)
				add(env, &parts[(i + copy) % 3], i, &error);
	ok(ps_point_sample_merge(env, &parts[2], &parts[0], &error) == PS_OK &&
	   ps_point_sample_merge(env, &parts[2], &parts[1], &error) == PS_OK && same(env, &parts[2], &whole), "from three parts");
	ok(ps_point_sample_add(env, &whole, "one", 3, infinite, &error) == PS_INVALID_DATA, "%s", error.message);
	add_one(env, &narrow, 1, &error);
	ok(ps_point_sample_merge(env, &whole, &narrow, &error) == PS_INVALID_DATA, "%s", error.message);

	whole = (ps_point_sample) {.width = WIDTH};
	parts[0] = (ps_point_sample) {.width = WIDTH};
	for (int i = 0; i < 2; i++)
	{
		ps_point_sample_add(env, &whole, "", 0, zeroes[i], &error);
		ps_point_sample_add(env, &parts[0], "", 0, zeroes[1 - i], &error);
	}
	ok(whole.count == 1 && same(env, &whole, &parts[0]), "there is one zero");
}

/* Of many points the same part is kept, however they come. */
static void
test_many(const ps_env *env)
{
	ps_point_sample forward = {.width = 1};
	ps_point_sample backward = {.width = 1};
	ps_point_sample few = {.width = 1};
	ps_point_sample parts[7];
	ps_error	error;

	for (int p = 0; p < 7; p++)
		parts[p] = (ps_point_sample) {.width = 1};
	for (int i = 0; i < MANY; i++)
	{
		add_one(env, &forward, i, &error);
		add_one(env, &backward, MANY - 1 - i, &error);
	}
	ok(forward.count < 2 * PS_POINT_SAMPLE, "%d points, of which %zu are in memory", MANY, forward.count);
	ok(same(env, &forward, &backward) && silhouette_of(env, &forward) == silhouette_of(env, &backward), "in another order");

	/* scikit-learn, of the first 6,000; the error of a sample of 4,096 is below 0.004 */
	close_to(silhouette_of(env, &forward), 0.5897050432234986, 0, 0.01, "near that of all");

	/* parts that left points out, one that did not, and copies in different parts */
	for (int i = 0; i < MANY; i++)
	{
		add_one(env, &forward, i, &error);
		add_one(env, &parts[i % 3], i, &error);
		add_one(env, &parts[i < MANY - 3000 ? 3 + i % 3 : 6], i, &error);
	}
	add_one(env, &few, 5, &error);
	add_one(env, &forward, 5, &error);
	for (int p = 0; p < 7; p++)
		ok(ps_point_sample_merge(env, &few, &parts[p], &error) == PS_OK, "%zu points of a part", parts[p].count);
	ok(same(env, &few, &forward), "merge into what all would have given");
	add_one(env, &few, 6, &error);
	add_one(env, &forward, 6, &error);
	ok(same(env, &few, &forward), "and go on alike");
}

/* Bytes come back, and others are refused. */
static void
test_bytes(const ps_env *env)
{
	ps_point_sample sample = {.width = WIDTH};
	ps_point_sample many = {.width = 1};
	ps_point_sample back = {0};
	uint8_t    *bytes;
	uint8_t    *again;
	size_t		length;
	size_t		again_length;
	size_t		wrong = 0;
	size_t		read = 0;
	ps_error	error;

	for (int i = 0; i < 9; i++)
		add(env, &sample, i % 6, &error);
	ps_point_sample_write(env, &sample, &bytes, &length, &error);
	ok(length == 16 + 6 * 40 && ps_point_sample_read(env, bytes, length, &back, &error) == PS_OK && same(env, &back, &sample) &&
	   silhouette_of(env, &back) == silhouette_of(env, &sample), "bytes come back");
	for (size_t i = 0; i < length; i++)
	{
		memset(&back, 0, sizeof(back));
		bytes[i] ^= 1;
		wrong += ps_point_sample_read(env, bytes, length, &back, &error) != PS_CORRUPT;
		bytes[i] ^= 1;
		wrong += ps_point_sample_read(env, bytes, i, &back, &error) != PS_CORRUPT;
	}
	ok(wrong == 0, "every byte and every end matters");
	for (size_t i = 0; i < 8 * length; i++)
	{
		memset(&back, 0, sizeof(back));
		bytes[i / 8] ^= (uint8_t) (1 << i % 8);
		ps_store_integer(bytes + 12, ps_crc32c(ps_crc32c(0, bytes, 12), bytes + 16, length - 16), 4);
		if (ps_point_sample_read(env, bytes, length, &back, &error) == PS_OK)
		{
			/* then it is another state, which writes these very bytes */
			read++;
			ps_point_sample_write(env, &back, &again, &again_length, &error);
			wrong += again_length != length || memcmp(bytes, again, length) != 0;
		}
		bytes[i / 8] ^= (uint8_t) (1 << i % 8);
	}
	ok(wrong == 0 && read > 0, "with a good checksum, only what would be written is read: %zu of %zu", read, 8 * length);

	for (int i = 0; i < MANY; i++)
		add_one(env, &many, i, &error);
	memset(&back, 0, sizeof(back));
	ps_point_sample_write(env, &many, &bytes, &length, &error);
	ok(ps_point_sample_read(env, bytes, length, &back, &error) == PS_OK && same(env, &back, &many) && length == 16 + 24 * PS_POINT_SAMPLE,
	   "bytes of a part of many points");
	for (int i = 0; i < MANY / 2; i++)
	{
		add_one(env, &many, 3 * i, &error);
		add_one(env, &back, 3 * i, &error);
	}
	ok(same(env, &back, &many), "which go on as the one that was not written");
}

static ps_status
small_work(const ps_env *env)
{
	ps_point_sample left = {.width = WIDTH};
	ps_point_sample right = {.width = WIDTH};
	ps_point_sample back = {0};
	uint8_t    *bytes;
	size_t		length;
	double		silhouette;
	ps_error	error;

	for (int i = 0; i < 20; i++)
		PS_TRY(add(env, i % 2 == 0 ? &left : &right, i, &error));
	PS_TRY(ps_point_sample_merge(env, &left, &right, &error));
	PS_TRY(ps_point_sample_write(env, &left, &bytes, &length, &error));
	PS_TRY(ps_point_sample_read(env, bytes, length, &back, &error));
	return ps_point_sample_silhouette(env, &back, &silhouette, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_few(&h.env);
	test_many(&h.env);
	test_bytes(&h.env);
	host_free(&h);
	wrong = inject_faults(small_work, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
