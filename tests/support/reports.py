"""A made-up class, as plain data: what the tests of the renderers and of the command line show."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from grader.grading.points import summarise
from grader.report import (
    AssignmentInfo,
    CellProblem,
    CheckResult,
    Evidence,
    Execution,
    ExerciseResult,
    Flag,
    GraderInfo,
    Message,
    MistakeFound,
    Report,
    SubmissionResult,
    Where,
)

POINTS = {"w-grad": 2.0, "gradient-step": 3.0, "loss-decrease": 2.0, "resnet18-graph": 3.0}
TITLES = {
    "w-grad": "Gradiente de J em relação a w",
    "gradient-step": "Um passo do gradiente descendente",
    "loss-decrease": "Mudança da perda depois do passo",
    "resnet18-graph": "Grafo computacional da resnet18",
}
NOTE = (
    "Com lr 0,1 e a perda somada, J sobe de 14 para 45,36: "
    "um passo só diminui esta perda quando lr < 2/28."
)
STEP = Where(cell=25, line=18, source="w.data = w.data - lr * w.grad.data", heading="Atividades")
ZEROED = MistakeFound(
    id="grad-zeroed",
    explains=("gradient-step", "loss-decrease"),
    name={
        "pt": "gradiente zerado antes do passo",
        "en": "gradient zeroed before the step",
        "es": "gradiente puesto a cero antes del paso",
    },
    hint={
        "pt": "O gradiente foi zerado antes de ser usado.",
        "en": "The gradient was zeroed before its use.",
        "es": "El gradiente se puso a cero antes de usarlo.",
    },
)


def exercise(name: str, status: str = "passed", credit: float = 1.0, **more: Any) -> ExerciseResult:
    """An automatic exercise; `message`, its parameters and `found` make its check."""
    check = CheckResult(
        check="value",
        message=more.pop("message", Message(id="value.passed")),
        found=more.pop("found", None),
        notes=more.pop("notes", ()),
    )
    return ExerciseResult.model_validate(
        {
            "id": name,
            "title": TITLES[name],
            "status": status,
            "points": POINTS[name] * credit,
            "max_points": POINTS[name],
            "automatic": True,
            "credit": credit,
            "checks": (check,),
            **more,
        }
    )


def question(number: int, status: str = "pending") -> ExerciseResult:
    """A question that a person reads."""
    message = Message(id="text.blank")
    if status == "pending":
        message = Message(id="text.answered", params={"words": 41})
    return ExerciseResult.model_validate(
        {
            "id": f"question-{number}",
            "title": f"Questão {number}",
            "status": status,
            "points": 0,
            "max_points": 1,
            "automatic": False,
            "credit": 0,
            "checks": (CheckResult(check="text", message=message),),
        }
    )


def submission(student: str, *exercises: ExerciseResult, **more: Any) -> SubmissionResult:
    """A submission; exercises that are not named passed."""
    given = {result.id: result for result in exercises}
    automatic = [given.get(name) or exercise(name) for name in POINTS]
    questions = [given.get(f"question-{number}") or question(number) for number in (1, 2)]
    pending = [result for result in questions if result.status == "pending"]
    key = student.lower().replace(" ", "-")
    defaults: dict[str, Any] = {
        "id": f"{_ascii(key)}-1a2b3c",
        "student": student,
        "file": f"{key}.ipynb",
        "sha256": "0" * 64,
        "status": "graded",
        "assignment": "autograd",
        "points": sum(result.points for result in automatic),
        "max_points": 10.0,
        "pending_points": float(len(pending)),
        "exercises": (*automatic, *questions),
    }
    return SubmissionResult.model_validate(defaults | more)


def _ascii(text: str) -> str:
    """Small letters and digits without accents, in words joined by hyphens."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = decomposed.encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", plain))


def not_graded(student: str, status: str, reason: str, **params: Any) -> SubmissionResult:
    """A submission that could not be graded."""
    return submission(
        student,
        status=status,
        reason=Message(id=reason, params=params),
        exercises=(),
        points=0.0,
        max_points=0.0,
        pending_points=0.0,
    )


