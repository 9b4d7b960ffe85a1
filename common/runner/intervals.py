"""95 % confidence intervals of differences and counts over seeds."""

import math
import statistics

from common.runner.rows import as_number


def interval_of_difference(first, second):
    """The t interval of the mean difference, (low, high), paired seed by seed.

    >>> [round(end, 2) for end in interval_of_difference([0.9, 0.8, 0.8], [0.5, 0.6, 0.5])]
    [0.05, 0.55]
    """
    from scipy.stats import ttest_rel

    return tuple(map(float, ttest_rel(first, second).confidence_interval()))


def paired(rows, first, second, score):
    """A score of two variants, seed by seed: two lists, of the seeds that both have.

    Where a seed has rows of several processors, their mean counts.
    """
    of_seeds = {first: {}, second: {}}
    for row in rows:
        value = as_number(row[score])
        if row["variant"] in of_seeds and not math.isnan(value):
            of_seeds[row["variant"]].setdefault(row["seed"], []).append(value)
    values = [of_seeds[first], of_seeds[second]]
    seeds = [seed for seed in values[0] if seed in values[1]]
    return [[statistics.fmean(of_seed[seed]) for seed in seeds] for of_seed in values]


def wilson(right, total):
    """A share's interval, (low, high), where `right` of `total` were seen.

    >>> [round(end, 3) for end in wilson(14, 20)]
    [0.481, 0.855]
    """
    from scipy.stats import binomtest

    return tuple(map(float, binomtest(right, total).proportion_ci(method="wilson")))
