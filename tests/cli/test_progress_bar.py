"""A run under way: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import io

from rich.console import Console

from grader.cli.progress_bar import ProgressBar
from grader.outputs.terminal.tables import make_console

HOSTILE = "\x1b[2J\u202eAna\u2066"


def told_while(seconds):
    """What a run of ten units prints without a terminal, each unit taking so many seconds."""
    out, now = io.StringIO(), [0.0]
    with ProgressBar(make_console(out), clock=lambda: now[0]) as progress:
        progress.stage("submissions", 10)
        for _ in range(10):
            now[0] += seconds
            progress.advance("Ana")
    return out.getvalue()


def test_a_short_run_prints_one_line_where_there_is_no_terminal():
    assert "submissions (0/10)\n" == told_while(1)


def test_a_long_run_prints_a_line_every_half_minute_with_the_time_left():
    assert (
        "submissions (0/10)\nsubmissions (3/10, ~1:10)\nsubmissions (6/10, ~0:40)\n"
        in told_while(10)
    )


def test_a_terminal_gets_a_bar():
    out = io.StringIO()
    with ProgressBar(
        Console(file=out, force_terminal=True, force_interactive=True, width=80)
    ) as progress:
        progress.stage("entregas", 2)
        progress.advance(HOSTILE)
    assert (True, False) == ("1/2" in out.getvalue(), "\u202e" in out.getvalue())


def test_progress_may_advance_before_any_stage():
    out = io.StringIO()
    with ProgressBar(
        Console(file=out, force_terminal=True, force_interactive=True, width=80)
    ) as progress:
        progress.advance()
    assert "Traceback" not in out.getvalue()


def test_a_stage_of_which_nobody_knows_the_end_shows_no_count():
    out = io.StringIO()
    with ProgressBar(
        Console(file=out, force_terminal=True, force_interactive=True, width=80)
    ) as progress:
        progress.stage("preparing", None)
    assert ("preparing" in out.getvalue(), "/?" in out.getvalue()) == (True, False)


def test_a_stage_of_which_nobody_knows_the_end_is_a_line_where_there_is_no_terminal():
    out = io.StringIO()
    with ProgressBar(make_console(out)) as progress:
        progress.stage("preparing", None)
    assert "preparing\n" == out.getvalue()
