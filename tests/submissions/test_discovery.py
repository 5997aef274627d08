"""Which files below some paths are submissions, and what each is called."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from grader.errors import GraderError, NothingToGrade
from tests.support.ipynb import code, notebook, put
from tests.support.zips import collect


def files(*paths: Path) -> list[str]:
    return [submission.file for submission in collect(*paths).submissions]


def test_notebooks_are_found_in_folders_of_folders_sorted_by_path(tmp_path):
    for name in ("b.ipynb", "a/z.ipynb", "C.IPYNB"):
        put(tmp_path / name, notebook(code()))
    assert ["C.IPYNB", "a/z.ipynb", "b.ipynb"] == files(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        ".ipynb_checkpoints/ana-checkpoint.ipynb",
        "__MACOSX/ana.ipynb",
        "._ana.ipynb",
        ".git/a.ipynb",
    ],
)
def test_what_is_no_submission_is_left_out_of_a_folder(tmp_path, name):
    put(tmp_path / "ana.ipynb", notebook(code()))
    put(tmp_path / name, notebook(code()))
    assert ["ana.ipynb"] == files(tmp_path)


def test_a_folder_without_notebooks_is_one_line_with_advice(tmp_path):
    with pytest.raises(NothingToGrade) as caught:
        collect(tmp_path)
    assert f"There is no notebook in {tmp_path}/. Put the students' .ipynb files there." == str(
        caught.value
    )


def test_a_folder_that_cannot_be_opened_is_not_passed_over(tmp_path, monkeypatch):
    put(tmp_path / "ana.ipynb", notebook(code()))

    def walk(folder, onerror):
        onerror(PermissionError(13, "Permission denied", f"{folder}/beto"))
        return iter(())

    monkeypatch.setattr(os, "walk", walk)
    with pytest.raises(GraderError, match="beto cannot be opened"):
        collect(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    put(tmp_path / "in/ana.ipynb", notebook(code()))
    secret = put(tmp_path / "out/secret.ipynb", notebook(code()))
    (tmp_path / "in/eva.ipynb").symlink_to(secret)
    (tmp_path / "in/folder").symlink_to(secret.parent)
    (tmp_path / "in/loop.ipynb").symlink_to("loop.ipynb")
    assert ["ana.ipynb"] == files(tmp_path / "in")


def test_a_link_to_another_submission_is_not_a_second_one(tmp_path):
    put(tmp_path / "zoe.ipynb", notebook(code()))
    (tmp_path / "ana.ipynb").symlink_to("zoe.ipynb")
    assert ["zoe.ipynb"] == files(tmp_path)


def test_a_file_given_twice_is_read_once(tmp_path):
    path = put(tmp_path / "ana.ipynb", notebook(code()))
    assert ["ana.ipynb"] == files(tmp_path, path)


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path):
    paths = [put(tmp_path / folder / "hw.ipynb", notebook(code())) for folder in ("ana", "beto")]
    assert ["ana/hw.ipynb", "beto/hw.ipynb"] == files(*paths)


def test_an_id_depends_only_on_the_relative_path(tmp_path):
    for folder in ("one", "two"):
        put(tmp_path / folder / "class/ana.ipynb", notebook(code(folder)))
    (first,) = collect(tmp_path / "one").submissions
    (second,) = collect(tmp_path / "two").submissions
    assert hashlib.sha256(b"class/ana.ipynb").hexdigest()[:12] == first.id == second.id


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    put(tmp_path / "a.ipynb", b"{")
    put(tmp_path / "b.ipynb", notebook(code()))
    submissions = collect(tmp_path).submissions
    assert [True, False] == [submission.problem is not None for submission in submissions]


def test_a_link_into_another_students_folder_is_not_their_work(tmp_path):
    put(tmp_path / "in/zoe/hw.ipynb", notebook(code("y = 1")))
    (tmp_path / "in/ana").mkdir()
    (tmp_path / "in/ana/hw.ipynb").symlink_to("../zoe/hw.ipynb")
    (tmp_path / "in/ana/work").symlink_to("../zoe")
    collected = collect(tmp_path / "in")
    assert ["zoe/hw.ipynb"] == [one.file for one in collected.submissions if not one.problem]
    assert ("ana/hw.ipynb", "arrived.link") in {
        (item.file, item.reason.id) for item in collected.left_out
    }


@pytest.mark.parametrize("name", ["data.zip", "ana.ipynb", "notes.txt"])
def test_a_pipe_is_not_opened(tmp_path, name):
    put(tmp_path / "in/beto.ipynb", notebook(code()))
    os.mkfifo(tmp_path / "in" / name)
    collected = collect(tmp_path / "in")
    assert ["beto.ipynb"] == [one.file for one in collected.submissions]
    assert [(name, "arrived.special")] == [
        (item.file, item.reason.id) for item in collected.left_out
    ]


def test_a_pipe_in_place_of_the_folder_is_one_line(tmp_path):
    os.mkfifo(tmp_path / "class.zip")
    with pytest.raises(NothingToGrade, match="is neither a file nor a folder"):
        collect(tmp_path / "class.zip")
