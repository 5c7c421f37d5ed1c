# test/bench/peers.py
#	  Time predseg beside other programs, on the same data in the same run, and
#	  print a table with the bar that each ratio is to stay below.
#
#		peers.py ENGINE_FIT FOLDER
#
# ENGINE_FIT is the program of engine_fit.c; data go to FOLDER; psycopg reaches
# the server by the usual variables.  Everything runs in one process at a time,
# in one thread, on one core.  What counts is CPU time: of the process and,
# where a server works for it, of its backend.  Rounds alternate the programs,
# and the fastest of each counts: whatever disturbs a round only makes it
# slower.  JOBS, if set, names the subjects to time, such as JOBS="kmeans trees".

import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version

import numpy as np
import psycopg

ENGINE, FOLDER = sys.argv[1:3]
ROWS = int(os.environ.get("ROWS", 1_000_000))
CUSTOMERS = int(os.environ.get("CUSTOMERS", ROWS))
TEST_ROWS = ROWS // 5
ROUNDS = int(os.environ.get("ROUNDS", 3))
JOBS = os.environ.get("JOBS", "logistic trees kmeans mixture bg_nbd pareto_nbd cox").split()
COLUMNS = 20
CLUSTERS = 8
MIXTURE_ITERATIONS = 6
NAMES = [f"f{i}" for i in range(COLUMNS)]
CONTRACT_COLUMNS = [f"c{i}" for i in range(10)]
TREES = {"trees": 100, "leaves": 63, "learning_rate": 0.1, "l2": 1, "min_rows": 20, "early_stopping": False}
PLAIN = {"calibration": "none"}  # in SQL; the program of engine_fit.c fits without it


def path(name):
    return os.path.join(FOLDER, name)


# --- data ---------------------------------------------------------------------


def make_visits(rows, random):
    """Six kinds of visitors; skewed, counted, rounded and yes-or-no columns; a target that trees and lines learn partly."""
    centers = np.random.default_rng(7).normal(0, 0.9, (6, COLUMNS))
    x = random.normal(0, 1, (rows, COLUMNS)) + centers[random.integers(0, 6, rows)]
    x[:, 0] = np.exp(0.5 * x[:, 0])
    x[:, 1] = random.poisson(3, rows)
    x[:, 2] = random.exponential(30, rows)
    x[:, 3] = random.integers(18, 80, rows)
    x[:, 4] = random.random(rows) < 0.3
    x[:, 5:7] = np.round(x[:, 5:7], 1)
    log_odds = (
        0.6 * np.log1p(x[:, 0]) + 0.25 * x[:, 1] - 0.03 * x[:, 2] + 0.02 * (x[:, 3] - 45) * x[:, 4]
        + 0.4 * x[:, 7] - 0.3 * x[:, 8] + 0.5 * x[:, 7] * x[:, 9] + 0.6 * (x[:, 10] > 0.5) * (x[:, 11] < 0)
        - 0.4 * np.abs(x[:, 12]) + 0.3 * np.sin(2 * x[:, 13]) + 0.2 * x[:, 14] - 1.2
    )
    return x, (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)


def make_customers(count, random):
    """Customers who behave as BG/NBD says: r .243, alpha 4.414 weeks, a .793, b 2.426."""
    rate = random.gamma(0.243, 1 / 4.414, count)
    leave = random.beta(0.793, 2.426, count)
    tenure = 27 + 12 * random.random(count)
    frequency, recency, now = np.zeros((3, count))
    active = np.arange(count)
    while len(active):
        now[active] += random.exponential(1, len(active)) / rate[active]
        active = active[now[active] <= tenure[active]]
        frequency[active] += 1
        recency[active] = now[active]
        active = active[random.random(len(active)) >= leave[active]]
    return np.column_stack((frequency, recency, tenure))


def round_to_days(customers):
    """The same customers with times in whole days instead of weeks; a day that has begun counts."""
    days = np.ceil(7 * customers[:, 1:])
    return np.column_stack((customers[:, 0], days))


