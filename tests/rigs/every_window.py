"""Every window and dialog of the app, filled with something, for the tests that go through them all."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.api.state import ApiKind, ApiState
from desktop.chat.quick_actions.actions import BUILT_IN, QuickAction
from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.check.run import CheckProgress
from desktop.check.summary import Line, summary_of
from desktop.check.types import WHY_NOT, Kind, Language, Why
from desktop.common.errors import UserFacingError
from desktop.documents.library.libraries import DocumentLibrary, LibraryProgress, LibraryState, VectorState
from desktop.documents.problems import Reason, problem
from desktop.engine.footprint import Fit, Footprint
from desktop.engine.types import Asleep, Awake, Dozing, EngineConfig, SleepReason, Stats
from desktop.extraction.filling import FillingProgress
from desktop.extraction.kept import TableOrder
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source as TableSource
from desktop.gguf.kind import ModelKind
from desktop.history.exchange.extent import LeftOut
from desktop.history.records import DeletedConversation, SearchHit, Transcript, model_on
from desktop.history.sources import Source
from desktop.lifecycle.expected_speed import expected_speed
from desktop.lifecycle.first_choice import Computer, FirstChoice, Lack, Role
from desktop.lifecycle.first_choice import Offer as FirstOffer
from desktop.lifecycle.memory_fit import Judgement
from desktop.lifecycle.memory_history import MemoryHistory
from desktop.lifecycle.model_state import ModelState
from desktop.lifecycle.slowness import Cause
from desktop.lifecycle.slowness import Finding as SlowFinding
from desktop.lifecycle.students.making import Standing as StudentStanding
from desktop.lifecycle.students.offers import LEARNING_MINUTES, Cost, Offered
from desktop.lifecycle.students.offers import Offer as StudentOffer
from desktop.lifecycle.students.projects import ProjectState, StudentProject, Wish
from desktop.machine.memory import MemoryReading
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.download.network_check import HostReport, NetworkReport
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.hub.listing import HubFile, HubModel, HubRepo
from desktop.models.types import InstalledModel
from desktop.personas.builtin import builtin_personas
from desktop.personas.persona import Persona
from desktop.servers.addresses import parse_address
from desktop.servers.registry import Findings, Server
from desktop.settings.options import Settings
from desktop.settings.types import Group
from desktop.structured.extraction import Finding
from desktop.structured.fields import parse_fields
from desktop.student.steps import Planned, Step, StepProgress
from desktop.system.build_info import AboutFacts
from desktop.system.own_command import KeyDesktop
from desktop.ui.about import AboutDialog
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.chat.window import ChatWindow
from desktop.ui.check.dialog import CheckDialog, CheckView, Example, Standing, Thumbs
from desktop.ui.check.words import said
from desktop.ui.conversations.choices_menu import Offer, OfferedModel
from desktop.ui.conversations.deleted_dialog import DeletedDialog
from desktop.ui.conversations.folder_dialog import FolderDialog
from desktop.ui.conversations.several_dialog import SeveralDialog
from desktop.ui.conversations.temperature_dialog import TemperatureDialog
from desktop.ui.documents.chip import DocumentChip
from desktop.ui.documents.paste_offer import PasteOffer
from desktop.ui.documents.viewer import DocumentViewer, Purpose
from desktop.ui.exchange.extent_dialog import ExtentDialog
from desktop.ui.first_run.dialog import FirstRunDialog, FirstRunState
from desktop.ui.help import HelpDialog
from desktop.ui.libraries.dialog import LibrariesDialog
from desktop.ui.memory.panel import MemoryPanel
from desktop.ui.models.details import DetailsDialog
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.models.hub_dialog import HubDialog
from desktop.ui.notices import BugDialog
from desktop.ui.personas.dialog import PersonasDialog
from desktop.ui.programs.panel import ProgramsPanel
from desktop.ui.quick_actions.editor import ActionEditor
from desktop.ui.quick_actions.page import QuickActionsPage
from desktop.ui.quick_actions.words import action_title
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.quick_ask.text_bar import ActionButton
from desktop.ui.servers.dialog import ServersDialog, ShownServer
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.slowness import SlownessDialog
from desktop.ui.structured.dialog import ShapeDialog
from desktop.ui.students.dialog import Choices, StudentDialog
from desktop.ui.tables.dialog import TableDialog
from desktop.ui.tables.making import TableStanding
from desktop.ui.tables.words import progress_words
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.widgets.file_dialog import FileDialog
from tests.rigs.conversations import answer, conversation, question
from tests.rigs.documents import handbook, prices
from tests.rigs.meter import Meter
from tests.rigs.models import CATALOG, LICENSED, MIDDLE, MIDDLE_HERE, OWN, SMALL, SMALL_HERE, fit
from tests.rigs.settings import MODELS, cost
from tests.support.widgets import child

_HOST = "gpu.example.com:8000"
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
    """A new conversation with a persona, and none in the list."""
    window = ChatWindow(Meter())
    persona = builtin_personas(language())[1]
    window.persona.show_persona(persona)
    window.pane.empty_page.set_starters(persona.starters)
    return window


def document_chat() -> ChatWindow:
    """A conversation about a document that is being read, a text that was pasted, and places in answers."""
    window = ChatWindow(Meter())
    pane, talk = window.pane, conversation("c", "The heating")
    offer, chip = PasteOffer(pane.composer.edit), DocumentChip()
    pane.put_above_composer(offer)
    pane.put_above_composer(chip)
    pane.transcript.describe_sources(lambda _sources: ["page 3 of handbook of the house.pdf", "page 7"])
    sources = (Source("d", 3, 0, 9), Source("d", 7, 0, 9))
    window.list.set_conversations([talk], "c")
    window.set_title("The heating")
    made_up = ("2.50", "Bartholomew")
    messages = (
        *(question(1), replace(answer(2), sources=sources, not_in_the_text=("2.50", "Malcolm", "Leeds", "1901", "7"))),
        *(question(3), replace(answer(4), sources=sources, not_in_the_text=made_up)),
    )
    pane.show_transcript(Transcript(talk, messages))
    chip.show_document("handbook of the house.pdf", "pages 1-3, 7 · reading: 40%, about 20 s", 0.4)
    QGuiApplication.clipboard().setText("The boiler is in the cellar.\n" * 30)
    pane.composer.edit.paste()
    return window


def large_chat() -> ChatWindow:
    """A conversation in large type."""
    window = chat()
    persona = builtin_personas(language())[3]
    window.persona.show_persona(persona)
    window.pane.set_text_scale(persona.text_scale)
    return window


def personas() -> PersonasDialog:
    """Those that come with the program, one of them changed, and one that was deleted."""
    dialog = PersonasDialog()
    own = Persona("own-1", "Cook", "You cook.", 0.5, ("What can I make of two eggs?",))
    found = (*builtin_personas(language()), own)
    dialog.set_personas(found, {persona.id for persona in found[:-1]}, {"homework"})
    dialog.select("homework")
    dialog.banner.show_notice(Notice("Deleted", actions=(NoticeAction("Undo", lambda: None),)))
    return dialog


def libraries() -> LibrariesDialog:
    """Two libraries, one that is being read, and files that cannot be."""
    dialog = LibrariesDialog()
    refused = {
        "old/minutes 2004.doc": problem(Reason.OLD_OFFICE, "minutes 2004.doc"),
        "scan.pdf": problem(Reason.PICTURES, "scan.pdf"),
    }
    house = DocumentLibrary("a", "Handbook", Path("/home/ann/Documents/Handbook"))
    other = DocumentLibrary("b", "合同 2026", Path("/home/ann/合同"))
    reading = LibraryProgress(3, 41, "采购/合同-0042.pdf")
    dialog.set_states(
        (
            LibraryState(house, 12, 345_678, refused, is_known=True),
            LibraryState(other, 3, 1_000, progress=reading, is_known=True),
        )
    )
    dialog.set_meaning("multilingual-e5-small-Q4_0.gguf", VectorState(1_234, 5_678, is_waiting=True))
    return dialog


def shape() -> ShapeDialog:
    """A form that was saved, with a field of each kind."""
    dialog = ShapeDialog()
    words = "name, amount: number, paid: yes/no, due: date?, state: choice(open|paid|late), tags: list"
    form = parse_fields(words, "Bills")
    dialog.show_form(form)
    dialog.set_forms([form])
    return dialog


def table_to_begin() -> TableDialog:
    """What a table is to be made of, with something missing."""
    dialog = TableDialog()
    folder = Path("/home/ann/Documents/Bills 2026")
    libraries = [DocumentLibrary("a", "Handbook", folder), DocumentLibrary("b", "合同 2026", folder)]
    dialog.setup.set_libraries(libraries, "b")
    form = parse_fields("name, amount: number, due: date?", "Bills")
    dialog.setup.editor.show_form(form)
    dialog.setup.editor.set_forms([form])
    dialog.setup.offer_back(True)
    dialog.setup.complain("Choose the documents first.")
    return dialog


def table() -> TableDialog:
    """A table that fills in: values, some that the text does not say, and documents that cannot be read."""
    dialog = TableDialog()
    form = parse_fields("name, amount: number, paid: yes/no, due: date?, 备注", "Bills")
    names = ("invoice-1.pdf", "发票-0042.pdf", "scan.pdf", "old/minutes 2004.doc", "letter.docx", "invoice-7.pdf")
    order = TableOrder(form, tuple(TableSource(Path("/x") / name, name) for name in names), "Bills 2026")
    said = (
        (Finding("Miller & Sons Ltd.", True), Finding(1250.4, True), Finding(True), Finding(), Finding("")),
        (
            *(Finding("北京文具有限公司", True), Finding(318, False), Finding(False)),
            *(Finding("2026-05-01", True), Finding("含税", False)),
        ),
    )
    fields = [one.name for one in form.fields]
    rows = (
        Row(names[0], dict(zip(fields, said[0], strict=True)), 1),
        Row(names[1], dict(zip(fields, said[1], strict=True)), 3),
        Row(names[2], error=problem(Reason.PICTURES, "scan.pdf")),
        Row(names[3], error=problem(Reason.OLD_OFFICE, "minutes 2004.doc")),
    )
    dialog.rows.show_order(order, {row.document: row for row in rows})
    dialog.rows.show_standing(TableStanding.RUNNING, progress_words(4, 6, names[4], FillingProgress(900, 2, 5)), 4)
    dialog.show_rows()
    return dialog


def table_paused() -> TableDialog:
    """One that waits, and says what went wrong."""
    dialog = table()
    dialog.rows.show_standing(TableStanding.PAUSED, "")
    words = ("The table cannot be kept.", "No space left on device.", "Make room.")
    dialog.banner.show_notice(Notice(*words, severity=Severity.PROBLEM))
    return dialog


def language() -> str:
    """Returns the language of the pictures that are taken."""
    return "zh_CN" if QCoreApplication.translate("SettingsDialog", "Settings") != "Settings" else "en"


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
    checked = summary_of(
        (Line(Kind.FACTS, Language.ENGLISH, 19, 20), Line(Kind.ARITHMETIC, Language.ENGLISH, 2, 20)), said
    )
    dialog.set_models(CATALOG, (SMALL_HERE, MIDDLE_HERE, OWN), "small", None, {}, abilities={"small": checked})
    dialog.set_waiting_question("What?")
    return dialog


def packs() -> ModelsDialog:
    """The models that come with Catnap in their classes, and one that was made here."""
    catalog = load_catalog(bundled_catalog_path())
    chinese = QLocale(QLocale.Language.Chinese)
    dialog = ModelsDialog(
        lambda model: replace(fit(model), fit=Fit.COMFORTABLE if model.size < 1_500_000_000 else Fit.TOO_BIG),
        lambda _address: None,
        chinese if language().startswith("zh") else QLocale("en"),
        speed=lambda size: expected_speed(size, 2, ("avx2",)),
    )
    spec = catalog.models[0]
    here = InstalledModel(spec.id, spec.name, Path("/models/small.gguf"), spec.size, spec)
    made = InstalledModel("file:/s.gguf", "SmolLM2 135M Instruct, 22 of 30 layers", Path("/models/s.gguf"), 86_700_000)
    dialog.set_models(catalog, (here, made), spec.id, "qwen2.5-0.5b", {})
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
        FirstOffer(spec, role, fit(spec), expected_speed(spec.size, computer.cores, computer.features))
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


def quick_text() -> QuickAsk:
    """A text from elsewhere with what can be done, something that waits, and an error with its ways out."""
    box = QuickAsk()
    actions = [ActionButton(action.id, action_title(action)) for action in map(QuickAction, BUILT_IN)]
    box.text_bar.show_text("Selected: “The cat sleeps on the warm laptop.” · 34 characters", actions)
    box.text_bar.show_next("Next: Summarise “Another text”")
    ways = [NoticeAction("Only the beginning", lambda: None), NoticeAction("Larger context (+96 MB)", lambda: None)]
    box.show_error("This text is too long for the model.", "It takes 4,000 tokens.", "Take its beginning.", ways)
    return box


def quick_answer() -> QuickAsk:
    """An answer about a text from elsewhere, which can be pasted back."""
    box = QuickAsk()
    box.text_bar.show_text("Correct · “he go to school” · 15 characters", ())
    box.offer_paste(True)
    box.begin_answer()
    box.finish_answer("He goes to school.", "8 words a second")
    return box


def quick_actions() -> SettingsDialog:
    """The page of the settings about quick actions."""
    file = QuickActionsFile(
        Path(tempfile.gettempdir()) / "no folder" / "quick-actions.json", lambda _file, _write: None
    )
    file.add("变短 Shorter", "Make it short.")
    dialog = settings()
    command = lambda arguments: " ".join(("/opt/catnap/Catnap.AppImage", *arguments))  # noqa: E731
    dialog.add_page("quick actions", QuickActionsPage(file, KeyDesktop.GNOME, command))
    dialog.turn_to_page("quick actions")
    return dialog


def programs() -> SettingsDialog:
    """The page of the settings about other programs, with a token that was just made and an address that is taken."""
    dialog = settings()
    panel = ProgramsPanel(11811, has_token=False)
    problem = UserFacingError(
        "Another program uses this port.", "127.0.0.1:11811.", "Choose another port, or end that program."
    )
    panel.set_state(ApiState(ApiKind.FAILED, error=problem))
    panel.show_token("catnap-zH3xLq0vYk2b9_cW7sNf5tRj1mPdEuKaGiXoVhQwTyB")
    panel.set_state(ApiState(ApiKind.FAILED, error=problem))
    dialog.extend_page(Group.PROGRAMS, panel)
    dialog.reveal("api")
    return dialog


def action_editor() -> ActionEditor:
    return ActionEditor(QuickAction("translate"), lambda _name, _prompt: None)


def document() -> DocumentViewer:
    """A document before it is asked about, some of its pages chosen."""
    viewer = DocumentViewer()
    viewer.show_document(handbook(12), Purpose.BEGIN, "1-3, 7")
    return viewer


def document_find() -> DocumentViewer:
    """A document in which a word is looked for."""
    viewer = DocumentViewer()
    viewer.show_document(handbook(12), Purpose.CHANGE)
    viewer.find_bar.open_bar()
    child(viewer.find_bar, QLineEdit).setText("bakery")
    return viewer


def document_passage() -> DocumentViewer:
    """Where an answer was taken from, in a table."""
    viewer, book = DocumentViewer(), prices()
    viewer.show_document(book, Purpose.LOOK)
    start = book.parts[0].text.index("| Basket 4 |")
    viewer.show_passage(1, start, book.parts[0].text.index("| Basket 6 |"))
    return viewer


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


def arranged_chat() -> ChatWindow:
    """Conversations with a pinned one, folders and an archive."""
    window = ChatWindow(Meter())
    talk = conversation("c", "Cats")
    now = time.time()
    others = [
        replace(talk, pinned=1.0, updated=now - 90_000),
        replace(conversation("d", "Dogs"), folder="Pets", updated=now),
        replace(conversation("e", "西红柿炒鸡蛋"), folder="厨房", updated=now - 86_400),
        replace(conversation("f", "A letter to the landlord about the heating"), updated=now - 5 * 86_400),
        replace(conversation("g", "Sums"), updated=now - 20 * 86_400),
        replace(conversation("h", "Holidays"), updated=now - 90 * 86_400),
        replace(conversation("i", "Old"), archived=1.0),
    ]
    window.list.set_conversations(others, "c")
    window.set_title("Cats")
    window.pane.show_transcript(Transcript(talk, (question(1), answer(2))))
    window.menu.follow_arrangement(others[0])
    models = [OfferedModel("a.gguf", "Qwen2.5 1.5B Instruct Q4_K_M"), OfferedModel("b.gguf", "SmolLM2 135M")]
    window.choices_button.show_offer(Offer(models, "SmolLM2 135M", 0.7, "a.gguf", 0.3, models[0].name))
    return window


def several() -> SeveralDialog:
    """Many conversations to choose from, some of them chosen, in folders and in the archive."""
    dialog = SeveralDialog()
    now = time.time()
    titles = ("Cats", "Dogs", "西红柿炒鸡蛋", "A letter to the landlord about the heating", "Sums", "Holidays")
    found = [
        replace(conversation(str(at), title), updated=now - at * 90_000, folder="Pets" if at < 2 else "")
        for at, title in enumerate(titles)
    ]
    dialog.set_conversations([*found, replace(conversation("i", "Old"), archived=1.0)])
    dialog.rows.setCurrentRow(1)
    dialog.rows.item(2).setSelected(True)
    dialog.banner.show_notice(Notice("Done", actions=(NoticeAction("Undo", lambda: None),)))
    return dialog


def served_chat() -> ChatWindow:
    """A conversation that a server answers."""
    window = ChatWindow(Meter())
    talk = conversation("c", "Cats")
    window.list.set_conversations([talk, conversation("d", "Dogs")], "c")
    window.set_title("Cats")
    served = replace(answer(4), model=model_on("llama-3.3-70b", _HOST))
    window.pane.show_transcript(Transcript(talk, (question(1), answer(2), question(3), served)))
    models = [
        OfferedModel("a.gguf", "SmolLM2 135M"),
        OfferedModel("server:office/llama-3.3-70b", "llama-3.3-70b", "office", _HOST),
    ]
    window.choices_button.show_offer(
        Offer(models, "SmolLM2 135M", 0.7, models[1].file, None, models[1].name, models[1].place)
    )
    window.show_place(_HOST)
    window.set_activity(Activity(ActivityKind.WRITING, tokens_per_second=43.2, place=_HOST), "c")
    window.pane.composer.set_text("And how long do they sleep?")
    words = f"What you write here leaves this computer and goes to {_HOST}."
    window.pane.banner.show_notice(Notice(words, actions=(NoticeAction("Send it there", lambda: None),)))
    return window


def servers() -> ServersDialog:
    """Two servers; the one that is looked at was tried."""
    dialog = ServersDialog()
    found = Findings("vllm", (), {"meta-llama/Llama-3.3-70B": 131_072}, ("meta-llama/Llama-3.3-70B", "qwen3-32b"))
    office = Server("office", parse_address(f"http://{_HOST}/v1"), has_key=True, model="qwen3-32b", found=found)
    attic = Server("楼上的电脑", parse_address("192.168.1.5:11434"), agreed=True)
    dialog.set_servers(
        (
            ShownServer(
                office,
                "Kept in a file that only you can read: this system has no keyring that would keep it.",
                "vLLM answers after 0.04 s\n2 models\nqwen3-32b: first word after 0.31 s · 43.0 tokens/s",
            ),
            ShownServer(attic),
        )
    )
    dialog.banner.show_notice(Notice("“cloud” is removed.", actions=(NoticeAction("Undo", lambda: None),)))
    return dialog


def server_to_add() -> ServersDialog:
    """One that is written down, with something wrong."""
    dialog = ServersDialog()
    dialog.form.name.setText("office")
    dialog.form.address.setText("wss://gpu.example.com")
    words = "A server is asked by http or https, and by nothing else.", "wss://", "It looks like 192.168.1.5:11434."
    dialog.refuse(UserFacingError(*words))
    return dialog


def folder() -> FolderDialog:
    """A folder that gets the name of another one."""
    dialog = FolderDialog(["Pets", "Work"], "Pets")
    child(dialog, QLineEdit).setText("Work")
    return dialog


def temperature() -> TemperatureDialog:
    return TemperatureDialog(0.7)


def extent() -> ExtentDialog:
    return ExtentDialog("Export", LeftOut(1, 2), "A note about it.")


def report() -> BugDialog:
    return BugDialog("ValueError: x", "Traceback\n" * 40)


def log() -> BugDialog:
    """What the program did lately."""
    line = "2026-11-29 11:12:13 INFO desktop.lifecycle.supervisor: the engine is awake after 0.8 s"
    return BugDialog("", "\n".join([line] * 60), "What Catnap did lately")


def slowness() -> SlownessDialog:
    """Several reasons at once."""
    dialog = SlownessDialog()
    dialog.show_findings(
        (
            SlowFinding(Cause.TIGHT, (3_000_000_000, 2_000_000_000), "n_ctx", model="small"),
            SlowFinding(Cause.BATTERY, (64,), "spare_battery", False),
            SlowFinding(Cause.SMALLER_MODEL, ("Qwen2.5 1.5B Instruct", "Qwen2.5 0.5B Instruct"), model="small"),
        ),
        Stats(load_s=1.1, generated_tokens=65, generate_s=10.0, ttft_s=3.2),
    )
    return dialog


def slowness_looking() -> SlownessDialog:
    return SlownessDialog()


def memory() -> MemoryPanel:
    """Ten minutes: awake, dozing, asleep, and awake again."""
    seconds = [1_000.0]
    state = ModelState(lambda: seconds[0])
    figures = [(90, 0, 0)]

    def read() -> MemoryReading:
        app, engine, mapped = (figure * 1_000_000 for figure in figures[0])
        return MemoryReading(
            app + engine + mapped, app // 2 + engine, 4_000_000_000, 1_000_000_000, engine, engine + mapped
        )

    kept = MemoryHistory(read, state, lambda: seconds[0], lambda: 1_700_000_000.0 + seconds[0])
    awake = Awake("Small", 2048, 2, False, EngineConfig(Path("small.gguf")))
    events = ((awake, (92, 180, 390)), (Dozing(), (92, 60, 40)), (Asleep(SleepReason.IDLE), (90, 0, 0)))
    for event, amounts in (*events, events[0]):
        figures[0] = amounts
        state.on_engine_event(event)
        kept.on_engine_event(event)
        for _second in range(140):
            seconds[0] += 1
            kept.measure()
    panel = MemoryPanel(kept, lambda: Footprint(0, 24_000_000, 33_000_000, 0, 0))
    panel.refresh()
    return panel


def network() -> ModelsDialog:
    """What a check of the network has found."""
    dialog = models()
    dialog.set_waiting_question(None)
    silent = UserFacingError("The download server cannot be reached.", "{0}: no answer.", values=("huggingface.co",))
    hosts = (HostReport("huggingface.co", _PROXY, problem=silent), HostReport("hf-mirror.com", _PROXY, 0.42, 2.3e6))
    dialog.show_network(NetworkReport(hosts, "environment", (("all_proxy", "not supported"),), is_done=True))
    return dialog


def check() -> CheckDialog:
    """A model that was checked, with mistakes and thumbs, while its check goes on."""
    dialog = CheckDialog()
    lines = (
        Line(Kind.QUESTIONS, Language.CHINESE, 3, 20),
        Line(Kind.ARITHMETIC, Language.ENGLISH, 2, 20),
        Line(Kind.ARITHMETIC, Language.CHINESE, 0, 20),
        Line(Kind.PYTHON, Language.ENGLISH, 9, 20),
        Line(Kind.FACTS, Language.ENGLISH, 17, 20),
        Line(Kind.LONG_TEXT, Language.CHINESE, 0, 0, 20),
        Line(Kind.JSON, Language.ENGLISH, 3, 5),
    )
    wrong = Example(
        Kind.ARITHMETIC,
        Language.ENGLISH,
        "A train takes 45 minutes for one trip. How many minutes do 4 trips take?",
        "To solve this, we need to find out how long the train takes. 45 + 4 = 49, so 4 trips take 49 minutes.",
    )
    thumbs = (Thumbs("", 14, 20), Thumbs("2026-11", 9, 12), Thumbs("2026-10", 5, 8))
    dialog.show_view(
        CheckView(
            "SmolLM2 135M Instruct Q4_1",
            "Q4_1 · KV type f16 · Catnap 0.1.0, llama-cpp-python 0.3.36 · 29.11.26",
            summary_of(lines, said),
            lines,
            (wrong,),
            (said(WHY_NOT[Why.TOO_LONG]),),
            thumbs,
        )
    )
    dialog.show_examples(Kind.ARITHMETIC, Language.ENGLISH)
    dialog.show_standing(Standing.RUNNING, CheckProgress(146, 300, Kind.JSON, 420.0))
    return dialog


def check_to_begin() -> CheckDialog:
    """A model that was not checked."""
    dialog = CheckDialog()
    dialog.show_view(CheckView("Qwen2.5 1.5B Instruct Q4_K_M"))
    return dialog


def student() -> StudentDialog:
    """What can be made of a model, on a computer without PyTorch."""
    dialog = StudentDialog()
    offers = (StudentOffer(22, 30, 86_700_000), StudentOffer(20, 30, 80_100_000, is_smallest=True))
    costs = {
        minutes: Cost(
            3000.0 + 60 * minutes, 9000.0 + 60 * minutes, 630_000_000, 3_360_000_000 if minutes else 370_000_000
        )
        for minutes in (0, *LEARNING_MINUTES)
    }
    missing = UserFacingError(
        "PyTorch is missing, which students are trained with.",
        "/home/ann/catnap/build/student-env is not there.",
        "In Catnap's source: make student. Or name a Python that has PyTorch and NumPy, with --python.",
    )
    offered = tuple(Offered(offer, costs) for offer in offers)
    dialog.show_choices(Choices("SmolLM2 135M Instruct", offered, missing))
    return dialog


def student_to_begin() -> StudentDialog:
    """The same on one that has it."""
    dialog = student()
    dialog.show_choices(replace(dialog._choices, training=None))
    return dialog


def student_under_way() -> StudentDialog:
    """One that waits for the plug in the middle of a step."""
    dialog = StudentDialog()
    wish = Wish("smollm2-135m", "SmolLM2 135M Instruct", Path("/models/small.gguf"), 22, 30)
    planned = Planned((Step.COLLECT, Step.PRUNE, Step.TRAIN, Step.EXPORT, Step.CHECK), 9000.0, 630_000_000, 900_000_000)
    dialog.show_project(StudentProject("small-22-1", wish), StudentStanding.WAITING_FOR_POWER)
    dialog.show_progress(planned, StepProgress(Step.TRAIN, 130, 400, 5400.0))
    return dialog


def student_done() -> StudentDialog:
    """One that is made, and what came of it."""
    dialog = StudentDialog()
    wish = Wish("smollm2-135m", "SmolLM2 135M Instruct", Path("/models/small.gguf"), 22, 30)
    sentence = (
        "It is 24 % smaller and answers 1.3 times as fast; it reads 61 of 80 texts that its teacher reads. "
        "Plain shrinking does better."
    )
    done = StudentProject("small-22-1", wish, ProjectState.DONE, sentence=sentence, file="/f", report="/r")
    dialog.show_project(done, StudentStanding.DONE)
    return dialog


def student_failed() -> StudentDialog:
    """One that has failed."""
    dialog = StudentDialog()
    wish = Wish("smollm2-135m", "SmolLM2 135M Instruct", Path("/models/small.gguf"), 22, 30)
    problem = UserFacingError(
        "The smaller model could not be made to its end.",
        "The teacher's file is not there any more, or is another one.",
        "What is done so far is kept; “Continue” goes on there.",
    )
    dialog.show_project(StudentProject("small-22-1", wish).failed(problem), StudentStanding.FAILED)
    return dialog


def files() -> FileDialog:
    """The dialog for a file in our own form, which is used where the system's is too high."""
    dialog = FileDialog(None, "Import a model", str(Path(__file__).parent), own=True)
    dialog.setNameFilters(["Models (*.gguf)", "All files (*)"])
    return dialog


WINDOWS: tuple[Callable[[], QWidget], ...] = (
    chat, empty_chat, document_chat, large_chat, searched_chat, arranged_chat, served_chat, folder, several,
    temperature, first_run, first_run_without_room, models, packs, proxy, details, hub, personas, shape,
    table_to_begin, table, table_paused, settings, quick, quick_text, quick_answer, quick_actions, programs,
    action_editor, document, document_find, document_passage, libraries, servers, server_to_add, about,
    keys, deleted, extent, report, log, slowness, slowness_looking, network, files, check, check_to_begin,
    student, student_to_begin, student_under_way, student_done, student_failed,
)  # fmt: skip
CHATS = (chat, empty_chat, document_chat, large_chat, searched_chat, arranged_chat, served_chat)
DIALOGS = tuple(make for make in WINDOWS if make not in (*CHATS, quick))


def before_close(window: QWidget) -> None:
    """Ends what a window has begun; for ``qtbot.addWidget``."""
    if isinstance(window, ChatWindow):
        window.end()


def name_of(make: object) -> str:
    """Returns what a test with one of these is called."""
    return str(getattr(make, "__name__", make))
