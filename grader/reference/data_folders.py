"""Find an assignment's data sets on this machine: its own folder, and torchvision's.

Kernels get them read-only, and nothing is copied into the assignment.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.assignment import FILE_NAME, Assignment
from grader.errors import AssignmentError
from grader.job import DataFolder
from grader.notebook.filenames import is_plain

VARIABLE = "GRADER_DATASETS"
"""Names the folder of data sets, in place of the usual one."""

USUAL_FOLDER = Path("~/.cache/grader/datasets")

MAX_DATA_MIB = 64
"""Most MiB of a folder of data that goes into a release."""

MAX_READ_MIB = 64
MAX_READ_FILES = 2_000
"""A folder with more is known by sizes and times of its files: reading it would take too long."""

FOLDERS_OF_CLASSES = {
    "MNIST": "MNIST",
    "FashionMNIST": "FashionMNIST",
    "KMNIST": "KMNIST",
    "QMNIST": "QMNIST",
    "EMNIST": "EMNIST",
    "CIFAR10": "cifar-10-batches-py",
    "CIFAR100": "cifar-100-python",
    "STL10": "stl10_binary",
    "OxfordIIITPet": "oxford-iiit-pet",
    "Flowers102": "flowers-102",
    "Food101": "food-101",
    "GTSRB": "gtsrb",
    "DTD": "dtd",
    "Caltech101": "caltech101",
}
"""Per class of `torchvision.datasets`, the folder below its root."""


def find_data(assignment: Assignment) -> tuple[DataFolder, ...]:
    """Find the folders of data that an assignment names.

    Raises:
        AssignmentError: one is not known, or not on this machine.
    """
    limits = assignment.limits
    folders = []
    if limits.data:
        folders.append(_own_folder(assignment))
    for name in limits.datasets:
        folders.append(_dataset(name, assignment))
    return tuple(folders)


def data_path(assignment: Assignment) -> Path:
    """Return the path of the assignment's own folder of data."""
    return (assignment.folder / Path(assignment.limits.data).expanduser()).resolve()


def data_at_home(assignment: Assignment, folders: Iterable[Path]) -> tuple[DataFolder, ...]:
    """Find the assignment's own folder of data in one of some folders; it may be missing."""
    name = ""
    if assignment.limits.data:
        name = data_path(assignment).name
    for folder in folders:
        path = folder / name
        if name and path.is_dir():
            return (DataFolder(name=name, path=path.resolve(), digest=""),)
    return ()


def _own_folder(assignment: Assignment) -> DataFolder:
    path = data_path(assignment)
    if not is_plain(path.name):
        raise _refusal(
            assignment,
            f"data: {path.name!r} is no name for a folder.",
            "Use letters, digits and . _ - ( ) only.",
        )
    if not path.is_dir():
        raise _refusal(assignment, f"data: there is no folder {path}.", "Correct its name.")
    return DataFolder(name=path.name, path=path, digest=_digest(path))


def _dataset(name: str, assignment: Assignment) -> DataFolder:
    folder = FOLDERS_OF_CLASSES.get(name)
    if folder is None:
        known = ", ".join(sorted(FOLDERS_OF_CLASSES))
        raise _refusal(
            assignment,
            f"datasets: {name!r} cannot be shown to notebooks.",
            f'Name one of {known}; or have its files in a folder, and say data = "FOLDER".',
        )
    root = _root()
    path = dataset_path(name)
    if path is None:
        raise _refusal(
            assignment,
            f"datasets: {name} is not on this machine: there is no folder {root / folder}.",
            f"Download it there: torchvision.datasets.{name}({str(root)!r}, download=True).",
        )
    return DataFolder(name=folder, path=path, digest=_digest(path), dataset=name)


def dataset_path(name: str) -> Path | None:
    """Return the path of a torchvision data set on this machine; None if there is none.

    Args:
        name: its class, one of `FOLDERS_OF_CLASSES`.
    """
    path = (_root() / FOLDERS_OF_CLASSES[name]).resolve()
    if not path.is_dir():
        return None
    return path


def _root() -> Path:
    return Path(os.environ.get(VARIABLE) or USUAL_FOLDER).expanduser()


def data_contents(assignment: Assignment) -> dict[str, bytes]:
    """Read the folder of data that notebooks need, by relative file names.

    Raises:
        AssignmentError: it is too large for a zip.
    """
    if not assignment.limits.data:
        return {}
    folder = data_path(assignment)
    contents: dict[str, bytes] = {}
    size_bytes = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        size_bytes += path.stat().st_size
        if size_bytes > MAX_DATA_MIB << 20:
            raise _refusal(
                assignment,
                f"data: {folder.name} has more than {MAX_DATA_MIB} MiB, too many for a release.",
                "Hand out fewer files.",
            )
        name = path.relative_to(folder).as_posix()
        contents[f"{folder.name}/{name}"] = path.read_bytes()
    return contents


def _digest(folder: Path) -> str:
    """Hash the files of a folder, so that a copy elsewhere has the same hash.

    Of a large folder, names, sizes and times are hashed: a copy of it counts as changed.
    """
    paths = sorted(_files_below(folder))
    size_bytes = sum(path.stat().st_size for path in paths)
    is_read = len(paths) <= MAX_READ_FILES and size_bytes <= MAX_READ_MIB << 20
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(folder)
        state = path.stat()
        text = f"{name} {state.st_size}\n"
        if not is_read:
            text += f"{state.st_mtime_ns}\n"
        data = text.encode("utf-8", "surrogateescape")
        digest.update(data)
        if is_read:
            content = path.read_bytes()
            digest.update(content)
    hexadecimal = digest.hexdigest()
    return hexadecimal[:16]


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path


def _refusal(assignment: Assignment, problem: str, advice: str) -> AssignmentError:
    return AssignmentError(problem, advice, where=assignment.folder / FILE_NAME)
