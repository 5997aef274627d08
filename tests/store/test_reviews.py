"""Reviews of an output folder: nothing of what people decided is ever lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.errors import GraderError, OutputInUse
from grader.grading.reviews import Reviews, as_automatic, merge
from grader.store.atomic import try_lock
from grader.store.reviews import read_reviews, save_reviews
from grader.store.store import Store
from tests.support.reports import submission
from tests.support.reviewing import review, reviews


def read_by_a_person(credit: float = 1.0, **more) -> Reviews:
    """Make a review of a question that waits for a person."""
    return reviews(review(as_automatic(submission("Ana Exemplo")), "question-1", credit, **more))


@pytest.fixture
def folder(tmp_path):
    """An output folder that a run holds."""
    with Store(tmp_path / "grades") as store:
        yield store.folder


def test_there_are_no_reviews_in_a_new_folder(folder):
    assert Reviews() == read_reviews(folder)


def test_reviews_are_added_to_those_that_are_there(folder):
    save_reviews(folder, read_by_a_person())
    both = save_reviews(folder, read_by_a_person(0.5, by="Bruno Exemplo"))
    assert (2, both) == (len(both.reviews), read_reviews(folder))


def test_reviews_are_saved_while_a_run_holds_the_folder(folder):
    with pytest.raises(OutputInUse), Store(folder):
        pass
    assert read_by_a_person() == save_reviews(folder, read_by_a_person())


def test_people_who_save_at_the_same_moment_lose_nothing(folder):
    with ThreadPoolExecutor(8) as pool:
        added = [read_by_a_person(by=f"Exemplo {number}") for number in range(24)]
        list(pool.map(lambda each: save_reviews(folder, each), added))
    assert merge(*added) == read_reviews(folder)


def test_a_save_that_was_killed_leaves_the_reviews_before_it(folder):
    save_reviews(folder, read_by_a_person())
    (folder / ".reviews.writing").write_text("{")
    assert read_by_a_person() == read_reviews(folder)
    assert 2 == len(save_reviews(folder, read_by_a_person(by="Bruno Exemplo")).reviews)


def test_reviews_that_somebody_else_writes_for_long_are_said_to_be_in_use(folder, monkeypatch):
    monkeypatch.setattr("grader.store.reviews._WAIT_S", 0.05)
    lock = try_lock(folder / ".reviews.lock")
    with pytest.raises(GraderError, match=r"reviews\.json is being written to"):
        save_reviews(folder, read_by_a_person())
    lock.release()


BROKEN = ["", "{", "[]", '{"reviews": [{"submission": "a"}]}', '{"schema_version": "0.9"}']


@pytest.mark.parametrize("content", BROKEN)
def test_reviews_that_cannot_be_read_are_never_written_over(folder, content):
    (folder / "reviews.json").write_text(content)
    with pytest.raises(GraderError, match="reviews"):
        save_reviews(folder, read_by_a_person())
    assert content == (folder / "reviews.json").read_text()
