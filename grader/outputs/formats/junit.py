"""Writes a report as JUnit XML, which CI systems show: a suite per submission, a case per exercise.

The form is the intersection of what the schemas of Ant and of Surefire allow: times to the thousandth, a timestamp
without a zone, `system-out` and `system-err` last. What is said is what the student is told.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from grader.messages import Language, word
from grader.outputs import feedback
from grader.outputs.safe_text import plain
from grader.outputs.wording import score
from grader.report import AssignmentInfo, ExerciseResult, Report, SubmissionResult

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for."""

Outcome = tuple[str, str, str, str]
"""Kind (`failure`, `error`, `skipped`, or empty for a pass), type, message, text."""


def junit_xml(report: Report, language: Language) -> bytes:
    """A report as JUnit XML.

    An exercise that a person has still to look at is skipped: it never fails a job. One that earns a part of its
    points is a failure. A submission that could not be graded is a single case: an error if that was our fault.
    """
    infos = {info.name: info for info in report.assignments}
    root = ET.Element("testsuites")
    for number, submission in enumerate(report.submissions):
        root.append(
            _suite(number, submission, infos.get(submission.assignment), report.created, language)
        )
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _suite(
    number: int,
    submission: SubmissionResult,
    info: AssignmentInfo | None,
    created: str,
    language: Language,
) -> ET.Element:
    asked = [one for one in submission.exercises if one.status != "not_asked"]
    cases = [(one.title, _outcome(one, info, language)) for one in asked] or [
        _whole(submission, language)
    ]
    kinds = [outcome[0] for _, outcome in cases]
    name = plain(submission.student) or plain(submission.file) or submission.id
    seconds = f"{submission.execution.seconds:.3f}"
    suite = _element(
        "testsuite",
        name=name,
        package=submission.assignment or "-",
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
    classname = f"{submission.assignment or '-'}.{name}"
    for place, (title, outcome) in enumerate(cases):
        # How long the notebook took is known, and not which exercise took it: the first one has it all.
        case = _element(
            "testcase", name=title, classname=classname, time="0.000" if place else seconds
        )
        _add(case, outcome)
        suite.append(case)
    told = [submission.file, *feedback.general(submission, language)]
    ET.SubElement(suite, "system-out").text = _text("\n".join(told))
    ET.SubElement(suite, "system-err").text = ""
    return suite


def _outcome(one: ExerciseResult, info: AssignmentInfo | None, language: Language) -> Outcome:
    if one.status == "passed":
        return "", "", "", ""
    told = feedback.lines_about(one, info, language) if info else feedback.about(one, language)
    if one.status == "pending" or (one.status == "missing" and not one.automatic):
        return "skipped", "", word(one.status, language), ""
    kind = "error" if one.status == "ungradable" else "failure"
    message = f"{score(one.points, one.max_points, language)} · {word(one.status, language)}"
    return kind, one.status, message, "\n".join(told)


def _whole(submission: SubmissionResult, language: Language) -> tuple[str, Outcome]:
    """The only case of a submission without exercises: why it has none."""
    kind = "error" if submission.status == "ungradable" else "failure"
    told = "\n".join(feedback.general(submission, language))
    return submission.file, (kind, submission.status, word(submission.status, language), told)


def _add(case: ET.Element, outcome: Outcome) -> None:
    kind, sort, message, text = outcome
    if kind:
        more = {"type": sort} if sort else {}
        element = _element(kind, message=message, **more)
        element.text = _text(text) or None
        case.append(element)


def _element(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(tag, {name: _text(plain(value)) for name, value in attributes.items()})


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
