"""Rules across the sections of a space."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from search.space.conditions import Parameters
from search.space.findings import nearest, one_of, shown
from search.space.parameters import ChoiceParameter
from search.space.reading.document import Draft
from search.space.reading.experiments import alignment_of
from search.space.reading.metric_rules import check_metrics
from search.space.sections import PUBLISHED_SEEDS, SearchConfig
from sugrm.config.sections.data import MODALITY_FILES
from sugrm.config.sections.datasets import load_dataset
from sugrm.errors import SugrmError


def check_sections(draft: Draft) -> None:
    """Note every value of a section that another section does not allow."""
    _check_work(draft)
    _check_seeds(draft)
    _check_data(draft)
    check_metrics(draft)
    _check_baselines(draft)
    _check_device(draft)


def check_conditions(draft: Draft, parameters: Parameters, *, names: list[str]) -> None:
    """Note conditions that are not on a choice of another parameter, and cycles of conditions.

    Args:
        draft: the space.
        parameters: the valid parameters of its search.
        names: names of all parameters in the file, valid or not.
    """
    for name, parameter in parameters.items():
        for other, values in parameter.when.items():
            path = ("search", "parameters", name, "when", other)
            if other not in names:
                draft.refuse(
                    path,
                    "a condition on an option that is no parameter of this search",
                    at_key=True,
                    expected=one_of(known for known in names if known != name),
                    suggestion=nearest(other, names),
                )
            elif other in parameters:
                _check_condition(draft, parameters, names=(name, other), values=values)
    _check_cycles(draft, parameters)


def _check_cycles(draft: Draft, parameters: Parameters) -> None:
    graph = {name: list(parameter.when) for name, parameter in parameters.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = [str(name) for name in error.args[1]]
        draft.refuse(
            ("search", "parameters", cycle[0], "when"),
            f"conditions form a cycle: {' -> '.join(cycle)}",
            expected="a first parameter without a condition",
        )


def _check_condition(
    draft: Draft, parameters: Parameters, *, names: tuple[str, str], values: tuple[object, ...]
) -> None:
    name, other = names
    path = ("search", "parameters", name, "when", other)
    source = parameters[other]
    if not isinstance(source, ChoiceParameter):
        draft.refuse(path, "a condition on a range", expected=f"{other} to be a choice")
        return
    for index, value in enumerate(values):
        if value not in source.choice:
            texts = [str(choice) for choice in source.choice]
            draft.refuse(
                (*path, index),
                f"a value that {other} never takes",
                got=shown(value),
                expected=one_of(texts),
                suggestion=nearest(value, texts),
            )
    if not values:
        draft.refuse(path, "a condition that never holds", expected=f"values of {other}")


def _check_work(draft: Draft) -> None:
    search, cells = draft.values.get("search"), draft.mapping("ablations")
    if draft.values.get("confirm") is not None and search is None:
        draft.refuse(
            ("confirm",),
            "nothing to confirm: the space has no search",
            at_key=True,
            expected="a section search, or no section confirm",
        )
    if not any(isinstance(group, dict) and group for group in cells.values()):
        if search is None:
            draft.refuse((), "nothing to run", expected="a section search or ablations")
        elif draft.mapping("search").get("trials") == 0:
            draft.refuse(
                ("search", "trials"),
                "no trials: nothing to run",
                got="0",
                expected="at least 1, or a section ablations",
            )


def _check_seeds(draft: Draft) -> None:
    """Note seeds of the search that disagree, and a confirmation that would repeat one of them."""
    confirm, search = draft.mapping("confirm"), draft.mapping("search")
    several = search.get("seeds")
    if isinstance(several, list) and several and search.get("seed") not in (None, several[0]):
        draft.refuse(
            ("search", "seeds"),
            f"search.seed is given too, and is {shown(search['seed'])}",
            got=shown(several),
            expected="one of search.seed and search.seeds",
        )
    if not confirm or not search:
        return
    own = search.get("seed", SearchConfig.model_fields["seed"].default)
    seeds = confirm.get("seeds", PUBLISHED_SEEDS)
    if not isinstance(seeds, list | tuple):
        return
    for seed in several if isinstance(several, list) else [own]:
        if seed in seeds:
            draft.refuse(
                ("confirm", "seeds"),
                f"seed {seed} is the search's own seed, which chose the configurations",
                got=shown(seeds),
                expected=f"fresh seeds, or another search.seed{'s' if several else ''}",
            )
            return


def _check_data(draft: Draft) -> None:
    """Note a missing file of the experiment's alignment, or of one that the search may choose.

    An ablation cell whose file is missing is no fault: the cell is shown as not run.
    """
    data = draft.mapping("data")
    if not _reads_files(data.get("dataset")):
        return
    choices = draft.mapping("search", "parameters", "alignment").get("choice", [])
    alignments = [alignment_of(draft.mapping("experiment"))]
    alignments += choices if isinstance(choices, list) else []
    for alignment in alignments:
        if alignment in ("unaligned", "aligned") and not _names_a_file(data, str(alignment)):
            own = [name for name in MODALITY_FILES if data.get(name) is not None]
            draft.refuse(
                ("data", alignment),
                f"missing: no file is named for {alignment} data, which trials read",
                expected="experiment.alignment to be unaligned, as one file for each modality "
                f"(data.{own[0]}) is"
                if own
                else _how_to_name(str(alignment)),
            )


def _how_to_name(alignment: str) -> str:
    """Return how the files of an alignment are named; frames beside a table are unaligned."""
    if alignment == "aligned":
        return "a feature file: --data aligned=PATH"
    return (
        "a feature file or a table: --data unaligned=PATH; or a table and frames: --data "
        "text=TABLE --data audio=FRAMES --data vision=FRAMES"
    )


def _names_a_file(data: Mapping[str, object], alignment: str) -> bool:
    names = (alignment,) if alignment == "aligned" else (alignment, *MODALITY_FILES)
    return any(data.get(name) is not None for name in names)


def _reads_files(dataset: object) -> bool:
    """Return whether a dataset is a valid one whose corpus is read from files."""
    try:
        return load_dataset(dataset).name != "synthetic"
    except SugrmError:  # it has its own fault
        return False


def _check_baselines(draft: Draft) -> None:
    """Note a baseline that is not a cell of its ablation.

    ``ablations={}`` leaves all ablations of a file out, and its baselines with them.
    """
    if draft.values.get("ablations") == {}:
        return
    for group, cell in draft.mapping("baselines").items():
        groups = draft.mapping("ablations")
        known = groups if group not in groups else draft.mapping("ablations", group)
        name = group if group not in groups else cell
        if name not in known:
            draft.refuse(
                ("baselines", group),
                "no such ablation" if group not in groups else "no such cell of the ablation",
                at_key=group not in groups,
                got=shown(name),
                expected=one_of(known),
                suggestion=nearest(name, list(known)),
            )


def _check_device(draft: Draft) -> None:
    """Note a device that no trial has: a trial sees only the GPU assigned to it."""
    device = draft.mapping("experiment", "training").get("device")
    if not isinstance(device, str) or not device.startswith("cuda"):
        return
    if draft.mapping("resources").get("gpus") == 0:
        draft.refuse(
            ("resources", "gpus"),
            "hides the GPUs from trials that have to use one",
            got="0",
            expected=f"auto, or experiment.training.device not to be {device}",
        )
    elif device not in ("cuda", "cuda:0"):
        draft.refuse(
            ("experiment", "training", "device"),
            "a trial sees one GPU, the one assigned to it, as cuda:0",
            got=shown(device),
            expected="auto, cpu or cuda; CUDA_VISIBLE_DEVICES of the command chooses GPUs",
        )
