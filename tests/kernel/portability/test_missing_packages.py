"""A notebook goes on where a package is not installed, and computes nothing with it."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from grader.kernel.portability import missing_packages
from grader.kernel.portability.missing_packages import soften_imports


class Notes:
    """Stands for the recorder."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def notes() -> Notes:
    noted = Notes()
    missing_packages.install(noted)  # type: ignore[arg-type]
    return noted


def run(source: str) -> dict[str, Any]:
    """Run a cell as the kernel compiles it; return its names."""
    tree = soften_imports(ast.parse(source))
    names: dict[str, Any] = {}
    exec(compile(tree, "<cell>", "exec"), names)
    return names


@pytest.mark.parametrize(
    "source",
    [
        "import wandbx",
        "import wandbx as w",
        "import wandbx.sub as w",
        "from wandbx import init, log",
        "from wandbx.sub import init as start",
        "from wandbx import *",
        "import json, wandbx",
        "if True:\n    import wandbx",
        "def train():\n    import wandbx\n    wandbx.log(1)\ntrain()",
        "try:\n    pass\nfinally:\n    import wandbx",
        "import wandbx\nwandbx.init(project='p', config={'lr': 0.1})",
        "import wandbx\nrun = wandbx.init()\nrun.config.lr = 0.1\nrun.summary['a'] = 1",
        "import wandbx\nwith wandbx.start() as run:\n    run.log(1)",
        "import wandbx\nprint(wandbx, f'{wandbx:.2f}')",
    ],
)
def test_a_cell_goes_on_without_a_package(notes: Notes, source: str) -> None:
    run(source)
    assert "missing wandbx" in notes.texts


def test_what_else_a_line_imports_is_there(notes: Notes) -> None:
    names = run("import json, wandbx, math")
    assert ("[1]", 2.0) == (names["json"].dumps([1]), names["math"].sqrt(4))


def test_a_call_is_noted_as_a_use(notes: Notes) -> None:
    run("import wandbx\nwandbx.init()")
    assert ["missing wandbx", "missing-used wandbx"] == notes.texts


def test_a_function_that_it_decorates_stays_as_it_is(notes: Notes) -> None:
    names = run("import wandbx\n@wandbx.track\ndef double(x):\n    return 2 * x")
    assert 6 == names["double"](3)


def test_a_class_that_it_decorates_stays_as_it_is(notes: Notes) -> None:
    names = run("import wandbx\n@wandbx.track\nclass Net:\n    size = 7")
    assert 7 == names["Net"].size


@pytest.mark.parametrize(
    "use",
    [
        "float(m(1))",
        "m(1) + 1",
        "1 - m(1)",
        "m(1) < 0.5",
        "m(1) == 1",
        "list(m)",
        "[x for x in m(range(3))]",
        "len(m)",
        "bool(m)",
        "round(m(1), 2)",
        "type('Net', (m.Module,), {})",
    ],
)
def test_it_takes_part_in_no_computation(notes: Notes, use: str) -> None:
    names = run("import wandbx as m")
    if use.startswith("type("):
        use = "class Net(m.Module): pass"
    with pytest.raises(ModuleNotFoundError, match="No module named 'wandbx'"):
        exec(use, names)


def test_a_notebook_that_expects_the_error_meets_it(notes: Notes) -> None:
    names = run("try:\n    import wandbx\n    there = True\nexcept ImportError:\n    there = False")
    assert (False, []) == (names["there"], notes.texts)


def test_a_part_that_an_installed_package_lacks_is_an_error(notes: Notes) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"json\.nothing"):
        run("import json.nothing")
    with pytest.raises(ImportError, match="nothing"):
        run("from json import nothing")


@pytest.mark.parametrize("package", sorted(missing_packages.NEEDED))
def test_nothing_stands_for_what_no_notebook_can_do_without(
    notes: Notes, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    error = ModuleNotFoundError(f"No module named {package!r}", name=package)
    assert "" == missing_packages._missing_package(error)


def test_a_part_of_an_installed_package_that_needs_another_is_replaced(
    notes: Notes, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "installedx"
    package.mkdir()
    (package / "__init__.py").write_text("value = 7\n")
    (package / "board.py").write_text("import boardx\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    names = run("import installedx.board\nfrom installedx.board import Writer\nWriter().add(1)")
    assert 7 == names["installedx"].value
    assert "missing boardx" in notes.texts


def test_future_imports_stay_where_they_have_to_be() -> None:
    run("from __future__ import annotations\nx: Undefined = 1")


@pytest.mark.parametrize(
    "source",
    [
        "import wandb\nwandb.init(project='p', config={'lr': 0.5})\nlr = wandb.config.lr",
        "import wandb\nrun = wandb.init(config=dict(lr=0.5))\nlr = run.config['lr']",
        "import wandb\nwandb.config = {'lr': 0.5}\nlr = wandb.config.lr",
        "from wandb import config, init\ninit(config={'lr': 0.5})\nlr = config.lr",
        "import wandb as w\nw.init()\nw.config.lr = 0.5\nlr = w.config.get('lr')",
        "import wandb\nwandb.config.update({'lr': 0.5}, allow_val_change=True)\n"
        "lr = wandb.config.lr",
        "import argparse, wandb\nargs = argparse.Namespace(lr=0.5)\n"
        "with wandb.init(config=args) as run:\n    lr = run.config.lr",
    ],
)
def test_the_settings_of_a_run_are_kept(notes: Notes, source: str) -> None:
    assert 0.5 == run(source)["lr"]


def test_a_setting_that_nobody_made_is_missing(notes: Notes) -> None:
    with pytest.raises(AttributeError):
        run("import wandb\nwandb.init()\nwandb.config.rate")


def test_the_version_of_a_missing_package_can_be_printed(notes: Notes) -> None:
    assert "0" == run("import wandbx\nmajor = wandbx.__version__.split('.')[0]")["major"]
