"""Read and save the reviews of an output folder, possibly while a run holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from grader.errors import GraderError
from grader.grading.reviews import READABLE_VERSIONS, REVIEWS_VERSION, Reviews, merge
from grader.store.atomic import cannot_write, replace_file, try_lock
from grader.store.model_json import as_json

REVIEWS = "reviews.json"

_LOCK = ".reviews.lock"
_TEMPORARY = ".reviews.writing"
_WAIT_S = 10.0


def read_reviews(folder: Path) -> Reviews:
    """Read the reviews of an output folder.

    Returns:
        The reviews; none if there is no file of them.

    Raises:
        GraderError: the file cannot be read.
    """
    path = folder / REVIEWS
    if not path.exists():
        return Reviews()
    return read_reviews_file(path)


def read_reviews_file(path: Path) -> Reviews:
    """Read a file of reviews, in any folder.

    Raises:
        GraderError: it is not there, or cannot be read.
    """
    advice = "Mend the file, or move it elsewhere: nothing is written over it."
    try:
        reviews = Reviews.model_validate_json(path.read_bytes())
    except OSError as error:
        reason = error.strerror or error
        raise GraderError(f"{path} cannot be read ({reason}).", advice) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        where = f" ({field})" if field else ""
        raise GraderError(f"{path} holds no reviews{where}.", advice) from None

    if reviews.schema_version not in READABLE_VERSIONS:
        problem = (
            f"{path} has version {reviews.schema_version}; this version reads {REVIEWS_VERSION}."
        )
        raise GraderError(problem, advice)
    return reviews


def save_reviews(folder: Path, added: Reviews) -> Reviews:
    """Add reviews to those of an output folder, safely with concurrent writers.

    Returns:
        All reviews that are there now.

    Raises:
        GraderError: the file there cannot be read, and is left as it is; or the folder cannot be
            written to.
    """
    try:
        with _locked(folder):
            together = merge(read_reviews(folder), added)
            data = as_json(together, indent=2)
            replace_file(folder / REVIEWS, data, folder / _TEMPORARY)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return together


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the reviews for a change: a run may hold the folder itself for hours."""
    lock = try_lock(folder / _LOCK, _WAIT_S)
    if lock is None:
        raise GraderError(f"{folder / REVIEWS} is being written to.", "Try again.")
    try:
        yield
    finally:
        lock.release()
