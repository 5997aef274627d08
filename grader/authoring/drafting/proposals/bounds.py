"""Choose the bound of a score: from the exercise's words, or from the worst of some runs. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.authoring.drafting.proposals.measures import Measure

GRIDS = (0.1, 0.05, 0.02, 0.01)
"""Steps of a bound of an accuracy, the coarsest first."""
MARGIN = 0.03
"""Least distance of a bound from the worst accuracy."""
LOSS_FACTOR = 1.5
"""How many times the worst loss a bound is."""
NEAREST = 0.6
"""Largest distance of a bound from the worst score, as a share of the way to the untrained one."""
DIGITS = (1, 2, 3)

_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")
_LEAST = re.compile(
    r"(?:at least|above|over|more than|greater than|exceed\w*|reach\w*|pelo menos|no mínimo"
    r"|no minimo|acima de|mais de|maior (?:do )?que|superior a|≥|>=|>)\s*(?:of |an? |de )?"
    r"(?:accuracy (?:of )?)?(\d+(?:[.,]\d+)?)"
)
_MOST = re.compile(
    r"(?:at most|below|under|less than|lower than|smaller than|no máximo|no maximo|abaixo de"
    r"|menos de|menor (?:do )?que|inferior a|≤|<=|<)\s*(\d+(?:[.,]\d+)?)"
)


@dataclass(frozen=True)
class Bound:
    """The lowest score that earns the points, or the highest."""

    number: float
    is_lowest: bool
    is_asked: bool = False
    """Whether the words of the exercise ask for it."""

    def is_kept(self, score: float) -> bool:
        """Return whether a score reaches it."""
        if self.is_lowest:
            return score >= self.number
        return score <= self.number


def choose_bound(
    words: str, measure: Measure, scores: Sequence[float], untrained: Sequence[float]
) -> Bound | None:
    """Choose the bound of a score.

    Args:
        words: the text of the exercise.
        measure: the measure.
        scores: scores of the notebook, unchanged and with other seeds.
        untrained: scores of models that have learned nothing, its own first.

    Returns:
        The bound; None: training makes no difference that could be asked for.
    """
    if not all(map(math.isfinite, scores)):
        return None
    known = []
    for score in untrained:
        if math.isfinite(score):
            known.append(score)
    is_lowest = _is_better_higher(measure, scores, known)
    if is_lowest:
        worst = min(scores)
        lesser = max(known, default=None)
        chosen = _lowest(worst, lesser)
    else:
        worst = max(scores)
        lesser = min(known, default=None)
        chosen = _highest(worst, lesser)

    asked = _asked_for(words, worst, is_lowest=is_lowest)
    for bound in (asked, chosen):
        if bound is not None and _separates(bound, worst, lesser):
            return bound
    return None


def _is_better_higher(
    measure: Measure, scores: Sequence[float], untrained: Sequence[float]
) -> bool:
    if measure.is_better_higher is not None:
        return measure.is_better_higher
    if not untrained:
        return False
    return scores[0] > untrained[0]


def _separates(bound: Bound, worst: float, untrained: float | None) -> bool:
    """Return whether trained models reach a bound, and untrained ones do not."""
    if not bound.is_kept(worst):
        return False
    if untrained is None:
        return True
    return not bound.is_kept(untrained)


def _asked_for(words: str, worst: float, *, is_lowest: bool) -> Bound | None:
    """Find the bound in the exercise's words."""
    percent = _PERCENT.search(words)
    if is_lowest and percent is not None:
        number = _number(percent[1])
        if worst <= 1:
            number /= 100
        return Bound(number, is_lowest=True, is_asked=True)

    pattern = _MOST
    if is_lowest:
        pattern = _LEAST
    match = pattern.search(words)
    if match is None:
        return None
    number = _number(match[1])
    return Bound(number, is_lowest=is_lowest, is_asked=True)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _lowest(worst: float, untrained: float | None) -> Bound | None:
    """Choose a round number below the worst score, and far from untrained ones."""
    floor = -math.inf
    if untrained is not None:
        floor = _towards(untrained, worst)
    scale = 1.0
    if worst > 1:
        scale = 100.0
    margin = MARGIN * scale
    for grid in GRIDS:
        step = grid * scale
        steps = math.floor((worst - margin) / step + 1e-9)
        number = round(steps * step, 4)
        is_near = worst - number <= 2 * step + margin
        if is_near and number >= floor:
            return Bound(number, is_lowest=True)
    return None


def _highest(worst: float, untrained: float | None) -> Bound | None:
    """Choose a round number above the worst loss, and far from untrained ones."""
    if worst <= 0:
        return None
    ceiling = math.inf
    if untrained is not None:
        ceiling = _towards(untrained, worst)
    for digits in DIGITS:
        number = _rounded_up(worst * LOSS_FACTOR, digits)
        if number <= ceiling:
            return Bound(number, is_lowest=False)
    return None


def _towards(untrained: float, worst: float) -> float:
    """Return the limit for a bound between the worst score and the untrained one."""
    distance = untrained - worst
    return worst + NEAREST * distance


def _rounded_up(number: float, digits: int) -> float:
    magnitude = math.floor(math.log10(number))
    exponent = magnitude - digits + 1
    step = 10.0**exponent
    steps = math.ceil(number / step - 1e-9)
    rounded = steps * step
    return float(f"{rounded:.{digits}g}")
