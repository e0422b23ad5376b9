from typing import ClassVar, Literal

from sugrm.config import ExperimentConfig, ModelSection
from sugrm.config.identity import identifying_json, identifying_options
from sugrm.config.sections.section import Section


class Inner(Section):
    ADDED: ClassVar[tuple[str, ...]] = ("late",)

    early: int = 1
    late: int | None = None


class Outer(ModelSection):
    ADDED: ClassVar[tuple[str, ...]] = ("newer",)

    name: Literal["outer"] = "outer"
    inner: Inner = Inner()
    newer: tuple[int, ...] = (1, 2)


def test_an_added_option_with_its_default_is_left_out_at_any_depth():
    model = identifying_options(Outer())
    assert "newer" not in model
    assert model["inner"] == {"early": 1}


def test_an_added_option_with_another_value_is_kept():
    given = Outer(inner=Inner(late=3), newer=(2,))
    model = identifying_options(given)
    assert model["newer"] == [2]
    assert model["inner"] == {"early": 1, "late": 3}


def test_without_added_options_the_text_is_that_of_the_whole_experiment():
    plain = ExperimentConfig()
    assert identifying_options(plain).keys() == plain.model_dump().keys() - {"start_from"}
    assert identifying_json(plain).startswith('{"alignment":"unaligned","model":{')
