#!/usr/bin/env python3
"""High-precision reference for test_logistic.c.

Fits logistic regressions on a small made-up table by Newton's method on the
raw design matrix in 50-digit decimal arithmetic, by another route than the
engine: no standardisation, Gauss-Jordan elimination instead of Cholesky.
Prints C arrays; needs nothing but Python.
"""
from decimal import Decimal as D, getcontext

getcontext().prec = 50
ROWS = 80


def table():
    """The rows of test_logistic.c: x1, x2, level of x3, target, weight."""
    rows = []
    state = 12345
    for i in range(ROWS):
        state = (state * 1103515245 + 12345) % 2**31
        x1 = D(i * 7 % 23)
        x2 = D(i * i % 31) / 4
        level = 'abc'[(i * 5 + i // 3) % 3]
        noise = state / 2**31
        y = 1 if 0.08 * float(x1) - 0.25 * float(x2) + (0.7 if level == 'b' else 0) + 4 * (noise - 0.5) > 0 else 0
        rows.append((x1, x2, level, y, D(1 + i % 3)))
    return rows


def solve_inverse(matrix):
    n = len(matrix)
    a = [row[:] + [D(int(i == j)) for j in range(n)] for i, row in enumerate(matrix)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(a[r][c]))
        a[c], a[pivot] = a[pivot], a[c]
        a[c] = [v / a[c][c] for v in a[c]]
        for r in range(n):
            if r != c:
                a[r] = [v - a[r][c] * w for v, w in zip(a[r], a[c])]
    return [row[n:] for row in a]


def fit(x, y, w):
    n = len(x[0])
    beta = [D(0)] * n
    for _ in range(40):
        gradient = [D(0)] * n
        gram = [[D(0)] * n for _ in range(n)]
        likelihood = D(0)
        for row, target, weight in zip(x, y, w):
            p = 1 / (1 + (-sum(b * v for b, v in zip(beta, row))).exp())
            likelihood += weight * (p if target else 1 - p).ln()
            for a in range(n):
                gradient[a] += weight * (target - p) * row[a]
                for b in range(n):
                    gram[a][b] += weight * p * (1 - p) * row[a] * row[b]
        covariance = solve_inverse(gram)
        step = [sum(c * g for c, g in zip(line, gradient)) for line in covariance]
        beta = [b + s for b, s in zip(beta, step)]
        if max(map(abs, step)) < D(10) ** -40:
            break
    return beta, [covariance[a][a].sqrt() for a in range(n)], likelihood


def show(name, result):
    beta, errors, likelihood = result
    print(f"/* {name}: intercept, x1, x2, then levels; log likelihood */")
    print("{" + ", ".join(f"{b:.17g}" for b in beta) + "},")
    print("{" + ", ".join(f"{e:.17g}" for e in errors) + "},")
    print(f"{likelihood:.17g}")


if __name__ == '__main__':
    rows = table()
    counts = {level: sum(r[2] == level for r in rows) for level in 'abc'}
    order = sorted('abc', key=lambda level: (-counts[level], level))
    print("levels by count:", [(level, counts[level]) for level in order], "positives", sum(r[3] for r in rows))
    target = [r[3] for r in rows]
    x = [[D(1), r[0], r[1]] + [D(int(r[2] == level)) for level in order[1:]] for r in rows]
    show("unweighted", fit(x, target, [D(1)] * ROWS))
    show("weighted", fit(x, target, [r[4] for r in rows]))
