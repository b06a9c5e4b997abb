from .compile_hook import CompileHook
from .durable_checkpoint_hook import DurableCheckpointHook
from .gradient_conflict_hook import GradientConflictHook
from .loss_curves_hook import LossCurvesHook
from .pretrained_check_hook import PretrainedCheckHook
from .reconciliation_norm_hook import ReconciliationNormHook
from .short_history_hook import ShortHistoryHook
from .sync_buffers_hook import SyncBuffersIterHook
from .unfused_drift_hook import UnfusedDriftHook

__all__ = [
    'CompileHook', 'DurableCheckpointHook', 'GradientConflictHook',
    'LossCurvesHook', 'PretrainedCheckHook', 'ReconciliationNormHook',
    'ShortHistoryHook', 'SyncBuffersIterHook', 'UnfusedDriftHook'
]
