"""The command line: parse, call the pipeline, print.

One file a group of commands. Nothing here imports numpy, Pillow, onnxruntime
or a page reader before a command runs, so that ``docx --help`` is quick.
"""
