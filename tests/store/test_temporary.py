"""Temporary folders: removed by their owner, or by a later run once the owner is gone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from grader.store.temporary import PREFIX, YOUNG_S, OwnFolder, own_folder, sweep

DIES = """
import os, sys
from grader.store.temporary import OwnFolder
OwnFolder(sys.argv[1])
os._exit(9)
"""


def test_a_folder_is_its_owners_alone(tmp_path):
    folder = OwnFolder(str(tmp_path))
    assert 0o700 == folder.path.stat().st_mode & 0o777


def test_a_folder_is_removed_with_what_is_in_it(tmp_path):
    folder = OwnFolder(str(tmp_path))
    (folder.path / "a/b").mkdir(parents=True)
    folder.remove()
    folder.remove()
    assert [] == list(tmp_path.iterdir())


def test_a_folder_of_a_with_statement_is_gone_after_it_also_after_an_error():
    with contextlib.suppress(ValueError), own_folder() as folder:
        was_there = folder.is_dir()
        raise ValueError
    assert (True, False) == (was_there, folder.exists())


def test_a_folder_whose_owner_lives_is_left_alone(tmp_path):
    folder = OwnFolder(str(tmp_path))
    assert ((), True) == (sweep(str(tmp_path)), folder.path.is_dir())


def test_a_folder_whose_owner_was_killed_is_removed(tmp_path):
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    (folder,) = tmp_path.iterdir()
    assert ((folder.name,), []) == (sweep(str(tmp_path)), list(tmp_path.iterdir()))


def test_a_folder_that_was_left_is_swept(tmp_path):
    folder = OwnFolder(str(tmp_path))
    folder.leave()
    assert (folder.path.name,) == sweep(str(tmp_path))


def test_a_folder_stays_for_another_time_while_something_of_its_name_cannot_be_removed(tmp_path):
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    assert ((), 1) == (sweep(str(tmp_path), lambda _: False), len(list(tmp_path.iterdir())))


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    (tmp_path / f"{PREFIX}holiday").mkdir()
    (tmp_path / f"{PREFIX}holiday/photo.jpg").write_text("")
    (tmp_path / f"{PREFIX}file").write_text("")
    assert ((), 2) == (sweep(str(tmp_path)), len(list(tmp_path.iterdir())))


def test_an_empty_folder_is_removed_once_it_is_old(tmp_path):
    folder = tmp_path / f"{PREFIX}new"
    folder.mkdir()
    assert () == sweep(str(tmp_path))
    os.utime(folder, (time.time() - 2 * YOUNG_S,) * 2)
    assert (folder.name,) == sweep(str(tmp_path))


def test_a_link_is_not_followed(tmp_path):
    elsewhere: Path = OwnFolder(str(tmp_path)).path
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / f"{PREFIX}link").symlink_to(elsewhere)
    assert ((), True) == (sweep(str(inside)), elsewhere.is_dir())
