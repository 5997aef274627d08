"""Malformed files beside honest ones: each has a reason, no neighbour is lost, none raises."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import load_assignment
from grader.batch.results import (
    about,
    assignment_info,
    reviewed_result,
    too_costly,
    unchanged,
    ungraded,
)
from grader.grading.points import summarise
from grader.grading.reviews import Reviews
from grader.outputs.formats.csv import class_csv
from grader.outputs.formats.junit import junit_xml
from grader.outputs.pages.write import write_pages
from grader.progress import SilentProgress
from grader.report import GraderInfo, Report, SubmissionResult
from grader.review import queue
from grader.review.submission_data import describe_submissions
from grader.store.store import Store
from grader.submissions.collect import collected_from, mapped
from grader.submissions.identify import code_cells, heading_of, is_unchanged
from grader.submissions.snapshot import read_snapshot, snapshot_of
from grader.submissions.submission import Submission
from tests.support.sampling import sample

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load_assignment(ROOT / "exercises" / "autograd")
SAMPLES = sorted((ROOT / "submissions").glob("*.ipynb"))

COUNT = 2_000
"""Files that GRADER_TEST_ALL=1 tries; another GRADER_TEST_SEED makes others."""
SEED = os.environ.get("GRADER_TEST_SEED", "0")
IN_A_CLASS = 20
CLASSES = range(COUNT // IN_A_CLASS)

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    1e308,
    float("nan"),
    -float("inf"),
    "",
    "\ud800",
    "\x00\x1b]8;;x\x07",
    "\u202e",
    "# %%\n# %% [markdown]\n",
    [],
    {},
    [[[[]]]],
    {"a": {"a": {}}},
    ["a", 1, None],
)


def any_node(value: Any, rng: random.Random) -> tuple[Any, Any] | None:
    """Choose a place in a JSON document: its container and key; None: there is none."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    return rng.choice(places) if places else None


def other_value(notebook: Any, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        place = any_node(notebook, rng)
        if place is not None:
            container, key = place
            container[key] = copy.deepcopy(rng.choice(ODD_VALUES))
    return dumped(notebook)


def missing_value(notebook: Any, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 6)):
        place = any_node(notebook, rng)
        if place is not None:
            container, key = place
            del container[key]
    return dumped(notebook)


def deeply_nested(notebook: Any, rng: random.Random) -> bytes:
    data = dumped(notebook)
    depth = rng.choice((50, 900, 5_000, 90_000))
    nested = b"[" * depth + b"]" * rng.choice((depth, 0))
    return data.replace(b'"metadata"', b'"deep": ' + nested + b', "metadata"', 1)


