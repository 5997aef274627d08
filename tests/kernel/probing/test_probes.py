"""Expressions of the author's, evaluated in what a notebook's cells left."""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import pytest
import torch

from grader.kernel.probing.calls import Caller
from grader.kernel.probing.probes import Prober
from grader.kernel.recording.aliases import modules_named_in
from grader.kernel.recording.callers import Callers
from grader.notebook.expressions import names_read
from grader.trace import Event
from tests.support.recording import Recording


class Asked:
    """A notebook that was asked for some expressions."""

    def __init__(self, expressions: Sequence[str], *cells: str, code: str = "") -> None:
        recording = Recording()
        prober = Prober(recording.recorder, Caller(recording.recorder, seed=3))
        for cell in cells:
            recording.run(cell)
        before = len(recording.sent)
        prober.lay_in("test/x.txt", base64.b64encode(b"held out").decode())
        self.names = recording.names
        prober.ask(self.question(expressions, code), recording.names, "", seconds=5.0)
        prober.take_out()
        self.events: Sequence[Event] = recording.events(before)

    @staticmethod
    def question(expressions: Sequence[str], code: str) -> dict[str, Any]:
        names = names_read(expressions, setup=code)
        return {
            "exercise": "q",
            "function": "",
            "calls": list(expressions),
            "names": list(names),
            "code": code,
        }

    def of(self, number: int) -> dict[str, Event]:
        """What a run holds, by what the names stand for."""
        return {event.scope: event for event in self.events if event.run == f"q({number})"}

    def result(self, number: int = 1) -> Any:
        """What an expression gave, where its names are the notebook's own."""
        value = self.of(number)[""].values["result"]
        return getattr(value, "value", getattr(value, "elements", None))


def test_each_expression_is_a_run_of_its_own():
    asked = Asked(["len(x)", "x[0] + 1"], "x = [3, 4]")
    assert (2, 4) == (asked.result(1), asked.result(2))


def test_a_shape_and_a_dtype_can_be_compared():
    asked = Asked(["z.shape", "z.dtype"], "import torch\nz = torch.zeros(3, 4)")
    assert ((3, 4), "torch.float32") == (asked.result(1), asked.result(2))


def test_a_builtin_is_what_it_is_whatever_the_notebook_calls_so():
    assert 2 == Asked(["len(x)"], "x = [3, 4]\nlen = max").result()


def test_what_the_author_imports_without_a_line_is_there():
    assert (
        0 == Asked(["F.relu(torch.tensor(-1.)).item() + np.abs(0) + math.sin(0)"], "F = 3").result()
    )


def test_helpers_of_the_author_are_no_names_of_the_notebook():
    code = "def double(v):\n    return 2 * v"
    assert 6 == Asked(["double(x)"], "x = 3\ndef double(v):\n    return v", code=code).result()


def test_held_out_files_can_be_read():
    assert "held out" == Asked(["(DATA / 'test' / 'x.txt').read_text()"], "x = 1").result()


GONE = "import os, shutil\nos.mkdir('gone')\nos.chdir('gone')\nshutil.rmtree(os.getcwd())\nx = 1"
"""A cell that removes the folder that it has gone to."""


def test_held_out_files_are_found_wherever_the_notebook_went(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "held out" == Asked(["(DATA / 'test' / 'x.txt').read_text()"], GONE).result()


def test_expressions_begin_where_the_run_began_if_the_folder_is_gone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path) == Asked(["os.getcwd()"], GONE, code="import os").result()


def test_held_out_files_are_there_whatever_place_the_notebook_has_for_temporary_ones(tmp_path):
    cell = f"import tempfile\ntempfile.tempdir = {str(tmp_path / 'gone')!r}\nx = 1"
    expressions = ["(DATA / 'test' / 'x.txt').read_text()", "tempfile.tempdir[-4:]"]
    asked = Asked(expressions, cell, code="import tempfile")
    tempfile.tempdir = None
    assert ("held out", "gone") == (asked.result(1), asked.result(2))


def test_code_of_the_authors_finds_files_as_the_students_does(tmp_path):
    callers = Callers(dict, str(tmp_path))
    names = modules_named_in("") | {"sys": sys}
    assert callers.are_students(eval("sys._getframe()", names))


def test_an_expression_changes_neither_the_notebooks_seed_nor_its_modes():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    Asked(["torch.rand(x)", "torch.set_grad_enabled(False) or 1"], "x = 2")
    assert torch.equal(expected, torch.rand(1))
    assert torch.is_grad_enabled()


def test_an_expression_that_raises_is_told_by_its_error():
    event = Asked(["x.y"], "x = 1").of(1)[""]
    assert ("AttributeError", {"result", "(raised in)"}) == (event.text, set(event.values))


