"""The script for a GPU rehearses on a CPU, so that it works on the day."""

import json

import pytest
import torch

from benchmarks import gpu
from benchmarks.on_gpu import together
from benchmarks.on_gpu.setting import Check, Found, Setting

TINY = Setting(device=torch.device("cpu"), tiny=True)


def fails():
    raise RuntimeError("no such kernel\nand a long trace")


def test_a_check_or_a_part_that_fails_does_not_stop_the_others(monkeypatch):
    def first(setting):
        yield Check("bad", fails)
        yield Check("good", lambda: Found("2 ms", {"milliseconds": 2.0}))

    def second(setting):
        fails()
        yield

    parts = {"first": first, "second": second, "third": first}
    monkeypatch.setattr(gpu, "PARTS", parts)
    found = [(part, name, result.value) for part, name, result in gpu.lines(TINY, list(parts))]
    failed = "FAILED: RuntimeError: no such kernel"
    assert found == [
        ("first", "bad", failed),
        ("first", "good", "2 ms"),
        ("second", "preparing", failed),
        ("third", "bad", failed),
        ("third", "good", "2 ms"),
    ]


def test_no_check_starts_after_the_time(monkeypatch):
    monkeypatch.setattr(gpu, "LAST_START", 0.0)
    assert [name for _, name, _ in gpu.lines(TINY, ["device"])] == ["stopped"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_without_a_gpu_the_script_says_how_to_rehearse_it(capsys):
    with pytest.raises(SystemExit, match="2"):
        gpu.main([])
    assert "--device cpu --tiny" in capsys.readouterr().err


def test_numbers_are_written_as_they_are_found(monkeypatch, tmp_path, capsys):
    """A run that is cut off keeps them; the machine may have no git."""

    def parts(setting):
        yield Check("good", lambda: Found("2 ms", {"milliseconds": 2.0}))
        raise KeyboardInterrupt

    monkeypatch.setattr(gpu, "PARTS", {"part": parts})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(KeyboardInterrupt):
        gpu.main(["--device", "cpu", "--json", str(tmp_path / "gpu.json")])
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert [line["value"] for line in found["lines"]] == ["2 ms"]
    assert found["machine"]["commit"] == "unknown"


@pytest.mark.slow
def test_a_trial_that_dies_is_reported_and_the_other_one_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(together, "SCRIPT", tmp_path / "no.py")
    _, two = together.halves(TINY)
    with pytest.raises(RuntimeError, match="a trial died before it was warm"):
        two.run()


@pytest.mark.slow
def test_every_part_rehearses_on_a_cpu(tmp_path, capsys):
    """All numbers but those of a GPU itself: recorded ones hold, every system is fitted."""
    gpu.main(["--device", "cpu", "--tiny", "--json", str(tmp_path / "gpu.json")])
    lines = json.loads((tmp_path / "gpu.json").read_text())["lines"]
    assert {line["part"] for line in lines} == set(gpu.PARTS)
    values = [line["value"] for line in lines]
    bad = [value for value in values if value.startswith(("FAILED", "DIFFERS", "NOT FINITE"))]
    assert bad == []
    assert sum("equal" in value for value in values) == 6
    assert sum("finite" in value for value in values) == 22
    assert capsys.readouterr().out.count("\n") == len(lines) + 1
