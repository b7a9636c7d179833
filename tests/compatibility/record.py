"""What is known of other programs with Catnap: ``docs/compatibility.json``, and the tables of the README made of it.

What it says of a server or client that is run in a test is what that test finds, or the test fails; the READMEs say
what it says, or :mod:`tests.compatibility.test_record` fails.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docs" / "compatibility.json"
# Each with the language of its table.
READMES: Final = (("README.md", "en"), ("README.zh-CN.md", "zh"))
SERVERS, CLIENTS = "servers", "clients"
# How it was run: in every test run; by hand, since it does not fit there; not at all, but what its documents say.
TESTED, BY_HAND, DOCUMENTED = "tested", "by hand", "documented"

_VERSION: Final = {"en": "version", "zh": "版本"}
_RUN: Final = {"en": "run", "zh": "运行方式"}
_HOW: Final = {
    (TESTED, "en"): "in the tests",
    (TESTED, "zh"): "在测试中",
    (BY_HAND, "en"): "by hand",
    (BY_HAND, "zh"): "手动",
    (DOCUMENTED, "en"): "not: its documented streams, replayed",
    (DOCUMENTED, "zh"): "未运行：重放其文档中的数据流",
}
_WORKS, _CANNOT, _UNTRIED = "✓", "✗", ""


@dataclass(frozen=True)
class Entry:
    """A server or a client.

    Attributes:
        name: By which tests know it.
        shown: What it is called, by language.
        version: That was run, or whose documents were read.
        how: ``TESTED``, ``BY_HAND`` or ``DOCUMENTED``.
        works: Names of the checks that it passes.
        cannot: Names of those that it does not.
    """

    name: str
    shown: Mapping[str, str]
    version: str
    how: str
    works: tuple[str, ...]
    cannot: tuple[str, ...]

    def mark(self, check: str) -> str:
        """Returns what stands in the table for a check."""
        if check in self.works:
            return _WORKS
        return _CANNOT if check in self.cannot else _UNTRIED


@dataclass(frozen=True)
class Record:
    """All of it.

    Attributes:
        labels: What a check is called, by kind of program, its name and language.
        entries: By kind of program.
    """

    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    entries: Mapping[str, tuple[Entry, ...]]

    def entry(self, kind: str, name: str) -> Entry:
        """Returns what is known of a program."""
        return next(each for each in self.entries[kind] if each.name == name)

    def table(self, kind: str, language: str) -> str:
        """Returns the table of a README: a column for each program, a row for each check."""
        entries, labels = self.entries[kind], self.labels[kind]
        rows = [
            ["", *(each.shown[language] for each in entries)],
            ["---", *(":-:" for _ in entries)],
            [_VERSION[language], *(each.version for each in entries)],
            [_RUN[language], *(_HOW[each.how, language] for each in entries)],
        ]
        rows += [[labels[check][language], *(each.mark(check) for each in entries)] for check in labels]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def load() -> Record:
    """Reads the file."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return Record(
        document["checks"],
        {
            kind: tuple(
                Entry(
                    each["name"],
                    each["shown"],
                    each["version"],
                    each["how"],
                    tuple(each["works"]),
                    tuple(each["cannot"]),
                )
                for each in document[kind]
            )
            for kind in (SERVERS, CLIENTS)
        },
    )


def filled(text: str, record: Record, language: str) -> str:
    """Returns a README with its tables as the record has them; each stands between two marks.

    Raises:
        ValueError: A mark is missing.
    """
    for kind in (SERVERS, CLIENTS):
        begin, end = f"<!-- compatibility: {kind} -->\n", "\n<!-- end -->"
        before, mark, rest = text.partition(begin)
        if not mark or end not in rest:
            raise ValueError(f"there is no place for the table of {kind}")
        text = before + begin + record.table(kind, language) + rest[rest.index(end) :]
    return text
