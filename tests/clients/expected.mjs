// What clients hold a server to: the tools that a file like `calls.json` names, and
// the answers that it gives.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

// The calls of a file.
export const read = (file) => JSON.parse(readFileSync(file, "utf8"));

// The names have to be those of the tools in the calls, and no others.
export function checkTools(calls, names) {
  const expected = new Set(calls.map((call) => call.tool));
  assert.deepEqual([...names].sort(), [...expected].sort());
}

// A result has to be the answer, or the failure, that was expected.
export function checkResult(call, result) {
  const said = JSON.stringify({ call, result });
  assert.equal(result.isError ?? false, "failure" in call, said);
  if ("failure" in call) {
    const text = result.content.map((block) => block.text).join("");
    assert.ok(text.includes(call.failure), said);
    return;
  }
  for (const [key, value] of Object.entries(call.answer)) {
    assert.deepEqual(result.structuredContent[key], value, said);
  }
}
