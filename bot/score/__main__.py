"""`python -m bot.score --model PATH --data DIR`: the figures of a model, as one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from bot import quiet
from bot.train import ROOT, data_fingerprint, fingerprint


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.score", description="给模型计分")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--text", action="store_true")
    asked = parser.parse_args()
    model, folder = asked.model.resolve(), asked.data.resolve()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    quiet.prepare()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints goes to stderr, not into the answer

    import numpy as np

    from bot.score import files, measures, reading

    try:
        data = files.read(folder)
    except files.Faulty as faults:
        raise SystemExit(str(faults)) from None
    rows = [*data.matter, *data.intake]
    readings = asyncio.run(reading.read([row.text for row in rows], model))
    p50, p99 = np.percentile([one.ms for one in readings.values()], [50, 99])
    same = model.name == f"{fingerprint()}.tar.gz"
    answer = {
        "model": {
            "file": model.name,
            "bytes": model.stat().st_size,
            "data": data_fingerprint() if same else None,
        },
        "left_out": data.left_out,
        "messages": len(readings),
        "ms_p50": p50,
        "ms_p99": p99,
        "matter": measures.matter(data.matter, readings) if data.matter else None,
        "intake": measures.intake(data.intake, readings) if data.intake else None,
        "rows": measures.worst_rows(data.matter, data.intake, readings, asked.rows, asked.text),
    }
    with out:
        json.dump(answer, out, ensure_ascii=False)


if __name__ == "__main__":
    main()
