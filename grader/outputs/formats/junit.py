"""Write a report as JUnit XML for CI systems: a suite per submission, a case per exercise.

It conforms to the schemas of Ant and of Surefire: times to the thousandth, a timestamp without a
zone, `system-out` and `system-err` last. The texts are those that the student reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from grader.messages import Language, word
from grader.outputs import feedback
from grader.outputs.safe_text import plain
from grader.outputs.wording import score
from grader.report import AssignmentInfo, ExerciseResult, Report, SubmissionResult

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""


@dataclass(frozen=True)
class _CaseOutcome:
    """The outcome of a case."""

    kind: str = ""
    """`failure`, `error`, `skipped`, or empty for a pass."""
    type: str = ""
    message: str = ""
    text: str = ""


@dataclass(frozen=True)
class _Case:
    title: str
    outcome: _CaseOutcome


def junit_xml(report: Report, language: Language) -> bytes:
    """Write a report as JUnit XML.

    A pending exercise is skipped: it never fails a job. One that earns a part of its points is a
    failure. A submission that could not be graded is a single case: an error if that was our fault.
    """
    infos = {info.name: info for info in report.assignments}
    root = ET.Element("testsuites")

    for number, submission in enumerate(report.submissions):
        info = infos.get(submission.assignment)
        cases = _cases(submission, info, language)
        root.append(_suite(number, submission, cases, report.created, language))

    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _suite(
    number: int,
    submission: SubmissionResult,
    cases: Sequence[_Case],
    created: str,
    language: Language,
) -> ET.Element:
    assignment = submission.assignment or "-"
    name = plain(submission.student) or plain(submission.file) or submission.id
    seconds = f"{submission.execution.seconds:.3f}"
    kinds = [case.outcome.kind for case in cases]

    suite = _element(
        "testsuite",
        name=name,
        package=assignment,
        id=str(number),
        timestamp=created[:19],
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=seconds,
    )
    ET.SubElement(suite, "properties")

    for index, case in enumerate(cases):
        # The time of each exercise is not known: the first one gets that of the whole notebook.
        case_seconds = "0.000" if index else seconds
        suite.append(_case_element(case, f"{assignment}.{name}", case_seconds))

    lines = [plain(submission.file), *feedback.submission_sentences(submission, language)]
    ET.SubElement(suite, "system-out").text = _xml_text("\n".join(lines))
    ET.SubElement(suite, "system-err").text = ""
    return suite


def _cases(
    submission: SubmissionResult,
    info: AssignmentInfo | None,
    language: Language,
) -> list[_Case]:
    cases = []
    for exercise in submission.exercises:
        if exercise.status != "not_asked":
            cases.append(_Case(exercise.title, _outcome(exercise, info, language)))
    return cases or [_only_case(submission, language)]


def _outcome(
    exercise: ExerciseResult,
    info: AssignmentInfo | None,
    language: Language,
) -> _CaseOutcome:
    if exercise.status == "passed":
        return _CaseOutcome()

    status = word(exercise.status, language)
    is_blank_answer = exercise.status == "missing" and not exercise.automatic
    if exercise.status == "pending" or is_blank_answer:
        return _CaseOutcome("skipped", message=status)

    return _CaseOutcome(
        kind="error" if exercise.status == "ungradable" else "failure",
        type=exercise.status,
        message=f"{score(exercise.points, exercise.max_points, language)} · {status}",
        text="\n".join(feedback.exercise_lines(exercise, info, language)),
    )


def _only_case(submission: SubmissionResult, language: Language) -> _Case:
    """Explain why a submission has no exercises, as its only case."""
    outcome = _CaseOutcome(
        kind="error" if submission.status == "ungradable" else "failure",
        type=submission.status,
        message=word(submission.status, language),
        text="\n".join(feedback.submission_sentences(submission, language)),
    )
    return _Case(submission.file, outcome)


def _case_element(
    case: _Case,
    classname: str,
    seconds: str,
) -> ET.Element:
    element = _element("testcase", name=case.title, classname=classname, time=seconds)
    outcome = case.outcome
    if not outcome.kind:
        return element

    attributes = {"type": outcome.type} if outcome.type else {}
    child = _element(outcome.kind, message=outcome.message, **attributes)
    child.text = _xml_text(outcome.text) or None
    element.append(child)
    return element


def _element(tag: str, **attributes: str) -> ET.Element:
    cleaned = {}
    for name, value in attributes.items():
        text = plain(value)
        cleaned[name] = _xml_text(text)
    return ET.Element(tag, cleaned)


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
