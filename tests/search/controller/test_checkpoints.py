"""Which models a run keeps; the trials are made up, the folders are real."""

from dataclasses import dataclass, field, replace

import pytest

from reports.ledger.goals import Goal
from reports.ledger.places.storage import place, write_whole
from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.controller.checkpoints import Checkpoints
from search.controller.kept_models import KeepRules
from search.ledger.run_index import RunIndex
from search.space.sections import SearchConfig

SEARCH = KeepRules(keep=1, confirm_top=3, confirm_seeds=(1, 2), seeds=(1, 2))
CELLS = KeepRules(keep=1, searches=False, seeds=(1, 2))


def ended(key, status, value, seed=7):
    valid = {} if value is None else {"mae": value}
    return Trial(key=key, status=status, seed=seed, valid=valid)


@dataclass
class Run:
    """A run whose trials end one by one, each with a model."""

    folder: object
    rules: KeepRules
    index: RunIndex = field(default_factory=RunIndex)
    warnings: list = field(default_factory=list)

    def __post_init__(self):
        """Start the first command."""
        self.again(self.rules)

    def again(self, rules):
        """Start another command over the same folder."""
        self.checkpoints = Checkpoints(
            self.folder, self.index, rules=rules, warn=self.warnings.append
        )
        self.checkpoints.sweep()
        return self

    def ends(self, key, value, role, status="finished", *, model=True):
        """End a trial; its row is written first."""
        (self.folder / key).mkdir(parents=True)
        for name in ("last.pt", "best.pt") if model else ("last.pt",):
            write_whole(self.folder / key / name, b"weights")
        self.index.add_trial(ended(key, status, value, role.seed))
        self.index.add_role(role, key)
        self.checkpoints.settle(key)
        return self

    def searched(self, **values):
        for key, value in values.items():
            number = len(self.index.roles)
            self.ends(key, value, Role(phase="search", number=number, seed=7, changes={}))
        return self

    def other_seed(self, lead, value, *, seed=8):
        """End the trial of another seed, called LEAD and its seed."""
        role = Role(phase="search", group=lead, number=self.index.first[lead].number, seed=seed)
        return self.ends(f"{lead}{seed}", value, role)

    def confirmed(self, group, *values, first=1):
        """End the trials of a configuration, called GROUP and its seed, from a seed on."""
        rank = "abcdefgh".index(group)
        for seed, value in enumerate(values, start=first):
            role = Role(phase="confirm", group=group, number=rank, seed=seed, changes={})
            self.ends(f"{group}{seed}", value, role)
        return self

    def cell(self, group, name, *values, first=1):
        """End the trials of a cell, called NAME and its seed, from a seed on."""
        for seed, value in enumerate(values, start=first):
            role = Role(phase="ablation", group=group, cell=name, seed=seed, changes={})
            self.ends(f"{name}{seed}", value, role)
        return self

    @property
    def models(self):
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        files = {trial.name: {file.name for file in trial.iterdir()} for trial in found}
        assert all(names == {"best.pt"} for names in files.values())
        return " ".join(sorted(files))


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    if request.param == "local":
        return tmp_path / "checkpoints"
    return place(request.getfixturevalue("s3")) / "checkpoints"


@pytest.fixture
def run(tmp_path):
    return lambda rules: Run(tmp_path / "checkpoints", rules)


def test_while_a_search_runs_its_best_trials_keep_their_models(folder):
    begun = Run(folder, KeepRules(keep=2)).searched(a=0.9, b=0.7)
    assert begun.models == "a b"
    assert begun.searched(c=0.8).models == "b c"


def test_more_is_better_where_the_objective_says_so(run):
    assert (
        run(KeepRules(keep=1, goals=(Goal("valid/mae", "max"),))).searched(a=0.9, b=0.7).models
        == "a"
    )


def test_all_seeds_of_the_chosen_configuration_keep_their_models(folder):
    """The best single trial is one of b, the best mean is that of a: 0.55 against 0.6."""
    done = Run(folder, SEARCH).searched(a=0.4, b=0.5)
    done.confirmed("a", 0.5, 0.6).confirmed("b", 0.3, 0.9)
    assert done.models == "a1 a2"


def test_keep_counts_configurations(run):
    rules = KeepRules(keep=2, confirm_top=3, confirm_seeds=(1, 2))
    done = run(rules).confirmed("a", 0.5, 0.6).confirmed("b", 0.9, 0.9).confirmed("c", 0.3, 0.3)
    assert done.models == "a1 a2 c1 c2"


def test_a_configuration_keeps_its_models_until_all_of_its_seeds_have_run(run):
    begun = run(SEARCH).searched(a=0.4, b=0.5).confirmed("a", 0.5)
    assert begun.models == "a a1"  # the search's best is not superseded yet
    begun.confirmed("a", 0.6, first=2).confirmed("b", 0.9)
    assert begun.models == "a1 a2 b1"
    assert begun.confirmed("b", 0.1, first=2).models == "b1 b2"


