import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.errors import SpaceError
from search.space import FloatParameter, Space, starting_values
from search.space.reading import load_space
from sugrm.config import PRESETS
from tests.parametrise import mostly_slow

FAULTY = """\
name: My Space
dat: 1
data: {dataset: mosy, synthetic: {train: 1e2}}
experiment:
  preset: [mosi, papr]
  model: {name: sugrm, width: "32", text: {finetune: 1}}
  training: {learning_rat: {text: 1e-5}, patience: 0, learning_rate: {text: "1e-5"}}
search:
  trials: -1
  objective: {metric: test/mae}
  sampler: {name: tpee}
  scheduler: {name: asha, reduction: 1}
  start: [{foo: 1}]
  parameters:
    training.batch_sise: {choice: [16, 32]}
    training.batch_size: {choice: [16, 0, x]}
    training.learning_rate.text: {low: 1e-3, high: 1e-5, log: true}
    model.output_dropout: {low: 0, high: 1}
    objective.loss: {choice: [l1, l3]}
    model.encoder.depth: {choice: [1, 2]}
    model.width: {chioce: [1, 2]}
confirm: {top: 0, seeds: [1, 1]}
ablations:
  modules:
    remove: {model.recalibration: nope, model.encoder.names: lstm}
    worse: 3
seeds: []
resources: {gpus: 1.5}
budget: {hours: 0}
"""

REFUSALS = f"""\
--set experiment.alignment=algned: experiment.alignment: unknown value; got 'algned'; expected one of unaligned, aligned; did you mean aligned?
a.yaml:1:7: name: not a valid folder name; got 'My Space'; expected 1 to 100 lowercase letters, digits, - and _, not starting with -
a.yaml:2:1: dat: unknown key; expected one of name, plugins, data, experiment, search, confirm, ablations, baselines, seeds, resources, budget, checkpoints, stop_after_failures, tracking; did you mean data?
a.yaml:3:17: data.dataset: dataset 'mosy' is unknown (did you mean 'mosi'?); expected one of mosei, mosi, sims, simsv2, synthetic, the path of a YAML file (.yaml, .yml) or a mapping that describes a dataset
a.yaml:3:42: data.synthetic.train: not allowed; got 100.0; expected a whole number
a.yaml:5:18: experiment.preset[1]: unknown preset; got 'papr'; expected one of {", ".join(PRESETS)}; did you mean paper?
a.yaml:6:31: experiment.model.width: not allowed; got the text '32'; expected a whole number; did you mean 32 without quotes?
a.yaml:6:54: experiment.model.text.finetune: not allowed; got 1; expected true or false
a.yaml:7:14: experiment.training.learning_rat: unknown key; expected one of batch_size, batches, accumulation, incomplete_group, optimiser, learning_rate, schedule, warmup, weight_decay, gradient_clip, max_epochs, patience, monitor, precision, device; did you mean learning_rate?
a.yaml:7:52: experiment.training.patience: not allowed; got 0; expected at least 1
a.yaml:7:77: experiment.training.learning_rate.text: not allowed; got the text '1e-5'; expected a number; did you mean 1e-5 without quotes?
a.yaml:9:11: search.trials: not allowed; got -1; expected at least 0
a.yaml:10:23: search.objective.metric: test/mae would choose on the test split, and no score of what was chosen would then be honest: choose on valid/mae, the report shows the test scores
a.yaml:11:19: search.sampler.name: unknown value; got 'tpee'; expected one of tpe, random, gp, cmaes, qmc, nsgaii; did you mean tpe?
a.yaml:12:38: search.scheduler.reduction: not allowed; got 1; expected at least 2
a.yaml:13:12: search.start[0].foo: unknown option; expected a dotted option of the experiment
a.yaml:15:5: search.parameters.training.batch_sise: unknown option; did you mean training.batch_size?
a.yaml:16:40: search.parameters.training.batch_size.choice[1]: not allowed; got 0; expected at least 1
a.yaml:16:43: search.parameters.training.batch_size.choice[2]: not allowed; got 'x'; expected a whole number
a.yaml:17:34: search.parameters.training.learning_rate.text: inverted bounds: low 0.001 is above high 1e-05
a.yaml:18:42: search.parameters.model.output_dropout.high: not allowed; got 1.0; expected less than 1
a.yaml:19:35: search.parameters.objective.loss.choice[1]: unknown value; got 'l3'; expected one of l1, l2, huber
a.yaml:20:5: search.parameters.model.encoder.depth: not an option of every variant that may be chosen; expected a condition, when: {{model.encoder.name: [lstm]}}
a.yaml:21:19: search.parameters.model.width.chioce: unknown key; expected one of low, high, log, step, when, choice; did you mean choice?
a.yaml:22:16: confirm.top: not allowed; got 0; expected at least 1
a.yaml:22:26: confirm.seeds: a seed is listed twice; got [1, 1]; expected each seed once
a.yaml:25:35: ablations.modules.remove.model.recalibration: unknown value; got 'nope'; expected one of sugrm, none; did you mean none?
a.yaml:25:41: ablations.modules.remove.model.encoder.names: unknown option; did you mean model.encoder.name?
a.yaml:26:12: ablations.modules.worse: not allowed; got 3; expected a mapping of keys to values
a.yaml:27:8: seeds: no seeds; expected at least one
a.yaml:28:19: resources.gpus: a trial cannot use more than one GPU; got 1.5; expected auto, 0 for none, a share below 1, or 1
a.yaml:29:17: budget.hours: not allowed; got 0; expected greater than 0
"""  # noqa: E501