def zeroed() -> SubmissionResult:
    """Gradient zeroed before the step: a part of the points, a hint, a value for the instructor."""
    step = exercise(
        "gradient-step",
        "partial",
        0.5,
        message=Message(id="value.absent"),
        found=Evidence(where=STEP, name="w", value="1.0000042"),
        mistakes=(ZEROED,),
    )
    depends = Message(id="value.depends", params={"needs": TITLES["gradient-step"]})
    loss = exercise(
        "loss-decrease",
        "partial",
        0.25,
        message=Message(id="value.absent"),
        mistakes=(ZEROED,),
        notes=(depends,),
    )
    run = Execution(
        seconds=1.2,
        cells=14,
        problems=(
            CellProblem(where=Where(cell=6), status="error", error="NameError", message="name 'z'"),
        ),
        skipped=("!pip install graphviz", "%pip install torchvision"),
    )
    return submission("Gabriela Exemplo", step, loss, question(2, "missing"), execution=run)


def typed_in() -> SubmissionResult:
    """A number that was typed in: a flag."""
    where = Where(cell=24, line=1, source="w_new = 3.8", heading="Atividades")
    flag = Flag(
        id="does-not-follow-data",
        message=Message(id="flag.does-not-follow-data"),
        evidence=(Evidence(where=where, name="w_new", value="3.8"),),
    )
    message = Message(id="value.does-not-follow-data")
    step = exercise(
        "gradient-step", "failed", 0.0, message=message, found=flag.evidence[0], flags=(flag,)
    )
    return submission("Lucas Exemplo", step)


def resnet34() -> SubmissionResult:
    """Another network's graph."""
    params = {"operation": "Convolution", "found": 36, "expected": 20}
    message = Message(id="graph.differs", params=params)
    return submission("João Exemplo", exercise("resnet18-graph", "failed", 0.0, message=message))


def endless() -> SubmissionResult:
    """A loop without end: what came before keeps its points."""
    kernel_ended = Message(id="not-run.kernel-ended", params={"cell": 14})
    late = [
        exercise(name, "not_run", 0.0, message=kernel_ended)
        for name in ("loss-decrease", "resnet18-graph")
    ]
    ended = Message(id="ended.timeout", params={"cell": 13, "seconds": 30.1})
    problems = tuple(CellProblem(where=Where(cell=cell), status="not_run") for cell in (14, 15))
    run = Execution(ended=ended, problems=problems)
    return submission("Marina Exemplo", *late, execution=run)


def info() -> AssignmentInfo:
    """The assignment of the class."""
    automatic = [
        {"id": name, "title": TITLES[name], "points": POINTS[name], "automatic": True, "note": {}}
        for name in POINTS
    ]
    automatic[2]["note"] = {"pt": NOTE}
    questions = [
        {
            "id": f"question-{number}",
            "title": f"Questão {number}",
            "points": 1,
            "automatic": False,
        }
        for number in (1, 2)
    ]
    return AssignmentInfo(
        name="autograd",
        title="PyTorch: Variable, gradientes e grafo computacional",
        language="pt",
        version="v",
        reference="r",
        max_points=10.0,
        exercises=(*automatic, *questions),
    )


def unsealed(student: str, *exercises: ExerciseResult) -> SubmissionResult:
    """A submission that ran with the rights of the person at the terminal."""
    return submission(student, *exercises, execution=Execution(sandbox="none"))


def report(*submissions: SubmissionResult, sandbox: str = "bwrap") -> Report:
    """The report of a class; of the made-up one if no submissions are given."""
    everyone = submissions or (
        submission("Ana Exemplo"),
        zeroed(),
        resnet34(),
        typed_in(),
        endless(),
        not_graded("Olívia Exemplo", "unreadable", "unreadable.git-conflict", line=212),
        not_graded("Paulo Exemplo", "wrong_file", "wrong-file.other-assignment"),
        not_graded("Quitéria Exemplo", "unchanged", "unchanged").model_copy(
            update={"max_points": 10.0}
        ),
    )
    return Report(
        grader=GraderInfo(version="0", python="3", torch="2", sandbox=sandbox, threads=1),
        created="2024-01-01T00:00:00Z",
        seconds=12.3,
        assignments=(info(),),
        summary=summarise(tuple(everyone)),
        submissions=tuple(everyone),
    )
