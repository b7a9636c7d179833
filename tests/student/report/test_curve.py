"""The curve of a training is read as far as it can be."""

from __future__ import annotations

from pathlib import Path

from desktop.student.report.curve import parse_curve, read_curve

HEAD = "step,tokens,cpu_seconds,loss,kl,top1"


def test_lines_that_say_nothing_are_counted() -> None:
    lines = [HEAD, "1,100,2.5,1.5,,", "2,200,5,1.25,0.9,0.6", "x,y", "3,", "", "4,400,nan,inf,-1,", "5,500,9,1,0.5,0.7"]
    curve = parse_curve(lines)
    assert [point.step for point in curve.points] == [1, 2, 5] and curve.unread == 3
    assert [point.kl for point in curve.judged] == [0.9, 0.5] and curve.points[0].top1 is None


def test_steps_that_come_again_after_a_checkpoint_count_once() -> None:
    curve = parse_curve([HEAD, "1,100,1,2,,", "2,200,2,1.9,,", HEAD, "2,200,2,1.8,,", "3,300,3,1.7,,"])
    assert [(point.step, point.loss) for point in curve.points] == [(1, 2.0), (2, 1.8), (3, 1.7)]


def test_a_training_belongs_to_what_was_exported_of_it(tmp_path: Path) -> None:
    for name in ("layers-4-trained", "layers-4"):
        (tmp_path / "training" / name).mkdir(parents=True)
        (tmp_path / "training" / name / "curve.csv").write_text(f"{HEAD}\n{len(name)},1,1,1,,\n")
    found = read_curve(tmp_path, "layers-4-trained-Q4_0-protected")
    assert found is not None and found.points[0].step == len("layers-4-trained")
    assert read_curve(tmp_path, "layers-3") is None
    assert read_curve(tmp_path / "nowhere", "x") is None
    # AND a file that is none
    (tmp_path / "training" / "layers-4" / "curve.csv").write_bytes(b"\xff\x00" * 100)
    damaged = read_curve(tmp_path, "layers-4")
    assert damaged is not None and damaged.points == ()
