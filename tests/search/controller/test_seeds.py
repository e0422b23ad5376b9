"""A search with several seeds: its order, what it gives up, and the same after every kill."""

import re
from statistics import fmean

import numpy as np
import pytest
from optuna.trial import TrialState

from reports.ledger.reading.searched import complete_trials
from search.queue.search_queue import SearchQueue
from search.status.run_status import run_status
from search.trials.protocol import Failure
from tests.parametrise import mostly_slow
from tests.search.queue.test_repeats import cut_again_and_again, history
from tests.search.runs import Run

THREE = ("search.seeds=[7, 8, 9]",)
ALONE = ("ablations=", "confirm=")
ALL = "search.give_up.rule=none"
ASHA = (
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=4",
)


def noise(config, seed):
    """Return what a seed adds to a trial's error, so that seeds differ by configuration."""
    rate = config["training"]["learning_rate"]["others"]
    return float(np.random.default_rng([seed, int(rate * 1e9)]).normal(0, 0.4))


@pytest.fixture(autouse=True)
def noisy(monkeypatch):
    """Let the seed change the made-up learner's error."""
    monkeypatch.setattr(Run, "noise", staticmethod(noise))


def by_number(run):
    """Return number -> the seeds that a suggestion ran with, in the order of their start."""
    seeds = {}
    for event in run.named("TrialStarted"):
        if event.name.phase == "search":
            seeds.setdefault(event.name.number, []).append(event.name.seed)
    return seeds


def values(run, number):
    """Return seed -> error of a suggestion's trials, from the ledger."""
    return {
        role.seed: run.ledger.trials[key].valid["mae"]
        for role, key in run.ledger.roles.items()
        if role.phase == "search" and role.number == number
    }


@pytest.mark.slow
def test_the_seeds_of_a_suggestion_follow_its_first_trial_one_after_another(command):
    run = command(*THREE, *ALONE, ALL)
    assert run.titles()[:4] == ["search 0", "search 0 seed 8", "search 0 seed 9", "search 1"]
    assert by_number(run) == {number: [7, 8, 9] for number in range(4)}
    assert run.controller.progress.done == run.controller.progress.total == 12


@pytest.mark.slow
def test_the_sampler_is_told_the_mean_over_the_seeds_once(command):
    run = command(*THREE, *ALONE, ALL)
    told = [trial.values for trial in run.study.trials]
    assert told == [[fmean(values(run, number).values())] for number in range(4)]


@pytest.mark.slow
def test_one_seed_in_a_list_is_the_same_as_that_seed(command):
    one = command("search.seeds=[7]", folder="list")
    assert history(one) == history(command(folder="alone"))


@pytest.mark.slow
def test_a_configuration_behind_the_worst_seed_of_the_best_is_given_up(command):
    run = command(*THREE, *ALONE, "search.trials=10")
    best, gone = values(run, 0), 0
    for number, seeds in sorted(by_number(run).items()):
        found = values(run, number)
        so_far = [found[seed] for seed in (7, 8, 9)[: len(seeds)]]
        worst = max(best.values())
        behind = [fmean(so_far[:count]) > worst for count in (1, 2)]
        if number:
            assert len(seeds) == (1 if behind[0] else 2 if behind[1] else 3)
        assert run.study.trials[number].state is TrialState.COMPLETE
        assert run.study.trials[number].values == [pytest.approx(fmean(so_far))]
        gone += len(seeds) < 3
        if len(found) == 3 and fmean(found.values()) < fmean(best.values()):
            best = found
    assert gone
    assert run.controller.progress.done == run.controller.progress.total == len(run.titles())


@pytest.mark.slow
def test_the_best_configuration_is_that_of_the_best_mean_of_all_seeds(command):
    run = command(*THREE, "ablations=", ALL, "search.trials=8", "search.sampler.seed=2")
    complete = {
        number: fmean(values(run, number).values())
        for number, seeds in by_number(run).items()
        if len(seeds) == 3
    }
    best = min(complete, key=complete.get)
    confirmed = {role.group for role in run.ledger.roles if role.phase == "confirm"}
    assert confirmed == {run.rows()[f"search {best}"][0]}
    luckiest = min(range(8), key=lambda number: values(run, number)[7])
    assert luckiest != best  # with one seed another one would have been confirmed
    ends = [event for event in run.named("TrialEnded") if event.is_best]
    assert (ends[-1].name.number, ends[-1].name.seed) == (best, 9)
    assert ends[-1].mean == complete[best]


