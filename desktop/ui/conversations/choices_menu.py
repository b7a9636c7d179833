"""What is chosen for one conversation alone, in a button above it and in the menu: its model and its imagination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop.ui.widgets.glyphs import MenuButton
from desktop.ui.widgets.menus import add_action
from desktop.ui.words import plain_tip, short_name

# Letters of a name in the button, beside the title of the conversation and its persona.
_SHORT = 22
# Models on one server that stand in the menu itself.
_MANY = 6


@dataclass(frozen=True)
class OfferedModel:
    """A model that can be chosen.

    Attributes:
        file: Name of its file, or what stands in the place of one for a model on a server.
        name: Its own.
        server: Name of the server that it is on; empty: it is here.
        place: Host of that.
        is_untried: Nothing speaks for it yet: it is tried before it answers.
    """

    file: str
    name: str
    server: str = ""
    place: str = ""
    is_untried: bool = False


@dataclass(frozen=True)
class Offer:
    """What there is to choose, and what is chosen.

    Attributes:
        models: Those that are here, and those on servers.
        usual_model: Name of the one in the settings; empty: none.
        usual_temperature: What would apply without a choice.
        model: File of the one that is chosen, which may be gone; None: as usual.
        temperature: Likewise.
        answers: Name of the one that will answer; empty: none can.
        place: Host of the server that will; empty: it will be this computer.
        begins_elsewhere: New conversations are answered by a server unless somebody chooses otherwise.
    """

    models: Sequence[OfferedModel] = ()
    usual_model: str = ""
    usual_temperature: float = 0.0
    model: str | None = None
    temperature: float | None = None
    answers: str = ""
    place: str = ""
    begins_elsewhere: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the model that is chosen is not there."""
        return self.model is not None and all(one.file != self.model for one in self.models)


class ChoicesMenu(QObject):
    """Fills menus with it.

    Signals:
        modelChosen: (file; None: as in the settings)
        temperatureChosen: (temperature; None: as usual)
        temperatureWanted: Another one than those in the menu, which somebody wants to write.
        serversRequested: Servers shall be added, or looked at.
    """

    modelChosen = Signal(object)
    temperatureChosen = Signal(object)
    temperatureWanted = Signal()
    serversRequested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offer = Offer()

    def attach(self, menu: QMenu) -> None:
        """Fills a menu whenever it opens."""
        menu.aboutToShow.connect(lambda: self._fill(menu))

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        for old in cast("list[QActionGroup]", menu.findChildren(QActionGroup)):  # which clearing leaves
            old.deleteLater()
        offer = self.offer
        models, temperatures = QActionGroup(menu), QActionGroup(menu)
        menu.addSection(self.tr("Model"))
        words, named = self.tr("As in the settings"), self.tr("As in the settings ({model})")
        if offer.begins_elsewhere:  # what the settings say is a server
            words, named = self.tr("On this computer"), self.tr("On this computer ({model})")
        if offer.usual_model:
            words = named.format(model=short_name(offer.usual_model))
        self._add(menu, models, words, offer.model is None, partial(self.modelChosen.emit, None))
        for one in offer.models:
            if not one.server:
                self._add_model(menu, models, one)
        self._add_servers(menu, models)
        if offer.is_gone:
            words = self.tr("{file} (no longer here)").format(file=short_name(offer.model or ""))
            self._add(menu, models, words, True, lambda: None)
        menu.addSeparator()
        add_action(menu, self.tr("Servers…"), self.serversRequested.emit)
        menu.addSection(self.tr("Imagination"))
        words = self.tr("As usual ({value})").format(value=_figure(offer.usual_temperature))
        self._add(menu, temperatures, words, offer.temperature is None, partial(self.temperatureChosen.emit, None))
        for value, words in self._temperatures():
            is_chosen = value == offer.temperature
            self._add(menu, temperatures, words, is_chosen, partial(self.temperatureChosen.emit, value))
        add_action(menu, self.tr("Another value…"), self.temperatureWanted.emit)

    def _add_servers(self, menu: QMenu, group: QActionGroup) -> None:
        """Adds the models on servers, each server's together: in a menu of their own where they are many."""
        by_server: dict[str, list[OfferedModel]] = {}
        for one in self.offer.models:
            if one.server:
                by_server.setdefault(one.server, []).append(one)
        for server, models in by_server.items():
            words = self.tr("On {server} ({host})").format(server=server, host=models[0].place)
            if len(models) > _MANY:
                inner = menu.addMenu(words.replace("&", "&&"))
                for one in models:
                    self._add_model(inner, group, one)
            else:
                menu.addSection(words)
                for one in models:
                    self._add_model(menu, group, one)

    def _add_model(self, menu: QMenu, group: QActionGroup, one: OfferedModel) -> None:
        choose = partial(self.modelChosen.emit, one.file)
        words = short_name(one.name)
        if one.is_untried:
            words = self.tr("{model} (is tried first)").format(model=words)
        self._add(menu, group, words, one.file == self.offer.model, choose)

    def _temperatures(self) -> list[tuple[float, str]]:
        named = {
            0.0: self.tr("None: always the likeliest word (0)"),
            0.3: self.tr("Little (0.3)"),
            0.7: self.tr("Medium (0.7)"),
            1.0: self.tr("Much (1.0)"),
            1.4: self.tr("Wild (1.4)"),
        }
        chosen = self.offer.temperature
        if chosen is not None and chosen not in named:
            named[chosen] = _figure(chosen)
        return sorted(named.items())

    def _add(self, menu: QMenu, group: QActionGroup, words: str, chosen: bool, do: Callable[[], object]) -> None:
        action = add_action(menu, words.replace("&", "&&"), do)
        action.setCheckable(True)
        action.setChecked(chosen)
        group.addAction(action)


