/*-------------------------------------------------------------------------
 *
 * test_cluster_quality.c
 *	  Quality of groups of points: the numbers of scikit-learn
 *	  (test/unit/reference/cluster_quality.py), weights as copies, what is not
 *	  defined, and every allocation and poll failing.
 *
 * The tolerance is that of scikit-learn, which takes distances from products:
 * those of copies of a point come out as 1e-8 instead of 0.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_cluster_quality.h"

#define COUNT 200
#define WIDTH 3
#define TOLERANCE 1e-9

static double values[COUNT * WIDTH];
static double weights[COUNT];
static int32_t thirds[COUNT];	/* groups that are there */
static int32_t squares[COUNT];	/* groups that are not */
static int32_t alone[COUNT];	/* thirds, and a point alone */
static const ps_points points = {COUNT, WIDTH, values, NULL};
static const ps_points weighted = {COUNT, WIDTH, values, weights};

static void
make_points(void)
{
	for (int i = 0; i < COUNT; i++)
	{
		values[i * WIDTH] = fmod(i * 0.6180339887, 1) + 2 * (i % 3);
		values[i * WIDTH + 1] = fmod(i * 0.7071067811, 1) - i % 2;
		values[i * WIDTH + 2] = 3 * fmod(i * 0.7548776662, 1);
		weights[i] = 1 + i % 4;
		thirds[i] = i % 3;
		squares[i] = i * i % 7 % 4;
		alone[i] = i == 5 ? 3 : i % 3;
	}
}

/* Judge one way to group points. */
static ps_status
judge(const ps_env *env, const ps_points *of, size_t k, const int32_t *labels, double *measures)
{
	const ps_grouping grouping = {k, labels};
	ps_error	error;

	PS_TRY(ps_silhouettes(env, of, &grouping, 1, &measures[0], &error));
	PS_TRY(ps_calinski_harabasz(env, of, &grouping, &measures[1], &error));
	return ps_davies_bouldin(env, of, &grouping, &measures[2], &error);
}

static void
test_reference(const ps_env *env)
{
	static const struct
	{
		const char *name;
		const ps_points *points;
		size_t		k;
		const int32_t *labels;
		double		want[3];
	}			cases[] = {
		{"groups that are there", &points, 3, thirds, {0.4087036801382671, 223.1189439731512, 1.0241853563043546}},
		{"groups that are not", &points, 4, squares, {-0.019706704833740357, 0.06927982318133609, 57.93840447463051}},
		{"weights are copies", &weighted, 3, thirds, {0.41709394578218556, 569.5556467891295, 1.012430844043431}},
		{"a point alone", &points, 4, alone, {0.2253522845369045, 149.03861982039126, 1.0003356861124613}},
		{"an empty group", &points, 5, alone, {0.2253522845369045, 149.03861982039126, 1.0003356861124613}}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		double		got[3];

		if (!ok(judge(env, cases[i].points, cases[i].k, cases[i].labels, got) == PS_OK, "%s", cases[i].name))
			continue;
		close_to(got[0], cases[i].want[0], TOLERANCE, 0, "silhouette");
		close_to(got[1], cases[i].want[1], TOLERANCE, 0, "Calinski-Harabasz");
		close_to(got[2], cases[i].want[2], TOLERANCE, 0, "Davies-Bouldin");
	}
}

/* Several groupings at once are judged as each alone. */
static void
test_together(const ps_env *env)
{
	const ps_grouping groupings[] = {{3, thirds}, {4, squares}, {4, alone}};
	double		together[3];
	double		apart;
	ps_error	error;

	ok(ps_silhouettes(env, &points, groupings, 3, together, &error) == PS_OK, "three at once");
	for (int g = 0; g < 3; g++)
		ok(ps_silhouettes(env, &points, &groupings[g], 1, &apart, &error) == PS_OK && apart == together[g],
		   "the same as alone");
}

/*
 * Two groups whose centers are at 2 and 10 of the first column: halfway are the
 * points from 4.67 to 7.33, at the centers those within 1.33 of them.
 */
