"""The output folder: what is written comes back whole, and nothing else is touched."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from pydantic import BaseModel

from grader.errors import GraderError, OutputInUse
from grader.grading.reviews import as_automatic
from grader.report import (
    CheckResult,
    ExerciseResult,
    GraderInfo,
    Message,
    Report,
    SubmissionResult,
    Summary,
)
from grader.store.atomic import TEMPORARY
from grader.store.reviews import save_reviews
from grader.store.store import Store, StoredTrace, read_report
from grader.trace import CodeCell, Event, Number, Run, Trace
from tests.store.test_reviews import read_by_a_person
from tests.support.reports import report as class_report
from tests.support.reports import submission

ID = "0123456789ab"


class Expected(BaseModel):
    value: float


def trace(value: float = -28.0) -> Trace:
    event = Event(run="base", kind="value", cell=0, values={"w": Number(value=value)})
    return Trace(cells=(CodeCell(cell=0, source="w"),), runs=(Run(label="base", events=(event,)),))


def result(submission_id: str = ID, file: str = "ana.ipynb", **fields) -> SubmissionResult:
    return SubmissionResult(
        id=submission_id,
        student="ana",
        file=file,
        sha256="",
        status="graded",
        assignment="autograd",
        **fields,
    )


def report(created: str = "2024-01-01T00:00:00Z", *submissions: SubmissionResult) -> Report:
    info = GraderInfo(version="0", python="3", torch="2", sandbox="none", threads=1)
    return Report(
        grader=info,
        created=created,
        seconds=1.0,
        assignments=(),
        summary=Summary(),
        submissions=submissions,
    )


def stored_result(folder: Path, submission_id: str = ID) -> SubmissionResult:
    path = folder / f"results/{submission_id}.json"
    return SubmissionResult.model_validate_json(path.read_bytes())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "grades"


@pytest.fixture
def store(folder):
    with Store(folder) as store:
        yield store


# Writing and reading


def test_what_a_student_wrote_steers_no_terminal_that_shows_the_file(store):
    name = "\x1b[2J \x9b2J \u202egnp.exe \u2066 \u200f \u2028 fim"
    path = store.write_report(report("now", result(file=name)))
    signs = {sign for sign in path.read_text("utf-8") if sign != "\n"}
    assert set() == {
        sign for sign in signs if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")
    }
    assert name == store.read_report().submissions[0].file


def test_a_report_comes_back_as_it_was_written(store, folder):
    written = report("now", result(points=7.5))
    assert folder / "report.json" == store.write_report(written)
    assert written == store.read_report() == read_report(folder)


def test_the_report_before_is_kept_beside_the_new_one(store, folder):
    store.write_report(report("first"))
    store.write_report(report("second"))
    previous = Report.model_validate_json((folder / "report.previous.json").read_bytes())
    assert ("first", "second") == (previous.created, read_report(folder).created)


def test_a_broken_report_does_not_take_the_place_of_the_previous_one(store, folder):
    store.write_report(report("first"))
    store.write_report(report("second"))
    (folder / "report.json").write_text("{")
    store.write_report(report("third"))
    assert "first" == json.loads((folder / "report.previous.json").read_text())["created"]


def test_there_is_no_report_in_a_new_folder(store):
    assert store.read_report() is None


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00", '{"schema_version": "1.0"}'])
def test_a_broken_report_counts_as_none(store, folder, content):
    (folder / "report.json").write_text(content)
    assert store.read_report() is None


def test_a_report_of_another_schema_version_counts_as_none(store):
    store.write_report(report().model_copy(update={"schema_version": "0.9"}))
    assert store.read_report() is None


def test_asking_for_a_report_that_is_not_there_says_what_to_do(folder):
    with pytest.raises(GraderError) as caught:
        read_report(folder)
    assert "Grade first, or give the folder it is in." == caught.value.advice


@pytest.mark.parametrize("content", ["{", '{"schema_version": "0.9"}'])
def test_asking_for_a_report_that_cannot_be_read_says_what_to_do(store, folder, content):
    (folder / "report.json").write_text(content)
    with pytest.raises(GraderError) as caught:
        read_report(folder)
    assert "Grade again." == caught.value.advice


def test_asking_for_a_report_of_another_version_names_both(store, folder):
    store.write_report(report().model_copy(update={"schema_version": "0.9"}))
    with pytest.raises(GraderError, match=r"has schema version 0\.9; this version reads 1\.0"):
        read_report(folder)


def test_a_trace_comes_back_as_it_was_written(store):
    store.write_trace(ID, "key", trace(float("inf")))
    assert trace(float("inf")) == store.read_trace(ID).trace


def test_a_nan_in_a_trace_comes_back(store):
    store.write_trace(ID, "key", trace(float("nan")))
    stored = store.read_trace(ID)
    assert "nan" == str(stored.trace.base.events[0].values["w"].value)


def test_a_trace_comes_back_with_its_key_and_what_its_writer_noted(store):
    store.write_trace(ID, "key", trace(), {"student": "ana", "cells": [1, None]})
    about = {"student": "ana", "cells": [1, None]}
    assert StoredTrace(key="key", trace=trace(), about=about) == store.read_trace(ID)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        gzip.compress(b"{", mtime=0),
        gzip.compress(b"{}", mtime=0)[:-3],
        b"\x1f\x8b\x08\x00" + b"\xff" * 40,
    ],
)
def test_a_broken_trace_counts_as_none(store, folder, content):
    (folder / f"traces/{ID}.json.gz").write_bytes(content)
    assert store.read_trace(ID) is None


def test_the_same_trace_gives_the_same_bytes(store, folder):
    contents = set()
    for _ in range(2):
        store.write_trace(ID, "key", trace())
        contents.add((folder / f"traces/{ID}.json.gz").read_bytes())
    assert 1 == len(contents)


def test_a_result_comes_back_as_it_was_written(store, folder):
    store.write_result(result())
    assert result() == stored_result(folder)


def test_a_nan_in_a_message_can_be_read_again(store, folder):
    message = Message(id="value.change", params={"change": float("nan"), "after": float("-inf")})
    exercise = ExerciseResult(
        id="w", title="w", status="failed", points=0, max_points=1, automatic=True, credit=0,
        checks=(CheckResult(check="value", message=message),),
    )  # fmt: skip
    store.write_result(result(exercises=(exercise,)))
    params = stored_result(folder).exercises[0].checks[0].message.params
    assert {"change": "NaN", "after": "-Infinity"} == params


def test_a_lone_surrogate_that_a_student_printed_can_be_written(store, folder):
    store.write_result(result(reason=Message(id="x", params={"error": "a\ud83db"})))
    assert {"error": "a\ufffdb"} == stored_result(folder).reason.params


def test_the_report_is_text_that_a_person_can_read(store, folder):
    store.write_report(report("é"))
    assert '\n  "created": "é",\n' in (folder / "report.json").read_text("utf-8")


def test_expected_values_come_back(store):
    store.write_private("autograd", Expected(value=-28))
    assert Expected(value=-28) == store.read_private("autograd", Expected)


def test_expected_values_of_another_kind_count_as_none(store):
    store.write_private("autograd", Expected(value=-28))
    assert store.read_private("autograd", StoredTrace) is None


def test_guarantee_only_the_owner_may_open_the_folder_of_expected_values(folder):
    (folder / "private").mkdir(parents=True, mode=0o755)
    (folder / ".lock").touch()
    with Store(folder):
        assert 0o700 == stat.S_IMODE((folder / "private").stat().st_mode)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "", ".", "A", "a_b", "a\n", "x" * 101, "a--b", "ä"]
)
def test_guarantee_no_name_leads_out_of_the_folder(store, name):
    with pytest.raises(ValueError, match="not a name"):
        store.write_private(name, Expected(value=1))


# Attempts


def test_attempts_that_did_not_end_are_counted_over_runs(folder):
    counts = []
    for _ in range(3):
        with Store(folder) as store:
            counts.append(store.note_attempt(ID, "key"))
    assert [0, 1, 2] == counts


def test_attempts_with_another_key_do_not_count(store):
    store.note_attempt(ID, "old")
    assert 0 == store.note_attempt(ID, "new")


def test_an_attempt_that_ended_does_not_count(store):
    store.note_attempt(ID, "key")
    store.clear_attempt(ID)
    store.clear_attempt(ID)
    assert 0 == store.note_attempt(ID, "key")


# One run at a time, in the grader's own folder


def test_a_folder_that_another_run_holds_is_in_use(store, folder):
    with pytest.raises(OutputInUse) as caught, Store(folder):
        pass
    assert f"Another run is writing to {folder}/. Wait for its end, or give another --out." == str(
        caught.value
    )


def test_a_folder_is_free_again_after_the_run(folder):
    with Store(folder):
        pass
    with Store(folder) as store:
        assert folder == store.folder


def test_the_lock_file_stays_after_the_run(folder):
    with Store(folder):
        pass
    assert (folder / ".lock").is_file()


def test_a_run_that_was_refused_does_not_free_the_folder(store, folder):
    for _ in range(2):
        with pytest.raises(OutputInUse), Store(folder):
            pass


def test_a_folder_of_someone_elses_files_is_refused_and_left_alone(folder):
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious")
    with pytest.raises(GraderError, match="not the grader's"), Store(folder):
        pass
    assert ["thesis.tex"] == [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("name", [".gitkeep", ".DS_Store"])
def test_a_folder_that_looks_empty_is_taken(folder, name):
    folder.mkdir()
    (folder / name).touch()
    with Store(folder):
        assert (folder / "traces").is_dir()


def test_a_file_in_place_of_the_folder_is_one_line(folder):
    folder.touch()
    with pytest.raises(GraderError, match="is a file"), Store(folder):
        pass


def test_a_folder_that_cannot_be_made_is_one_line(folder, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with (
        pytest.raises(GraderError, match=r"cannot be written \(Permission denied\)"),
        Store(folder),
    ):
        pass


# A run that is killed


def fail(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_crash_before_the_replace_leaves_the_old_file_whole(store, folder, monkeypatch, step):
    store.write_report(report("first"))
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(GraderError, match="No space left on device"):
        store.write_report(report("second"))
    assert "first" == read_report(folder).created


def test_a_write_that_failed_leaves_nothing_behind(store, folder, monkeypatch):
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(GraderError):
        store.write_result(result())
    assert [] == list((folder / "results").iterdir())


def test_the_new_bytes_are_on_the_disk_before_they_take_the_old_ones_place(store, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, name=name, real=real: (calls.append(name), real(*a))[1]
        )
    store.write_result(result())
    assert ["fsync", "replace", "fsync"] == calls


@pytest.mark.parametrize("place", ["", "traces", "results", "private", "attempts"])
def test_what_a_killed_run_left_half_written_is_swept(folder, place):
    with Store(folder):
        leftover = folder / place / f"{TEMPORARY}0123"
        leftover.write_text("half")
    with Store(folder):
        assert not leftover.exists()


def test_what_a_finished_run_wrote_is_not_swept(folder):
    with Store(folder) as store:
        store.write_trace(ID, "key", trace())
    with Store(folder) as store:
        assert trace() == store.read_trace(ID).trace


ENDLESS = """
import sys
from pathlib import Path
from grader.store.store import Store
from tests.store.test_store import report
with Store(Path(sys.argv[1])) as store:
    for number in range(10**9):
        store.write_report(report(str(number)))
        print(number, flush=True)
