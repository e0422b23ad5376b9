import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from search.cli.main import execute

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {
    "torch",
    "ray",
    "optuna",
    "pyarrow",
    "transformers",
    "sugrm",
    "reports",
    "numpy",
    "yaml",
    "mlflow",
    "wandb",
}


@pytest.mark.slow
def test_starting_the_command_imports_nothing_heavy():
    code = "import sys, search.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", ["search.space", "search.status.run_status", "search.trials.recorded_space"]
)
def test_a_space_is_checked_and_a_run_looked_at_without_torch_and_ray(module):
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "ray", "transformers"} & set(done.stdout.split()) == set()


@pytest.mark.slow
def test_help_imports_little_beside_typer():
    code = (
        "import sys; from search.cli.main import execute; execute(['--help']); "
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = {*done.stderr.split()} - sys.stdlib_module_names
    small = {
        "__main__",
        "_distutils_hack",
        "annotated_doc",
        "click",
        "shellingham",
        "typing_extensions",
    }
    assert {"search", "typer"} <= found <= {"search", "reports", "typer", *small}


def test_the_version_is_that_of_the_package(capsys):
    assert execute(["--version"]) == 0
    assert capsys.readouterr().out == f"sugrm-search {metadata.version('sugrm-search')}\n"


@pytest.mark.parametrize(
    "command",
    ["run", "plan", "report", "status", "export", "publish", "predict", "options", "data"],
)
def test_help_lists_every_command(capsys, command):
    assert execute(["--help"]) == 0
    assert f"  {command} " in capsys.readouterr().out


COMMANDS = ["run", "plan", "report", "status", "export", "publish", "predict", "options", "data"]
DATA_COMMANDS = ["data inspect", "data import", "data synthesize"]


@pytest.mark.parametrize("command", ["", *COMMANDS, *DATA_COMMANDS])
def test_help_shows_what_a_user_types_and_no_types_of_python(capsys, command):
    assert execute([*command.split(), "--help"]) == 0
    lists = capsys.readouterr().out.partition("Example")[0]
    assert not re.search(r"[<>{}]|\[\[|list\[|\bx>=", lists)


@pytest.mark.parametrize("command", [*COMMANDS, *DATA_COMMANDS])
def test_the_reference_has_the_usage_line_of_help(capsys, command):
    assert execute([*command.split(), "--help"]) == 0
    usage = capsys.readouterr().out.splitlines()[0].removeprefix("Usage: ").strip()
    reference = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"```text\n{usage}\n```" in reference


def test_arguments_that_may_be_left_out_or_repeated_have_one_pair_of_brackets(capsys):
    for command, usage in (
        ("report", "[RUN...] [OPTIONS]"),
        ("export", "RUN [OUT] [OPTIONS]"),
        ("predict", "MODEL INPUT... [OPTIONS]"),
        ("data", "COMMAND"),
    ):
        assert execute([command, "--help"]) == 0
        first = capsys.readouterr().out.splitlines()[0].rstrip()
        assert first == f"Usage: sugrm-search {command} {usage}"


@pytest.mark.parametrize("arguments", [["--help"], ["data", "--help"]])
def test_no_line_of_the_list_of_commands_is_cut(capsys, arguments):
    assert execute(arguments) == 0
    listed = capsys.readouterr().out.split("Commands:")[1]
    assert "..." not in listed


@pytest.mark.parametrize(
    "command",
    ["run", "plan", "report", "status", "export", "publish", "predict", "options", "data"],
)
def test_help_of_a_command_teaches_with_an_example(capsys, command):
    assert execute([*command.split(), "--help"]) == 0
    assert f"sugrm-search {command}" in capsys.readouterr().out.split("Example")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "error: No such command 'rnu'"),
        (["run"], "error: Missing argument 'SPACE'; see 'sugrm-search run --help'\n"),
        (["run", "x", "--trails", "3"], "error: No such option: --trails; did you mean --trials"),
        (
            ["run", "x", "--epochs", "3"],
            "error: No such option: --epochs; a setting is changed with --set, as in --set",
        ),
        (["run", "x", "--seed", "3"], "error: No such option: --seed; a setting is changed with"),
        (["export", "x", "--out", "y"], "error: No such option: --out; OUT is an argument: type"),
        (["run", "x", "--model", "y"], "error: No such option: --model; a setting is changed"),
        (["data", "inspect", "--path", "y"], "error: No such option: --path; PATH is an argument"),
        (["status", "--xyz"], "error: No such option: --xyz; see 'sugrm-search status --help'"),
        (["run", "x", "--trials", "many"], "error: Invalid value for '--trials'"),
        (["run", "x", "--concurrency", "0"], "error: Invalid value for '--concurrency'"),
        (
            ["report", "--compare", "demo"],
            "error: Option '--compare' requires 2 arguments; see 'sugrm-search report --help'\n",
        ),
    ],
)
def test_wrong_usage_is_one_message_on_stderr_and_exit_code_2(capsys, arguments, message):
    assert execute(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(message)
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["plan"], ["run"], ["run", "--dry-run"]])
def test_a_missing_space_is_an_error_of_the_user(capsys, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert execute([*arguments, "no/such.yaml"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert "no/such.yaml" in shown.err
    assert "Traceback" not in shown.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["rnu"],
            "No such command 'rnu'; expected one of run, plan, report, status, "
            "repeat, export, publish, predict, options, data; did you mean 'run'?",
        ),
        (["run", "x", "--trials", "many"], "'--trials': got 'many'; expected a whole number"),
        (["plan", "x", "--trials", "-1"], "'--trials': got '-1'; expected at least 0"),
        (["run", "x", "--concurrency", "0"], "'--concurrency': got '0'; expected at least 1"),
        (
            ["report", "--format", "pdf"],
            "'--format': got 'pdf'; expected one of md, tex, html, csv",
        ),
        (
            ["plan", "demo", "--set", "experiment.presets=mosi"],
            "experiment.presets: unknown key; expected one of preset, alignment, model, objective, "
            "training, start_from; did you mean preset?",
        ),
        (
            ["plan", "demo", "--set", "experiment.model.name=late_fusion"],
            "got 'late_fusion'; expected one of text_only, ef_lstm, lf_lstm, tfn, raven, mctn, "
            "mult, spt, mag_bert, self_mm, sugrm; or the system of a plug-in that plugins lists",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_expected(capsys, arguments, message):
    assert execute(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("command", [["run", "spaces/demo.yaml"], ["report"], ["status"]])
def test_a_file_in_place_of_the_runs_folder_is_named(capsys, tmp_path, command):
    (tmp_path / "mine").write_text("kept")
    assert execute([*command, "--runs", str(tmp_path / "mine")]) == 2
    assert f"{tmp_path / 'mine'} is a file; expected a folder" in capsys.readouterr().err
    assert (tmp_path / "mine").read_text() == "kept"


@pytest.mark.parametrize("command", ["plan", "report", "status"])
def test_a_name_that_no_file_can_have_is_one_message(capsys, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    assert execute([command, "x" * 300]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert shown.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_the_traceback(tmp_path, monkeypatch):
    from search.errors import SearchError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SearchError):
        execute(["plan", "no/such.yaml", "--debug"])


def test_a_defect_is_not_mistaken_for_an_error_of_the_user(monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("search.space.reading.load_space", broken)
    with pytest.raises(ZeroDivisionError):
        execute(["plan", "spaces/demo.yaml"])


def test_a_folder_without_runs_is_named(capsys, tmp_path):
    assert execute(["report", "--runs", str(tmp_path)]) == 2
    assert "holds no run" in capsys.readouterr().err


def test_status_without_runs_says_how_to_start_one(capsys, tmp_path):
    assert execute(["status", "--runs", str(tmp_path)]) == 0
    assert "sugrm-search run" in capsys.readouterr().out
