"""How data frames and their series become plain data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grader.kernel.recording.frames import MAX_ELEMENTS, MAX_ROWS, frame_numbers
from grader.kernel.recording.inspection import parts
from grader.kernel.recording.values import describe

FRAME = pd.DataFrame({"kind": ["a", "b", "a"], "length": [1.0, 5.0, 2.0], "count": [1, 2, 3]})


def test_a_series_is_described_as_its_numbers():
    means = FRAME.groupby("kind")["length"].mean()
    assert describe(np.array([1.5, 5.0])) == describe(means)


def test_a_frame_of_numbers_is_described_as_a_matrix():
    assert describe(np.array([[1.0, 1.0], [5.0, 2.0], [2.0, 3.0]])) == describe(
        FRAME[["length", "count"]]
    )


def test_a_frame_with_texts_is_no_matrix():
    assert {"kind": "other", "type": "DataFrame"} == describe(FRAME)
    assert {"kind": "other", "type": "Series"} == describe(FRAME["kind"])


def test_a_large_frame_is_not_copied():
    large = pd.DataFrame(np.zeros((MAX_ELEMENTS + 1, 1)))
    assert frame_numbers(large) is None


def test_a_class_of_the_students_is_not_read():
    class Series(pd.Series):
        def to_numpy(self, *args: object) -> np.ndarray:
            raise AssertionError

    assert frame_numbers(Series([1.0])) is None


def test_the_columns_of_a_small_table_and_their_entries_have_paths():
    columns = dict(parts(FRAME))
    assert ["['kind']", "['length']", "['count']"] == list(columns)
    assert [("[0]", 1.0), ("[1]", 5.0), ("[2]", 2.0)] == list(parts(columns["['length']"]))


def test_the_columns_of_data_are_not_read_one_by_one():
    assert [] == list(parts(pd.DataFrame({"x": np.zeros(MAX_ROWS + 1)})))
