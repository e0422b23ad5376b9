"""Rules for the objectives, sampler and scheduler of a search."""

from collections.abc import Iterator

from search.option_values import OptionValue
from search.space.conditions import Parameters
from search.space.findings import Path, shown
from search.space.parameters import ChoiceParameter, Parameter
from search.space.reading.document import Draft
from search.space.sections import GiveUpConfig

_SEVERAL = "nsgaii, tpe, gp, qmc or random"


def check_methods(draft: Draft, parameters: Parameters) -> None:
    """Note objectives, samplers, schedulers and earlier runs that cannot be combined."""
    metrics = list(_metrics(draft))
    _check_objectives(draft, metrics)
    sampler = draft.mapping("search", "sampler").get("name", "tpe")
    if len(metrics) > 1:
        _check_several(draft, sampler)
    if parameters:
        _check_sampler(draft, sampler, parameters=parameters)
    _check_give_up(draft)
    _check_sources(draft)


def _metrics(draft: Draft) -> Iterator[tuple[Path, OptionValue]]:
    """Yield the path of each objective's metric, and the metric."""
    given = draft.mapping("search").get("objective", {})
    if isinstance(given, list):
        for index, each in enumerate(given):
            metric = each.get("metric", "valid/mae") if isinstance(each, dict) else None
            yield ("search", "objective", index, "metric"), metric
    elif isinstance(given, dict):
        yield ("search", "objective", "metric"), given.get("metric", "valid/mae")


def _check_objectives(draft: Draft, metrics: list[tuple[Path, OptionValue]]) -> None:
    for place, (path, metric) in enumerate(metrics):
        if place == 0 and str(metric).startswith("cost/"):
            draft.refuse(
                path,
                "a cost as the first objective, which ranks trials and selects those to confirm",
                got=shown(metric),
                expected="a list that begins with a validation metric: [{metric: valid/mae}, "
                f"{{metric: {metric}}}]",
            )
        if metric in [other for _, other in metrics[:place]]:
            draft.refuse(
                path,
                "the objective is listed twice",
                got=shown(metric),
                expected="each metric once",
            )


def _check_several(draft: Draft, sampler: object) -> None:
    if sampler == "cmaes":
        draft.refuse(
            ("search", "sampler", "name"),
            "cmaes optimises one objective, and the search has several",
            got="'cmaes'",
            expected=_SEVERAL,
        )
    scheduler = draft.mapping("search", "scheduler").get("name", "none")
    if scheduler in ("asha", "hyperband", "median"):
        draft.refuse(
            ("search", "scheduler", "name"),
            "trials are not stopped early where there are several objectives: one that is behind "
            "in the first may lead in another",
            got=shown(scheduler),
            expected="none",
        )
    rule = draft.mapping("search", "give_up").get("rule")
    if rule == "wilcoxon":  # the default rule is in every space, and does nothing here
        draft.refuse(
            ("search", "give_up", "rule"),
            "no configuration is given up where there are several objectives: one that is behind "
            "in the first may lead in another",
            got=shown(rule),
            expected="none",
        )


def _check_give_up(draft: Draft) -> None:
    """Note a test over the seeds of a search that can never reach its threshold."""
    search, options = draft.mapping("search"), draft.mapping("search", "give_up")
    seeds = [search.get("seed")] if search.get("seeds") is None else search["seeds"]
    if not isinstance(seeds, list) or options.get("rule") != "wilcoxon":
        return
    p = options.get("p", GiveUpConfig.model_fields["p"].default)
    least = 0.5 ** (len(seeds) - 1)
    if len(seeds) > 2 and isinstance(p, int | float) and least < p:
        return
    reached = f"; with {len(seeds)} seeds no p before the last is below {least:g}"
    draft.refuse(
        ("search", "give_up", "rule"),
        "the Wilcoxon test would never give a configuration up"
        + (reached if len(seeds) > 2 else "; it needs at least 3 search.seeds"),
        got=f"wilcoxon, p {p}, {len(seeds)} seed{'s' if len(seeds) > 1 else ''}",
        expected="range, more seeds" + (", or a larger p" if len(seeds) > 2 else ""),
    )


def _check_sampler(draft: Draft, sampler: object, *, parameters: Parameters) -> None:
    """Note a sampler that would draw every parameter at random."""
    always = [each for each in parameters.values() if not each.when and _varies(each)]
    ranges = [each for each in always if not isinstance(each, ChoiceParameter)]
    if sampler == "cmaes" and not ranges:
        handled = "samples ranges without a condition"
        expected = "tpe, or a parameter with low and high"
    elif sampler in ("gp", "qmc", "nsgaii") and not always:
        handled = "handles parameters without a condition that take several values"
        expected = "tpe, or such a parameter"
    else:
        return
    draft.refuse(
        ("search", "sampler", "name"),
        f"{sampler} {handled}, and search.parameters has none: it would draw at random",
        got=shown(sampler),
        expected=expected,
    )


def _varies(parameter: Parameter) -> bool:
    if isinstance(parameter, ChoiceParameter):
        return len(parameter.choice) > 1
    return parameter.low < parameter.high


def _check_sources(draft: Draft) -> None:
    names = draft.mapping("search").get("from", [])
    for index, name in enumerate(names if isinstance(names, list) else []):
        if name == draft.values.get("name"):
            problem = "the run itself, whose trials are continued in any case"
            expected = "names of other runs"
        elif name in names[:index]:
            problem, expected = "the run is listed twice", "each run once"
        elif isinstance(name, str) and ("/" in name or name in ("", ".", "..")):
            problem = "not the name of a run beside this one"
            expected = "a name as sugrm-search status shows it"
        else:
            continue
        draft.refuse(("search", "from", index), problem, got=shown(name), expected=expected)
