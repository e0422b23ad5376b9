import numpy as np
import pytest
import torch

from sugrm.training.run import TrainingRun
from sugrm.types import Split

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize("precision", ["auto", "float16"])
@pytest.mark.parametrize("encoder", ["spt", "transformer", "lstm"])
def test_a_step_on_a_gpu_never_waits_for_it(corpus, experiment, encoder, precision):
    training = {"device": "cuda", "precision": precision}
    options = {"model": {"encoder": {"name": encoder}}, "training": training}
    run = TrainingRun(experiment(options, {"training": {"gradient_clip": 1.0}}), corpus, seed=1)
    run.run_epoch()
    run.model.train()
    torch.cuda.set_sync_debug_mode("error")
    try:
        batch = run.data.feeds[Split.TRAIN].batch(range(16)).to("cuda")
        run.trainer.clear_gradients()
        run.trainer.train_batch(batch, epoch=3)
        run.trainer.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16", "float16"])
def test_a_gpu_trains_in_every_precision(corpus, experiment, precision):
    config = experiment({"training": {"device": "cuda", "precision": precision}})
    assert np.isfinite(TrainingRun(config, corpus, seed=1).run_epoch().train_loss)
