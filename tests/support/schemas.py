"""Formats of other programs, from their public descriptions: JUnit XML and Gradescope's JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

COUNT = r"\d+"
TIME = r"\d+\.\d{3}"
ANY = r"(?s).*"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"


@dataclass(frozen=True)
class Rule:
    """What an element may hold."""

    attributes: dict[str, str]
    """Those it must have, and the form of each."""
    optional: dict[str, str] = field(default_factory=dict)
    """Those it may have, and the form of each."""
    children: str = ""
    """The names of its children, each with a space behind it, as a pattern."""
    text: bool = False
    """Whether it may hold text."""

    @property
    def forms(self) -> dict[str, str]:
        """The form of each attribute that it may have."""
        return self.attributes | self.optional


JUNIT = {
    "testsuites": Rule({}, children="(testsuite )*"),
    "testsuite": Rule(
        {
            "name": ".+",
            "package": ".*",
            "id": COUNT,
            "timestamp": STAMP,
            "hostname": ".+",
            "tests": COUNT,
            "failures": COUNT,
            "errors": COUNT,
            "time": TIME,
        },
        {"skipped": COUNT},
        children="properties (testcase )*system-out system-err ",
    ),
    "properties": Rule({}, children="(property )*"),
    "property": Rule({"name": ".+", "value": ".*"}),
    "testcase": Rule(
        {"name": ".*", "classname": ".*", "time": TIME}, children="((skipped|error|failure) )?"
    ),
    "failure": Rule({"type": ".+"}, {"message": ANY}, text=True),
    "error": Rule({"type": ".+"}, {"message": ANY}, text=True),
    "skipped": Rule({}, {"message": ANY}, text=True),
    "system-out": Rule({}, text=True),
    "system-err": Rule({}, text=True),
}
"""What both the schema for Ant's JUnit tasks and that for Surefire's reports allow."""


def junit_problems(data: bytes) -> list[str]:
    """List what is not JUnit's in some XML, element by element, and sums that do not add up."""
    root = ET.fromstring(data)
    problems: list[str] = []
    if root.tag != "testsuites":
        problems.append(f"the root is {root.tag}")
    for element in root.iter():
        problems.extend(_problems(element))
    return problems


def _problems(element: ET.Element) -> Iterator[str]:
    rule = JUNIT.get(element.tag)
    if rule is None:
        yield f"unknown element {element.tag}"
        return
    yield from _attribute_problems(element, rule)
    children = "".join(f"{child.tag} " for child in element)
    if not re.fullmatch(rule.children, children):
        yield f"{element.tag} holds {children}"
    if not rule.text and (element.text or "").strip():
        yield f"{element.tag} holds text"
    if element.tag == "testsuite":
        yield from _sums(element)


def _attribute_problems(element: ET.Element, rule: Rule) -> Iterator[str]:
    for name in rule.attributes:
        if name not in element.attrib:
            yield f"{element.tag} lacks {name}"
    for name, value in element.attrib.items():
        form = rule.forms.get(name)
        if form is None or not re.fullmatch(form, value):
            yield f"{element.tag} has {name}={value!r}"


def _sums(suite: ET.Element) -> Iterator[str]:
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in tags.items():
        stated = int(suite.get(name, "-1"))
        count = len(list(suite.iter(tag)))
        if stated != count:
            yield f"{name} is {suite.get(name)}"


_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_SHARED: dict[str, Any] = {
    "score": {"type": "number"},
    "output": {"type": "string"},
    "output_format": _FORMAT,
    "visibility": _VISIBILITY,
    "extra_data": {"type": "object"},
}
GRADESCOPE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
    "properties": {
        **_SHARED,
        "execution_time": {"type": "number", "minimum": 0},
        "stdout_visibility": _VISIBILITY,
        "test_output_format": _FORMAT,
        "test_name_format": _FORMAT,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    **_SHARED,
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": _FORMAT,
                    "number": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "leaderboard": {"type": "array"},
    },
}
"""The results of an autograder, from Gradescope's page "Autograder Specifications"."""
