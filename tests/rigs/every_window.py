"""Every window and dialog of the app, filled with something, for the tests that go through them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.history.exchange.extent import LeftOut
from desktop.history.records import DeletedConversation, SearchHit, Transcript
from desktop.lifecycle.expected_speed import expected_speed
from desktop.lifecycle.first_choice import Computer, FirstChoice, Lack, Offer, Role
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.hub.listing import HubFile, HubModel, HubRepo
from desktop.settings.options import Settings
from desktop.system.build_info import AboutFacts
from desktop.ui.about import AboutDialog
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.deleted_dialog import DeletedDialog
from desktop.ui.exchange.extent_dialog import ExtentDialog
from desktop.ui.first_run.dialog import FirstRunDialog, FirstRunState
from desktop.ui.help import HelpDialog
from desktop.ui.models.details import DetailsDialog
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.models.hub_dialog import HubDialog
from desktop.ui.notices import BugDialog
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.widgets.file_dialog import FileDialog
from tests.rigs.conversations import answer, conversation, question
from tests.rigs.meter import Meter
from tests.rigs.models import CATALOG, LICENSED, MIDDLE, MIDDLE_HERE, OWN, SMALL, SMALL_HERE, fit
from tests.rigs.settings import MODELS, cost

_PROXY = "http://proxy.example:3128"


def chat() -> ChatWindow:
    """A conversation with a banner above it."""
    window = ChatWindow(Meter())
    talk = conversation("c", "Cats")
    window.list.set_conversations([talk, conversation("d", "Dogs")], "c")
    window.set_title("Cats")
    window.pane.show_transcript(Transcript(talk, (question(1), answer(2, thinking="Hm."))))
    window.pane.banner.show_notice(Notice("Deleted", actions=(NoticeAction("Undo", lambda: None),)))
    window.status.set_battery(True, "On battery")
    return window


def empty_chat() -> ChatWindow:
    """A new conversation, and none in the list."""
    return ChatWindow(Meter())


def searched_chat() -> ChatWindow:
    """What a search has found, none of it opened."""
    window = ChatWindow(Meter())
    talk = conversation("c", "Cats")
    window.list.set_conversations([talk], None)
    window.list.set_hits([SearchHit(talk, 2, "A cat naps.")])
    window.pane.composer.set_text("A question that is not sent")
    window.pane.composer.set_editing(2)
    return window


def models() -> ModelsDialog:
    """Models here and to be had, a question that waits."""
    dialog = ModelsDialog(fit, lambda _address: None, QLocale("en"))
    dialog.set_models(CATALOG, (SMALL_HERE, MIDDLE_HERE, OWN), "small", None, {})
    dialog.set_waiting_question("What?")
    return dialog


def proxy() -> ModelsDialog:
    """The models, and a proxy that asks for an account."""
    dialog = models()
    dialog.set_waiting_question(None)
    dialog.ask_proxy_account(ProxyAccountNeededError(_PROXY, refused=True))
    return dialog


def first_run() -> FirstRunDialog:
    """Three models to choose from."""
    dialog = FirstRunDialog("en", starts_at_login=False)
    computer = Computer(2, ("avx2",), 4_000_000_000, 2_000_000_000, 31_000_000_000)
    offers = tuple(
        Offer(spec, role, fit(spec), expected_speed(spec.size, computer.cores, computer.features))
        for spec, role in ((SMALL, Role.BEST), (LICENSED, Role.FASTER), (MIDDLE, Role.CLEVERER))
    )
    dialog.show_state(FirstRunState(FirstChoice(computer, offers)))
    return dialog


def first_run_without_room() -> FirstRunDialog:
    """A full disk."""
    dialog = FirstRunDialog("en", starts_at_login=False)
    computer = Computer(1, (), 2_000_000_000, 900_000_000, 20_000_000)
    dialog.show_state(FirstRunState(FirstChoice(computer, (), Lack.DISK, 169_000_000)))
    return dialog


def details() -> DetailsDialog:
    return DetailsDialog(replace(OWN, languages=("en",)))


def hub() -> HubDialog:
    """A repository with models to choose from."""
    judgement = Judgement(Fit.COMFORTABLE, 400_000_000, 2_000_000_000)
    dialog = HubDialog(lambda _size: judgement, lambda _header: judgement)
    found = tuple(
        HubModel((HubFile(f"{name}.gguf", 400_000_000, "0" * 64),), (), ModelKind.CHAT, name, "Q4_K_M")
        for name in ("small", "x" * 122)
    )
    dialog.show_repo(HubRepo("owner/name", "0" * 40, found, licence="MIT", languages=("en",)), "", None)
    dialog.show_failed(UserFacingError("The host does not answer.", "huggingface.co.", "Try again."))
    return dialog


def settings() -> SettingsDialog:
    return SettingsDialog(Settings(), MODELS, cost)


def quick() -> QuickAsk:
    """An answer."""
    box = QuickAsk()
    box.begin_answer()
    box.finish_answer("Yes.", "8 words a second")
    return box


def about() -> AboutDialog:
    return AboutDialog(AboutFacts("1.0", ("Python 3",), "https://catnap.invalid"))


def keys() -> HelpDialog:
    window = ChatWindow(Meter())
    try:
        return HelpDialog(window.menu.keys())
    finally:
        window.end()
        window.deleteLater()


def deleted() -> DeletedDialog:
    """Two conversations, and a question about one."""
    dialog = DeletedDialog()
    gone = [DeletedConversation(conversation(identity, "Cats"), 0.0, 2) for identity in "de"]
    dialog.set_deleted(gone, 30)
    dialog.banner.show_notice(Notice("Sure?", actions=(NoticeAction("Yes", lambda: None),)))
    return dialog


def extent() -> ExtentDialog:
    return ExtentDialog("Export", LeftOut(1, 2), "A note about it.")


def report() -> BugDialog:
    return BugDialog("ValueError: x", "Traceback\n" * 40)


def files() -> FileDialog:
    """The dialog for a file in our own form, which is used where the system's is too high."""
    dialog = FileDialog(None, "Import a model", str(Path(__file__).parent), own=True)
    dialog.setNameFilters(["Models (*.gguf)", "All files (*)"])
    return dialog


WINDOWS: tuple[Callable[[], QWidget], ...] = (
    chat, empty_chat, searched_chat, first_run, first_run_without_room, models, proxy, details, hub, settings, quick,
    about, keys, deleted, extent, report, files,
)  # fmt: skip
DIALOGS = tuple(make for make in WINDOWS if make not in (chat, empty_chat, searched_chat, quick))


def before_close(window: QWidget) -> None:
    """Ends what a window has begun; for ``qtbot.addWidget``."""
    if isinstance(window, ChatWindow):
        window.end()


def name_of(make: object) -> str:
    """Returns what a test with one of these is called."""
    return str(getattr(make, "__name__", make))
