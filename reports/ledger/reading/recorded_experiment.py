"""What a run was asked to do, on which data and by which code: its ``experiment.json``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from reports.ledger.goals import Goal, goals_of
from reports.ledger.places.storage import Place
from reports.ledger.reading.record import read_record
from reports.ledger.reading.searched import other_seeds_of
from reports.ledger.trials import Trial

Changes = Mapping[str, Any]
"""Dotted option to value, over the fixed values of a space."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Version:
    """One version of a space, as it was run.

    Attributes:
        space: the space as plain values, with the overrides of the command applied.
        source: the text of the YAML file, "" where it is not recorded.
        command: what was typed, "" where it is not recorded.
        data: alignment -> fingerprint of its corpus.
        reading: alignment -> sentences on what was read in another way than the file has it;
            an alignment without such has no entry.
        plugins: module of a plug-in -> hash of its source (``digest``) and, of one that is not
            installed, the text of its files by path (``files``).
        starts: what its trials take over of the models that they start from, a line each.
        start_digests: name of such a model -> seed of a trial -> digest of the weights that the
            trial starts from.
        environment: package versions, git commit and machine.
        total: the most trials that the version plans, 0 where it is not recorded.
        search_trials: the configurations that the search tries, each one trial for every seed;
            None where they are not recorded.
        started_at: ISO time of the first command of this version, "" before it is recorded.
    """

    space: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    command: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, Sequence[str]] = field(default_factory=dict)
    plugins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    starts: Sequence[str] = ()
    start_digests: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    total: int = 0
    search_trials: int | None = None
    started_at: str = ""

    def begins_before(self, time: datetime) -> bool:
        """Return whether its first command began before a time; False where it is unknown."""
        if not self.started_at:
            return False
        return datetime.fromisoformat(self.started_at).astimezone(UTC) <= time

    def __repr__(self) -> str:
        """Return when it was first run and by which command."""
        return f"Version(started {self.started_at or 'not yet'}, {self.command!r})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Experiment:
    """The versions of the space of a run; properties describe the newest one.

    Attributes:
        name: the name of the run.
        versions: every version of the space, oldest first; none where nothing is recorded.
    """

    name: str
    versions: tuple[Version, ...] = ()

    def __repr__(self) -> str:
        """Return its name and how many versions of the space it has."""
        count = len(self.versions)
        return f"Experiment({self.name!r}, {count} version{'' if count == 1 else 's'} of its space)"

    @property
    def newest(self) -> Version:
        """Return the newest version, an empty one where none is recorded."""
        return self.versions[-1] if self.versions else Version()

    @property
    def space(self) -> Mapping[str, Any]:
        """Return the space as its YAML file has it, overrides applied."""
        return self.newest.space

    @property
    def command(self) -> str:
        """Return the command that repeats or continues the run, "" where it is not recorded."""
        return self.newest.command

    def version_of(self, trial: Trial) -> Version:
        """Return the version that a trial belongs to, as far as the record says it.

        Of the versions that read the trial's data it is the last one that began before the trial
        ended. A trial that was taken over from another run may have ended before all of them; then
        it is the newest.
        """
        readers = [
            version
            for version in self.versions
            if not version.data or trial.data_fingerprint in version.data.values()
        ]
        readers = readers or list(self.versions)
        before = [version for version in readers if version.begins_before(trial.ended_at)]
        return (before or readers or [Version()])[-1]

    @property
    def provenance(self) -> tuple[tuple[str, str], ...]:
        """Return label and value of each fact about the origin of the results."""
        return tuple(_provenance(self.versions)) if self.versions else ()

    @property
    def source(self) -> str:
        """Return the text of the newest version's file, "" where it is not recorded."""
        return self.newest.source

    @property
    def dataset(self) -> str:
        """Return the dataset's name, "" where the space names none."""
        found = (self.space.get("data") or {}).get("dataset") or ""
        return str(found.get("name") or "") if isinstance(found, Mapping) else str(found)

    @property
    def metric(self) -> str:
        """Return the first objective without its split: ``mae``."""
        return self.goals[0].metric.removeprefix("valid/")

    @property
    def mode(self) -> Literal["min", "max"]:
        """Return whether the smallest or the greatest value is the best."""
        return "max" if self.goals[0].mode == "max" else "min"

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Return every objective of the search, the first one first."""
        return goals_of(self.space.get("search") or {})

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the searched parameters in the order of the space."""
        return tuple((self.space.get("search") or {}).get("parameters") or ())

    def condition(self, parameter: str) -> Mapping[str, Sequence[Any]]:
        """Return parameter -> values for which the searched ``parameter`` has an effect."""
        parameters = (self.space.get("search") or {}).get("parameters") or {}
        return (parameters.get(parameter) or {}).get("when") or {}

    @property
    def ablations(self) -> Mapping[str, Mapping[str, Changes]]:
        """Return ablation -> cell -> changes."""
        ablations: Mapping[str, Mapping[str, Changes]] = self.space.get("ablations") or {}
        return ablations

    @property
    def baselines(self) -> Mapping[str, str]:
        """Return ablation -> cell that the space names as its baseline."""
        baselines: Mapping[str, str] = self.space.get("baselines") or {}
        return baselines

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of every ablation cell."""
        return tuple(self.space.get("seeds") or ())

    @property
    def other_seeds(self) -> tuple[int, ...]:
        """Return the seeds of the search besides the leading one, none where it has one seed."""
        return other_seeds_of(self.space.get("search") or {})

    @property
    def confirm_seeds(self) -> tuple[int, ...]:
        """Return the seeds of every confirmed configuration."""
        return tuple((self.space.get("confirm") or {}).get("seeds") or ())


def read_experiment(folder: Place) -> Experiment | None:
    """Return what ``experiment.json`` of the run ``folder`` holds, None where there is none.

    Raises:
        RecordError: the file is not what a run writes.
        StorageError: an object store does not answer.
    """
    record = read_record(folder)
    if record is None:
        return None
    return Experiment(name=record["name"], versions=tuple(map(_version, record["versions"])))


def _version(content: Mapping[str, Any]) -> Version:
    """Return a version; a key whose value is null counts as absent."""
    names = Version.__dataclass_fields__
    known = {name: content[name] for name in names if content.get(name) is not None}
    return Version(**known)


def _provenance(versions: Sequence[Version]) -> Iterator[tuple[str, str]]:
    newest = versions[-1]
    for version in versions[:1] if len(versions) == 1 else (versions[0], newest):
        yield (
            "first started" if version is versions[0] else "last changed",
            _when(version.started_at),
        )
    if len(versions) > 1:
        yield "versions of the space", str(len(versions))
    for sentences in newest.reading.values():
        yield from (("read", sentence) for sentence in sentences)
    yield from (("start", line) for line in newest.starts)
    for module, plugin in newest.plugins.items():
        yield "plug-in", f"{module}, hash of its source {plugin.get('digest')}"
    environment = newest.environment
    packages = {"python": environment.get("python"), **(environment.get("packages") or {})}
    yield "versions", ", ".join(f"{name} {number}" for name, number in packages.items() if number)
    git = environment.get("git")
    if git and git.get("commit"):
        yield "git commit", f"{git['commit']}{' with changes' if git.get('modified') else ''}"
    machine = environment.get("machine") or {}
    if machine:
        yield "machine", _machine_text(machine)


def _machine_text(machine: Mapping[str, Any]) -> str:
    gpus = ", ".join(machine.get("gpus") or ()) or "no GPU"
    kind = f" ({machine['cpu']})" if machine.get("cpu") else ""  # earlier versions lack it
    size = f"{machine.get('cpus')} CPUs{kind}, {machine.get('memory_gib')} GiB"
    return f"{machine.get('system')}, {size}, {gpus}"


def _when(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
