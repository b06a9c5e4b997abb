from .bottom_up_reconciliation import BottomUpReconciliation, Edge, FeatureSpec
from .reconciliation_layer import DownBlock, ProjectBlock, ReconciliationLayer

__all__ = [
    'BottomUpReconciliation', 'DownBlock', 'Edge', 'FeatureSpec',
    'ProjectBlock', 'ReconciliationLayer'
]
