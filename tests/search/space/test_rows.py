import pytest

from search.errors import SpaceError
from search.plan import build_plan
from search.space.reading import load_space
from search.space.rows import row_overrides

DATA = ("aligned=a.pkl", "unaligned=u.pkl")


def selected(source, *rows, data=()):
    space = load_space(source, data=data)
    return load_space(source, overrides=row_overrides(space, rows), data=data)


def refused(*rows, source="baselines"):
    with pytest.raises(SpaceError) as caught:
        row_overrides(load_space(source), rows)
    return str(caught.value)


def test_a_row_leaves_its_cell_with_its_changes_and_seeds():
    whole = load_space("baselines", data=DATA)
    space = selected("baselines", "table 1 aligned/MAG-BERT", data=DATA)
    assert space.ablations == {
        "table 1 aligned": {"MAG-BERT": whole.ablations["table 1 aligned"]["MAG-BERT"]}
    }
    assert space.baselines == {}
    assert (space.name, space.seeds, space.experiment) == (
        whole.name,
        whole.seeds,
        whole.experiment,
    )


def test_several_rows_keep_their_order_and_their_baseline():
    space = selected("demo", "modules/SUGRM - MRM", "SUGRM")
    assert list(space.ablations["modules"]) == ["SUGRM", "SUGRM - MRM"]
    assert space.baselines == {"modules": "SUGRM"}
    plan = build_plan(space)
    assert (plan.search_trials, len(plan.cells)) == (0, 2)


def test_a_cell_that_leaves_a_component_out_is_a_row():
    space = load_space("mosi_modules")
    groups = {f"{group}/{cell}" for group, cells in space.ablations.items() for cell in cells}
    row = next(name for name in sorted(groups) if "without" in name)
    (cells,) = selected("mosi_modules", row).ablations.values()
    assert list(cells) == [row.partition("/")[2]]


def test_an_unknown_row_is_refused_with_the_nearest():
    assert refused("table 2 unalinged/SUGRM").startswith(
        "--row table 2 unalinged/SUGRM: no such row; expected one of table 2 unaligned/SUGRM, "
    )
    assert refused("zzzz", source="demo") == (
        "--row zzzz: no such row; expected one of modules/text only, modules/SUGRM, "
        "modules/SUGRM - MRM"
    )


def test_a_row_of_several_ablations_needs_its_ablation():
    assert refused("SUGRM") == (
        "--row SUGRM: several ablations have this row; expected one of table 1 aligned/SUGRM, "
        "table 2 unaligned/SUGRM"
    )


def test_a_space_without_ablations_has_no_rows():
    assert "the space has no ablations" in refused("SUGRM", source="mosi")
