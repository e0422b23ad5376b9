import json
from dataclasses import replace
from pathlib import Path

import pytest
from optuna.trial import TrialState

from search.controller.closable import ClosableRun
from search.controller.run_summary import finish_run
from search.ledger import Ledger, RunningFolder
from search.trials.factory import TrialFactory
from search.trials.protocol import Report
from sugrm import SugrmError
from tests.parametrise import mostly_slow
from tests.search.runs import Run

ASHA = (
    "search.trials=8",
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=4",
)


@pytest.mark.slow
def test_a_run_searches_then_confirms_then_fills_its_cells(command):
    run = command()
    titles = run.titles()
    assert titles[:4] == [f"search {number}" for number in range(4)]
    assert titles[4:6] == ["confirm 1 seed 1", "confirm 1 seed 2"]
    assert titles[-2:] == ["modules/remove MRM seed 1", "modules/remove MRM seed 2"]
    assert run.controller.progress.done == run.controller.progress.total == 10


def test_a_stage_of_a_trial_is_said_and_recorded_and_ends_nothing(command):
    run = command(cut_off=0)
    key = run.tasks["0"].key
    stages = [Report(stage="computing text states"), Report()]
    assert not any(run.controller.receive("0", report, node="node") for report in stages)
    (event,) = run.named("StageEntered")
    assert (event.name.title, event.stage) == ("search 0", "computing text states")
    (found,) = RunningFolder(run.folder).read()
    assert (found.key, found.stage, found.node) == (key, "computing text states", "node")


@pytest.mark.slow
def test_the_first_suggestion_is_the_fixed_values(command):
    run = command()
    assert run.named("TrialStarted")[0].changes == {}


@pytest.mark.slow
def test_the_confirmed_configuration_is_the_best_on_validation(command):
    run = command()
    values = {number: run.rows()[f"search {number}"][2] for number in range(4)}
    best = min(values, key=values.get)
    confirmed = {role.group for role in run.ledger.roles if role.phase == "confirm"}
    assert confirmed == {run.rows()[f"search {best}"][0]}


@pytest.mark.slow
def test_a_run_that_is_done_computes_nothing_again(command):
    first = command()
    again = command()
    assert again.titles() == []
    assert again.rows() == first.rows()


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", mostly_slow(range(0, 26, 3), quick=[0, 9, 18]))
def test_a_run_cut_off_anywhere_ends_as_an_undisturbed_one(command, cut_off):
    """At one trial at a time: the same suggestions, stops, confirmations and scores."""
    undisturbed = command(*ASHA, folder="undisturbed")
    killed = command(*ASHA, cut_off=cut_off)
    finished = set(killed.ledger.trials)
    continued = command(*ASHA)
    assert continued.rows() == undisturbed.rows()
    assert not finished & {event.name.key for event in continued.named("TrialStarted")}


@pytest.mark.slow
def test_a_run_cut_off_twice_counts_its_attempts(command):
    command(cut_off=1)
    command(cut_off=1)
    run = command()
    assert run.ledger.trials[run.rows()["search 0"][0]].attempts == 3


@pytest.mark.slow
def test_a_trial_stopped_early_is_pruned_with_its_curve(command):
    run = command(*ASHA)
    stopped = [key for key, row in run.ledger.trials.items() if row.status == "stopped"]
    pruned = run.study.get_trials(states=[TrialState.PRUNED])
    assert len(pruned) == len(stopped) > 0
    curves = sorted(tuple(run.ledger.curve(key, "mae")) for key in stopped)
    assert sorted(tuple(trial.intermediate_values.values()) for trial in pruned) == curves
    assert all("mae" not in run.ledger.trials[key].test for key in stopped)


