#!/usr/bin/env python3
"""Reference rows of test_purchase_extremes.c.

Likelihoods, log-odds of P(alive) and expectations of the purchase models and
of gamma_gamma at extreme parameters and histories, with 40 digits of mpmath
1.4.1 and by other ways than the engine's: BG/NBD and MBG/NBD as averages over
the drop-out probability on a grid four times as fine, and where it converges
checked against the closed form with the Gauss hypergeometric function;
Pareto/NBD with twice as many nodes on panels a quarter as wide; BG/BB as plain
sums over occasions.  Log-odds after a horizon follow from P(alive) with 90
digits, so that 1 minus it has enough.  Expectations are those of a living customer.  The
numbers of a row are doubles: what is written here is read as one.
"""
from mpmath import exp, expm1, fsum, hyp2f1, inf, legendre, findroot, log, log1p, loggamma, mp, mpf, nstr, sqrt
import numpy

mp.dps = 40

# r alpha a b | r alpha s beta | alpha beta gamma delta; x t_x T; horizon, continuous discount
ROWS = {
    'bg_nbd': [
        [.001, .01, 1e4, 7.1568, 0, 0, 365.25, inf, 1.9e-11], [.243, 4.414, .793, 1e-10, 1, 30, 38.86, 39, .0027], [1e6, 1e-8, 1e-8, 1e-8, 1, 1e6, 1e6, 1e-3, 1e-6],
        [1e-10, 1e7, 1e-10, 1e-10, 1, 1e-3, 1e6, 1e6, 0], [30, .01, 1 + 1e-9, 1e-3, 1e6, 999999, 1e6, 1e6, 1e-6],
        [1, 1e3, 1e9, 1e9, 100000, 1e3, 1e3, 1e-9, 2.4], [.243, 4.414, .5, .5, 0, 0, 0, inf, 1e-6],
        [1e4, 1e3, 1e-3, 60, 20, 500, 1e3, inf, log(mpf(11)) / 365.25], [.243, 4.414, 2.5, 1e6, 2, 30, 38.86, 1e6, 1e-6 / 365.25],
    ],
    'mbg_nbd': [
        [.001, .5, .793, .5, 0, 0, 1, inf, 1e-13], [1e-4, 1e3, 1e-10, 1e-10, 0, 0, 1e3, 39, .0027], [.243, 1e7, 1e-8, 1e-8, 0, 0, 1e6, 1e-9, 1e-6],
        [.525, 6.183, .891, 1e-9, 0, 0, 38.86, 39, .0027], [1e6, 1e7, 50, 2.4, 1e6, 500, 1e3, 1e3, 1e-6],
        [.525, 6.183, 1e-3, 1e-3, 2, 30, 38.86, inf, 1e-6], [1e-10, .01, 1e6, 1e9, 1000, 38, 38.86, 1e6, 2.4],
        [30, 4.4, 1, 60, 20, 19, 1e6, inf, log(mpf(11))], [.525, 6.183, .891, 1.614, 26, 30.86, 31, inf, .0027],
    ],
    'pareto_nbd': [
        [.55, .01, 1e9, 1e3, 0, 0, 1e3, 39, .0027], [1e6, 1e7, 1e9, 1e3, 0, 0, 1e3, 1e6, 1e-6], [1, 10, 1e6, .01, 0, 0, 1e6, 39, 0],
        [1e-10, 1e-8, 1e-10, 1e-8, 1, 1e-3, 1e6, 1e6, 1e-6], [.55, 10, 1 + 1e-9, 11, 1e6, 999999.999, 1e6, 1e-9, 2.4],
        [1e6, 1e7, 1e-6, 1e9, 100000, 38, 38.86, inf, 1e-6 / 365.25], [.55, 10, 100, .01, 20, .5, 1e3, inf, 2.4],
        [30, .01, 3, 1e7, 2, 38.86, 38.86, inf, 1e-6],
    ],
    'bg_bb': [
        [1e9, 1e-10, 1e-4, 1e-10, 92, 92, 100, 3000, 1e-3], [1e-10, 1e-10, .5, 30, 27, 27, 100, 5, .1], [30, 1, 1e-4, 1e9, 203, 1548, 3000, 3000, 1e-6],
        [1e-10, 1e-10, 1e-10, 1e9, 4, 6, 6, 100, 1e-3], [1e-4, 1e-4, 1e-10, 1e9, 1, 1, 1, 1, 0], [1, 1e9, 1 + 1e-9, 1e-4, 0, 0, 100, inf, 1e-3],
        [1.204, .75, .657, 2.783, 4, 5, 6, inf, 2.4], [1e6, 1e6, 1e6, 1e-10, 1, 1, 3000, inf, .1],
    ],
    'gamma_gamma': [    # p q v; x m
        [1, 1e-10, .01, 1, 100000], [1e-10, 1, 15, 2, 22.35], [1e-10, 1 + 1e-9, 1e-8, 1, 1e-6], [1e4, .5, 1e9, 1e6, 22.35], [6.25, 1 - 1e-9, 15.44, 1, 1e9],
    ],
}

