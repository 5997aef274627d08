"""Split an exercise that asks for a figure and for words about it into two. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.names import split_points
from grader.authoring.drafting.proposals.plots import ASKS_FOR_A_FIGURE, ASKS_FOR_WORDS
from grader.authoring.drafting.readers.answered_texts import asked_in_words
from grader.authoring.drafting.solved import Task
from grader.notebook.folding import fold_words


def split_explained(tasks: Sequence[Task]) -> Iterator[Task]:
    """Yield the exercises of a notebook, with a separate one for words about a figure.

    Where the solved notebook has such words, they are one already.
    """
    for task in tasks:
        if not _asks_for_both(task):
            yield task
        elif _has_words(task, tasks):
            yield replace(task, is_explained_apart=True)
        else:
            yield from _split(task)


def _asks_for_both(task: Task) -> bool:
    if task.question or task.marked or task.is_manual:
        return False
    words = fold_words(task.words)
    asks_for_figure = re.search(ASKS_FOR_A_FIGURE, words) is not None
    if not asks_for_figure:
        return False
    return re.search(ASKS_FOR_WORDS, words) is not None


def _has_words(task: Task, tasks: Sequence[Task]) -> bool:
    """Return whether another exercise of the same section is answered in words."""
    for other in tasks:
        if other.question and other.words and task.words.startswith(other.words):
            return True
    return False


def _split(task: Task) -> Iterator[Task]:
    asked = asked_in_words(task.words)
    if not asked:
        yield task
        return
    points = task.points
    if points is None:
        _, points = split_points(task.title)
    half = None if points is None else points / 2
    yield replace(task, points=half, is_explained_apart=True)
    title, _ = split_points(asked)
    yield replace(task, title=title, points=half, is_manual=True)
