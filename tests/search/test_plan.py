from search.plan import build_plan


def test_a_plan_counts_search_confirmation_and_cells(mini):
    """4 suggestions + 1 configuration x 2 seeds + 2 cells x 2 seeds, 2 epochs each."""
    plan = build_plan(mini())
    assert (plan.search_trials, plan.confirm_runs, plan.ablation_runs) == (4, 2, 4)
    assert (plan.total, plan.epochs) == (10, 20)


def test_ablations_are_enumerated_with_seeds_innermost(mini):
    roles = list(build_plan(mini()).ablations())
    assert [(role.cell, role.seed) for role in roles] == [
        ("baseline", 1),
        ("baseline", 2),
        ("remove MRM", 1),
        ("remove MRM", 2),
    ]


def test_no_more_configurations_are_confirmed_than_searched(mini):
    assert build_plan(mini("search.trials=1", "confirm.top=3")).confirm_runs == 2


def test_a_cell_without_data_is_planned_as_not_run(mini, tmp_path):
    unaligned = tmp_path / "unaligned.pkl"
    unaligned.touch()
    space = mini(
        f"data={{dataset: mosi, unaligned: {unaligned}}}",
        "ablations={modules: {baseline: {}, aligned: {alignment: aligned}}}",
    )
    plan = build_plan(space)
    assert [cell.name for cell in plan.missing] == ["aligned"]
    assert plan.ablation_runs == 2
    assert plan.alignments == ("unaligned",)


def test_a_searched_number_of_epochs_counts_with_its_largest_value(mini):
    space = mini("search.parameters.training.max_epochs={choice: [2, 5]}")
    assert build_plan(space).search_epochs == 5


def test_without_a_search_nothing_is_confirmed(mini):
    plan = build_plan(mini("search=", "confirm="))
    assert (plan.search_trials, plan.confirm_runs, plan.ablation_runs) == (0, 0, 4)


FEW = "search.parameters={objective.loss: {choice: [l1, l2]}}"


def test_a_search_has_no_more_trials_than_its_space_has_configurations(mini):
    """2 of 4 trials, the one confirmed over 2 seeds, 4 cells."""
    plan = build_plan(mini(FEW))
    assert (plan.configurations, plan.search_trials, plan.total) == (2, 2, 8)
    assert build_plan(mini()).configurations is None


def test_no_more_configurations_are_confirmed_than_the_space_has(mini):
    assert build_plan(mini(FEW, "confirm.top=3")).confirm_runs == 4
