"""A notebook finds where it lies under the names that editors give it."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.kernel.portability.notebook_files import install, name_files


def run(source: str, folder: Path, **names: Any) -> dict[str, Any]:
    """Run a cell as the kernel compiles it; return its names."""
    shell = SimpleNamespace(user_ns=names)
    install(shell, str(folder))
    tree = name_files(ast.parse(source))
    exec(compile(tree, "<cell>", "exec"), names)
    return names


@pytest.mark.parametrize(
    "source",
    [
        "from pathlib import Path\nfolder = Path(__vsc_ipynb_file__).parent",
        "from pathlib import Path\nfolder = Path(__file__).resolve().parent",
        "import os\nfolder = os.path.dirname(os.path.abspath(__file__))",
        "import os\ndef here():\n    return os.path.dirname(__file__)\nfolder = here()",
    ],
)
def test_a_notebook_finds_its_folder(source: str, tmp_path: Path) -> None:
    assert tmp_path == Path(run(source, tmp_path)["folder"])


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    __file__\n    found = True\nexcept NameError:\n    found = False",
        "found = '__file__' in globals()",
        "found = '__vsc_ipynb_file__' in dir()",
    ],
)
def test_who_asks_finds_that_it_runs_in_jupyter(source: str, tmp_path: Path) -> None:
    assert run(source, tmp_path)["found"] is False


def test_a_notebook_may_set_it_itself(tmp_path: Path) -> None:
    assert "mine.py" == run("there = __file__", tmp_path, __file__="mine.py")["there"]
