"""Check files for what git keeps for ever: size, end of file, trailing blanks.

Usage: python scripts/check_files.py [FILE...]; without a file, all that the checkout holds.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

LARGEST_BYTES = 1_000_000
TEXT_SUFFIXES = frozenset({"", ".cfg", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"})


def problems(path: Path) -> Iterable[str]:
    """Yield what is wrong with ``path``, one sentence each."""
    content = path.read_bytes()
    if len(content) > LARGEST_BYTES:
        yield f"{path}: {len(content)} bytes, more than {LARGEST_BYTES}: keep data out of git"
    if path.suffix not in TEXT_SUFFIXES or not content:
        return
    if not content.endswith(b"\n") or content.endswith(b"\n\n"):
        yield f"{path}: does not end with exactly one newline"
    if b"\r" in content:
        yield f"{path}: has carriage returns, expected plain newlines"
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.endswith((b" ", b"\t")):
            yield f"{path}:{number}: trailing blank"


def checkout_files() -> list[Path]:
    """Return the files of the checkout that git does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listing.stdout.split("\0") if name]


def main(names: Sequence[str]) -> int:
    """Print every problem; return 1 if there is one."""
    paths = [Path(name) for name in names] or checkout_files()
    found = [problem for path in paths if path.is_file() for problem in problems(path)]
    print("\n".join(found) if found else f"{len(paths)} files are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
