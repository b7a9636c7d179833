"""A student's curve is found, and read as far as it can be."""

from __future__ import annotations

from pathlib import Path

from desktop.student.report.curve import curve_of
from desktop.student.training.curve import CURVE, CurvePoint, append_point


def test_a_training_belongs_to_what_was_exported_of_it(tmp_path: Path) -> None:
    for step, name in enumerate(("layers-4", "layers-4-trained")):
        folder = tmp_path / "training" / name
        folder.mkdir(parents=True)
        append_point(folder / CURVE, CurvePoint(step, 10, 1.0, 0.0, 2.0, 0.5))
    found = curve_of(tmp_path, "layers-4-trained-Q4_0-protected")
    assert [point.step for point in found] == [1]
    assert curve_of(tmp_path, "layers-3") == () and curve_of(tmp_path / "nowhere", "x") == ()


def test_damaged_lines_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "training" / "small" / CURVE
    file.parent.mkdir(parents=True)
    append_point(file, CurvePoint(1, 10, 1.0, 1.5, 2.0, 0.5))
    with file.open("a") as stream:
        stream.write("x,y\n2,20,nan,inf,1.0,0.5\n\0\n3,30,")
    assert [point.step for point in curve_of(tmp_path, "small")] == [1]
    file.write_bytes(b"\xff\x00" * 100)
    assert curve_of(tmp_path, "small") == ()
