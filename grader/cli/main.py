"""The command line: the group of commands. A command is imported when it is asked for."""

from __future__ import annotations

import difflib
import importlib
import os
import platform

import click

from grader import __version__

COMMANDS = {
    "init": "Create the folder of a course.",
    "new": "Make an assignment from a solved notebook.",
    "validate": "Check that an assignment grades as it should.",
    "release": "Write the zip that students get.",
    "run": "Grade notebooks: files, folders, and the zips of an LMS.",
    "review": "Read answers, settle flags and override scores.",
    "show": "Show the class of an earlier run, or one student in full.",
    "export": "Write tables, gradebooks and CI results of an earlier run.",
    "regrade": "Grade again from stored traces, and list the scores that changed.",
    "check": "Check one notebook: what passes, what does not and why.",
    "doctor": "Show what this machine has for grading, and what is missing.",
}
"""First lines of the commands' help, in the order in which they are used.

`grade --help` lists them from here: importing all of them takes most of a second.
"""


class DefaultsToRun(click.Group):
    """A group in which `grade PATH…` means `grade run PATH…`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `run` before arguments that start with neither a command nor a group option."""
        if args and not self._knows(args[0], ctx):
            self._refuse_misspelt_command(args[0], ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order in which they are used; called by click."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; called by click, also with words that are none."""
        if cmd_name not in COMMANDS:
            return None
        return load_command(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them; called by click for `--help`."""
        rows = list(COMMANDS.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _refuse_misspelt_command(self, word: str, ctx: click.Context) -> None:
        """Suggest the command that was meant, if a word is neither a path nor like an option."""
        is_path = os.sep in word or os.path.lexists(word)
        if is_path or word.startswith("-"):
            return
        similar = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.7)
        if similar:
            problem = f"There is no command and no path {word!r}. Did you mean {similar[0]!r}?"
            raise click.UsageError(problem, ctx)

    def _knows(self, word: str, ctx: click.Context) -> bool:
        if word in COMMANDS:
            return True
        return any(word in parameter.opts for parameter in self.get_params(ctx))


def load_command(name: str) -> click.Command:
    """Import a command from its module, which has the same name."""
    module = importlib.import_module(f"grader.cli.{name}")
    command: click.Command = getattr(module, name)
    return command


def load_commands() -> dict[str, click.Command]:
    """Import all commands, by their names."""
    return {name: load_command(name) for name in COMMANDS}


@click.group(
    cls=DefaultsToRun,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, asked: show_versions(ctx) if asked else None,
    help="Show the versions of grade, Python, torch and the sandbox, and exit.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Grade PyTorch notebooks by what they compute.

    `grade PATH…` is short for `grade run PATH…`. If a path has the name of a command, write ./check
    for check.

    Exit codes: 0 graded; 1 a submission is below --fail-under, or a check failed; 2 wrong usage;
    3 a fault of the grader or of the instructor's files; 4 nothing could be checked; 5 nothing to
    grade.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def show_versions(ctx: click.Context) -> None:
    """Print the versions that a bug report should include, and exit."""
    import importlib.metadata

    from grader.machine import find_bwrap

    try:
        torch = f"torch {importlib.metadata.version('torch')}"
    except importlib.metadata.PackageNotFoundError:
        torch = "no torch"
    sandbox = "bubblewrap" if find_bwrap() else "no bubblewrap"
    click.echo(f"grade {__version__}")
    python = platform.python_version()
    click.echo(f"Python {python}, {torch}, {sandbox}")
    ctx.exit()
