import pytest

from scripts.check_sizes import main, problems

LINES = "    value = 1\n"


@pytest.fixture
def checkout(tmp_path):
    """Return a function that writes a module of a made-up checkout."""

    def write(name, source="value = 1\n"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")

    write.root = tmp_path
    return write


def test_a_file_of_300_lines_is_in_order_and_one_of_301_is_not(checkout):
    checkout("sugrm/whole.py", "value = 1\n" * 300)
    checkout("search/cli/long.py", "value = 1\n" * 301)
    assert problems(checkout.root) == ["search/cli/long.py: 301 lines, at most 300"]


def test_the_body_of_a_function_is_counted_without_its_docstring(checkout):
    docstring = '    """Say\n\n    this.\n    """\n'
    checkout("reports/whole.py", f"def whole(\n    a,\n    b,\n):\n{docstring}{LINES * 40}")
    checkout("reports/long.py", f"value = 1\n\n\ndef long():\n{docstring}{LINES * 41}")
    assert problems(checkout.root) == ["reports/long.py:4: long has a body of 41 lines, at most 40"]


def test_methods_and_functions_within_functions_are_checked(checkout):
    inner = "        def inner():\n" + "            value = 1\n" * 41
    checkout("search/nested.py", f"class A:\n    async def outer(self):\n{inner}")
    assert problems(checkout.root) == [
        "search/nested.py:2: outer has a body of 42 lines, at most 40",
        "search/nested.py:3: inner has a body of 41 lines, at most 40",
    ]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ("a, b, c, d, e, f", None),
        ("self, a, b, c, d, e, f", None),
        ("a, b, c, d, e, f, g", 7),
        ("a, /, b, c, *, d, e, f, g", 7),
        ("a, b, c, d, e, *rest, **named", 7),
    ],
)
def test_a_function_takes_at_most_six_parameters(checkout, parameters, count):
    checkout("benchmarks/one.py", f"def one({parameters}):\n    pass\n")
    message = f"benchmarks/one.py:1: one has {count} parameters, at most 6"
    assert problems(checkout.root) == ([message] if count else [])


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ("a, b", None),
        ("self, a, b, *, c", None),
        ("a, b, *rest", None),
        ("a, b, c", 3),
        ("a, /, b, c=1, *, d", 3),
    ],
)
def test_a_function_of_the_packages_takes_at_most_two_arguments_by_position(
    checkout, parameters, count
):
    checkout("search/one.py", f"def one({parameters}):\n    pass\n")
    checkout("scripts/one.py", f"def one({parameters}):\n    pass\n")
    checkout("sugrm/one.py", f"def forward({parameters}):\n    pass\n")
    message = f"search/one.py:1: one takes {count} arguments by position, at most 2"
    assert problems(checkout.root) == ([message] if count else [])


def test_a_command_may_have_as_many_options_as_it_needs(checkout):
    options = ", ".join(f"{name}: Annotated[int, typer.Option()] = 1" for name in "abcdefg")
    checkout("search/cli/run.py", f"def run({options}):\n    pass\n")
    assert problems(checkout.root) == []


def test_a_folder_holds_14_modules_beside_its_init_unless_all_are_of_one_kind(checkout):
    for number in range(15):
        checkout(f"search/space/module_{number}.py")
        checkout(f"search/plan/module_{number}.py")
        checkout(f"reports/tables/table_{number}.py")
    (checkout.root / "search/plan/module_0.py").rename(checkout.root / "search/plan/__init__.py")
    assert problems(checkout.root) == ["search/space: 15 modules, at most 14"]


def test_the_check_prints_each_problem_and_fails(checkout, capsys):
    checkout("search/long.py", "value = 1\n" * 301)
    assert main([str(checkout.root)]) == 1
    assert capsys.readouterr().out == "search/long.py: 301 lines, at most 300\n"


def test_a_checkout_in_order_is_summarised_by_95th_percentiles(checkout, capsys):
    for length in range(1, 21):
        body = "    value = 1\n" * length
        checkout(f"sugrm/{'ab'[length % 2]}/module_{length}.py", f"def function():\n{body}")
    assert main([str(checkout.root)]) == 0
    assert capsys.readouterr().out == (
        "20 files: 95 % have at most 20 lines; 20 function bodies: 95 % have at most 19 lines\n"
    )
