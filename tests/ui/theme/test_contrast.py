"""Every text of both themes stands out from what it stands on, as WCAG 2.1 asks: computed, and then seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.check import share_bar
from desktop.ui.check.share_bar import SHARE
from desktop.ui.conversations import marked_line
from desktop.ui.find import marks
from desktop.ui.theme.code_colours import code_colours
from desktop.ui.theme.fusion.views import TRACK
from desktop.ui.theme.palette import accented, elsewhere, make_palette, mix, muted, tinted, warning
from tests.rigs.every_window import WINDOWS, files
from tests.rigs.looks import looks, opened, settled
from tests.rigs.window_states import STATES
from tests.support.pixels import contrast
from tests.support.widgets import children

# Level AA: for text, for what a control is told by, and (our own choice) for what cannot be used now.
_TEXT, _SIGN, _DISABLED = 4.5, 3.0, 3.0
_Role = QPalette.ColorRole
_Disabled = QPalette.ColorGroup.Disabled


def _pages(palette: QPalette) -> dict[str, QColor]:
    """Returns what text stands on."""
    base, link = palette.color(_Role.Base), palette.color(_Role.Accent)
    button, text = palette.color(_Role.Button), palette.color(_Role.Text)
    return {
        "window": palette.color(_Role.Window),
        "page": base,
        "other rows": palette.color(_Role.AlternateBase),
        "tooltip": palette.color(_Role.ToolTipBase),
        "own message": accented(palette, 0.11),
        "code": tinted(palette, 0.055),
        "code in a line": tinted(palette, 0.08),
        "selected row": accented(palette, 0.16),
        "row below the mouse": tinted(palette, 0.05),
        "selected model": accented(palette, 0.09),
        "banner": accented(palette, 0.14),
        "banner of a problem": mix(base, warning(palette), 0.14),
        "button": button,
        "button below the mouse": mix(button, text, 0.07),
        "button that is pressed": mix(button, text, 0.16),
        "button that is on": mix(button, link, 0.22),
        "word that was found": accented(palette, marks.MARK_SHARE),
        "word that was found in the list": accented(palette, marked_line.MARK_SHARE),
        "message that waits": tinted(palette, 0.05),
        "where files are dropped": accented(palette, 0.12),
        "band of a model that is awake": accented(palette, 0.45),
        "band of one that dozes": accented(palette, 0.2),
        "band of one that sleeps": tinted(palette, 0.08),
        "memory of the computer": tinted(palette, 0.16),
    }


def _pairs(palette: QPalette) -> Iterator[tuple[str, QColor, QColor, float]]:
    pages = _pages(palette)
    text, placeholder = palette.color(_Role.Text), palette.color(_Role.PlaceholderText)
    for name, page in pages.items():
        for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.ToolTipText):
            yield f"{role.name} on {name}", palette.color(role), page, _TEXT
    quiet = ("window", "page", "other rows", "selected row", "row below the mouse", "selected model", "code")
    for name in (*quiet, "own message", "message that waits", "word that was found in the list"):
        yield f"small print on {name}", placeholder, pages[name], _TEXT
        yield f"figures on {name}", muted(palette), pages[name], _TEXT
    for part, colour in code_colours(palette).items():
        yield f"{part.value} in code", colour, pages["code"], _TEXT
    for name in ("window", "page", "own message", "code", "selected model"):
        yield f"link on {name}", palette.color(_Role.Link), pages[name], _TEXT
        yield f"visited link on {name}", palette.color(_Role.LinkVisited), pages[name], _TEXT
    for name in ("window", "page", "selected model", "other rows", "banner of a problem"):
        yield f"warning on {name}", warning(palette), pages[name], _TEXT
        yield f"what leaves this computer on {name}", elsewhere(palette), pages[name], _TEXT
    for share in (0.0, 0.09, 0.18):
        away = mix(elsewhere(palette), text, share)
        yield f"sending to a server, {share}", palette.color(_Role.Base), away, _TEXT
    yield "the frame of what goes to a server", elsewhere(palette), pages["window"], _SIGN
    chosen, on_chosen = palette.color(_Role.Highlight), palette.color(_Role.HighlightedText)
    for share in (0.0, 0.07, 0.09, 0.16, 0.18):  # below the mouse, pressed
        yield f"chosen, {share}", on_chosen, mix(chosen, text, share), _TEXT
    for name in ("window", "page", "selected row", "selected model", "button"):
        yield f"outline of the keyboard on {name}", palette.color(_Role.Accent), pages[name], _SIGN
    window, text_of = palette.color(_Role.Window), palette.color(_Role.Text)
    yield "what is done of something", chosen, mix(window, text_of, TRACK), _SIGN
    yield "share of right answers", accented(palette, SHARE), tinted(palette, share_bar.TRACK), _SIGN
    for name, colour in (("message", palette.color(_Role.Accent)), ("too long", warning(palette))):
        yield f"{name} in the context", colour, tinted(palette, 0.12), _SIGN
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        for name in ("window", "page", "button"):
            yield f"disabled {role.name} on {name}", palette.color(_Disabled, role), pages[name], _DISABLED
    yield (
        "disabled, chosen",
        palette.color(_Disabled, _Role.HighlightedText),
        palette.color(_Disabled, _Role.Highlight),
        _DISABLED,
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_can_be_read(dark: bool) -> None:
    found = [
        f"{name}: {contrast(one, other):.2f} ({one.name()} on {other.name()})"
        for name, one, other, least in _pairs(make_palette(dark))
        if contrast(one, other) < least
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_is_seen_in_its_place(qapp: QApplication, qtbot: QtBot, theme: str) -> None:
    # GIVEN all windows in a theme WHEN they are painted
    faint = []
    with looks(qapp, theme=theme):
        for make in (make for make in (*WINDOWS, *STATES) if make is not files):
            window = opened(qtbot, make)
            settled(window)
            window.setFocus()
            # THEN each word is as dark or light against its surroundings as it has to be
            for widget in children(window, QWidget, shown=True):
                if (
                    isinstance(widget, QLabel | QAbstractButton)
                    and widget.text()
                    and not widget.visibleRegion().isEmpty()
                ):
                    _bring_into_view(widget)
                    least = _TEXT if widget.isEnabled() else _DISABLED
                    reached = _most_contrast(widget)
                    if reached < least:
                        faint.append(f"{make.__name__}: {type(widget).__name__} {widget.text()!r}: {reached:.2f}")
            window.close()
    assert not faint, "\n".join(faint)


def _bring_into_view(widget: QWidget) -> None:
    """Scrolls to a widget of which only an edge is seen."""
    if widget.visibleRegion().boundingRect().height() == widget.height():
        return
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget)
            settled(widget.window())
        around = around.parentWidget()


def _most_contrast(widget: QWidget) -> float:
    """Returns how much the strongest pixel of a word stands out from the commonest colour around it."""
    window = widget.window()
    seen = widget.visibleRegion().boundingRect()
    picture = window.grab(QRect(widget.mapTo(window, seen.topLeft()), seen.size())).toImage()
    places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    colours = Counter(picture.pixelColor(x, y).rgb() for x, y in places)
    page = QColor(max(colours, key=lambda colour: colours[colour]))
    return max(contrast(QColor(colour), page) for colour in colours)
