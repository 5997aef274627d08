"""The command line: the group of commands. Must not import torch or Jupyter when it loads."""

from __future__ import annotations

import difflib
import importlib.metadata
import os
import platform

import click

from grader import __version__
from grader.cli.check import check
from grader.cli.doctor import doctor
from grader.cli.export import export
from grader.cli.init import init
from grader.cli.new import new
from grader.cli.options import GroupedCommand
from grader.cli.regrade import regrade
from grader.cli.release import release
from grader.cli.review import review
from grader.cli.run import run
from grader.cli.show import show
from grader.cli.validate import validate

COMMANDS: tuple[click.Command, ...] = (
    init,
    new,
    validate,
    release,
    run,
    review,
    show,
    export,
    regrade,
    check,
    doctor,
)
"""All commands, in the order in which the help lists them: that of the work."""


class DefaultsToRun(click.Group):
    """A group in which `grade PATH…` means `grade run PATH…`."""

    command_class = GroupedCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `run` before arguments that start with neither a command nor a group option."""
        if args and not self._knows(args[0], ctx):
            self._refuse_misspelt_command(args[0], ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order in which they are used; called by click."""
        return list(self.commands)

    def _refuse_misspelt_command(self, word: str, ctx: click.Context) -> None:
        """Suggest the command that was meant, if a word is neither a path nor like an option."""
        is_path = os.sep in word or os.path.lexists(word)
        if is_path or word.startswith("-"):
            return
        similar = difflib.get_close_matches(word, self.commands, n=1, cutoff=0.7)
        if similar:
            problem = f"There is no command and no path {word!r}. Did you mean {similar[0]!r}?"
            raise click.UsageError(problem, ctx)

    def _knows(self, word: str, ctx: click.Context) -> bool:
        if word in self.commands:
            return True
        return any(word in parameter.opts for parameter in self.get_params(ctx))


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

    `grade PATH…` is short for `grade run PATH…`. A path that is named like a command is given as
    ./check.

    Exit codes: 0 graded; 1 below --fail-under, or a check failed; 2 usage; 3 a fault of the
    grader's or the instructor's; 4 a check that could check nothing; 5 nothing to grade.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def show_versions(ctx: click.Context) -> None:
    """Print the versions that a bug report should include, and exit."""
    from grader.running.sandbox.bwrap import find_bwrap

    try:
        torch = f"torch {importlib.metadata.version('torch')}"
    except importlib.metadata.PackageNotFoundError:
        torch = "no torch"
    sandbox = "bubblewrap" if find_bwrap() else "no bubblewrap"
    click.echo(f"grade {__version__}")
    click.echo(f"Python {platform.python_version()}, {torch}, {sandbox}")
    ctx.exit()


for command in COMMANDS:
    cli.add_command(command)
