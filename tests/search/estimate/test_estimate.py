import bdb
import contextlib
import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reports.ledger.trials import trial_of
from search.cli.display.estimate_view import estimate_lines
from search.controller.launcher import Expected
from search.errors import SearchError
from search.estimate.disk import DiskError, DiskNeed
from search.estimate.estimate import Estimate, estimate_run
from search.estimate.groups import CostGroup
from search.estimate.trial_costs import Cost, CostKey, ledger_costs
from search.estimate.work import Work, most_trials
from search.gpus import GpuUse
from search.launcher_choice import launcher_of
from search.ledger import EndedTrial, Ledger
from search.ledger.experiment_file import RunFolderError
from search.plan import build_plan
from search.run import run_space
from search.trials.corpora import convert
from search.trials.factory import TrialFactory
from search.trials.result import Ending, ended_trial
from sugrm import EpochRecord, SugrmError, resolve
from sugrm.errors import EncoderError, NonFiniteLossError, PluginError

_FAIL_TOO = "; its trials will probably fail too"


def work(phase="search", trials=4, most=40, likely=20):
    config = resolve({"preset": ["mosi", "paper"]})
    return Work(phase=phase, config=config, trials=trials, most_epochs=most, likely_epochs=likely)


def cost(**changes):
    values = {"epoch_seconds": 2.0, "trial_seconds": 5.0, "checkpoint_bytes": 0, "source": "here"}
    return Cost(**(values | changes))


HERE = Expected(
    at_once=2,
    gpu_use=GpuUse(0.5, "resources.gpus: 0.5"),
    start_seconds=15.0,
    where="on this machine",
    is_elsewhere=False,
)


def estimate(**changes):
    values = {
        "work": (work(),),
        "costs": (cost(),),
        "expected": HERE,
        "disk": DiskNeed(checkpoints=0, results=2048),
        "likely_disk": DiskNeed(checkpoints=0, results=1024),
        "free": 4096,
    }
    return Estimate(**(values | changes))


def record(epoch, seconds=2.0):
    return EpochRecord(
        epoch=epoch, seconds=seconds, train_loss=1.0, valid={"mae": 1.0, "loss": 1.0}, counters={}
    )


@pytest.fixture
def ledger_of(tmp_path):
    """Fill a run's ledger with one ended trial of a role."""

    def fill(space, role, *, run="mini", status="stopped", seconds=2.0):
        folder = tmp_path / "runs" / run
        factory = TrialFactory(space, convert(space, build_plan(space)), run=folder)
        trial = factory.trial(role.changes, role.seed)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "experiment.json").write_text(json.dumps({"name": run, "versions": []}))
        rows = ended_trial(
            trial, [record(1, seconds), record(2, seconds)], ending=Ending(status=status)
        )
        columns = {**rows.columns, "status": status}
        predictions = {"test": {"id": ["u"], "label": [1.0], "M": [1.0]}}
        ended = EndedTrial(columns=columns, epochs=rows.epochs, predictions=predictions)
        Ledger(folder).add(ended, [role])
        return tmp_path / "runs"

    return fill


@pytest.fixture
def measured_by(monkeypatch):
    """Return a function that replaces the training of two real batches by another function."""

    def replace_measuring(measure):
        monkeypatch.setattr("search.estimate.prober._measure", measure)

    return replace_measuring


@pytest.fixture
def no_probe(measured_by):
    measured_by(lambda threads, config, corpus: cost(source="a probe"))


def test_the_time_is_that_of_trials_and_epochs_over_those_at_once():
    """4 x 5 s + 20 x 2 s = 60 s in two rows; at most 4 x 5 + 40 x 2 = 100 s; half a GPU each.

    The longest trial takes 5 + 10 x 2 = 25 s: a quarter of it is the end, where one row is empty.
    """
    found = estimate()
    assert found.seconds() == HERE.start_seconds + 30 + 6.25
    assert found.seconds(most=True) == HERE.start_seconds + 50 + 6.25
    assert found.gpu_hours() == 0.5 * 60 / 3600


