#!/usr/bin/env python3
"""Reference numbers of test_linear.c and of the penalised fits in test_logistic.c.

Fits the table of logistic.py with scikit-learn, on columns scaled to mean 0
and standard deviation 1, and prints coefficients in the data's units:
intercept, x1, x2, then levels.  The numbers in the tests come from
scikit-learn 1.5.2.
"""
import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

from logistic import table

rows = table()
x = np.array([[float(r[0]), float(r[1])] + [float(r[2] == level) for level in 'ca'] for r in rows])
bought = np.array([r[3] for r in rows])
state = 777
amount = []
for r in rows:
    state = (state * 1103515245 + 12345) % 2**31
    amount.append(3 + 0.5 * float(r[0]) - 0.8 * float(r[1]) + 2 * (r[2] == 'b') + 12 * (state / 2**31 - 0.5))
amount = np.array(amount)
weight = np.array([float(r[4]) for r in rows])
mean = x.mean(axis=0)
scale = x.std(axis=0)
z = (x - mean) / scale


def show(name, model, target, weights):
    model.fit(z, target, sample_weight=weights)
    b = np.ravel(model.coef_) / scale
    print(name, '{' + ', '.join(f'{v:.15g}' for v in [np.ravel(model.intercept_)[0] - b @ mean, *b]) + '}')


print('scikit-learn', sklearn.__version__)
n = len(rows)
show('linear, ridge 20', Ridge(alpha=20, tol=1e-15), amount, None)
show('linear, penalty 40, l1_ratio 1', Lasso(alpha=40 / n, tol=1e-16, max_iter=10**6), amount, None)
show('linear, penalty 40, l1_ratio 0.5', ElasticNet(alpha=40 / n, l1_ratio=0.5, tol=1e-16, max_iter=10**6), amount, None)
show('linear, the same weighted', ElasticNet(alpha=40 / weight.sum(), l1_ratio=0.5, tol=1e-16, max_iter=10**6), amount, weight)
saga = dict(solver='saga', penalty='elasticnet', tol=1e-15, max_iter=10**6)
show('logistic, penalty 5', LogisticRegression(C=1 / 5, tol=1e-14, solver='newton-cholesky'), bought, None)
show('logistic, penalty 5, l1_ratio 1', LogisticRegression(C=1 / 5, l1_ratio=1, **saga), bought, None)
show('logistic, penalty 5, l1_ratio 0.5', LogisticRegression(C=1 / 5, l1_ratio=0.5, **saga), bought, None)
show('logistic, the same weighted', LogisticRegression(C=1 / 5, l1_ratio=0.5, **saga), bought, weight)
