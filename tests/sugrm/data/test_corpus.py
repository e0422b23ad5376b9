import numpy as np
import pytest

from sugrm.data import Utterances
from sugrm.data.cache.content import SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.types import Modality


def ragged(*lengths, width=2):
    return Ragged.pack([np.zeros((length, width), np.float32) for length in lengths], width)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, [True, True]),
        ({"token_ids": ragged(0, 3, width=1)}, [False, True]),
        ({"text": ragged(4, 0)}, [True, False]),
    ],
)
def test_a_stream_is_present_where_it_has_a_step(given, text):
    """Words alone always make tokens; stored ids and given features may be empty."""
    streams = {Modality.AUDIO: ragged(3, 0), Modality.VISION: ragged(0, 1)}
    if "text" in given:
        streams[Modality.TEXT] = given["text"]
    utterances = Utterances(
        SplitContent(
            ids=["a", "b"],
            raw_text=["good", "bad"],
            labels=np.float32([1, -1]),
            streams=streams,
            token_ids=given.get("token_ids"),
        )
    )
    assert utterances.present(Modality.TEXT).tolist() == text
    assert utterances.present(Modality.AUDIO).tolist() == [True, False]
    assert utterances.present(Modality.VISION).tolist() == [False, True]
