import pytest

from search.space.texts import override, texts_in_use

NAMES = "search.parameters.model.text.name={choice: [tiny, minilm]}"


def texts(space):
    return [(use.place, use.config.model.text.name, use.config.model.text.max_tokens) for use in
            texts_in_use(space)]  # fmt: skip


def test_cells_and_searched_values_name_their_encoders(mini):
    space = mini(
        "confirm=",
        "ablations={g: {a: {}, b: {model.text.name: minilm}}}",
        "search.parameters={model.text.max_tokens: {low: 20, high: 30}}",
        "search.start=[{model.text.max_tokens: 25}]",
    )
    assert texts(space) == [
        ("ablations.g.a", "tiny", 50),
        ("ablations.g.b", "minilm", 50),
        ("search.parameters", "tiny", 25),
        ("search.parameters", "tiny", 30),
        ("search.parameters", "tiny", 20),
    ]


def test_every_combination_that_the_conditions_allow_is_listed(mini):
    when = "when: {model.text.name: [minilm]}"
    space = mini(
        "ablations=",
        NAMES,
        f"search.parameters.model.text.max_tokens={{choice: [10, 20], {when}}}",
    )
    found = {(name, tokens) for _, name, tokens in texts(space)}
    assert found == {("tiny", 50), ("minilm", 10), ("minilm", 20)}


def test_a_whole_section_may_be_searched(mini):
    sections = "{choice: [{name: tiny, max_tokens: 50}, {name: minilm, max_tokens: 9}]}"
    space = mini("ablations=", f"search.parameters.model.text={sections}", "search.start=[]")
    assert {use[1:] for use in texts(space)} == {("tiny", 50), ("minilm", 9)}


def test_values_that_do_not_go_together_are_left_out(mini):
    when = "when: {model.text.finetune: [true]}"
    space = mini(
        "ablations=",
        "search.parameters.model.text.finetune={choice: [true, false]}",
        f"search.parameters.model.text.lora={{choice: [null, {{}}], {when}}}",
    )
    found = [use.config.model.text for use in texts_in_use(space)]
    kinds = {(text.finetune, text.lora is not None) for text in found}
    assert kinds == {(True, False), (True, True), (False, False)}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["experiment.model.text.max_tokens=99"], "experiment.model.text.max_tokens=9"),
        (
            ["search=", "confirm=", "ablations={g: {a b: {model.text.max_tokens: 99}}}"],
            "'ablations.g.a b.model.text.max_tokens=9'",
        ),
        (
            ["search=", "confirm=", "ablations={g: {a: {model.text: {max_tokens: 99}}}}"],
            "ablations.g.a.model.text.max_tokens=9",
        ),
        (
            ["search=", "confirm=", "ablations={g: {a: {model.text.name: minilm}}}"],
            "ablations.g.a.model.text.max_tokens=9",
        ),
        (
            ["search.parameters.model.text.max_tokens={low: 5, high: 99}"],
            "search.parameters.model.text.max_tokens.high=9",
        ),
        (
            ["search.parameters.model.text.max_tokens={choice: [99, 50, 7, 8]}"],
            "'search.parameters.model.text.max_tokens.choice=[7,8]'",
        ),
        (
            ["search.parameters.model.text.max_tokens={choice: [99, 50]}"],
            "'search.parameters.model.text.max_tokens.choice=[9]'",
        ),
    ],
)
def test_an_override_names_the_place_that_set_the_value(mini, overrides, expected):
    space = mini("ablations=", *overrides) if "search=" not in overrides else mini(*overrides)
    use = max(texts_in_use(space), key=lambda use: use.config.model.text.max_tokens)
    found = override(space, use, option="model.text.max_tokens", value="9")
    assert found == f"--set {expected}"


def test_an_encoder_that_is_one_of_several_choices_is_taken_out(mini):
    space = mini("ablations=", NAMES)
    use = next(use for use in texts_in_use(space) if use.config.model.text.name == "minilm")
    found = override(space, use, option="model.text.name", value="other")
    assert found == "--set 'search.parameters.model.text.name.choice=[tiny]'"
