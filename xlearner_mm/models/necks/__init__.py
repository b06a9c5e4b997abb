from .bottom_up_reconciliation import BottomUpReconciliation
from .gamma_blocks import DownBlock, ProjectBlock, UpBlock
from .reconciliation import Edge, FeatureSpec, Reconciliation
from .reconciliation_layer import ReconciliationLayer, UpReconciliationLayer
from .top_down_reconciliation import TopDownReconciliation

__all__ = [
    'BottomUpReconciliation', 'DownBlock', 'Edge', 'FeatureSpec',
    'ProjectBlock', 'Reconciliation', 'ReconciliationLayer',
    'TopDownReconciliation', 'UpBlock', 'UpReconciliationLayer'
]
