"""Graphs as DOT of ours, and drawn where there is `dot`."""

from __future__ import annotations

import base64
import shutil
import stat

import pytest

from grader.outputs.pages import graph_drawing
from grader.outputs.pages.graph_drawing import MAX_NODES, Drawings, operation_counts
from grader.trace import Graph

SMALL = Graph(
    labels=("AddmmBackward0", "ReluBackward0", "parameter(10, 4)", "leaf(4,)"),
    edges=((0, 1), (0, 2), (1, 3)),
)


@pytest.fixture
def dot(tmp_path, monkeypatch):
    """A stand-in for dot: it writes what it was given, and how often it ran."""
    program = tmp_path / "dot"
    program.write_text(
        f'#!/bin/sh\necho x >> "{tmp_path}/runs"\nprintf "<svg>"\ncat\nprintf "</svg>"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(graph_drawing, "_dot", lambda: str(program))
    return tmp_path


def source(address: str) -> str:
    """The bytes of a `data:` address."""
    return base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()


def test_operations_and_shapes_are_what_a_person_reads(dot):
    drawn = source(Drawings().draw(SMALL))
    assert all(f'[label="{label}"' in drawn for label in ("Addmm", "Relu", "10×4", "4"))


def test_inputs_stand_above_what_is_made_of_them(dot):
    assert "1->0;2->0;3->1;" in source(Drawings().draw(SMALL))


def test_a_label_cannot_leave_its_quotes(dot):
    hostile = Graph(labels=('x"]; 9 [image="/etc/passwd"]; y [label="',), edges=())
    assert r'label="x\"]; 9 [image=\"/etc/passwd\"]; y [label=\""' in source(
        Drawings().draw(hostile)
    )


def test_an_edge_to_a_node_that_is_not_there_is_left_out(dot):
    assert "->" not in source(
        Drawings().draw(Graph(labels=("AddBackward0",), edges=((0, 7), (-1, 0))))
    )


def test_the_same_graph_is_drawn_once_for_a_class(dot):
    drawings = Drawings()
    drawings.draw(SMALL)
    drawings.draw(SMALL.model_copy())
    assert 1 == len((dot / "runs").read_text().split())


def test_a_graph_that_is_too_large_is_not_drawn(dot):
    assert "" == Drawings().draw(Graph(labels=("AddBackward0",) * (MAX_NODES + 1), edges=()))


def test_a_graph_without_nodes_is_not_drawn(dot):
    assert "" == Drawings().draw(Graph(labels=(), edges=()))


@pytest.mark.parametrize("script", ["exit 1", "sleep 5"])
def test_where_dot_fails_or_hangs_there_is_no_drawing(dot, monkeypatch, script):
    monkeypatch.setattr(graph_drawing, "TIMEOUT_S", 0.2)
    (dot / "dot").write_text(f"#!/bin/sh\nexec {script}\n")
    assert "" == Drawings().draw(SMALL)


def test_without_dot_there_is_no_drawing(monkeypatch):
    monkeypatch.setattr(graph_drawing, "_dot", lambda: None)
    assert "" == Drawings().draw(SMALL)


def test_a_graph_is_counted_in_one_line_the_most_frequent_operation_first():
    graph = Graph(
        labels=("MeanBackward1", "ReluBackward0", "ReluBackward0", "parameter(2,)"), edges=()
    )
    assert "2 Relu, 1 Mean" == operation_counts(graph)


@pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot")
def test_what_dot_draws_keeps_its_texts_and_loses_what_it_repeats():
    drawn = source(Drawings().draw(SMALL))
    assert (True, 1, 0) == (
        ">Addmm</text>" in drawn,
        drawn.count("font-family"),
        drawn.count("<title>"),
    )
