"""What a model card tells of a trained model beyond its ``config.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFact:
    """A metric on the test split.

    Attributes:
        name: its name in ``sugrm.metrics``, as in ``mae``.
        title: its name in tables.
        is_fraction: whether it is shown in percent.
        exported: its value for the models of the folder (for several, of their mean score); None
            where the predictions of the trials are not recorded.
        seeds: number of finished seeds of the configuration.
        mean: mean of the metric over these seeds.
        deviation: standard deviation (n - 1) over these seeds; None below two.
        low: lower end of the 95 % t interval of the mean; None below three seeds, and where the
            interval exceeds the range of the metric.
        high: upper end.
    """

    name: str
    title: str
    is_fraction: bool
    exported: float | None
    seeds: int
    mean: float
    deviation: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """The facts of a run for the card of its model.

    Attributes:
        chosen: how the configuration was chosen, in sentences.
        split_sizes: split -> number of utterances.
        fingerprint: hash of the content of the data.
        is_other_data: whether the data are not those whose name the dataset has, but others that
            were read in the same way: the splits have other sizes than the published ones.
        metrics: metrics on the test split; empty where none is recorded.
        metric_notes: what the metrics mean, in sentences.
        missing: which seeds of the configuration are not in the folder and why; "" for none.
        changes: options of the configuration that differ from the fixed values of its space.
        provenance: where the model comes from, as pairs of label and value.
        command: the command line of the run.
        space: the text of the space file.
    """

    chosen: str = ""
    split_sizes: Mapping[str, int] = field(default_factory=dict)
    fingerprint: str = ""
    is_other_data: bool = False
    metrics: tuple[MetricFact, ...] = ()
    metric_notes: tuple[str, ...] = ()
    missing: str = ""
    changes: Mapping[str, object] = field(default_factory=dict)
    provenance: tuple[tuple[str, str], ...] = ()
    command: str = ""
    space: str = ""