def test_states_are_computed_once_an_encoder():
    found = estimate(
        work=(work(), work("confirm")), costs=(cost(once_seconds=100.0), cost(once_seconds=100.0))
    )
    assert found.trial_seconds() == 100 + 2 * 60


def test_a_run_with_nothing_left_takes_no_time():
    done = estimate(work=(), costs=())
    assert done.seconds() == 0
    assert list(estimate_lines(done)) == ["left to compute: nothing, every trial is done"]


def test_the_lines_say_what_is_expected_and_what_at_most():
    assert list(estimate_lines(estimate())) == [
        "left to compute: 4 trials, at most 40 epochs, about 20 expected",
        "  search: 4 trials, at most 40 epochs, about 20 expected",
        "seconds an epoch:",
        "  2  sugrm spt, unaligned, bert-base-uncased, batch 32 (here)",
        "time: about 51 s, at most 1 min 11 s, 2 trials at once on this machine; patience may end "
        "trials earlier",
        "GPU-hours: about 0.01, at most 0.01; 0.5 of a GPU each (resources.gpus: 0.5)",
        "disk: about 1.0 KiB of results, at most 2.0 KiB, and 0 B of checkpoints while trials "
        "run; 4.0 KiB free",
    ]


def test_the_warnings_of_the_run_come_first():
    lines = list(estimate_lines(estimate(warnings=("the space changed: 2 recorded trials",))))
    assert lines[0] == "warning: the space changed: 2 recorded trials"
    assert lines[1].startswith("left to compute: 4 trials")


def test_a_run_on_other_machines_says_what_is_not_known_here():
    where = "on this machine (those of the cluster are not known here)"
    elsewhere = replace(HERE, where=where, is_elsewhere=True)
    shown = "\n".join(estimate_lines(estimate(expected=elsewhere)))
    assert f"2 trials at once {where}; patience" in shown
    assert "0.5); measured on this machine, other GPUs take other times\n" in shown


def test_trials_that_could_not_be_measured_are_not_said_to_be_done():
    unmeasured = (work(trials=2, most=10, likely=10),)
    assert list(estimate_lines(estimate(work=(), costs=(), unmeasured=unmeasured))) == [
        "left to compute: 2 trials, at most 10 epochs",
        "  search: 2 trials, at most 10 epochs, not measured",
        "none of these trials can be measured here: their cost is unknown",
    ]
    first, *_, last = estimate_lines(estimate(unmeasured=unmeasured))
    assert first == "left to compute: 6 trials, at most 50 epochs, about 30 expected"
    assert last == "time, GPU-hours and disk leave out 2 trials that cannot be measured here"


def test_every_phase_is_counted_and_trials_that_will_fail_come_last():
    unmeasured = (
        work(trials=2, most=10, likely=10),
        work("confirm", trials=3, most=9, likely=9),
        work("ablation", trials=3, most=9, likely=9),
    )
    measured = work("ablation", trials=3, most=9, likely=9)
    found = estimate(work=(measured,), unmeasured=unmeasured, failing=unmeasured)
    lines = list(estimate_lines(found))
    assert lines[:4] == [
        "left to compute: 11 trials, at most 37 epochs",
        "  search: 2 trials, at most 10 epochs, not measured",
        "  confirm: 3 trials, at most 9 epochs, not measured",
        "  ablation: 6 trials, at most 18 epochs, 3 of them not measured",
    ]
    assert lines[-2:] == [
        "time, GPU-hours and disk leave out 8 trials that cannot be measured here",
        "8 of 11 trials will probably fail, as the warnings above say: fix the cause before you "
        "run the space",
    ]


def test_a_group_of_less_than_half_a_trial_is_counted_as_one():
    rare = (work(trials=0.3, most=3, likely=3),)
    found = estimate(work=(work(trials=9.7, most=97, likely=97),), unmeasured=rare, failing=rare)
    lines = list(estimate_lines(found))
    assert lines[1] == "  search: 10 trials, at most 100 epochs, 1 of them not measured"
    assert lines[-2].startswith("time, GPU-hours and disk leave out 1 trial that")
    assert lines[-1].startswith("1 of 10 trials will probably fail")
    assert most_trials([work(trials=0.1), work(trials=0.2), work(trials=0.7)]) == 1


