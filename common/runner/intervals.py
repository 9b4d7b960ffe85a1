"""Confidence intervals of means, differences and counts over seeds."""

import math

from common.runner.rows import as_number


def interval_of_mean(values):
    """The mean's 95 % confidence interval, (low, high): the percentile bootstrap.

    Of three values it is just their range; of equal ones it has no width.

    >>> [round(float(end), 2) for end in interval_of_mean([0.7, 0.8, 0.9])]
    [0.7, 0.9]
    """
    import numpy as np

    draws = np.random.default_rng(0).choice(values, (10_000, len(values)))
    return tuple(np.percentile(draws.mean(axis=1), [2.5, 97.5]))


def interval_of_difference(first, second):
    """The same of the mean difference between two variants, paired seed by seed.

    >>> [round(float(end), 2) for end in interval_of_difference([0.9, 0.8], [0.5, 0.6])]
    [0.2, 0.4]
    """
    return interval_of_mean([a - b for a, b in zip(first, second, strict=True)])


def paired(rows, first, second, score):
    """A score of two variants, seed by seed: two lists, of the seeds that both have."""
    found = [
        {r["seed"]: as_number(r[score]) for r in rows if r["variant"] == variant}
        for variant in (first, second)
    ]
    seeds = [s for s in found[0] if not math.isnan(found[0][s] + found[1].get(s, math.nan))]
    return [[values[seed] for seed in seeds] for values in found]


def wilson(right, total):
    """A share's 95 % confidence interval, (low, high), where `right` of `total` were seen.

    >>> [round(end, 3) for end in wilson(14, 20)]
    [0.481, 0.855]
    """
    z, share = 1.96, right / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    root = math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    half = z * root / (1 + z**2 / total)
    return middle - half, middle + half
