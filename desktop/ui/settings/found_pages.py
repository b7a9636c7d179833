"""The pages of the settings while a word is looked for: which are listed, what is seen of them, which comes first."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QListWidget, QStackedWidget, QWidget

from desktop.settings.types import Group
from desktop.ui.settings.page import SettingsPage
from desktop.ui.settings.search import SettingsSearch


class FoundPages:
    """Hides what has not the words, and shows it again."""

    def __init__(self, names: QListWidget, stack: QStackedWidget, pages: Mapping[Group, SettingsPage]) -> None:
        """
        Args:
            names: Of all pages, in the order of ``stack``.
            stack: The pages that are made of options, then others.
            pages: The former.
        """
        self._names, self._stack = names, stack
        self._groups, self._pages = list(pages), list(pages.values())
        self._search = SettingsSearch()

    def look_for(self, wanted: str) -> bool:
        """Lists the pages that have the words, all of them for none, and turns to one; returns whether there is any."""
        everywhere = range(self._names.count())
        for place in everywhere:
            self._names.item(place).setHidden(not self._show(place, wanted))
        shown = [place for place in everywhere if not self._names.item(place).isHidden()]
        if shown and wanted:
            # The page that is called so, else one with a setting that is, else where somebody is.
            now = self._names.currentRow()
            best = max(shown, key=lambda place: (self._called(place, wanted), place == now, -place))
            self._names.setCurrentRow(best)
        return bool(shown)

    def step(self, by: int) -> None:
        """Turns to the next page that is listed, or the one before."""
        place = self._names.currentRow() + by
        while 0 <= place < self._names.count() and self._names.item(place).isHidden():
            place += by
        if 0 <= place < self._names.count():
            self._names.setCurrentRow(place)

    def first(self) -> QWidget:
        """Returns what the keyboard goes to on the page that is shown: its first control, else the page."""
        place = self._names.currentRow()
        rows = self._pages[place].rows if 0 <= place < len(self._pages) else ()
        row = next((row for row in rows if not row.isHidden()), None)
        return row.editor.control if row is not None else self._stack.currentWidget()

    def _show(self, place: int, wanted: str) -> bool:
        """Shows what of a page has the words; returns whether anything has."""
        if place >= len(self._pages):
            return not wanted or self._search.shows(self._stack.widget(place), wanted)
        page = self._pages[place]
        if not wanted:
            page.show_all()
            return True
        rows = [row for row in page.rows if self._search.has(row.option, wanted)]
        if not rows and self._search.has_name(self._groups[place].value, wanted):
            rows = list(page.rows)
        # What is below the options goes with them: switching one on may have something to say there.
        panels = [panel for panel in page.panels if rows or self._search.shows(panel, wanted)]
        page.show_only([*rows, *panels])
        return bool(rows or panels)

    def _called(self, place: int, wanted: str) -> int:
        """Returns what of a page is called by the words: itself 2, a setting 1, nothing 0."""
        if place >= len(self._pages):
            return 2 * self._search.has_name(self._stack.widget(place).windowTitle(), wanted)
        if self._search.has_name(self._groups[place].value, wanted):
            return 2
        return int(any(self._search.has_name(row.option.label, wanted) for row in self._pages[place].rows))
