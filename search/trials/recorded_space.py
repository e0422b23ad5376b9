"""The space of a run as its last command recorded it, and the keys of its trials.

``status`` asks ``search.queue.recorded_trials`` with them. It has no space file and reads neither
data nor weights: it takes their fingerprints from the ledger.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.trials import Trial
from search.errors import SearchError
from search.option_values import Changes
from search.space.space import Space
from search.trials.keys import trial_key
from sugrm.config import ExperimentConfig
from sugrm.config.identity import pinned
from sugrm.config.registry import plugin_digests
from sugrm.types import Modality
from sugrm.version import NUMERICS

Text = tuple[str, bool, bool, str]
"""A text encoder's name, whether it is finetuned and by an adapter, and its data's fingerprint."""


class UnreadableSpaceError(SearchError):
    """The recorded space is not one that this version of the code can run."""


def recorded_space(version: Version) -> Space:
    """Return the space of a version of ``experiment.json``.

    Raises:
        UnreadableSpaceError: its values are not those of a space.
    """
    try:
        return Space.model_validate_json(json.dumps(version.space), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UnreadableSpaceError(f"{where}: {first['msg']}") from error


class RecordedKeys:
    """Compute the keys of a run's trials from what its ledger holds.

    Args:
        space: the space that the run's last command recorded.
        version: what that command recorded of its data and of the models to start from.
        trials: the trials that ended, by key.
    """

    def __init__(self, space: Space, version: Version, *, trials: Mapping[str, Trial]) -> None:
        self._space, self._data, self._starts = space, version.data, version.start_digests
        self._encoders = dict(_encoders(trials.values()))

    def key(self, changes: Changes, seed: int) -> str:
        """Return the key that this version of the code gives a trial.

        Raises:
            pydantic.ValidationError: the values do not go together.
            KeyError: no data of its alignment are recorded.
        """
        config = self._space.experiment_of(changes)
        data = self._data[config.alignment]
        text = config.model.text
        # A trial without text, or over a corpus that brings text features, has no encoder.
        key = text.name, text.finetune, text.lora is not None, data
        encoder = self._encoders.get(key, "")
        return trial_key(
            pinned(config, self._start(config, seed)),
            seed=seed,
            data_identity=self._space.data.description.data_identity(data),
            encoder_fingerprint=encoder if Modality.TEXT in config.model.streams else "",
            numerics=NUMERICS,
            plugins=plugin_digests(config),
        )

    def _start(self, config: ExperimentConfig, seed: int) -> str:
        """Return the digest of the weights that a trial starts from, "" where none is recorded."""
        if config.start_from is None:
            return ""
        return self._starts.get(config.start_from.model, {}).get(str(seed), "")


def _encoders(trials: Iterable[Trial]) -> Iterator[tuple[Text, str]]:
    """Yield the text encoder of each trial that has one and its fingerprint, newest trials last."""
    for trial in sorted(trials, key=lambda trial: trial.ended_at):
        if trial.encoder_fingerprint:
            with contextlib.suppress(TypeError, ValueError, KeyError):  # no config is recorded
                text = json.loads(trial.config)["model"]["text"]
                own = text["name"], text["finetune"], text.get("lora") is not None
                yield (*own, trial.data_fingerprint or ""), trial.encoder_fingerprint
