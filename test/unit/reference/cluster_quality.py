"""The numbers of test_cluster_quality.c: scikit-learn 1.9.1, numpy."""
import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score


def show(points, labels):
    print(repr(silhouette_score(points, labels)), repr(calinski_harabasz_score(points, labels)),
          repr(davies_bouldin_score(points, labels)))


i = np.arange(200)
points = np.c_[i * 0.6180339887 % 1 + 2 * (i % 3), i * 0.7071067811 % 1 - i % 2, 3 * (i * 0.7548776662 % 1)]
show(points, i % 3)
show(points, i * i % 7 % 4)
copies = 1 + i % 4
show(np.repeat(points, copies, axis=0), np.repeat(i % 3, copies))
alone = i % 3
alone[5] = 3
show(points, alone)
i = np.arange(6000)
print(repr(silhouette_score((i * 0.6180339887 % 1 + i % 3)[:, None], i % 3)))
