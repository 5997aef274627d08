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
"""Modules by the names that expressions use for them."""


PROBED = "PROBED"
"""Name of the network that a question measures, in its expressions."""

DATA = "DATA"
"""Name of the folder with the held-out files."""

GIVEN = "given"
"""Name of the object with the values that the given cells of the handout computed."""

OWN = "own"
"""Name of the object with the student's own answers to other exercises."""

TRAINED = "(trained)"
STEPS = "(steps)"
ALL_STEPS = "(all steps)"
"""Paths of the evidence of training, of the model's optimizer steps, and of all steps."""


AUTHORS_MODULE = "grader_probes"
"""Module name of the author's code."""


def modules_named_in(code: str) -> dict[str, Any]:
    """Create a namespace for an author's code, with the modules that it names."""
    modules: dict[str, Any] = {"__name__": AUTHORS_MODULE}
    for name, module in MODULES.items():
        if name in code:
            modules[name] = importlib.import_module(module)
    return modules
