import random
from types import SimpleNamespace

import pytest
from ray.tune.schedulers import AsyncHyperBandScheduler, TrialScheduler

from search.stopping.halving import Halving


@pytest.mark.filterwarnings("ignore:All-NaN slice")  # Ray's own, at a rung of NaN alone
@pytest.mark.parametrize(("first", "reduction", "max_epochs"), [(1, 2, 9), (2, 3, 50), (3, 4, 5)])
@pytest.mark.parametrize("seed", range(5))
def test_it_decides_as_rays_asynchronous_halving(first, reduction, max_epochs, seed):
    """Trials side by side, scores with ties and NaN; a stopped trial reports no more."""
    generator = random.Random(seed)
    rays = AsyncHyperBandScheduler(
        time_attr="epoch",
        metric="score",
        mode="max",
        max_t=max_epochs,
        grace_period=first,
        reduction_factor=reduction,
        stop_last_trials=False,
    )
    ours = Halving(first, reduction, max_epochs=max_epochs)
    trials = [SimpleNamespace(trial_id=str(number)) for number in range(40)]
    for trial in trials:
        rays.on_trial_add(None, trial)
    epochs = dict.fromkeys(range(40), 0)
    stopped = 0
    while epochs:
        number = generator.choice(list(epochs))
        epochs[number] += 1
        drawn = round(generator.random(), 1) if generator.random() < 0.5 else generator.random()
        score = float("nan") if generator.random() < 0.05 else drawn
        result = {"epoch": epochs[number], "score": score}
        expected = rays.on_trial_result(None, trials[number], result) == TrialScheduler.STOP
        assert ours.record_and_decide(str(number), epochs[number], score=score) == expected
        stopped += expected
        if expected or epochs[number] == max_epochs:
            del epochs[number]
    assert stopped