def other_bytes(notebook: Any, rng: random.Random) -> bytes:
    data = bytearray(dumped(notebook))
    for _ in range(rng.randint(1, 30)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def cut_off(notebook: Any, rng: random.Random) -> bytes:
    data = dumped(notebook)
    return data[: rng.randrange(len(data))]


def twice(notebook: Any, rng: random.Random) -> bytes:
    data = dumped(notebook)
    return data[: rng.randrange(len(data))] + data[rng.randrange(len(data)) :]


def other_encoding(notebook: Any, rng: random.Random) -> bytes:
    text = json.dumps(notebook, ensure_ascii=False)
    return text.encode(rng.choice(("utf-16", "utf-32", "latin-1", "utf-7")), "replace")


def odd_code(notebook: Any, rng: random.Random) -> bytes:
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    sources = (
        "(" * 500,
        "-" * 9_000 + "1",
        "a = 1\x00",
        "\ud800 = 1",
        "%" * 99,
        "def f(:\n\tx\n  y",
    )
    rng.choice(cells)["source"] = rng.choice(sources)
    return dumped(notebook)


def same_key_twice(notebook: Any, rng: random.Random) -> bytes:
    keys = ("cells", "source", "cell_type", "metadata", "nbformat", "outputs", "id")
    key = rng.choice(keys)
    value = json.dumps(rng.choice(ODD_VALUES))
    pair = f'"{key}": {value}, "{key}":'
    return dumped(notebook).replace(f'"{key}":'.encode(), pair.encode(), rng.randint(1, 3))


def byte_order_mark(notebook: Any, rng: random.Random) -> bytes:
    mark = rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"))
    return mark * rng.randint(1, 2) + dumped(notebook)


def other_format(notebook: Any, rng: random.Random) -> bytes:
    for key in ("nbformat", "nbformat_minor"):
        notebook[key] = rng.choice((0, 1, 2, 3, 4, 5, 99, -1, 10**30, 4.5, "4", None, [4]))
    return dumped(notebook)


def odd_cells(notebook: Any, rng: random.Random) -> bytes:
    cells = notebook["cells"]
    for _ in range(rng.randint(1, 8)):
        odd = copy.deepcopy(rng.choice((*ODD_VALUES, cells, cells[0])))
        cells.insert(rng.randrange(len(cells)), odd)
    return dumped(notebook)


def odd_fields(notebook: Any, rng: random.Random) -> bytes:
    fields = ("id", "source", "cell_type", "outputs", "metadata", "attachments", "execution_count")
    for cell in notebook["cells"]:
        cell[rng.choice(fields)] = copy.deepcopy(rng.choice(ODD_VALUES))
    return dumped(notebook)


def odd_outputs(notebook: Any, rng: random.Random) -> bytes:
    texts = (*ODD_VALUES, ["\x1b[31m", "</script><script>alert(1)</script>"])
    for cell in notebook["cells"]:
        data = {
            rng.choice(("text/plain", "image/png", "text/html", "")): rng.choice(texts),
        }
        output = {"output_type": "display_data", "data": data, "metadata": rng.choice(texts)}
        stream = {"output_type": "stream", "name": rng.choice(texts), "text": rng.choice(texts)}
        error = {"output_type": "error", "ename": rng.choice(texts), "traceback": rng.choice(texts)}
        cell["outputs"] = [output, stream, error]
    return dumped(notebook)


def huge_metadata(notebook: Any, rng: random.Random) -> bytes:
    huge = rng.choice(("x" * 1_000_000, list(range(100_000)), {f"k{n}": {} for n in range(50_000)}))
    rng.choice([notebook, *notebook["cells"]])["metadata"] = {"kernelspec": huge, "name": huge}
    return dumped(notebook)


def odd_attachments(notebook: Any, rng: random.Random) -> bytes:
    for cell in notebook["cells"]:
        cell["attachments"] = {"a.png": {"image/png": copy.deepcopy(rng.choice(ODD_VALUES))}}
        cell["source"] = "![](attachment:a.png) ![](attachment:../../etc/passwd)"
    return dumped(notebook)


def dumped(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


MUTATIONS: tuple[Callable[[Any, random.Random], bytes], ...] = (
    other_value,
    missing_value,
    deeply_nested,
    other_bytes,
    cut_off,
    twice,
    other_encoding,
    odd_code,
    same_key_twice,
    byte_order_mark,
    other_format,
    odd_cells,
    odd_fields,
    odd_outputs,
    huge_metadata,
    odd_attachments,
)


def result_of(submission: Submission) -> SubmissionResult:
    """Decide as far as that needs no kernel, and keep what a regrade would read."""
    stored = snapshot_of(submission, ASSIGNMENT.name, {}).to_json()
    assert read_snapshot(json.loads(json.dumps(stored))) is not None
    if submission.problem is not None:
        status = submission.problem_status or "unreadable"
        return ungraded(submission, ASSIGNMENT, status, submission.problem)
    if is_unchanged(submission, ASSIGNMENT):
        return unchanged(submission, ASSIGNMENT)

    code_cells(submission, ASSIGNMENT)
    read = []
    for exercise in ASSIGNMENT.exercises:
        if not exercise.automatic:
            read.append(
                reviewed_result(
                    submission, ASSIGNMENT, exercise, lambda cell: heading_of(submission, cell)
                )
            )
    left = too_costly(submission, ASSIGNMENT, 5.0)
    automatic = [each for each in left.exercises if each.automatic]
    return SubmissionResult(
        **about(submission, ASSIGNMENT), status="graded", exercises=(*automatic, *read)
    )


def report_of(results: list[SubmissionResult]) -> Report:
    return Report(
        grader=GraderInfo(version="1", python="3", torch="2", sandbox="bwrap", threads=1),
        created="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        assignments=(assignment_info(ASSIGNMENT, "1"),),
        summary=summarise(results),
        submissions=tuple(results),
    )


@pytest.mark.parametrize("number", sample(CLASSES, 3, "malformed"))
def test_malformed_files_leave_their_neighbours_as_they_are(number: int, tmp_path: Path) -> None:
    rng = random.Random(f"{SEED} {number}")
    for index in range(IN_A_CLASS):
        notebook = json.loads(rng.choice(SAMPLES[:10]).read_text("utf-8"))
        mutate = MUTATIONS[index % len(MUTATIONS)]
        (tmp_path / f"m{index:02}.ipynb").write_bytes(mutate(notebook, rng))
    (tmp_path / "honest.ipynb").write_bytes(SAMPLES[0].read_bytes())

    with collected_from([tmp_path], [ASSIGNMENT], None) as collected:
        mapped(collected, [ASSIGNMENT]).model_dump_json()
        results = [result_of(submission) for submission in collected.submissions]

    graded = report_of(results)
    class_csv(graded, "en")
    junit_xml(graded, "en")
    with Store(tmp_path / "grades") as store:
        store.write_report(graded)
        write_pages(store, graded, None, SilentProgress())
    described = describe_submissions(graded.submissions, Reviews(), "en")
    json.dumps([described, queue.questions(graded, {}), queue.results_to_check(graded)]).encode()
    statuses = {result.file: result.status for result in results}
    assert (IN_A_CLASS + 1, "graded") == (len(results), statuses["honest.ipynb"])
