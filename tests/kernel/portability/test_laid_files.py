"""A path from another machine means the file of the working directory that bears its name."""

from __future__ import annotations

import unicodedata

import pytest

from grader.kernel.portability.laid_files import LaidFiles, parts_of

ALONE = LaidFiles(["iris.csv"])


@pytest.mark.parametrize(
    "path",
    [
        "/content/iris.csv",
        "/content/drive/MyDrive/Deep Learning/iris.csv",
        "/content/gdrive/My Drive/iris.csv",
        "/kaggle/input/iris-petals/iris.csv",
        "C:\\Users\\ana\\Downloads\\iris.csv",
        "C:/Users/ana/Downloads/iris.csv",
        "D:iris.csv",
        "\\\\server\\share\\iris.csv",
        "../data/iris.csv",
        "./iris.csv",
        "data/iris.csv",
        "~/Downloads/iris.csv",
        "file:///content/iris.csv",
        "https://raw.githubusercontent.com/someone/course/main/iris.csv",
        "https://github.com/someone/course/blob/main/iris.csv?raw=true",
        "https://example.org/download?file=iris.csv&token=1",
        "https://example.org/iris.csv#part",
        "s3://bucket/data/iris.csv",
        "gs://bucket/iris.csv",
        "dbfs:/FileStore/iris.csv",
        "Iris.csv",
        "IRIS.CSV",
        "iris (1).csv",
        "iris(1).csv",
        "iris (1) (2).csv",
        "iris_copy.csv",
        "iris copy 2.csv",
        "iris-Copy1.csv",
        "iris - Copia.csv",
        "iris - Cópia (2).csv",
        "Copy of iris.csv",
        "Cópia de iris.csv",
        "iris.csv.txt",
        "/content/iris%20(1).csv",
    ],
)
def test_a_path_from_elsewhere_means_the_file_of_its_name(path):
    assert "iris.csv" == ALONE.find(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "..",
        "iris",
        "iris.txt",
        "iris2.csv",
        "/content/iris",
        "iris.csv/other.csv",
        "https://example.org/",
        "https://iris.csv/other",
        "my_iris.csv",
    ],
)
def test_a_path_of_another_name_means_no_file(path):
    assert None is ALONE.find(path)


def test_spaces_in_a_url_are_those_of_the_name():
    assert "flor data.csv" == LaidFiles(["flor data.csv"]).find("https://x.org/flor%20data.csv")


def test_a_space_may_be_another_separator():
    assert "iris petals.csv" == LaidFiles(["iris petals.csv"]).find("/content/iris_petals.csv")


def test_accents_may_be_composed_or_not():
    composed = unicodedata.normalize("NFC", "dados_médios.csv")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed == LaidFiles([composed]).find(f"/content/{decomposed}")


def test_the_name_itself_comes_before_a_copy_of_it():
    both = LaidFiles(["iris.csv", "iris (1).csv"])
    assert ("iris (1).csv", "iris.csv") == (
        both.find("/content/iris (1).csv"),
        both.find("/content/iris.csv"),
    )


def test_a_file_of_a_folder_is_found_without_it():
    assert "data/iris.csv" == LaidFiles(["data/iris.csv"]).find("/content/iris.csv")


def test_of_two_files_the_one_with_the_same_folder_is_meant():
    both = LaidFiles(["train/data.csv", "test/data.csv"])
    assert "test/data.csv" == both.find("/content/drive/MyDrive/test/data.csv")


def test_of_two_files_none_is_meant_where_no_folder_tells():
    both = LaidFiles(["train/data.csv", "test/data.csv"])
    assert None is both.find("/content/data.csv")


def test_a_file_beside_the_notebook_is_meant_without_a_folder():
    both = LaidFiles(["data.csv", "test/data.csv"])
    assert "test/data.csv" == both.find("/x/test/data.csv")


def test_two_files_of_one_spelling_are_left_alone():
    assert None is LaidFiles(["Iris.csv", "IRIS.csv"]).find("/content/iris.csv")


def test_a_folder_is_found_by_the_end_of_a_path():
    laid = LaidFiles(["images/cats/1.png", "iris.csv"])
    assert ("images", "images/cats", None) == (
        laid.folder("/kaggle/input/images"),
        laid.folder("/content/images/cats/"),
        laid.folder("/content/dogs"),
    )


def test_a_pattern_matches_names_in_any_folder():
    laid = LaidFiles(["a.csv", "data/b.csv", "c.txt"])
    assert ["a.csv", "data/b.csv"] == laid.matching("*.csv")


def test_a_path_has_parts_in_every_system():
    assert ("Users", "ana", "a.csv") == parts_of("C:\\Users\\ana\\a.csv")
