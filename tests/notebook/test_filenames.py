"""Names of files in a working directory: an allow-list."""

from __future__ import annotations

import pytest

from grader.notebook.filenames import is_plain


@pytest.mark.parametrize(
    "name", ["dados.csv", "iris data (1).csv", "dados/treino/x.npy", "médias.txt", "a", "_x-2+3.py"]
)
def test_an_ordinary_name_is_plain(name):
    assert is_plain(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x.csv",
        "a/../../x.csv",
        "/etc/passwd",
        ".ipython/profile_default/startup/x.py",
        "a/.hidden",
        "-rf",
        "x\n.csv",
        "x\x00.csv",
        "C:\\x.csv",
        "a\\b.csv",
        "~root",
        "x.csv ",
        "x.",
        "\u202ex.csv",
        "a/b/c/d/e.csv",
        "x" * 200,
    ],
)
def test_a_name_that_could_lead_elsewhere_is_not(name):
    assert not is_plain(name)
