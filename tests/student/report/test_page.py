"""The report: it stands alone, says everything in both languages, and believes no text of a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from desktop.student.project import Project
from desktop.student.report.evidence import gather
from desktop.student.report.page import NAME, render, write_report

Make = Callable[..., Project]
CURVE = (
    "step,tokens,cpu_seconds,training_loss,kl,top1\n"
    "0,0,0.5,0,2.0,0.36\n10,800,20,1.9,1.3,0.5\n20,1600,40,1.2,0.9,0.6\n30,24"
)
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;\u202e\x1b[2J</pre></div>"
VOID = {"meta", "circle", "line", "polyline", "br"}


class Reader(HTMLParser):
    """Reads the page: what is open and not closed, and all that a browser might fetch or run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.suspicious: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "href", "srcset", "action", "style"):
                self.suspicious.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert "script" not in reader.tags and "iframe" not in reader.tags and "object" not in reader.tags
    assert reader.suspicious == []
    assert not re.search(r"url\(|@import|https?:", page), "the page fetches something"
    return reader


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_has_everything_and_stands_alone(compared_project: Make, language: str) -> None:
    project = compared_project(rights={"teacher": 25, "teacher, IQ4_NL": 20, "small": 21}, trained=CURVE)
    page = render(gather(project), language)
    reader = read(page)
    assert "default-src 'none'" in page and "prefers-color-scheme: dark" in page
    assert page.count('<svg class="chart') == 3, "sizes, the training's divergence, its agreement"
    assert page.count('class="pair"') == 20
    for words in ("aa" * 32, "sha-small", "0.294", "seed: 7", "21", "an answer of small", "an answer of teacher"):
        assert words in reader.text, words
    assert ("Yes." if language == "en" else "值得。") in reader.text
    if language == "zh":
        assert 'lang="zh-Hans"' in page and "从文中找事实" in page


@pytest.mark.parametrize("key", ["answer", "prompt"])
def test_what_a_model_or_a_person_says_is_only_text(compared_project: Make, key: str) -> None:
    project = compared_project(**{key: NASTY})
    page = render(gather(project), "en")
    reader = read(page)
    assert "alert(1)" in reader.text and "<script" not in page and "<img" not in page
    assert "\u202e" not in page and "\x1b" not in page
    # AND a word in the name of a file cannot leave its attribute
    assert reader.text.count("alert(1)") >= 40


def test_it_says_plainly_what_is_not_there(compared_project: Make) -> None:
    reader = read(render(gather(compared_project(student_kl=0.6)), "en"))
    assert "No. It does not beat what plain quantisation makes of the teacher for the same bytes." in reader.text
    assert "No training was noted" in reader.text and "were not asked" in reader.text
    assert "It was not trained" in reader.text


def test_it_is_written_anew_over_the_one_before(compared_project: Make) -> None:
    project = compared_project()
    first = write_report(project, gather(project), "en")
    assert first.name == NAME and "A student of Teacher" in first.read_text()
    assert write_report(project, gather(project), "zh") == first and "Teacher 的学生模型" in first.read_text()


def test_a_curve_with_damage_is_shown_as_far_as_it_goes(compared_project: Make) -> None:
    reader = read(render(gather(compared_project(trained=CURVE + "\nx,y,z\n")), "en"))
    assert "20 steps, 1,600 tokens learnt from" in reader.text
