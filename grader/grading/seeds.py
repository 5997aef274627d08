"""Read which seeds a submission sets, and plan how the reference runs with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.settings import Seeding
from grader.trace import Trace

OTHER_SEEDS = 3
"""Number of other seeds: offsets to those that the code sets, and to the grader's own."""

OTHER_WAYS: Mapping[str, Seeding] = {
    **{f"seed-{offset}": Seeding(offset=offset) for offset in range(1, OTHER_SEEDS + 1)},
    "draw": Seeding(draws=1),
}
"""Runs of a reference that show which values depend on seeds, and on how many numbers are drawn."""

FAMILIES = frozenset(
    (
        "torch",
        "torch.Generator",
        "numpy",
        "numpy.Generator",
        "numpy.RandomState",
        "random",
        "random.Random",
    )
)

MAX_SEEDS = 64
"""SECURITY: most seeds that are read of a trace, which may claim any number of them."""

MAX_EVERY = 3
"""Most seeds of a submission that are each tried in place of all the reference's."""

MAX_TOLD = 5
"""Most seeds that a message names."""

_SEED = re.compile(r"([A-Za-z.]{1,20}) (?:(-?[0-9]{1,20})|-)")

SETS_SEEDS = re.compile(
    r"seed|random_state|rng_state|(?:default_rng|RandomState|Random|PCG64|MT19937)\(\s*[^)\s]"
)
"""Code that may set a seed."""

FamilySeed = tuple[str, int | None]
"""A family and its seed; None: the seed is not an integer."""


def seeds_of(trace: Trace) -> list[FamilySeed]:
    """List the seeds that a submission sets, in their order."""
    seeds: list[FamilySeed] = []
    for event in trace.base.events:
        if event.kind != "seed" or len(seeds) == MAX_SEEDS:
            continue
        match = _SEED.fullmatch(event.text)
        if match is None:
            continue
        family, digits = match.groups()
        if family not in FAMILIES:
            continue
        number = int(digits) if digits else None
        seeds.append((family, number))
    return seeds


def may_set_seeds(trace: Trace) -> bool:
    """Return whether a notebook sets a seed, or may do so in a way that is not recorded."""
    if seeds_of(trace):
        return True
    return any(SETS_SEEDS.search(cell.source) for cell in trace.cells)


def seedings_of(trace: Trace) -> tuple[Seeding, ...]:
    """List the ways to run the reference with a submission's seeds, the most likely first.

    The n-th seed of each family takes the place of the reference's n-th. Notebooks that seed more
    often than the reference mostly set the same number each time.
    """
    by_family: dict[str, list[int | None]] = {}
    numbers: dict[int, None] = {}
    for family, number in seeds_of(trace):
        of_family = by_family.setdefault(family, [])
        of_family.append(number)
        if number is not None:
            numbers[number] = None
    if not numbers:
        return ()

    families = [(family, tuple(some)) for family, some in by_family.items()]
    seeds = tuple(families)
    in_order = Seeding(seeds=seeds)
    all_numbers = list(numbers)
    last_numbers = all_numbers[-MAX_EVERY:]
    every = [Seeding(every=number) for number in reversed(last_numbers)]
    with_draws = Seeding(seeds=seeds, draws=1)
    return (in_order, *every, with_draws)


def told_seeds(trace: Trace) -> str:
    """Format the seeds of a submission, each once."""
    texts: dict[str, None] = {}
    for family, number in seeds_of(trace):
        if number is not None:
            texts[f"{family} {number}"] = None
    first = list(texts)[:MAX_TOLD]
    return ", ".join(first)
