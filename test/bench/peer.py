# test/bench/peer.py
#	  One job of another program, for test/bench/peers.py.
#
#		peer.py JOB FOLDER
#
# Runs JOB once, in one thread, on the data that peers.py left in FOLDER and
# prints one line of JSON with the CPU seconds it took.  Reading the files into
# arrays is not counted.

import json
import os
import subprocess
import sys
import time
import warnings

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[library + "_NUM_THREADS"] = "1"

import numpy as np

warnings.simplefilter("ignore")
COLUMNS = 20
FOLDER = sys.argv[2]


def read(name, columns):
    """Read columns of doubles as an array of rows."""
    numbers = np.fromfile(os.path.join(FOLDER, name)).reshape(columns, -1)
    return np.ascontiguousarray(numbers.T)


def timed(work):
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def training_rows():
    rows = read("train.f64", COLUMNS + 1)
    return np.ascontiguousarray(rows[:, :COLUMNS]), np.ascontiguousarray(rows[:, COLUMNS])


def auc(scores):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(read("test_target.f64", 1)[:, 0], scores)


def fit_logistic(x, y):
    """Maximum likelihood, as predseg: no penalty."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    standardised = scaler.fit_transform(x)
    return scaler, LogisticRegression(C=np.inf, max_iter=1000).fit(standardised, y)


def logistic():
    from sklearn.metrics import log_loss

    x, y = training_rows()
    (scaler, model), fit = timed(lambda: fit_logistic(x, y))
    p = model.predict_proba(scaler.transform(x))[:, 1]
    return {"fit": fit, "log_loss": log_loss(y, p), "iterations": int(model.n_iter_[0])}


def journey():
    """COPY BINARY out, fit, predict, COPY BINARY back; the backend's CPU seconds are counted as well."""
    import psycopg

    connection = psycopg.connect()
    cursor = connection.cursor()

    def backend():
        with open(f"/proc/{connection.info.backend_pid}/schedstat") as file:
            return int(file.read().split()[0]) * 1e-9

    # a row of COPY BINARY: the number of fields, then each one's length and big-endian value
    row = [("n", ">i2"), ("l_id", ">i4"), ("id", ">i8")]
    for name in [f"f{i}" for i in range(COLUMNS)] + ["y"]:
        row += [("l_" + name, ">i4"), (name, ">f8")]
    head = 19

    def run():
        with cursor.copy("COPY visit TO STDOUT (FORMAT binary)") as copy:
            content = b"".join(copy)
        rows = np.frombuffer(content, dtype=row, offset=head, count=(len(content) - head - 2) // np.dtype(row).itemsize)
        x = np.empty((len(rows), COLUMNS))
        for i in range(COLUMNS):
            x[:, i] = rows[f"f{i}"]
        y = rows["y"].astype(float)
        scaler, model = fit_logistic(x, y)
        back = np.empty(len(rows), dtype=[("n", ">i2"), ("l_id", ">i4"), ("id", ">i8"), ("l_p", ">i4"), ("p", ">f8")])
        back["n"], back["l_id"], back["l_p"] = 2, 8, 8
        back["id"] = rows["id"]
        back["p"] = model.predict_proba(scaler.transform(x))[:, 1]
        cursor.execute("DROP TABLE IF EXISTS peer_score; CREATE UNLOGGED TABLE peer_score (id int8, p float8)")
        with cursor.copy("COPY peer_score FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + back.tobytes() + b"\xff\xff")
        connection.commit()

    import sklearn.linear_model, sklearn.preprocessing  # noqa: loading is not counted

    start = backend()
    _, client = timed(run)
    return {"fit": client + backend() - start, "client": client}


def lightgbm():
    import lightgbm as lgb

    x, y = training_rows()
    test = read("test.f64", COLUMNS)
    parameters = {
        "objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "lambda_l2": 1.0, "min_data_in_leaf": 20,
        "max_bin": 255, "num_threads": 1, "force_row_wise": True, "verbose": -1,
    }
    model, fit = timed(lambda: lgb.train(parameters, lgb.Dataset(x, y, params=parameters), 100))
    scores, score = timed(lambda: model.predict(test, num_threads=1))
    return {"fit": fit, "score": score / len(test), "auc": auc(scores)}


def xgboost():
    import xgboost as xgb

    x, y = training_rows()
    test = xgb.DMatrix(read("test.f64", COLUMNS), nthread=1)
    parameters = {
        "objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_depth": 0,
        "max_leaves": 63, "eta": 0.1, "reg_lambda": 1.0, "min_child_weight": 1, "max_bin": 256, "nthread": 1,
    }
    model, fit = timed(lambda: xgb.train(parameters, xgb.DMatrix(x, y, nthread=1), 100))
    scores, score = timed(lambda: model.predict(test))
    return {"fit": fit, "score": score / test.num_row(), "auc": auc(scores)}


def kmeans():
    """The same figures as of peers.py's engine_kmeans; the inertia from the labels, since scikit-learn sums it in float32."""
    from sklearn.cluster import KMeans

    x = np.fromfile(os.path.join(FOLDER, "standard.f32"), dtype=np.float32).reshape(-1, COLUMNS)
    start = np.fromfile(os.path.join(FOLDER, "start.f32"), dtype=np.float32).reshape(-1, COLUMNS)

    def fit(passes):
        return timed(lambda: KMeans(len(start), init=start, n_init=1, max_iter=passes, tol=0, algorithm="lloyd").fit(x))

    fit(1)  # what happens only once is not counted
    first, first_time = fit(1)
    some, some_time = fit(17)
    end, end_time = fit(300)
    inertia = sum(((x[end.labels_ == c].astype(float) - center) ** 2).sum() for c, center in enumerate(end.cluster_centers_))
    return {"pass": (end_time - first_time) / (end.n_iter_ - first.n_iter_),
            "early pass": (some_time - first_time) / (some.n_iter_ - first.n_iter_), "inertia": inertia}


def mixture():
    """CPU seconds of an iteration from the start that peers.py's engine_mixture left, and the log likelihood of a row."""
    from sklearn.mixture import GaussianMixture

    with open(os.path.join(FOLDER, "mixture.json")) as file:
        start = json.load(file)
    encoder = start["encoder"]["columns"]
    clusters = start["clusters"]
    x = (read("features.f64", COLUMNS) - [column["mean"] for column in encoder]) / [column["scale"] for column in encoder]
    covariances = np.zeros((len(clusters), COLUMNS, COLUMNS))
    lower = np.tril_indices(COLUMNS)
    for covariance, cluster in zip(covariances, clusters):
        covariance[lower] = covariance.T[lower] = cluster["covariance"]

    def fit(iterations):
        return timed(lambda: GaussianMixture(
            len(clusters), tol=0, reg_covar=1e-4, max_iter=iterations, weights_init=[c["share"] for c in clusters],
            means_init=[c["center"] for c in clusters], precisions_init=np.linalg.inv(covariances)).fit(x))

    fit(1)  # what happens only once is not counted
    _, short_time = fit(1)
    long, long_time = fit(6)
    return {"iteration": (long_time - short_time) / 5, "log_likelihood": long.score(x)}


def psql(command):
    """Run a command, and return the CPU seconds of the backend."""
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", command,
                           "-c", "SELECT pg_read_file('/proc/self/schedstat')"], stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout.split()[0]) * 1e-9