def test_an_expression_without_end_is_ended():
    recording = Recording()
    recording.run("def f():\n    while True: pass")
    prober = Prober(recording.recorder, Caller(recording.recorder, seed=0))
    prober.ask(Asked.question(["f()"], ""), recording.names, "", seconds=0.2)
    assert "TimeoutError" == recording.events()[-1].text


def test_what_is_printed_meanwhile_is_not_the_notebooks(capsys):
    Asked(["f()"], "def f():\n    print('hello')\n    return 1")
    assert "" == capsys.readouterr().out


# Names that are not there


def test_other_objects_stand_in_for_a_name_that_is_not_there():
    asked = Asked(
        ["z.shape"], "import torch\nfirst = torch.zeros(2)\nsecond = torch.zeros(3)\nn = 4"
    )
    assert {"first for z": (2,), "second for z": (3,)} == {
        scope: event.values["result"].elements for scope, event in asked.of(1).items()
    }


def test_what_a_name_stands_for_is_described():
    asked = Asked(["net(x)"], "import torch\nx = torch.zeros(2)\nnet = torch.nn.Linear(2, 1)")
    assert {"x": "array", "net": "module"} == {k: v.kind for k, v in asked.of(0)[""].values.items()}


def test_a_number_stands_in_for_nothing():
    asked = Asked(["accuracy"], "a = 0.97\nb = 'text'")
    assert ("accuracy", {}) == (asked.of(0)[""].text, asked.of(1))


def test_an_object_under_two_names_is_tried_once():
    asked = Asked(["z.shape"], "import torch\na = b = torch.zeros(2)")
    assert 1 == len(asked.of(1))


def test_an_object_that_is_there_under_its_name_stands_in_for_no_other():
    asked = Asked(["x.shape", "z.shape"], "import torch\nx = torch.zeros(2)")
    assert "z" == asked.of(0)[""].text


def test_an_object_of_a_rare_class_stands_in_whatever_was_bound_after_it():
    later = "\n".join(f"t{number} = torch.zeros(2)" for number in range(20))
    asked = Asked(["len(d)"], f"import torch\nown = torch.utils.data.TensorDataset()\n{later}")
    names = list(asked.of(1))
    assert 9 == len(names)
    assert "own for d" == names[-1]


def test_a_tensor_of_a_rare_shape_stands_in_whatever_was_bound_after_it():
    later = "\n".join(f"t{number} = torch.zeros(2)" for number in range(20))
    asked = Asked(["z.sum()"], f"import torch\nown = torch.zeros(3, 4)\n{later}")
    names = list(asked.of(1))
    assert 9 == len(names)
    assert "own for z" == names[-1]


def test_two_missing_names_are_not_guessed_at():
    asked = Asked(["a.shape", "b.shape"], "import torch\nx = torch.zeros(2)\ny = torch.zeros(3)")
    assert "a, b" == asked.of(0)[""].text


TRAINER = """
import torch

class Trainer:
    def __init__(self):
        self.weights = torch.zeros(2)
        self.loader = torch.utils.data.DataLoader([1, 2, 3])

Trainer.__module__ = "__main__"
trainer = Trainer()
"""


def test_what_an_object_of_the_student_holds_stands_in_where_nothing_of_its_kind_has_a_name():
    assert "trainer.loader for loader" in Asked(["len(loader)"], TRAINER).of(1)


def test_what_has_a_name_itself_goes_before_what_an_object_holds():
    asked = Asked(["len(loader)"], TRAINER + "own = torch.utils.data.DataLoader([1])")
    assert {"own for loader", "trainer.loader for loader"} & set(asked.of(1)) == {"own for loader"}


# Functions of the author's that raise

HELPER = "def total(x):\n    return x.sum().item()\n"


OWN = "class Own:\n    def sum(self):\n        raise ValueError\nx = Own()"


@pytest.mark.parametrize(
    ("cell", "expression", "place"),
    [
        ("x = [1, 2]", "total(x)", "author"),
        ("x = [1, 2]", "x.sum()", "expression"),
        ("import pandas as pd\nx = pd.Series([1., 2.], index=[7, 8])", "x[-1]", "expression"),
        (OWN, "total(x)", ""),
        (OWN, "x.sum()", ""),
    ],
)
def test_where_an_exception_was_raised_is_told_unless_it_is_the_students_code(
    cell: str, expression: str, place: str
) -> None:
    told = Asked([expression], cell, code=HELPER).of(1)[""].values.get("(raised in)")
    assert place == ("" if told is None else told.value)


def test_an_empty_container_is_described_as_one_to_be_filled():
    asked = Asked(["x"], "x = []")
    assert "empty" == asked.of(0)[""].values["x"].type
