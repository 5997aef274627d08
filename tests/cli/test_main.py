"""The command line: what each command hands on, prints and exits with. Fakes stand in for what is heavy."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader import __version__
from grader.assignment import Assignment, Exercise
from grader.authoring.validation.findings import Finding, Validation
from grader.cli import authoring, main
from grader.errors import AssignmentError, NothingToGrade
from grader.outputs.story.lines import CodeLine
from grader.outputs.story.story import CellStory, Story, StoryLine
from grader.report import Message, Similar
from grader.running.doctor import Diagnosis
from grader.running.doctor import Finding as Found
from grader.settings import Limits, Settings
from grader.trace import CellRun
from tests.support.commands import fake_regrade, fake_run
from tests.support.reports import (
    exercise,
    not_graded,
    report,
    resnet34,
    submission,
    unsealed,
    zeroed,
)


@dataclass
class Calls:
    """What the command line handed on."""

    names: list[str] = field(default_factory=list)
    subject: Any = None
    settings: Settings = field(default_factory=Settings)

    def note(self, name, subject, settings):
        self.names.append(name)
        self.subject, self.settings = subject, settings


@dataclass
class Change:
    student: str
    exercise: str
    before: float
    after: float


@dataclass
class Regraded:
    report: Any
    reused: int = 7
    rerun: tuple[str, ...] = ("Bia",)
    why: tuple[str, ...] = ("variants.toml mudou",)
    changes: tuple[Change, ...] = (Change("Bia", "Passo", 3.0, 1.5),)


ASSIGNMENT = Assignment(
    name="autograd",
    folder=Path("exercises/autograd"),
    title="Autograd",
    language="pt",
    limits=Limits(),
    exercises=(
        Exercise(
            id="loss-decrease",
            title="Mudança da perda",
            points=2,
            check="value",
            note={"pt": "J sobe de 14 para 45,36."},
            student_note={"pt": "A perda pode subir."},
        ),
    ),
    handout=(),
    version="v",
)


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    """A fake in place of what writes pages: the folders and languages it was given."""
    written = []
    monkeypatch.setattr(
        "grader.cli.class_report.write_pages",
        lambda store, _, language, __: written.append((str(store.folder), language)),
    )
    return written


@pytest.fixture
def calls(monkeypatch):
    """Fakes in place of the batch, the validation and the store; `calls` says what they were given."""
    noted = Calls()

    def giving_back(name, result):
        def call(subject, settings, progress):
            noted.note(name, subject, settings)
            return result

        return call

    def fake(name, result):
        call = giving_back(name.split(".")[1], result)
        monkeypatch.setattr(f"grader.cli.{name}", call)

    fake_run(monkeypatch, giving_back("grade_paths", report()))
    fake_regrade(monkeypatch, giving_back("regrade_traces", Regraded(report())))
    fake("check.check_notebook", (ASSIGNMENT, zeroed()))
    proved = Validation("autograd", "en", (Finding(True, Message(id="validate.no-leak")),))
    fake("authoring.validate_assignments", (proved,))
    monkeypatch.setattr(authoring, "languages", lambda settings, name: {"autograd": "en"})
    monkeypatch.setattr("grader.cli.doctor.look_at_machine", lambda settings: diagnosis("bwrap"))
    monkeypatch.setattr(
        "grader.cli.show.read_report",
        lambda folder: noted.note("read_report", folder, Settings()) or report(),
    )
    return noted


def diagnosis(tier):
    return Diagnosis(
        tier=tier, findings=(Found(name="sealing", state="ok", text="tried \u202e out"),)
    )


def grade(*arguments):
    return CliRunner().invoke(main.cli, list(arguments))


def failing(monkeypatch, error):
    def raises(*_):
        raise error

    fake_run(monkeypatch, raises)


def giving(monkeypatch, *submissions):
    fake_run(monkeypatch, lambda *_: report(*submissions))


# Which command


def test_grade_alone_prints_help():
    result = grade()
    assert (0, True) == (result.exit_code, "Usage:" in result.stdout)


def test_grade_shows_its_version():
    assert f"grade, version {__version__}\n" == grade("--version").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("submissions/",),
        ("run", "submissions/"),
        ("--json", "submissions/"),
        ("--", "submissions/"),
    ],
)
def test_a_path_as_first_argument_means_run(calls, arguments):
    grade(*arguments)
    assert (["grade_paths"], (Path("submissions"),)) == (calls.names, calls.subject)


def test_a_path_named_like_a_command_can_be_given_with_a_dot(calls):
    grade("./check")
    assert ["grade_paths"] == calls.names


def test_a_command_is_not_a_path(calls):
    grade("check", "a.ipynb")
    assert (["check_notebook"], Path("a.ipynb")) == (calls.names, calls.subject)


@pytest.mark.parametrize(
    "command", ["run", "check", "validate", "regrade", "show", "export", "doctor"]
)
def test_every_command_explains_itself_and_has_debug(command):
    result = grade(command, "--help")
    assert (0, True) == (result.exit_code, "--debug" in result.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("check",),
        ("run", "a", "--jobs", "0"),
        ("a", "--fail-under", "101"),
        ("a", "--nope"),
    ],
)
def test_a_usage_error_exits_with_2(calls, arguments):
    assert 2 == grade(*arguments).exit_code


# run


def test_options_become_settings(calls):
    grade(
        *("a", "--assignment", "autograd", "--out", "o", "--jobs", "3", "--fresh"),
        *("--exercises", "e", "--solutions", "s"),
    )
    expected = Settings(
        assignment="autograd",
        out=Path("o"),
        jobs=3,
        fresh=True,
        exercises=Path("e"),
        solutions=Path("s"),
    )
    assert expected == calls.settings


def test_options_that_are_not_given_keep_their_defaults(calls):
    grade("a")
    assert Settings() == calls.settings


def test_a_run_ends_with_the_place_of_the_report_and_what_to_do_next(calls):
    lines = grade("a").stdout.strip().split("\n")
    expected = [
        "Relatório: grades/report.json",
        "9 respostas por ler: grade review grades",
        "Um aluno por inteiro: grade show grades NOME",
    ]
    assert (True, expected) == (lines[0].startswith("PyTorch"), lines[-3:])


def test_json_prints_the_report_and_nothing_else_on_stdout(calls):
    assert json.loads(report().model_dump_json()) == json.loads(grade("a", "--json").stdout)


def test_json_says_on_stderr_where_the_report_is(calls):
    assert "grades/report.json" in grade("a", "--json").stderr


def test_json_is_ascii_so_that_nothing_in_it_steers_a_terminal(monkeypatch):
    giving(monkeypatch, submission("Ana\u202e\x9b31m ção"))
    assert grade("a", "--json").stdout.isascii()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a",), [("grades", None)]),
        (("a", "--out", "o", "--language", "en"), [("o", "en")]),
        (("regrade", "old"), [("old", None)]),
        (("a", "--json"), [("grades", None)]),
        (("show", "old/"), []),
    ],
)
def test_a_run_and_a_regrade_write_pages_and_nothing_else_does(calls, pages, arguments, expected):
    grade(*arguments)
    assert expected == pages


@pytest.mark.parametrize(("percent", "code"), [("69", 0), ("70", 0), ("70.1", 1), ("100", 1)])
def test_fail_under_compares_points_with_the_points_to_be_had(monkeypatch, percent, code):
    giving(monkeypatch, resnet34())
    assert code == grade("a", "--fail-under", percent).exit_code


def test_a_bad_grade_alone_fails_nothing(calls):
    assert 0 == grade("a").exit_code


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        ("unreadable", "unreadable.empty", 1),
        ("wrong_file", "wrong-file.no-cells", 1),
        ("ungradable", "x", 3),
    ],
)
def test_what_has_no_points_fails_unless_it_is_our_fault(monkeypatch, status, reason, code):
    giving(monkeypatch, not_graded("Ana", status, reason))
    assert code == grade("a", "--fail-under", "50").exit_code


def test_a_submission_whose_points_are_all_pending_is_not_below(monkeypatch):
    giving(monkeypatch, submission("Ana", points=0.0, max_points=0.0))
    assert 0 == grade("a", "--fail-under", "100").exit_code


# Limits


def test_limits_that_are_given_stand_in_place_of_the_assignments(calls):
    grade(
        *(
            "a",
            "--cell-timeout",
            "1.5",
            "--notebook-timeout",
            "60",
            "--memory",
            "512",
            "--processes",
            "64",
        ),
        *("--disk", "32", "--output-limit", "128"),
    )
    assert {
        "cell_timeout_s": 1.5,
        "notebook_timeout_s": 60.0,
        "memory_mib": 512,
        "processes": 64,
        "disk_mib": 32,
        "output_kib": 128,
    } == calls.settings.limits


def test_limits_that_are_not_given_are_the_assignments(calls):
    grade("a", "--memory", "512")
    assert {"memory_mib": 512} == calls.settings.limits


def test_the_least_of_each_limit_is_that_of_an_assignment():
    least = {
        name: field.get("minimum", field.get("exclusiveMinimum"))
        for name, field in limit_fields().items()
    }
    given = {
        parameter.name: parameter.type.min
        for parameter in main.run.params
        if parameter.name in least
    }
    assert given == {name: least[name] for name in given}


def limit_fields():
    return Limits.model_json_schema()["properties"]


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
@pytest.mark.parametrize("option", ["--cell-timeout", "--notebook-timeout"])
def test_a_time_that_is_none_is_not_understood(calls, option, value):
    assert (2, []) == (grade("a", option, value).exit_code, calls.names)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--memory", "255"),
        ("--processes", "31"),
        ("--disk", "15"),
        ("--output-limit", "15"),
        ("--memory", "1.5"),
    ],
)
def test_a_limit_below_the_least_is_not_understood(calls, option, value):
    assert (2, []) == (grade("a", option, value).exit_code, calls.names)


def test_the_help_of_run_groups_its_options():
    told = grade("run", "--help").stdout
    groups = [line for line in told.split("\n") if line.endswith(":")]
    assert [
        "How notebooks run:",
        "Limits of one notebook, in place of the assignment's:",
        "Where things are:",
        "What else is written:",
        "Grades in gradebooks:",
        "Other options:",
    ] == groups


def test_the_help_of_a_command_without_groups_has_one_list():
    assert ["Options:"] == [
        line for line in grade("show", "--help").stdout.split("\n") if line.endswith(":")
    ]


# In which language


@pytest.mark.parametrize(
    ("arguments", "pt", "en"),
    [
        (("a",), "aluno", "student"),
        (("show",), "aluno", "student"),
        (("show", "gabriela"), "encontrado: w", "found: w"),
        (("check", "a.ipynb"), "Mude o que falta", "Change what is missing"),
        (("validate",), "tudo certo", "all right"),
        (("regrade",), "1 pontuação mudou", "1 score changed"),
        (("doctor",), "podem ser isolados", "can be sealed off"),
    ],
)
def test_the_language_asked_for_stands_in_place_of_the_assignments(calls, arguments, pt, en):
    told = {language: grade(*arguments, "--language", language).stdout for language in ("pt", "en")}
    assert (True, False, True, False) == (
        pt in told["pt"],
        en in told["pt"],
        en in told["en"],
        pt in told["en"],
    )


@pytest.mark.parametrize("command", ["run", "check", "regrade", "validate"])
def test_the_language_asked_for_is_that_of_the_run(calls, command):
    grade(command, "a", "--language", "en")
    assert "en" == calls.settings.language


def test_a_language_without_a_catalogue_is_not_understood(calls):
    assert (2, []) == (grade("a", "--language", "fr").exit_code, calls.names)


def test_a_note_that_is_not_there_in_that_language_is_shown_in_another(calls):
    assert "A perda pode subir." in grade("check", "a.ipynb", "--language", "en").stdout


# What ran unsealed

WARNING = "Sem isolamento: estes notebooks foram executados com os seus direitos."


def test_an_unsealed_run_begins_with_a_warning(monkeypatch):
    fake_run(monkeypatch, lambda *_: report(sandbox="none"))
    assert WARNING == grade("a", "--sandbox", "none").stdout.split("\n")[0]


def test_an_unsealed_run_has_its_warning_beside_the_json(monkeypatch):
    fake_run(monkeypatch, lambda *_: report(sandbox="none"))
    result = grade("a", "--json")
    assert (True, False) == (WARNING in result.stderr, WARNING in result.stdout)


def test_show_warns_of_an_unsealed_class_and_of_an_unsealed_student(monkeypatch):
    monkeypatch.setattr(
        "grader.cli.show.read_report", lambda folder: report(unsealed("Ana"), sandbox="none")
    )
    assert [WARNING] * 2 == [
        grade("show", *words).stdout.split("\n")[0] for words in ((), ("Ana",))
    ]


def test_regrade_warns_of_an_unsealed_run(monkeypatch):
    fake_regrade(monkeypatch, lambda *_: Regraded(report(sandbox="none")))
    assert WARNING == grade("regrade").stdout.split("\n")[0]


def test_a_check_runs_the_students_own_notebook_and_warns_of_nothing(monkeypatch):
    monkeypatch.setattr("grader.cli.check.check_notebook", lambda *_: (ASSIGNMENT, unsealed("Ana")))
    assert WARNING not in (result := grade("check", "a.ipynb")).stdout + result.stderr


# Faults


def test_a_fault_of_the_instructors_is_one_line_and_exit_code_3(monkeypatch):
    failing(
        monkeypatch, AssignmentError("this is not TOML.", "Mend that line.", where=Path("a.toml"))
    )
    result = grade("a")
    assert (3, "", "grade: a.toml: this is not TOML. Mend that line.\n") == (
        result.exit_code,
        result.stdout,
        result.stderr,
    )


def test_nothing_to_grade_exits_with_5(monkeypatch):
    failing(monkeypatch, NothingToGrade("There is no notebook in empty/."))
    assert 5 == grade("empty/").exit_code


def test_an_unexpected_exception_is_one_line_with_its_type(monkeypatch):
    failing(monkeypatch, RuntimeError("out of\npaper\x1b[2J"))
    result = grade("a")
    assert (
        3,
        "grade: RuntimeError: out of paper (a fault of the grader's; run again with --debug to see where)\n",
    ) == (result.exit_code, result.stderr)


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("paper"), 3), (NothingToGrade("none"), 5)]
)
def test_debug_shows_the_traceback_and_keeps_the_exit_code(monkeypatch, error, code):
    failing(monkeypatch, error)
    result = grade("a", "--debug")
    assert (code, True) == (result.exit_code, "Traceback" in result.stderr)


def test_an_interrupt_says_that_what_was_graded_is_kept(monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    result = grade("a")
    assert (
        130,
        "grade: Interrupted. What was graded is kept: the same command goes on from there.\n",
    ) == (
        result.exit_code,
        result.stderr,
    )


# check


def test_a_check_with_a_release_shows_no_points_and_says_that_the_numbers_were_others(
    calls, monkeypatch
):
    released = (ASSIGNMENT, zeroed(), types.SimpleNamespace(shows_points=False))
    monkeypatch.setattr("grader.cli.check.check_with_release", lambda *_: released)
    result = grade("check", "ana.ipynb", "--release", "autograd.zip")
    assert (1, False, True) == (
        result.exit_code,
        "/3" in result.stdout,
        "Não é a sua nota." in result.stdout,
    )


def test_a_release_beside_the_notebook_is_taken(calls, monkeypatch, tmp_path):
    (tmp_path / "check.json").write_text("{}", "utf-8")
    result = grade("check", str(tmp_path / "ana.ipynb"))
    assert (3, "grade: " + str(tmp_path / "check.json")) == (
        result.exit_code,
        result.stderr.partition(" is not of")[0],
    )


def test_a_release_is_written_where_it_is_asked_for(calls, monkeypatch, tmp_path):
    noted = []

    def make(name, to, settings, progress, *, shows_points):
        noted.append((name, to, shows_points))
        made = types.SimpleNamespace(exercises=(), undecided=(), numbers=lambda: [], language="en")
        return types.SimpleNamespace(path=to, files=("check.json",), release=made)

    monkeypatch.setattr(authoring, "make_release", make)
    codes = [
        grade("release", "autograd", *more).exit_code
        for more in ((), ("--to", "a.zip", "--show-points"))
    ]
    assert (
        [0, 0],
        [("autograd", Path("autograd.zip"), False), ("autograd", Path("a.zip"), True)],
    ) == (codes, noted)


def test_a_check_that_fails_exits_with_1_and_says_what_to_do(calls):
    result = grade("check", "a.ipynb")
    assert (1, "Mude o que falta, salve e confira de novo com o mesmo comando.") == (
        result.exit_code,
        result.stdout.strip().split("\n")[-1],
    )


def test_a_check_shows_the_student_the_note_for_students_only(calls):
    told = grade("check", "a.ipynb").stdout
    assert (True, False) == ("A perda pode subir." in told, "45,36" in told)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (submission("Ana"), 0),
        (submission("Ana", exercise("w-grad", "pending", 0.0)), 0),
        (submission("Ana", exercise("w-grad", "missing", 0.0)), 1),
        (not_graded("Ana", "unreadable", "unreadable.empty"), 1),
        (not_graded("Ana", "ungradable", "ungradable.kernel", problem="no kernel"), 3),
    ],
)
def test_a_check_passes_if_all_that_is_decided_passes(monkeypatch, result, code):
    monkeypatch.setattr("grader.cli.check.check_notebook", lambda *_: (ASSIGNMENT, result))
    assert code == grade("check", "a.ipynb").exit_code


# validate


def test_a_validation_without_findings_against_it_exits_with_0(calls):
    result = grade("validate", "autograd")
    assert (0, "autograd", True) == (
        result.exit_code,
        calls.subject,
        result.stdout.endswith("autograd: all right (1 check)\n"),
    )


def test_a_validation_that_fails_exits_with_1(calls, monkeypatch):
    wrong = Validation("autograd", "en", (Finding(False, Message(id="validate.handout-earns")),))
    monkeypatch.setattr(authoring, "validate_assignments", lambda *_: (wrong,))
    assert 1 == grade("validate").exit_code


def test_validate_without_a_name_validates_all(calls):
    grade("validate")
    assert (["validate_assignments"], None) == (calls.names, calls.subject)


# regrade


def test_regrade_takes_the_default_folder(calls):
    grade("regrade")
    assert (Path("grades"), Path("grades")) == (calls.subject, calls.settings.out)


def test_regrade_shows_changes_and_where_the_report_is(calls):
    told = grade("regrade", "old/").stdout
    lines = [line.strip() for line in told.strip().split("\n")]
    assert ["Bia  Passo  3 → 1,5  −1,5", "", "Relatório: old/report.json"] == lines[-5:-2]


# show


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [((), "grades"), (("old/",), "old"), (("old/", "Ana", "Exemplo"), "old"), (("Ana",), "grades")],
)
def test_show_reads_the_report_of_a_folder(calls, arguments, folder):
    result = grade("show", *arguments)
    assert (0, Path(folder)) == (result.exit_code, calls.subject)


def test_show_without_a_student_shows_the_class(calls):
    assert "8 entregas" in grade("show").stdout


def test_show_with_a_student_shows_the_instructor_everything(calls):
    told = grade("show", "gabriela").stdout
    assert (True, True) == ("encontrado: w = 1.0000042" in told, "45,36" in told)


def test_show_with_a_student_says_whom_the_notebook_is_similar_to(monkeypatch):
    ana, bruno = submission("Ana"), submission("Bruno")
    alike = report(ana, bruno).model_copy(
        update={"similar": (Similar(submissions=(ana.id, bruno.id), share=0.9),)}
    )
    monkeypatch.setattr("grader.cli.show.read_report", lambda folder: alike)
    assert "Parecido com Ana\n90% do código do menor\n" in grade("show", "Bruno").stdout


def test_show_of_a_student_whom_nobody_knows_names_the_candidates(calls):
    result = grade("show", "zacarias")
    expected = "grade: No submission fits 'zacarias'. There is: Ana Exemplo, "
    assert (2, expected, 1) == (
        result.exit_code,
        result.stderr[: len(expected)],
        result.stderr.count("\n"),
    )


def test_show_of_a_part_that_several_have_names_them(calls):
    result = grade("show", "exemplo")
    expected = "grade: 8 submissions fit 'exemplo'. There is: Ana Exemplo, "
    assert (2, expected) == (result.exit_code, result.stderr[: len(expected)])


def test_two_files_of_one_student_are_told_apart_by_their_files(monkeypatch):
    twice = report(submission("Ana"), submission("Ana", id="other", file="again.ipynb"))
    monkeypatch.setattr("grader.cli.show.read_report", lambda folder: twice)
    assert (
        "grade: 2 submissions fit 'Ana'. There is: ana.ipynb, again.ipynb.\n"
        == grade("show", "Ana").stderr
    )


def test_show_tells_the_story_of_a_student(calls, monkeypatch):
    told = Story(
        (
            CellStory(
                30,
                "Atividades",
                False,
                CellRun(cell=30, status="ok"),
                (StoryLine(CodeLine(1, "w = 1")),),
            ),
        )
    )
    monkeypatch.setattr(
        "grader.cli.show.tell_story",
        lambda folder, result: calls.note(result.student, folder, None) or told,
    )
    result = grade("show", "old/", "gabriela", "--story")
    assert (0, "Gabriela Exemplo", Path("old")) == (
        result.exit_code,
        calls.names[-1],
        calls.subject,
    )
    assert ["[31] Atividades", "  1 w = 1            │"] == [
        line.rstrip() for line in result.stdout.split("\n")[-3:-1]
    ]


def test_a_story_is_of_one_student(calls):
    result = grade("show", "old/", "--story")
    assert (2, True) == (result.exit_code, "--story is of one student: name one." in result.stderr)


def test_without_a_stored_run_there_is_no_story_and_a_line_says_what_to_do(calls, tmp_path):
    result = grade("show", f"{tmp_path}/", "gabriela", "--story")
    problem = f"There is no stored run of Gabriela Exemplo in {tmp_path}/."
    expected = f"grade: {problem} Grade it again: grade SUBMISSIONS --fresh.\n"
    assert (3, "", expected) == (result.exit_code, result.stdout, result.stderr)


# doctor


@pytest.mark.parametrize(("tier", "code"), [("bwrap", 0), ("bwrap-cold", 0), ("none", 3)])
def test_a_doctor_that_finds_nothing_to_seal_with_exits_with_3(monkeypatch, tier, code):
    monkeypatch.setattr("grader.cli.doctor.look_at_machine", lambda settings: diagnosis(tier))
    assert code == grade("doctor").exit_code


def test_a_doctor_prints_what_was_found(calls):
    assert "✓ sealing tried  out\n\nNotebooks can be sealed off here.\n" == "\n".join(
        line.rstrip() for line in grade("doctor").stdout.split("\n")
    )


def test_a_doctor_prints_what_was_found_as_json(calls):
    result = grade("doctor", "--json")
    told = json.loads(result.stdout)
    assert ("bwrap", True, "sealing", True) == (
        told["tier"],
        told["sealed"],
        told["findings"][0]["name"],
        result.stdout.isascii(),
    )


def test_the_command_line_starts_without_torch_and_jupyter():
    program = (
        "import sys, grader.cli.main, grader.__main__\n"
        "heavy = ('torch', 'jupyter_client', 'nbformat', 'nbclient', 'IPython', 'babel')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[]\n" == ran.stdout


def test_python_m_grader_is_the_same_program():
    ran = subprocess.run(
        [sys.executable, "-m", "grader", "--version"], capture_output=True, text=True, check=True
    )
    assert f"grade, version {__version__}\n" == ran.stdout


# dry run


def test_a_dry_run_shows_which_file_counts_and_runs_nothing(calls, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/ana.ipynb").write_text(
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "w"}]}'
    )
    exercises = Path(__file__).parents[2] / "exercises"
    result = grade(str(tmp_path / "in"), "--dry-run", "--json", "--exercises", str(exercises))
    (one,) = json.loads(result.stdout)["submissions"]
    assert ([], "ana.ipynb", None) == (calls.names, one["file"], one["status"])