def bg_nbd():
    """
    The fit, and the journey around it: COPY BINARY to a file, predict, COPY BINARY from a file.  psql copies, which
    needs a tenth of psycopg's time; its CPU seconds and those of the backends are counted.
    """
    import scipy.special  # noqa: loading is not counted
    from lifetimes import BetaGeoFitter

    out, back = (os.path.join(FOLDER, name) for name in ("customer.copy", "value.copy"))
    row = [("n", ">i2"), ("l_id", ">i4"), ("id", ">i8")]
    for name in ("x", "t_x", "t"):
        row += [("l_" + name, ">i4"), (name, ">f8")]

    def load():
        server = psql(f"\\copy customer TO '{out}' (FORMAT binary)")
        size = (os.path.getsize(out) - 21) // np.dtype(row).itemsize
        rows = np.fromfile(out, dtype=row, offset=19, count=size)
        return server, rows["id"], [rows[name].astype(float) for name in ("x", "t_x", "t")]

    def predict(model, ids, columns):
        answer = np.empty(len(ids), dtype=row[:3] + [("l_p", ">i4"), ("p", ">f8"), ("l_e", ">i4"), ("e", ">f8")])
        answer["n"], answer["l_id"], answer["l_p"], answer["l_e"] = 3, 8, 8, 8
        answer["id"] = ids
        answer["p"] = model.conditional_probability_alive(*columns)
        answer["e"] = model.conditional_expected_number_of_purchases_up_to_time(39, *columns)
        with open(back, "wb") as file:
            file.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            answer.tofile(file)
            file.write(b"\xff\xff")
        server = psql("DROP TABLE IF EXISTS peer_value; CREATE UNLOGGED TABLE peer_value (id int8, p float8, e float8)")
        return server + psql(f"\\copy peer_value FROM '{back}' (FORMAT binary)")

    before = os.times()
    (server_out, ids, columns), loading = timed(load)
    model, fit = timed(lambda: BetaGeoFitter().fit(*columns))
    server_back, predicting = timed(lambda: predict(model, ids, columns))
    after = os.times()
    clients = after.children_user + after.children_system - before.children_user - before.children_system
    return {"fit": fit, "journey": server_out + loading + predicting + server_back + clients,
            "parameters": {name: float(model.params_[name]) for name in ("r", "alpha", "a", "b")}}


def pareto_nbd():
    """A fit takes minutes: the evaluations of the likelihood that one of a sample makes, times what one of all customers takes."""
    from lifetimes import ParetoNBDFitter

    x = read("customer_days.f64", 3)
    sample = x[np.random.default_rng(1).permutation(len(x))[:10_000]]
    evaluations = 0
    likelihood = ParetoNBDFitter._negative_log_likelihood

    def counted(*arguments):
        nonlocal evaluations
        evaluations += 1
        return likelihood(*arguments)

    np.random.seed(1)  # lifetimes starts at random
    fitter = ParetoNBDFitter()
    fitter._negative_log_likelihood = counted
    fitter.fit(sample[:, 0], sample[:, 1], sample[:, 2])
    values = [float(fitter.params_[name]) for name in ("r", "alpha", "s", "beta")]
    _, one = timed(lambda: likelihood(values, x[:, 0], x[:, 1], x[:, 2], np.ones(len(x)), 0))
    return {"fit": evaluations * one, "evaluation": one, "evaluations": evaluations}


def cox():
    import pandas
    from lifelines import CoxPHFitter

    columns = [f"c{i}" for i in range(10)] + ["duration", "y"]
    contracts = pandas.DataFrame(read("contract.f64", len(columns)), columns=columns)
    model, fit = timed(lambda: CoxPHFitter().fit(contracts, "duration", "y"))
    return {"fit": fit, "log_likelihood": float(model.log_likelihood_)}


JOBS = {job.__name__: job for job in (logistic, journey, lightgbm, xgboost, kmeans, mixture, bg_nbd, pareto_nbd, cox)}

if __name__ == "__main__":
    print(json.dumps(JOBS[sys.argv[1]]()))