@pytest.mark.slow
def test_only_the_trial_of_the_first_seed_is_stopped_early_and_no_seed_follows_it(command):
    run = command(*THREE, *ALONE, *ASHA, "search.trials=10")
    stopped = {
        role.number: role.seed
        for role, key in run.ledger.roles.items()
        if run.ledger.trials[key].status == "stopped"
    }
    assert stopped
    assert set(stopped.values()) == {7}
    assert all(by_number(run)[number] == [7] for number in stopped)
    assert {run.study.trials[number].state for number in stopped} == {TrialState.PRUNED}


@pytest.mark.slow
def test_a_failed_seed_fails_its_configuration_and_no_seed_follows_it(command):
    run = command(*THREE, *ALONE, ALL, fails={2: "crash"})
    assert by_number(run) == {0: [7, 8], 1: [7, 8, 9], 2: [7, 8, 9], 3: [7, 8, 9]}
    assert run.study.trials[0].state is TrialState.FAIL
    assert run.controller.progress.done == run.controller.progress.total == 11
    again = command(*THREE, *ALONE, ALL)
    assert again.titles() == []
    assert history(again) == history(run)


@pytest.mark.slow
def test_a_seed_whose_worker_was_lost_runs_again_and_its_configuration_goes_on(command):
    begun = command(*THREE, *ALONE, ALL, cut_off=2)  # trial 1 is the second seed
    lost = Failure(kind="crash", message="m", traceback="t")
    begun.controller.receive_loss("1", lost)
    for trial_id in ("2", "3"):
        task = begun.hand_out(trial_id)
        for report in begun.answers(task, 0):
            begun.controller.receive(trial_id, report, node="node")
    assert [begun.tasks[trial_id].seed for trial_id in "0123"] == [7, 8, 8, 9]
    begun.controller.close()
    undisturbed = command(*THREE, *ALONE, ALL, folder="undisturbed")
    assert history(command(*THREE, *ALONE, ALL)) == history(undisturbed)


def test_a_search_in_which_no_configuration_has_all_seeds_confirms_nothing_and_says_so(command):
    run = command(*THREE, "ablations=", "search.trials=2", ALL, fails={2: "crash", 4: "crash"})
    assert by_number(run) == {0: [7, 8], 1: [7, 8]}
    assert run.titles()[-1] == "search 1 seed 8"
    (warning,) = run.named("RunWarning")
    assert warning.message == (
        "nothing to confirm: no configuration of the search has finished with every seed"
    )


def test_a_search_whose_first_seeds_all_failed_runs_again_with_every_seed(command):
    command(*THREE, *ALONE, ALL, "search.trials=2", fails={1: "crash", 2: "crash"})
    run = command(*THREE, *ALONE, ALL, "search.trials=2")
    assert by_number(run) == {0: [7, 8, 9], 1: [7, 8, 9]}
    assert run.controller.progress.done == run.controller.progress.total == 6


SPACES = {
    "range": (*THREE, "search.trials=6"),
    "none": (*THREE, ALL, "search.trials=4"),
    "wilcoxon": (*THREE, "search.give_up={rule: wilcoxon, p: 0.3}", "search.trials=6"),
    "asha": (*THREE, *ASHA, "search.trials=8"),
}


@pytest.mark.slow
@pytest.mark.parametrize("space", SPACES)
def test_a_run_cut_off_again_and_again_ends_as_an_undisturbed_one(command, space):
    """A trial has at least 2 epochs: the driver is killed within or right before each."""
    undisturbed = command(*SPACES[space], folder="undisturbed")
    assert history(command(*SPACES[space], folder="undisturbed")) == history(undisturbed)
    epochs = 3 if space != "asha" else 5
    cut = cut_again_and_again(command, SPACES[space], "cut", epochs)
    assert history(cut) == history(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "sampler",
    mostly_slow(["random", "tpe", "gp", "cmaes", "qmc", "nsgaii"], quick=["nsgaii"]),
)
def test_every_sampler_is_told_the_same_before_and_after_a_kill(command, sampler):
    options = f"search.sampler={{name: {sampler}, seed: 3, population: 4}}"
    space = (*THREE, *ALONE, options, "search.trials=10")
    undisturbed = command(*space, folder="undisturbed")
    assert any(len(seeds) < 3 for seeds in by_number(undisturbed).values())
    assert history(cut_again_and_again(command, space, "cut", 5)) == history(undisturbed)


