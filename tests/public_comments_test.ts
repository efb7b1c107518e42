import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { skip } from "./helpers/child.ts";
import { documented, type Json } from "./helpers/documented.ts";

/** Calls `see` with the name and the comment of every symbol, method and property. */
function comments(value: Json, see: (name: string, comment: Json) => void, name = ""): void {
  if (typeof value !== "object" || value === null) return;
  const own = value.name ?? name;
  if (value.jsDoc !== undefined) see(own, value.jsDoc);
  for (const part of Object.values(value)) comments(part, see, own);
}

const symbols = skip === false ? await documented() : [];

test("a tag of a public comment begins its line: others are read as text, and lost", { skip }, () => {
  const lost = new Set<string>();
  comments(symbols, (name, { doc = "", tags = [] }) => {
    for (const text of [doc, ...tags.map(({ doc }: Json) => doc ?? "")]) {
      if (/@(param|returns?|throws)\b/.test(text)) lost.add(`${name}: ${text}`);
    }
  });
  deepEqual([...lost], []);
});

test("functions that people call first say what they throw", { skip }, () => {
  const thrown = new Map<string, string[]>();
  for (const { name, declarations } of symbols) {
    for (const { kind, jsDoc: { tags = [] } = {} } of declarations) {
      // Functions of several modules may share a name.
      if (kind === "function") {
        thrown.set(name, [
          ...(thrown.get(name) ?? []),
          ...tags.flatMap(({ kind, type }: Json) => kind === "throws" ? [type] : []),
        ]);
      }
    }
  }
  for (const name of ["train", "tune", "safetyTest", "selectCandidate", "fit", "verify", "split", "prepare", "readTable"]) {
    ok((thrown.get(name) ?? []).length > 0, `${name} has no @throws`);
  }
});
