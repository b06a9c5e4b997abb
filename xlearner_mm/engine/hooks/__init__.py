from .sync_buffers_hook import SyncBuffersIterHook

__all__ = ['SyncBuffersIterHook']
