"""The models that trials start from: found by name, identified by their weights, copied."""

import shutil
from dataclasses import replace

import pyarrow as pa
import pytest

from reports.ledger import schema
from reports.ledger.places.storage import place
from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.trials import trial_of
from search.ledger.part_folder import PartFolder
from search.plan import build_plan
from search.trials.corpora import convert
from search.trials.factory import TrialFactory
from search.trials.recorded_space import RecordedKeys
from search.trials.start.checks import check_starts, copy_starts
from search.trials.start.models import copies_folder
from search.trials.start.sources import FolderSource, RunSource, find_source
from search.worker.trial import build_run
from sugrm import Corpus, load_start_weights, load_trained, write_model_folder
from sugrm.errors import StartError

FROM = "experiment.start_from={}"
CELL = "ablations.modules.baseline.start_from={}"


@pytest.fixture
def factory(mini, tmp_path, corpus_cache, monkeypatch):
    """Return a function from overrides to the space, its corpora and its factory."""
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))

    def make(*overrides, run="other"):
        space = mini(*overrides)
        corpora = convert(space, build_plan(space))
        return space, corpora, TrialFactory(space, corpora, run=place(tmp_path / "runs" / run))

    return make


def check(space, corpora, factory):
    return check_starts(space, build_plan(space), corpora=corpora, starts=factory.starts)


@pytest.mark.slow
def test_a_run_stands_for_its_chosen_configuration_with_all_seeds(finished, tmp_path):
    run = finished()
    found = find_source("run", place(tmp_path / "runs" / "other"))
    keys = {role.seed: key for role, key in run.ledger.roles.items() if role.phase == "confirm"}
    assert found.seeds == (1, 2)
    assert {seed: folder.name for seed, folder in found.models.items()} == keys
    assert find_source(str(tmp_path / "runs" / "run"), place(tmp_path / "x" / "y")) == found


@pytest.mark.slow
def test_a_trial_and_a_cell_of_a_run_have_names(finished, tmp_path):
    run = finished(keep=("ablation",))
    beside = place(tmp_path / "runs" / "other")
    key = next(k for role, k in run.ledger.roles.items() if role.phase == "ablation")
    assert [each.name for each in find_source(f"run/{key}", beside).models.values()] == [key]
    assert find_source("run/modules/remove MRM", beside).seeds == (1, 2)


@pytest.mark.slow
def test_the_only_cell_of_a_run_without_a_search_is_the_chosen_one(finished, tmp_path):
    only = "ablations={modules: {baseline: {}}}"
    finished("search=null", "confirm=null", only, keep=("ablation",))
    assert find_source("run", place(tmp_path / "runs" / "other")).seeds == (1, 2)


@pytest.mark.slow
def test_a_model_folder_is_named_by_its_path(finished, tmp_path, monkeypatch):
    run = finished()
    kept = [load_trained(path) for path in sorted((run.folder / "checkpoints").iterdir())]
    write_model_folder(tmp_path / "model", kept)
    monkeypatch.chdir(tmp_path)
    found = find_source("model", place(tmp_path / "runs" / "other"))
    assert isinstance(found, FolderSource)
    assert found.seeds == (1, 2)
    source = find_source("run", place(tmp_path / "runs" / "other"))
    assert isinstance(source, RunSource)
    assert found.load(2).facts.digest == source.load(2).facts.digest


