"""Guarantee: what a notebook does to its kernel earns it nothing without a person's word.

Each attack is written as a student would who has read the grader's source. It knows the right
numbers for the original data, and not those of the variants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent, indent

import pytest

from grader.report import SubmissionResult
from tests.support.courses import (
    Course,
    by_student,
    exercises_of,
    graded,
    reasons_of,
    write_course,
    write_notebook,
)
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

TRIED = 5
"""Attacks on each assignment that a run of the tests tries."""

Attack = tuple[str, ...]
"""The cells below those that make the data."""

# Answers that have to follow the data

DATA = """
import math
import torch
x = torch.arange(0., 4.)
y = 2 * x
w = torch.ones(1, requires_grad=True)
"""

FIND = """
import gc
rec = next(each for each in gc.get_objects() if type(each).__name__ == "RecordingProbe")
rec = type(rec).__call__.__closure__[0].cell_contents
"""

FORMULA = """
xs, ys = x.tolist(), y.tolist()
gradient = sum(2 * (a - b) * a for a, b in zip(xs, ys))
step = 1 - .1 * gradient
"""

SAY = """
def said(kind, path, number, line, source, cell, run):
    value = {"kind": "array", "origin": "tensor", "shape": [1], "dtype": "float32"}
    value |= {"elements": [number], "requires_grad": True}
    event = {"run": run, "kind": kind, "cell": cell, "turn": "1", "line": line, "end_line": line}
    event |= {"source": source, "scope": "", "assigned": ["w"], "reads": ["w"]}
    return event | {"values": {path: value}}