static void
test_overlap(const ps_env *env)
{
	double		line[48];
	double		both[24];
	int32_t		labels[24];
	ps_overlap	overlap;
	ps_error	error;
	const ps_grouping two = {2, labels};

	for (int i = 0; i < 24; i++)
	{
		static const double left[] = {0, 0, 0, 2, 2, 2, 2, 2, 2, 3, 3, 6};	/* their mean is 2 */

		labels[i] = i / 12;
		both[i] = 1 + i % 2;
		line[2 * i] = i < 12 ? left[i] : 12 - left[i - 12];
		line[2 * i + 1] = i % 5;	/* across the line */
	}
	for (int i = 12; i < 24; i++)
		line[2 * i + 1] = line[2 * (i - 12) + 1];
	ok(ps_overlap_of(env, &(ps_points) {24, 2, line, NULL}, &two, &overlap, &error) == PS_OK, "two groups");
	close_to(overlap.ratio, 2.0 / 8, 1e-12, 0, "2 points halfway, 8 at either center");
	close_to(overlap.limit, (3 + 2 * sqrt(3)) / 8, 1e-12, 0, "and by chance up to 6");
	for (int i = 0; i < 24; i++)
		both[i] = 2;
	ok(ps_overlap_of(env, &(ps_points) {24, 2, line, both}, &two, &overlap, &error) == PS_OK, "twice each");
	close_to(overlap.ratio, 4.0 / 16, 1e-12, 0, "4 of weight halfway");
	close_to(overlap.limit, (5 + 2 * sqrt(5)) / 16, 1e-12, 0, "which is more certain");
	ok(ps_overlap_of(env, &(ps_points) {12, 2, line, NULL}, &two, &overlap, &error) == PS_OK && isnan(overlap.ratio), "one group");
}

/* Nothing to compare with, nothing that varies. */
static void
test_undefined(const ps_env *env)
{
	static const double same[] = {1, 1, 1, 1};
	static const double two[] = {1, 1, 5, 5};
	static const int32_t one[] = {0, 0, 0, 0};
	static const int32_t halves[] = {0, 0, 1, 1};
	static const int32_t crossed[] = {0, 1, 0, 1};
	static const int32_t each[] = {0, 1, 2, 3};
	double		got[3];

	ok(judge(env, &(ps_points) {0, 1, same, NULL}, 3, one, got) == PS_OK && isnan(got[0]) && isnan(got[1]) && isnan(got[2]),
	   "no points");
	ok(judge(env, &(ps_points) {4, 1, two, NULL}, 1, one, got) == PS_OK && isnan(got[0]) && isnan(got[1]) && isnan(got[2]),
	   "one group");
	ok(judge(env, &(ps_points) {4, 1, same, NULL}, 2, halves, got) == PS_OK && got[0] == 0 && isnan(got[1]) && isnan(got[2]),
	   "the same point over and over");
	ok(judge(env, &(ps_points) {4, 1, two, NULL}, 2, halves, got) == PS_OK && got[0] == 1 && isnan(got[1]) && got[2] == 0,
	   "nothing within the groups");
	ok(judge(env, &(ps_points) {4, 1, two, NULL}, 2, crossed, got) == PS_OK && got[0] == -0.5 && got[1] == 0 && isnan(got[2]),
	   "groups with the same center");
	ok(judge(env, &(ps_points) {4, 1, two, NULL}, 4, each, got) == PS_OK && got[0] == 0 && isnan(got[1]) && isnan(got[2]),
	   "each point alone");
}

static ps_status
small_work(const ps_env *env)
{
	const ps_grouping grouping = {3, thirds};
	double		got[3];
	ps_overlap	overlap;
	ps_error	error;

	PS_TRY(judge(env, &weighted, 3, thirds, got));
	return ps_overlap_of(env, &weighted, &grouping, &overlap, &error);
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	make_points();
	host_init(&h);
	test_reference(&h.env);
	test_together(&h.env);
	test_undefined(&h.env);
	test_overlap(&h.env);
	host_free(&h);
	wrong = inject_faults(small_work, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
