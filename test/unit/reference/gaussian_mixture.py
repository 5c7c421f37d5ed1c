#!/usr/bin/env python3
"""Reference numbers of test_gaussian_mixture.c, from scikit-learn 1.9.1 with NumPy 2.4.6.

Rows are made by a rule that needs no random numbers.  Columns are scaled to standard deviation 1 as predseg does, and
log likelihoods are brought back to the data's units.
"""
import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.mixture import GaussianMixture

ROWS = 600
i = np.arange(ROWS)
group = np.where(i % 10 < 5, 0, np.where(i % 10 < 8, 1, 2))


def spread(step):
    """Sum of three sawtooths, about normal."""
    return sum(np.mod((i + 1) * step * factor, 1) for factor in (1, 1.7320508, 2.2360680)) - 1.5


u, v = spread(0.6180339887), spread(0.7548776662)
x = np.array([10, 13, 18])[group] + np.array([2, 4, 3])[group] * u
y = np.array([200, 340, 210])[group] + np.array([80, 40, 120])[group] * (v + np.array([0.9, -0.5, 0])[group] * u)
data = np.column_stack([x, y])
scale = data.std(axis=0)
standard = (data - data.mean(axis=0)) / scale
unit = -np.log(scale).sum()
for form, name in (("full", "full"), ("diag", "diagonal"), ("spherical", "spherical")):
    fit = GaussianMixture(3, covariance_type=form, reg_covar=1e-9, tol=1e-12, max_iter=10000, n_init=20, random_state=0).fit(standard)
    order = np.argsort(-fit.weights_)
    row = (np.array([[12, 290]]) - data.mean(axis=0)) / scale
    print(name, "log likelihood", repr(ROWS * (fit.score(standard) + unit)), "bic", repr(fit.bic(standard) - 2 * ROWS * unit))
    print("  shares", fit.weights_[order], "mean of x", (fit.means_[order, 0] * scale[0] + data[:, 0].mean()),
          "probabilities at (12, 290)", fit.predict_proba(row)[0, order])

# labels of two columns: 60 rows
j = np.arange(60)
actual, predicted = j % 3, j % 3 + (j % 7 == 0)
print("adjusted Rand", repr(adjusted_rand_score(actual, predicted)), "mutual information",
      repr(normalized_mutual_info_score(actual, predicted)))
