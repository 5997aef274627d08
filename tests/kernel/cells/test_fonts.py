"""A font that is not here changes how labels look, and ends no cell."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.font_manager as font_manager
import pytest

from grader.kernel.cells import fonts

MISSING = "/usr/share/fonts/truetype/nanum/NanumGothic-not-here.ttf"


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """Ignore missing fonts during a test."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in (
            (font_manager.FontManager, "addfont"),
            (font_manager.FontProperties, "set_file"),
        ):
            patch.setattr(kind, name, getattr(kind, name))
        patch.setattr(font_manager, "_rebuild", None, raising=False)
        patch.delattr(font_manager, "_rebuild")
        fonts.install()
        yield


def test_a_font_that_is_not_here_is_not_added() -> None:
    before = list(font_manager.fontManager.ttflist)
    font_manager.fontManager.addfont(MISSING)
    assert before == font_manager.fontManager.ttflist


def test_a_font_that_is_here_is_added() -> None:
    before = len(font_manager.fontManager.ttflist)
    path = font_manager.fontManager.ttflist[0].fname
    font_manager.fontManager.addfont(path)
    assert before + 1 == len(font_manager.fontManager.ttflist)
    font_manager.fontManager.ttflist.pop()


def test_the_usual_font_stands_in_for_the_file_of_another() -> None:
    usual = font_manager.FontProperties().get_name()
    assert usual == font_manager.FontProperties(fname=MISSING).get_name()


def test_a_font_file_that_is_here_is_used() -> None:
    path = font_manager.findfont("DejaVu Serif")
    assert "DejaVu Serif" == font_manager.FontProperties(fname=path).get_name()


def test_fonts_can_be_read_again_as_in_older_releases() -> None:
    assert font_manager._rebuild() is None  # type: ignore[attr-defined]
