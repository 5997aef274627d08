"""Made-up classes of `linear-regression`: honest solutions, and one handed on in disguise."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from textwrap import indent

from grader.assignment import Assignment, load_assignment
from grader.batch.results import reviewed_result
from grader.batch.similarity.compare import SimilarWork, given_by, similar_work
from grader.batch.similarity.features import GivenWork, read_pieces
from grader.batch.similarity.rarity import Work
from grader.notebook.cells import NotebookCell
from grader.reference.files import ReferenceFiles
from grader.report import ExerciseResult, SubmissionResult, Who
from grader.submissions.submission import Submission

ROOT = Path(__file__).parent.parent.parent
ASSIGNMENTS = {
    name: load_assignment(ROOT / "exercises" / name) for name in ("autograd", "linear-regression")
}
LINES = ASSIGNMENTS["linear-regression"]
GIVEN = {
    name: given_by(ReferenceFiles(one, ROOT / "solutions" / name))
    for name, one in ASSIGNMENTS.items()
}

ORIGINAL = (
    """\
# the loss, written out
def mse(y_hat, y):
    errors = y_hat - y
    squares = errors * errors
    return squares.sum() / squares.numel()""",
    """\
start = mse(w * x + b, y)
start.backward()
both = torch.stack([w.grad, b.grad])
print("first gradient", both.flatten().tolist())""",
    """\
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
curve = []
rate = 0.1
for epoch in range(100):
    value = mse(w * x + b, y)
    curve.append(value.item())
    value.backward()
    for p in (w, b):
        change = rate * p.grad
        p.data.copy_(p.data - change)
        p.grad.fill_(0.0)  # start anew
worst = max(curve)
scaled = [c / worst for c in curve]
plt.plot(scaled, linestyle="--")""",
    """\
six = (6.0 - sepal.mean()) / sepal.std()
guess = float(w) * six + float(b)
round(guess.item(), 3)""",
)
"""A solution with ways of its own."""

ODD = (
    "squares = errors * errors",
    "both = torch.stack([w.grad, b.grad])",
    "p.data.copy_(p.data - change)",
    "scaled = [c / worst for c in curve]",
    "guess = float(w) * six + float(b)",
)
"""Lines of it that nobody else writes."""


def code(*sources: str) -> tuple[NotebookCell, ...]:
    """Code cells."""
    return tuple(NotebookCell(kind="code", source=source) for source in sources)


def handed_in(*sources: str, answers: Mapping[int, str] | None = None) -> tuple[NotebookCell, ...]:
    """The handout with a student's cells before its questions, and answers by their number."""
    own = code(*sources)
    given = [cell for cell in LINES.handout if "your code here" not in cell.source]
    questions = [cell for cell in given if "Answer:" in cell.source]
    answered = (
        NotebookCell(
            kind="markdown", source=f"{cell.source} {(answers or {}).get(number, '')}".rstrip()
        )
        for number, cell in enumerate(questions, 1)
    )
    return (*(cell for cell in given if cell not in questions), *own, *answered)


def result(
    submission: str, cells: Sequence[NotebookCell], assignment: Assignment, who: Who
) -> SubmissionResult:
    """How a notebook was graded, as far as similar work needs it."""
    return SubmissionResult(
        id=submission,
        student=submission,
        who=who,
        file=f"{submission}.ipynb",
        sha256="0" * 64,
        status="graded",
        assignment=assignment.name,
        exercises=_reviewed_exercises(tuple(cells), assignment.name),
    )


@cache
def _reviewed_exercises(
    cells: tuple[NotebookCell, ...], assignment: str
) -> tuple[ExerciseResult, ...]:
    """Results of the exercises that a person reviews; most tests compare the same notebooks."""
    submission = Submission("ana", "ana", "ana.ipynb", Path("ana"), cells=cells)
    asked = ASSIGNMENTS[assignment]
    return tuple(
        reviewed_result(submission, asked, exercise, lambda _: "")
        for exercise in asked.exercises
        if not exercise.automatic
    )


def compare(
    notebooks: Mapping[str, Sequence[NotebookCell]],
    name: str = "linear-regression",
    who: Mapping[str, Who] | None = None,
) -> SimilarWork:
    """What the notebooks of a class share."""
    results = [
        result(one, cells, ASSIGNMENTS[name], (who or {}).get(one, Who()))
        for one, cells in notebooks.items()
    ]
    return similar_work(results, notebooks, {name: GIVEN[name]})


def works(
    notebooks: Mapping[str, Sequence[NotebookCell]], given: GivenWork = GIVEN["linear-regression"]
) -> list[Work]:
    """What each student of a class wrote, everyone for themselves."""
    return [Work(one, one, read_pieces(cells, given)) for one, cells in notebooks.items()]


def honest(count: int, seed: int = 0) -> dict[str, tuple[NotebookCell, ...]]:
    """A class in which everyone chose among the usual ways, and some tried out a few things."""
    return {
        f"s{number}": handed_in(*_solution(random.Random(f"{seed} {number}")))
        for number in range(count)
    }


