"""Build hook: a wheel carries models.json and resources/ inside the package, an editable install leaves them alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedFiles(BuildHookInterface):  # type: ignore[misc]  # hatchling is not followed by mypy
    """Adds the files that ``desktop.common.paths.shipped`` looks for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is built; ``version`` is "standard" or "editable"."""
        if version == "editable":
            return
        for name in ("models.json", "resources"):
            path = Path(self.root, name)
            if not path.exists():
                raise FileNotFoundError(f"{path} is missing; the package would not work without it")
            build_data["force_include"][str(path)] = f"desktop/{name}"
