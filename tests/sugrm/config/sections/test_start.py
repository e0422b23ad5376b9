import pytest
from pydantic import ValidationError

from sugrm.config import ExperimentConfig
from sugrm.config.identity import identifying_json, pinned


def start(parts):
    return ExperimentConfig.model_validate({"start_from": {"model": "run", "parts": parts}})


def test_a_name_is_short_for_the_model():
    assert ExperimentConfig.model_validate({"start_from": "run"}).start_from.model == "run"


def test_the_order_of_parts_makes_no_other_experiment():
    one, other = start(["others", "text"]), start(["text", "others"])
    assert identifying_json(pinned(one, "d")) == identifying_json(pinned(other, "d"))
    assert one.start_from.parts == ("text", "others")


WRONG = {
    "unknown": (["audio", "txt"], r"start_from\.parts\.1\n"),
    "none": ([], "parts names none; expected at least one of text, audio, vision, encoder, others"),
    "twice": (["text", "text"], "parts names one twice; got text, text"),
}


@pytest.mark.parametrize(("parts", "message"), WRONG.values(), ids=WRONG)
def test_wrong_parts_are_one_error(parts, message):
    with pytest.raises(ValidationError, match=message) as caught:
        start(parts)
    assert caught.value.error_count() == 1
