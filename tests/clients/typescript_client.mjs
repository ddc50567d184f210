// Calls tools with the TypeScript client.
//
//     typescript_client.mjs CALLS legacy|modern TARGET...
//
// CALLS is a file like `calls.json`, TARGET the URL of a server or the command that
// starts one. The server has to offer the tools of CALLS, no others, and answer as it
// says there.

import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { checkResult, checkTools, read } from "./expected.mjs";

const REVISIONS = { legacy: "2025-11-25", modern: "2026-07-28" };
// The library speaks the old era unless it is asked to find out.
const MODES = { legacy: "legacy", modern: "auto" };

// A URL is a server, anything else starts one.
function transport([command, ...args]) {
  return command.startsWith("http")
    ? new StreamableHTTPClientTransport(new URL(command))
    : new StdioClientTransport({ command, args });
}

const [file, era, ...target] = process.argv.slice(2);
const calls = read(file);
const client = new Client(
  { name: "typescript-client", version: "1" },
  { versionNegotiation: { mode: MODES[era] } },
);
await client.connect(transport(target));
assert.equal(client.getNegotiatedProtocolVersion(), REVISIONS[era]);

const names = [];
let cursor;
do {
  const page = await client.listTools({ cursor });
  names.push(...page.tools.map((tool) => tool.name));
  cursor = page.nextCursor;
} while (cursor !== undefined);
checkTools(calls, names);

for (const call of calls) {
  checkResult(call, await client.callTool({ name: call.tool, arguments: call.arguments }));
}
await client.close();
console.log(`${calls.length} calls answered as expected`);
