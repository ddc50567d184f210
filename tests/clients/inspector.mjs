// Calls tools with the command line of the MCP Inspector.
//
//     inspector.mjs CALLS legacy|modern TARGET...
//
// CALLS is a file like `calls.json`, TARGET the URL of a server or the command that
// starts one. The server has to offer the tools of CALLS, no others, and answer as it
// says there; and the Inspector must find nothing in their schemas that was not meant.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { checkResult, checkTools, read } from "./expected.mjs";

// What it exits with where the result of a tool says `isError`.
const TOOL_ERROR = 5;

// What it warns of, and what is meant: a field that takes any JSON there is.
const MEANT = ["untyped-schema"];

const program = fileURLToPath(
  new URL("clients/launcher/build/index.js", import.meta.resolve("@modelcontextprotocol/inspector/package.json")),
);
const [file, era, ...target] = process.argv.slice(2);
const calls = read(file);

function inspector(status, ...options) {
  const args = [program, "--cli", ...target, "--protocol-era", era, "--format", "json", ...options];
  const ran = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(ran.status, status, ran.stderr);
  return JSON.parse(ran.stdout);
}

const listed = inspector(0, "--method", "tools/list", "--strict");
checkTools(calls, listed.result.tools.map((tool) => tool.name));
const findings = (listed.schemaFindings ?? []).flatMap((tool) => tool.findings);
assert.deepEqual(findings.filter((finding) => !MEANT.includes(finding.rule)), []);

for (const call of calls) {
  const given = ["--tool-name", call.tool, "--tool-args-json", JSON.stringify(call.arguments)];
  const status = "failure" in call ? TOOL_ERROR : 0;
  checkResult(call, inspector(status, "--method", "tools/call", ...given).result);
}
console.log(`${calls.length} calls answered as expected`);
