import subprocess
import sys

HELD = """
from docx_cli.batch.worker import resident
from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Box, Word
from docx_cli.pipeline import Extractor
from docx_cli.session import WINDOWS_KEPT

extractor = Extractor(open_bundle(resolve()), threads=1)

def encode(count):
    words = [Word("word", Box(0.1, n / count, 0.2, (n + 0.5) / count)) for n in range(count)]
    (window,), = extractor.encoding.encode(words, [])
    extractor.session.words(extractor.session.encode(window))

for _ in range(WINDOWS_KEPT - 1):
    encode(400)
held = resident()
encode(4)
print(held - resident())
"""


def test_the_memory_that_long_windows_took_is_given_back():
    run = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    assert int(run.stdout) > 30e6
