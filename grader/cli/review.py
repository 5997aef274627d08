"""The command `review`: read answers and override scores on a page.

`--merge` combines the decisions of several people, and opens no page.
"""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, options
from grader.cli.exit import guarded
from grader.messages import Language, word
from grader.outputs.wording import language_of

if TYPE_CHECKING:
    from grader.grading.reviews import Reviews
    from grader.report import Report
    from grader.review.service import ReviewService
    from grader.settings import Settings
    from grader.store.store import Store

MERGE = (
    "Merge another reviews.json, or that of another folder, and list disagreements; opens no page."
)
AS = "Your name as a reviewer.  [default: your login name]"
PORT = "Port of this machine; by default any free one."


@click.command(cls=options.GroupedCommand)
@click.argument("folder", default="grades", type=click.Path(path_type=Path))
@options.option("--merge", metavar="FILE", type=click.Path(path_type=Path), help=MERGE)
@options.option("--as", "by", metavar="NAME", help=AS)
@options.option("--port", metavar="N", type=click.IntRange(0, 65535), default=0, help=PORT)
@options.option("--no-browser", is_flag=True, help="Only print the address of the page.")
@options.folders
@options.language
@guarded
def review(
    folder: Path, merge: Path | None, by: str | None, port: int, no_browser: bool, **given: Any
) -> None:
    """Read answers, settle flags and override scores.

    Opens a page that only this machine can reach. Every change is saved at once, in
    FOLDER/reviews.json. End the page with its button, or with Ctrl-C.
    """
    from grader.store.store import read_report

    report = read_report(folder)
    language = language_of(report, given["language"])
    if merge is not None:
        _merge(folder, merge, report, language)
        _finish(folder, given["language"])
        return
    if not report.submissions:
        console.tell("review-nothing", language)
        return

    reviewer = _reviewer(by)
    settings = options.settings_of({"out": folder, **given})
    service = _make_service(folder, reviewer, settings, language)
    _serve(service, language, port, open_browser=not no_browser)
    is_written = _finish(folder, given["language"])
    _say(word("review-ended" if is_written else "review-ended-held", language, folder=folder))


def _reviewer(name: str | None) -> str:
    """Return the reviewer's name: the given one, or else the login name.

    Raises:
        click.UsageError: no name is given, and the machine does not know one either.
    """
    try:
        reviewer = (getpass.getuser() if name is None else name).strip()
    except (OSError, KeyError, ImportError):
        reviewer = ""
    if not 0 < len(reviewer) <= 100:
        raise click.UsageError("Say who decides with --as NAME, in 1 to 100 characters.")
    return reviewer


def _make_service(
    folder: Path,
    reviewer: str,
    settings: Settings,
    language: Language,
) -> ReviewService:
    from grader.review.service import ReviewService

    return ReviewService(folder, reviewer, settings, language)


def _serve(
    service: ReviewService,
    language: Language,
    port: int,
    *,
    open_browser: bool,
) -> None:
    """Print pending items and the page's address, and serve the page until it is finished."""
    from grader.review.queue import count_waiting
    from grader.review.server import ReviewServer

    server = ReviewServer(service, port)
    unread, unchecked = count_waiting(service.report())
    if unread or unchecked:
        _say(word("review-waiting", language, unread=unread, unseen=unchecked))
    else:
        _say(word("review-none-waiting", language))

    with suppress(KeyboardInterrupt):
        _say(word("review-open", language, url=server.gate.url))
        if open_browser and _has_screen():
            webbrowser.open(server.gate.url)
        server.run()


def _finish(folder: Path, asked: Language | None) -> bool:
    """Update the report and the pages.

    Returns:
        False if another run holds the folder: that run does it.
    """
    from grader.outputs.pages.write import write_pages
    from grader.review.service import finish

    def render(store: Store, report: Report) -> None:
        with console.progress() as progress:
            write_pages(store, report, asked, progress)

    return finish(folder, render)


def _has_screen() -> bool:
    """Return whether a graphical browser could open; a text browser would block the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _merge(
    folder: Path,
    other: Path,
    report: Report,
    language: Language,
) -> None:
    """Merge the decisions of others; entries that disagree are both kept."""
    from grader.store.reviews import REVIEWS, read_reviews, read_reviews_file, save_reviews

    their_file = other
    if other.is_dir():
        their_file = other / REVIEWS
    theirs = read_reviews_file(their_file)
    before = read_reviews(folder)
    merged = save_reviews(folder, theirs)

    added = set(merged.reviews) - set(before.reviews)
    _say(word("review-merged", language, count=len(added)))

    known = {submission.id for submission in report.submissions}
    unknown = {review.submission for review in theirs.reviews} - known
    if unknown:
        _say(word("review-strangers", language, count=len(unknown)))
    _show_conflicts(merged, report, language)


def _show_conflicts(
    reviews: Reviews,
    report: Report,
    language: Language,
) -> None:
    from grader.grading.reviews import conflicts
    from grader.outputs.terminal.review import conflicts_view

    console.show(conflicts_view(conflicts(reviews), report, language))


def _say(line: str) -> None:
    from grader.outputs.safe_text import plain

    click.echo(plain(line))