def make_contracts(rows, random):
    """Contracts of ten columns, of which six matter, seen to the day for up to 60 weeks; about three in four end."""
    x = random.normal(0, 1, (rows, len(CONTRACT_COLUMNS)))
    x[:, 0] = random.random(rows) < 0.4
    x[:, 1] = random.poisson(2, rows)
    x[:, 2] = np.round(x[:, 2], 1)
    hazard = 0.02 * np.exp(x @ np.array([0.5, 0.2, -0.3, 0.1, 0, 0.4, -0.2, 0, 0, 0.3]))
    lifetime = (random.exponential(1, rows) / hazard) ** (1 / 1.2)
    seen = random.uniform(1, 60, rows)
    return np.column_stack((x, np.ceil(7 * np.minimum(lifetime, seen)), lifetime <= seen))


def load_table(cursor, name, columns, rows):
    """Make a table of float8 columns, after an id."""
    record = [("n", ">i2"), ("l_id", ">i4"), ("id", ">i8")]
    for column in columns:
        record += [("l_" + column, ">i4"), (column, ">f8")]
    packed = np.empty(len(rows), dtype=record)
    packed["n"], packed["l_id"], packed["id"] = len(columns) + 1, 8, np.arange(1, len(rows) + 1)
    for i, column in enumerate(columns):
        packed["l_" + column], packed[column] = 8, rows[:, i]
    cursor.execute(f"CREATE TABLE {name} (id int8, {', '.join(column + ' float8' for column in columns)})")
    with cursor.copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(rows), 50_000):
            copy.write(packed[start : start + 50_000].tobytes())
        copy.write(b"\xff\xff")
    cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (id)")
    cursor.execute(f"VACUUM (ANALYZE, FREEZE) {name}")


