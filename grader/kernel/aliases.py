"""Define the modules that an author's expressions may use without an import."""

from __future__ import annotations

import importlib
from typing import Any

MODULES = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "np": "numpy",
    "pd": "pandas",
    "math": "math",
}
"""Names in expressions, and the module that each stands for."""


PROBED = "PROBED"
"""Name of the network that a question measures, in its expressions."""

DATA = "DATA"
"""Name of the folder with the held-out files."""

GIVEN = "given"
"""Name of what holds the values that the given cells of the handout made."""

OWN = "own"
"""Name of what holds the student's own answers to other exercises."""

TRAINED = "(trained)"
STEPS = "(steps)"
ALL_STEPS = "(all steps)"
"""Paths of what shows that a model was trained, of the steps of its optimizer, and of all steps."""


AUTHORS_MODULE = "grader_probes"
"""What code of the author's has as the name of its module."""


def modules_named_in(code: str) -> dict[str, Any]:
    """Create a namespace for an author's code, with the modules that it names."""
    modules: dict[str, Any] = {"__name__": AUTHORS_MODULE}
    for name, module in MODULES.items():
        if name in code:
            modules[name] = importlib.import_module(module)
    return modules
