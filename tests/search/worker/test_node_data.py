"""A worker on a node that lacks the driver's folders: the other side is a real Ray task."""

import json
import pickle
import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from search.plan import build_plan
from search.trials.corpora import convert
from search.trials.factory import TrialFactory
from search.tune.ray_home import RayHome
from search.worker import node_data, node_files
from search.worker.node_data import corpus_of, fetch_states
from search.worker.node_plugins import load_task_plugins
from search.worker.node_start import start_of
from search.worker.trial import build_run
from sugrm.data import DataError, load_dataset, write_synthetic_pickle
from sugrm.training.frozen_text import states_folder
from sugrm.training.start.weights import StartWeights

FROZEN = "experiment.model.text.finetune=false"


def begin_process():
    """Let the next call see what another process of the node sees: no corpus opened yet."""
    node_data._corpus.cache_clear()


@pytest.fixture
def home(ray_here):
    import ray

    return RayHome(ray.get_runtime_context().get_node_id())


@dataclass(frozen=True)
class EmptyHome:
    """A driver's node that has none of the files any more."""

    def ask(self, function, *arguments):
        return None


class SilentHome(EmptyHome):
    """A driver's node that must not be asked."""

    def ask(self, function, *arguments):
        pytest.fail("sent again")


@pytest.fixture
def task(mini, tmp_path, monkeypatch):
    """A task whose pickle has gone, seen from a node with an empty cache of its own."""
    pickle = tmp_path / "corpus.pkl"
    write_synthetic_pickle(pickle, mini().data.synthetic)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "driver"))
    space = mini(f"data={{dataset: mosi, unaligned: {pickle}}}", FROZEN)
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)  # as the driver does
    factory = TrialFactory(space, convert(space, build_plan(space)), run=tmp_path / "run")
    trial = factory.trial({}, 1)
    made = factory.task(trial)
    pickle.unlink()
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "node"))
    monkeypatch.setattr(node_data, "_is_here", lambda folder: False)
    begin_process()
    yield made, trial.config
    begin_process()


def test_a_node_that_is_sent_nothing_says_what_it_lacks(task):
    with pytest.raises(DataError, match=r"corpus\.pkl"):
        corpus_of(task[0], "unaligned")


@pytest.mark.parametrize(
    "dataset", ["simsv2", {"name": "own", "label_bound": 1, "metrics": "sims"}]
)
def test_the_corpus_of_a_worker_has_the_dataset_of_the_space(mini, tmp_path, dataset):
    file = tmp_path / "corpus.pkl"
    write_synthetic_pickle(file, mini().data.synthetic)
    tree = pickle.loads(file.read_bytes())
    for split in tree.values():
        split["regression_labels"] = split["regression_labels"] / 3
    file.write_bytes(pickle.dumps(tree))
    data = json.dumps({"dataset": dataset, "unaligned": str(file)})
    space = mini(f"data={data}")
    factory = TrialFactory(space, convert(space, build_plan(space)), run=tmp_path)
    begin_process()
    corpus = corpus_of(factory.task(factory.trial({}, 1)), "unaligned")
    assert corpus.dataset == load_dataset(dataset)