@pytest.mark.slow
def test_the_study_of_a_continued_run_hears_the_same_story(command):
    histories = [
        [(trial.params, trial.state, trial.intermediate_values) for trial in run.study.trials]
        for run in (command(*ASHA), command(*ASHA))
    ]
    assert histories[0] == histories[1]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(3, [False, False, False]), (2, [False, True])],  # after the last one it is judged anew
)
def test_a_trial_is_not_stopped_where_an_earlier_command_let_it_go_on(command, ended, expected):
    """The first trial is the worse one, and the second one ends before the run is cut off."""
    poor, good = ({"training.learning_rate.others": rate} for rate in (1e-2, 1e-3))
    space = (*ASHA, f"search.start={json.dumps([poor, good])}")
    run = command(*space, cut_off=0)
    run.hand_out("1")
    for number, epochs in (("0", ended), ("1", 4)):
        for report in list(run.answers(run.tasks[number], int(number) + 1))[:epochs]:
            run.controller.receive(number, report, node="node")
    continued = command(*space, cut_off=0)
    continued.hand_out("1")  # the third trial: the second one has ended
    assert [event.name.title for event in continued.named("TrialStarted")] == [
        "search 0",
        "search 2",
    ]
    reports = list(continued.answers(continued.tasks["0"], 1))[:ended]
    stops = [continued.controller.receive("0", report, node="node") for report in reports]
    assert stops == expected


@pytest.mark.slow
def test_confirmations_and_cells_are_never_stopped_early(command):
    run = command(*ASHA)
    for role, key in run.ledger.roles.items():
        if role.phase != "search":
            assert run.ledger.trials[key].status == "finished"


def test_a_failed_trial_is_a_row_and_the_run_goes_on(command):
    run = command(fails={1: "crash", 2: "nan"})
    rows = run.ledger.trials
    failed = [rows[run.rows()[f"search {n}"][0]] for n in (0, 1)]
    assert [row.failure for row in failed] == ["crash", "nan"]
    assert len(run.study.get_trials(states=[TrialState.FAIL])) == 2
    assert run.controller.progress.failed == 2
    assert run.controller.progress.done == 10


def test_a_run_whose_search_has_nothing_to_confirm_says_the_same_as_its_status(
    command, mini, status_before
):
    """1 trial of the search fails; 2 confirmations are planned and cannot run."""
    changes = "search.trials=1", "ablations=null"
    run = command(*changes, fails={1: "crash"})
    progress = run.controller.progress
    assert (progress.done, progress.left, progress.total) == (1, 0, 3)
    listen = run.events.append
    summary = finish_run(
        mini(*changes), run.ledger, controller=run.controller, listen=listen, seconds=7.0
    )
    shown = status_before(*changes)
    assert (shown.done, shown.total) == (1, 3)
    assert (summary.unconfirmed, summary.next_step) == (
        shown.unconfirmed.why,
        shown.unconfirmed.next_step,
    )
    assert "so the 2 confirmation trials cannot run" in summary.unconfirmed
    assert summary.has_tracebacks
    assert "run the same command again" in summary.next_step
    assert command(*changes).titles()[0] == "search 0"  # as the next step says


def test_a_search_of_losses_that_are_not_numbers_names_what_helps(command, mini):
    """The same command would not run such a trial again, and the next step does not say so."""
    changes = "search.trials=1", "ablations=null"
    run = command(*changes, fails={1: "nan"})
    progress = run.controller.progress
    assert progress.unconfirmed.next_step.startswith(
        "the loss is not a number in every trial: change the values that cause it"
    )
    assert command(*changes).titles() == []


def test_a_run_that_was_interrupted_counts_the_trials_that_it_cut_off(command, mini):
    run = command(cut_off=1)
    run.controller.interrupt("interrupted")
    summary = finish_run(
        mini(), run.ledger, controller=run.controller, listen=run.events.append, seconds=7.0
    )
    assert (summary.cut_off, summary.finished) == (1, 0)
    assert not summary.has_tracebacks