def test_an_earlier_winner_keeps_its_models_until_the_present_one_is_confirmed(run):
    """More trials found a better one; the earlier winner had the better luck with its seeds."""
    one = replace(SEARCH, confirm_top=1)
    begun = run(one).searched(a=0.4).confirmed("a", 0.2, 0.2)
    assert begun.searched(b=0.3).models == "a1 a2 b"
    assert begun.confirmed("b", 0.5).models == "a1 a2 b b1"
    assert begun.confirmed("b", 0.5, first=2).models == "b1 b2"


def test_a_configuration_with_a_failed_seed_comes_after_a_whole_one(run):
    done = run(SEARCH).confirmed("a", 0.1)
    role = Role(phase="confirm", group="a", number=0, seed=2, changes={})
    done.ends("a2", None, role, "failed").confirmed("b", 0.9, 0.9)
    assert done.models == "b1 b2"


def test_cells_keep_no_model_beside_a_search_unless_asked(run):
    begun = run(SEARCH).searched(a=0.4).cell("modules", "one", 0.1, 0.1)
    assert begun.confirmed("a", 0.5, 0.6).models == "a1 a2"


def test_the_best_cell_of_each_ablation_keeps_its_models_where_asked(run):
    rules = KeepRules(keep=1, cells=True, confirm_seeds=(1, 2), seeds=(1, 2))
    done = run(rules).confirmed("a", 0.5, 0.6)
    done.cell("modules", "one", 0.4, 0.3).cell("modules", "two", 0.1, 0.9)
    done.cell("losses", "three", 0.9, 0.9)
    assert done.models == "a1 a2 one1 one2 three1 three2"


def test_without_a_search_the_cells_are_the_result(run):
    done = run(CELLS).cell("modules", "one", 0.4, 0.3).cell("losses", "two", 0.1, 0.9)
    assert done.models == "one1 one2"
    assert done.cell("losses", "three", 0.1, 0.1).models == "three1 three2"


def test_a_trial_of_two_roles_stays_while_one_of_them_keeps_it(run):
    """The baseline of an ablation is the very trial of a confirmed configuration."""
    done = run(SEARCH).confirmed("a", 0.5, 0.6)
    for seed in (1, 2):
        role = Role(phase="ablation", group="g", cell="baseline", seed=seed, changes={})
        done.index.add_role(role, f"a{seed}")
    done.cell("g", "other", 0.1, 0.1)
    assert done.models == "a1 a2"


def test_a_suggestion_made_twice_counts_once(run):
    done = run(KeepRules(keep=2)).searched(a=0.1, b=0.2)
    done.index.add_role(Role(phase="search", number=9, seed=7, changes={}), "a")
    assert done.searched(c=0.3).models == "a b"


@pytest.mark.parametrize(
    ("value", "status"), [(0.1, "stopped"), (None, "failed"), (float("nan"), "finished")]
)
def test_a_trial_without_a_score_of_its_end_keeps_nothing(run, value, status):
    role = Role(phase="search", number=0, seed=7, changes={})
    assert run(SEARCH).ends("a", value, role, status).models == ""


def test_a_run_may_keep_no_model(run):
    rules = KeepRules(keep=0, confirm_seeds=(1, 2), seeds=(1, 2))
    done = run(rules).searched(a=0.1).confirmed("a", 0.1, 0.1).cell("g", "one", 0.1, 0.1)
    assert done.models == ""


def test_a_resume_removes_nothing_that_is_kept(folder):
    done = Run(folder, SEARCH).searched(a=0.4, b=0.5).confirmed("a", 0.5, 0.6)
    done.confirmed("b", 0.9)
    assert done.models == done.again(SEARCH).models == "a1 a2 b1"


def test_what_a_kill_left_is_removed_and_what_runs_on_is_not(folder):
    """The driver died between the rows of a and b and the removal; d was cut off."""
    done = Run(folder, SEARCH).searched(b=0.7)
    for key in "acd":
        (folder / key).mkdir(parents=True)
        for name in ("last.pt", "best.pt"):
            write_whole(folder / key / name, b"weights")
    for number, (key, status) in enumerate({"a": "finished", "c": "stopped"}.items(), start=5):
        done.index.add_trial(ended(key, status, 0.9))
        done.index.add_role(Role(phase="search", number=number, seed=7, changes={}), key)
    done.again(SEARCH)
    assert sorted(trial.name for trial in folder.iterdir() if trial.is_dir()) == ["b", "d"]
    assert sorted(file.name for file in (folder / "d").iterdir()) == ["best.pt", "last.pt"]


