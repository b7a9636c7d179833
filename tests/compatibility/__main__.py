"""Writes the tables of ``docs/compatibility.json`` into the READMEs: ``python -m tests.compatibility``."""

from __future__ import annotations

from tests.compatibility.record import READMES, ROOT, filled, load


def main() -> None:
    record = load()
    for name, language in READMES:
        page = ROOT / name
        page.write_text(filled(page.read_text(encoding="utf-8"), record, language), encoding="utf-8")


if __name__ == "__main__":
    main()
