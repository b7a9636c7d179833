"""Makes the files of this folder with other people's programs: ``python -m tests.documents.real.make``.

LibreOffice writes the documents, iconv the encodings. What was made is kept, so that the tests need neither.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.patience import PATIENCE_S

_HERE = Path(__file__).parent
_SOURCES, _FILES = _HERE / "sources", _HERE / "files"
# What is made of what: endings, or LibreOffice's own "ending:filter".
_OFFICE = (
    (("letter.html", "report.html", "notice_zh.html"), "writer_web", ("odt:writer8", "docx:MS Word 2007 XML")),
    (("letter.odt", "report.odt", "notice_zh.odt"), "", ("pdf", "epub", "html:HTML (StarWriter)")),
    (("prices.fods",), "", ("ods", "xlsx", "xls", "csv", "html", "pdf")),
    (("talk.fodp",), "", ("odp", "pptx", "pdf", "html")),
)
_ENCODED = (
    ("note_zh.txt", ("gb18030", "utf-16", "utf-8", "gbk")),
    ("note_tw.txt", ("big5", "utf-8")),
    ("note_ja.txt", ("shift_jis", "euc-jp")),
    ("note_de.txt", ("cp1252", "utf-16")),
)
_COPIED = ("letter.html", "ledger.csv", "stock.csv", "guide.md", "toll.py", "valve.c")


def main() -> int:
    _FILES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        for names, kind, targets in _OFFICE:
            for target in targets:
                sources = [str(each) for name in names for each in (_SOURCES / name, _FILES / name) if each.exists()]
                # "writer_web" is what opens HTML unless LibreOffice is told that a text document shall come of it.
                reads = ("--writer",) if kind else ()
                command = ["soffice", profile, "--headless", *reads, "--convert-to", target, "--outdir", folder]
                subprocess.run([*command, *sources], check=True, timeout=PATIENCE_S, stdout=subprocess.DEVNULL)
                for source in sources:
                    ending = target.split(":")[0]
                    made = Path(folder) / f"{Path(source).stem}.{ending}"
                    mark = "_exported" if ending == "html" else ""
                    shutil.move(made, _FILES / f"{Path(source).stem}{mark}.{ending}")
    for name, encodings in _ENCODED:
        for encoding in encodings:
            encoded = subprocess.run(
                ["iconv", "-f", "utf-8", "-t", encoding, str(_SOURCES / name)], check=True, capture_output=True
            ).stdout
            (_FILES / f"{Path(name).stem}.{encoding}.txt").write_bytes(encoded)
    for name in _COPIED:
        shutil.copy(_SOURCES / name, _FILES / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
