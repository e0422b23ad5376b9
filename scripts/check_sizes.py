"""Check the sizes of files, of function bodies, of parameter lists and of folders.

Usage: python scripts/check_sizes.py [ROOT]; ROOT is the checkout, the current folder by default.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

# Tests are left out: a test file mirrors one file, and a test takes as many fixtures as it names.
FOLDERS = ("sugrm", "search", "reports", "scripts", "benchmarks")
MOST_FILE_LINES = 300
MOST_BODY_LINES = 40
MOST_PARAMETERS = 6
MOST_MODULES = 14
PACKAGES = ("sugrm", "search", "reports")
MOST_POSITIONAL = 2
# PyTorch, Python, numpy, Optuna and Ray give the arguments of these by position. The last two are
# public: a function of three unlike objects, and a command whose options stand in options.py.
CALLED_BY_POSITION = frozenset(
    {
        *("forward", "__exit__", "_from_buffer", "sample_relative", "sample_independent"),
        *("on_trial_result", "on_trial_complete", "_piece", "setup_context"),
        *("evaluate", "plan"),
    }
)
# Folders whose modules are all of one kind, which a reader opens by name.
FOLDERS_OF_ONE_KIND = frozenset(
    {
        "reports/figures",
        "reports/tables",
        "sugrm/models",
        "sugrm/modules",
    }
)

_MARKS = re.compile(r"typer\.|app\.command")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method of a parsed file, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    """Return the lines of a function's body without its docstring, from its first statement on."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def parameter_count(function: Function) -> int:
    """Return how many parameters a caller may give; ``self`` and ``cls`` do not count."""
    given = function.args
    names = [parameter.arg for parameter in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    bound = names[:1] in (["self"], ["cls"])
    return len(names) - bound + (given.vararg is not None) + (given.kwarg is not None)


def positional_count(function: Function) -> int:
    """Return how many arguments a caller may give by position."""
    given = function.args
    names = [parameter.arg for parameter in (*given.posonlyargs, *given.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def is_command(function: Function) -> bool:
    """Whether typer makes the parameters of a function the options of a command."""
    given = (*function.args.args, *function.decorator_list)
    return any(_MARKS.search(ast.unparse(node)) for node in given)


def file_problems(path: Path, name: str) -> Iterator[str]:
    """Yield what is too large in one file, one sentence each; ``name`` is what to call it."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    if lines > MOST_FILE_LINES:
        yield f"{name}: {lines} lines, at most {MOST_FILE_LINES}"
    for function in functions(ast.parse(source)):
        place = f"{name}:{function.lineno}: {function.name}"
        if (length := body_lines(function)) > MOST_BODY_LINES:
            yield f"{place} has a body of {length} lines, at most {MOST_BODY_LINES}"
        if (count := parameter_count(function)) > MOST_PARAMETERS and not is_command(function):
            yield f"{place} has {count} parameters, at most {MOST_PARAMETERS}"
        by_position = name.startswith(PACKAGES) and function.name not in CALLED_BY_POSITION
        if by_position and not is_command(function):
            count = positional_count(function)
            if count > MOST_POSITIONAL:
                yield f"{place} takes {count} arguments by position, at most {MOST_POSITIONAL}"


def folder_problems(files: Sequence[str]) -> Iterator[str]:
    """Yield the folders that hold too many of ``files``, one sentence each."""
    modules = [Path(file) for file in files if not file.endswith("/__init__.py")]
    for folder in sorted({module.parent.as_posix() for module in modules} - FOLDERS_OF_ONE_KIND):
        count = sum(module.parent.as_posix() == folder for module in modules)
        if count > MOST_MODULES:
            yield f"{folder}: {count} modules, at most {MOST_MODULES}"


def sources(root: Path) -> list[Path]:
    """Return the Python files below ``root`` that are checked, in order."""
    return sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))


def problems(root: Path) -> list[str]:
    """Return what is too large below ``root``, one sentence each."""
    paths = sources(root)
    names = [path.relative_to(root).as_posix() for path in paths]
    found = [file_problems(path, name) for path, name in zip(paths, names, strict=True)]
    return [*chain.from_iterable(found), *folder_problems(names)]


def percentile(counts: Sequence[int]) -> int:
    """Return the largest of the lowest 95 % of ``counts``, at least the smallest; 0 of none."""
    return sorted(counts)[(len(counts) - 1) * 95 // 100] if counts else 0


def summary(root: Path) -> str:
    """Return the 95th percentiles of the lines of files and of function bodies."""
    texts = [path.read_text(encoding="utf-8") for path in sources(root)]
    bodies = [body_lines(function) for text in texts for function in functions(ast.parse(text))]
    counts = {"files": [text.count("\n") for text in texts], "function bodies": bodies}
    return "; ".join(
        f"{len(lines)} {kind}: 95 % have at most {percentile(lines)} lines"
        for kind, lines in counts.items()
    )


def main(arguments: Sequence[str]) -> int:
    """Print every problem, or how long files and bodies are; return 1 if there is a problem."""
    root = Path(arguments[0]) if arguments else Path()
    found = problems(root)
    print("\n".join(found) if found else summary(root))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
