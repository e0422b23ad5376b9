"""The command line of a script: its help is the docstring of the script."""

import argparse


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser whose help shows ``doc``; what it does not know ends the script, status 2."""
    return argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )


def positive(text: str) -> int:
    """Return the whole number of at least 1 that an argument gives.

    Raises:
        argparse.ArgumentTypeError: it gives none.
    """
    return _at_least(1, text)


def natural(text: str) -> int:
    """Return the whole number of at least 0 that an argument gives.

    Raises:
        argparse.ArgumentTypeError: it gives none.
    """
    return _at_least(0, text)


def _at_least(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"got {text}; expected a whole number of at least {least}")
    return int(text)
