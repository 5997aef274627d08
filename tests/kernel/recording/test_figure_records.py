"""What is recorded of the figures that a notebook draws."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import matplotlib.pyplot as plt
import pytest

from grader.kernel.recording.figure_records import FigureRecords
from grader.trace import Event
from tests.support.recording import Recording

START = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"


@pytest.fixture(autouse=True)
def agg(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Figures without windows and animations, and pyplot as it was afterwards."""
    monkeypatch.delitem(sys.modules, "matplotlib.animation", raising=False)
    import matplotlib._pylab_helpers as helpers

    plt.switch_backend("agg")
    gcf = helpers.Gcf
    monkeypatch.setattr(gcf, "destroy", gcf.destroy)
    monkeypatch.setattr(gcf, "destroy_all", gcf.destroy_all)
    yield
    plt.close("all")


def figures(*cells: str) -> Sequence[Event]:
    """The figures of some cells."""
    recording = Recording()
    records = FigureRecords(recording.recorder)
    records.install()
    for cell in cells:
        recording.run(cell)
        records.finish_cell()
    return [event for event in recording.events() if event.kind == "figure"]


def drawn(*lines: str) -> dict[str, object]:
    """What the first axes of one figure holds: texts, numbers and elements."""
    (event,) = figures(START + "\n".join(lines))
    return {
        path.removeprefix("axes[0]."): getattr(value, "value", getattr(value, "elements", None))
        for path, value in event.values.items()
    }


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("ax.plot([1, 2])", "line"),
        ("ax.scatter([1], [2])", "cloud"),
        ("ax.plot([1, 2], 'o')", "dots"),
        ("ax.plot([1, 2], 'o-')", "line"),
        ("ax.plot([1, 2], linestyle='')", ""),
        ("ax.bar([1, 2], [3, 4])", "bars"),
        ("ax.hist([1, 2, 2])", "bars"),
        ("ax.imshow([[1, 2], [3, 4]])", "image"),
        ("ax.pcolormesh([[1, 2], [3, 4]])", "image"),
        ("ax.contourf([[1, 2], [3, 4]])", "contour"),
        ("ax.fill_between([1, 2], [3, 4])", "area"),
        ("ax.pie([1, 2])", "pie"),
        ("ax.scatter([1], [2]); ax.axhline(3)", "cloud line"),
        ("", ""),
    ],
)
def test_what_is_drawn_is_told_by_its_kind(line, kinds):
    assert kinds == drawn(line)["kinds"]


def test_labels_titles_scales_and_legends_are_recorded():
    held = drawn(
        "ax.semilogy([1, 10], label='loss')",
        "ax.set(xlabel='epoch', ylabel='J', title='Loss')",
        "ax.legend()",
    )
    expected = {
        "xlabel": "epoch",
        "ylabel": "J",
        "xscale": "linear",
        "yscale": "log",
        "legend": 1.0,
        "title": "Loss",
    }
    assert expected == {name: held[name] for name in expected}


def test_the_data_of_lines_clouds_bars_and_images_is_recorded():
    held = drawn(
        "ax.plot([0, 1], [3, 4])",
        "ax.scatter([5, 6], [7, 8])",
        "ax.bar([0, 1], [9, 10])",
        "ax.imshow([[1, 2]])",
    )
    assert [(3.0, 4.0), (7.0, 8.0), (9.0, 10.0), (1.0, 2.0)] == [
        held[path] for path in ("line[0].y", "cloud[0].y", "bars", "image[0]")
    ]


def test_a_colour_bar_is_no_axes_of_its_own():
    (event,) = figures(START + "fig.colorbar(ax.imshow([[1, 2]]))")
    assert {"axes[0]"} == {path.partition(".")[0] for path in event.values}


def test_a_figure_that_is_closed_counts():
    (event,) = figures(START + "ax.plot([1])\nplt.savefig('/dev/null', format='png')\nplt.close()")
    assert 0 == event.cell


def test_each_figure_is_recorded_once():
    first, second = figures(
        START + "ax.plot([1])", "plt.figure()\nplt.bar([1], [2])\nplt.close('all')"
    )
    assert (0, 1) == (first.cell, second.cell)


def test_a_title_above_all_axes_is_the_figures():
    (event,) = figures(START + "fig.suptitle('all')")
    assert "all" == event.values["title"].value


def test_a_figure_that_cannot_be_read_ends_no_cell():
    assert [] == figures(START + "ax.legend_ = 3")


@pytest.mark.parametrize(
    "line",
    [
        "ax.plot([], [])",
        "ax.plot([float('nan')] * 3)",
        "ax.plot([1, 2], visible=False)",
        "ax.plot([1, 2], alpha=0)",
        "ax.scatter([1, 2], [3, 4], alpha=0)",
        "ax.scatter([], [])",
    ],
)
def test_what_nobody_sees_is_not_drawn(line):
    held = drawn(line)
    assert ("", []) == (held["kinds"], [path for path in held if path.startswith(("line", "cl"))])


def test_a_line_that_an_animation_will_fill_is_drawn(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.animation", sys)
    assert "line" == drawn("ax.plot([], [])")["kinds"]


def test_a_line_in_space_is_drawn():
    (event,) = figures(
        "import matplotlib.pyplot as plt\nax = plt.figure().add_subplot(projection='3d')\n"
        "ax.plot([1, 2], [3, 4], [5, 6])"
    )
    assert "line" == event.values["axes[0].kinds"].value


def test_an_axes_that_is_hidden_shows_nothing():
    assert [] == figures(START + "ax.plot([1, 2])\nax.set_visible(False)")


@pytest.mark.parametrize(
    "line",
    [
        "ax.set(xlabel='\\u200b', title='\\u2060 ')",
        "ax.set(xlabel='$ $', title='\\u3164')",
        "ax.get_xlabel = ax.get_title = lambda *_: 'epoch'",
    ],
)
def test_a_text_that_nobody_sees_is_none(line):
    held = drawn("ax.plot([1, 2], label='')", "ax.legend([' '])", line)
    assert ("", "", 0.0) == (held["xlabel"], held["title"], held["legend"])


@pytest.mark.parametrize("text", ["$\\theta$", "%", "J (€)", "损失", "1"])
def test_a_text_in_any_script_or_sign_is_one(text):
    assert text == drawn(f"ax.set_xlabel({text!r})")["xlabel"]


def test_labels_of_axes_that_are_switched_off_do_not_count():
    held = drawn("ax.imshow([[1, 2]])", "ax.set(xlabel='a', title='b')", "ax.axis('off')")
    assert ("", "b", "image") == (held["xlabel"], held["title"], held["kinds"])


def test_an_axes_of_the_notebooks_own_class_is_read_as_it_is():
    (event,) = figures(
        """
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.projections import register_projection
class Line2D:
    def get_visible(self): return True
class Liar(Axes):
    name = "liar"
    __module__ = "__main__"
    def get_xlabel(self): return "epoch"
    def get_children(self): return [Line2D()]
register_projection(Liar)
plt.subplot(projection="liar").plot([1, 2])
"""
    )
    assert ("", "line") == (
        event.values["axes[0].xlabel"].value,
        event.values["axes[0].kinds"].value,
    )


def test_a_line_that_says_another_style_than_it_has_is_seen_as_it_is():
    (event,) = figures(
        START
        + """
from matplotlib.lines import Line2D
class Liar(Line2D):
    __module__ = "__main__"
    def get_linestyle(self): return "-"
    def get_marker(self): return "o"
ax.add_line(Liar([1, 2], [3, 4], linestyle=""))
"""
    )
    assert "" == event.values["axes[0].kinds"].value
