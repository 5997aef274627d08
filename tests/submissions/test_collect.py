"""Every file of a download is graded, or something is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError, NothingToGrade
from tests.support.zips import (
    BLANK,
    GIVEN,
    WORK,
    assignment,
    collect,
    fates,
    folder_of,
    notebook,
    packed,
    zip_of,
)

LINK = b'<a href="https://colab.research.google.com/drive/1">x</a>'
MORE = notebook("media = 1", "amplitude = 2")

MOODLE = {
    "Ana Conceição_101_assignsubmission_file/trabalho final.ipynb": (WORK, "graded"),
    "Ana Conceição_101_assignsubmission_file/enunciado.ipynb": (
        BLANK,
        "superseded arrived.unchanged",
    ),
    "Ana Conceição_101_assignsubmission_file/foto.png": (b"1", "ignored arrived.not-used"),
    "Participant_102_assignsubmission_file_hw.pdf": (b"%PDF", "wrong-file.pdf"),
    "Rui Sá_103_assignsubmission_onlinetext/onlinetext.html": (LINK, "wrong-file.link"),
    "Rui Zé_104_assignsubmission_onlinetext/onlinetext.html": (b"Oi", "wrong-file.no-notebook"),
    "Eva Reis_105_assignsubmission_file/hw.ipynb": (b"{", "unreadable.not-json"),
    "Edu Reis_106_assignsubmission_file/hw.zip": (b"PK", "unreadable.zip-broken"),
    "../../evil.ipynb": (WORK, "unreadable unreadable.zip-name"),
    ".DS_Store": (b"1", "ignored arrived.system"),
    "leia-me.txt": (b"1", "ignored arrived.nobodys"),
}
CANVAS = {
    "souzaana_11_100_hw.ipynb": (WORK, "superseded arrived.earlier"),
    "souzaana_11_101_hw-1.ipynb": (MORE, "graded"),
    "conceiçãojosé_LATE_12_102_meu trabalho.ipynb": (WORK, "graded"),
    "belpedro_13_103_hw.docx": (b"1", "wrong-file.document"),
    "linarui_14_text.html": (b"<p>oi</p>", "wrong-file.no-notebook"),
}
BLACKBOARD = {
    "Lista 1_asouza_attempt_2024-03-01-21-04-11.txt": (b"Name: Ana", "ignored arrived.receipt"),
    "Lista 1_asouza_attempt_2024-03-01-21-04-11_hw.ipynb": (WORK, "superseded arrived.earlier"),
    "Lista 1_asouza_attempt_2024-03-02-08-00-00_hw é.ipynb": (MORE, "graded"),
    "Lista 1_jlima_attempt_2024-03-01-10-00-00_hw.py": (b"1", "wrong-file.script"),
}
GRADESCOPE = {
    "assignment_7_export/submission_21/José hw.ipynb": (WORK, "graded"),
    "assignment_7_export/submission_22/link.txt": (LINK, "wrong-file.link"),
    "assignment_7_export/submission_metadata.yml": (b"---\n", "ignored arrived.receipt"),
}
NBGRADER = {
    "submitted/asouza/ps1/hw.ipynb": (WORK, "graded"),
    "submitted/asouza/ps1/timestamp.txt": (b"1", "ignored arrived.not-used"),
    "submitted/jlima/ps1/hw.ipynb": (BLANK, "graded"),
}
FOLDERS = {
    "Ana Souza/hw.ipynb": (WORK, "superseded arrived.earlier"),
    "Ana Souza/hw (1).ipynb": (MORE, "graded"),
    "José/hw.ipynb": (WORK, "graded"),
    "José/.ipynb_checkpoints": (b"1", "ignored arrived.system"),
    "Rita/hw.pdf": (b"%PDF", "wrong-file.pdf"),
}
BRIGHTSPACE = {
    "11-100 - Ana Souza- Nov 9, 2026 905 PM/hw.ipynb": (WORK, "superseded arrived.earlier"),
    "11-101 - Ana Souza- Nov 10, 2026 800 AM/hw.ipynb": (MORE, "graded"),
    "12-102 - José Conceição- Nov 9, 2026 1105 PM/trabalho.ipynb": (WORK, "graded"),
    "13-103 - Rita Reis- Nov 9, 2026 1105 PM/hw.pdf": (b"%PDF", "wrong-file.pdf"),
    "index.html": (b"<html>", "ignored arrived.nobodys"),
}
SAKAI = {
    "Lista 1/Souza, Ana(asouza)/Submission attachment(s)/hw.ipynb": (WORK, "graded"),
    "Lista 1/Souza, Ana(asouza)/timestamp.txt": (b"2026", "ignored arrived.receipt"),
    "Lista 1/Lima, José(jlima)/Submission attachment(s)/hw.ipynb": (MORE, "graded"),
}
LAYOUTS = {
    "moodle": MOODLE,
    "canvas": CANVAS,
    "blackboard": BLACKBOARD,
    "brightspace": BRIGHTSPACE,
    "sakai": SAKAI,
    "gradescope": GRADESCOPE,
    "nbgrader": NBGRADER,
    "folders": FOLDERS,
}


def contents(layout: str) -> dict[str, bytes]:
    return {name: content for name, (content, _) in LAYOUTS[layout].items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_file_of_a_download_is_graded_or_something_is_said_of_it(tmp_path, layout):
    expected = {name: fate for name, (_, fate) in LAYOUTS[layout].items()}
    assert expected == fates(collect(zip_of(tmp_path / "class.zip", contents(layout))))


@pytest.mark.parametrize("layout", sorted(LAYOUTS.keys() - {"moodle"}))
def test_a_zip_and_the_folder_it_unpacks_to_have_the_same_submissions(tmp_path, layout):
    zipped = collect(zip_of(tmp_path / "class.zip", contents(layout)))
    unpacked = collect(folder_of(tmp_path / "class", contents(layout)))
    facts = [
        [(submission.id, submission.student, submission.who) for submission in way.submissions]
        for way in (zipped, unpacked)
    ]
    assert facts[0] == facts[1]


def test_a_zip_in_a_folder_stands_for_the_folder_it_unpacks_to(tmp_path):
    zip_of(tmp_path / "in/turma.zip", contents("canvas"))
    assert {f"turma/{name}" for name in CANVAS} == set(fates(collect(tmp_path / "in")))


def test_a_notebook_in_a_students_zip_is_theirs(tmp_path):
    inner = packed({"meu/hw.ipynb": WORK, "__MACOSX/._hw.ipynb": b"1"})
    path = zip_of(tmp_path / "c.zip", {"Zé Sá_105_assignsubmission_file/hw.zip": inner})
    (submission,) = collect(path).submissions
    expected = ("Zé Sá", "Zé Sá_105_assignsubmission_file/hw/meu/hw.ipynb")
    assert expected == (submission.student, submission.file)


def test_a_zip_in_a_students_zip_is_not_opened(tmp_path):
    inner = packed({"hw.zip": packed({"hw.ipynb": WORK})})
    path = zip_of(tmp_path / "c.zip", {"Zé Sá_105_assignsubmission_file/a.zip": inner})
    assert {"Zé Sá_105_assignsubmission_file/a.zip": "wrong-file.archive"} == fates(collect(path))


def test_one_notebook_of_each_assignment_counts(tmp_path):
    other = assignment("outra", "epocas = range(100)\nprint(len(epocas))")
    files = {
        "Ana_1_assignsubmission_file/a.ipynb": WORK,
        "Ana_1_assignsubmission_file/b.ipynb": notebook(
            "x = 1", given=["epocas = range(100)\nprint(len(epocas))"]
        ),
    }
    collected = collect(zip_of(tmp_path / "c.zip", files), assignments=[assignment(), other])
    assert ["graded", "graded"] == list(fates(collected).values())


def test_a_notebook_of_nothing_is_ignored_beside_one_of_the_assignment(tmp_path):
    files = {
        "A_1_assignsubmission_file/a.ipynb": WORK,
        "A_1_assignsubmission_file/z.ipynb": notebook(given=["x"]),
    }
    fate = fates(collect(zip_of(tmp_path / "c.zip", files)))
    assert ["graded", "ignored arrived.other-notebook"] == list(fate.values())


def test_a_data_file_in_a_flat_download_lies_beside_its_own_students_notebook(tmp_path):
    reading = notebook("open('dados.csv')", given=[GIVEN])
    files = {
        "a_1_2_hw.ipynb": reading,
        "a_1_3_dados-1.csv": b"7",
        "b_2_4_hw.ipynb": reading,
        "b_2_5_dados.csv": b"8",
    }
    collected = collect(zip_of(tmp_path / "c.zip", files))
    assert [["dados.csv"], ["dados.csv"]] == [
        [file.name for file in submission.files] for submission in collected.submissions
    ]
    assert ["beside", "beside"] == [item.status for item in collected.left_out]


def test_a_zip_that_is_broken_is_one_line(tmp_path):
    (tmp_path / "c.zip").write_bytes(b"PK")
    with pytest.raises(NothingToGrade, match=r"c\.zip cannot be read as a zip\. Download it again"):
        collect(tmp_path / "c.zip")


def test_a_zip_that_is_broken_does_not_stop_another(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK")
    fate = fates(collect(tmp_path / "a.zip", zip_of(tmp_path / "b.zip", {"ana.ipynb": WORK})))
    assert {"a.zip": "unreadable.zip-broken", "ana.ipynb": "graded"} == fate


def test_what_was_unpacked_is_gone_afterwards(tmp_path):
    (submission,) = collect(zip_of(tmp_path / "c.zip", {"ana.ipynb": WORK})).submissions
    assert not submission.path.exists()


def test_the_roster_names_students_and_says_who_handed_in_nothing(tmp_path):
    roster = tmp_path / "r.csv"
    roster.write_bytes("\ufeffNome;Matrícula;E-mail\nAna Souza;7;ana@x\nRui Sá;8;rui@x\n".encode())
    collected = collect(zip_of(tmp_path / "c.zip", {"souzaana_1_2_hw.ipynb": WORK}), roster=roster)
    (submission,) = collected.submissions
    assert ("Ana Souza", "7", "ana@x", "1", ["Rui Sá"]) == (
        submission.student,
        submission.who.id,
        submission.who.email,
        submission.who.lms_id,
        [person.name for person in collected.absent],
    )


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"", b"nome\nJos\xe9\n"])
def test_a_roster_that_says_nothing_is_one_line(tmp_path, data):
    (tmp_path / "r.csv").write_bytes(data)
    with pytest.raises(GraderError, match="roster"):
        collect(folder_of(tmp_path / "in", {"ana.ipynb": WORK}), roster=Path(tmp_path / "r.csv"))


# Notebooks under another ending, and files that are none


@pytest.mark.parametrize(
    "name",
    [
        "ana.ipynb.txt",
        "ana.ipynb.json",
        "ana.json",
        "ana.txt",
        "ana",
        "ana.IPYNB",
        "ana.ipynb.html",
        "ana.ipynb_",
        "ana.ipynb.download",
        "ana.ipynb.zip",
    ],
)
@pytest.mark.parametrize("layout", ["flat", "folders", "zip"])
def test_a_notebook_under_another_ending_is_graded(tmp_path, name, layout):
    others = {"bia.ipynb": WORK, "eva.ipynb": WORK}
    if layout == "folders":
        files = {f"{each[:3]}/{each}": content for each, content in (others | {name: WORK}).items()}
    else:
        files = others | {name: WORK}
    path = tmp_path / "turma"
    if layout == "zip":
        path = zip_of(tmp_path / "turma.zip", files)
    else:
        folder_of(path, files)
    submissions = {each.student: each.problem for each in collect(path).submissions}
    assert {"ana": None, "bia": None, "eva": None} == submissions


def test_a_zip_that_was_called_a_notebook_is_opened(tmp_path):
    files = {"ana.ipynb": packed({"work.ipynb": WORK}), "bia.ipynb": WORK}
    submissions = collect(folder_of(tmp_path / "turma", files)).submissions
    assert [None, None] == [submission.problem for submission in submissions]


def test_a_notebook_that_is_cut_off_under_another_ending_is_unreadable(tmp_path):
    whole = WORK.replace(b'"nbformat": 4, ', b"")
    folder = folder_of(tmp_path / "turma", {"ana.ipynb.txt": whole[:-20], "bia.ipynb": WORK})
    assert "unreadable.not-json" == fates(collect(folder))["ana.ipynb.txt"]


@pytest.mark.parametrize(
    ("name", "content", "fate"),
    [
        ("sofia.pdf", b"%PDF-1.4", "wrong-file.pdf"),
        ("sofia.docx", b"PK", "wrong-file.document"),
        ("sofia.html", b"<html>", "wrong-file.page"),
        ("sofia.py", b"x = 1", "wrong-file.script"),
        ("sofia.png", b"\x89PNG", "wrong-file.no-notebook"),
        ("sofia.rar", b"Rar!", "wrong-file.archive"),
        ("notes.csv", b"a,b", "ignored arrived.nobodys"),
        ("README.pdf", b"%PDF-1.4", "ignored arrived.nobodys"),
        ("media.pdf", b"%PDF-1.4", "ignored arrived.nobodys"),
        ("ana.pdf", b"%PDF-1.4", "ignored arrived.nobodys"),
        ("mean_tools.py", b"x = 1", "ignored arrived.nobodys"),
    ],
)
def test_a_loose_file_that_a_student_handed_in_is_listed(tmp_path, name, content, fate):
    work = notebook("import mean_tools\nmean_tools.mean(dados)")
    folder = folder_of(tmp_path / "turma", {"ana.ipynb": work, "bia.ipynb": WORK, name: content})
    assert fate == fates(collect(folder))[name]


def test_a_repository_without_a_notebook_handed_in_nothing(tmp_path):
    files = {"a/w.ipynb": WORK, "b/w.ipynb": WORK, "c/README.md": b"# c", "c/iris.csv": b"1"}
    collected = collect(folder_of(tmp_path / "turma", files))
    assert ["a", "b", "c"] == [submission.student for submission in collected.submissions]
    assert "wrong-file.nothing" == collected.submissions[2].problem.id


def test_an_empty_repository_handed_in_nothing(tmp_path):
    folder = folder_of(tmp_path / "turma", {"a/w.ipynb": WORK, "b/w.ipynb": WORK})
    (folder / "a/data").mkdir()
    (folder / "c/.github/workflows").mkdir(parents=True)
    (folder / "d").mkdir()
    collected = collect(folder)
    problems = {each.student: each.problem for each in collected.submissions}
    assert ["a", "b", "c", "d"] == list(problems)
    assert {"wrong-file.nothing"} == {problems[name].id for name in "cd"}
    assert [] == [item.file for item in collected.left_out if "(empty)" in item.file]


def test_empty_folders_are_nothing_to_grade(tmp_path):
    (tmp_path / "turma/a").mkdir(parents=True)
    with pytest.raises(NothingToGrade):
        collect(tmp_path / "turma")


def test_an_empty_folder_that_is_nobodys_is_passed_over(tmp_path):
    folder = folder_of(tmp_path / "turma", {"ana.ipynb": WORK, "bia.ipynb": WORK})
    (folder / "figures").mkdir()
    assert ["ana", "bia"] == [each.student for each in collect(folder).submissions]
