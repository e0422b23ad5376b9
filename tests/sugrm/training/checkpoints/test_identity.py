from sugrm import NUMERICS
from sugrm.config import resolve
from sugrm.training.checkpoints.identity import difference, identity_of

OWN = identity_of(resolve({}), 3, data="aa", texts=None)


def test_a_difference_names_what_differs_in_a_few_words():
    other = resolve({"training": {"batch_size": 8}, "model": {"width": 16}})
    assert difference(identity_of(other, 4, data="bb", texts="k"), OWN) == (
        "seed 4, not 3; data bb, not aa; texts k, not None; model.width 16, not 32; "
        "training.batch_size 8, not 32"
    )


def test_many_options_are_counted():
    other = resolve({"preset": ["mosei", "released"]})
    found = difference(identity_of(other, 3, data="aa", texts=None), OWN)
    assert found.endswith("more options")
    assert len(found) < 300


def test_other_numerics_are_named():
    older = OWN.replace(f" numerics {NUMERICS}", " numerics 0")
    assert difference(older, OWN) == f"numerics 0, not {NUMERICS}"


def test_what_is_no_identity_is_said_to_be_none():
    assert difference("", OWN) == "it names no options and no seed"