def make_data(cursor):
    random = np.random.default_rng(42)
    x, y = make_visits(ROWS, random)
    np.vstack((x.T, y)).tofile(path("train.f64"))
    x.T.tofile(path("features.f64"))
    standard = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    standard.tofile(path("standard.f32"))
    standard[np.random.default_rng(1).choice(ROWS, CLUSTERS, replace=False)].tofile(path("start.f32"))
    load_table(cursor, "visit", NAMES + ["y"], np.column_stack((x, y)))
    x, y = make_visits(TEST_ROWS, random)
    x.T.tofile(path("test.f64"))
    y.tofile(path("test_target.f64"))
    customers = make_customers(CUSTOMERS, random)
    customers.T.tofile(path("customer.f64"))
    round_to_days(customers).T.tofile(path("customer_days.f64"))
    contracts = make_contracts(ROWS, random)
    contracts.T.tofile(path("contract.f64"))
    contracts[: ROWS // 4].T.tofile(path("contract_quarter.f64"))
    load_table(cursor, "customer", ["x", "t_x", "t"], customers)


# --- jobs -----------------------------------------------------------------------


def output_of(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(command[:2])}")
    return json.loads(done.stdout)


def peer(job):
    return lambda: output_of([sys.executable, os.path.join(os.path.dirname(__file__), "peer.py"), job, FOLDER])


def engine(method, options, rows, names, file, *scores):
    command = [ENGINE, method, json.dumps(options), str(rows), ",".join(names), path(file), *map(path, scores)]
    return lambda: output_of(command)


def engine_trees():
    from sklearn.metrics import roc_auc_score

    result = engine("boosted_trees", {"target": "y", **TREES}, ROWS, NAMES, "train.f64", "test.f64",
                    "scores.f64")()
    result["auc"] = roc_auc_score(np.fromfile(path("test_target.f64")), np.fromfile(path("scores.f64")))
    return result


def engine_kmeans():
    """CPU seconds of a pass, on the way to where nothing moves any more and in the first passes, without the very first."""
    def run(passes):
        return output_of([ENGINE.replace("engine_fit", "engine_lloyd"), str(ROWS), str(COLUMNS), path("standard.f32"),
                          str(CLUSTERS), path("start.f32"), str(passes)])

    first, some, all_passes = run(1), run(17), run(300)
    return {"pass": (all_passes["fit"] - first["fit"]) / (all_passes["passes"] - 1),
            "early pass": (some["fit"] - first["fit"]) / (some["passes"] - 1), "inertia": all_passes["inertia"]}


def engine_mixture():
    """CPU seconds of an iteration, and the log likelihood; leaves the start for the peer, which is where a short fit ends."""
    def fit(iterations):
        return engine("gaussian_mixture", {"k": CLUSTERS, "covariance": "full", "starts": 1, "iterations": iterations,
                                           "transform": "none"}, ROWS, NAMES, "features.f64")()

    short, long = fit(2), fit(2 + MIXTURE_ITERATIONS)
    with open(path("mixture.json"), "w") as file:
        json.dump(short["parameters"], file)
    scales = [column["scale"] for column in short["parameters"]["encoder"]["columns"]]
    return {"iteration": (long["fit"] - short["fit"]) / MIXTURE_ITERATIONS,
            "log_likelihood": long["parameters"]["log_likelihood"] / ROWS + np.log(scales).sum()}


def engine_cox(rows, file):
    """A fit, and CPU seconds of an iteration: the difference of a whole fit and one of a single iteration."""
    def fit(iterations):
        return engine("cox", {"target": "y", "duration": "duration", "iterations": iterations}, rows,
                      CONTRACT_COLUMNS + ["duration"], file)()

    def run():
        first, whole = fit(1), fit(50)
        return {"fit": whole["fit"], "pass": (whole["fit"] - first["fit"]) / (whole["parameters"]["iterations"] - 1),
                "bytes": whole["bytes"], "log_likelihood": whole["parameters"]["log_likelihood"]}

    return run


class Session:
    """A session of the server whose backend's CPU time is read from the kernel."""

    def __init__(self):
        self.connection = psycopg.connect(autocommit=True)
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET client_min_messages = error")

    def cpu(self):
        with open(f"/proc/{self.connection.info.backend_pid}/schedstat") as file:
            return int(file.read().split()[0]) * 1e-9

    def job(self, *statements):
        def run():
            start = self.cpu()
            for statement in statements:
                self.cursor.execute(statement)
            return {"fit": self.cpu() - start}

        return run


def quoted(options):
    return "'" + json.dumps(options) + "'"


def train(name, method, options, holdout):
    return (f"SELECT version FROM predseg.train('{name}', 'visit', target => 'y', method => '{method}', key => 'id',"
            f" holdout => {holdout}, options => {quoted(options)}, deploy => 'always')")


def latency(session, statement, times=3000):
    """Microseconds of wall time for a query of one row."""
    def run():
        start = time.perf_counter()
        for i in range(times):
            session.cursor.execute(statement, (i + 1,), prepare=True)
            session.cursor.fetchone()
        return {"fit": (time.perf_counter() - start) / times}

    return run


def measure(jobs):
    """Run jobs in turn; return for each the least of every number (and the last of anything else)."""
    best = {}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            for key, value in job().items():
                known = best.setdefault(name, {}).get(key)
                smaller = isinstance(value, (int, float)) and known is not None and known < value
                best[name][key] = known if smaller else value
    return best


# --- the table ------------------------------------------------------------------


def seconds(number):
    return f"{number:.2f} s" if number >= 0.1 else f"{1000 * number:.1f} ms"


def per_row(number, rows=1):
    return f"{1e9 * number / rows:.0f} ns"


def row(job, ours, other, ratio, bar):
    verdict = "" if bar is None else "met" if ratio <= bar else "**missed**"
    shown = "" if ratio is None else f"{ratio:.3g}"
    print(f"| {job} | {ours} | {other} | {shown} | {'' if bar is None else bar} | {verdict} |")


def main():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    session = Session()
    session.cursor.execute("CREATE EXTENSION predseg")
    session.cursor.execute("SELECT pg_backend_pid(), current_setting('server_version'),"
                           " (SELECT extversion FROM pg_extension WHERE extname = 'predseg')")
    backend, server, predseg = session.cursor.fetchone()
    server = server.split()[0]
    os.sched_setaffinity(backend, os.sched_getaffinity(0))
    print(f"Making the data: {ROWS} visits of {COLUMNS} columns, {CUSTOMERS} customers ...", flush=True)
    make_data(session.cursor)

    history = {"frequency": "x", "recency": "t_x", "tenure": "t", "time_unit": "week"}
    train_bg = (f"SELECT version FROM predseg.train('bg', 'customer', method => 'bg_nbd', key => 'id', holdout => 0,"
                f" options => {quoted(history)}, deploy => 'always')")
    plain_latency = latency(session, "SELECT y FROM visit v WHERE id = %s")
    jobs = {
        "logistic": {
            "engine logistic": engine("logistic", {"target": "y"}, ROWS, NAMES, "train.f64"),
            "logistic": peer("logistic"),
            "sql journey": session.job(train("logit", "logistic", PLAIN, 0), "DROP TABLE IF EXISTS own_score",
                                       "CREATE UNLOGGED TABLE own_score AS"
                                       " SELECT id, predseg.score('logit', v.*) AS p FROM visit v"),
            "sql journey, default": session.job(train("logit", "logistic", {}, 0.2), "DROP TABLE IF EXISTS own_score",
                                                "CREATE UNLOGGED TABLE own_score AS"
                                                " SELECT id, predseg.score('logit', v.*) AS p FROM visit v"),
            "journey": peer("journey"),
            "count": session.job("SELECT count(y) FROM visit"),
            "sql score logistic": session.job("SELECT count(predseg.score('logit', v.*)) FROM visit v"),
            "latency": latency(session, "SELECT predseg.score('logit', v.*) FROM visit v WHERE id = %s"),
            "latency, plain": plain_latency,
        },
        "trees": {
            "engine trees": engine_trees,
            "lightgbm": peer("lightgbm"),
            "xgboost": peer("xgboost"),
            "sql trees, default": session.job(train("by_default", "boosted_trees", {}, 0.2)),
            "sql score trees": session.job("SELECT count(predseg.score('trees', v.*)) FROM visit v"),
            "latency, trees": latency(session, "SELECT predseg.score('trees', v.*) FROM visit v WHERE id = %s"),
            "latency, plain": plain_latency,
        },
        "kmeans": {
            "engine kmeans": engine_kmeans,
            "kmeans": peer("kmeans"),
            "kmeans memory": engine("kmeans", {"k": CLUSTERS, "starts": 1, "iterations": 1}, ROWS, NAMES, "features.f64"),
        },
        "mixture": {
            "engine mixture": engine_mixture,
            "mixture": peer("mixture"),
        },
        "bg_nbd": {
            "engine bg_nbd": engine("bg_nbd", history, CUSTOMERS, ["x", "t_x", "t"], "customer.f64"),
            "sql bg_nbd": session.job(f"SELECT predseg.fit('bg_nbd', c, {quoted(history)}) FROM customer c"),
            "bg_nbd": peer("bg_nbd"),
            "sql bg_nbd, train": session.job(train_bg),
            "sql values": session.job("DROP TABLE IF EXISTS own_value",
                                      "CREATE UNLOGGED TABLE own_value AS SELECT id, predseg.p_alive('bg', c.*) AS p,"
                                      " predseg.expected_purchases('bg', c.*, '273 days') AS e FROM customer c"),
        },
        "pareto_nbd": {
            "engine pareto_nbd": engine("pareto_nbd", history, CUSTOMERS, ["x", "t_x", "t"], "customer_days.f64"),
            "pareto_nbd": peer("pareto_nbd"),
        },
        "cox": {
            "engine cox": engine_cox(ROWS, "contract.f64"),
            "engine cox, quarter": engine_cox(ROWS // 4, "contract_quarter.f64"),
            "cox": peer("cox"),
        },
    }
    if "logistic" in JOBS:
        session.job(train("logit", "logistic", PLAIN, 0))()
    if "trees" in JOBS:
        session.job(train("trees", "boosted_trees", {**TREES, **PLAIN}, 0))()
    if "bg_nbd" in JOBS:
        session.job(train_bg)()
    best = measure({name: job for subject in JOBS for name, job in jobs[subject].items()})

    def took(name, key="fit"):
        return best[name][key]

    packages = ", ".join(f"{name} {version(name)}" for name in
                         ("scikit-learn", "lightgbm", "xgboost", "lifetimes", "lifelines", "numpy"))
    print(f"\npredseg {predseg}, PostgreSQL {server}, Python {platform.python_version()}, {packages}; "
          f"{ROWS} rows x {COLUMNS} columns, {CUSTOMERS} customers; CPU time of one thread, fastest of {ROUNDS}\n")
    print("| job | predseg | the other | ratio | bar | verdict |\n|---|---|---|---|---|---|")
    if "logistic" in JOBS:
        row("logistic fit, standardising included, in the engine; scikit-learn lbfgs", seconds(took("engine logistic")),
            seconds(took("logistic")), took("engine logistic") / took("logistic"), 0.45)
        own_loss = -took("engine logistic", "parameters")["log_likelihood"] / ROWS
        row("the same: how much the log loss is above the other's", f"{own_loss:.8f}",
            f"{took('logistic', 'log_loss'):.8f}", own_loss - took("logistic", "log_loss"), 1e-6)
        row("table to scores in a table, logistic; COPY BINARY, scikit-learn, COPY BINARY back",
            seconds(took("sql journey")), seconds(took("journey")), took("sql journey") / took("journey"), 0.3)
        row("the same, with the default's calibration, rows held out and evaluation",
            seconds(took("sql journey, default")), seconds(took("journey")),
            took("sql journey, default") / took("journey"), None)
        row("score logistic in SQL, by name and whole row, per row; `SELECT count(last_column)`",
            per_row(took("sql score logistic"), ROWS), per_row(took("count"), ROWS),
            took("sql score logistic") / took("count"), 1.6)
    if "trees" in JOBS:
        for name, title, bar in (("lightgbm", "LightGBM, row-wise", 0.75), ("xgboost", "XGBoost, hist", 0.6)):
            row(f"boosted trees, 100 x 63 leaves, binning included, in the engine; {title}",
                seconds(took("engine trees")), seconds(took(name)), took("engine trees") / took(name), bar)
            row("the same: how much the AUC on test rows is below the other's", f"{took('engine trees', 'auc'):.5f}",
                f"{took(name, 'auc'):.5f}", took(name, "auc") - took("engine trees", "auc"), 0.0005)
        row("the same: train() with its defaults (early stopping, calibration, evaluation)",
            seconds(took("sql trees, default")), "", None, None)
        row("peak memory of that fit above its input, bytes a row", f"{took('engine trees', 'bytes') / ROWS:.1f}", "",
            took("engine trees", "bytes") / ROWS, 80)
        row("score 100 x 63 leaves in SQL, by name and whole row, per row; XGBoost predict",
            per_row(took("sql score trees"), ROWS), per_row(took("xgboost", "score")),
            took("sql score trees") / ROWS / took("xgboost", "score"), 0.35)
    for subject, name, title in (("logistic", "latency", "logistic"), ("trees", "latency, trees", "100 x 63 leaves")):
        if subject in JOBS:
            row(f"score one row by its key, {title}, wall time; the same query without", f"{1e6 * took(name):.0f} µs",
                f"{1e6 * took('latency, plain'):.0f} µs", None, None)
    if "kmeans" in JOBS:
        for key, title, bar in (("pass", "per row and pass until nothing moves", 0.35), ("early pass", "the first 17 passes alone", None)):
            row(f"k-means, k = 8, {title}, in the engine; scikit-learn lloyd, float32, same start",
                f"{1e9 * took('engine kmeans', key) / ROWS:.1f} ns", f"{1e9 * took('kmeans', key) / ROWS:.1f} ns",
                took("engine kmeans", key) / took("kmeans", key), bar)
        ours, theirs = took("engine kmeans", "inertia"), took("kmeans", "inertia")
        row("the same: relative difference of the inertia", f"{ours:.2f}", f"{theirs:.2f}", abs(ours / theirs - 1), 1e-6)
        memory = took("kmeans memory", "bytes") / ROWS / COLUMNS
        row("peak memory of a whole k-means fit above its input, bytes a value", f"{memory:.2f}", "", memory, 6)
    if "mixture" in JOBS:
        row("Gaussian mixture, k = 8, full covariances, an iteration, in the engine; scikit-learn, same start",
            seconds(took("engine mixture", "iteration")), seconds(took("mixture", "iteration")),
            took("engine mixture", "iteration") / took("mixture", "iteration"), 0.12)
        ours, theirs = took("engine mixture", "log_likelihood"), took("mixture", "log_likelihood")
        row(f"the same: how much the log likelihood of a row differs after {MIXTURE_ITERATIONS} iterations", f"{ours:.8f}",
            f"{theirs:.8f}", abs(ours - theirs), 1e-6)
    if "bg_nbd" in JOBS:
        for name, where, bar in (("engine bg_nbd", "in the engine", 0.06), ("sql bg_nbd", "in SQL", 0.12)):
            row(f"BG/NBD fit, {where}; lifetimes", seconds(took(name)), seconds(took("bg_nbd")),
                took(name) / took("bg_nbd"), bar)
        theirs = took("bg_nbd", "parameters")
        row("the same: largest relative difference of a parameter", "", "",
            max(abs(took("engine bg_nbd", "parameters")[p] / theirs[p] - 1) for p in theirs), 1e-3)
        ours, other = took("sql values"), took("bg_nbd", "journey")
        row("table to P(alive) and expected purchases in a table, model given; COPY BINARY, lifetimes, COPY BINARY back",
            seconds(ours), seconds(other), ours / other, 0.5)
        ours, other = ours + took("sql bg_nbd, train"), other + took("bg_nbd")
        row("the same with the fit (`train`)", seconds(ours), seconds(other), ours / other, 0.5)
        session.cursor.execute("SELECT count(*), max(greatest(abs(o.p - t.p), abs(o.e - t.e)))"
                               " FROM own_value o JOIN peer_value t USING (id)")
        compared, difference = session.cursor.fetchone()
        assert compared == CUSTOMERS
        row("the same: largest difference of an answer", "", "", difference, 1e-4)
    if "pareto_nbd" in JOBS:
        row("Pareto/NBD fit of the same customers, times in days, in the engine; lifetimes, projected: "
            f"{took('pareto_nbd', 'evaluations')} evaluations of the likelihood", seconds(took("engine pareto_nbd")),
            seconds(took("pareto_nbd")), took("engine pareto_nbd") / took("pareto_nbd"), 0.02)
    if "cox" in JOBS:
        row("Cox fit, 10 columns, in the engine; lifelines", seconds(took("engine cox")), seconds(took("cox")),
            took("engine cox") / took("cox"), None)
        row("the same: relative difference of the log-likelihood", f"{took('engine cox', 'log_likelihood'):.3f}",
            f"{took('cox', 'log_likelihood'):.3f}",
            abs(took("engine cox", "log_likelihood") / took("cox", "log_likelihood") - 1), 1e-6)
        row("the same: an iteration, per row; with a quarter of the rows", per_row(took("engine cox", "pass"), ROWS),
            per_row(took("engine cox, quarter", "pass"), ROWS // 4),
            took("engine cox", "pass") / took("engine cox, quarter", "pass") / 4, 1.5)


if __name__ == "__main__":
    main()
