"""The dialog for models from Hugging Face: what is there, what fits, what each file is; and its way to a download."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.gguf.header import read_header
from desktop.gguf.kind import ModelKind
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.hub.listing import HubFile, HubModel, HubRepo
from desktop.models.hub.service import (
    HubAdded,
    HubEvent,
    HubFailed,
    HubFound,
    HubHeaderFailed,
    HubHeaderRead,
    HubService,
)
from desktop.models.library import Library
from desktop.models.network import NetworkService
from desktop.models.types import AddedSpec, Catalog
from desktop.settings.options import Settings
from desktop.ui.models.hub_dialog import HubDialog, HubRow
from desktop.ui.models.hub_presenter import HubPresenter
from desktop.ui.models.proxy_account import ProxyAccountPanel
from desktop.ui.widgets.banner import Banner
from tests.support.gguf_files import write_gguf
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.patience import PATIENCE_S
from tests.support.widgets import child, children, words_on

FREE = 2_000_000_000
REPO = "owner/Some-1B-GGUF"


def judge(size: int) -> Judgement:
    return Judgement(Fit.TOO_BIG if size > FREE else Fit.COMFORTABLE, size, FREE)


def model(path: str, size: int, kind: ModelKind | None, missing: tuple[str, ...] = ()) -> HubModel:
    return HubModel((HubFile(path, size, "0" * 64),), missing, kind, path.removesuffix(".gguf"), "Q4_K_M")


MODELS = (
    model("small.gguf", 400_000_000, ModelKind.CHAT),
    model("base.gguf", 500_000_000, ModelKind.BASE),
    model("huge.gguf", 5_000_000_000, None),
    model("x" * 122 + ".gguf", 600_000_000, None),
    model("mmproj.gguf", 10_000_000, ModelKind.PROJECTOR),
)
FOUND = HubRepo(REPO, "0" * 40, MODELS, licence="MIT", languages=("en", "zh"))


class Bench:
    """A dialog with ears."""

    def __init__(self, dialog: HubDialog) -> None:
        self.dialog = dialog
        self.wishes: list[tuple[str, str]] = []
        for name in ("look", "header", "add"):
            getattr(dialog, f"{name}Requested").connect(lambda about, name=name: self.wishes.append((name, about)))

    def row(self, path: str) -> HubRow:
        return next(row for row in children(self.dialog, HubRow) if row.path == path)

    def words(self, path: str) -> str:
        return words_on(self.row(path))

    def buttons(self, path: str) -> list[str]:
        return [button.text() for button in children(self.row(path), QPushButton) if button.isVisible()]

    def notices(self) -> list[str]:
        return [notice.accessibleName() for notice in children(self.dialog, Banner) if notice.isVisible()]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    dialog = HubDialog(judge, lambda header: judge(header.file_size))
    qtbot.addWidget(dialog)
    made = Bench(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    yield made
    dialog.close()


def test_a_link_is_looked_for_with_enter(bench: Bench) -> None:
    bench.dialog.begin()
    line = child(bench.dialog, QLineEdit)
    QTest.keyClicks(line, f"  {REPO} ")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert bench.wishes == [("look", REPO)]
    line.clear()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert len(bench.wishes) == 1


def test_every_file_says_its_size_fit_and_what_it_is(bench: Bench) -> None:
    bench.dialog.show_repo(FOUND, "small.gguf", None)
    for fact in ("400 MB", "Q4_K_M", "chat model", "fits comfortably"):
        assert fact in bench.words("small.gguf")
    assert "base model: continues text" in bench.words("base.gguf")
    assert "too big" in bench.words("huge.gguf") and bench.buttons("huge.gguf") == []
    assert "projector" in bench.words("mmproj.gguf") and bench.buttons("mmproj.gguf") == []
    assert bench.buttons("small.gguf") == ["Download"]


def test_the_header_is_read_when_a_row_is_opened_and_only_once(bench: Bench, tmp_path: Path) -> None:
    bench.dialog.show_repo(FOUND, "small.gguf", None)
    assert bench.wishes == [("header", "small.gguf")]
    header = read_header(write_gguf(tmp_path / "small.gguf"))
    bench.dialog.show_header("small.gguf", header, MODELS[0])
    QTest.keyClick(bench.row("small.gguf"), Qt.Key.Key_Down)
    QTest.keyClick(bench.row("base.gguf"), Qt.Key.Key_Up)
    assert bench.wishes == [("header", "small.gguf"), ("header", "base.gguf")]


READING = "Reading what the file says about itself"
REFUSED = (
    model("projector.gguf", 10_000_000, ModelKind.PROJECTOR),
    model("huge.gguf", 5_000_000_000, None),
    model("part-00001-of-00002.gguf", 400_000_000, None, missing=("part-00002-of-00002.gguf",)),
    HubModel((HubFile("no-hash.gguf", 400_000_000, ""),), (), None, "no-hash", "Q4_K_M"),
    model("reranker.gguf", 100_000_000, ModelKind.RERANKER),
)


@pytest.mark.parametrize("refused", REFUSED, ids=[each.path for each in REFUSED])
def test_nothing_is_read_of_a_file_that_is_refused_already(bench: Bench, refused: HubModel) -> None:
    bench.dialog.show_repo(replace(FOUND, models=(refused,)), "", None)
    assert READING not in bench.words(refused.path)
    assert bench.buttons(refused.path) == []
    assert bench.wishes == []
    # AND no empty line stands in its place
    assert "" not in bench.words(refused.path).split("\n")
    # AND an account that a proxy got meanwhile has nothing to do with it
    bench.dialog.look_again()
    assert READING not in bench.words(refused.path)


def test_an_embedding_model_can_be_had_and_is_said_not_to_chat(bench: Bench) -> None:
    bench.dialog.show_repo(replace(FOUND, models=(model("e.gguf", 100_000_000, ModelKind.EMBEDDING),)), "", None)
    words = bench.words("e.gguf")
    assert "embedding model: for finding by meaning, not for chats" in words
    assert "fits comfortably" in words and "cannot chat" in words
    assert bench.buttons("e.gguf") == ["Download"]
    bench.row("e.gguf").press()
    assert bench.wishes == [("header", "e.gguf"), ("add", "e.gguf")]


def test_nothing_is_read_of_a_gated_file(bench: Bench) -> None:
    bench.dialog.show_repo(replace(FOUND, is_gated=True), "small.gguf", None)
    assert READING not in bench.words("small.gguf")
    assert bench.wishes == []


def test_a_reading_that_was_given_up_for_another_is_made_when_one_comes_back(bench: Bench) -> None:
    # GIVEN a row whose file is being read
    bench.dialog.show_repo(FOUND, "small.gguf", None)
    assert READING in bench.words("small.gguf")
    # WHEN another one is opened, which gives that up, and then the first one again
    QTest.keyClick(bench.row("small.gguf"), Qt.Key.Key_Down)
    assert READING in bench.words("base.gguf")
    QTest.keyClick(bench.row("base.gguf"), Qt.Key.Key_Up)
    # THEN it is read after all
    assert [about for wish, about in bench.wishes if wish == "header"] == ["small.gguf", "base.gguf", "small.gguf"]
    assert READING in bench.words("small.gguf")


def test_a_reading_that_closing_has_given_up_is_made_when_the_dialog_comes_back(bench: Bench) -> None:
    bench.dialog.show_repo(FOUND, "small.gguf", None)
    bench.dialog.close()
    bench.dialog.show()
    bench.dialog.begin()
    assert [about for wish, about in bench.wishes if wish == "header"] == ["small.gguf", "small.gguf"]
    assert READING in bench.words("small.gguf")


def test_what_the_header_says_counts_more_than_the_name(bench: Bench, tmp_path: Path) -> None:
    header = read_header(write_gguf(tmp_path / "x.gguf", architecture="clip"))
    bench.dialog.show_repo(FOUND, "small.gguf", None)
    bench.dialog.show_header("small.gguf", header, replace(MODELS[0], kind=ModelKind.PROJECTOR))
    assert "projector" in bench.words("small.gguf") and "512 tokens" in bench.words("small.gguf")
    assert bench.buttons("small.gguf") == []


def test_enter_downloads_and_the_row_says_so(bench: Bench) -> None:
    bench.dialog.show_repo(FOUND, "small.gguf", None)
    QTest.keyClick(bench.row("small.gguf"), Qt.Key.Key_Return)
    assert bench.wishes[-1] == ("add", "small.gguf")
    bench.dialog.show_added("small.gguf")
    assert "Added" in bench.words("small.gguf") and bench.buttons("small.gguf") == []


def test_what_cannot_be_had_is_explained_and_enter_does_nothing(bench: Bench) -> None:
    bench.dialog.show_repo(FOUND, "mmproj.gguf", None)
    assert "it lets another model see pictures" in bench.words("mmproj.gguf")
    QTest.keyClick(bench.row("mmproj.gguf"), Qt.Key.Key_Return)
    assert ("add", "mmproj.gguf") not in bench.wishes


def test_a_gated_repository_offers_nothing_and_says_why(bench: Bench) -> None:
    bench.dialog.show_repo(replace(FOUND, is_gated=True), "small.gguf", None)
    assert bench.buttons("small.gguf") == []
    assert "signed in" in bench.notices()[0]


def test_a_failure_is_said_and_the_next_look_takes_it_away(bench: Bench) -> None:
    bench.dialog.show_looking()
    bench.dialog.show_failed(UserFacingError("No.", "detail", "Do this."))
    assert len(bench.notices()) == 1
    bench.dialog.show_looking()
    assert bench.notices() == []


def test_a_name_of_122_letters_moves_nothing_off_the_window(bench: Bench) -> None:
    bench.dialog.show_repo(FOUND, "x" * 122 + ".gguf", None)
    bench.dialog.resize(500, 400)
    row = bench.row("x" * 122 + ".gguf")
    button = next(button for button in children(row, QPushButton) if button.isVisible())
    assert bench.dialog.minimumSizeHint().width() <= 500
    assert button.mapTo(bench.dialog, button.rect().topRight()).x() < bench.dialog.width()
    assert any(label.toolTip() == "x" * 122 for label in children(row, QLabel))


class _Service:
    """Hears what is wanted, and does nothing."""

    def __init__(self) -> None:
        self.looks: list[str] = []
        self.headers: list[str] = []

    def look(self, text: str) -> None:
        self.looks.append(text)

    def read_header(self, path: str) -> None:
        self.headers.append(path)

    def cancel(self) -> None: ...


class _Network:
    def __init__(self) -> None:
        self.entered: list[tuple[str, Account, bool]] = []

    def enter_account(self, proxy: str, account: Account, *, keep: bool) -> None:
        self.entered.append((proxy, account, keep))


def test_a_proxy_s_account_is_asked_for_and_the_look_repeated(bench: Bench) -> None:
    # GIVEN a look that a proxy does not let through without an account
    service, network = _Service(), _Network()
    tell: list[Callable[[HubEvent], None]] = []

    def make(notify: Callable[[HubEvent], None]) -> HubService:
        tell.append(notify)
        return cast(HubService, service)

    presenter = HubPresenter(lambda: bench.dialog, make, None, cast(NetworkService, network))
    presenter.show(REPO)
    QTest.keyClick(child(bench.dialog, QLineEdit), Qt.Key.Key_Return)
    wanted = ProxyAccountNeededError("http://proxy.example:3128", refused=False)
    tell[0](HubFailed(wanted))
    # WHEN the account is entered
    panel = child(bench.dialog, ProxyAccountPanel)
    user, password = children(panel, QLineEdit)
    assert panel.isVisible() and user.hasFocus() and bench.notices() == []
    QTest.keyClicks(user, "anna")
    QTest.keyClicks(password, "p@ss")
    QTest.keyClick(password, Qt.Key.Key_Return)
    # THEN it is handed on, and the repository is asked for again
    assert network.entered == [(wanted.proxy, Account("anna", "p@ss"), False)]
    assert service.looks == [REPO, REPO] and not panel.isVisible()
    # AND so where only the beginning of a file could not be read
    tell[0](HubFound(FOUND, "small.gguf"))
    tell[0](HubHeaderFailed("small.gguf", wanted))
    assert panel.isVisible()
    QTest.keyClick(password, Qt.Key.Key_Return)
    assert service.headers == ["small.gguf", "small.gguf"] and service.looks == [REPO, REPO]
    presenter.close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with serve_hub(tmp_path / "hub") as running:
        yield running


def test_from_a_link_to_an_entry_of_the_library(qtbot: QtBot, hub: FakeHub, tmp_path: Path) -> None:
    # GIVEN a repository on a host of one's own, and the real service behind the dialog
    content = write_gguf(tmp_path / "x.gguf", filler=320_000).read_bytes()
    hub.publish(REPO, {"Some-1B-Instruct-Q4_K_M.gguf": content, "mmproj-F16.gguf": content})
    library = Library(tmp_path / "models", tmp_path / "state", Catalog((), ""))
    settings = Settings(mirror="own", own_host=hub.url)
    added: list[AddedSpec] = []
    events: list[HubEvent] = []
    announced: list[str] = []

    async def scenario() -> None:
        arrived = asyncio.Event()

        def make(notify: object) -> HubService:
            def hear(event: HubEvent) -> None:
                notify(event)  # type: ignore[operator]
                events.append(event)
                arrived.set()

            return HubService(lambda: library, lambda: settings, added.append, hear)

        dialog = HubDialog(judge, lambda header: judge(header.file_size))
        qtbot.addWidget(dialog)
        presenter = HubPresenter(lambda: dialog, make)
        presenter.added.connect(announced.append)

        async def until(kind: type[HubEvent]) -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not any(isinstance(event, kind) for event in events):
                    arrived.clear()
                    await arrived.wait()

        # WHEN a link is pasted THEN its files are shown, and the header of the proposed one is read
        presenter.show(f"https://huggingface.co/{REPO}")
        QTest.keyClick(child(dialog, QLineEdit), Qt.Key.Key_Return)
        await until(HubFound)
        await until(HubHeaderRead)
        bench = Bench(dialog)
        assert "512 tokens" in bench.words("Some-1B-Instruct-Q4_K_M.gguf")
        # WHEN it is wanted THEN it is handed to whoever downloads it
        bench.row("Some-1B-Instruct-Q4_K_M.gguf").press()
        await until(HubAdded)
        presenter.close()

    asyncio.run(scenario())
    (spec,) = added
    assert (spec.file, spec.size, spec.kind) == ("Some-1B-Instruct-Q4_K_M.gguf", len(content), ModelKind.CHAT)
    assert announced == [spec.id]
    assert not any(isinstance(event, HubFailed | HubHeaderFailed) for event in events)