@pytest.mark.slow
def test_several_objectives_are_means_and_no_configuration_is_given_up(command):
    two = "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]"
    space = (*THREE, *ALONE, two, "search.trials=8")
    undisturbed = command(*space, folder="undisturbed")
    assert by_number(undisturbed) == {number: [7, 8, 9] for number in range(8)}
    mae, parameters = undisturbed.study.trials[5].values
    assert mae == fmean(values(undisturbed, 5).values())
    assert parameters in (90, 100)
    assert history(cut_again_and_again(command, space, "cut", 5)) == history(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", mostly_slow(range(0, 40, 2), quick=[2, 4, 8, 14]))
def test_a_run_cut_off_after_any_trial_ends_as_an_undisturbed_one(command, cut_off):
    """A trial has 2 epochs, so each kill comes when a trial has ended and the next has begun."""
    space = SPACES["range"]
    undisturbed = command(*space, folder="undisturbed")
    command(*space, cut_off=cut_off)
    run = command(*space)
    assert history(run) == history(undisturbed)


class Killed(BaseException):
    """The driver is gone."""


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 2, 3, 5, 7])
def test_a_kill_between_the_row_of_a_trial_and_what_follows_changes_nothing(
    command, monkeypatch, after
):
    space = SPACES["range"]
    undisturbed = command(*space, folder="undisturbed")
    record, left = SearchQueue.record_end, [after]

    def killed(queue, request):
        left[0] -= 1
        if not left[0]:
            raise Killed
        record(queue, request)

    with monkeypatch.context() as patched:
        patched.setattr(SearchQueue, "record_end", killed)
        with pytest.raises(Killed):
            command(*space)
    assert history(command(*space)) == history(undisturbed)


@pytest.mark.slow
def test_seeds_that_are_added_are_trained_for_the_trials_there_are(command):
    one = command(*ALONE)
    run = command(*THREE, *ALONE, ALL)
    assert by_number(run) == {number: [8, 9] for number in range(4)}
    assert one.rows().items() <= run.rows().items()


@pytest.mark.slow
def test_a_seed_that_is_removed_leaves_its_trials_in_the_ledger(command):
    command(*THREE, *ALONE, ALL)
    run = command("search.seeds=[7, 9]", *ALONE, ALL)
    assert run.titles() == []
    assert run.left_out == 4
    assert run.controller.progress.done == run.controller.progress.total == 8
    assert [trial.values for trial in run.study.trials] == [
        [fmean(values(run, number).values())] for number in range(4)
    ]


@pytest.mark.slow
def test_a_trial_that_a_cell_has_computed_is_not_computed_for_a_seed(command):
    """The starting point of the search is the cell ``baseline``; its seed 8 is in the ledger."""
    cells = ("seeds=[8]", "confirm=")
    command("search=", *cells)
    cells = (*cells, "search.trials=2")
    run = command(*THREE, *cells, ALL)
    assert by_number(run) == {0: [7, 9], 1: [7, 8, 9]}
    (reused,) = [each for each in run.named("TrialReused") if each.name.phase == "search"]
    assert reused.name.title == "search 0 seed 8"
    assert run.controller.progress.done == run.controller.progress.total
    assert command(*THREE, *cells, ALL).titles() == []


@pytest.mark.slow
@pytest.mark.parametrize("seeds", ["search.seed=7", *THREE])
def test_a_stopped_configuration_that_a_cell_runs_to_its_end_goes_on(command, remaining, seeds):
    """The cell is the third configuration with the seed of the search. Then nothing is left."""
    starts = "search.start=[{training.learning_rate.others: 1.1e-3}, {objective.loss: l2}, {}]"
    fewest = ("search.trials=3", "seeds=[7]", "confirm={top: 3, seeds: [1]}", ALL, *ASHA)
    run = command(starts, "ablations={modules: {baseline: {}}}", seeds, *fewest)
    ended = [(event.name.title, event.status) for event in run.named("TrialEnded")]
    assert ("search 2", "stopped") in ended
    cell = ended.index(("modules/baseline seed 7", "finished"))
    others = ["search 2 seed 8", "search 2 seed 9"] if seeds in THREE else []
    assert [title for title, _ in ended[cell + 1 :]] == [*others, "confirm 2 seed 1"]
    assert run.controller.progress.done == run.controller.progress.total
    assert remaining(starts, "ablations={modules: {baseline: {}}}", seeds, *fewest).count == 0


