"""Which texts are formulas, and which only look like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.transcript.maths.spotting import block_formula, inline_formula, unfinished_formula
from tests.support.properties import PROPERTY


@pytest.mark.parametrize(
    "text",
    [
        *(r"\(x\)", r"\(a \neq 0\)", r"\[E = mc^2\]", "$$x$$", "$x$", "$x_1$", "$2x+1$", "$n!$", r"$\alpha$", "$5$"),
        *("$f(x) = x^2$", r"\(ABC\)", r"$\text{if } x$", "$(0, 1)$", "$x=5$", r"\begin{cases}a\\b\end{cases}", "$π/2$"),
        r"$a \$ b_1$",
    ],
)
def test_these_are_formulas(text: str) -> None:
    found = inline_formula(f"{text} so", 0)
    assert found is not None
    assert found.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "$5 and $6",
            "$HOME/$USER",
            "$5-$10",
            "$20 (or 20$)",
            "$ x $",
            "$$",
            "$",
            "$a",
            r"\(see note\)",
            r"\[not a link](x)",
        ),
        *(r"\[\]", r"\[\\\]", "$5 per day, $", "$100 billion$", "$x$y", r"\foo", r"\(", "$PATH and then$"),
    ],
)
def test_these_are_none(text: str) -> None:
    assert inline_formula(text, 0) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (r"\[ x_1 = ", True),
        ("$$\nx = 1", True),
        (r"\begin{align} a", True),
        (r"\[a link", False),
        ("$$ and", False),
        ("$x", False),
    ],
)
def test_an_open_formula_is_told_from_brackets(text: str, is_one: bool) -> None:
    assert bool(unfinished_formula(text, 0)) is is_one


def test_a_formula_has_its_lines_for_itself_or_is_none() -> None:
    found = block_formula(["$$", "x", "$$", "after"])
    assert found is not None and (found.tex, found.lines) == ("x", 3)
    assert block_formula(["$$x$$ is a formula"]) is None
    assert block_formula(["$$x"]) is None
    sentence = block_formula([r"\[x\]."])
    assert sentence is not None and sentence.tex == "x."


@PROPERTY
@given(st.text(alphabet="$\\()[]{} x1^_=ab\n&", max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    for start, letter in enumerate(text):
        if letter in "$\\":
            found = inline_formula(text, start)
            assert found is None or start < found.end <= len(text)
            assert unfinished_formula(text, start) <= len(text)
