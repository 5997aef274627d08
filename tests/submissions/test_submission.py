"""What was handed in: which files, what is in them, what is wrong with them, and which assignment it is."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from pathlib import Path

import nbformat
import pytest

from grader.assignment import Assignment, Exercise
from grader.errors import GraderError, NothingToGrade
from grader.notebook.cells import NotebookCell
from grader.notebook.format import MAX_SAVED_OUTPUT
from grader.notebook.headings import heading_above
from grader.settings import Limits
from grader.submissions.identify import code_cells, identify, is_unchanged
from grader.submissions.submission import MAX_NOTEBOOK_MIB, Submission, find_submissions

PYTHON = {
    "kernelspec": {"name": "python3", "language": "python"},
    "language_info": {"name": "python"},
}


def code(source="w = 1", **fields):
    cell = {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return cell | fields


def markdown(source="# Title"):
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def notebook(*cells, **fields):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": PYTHON, "cells": list(cells)} | fields


def put(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return path


@pytest.fixture
def read(tmp_path):
    """Read one file of some content."""

    def read(content: object, name: str = "ana.ipynb") -> Submission:
        (submission,) = find_submissions([put(tmp_path / name, content)])
        return submission

    return read


def problem(submission: Submission) -> tuple[str | None, str, dict[str, object]]:
    assert submission.problem is not None
    return submission.problem_status, submission.problem.id, dict(submission.problem.params)


def files(*paths: Path) -> list[str]:
    return [submission.file for submission in find_submissions(paths)]


def assignment(*cells: NotebookCell, name="autograd") -> Assignment:
    exercise = Exercise(id="w", title="w", points=1, check="value")
    return Assignment(
        name=name,
        folder=Path(name),
        title=name,
        language="pt",
        limits=Limits(),
        exercises=(exercise,),
        handout=cells,
        version="1",
    )


def cell(source: str, kind="code") -> NotebookCell:
    return NotebookCell(kind=kind, source=source)


# Which files


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


def test_a_file_given_by_name_that_is_no_notebook_is_a_wrong_file(read):
    assert ("wrong_file", "wrong-file.not-a-notebook", {}) == problem(
        read(b"# Read me", "README.md")
    )


def test_a_notebook_given_by_name_may_have_any_ending(read):
    assert read(notebook(code()), "ana.ipynb.txt").problem is None


def test_a_path_that_is_not_there_is_one_line_with_advice(tmp_path):
    with pytest.raises(NothingToGrade) as caught:
        find_submissions([tmp_path / "nowhere"])
    assert f"There is no {tmp_path}/nowhere. Check the path." == str(caught.value)


def test_a_folder_without_notebooks_is_one_line_with_advice(tmp_path):
    with pytest.raises(NothingToGrade) as caught:
        find_submissions([tmp_path])
    assert f"There is no notebook in {tmp_path}/. Put the students' .ipynb files there." == str(
        caught.value
    )


def test_a_zip_has_to_be_unpacked(tmp_path):
    with pytest.raises(NothingToGrade, match="Unpack it first"):
        find_submissions([put(tmp_path / "class.zip", b"PK")])


def test_a_folder_of_zips_has_to_be_unpacked(tmp_path):
    put(tmp_path / "class.zip", b"PK")
    with pytest.raises(NothingToGrade, match="unpack them first"):
        find_submissions([tmp_path])


def test_a_folder_that_cannot_be_opened_is_not_passed_over(tmp_path, monkeypatch):
    put(tmp_path / "ana.ipynb", notebook(code()))

    def walk(folder, onerror):
        onerror(PermissionError(13, "Permission denied", f"{folder}/beto"))
        return iter(())

    monkeypatch.setattr(os, "walk", walk)
    with pytest.raises(GraderError, match="beto cannot be opened"):
        find_submissions([tmp_path])


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


# Whose it is


def test_an_id_depends_only_on_the_relative_path(tmp_path):
    for place in ("one", "two"):
        put(tmp_path / place / "class/ana.ipynb", notebook(code(place)))
    first, second = (find_submissions([tmp_path / place])[0].id for place in ("one", "two"))
    assert hashlib.sha256(b"class/ana.ipynb").hexdigest()[:12] == first == second


def test_the_student_is_the_files_name(read):
    assert "Ana_Souza (1)" == read(notebook(code()), "Ana_Souza (1).ipynb").student


@pytest.mark.parametrize(
    "name", ["a\x1b[31mna.ipynb", "a\u202ena.ipynb", "a\nna.ipynb", "a\x07n\u200ba.ipynb"]
)
def test_a_name_cannot_act_on_the_terminal(read, name):
    submission = read(notebook(code()), name)
    assert ("ana", "ana.ipynb") == (submission.student, submission.file)


def test_a_name_that_is_not_utf8_can_be_shown_and_written(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/jos\xe9.ipynb"))
    (submission,) = find_submissions([put(path, notebook(code()))])
    assert "jos\ufffd" == submission.student


def test_a_name_of_nothing_visible_becomes_the_id(read):
    submission = read(notebook(code()), "\u202e.ipynb")
    assert submission.id == submission.student


def test_the_sha256_is_of_the_files_bytes(read):
    data = json.dumps(notebook(code())).encode()
    assert hashlib.sha256(data).hexdigest() == read(data).sha256


# What is wrong with a file


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf"])
def test_an_empty_file_is_unreadable(read, content):
    assert ("unreadable", "unreadable.empty", {}) == problem(read(content))


def test_git_conflict_markers_are_named_with_their_line(read):
    text = b'{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> theirs\n ]\n}'
    assert ("unreadable", "unreadable.git-conflict", {"line": 3}) == problem(read(text))


def test_conflict_markers_inside_a_cell_are_the_students_affair(read):
    assert read(notebook(code("<<<<<<< HEAD\nw = 1\n>>>>>>> theirs"))).problem is None


def test_a_truncated_file_is_not_json(read):
    text = json.dumps(notebook(code()), indent=1).encode()[:-40]
    status, reason, params = problem(read(text))
    assert ("unreadable", "unreadable.not-json", text.count(b"\n") + 1) == (
        status,
        reason,
        params["line"],
    )


@pytest.mark.parametrize(
    "content", [b"<html></html>", b"[" * 200_000, b'{"cells": ' * 100_000, b"1" * 10_000]
)
def test_what_is_not_json_is_unreadable(read, content):
    assert ("unreadable", "unreadable.not-json", {"line": 1}) == problem(read(content))


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x01", b'{"cells": ["caf\xe9"]}', b"\xff\xfe\x00"]
)
def test_what_is_not_text_is_unreadable(read, content):
    assert ("unreadable", "unreadable.not-text", {}) == problem(read(content))


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = put(tmp_path / "ana.ipynb", b"")
    os.truncate(path, 200 * 2**20)
    monkeypatch.setattr(Path, "open", None)
    (submission,) = find_submissions([path])
    assert ("unreadable", "unreadable.too-large", {"mib": 200}) == problem(submission)


def test_the_largest_file_that_is_read_has_50_mib():
    assert MAX_NOTEBOOK_MIB == 50


def test_a_file_that_may_not_be_opened_is_unreadable(tmp_path, monkeypatch):
    path = put(tmp_path / "ana.ipynb", notebook(code()))

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert ("unreadable", "unreadable.no-access", {}) == problem(find_submissions([path])[0])


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "ana.ipynb")
    assert ("wrong_file", "wrong-file.not-a-notebook", {}) == problem(
        find_submissions([tmp_path])[0]
    )


@pytest.mark.parametrize("content", [[], {}, "cells", 3, None, {"name": "package", "version": "1"}])
def test_json_that_is_no_notebook_is_a_wrong_file(read, content):
    assert ("wrong_file", "wrong-file.not-a-notebook", {}) == problem(read(content))


@pytest.mark.parametrize("version", [1, 2, 5, 99])
def test_an_unknown_format_is_unreadable(read, version):
    content = notebook(code(), nbformat=version)
    assert ("unreadable", "unreadable.format", {"version": str(version)}) == problem(read(content))


@pytest.mark.parametrize("cells", [[], None, "text", {}])
def test_a_notebook_without_cells_is_a_wrong_file(read, cells):
    assert ("wrong_file", "wrong-file.no-cells", {}) == problem(read(notebook() | {"cells": cells}))


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "language": "R"}},
        {"language_info": {"name": "R"}},
        {"kernelspec": None, "language_info": {"name": "R", "version": 4}},
    ],
)
def test_another_languages_notebook_is_a_wrong_file(read, metadata):
    content = notebook(code(), metadata=metadata)
    assert ("wrong_file", "wrong-file.language", {"language": "R"}) == problem(read(content))


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        {"kernelspec": {"name": "conda-env-x"}},
        {"kernelspec": "x", "language_info": 3},
        {"kernelspec": {"language": "sage"}, "language_info": {"name": "python"}},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_a_notebook_that_names_python_or_nothing_is_read(read, metadata):
    assert read(notebook(code(), metadata=metadata)).problem is None


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    put(tmp_path / "a.ipynb", b"{")
    put(tmp_path / "b.ipynb", notebook(code()))
    assert [True, False] == [
        submission.problem is not None for submission in find_submissions([tmp_path])
    ]


# What is in a notebook


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_version_of_format_4_is_read_without_ids(read, minor):
    submission = read(notebook(markdown(), code(), nbformat_minor=minor))
    assert (cell("# Title", "markdown"), cell("w = 1")) == submission.cells


def test_format_3_is_read_as_nbformat_upgrades_it(read):
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "old"},
        "worksheets": [
            {
                "cells": [
                    {
                        "cell_type": "heading",
                        "level": 2,
                        "source": ["Um ", "título"],
                        "metadata": {},
                    },
                    {"cell_type": "markdown", "source": ["texto\n", "mais"], "metadata": {}},
                    {
                        "cell_type": "code",
                        "language": "python",
                        "input": ["w = 1\n", "w"],
                        "prompt_number": 3,
                        "metadata": {},
                        "collapsed": False,
                        "outputs": [
                            {
                                "output_type": "pyout",
                                "prompt_number": 3,
                                "text": ["1"],
                                "metadata": {},
                            }
                        ],
                    },
                ],
                "metadata": {},
            }
        ],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        upgraded = nbformat.reads(json.dumps(old), as_version=4)
    submission = read(old)
    assert [(c.cell_type, c.source) for c in upgraded.cells] == [
        (c.kind, c.source) for c in submission.cells
    ]
    assert ((None, None, 3), ("", "", "1")) == (
        submission.execution_counts,
        submission.saved_outputs,
    )


def test_a_source_may_be_a_list_of_lines(read):
    assert (cell("a = 1\nb = 2"),) == read(notebook(code(["a = 1\n", "b = 2"]))).cells


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_become_line_feeds(read, ending):
    assert (cell("a = 1\nb = 2"),) == read(notebook(code(f"a = 1{ending}b = 2"))).cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_byte_order_marks_and_wide_encodings_are_read(read, encoding):
    data = json.dumps(notebook(code("s = 'é'")), ensure_ascii=False).encode(encoding)
    assert (cell("s = 'é'"),) == read(data).cells


def test_a_file_with_windows_line_ends_is_read(read):
    data = json.dumps(notebook(code()), indent=1).replace("\n", "\r\n").encode()
    assert (cell("w = 1"),) == read(data).cells


@pytest.mark.parametrize(
    "broken", [None, 3, [], {}, {"cell_type": "new"}, {"cell_type": []}, {"source": 3}]
)
def test_a_malformed_cell_is_an_empty_raw_cell_and_the_others_keep_their_index(read, broken):
    assert (cell("", "raw"), cell("w = 1")) == read(notebook(broken, code())).cells


def test_a_code_cell_may_lack_everything_but_its_source(read):
    submission = read(notebook({"cell_type": "code", "source": "w = 1"}))
    assert ((cell("w = 1"),), ("",), (None,)) == (
        submission.cells,
        submission.saved_outputs,
        submission.execution_counts,
    )


def test_a_lone_surrogate_in_a_source_can_be_written_to_a_file(read):
    data = b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "s = \'\\ud83d\'"}]}'
    assert (cell("s = '\ufffd'"),) == read(data).cells


def test_saved_outputs_are_kept_as_plain_text(read):
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["14.0\n"]},
        {
            "output_type": "execute_result",
            "data": {"text/plain": ["tensor(14.)"], "text/html": "<b>"},
        },
        {"output_type": "error", "ename": "NameError", "evalue": "\x1b[31mw", "traceback": []},
        {"output_type": "display_data", "data": {"image/png": "iVBOR"}},
        "broken",
    ]
    submission = read(notebook(code(outputs=outputs, execution_count=7)))
    assert (("14.0\ntensor(14.)\nNameError: w",), (7,)) == (
        submission.saved_outputs,
        submission.execution_counts,
    )


def test_a_saved_output_is_cut(read):
    submission = read(
        notebook(code(outputs=[{"output_type": "stream", "text": "x" * 2 * MAX_SAVED_OUTPUT}]))
    )
    assert MAX_SAVED_OUTPUT == len(submission.saved_outputs[0])


# Which assignment it belongs to

FORWARD = "y_pred = x * w\ne = y_pred - y\nJ = e.pow(2).sum()"
OTHER = "for epoch in range(100):\n    loss = train(model, batch)"


def test_a_notebook_belongs_to_the_assignment_whose_cells_it_holds(read):
    mine, other = assignment(cell(FORWARD)), assignment(cell(OTHER), name="cnn")
    submission = read(notebook(code(f"import torch\n{FORWARD}\nprint(J)")))
    assert (mine, 1.0) == identify(submission, [other, mine])


def test_headings_count_less_than_cells(read):
    by_heading = assignment(cell(OTHER), cell("# Grafo computacional", "markdown"), name="cnn")
    by_cell = assignment(cell(FORWARD), cell("# Outro título", "markdown"))
    submission = read(notebook(markdown("## Grafo Computacional"), code(FORWARD)))
    assert (by_cell, 0.8) == identify(submission, [by_heading, by_cell])


def test_of_equally_similar_assignments_the_first_is_taken(read):
    first, second = assignment(cell(OTHER)), assignment(cell(FORWARD), name="second")
    assert (first, 0.0) == identify(read(notebook(code())), [first, second])


def test_the_whole_handout_is_as_similar_as_can_be(read):
    handout = assignment(cell(FORWARD), cell("# Título", "markdown"), cell("w"))
    assert identify(read(notebook(markdown("# Título"), code(FORWARD))), [handout])[
        1
    ] == pytest.approx(1.0)


def test_a_notebook_that_differs_in_white_space_is_unchanged(read):
    submission = read(
        notebook(code("y_pred = x * w\n\n e  = y_pred - y\nJ = e.pow(2).sum()\n"), code(" "))
    )
    assert is_unchanged(submission, assignment(cell(FORWARD), cell("# Título", "markdown")))


@pytest.mark.parametrize("own", [code("w.grad"), markdown("Porque sim.")])
def test_a_notebook_with_a_cell_of_the_students_own_is_changed(read, own):
    assert not is_unchanged(read(notebook(code(FORWARD), own)), assignment(cell(FORWARD)))


def test_code_cells_keep_their_index_and_know_the_handouts(read):
    submission = read(notebook(markdown(), code(f"{FORWARD}\n\n"), code("  \n"), code("w.grad")))
    found = code_cells(submission, assignment(cell(FORWARD)))
    assert [(1, True), (3, False)] == [(c.cell, c.handout) for c in found]


# Headings

CELLS = (
    cell("texto", "markdown"),
    cell("# Um\ntexto\n## **Dois** ##", "markdown"),
    cell("# comentário"),
    cell("```\n# cercado\n```\n#hashtag-title\n####### sete", "markdown"),
)


@pytest.mark.parametrize(
    ("index", "heading"),
    [(0, ""), (1, "Dois"), (2, "Dois"), (3, "hashtag-title"), (99, "hashtag-title")],
)
def test_the_heading_above_a_cell_is_the_nearest_one(index, heading):
    assert heading == heading_above(CELLS, index)


def test_a_heading_cannot_act_on_the_terminal_and_is_bounded():
    shown = heading_above(
        [cell("# \x1b[31mUm" + " longo" * 10_000 + " " * 100_000 + "x", "markdown")], 0
    )
    assert ("Um longo", 200) == (shown[:8], len(shown))