PLAIN = """\
name: plain
data: {dataset: synthetic}
experiment: {preset: [mosi, paper]}
search:
  trials: 3
  parameters:
    objective.huber_delta: {low: 1, high: 2}
    model.encoder.name: {choice: [spt, lstm]}
    model.encoder.heads: {choice: [4, 8], when: {model.encoder.name: [spt]}}
confirm: {top: 1}
ablations:
  modules: {baseline: {}, no MRM: {model.recalibration: none}}
  parts:
    baseline: {}
    leave_one_out: {SPT: {model.encoder.name: lstm}, text task: {objective.tasks: [M, A, V]}}
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write_(text):
        (tmp_path / "a.yaml").write_text(text)
        return "a.yaml"

    return write_


def refusal(path, *overrides, data=()):
    with pytest.raises(SpaceError) as caught:
        load_space(path, overrides=overrides, data=data)
    return str(caught.value)


def test_every_fault_is_named_at_once_with_its_place_in_the_order_of_the_file(write):
    found = refusal(write(FAULTY), "experiment.alignment=algned").splitlines()
    assert found == REFUSALS.splitlines()


def test_an_option_given_without_its_section_is_recognised(write):
    assert refusal(write(PLAIN), "model.width=3") == (
        "--set model.width=3: model: unknown key; expected one of name, plugins, data, experiment, "
        "search, confirm, ablations, baselines, seeds, resources, budget, checkpoints, "
        "stop_after_failures, tracking; did you mean experiment.model?"
    )


@pytest.mark.parametrize("name", ["x" * 101, "über", "''"])
def test_a_name_that_makes_no_folder_is_refused(write, name):
    assert "expected 1 to 100 lowercase letters" in refusal(write(PLAIN), f"name={name}")


def test_a_space_is_filled_in_and_resolves_its_experiments(write):
    space = load_space(write(PLAIN), overrides=["seeds=[1, 2]"])
    assert space.confirm.seeds == (1, 2)
    assert space.search.seed == 1110
    assert (space.search.objective.metric, space.search.objective.mode) == ("valid/mae", "min")
    assert space.experiment_of().model.encoder.heads == 8
    assert space.experiment_of({"model.encoder.name": "lstm"}).model.encoder.name == "lstm"
    assert starting_values(space.search.parameters, {}, experiment_of=space.experiment_of) == {
        "objective.huber_delta": 1.0,
        "model.encoder.name": "spt",
        "model.encoder.heads": 8,
    }
    assert space.origin.source == PLAIN + "# --set seeds=[1, 2]\n"


@pytest.mark.slow
def test_the_first_of_several_seeds_leads_before_and_after_a_dump(write):
    space = load_space(write(PLAIN), overrides=["search.seeds=[4, 5]"])
    assert (space.search.seed, space.search.training_seeds) == (4, (4, 5))
    again = load_space(write(yaml.safe_dump(space.to_dict())))
    assert (again.search, again.to_dict()) == (space.search, space.to_dict())
    assert load_space(write(PLAIN)).search.training_seeds == (1110,)


def test_whole_bounds_of_a_fractional_option_are_a_continuous_range(write):
    parameter = load_space(write(PLAIN)).search.parameters["objective.huber_delta"]
    assert type(parameter) is FloatParameter


def test_a_dumped_space_loads_as_itself(write):
    space = load_space(write(PLAIN))
    assert Space.model_validate(space.to_dict()).with_origin(space.origin) == space
    again = Space.model_validate_json(json.dumps(space.to_dict()))
    assert again.with_origin(space.origin) == space


@pytest.mark.slow
@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (
            ["search.trials=0", "ablations="],
            "--set search.trials=0: search.trials: no trials: nothing to run; got 0; "
            "expected at least 1, or a section ablations",
        ),
        (
            ["baselines={module: baseline}"],
            "--set baselines={module: baseline}: baselines.module: no such ablation; "
            "got 'module'; expected one of modules, parts; did you mean modules?",
        ),
        (
            ["baselines.modules=no MR"],
            "--set baselines.modules=no MR: baselines.modules: no such cell of the ablation; "
            "got 'no MR'; expected one of baseline, no MRM; did you mean no MRM?",
        ),
        (
            ["search=", "ablations={}", "confirm=null"],
            "a.yaml:1:1: nothing to run; expected a section search or ablations",
        ),
        (
            ["search="],
            "a.yaml:10:1: confirm: nothing to confirm: the space has no search; "
            "expected a section search, or no section confirm",
        ),
        (
            ["confirm.seeds=[1, 2]", "search.seed=2"],
            "--set confirm.seeds=[1, 2]: confirm.seeds: seed 2 is the search's own seed, which "
            "chose the configurations; got [1, 2]; expected fresh seeds, or another search.seed",
        ),
        (
            ["data.dataset=mosi", "experiment.alignment=aligned"],
            "a.yaml:2:7: data.aligned: missing: no file is named for aligned data, which trials "
            "read; expected a feature file: --data aligned=PATH",
        ),
        (
            ["data.dataset={name: own, label_bound: 1, metrics: sims}"],
            "a.yaml:2:7: data.unaligned: missing: no file is named for unaligned data, which "
            "trials read; expected a feature file or a table: --data unaligned=PATH; or a table "
            "and frames: --data text=TABLE --data audio=FRAMES --data vision=FRAMES",
        ),
        (
            ["data.dataset={name: own, label_bound: 2, metric: sims}"],
            "--set data.dataset={name: own, label_bound: 2, metric: sims}: data.dataset.metric: "
            "unknown key; expected one of name, title, label_bound, metrics, language, vocabulary, "
            "unimodal_labels, splits; did you mean metrics?",
        ),
        (
            ["data.dataset={name: own, label_bound: 2, metrics: sims}"],
            "--set data.dataset={name: own, label_bound: 2, metrics: sims}: data.dataset: "
            "metrics: sims is defined for labels in [-1, 1]; got label_bound: 2; expected "
            "label_bound: 1, or metrics: regression",
        ),
        (
            ["data={dataset: mosi, text: t.csv}", "experiment.alignment=aligned"],
            "--set data={dataset: mosi, text: t.csv}: data.aligned: missing: no file is named for "
            "aligned data, which trials read; expected experiment.alignment to be unaligned, as "
            "one file for each modality (data.text) is",
        ),
        (
            [
                "data={dataset: mosi, unaligned: a.pkl}",
                "search.parameters.alignment={choice: [unaligned, aligned]}",
            ],
            "--set data={dataset: mosi, unaligned: a.pkl}: data.aligned: missing: no file is "
            "named for aligned data, which trials read; expected a feature file: --data "
            "aligned=PATH",
        ),
        (
            ["search.objective={metric: valid/acc7, mode: min}"],
            "--set search.objective={metric: valid/acc7, mode: min}: search.objective: mode min "
            "would keep the worst trials: valid/acc7 is better when it is larger; "
            "leave mode out or write max",
        ),
        (
            ["search.seed=3", "search.seeds=[4, 5]"],
            "--set search.seeds=[4, 5]: search.seeds: search.seed is given too, and is 3; got "
            "[4, 5]; expected one of search.seed and search.seeds",
        ),
        (
            ["search.seeds=[4, 4]"],
            "--set search.seeds=[4, 4]: search.seeds: a seed is listed twice; got [4, 4]; expected "
            "each seed once",
        ),
        (
            ["search.seeds=[1, 1112]"],
            "a.yaml:10:10: confirm.seeds: seed 1112 is the search's own seed, which chose the "
            "configurations; got [1111, 1112, 1113, 1114, 1115]; expected fresh seeds, or another "
            "search.seeds",
        ),
        (
            ["search.seeds=[1, 2, 3]", "search.give_up.rule=wilcoxon"],
            "--set search.give_up.rule=wilcoxon: search.give_up.rule: the Wilcoxon test would "
            "never give a configuration up; with 3 seeds no p before the last is below 0.25; got "
            "wilcoxon, p 0.1, 3 seeds; expected range, more seeds, or a larger p",
        ),
        (
            ["search.seeds=[1, 2]", "search.give_up={rule: wilcoxon, p: 0.9}"],
            "--set search.give_up={rule: wilcoxon, p: 0.9}: search.give_up.rule: the Wilcoxon test "
            "would never give a configuration up; it needs at least 3 search.seeds; got wilcoxon, "
            "p 0.9, 2 seeds; expected range, more seeds",
        ),
        (
            ["search.give_up={rule: wilcoxon, p: 0.3}"],
            "--set search.give_up={rule: wilcoxon, p: 0.3}: search.give_up.rule: the Wilcoxon test "
            "would never give a configuration up; it needs at least 3 search.seeds; got wilcoxon, "
            "p 0.3, 1 seed; expected range, more seeds",
        ),
        (
            [
                "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]",
                "search.seeds=[1, 2, 3, 4, 5]",
                "search.give_up.rule=wilcoxon",
            ],
            "--set search.give_up.rule=wilcoxon: search.give_up.rule: no configuration is given up "
            "where there are several objectives: one that is behind in the first may lead in "
            "another; got 'wilcoxon'; expected none",
        ),
        (
            ["search.objective.metric=mae"],
            "--set search.objective.metric=mae: search.objective.metric: unknown metric; "
            "got 'mae'; expected one of valid/loss, valid/mae, valid/corr, "
            "valid/acc2_negative_nonnegative, valid/acc2_negative_positive, "
            "valid/f1_negative_nonnegative, valid/f1_negative_positive, valid/acc5, valid/acc7, "
            "valid/acc2_sims, valid/f1_sims, valid/acc3_sims, valid/acc5_sims, "
            "cost/trainable_parameters, cost/parameters, cost/inference_seconds, "
            "cost/peak_memory_mib; did you mean valid/mae?",
        ),
        (
            ["experiment.model.encoder.heads=2"],
            "--set experiment.model.encoder.heads=2: experiment.model.encoder.heads: a starting "
            "value outside search.parameters.model.encoder.heads; got 2; expected one of 4, 8; "
            "or no starting point (search.start: [])",
        ),
        (
            ["search.start=[{objective.loss: l2}]"],
            "--set search.start=[{objective.loss: l2}]: search.start[0].objective.loss: a starting "
            "value for an option that is no parameter of this search; expected one of "
            "objective.huber_delta, model.encoder.name, model.encoder.heads",
        ),
        (
            ["search.parameters.model.encoder={choice: [{name: lstm}]}"],
            "a.yaml:8:5: search.parameters.model.encoder.name: already inside model.encoder, "
            "which is set too\n"
            "a.yaml:9:5: search.parameters.model.encoder.heads: already inside model.encoder, "
            "which is set too",
        ),
        (
            ["search.parameters.model.width={low: 32, high: 48}"],
            "a.yaml:6:3: search.parameters: values that do not go together: width 42 is not a "
            "multiple of encoder.heads 8: choose heads that divide width; got model.width 42",
        ),
        (
            ["search.parameters.preset={choice: [paper, realesed]}"],
            "--set search.parameters.preset={choice: [paper, realesed]}: "
            "search.parameters.preset.choice[1]: unknown preset; got 'realesed'; "
            f"expected one of {', '.join(PRESETS)}; did you mean released?",
        ),
        (
            ["experiment.model.encoder.name=gru", "search=", "confirm="],
            "--set experiment.model.encoder.name=gru: experiment.model.encoder.name: "
            "unknown value; got 'gru'; expected one of spt, transformer, lstm",
        ),
    ],
)
def test_sections_that_contradict_each_other_are_refused(write, overrides, line):
    assert refusal(write(PLAIN), *overrides) == line


TABLE_4 = """\
name: table_4
data: {dataset: synthetic}
experiment: {preset: self_mm}
ablations:
  self_mm:
    Self-MM: {}
    add MRM: {model.recalibration: sugrm}
    replace LSTM by SPT: {model.encoder.name: spt}
    replace LSTM by TE: {model.encoder.name: transformer}
    replace ULGM by SUGRM's: {objective.labels.name: sugrm}
    remove ULGM: {objective.labels.name: none}
