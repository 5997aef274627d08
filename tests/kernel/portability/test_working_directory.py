"""The working directory comes back as it was handed in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.kernel.portability.working_directory import WorkingDirectory

TABLE = "a,b\n1,2\n"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a table, and one in a folder."""
    folder = tmp_path / "work"
    (folder / "data").mkdir(parents=True)
    (folder / "iris.csv").write_text(TABLE)
    (folder / "data" / "more.csv").write_text(TABLE)
    monkeypatch.chdir(folder)
    return folder


def listed(folder: Path) -> list[str]:
    """All files and folders below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


AS_LAID = ["data", "data/more.csv", "iris.csv"]


def test_it_knows_the_files_that_were_laid(work):
    assert ("data/more.csv", "iris.csv") == WorkingDirectory(str(work)).names


@pytest.mark.parametrize("content", ["", "\n", None])
def test_a_file_that_is_emptied_or_removed_is_put_back(work, content):
    directory = WorkingDirectory(str(work))
    (work / "iris.csv").unlink()
    if content is not None:
        (work / "iris.csv").write_text(content)
    assert (["iris.csv"], TABLE) == (directory.put_back_lost(), (work / "iris.csv").read_text())


def test_a_file_that_is_written_anew_stays(work):
    directory = WorkingDirectory(str(work))
    (work / "iris.csv").write_text("other")
    assert ([], "other") == (directory.put_back_lost(), (work / "iris.csv").read_text())


def test_a_file_that_was_empty_may_be_empty(work):
    (work / "empty").touch()
    assert [] == WorkingDirectory(str(work)).put_back_lost()


def test_a_run_begins_without_what_was_written(work):
    directory = WorkingDirectory(str(work))
    (work / "model.pt").write_text("1")
    (work / "data" / "cache").write_text("1")
    (work / "runs" / "deep").mkdir(parents=True)
    (work / "runs" / "deep" / "log").write_text("1")
    directory.restore()
    assert AS_LAID == listed(work)


def test_a_run_begins_with_what_was_changed_or_removed(work):
    directory = WorkingDirectory(str(work))
    (work / "iris.csv").write_text("other")
    (work / "data" / "more.csv").unlink()
    (work / "data").rmdir()
    directory.restore()
    assert (AS_LAID, TABLE) == (listed(work), (work / "iris.csv").read_text())


def test_a_file_that_became_a_folder_is_a_file_again(work):
    directory = WorkingDirectory(str(work))
    (work / "iris.csv").unlink()
    (work / "iris.csv").mkdir()
    directory.restore()
    assert TABLE == (work / "iris.csv").read_text()


def test_a_run_begins_in_the_working_directory(work):
    directory = WorkingDirectory(str(work))
    os.chdir(work / "data")
    directory.restore()
    assert work.resolve() == Path.cwd()


def test_the_directory_itself_may_be_gone(work):
    directory = WorkingDirectory(str(work))
    os.chdir(work.parent)
    work.rename(work.parent / "moved")
    directory.restore()
    assert AS_LAID == listed(work)


def test_a_link_is_removed_and_never_followed(work, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("1")
    directory = WorkingDirectory(str(work))
    (work / "link").symlink_to(outside)
    (work / "iris.csv").unlink()
    (work / "iris.csv").symlink_to(outside / "kept")
    directory.restore()
    assert (AS_LAID, TABLE, "1") == (
        listed(work),
        (work / "iris.csv").read_text(),
        (outside / "kept").read_text(),
    )


def test_originals_that_nothing_can_change_are_not_kept_in_memory(work, tmp_path):
    originals = tmp_path / "in"
    (originals / "data").mkdir(parents=True)
    for name in ("iris.csv", "data/more.csv"):
        (originals / name).write_text(TABLE)
    directory = WorkingDirectory(str(work), str(originals))
    (work / "iris.csv").write_text("")
    assert (["iris.csv"], TABLE) == (directory.put_back_lost(), (work / "iris.csv").read_text())


def test_other_folders_lose_what_a_notebook_put_there(work, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "before").write_text("1")
    directory = WorkingDirectory(str(work), others=[str(home)])
    for name in ("model.pt", ".cache", "tmpab12cd34"):
        (home / name).write_text("1")
    directory.restore()
    assert [".cache", "before", "tmpab12cd34"] == listed(home)
