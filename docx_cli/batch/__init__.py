"""Many documents: a pool of workers, one record for each input, whatever happens.

unit.py      one input -> one record: what workers do, here and on a cluster
worker.py    the process that does it, one document after another
pool.py      starts workers, hands out work, kills what is stuck, replaces what died
ledger.py    records.jsonl: what is done, and so what is left to do
runner.py    inputs through a pool into the ledger
mirror.py    a file for each document, in a tree like that of the inputs
flat.py      rows of a whole run, made from its records
cluster.py   the same work on a Ray cluster
progress.py  lines, a bar or JSON on stderr
"""