@pytest.mark.slow
def test_a_failed_cell_is_tried_again_by_the_next_command_unless_its_loss_was_nan(command):
    count = len(command(folder="count").titles())
    command(fails={count: "oom", count - 1: "nan"})
    again = command()
    assert len(again.titles()) == 1
    assert again.controller.progress.failed == 1


@pytest.mark.slow
def test_a_failed_suggestion_stands(command):
    command(fails={2: "oom"})
    assert command().titles() == []


@pytest.mark.slow
def test_more_trials_extend_the_search_and_choose_anew(command):
    first = command()
    more = command("search.trials=12")
    assert more.titles()[:8] == [f"search {number}" for number in range(4, 12)]
    assert {title: row for title, row in first.rows().items() if title.startswith("search")} == {
        f"search {number}": more.rows()[f"search {number}"] for number in range(4)
    }
    values = [more.rows()[f"search {number}"][2] for number in range(12)]
    winner = more.rows()[f"search {values.index(min(values))}"][0]
    confirmed = [title for title in more.titles() if title.startswith("confirm")]
    assert confirmed == ["confirm 1 seed 1", "confirm 1 seed 2"]
    groups = [role.group for role in more.ledger.roles if role.phase == "confirm"]
    assert groups.count(winner) == 2


@pytest.mark.slow
def test_the_confirmation_of_an_earlier_winner_stays_and_counts_for_nothing(command):
    first = command()
    more = command("search.trials=12")
    kept = {role: key for role, key in first.ledger.roles.items() if role.phase == "confirm"}
    assert kept.items() <= more.ledger.roles.items()
    assert len([role for role in more.ledger.roles if role.phase == "confirm"]) == 4
    progress = more.controller.progress
    assert (progress.done, progress.total) == (18, 18)  # 12 + 2 + 4
    again = command("search.trials=12")
    assert again.titles() == []
    assert kept.items() <= again.ledger.roles.items()


@pytest.mark.slow
def test_another_training_seed_of_the_search_leaves_no_confirmation_behind(command):
    """The same configuration may win again: its two runs then serve it, and count once."""
    command()
    run = command("search.seed=8")
    confirmed = [role for role in run.ledger.roles if role.phase == "confirm"]
    searched = {key for role, key in run.ledger.roles.items() if role.phase == "search"}
    assert len(confirmed) == 2
    assert {role.group for role in confirmed} <= searched
    assert run.controller.progress.done == run.controller.progress.total == 10


@pytest.mark.slow
def test_a_configuration_whose_rank_changes_is_confirmed_once(command):
    """All are confirmed, over two seeds each; of twelve the first four have other ranks."""
    few = command("confirm.top=4")
    before = {(role.group, role.number) for role in few.ledger.roles if role.phase == "confirm"}
    run = command("search.trials=12", "confirm.top=12")
    confirmed = [role for role in run.ledger.roles if role.phase == "confirm"]
    assert not before <= {(role.group, role.number) for role in confirmed}
    assert len({(role.group, role.seed) for role in confirmed}) == len(confirmed) == 24


@pytest.mark.slow
def test_a_new_seed_runs_alone(command):
    command()
    run = command("seeds=[1, 2, 3]")
    assert run.titles() == [f"modules/{c} seed 3" for c in ("baseline", "remove MRM")]


@pytest.mark.slow
def test_a_changed_value_starts_its_own_results_and_says_so(command):
    first = command()
    changed = command("experiment.model.width=8")
    assert not set(first.rows().values()) & set(changed.rows().values())
    assert set(first.ledger.trials) < set(changed.ledger.trials)
    assert (
        "the space, its data or the code changed: 10 recorded trials are not part"
        in changed.named("RunWarning")[0].message
    )


@pytest.mark.slow
def test_going_back_to_an_earlier_space_computes_nothing_again(command):
    first = command()
    command("experiment.model.width=8")
    back = command()
    assert back.titles() == []
    assert back.rows() == first.rows()


FEW = "search.parameters={objective.loss: {choice: [l1, l2]}}"


