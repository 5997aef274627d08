"""Let files take turns: of those that try the same machinery, the commit chooses some.

Siblings fail together on most days, and each takes half a minute. A file that is named on the
command line always runs, and so does every file with GRADER_TEST_ALL=1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.order import TESTS
from tests.support.sampling import EVERYTHING, sample

TURNS = (
    (
        1,  # each takes over a minute, or half of one
        (
            "authoring/autograder/test_build.py",
            "authoring/validation/test_validate.py",
            "authoring/validation/test_validate_autograd.py",
            "end_to_end/test_cluster.py",
            "end_to_end/test_digits_cnn_samples.py",
            "end_to_end/test_linear_regression_samples.py",
            "end_to_end/test_moons_samples.py",
        ),
    ),
    (
        1,
        (
            "authoring/drafting/test_draft.py",
            "authoring/drafting/test_first_assignment.py",
            "authoring/drafting/test_page.py",
            "authoring/validation/test_mutant_trials.py",
            "test_docs.py",
            "test_wheel.py",
        ),
    ),
    (
        3,
        (
            "hostile/test_calling.py",
            "hostile/test_ending.py",
            "hostile/test_flooding.py",
            "hostile/test_left_behind.py",
            "hostile/test_odd_values.py",
            "hostile/test_resources.py",
        ),
    ),
    (
        2,
        (
            "end_to_end/test_courses.py",
            "end_to_end/test_exercise_kinds.py",
            "end_to_end/test_function_exercises.py",
            "end_to_end/test_module_exercises.py",
            "end_to_end/test_random_answers.py",
            "end_to_end/test_score_exercises.py",
        ),
    ),
    (
        1,
        (
            "end_to_end/test_attacks.py",
            "end_to_end/test_cheating.py",
        ),
    ),
    (
        1,
        (
            "end_to_end/test_recovery.py",
            "end_to_end/test_survival.py",
            "running/sandbox/test_server.py",
        ),
    ),
    (
        2,
        (
            "end_to_end/test_corpus.py",
            "end_to_end/test_credit_for_other_ways.py",
            "end_to_end/test_line_corpus.py",
            "end_to_end/test_named_mistakes.py",
            "end_to_end/test_other_machines.py",
        ),
    ),
)
"""How many of which files run their tests with kernels."""


def resting(arguments: Sequence[str] = ()) -> frozenset[Path]:
    """Return the files whose turn it is not.

    Args:
        arguments: of the command line. What they name is not among these files.
    """
    if EVERYTHING:
        return frozenset()

    names: set[str] = set()
    for count, siblings in TURNS:
        names |= {*siblings} - {*sample(siblings, count, siblings[0])}

    named = {Path(argument.split("::")[0]).resolve() for argument in arguments}
    return frozenset(TESTS / name for name in names) - named


def leave_out_resting(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests with kernels of the files whose turn it is not.

    Args:
        config: has the command line, and is told which tests are left out.
        items: the tests; those that are left out are removed.
    """
    files = resting(config.args)
    left_out = [item for item in items if item.path in files and item.get_closest_marker("kernel")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
