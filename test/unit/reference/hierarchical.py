#!/usr/bin/env python3
"""Reference numbers of test_hierarchical.c, from SciPy 1.17.1."""
import numpy as np
from scipy.cluster.hierarchy import linkage

points = np.array([[0.3, 1.1], [0.9, 1.4], [0.2, 2.6], [4.1, 0.7], [5.3, 1.9], [4.6, 3.9],
                   [5.8, 4.4], [1.7, 5.2], [2.9, 6.1], [9.2, 8.7], [8.1, 7.5], [6.6, 0.2]])
copies = np.array([1, 3, 2, 1, 1, 5, 1, 2, 1, 1, 4, 1])
for method in ("ward", "average"):
    print(method)
    for left, right, height, count in linkage(points, method):
        print(f"\t{{{int(left)}, {int(right)}, {height!r}, {int(count)}}},".replace("np.float64(", "").replace(")", ""))
    many = linkage(np.repeat(points, copies, axis=0), method)
    print("copies:", ", ".join(repr(float(height)) for height in many[many[:, 2] > 0, 2]))
