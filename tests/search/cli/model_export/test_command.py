"""``sugrm-search export RUN OUT``."""

import pytest
import torch
from huggingface_hub import ModelCard

from reports.ledger.places.storage import place
from reports.ledger.reading.recorded_experiment import Version
from search.ledger.experiment_file import record_experiment
from search.model_choice.configurations import Choice, NoModelError
from search.model_choice.selection import select_in
from sugrm import load, load_corpus
from tests.reports.ledger_builder import LedgerBuilder


@pytest.mark.slow
def test_the_chosen_configuration_is_exported_with_all_its_seeds(finished, export, tmp_path):
    finished()
    code, out, err = export()
    assert (code, err) == (0, "")
    assert "confirmed configuration 1, chosen on validation; an ensemble of the seeds 1, 2" in out
    assert "sugrm-search predict" in out
    assert load(tmp_path / "out").seeds == (1, 2)


@pytest.mark.slow
def test_one_seed_alone(finished, export, tmp_path):
    finished()
    code, out, _ = export("--seed", "2")
    assert code == 0
    assert "seeds that are not in it: 1 (not asked for)" in out
    assert load(tmp_path / "out").seeds == (2,)


@pytest.mark.slow
def test_seeds_without_a_model_are_named(finished, export, tmp_path):
    run = finished()
    key = next(k for role, k in run.ledger.roles.items() if role.phase == "confirm")
    (run.folder / "checkpoints" / key / "best.pt").unlink()
    code, out, _ = export()
    assert code == 0
    assert "seeds that are not in it: 1 (no model is kept)" in out


@pytest.mark.slow
def test_a_cell_and_a_trial_are_exported_by_name(finished, export, tmp_path):
    run = finished(keep=("ablation",))
    code, out, _ = export("--cell", "modules/remove MRM")
    assert code == 0
    assert "the cell remove MRM of the ablation modules" in out
    assert load(tmp_path / "out").description.experiment.model.recalibration == "none"
    key = next(k for role, k in run.ledger.roles.items() if role.phase == "ablation")
    code, out, _ = export("--key", key, out="other")
    assert code == 0
    assert f"trial {key} (modules: baseline); seed 1" in out


@pytest.mark.slow
def test_without_a_confirmation_it_is_the_best_trial_of_the_search(finished, export):
    finished("confirm=null", keep=("search",))
    code, out, _ = export()
    assert code == 0
    assert "the best on validation and not confirmed" in out


@pytest.mark.slow
def test_a_run_without_a_search_asks_for_a_cell(finished, export):
    finished("search=null", "confirm=null", keep=("ablation",))
    code, _, err = export()
    assert code == 2
    assert "has chosen no configuration; name a cell: --cell 'modules/baseline'" in err


@pytest.mark.slow
def test_a_search_without_a_finished_trial_is_to_be_continued(finished, export, mini, tmp_path):
    """As after a command with other fixed values, whose trials have not run yet."""
    run = finished("search=null", "confirm=null", keep=("ablation",))
    version = Version(
        space=mini().to_dict(),
        source="",
        command="sugrm-search run mini.yaml",
        data=run.factory.fingerprints,
        total=4,
    )
    record_experiment(tmp_path / "runs" / "run", "run", version=version)
    code, _, err = export()
    assert code == 2
    assert "has no finished trial of its search yet; continue it with: sugrm-search run mini" in err
    assert "; or name a cell: --cell 'modules/baseline'" in err


@pytest.mark.slow
def test_a_search_whose_trials_failed_says_so(finished, export):
    finished("search.trials=2", "ablations=null", fails={1: "crash", 2: "oom"})
    code, _, err = export()
    assert code == 2
    assert "has no finished trial of its search yet: 2 failed (the last: oom: m); fix the" in err
    assert "fix the cause, then continue it with: " in err


@pytest.mark.slow
def test_a_model_that_is_not_kept_is_said_with_what_there_is(finished, export, tmp_path):
    run = finished(keep=("ablation",))
    code, _, err = export()
    assert code == 2
    assert "holds no model of the confirmed configuration 1, chosen on validation: seeds 1, " in err
    there = [k for role, k in run.ledger.roles.items() if role.phase == "ablation"]
    assert all(f"--key {key}" in err for key in there)
    assert "checkpoints.keep" in err
    assert "To train seed 1 again: sugrm-search repeat run --key " in err
    assert "--cell repeat/trial --runs repeated" in err
    assert not (tmp_path / "out").exists()


def test_a_model_of_a_reused_trial_is_exported_from_the_run_that_computed_it(tmp_path):
    runs = tmp_path / "runs"
    builder = LedgerBuilder(runs / "copy")
    keys = [builder.trial(f"k{n}", 0.7, seed=n, adopted_from="first run") for n in (1, 2)]
    for seed, key in enumerate([*keys, builder.trial("k3", 0.7, seed=3)], start=1):
        builder.role("ablation", key, group="modules", cell="baseline", seed=seed)
    folder = builder.write()

    def message(seed=None):
        with pytest.raises(NoModelError) as found:
            select_in(folder, Choice(cell="modules/baseline", seed=seed))
        return str(found.value)

    assert "seeds 1, 2: no model is kept here: the run first run computed it; seed 3:" in message()
    assert "sugrm-search export 'first run'" not in message()
    for key in keys:
        (runs / "first run" / "checkpoints" / key).mkdir(parents=True)
        (runs / "first run" / "checkpoints" / key / "best.pt").touch()
    line = message().splitlines()[1]
    assert f"export 'first run' OUT --key k1 --runs {runs} (then --key k2)" in line
    assert len(message().splitlines()) == 3
    assert message(seed=2).splitlines()[1].endswith(f"OUT --key k2 --runs {runs}")
    assert "first run" not in message(seed=3)