def test_a_run_of_before_keeps_its_model_until_there_is_a_better_one(run):
    """It kept its best trial, here a cell, and has no model of what would be kept today."""
    old = run(KeepRules(keep=1, cells=True, seeds=(1, 2))).cell("g", "one", 0.1, 0.1)
    for seed in (1, 2):
        role = Role(phase="confirm", group="a", number=0, seed=seed, changes={})
        old.ends(f"a{seed}", 0.5, role, model=False)
    assert old.again(SEARCH).models == "one1 one2"
    assert old.confirmed("b", 0.9, 0.9).models == "one1 one2"  # a is still the chosen one
    assert old.confirmed("c", 0.1, 0.1).models == "c1 c2"


def test_no_other_takes_the_place_of_a_chosen_configuration_whose_model_is_gone(tmp_path):
    done = Run(tmp_path, SEARCH).searched(a=0.4, b=0.5).confirmed("a", 0.1, 0.1)
    (tmp_path / "a1" / "best.pt").unlink()
    (tmp_path / "a2" / "best.pt").unlink()
    done.again(SEARCH).confirmed("b", 0.9, 0.9)
    assert "b" not in done.models
    assert [line.split(",")[0] for line in done.warnings] == [
        "trial a1 belongs to the result",
        "trial a2 belongs to the result",
    ]
    assert done.confirmed("c", 0.0, 0.0).models == "c1 c2"


def test_reused_trials_of_another_run_are_one_warning_that_names_it(tmp_path):
    done = Run(tmp_path, SEARCH).searched(a=0.4)
    valid = {"mae": 0.1}
    for seed in (1, 2):
        done.index.add_trial(
            Trial(key=f"a{seed}", status="finished", seed=seed, valid=valid, adopted_from="demo")
        )
        role = Role(phase="confirm", group="a", number=0, seed=seed, changes={})
        done.index.add_role(role, f"a{seed}")
    done.again(SEARCH).again(SEARCH)
    line = (
        "2 trials were computed by the run demo and reused without a model; where that run kept "
        "one: sugrm-search export demo OUT --key KEY (a1, a2)"
    )
    assert done.warnings == [line, line]  # once for each command


def test_a_new_run_has_nothing_to_sweep(folder):
    Checkpoints(folder, RunIndex({"a": ended("a", "finished", 0.1)}), rules=SEARCH).sweep()
    assert not folder.exists()


def test_a_folder_in_the_place_of_the_last_checkpoint_goes_as_a_file_does(tmp_path):
    run = Run(tmp_path, SEARCH).searched(a=0.5)
    (tmp_path / "a" / "last.pt" / "inner").mkdir(parents=True)
    run.again(SEARCH)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["best.pt"]


STARTED = replace(SEARCH, confirm_top=1, starts=({},))


def test_a_cell_that_a_confirmation_takes_over_keeps_its_model(folder):
    """The cell equals the start of the search and ends before the search does."""
    done = Run(folder, STARTED).cell("modules", "base", 0.5)
    assert done.models == "base1"
    done.searched(a=0.4)
    done.index.add_role(Role(phase="confirm", group="a", number=0, seed=1, changes={}), "base1")
    role = Role(phase="confirm", group="a", number=0, seed=2, changes={})
    assert done.ends("a2", 0.6, role).models == "a2 base1"


def test_such_cells_lose_their_models_when_others_are_confirmed(folder):
    done = Run(folder, STARTED).cell("modules", "base", 0.5, 0.5).searched(a=0.9, b=0.4)
    assert done.models == "b base1 base2"
    assert done.confirmed("b", 0.4, 0.4).models == "b1 b2"


def test_cells_that_no_confirmation_takes_over_lose_their_models(folder):
    done = Run(folder, replace(STARTED, starts=())).cell("modules", "base", 0.5)
    assert done.models == ""
    done = Run(folder, STARTED).cell("modules", "other", 0.5, first=3)
    assert done.models == ""


SEEDS = KeepRules(
    keep=1,
    search=SearchConfig.model_validate_json(
        '{"trials": 9, "seeds": [7, 8], "parameters": {"a": {"choice": [1]}}}'
    ),
)


def test_a_configuration_of_several_seeds_keeps_the_model_of_each(folder):
    """The best single trial is that of b, the best mean is that of a: 0.55 against 0.6."""
    begun = Run(folder, SEEDS).searched(a=0.5)
    assert begun.models == "a"
    begun.other_seed("a", 0.6).searched(b=0.3)
    assert begun.models == "a a8 b"
    assert begun.other_seed("b", 0.9).models == "a a8"
    assert begun.searched(c=0.2).other_seed("c", 0.2).models == "c c8"
    assert begun.again(SEEDS).models == "c c8"
    assert not begun.warnings


def test_a_configuration_that_is_given_up_or_failed_keeps_no_model(run):
    begun = run(SEEDS).searched(a=0.5).other_seed("a", 0.6)
    assert begun.searched(b=0.7).models == "a a8"  # worse than the worst seed of a
    begun.searched(c=0.1)
    role = Role(phase="search", group="c", number=3, seed=8)
    assert begun.ends("c8", None, role, "failed").models == "a a8"
