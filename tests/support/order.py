"""Order test files so that those that take longest start first.

Workers take file after file. A long file that one of them takes last keeps the others waiting.
"""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent.parent

LONGEST = (
    "authoring/validation/test_validate_autograd.py",
    "authoring/autograder/test_build.py",
    "authoring/validation/test_validate.py",
    "end_to_end/test_linear_regression_samples.py",
    "end_to_end/test_corpus.py",
    "hostile/test_resources.py",
    "end_to_end/test_recovery.py",
    "end_to_end/test_cluster.py",
    "running/sandbox/test_server.py",
    "end_to_end/test_samples.py",
    "end_to_end/test_score_exercises.py",
    "end_to_end/test_other_machines.py",
    "hostile/test_flooding.py",
    "end_to_end/test_moons_samples.py",
    "batch/test_self_check.py",
    "end_to_end/test_attacks.py",
    "running/test_notebook.py",
    "authoring/drafting/test_page.py",
    "batch/test_run.py",
    "authoring/validation/test_mutant_trials.py",
    "end_to_end/test_digits_cnn_samples.py",
    "end_to_end/test_survival.py",
    "running/test_replays.py",
    "hostile/test_ending.py",
    "batch/test_grader.py",
    "end_to_end/test_module_exercises.py",
    "end_to_end/test_exercise_kinds.py",
)
"""Files with tests that start kernels, those that take longest first: each takes over 15 seconds.

`pytest --durations 0` shows what takes long.
"""

_RANKS = {TESTS / name: rank for rank, name in enumerate(LONGEST)}


def rank(path: Path) -> int:
    """Return the place of a file among those that take long; behind them for all others."""
    return _RANKS.get(path, len(LONGEST))
