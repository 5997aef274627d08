"""Describe a worker, and find differences that would change how notebooks run on it."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterator
from dataclasses import dataclass

import grader
from grader.machine import cores

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "matplotlib",
)
"""Packages of which a worker reports the versions."""


@dataclass(frozen=True)
class WorkerFacts:
    """Versions, cores and sandbox of a worker."""

    host: str
    grader: str
    recorder: str
    """Hash of the modules that run and record notebooks."""
    python: str
    packages: dict[str, str]
    """Versions by the names of packages, of those that are installed."""
    cores: int
    tier: str = ""
    """How notebooks are sealed there; empty: nobody has tried."""
    problem: str = ""
    """Why notebooks cannot be sealed there; empty if they can."""


def facts_here() -> WorkerFacts:
    """Describe this machine, without its sandbox."""
    from grader.running.job_key import (
        recorder_version,
    )  # Dask reads the class above, which is light

    packages: dict[str, str] = {}
    for name in PACKAGES:
        version = _version_of(name)
        if version:
            packages[name] = version
    return WorkerFacts(
        host=platform.node(),
        grader=grader.__version__,
        recorder=recorder_version(),
        python=platform.python_version(),
        packages=packages,
        cores=cores(),
    )


def _version_of(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def differences(worker: WorkerFacts, here: WorkerFacts) -> list[str]:
    """Name the differences on which answers may depend; empty if there are none."""
    return list(_differences(worker, here))


def _differences(worker: WorkerFacts, here: WorkerFacts) -> Iterator[str]:
    if worker.grader != here.grader:
        yield f"grader {worker.grader} (here {here.grader})"
    elif worker.recorder != here.recorder:
        yield f"grader {worker.grader} with other code"
    for package in ("torch", "torchvision"):
        there = worker.packages.get(package, "–")
        own = here.packages.get(package, "–")
        if there != own:
            yield f"{package} {there} (here {own})"
    if _minor(worker.python) != _minor(here.python):
        yield f"Python {worker.python} (here {here.python})"


def _minor(version: str) -> list[str]:
    """Return the major and the minor version, as `["3", "11"]`."""
    return version.split(".")[:2]
