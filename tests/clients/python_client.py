"""Calls tools with the Python client.

    python_client.py CALLS legacy|modern TARGET...

CALLS is a file like `calls.json`, TARGET the URL of a server or the command that
starts one. The server has to offer the tools of CALLS, no others, and answer as it
says there.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters
from mcp_types import Implementation

REVISIONS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
# What a user of the library gets who says nothing: it asks first, and falls back.
MODES = {"legacy": "legacy", "modern": "auto"}
ITSELF = Implementation(name="python-client", version="1")


def target(words):
    """A URL is a server, anything else starts one."""
    if words[0].startswith("http"):
        return words[0]
    return StdioServerParameters(command=words[0], args=words[1:])


async def every_tool(client):
    """The names of all pages."""
    names, cursor = [], None
    while True:
        page = await client.list_tools(cursor=cursor)
        names += [tool.name for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            return names


def check(call, result):
    """Whether it is the answer, or the failure, that was expected."""
    if "failure" in call:
        text = "".join(block.text for block in result.content)
        assert result.is_error and call["failure"] in text, (call, result)
        return
    assert not result.is_error, (call, result)
    answer = {key: result.structured_content[key] for key in call["answer"]}
    assert answer == call["answer"], (call, result)


async def main(calls, era, *words):
    with open(calls, encoding="utf-8") as file:
        calls = json.load(file)
    async with Client(target(words), mode=MODES[era], client_info=ITSELF) as client:
        assert client.protocol_version == REVISIONS[era], client.protocol_version
        names = await every_tool(client)
        assert sorted(names) == sorted({call["tool"] for call in calls}), names
        for call in calls:
            check(call, await client.call_tool(call["tool"], call["arguments"]))
    print(f"{len(calls)} calls answered as expected")


asyncio.run(main(*sys.argv[1:]))