@pytest.mark.parametrize(("starts", "code"), [(True, 1), (False, 0)])
def test_trials_that_would_fail_are_no_failure_of_a_run_that_starts_none(
    mini_file, tmp_path, monkeypatch, starts, code
):
    from search.cli.main import execute

    rare = (work(trials=0.3, most=3, likely=3),)
    found = estimate(work=(), costs=(), unmeasured=rare, failing=rare, starts=starts)
    assert list(estimate_lines(found))[-1].startswith("1 of 1 trial will probably fail")
    monkeypatch.setattr("search.estimate.estimate.estimate_run", lambda *a, **k: found)
    monkeypatch.chdir(tmp_path)
    assert execute(["run", str(mini_file), "--dry-run"]) == code


def test_a_full_disk_is_no_trial_that_cannot_be_measured(mini, tmp_path, measured_by):
    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    measured_by(full)
    with pytest.raises(DiskError, match=r"takes no more data .*No space left.*TMPDIR"):
        estimate_run(mini("search=", "confirm="), runs=tmp_path / "runs")


def test_a_store_has_no_free_space_to_speak_of():
    *_, disk = estimate_lines(estimate(free=None))
    assert disk.endswith("0 B of checkpoints while trials run")


def test_leaving_a_debugger_ends_the_dry_run(mini_file, tmp_path, monkeypatch, capsys):
    """The trial has not failed, so nothing is said about those of the run."""
    from search.cli.main import execute

    def leave(threads, config, corpus):
        raise bdb.BdbQuit

    monkeypatch.setattr("search.estimate.prober._measure", leave)
    assert execute(["run", str(mini_file), "--runs", str(tmp_path / "runs"), "--dry-run"]) == 130
    shown = capsys.readouterr()
    assert "will probably fail" not in shown.out + shown.err
    assert shown.err.endswith("interrupted; run the same command again to continue\n")


def test_a_new_run_computes_its_whole_plan(mini, tmp_path, no_probe):
    """4 search trials, 2 confirmations and 2 cells x 2 seeds, of 2 epochs."""
    found = estimate_run(mini(), runs=tmp_path / "runs")
    assert (found.trials, found.most_epochs) == (10, 20)
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_a_cell_that_has_finished_in_a_run_beside_is_not_left(mini, ledger_of, tmp_path, no_probe):
    space = mini("experiment.objective.labels={name: none}")  # the trial below generates none
    cell = next(build_plan(space).ablations())
    runs = ledger_of(space, cell, run="other", status="finished")
    assert estimate_run(space, runs=runs).trials == 9


def test_the_time_of_an_epoch_is_read_from_a_ledger_that_knows_it(mini, ledger_of, no_probe):
    space = mini("search=", "confirm=", "ablations={one: {baseline: {}}}")
    first = next(build_plan(space).ablations())
    runs = ledger_of(space, first, run="other", seconds=3.5)
    found = estimate_run(space, runs=runs)
    assert {(each.epoch_seconds, each.source) for each in found.costs} == {
        (3.5, "1 trial in the ledger")
    }


def test_a_median_of_a_group_is_not_moved_by_one_slow_trial():
    config = resolve({"preset": ["mosi", "paper"]})
    rows = [
        {
            "status": "finished",
            "config": config.model_dump_json(),
            "data_fingerprint": "d",
            "seconds_per_epoch": seconds,
            "inference_seconds": 1.0,
            "trainable_parameters": 10,
        }
        for seconds in (1.0, 2.0, 50.0)
    ]
    ((key, found),) = ledger_costs(map(trial_of, rows)).items()
    assert key == CostKey(CostGroup.of(config.model_dump(mode="json")), "d")
    assert (found.epoch_seconds, found.checkpoint_bytes) == (2.0, 160)


