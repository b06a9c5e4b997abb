from .sync_buffers_hook import SyncBuffersIterHook
from .unfused_drift_hook import UnfusedDriftHook

__all__ = ['SyncBuffersIterHook', 'UnfusedDriftHook']
