from search.cli.main import execute


def test_an_unknown_run_is_one_message_and_leaves_no_file(tmp_path, capsys):
    file = tmp_path / "a.journal"
    assert execute(["export", "none", "--optuna", str(file), "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: no run 'none'")
    assert not file.exists()


def test_without_a_format_the_option_is_named(capsys):
    assert execute(["export", "demo"]) == 2
    assert "--optuna" in capsys.readouterr().err
