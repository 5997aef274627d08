"""Define the limits and the settings of a run, as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.machine import cores

MAX_DEFAULT_JOBS = 8

RELEASE_FILE = "check.json"
"""Name of the file that students check their notebooks with; see `grader.reference.release`."""


OWN_SEED = 2_938_471_605
"""The grader's seed. No course sets it: who forgets to set 0 must not be right by chance."""


Seconds = Annotated[float, Field(gt=0)]


class Limits(BaseModel):
    """Limits and requirements of one submission: the `[run]` table of `assignment.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell_timeout_s: Seconds = 30.0
    """Longest time one cell may take, in seconds; it is then interrupted, or else killed."""
    notebook_timeout_s: Seconds = 120.0
    """Longest time for all cells of one notebook together, in seconds."""
    variants_s: Seconds = 60.0
    """Longest time for all variants of one notebook together, in seconds."""
    memory_mib: int = Field(2048, ge=256)
    """Most memory the kernel may allocate; an allocation beyond it fails inside the notebook."""
    processes: int = Field(128, ge=32)
    """Most processes and threads it may have at a time, where notebooks are sandboxed."""
    disk_mib: int = Field(512, ge=16)
    """Largest file it may write.

    Where notebooks are sandboxed, also the most that all its files may take: in its home, /tmp and
    /dev/shm together.
    """
    output_kib: int = Field(1024, ge=16)
    """Most output of one cell, in units of 1024 characters; the rest is left out."""
    threads: int = Field(1, ge=1)
    """Threads of torch; the same for reference and submissions, since they change last digits."""
    seed: int = Field(OWN_SEED, ge=0, lt=1 << 32)
    """Seed of `random`, numpy and torch at the start of each run."""
    data: str = ""
    """A folder of data that notebooks read, beside `assignment.toml` or by its whole path."""
    datasets: tuple[str, ...] = ()
    """Data sets of `torchvision.datasets` that notebooks open, by their classes."""
    subset: int | None = Field(None, ge=1)
    """Number of items of each data set; None: all."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Device of computations: with `cuda`, notebooks see the GPU; with `cpu`, the CPU replaces
    GPUs.
    """
    packages: tuple[str, ...] = ()
    """Packages that notebooks need beside those of the grader, by the names they import."""


class Seeding(BaseModel):
    """How a run changes the seeds that its code sets.

    A family is the kind of generator that a seed belongs to: `torch`, `torch.Generator`, `numpy`,
    `numpy.Generator`, `numpy.RandomState` (that of `random_state=` too), `random` or
    `random.Random`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    offset: int = 0
    """Added to each seed, and to the grader's own."""
    draws: int = 0
    """How many numbers are drawn before the first cell, and after each seed."""
    every: int | None = None
    """Replaces every seed; None: `seeds` applies."""
    seeds: tuple[tuple[str, tuple[int | None, ...]], ...] = ()
    """Per family, replacements of the first seed, the second, …; None: unchanged."""


def default_jobs() -> int:
    """Return how many submissions run side by side: one more than cores, since each waits."""
    return min(MAX_DEFAULT_JOBS, cores() + 1)


Effort = Literal["quick", "default", "thorough"]
"""How much a validation tries."""


class Settings(BaseModel):
    """The settings of a run, from the command line."""

    model_config = ConfigDict(frozen=True)

    exercises: Path = Path("exercises")
    """Folder of the assignments."""
    solutions: Path = Path("solutions")
    """Folder of the references."""
    out: Path = Path("grades")
    """Folder that the traces, the results and the report are written to."""
    assignment: str | None = None
    """Name of the assignment; None: found from each notebook's content."""
    jobs: int = Field(default_factory=default_jobs, ge=1)
    """Submissions run side by side, where there is memory for them."""
    roster: Path | None = None
    """CSV file of who is in the class; None if there is none."""
    limits: dict[str, float] = {}
    """Limits by their names in `Limits`, in place of those that the assignments say."""
    sandbox: Literal["auto", "bwrap", "none"] = "auto"
    """How notebooks are sandboxed.

    `auto`: by bubblewrap; without a sandbox only where somebody agreed to that. `none`: they run
    with the rights of the person at the terminal.
    """
    language: Literal["pt", "en", "es"] | None = None
    """Language of the output, in place of the assignment's."""
    isolated: bool = False
    """This process grades one suspect submission for another process, which outlives this one."""
    effort: Effort = "default"
    """How much a validation tries: only the author's files, as much as fits into its budget, or
    everything.
    """
    fresh: bool = False
    """Run every submission again, also where an unchanged one has a stored trace."""
