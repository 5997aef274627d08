"""The options that commands share: limits, and the groups that the help shows."""

from __future__ import annotations

import pytest

from grader.cli.run import run
from grader.settings import Limits
from tests.support.commands import grade


def test_limits_that_are_given_stand_in_place_of_the_assignments(calls):
    times = ("--cell-timeout", "1.5", "--notebook-timeout", "60")
    sizes = ("--memory", "512", "--disk", "32", "--output-limit", "128")
    grade("a", *times, *sizes, "--processes", "64")
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
    properties = Limits.model_json_schema()["properties"]
    options = {option.name: option for option in run.params}
    compared = []
    for name, schema in properties.items():
        if name in options:
            least = schema.get("minimum", schema.get("exclusiveMinimum"))
            assert least == options[name].type.min, name
            compared.append(name)
    assert 6 == len(compared)


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
@pytest.mark.parametrize("option", ["--cell-timeout", "--notebook-timeout"])
def test_a_time_that_is_none_is_not_understood(calls, option, value):
    assert 2 == grade("a", option, value).exit_code
    assert [] == calls.names


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
    assert 2 == grade("a", option, value).exit_code
    assert [] == calls.names


def titles_in_help(command):
    lines = grade(command, "--help").stdout.split("\n")
    return [line for line in lines if line.endswith(":")]


def test_the_help_of_run_groups_its_options():
    assert [
        "How notebooks run:",
        "Limits of one notebook, in place of the assignment's:",
        "Folders and names:",
        "Additional output:",
        "Grades in gradebooks:",
        "Other options:",
    ] == titles_in_help("run")


def test_the_help_of_a_command_without_groups_has_one_list():
    assert ["Options:"] == titles_in_help("show")
