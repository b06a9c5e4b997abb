"""Randomness is a function of names and numbers."""
import torch

from xlearner_mm.randomness import seed_model, stable_hash


def test_seed_model_is_torchs_manual_seed():
    seed_model(0, 1, 'flowers')
    drawn = torch.rand(3)
    torch.manual_seed(stable_hash('model', 0, 1, 'flowers') % 2**63)
    assert torch.equal(drawn, torch.rand(3))