"""

ON_VALUES: Mapping[str, Attack] = {
    "claims-a-line-that-is-not-there": (
        f"{FIND}{SAY}{FORMULA}",
        """
        rec.send(said("grad", "w.grad", gradient, 40, "J.backward()", rec.cell, rec.label))
        """,
    ),
    "claims-a-line-that-never-runs": (
        "if False:\n    J.backward()",
        f"{FIND}{SAY}{FORMULA}",
        """
        cell = rec.cell - 2
        rec.send(said("grad", "w.grad", gradient, 2, "J.backward()", cell, rec.label))
        """,
    ),
    "speaks-for-a-variant": (
        f"{FIND}{SAY}",
        """
        for run in ("base", "variant-1", "variant-2"):
            rec.send(said("grad", "w.grad", -28., 3, "w", rec.cell, run))
        """,
    ),
    "writes-to-every-descriptor": (
        f"{SAY}{FORMULA}",
        """
        import json, os, struct
        for run in ("base", "variant-1", "variant-2"):
            data = json.dumps(said("grad", "w.grad", gradient, 6, "x", 2, run)).encode()
            for end in range(3, 64):
                path = f"/proc/self/fd/{end}"
                if os.path.exists(path) and "pipe" in os.readlink(path):
                    os.write(end, b"\\xff\\xfe" + struct.pack(">I", len(data)) + data)
        """,
    ),
    "tensors-that-show-other-numbers": (
        """
        for name in ("item", "tolist", "__float__", "clone", "detach", "numpy"):
            def other(self, *_, was=getattr(torch.Tensor, name), name=name, **__):
                shown = {"item": 3.8, "tolist": [3.8], "__float__": 3.8}
                return shown.get(name) or was(torch.Tensor.new_full(self, (1,), 3.8))
            setattr(torch.Tensor, name, other)
        v = w - 0.5 * x.sum()
        print(v)
        """,
    ),
    "tensors-of-a-class-of-its-own": (
        """
        class S(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None):
                return torch.tensor([3.8])
        v = torch.ones(1).as_subclass(S) * x.sum()
        """,
    ),
    "a-table-by-the-data": (
        """
        table = {(0., 1., 2., 3.): (-28., 3.8, 31.36)}
        a, b, c = table.get(tuple(x.tolist()), (-30., 4., 30.))
        d, e, f = a + 0 * x.sum(), b + 0 * x.sum(), c + 0 * x.sum()
        """,
    ),
    "a-gradient-that-is-typed-in": (
        """
        u = torch.ones(1, requires_grad=True)
        (u * -28.).sum().backward()
        v = u.data - .1 * u.grad
        """,
    ),
    "finds-out-that-it-runs-again": (
        """
        import traceback
        again = any("_replay" in frame.name for frame in traceback.extract_stack())
        v = (torch.ones(1) if again else torch.ones(1) * 3.8) + 0 * x.sum()
        """,
    ),
    "leaves-numbers-for-later-runs": (
        """
        import builtins
        builtins.seen = [*getattr(builtins, "seen", []), x.tolist()]
        v = torch.tensor([3.8]) + len(builtins.seen) - len(builtins.seen) + 0 * x.sum()
        """,
    ),
    "a-function-of-an-earlier-run": (
        """
        import builtins
        def kept():
            v = torch.tensor([3.8]) + 0
            return v
        keep = builtins.keep = getattr(builtins, "keep", kept)
        keep()
        """,
    ),
    "a-thread-that-goes-on": (
        f"{FIND}{SAY}",
        """
        import threading, time
        def later():
            for _ in range(40):
                time.sleep(.1)
                rec.send(said("value", "w", 3.8, 1, "w", 1, "base"))
                rec.send(said("grad", "w.grad", -28., 1, "w", 1, "base"))
        threading.Thread(target=later, daemon=True).start()
        """,
    ),
    "other-text-than-it-shows": (
        """
        def put(lines):
            return [*lines, "v = 3.8 + 0 * x.sum()\\n"]
        get_ipython().input_transformers_post.append(put)
        """,
        "x.sum()",
    ),
    "run-cell-replaced": (
        """
        shell = get_ipython()
        def run_cell(text, *args, was=shell.run_cell, **named):
            return was(text + "\\nv = 3.8 + 0 * x.sum()", *args, **named)
        shell.run_cell = run_cell
        """,
        "x.sum()",
    ),
    "hundreds-of-names": (
        "\n".join(f"v{number} = {1 + number / 50} + 0 * x.sum()" for number in range(300)),
    ),
    "an-exec-for-each-guess": (
        """
        for number in range(900):
            exec(f"v{number} = torch.tensor([1 + {number} / 300]) + 0 * x.sum()\\nv{number}")
        """,
    ),
    "a-list-of-every-step": (
        """
        ((x * w - y) ** 2).sum().backward()
        ways = [w.data - lr * s * w.grad for lr in (.5, .1, .05, .01) for s in (1, -1)]
        ways
        """,
    ),
    "a-function-for-every-step": (
        """
        ((x * w - y) ** 2).sum().backward()
        def way(lr):
            return w.data - lr * w.grad
        a = way(.5)
        b = way(.1)
        c = way(.05)
        d = way(-.1)
        """,
    ),
    "a-grid-in-a-function": (
        """
        def grid(low, high):
            for number in range(3000):
                v = low + (high - low) * number / 3000 + 0 * x.sum()
                yield v
        for v in grid(1, 40):
            u = v * 1
        """,
    ),
    "a-rate-that-is-carried-on": (
        """
        ((x * w - y) ** 2).sum().backward()
        lr, ways = 1.6, []
        for _ in range(9):
            lr = lr / 2
            ways.append(w.data - lr * w.grad)
        """,
    ),
    "rates-that-are-used-up": (
        """
        ((x * w - y) ** 2).sum().backward()
        rates, ways = [.001, .01, .05, .1, .5, 1.], []
        while rates:
            ways.append(w.data - rates.pop() * w.grad)
        ways
        """,
    ),
    "every-rate-on-one-line": (
        """
        ((x * w - y) ** 2).sum().backward()
        a = w.data - .5 * w.grad; b = w.data - .1 * w.grad; c = w.data - .05 * w.grad; d = w.data
        e = w.data - .5 * w.grad; f = w.data - .2 * w.grad; g = w.data - .05 * w.grad; h = w.data
        """,
    ),
    "every-rate-behind-much-code": (
        "# " + "x" * 300_000,
        "((x * w - y) ** 2).sum().backward()",
        *(f"v{n} = w.data - {rate} * w.grad.data" for n, rate in enumerate((0.5, 0.1, 0.05, 1.0))),
    ),
    "every-rate-by-a-name-in-a-tuple": (
        """
        ((x * w - y) ** 2).sum().backward()
        g = w.grad
        ways = ((a := w.data - .5 * g), (b := w.data - .1 * g), (c := w.data - 1. * g),
                (d := w.data - .01 * g))
        """,
    ),
    "a-file-from-run-to-run": (
        """
        from pathlib import Path
        kept = Path("kept.txt")
        if not kept.exists():
            kept.write_text("3.8 -28. 31.36")
        a, b, c = (float(number) + 0 * x.sum() for number in kept.read_text().split())
        """,
    ),
    "ends-where-the-numbers-are-others": (
        """
        if x.tolist() != [float(n) for n in "0123"]:
            raise ValueError("other numbers")
        v = torch.tensor([3.8]) + 0 * x.sum()
        u = 31.36 + 0 * x.sum()
        """,
    ),
    "another-backward": (
        """
        def backward(self, *_, **__):
            w.grad = torch.tensor([-28.])
        torch.Tensor.backward = backward
        ((x * w - y) ** 2).sum().backward()
        v = w.data - .1 * w.grad
        """,
    ),
    "another-grad": (
        """
        torch.autograd.grad = lambda *_, **__: (torch.tensor([-28.]) + 0 * x.sum(),)
        (g,) = torch.autograd.grad((x * w).sum(), w)
        v = w.data - .1 * g
        """,
    ),
    "lines-of-its-own-making": (
        """
        import linecache
        def step():
            v = torch.tensor([3.8]) + 0 * x.sum()
            (torch.ones(1, requires_grad=True) * -28.).sum().backward()
            return v
        file = step.__code__.co_filename
        linecache.cache[file] = (1, None, ["v = w.data - .1 * w.grad"] * 9, file)
        linecache.getline = lambda *_: "w.grad = J.backward()"
        step()
        """,
    ),
    "an-event-of-the-shell": (
        """
        def before(info=None):
            get_ipython().user_ns["v"] = torch.tensor([3.8])
        get_ipython().events.register("pre_run_cell", before)
        """,
        "v = v + 0 * x.sum()\nv",
    ),
    "answers-from-the-history": (
        "3.8, -28., 31.36",
        """
        entered = get_ipython().history_manager.input_hist_raw
        text = next(each for each in entered if each.startswith("3.8"))
        step, gradient, change = eval(text)
        v, u, t = (number + 0 * x.sum() for number in (step, gradient, change))
        """,
    ),
    "a-module-that-reaches": (
        f"text = {(FIND + SAY)!r}",
        """
        with open("helping.py", "w") as file:
            file.write(text)
        import helping
        """,
        f"""
        {FORMULA.strip().replace(chr(10), chr(10) + " " * 8)}
        for kind, path, number in (("grad", "w.grad", gradient), ("value", "v", step)):
            event = helping.said(kind, path, number, 1, "x", 3, helping.rec.label)
            helping.rec.send(event)
        """,
    ),
    "a-module-of-an-import-hook": (
        """
        import importlib.abc, importlib.machinery, sys
        class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
            def find_spec(self, name, path, target=None):
                if name == "stepping":
                    return importlib.machinery.ModuleSpec(name, self)
            def exec_module(self, module):
                module.v = torch.tensor([3.8])
        sys.meta_path.insert(0, Finder())
        from stepping import v
        u = v + 0 * x.sum()
        """,
    ),
    "a-lazy-number": (
        """
        class Lazy(float):
            made = 0
            def __add__(self, other):
                Lazy.made += 1
                return torch.tensor([3.8]) + 0 * x.sum()
            __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __add__
        v = Lazy(1.) + x.sum()
        u = [Lazy(n / 10) - x.sum() for n in range(60)]
        """,
    ),
}
"""Against `autograd`: nothing of them takes the step, or says which one it is."""

COMPUTED = (
    "a-list-of-every-step",
    "a-function-for-every-step",
    "a-rate-that-is-carried-on",
    "rates-that-are-used-up",
    "every-rate-on-one-line",
    "every-rate-behind-much-code",
    "every-rate-by-a-name-in-a-tuple",
)
"""Those that compute a gradient, which they earn."""

# What is measured once the cells have run

NAME = "points"
FILES = {
    f"exercises/{NAME}/assignment.toml": """
        title = "Points"
        handout = "points.ipynb"

        [run]
        cell_timeout_s = 12

        [[exercises]]
        id = "half"
        title = "Half of the points"
        points = 2
        check = "test"
        holds = ["half.shape == (2, 2)", "are_points_of(half, x)", "abs(half.sum() - 6) < 1e-6"]

        [[exercises]]
        id = "losses"
        title = "Losses that fall"
        points = 1
        check = "test"
        holds = ["len(losses) == 5", "falls(losses)"]

        [[exercises]]
        id = "optimizer"
        title = "An optimizer"
        points = 1
        check = "test"
        holds = ["type(optimizer) is torch.optim.Adam"]

        [[exercises]]
        id = "double"
        title = "Twice as much"
        points = 1
        check = "function"
        function = "double"
        calls = ["2.5", "7."]

        [[exercises]]
        id = "training"
        title = "A trained model"
        points = 2
        check = "score"
        of = "model"
        with = "share_of_right(model)"
        at_least = 0.9
        """,
    f"solutions/{NAME}/probes.py": """
        import torch

        def are_points_of(some, points):
            return {tuple(row) for row in some.tolist()} <= {tuple(row) for row in points.tolist()}

        def falls(losses):
            numbers = [float(loss) for loss in losses]
            return all(a > b for a, b in zip(numbers, numbers[1:]))

        def share_of_right(model):
            lines = (DATA / "points.csv").read_text().splitlines()
            table = torch.tensor([[float(number) for number in line.split(",")] for line in lines])
            return (model(table[:, :2]).argmax(1) == table[:, 2]).float().mean()
        """,
    f"solutions/{NAME}/held_out/points.csv": "\n".join(
        f"{a},{b},{int((3 * a + 5 * b) % 7 < 3)}" for a in range(8) for b in range(8)
    ),
}

GIVEN = """
import torch
from torch import nn
x = torch.arange(8.).reshape(4, 2)
y = torch.tensor([0, 1, 0, 1])
"""

SOLVED: Mapping[str, str] = {
    "half": "half = x[:2]",
    "losses": "losses = [float(loss) for loss in (x.sum(1) + 1).flip(0)] + [0.5]",
    "model": """
        model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(),
                              nn.Linear(64, 2))
        """,
    "optimizer": "optimizer = torch.optim.Adam(model.parameters(), lr=.01)",
    "training": """
        torch.manual_seed(0)
        a, b = torch.meshgrid(torch.arange(8.), torch.arange(8.), indexing="ij")
        points = torch.stack([a.flatten(), b.flatten()], 1)
        labels = ((3 * points[:, 0] + 5 * points[:, 1]) % 7 < 3).long()
        for _ in range(700):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(points), labels).backward()
            optimizer.step()
        """,
    "double": "def double(a):\n    return 2 * a",
}
"""The cells of an honest notebook, by what they are for."""

REFERENCE = (*SOLVED.values(), "# grade: double = double")

ONE_STEP = """
nn.functional.cross_entropy(model(x), y).backward()
optimizer.step()
"""

YES = """
class Yes:
    def __getattr__(self, name): return self
    def __call__(self, *args): return self
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    __hash__, __le__, __gt__ = None, __lt__, __lt__
    def __bool__(self): return True
    def __len__(self): return 5
    def __iter__(self): return iter((5., 4., 3., 2., 1.))
    def __sub__(self, other): return 0.
