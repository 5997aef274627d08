"""Names from modules that are not there are known by where they are bound last."""

from __future__ import annotations

import pytest

from grader.grading.causes import causes_of
from grader.grading.fetched_names import FetchedNames
from grader.trace import CellRun, CodeCell, Run, Trace
from tests.support.traces import happens

MISSING = "lossy"


def fetched_names(*sources: str) -> FetchedNames:
    """The names of cells; `lossy` is not there."""
    cells = tuple(CodeCell(cell=index, source=source) for index, source in enumerate(sources))
    importing = [0, *(index for index, source in enumerate(sources) if MISSING in source)]
    event = happens("note", {}, cell=importing[-1], text=f"missing {MISSING}")
    trace = Trace(cells=cells, runs=(Run(label="base", events=(event,)),))
    return FetchedNames(trace, causes_of(trace))


def cause_of(name: str, *sources: str) -> tuple[str, int] | None:
    """The module that a name is from, and the cell that binds it."""
    cause = fetched_names(*sources).cause_of(name)
    return None if cause is None else (cause.what, cause.cell)


@pytest.mark.parametrize(
    "source",
    [
        "from lossy import mse",
        "from lossy.losses import squared as mse",
        "import lossy\nmse = lossy.squared()",
        "from lossy import fit\nw, mse = fit(1, 2)",
        "if True:\n    from lossy import mse",
        "try:\n    from lossy import mse\nexcept ImportError:\n    print(1)",
        "from lossy import *",
    ],
)
def test_a_name_is_fetched(source: str) -> None:
    assert (MISSING, 1) == cause_of("mse", "", source)


@pytest.mark.parametrize(
    "source",
    [
        "from lossy import mse\ndef mse(a, b):\n    return a",
        "from lossy import mse\nmse = 4",
        "from lossy import mse\nfrom math import hypot as mse",
        "import lossy\nlossy.watch(1)\nmse = abs",
        "def mse():\n    from lossy import mse",
        "from lossy import *\ndef mse(a, b):\n    return a",
        "mse = 1",
        "import lossy as mse",
        "import lossy.mse",
    ],
)
def test_a_name_of_the_students_own_is_not_fetched(source: str) -> None:
    assert cause_of("mse", "", source) is None


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("from lossy import train_step\nout = train_step(model, data=x)", {"model", "x"}),
        ("import lossy\nlossy.Trainer().fit(model)", {"model"}),
        ("import lossy\ntrainer = lossy.Trainer()\ntrainer.fit(net.head)", {"net"}),
        ("import lossy\nlossy.summary(model)", set()),
        ("from lossy import fit\ndef fit(m): pass\nfit(model)", set()),
    ],
)
def test_what_a_missing_function_should_train_may_lack_it(source: str, changed: set[str]) -> None:
    fetched = fetched_names("", source)
    names = ("model", "x", "net")
    assert changed == {name for name in names if fetched.cause_of_change([name]) is not None}


def test_a_script_that_is_not_there_may_have_any_name() -> None:
    sources = ("%run losses.py", "def step():\n    pass")
    cells = tuple(CodeCell(cell=index, source=source) for index, source in enumerate(sources))
    failed = CellRun(
        cell=0, status="error", error="Exception", message="File `'losses.py'` not found."
    )
    trace = Trace(cells=cells, runs=(Run(label="base", cells=(failed,)),))
    fetched = FetchedNames(trace, causes_of(trace))
    found = {name: fetched.cause_of(name) is not None for name in ("mse", "step", "len")}
    assert {"mse": True, "step": False, "len": False} == found
