"""A model in the models dialog: its download, its licence, its file, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QCheckBox, QProgressBar
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.students import StudentCard
from desktop.models.types import (
    DownloadProgress,
    DownloadState,
    InstalledModel,
)
from desktop.ui.models.entry import EntryPhase
from tests.rigs.models import (
    MIDDLE_HERE,
    OWN,
    SMALL_HERE,
    Bench,
    opened,
    running,
)
from tests.support.widgets import child


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with opened(qtbot) as made:
        yield made


def test_a_download_shows_every_figure_there_is(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    assert "Connecting…" in bench.words("small")  # at once, before anything was heard
    bench.dialog.set_progress(running(112_000_000))
    assert "112 MB of 398 MB · 2.3 MB/s · 2 min left · huggingface.co" in bench.words("small")
    bar = child(bench.card("small"), QProgressBar)
    assert bar.isVisible()
    assert bar.value() / bar.maximum() == pytest.approx(112 / 398, abs=0.01)
    bench.dialog.set_progress(running(398_000_000, state=DownloadState.VERIFYING))
    assert "Checking the file… 100%" in bench.words("small")
    bench.dialog.set_progress(running(398_000_000, state=DownloadState.DONE))
    assert "Installed" in bench.words("small")
    bench.fill(SMALL_HERE, in_use="small")
    assert "In use" in bench.words("small")
    assert bench.card("small").phase is EntryPhase.IN_USE
    # AND its file is what would be removed now, not a line of the list
    assert bench.buttons("small")[-1] == "Remove"


def test_the_keyboard_stays_on_a_model_whose_button_has_done_its_work(bench: Bench) -> None:
    bench.fill(SMALL_HERE)
    card = bench.card("small")
    bench.dialog.select("small")
    bench.dialog.activateWindow()
    assert card.focus_main()
    # WHEN it is in use, and the button gone THEN Enter does not open the licence, which comes next
    bench.fill(SMALL_HERE, in_use="small")
    assert card.phase is EntryPhase.IN_USE
    assert bench.dialog.focusWidget() is card


def test_pausing_and_resuming(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.dialog.set_progress(running(100_000_000))
    bench.press("small", "Pause")
    bench.dialog.set_progress(running(101_000_000))  # was on its way when Pause was pressed
    bench.dialog.set_progress(running(102_000_000, state=DownloadState.PAUSED))
    bench.fill(partial={"small": 102_000_000})
    assert "Paused at 102 MB of 398 MB" in bench.words("small")
    bench.press("small", "Resume")
    assert bench.wishes == [("download", "small"), ("pause", "small"), ("resume", "small")]
    bench.dialog.set_progress(running(103_000_000))
    assert bench.card("small").phase is EntryPhase.RUNNING


def test_a_pause_before_the_first_byte_ends_where_it_began(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.press("small", "Pause")
    bench.dialog.set_progress(DownloadProgress("small", DownloadState.WAITING, 0, 398_000_000))
    bench.fill()
    assert bench.buttons("small")[0] == "Download 398 MB"


def test_cancelling_goes_back_to_the_offer_whatever_arrives_late(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.dialog.set_progress(running(100_000_000))
    bench.press("small", "Cancel")
    bench.dialog.set_progress(running(101_000_000))
    bench.fill()
    assert bench.card("small").phase is EntryPhase.AVAILABLE
    assert bench.wishes == [("download", "small"), ("cancel", "small")]


def test_a_download_goes_on_showing_while_the_list_is_filled_again(bench: Bench) -> None:
    bench.fill()
    bench.dialog.set_progress(running(100_000_000))
    bench.fill(OWN, in_use=OWN.id, partial={"small": 100_000_000})
    assert bench.card("small").phase is EntryPhase.RUNNING
    assert "100 MB of 398 MB" in bench.words("small")


def test_what_was_begun_in_another_session_can_be_resumed(bench: Bench) -> None:
    bench.fill(partial={"middle": 300_000_000})
    assert "Paused at 300 MB of 800 MB" in bench.words("middle")
    bench.press("middle", "Resume")
    assert bench.wishes == [("resume", "middle")]


def test_a_failure_is_said_on_its_row_until_another_try(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.dialog.set_failed("small", UserFacingError("The disk is full.", "12 MB free.", "Free some space."))
    bench.fill()
    assert "The disk is full. 12 MB free. Free some space." in bench.words("small")
    bench.press("small", "Try again")
    assert "The disk is full." not in bench.words("small")
    assert bench.wishes == [("download", "small")] * 2


def test_a_failure_of_an_unknown_model_is_not_lost(bench: Bench) -> None:
    bench.fill()
    bench.dialog.set_failed("gone", UserFacingError("It failed."))
    assert bench.notices() == ["It failed."]


def test_a_licence_is_accepted_before_the_download(bench: Bench) -> None:
    bench.fill()
    bench.press("licensed", "Download")  # picks the row and uncovers the licence
    assert bench.wishes == []
    accept = child(bench.card("licensed"), QCheckBox)
    assert accept.isVisible()
    assert "Gemma Terms of Use" in accept.text()
    bench.press("licensed", "Read the licence")
    assert bench.opened == ["https://ai.google.dev/gemma/terms"]
    bench.press("licensed", "Download 241 MB")
    assert bench.wishes == []
    accept.click()
    bench.press("licensed", "Download 241 MB")
    assert bench.wishes == [("download", "licensed")]


def test_using_and_removing(bench: Bench) -> None:
    bench.fill(SMALL_HERE, MIDDLE_HERE, in_use="small")
    assert bench.shown()[:2] == ["small", "middle"]
    assert "Use this" not in bench.buttons("small")
    bench.press("middle", "Use this")
    bench.press("middle", "Remove")
    assert bench.wishes == [("use", "middle")]
    bench.press("middle", "Remove 800 MB?")
    assert bench.wishes == [("use", "middle"), ("remove", "middle")]


def test_second_thoughts_about_removing(bench: Bench) -> None:
    bench.fill(SMALL_HERE, MIDDLE_HERE, in_use="small")
    bench.press("small", "Remove")
    bench.dialog.select("middle")
    bench.dialog.select("small")
    assert "Remove" in bench.buttons("small")
    assert bench.wishes == []


def test_an_own_file_is_only_taken_off_the_list(bench: Bench) -> None:
    bench.fill(OWN, in_use=OWN.id)
    assert "Your own file: /own.gguf" in bench.words(OWN.id)
    bench.press(OWN.id, "Remove from the list")
    assert bench.wishes == [], "the next model's button would come under the mouse"
    bench.press(OWN.id, "Take it off the list?")
    assert bench.wishes == [("remove", OWN.id)]
    bench.fill()
    assert OWN.id not in bench.shown()
    assert bench.card("small").phase is EntryPhase.AVAILABLE


def test_a_student_says_whose_it_is_and_how_it_reads_and_goes_with_its_file(bench: Bench) -> None:
    card = StudentCard("SmolLM2 135M", reads=61, teacher_reads=80, asked=100)
    student = replace(OWN, student=card)
    bench.fill(student)
    bench.dialog.select(OWN.id)
    words = "A student of SmolLM2 135M, made here. Reads texts: 61 of 100 facts, its teacher 80."
    assert words in bench.words(OWN.id)
    bench.press(OWN.id, "Check the file")
    bench.dialog.set_verified(OWN.id, False)
    assert "The file is not what was installed." in bench.words(OWN.id)
    bench.press(OWN.id, "Remove")
    assert bench.wishes == [("verify", OWN.id)]
    bench.press(OWN.id, "Remove 986 MB?")
    assert bench.wishes == [("verify", OWN.id), ("remove", OWN.id)]
    # WHEN nobody has checked it, or its file is gone, that is what is said
    bench.fill(replace(student, student=StudentCard("SmolLM2 135M"), missing=True))
    bench.dialog.select(OWN.id)
    assert "A student of SmolLM2 135M, made here." in bench.words(OWN.id)
    assert bench.buttons(OWN.id) == ["Remove from the list"]


def test_a_missing_file_is_named_and_cannot_be_used(bench: Bench) -> None:
    bench.fill(InstalledModel(OWN.id, OWN.name, OWN.path, OWN.size, missing=True))
    bench.dialog.select(OWN.id)
    assert "The file is missing" in bench.words(OWN.id)
    assert bench.buttons(OWN.id) == ["Remove from the list"]


@pytest.mark.parametrize("intact", [True, False])
def test_checking_a_file_ends_in_a_sentence(bench: Bench, intact: bool) -> None:
    bench.fill(SMALL_HERE, in_use="small")
    bench.press("small", "Check the file")
    assert bench.wishes == [("verify", "small")]
    assert "Reading the whole file once more…" in bench.words("small")
    assert "Cancel" not in bench.buttons("small")
    bench.fill(SMALL_HERE, OWN, in_use="small")  # something else has changed meanwhile
    assert bench.card("small").phase is EntryPhase.CHECKING
    bench.dialog.set_verified("small", intact)
    bench.fill(SMALL_HERE, in_use="small")
    said = "File checked: intact" if intact else "The file is not what was published."
    assert said in bench.words("small")
    assert bench.card("small").phase is EntryPhase.IN_USE


def test_a_check_that_could_not_be_made_is_over(bench: Bench) -> None:
    bench.fill(SMALL_HERE, in_use="small")
    bench.press("small", "Check the file")
    bench.dialog.show_error(UserFacingError("The file cannot be read.", "", "Check the disk."))
    assert bench.notices() == ["The file cannot be read. Check the disk."]
    assert bench.card("small").phase is EntryPhase.IN_USE


@pytest.mark.parametrize(("model", "way"), [(SMALL_HERE, "download it again"), (OWN, "another file in its place")])
def test_a_model_that_brings_the_engine_down_says_so_with_ways_out(
    bench: Bench, model: InstalledModel, way: str
) -> None:
    bench.fill(model, MIDDLE_HERE, in_use=model.id, marked=(model.id,))
    bench.dialog.select("middle")
    # THEN it is to be seen also while another one is unfolded, and not at that one
    assert "brought the engine down twice while loading" in bench.words(model.id)
    assert way in bench.words(model.id)
    assert "engine down" in bench.card(model.id).accessibleDescription()
    assert "engine down" not in bench.words("middle")
    assert "Report…" not in bench.buttons(model.id) + bench.buttons("middle")
    bench.dialog.select(model.id)
    bench.press(model.id, "Report…")
    assert bench.wishes == [("report", model.id)]
    # WHEN it has loaded after all
    bench.fill(model, MIDDLE_HERE, in_use=model.id)
    assert "engine down" not in bench.words(model.id)
    assert "Report…" not in bench.buttons(model.id)


# Trials


def test_a_model_that_is_being_tried_says_so_and_can_be_cancelled(bench: Bench) -> None:
    # GIVEN an own file that is being tried
    bench.fill(OWN, trying=(OWN.id,))
    bench.dialog.select(OWN.id)
    bar = child(bench.card(OWN.id), QProgressBar)
    assert "Trying it…" in bench.words(OWN.id)
    assert bar.isVisible() and bar.maximum() == 0
    assert bench.buttons(OWN.id) == ["Cancel"]
    # WHEN it is cancelled THEN that is asked for once
    bench.press(OWN.id, "Cancel")
    bench.press(OWN.id, "Cancel")
    assert bench.wishes == [("cancel", OWN.id)]
    # WHEN it is tried once more THEN it can be cancelled once more
    bench.fill(OWN)
    bench.fill(OWN, trying=(OWN.id,))
    bench.press(OWN.id, "Cancel")
    assert bench.wishes == [("cancel", OWN.id)] * 2


def test_a_model_that_does_not_work_says_why_and_is_only_tried_again(bench: Bench) -> None:
    problem = UserFacingError("It died.", "{0}: {1}.", "Choose another.", values=("own.gguf", "SIGABRT"))
    bad = replace(OWN, verdict=Verdict.of(Outcome.DIED, problem))
    bench.fill(OWN, trying=(OWN.id,))
    bench.fill(bad)
    bench.dialog.select(OWN.id)
    assert "It died. own.gguf: SIGABRT. Choose another." in bench.words(OWN.id)
    assert "Does not work" in bench.words(OWN.id)
    assert bench.buttons(OWN.id) == ["Try again", "Details…", "Remove from the list"]
    # WHEN it is tried again THEN the words go, until there are new ones
    bench.press(OWN.id, "Try again")
    assert bench.wishes == [("use", OWN.id)]
    bench.fill(bad, trying=(OWN.id,))
    assert "It died." not in bench.words(OWN.id)
    bench.fill(replace(OWN, verdict=Verdict(Outcome.WORKS)), in_use=OWN.id)
    assert "It died." not in bench.words(OWN.id)
    assert "In use" in bench.words(OWN.id)


def test_a_model_that_was_not_tried_for_want_of_memory_may_be_used(bench: Bench) -> None:
    problem = UserFacingError("It was not tried.", "9 GB.", "Close other programs.")
    bench.fill(replace(OWN, verdict=Verdict.of(Outcome.UNTRIED, problem)))
    bench.dialog.select(OWN.id)
    assert "It was not tried. 9 GB." in bench.words(OWN.id)
    assert bench.buttons(OWN.id)[0] == "Use this"


def test_a_file_of_the_catalogue_whose_hash_is_right_needs_no_other_word(bench: Bench) -> None:
    problem = UserFacingError("It died.")
    vouched = replace(SMALL_HERE, is_vouched=True, verdict=Verdict.of(Outcome.DIED, problem))
    bench.fill(vouched)
    assert "It died." not in bench.words("small")
    assert bench.card("small").phase is EntryPhase.INSTALLED
    # WHEN one that was put there by hand is tried
    bench.fill(SMALL_HERE, trying=("small",))
    assert bench.card("small").phase is EntryPhase.TRYING
    assert bench.card("small").under_way
