from search.space.reading import load_space


def test_a_space_is_one_line_in_a_console():
    demo = load_space("demo")
    assert (
        repr(demo)
        == str(demo)
        == (
            "Space('demo': search of 10 trials over 5 parameters; confirm the best 1 over 6 seeds; "
            "ablation modules: 3 cells over 8 seeds; data synthetic)"
        )
    )


def test_a_space_without_a_search_shows_its_cells():
    cells = {"name": "a", "data": {"dataset": "synthetic"}, "seeds": [1]}
    space = load_space({**cells, "ablations": {"one": {"baseline": {}}}})
    assert repr(space) == "Space('a': ablation one: 1 cell over 1 seed; data synthetic)"
