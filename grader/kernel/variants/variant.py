"""Hold the changes of one variant: numbers, files and seeds. Runs inside the student's kernel."""

from __future__ import annotations

import base64
import os
import sys
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from grader.kernel.variants.seeding import SeedPlan
from grader.kernel.variants.substitution import Substitution

VariantEntry = Mapping[str, Any]
"""A change of a variant, as JSON: `name`, and numbers (see `VariantNumbers`), or `content` and
`sha256` of a file, the `offset` of seeds, or the `part` of a data set.
"""


class Variant:
    """The changes of one variant."""

    def __init__(self, entries: Iterable[VariantEntry], *, narrow: bool) -> None:
        """Initialise with its changes, and whether lists and integers stay unchanged."""
        entries = list(entries)
        self.substitution = Substitution(entries, narrow=narrow)
        self.files = [VariantFile(entry) for entry in entries if "content" in entry]
        self.subsets = [VariantSubset(entry) for entry in entries if "part" in entry]
        self._offsets: dict[str, int] = {}
        for entry in entries:
            if "offset" in entry:
                name = entry["name"]
                self._offsets[name] = entry["offset"]

    def seed_plan(self, plan: SeedPlan) -> SeedPlan:
        """Return a plan for seeds, with the offsets of this variant."""
        offset = sum(self._offsets.values())
        return replace(plan, offset=plan.offset + offset)

    def carried(self, *, sets_seeds: bool) -> dict[str, bool]:
        """Return which of the variant's data occurred, and whether it could be replaced.

        Args:
            sets_seeds: whether the code that ran set a seed.
        """
        carried = self.substitution.carried()
        for file in self.files:
            if file.was_read:
                carried[file.name] = file.is_laid
        for subset in self.subsets:
            if subset.was_read:
                carried[subset.name] = True
        if sets_seeds:
            for name in self._offsets:
                carried[name] = True
        return carried


class VariantSubset:
    """A selection of a data set's items."""

    def __init__(self, entry: VariantEntry) -> None:
        self.name: str = entry["name"]
        self.part: int = entry["part"]
        """Which items: see `data_sets.chosen`."""
        self.was_read = False
        """Whether the notebook opened the data set."""


class VariantFile:
    """A file that replaces one of the assignment's."""

    def __init__(self, entry: VariantEntry) -> None:
        self.name: str = entry["name"]
        self.sha256: str = entry["sha256"]
        """Hash of the file that it takes the place of."""
        self.content = zlib.decompress(base64.b64decode(entry["content"]))
        self.is_laid = False
        """Whether its files are in the working directory."""
        self._paths: list[str] = []

    @property
    def was_read(self) -> bool:
        """Whether the notebook opened it."""
        return any(path in _OPENED for path in self._paths)

    def lay(self, paths: Iterable[str]) -> None:
        """Begin to note when it is opened.

        Args:
            paths: where it was laid; none where it could not be.
        """
        self._paths = list(paths)
        self.is_laid = bool(self._paths)
        _watch(self._paths)


_WATCHED: set[str] = set()
_WATCHED_NAMES: set[str] = set()
_OPENED: set[str] = set()
_HOOKED: list[bool] = []


def _watch(paths: Iterable[str]) -> None:
    """Note when any of some files is opened."""
    if not _HOOKED:
        # It stays for as long as the process lives: only a kernel that runs such variants has it.
        sys.addaudithook(_note_open)
        _HOOKED.append(True)
    for path in paths:
        _WATCHED.add(path)
        _WATCHED_NAMES.add(os.path.basename(path))  # noqa: PTH119 - as everywhere in the kernel
        _OPENED.discard(path)


def _note_open(event: str, args: tuple[Any, ...]) -> None:
    """Note that a watched file is opened; called by Python for every audit event."""
    if event != "open":
        return
    path = args[0]
    if type(path) is bytes:
        path = os.fsdecode(path)
    if type(path) is not str or os.path.basename(path) not in _WATCHED_NAMES:  # noqa: PTH119
        return
    real = os.path.realpath(path)
    if real in _WATCHED:
        _OPENED.add(real)