def test_each_kind_of_trial_is_measured_once(mini, tmp_path, measured_by):
    lines = []
    measured_by(lambda *arguments, **named: cost())
    estimate_run(
        mini("search.parameters={training.batch_size: {choice: [8, 16]}}"),
        runs=tmp_path,
        listen=lines.append,
    )
    assert sorted(lines) == [
        f"measuring two batches: sugrm lstm, unaligned, tiny, batch {size}" for size in (16, 8)
    ]


@pytest.mark.slow
def test_the_command_measures_and_writes_no_run(mini_file, tmp_path, monkeypatch, capsys):
    from search.cli.main import execute

    monkeypatch.chdir(tmp_path)
    assert execute(["run", str(mini_file), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "left to compute: 10 trials, at most 20 epochs" in shown
    assert "(a two-batch probe on cpu)" in shown
    assert not Path("runs").exists()


def test_the_command_refuses_what_would_fill_the_disk(mini_file, tmp_path, monkeypatch, capsys):
    from search.cli.main import execute

    full = estimate(likely_disk=DiskNeed(checkpoints=0, results=10**18))
    monkeypatch.setattr("search.estimate.estimate.estimate_run", lambda *a, **k: full)
    monkeypatch.chdir(tmp_path)
    assert execute(["run", str(mini_file), "--dry-run"]) == 2
    shown = capsys.readouterr()
    assert "left to compute: 4 trials" in shown.out
    assert shown.err.startswith("error: the run would fill the disk")


def test_a_run_that_would_start_nothing_is_not_refused_for_want_of_room(
    mini_file, tmp_path, monkeypatch, capsys
):
    from search.cli.main import execute

    need, spent = DiskNeed(checkpoints=0, results=10**18), "the budget of 4 trials is spent"
    idle = estimate(likely_disk=need, starts=False, limits=(spent,))
    monkeypatch.setattr("search.estimate.estimate.estimate_run", lambda *a, **k: idle)
    monkeypatch.chdir(tmp_path)
    assert execute(["run", str(mini_file), "--dry-run"]) == 0
    assert spent in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("error", "said", "failures"),
    [
        (SugrmError("no device"), "left out of the estimate: {}: no device", 0),
        (MemoryError("12 GiB"), "left out of the estimate: {}: MemoryError: 12 GiB", 0),
        (
            torch.OutOfMemoryError("12 GiB"),
            "left out of the estimate: {}: OutOfMemoryError: 12 GiB",
            0,
        ),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "left out of the estimate: {}: RuntimeError: DefaultCPUAllocator: "
            "can't allocate memory",
            0,
        ),
        (MemoryError(), "left out of the estimate: {}: MemoryError", 0),
        (RuntimeError("shapes"), "warning: {}: RuntimeError: shapes" + _FAIL_TOO, 2),
        (PluginError("it returned [32, 1]"), "warning: {}: it returned [32, 1]" + _FAIL_TOO, 2),
        (NonFiniteLossError("the loss is nan"), "warning: {}: the loss is nan" + _FAIL_TOO, 2),
    ],
)
def test_trials_that_cannot_be_measured_are_named_and_left_out(
    mini, tmp_path, measured_by, error, said, failures
):
    def measure(threads, config, corpus):
        if config.training.batch_size == 8:
            raise error
        return cost()

    lines = []
    measured_by(measure)
    cells = "ablations={sizes: {baseline: {}, small: {training.batch_size: 8}}}"
    found = estimate_run(mini("search=", "confirm=", cells), runs=tmp_path, listen=lines.append)
    assert (found.trials, found.left_out) == (2, 2)
    assert lines[-1] == said.format("sugrm lstm, unaligned, tiny, batch 8")
    assert found.failures == failures


