"""What is in a notebook that was handed in, and what is wrong with it."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from grader.errors import GraderError, NothingToGrade
from grader.notebook.cells import NotebookCell
from grader.notebook.format import MAX_SAVED_OUTPUT
from grader.submissions.submission import (
    MAX_NOTEBOOK_MIB,
    Submission,
    submission_at,
    unread_submission,
    with_own_ids,
)
from tests.support.ipynb import code, markdown, notebook, put


@pytest.fixture
def read(tmp_path):
    """Read one file of some content."""

    def read(content: object, name: str = "ana.ipynb") -> Submission:
        return submission_at(put(tmp_path / name, content))

    return read


def problem(submission: Submission) -> tuple[str | None, str, dict[str, object]]:
    assert submission.problem is not None
    return submission.problem_status, submission.problem.id, dict(submission.problem.params)


def cell(source: str, kind="code") -> NotebookCell:
    return NotebookCell(kind=kind, source=source)


# Which file


def test_a_file_given_by_name_that_is_no_notebook_is_a_wrong_file(read):
    assert ("wrong_file", "wrong-file.not-a-notebook", {}) == problem(
        read(b"# Read me", "README.md")
    )


def test_a_notebook_given_by_name_may_have_any_ending(read):
    assert read(notebook(code()), "ana.ipynb.txt").problem is None


def test_a_path_that_is_not_there_is_one_line_with_advice(tmp_path):
    with pytest.raises(NothingToGrade) as caught:
        submission_at(tmp_path / "nowhere")
    assert f"There is no {tmp_path}/nowhere. Check the path." == str(caught.value)


def test_a_zip_has_to_be_unpacked(tmp_path):
    with pytest.raises(NothingToGrade, match="Unpack it first"):
        submission_at(put(tmp_path / "class.zip", b"PK"))


# Whose it is


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
    submission = submission_at(put(path, notebook(code())))
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
    submission = submission_at(path)
    assert ("unreadable", "unreadable.too-large", {"mib": 200}) == problem(submission)


def test_the_largest_file_that_is_read_has_50_mib():
    assert MAX_NOTEBOOK_MIB == 50


def test_a_file_that_may_not_be_opened_is_unreadable(tmp_path, monkeypatch):
    path = put(tmp_path / "ana.ipynb", notebook(code()))

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert ("unreadable", "unreadable.no-access", {}) == problem(submission_at(path))


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "ana.ipynb"
    os.mkfifo(path)
    assert ("wrong_file", "wrong-file.not-a-notebook", {}) == problem(submission_at(path))


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
    assert [(item.cell_type, item.source) for item in upgraded.cells] == [
        (item.kind, item.source) for item in submission.cells
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


def code_cells_of(folder: Path, *sources: str, **metadata: object) -> Submission:
    """Read a notebook of code cells, each of which was run and shows its number."""
    cells = []
    for count, source in enumerate(sources, 1):
        output = {"output_type": "stream", "text": str(count)}
        cell = {"cell_type": "code", "source": source, "execution_count": count}
        cells.append(cell | {"outputs": [output]})
    path = folder / "a.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells}), "utf-8")
    return submission_at(path)


def test_what_a_script_in_one_cell_showed_belongs_to_its_last_part(tmp_path):
    script = "# %% [markdown]\n# text\n# %%\nx = 1\nx"
    submission = code_cells_of(tmp_path, script)
    assert ("", "1") == submission.saved_outputs
    assert (None, 1) == submission.execution_counts


R_KERNEL = {"kernelspec": {"name": "ir", "language": "R"}}


def test_python_that_was_saved_under_another_kernel_is_read(tmp_path):
    submission = code_cells_of(tmp_path, "!pip install torch\nimport torch", "x = 1", **R_KERNEL)
    assert submission.problem is None


@pytest.mark.parametrize("source", ["x <- c(1, 2)", "library(torch)", "import torch\nx <- 1 %% 2"])
def test_a_notebook_in_another_language_is_a_wrong_file(tmp_path, source):
    submission = code_cells_of(tmp_path, source, **R_KERNEL)
    assert submission.problem is not None
    assert "wrong-file.language" == submission.problem.id


def test_two_files_with_one_id_get_longer_ones(tmp_path):
    one = replace(unread_submission(tmp_path / "a.ipynb", "a.ipynb"), sha256="0")
    other = replace(unread_submission(tmp_path / "b.ipynb", "b.ipynb"), id=one.id)
    third = unread_submission(tmp_path / "c.ipynb", "c.ipynb")
    apart = with_own_ids([one, other, third])
    assert 3 == len({submission.id for submission in apart})
    assert [32, 32, 12] == [len(submission.id) for submission in apart]
    assert apart == with_own_ids([one, other, third])


def test_two_files_that_cannot_be_told_apart_are_named(tmp_path):
    one = unread_submission(tmp_path / "a.ipynb", "a.ipynb")
    with pytest.raises(GraderError, match=r"a\.ipynb and a\.ipynb cannot be told apart"):
        with_own_ids([one, one])


@pytest.mark.parametrize(
    "cells", ["{}," * 300_000, "[1]," * 300_000, '{"cell_type": "raw", "source": ""},' * 10_001]
)
def test_a_file_of_very_many_parts_is_not_built_up(read, cells):
    content = f'{{"nbformat": 4, "metadata": {{}}, "cells": [{cells}{{}}]}}'
    assert "unreadable.too-many-parts" == problem(read(content.encode()))[1]
