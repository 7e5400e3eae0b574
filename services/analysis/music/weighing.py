"""From evidence to likelihoods: which of several candidates is right, and how sure that is.

Owns the one rule by which tempo, key and phase are chosen. Refuses to know what the evidence is about.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def chances(evidence: Numbers, weights: Sequence[float] | Numbers, calm: float = 1.0) -> Numbers:
    """How likely each candidate (a row of evidence) is, summing to 1.

    A conditional logit (McFadden, Conditional Logit Analysis of Qualitative Choice Behavior, 1974): the weighed
    evidence of the candidates, made into shares. `calm` above 1 takes away from its certainty.
    """
    score = evidence @ np.array(weights) / calm
    share = np.exp(score - score.max())
    likely: Numbers = share / share.sum()
    return likely


def learned(tables: Sequence[Numbers], right: Sequence[int], restraint: float) -> Numbers:
    """The weights under which the right rows of these tables are likeliest, for `chances`.

    Newton's method on the mean log-likelihood; `restraint` is the price of the squared weights, each measured in the
    spread of its evidence.
    """
    every = np.concatenate(tables)
    spread = every.std(axis=0) + 1e-9
    scaled = [table / spread for table in tables]
    weights = np.zeros(every.shape[1])

    def cost(tried: Numbers) -> float:
        worth = 0.0
        for table, place in zip(scaled, right, strict=True):
            score = table @ tried
            worth -= score[place] - score.max() - np.log(np.sum(np.exp(score - score.max())))
        return worth / len(scaled) + restraint * float(tried @ tried) / 2

    now = cost(weights)
    for _ in range(50):
        slope = restraint * weights
        bend = restraint * np.eye(len(weights))
        for table, place in zip(scaled, right, strict=True):
            likely = chances(table, weights)
            expected = likely @ table
            slope = slope - (table[place] - expected) / len(scaled)
            bend = bend + ((table * likely[:, None]).T @ table - np.outer(expected, expected)) / len(scaled)
        step, share = np.linalg.solve(bend, slope), 1.0
        while (after := cost(weights - share * step)) > now and share > 1e-4:
            share /= 2
        weights = weights - share * step
        if now - after < 1e-8:
            break
        now = after
    result: Numbers = weights / spread
    return result
