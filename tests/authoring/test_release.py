"""What students get of an assignment: whole, and silent about its answers."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.errors import AssignmentError, GraderError
from grader.reference.release import Release, open_release, read_release
from tests.corpus.given import BACKWARD, START
from tests.support.corpus_grader import CorpusGrader
from tests.support.courses import Course, released
from tests.support.mean_course import MEAN, SPREAD, write_mean_course
from tests.support.sampling import sample
from tests.support.secrecy import typed_in

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def of_means(mean_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(mean_course, "media", tmp_path_factory.mktemp("release") / "media.zip")


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_holds_the_handout_and_what_it_is_checked_with(of_means):
    assert ["media/media.ipynb", "media/check.json"] == list(contents(of_means))


def test_the_handout_names_its_release(of_means):
    metadata = json.loads(contents(of_means)["media/media.ipynb"])["metadata"]
    assert {"assignment": "media", "version": read_release(of_means).version} == metadata["grader"]


def test_the_cells_of_the_handout_are_as_they_were(of_means, mean_course):
    handout = json.loads((mean_course.exercises / "media/media.ipynb").read_text("utf-8"))
    assert handout["cells"] == json.loads(contents(of_means)["media/media.ipynb"])["cells"]


def test_two_releases_of_one_assignment_are_the_same_file(of_means, mean_course, tmp_path):
    assert (
        of_means.read_bytes() == released(mean_course, "media", tmp_path / "again.zip").read_bytes()
    )


def with_data_file(folder: Path) -> Course:
    course = write_mean_course(folder)
    (course.exercises / "media/notas.csv").write_text("1,2\n", "utf-8")
    line = 'handout = "media.ipynb"'
    course.edit("exercises/media/assignment.toml", line, f'{line}\nfiles = ["notas.csv"]')
    return course


def test_data_files_are_in_the_zip(tmp_path):
    course = with_data_file(tmp_path / "course")
    assert (
        b"1,2\n" == contents(released(course, "media", tmp_path / "media.zip"))["media/notas.csv"]
    )


def test_data_files_are_taken_out_of_the_zip_while_it_is_used(tmp_path):
    course = with_data_file(tmp_path / "course")
    with open_release(released(course, "media", tmp_path / "media.zip")) as (made_release, folder):
        (file,) = made_release.assignment(folder).files
        assert b"1,2\n" == file.path.read_bytes()
    assert not folder.exists()


def test_a_data_file_that_is_missing_is_named(tmp_path):
    course = with_data_file(tmp_path / "course")
    made_release = read_release(released(course, "media", tmp_path / "media.zip"))
    with pytest.raises(GraderError, match=r"There is no notas\.csv beside the notebook"):
        made_release.assignment(tmp_path)


def test_names_of_mistakes_and_notes_to_the_instructor_are_not_in_it(of_means):
    text = contents(of_means)["media/check.json"].decode()
    assert [] == [
        secret
        for secret in ("soma em vez de média", '"find"', "max(dados) - min(dados)")
        if secret in text
    ]


def test_without_practice_variants_there_is_no_release(tmp_path):
    course = write_mean_course(tmp_path / "course")
    path = course.solutions / "media/variants.toml"
    remaining = [
        line for line in path.read_text("utf-8").splitlines() if not line.startswith("practice")
    ]
    path.write_text("\n".join(remaining), "utf-8")
    with pytest.raises(AssignmentError, match="no practice variants"):
        released(course, "media", tmp_path / "media.zip")


def test_a_practice_variant_that_gives_what_the_data_gives_is_refused(tmp_path):
    course = write_mean_course(tmp_path / "course")
    course.edit("solutions/media/variants.toml", "[2., 5., 1., 6.]", "[4.5, 2., 1., 7.25]")
    with pytest.raises(
        AssignmentError, match=r"practice variant 1 gives the answer of exercise \S+ away"
    ):
        released(course, "media", tmp_path / "media.zip")


def test_an_answer_that_is_the_same_whatever_the_data_is_left_out(tmp_path):
    course = write_mean_course(tmp_path / "course")
    course.edit(
        "solutions/media/media.ipynb", "# grade: spread = amplitude", "# grade: spread = len(dados)"
    )
    path = course.solutions / "media/mistakes.toml"
    path.write_text(path.read_text("utf-8").partition("[mistakes.from-the-least]")[0], "utf-8")
    course.edit(
        "solutions/media/media.ipynb",
        "  # wrong(from-the-least): amplitude = max(dados) - min(dados)",
        "",
    )
    made_release = read_release(released(course, "media", tmp_path / "media.zip"))
    assert (("spread",), ["mean"]) == (made_release.undecided, list(made_release.reference.answers))


def test_a_mistake_that_the_numbers_for_practice_hide_is_left_out(tmp_path):
    course = write_mean_course(tmp_path / "course")
    course.edit(
        "solutions/media/media.ipynb",
        "amplitude = max(dados) - min(dados)",
        "amplitude = dados[-1] - media",
    )
    assert ["sum-only"] == list(
        read_release(released(course, "media", tmp_path / "media.zip")).mistakes
    )


def test_a_zip_that_cannot_be_written_leaves_the_one_before(of_means, mean_course, tmp_path):
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(GraderError, match="cannot be written"):
        released(mean_course, "media", tmp_path / "folder.zip")
    assert ["folder.zip"] == [path.name for path in tmp_path.iterdir()]


# Nothing in it earns a point on the original data


def test_nothing_in_a_release_is_an_answer_on_the_data_as_it_was_handed_out(
    corpus_grader: CorpusGrader, autograd_release: Release
):
    # Its own backward is honest, and shows that all that was typed in before it was looked at.
    cells = list(typed_in(autograd_release))
    chosen = sample(cells, max(1, len(cells) // 8), "typed in")
    answered = [corpus_grader.answered((*START, cell, BACKWARD)) for cell in chosen]
    assert [["w-grad"]] * len(answered) == answered


def test_an_answer_that_is_typed_in_would_be_seen(corpus_grader: CorpusGrader):
    assert ["w-grad", "gradient-step"] == corpus_grader.answered(
        (*START, "tentativa = 3.8\nprint(tentativa)", BACKWARD)
    )


@pytest.mark.parametrize("secret", [MEAN, SPREAD])
def test_no_answer_stands_in_a_release(of_means, secret):
    assert secret not in contents(of_means)["media/check.json"].decode()


# Reading one


def test_a_release_is_read_from_its_file_its_folder_and_its_zip(of_means, tmp_path):
    with zipfile.ZipFile(of_means) as archive:
        archive.extractall(tmp_path)
    places = (of_means, tmp_path / "media", tmp_path / "media/check.json")
    assert ["media"] * 3 == [read_release(place).name for place in places]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is no release"),
        ("[]", "is no release"),
        ('{"format": "grader-release-0"}', "not of this version"),
    ],
)
def test_what_is_no_release_is_refused_in_one_line(tmp_path, text, problem):
    path = tmp_path / "check.json"
    path.write_text(text, "utf-8")
    with pytest.raises(GraderError, match=problem):
        read_release(path)


def test_a_release_that_is_not_there_is_told(tmp_path):
    with pytest.raises(GraderError, match="There is no"):
        read_release(tmp_path / "check.json")


def test_a_zip_without_a_release_is_refused(tmp_path):
    shutil.make_archive(str(tmp_path / "other"), "zip", tmp_path, ".")
    with pytest.raises(GraderError, match="is no release"):
        read_release(tmp_path / "other.zip")
