"""What `grade doctor` shows: aligned lines with marks, and how to get more."""

from __future__ import annotations

import io
import unicodedata

import pytest
from rich.console import Console

from grader.outputs.terminal.doctor import doctor_view
from grader.running.doctor import Diagnosis, Finding

DIAGNOSIS = Diagnosis(
    tier="bwrap-cold",
    findings=(
        Finding(name="sandbox", state="warn", text="slower", advice=("Mend this.", "Or that.")),
        Finding(name="torch", state="bad", text="not installed"),
        Finding(name="side by side", state="ok", text="2 notebooks"),
    ),
)


def shown(diagnosis, width=100, language="en", **console):
    out = io.StringIO()
    Console(file=out, width=width, markup=False, highlight=False, **console).print(
        doctor_view(diagnosis, language)
    )
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def test_findings_stand_below_each_other_with_advice_below_them():
    assert (
        "! sandbox      slower\n"
        "               → Mend this.\n"
        "               → Or that.\n"
        "✗ torch        not installed\n"
        "✓ side by side 2 notebooks\n"
        "\n"
        "Notebooks can be sandboxed here.\n"
    ) == shown(DIAGNOSIS)


def test_without_a_tier_the_last_line_says_so():
    diagnosis = DIAGNOSIS.model_copy(update={"tier": "none"})
    assert shown(diagnosis).endswith("\nNotebooks cannot be sandboxed here.\n")


def test_marks_are_coloured_on_a_terminal_only():
    coloured = shown(DIAGNOSIS, force_terminal=True, color_system="standard")
    assert (True, False) == (
        "\x1b[33m!" in coloured and "\x1b[31m✗" in coloured,
        "\x1b" in shown(DIAGNOSIS),
    )


def test_the_last_line_follows_the_language():
    assert shown(DIAGNOSIS, language="pt").endswith("\nAqui os notebooks podem ser isolados.\n")


@pytest.mark.parametrize("width", [60, 100])
def test_no_line_is_wider_than_the_terminal(width):
    diagnosis = DIAGNOSIS.model_copy(
        update={"findings": (Finding(name="a", state="ok", text="word " * 60),)}
    )
    assert [] == [line for line in shown(diagnosis, width).split("\n") if len(line) > width]


def test_what_a_program_said_cannot_steer_the_terminal():
    diagnosis = Finding(
        name="sandbox", state="bad", text="bwrap: \x1b[2J\u202e[red]", advice=("\x07",)
    )
    text = shown(DIAGNOSIS.model_copy(update={"findings": (diagnosis,)}))
    odd = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert ([], True) == (odd, "[red]" in text)
