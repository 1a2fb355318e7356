"""OCR is done once for a page, whatever asks; a cache that is broken costs nothing but itself."""

import json
import multiprocessing
import os

import pytest
from cli_support import fake_program, records

from docx_cli import ocr_cache
from docx_cli.errors import FileAccessError
from docx_cli.tesseract import OcrWord

WORDS = [OcrWord("Total", 0.1, 1 / 3, 0.25, 0.5, 0.93), OcrWord("é\ud800", 0, 0, 1, 1, 0.0)]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "page.pgm"
    path.write_bytes(b"P5 1 1 255 x")
    return path


def reader(log):
    def read():
        log.append(1)
        return WORDS

    return read


def test_a_page_is_read_once_by_its_pixels_and_settings(picture, tmp_path):
    log, other = [], tmp_path / "other.pgm"
    other.write_bytes(picture.read_bytes())
    with ocr_cache.using(str(tmp_path / "sub" / "cache")):
        for path in (picture, picture, other):
            assert ocr_cache.remembered(path, ("5.3", "eng"), reader(log)) == WORDS
        assert len(log) == 1
        ocr_cache.remembered(picture, ("5.4", "eng"), reader(log))
        other.write_bytes(b"P5 1 1 255 y")
        ocr_cache.remembered(other, ("5.3", "eng"), reader(log))
        assert len(log) == 3
    ocr_cache.remembered(picture, ("5.3", "eng"), reader(log))
    assert len(log) == 4
    assert ocr_cache.info(tmp_path / "sub" / "cache").pages == 3


def test_of_several_pages_those_not_known_are_read_together(picture, tmp_path):
    new, same, last = (tmp_path / f"{name}.pgm" for name in ("new", "same", "last"))
    for path, pixel in ((new, b"a"), (same, b"a"), (last, b"b")):
        path.write_bytes(b"P5 1 1 255 " + pixel)
    asked = []

    def read(some):
        asked.append(list(some))
        return [[OcrWord(path.stem, 0, 0, 1, 1, 0.5)] for path in some]

    with ocr_cache.using(str(tmp_path / "cache")):
        ocr_cache.remembered(picture, (), lambda: WORDS)
        found = ocr_cache.all_remembered([new, picture, same, last], (), read)
        again = ocr_cache.all_remembered([last, new], (), read)
    assert [words[0].text for words in found] == ["same", "Total", "same", "last"]
    assert [words[0].text for words in again] == ["last", "same"]
    assert asked == [[same, last]]


def test_what_was_not_used_for_longest_is_dropped(picture, tmp_path, monkeypatch):
    path = tmp_path / "cache"
    clock = iter(range(10_000))
    monkeypatch.setattr(ocr_cache.time, "time", lambda: next(clock))
    monkeypatch.setattr(ocr_cache, "_WRITES_BETWEEN_LOOKS", 1)
    with ocr_cache.using(str(path)):
        ocr_cache.remembered(picture, (0,), lambda: WORDS)
        each = ocr_cache.info(path).bytes
        monkeypatch.setattr(ocr_cache, "MOST_BYTES", 10 * each)
        for n in range(1, 30):
            ocr_cache.remembered(picture, (n,), lambda: WORDS)
        log = []
        for n in (29, 28, 1):
            ocr_cache.remembered(picture, (n,), reader(log))
    assert len(log) == 1
    assert each < ocr_cache.info(path).bytes <= 10 * each


def hammer(path, picture, worker):
    ocr_cache.log.warning = pytest.fail  # told of a cache that is given up
    with ocr_cache.using(str(path)):
        for n in range(40):
            assert ocr_cache.remembered(picture, (n,), lambda: WORDS) == WORDS
            ocr_cache.remembered(picture, (worker, n), lambda: WORDS)


def test_several_processes_share_it(picture, tmp_path):
    context = multiprocessing.get_context("spawn")
    arguments = [(tmp_path / "cache", picture, worker) for worker in range(3)]
    workers = [context.Process(target=hammer, args=each) for each in arguments]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert ocr_cache.info(tmp_path / "cache").pages == 40 + 3 * 40


def test_a_broken_cache_is_passed_over(picture, tmp_path, caplog):
    log, path = [], tmp_path / "cache"
    path.write_bytes(b"this is no database" * 100)
    with ocr_cache.using(str(path)):
        for _ in range(2):
            assert ocr_cache.remembered(picture, (), reader(log)) == WORDS
    assert len(log) == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    with pytest.raises(FileAccessError, match="not a database"):
        ocr_cache.info(path)


def test_a_second_question_runs_no_tesseract(docx_here, documents, tmp_path, monkeypatch):
    scan = documents / "scan.png"
    [first] = records(docx_here("ocr", scan, "--cache"))
    monkeypatch.setenv("PATH", fake_program(tmp_path, "tesseract", "exit 9"))
    [second] = records(docx_here("ocr", scan, "--cache"))
    assert second["pages"] == first["pages"] and first["pages"][0]["words"]
    assert docx_here("ocr", scan).returncode == 7
    told = json.loads(docx_here("cache", "info", "--format", "json").stdout)
    assert told["pages"] >= 1 and told["path"].startswith(os.environ["XDG_CACHE_HOME"])
    assert docx_here("cache", "clear").returncode == 0
    assert json.loads(docx_here("cache", "info").stdout)["pages"] == 0
