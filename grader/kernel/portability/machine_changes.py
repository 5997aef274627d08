"""Change the code of a cell for the machine that it runs on. Runs inside the student's kernel.

Each tree is changed before it is instrumented, in all runs of a notebook alike.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from grader.kernel.gpu.demands import GpuDemands
from grader.kernel.portability.environment_demands import EnvironmentDemands
from grader.kernel.portability.former_indices import FormerIndices
from grader.kernel.portability.missing_packages import soften_imports
from grader.kernel.portability.notebook_files import name_files


class MachineChanges:
    """Puts what this machine has in place of missing packages, files and a GPU."""

    def __init__(self, sources: Iterable[str]) -> None:
        """Initialise with the notebook's cells."""
        self._demands = (GpuDemands(sources), EnvironmentDemands(), FormerIndices())

    def apply(self, tree: ast.AST) -> ast.AST:
        """Change the tree of a cell; the result may be another tree."""
        softened = soften_imports(tree)
        named = name_files(softened)
        for demands in self._demands:
            demands.relax(named)
        return named
