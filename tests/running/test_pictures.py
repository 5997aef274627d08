"""Which pictures of those that cells display are kept."""

from __future__ import annotations

import base64

import pytest

from grader.running import pictures
from grader.running.pictures import MAX_PICTURES, Pictures

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30)).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff" + bytes(30)).decode()


def kept(*messages):
    album = Pictures()
    for cell, data in enumerate(messages):
        album.take(cell, data)
    return [(picture.cell, picture.type) for picture in album.kept]


def test_a_png_and_a_jpeg_are_kept_with_their_cells():
    assert [(0, "image/png"), (2, "image/jpeg")] == kept(
        {"image/png": PNG}, {"text/plain": "x"}, {"image/jpeg": JPEG}
    )


def test_line_breaks_in_base64_are_taken_out():
    album = Pictures()
    album.take(0, {"image/png": PNG[:8] + "\n" + PNG[8:] + "\n"})
    assert PNG == album.kept[0].data


@pytest.mark.parametrize(
    "data",
    [
        {"image/png": base64.b64encode(b"<svg onload=alert(1)>").decode()},
        {"image/png": PNG.replace("A", "<")},
        {"image/png": ["iVBOR"]},
        {"image/png": 7},
        {"image/svg+xml": "<svg/>"},
        {"text/html": "<script></script>"},
        ["image/png"],
        None,
    ],
)
def test_what_is_no_picture_is_not_kept_whatever_it_is_called(data):
    assert [] == kept(data)


def test_a_picture_that_is_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PICTURE_CHARACTERS", len(PNG) - 1)
    assert [] == kept({"image/png": PNG})


def test_a_notebook_has_so_many_pictures_at_most():
    assert MAX_PICTURES == len(kept(*[{"image/png": PNG}] * (MAX_PICTURES + 3)))


def test_all_pictures_of_a_notebook_together_are_bounded(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_CHARACTERS", 2 * len(PNG))
    assert 2 == len(kept(*[{"image/png": PNG}] * 3))
