"""What came of trials, remembered from one run to the next."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.models.remembered.verdicts import Outcome, Verdict, VerdictFile

WORKS = Verdict(Outcome.WORKS)
DIED = Verdict.of(Outcome.DIED, UserFacingError("It died.", "{0}: {1}.", "Take another.", values=("m.gguf", "SIGSEGV")))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "verdicts.json"


def test_a_verdict_is_known_after_a_restart_with_its_words(file: Path, model: Path) -> None:
    assert VerdictFile(file).lookup()(model) is None
    VerdictFile(file).remember({FileIdentity.of(model): DIED})
    verdict = VerdictFile(file).lookup()(model)
    assert verdict is not None
    assert verdict == DIED
    assert verdict.is_bad
    problem = verdict.problem
    assert problem is not None
    assert str(problem) == "It died. m.gguf: SIGSEGV. Take another."
    assert (problem.pattern, problem.values) == ("{0}: {1}.", ("m.gguf", "SIGSEGV"))


def test_the_newest_verdict_counts_and_a_good_one_has_no_words(file: Path, model: Path) -> None:
    verdicts = VerdictFile(file)
    verdicts.remember({FileIdentity.of(model): DIED})
    verdicts.remember({FileIdentity.of(model): WORKS})
    verdict = verdicts.lookup()(model)
    assert verdict is not None
    assert verdict == WORKS
    assert verdict.problem is None
    assert not verdict.is_bad


def test_a_file_that_was_changed_has_no_verdict(file: Path, model: Path) -> None:
    verdicts = VerdictFile(file)
    verdicts.remember({FileIdentity.of(model): DIED})
    os.utime(model, (1, 1))
    assert verdicts.lookup()(model) is None
    model.unlink()
    assert verdicts.lookup()(model) is None


def test_another_version_tries_again(file: Path, model: Path) -> None:
    VerdictFile(file).remember({FileIdentity.of(model): DIED})
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**document, "by": "0.0.1"}), encoding="utf-8")
    assert VerdictFile(file).lookup()(model) is None


def test_old_verdicts_go(file: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.models.remembered.verdicts._KEPT", 2)
    verdicts = VerdictFile(file)
    verdicts.remember({FileIdentity.of(model): DIED})
    for inode in (1, 2):
        verdicts.remember({FileIdentity(0, inode, 0, 0): WORKS})
    assert verdicts.lookup()(model) is None
    assert len(json.loads(file.read_text(encoding="utf-8"))["files"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "strange"},
        {"size": "4"},
        {"title": 7},
        {"values": [7]},
        {"values": None},
        {"detail": "{9}"},
        {"detail": "{0.__class__}{x}"},
    ],
)
def test_what_makes_no_sense_is_forgotten(file: Path, model: Path, change: dict[str, object]) -> None:
    verdicts = VerdictFile(file)
    verdicts.remember({FileIdentity.of(model): DIED})
    document = json.loads(file.read_text(encoding="utf-8"))
    document["files"][0].update(change)
    file.write_text(json.dumps(document), encoding="utf-8")
    assert verdicts.lookup()(model) is None
    verdicts.remember({FileIdentity.of(model): DIED})
    assert verdicts.lookup()(model) == DIED


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "[" * 200_000, '{"version": 1, "by": 3, "files": 4}', " " * 3_000_000]
)
def test_a_list_that_cannot_be_read_is_begun_anew(file: Path, model: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    assert VerdictFile(file).lookup()(model) is None
    VerdictFile(file).remember({FileIdentity.of(model): WORKS})
    assert VerdictFile(file).lookup()(model) == WORKS


def test_a_verdict_that_cannot_be_saved_costs_nothing_but_another_trial(file: Path, model: Path) -> None:
    file.parent.write_text("in the way", encoding="utf-8")
    VerdictFile(file).remember({FileIdentity.of(model): WORKS})
    assert VerdictFile(file).lookup()(model) is None
