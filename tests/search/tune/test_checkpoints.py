import pytest

from reports.storage import place, write_whole
from search.tune.checkpoints import Checkpoints


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    """Checkpoints of trials a to d; all have a model, and what a running trial resumes from."""
    where = tmp_path if request.param == "local" else place(request.getfixturevalue("s3"))
    for key in "abcd":
        (where / key).mkdir()
        for name in ("last.pt", "best.pt"):
            write_whole(where / key / name, b"weights")
    return where


def row(value, status="finished"):
    return {"status": status, "valid_mae": value}


def left(folder):
    trials = [path for path in folder.iterdir() if path.is_dir()]
    return sorted(f"{trial.name}/{file.name}" for trial in trials for file in trial.iterdir())


def test_the_models_of_the_best_stay_and_the_rest_go(folder):
    checkpoints = Checkpoints(folder, keep=2, metric="mae", mode="min")
    for key, value in {"a": 0.9, "b": 0.7, "c": 0.8}.items():
        checkpoints.ended(key, row(value))
    assert left(folder) == ["b/best.pt", "c/best.pt", "d/best.pt", "d/last.pt"]
    assert not (folder / "a").exists()


def test_more_is_better_where_the_objective_says_so(folder):
    checkpoints = Checkpoints(folder, keep=1, metric="mae", mode="max")
    for key, value in {"a": 0.9, "b": 0.7}.items():
        checkpoints.ended(key, row(value))
    assert left(folder)[0] == "a/best.pt"


@pytest.mark.parametrize(
    "ended", [row(0.1, "stopped"), row(None, "failed"), row(float("nan")), row(None)]
)
def test_a_trial_without_a_score_of_its_end_keeps_nothing(folder, ended):
    Checkpoints(folder, keep=4, metric="mae", mode="min").ended("a", ended)
    assert not (folder / "a").exists()


def test_a_run_may_keep_no_model(folder):
    Checkpoints(folder, keep=0, metric="mae", mode="min").ended("a", row(0.1))
    assert not (folder / "a").exists()


def test_what_a_kill_left_is_removed_and_what_runs_on_is_not(folder):
    """A to c stand in the ledger, d was cut off."""
    checkpoints = Checkpoints(folder, keep=1, metric="mae", mode="min")
    checkpoints.sweep({"a": row(0.9), "b": row(0.7), "c": row(0.1, "stopped")})
    assert left(folder) == ["b/best.pt", "d/best.pt", "d/last.pt"]


def test_a_new_run_has_nothing_to_sweep(folder):
    Checkpoints(folder / "none", keep=1, metric="mae", mode="min").sweep({"a": row(0.9)})
