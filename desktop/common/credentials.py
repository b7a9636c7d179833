"""Takes names and passwords out of addresses, so that none gets into a log, a sentence or a report."""

from __future__ import annotations

import re

_HIDDEN = "***@"
# Up to the last @ of the word, where a colon says that a password may stand there: people write "@" and "/" in
# passwords as they are. Else up to the last @ before the path. Some text without a secret is hidden too; better so.
_WITH_SCHEME = re.compile(r"(?<=://)(?:[^\s/@'\"<>]*:[^\s'\"<>]*|[^\s/'\"<>]*)@")
# "user:secret@proxy:8080", as proxies are also written.
_WITHOUT_SCHEME = re.compile(r"(?<![\w.:/@-])[\w.+%\\~-]+:[^\s:/\\'\"<>][^\s'\"<>]*@(?=[\w\[])")


def without_credentials(text: str) -> str:
    """Returns ``text`` with what stands before the @ of addresses replaced. Any thread."""
    if "@" not in text:
        return text
    return _WITHOUT_SCHEME.sub(_HIDDEN, _WITH_SCHEME.sub(_HIDDEN, text))