"""
WIDTHS = (
    "model.fusion_width: 32, model.text_width: 32, model.audio_width: 32, model.vision_width: 32"
)


def test_a_cell_with_sugrms_labels_on_features_of_several_widths_is_refused_at_its_place(write):
    assert refusal(write(TABLE_4)).startswith(
        "a.yaml:10:30: ablations.self_mm.replace ULGM by SUGRM's: objective.labels.name: sugrm "
        "needs one feature width for every task; got M 128, T 64, A 16, V 32; set model.fusion_"
    )


def test_the_ablations_of_self_mm_are_cells(write):
    one_width = TABLE_4.replace("name: sugrm}", f"name: sugrm, {WIDTHS}}}")
    assert len(load_space(write(one_width)).ablations["self_mm"]) == 6


@pytest.mark.parametrize(
    ("when", "line"),
    [
        (
            "{model.encoder.nam: [spt]}",
            "a condition on an option that is no parameter of this search; expected one of "
            "objective.huber_delta, model.encoder.name; did you mean model.encoder.name?",
        ),
        ("{model.encoder.name: [sptt]}", "a value that model.encoder.name never takes; "
         "got 'sptt'; expected one of spt, lstm; did you mean spt?"),
        ("{model.encoder.name: []}", "a condition that never holds; "
         "expected values of model.encoder.name"),
        ("{objective.huber_delta: [1.0]}", "a condition on a range; "
         "expected objective.huber_delta to be a choice"),
        ("{model.encoder.name: spt}", "not allowed; got 'spt'; expected a list"),
    ],
)  # fmt: skip
def test_a_condition_names_values_of_another_choice(write, when, line):
    text = PLAIN.replace("{model.encoder.name: [spt]}", when)
    found = refusal(write(text))
    assert len(found.splitlines()) == 1
    assert found.startswith("a.yaml:9:")
    assert found.endswith(line)


def test_conditions_in_a_circle_are_refused(write):
    text = PLAIN.replace("[spt, lstm]}", "[spt, lstm], when: {model.encoder.heads: [4]}}")
    assert "conditions form a cycle: model.encoder." in refusal(write(text))


KEYS = "expected keys and values in YAML (a file of data is given by --data unaligned=PATH)"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "a.yaml: empty; expected a space: name, data, experiment, ..."),
        ("# nothing\n", "a.yaml: empty; expected a space: name, data, experiment, ..."),
        ("- a\n", "a.yaml:1:1: not a space; got a list; " + KEYS),
        ("mosi", "a.yaml:1:1: not a space; got text; " + KEYS),
    ],
)
def test_a_file_without_keys_is_no_space(write, text, line):
    assert refusal(write(text)) == line


@pytest.mark.parametrize("name", ["mosi", "mosei"])
def test_a_shipped_space_starts_with_the_published_setting(name):
    """Table 7; the encoder's rate is written out and equals that of the others."""
    space = load_space(name)
    published = space.experiment_of(
        {"training.learning_rate.encoder": None, "preset": [name, "paper"]}
    )
    start = space.experiment_of(
        starting_values(
            space.search.parameters, space.search.start[0], experiment_of=space.experiment_of
        )
    )
    rates = start.training.learning_rate
    assert rates.encoder == rates.others
    assert published.training.learning_rate.others == rates.others
    assert start.model == published.model
    assert start.objective == published.objective


