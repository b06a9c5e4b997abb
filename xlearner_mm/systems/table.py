"""The systems that are compared (paper Tables 2 to 6)."""
from typing import NamedTuple


class System(NamedTuple):
    """One way to pre-train.

    Args:
        title: For tables.
        config: Its last run; what comes before, the config says.
    """

    title: str
    config: str


_BASE = 'r18_demo-cls2-det2'  # the paper's base setting: cls and det sources
_SEG = 'r18_demo'  # with the segmentation source

#: All systems by key, baselines first.
SYSTEMS = {
    'single-source':
    System('Single source (shapes)', f'single-source_{_SEG}'),
    'simclr':
    System('SimCLR', f'simclr_{_BASE}'),
    'hard-sharing':
    System('Hard-sharing', f'hard-sharing_{_BASE}'),
    'hard-sharing-seg':
    System('Hard-sharing w/ seg', f'hard-sharing_{_SEG}'),
    'must':
    System('MuST', f'must_{_BASE}'),
    'xlearner':
    System('X-Learner', f'xlearner-squeeze_{_BASE}'),
    'xlearner_no-rec':
    System('X-Learner w/o Rec.', f'xlearner_no-rec-squeeze_{_BASE}'),
    'xlearner-seg':
    System('X-Learner w/ seg', f'xlearner-squeeze_{_SEG}'),
    'xlearner_r':
    System('X-Learner_r', f'xlearner_r-expansion_{_BASE}'),
    'xlearner_t':
    System('X-Learner_t', f'xlearner_t-squeeze_{_BASE}'),
    'xlearner_p':
    System('X-Learner_p', f'xlearner_p-prune_{_BASE}'),
    'xlearner_pp':
    System('X-Learner++', f'xlearner_pp-squeeze_{_BASE}'),
    'xlearner-r34':
    System('X-Learner, deeper (R34)', 'xlearner-squeeze_r34_demo-cls2-det2')
}