def test_a_dry_run_whose_trials_will_fail_ends_as_the_run_would(
    mini_file, tmp_path, measured_by, capsys
):
    """A script then does not start the run, and the last line says why."""
    from search.cli.main import execute

    def measure(threads, config, corpus):
        raise PluginError("the system returned a prediction of shape [32, 1]; expected [32]")

    measured_by(measure)
    assert execute(["run", str(mini_file), "--runs", str(tmp_path / "runs"), "--dry-run"]) == 1
    shown = capsys.readouterr()
    assert "warning: sugrm lstm, unaligned, tiny, batch 16: the system returned" in shown.err
    assert "will probably fail too\n" in shown.err
    assert shown.out.splitlines()[-1].startswith("10 of 10 trials will probably fail, as the")


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), ValueError("x")])
def test_any_error_of_a_plug_in_is_named_and_one_of_the_package_is_raised(
    mini, tmp_path, measured_by, monkeypatch, error
):
    def measure(threads, config, corpus):
        raise error

    lines = []
    measured_by(measure)
    space = mini("search=", "confirm=", "ablations={one: {baseline: {}}}")
    with pytest.raises(type(error)):
        estimate_run(space, runs=tmp_path, listen=lines.append)
    packages = frozenset(["tests"])  # as if this file were a plug-in
    monkeypatch.setattr("search.worker.failure.plugin_packages", lambda: packages)
    estimate_run(space, runs=tmp_path, listen=lines.append)
    assert f": {type(error).__name__}: " in lines[-1]
    assert "(test_estimate.py, line " in lines[-1]
    assert lines[-1].endswith("; its trials will probably fail too")


def test_an_encoder_that_cannot_be_loaded_is_tried_and_named_once(mini, tmp_path, measured_by):
    """Two batch sizes; the run warns of each cell likewise, and the reason is given once."""

    def measure(threads, config, corpus):
        measured.append(config.training.batch_size)
        raise EncoderError("no such encoder")

    measured, lines = [], []
    measured_by(measure)
    cells = "ablations={sizes: {baseline: {}, small: {training.batch_size: 8}}}"
    found = estimate_run(mini("search=", "confirm=", cells), runs=tmp_path, listen=lines.append)
    assert (found.trials, found.left_out, measured) == (0, 4, [16])
    assert lines[1:] == [
        "left out of the estimate: sugrm lstm, unaligned, tiny, batch 16: no such encoder",
        "left out of the estimate: sugrm lstm, unaligned, tiny, batch 8: for the same reason as "
        "sugrm lstm, unaligned, tiny, batch 16",
    ]


def test_an_encoder_that_the_fixed_values_name_refuses_the_dry_run_as_the_run(mini, tmp_path):
    space = mini("experiment.model.text.name=no/such/folder")
    with pytest.raises(EncoderError, match="could not be loaded"):
        estimate_run(space, runs=tmp_path)
    with pytest.raises(EncoderError, match="could not be loaded"):
        run_space(space, runs=tmp_path)
    assert not (tmp_path / "mini").exists()


@pytest.mark.parametrize("content", ["other run", "no run", "a file"])
def test_a_folder_that_the_run_refuses_is_refused_by_the_dry_run(mini, tmp_path, content):
    folder = tmp_path / "mini"
    if content == "a file":
        folder.write_text("")
    else:
        folder.mkdir()
        name = "experiment.json" if content == "other run" else "notes.txt"
        (folder / name).write_text(json.dumps({"name": "first", "versions": []}))
    messages = set()
    for begin in (estimate_run, run_space):
        with pytest.raises(RunFolderError) as refused:
            begin(mini(), runs=tmp_path)
        messages.add(str(refused.value))
    assert len(messages) == 1


def test_a_space_with_nothing_to_run_is_refused_by_the_dry_run_as_well(mini, tmp_path):
    """A file of such a space is refused before; one that was made in Python is not."""
    space = mini("search=", "confirm=").model_copy(update={"ablations": {}})
    for begin in (estimate_run, run_space):
        with pytest.raises(SearchError, match="has nothing to run"):
            begin(space, runs=tmp_path)


