"""Pack the running grader into a wheel, and list the versions it runs with.

Wheels: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import grader
from grader.authoring.course import DISTRIBUTION
from grader.authoring.zips import add_file

EXTRA = "grading"
PACKAGE = Path(grader.__file__).parent
WHEEL = """\
Wheel-Version: 1.0
Generator: grader
Root-Is-Purelib: true
Tag: py3-none-any
"""


def wheel_name() -> str:
    """Return the name of the wheel's file."""
    return f"{_stem()}-py3-none-any.whl"


def own_wheel() -> bytes:
    """Pack the installed package, with the metadata that pip recorded.

    Raises:
        importlib.metadata.PackageNotFoundError: it was not installed.
    """
    buffer = io.BytesIO()
    record: list[str] = []
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in _contents():
            add_file(archive, name, data)
            digest = _hash(data)
            size = len(data)
            record.append(f"{name},sha256={digest},{size}")

        name = f"{_stem()}.dist-info/RECORD"
        lines = "\n".join([*record, f"{name},,"])
        add_file(archive, name, f"{lines}\n".encode())
    return buffer.getvalue()


def _contents() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the wheel, except their list."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            inside = path.relative_to(PACKAGE.parent)
            yield inside.as_posix(), path.read_bytes()

    distribution = importlib.metadata.distribution(DISTRIBUTION)
    folder = f"{_stem()}.dist-info"
    for name in ("METADATA", "entry_points.txt"):
        text = distribution.read_text(name) or ""
        yield f"{folder}/{name}", text.encode()
    yield f"{folder}/WHEEL", WHEEL.encode()


def _stem() -> str:
    return f"{DISTRIBUTION.replace('-', '_')}-{grader.__version__}"


def _hash(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def pinned_requirements() -> list[str]:
    """List the requirements of grading for pip, pinned to the installed versions."""
    pinned: list[str] = []
    for requirement in importlib.metadata.requires(DISTRIBUTION) or ():
        wanted, _, marker = requirement.partition(";")
        if "extra ==" in marker and f"'{EXTRA}'" not in marker.replace('"', "'"):
            continue
        pinned.append(pinned_version(_name_in(wanted)))
    return pinned


def pinned_version(name: str) -> str:
    """Return a requirement pinned to the installed version; unpinned if not installed."""
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return name
    # A build of torch is called 2.4.0+cpu; which build another machine takes is its own matter.
    public, _, _ = version.partition("+")
    return f"{name}=={public}"


def _name_in(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    if not found:
        return requirement
    return found[0]
