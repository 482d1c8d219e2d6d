"""Figures show the report's numbers under the classes' names; pixels are left to matplotlib."""

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.text import Text

from grader.reports.figures.drawer import FIGURE_NAMES
from grader.reports.figures.files import figure_files
from grader.reports.figures.plot_style import drawing
from grader.reports.figures.plots import (
    CellText,
    class_change_figure,
    confusion_matrix_figure,
    reliability_figure,
)
from grader.results.comparisons import Comparison
from grader.results.editions import edition
from grader.results.report import GradeReport
from grader.results.scores import ConfusionMatrix
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report

MATRIX = ConfusionMatrix(vocab=("robin", "wren", "owl"), counts=((3, 1, 0), (0, 4, 0), (0, 0, 0)))
COMPARED = make_report(
    labels=("robin", "wren", "owl"),
    targets=(0,) * 6 + (1,) * 6,
    candidate=(0,) * 6 + (1,) * 5 + (0,),
    baseline=(0,) * 2 + (1,) * 10,
)


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    """Draw as the files are drawn."""
    with drawing():
        yield


def drawn(matrix: ConfusionMatrix, cells: CellText = "counts") -> Axes:
    """The axes that the matrix is drawn on."""
    return confusion_matrix_figure(matrix, ENGLISH, title="Matrix", cells=cells).axes[0]


def named(*vocab: str) -> ConfusionMatrix:
    """A matrix of these classes, in which every image is right."""
    counts = tuple(tuple(int(i == j) for j in range(len(vocab))) for i in range(len(vocab)))
    return ConfusionMatrix(vocab=vocab, counts=counts)


def tick_labels(matrix: ConfusionMatrix) -> list[str]:
    """The names down the side, top first."""
    return [text.get_text() for text in drawn(matrix).get_yticklabels()]


def comparison_of(report: GradeReport) -> Comparison:
    """The comparison, which is there."""
    assert report.comparison is not None
    return report.comparison


def points_of(axes: Axes) -> dict[str, list[tuple[float, float]]]:
    """The points of each series with intervals, by its name."""
    found = {}
    for container in axes.containers:
        assert isinstance(container, ErrorbarContainer)
        line = container[0]
        points = np.asarray(line.get_xydata()).tolist()
        found[str(container.get_label())] = [(x, y) for x, y in points]
    return found


def counts_of(axes: Axes) -> list[list[int]]:
    """The heights of each series of steps."""
    steps = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    return [np.asarray(patch.get_data()[0]).tolist() for patch in steps]


