// The tool `text-stats` as a server of the TypeScript SDK, in this process: what
// `mpp serve` is measured against (`cargo bench --bench mcp`).
//
//     text_stats_server.mjs [--output-schema]
//
// It counts as `sample-tools/text-stats` does and gives the same answer. It is served
// as the SDK's guide has it, `createMcpHandler` behind `toNodeHandler`: stateless, and
// with JSON for an answer. The schemas are made once, not with each request. Only with
// `--output-schema` is the output held against one, too, as `mpp serve` always does.

import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const INPUT = z.strictObject({
  text: z.string().describe("The text to count."),
  top_words: z.int().min(0).max(100).default(10).describe("How many of the most frequent words to list."),
  words_per_minute: z.int().min(1).max(2000).default(200).describe("Reading speed that the reading time is computed with."),
});

const COUNT = z.int().min(0);
const OUTPUT = z.object({
  bytes: COUNT,
  characters: COUNT,
  words: COUNT,
  unique_words: COUNT,
  lines: COUNT,
  sentences: COUNT,
  top_words: z.array(z.object({ word: z.string(), count: COUNT })),
  reading_seconds: COUNT,
  words_per_minute: COUNT,
});
const SCHEMAS = process.argv.includes("--output-schema")
  ? { inputSchema: INPUT, outputSchema: OUTPUT }
  : { inputSchema: INPUT };

// White space is what Unicode calls so; JavaScript's `\s` differs in two characters.
const SPACE = /[\t-\r\u0085\p{Z}]+/u;
const AROUND = /^[^\p{Alphabetic}\p{N}]+|[^\p{Alphabetic}\p{N}]+$/gu;
const LETTER = /[\p{Alphabetic}\p{N}]/u;

function sentences(text) {
  let count = 0;
  let hasWords = false;
  let ended = false;
  for (const c of text) {
    if ("。！？".includes(c)) {
      count += hasWords ? 1 : 0;
      hasWords = false;
    } else if (".!?…".includes(c)) {
      ended = true;
    } else if ("\"'”’»)]".includes(c)) {
      // May stand between the end of a sentence and the space behind it.
    } else if (SPACE.test(c)) {
      count += ended && hasWords ? 1 : 0;
      hasWords &&= !ended;
      ended = false;
    } else {
      hasWords ||= LETTER.test(c);
      ended = false;
    }
  }
  return count + (hasWords ? 1 : 0);
}

function stats({ text, top_words, words_per_minute }) {
  const pieces = text.split(SPACE).filter((piece) => piece !== "");
  const frequencies = new Map();
  for (const piece of pieces) {
    const word = piece.replace(AROUND, "").toLowerCase();
    if (word !== "") frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  }
  const ranked = [...frequencies].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return {
    bytes: Buffer.byteLength(text),
    characters: [...text].length,
    words: pieces.length,
    unique_words: ranked.length,
    lines: text === "" ? 0 : text.replace(/\n$/, "").split("\n").length,
    sentences: sentences(text),
    top_words: ranked.slice(0, top_words).map(([word, count]) => ({ word, count })),
    reading_seconds: Math.ceil((pieces.length * 60) / words_per_minute),
    words_per_minute,
  };
}

function server() {
  const server = new McpServer({ name: "text-stats", version: "1.0.0" });
  const about = { title: "Text statistics", description: "Counts what a text holds.", ...SCHEMAS };
  server.registerTool("text-stats", about, (input) => {
    const structuredContent = stats(input);
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  });
  return server;
}

const listener = createServer(toNodeHandler(createMcpHandler(server)));
listener.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${listener.address().port}/mcp`));
