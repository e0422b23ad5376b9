"""Checks of what any layout found, before anything is converted."""

from collections.abc import Mapping

from sugrm.data.reading.entries import Entries
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit
from sugrm.types import Modality, Split


def check_same_widths(raw: Mapping[Split, RawSplit], problems: Problems) -> None:
    """Note a stream whose width differs between splits, or that a split lacks."""
    for modality in Modality:
        widths = {
            split: found.streams[modality].width
            for split, found in raw.items()
            if modality in found.streams
        }
        if len(set(widths.values())) > 1 or len(widths) not in (0, len(raw)):
            got = ", ".join(f"{split} {width}" for split, width in widths.items())
            problems.add(
                None,
                modality,
                got=f"widths {got}",
                expected="one width in all splits",
                advice="extract every split with the same features",
            )
    has_tokens = [split for split, found in raw.items() if found.token_ids is not None]
    if len(has_tokens) not in (0, len(raw)):
        problems.add(
            None,
            "text_bert",
            got=f"only {', '.join(has_tokens)}",
            expected="all splits or none",
            advice="add or remove it",
        )


def check_aligned_steps(entries: Entries, steps: Mapping[str, int]) -> None:
    """Note the padded streams of an aligned split that have unequally many steps."""
    if len(set(steps.values())) > 1:
        entries.note(
            "",
            f"steps {', '.join(f'{name} {count}' for name, count in steps.items())}",
            expected="equally many steps in an aligned file",
            advice="say if the file is unaligned (--data unaligned=PATH, --alignment unaligned)",
        )