@pytest.mark.slow
def test_a_repeated_suggestion_gets_the_mean_of_the_first_one(command):
    few = "search.parameters={objective.loss: {choice: [l1, l2]}}"
    run = command(*THREE, *ALONE, ALL, few, "search.trials=5", "search.sampler.name=random")
    assert by_number(run) == {number: [7, 8, 9] for number in by_number(run)}
    assert len(by_number(run)) == 2
    by_loss = {}
    for trial in run.study.trials:
        by_loss.setdefault(trial.params["objective.loss"], set()).update(trial.values)
    assert [len(found) for found in by_loss.values()] == [1, 1]


def several_at_once(command, space, most, *, last=False):
    """Run a space with ``most`` trials at once; the oldest ends first, or the last started."""
    first = command(*space, cut_off=0, folder="begun")
    run = Run(first.space, first.folder.parent / "at once")
    running, number = {}, 0
    while True:
        number += 1
        if len(running) < most and (task := run.hand_out(str(number))):
            running[str(number)] = task
        elif running:
            name = list(running)[-1 if last else 0]
            for report in run.answers(running.pop(name), 0):
                run.controller.receive(name, report, node="node")
        else:
            return run


@pytest.mark.slow
@pytest.mark.parametrize("most", [2, 3])
def test_seeds_run_one_after_another_beside_other_suggestions(command, most):
    run = several_at_once(command, (*THREE, *ALONE, ALL), most)
    assert len(run.titles()) == len(set(run.titles())) == 12
    assert run.titles()[:most] == [f"search {number}" for number in range(most)]
    assert by_number(run) == {number: [7, 8, 9] for number in range(4)}


@pytest.mark.slow
def test_what_is_given_up_beside_other_suggestions_is_given_up_by_the_next_command(command):
    """A later suggestion may be the best one with which an earlier one was compared."""
    space = (*THREE, *ALONE, "search.trials=10")
    run = several_at_once(command, space, 4, last=True)
    assert any(len(seeds) < 3 for seeds in by_number(run).values())
    again = command(*space, folder="at once")
    assert again.titles() == []
    assert again.controller.progress.done == again.controller.progress.total


@pytest.mark.slow
@pytest.mark.parametrize("last", [False, True])
def test_a_suggestion_repeated_while_its_seeds_run_computes_nothing_twice(command, last):
    few = "search.parameters={objective.loss: {choice: [l1, l2, huber]}}"
    space = (*THREE, *ALONE, ALL, few, "search.trials=9", "search.sampler.name=random")
    run = several_at_once(command, space, 3, last=last)
    assert sorted(len(seeds) for seeds in by_number(run).values()) == [3, 3, 3]
    assert run.controller.progress.done == run.controller.progress.total == 9
    means = {}
    for trial in run.study.get_trials(states=[TrialState.COMPLETE]):
        means.setdefault(trial.params["objective.loss"], set()).update(trial.values)
    assert [len(found) for found in means.values()] == [1, 1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", [0, 3, 8, 15, 21])
def test_the_dry_run_and_the_status_agree_with_the_run(command, remaining, status_before, cut_off):
    space = SPACES["range"]
    if cut_off:
        command(*space, cut_off=cut_off)
    found, status = remaining(*space), status_before(*space)
    run = command(*space)
    assert (status.done, status.total) == (run.begun.done, run.begun.total)
    computed = [event.name.phase for event in run.named("TrialStarted")]
    known = [phase for phase, _ in found.trials]
    assert computed.count("search") <= known.count("search") + found.suggestions
    assert known.count("search") <= computed.count("search")
    assert computed.count("ablation") == known.count("ablation")
    assert len(computed) <= found.count
    assert remaining(*space).count == 0


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", [0, 3, 8, 15])
def test_without_giving_up_the_dry_run_counts_every_trial(command, remaining, cut_off):
    space = (*THREE, ALL)
    if cut_off:
        command(*space, cut_off=cut_off)
    found = remaining(*space)
    assert found.count == len(command(*space).titles())


@pytest.mark.slow
def test_the_status_shows_configurations_and_their_mean(command, status_before):
    space = (*THREE, "search.trials=6")
    run = command(*space)
    status = status_before(*space)
    complete = complete_trials(run.ledger.roles, run.ledger.trials, other_seeds=(8, 9))
    assert status.configurations.begun == status.configurations.total == 6
    assert status.configurations.complete == len(complete)
    assert status.configurations.given_up == 6 - len(complete) > 0
    assert status.best.value == min(trial.valid["mae"] for _, trial in complete)
    assert status.best.seeds == 3
    assert run.known_best is None
    assert command(*space).known_best == (status.best.number, status.best.value)
    assert re.search(r"on average over 3 seeds; over 2 fresh seeds", status.winner)
    assert run_status(run.folder.parent, "run").done == run.controller.progress.done
