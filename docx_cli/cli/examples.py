"""Examples of how each command is called, which its help ends with."""

from __future__ import annotations

EXAMPLES = {
    "ask": """
\b
Examples:
  docx ask invoice.pdf -q "What is the total?"
  docx ask *.pdf -q total="What is the total?" -q date="When was it issued?"
  cat scan.png | docx ask - -q "Who signed?" --format json | jq -r '.answers[0].text'
  docx ask *.pdf -q total="What is the total?" -o totals.csv
  docx ask long.pdf --pages 1-3,-1 -q "What is the term?" -o answers.jsonl
""",
    "kv": """
\b
Examples:
  docx kv form.pdf
  docx kv form.pdf --flat | jq -r '."Invoice number"'
  docx kv forms/*.pdf -o forms.xlsx
  docx kv form.pdf | jq '.key_values[] | select(.source == "form") | .field'
""",
    "tables": """
\b
Examples:
  docx tables report.pdf --pages 4
  docx tables *.pdf -o tables.xlsx
  docx tables *.pdf -o tables/ --format csv
""",
    "extract": """
\b
Examples:
  docx extract --schema invoice invoice.pdf
  docx extract --schema invoice *.pdf -o invoices.xlsx
  docx extract --schema "number!, issued: date, total: money!" *.pdf --format csv
  docx extract --schema order.yaml order.pdf | jq '.extraction.data'
  docx schema invoice > my-invoice.json
""",
    "completion": """
\b
Examples:
  eval "$(docx completion bash)"                                   # in ~/.bashrc
  eval "$(docx completion zsh)"                    # in ~/.zshrc, behind compinit
  docx completion fish > ~/.config/fish/completions/docx.fish
""",
    "ocr": """
\b
Examples:
  docx ocr scan.jpg --lang deu
  docx ocr letter.pdf --ocr always --format jsonl | jq '.pages[].words | length'
""",
    "batch": """
\b
Examples:
  docx batch invoices -o results -q total="What is the total?" --kv
  docx batch archive --recursive -o results --kv --tables --per-document
  docx batch invoices -o results -q total="What is the total?" --retry-failed
  jq -r 'select(.error) | [.source, .error.message] | @tsv' results/records.jsonl
""",
    "show": """
\b
Examples:
  docx show invoice.pdf --page 1 -o page.png -q total="What is the total?"
  docx show report.pdf -o review.html -q total="What is the total?"
""",
    "doctor": """
\b
Examples:
  docx doctor
  docx doctor --lang eng+deu --format json | jq .ready
""",
    "schema": """
\b
Examples:
  docx schema --list
  docx schema invoice > my-invoice.json
  docx schema "number!, issued: date, total: money!"
  docx schema > record.json
""",
    "model list": """
\b
Examples:
  docx model list
  docx model list | jq -r .name
""",
    "model info": """
\b
Examples:
  docx model info
  docx model info ./my-model --format json | jq .version
""",
    "model verify": """
\b
Examples:
  docx model verify
  docx model verify ./my-model && docx model add ./my-model
""",
    "model add": """
\b
Examples:
  docx model add ./my-model
  docx model add ./my-model --name receipts    # then: docx ask ... --model receipts
""",
    "cache info": """
\b
Examples:
  docx cache info
  docx cache info --format json | jq .bytes
""",
    "cache clear": """
\b
Example:
  docx cache clear
""",
    "config show": """
\b
Examples:
  docx config show
  DOCX_LANG=deu docx config show | jq 'select(.key == "lang")'
  docx config show | jq -r 'select(.origin != "default") | .key'
""",
}