def test_a_space_of_few_combinations_ends_its_search(command):
    """Two choices and no more: 2 trials, whatever search.trials says."""
    run = command(FEW)
    assert len([t for t in run.titles() if t.startswith("search")]) == 2
    assert "the search ended after 2 trials" in run.named("RunWarning")[0].message


@pytest.mark.slow
@pytest.mark.parametrize(
    "sampler", mostly_slow(["tpe", "random", "gp", "nsgaii", "qmc"], quick=["random"])
)
def test_a_space_of_few_combinations_is_searched_whole_and_then_stays_as_it_is(command, sampler):
    """12 combinations, all of them found; no suggestion that repeats one leaves a trace."""
    space = (
        "search.parameters={objective.loss: {choice: [l1, l2, huber]}, "
        "training.batch_size: {choice: [4, 8, 16, 32]}}",
        f"search.sampler.name={sampler}",
        "search.trials=50",
    )
    run = command(*space)
    searched = [role for role in run.ledger.roles if role.phase == "search"]
    configurations = {tuple(sorted(role.changes.items())) for role in searched}
    assert len(searched) == len(configurations) == 12
    assert run.controller.progress.done == run.controller.progress.total == 12 + 2 + 4
    again = command(*space)
    assert again.titles() == []
    assert again.rows() == run.rows()


@pytest.mark.slow
def test_roles_of_repeated_suggestions_that_older_ledgers_hold_are_dropped(command):
    run = command(FEW)
    ledger = Ledger(run.folder)
    (last,) = [role for role in ledger.roles if role.phase == "search" and role.changes]
    for number in range(last.number + 1, last.number + 50):
        ledger.add_role(replace(last, number=number), ledger.roles[last])
    again = command(FEW)
    assert again.titles() == []
    assert again.rows() == run.rows()
    assert not [event for event in again.named("RunWarning") if "changed" in event.message]


NARROW = "search.parameters.objective.loss={choice: [l1]}"


@pytest.mark.slow
def test_trials_outside_a_narrowed_space_neither_lead_nor_are_confirmed(command):
    """l2 is best here, and then no longer a choice."""
    prefer_l2 = "experiment.training.max_epochs=2"
    first = command("search.trials=8", prefer_l2, penalty=-0.5)
    (before,) = {role.group for role in first.ledger.roles if role.phase == "confirm"}
    assert '"loss":"l2"' in first.ledger.trials[before].config
    run = command("search.trials=8", prefer_l2, NARROW, penalty=-0.5)
    searched = [role for role in run.ledger.roles if role.phase == "search"]
    assert len(searched) == 8
    assert {role.changes.get("objective.loss", "l1") for role in searched} == {"l1"}
    confirmed = {role.group for role in run.ledger.roles if role.phase == "confirm"}
    assert before not in confirmed
    assert before in run.ledger.trials
    (warning,) = [event.message for event in run.named("RunWarning")]
    assert warning.startswith("the space, its data or the code changed: ")


@pytest.mark.slow
def test_a_widened_space_finds_its_earlier_trials_again(command):
    """Narrowed while the budget is spent, so that nothing is computed: the same comes again."""
    first = command("search.trials=8")
    command("search.trials=8", NARROW, "budget.trials=1")
    back = command("search.trials=8")
    assert back.titles() == []
    assert back.rows() == first.rows()


@pytest.mark.slow
def test_values_that_do_not_go_together_are_said_as_failed(command, monkeypatch):
    """A loss of l2 is refused here: the sampler gets FAIL, and the search goes on without it."""
    trial = TrialFactory.trial

    def refuse(factory, changes, seed):
        if changes.get("objective.loss") == "l2":
            raise SugrmError("no l2")
        return trial(factory, changes, seed)

    monkeypatch.setattr(TrialFactory, "trial", refuse)
    run = command("search.trials=8")
    refused = run.study.get_trials(states=[TrialState.FAIL])
    assert refused
    assert all(trial.params["objective.loss"] == "l2" for trial in refused)
    assert len([title for title in run.titles() if title.startswith("search")]) == 8


