"""Whether every call of every client is on record.

    on_record.py LOG CALLS CLIENT...

LOG is what `mpp audit show --all --json` prints. Each client has made each call of
CALLS four times: in two eras, over two transports.
"""

import json
import sys
from collections import Counter

TIMES = 4


def main(log, calls, *clients):
    with open(log, encoding="utf-8") as file:
        shown = [item["call"] for item in json.load(file)["items"] if "call" in item]
    with open(calls, encoding="utf-8") as file:
        tools = Counter(call["tool"] for call in json.load(file))
    found = Counter((call["caller"]["client"].split()[0], call["tool"]) for call in shown)
    expected = {(client, tool): TIMES * times for client in clients for tool, times in tools.items()}
    assert found == expected, f"on record are {found}, expected {expected}"
    assert all(call["end"] is not None for call in shown)
    print(f"{len(shown)} calls on record, of {', '.join(clients)}")


main(*sys.argv[1:])
