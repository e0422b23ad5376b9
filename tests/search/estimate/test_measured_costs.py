from dataclasses import replace

from search.estimate.groups import CostGroup
from search.estimate.measured_costs import most_similar_cost
from search.estimate.trial_costs import Cost, CostKey
from sugrm import resolve


def cost(epoch_seconds):
    return Cost(epoch_seconds=epoch_seconds, trial_seconds=5.0, checkpoint_bytes=0, source="here")


def test_the_nearest_has_the_most_in_common():
    group = CostGroup.of(resolve({"preset": ["mosi", "paper"]}).model_dump(mode="json"))
    wanted, near, far = (
        CostKey(replace(group, encoder=encoder, batch_size=size), "d")
        for encoder, size in (("spt", 64), ("spt", 32), ("lstm", 32))
    )
    known = {far: cost(1.0), near: cost(7.0)}
    assert most_similar_cost(wanted, known).epoch_seconds == 7.0
    assert most_similar_cost(replace(wanted, data_fingerprint="other"), known) is None


def test_trials_with_adapters_are_a_group_of_their_own():
    plain, adapted = (
        CostGroup.of(resolve({"preset": "mosi"}, {"model": {"text": text}}).model_dump(mode="json"))
        for text in ({}, {"lora": {"rank": 4}})
    )
    assert plain.kind != adapted.kind
    assert "bert-base-uncased LoRA, " in adapted.title