def test_only_models_of_one_run_are_named_together(tmp_path):
    builder = LedgerBuilder(tmp_path / "runs" / "copy")
    for seed, run in enumerate(("one", "two"), start=1):
        key = builder.trial(f"k{seed}", 0.7, seed=seed, adopted_from=run)
        builder.role("ablation", key, group="modules", cell="baseline", seed=seed)
        (tmp_path / "runs" / run / "checkpoints" / key).mkdir(parents=True)
        (tmp_path / "runs" / run / "checkpoints" / key / "best.pt").touch()
    with pytest.raises(NoModelError) as found:
        select_in(builder.write(), Choice(cell="modules/baseline"))
    line = str(found.value).splitlines()[1]
    assert "sugrm-search export one OUT --key k1" in line
    assert "k2" not in line


WRONG = {
    "cell": (("--cell", "modules/basline"), "did you mean 'modules/baseline'?"),
    "key": (("--key", "123"), "has no such trial"),
    "seed": (("--seed", "9"), "has the seeds 1, 2; name one of them"),
    "both": (("--cell", "a/b", "--key", "c"), "expected one of them"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_wrong_names_are_one_message_each(options, message, finished, export, tmp_path):
    finished(keep=())
    code, out, err = export(*options)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert not (tmp_path / "out").exists()


def test_nothing_to_write_is_said(export):
    code, _, err = export(out=None)
    assert code == 2
    assert "expected a folder for the model, or --optuna FILE" in err
    code, _, err = export("--optuna", "run.journal", "--seed", "1", out=None)
    assert code == 2
    assert "--seed: chooses a model; expected OUT" in err


@pytest.mark.slow
def test_model_and_search_are_written_by_one_command(finished, export, tmp_path):
    finished()
    assert export("--optuna", str(tmp_path / "run.journal"))[0] == 0
    assert (tmp_path / "run.journal").exists()
    assert load(tmp_path / "out").seeds == (1, 2)


@pytest.mark.slow
def test_what_is_there_stays_without_force(finished, export, tmp_path):
    finished()
    export("--seed", "1")
    code, _, err = export("--seed", "2")
    assert code == 2
    assert "--force" in err
    assert export("--seed", "2", "--force")[0] == 0
    assert load(tmp_path / "out").seeds == (2,)


@pytest.mark.slow
def test_an_earlier_model_gets_its_contract_from_the_data(finished, export, tmp_path):
    run = finished()
    for file in (run.folder / "checkpoints").glob("*/best.pt"):
        state = torch.load(file, weights_only=True)
        torch.save({**state, "contract": None}, file)
    code, _, err = export()
    assert code == 2  # the made-up ledger names other data
    assert "the data of the run have changed since" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_another_text_encoder_than_that_of_the_trials_is_refused(finished, export, monkeypatch):
    finished()
    name = "sugrm.modules.encoder_fingerprint.encoder_fingerprint"
    monkeypatch.setattr(name, lambda *name, **options: "other")
    code, _, err = export()
    assert code == 2
    assert "is not the one that the model was trained with" in err


@pytest.mark.slow
def test_the_card_says_what_the_report_says(finished, export, tmp_path):
    finished()
    export("--license", "cc-by-4.0")
    card = ModelCard.load(tmp_path / "out" / "README.md")
    assert card.data.license == "cc-by-4.0"
    assert card.data.library_name == "sugrm-search"
    scores = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert scores["MAE"] >= 0
    text = card.text
    for part in ("A search over", "sugrm-search run mini.yaml", "preset: [mosi, paper]"):
        assert part in text
    assert "none below 3 seeds" in text


@pytest.mark.slow
def test_a_run_in_an_object_store_is_exported(finished, export, s3, tmp_path):
    finished(folder=place(s3) / "run")
    code, _, err = export(runs=s3)
    assert (code, err) == (0, "")
    assert load(tmp_path / "out").seeds == (1, 2)


@pytest.mark.slow
def test_the_exported_model_scores_a_corpus(finished, export, tmp_path, mini):
    finished()
    export()
    corpus = load_corpus(mini().data, "unaligned")
    assert len(load(tmp_path / "out").predict_corpus(corpus, "valid")) == 8


@pytest.mark.slow
def test_adapters_of_a_run_are_merged_or_kept_apart(finished, export, tmp_path):
    finished("experiment.model.text.lora.rank=2")
    assert export(out="merged")[0] == 0
    assert load(tmp_path / "merged").description.experiment.model.text.lora is None
    assert export("--adapter", out="apart")[0] == 0
    assert (tmp_path / "apart" / "adapter" / "seed2" / "adapter_config.json").is_file()
    assert load(tmp_path / "apart").seeds == (1, 2)


@pytest.mark.slow
def test_an_adapter_that_is_not_there_is_refused(finished, export, tmp_path):
    finished()
    code, _, err = export("--adapter")
    assert code == 2
    assert "export it without --adapter" in err
    assert not (tmp_path / "out").exists()