class ChoicesButton(MenuButton):
    """Says which model will answer, and what else is chosen for the conversation; hidden while there is none."""

    def __init__(self, menu: ChoicesMenu, parent: QWidget | None = None) -> None:
        """
        Args:
            menu: What opens.
            parent: Owner.
        """
        super().__init__(parent)
        self._choices = menu
        self._is_narrow = False
        opened = QMenu(self)
        menu.attach(opened)
        self.setMenu(opened)
        self.setAccessibleName(self.tr("Model of this conversation"))
        self.hide()

    def show_offer(self, offer: Offer) -> None:
        """Shows what is chosen."""
        self._choices.offer = offer
        name = short_name(offer.answers, _SHORT).replace("&", "&&")
        parts = [name] if offer.temperature is None else [name, _figure(offer.temperature)]
        self.setText(" · ".join(parts))
        said = self.tr("Which model answers in this conversation: {name}").format(name=offer.answers)
        if offer.place:
            leaves = self.tr("It is on a server, {host}: your words leave this computer.")
            said = f"{said}\n{leaves.format(host=offer.place)}"
        if offer.is_gone:
            gone = self.tr("{file}, which was chosen for it, is no longer here.")
            said = f"{said}\n{gone.format(file=offer.model)}"
        if offer.temperature is not None:
            words = self.tr("Imagination (temperature): {value}")
            said = f"{said}\n{words.format(value=_figure(offer.temperature))}"
        self.setToolTip(plain_tip(said))
        self.setAccessibleName(" · ".join(said.splitlines()))
        self._fit()

    def set_narrow(self, is_narrow: bool) -> None:
        """In a narrow window it is there only if something is chosen; the menu has the same."""
        self._is_narrow = is_narrow
        self._fit()

    def _fit(self) -> None:
        offer = self._choices.offer
        is_usual = offer.model is None and offer.temperature is None
        self.setVisible(bool(offer.answers) and not (self._is_narrow and is_usual))


def _figure(temperature: float) -> str:
    figure = f"{temperature:.3g}"
    return figure if "." in figure else f"{figure}.0"  # as in the menu; a bare 1 could be anything
