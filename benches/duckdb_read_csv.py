"""DuckDB's typed parse of the file that `cargo bench --bench reading` reads: columns and types given, no other check.

    pip install duckdb
    python3 benches/duckdb_read_csv.py target/tmp/reading-20000/utf-8/vat_returns.csv

Prints the best and the median of five, in rows and megabytes per second, as the bench does.
"""

import os
import statistics
import sys
import time

import duckdb

TYPES = {
    "统一社会信用代码": "VARCHAR",
    "所属期起": "DATE",
    "所属期止": "DATE",
    "申报版次": "BIGINT",
    "纳税人类型": "VARCHAR",
    "销售额": "DECIMAL(15, 2)",
    "专用发票销售额": "DECIMAL(15, 2)",
    "征收率": "DECIMAL(18, 8)",
    "应纳税额": "DECIMAL(15, 2)",
    "实缴税额": "DECIMAL(15, 2)",
}


def main(path):
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items()) + "}"
    read = f"SELECT * FROM read_csv('{path}', header = true, delim = ',', quote = '\"', columns = {columns})"
    seconds = []
    for _ in range(5):
        database = duckdb.connect()
        started = time.perf_counter()
        database.execute(f"CREATE TABLE rows AS {read}")
        seconds.append(time.perf_counter() - started)
        rows = database.execute("SELECT count(*) FROM rows").fetchone()[0]
    size = os.path.getsize(path)
    for name, took in [("fastest", min(seconds)), ("median", statistics.median(seconds))]:
        print(f"{name}: {took * 1000:.1f} ms, {rows / took / 1e6:.2f} M rows/s, {size / took / 1e6:.1f} MB/s ({rows} rows, {size} bytes)")


if __name__ == "__main__":
    main(sys.argv[1])
