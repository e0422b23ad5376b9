"""``README.md`` of a published copy: what it is, where it comes from, how to use it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from reports.ledger.reading.results import Results
from reports.ledger.schema import FAILED, FINISHED, IMPORTANCE_FILE, STOPPED
from reports.ledger.trials import UNKNOWN_TIME
from reports.render.markdown import code, escape
from reports.results.corpora import data_names
from search.cli.publishing.contents import plugin_files

_TEXT = """\
# The run {name}, without its data

This folder is a copy of the run `{name}`, written by `sugrm-search publish`. It holds the
settings of every trial, its metrics by epoch, and the report. It holds no transcripts, utterance
ids, human labels, generated labels or predictions.

## What was run

{command}

| | |
|---|---|
{facts}

## Files

| file | holds |
|---|---|
{files}

## What was left out, and why

- The tables `labels`, `predictions` and `utterances`. They hold transcripts, ids, human labels
  and scores of single utterances, which the licence of a corpus usually does not allow you to
  give away.
- Table 5 of the paper, which shows single utterances, and the list of kept models in `report.md`.
- Host names (nodes have numbers here), and messages and tracebacks of failed trials, which may
  hold the names of folders. The kind of each failure is kept.
- Models, checkpoints and files of TensorBoard. `sugrm-search export` writes the models of the run
  into a folder.

## Look at it

In the folder that holds this one:

```sh
sugrm-search report {name} --runs .
sugrm-search status {name} --runs .
```

`report.md` was made from the whole run. It has tables that need predictions or labels, such as
intervals over test utterances, which `sugrm-search report` cannot compute from this copy.

## Continue or repeat it
{needs}
To continue, copy the folder into a folder of runs that has no run of this name, since the files
of the two would mix. Finished trials are not trained again, failed ones are tried again:

```sh
mkdir -p copies && cp -r {name} copies/
sugrm-search run copies/{name}/space.yaml --runs copies
```

To repeat every trial in a new folder:

```sh
sugrm-search run {name}/space.yaml --runs repeated
```

On the same kind of CPU, with the versions above, each number is then the same. Another kind rounds
differently, and single trials may differ visibly.
"""
_FILES = {
    "experiment.json": "each version of the space, its command, code, machine and data",
    "space.yaml": "the newest space, with the options of its command in their places",
    "trials/": "a row for each trial that ended: configuration, metrics, costs (Parquet)",
    "roles/": "why each trial ran: search, confirmation, cell of an ablation (Parquet)",
    "epochs/": "validation metrics of each epoch (Parquet)",
    IMPORTANCE_FILE: "how much each searched parameter sets the best trials apart",
    "splits.json": "the number of utterances in each split",
    "report.md": "the tables of the report",
}


def readme_text(results: Results, folder: Path) -> str:
    """Return the text; it depends on the run alone, not on where or when the copy is written.

    Args:
        results: the run, with the trials of the copy.
        folder: the copy, with all other files.
    """
    experiment = results.experiment
    return _TEXT.format(
        name=experiment.name,
        command=code(experiment.command) if experiment.command else "The command is not recorded.",
        facts="\n".join(f"| {label} | {escape(value)} |" for label, value in _facts(results)),
        files="\n".join(f"| `{name}` | {about} |" for name, about in _files(results, folder)),
        needs="" if experiment.dataset == "synthetic" else _needs(results),
    )


def _needs(results: Results) -> str:
    """Return which data a continued run needs, and how to name them."""
    alignments = sorted(results.experiment.newest.data) or ["unaligned"]
    options = " ".join(f"--data {alignment}=PATH" for alignment in alignments)
    return (
        "\nIt needs the data with the fingerprint above. Where they are not at the paths in "
        f"`space.yaml`, add\n`{options}`.\n"
    )


def _facts(results: Results) -> Iterator[tuple[str, str]]:
    trials = list(results.trials.values())
    counts = Counter(trial.status for trial in trials)
    yield "dataset", data_names(results) or "not recorded"
    for fingerprint in sorted({str(trial.data_fingerprint) for trial in trials}):
        yield "data fingerprint", fingerprint
    yield (
        "trials that ended",
        f"{len(trials)}: {counts[FINISHED]} finished, {counts[STOPPED]} stopped early, "
        f"{counts[FAILED]} failed",
    )
    if results.experiment.newest.total:
        yield "planned by the newest space", f"at most {results.experiment.newest.total}"
    ended = [trial.ended_at for trial in trials if trial.ended_at != UNKNOWN_TIME]
    if ended:
        yield "first trial ended", f"{min(ended):%Y-%m-%d %H:%M} UTC"
        yield "last trial ended", f"{max(ended):%Y-%m-%d %H:%M} UTC"
    seconds = sum(trial.seconds or 0.0 for trial in trials)
    yield "computing time of all trials", f"{seconds / 3600:.2f} h"
    yield from results.experiment.provenance


def _files(results: Results, folder: Path) -> Iterator[tuple[str, str]]:
    yield from ((name, about) for name, about in _FILES.items() if (folder / name).exists())
    for path in plugin_files(results.experiment.newest):
        yield path, "own code that the space names"