LATER = [   # the same, without discount
    ['bg_nbd', .243, 4.414, .793, 2.426, 0, 0, 38.86, 39], ['bg_nbd', .243, 4.414, 1e-8, 2.426, 0, 0, 38.86, 1e-3],
    ['mbg_nbd', .525, 6.183, 1e-8, 1e4, 40, 1095.75, 1095.75, 3652.5], ['mbg_nbd', 30, 4.4, 1e4, .01, 0, 0, .004, 7],
    ['bg_nbd', 1e3, 60, 60, 1e-8, 2, 1095.75, 36525, 36525], ['mbg_nbd', 98, .15625, 60, 6e-4, 300, 1, 1, 36525],
    ['bg_nbd', 1000, 4.4, 2.4, 1e-8, 0, 0, 1, 39], ['pareto_nbd', .553, 10.578, .606, 11.669, 2, 38.86, 38.86, 1e-3], ['pareto_nbd', 1e3, .5, 1e4, 6664, 300, 1, 38.86, 365.25],
    ['bg_bb', 1.204, .75, 1e-8, 2.783, 4, 6, 6, 5], ['bg_bb', 1.2, .75, 50, 60, 0, 0, 0, 3652],
]


def nodes(n):
    """Gauss-Legendre nodes and weights on (0, 1)."""
    out = []
    for start in numpy.polynomial.legendre.leggauss(n)[0]:
        x = findroot(lambda t: legendre(n, t), mpf(start))
        slope = n * (x * legendre(n, x) - legendre(n - 1, x)) / (x * x - 1)
        out.append(((1 + x) / 2, 1 / ((1 - x * x) * slope * slope)))
    return out


GAUSS = nodes(32)


def integrate(f, length, width):
    """Integral of f from 0 to length, in panels."""
    panels = int(length / width) + 1
    return fsum(w * length / panels * f((k + x) * length / panels) for k in range(panels) for x, w in GAUSS)


def log_rising(a, n):
    """log of a (a + 1) ... (a + n - 1)."""
    if n <= 300:
        return fsum(log(a + k) for k in range(int(n)))
    with mp.workdps(80):
        return loggamma(a + n) - loggamma(a)


class Beta:
    """Averages over p ~ Beta(a, b): trapezoids in the logit, the tails as geometric series."""

    def __init__(self, a, b, scale):
        step = min(mpf(1) / 13, sqrt(1 / a + 1 / b) / 7)
        self.nodes = []
        total = 0
        for side in (1, -1):
            y = log(a / b) + (0 if side == 1 else -step)
            while True:
                t = exp(-abs(y))
                edge = (t if (y > 0) == (side == 1) else 1) / (1 + t)
                weight = exp((-a * log1p(t) - b * (y + log1p(t)) if y > 0 else a * (y - log1p(t)) - b * log1p(t))
                             + a * log1p(b / a) + b * log1p(a / b))
                last = edge * (1 if side == 1 else scale) < mpf(10) ** -40
                if last:
                    weight /= -expm1(-(b if side == 1 else a) * step)
                self.nodes.append((1 / (1 + exp(-y)), weight))
                total += weight
                if last or weight < mpf(10) ** -45 * total * min(1, a, b):
                    break
                y += side * step
        self.total = total

    def mean(self, f):
        return fsum(w * f(p) for p, w in self.nodes) / self.total


def beta_geometric(early, v, x, t_x, T, h, d):
    r, alpha, a, b = v
    n = x + early
    R, A, b_now = r + x, alpha + T, b + n
    odds = inf if n == 0 else log(b + (n - 1)) - log(a) - R * log1p((T - t_x) / (alpha + t_x))
    value = (log_rising(r, x) + log_rising(b, n) - log_rising(a + b, n) - R * log1p(T / alpha) - x * log(alpha)
             + (log1p(exp(-odds)) if n else 0))
    z = h / A if h != inf else 0
    beta = Beta(a, b_now, max(1, R / A * min(h, 100 / d if d else h)))
    purchases = beta.mean(lambda p: -expm1(-R * log1p(p * z)) / p) if h != inf else None
    if h != inf and a != 1 and R < 1e4 and z > 1e-6:
        closed = (a + (b_now - 1)) / (a - 1) * (1 - (1 + z) ** -R * hyp2f1(R, b_now, a + (b_now - 1), z / (1 + z)))
        if abs(closed / purchases - 1) > 1e-12:
            print('# the closed form differs by', nstr(closed / purchases - 1, 3))
    discounted = purchases
    if d > 0:
        unit = 1 / ((R + 1) / A + d)

        def worth(y):
            t = unit * expm1(y)
            return unit * exp(y - d * t) * beta.mean(lambda p: exp(-(R + 1) * log1p(p * t / A)))
        with mp.workdps(25):
            discounted = R / A * integrate(worth, log1p(min(h, 60 / d) / unit), 2)
    return value, odds, purchases, discounted