@pytest.mark.parametrize(
    ("concurrency", "resources", "expected"),
    [(1, "{cpus: 1}", 0), (3, "{cpus: 2}", 4), (3, "{cpus: 1, gpus: 1}", 0)],
)
def test_a_trial_is_measured_under_the_load_of_those_beside_it(
    mini, tmp_path, monkeypatch, no_probe, concurrency, resources, expected
):
    loads = []

    def busy(count):
        loads.append(count)
        return contextlib.nullcontext()

    monkeypatch.setattr("search.estimate.prober.busy_neighbours", busy)
    for module in ("search.estimate.estimate", "search.tune.launcher"):
        monkeypatch.setattr(f"{module}.usable_cpus", lambda: 8)
    space = mini(f"resources={resources}", "search=", "confirm=")
    launcher = launcher_of(space, folder=tmp_path / "mini", concurrency=concurrency)
    estimate_run(space, runs=tmp_path, launcher=launcher)
    assert loads == [expected]


@pytest.mark.parametrize(
    ("device", "gpus", "found", "slots", "measured", "line"),
    [
        ("auto", "auto", 2, 2, "auto", "about {}; 1 GPU each (resources.gpus: auto, 2 found)"),
        ("auto", "auto", 0, 8, "cpu", "none; no GPU (resources.gpus: auto, none found)"),
        ("auto", "0", 2, 8, "cpu", "none; no GPU (resources.gpus: 0)"),
        ("cpu", "auto", 2, 8, "cpu", "none; no GPU (resources.gpus: auto, training.device: cpu)"),
        ("auto", "0.25", 2, 8, "auto", "about {}; 0.25 of a GPU each (resources.gpus: 0.25)"),
    ],
)
def test_a_dry_run_counts_and_measures_on_what_the_run_will_use(
    mini, tmp_path, monkeypatch, measured_by, device, gpus, found, slots, measured, line
):
    """Eight CPUs, and so many GPUs as PyTorch is made to find."""
    devices = []

    def measure(threads, config, corpus):
        devices.append(config.training.device)
        return cost(source="a probe", epoch_seconds=3600.0)

    monkeypatch.setattr("torch.cuda.device_count", lambda: found)
    monkeypatch.setattr("search.tune.launcher.usable_cpus", lambda: 8)
    measured_by(measure)
    changes = (f"experiment.training.device={device}", f"resources.gpus={gpus}")
    estimate = estimate_run(mini("search=", "confirm=", *changes), runs=tmp_path)
    assert (estimate.concurrency, set(devices)) == (slots, {measured})
    (shown,) = [each for each in estimate_lines(estimate) if each.startswith("GPU-hours")]
    hours = f"{estimate.gpu_hours():.2f}, at most {estimate.gpu_hours(most=True):.2f}"
    assert shown == f"GPU-hours: {line.format(hours)}"


def test_after_a_while_a_group_gets_the_cost_of_the_most_similar_one(
    mini, tmp_path, monkeypatch, measured_by
):
    """The first of each kind is measured: an LSTM, and text alone."""
    monkeypatch.setattr("search.estimate.measured_costs.PROBING_SECONDS", 0.0)
    measured_by(lambda *arguments, **named: cost())
    cells = {"baseline": {}, "small": {"training.batch_size": 8}, "text": {"preset": "text_only"}}
    lines = []
    found = estimate_run(
        mini("search=", "confirm=", f"ablations={{sizes: {json.dumps(cells)}}}"),
        runs=tmp_path,
        listen=lines.append,
    )
    assert len(lines) == 2
    assert {each.source for each in found.costs} == {
        "here",
        "as sugrm lstm, unaligned, tiny, batch 16",
    }


@pytest.mark.parametrize(
    "odd",
    [
        {"config": None},
        {"config": "{}"},
        {"config": '{"model": null}'},
        {"config": '{"model": {"name": "x", "text": {}}, "alignment": "aligned"}'},
        {"seconds_per_epoch": float("nan")},
        {"inference_seconds": float("inf")},
    ],
)
def test_a_trial_whose_row_has_no_usable_cost_is_left_out(odd):
    row = {
        "status": "finished",
        "config": resolve({"preset": ["mosi", "paper"]}).model_dump_json(),
        "data_fingerprint": "d",
        "seconds_per_epoch": 1.0,
        "inference_seconds": 1.0,
        "trainable_parameters": 10,
    }
    assert len(ledger_costs([trial_of(row)])) == 1
    assert ledger_costs([trial_of(row | odd)]) == {}
