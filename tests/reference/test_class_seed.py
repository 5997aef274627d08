"""The seed of a class: made once, kept in private, and secret."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.reference.class_seed import SEED_FILE, VARIABLE, ClassSeed, class_seed, is_lost
from grader.reference.records import StoredReference
from grader.store.store import Store

GIVEN = "given by the environment"


@pytest.fixture(autouse=True)
def _no_seed_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)


def test_a_seed_is_made_once_for_an_output_folder(out: Path, tmp_path: Path) -> None:
    with Store(out) as store:
        first = class_seed(store)
    with Store(out) as store:
        assert first == class_seed(store)
    with Store(tmp_path / "another") as store:
        assert first != class_seed(store)


def test_nobody_else_may_read_it(out: Path) -> None:
    with Store(out) as store:
        class_seed(store)
    assert 0o600 == stat.S_IMODE((out / SEED_FILE).stat().st_mode)


def test_a_lost_seed_is_made_anew(out: Path) -> None:
    with Store(out) as store:
        first = class_seed(store)
        (out / SEED_FILE).write_text("")
        second = class_seed(store)
        assert first != second == class_seed(store)


def test_a_seed_is_lost_where_numbers_were_drawn_from_one(out: Path) -> None:
    with Store(out) as store:
        assert not is_lost(store)
        class_seed(store)
        store.write_private("reference-lines", StoredReference.model_construct(drawn_from="1a2b"))
        assert not is_lost(store)
        (out / SEED_FILE).unlink()
        assert is_lost(store)


def test_nothing_is_lost_where_nothing_was_drawn(out: Path) -> None:
    with Store(out) as store:
        store.write_private("reference-lines", StoredReference.model_construct(drawn_from=""))
        assert not is_lost(store)


def test_without_an_open_folder_the_seed_of_a_closed_one_is_read(out: Path) -> None:
    with Store(out) as store:
        kept = class_seed(store)
    assert kept == class_seed(None, out)
    assert class_seed(None) != class_seed(None)


def test_the_environment_gives_another_seed_which_is_not_kept(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, GIVEN)
    with Store(out) as store:
        assert ClassSeed(GIVEN) == class_seed(store)
    assert not (out / SEED_FILE).exists()


def test_a_seed_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "2026")
    with pytest.raises(GraderError, match="fewer than 16 characters"):
        class_seed(None)


def test_an_empty_variable_gives_no_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    assert class_seed(None) != class_seed(None)


def test_what_is_derived_is_the_same_each_time_and_shows_nothing_of_the_seed() -> None:
    seed = ClassSeed(GIVEN)
    assert seed.number("x", 1) == seed.number("x", 1)
    assert seed.number("x", 1) != seed.number("x", 2) != ClassSeed("another").number("x", 2)
    assert GIVEN not in f"{seed!r} {seed.digest}"
