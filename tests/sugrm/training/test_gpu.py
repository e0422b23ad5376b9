import numpy as np
import pytest
import torch

from sugrm.training.run import TrainingRun
from sugrm.types import Split

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize("encoder", ["spt", "transformer", "lstm"])
def test_a_step_on_a_gpu_never_waits_for_it(corpus, experiment, encoder):
    options = {"model": {"encoder": {"name": encoder}}, "training": {"device": "cuda"}}
    run = TrainingRun(experiment(options, {"training": {"gradient_clip": 1.0}}), corpus, seed=1)
    run.run_epoch()
    run.model.train()
    torch.cuda.set_sync_debug_mode("error")
    try:
        batch = run._feeds[Split.TRAIN].batch(range(16)).to("cuda")
        run._optimiser.zero_grad(set_to_none=True)
        run.train_batch(batch, epoch=3)
        run._step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_gpu_trains_in_bfloat16(corpus, experiment):
    run = TrainingRun(experiment({"training": {"device": "cuda"}}), corpus, seed=1)
    assert np.isfinite(run.run_epoch().train_loss)
