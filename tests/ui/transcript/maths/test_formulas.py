"""Formulas as words, as drawings, and as their source where nobody can read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QTextBlock
from pytestqt.qtbot import QtBot

from desktop.ui.theme.palette import make_palette
from desktop.ui.transcript.markdown.document import blocks_of
from desktop.ui.transcript.maths.boxes import Box
from desktop.ui.transcript.maths.flat import flat_runs
from desktop.ui.transcript.maths.layout import formula_box
from desktop.ui.transcript.maths.tree import formula_tree
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer
from tests.rigs.windows import transcript
from tests.support.pixels import contrast
from tests.support.properties import PROPERTY

_DRAWN = [
    r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}",
    r"\sqrt[3]{x}",
    r"\sum_{i=1}^{n} i",
    r"\int_0^1 f(x)\,dx",
    r"\lim_{n \to \infty} a_n",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\begin{align*} a &= b \\ c &= d \end{align*}",
    r"\begin{gather} a \\ b \end{gather}",
    r"\begin{equation} a = \frac{b}{c} \label{one} \end{equation}",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\begin{bmatrix} 1 \\ 3 \end{bmatrix}",
    r"\begin{array}{c|c} a & b \\ c & d \end{array}",
    r"f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\left( \frac{a}{b} \right)^2",
    r"\binom{n}{k}",
    r"\overline{AB}",
    r"\underbrace{a+b}_{c}",
    r"\widehat{ABC}",
    r"\boxed{42}",
    r"\cancel{x}",
    r"x_1^2",
    r"e^{x^2}",
    r"a \\ b",
    r"\xrightarrow{f} \frac12",
]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"a \neq 0", "a ≠ 0"),
        ("x^2 + y_1", "x2\u2009+\u2009y1"),
        (r"\alpha\beta \to \infty", "αβ → ∞"),
        (r"\frac{1}{2}", "½"),
        (r"\sin x", "sin\u2009x"),
        (r"\mathbb{R}^n", "ℝn"),
        (r"\vec{v} \cdot \hat{n}", "v\u20d7\u2009·\u2009n\u0302"),
        ("f'(x) = -x", "f′(x) = −x"),
        (r"\text{面积} = \pi r^2", "面积 = πr2"),
        (r"50\%", "50%"),
        (r"\{1, 2\}", "{1,\u20092}"),
        (r"\mathbf{x} \in A", "x ∈ A"),
        (r"2 \times 3 \pm 1", "2\u2009×\u20093\u2009±\u20091"),
    ],
)
def test_simple_formulas_are_words(tex: str, words: str) -> None:
    tree = formula_tree(tex)
    assert tree is not None
    runs = flat_runs(tree)
    assert runs is not None
    assert "".join(run.text for run in runs) == words


def test_what_is_raised_and_slanted_is_so() -> None:
    tree = formula_tree("x^2 = a_n")
    assert tree is not None
    runs = flat_runs(tree) or ()
    assert [(run.text, run.raised, run.italic) for run in runs] == [
        ("x", 0, True),
        ("2", 1, False),
        (" = ", 0, False),
        ("a", 0, True),
        ("n", -1, True),
    ]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("tex", _DRAWN)
@pytest.mark.parametrize("display", [True, False])
def test_other_formulas_are_drawn_within_their_boxes(tex: str, display: bool) -> None:
    # GIVEN a formula that has parts above each other
    tree = formula_tree(tex)
    assert tree is not None
    assert flat_runs(tree) is None
    # WHEN it is drawn
    box = formula_box(tree, QFont(), display=display)
    picture = _drawn(box)
    # THEN there is ink, and none outside of the box but for what a letter leans over
    inked = [
        (x, y)
        for y in range(picture.height())
        for x in range(picture.width())
        if picture.pixelColor(x, y) != QColor("white")
    ]
    assert len(inked) > 10
    xs, ys = [x - _ROOM for x, _ in inked], [y - _ROOM for _, y in inked]
    assert min(xs) >= -3 and max(xs) <= box.width + 4
    assert min(ys) >= -2 and max(ys) <= box.height + 2


@pytest.mark.usefixtures("qapp")
def test_brackets_are_as_high_as_what_they_hold() -> None:
    low, high = formula_tree(r"\left( a \right)"), formula_tree(r"\left( \frac{\frac{a}{b}}{c} \right)")
    assert low is not None and high is not None
    inner = formula_tree(r"\frac{\frac{a}{b}}{c}")
    assert inner is not None
    font = QFont()
    assert formula_box(high, font, display=True).height >= formula_box(inner, font, display=True).height
    assert formula_box(high, font, display=True).height > 2 * formula_box(low, font, display=True).height


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    "tex", [r"\foo{x}", r"\frac{a}", r"{", r"\left( a", r"\begin{matrix} a", "a^b^c", r"\frac", "&", "_"]
)
def test_what_is_no_formula_is_no_error(tex: str) -> None:
    tree = formula_tree(tex)
    if tree is not None:  # what can be made sense of is shown
        formula_box(tree, QFont(), display=True)


@PROPERTY
@given(
    st.lists(
        st.sampled_from(
            [*r"\{}()[]^_&ab1+= ", r"\frac", r"\sqrt", r"\begin{matrix}", r"\end{matrix}", r"\\", r"\left", "猫"]
        )
    )
)
def test_no_formula_is_too_odd(parts: list[str]) -> None:
    tree = formula_tree("".join(parts))
    if tree is not None:
        flat_runs(tree)


def test_formulas_follow_theme_and_size_of_the_text(qtbot: QtBot) -> None:
    # GIVEN a drawn formula
    view = transcript(qtbot)
    view.show_messages([answer(1, r"$$\frac{a}{b}$$")], 0)
    light, low = _darkest(view.viewport().grab().toImage()), _height(view)
    # WHEN the theme becomes dark, and the text twice as large
    view.setPalette(make_palette(dark=True))
    larger = QFont(view.font())
    larger.setPointSizeF(view.font().pointSizeF() * 2)
    view.setFont(larger)
    # THEN the formula is light, and larger
    assert light < 90
    assert _height(view) > 1.6 * low
    picture = view.viewport().grab().toImage()
    assert max(picture.pixelColor(x, y).lightness() for y in range(20, 90) for x in range(picture.width())) > 200


def test_a_selected_formula_can_be_read(qtbot: QtBot) -> None:
    # GIVEN a formula WHEN it is selected
    view = transcript(qtbot)
    view.setPalette(make_palette(dark=False))
    view.show_messages([answer(1, r"$$\frac{MMMM}{MMMM}$$")], 0)
    view.selectAll()
    # THEN its letters have the colour that selected words have
    picture = view.viewport().grab().toImage()
    layout = _formula(view).layout()
    area = layout.lineAt(0).naturalTextRect().translated(layout.position()).toRect().adjusted(3, 3, -3, -3)
    inked = [
        picture.pixelColor(x, y) for y in range(area.top(), area.bottom()) for x in range(area.left(), area.right())
    ]
    wanted, behind = view.palette().highlightedText().color(), view.palette().highlight().color()
    assert contrast(max(inked, key=lambda colour: contrast(colour, behind)), behind) > contrast(wanted, behind) * 0.8


def test_a_formula_wider_than_the_page_is_made_to_fit(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, "$$" + " + ".join(rf"\frac{{{n}}}{{b}}" for n in range(1000, 1030)) + "$$")], 0)
    block = _formula(view)
    assert block.layout().boundingRect().height() > 2 * view.fontMetrics().height()
    line = block.layout().lineAt(0)
    assert line.naturalTextWidth() + line.x() + block.layout().position().x() <= view.viewport().width()


_ROOM = 10


def _drawn(box: Box) -> QImage:
    picture = QImage(int(box.width) + 3 * _ROOM, int(box.height) + 3 * _ROOM, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    painter.translate(_ROOM, _ROOM + box.ascent)
    box.paint(painter)
    painter.end()
    return picture


def _darkest(picture: QImage) -> int:
    return min(picture.pixelColor(x, y).lightness() for y in range(20, 90) for x in range(picture.width()))


def _height(view: TranscriptView) -> float:
    return _formula(view).layout().boundingRect().height()


def _formula(view: TranscriptView) -> QTextBlock:
    return next(block for block in blocks_of(view.document()) if block.text() == "\ufffc")
