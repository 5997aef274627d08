"""A notebook that was written elsewhere, run in this process."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.kernel.portability.stubs import StubFinder
from tests.support.portability import Away, keep_patched

TABLE = "a,b\n1,2\n3,4\n"


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Away]:
    """A notebook beside `iris.csv` and `photos/one.txt`."""
    folder = tmp_path / "work"
    (folder / "photos").mkdir(parents=True)
    (folder / "iris.csv").write_text(TABLE)
    (folder / "photos" / "one.txt").write_text("one")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        keep_patched(patch)
        yield Away(folder)
    for name, module in list(sys.modules.items()):
        if isinstance(getattr(module, "__loader__", None), StubFinder):
            del sys.modules[name]
