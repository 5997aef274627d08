"""The command `init`: create the folder of a new course."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import console, options
from grader.cli.exit import guarded
from grader.messages import LANGUAGES, Language
from grader.outputs.terminal.course import course_view

EXAMPLE = "Put a small assignment in English with five submissions into it, to try it out."


@click.command(cls=options.GroupedCommand)
@click.argument("folder", type=options.FOLDER)
@options.option("--example", is_flag=True, help=EXAMPLE)
@options.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of its README and of the output.",
)
@guarded
def init(folder: Path, language: Language, *, example: bool) -> None:
    """Create the folder of a course.

    It has folders for assignments, references and submissions, a README, requirements.txt and a
    workflow for GitHub. Existing files stay as they are.
    """
    from grader.authoring.course import create_course

    course = create_course(folder, language, example=example)
    view = course_view(course.folder, course.written, course.kept, language, example=example)
    console.show(view)
