"""Checkpoint -> ONNX graphs -> int8 -> parity -> bundle."""