def test_a_finished_trial_without_a_value_teaches_the_study_nothing(command):
    """A correlation of constant predictions is NaN: finished in the ledger, FAIL in the study."""
    run = command("search.objective={metric: valid/corr}", undefined=True)
    assert {row[1] for row in run.rows().values()} == {"finished"}
    assert {trial.state for trial in run.study.trials} == {TrialState.FAIL}
    assert "nothing to confirm" in run.named("RunWarning")[0].message


def state_of(run):
    """Return what a question could change: files, roles, suggestions and events."""
    files = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    return files, dict(run.ledger.roles), len(run.study.trials), list(run.events)


@pytest.mark.parametrize("cut_off", [0, 3, None])
def test_questions_change_nothing(command, cut_off):
    """Nor does their order: they answer the same before and after each other."""
    run = command(cut_off=cut_off)
    before, controller = state_of(run), run.controller
    answers = [
        (controller.has_next, controller.is_finished, controller.progress, controller.running)
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert state_of(run) == before


@pytest.mark.slow
def test_a_command_that_has_nothing_to_do_finds_no_next_trial(command):
    command()
    run = command(cut_off=0)
    assert run.titles() == []
    assert (run.controller.has_next, run.controller.is_finished) == (False, True)


def test_an_interrupted_run_hands_nothing_out_and_keeps_what_runs(command):
    run = command(cut_off=1)
    run.controller.interrupt("interrupted")
    assert run.controller.hand_out("1") is None
    assert run.controller.is_finished
    assert len(list((run.folder / "running").glob("*.json"))) == 1


def test_a_fault_of_the_driver_closes_the_run(command):
    run = command(cut_off=0)
    with run.controller.guarded():
        raise OSError("no space left on device")
    assert run.controller.closing
    assert isinstance(run.controller.error, OSError)


@pytest.mark.slow
def test_cells_are_taken_over_from_a_run_beside_and_the_search_is_not(command, tmp_path):
    no_labels = "experiment.objective.labels={name: none}"  # the records of this test have none
    first = command(no_labels, folder="first")
    (tmp_path / "first" / "experiment.json").write_text('{"name": "first", "versions": []}')
    second = command(no_labels, folder="second")
    started = second.titles()
    assert started == [f"search {number}" for number in range(4)]
    assert second.rows() == first.rows()
    assert {event.name.phase for event in second.named("TrialReused")} == {"confirm", "ablation"}


def test_a_trial_cut_off_that_the_space_no_longer_asks_for_is_not_under_way(command):
    cells = ("search=", "confirm=", "seeds=[1]")
    first = command(*cells, cut_off=0)
    (before,) = (first.folder / "running").iterdir()
    second = command(*cells, "experiment.training.max_epochs=3", cut_off=0)
    (after,) = (second.folder / "running").iterdir()
    assert after.name != before.name


TWO = "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]"


def test_of_several_objectives_the_study_hears_each(command):
    run = command(TWO, "search.sampler.name=nsgaii")
    for trial in run.study.trials:
        cost = 90 if trial.params["objective.loss"] == "l2" else 100
        assert trial.values[1] == cost
    values = [run.rows()[f"search {number}"][2] for number in range(4)]
    assert [trial.values[0] for trial in run.study.trials] == values


@pytest.mark.slow
def test_the_pareto_set_is_confirmed_best_by_the_first_objective_first(command):
    """Of each loss the trial with the least error: fewer parameters cost error, so both stand."""
    run = command(TWO, "search.trials=9", "confirm.top=5")
    best = {}
    for trial in run.study.trials:
        loss = trial.params["objective.loss"]
        best[loss] = min(best.get(loss, 9.0), trial.values[0])
    rows = run.ledger.trials
    confirmed = {role.number: role.group for role in run.ledger.roles if role.phase == "confirm"}
    found = [rows[confirmed[rank]].valid["mae"] for rank in sorted(confirmed)]
    front = sorted(best.values()) if best["l1"] < best["l2"] else [best["l2"]]
    assert found == front


def test_the_study_of_trials_side_by_side_knows_those_that_run(command):
    run = command(cut_off=0)
    assert run.controller.hand_out("1") is not None
    assert [trial.state for trial in run.study.trials] == [TrialState.RUNNING] * 2
    assert run.study.trials[1].params.keys() == {
        "training.learning_rate.others",
        "objective.loss",
    }


@pytest.mark.slow
def test_a_suggestion_that_the_ledger_answers_is_said_as_that_trial_ended(command):
    """Six choices, drawn at random until each has come: some come again, and one has failed."""
    run = command(
        "search.parameters={objective.loss: {choice: [l1, l2, huber]}, "
        "training.batch_size: {choice: [8, 16]}}",
        "search.sampler.name=random",
        "search.trials=6",
        fails={2: "crash"},
    )
    results = {}
    for trial in run.study.trials:
        values = (trial.params["objective.loss"], trial.params["training.batch_size"])
        results.setdefault(values, []).append((trial.state, trial.value))
    assert len(results) == 6
    assert sum(len(each) for each in results.values()) > 6
    assert {len(set(each)) for each in results.values()} == {1}
    assert {each[0][0] for each in results.values()} == {TrialState.COMPLETE, TrialState.FAIL}


@pytest.mark.slow
def test_start_points_come_first_in_their_order(command):
    run = command("search.start=[{objective.loss: l2}, {}]")
    assert [event.changes for event in run.named("TrialStarted")[:2]] == [
        {"objective.loss": "l2"},
        {},
    ]
    assert [trial.params["objective.loss"] for trial in run.study.trials[:2]] == ["l2", "l1"]


@pytest.fixture
def with_models(monkeypatch):
    """Let every trial that ends hand over a model, as a worker does."""
    answers = Run.answers

    def answered(run, task, number):
        for report in answers(run, task, number):
            if report.outcome is not None and task.keeps_model:
                Path(task.checkpoint).mkdir(parents=True, exist_ok=True)
                (Path(task.checkpoint) / "best.pt").write_bytes(b"weights")
            yield report

    monkeypatch.setattr(Run, "answers", answered)


def kept(run):
    return {path.parent.name for path in (run.folder / "checkpoints").glob("*/best.pt")}


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", mostly_slow([3, 8, 10, 15], quick=[8, 15]))
def test_a_run_cut_off_anywhere_keeps_the_models_of_its_result(command, with_models, cut_off):
    """Both seeds of the confirmed configuration, and both of the better cell."""
    options = ("checkpoints.cells=true",)
    command(*options, cut_off=cut_off)
    done = command(*options)
    confirmed = {key for role, key in done.ledger.roles.items() if role.phase == "confirm"}
    cells = {}
    for role, key in done.ledger.roles.items():
        if role.phase == "ablation":
            cells.setdefault(role.cell, []).append(key)
    values = {
        cell: sum(done.ledger.trials[key].valid["mae"] for key in keys)
        for cell, keys in cells.items()
    }
    assert len(confirmed) == 2
    assert kept(done) == confirmed | set(cells[min(values, key=values.get)])
    assert kept(command(*options)) == kept(done)


def test_a_missing_file_of_the_run_is_the_loss_of_its_folder(tmp_path):
    """Its folder may still be there while it is being removed."""
    run = ClosableRun(tmp_path, warn=print)
    with run.guarded():
        (tmp_path / "tensorboard" / "events").read_bytes()
    assert str(run.error).startswith(f"{tmp_path} was moved or deleted, or files in it")
    other = ClosableRun(tmp_path, warn=print)
    with other.guarded():
        tmp_path.with_name("elsewhere").read_bytes()
    assert isinstance(other.error, FileNotFoundError)