def _solution(chance: random.Random) -> list[str]:
    def one_of(*ways: str) -> str:
        return chance.choices(ways, [1 / place for place in range(1, len(ways) + 1)])[0]

    loss, losses = one_of("loss", "J", "cost"), one_of("losses", "history", "curve")
    epoch, rate = one_of("epoch", "i", "_"), one_of("lr", "0.1", "eta")
    line = one_of("w * x + b", "x * w + b", "b + w * x", "torch.add(w * x, b)")
    forward = one_of(f"{loss} = mse({line}, y)", f"y_hat = {line}\n{loss} = mse(y_hat, y)")
    head = one_of(f"for {epoch} in range(100):", f"n_epochs = 100\nfor {epoch} in range(n_epochs):")
    cells = [
        _loss(one_of),
        f"{forward}\n{loss}.backward()\n"
        + one_of("print(w.grad, b.grad)", "w.grad, b.grad", "print(w.grad)"),
        _training(one_of, chance, (loss, losses, rate), forward, head),
        one_of(
            "x_new = (6.0 - sepal.mean()) / sepal.std()\nprint(w * x_new + b)",
            "print(w * (6.0 - sepal.mean()) / sepal.std() + b)",
            "z = (6 - sepal.mean()) / sepal.std()\npred = w * z + b\npred",
        ),
        _layer(one_of, chance, (loss, losses), head),
    ]
    for _ in range(chance.choice((0, 1, 2, 3, 5))):
        place = chance.randrange(len(cells))
        cells[place] += "\n" + _trial(chance)
    return cells


def _loss(one_of) -> str:
    body = one_of(
        "return ((y_hat - y) ** 2).mean()",
        "return torch.mean((y_hat - y) ** 2)",
        "d = y_hat - y\nreturn (d ** 2).mean()",
        "return (y_hat - y).pow(2).mean()",
        "return torch.sum((y - y_hat) ** 2) / len(y)",
    )
    return f"def mse(y_hat, y):\n{indent(body, '    ')}" + one_of(
        "", "\n\nmse(torch.zeros(2), torch.ones(2))"
    )


def _training(one_of, chance: random.Random, names: Sequence[str], forward: str, head: str) -> str:
    loss, losses, rate = names
    keep = one_of(
        f"{losses}.append({loss}.item())",
        f"{losses}.append(float({loss}))",
        f"{losses} += [{loss}.item()]",
    )
    step = one_of(
        f"with torch.no_grad():\n    w -= {rate} * w.grad\n    b -= {rate} * b.grad",
        f"w.data -= {rate} * w.grad\nb.data -= {rate} * b.grad",
        f"w.data = w.data - {rate} * w.grad.data\nb.data = b.data - {rate} * b.grad.data",
        f"with torch.no_grad():\n    for p in (w, b):\n        p -= {rate} * p.grad",
    )
    zero = one_of(
        "w.grad.zero_()\nb.grad.zero_()",
        "w.grad = None\nb.grad = None",
        "w.grad, b.grad = None, None",
    )
    body = [forward, f"{loss}.backward()", step, zero]
    body.insert(chance.choice((1, 2, 4)), keep)
    show = one_of(
        f"plt.plot({losses})\nplt.show()",
        f"plt.plot({losses})\nplt.xlabel('epoch')\nplt.ylabel('loss')\nplt.show()",
        f"plt.plot({losses});",
        f"fig, ax = plt.subplots()\nax.plot({losses})\nplt.show()",
    )
    given = "" if rate == "0.1" else f"{rate} = 0.1\n"
    start = "w = torch.zeros(1, requires_grad=True)\nb = torch.zeros(1, requires_grad=True)\n"
    return f"{start}{given}{losses} = []\n{head}\n" + indent("\n".join(body), "    ") + f"\n{show}"


def _layer(one_of, chance: random.Random, names: Sequence[str], head: str) -> str:
    loss, losses = names
    target = one_of("y.unsqueeze(1)", "y.reshape(-1, 1)", "y.view(-1, 1)", "y[:, None]")
    body = [f"{loss} = criterion(layer(X), {target})", f"{loss}.backward()", "opt.step()"]
    body.insert(chance.choice((0, 1, 3)), "opt.zero_grad()")
    body.append(f"{losses}.append({loss}.item())")
    optimizer = "opt = torch.optim.SGD(layer.parameters(), lr=0.1)"
    start = f"{optimizer}\ncriterion = nn.MSELoss()\n{losses} = []\n{head}\n"
    return start + indent("\n".join(body), "    ") + f"\nplt.plot({losses})\nplt.show()"


def _trial(chance: random.Random) -> str:
    what = chance.choice(("w", "b", "x", "y", "w.grad", "sepal", "petal", "X", "layer.weight"))
    does = chance.choice(
        (
            "abs",
            "sum",
            "mean",
            "std",
            "max",
            "min",
            "norm",
            "tolist",
            "size",
            "detach",
            "sqrt",
            "exp",
        )
    )
    form = chance.choice(
        ("print({})", "{}", "test = {}", "print('see', {})", "print(type({}))", "plt.hist({})")
    )
    return form.format(f"{what}.{does}()")
