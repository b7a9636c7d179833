"""What the documentation names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ARCHITECTURE = (DOCS / "ARCHITECTURE.md").read_text(encoding="utf-8")
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "resources" / "translations" / "README.md"])
LEAST_TASKS = 12
MOST_ROOMS = 6


def rows(title: str) -> Iterator[list[str]]:
    """Yields the cells of the first table below a heading of ARCHITECTURE.md, without its head."""
    text = ARCHITECTURE.partition(f"# {title}\n")[2]
    lines = text.partition("\n#")[0].splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table, title
    for line in table[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def paths_in(text: str) -> set[str]:
    """Returns what is named as a path from the top of the repository."""
    found = re.findall(r"`((?:desktop|packaging|tests|docs|resources)/[\w./-]*)`", text)
    return {path.rstrip("/") for path in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = {path for path in paths_in(text) if not (ROOT / path).exists()}
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    missing |= {link for link in links if not (page.parent / link).exists()}
    assert not missing


def test_a_newcomer_is_told_where_to_begin() -> None:
    tasks = list(rows("Where do I change ...?"))
    assert len(tasks) >= LEAST_TASKS
    without = [task for task, begin, _ in tasks if not (paths_in(begin) or "models.json" in begin)]
    assert without == []


def test_ordinary_tasks_touch_few_rooms_and_none_twice() -> None:
    tasks = list(rows("Five tasks and the rooms they touch"))
    assert len(tasks) == 5
    for task, way in tasks:
        rooms = re.findall(r"(?:^|→) *`([\w/]+)/`", way)
        assert len(rooms) == way.count("→") + 1, task
        assert len(rooms) <= MOST_ROOMS, task
        assert len(set(rooms)) == len(rooms), f"{task}: there is a way back"
        for room in rooms:
            folder = ROOT / room if room == "resources" else ROOT / "desktop" / room
            assert folder.is_dir() or f"`{room}/` (new" in way, room


def test_the_words_of_the_glossary_are_those_of_the_code() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "desktop").rglob("*.py")]
    sources += [
        str(path.relative_to(ROOT)) for folder in ("desktop", "packaging") for path in (ROOT / folder).rglob("*")
    ]
    everything = "\n".join([*sources, "models.json"])
    lines = [line for line in (DOCS / "GLOSSARY.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(lines) > 30
    for line in lines[1:]:
        for name in re.findall(r"`([^`]+)`", line.split("|")[3]):
            assert name.rstrip("/").rpartition(".")[2] in everything, name


def test_the_index_of_the_decisions_is_complete() -> None:
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in (DOCS / "adr").glob("[0-9]*.md"))
    assert records == re.findall(r"\((\d{3}-[\w-]+\.md)\)", index)
    for record in records:
        text = (DOCS / "adr" / record).read_text(encoding="utf-8")
        assert text.startswith(f"# {record[:3]} ")
        assert "\n## Context\n" in text and "\n## Decision\n" in text and "\n## What it costs\n" in text


def test_a_path_that_is_gone_is_found() -> None:
    assert paths_in("see `desktop/attic.py` and `desktop/ui/`, not `desktop`") == {"desktop/attic.py", "desktop/ui"}
