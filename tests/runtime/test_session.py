import subprocess
import sys

from docx_cli.document import Box, Page, Word
from docx_cli.page_content import PageContent
from docx_cli.pipeline import Extractor
from docx_cli.session import Session

ENTRY = "session.intra_op.allow_spinning"
HELD = """
from docx_cli.batch.worker import resident
from docx_cli.bundle import open_bundle, resolve
from docx_cli.document import Box, Page, Word
from docx_cli.page_content import PageContent
from docx_cli.memory import make_room
from docx_cli.pipeline import Extractor

extractor = Extractor(open_bundle(resolve()), threads=1)

def encode(count):
    words = [Word("word", Box(0.1, n / count, 0.2, (n + 0.5) / count)) for n in range(count)]
    (window,), = extractor.encoding.encode(words, [])
    extractor.session.words(extractor.session.encode(window))

before = resident()
encode(400)
held = resident()
for count in range(395, 200, -15):
    encode(count)
again = resident()
make_room()
print(held - before, again - before, resident() - before)
"""


def test_shorter_windows_take_the_memory_of_longer_ones_and_all_can_be_given_back():
    run = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    held, again, left = (int(size) / 1e6 for size in run.stdout.split())
    assert held > 60
    assert again < held + 10
    assert left < held - 30


def test_beside_ocr_its_threads_sleep_from_the_second_scan_on(extractor):
    [[window]] = extractor.encoding.encode([Word("Total", Box(0.1, 0.1, 0.2, 0.12))], [])
    session = Session(extractor.bundle, threads=2)
    told = {}
    for scans in (0, 1, 2, 3, 0):
        session.beside_ocr(scans)
        tags, _ = session.words(session.encode(window))
        told.setdefault(scans, (session._encoder, tags))
    encoders = {scans: encoder for scans, (encoder, _) in told.items()}
    assert encoders[0] is encoders[1] and encoders[2] is encoders[3]
    assert [spins(encoders[scans]) for scans in (1, 2)] == [True, False]
    assert spins(session._encoder)
    assert all((tags == told[0][1]).all() for _, tags in told.values())


def spins(graph):
    try:
        return graph.get_session_options().get_session_config_entry(ENTRY) == "1"
    except RuntimeError:  # it was not set
        return True


def test_a_document_of_text_behind_one_of_scans_has_the_cores_again(extractor):
    both = Extractor(extractor.bundle, threads=2)
    scans, text = (
        [PageContent(Page(number, 1.0, 1.0, text_source=source), None, {}) for number in (1, 2)]
        for source in ("ocr", "pdf")
    )
    assert list(both.making_way(scans)) == scans
    assert not spins(both.session._encoder)
    assert list(both.making_way(text)) == text
    assert spins(both.session._encoder)
