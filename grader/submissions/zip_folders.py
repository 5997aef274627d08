"""Find the companion files of a notebook in a zip: those of its folder, unless it is shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from grader.submissions.handed_in import HandedInFile


class ZipFolders:
    """The folders in zips, for files with owners that only their names tell.

    The rule is that of `grader.submissions.companion_files` for folders on the disk.
    """

    def __init__(self, files: Iterable[HandedInFile]) -> None:
        """Group the files by folder."""
        self._files: dict[PurePosixPath, list[HandedInFile]] = {}
        self._notebooks: Counter[PurePosixPath] = Counter()
        for file in files:
            if file.ownership.is_single and file.source.unpacked:
                folder = _folder_of(file)
                in_folder = self._files.setdefault(folder, [])
                in_folder.append(file)
                if file.source.is_notebook:
                    self._notebooks[folder] += 1

        self._below: dict[PurePosixPath, list[PurePosixPath]] = {}
        for folder in self._files:
            for above in folder.parents:
                if self._notebooks[above] == 1:
                    below = self._below.setdefault(above, [])
                    below.append(folder)

    def files_near(self, notebook: HandedInFile) -> list[HandedInFile]:
        """List the files that belong to a notebook; none if its folder has another one."""
        own_folder = _folder_of(notebook)
        if self._notebooks[own_folder] != 1:
            return []

        near = list(self._files[own_folder])
        for folder in self._below.get(own_folder, []):
            if not self._is_anothers(folder, own_folder):
                near.extend(self._files[folder])
        return near

    def _is_anothers(self, folder: PurePosixPath, own_folder: PurePosixPath) -> bool:
        """Return whether a folder below one, or a folder between, contains a notebook."""
        while folder != own_folder:
            if self._notebooks[folder]:
                return True
            folder = folder.parent
        return False


def _folder_of(file: HandedInFile) -> PurePosixPath:
    return PurePosixPath(file.ownership.file).parent
