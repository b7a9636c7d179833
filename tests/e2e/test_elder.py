"""A Chinese speaker of seventy, with text of 20 pt: everything is in Chinese, and what is answered is read aloud."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.person import Person
from tests.e2e.test_scenario import wait_answers
from tests.e2e.voices import ENGLISH, MANDARIN, Said, Voices
from tests.support.parrot import make_parrot
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_SAYS = "您好，我是鹦鹉。今天天气很好。My name is Polly. 再见，祝您愉快！"
_SENTENCES = ["您好，我是鹦鹉。", "今天天气很好。", "My name is Polly.", "再见，祝您愉快！"]
_SPEED = 80  # per cent


class Elder(Person):
    """Somebody who has a voice, or will."""

    def __init__(self, desktop: DesktopSession, driver: CatnapDriver) -> None:
        super().__init__(desktop, driver)
        self.voices = Voices(desktop)

    def ask(self, words: str, answers: int) -> None:
        """Types a question into the field and waits for its answer."""
        self.click("消息", "text")
        self.desktop.type(words)
        self.click("发送", "push button")
        assert wait_answers(self.driver, answers).text == _SAYS

    def wait_said(self, *sentences: str) -> list[Said]:
        """Waits until just these sentences were said last, and returns them."""

        def probe() -> list[Said] | None:
            last = self.voices.said()[-len(sentences) :]
            return last if [each.text.strip() for each in last] == list(sentences) else None

        return wait_for(f"{sentences} to be said", probe)

    def set_in(self, page: str) -> None:
        """Opens a page of the settings."""
        self.click_in_menu("设置…", "查看", "menu item")
        self.desktop.in_front("设置")
        self.click(page, "list item", "设置")


@pytest.fixture
def person(desktop: DesktopSession, offer: Offer) -> Iterator[Elder]:
    driver = CatnapDriver(
        desktop, offer.catalog, {"n_ctx": N_CTX, "language": "zh_CN", "font_size": 20, "theme": "light"}
    )
    (driver.data / "models").mkdir()
    make_parrot(driver.data / "models" / "polly.gguf", _SAYS)
    yield Elder(desktop, driver)


def test_answers_are_read_aloud(person: Elder, pictures: Path) -> None:
    desktop, driver = person.desktop, person.driver
    driver.start()
    person.find("消息", "text")
    # GIVEN the patient companion, who begins with a click, in letters larger still
    person.click_in_menu("耐心陪伴", "角色：通用")
    person.click("讲一个开心的小故事", "push button")
    assert wait_answers(driver, 1).text == _SAYS
    desktop.screenshot(pictures / "1-companion.png")

    # WHEN the answer is to be read, and there is nothing that speaks THEN it is said what to do, in Chinese
    read_last(person)
    person.find("这台电脑上没有可以朗读的语音。", "label")
    desktop.screenshot(pictures / "2-no-voice.png")
    # AND with an English voice alone THEN it is said that Chinese is missing
    person.voices.install(ENGLISH)
    read_last(person)
    person.find("没有中文语音。", "label")
    assert person.voices.said() == []

    # WHEN the voice is installed THEN it reads without another start, each language by its own voice
    person.voices.install(ENGLISH, MANDARIN)
    read_last(person)
    said = person.wait_said(*_SENTENCES)
    assert [each.voice for each in said] == [MANDARIN[0], MANDARIN[0], ENGLISH[0], MANDARIN[0]]
    assert {each.rate for each in said} == {0}
    person.wait_gone("没有中文语音。")

    # WHEN the speed is another, and is tried THEN it is heard at once
    person.set_in("朗读")
    person.write("语速", f"{_SPEED}\t", "spin button", "设置")
    wait_for("the speed", person.has_set(reading_speed=_SPEED))
    person.click("试听", "push button", "设置")
    (tried,) = person.wait_said("您的回答会这样读给您听。")
    assert tried.rate == int(math.log2(_SPEED / 100) * 100)

    # WHEN answers are read by themselves THEN the first sentence is said, and Esc ends that in the middle
    person.click("为我朗读回答", "check box", "设置")
    wait_for("the setting", person.has_set(read_answers=True))
    person.click("关闭", "push button", "设置")
    person.voices.hold()
    person.ask("ni hao", 2)
    person.wait_said(_SENTENCES[0])
    desktop.screenshot(pictures / "3-reading.png")
    desktop.key("Escape")
    wait_for("silence", lambda: person.voices.told()[-1] is None)
    person.voices.go_on()
    # AND nothing of the rest is said any more, but all of the next answer
    before = len(person.voices.said())
    person.ask("zai lai", 3)
    person.wait_said(*_SENTENCES)
    assert len(person.voices.said()) == before + len(_SENTENCES)
    person.leave()


def read_last(person: Elder) -> None:
    """Has the newest answer read, by the sign that the mouse brings out below it."""
    x, y = person.find(re.compile("Catnap：.*"), "list item").box.centre
    person.desktop.hands("mousemove", str(x), str(y))
    person.desktop.hands("mousemove", str(x + 3), str(y))
    person.click("朗读", "push button")


def test_an_answer_is_read_while_it_grows(person: Elder) -> None:
    # GIVEN a model that never ends, and answers that are read by themselves
    desktop, driver = person.desktop, person.driver
    make_parrot(driver.data / "models" / "polly.gguf", _SAYS, endless=True)
    settings = driver.data / "settings.json"
    settings.write_text(
        settings.read_text("utf-8").replace('"n_ctx"', '"read_answers": true, "stop_loops": false, "n_ctx"')
    )
    person.voices.install(ENGLISH, MANDARIN)
    person.voices.hold()
    driver.start()
    person.click("消息", "text")
    desktop.type("shuo ba")
    person.click("发送", "push button")
    # THEN its first sentence is said while it is still being written
    person.wait_said(_SENTENCES[0])
    assert [row.role for row in driver.messages()] == ["user"]
    # WHEN Esc stops it THEN the voice stops with it
    desktop.key("Escape")
    wait_for("silence", lambda: person.voices.told()[-1] is None)
    wait_answers(driver, 1)
    person.leave()