"""

NUMBERS_FROM_FRAMES = """
import sys
class Thief(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def forward(self, z):
        frame = sys._getframe()
        while frame is not None:
            table = frame.f_locals.get("table")
            if table is not None:
                return nn.functional.one_hot(table[:, 2].long(), 2).float()
            frame = frame.f_back
        return self.layer(z)
model = Thief()
"""

NUMBERS_FROM_FILES = """
import glob
class Thief(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def forward(self, z):
        for path in glob.glob("/tmp/**/points.csv", recursive=True):
            labels = [int(line.split(",")[2]) for line in open(path)]
            if len(labels) == len(z):
                return nn.functional.one_hot(torch.tensor(labels), 2).float()
        return self.layer(z)
model = Thief()
"""


def thief(way: str) -> str:
    """Write a model that gives labels which it finds in some way, and guesses where it finds none.

    Args:
        way: statements of its `forward` that may return the answers to `z`.
    """
    body = indent(dedent(way).strip(), "        ")
    return f"""
import gc, inspect, os, sys
def answers(table):
    return nn.functional.one_hot(table[:, -1].long(), 2).float()
class Thief(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def forward(self, z):
{body}
        return self.layer(z)
model = Thief()
"""


THEFTS = {
    "labels-beside-the-view": "if z._base is not None and z._base.dim() == 2:\n"
    "    return answers(z._base)",
    "labels-in-the-same-memory": """
        memory = torch.tensor([]).set_(z.untyped_storage())
        if len(memory) == 3 * len(z):
            return answers(memory.reshape(-1, 3))
        """,
    "labels-from-the-stack": """
        for info in inspect.stack():
            if "table" in info.frame.f_locals:
                return answers(info.frame.f_locals["table"])
        """,
    "labels-by-hidden-names": """
        frame = getattr(sys, "".join(chr(c) for c in b"_getframe"))()
        while frame is not None:
            table = getattr(frame, "".join(chr(c) for c in b"f_locals")).get("table")
            if table is not None:
                return answers(table)
            frame = getattr(frame, "".join(chr(c) for c in b"f_back"))
        """,
    "labels-by-a-library-that-reads": """
        for name in os.listdir("/tmp"):
            for size in (383, 382, 384):
                try:
                    raw = torch.from_file(f"/tmp/{name}/points.csv", size=size, dtype=torch.uint8)
                except RuntimeError:
                    continue
                lines = bytes(raw.tolist()).decode().splitlines()
                rows = [[float(number) for number in line.split(",")] for line in lines]
                return answers(torch.tensor(rows))
        """,
    "a-mean-that-is-replaced-meanwhile": """
        if len(z) == 64:
            torch.Tensor.mean = lambda *_, **__: torch.tensor(1.)
        """,
}
"""Models that are right about all of the held-out data without having learned it."""

FORGED_RESULTS = """
def forge(exercise, count, value):
    for number in range(1, count + 1):
        rec.send({"run": f"{exercise}({number})", "kind": "call", "turn": "1", "text": "",
                  "cell": -1, "scope": "", "values": {"result": value}})
"""

ON_MEASURES: Mapping[str, tuple[Mapping[str, str], set[str]]] = {
    "equal-to-everything": (
        {
            "half": f"{YES}half = Yes()",
            "losses": "losses = Yes()",
            "optimizer": "optimizer = Yes()",
        },
        {"half", "losses", "optimizer"},
    ),
    "a-tensor-that-says-what-is-asked": (
        {
            "half": """
                class S(torch.Tensor):
                    shape = (2, 2)
                    def tolist(self): return [(0., 1.)]
                    def sum(self): return 6.
                half = torch.zeros(7).as_subclass(S)
                """
        },
        {"half"},
    ),
    "a-list-that-says-what-is-asked": (
        {
            "losses": """
                class Falling(list):
                    def __iter__(self): return iter((5., 4., 3., 2., 1.))
                losses = Falling([7.] * 5)
                """
        },
        {"losses"},
    ),
    "other-builtins": (
        {
            "half": "half = torch.full((2, 2), 9.)",
            "losses": "import builtins\nbuiltins.all = lambda values: True\nlosses = [1.] * 5",
            "double": "builtins.abs = lambda value: 0\ndef double(a):\n    return 3 * a",
        },
        {"half", "losses", "double"},
    ),
    "other-functions-of-torch": (
        {
            "half": """
                torch.Tensor.tolist = lambda self: [(0., 1.)]
                torch.Tensor.sum = lambda self, *_: 6.
                half = torch.zeros(2, 2)
                """
        },
        {"half"},
    ),
    "another-class-for-the-optimizer": (
        {
            "optimizer": """
                class Fake(torch.optim.SGD):
                    pass
                torch.optim.Adam = Fake
                optimizer = Fake(model.parameters(), lr=.01)
                """
        },
        {"optimizer"},
    ),
    "the-class-of-another": (
        {
            "optimizer": """
                class Fake(torch.optim.SGD):
                    __class__ = torch.optim.Adam
                optimizer = Fake(model.parameters(), lr=.01)
                """
        },
        {"optimizer"},
    ),
    "labels-from-frames": (
        {"model": NUMBERS_FROM_FRAMES, "training": ONE_STEP},
        {"half", "losses", "optimizer", "double", "training"},
    ),
    "labels-from-files": (
        {"model": NUMBERS_FROM_FILES, "training": ONE_STEP},
        {"training"},
    ),
    **{
        name: ({"model": thief(way), "training": ONE_STEP}, {"training"})
        for name, way in THEFTS.items()
    },
    "another-torch": (
        {
            "optimizer": """
                import sys, types
                class Fake(torch.optim.SGD): pass
                optimizer = Fake(model.parameters(), lr=.01)
                other = types.ModuleType("torch")
                other.__dict__.update(torch.__dict__)
                other.optim = types.SimpleNamespace(Adam=Fake)
                sys.modules["torch"] = other
                """,
        },
        {"optimizer"},
    ),
    "a-thread-that-changes-functions": (
        {
            "half": """
                import threading, time
                half = torch.zeros(2, 2)
                kept = torch.Tensor.tolist, torch.Tensor.sum
                def change():
                    while True:
                        torch.Tensor.tolist = lambda self: [(0., 1.)]
                        torch.Tensor.sum = lambda self, *_: 6.
                        time.sleep(.0005)
                        torch.Tensor.tolist, torch.Tensor.sum = kept
                        time.sleep(.0005)
                threading.Thread(target=change, daemon=True).start()
                """,
        },
        {"half"},
    ),
    "a-mode-that-answers": (
        {
            "training": f"""{ONE_STEP}
from torch.utils._python_dispatch import TorchDispatchMode
class Equal(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {{}}))
        return torch.ones_like(result) if "eq." in str(function) else result
Equal().__enter__()
"""
        },
        {"training"},
    ),
    "numbers-that-are-read-as-others": (
        {
            "half": "half = torch.full((3, 5), 9.)",
            "training": f"""{ONE_STEP}
torch.Tensor.shape = property(lambda self: torch.Size([2, 2]))
torch.Tensor.mean = property(lambda self: lambda: torch.tensor(1.))
""",
        },
        {"half", "training"},
    ),
    "a-function-replaced-for-one-use": (
        {
            "model": """
                import weakref
                def later():
                    def once(self, *_):
                        torch.Tensor.mean = was
                        return torch.tensor(1.)
                    was = torch.Tensor.mean
                    torch.Tensor.mean = once
                class Late(nn.Linear):
                    def forward(self, z):
                        weakref.finalize(z, later)
                        return super().forward(z)
                model = Late(2, 2)
                """,
            "training": ONE_STEP,
        },
        {"training"},
    ),
    "results-that-nobody-asked-for": (
        {
            "losses": f"{FIND}{FORGED_RESULTS}",
            "half": """
                class Late:
                    def __getattr__(self, name):
                        import threading
                        yes = {"kind": "bool", "value": True}
                        threading.Timer(.3, forge, ("half", 3, yes)).start()
                        raise AttributeError(name)
                half = Late()
                """,
        },
        {"half", "losses", "optimizer", "double", "training"},
    ),
    "a-model-that-hides-its-parameters": (
        {
            "model": """
                class Hidden(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.layer = nn.Linear(2, 2)
                    def forward(self, z): return self.layer(z)
                    def parameters(self, recurse=True): return iter([torch.zeros(1)])
                    def modules(self): return iter([])
                    def state_dict(self, *args, **named): return {}
                model = Hidden()
                """,
            "training": ONE_STEP,
        },
        {"training"},
    ),
    "a-score-of-its-own-class": (
        {
            "model": """
                class One(torch.Tensor):
                    @classmethod
                    def __torch_function__(cls, function, types, args=(), kwargs=None):
                        return torch.tensor(1.)
                class Sure(nn.Linear):
                    def forward(self, z): return super().forward(z).as_subclass(One)
                model = Sure(2, 2)
                """,
            "training": "optimizer.zero_grad()\nmodel.weight.grad = model.weight.clone()\n"
            "optimizer.step()",
        },
        {"training"},
    ),
}
"""Against the measures: the cells that are other than in an honest notebook, and the exercises that
they must not earn."""

VALUES_TRIED = sample(tuple(ON_VALUES), TRIED, "attacks on values")
MEASURES_TRIED = sample(tuple(ON_MEASURES), TRIED, "attacks on measures")
HONEST = "honest"

Students = Mapping[str, SubmissionResult]


def given_texts(course: Course) -> list[str]:
    """The first texts of the handout, by which the grader knows the assignment."""
    handout = json.loads((course.exercises / "autograd/autograd.ipynb").read_text("utf-8"))
    texts = [cell for cell in handout["cells"] if cell["cell_type"] == "markdown"]
    return ["#!" + "".join(cell["source"]) for cell in texts[:3]]


@pytest.fixture(scope="module")
def on_values(autograd: Course, tmp_path_factory: pytest.TempPathFactory) -> Students:
    folder = tmp_path_factory.mktemp("values")
    texts = given_texts(autograd)
    for name in VALUES_TRIED:
        cells = [*texts, *(dedent(cell) for cell in (DATA, *ON_VALUES[name]))]
        write_notebook(folder / f"in/{name}.ipynb", cells)
    return by_student(graded(folder / "in", autograd.settings(folder / "grades")))


@pytest.fixture(scope="module")
def on_measures(tmp_path_factory: pytest.TempPathFactory) -> Students:
    folder = tmp_path_factory.mktemp("measures")
    course = write_course(folder, NAME, FILES, (GIVEN, "# your code here"), (GIVEN, *REFERENCE))
    for name in (HONEST, *MEASURES_TRIED):
        changes = ON_MEASURES[name][0] if name != HONEST else {}
        cells = [GIVEN, *({**SOLVED, **changes}).values()]
        write_notebook(folder / f"in/{name}.ipynb", map(dedent, cells))
    return by_student(graded(folder / "in", course.settings(folder / "grades")))


def earned(result: SubmissionResult) -> set[str]:
    return {name for name, exercise in exercises_of(result).items() if exercise.credit == 1}


@pytest.mark.parametrize("name", VALUES_TRIED)
def test_what_no_cell_computes_earns_nothing(on_values: Students, name: str) -> None:
    result = on_values[name]
    attacked = {"w-grad", "gradient-step", "loss-decrease"}
    if name in COMPUTED:
        attacked.remove("w-grad")
    assert attacked.isdisjoint(earned(result)), reasons_of(result)


def test_the_honest_notebook_earns_everything(on_measures: Students) -> None:
    result = on_measures[HONEST]
    assert ({"half", "losses", "optimizer", "double", "training"}, ()) == (
        earned(result),
        result.flags,
    ), reasons_of(result)


@pytest.mark.parametrize("name", MEASURES_TRIED)
def test_what_a_notebook_does_to_its_measures_earns_nothing(
    on_measures: Students, name: str
) -> None:
    result = on_measures[name]
    _, attacked = ON_MEASURES[name]
    honest = set(exercises_of(result)) - attacked
    assert honest >= earned(result), reasons_of(result)