"""


def test_guarantee_a_run_killed_while_it_writes_leaves_a_whole_report_and_a_free_folder(folder):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", ENDLESS, str(folder)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as child:
        written = [child.stdout.readline() for _ in range(5)]
        child.kill()
    with Store(folder) as store:
        assert int(store.read_report().created) >= int(written[-1])


# The reviews of the folder


def test_a_run_does_not_begin_where_reviews_cannot_be_read(folder):
    with Store(folder):
        (folder / "reviews.json").write_text("{")
    with pytest.raises(GraderError) as caught, Store(folder):
        pass
    assert "Mend the file, or move it elsewhere: nothing is written over it." == caught.value.advice


def test_a_folder_whose_reviews_were_mended_can_be_used_at_once(folder):
    with Store(folder):
        (folder / "reviews.json").write_text("{")
    with pytest.raises(GraderError), Store(folder):
        pass
    (folder / "reviews.json").unlink()
    with Store(folder) as store:
        assert store.read_report() is None


def test_a_folder_of_reviews_alone_is_the_graders(folder):
    folder.mkdir()
    (folder / "reviews.json").write_text(read_by_a_person().model_dump_json())
    with Store(folder) as store:
        assert store.read_report() is None


def test_a_report_is_read_with_the_reviews_that_came_after_it(store, folder):
    store.write_report(class_report(submission("Ana Exemplo")))
    save_reviews(folder, read_by_a_person())
    assert [(11.0, 11.0)] == [
        (ana.points, ana.max_points) for ana in read_report(folder).submissions
    ]
    assert read_report(folder) == store.read_report()


def test_reviews_that_are_withdrawn_leave_a_report_that_had_them(store, folder):
    save_reviews(folder, read_by_a_person())
    store.write_report(store.settled(class_report(submission("Ana Exemplo"))))
    save_reviews(folder, read_by_a_person(at=2, withdrawn=True))
    assert [10.0] == [ana.points for ana in read_report(folder).submissions]


def test_bringing_reviews_into_a_report_keeps_the_one_before_it(store, folder):
    store.write_report(report("first"))
    store.write_report(class_report(submission("Ana Exemplo")))
    save_reviews(folder, read_by_a_person())
    store.rewrite_report()
    assert 11.0 == json.loads((folder / "report.json").read_text())["submissions"][0]["points"]
    assert "first" == json.loads((folder / "report.previous.json").read_text())["created"]


def test_results_stay_automatic_and_reviews_outlive_a_run(store, folder):
    save_reviews(folder, read_by_a_person())
    before = (folder / "reviews.json").read_bytes()
    store.write_result(as_automatic(submission("Ana Exemplo")))
    store.write_report(store.settled(class_report(submission("Ana Exemplo"))))
    assert before == (folder / "reviews.json").read_bytes()
    assert 10.0 == stored_result(folder, submission("Ana Exemplo").id).points
