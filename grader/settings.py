"""Limits and settings of a run, as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.machine import cores


class Limits(BaseModel):
    """What one submission may use up. The `[run]` table of `assignment.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell_timeout_s: float = Field(30.0, gt=0)
    """Longest time one cell may take; it is then interrupted, and killed if it goes on."""
    notebook_timeout_s: float = Field(120.0, gt=0)
    """Longest time for all cells of one notebook together."""
    memory_mib: int = Field(2048, ge=256)
    """Most memory the kernel may allocate; an allocation beyond it fails inside the notebook."""
    processes: int = Field(128, ge=32)
    """Most processes and threads it may have at a time, where notebooks are sealed off."""
    disk_mib: int = Field(256, ge=16)
    """Largest file it may write; where notebooks are sealed off, also all files in each of /tmp, its home, /dev/shm."""
    output_kib: int = Field(1024, ge=16)
    """Most output one cell may produce; more ends the cell."""
    threads: int = Field(1, ge=1)
    """Threads of torch; the same for reference and submissions, since they change last digits."""
    seed: int = 0
    """Seed of `random`, numpy and torch at the start of each run."""


class Settings(BaseModel):
    """How a batch is run: what the command line decides."""

    model_config = ConfigDict(frozen=True)

    exercises: Path = Path("exercises")
    """Folder of the assignments."""
    solutions: Path = Path("solutions")
    """Folder of the references."""
    out: Path = Path("grades")
    """Folder that the traces, the results and the report are written to."""
    assignment: str | None = None
    """Name of the assignment; None: found from each notebook's content."""
    jobs: int = Field(default_factory=lambda: min(8, cores() + 1), ge=1)
    """Submissions run side by side, where there is memory for them. One more than cores: each waits now and then."""
    roster: Path | None = None
    """CSV file of who is in the class; None if that was not said."""
    limits: dict[str, float] = {}
    """Limits by their names in `Limits`, in place of those that the assignments say."""
    sandbox: Literal["auto", "bwrap", "none"] = "auto"
    """How notebooks are sealed off. `auto`: by bubblewrap, and not at all without being told so; `none`: they run
    with the rights of the person at the terminal."""
    language: Literal["pt", "en"] | None = None
    """Language of what is printed, in place of the assignment's."""
    isolated: bool = False
    """This process grades one suspect submission for another one, which goes on if this one ends."""
    fresh: bool = False
    """Run every submission again, also where an unchanged one has a stored trace."""
