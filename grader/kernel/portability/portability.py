"""Make files and packages of other machines available to a notebook. Runs in the student's kernel.

Combines the handling of paths, downloads, commands and package stubs, and restores the working
directory.
"""

from __future__ import annotations

import os
from typing import Any

from grader.kernel.portability import environment, notebook_files, path_hooks, stubs
from grader.kernel.portability.commands import Commands
from grader.kernel.portability.data_sets import DataSets
from grader.kernel.portability.downloads import Downloads
from grader.kernel.portability.laid_files import LaidFiles
from grader.kernel.portability.paths import ForeignPaths
from grader.kernel.portability.working_directory import WorkingDirectory
from grader.kernel.recording.callers import Callers
from grader.kernel.recording.recorder import Recorder
from grader.kernel.startup import Spec
from grader.kernel.variants.variant import Variant

MAX_NOTES = 100
"""Most notes of paths: a notebook may read a thousand files."""


class Portability:
    """Replacements for files and packages of the machine that a notebook was written on."""

    def __init__(self, shell: Any, recorder: Recorder, spec: Spec) -> None:
        """Record the working directory, and wrap access to files, folders and networks.

        Args:
            shell: the kernel's IPython shell.
            recorder: receives notes.
            spec: the host's description: `originals`, a folder with the original files,
                `own_folders`, which no other kernel has, and `data`, the data sets. Each may be
                missing.
        """
        self._recorder = recorder
        self._noted: set[tuple[str, str]] = set()
        data = DataSets(spec.get("data", {}), self._note)
        originals = spec.get("originals")
        own_folders = spec.get("own_folders", ())
        working_directory = os.getcwd()  # noqa: PTH109
        directory = WorkingDirectory(working_directory, originals, own_folders, data.links)

        laid = LaidFiles(directory.names)
        paths = ForeignPaths(directory.folder, laid, self._note, data.find)
        downloads = Downloads(paths, recorder, self.put_back_lost)
        self._data = data
        self._directory = directory
        self._paths = paths
        self._downloads = downloads

        callers = Callers(lambda: shell.user_ns, directory.folder)
        path_hooks.install(paths, callers)
        downloads.install()
        data.install()
        commands = Commands(paths, downloads, self.put_back_lost)
        commands.install(shell)
        stubs.install(laid, downloads, self._note)
        environment.install(self._note)
        notebook_files.install(shell, directory.folder)

    def _note(self, topic: str, detail: str) -> None:
        noted = (topic, detail)
        if noted in self._noted or len(self._noted) >= MAX_NOTES:
            return
        self._noted.add(noted)
        self._recorder.note(f"{topic} {detail}")

    def end_cell(self, *, failed: bool) -> None:
        """Restore files that a cell emptied, if it failed or tried to download.

        Any other cell may empty or remove a file on purpose: a log begins anew.
        """
        if self._downloads.was_asked() or failed:
            self.put_back_lost()

    def put_back_lost(self) -> None:
        """Restore files of the assignment that are empty or missing."""
        for name in self._directory.put_back_lost():
            self._note("put-back", name)

    def begin_run(self, variant: Variant | None) -> None:
        """Begin a run with the original working directory.

        Args:
            variant: replacements of files and items; None: the original data.
        """
        self._paths.forget()
        self._directory.restore()
        self._data.begin_run(variant.subsets if variant else ())
        for file in variant.files if variant else ():
            paths = self._directory.replace(file.name, file.sha256, file.content)
            file.lay(paths)
