"""What a run was asked to do and by which code: its ``experiment.json``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from reports.errors import ReportError
from reports.ledger.goals import Goal, goals_of
from reports.ledger.places.storage import Place
from reports.ledger.run.record import FILE, RecordError, read_record

Changes = Mapping[str, Any]
"""Dotted option to value, over the fixed values of a space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """The newest version of the space of a run, and where its results come from.

    Attributes:
        name: of the run.
        space: the space as its YAML file has it, overrides applied.
        command: what repeats the run; it also fills what is missing.
        provenance: label and value of whatever tells where the results come from.
        versions: every version of the space as ``experiment.json`` has it, oldest first.
    """

    name: str
    space: Mapping[str, Any]
    command: str
    provenance: tuple[tuple[str, str], ...] = ()
    versions: tuple[Mapping[str, Any], ...] = ()

    @property
    def source(self) -> str:
        """Return the text of the newest version's file, "" where it is not recorded."""
        return str(self.versions[-1].get("source") or "") if self.versions else ""

    @property
    def dataset(self) -> str:
        """Return the dataset's name, "" where the space names none."""
        return str((self.space.get("data") or {}).get("dataset") or "")

    @property
    def metric(self) -> str:
        """Return the validation metric that chooses, without its split: ``mae``."""
        return self.goals[0].metric.removeprefix("valid/")

    @property
    def mode(self) -> Literal["min", "max"]:
        """Return whether the best value is the least or the greatest."""
        return "max" if self.goals[0].mode == "max" else "min"

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Return every objective of the search, the one that chooses first."""
        return goals_of(self.space.get("search") or {})

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the searched parameters in the order of the space."""
        return tuple((self.space.get("search") or {}).get("parameters") or ())

    def condition(self, parameter: str) -> Mapping[str, Sequence[Any]]:
        """Return which values of other parameters make a searched parameter count."""
        parameters = (self.space.get("search") or {}).get("parameters") or {}
        return (parameters.get(parameter) or {}).get("when") or {}

    @property
    def ablations(self) -> Mapping[str, Mapping[str, Changes]]:
        """Return the planned cells of each ablation."""
        ablations: Mapping[str, Mapping[str, Changes]] = self.space.get("ablations") or {}
        return ablations

    @property
    def baselines(self) -> Mapping[str, str]:
        """Return by ablation the cell that the space names as its baseline."""
        baselines: Mapping[str, str] = self.space.get("baselines") or {}
        return baselines

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of every ablation cell."""
        return tuple(self.space.get("seeds") or ())

    @property
    def confirm_seeds(self) -> tuple[int, ...]:
        """Return the seeds of every confirmed configuration."""
        return tuple((self.space.get("confirm") or {}).get("seeds") or ())


def read_experiment(folder: Place) -> Experiment:
    """Read ``experiment.json`` of the run ``folder``; without one, only the name is known.

    Raises:
        ReportError: the file is not what a run writes.
    """
    path = folder / FILE
    try:
        record = read_record(folder)
        if record is not None:
            _check_versions(record["versions"])
    except RecordError as error:
        raise ReportError(
            f"{path} is damaged ({error}): expected what `sugrm-search run` writes; restore it, or "
            "move it away and report the run by its name: that reads the trials alone"
        ) from error
    if record is None:
        return Experiment(name=folder.name, space={}, command="")
    newest = record["versions"][-1]
    return Experiment(
        name=record["name"],
        space=newest["space"],
        command=newest.get("command") or "",
        provenance=tuple(_provenance(record["versions"])),
        versions=tuple(record["versions"]),
    )


def _check_versions(versions: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a record that says of no space when it was run."""
    if not versions:
        raise RecordError("no version of a space in it")
    for place, version in enumerate(versions):
        if not version.get("started_at"):
            raise RecordError(f"versions.{place}.started_at is missing")


def _provenance(versions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    newest = versions[-1]
    for version in versions[:1] if len(versions) == 1 else (versions[0], newest):
        yield (
            "first started" if version is versions[0] else "last changed",
            _when(version["started_at"]),
        )
    if len(versions) > 1:
        yield "versions of the space", str(len(versions))
    environment = newest.get("environment") or {}
    packages = {"python": environment.get("python"), **(environment.get("packages") or {})}
    yield "versions", ", ".join(f"{name} {number}" for name, number in packages.items() if number)
    git = environment.get("git")
    if git and git.get("commit"):
        yield "git commit", f"{git['commit']}{' with changes' if git.get('modified') else ''}"
    machine = environment.get("machine") or {}
    if machine:
        gpus = ", ".join(machine.get("gpus") or ()) or "no GPU"
        size = f"{machine.get('cpus')} CPUs, {machine.get('memory_gib')} GiB"
        yield "machine", f"{machine.get('system')}, {size}, {gpus}"


def _when(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