@pytest.mark.slow
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_any_damage_to_a_space_is_refused_in_words(write, data):
    """Every value of a good space, replaced by any other, loads or raises SpaceError alone."""
    values = yaml.safe_load(PLAIN)
    place, depth = values, data.draw(st.integers(1, 5))
    for _ in range(depth):
        keys = list(range(len(place)) if isinstance(place, list) else place)
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        parent, place = place, place[key]
    else:
        place = parent
    place[key] = data.draw(
        st.sampled_from(
            [None, 0, -1, 1.5, 1e400, "x", "", "1e-5", True, [], [[]], {}, {"a": {"name": []}},
             {"name": "lstm"}, ["mosi"], {"choice": [{"name": "spt"}]}, {"low": 0, "high": 1}]
        )
    )  # fmt: skip
    try:
        load_space(write(yaml.safe_dump(values)))
    except SpaceError as error:
        assert all(line.startswith("a.yaml:") for line in str(error).splitlines())  # noqa: PT017


def test_the_name_of_the_report_of_all_runs_is_no_run(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("name: report\ndata: {dataset: synthetic}\n")
    with pytest.raises(SpaceError, match=r"a\.yaml:1:7: name: reserved for the report of all runs"):
        load_space(path)


UNSAFE = ["-x", "--help", "", ".", "..", ".x", "x.", "a/b", "a b", "x" * 101, "X", "é", "a\n", "~"]


@pytest.mark.parametrize(
    "name",
    mostly_slow(
        [*UNSAFE, "report", "\x1b[31m", "con\x00"], quick=["--help", "..", "a/b", "\x1b[31m"]
    ),
)
def test_a_name_that_no_folder_or_command_takes_safely_is_refused(write, name):
    assert ": name: " in refusal(
        write(PLAIN.replace("name: plain", f"name: {json.dumps(name)}", 1))
    )


@pytest.mark.parametrize("name", ["a", "a-b", "_a", "0", "x" * 100])
def test_other_names_are_taken(write, name):
    assert (
        load_space(write(PLAIN.replace("name: plain", f"name: {json.dumps(name)}", 1))).name == name
    )


@pytest.mark.parametrize("given", ["aligned=a.pkl", "a.pkl"])
def test_the_alignment_of_a_preset_decides_which_file_trials_read(tmp_path, given):
    """A bare path serves it, too."""
    path = tmp_path / "mag.yaml"
    path.write_text(
        "name: mag\ndata: {dataset: mosi}\n"
        "experiment: {preset: [mag_bert], model: {text: {name: tiny}}}\n"
        "ablations: {one: {baseline: {}}}\nseeds: [1]\n"
    )
    space = load_space(path, data=[given])
    assert (space.data.aligned, space.data.unaligned) == ("a.pkl", None)
    with pytest.raises(SpaceError, match=r"data\.aligned: missing"):
        load_space(path)


@pytest.mark.parametrize("given", [["unaligned=a.pkl", "unaligned=b.pkl"], ["a.pkl", "b.pkl"]])
def test_two_files_for_one_place_are_refused(tmp_path, given):
    path = tmp_path / "two.yaml"
    path.write_text(
        "name: two\ndata: {dataset: mosi}\nexperiment: {preset: [mosi, paper]}\n"
        "ablations: {one: {baseline: {}}}\nseeds: [1]\n"
    )
    with pytest.raises(SpaceError, match=r"several files for unaligned; expected one --data"):
        load_space(path, data=given)


def test_a_space_without_its_ablations_needs_no_other_baselines():
    space = load_space("demo", overrides=["ablations={}"])
    assert space.search is not None
    assert not space.ablations


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("experiment: {model.encoder.name: lstm}", "model: {encoder: {name: ...}}"),
        ("experiment: {model: {text.name: tiny}}", "text: {name: ...}"),
        ("model.text.name: tiny", "experiment: {model: {text: {name: ...}}}"),
    ],
)
def test_a_dotted_key_of_the_fixed_values_is_shown_nested(tmp_path, given, meant):
    """Reports, parameters and cells have dotted names, which a reader copies here."""
    path = tmp_path / "a.yaml"
    rest = "name: a\ndata: {dataset: synthetic}\nablations: {one: {baseline: {}}}\nseeds: [1]\n"
    path.write_text(f"{rest}{given}\n")
    with pytest.raises(SpaceError) as caught:
        load_space(path)
    assert "unknown key; " in str(caught.value)
    assert str(caught.value).endswith(f"; did you mean {meant}?")