def pareto(v, x, t_x, T, h, d):
    r, alpha, s, beta = v
    R, gap, a, b = r + x, T - t_x, alpha + t_x, beta + t_x
    odds = inf
    if gap > 0:
        unit = 1 / ((R + 1) / a + (s + 1) / b)

        def death(y):
            u = unit * expm1(y)
            return unit * exp(y + R * (log1p(gap / a) - log1p(u / a)) + s * (log1p(gap / b) - log1p(u / b))) / (b + u)
        odds = -log(s * integrate(death, log1p(gap / unit), mpf(1) / 2))
    value = (log_rising(r, x) - R * log1p(T / alpha) - x * log(alpha) - s * log1p(T / beta)
             + (log1p(exp(-odds)) if gap > 0 else 0))
    rate, b = R / (alpha + T), beta + T
    purchases = None
    if h != inf:
        growth = log1p(h / b)
        purchases = rate * b * (growth if s == 1 else -expm1(-(s - 1) * growth) / (s - 1))
    discounted = purchases
    if d > 0:
        unit = 1 / ((s + 1) / b + d)
        discounted = rate * integrate(lambda y: unit * exp(y - d * unit * expm1(y) - s * log1p(unit * expm1(y) / b)),
                                      log1p(min(h, 100 / d) / unit), mpf(1) / 2)
    return value, odds, purchases, discounted


def bg_bb(v, x, t_x, n, h, d):
    a, b, g, e = v

    def log_beta(p, q):
        return loggamma(p) + loggamma(q) - loggamma(p + q)
    with mp.workdps(80):
        used = log_beta(a + x, b + (n - x)) - log_beta(a, b)
        alive = exp(used + log_beta(g, e + n) - log_beta(g, e))
        alive_next = exp(used + log_beta(g, e + n + 1) - log_beta(g, e))
        gone, term = mpf(0), exp(log_beta(a + x, b + (t_x - x)) - log_beta(a, b) + log_beta(g + 1, e + t_x) - log_beta(g, e))
        for j in range(int(t_x), int(n)):
            gone += term
            term *= (b + (j - x)) / (a + b + j) * (e + j) / (g + 1 + e + j)
        leaving = exp(used + log_beta(g + 1, e + n) - log_beta(g, e))
        rate, still = (a + x) / (a + b + n), mpf(1)
        purchases = discounted = mpf(0)
        if h == inf:
            purchases = None
            discounted = exp(-d) * hyp2f1(e + n + 1, 1, g + e + n + 1, exp(-d))
        else:
            for j in range(int(h)):
                purchases += still
                discounted += still * exp(-d * (j + 1))
                still *= (e + n + 1 + j) / (g + e + n + 1 + j)
            purchases *= rate
        return log(alive + gone), log(alive_next / (gone + leaving)), purchases, discounted * rate


def gamma_gamma(v, x, m):
    p, q, amount = v
    with mp.workdps(80):
        return (loggamma(p * x + q) - loggamma(p * x) - loggamma(q) - p * x * log1p(amount / (x * m))
                - q * log1p(x * m / amount) - log(m), p * (amount + x * m) / (p * x + q - 1))


def log_odds_later(law, now, v, x, t_x, T, h):
    """now is log(P(alive) / P(gone))."""
    with mp.workdps(90):
        if law == 'pareto_nbd':
            alive = (1 + h / (v[3] + T)) ** -v[2]
        elif law == 'bg_bb':
            alive = exp(log_rising(v[3] + T + 1, h) - log_rising(v[2] + v[3] + T + 1, h))
        else:
            b, z = v[3] + x + (law == 'mbg_nbd'), h / (v[1] + T)
            alive = (1 + z) ** -(v[0] + x) * hyp2f1(v[0] + x, b, v[2] + b, z / (1 + z))
        return log(alive) - log(exp(-now) + 1 - alive)


def text(number):
    return 'NAN' if number is None else 'INFINITY' if number == inf else nstr(number, 17)


def compute(law, exact):
    if law == 'gamma_gamma':
        return gamma_gamma(exact[:3], *exact[3:])
    if law == 'pareto_nbd':
        return pareto(exact[:4], *exact[4:])
    if law == 'bg_bb':
        return bg_bb(exact[:4], *exact[4:])
    return beta_geometric(int(law == 'mbg_nbd'), exact[:4], *exact[4:])


def show(law, row, results):
    numbers = ', '.join('INFINITY' if number == inf else repr(float(number)) for number in row)
    print('\t{"%s", {%s}, %s},' % (law, numbers, ', '.join(text(result) for result in results)), flush=True)


for law, rows in ROWS.items():
    for row in rows:
        show(law, row, compute(law, [mpf(float(number)) for number in row]))
for law, *row in LATER:
    exact = [mpf(float(number)) for number in row]
    now = compute(law, exact[:7] + [mpf(1), mpf(0)])[1]
    show(law, row, [log_odds_later(law, now, exact[:4], *exact[4:])])
