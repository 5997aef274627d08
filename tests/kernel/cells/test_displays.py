"""Pictures are bounded by number and size, other displays as text."""

from __future__ import annotations

import base64
import io

import numpy as np
import PIL.Image
import pytest

from grader.kernel.cells.displays import CELL_PICTURES, MAX_CHARACTERS, Displays
from grader.kernel.recording.streams import OutputLimit
from tests.support.recording import Recording, of_kind


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def displays(recording: Recording) -> Displays:
    limit = OutputLimit(recording.recorder, kib=1)
    return Displays(recording.recorder, limit)


def notes(recording: Recording) -> list[str]:
    return [event.text for event in of_kind(recording.events(), "note")]


def test_a_small_display_stays_as_it_is(displays, recording):
    data = {"text/plain": "<Figure>", "image/png": "abcd"}
    assert (data, []) == (displays.bounded(data), notes(recording))


def test_pictures_beyond_those_of_a_cell_are_left_out_and_noted_once(displays, recording):
    shown = ["image/png" in displays.bounded({"image/png": "abcd"}) for _ in range(20)]
    assert (CELL_PICTURES, ["picture left-out"]) == (sum(shown), notes(recording))


def test_a_later_cell_shows_its_pictures(displays):
    for _ in range(20):
        displays.bounded({"image/png": "abcd"})
    displays.begin_cell()
    assert displays.wants_picture


def test_a_picture_that_is_too_large_is_made_smaller(displays):
    noise = np.random.default_rng(0).integers(0, 255, (900, 900, 3), dtype=np.uint8)
    file = io.BytesIO()
    PIL.Image.fromarray(noise).save(file, "PNG")
    bundle = displays.bounded({"image/png": file.getvalue()})
    jpeg = base64.b64decode(bundle["image/jpeg"])
    assert (["image/jpeg"], b"\xff\xd8\xff") == (list(bundle), jpeg[:3])


def test_what_is_too_large_and_no_picture_is_left_out(displays):
    data = {"text/plain": "x", "image/png": "x" * (MAX_CHARACTERS + 1)}
    assert {"text/plain": "x"} == displays.bounded(data)


def test_plain_text_is_cut_and_html_is_left_out(displays):
    data = {"text/html": "<b>" * 1000, "text/plain": "x" * 2000}
    assert "text/html" not in displays.bounded(data)


def test_what_is_no_bundle_is_ipythons_own_matter(displays):
    assert [1] == displays.bounded([1])
