"""Regulars 回头客: customer loyalty and retention."""
