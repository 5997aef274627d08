"""`grade review`: answers are read and scores overridden on a page; or what several people decided is merged."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import options, screen
from grader.cli.exit import guarded
from grader.messages import Language, word
from grader.outputs.wording import language_of

if TYPE_CHECKING:
    from grader.grading.reviews import Reviews
    from grader.report import Report

MERGE = (
    "Take in another reviews.json, or that of another folder, list disagreements, and open no page."
)
AS = "Who decides.  [default: your login name]"
PORT = "Port of this machine; any that is free if not given."


@click.command(cls=options.GroupedCommand)
@click.argument("folder", default="grades", type=click.Path(path_type=Path))
@options.option("--merge", metavar="FILE", type=click.Path(path_type=Path), help=MERGE)
@options.option("--as", "by", metavar="NAME", help=AS)
@options.option("--port", metavar="N", type=click.IntRange(0, 65535), default=0, help=PORT)
@options.option("--no-browser", is_flag=True, help="Only say the address of the page.")
@options.folders
@options.language
@guarded
def review(
    folder: Path, merge: Path | None, by: str | None, port: int, no_browser: bool, **given: Any
) -> None:
    """Read answers, settle flags and override scores, on a page of this machine only.

    What is decided is saved at every change, in FOLDER/reviews.json. The page ends with its button, or with Ctrl-C.
    """
    from grader.store.store import read_report

    report = read_report(folder)
    language = language_of(report, given["language"])
    if merge is not None:
        _merge(folder, merge, report, language)
        _finish(folder, given["language"])
        return
    if not report.submissions:
        screen.tell("review-nothing", language)
        return
    _open(folder, _name(by), port, given, language, browser=not no_browser)


def _name(given: str | None) -> str:
    """Who decides.

    Raises:
        click.UsageError: nobody is named, and the machine does not know either.
    """
    try:
        name = (given if given is not None else getpass.getuser()).strip()
    except (OSError, KeyError, ImportError):
        name = ""
    if not 0 < len(name) <= 100:
        raise click.UsageError("Say who decides with --as NAME, in 1 to 100 characters.")
    return name


def _open(
    folder: Path, by: str, port: int, given: dict[str, Any], language: Language, *, browser: bool
) -> None:
    from grader.review.queue import waiting
    from grader.review.server import Reviewing
    from grader.review.service import ReviewService

    desk = ReviewService(folder, by, options.settings_of({"out": folder, **given}), language)
    reviewing = Reviewing(desk, port)
    unread, unseen = waiting(desk.report())
    counts = word("review-waiting", language, unread=unread, unseen=unseen)
    _say(counts if unread or unseen else word("review-none-waiting", language))
    with suppress(KeyboardInterrupt):
        _say(word("review-open", language, url=reviewing.gate.url))
        if browser and _has_screen():
            webbrowser.open(reviewing.gate.url)
        reviewing.run()
    done = _finish(folder, given["language"])
    _say(word("review-ended" if done else "review-ended-held", language, folder=folder))


def _finish(folder: Path, asked: Language | None) -> bool:
    """Bring report and pages up to date; not where another run holds the folder, which will do it."""
    from grader.outputs.pages.write import write_pages
    from grader.review.service import finish

    if not finish(folder):
        return False
    with screen.progress() as progress:
        write_pages(folder, asked, progress)
    return True


def _has_screen() -> bool:
    """Whether a browser would have a window; without one, a browser of text would take the terminal."""
    return sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def _merge(folder: Path, file: Path, report: Report, language: Language) -> None:
    """Take in what others decided; both files' entries stay, and nothing is chosen where they disagree."""
    from grader.store.store import REVIEWS, read_reviews, read_reviews_file, save_reviews

    theirs = read_reviews_file(file / REVIEWS if file.is_dir() else file)
    before = read_reviews(folder)
    together = save_reviews(folder, theirs)
    added = len(set(together.reviews) - set(before.reviews))
    known = {submission.id for submission in report.submissions}
    strangers = {one.submission for one in theirs.reviews} - known
    _say(word("review-merged", language, count=added))
    if strangers:
        _say(word("review-strangers", language, count=len(strangers)))
    _show_conflicts(together, report, language)


def _show_conflicts(reviews: Reviews, report: Report, language: Language) -> None:
    from grader.grading.reviews import conflicts
    from grader.outputs.terminal.review import conflicts_view

    screen.show(conflicts_view(conflicts(reviews), report, language))


def _say(line: str) -> None:
    from grader.outputs.safe_text import plain

    click.echo(plain(line))
