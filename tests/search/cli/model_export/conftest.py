import shutil

import pytest

from reports.ledger.reading.recorded_experiment import Version
from search.cli.main import execute
from search.ledger.experiment_file import record_experiment
from sugrm import ExperimentConfig, TrainingRun, load_corpus
from tests.search.conftest import MINI


@pytest.fixture(scope="session")
def trained_files(tmp_path_factory):
    """Return the kept model of a configuration and a seed, trained once for an epoch."""
    folder, known = tmp_path_factory.mktemp("models"), {}

    def file(space, text, seed):
        if (text, seed) not in known:
            config = ExperimentConfig.model_validate_json(text)
            run = TrainingRun(config, load_corpus(space.data, config.alignment), seed=seed)
            run.run_epoch()
            run.finish()
            known[text, seed] = folder / str(len(known))
            run.save_trained(known[text, seed])
        return known[text, seed]

    return file


@pytest.fixture
def finished(command, mini, tmp_path, trained_files):
    """Return a finished run, its folder ``runs/run``, with a kept model for the roles asked for.

    Its ledger is that of a made-up learner, so the scores in it are not those of the models.
    """

    def make(*overrides, keep=("confirm",), folder=None, **options):
        place = tmp_path / "runs" / "run" if folder is None else folder
        done, space = command(*overrides, folder=place, **options), mini(*overrides)
        version = Version(
            space=space.to_dict(),
            source=MINI,
            command="sugrm-search run mini.yaml",
            data=done.factory.fingerprints,
            total=4,
        )
        record_experiment(place, "run", version=version)
        for role, key in done.ledger.roles.items():
            if role.phase in keep:
                trial = done.ledger.trials[key]
                model = trained_files(space, trial.config, trial.seed)
                keep_model(place / "checkpoints" / key, model)
        return done

    return make


def keep_model(place, model):
    content = (model / "best.pt").read_bytes()
    target = place / "best.pt"
    if hasattr(target, "put"):
        target.put(content)
    else:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model / "best.pt", target)


@pytest.fixture
def export(tmp_path, capsys):
    """Export from ``runs/run`` to ``out``; return exit code, output and errors."""

    def run(*options, out="out", runs=None):
        words = ["export", "run", *([str(tmp_path / out)] if out else []), *options]
        code = execute([*words, "--runs", str(runs or tmp_path / "runs")])
        return code, *capsys.readouterr()

    return run