WRONG = {
    "unknown": ("rum", r"there is no run and no model folder 'rum'.*\(run\).*did you mean 'run'\?"),
    "key": ("run/123", r"has no such trial(.|\n)*a trial is run/KEY"),
    "cell": ("run/modules/basline", r"did you mean 'modules/baseline'\?"),
    "itself": ("other", "'other' is this run itself"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_name_is_one_message(finished, tmp_path, name, message):
    finished()
    own = tmp_path / "runs" / "other"
    own.mkdir()
    (own / "experiment.json").write_text("{}")
    if name == "other":
        with pytest.raises(StartError, match=message):
            find_source(name, place(own))
        return
    (own / "experiment.json").unlink()
    with pytest.raises(StartError, match=message):
        find_source(name, place(own))


@pytest.mark.slow
def test_a_run_without_a_kept_model_says_how_to_keep_one(finished, tmp_path):
    finished(keep=())
    with pytest.raises(StartError, match=r"holds no model of(.|\n)*checkpoints\.keep"):
        find_source("run", place(tmp_path / "runs" / "other"))


@pytest.mark.slow
def test_a_trial_starts_from_the_model_of_its_own_seed_else_of_the_lowest(finished, factory):
    finished()
    _, _, made = factory(FROM.format("run"))
    digests = {seed: made.trial({}, seed).start.digest for seed in (1, 2, 3)}
    assert digests[1] != digests[2]
    assert digests[3] == digests[1]


@pytest.mark.slow
def test_the_key_depends_on_the_weights_and_not_on_their_place(finished, factory, tmp_path):
    run = finished()
    key = next(k for role, k in run.ledger.roles.items() if role.phase == "confirm")
    write_model_folder(tmp_path / "model", [load_trained(run.folder / "checkpoints" / key)])
    plain = factory()[2].trial({}, 1)
    names = (
        "run",
        f"run/{key}",
        f"{run.folder}/checkpoints/{key}/",
        str(tmp_path / "model"),
        "{model: run}",
    )
    started = [factory(FROM.format(name))[2].trial({}, 1) for name in names]
    assert len({trial.key for trial in started}) == 1
    assert started[0].key != plain.key
    assert plain.columns()["start_fingerprint"] is None
    assert (
        started[0].columns()["start_fingerprint"]
        == load_start_weights(run.folder / "checkpoints" / key).facts.digest
    )
    second = factory(FROM.format("run"))[2].trial({"start_from.parts": ["text"]}, 1)
    assert second.key != started[0].key
    assert factory(FROM.format("run"))[2].trial({"start_from": None}, 1).key == plain.key


@pytest.mark.slow
def test_status_computes_the_same_keys_from_the_record(finished, factory):
    finished()
    space, _, made = factory(FROM.format("run"))
    trials = {}
    for seed in (1, 2):
        trial = made.trial({}, seed)
        trials[trial.key] = trial_of({**trial.columns(), "status": "finished"})
    digests = {str(seed): made.trial({}, seed).start.digest for seed in (1, 2)}
    version = Version(data=made.fingerprints, start_digests={"run": digests})
    recorded = RecordedKeys(space, version, trials=trials)
    assert [recorded.key({}, seed) for seed in (1, 2)] == [*trials]
    assert recorded.key({}, 3) not in trials


@pytest.mark.slow
def test_what_fits_is_said_once_for_each_way(finished, factory):
    finished()
    space, corpora, made = factory(CELL.format("run"), FROM.format("run"))
    (line,) = check(space, corpora, made).lines
    assert line.startswith("starts from run run, trial ")
    assert "takes over text, encoder, others; " in line
    assert "; a trial with one of the seeds 1, 2 starts from the model of the same seed" in line
    assert line.endswith(
        "(ablations.modules.baseline, ablations.modules.remove MRM, search.parameters)"
    )
    space, corpora, made = factory(CELL.format("{model: run, parts: [text]}"))
    (line,) = check(space, corpora, made).lines
    assert "takes over text, not encoder, others; " in line
    assert line.endswith("(ablations.modules.baseline)")


def record_texts(folder, fingerprint, texts):
    """Record utterances of another corpus in a run: split -> texts."""
    rows = [
        {
            "data_fingerprint": fingerprint,
            "alignment": "unaligned",
            "split": split,
            "position": position,
            "text": text,
            "schema_version": schema.SCHEMA_VERSION,
        }
        for split, each in texts.items()
        for position, text in enumerate(each)
    ]
    table = pa.Table.from_pylist(rows, schema=schema.UTTERANCES)
    PartFolder(folder / "utterances", schema.UTTERANCES).write_table(f"corpus-{fingerprint}", table)


def with_data(factory, **fields):
    """Give the models of ``run`` another corpus, or a model that they started from."""
    factory.starts._sources["run"] = replace(factory.starts.source("run"), **fields)


@pytest.mark.slow
def test_texts_that_the_source_has_seen_are_counted(finished, factory):
    """Texts that trained it count in both splits, those that chose it in the test split alone."""
    run = finished()
    space, corpora, made = factory(FROM.format("run"))
    (corpus,) = (Corpus.open(each.folder) for each in corpora.values())
    valid, test = (corpus.splits[split].raw_text for split in ("valid", "test"))
    one, other = next(text for text in valid if text not in test), test[0]
    train = [f" {one.upper()}!", "of another corpus"]
    record_texts(
        run.folder, "mosei", {"train": train, "valid": [other, *valid], "test": list(test)}
    )
    with_data(made, data_fingerprint="mosei")
    (warning,) = check(space, corpora, made).warnings
    trained = sum(text == one for text in valid)
    chosen = sum(text in {other, *valid} for text in test)
    assert (
        f"run was trained on texts of {trained} of {len(valid)} valid utterances and {chosen} of "
        f"{len(test)} test utterances of this data"
    ) in warning
    assert "data.exclude.texts_of" in warning


@pytest.mark.slow
def test_a_source_that_was_trained_on_the_same_corpus_has_the_same_splits(finished, factory):
    run = finished()
    space, corpora, made = factory(FROM.format("run"))
    (corpus,) = (Corpus.open(each.folder) for each in corpora.values())
    record_texts(run.folder, corpus.fingerprint, {"train": list(corpus.splits["test"].raw_text)})
    with_data(made, data_fingerprint=corpus.fingerprint)
    assert check(space, corpora, made).warnings == ()


@pytest.mark.slow
def test_texts_of_a_model_before_the_source_count_too(finished, factory, tmp_path):
    """``run`` started from an earlier run, which saw the test split; ``run`` itself did not."""
    run = finished()
    earlier = tmp_path / "earlier" / "run"
    shutil.copytree(run.folder, earlier)
    space, corpora, made = factory(FROM.format("run"))
    (corpus,) = (Corpus.open(each.folder) for each in corpora.values())
    record_texts(run.folder, "clean", {"train": ["of another corpus"]})
    with_data(made, data_fingerprint="clean", starts_from=str(earlier))
    (unknown,) = check(space, corpora, made).warnings
    assert "it is not known on which texts run was trained" in unknown
    fingerprint = find_source(str(earlier), place(run.folder)).data_fingerprint
    record_texts(earlier, fingerprint, {"train": list(corpus.splits["test"].raw_text)})
    (warning,) = check(space, corpora, made).warnings
    count = len(corpus.splits["test"])
    assert f"{count} of {count} test utterances" in warning


@pytest.mark.slow
def test_a_folder_does_not_tell_its_texts_and_this_is_said(finished, factory, tmp_path):
    run = finished()
    key = next(k for role, k in run.ledger.roles.items() if role.phase == "confirm")
    write_model_folder(tmp_path / "model", [load_trained(run.folder / "checkpoints" / key)])
    (warning,) = check(*factory(FROM.format(tmp_path / "model"))).warnings
    assert "it is not known on which texts" in warning


@pytest.mark.slow
def test_seeds_that_the_source_lacks_are_named(finished, factory):
    """The source was to confirm the seeds 1 and 2; the model of 2 is gone."""
    run = finished()
    key = next(
        k for role, k in run.ledger.roles.items() if role.phase == "confirm" and role.seed == 2
    )
    shutil.rmtree(run.folder / "checkpoints" / key)
    changes = "seeds=[1, 2]", CELL.format("run")
    warning = check(*factory(*changes)).warnings[0]
    assert "run has no model of the seeds 2 (no model is kept)" in warning
    assert "start from the model of seed 1" in warning


@pytest.mark.slow
def test_a_damaged_model_of_any_seed_is_named_before_anything_starts(finished, factory):
    run = finished()
    keys = [k for role, k in run.ledger.roles.items() if role.phase == "confirm" and role.seed == 2]
    file = run.folder / "checkpoints" / keys[0] / "best.pt"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(StartError, match=f"start_from: run run, trial {keys[0]} holds no trained"):
        check(*factory("seeds=[1, 2]", CELL.format("run")))


@pytest.mark.slow
def test_the_copies_that_the_cache_lacks_are_counted(finished, factory):
    finished()
    space, corpora, made = factory("seeds=[1, 2]", CELL.format("run"))
    check(space, corpora, made)
    needed = made.starts.bytes_to_copy
    copy_starts(space, build_plan(space), corpora=corpora, starts=made.starts)
    files = (copies_folder()).glob("*/start.safetensors")
    assert 0 < needed <= sum(file.stat().st_size for file in files) < 1.1 * needed
    assert made.starts.bytes_to_copy == 0


@pytest.mark.slow
def test_every_model_that_cannot_serve_is_named(finished, factory):
    finished()
    changes = CELL.format("rum"), "ablations.modules.remove MRM.start_from=run/9"
    with pytest.raises(StartError) as caught:
        check(*factory(*changes))
    assert "no run and no model folder 'rum'" in str(caught.value)
    assert "start_from: the trial '9': the run run has no such trial" in str(caught.value)
    assert "--key" not in str(caught.value)


@pytest.mark.slow
def test_nothing_in_common_is_said_before_anything_starts(finished, factory):
    finished()
    parts = "experiment.start_from={model: run, parts: [audio]}"
    with pytest.raises(
        StartError, match="no weight of the same name and shape for the parts audio"
    ):
        check(*factory(parts))


@pytest.mark.slow
def test_a_worker_reads_the_copy_also_when_the_source_has_gone(finished, factory, tmp_path):
    run = finished()
    space, corpora, made = factory(FROM.format("run"))
    copy_starts(space, build_plan(space), corpora=corpora, starts=made.starts)
    trial = made.trial({}, 1)
    shutil.rmtree(run.folder)
    (tmp_path / "runs" / "other" / "checkpoints").mkdir(parents=True)
    started = build_run(made.task(trial)).started_from
    assert started.digest == trial.start.digest
    assert started.seed == 1


@pytest.mark.slow
def test_a_model_that_changes_after_the_plan_is_an_error(finished, factory):
    run = finished()
    _, _, made = factory(FROM.format("run"))
    trial = made.trial({}, 1)
    one, other = (made.starts.source("run").models[seed] for seed in (1, 2))
    shutil.copyfile(
        run.folder / "checkpoints" / other.name / "best.pt",
        run.folder / "checkpoints" / one.name / "best.pt",
    )
    with pytest.raises(StartError, match="has changed since this command began"):
        made.task(trial)


@pytest.mark.slow
def test_the_models_of_all_seeds_of_a_search_are_copied_before_it_starts(
    factory, finished, tmp_path
):
    """The source has models of the seeds 1 and 2; seed 7 starts from that of seed 1."""
    finished()
    seeds = ("search.seeds=[7, 2]", "confirm.seeds=[3]", "ablations=", FROM.format("run"))
    space, corpora, made = factory(*seeds)
    copy_starts(space, build_plan(space), corpora=corpora, starts=made.starts)
    copied = {folder.name for folder in (tmp_path / "cache" / "start_weights").iterdir()}
    assert len([name for name in copied if not name.startswith(".")]) == 2