@pytest.mark.parametrize("changed", [None, "text", "audio"])
def test_a_node_reads_one_file_a_modality_if_all_hold_the_same(
    mini, tmp_path, monkeypatch, changed
):
    rows = [f"v{row},word,{row / 8 - 1}" for row in range(16)]
    paths = {"text": tmp_path / "label.csv", "audio": tmp_path / "audio.npz"}
    paths["text"].write_text("\n".join(["id,text,label", *rows]))
    np.savez(paths["audio"], **{f"v{row}": np.ones((2, 3)) for row in range(16)})
    data = json.dumps({"dataset": "mosi"} | {name: str(path) for name, path in paths.items()})
    space = mini(f"data={data}")
    factory = TrialFactory(space, convert(space, build_plan(space)), run=tmp_path)
    made = factory.task(factory.trial({}, 1))
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "node"))
    monkeypatch.setattr(node_data, "_is_here", lambda folder: False)
    begin_process()
    if changed is None:
        corpus = corpus_of(made, "unaligned", home=EmptyHome())
        assert corpus.folder.parent == tmp_path / "node"
    else:
        paths[changed].unlink()
        with pytest.raises(DataError, match=r"label\.csv and .*audio\.npz with the data"):
            corpus_of(made, "unaligned", home=EmptyHome())
    begin_process()


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_a_node_without_the_data_is_sent_them_once(home, task, tmp_path, monkeypatch):
    monkeypatch.setattr(node_files, "_PIECE", 1000)  # several pieces
    corpus = corpus_of(task[0], "unaligned", home=home)
    assert corpus.folder.parent == tmp_path / "node"
    for path in (tmp_path / "driver" / corpus.fingerprint).iterdir():
        assert (corpus.folder / path.name).read_bytes() == path.read_bytes()
    begin_process()
    assert corpus_of(task[0], "unaligned", home=SilentHome()).folder == corpus.folder


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_hidden_states_that_the_driver_has_are_sent_too(home, task, tmp_path):
    made, config = task
    with pytest.MonkeyPatch.context() as driver:
        driver.setattr(node_data, "_is_here", lambda folder: True)
        on_driver = corpus_of(made, "unaligned", home=home)
        build_run(made)  # computes the states beside the driver's corpus
    computed = states_folder(config, on_driver, key=made.states_key)
    begin_process()
    corpus = corpus_of(made, "unaligned", home=home)
    fetch_states(made, config, corpus=corpus, home=home)
    sent = states_folder(config, corpus, key=made.states_key)
    assert sent.is_relative_to(tmp_path / "node")
    assert [path.read_bytes() for path in sorted(sent.iterdir())] == [
        path.read_bytes() for path in sorted(computed.iterdir())
    ]


@pytest.mark.cluster
def test_a_plug_in_that_a_node_lacks_is_sent_with_its_packages(home, task, tmp_path, monkeypatch):
    sent, received = (
        tmp_path / "driver" / "plugins" / "12ab",
        tmp_path / "node" / "plugins" / "12ab",
    )
    (sent / "own_package").mkdir(parents=True)
    (sent / "own_package" / "__init__.py").write_text("from own_package.names import NAME\n")
    (sent / "own_package" / "names.py").write_text("NAME = 'own'\n")
    copy = {"module": "own_package", "digest": "12ab", "folder": str(sent), "needs": []}
    monkeypatch.setattr(node_files, "_is_here", lambda folder: False)
    load_task_plugins(replace(task[0], plugins=[copy]), home=home)
    assert sys.modules["own_package"].NAME == "own"
    assert sys.modules["own_package"].__file__ == str(received / "own_package" / "__init__.py")
    del sys.modules["own_package"], sys.modules["own_package.names"]


@pytest.fixture
def started(task, tmp_path):
    """A task that starts from weights of which only the driver's node has the copy."""
    weights = {"head.out.bias": torch.ones(1)}
    start = StartWeights.of(weights, system="text_only", text_encoder="", seed=1, origin="run a")
    folder = tmp_path / "driver" / "start_weights" / start.facts.digest
    start.write(folder)
    copy = {"digest": start.facts.digest, "folder": str(folder)}
    return start, replace(task[0], start=copy)


def test_a_node_that_sees_the_copy_of_the_weights_reads_it(started):
    start, made = started
    assert start_of(made).facts == start.facts
    assert start_of(replace(made, start=None)) is None


def test_a_node_without_the_weights_says_what_it_lacks(started, monkeypatch):
    monkeypatch.setattr(node_files, "_is_here", lambda folder: False)
    with pytest.raises(DataError, match="no copy of the weights that the trial starts from"):
        start_of(started[1])


@pytest.mark.cluster
def test_weights_that_a_node_lacks_are_sent(home, started, tmp_path, monkeypatch):
    start, made = started
    monkeypatch.setattr(node_files, "_is_here", lambda folder: False)
    assert start_of(made, home=home).facts == start.facts
    assert (tmp_path / "node" / "start_weights" / start.facts.digest).is_dir()
