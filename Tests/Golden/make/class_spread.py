"""What scikit-learn and SciPy say of two classes' spread; the values stand in ClassSpreadTests.

    python Tests/Golden/make/class_spread.py

Needs numpy, scipy and scikit-learn. Made with scipy 1.17.1 and scikit-learn 1.9.1. The features are small whole numbers
and quarters, so that the test can write them down.
"""

import numpy as np
from scipy.stats import pointbiserialr
from sklearn.metrics import calinski_harabasz_score

POSITIVE = np.array([[1.0, 2.0, 0.5], [2.0, 2.5, 0.0], [3.0, 1.0, 1.0], [2.5, 2.0, 0.25], [1.5, 3.0, -0.5]])
NEGATIVE = np.array([[0.0, 1.0, 0.5], [-1.0, 0.5, 0.0], [0.5, 2.0, 0.75], [1.0, 0.0, -0.25]])

features = np.concatenate([POSITIVE, NEGATIVE])
labels = np.r_[np.ones(len(POSITIVE)), np.zeros(len(NEGATIVE))]
score = calinski_harabasz_score(features, labels)
print("ratio", repr(score / (len(labels) - 2)))
for column in range(3):
    print("correlation", column, repr(pointbiserialr(labels, features[:, column]).statistic))
