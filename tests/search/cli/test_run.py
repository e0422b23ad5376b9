import pytest

from search.cli.main import execute


@pytest.mark.parametrize("place", ["search.space.load_space", "search.tune.runner.run_search"])
def test_ctrl_c_before_or_while_the_run_starts_says_how_to_go_on(
    monkeypatch, capsys, tmp_path, place
):
    def broken_off(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(place, broken_off)
    assert execute(["run", "spaces/demo.yaml"]) == 130
    assert capsys.readouterr().err == "broken off; run the same command again to go on\n"
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_nothing_but_a_refused_pickle_writes_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "wrong.pkl").write_text("not a pickle")
    command = ["run", "spaces/mosi.yaml", "--data", "unaligned=wrong.pkl"]
    assert execute([*command, "--set", "experiment.model.text.name=tiny"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: wrong.pkl: not a whole pickle of plain arrays")
    assert shown.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.pkl"]