def test_colours_are_the_shares_of_each_row() -> None:
    """A class without images is drawn as a row of zeros."""
    (image,) = drawn(MATRIX).images
    expected = np.array([[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(np.asarray(image.get_array()), expected)
    assert image.get_clim() == (0.0, 1.0)


@pytest.mark.parametrize(
    ("cells", "texts"), [("counts", ["3", "1", "4"]), ("shares", ["75", "25", "100"])]
)
def test_counts_or_shares_stand_in_their_cells(cells: CellText, texts: list[str]) -> None:
    """Across is predicted, down is true; zeros are left blank."""
    found = {text.get_position(): text.get_text() for text in drawn(MATRIX, cells).texts}
    assert found == dict(zip([(0, 0), (1, 0), (1, 1)], texts, strict=True))


def test_both_axes_name_the_classes_in_order() -> None:
    """And say which is which."""
    axes = drawn(MATRIX)
    across = [text.get_text() for text in axes.get_xticklabels()]
    assert across == tick_labels(MATRIX) == ["robin", "wren", "owl"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    assert axes.get_title() == "Matrix"


def test_counts_are_light_on_dark_and_dark_on_light() -> None:
    """They can be read on every colour."""
    found = {text.get_text(): text.get_color() for text in drawn(MATRIX).texts}
    assert found == {"3": "white", "1": "black", "4": "white"}


def test_a_withheld_row_is_grey() -> None:
    """It says so, and holds no number."""
    axes = drawn(replace(MATRIX, counts=(None, (0, 4, 0), (0, 0, 0))))
    assert [text.get_text() for text in axes.texts] == ["withheld", "4"]
    (span,) = axes.patches
    assert span.get_facecolor() == pytest.approx((221 / 255,) * 3 + (1.0,))


@pytest.mark.parametrize("name", ["$\\frac{$", "$x$", "a_b^c"])
def test_a_dollar_in_a_name_is_only_a_character(name: str) -> None:
    """Text that is no formula can be drawn."""
    matrix = named(name, "wren")
    figure = confusion_matrix_figure(matrix, ENGLISH, title=name, cells="counts")
    figure.savefig(io.BytesIO())
    assert not any(text.get_parse_math() for text in figure.findobj(Text))
    assert tick_labels(matrix)[0] == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines", "two\\nlines"),
        ("鳥", "\\u9ce5"),
        ("\U0001f426 bird", "\\U0001f426 bird"),
        ("cigüeña", "cigüeña"),
        ("птица", "птица"),
    ],
)
def test_what_the_font_can_not_draw_is_escaped(name: str, shown: str) -> None:
    """So that nothing is drawn as an empty box, and nothing is warned about."""
    matrix = named(name, "wren")
    assert tick_labels(matrix)[0] == shown
    confusion_matrix_figure(matrix, ENGLISH, title="x", cells="counts").savefig(io.BytesIO())


def test_a_long_name_is_cut_to_a_length_that_fits() -> None:
    """28 characters stay whole; of 29 the end is cut."""
    assert tick_labels(named("a" * 28, "b" * 29)) == ["a" * 28, "b" * 27 + "…"]


def test_many_classes_are_drawn_without_counts() -> None:
    """Sixty names and a colour for each cell, but no numbers to run together."""
    axes = drawn(named(*(f"bird {number}" for number in range(60))))
    assert len(axes.texts) == 0
    assert len(axes.get_yticklabels()) == 60


def test_a_figure_grows_with_its_classes_up_to_a_limit() -> None:
    """Names need room, and a printer has a widest page; then they get smaller."""
    figures = [_of_classes(n_classes) for n_classes in (2, 20, 60, 200)]
    heights = [figure.get_figheight() for figure in figures]
    assert heights[0] < heights[1] < heights[2] == heights[3] == 24.0
    sizes = [float(figure.axes[0].get_yticklabels()[0].get_fontsize()) for figure in figures]
    assert sizes[0] == sizes[1] == 10.0 > sizes[3] > 5.0


def _of_classes(n_classes: int) -> Figure:
    matrix = named(*(f"bird {number}" for number in range(n_classes)))
    return confusion_matrix_figure(matrix, ENGLISH, title="x", cells="counts")


def test_reliability_has_a_point_for_each_bin_with_images() -> None:
    """Both models', against the diagonal, with how many images there are in each bin."""
    comparison = comparison_of(COMPARED)
    figure = reliability_figure(
        COMPARED.scores, comparison.baseline_scores, ENGLISH, title="How sure"
    )
    upper, lower = figure.axes
    points = points_of(upper)
    assert np.allclose(points["candidate"], [(0.75, 11 / 12)])
    assert np.allclose(points["baseline"], [(0.75, 8 / 12)])
    legend = upper.get_legend()
    assert legend is not None
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["perfect calibration", "candidate", "baseline"]
    assert counts_of(lower) == [[0, 0, 0, 0, 0, 0, 0, 12, 0, 0]] * 2


def test_a_withheld_bin_has_no_point() -> None:
    """Its count stays."""
    bins = tuple(
        replace(one, confidence=None, accuracy=None, accuracy_interval=None)
        for one in COMPARED.scores.reliability
    )
    scores = replace(COMPARED.scores, reliability=bins)
    upper, lower = reliability_figure(scores, None, ENGLISH, title="x").axes
    assert points_of(upper) == {"candidate": []}
    assert sum(counts_of(lower)[0]) == 12


def test_changes_show_both_recalls_and_the_flips() -> None:
    """A class without images has no points."""
    figure = class_change_figure(
        comparison_of(COMPARED), COMPARED.scores, ENGLISH, title="Recall of each class"
    )
    axes, said = figure.axes
    points = points_of(axes)
    assert [round(recall, 3) for recall, _ in points["baseline"]] == [0.333, 1.0]
    assert [round(recall, 3) for recall, _ in points["candidate"]] == [1.0, 0.833]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["robin", "wren", "owl"]
    assert [text.get_text() for text in said.get_yticklabels()] == [
        "+4 −0  can't tell",  # noqa: RUF001 - the sign that minus is
        "+0 −1  can't tell",  # noqa: RUF001
        "+0 −0  can't tell",  # noqa: RUF001
    ]


def test_changes_of_a_withheld_class_are_not_drawn() -> None:
    """The figure says that they are withheld."""
    report = make_report(
        labels=("robin", "wren", "owl"),
        targets=(0,) * 7 + (1,) * 6 + (2,) * 2,
        candidate=(0,) * 15,
        baseline=(1,) * 15,
    )
    student = edition(report, "student")
    figure = class_change_figure(comparison_of(student), student.scores, ENGLISH, title="x")
    axes, said = figure.axes
    assert [height for _, height in points_of(axes)["candidate"]] == [0.15]
    verdicts = [text.get_text() for text in said.get_yticklabels()]
    assert verdicts[1:] == ["withheld", "withheld"]


def test_models_are_told_apart_by_shape_as_well_as_by_colour() -> None:
    """For colour-blind readers, and on paper."""
    figure = class_change_figure(comparison_of(COMPARED), COMPARED.scores, ENGLISH, title="x")
    lines = [container[0] for container in figure.axes[0].containers]
    assert [line.get_color() for line in lines] == ["#D55E00", "#0072B2"]
    assert [line.get_marker() for line in lines] == ["D", "o"]


def test_a_figure_speaks_spanish() -> None:
    """Titles, axes and numbers."""
    figure = class_change_figure(
        comparison_of(COMPARED), COMPARED.scores, language_of("es"), title="x"
    )
    figure.savefig(io.BytesIO())
    assert figure.axes[0].get_xlabel() == "exhaustividad"
    assert "0,4" in [text.get_text() for text in figure.axes[0].get_xticklabels()]


def test_files_are_the_same_to_the_byte_every_time() -> None:
    """Each figure as PNG and SVG, under a name that stays."""
    first, second = (figure_files(COMPARED, ENGLISH) for _ in range(2))
    assert list(first) == [f"{name}.{end}" for name in FIGURE_NAMES for end in ("png", "svg")]
    assert first == second
    assert all(b"matplotlib" not in content[:300].lower() for content in first.values())


def test_files_without_a_baseline_are_three_figures() -> None:
    """The matrix twice, and the reliability."""
    names = set(figure_files(make_report(), language_of("es")))
    stems = {"confusion_matrix", "confusion_matrix_by_row", "reliability"}
    assert names == {f"{stem}.{end}" for stem in stems for end in ("png", "svg")}
