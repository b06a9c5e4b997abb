"""The paper's claims about its systems, with its numbers.

Cls is AVG Cls, Det PASCAL Det and Seg PASCAL Seg; in Table 4 they are
CIFAR-100, and detection and segmentation with other settings.
"""
from .comparing import TRANSFERS
from .judging import BETTER, COMPARABLE, NOT_WORSE, Claim, Comparison


def _transfers(*pairs: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """Name Cls, Det and, where the paper has it, Seg of two systems."""
    return dict(zip(TRANSFERS, pairs))


#: In the order of the paper.
CLAIMS = (
    Claim('X-Learner transfers better than hard-sharing', 'Table 2', [
        Comparison('xlearner', BETTER, 'hard-sharing',
                   _transfers((77.1, 73.2), (84.4, 83.7), (77.1, 70.5)))
    ]),
    Claim('X-Learner transfers better than supervision from a single source',
          'Table 2', [
              Comparison('xlearner', BETTER, 'single-source',
                         _transfers((77.1, 74.4), (84.4, 81.5), (77.1, 75.7)))
          ]),
    Claim('X-Learner transfers better than SimCLR', 'Table 2', [
        Comparison('xlearner', BETTER, 'simclr',
                   _transfers((77.1, 74.6), (84.4, 82.9), (77.1, 74.1)))
    ]),
    Claim('Hints from single-source networks (X-Learner++) do no harm',
          'Table 2', [
              Comparison('xlearner_pp', NOT_WORSE, 'xlearner',
                         _transfers((77.4, 77.1), (84.8, 84.4), (77.5, 77.1)))
          ]),
    Claim('Adding a segmentation task helps segmentation', 'Table 2', [
        Comparison('xlearner-seg', BETTER, 'xlearner',
                   dict(seg_mIoU=(77.6, 77.1)))
    ]),
    # Of Table 3 the mean over the five sources of the base setting, before
    # and after three sources more; here a segmentation source is added.
    Claim('Added sources hurt hard-sharing upstream, X-Learner not',
          'Table 3, Observation 2', [
              Comparison('hard-sharing', BETTER, 'hard-sharing-seg',
                         dict(upstream=(51.2, 50.1))),
              Comparison('xlearner-seg', NOT_WORSE, 'xlearner',
                         dict(upstream=(54.5, 54.7)))
          ]),
    # Not in segmentation: 78.8 of X-Learner++ against 80.6 of MuST, whose
    # networks are ResNet-152s, one of them trained on depth.
    Claim(
        'X-Learner++ classifies and detects better than MuST (of '
        'ResNet-152)', 'Table 4', [
            Comparison('xlearner_pp', BETTER, 'must',
                       _transfers((87.0, 86.3), (87.3, 85.1)))
        ]),
    Claim(
        'A deeper network transfers better (against X-Learner++ of '
        'ResNet-50 and without segmentation)', 'Table 4', [
            Comparison('xlearner-r34', BETTER, 'xlearner',
                       _transfers((89.7, 87.0), (88.6, 87.3), (82.6, 78.8)))
        ]),
    Claim('Without reconciliation layers X-Learner transfers worse', 'Table 5',
          [
              Comparison('xlearner', BETTER, 'xlearner_no-rec',
                         _transfers((77.1, 74.8), (84.4, 83.9)))
          ]),
    Claim('Squeezing first (X-Learner_r) transfers worse',
          'Table 6, Observation 3', [
              Comparison('xlearner', BETTER, 'xlearner_r',
                         _transfers((77.1, 73.9), (84.4, 84.1)))
          ]),
    Claim('Reconciliation from deeper layers (X-Learner_t) transfers worse',
          'Table 6, Observation 4', [
              Comparison('xlearner', BETTER, 'xlearner_t',
                         _transfers((77.1, 74.5), (84.4, 83.5)))
          ]),
    Claim('Pruning (X-Learner_p) may replace distillation',
          'Table 6, Observation 5', [
              Comparison('xlearner_p', COMPARABLE, 'xlearner',
                         _transfers((77.2, 77.1), (83.1, 84.4)))
          ]),
)
