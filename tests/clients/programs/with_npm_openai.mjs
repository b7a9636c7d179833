// The package "openai" of npm: node with_npm_openai.mjs URL TOKEN MODEL EMBEDDING, where its node_modules lie.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "here.js"));
const OpenAI = require("openai").default;
const [url, token, model, embedding] = process.argv.slice(2);
const CAPITAL = "What is the capital of France?";
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string", maxLength: 20 } },
  required: ["city"],
  additionalProperties: false,
};
const TEXTS = ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "Taxes are due in April."];

const client = (key = token) => new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 });

function ask(text, more = {}) {
  const messages = [
    { role: "developer", content: "Be brief." },
    { role: "user", content: text },
  ];
  return client().chat.completions.create({ model, messages, temperature: 0, seed: 1, max_completion_tokens: 24, ...more });
}

function must(holds, what) {
  if (!holds) throw new Error(what);
}

async function refused(promise, status, code) {
  try {
    await promise;
  } catch (problem) {
    must(problem.status === status && (code === undefined || problem.code === code), String(problem));
    return;
  }
  throw new Error("it is not refused");
}

async function answer() {
  const answered = await ask(CAPITAL);
  must(answered.choices[0].message.content.includes("Paris"), JSON.stringify(answered));
  must(answered.usage.completion_tokens > 3, JSON.stringify(answered.usage));
}

const cosine = (one, other) => {
  const dot = (a, b) => a.reduce((sum, each, at) => sum + each * b[at], 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
};

const CHECKS = {
  models: async () => {
    const names = [];
    for await (const each of client().models.list()) names.push(each.id);
    must(names.includes(model), names.join());
  },
  answer,
  stream: async () => {
    let text = "";
    for await (const each of await ask(CAPITAL, { stream: true })) text += each.choices[0]?.delta?.content ?? "";
    must(text.includes("Paris"), text);
  },
  figures: async () => {
    let last;
    for await (const each of await ask(CAPITAL, { stream: true, stream_options: { include_usage: true } })) last = each;
    must(last.choices.length === 0 && last.usage.completion_tokens > 3, JSON.stringify(last));
  },
  "stop-words": async () => {
    const choice = (await ask(CAPITAL, { stop: ["Paris"] })).choices[0];
    must(!choice.message.content.includes("Paris") && choice.finish_reason === "stop", JSON.stringify(choice));
  },
  leave: async () => {
    const begun = await ask("Tell me a long story.", { stream: true, max_completion_tokens: 2000 });
    for await (const each of begun) {
      if (each.choices[0]?.delta?.content) break;
    }
    begun.controller.abort();
    await answer();
  },
  schema: async () => {
    const form = { type: "json_schema", json_schema: { name: "city", strict: true, schema: SCHEMA } };
    const answered = await ask("Name the capital of France.", { response_format: form, max_completion_tokens: 60 });
    must("city" in JSON.parse(answered.choices[0].message.content), JSON.stringify(answered));
  },
  key: () => refused(client("wrong").models.list(), 401),
  "too-long": () => refused(ask("word ".repeat(5000)), 400, "context_length_exceeded"),
  "unknown-model": () => refused(ask(CAPITAL, { model: "gpt-9" }), 404, "model_not_found"),
  embeddings: async () => {
    const answered = await client().embeddings.create({ model: embedding, input: TEXTS });
    const [first, second, third] = answered.data.map((each) => each.embedding);
    must(cosine(first, second) > cosine(first, third) + 0.01, "meaning is lost");
  },
};

const about = JSON.parse(readFileSync(join(process.cwd(), "node_modules", "openai", "package.json"), "utf8"));
console.log(JSON.stringify({ version: about.version }));
for (const [check, run] of Object.entries(CHECKS)) {
  let said = "";
  try {
    await run();
  } catch (problem) {
    said = String(problem).slice(0, 2000) || "?";
  }
  console.log(JSON.stringify({ check, worked: said === "", said }));
}
