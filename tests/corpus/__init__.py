"""Made-up students' notebooks as plain data, each with what it must earn.

Nothing here runs a notebook, and nothing imports the grader or torch.
"""

from __future__ import annotations

from . import (
    own_steps,
    right_data,
    right_functions,
    right_graphs,
    right_loops,
    right_optimizers,
    right_printing,
    right_steps,
    right_trouble,
    wrong_changes,
    wrong_fakes,
    wrong_graphs,
    wrong_losses,
    wrong_scans,
    wrong_steps,
)
from .case import Case

RIGHT: tuple[Case, ...] = (
    *right_steps.CASES,
    *right_optimizers.CASES,
    *right_data.CASES,
    *right_functions.CASES,
    *right_loops.CASES,
    *right_printing.CASES,
    *right_trouble.CASES,
    *right_graphs.CASES,
)
"""Right work in every style, full marks (or a person's look, where no run can follow it)."""

WRONG: tuple[Case, ...] = (
    *wrong_fakes.CASES,
    *wrong_scans.CASES,
    *wrong_steps.CASES,
    *own_steps.CASES,
    *wrong_losses.CASES,
    *wrong_changes.CASES,
    *wrong_graphs.CASES,
)
"""What was not computed, and what was computed wrongly: no marks, or the share a mistake leaves."""

__all__ = ["RIGHT", "WRONG", "Case"]
