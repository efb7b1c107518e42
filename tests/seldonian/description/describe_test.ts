import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { csv, describe, prepare } from "../../../mod.ts";

test("a description reports a mark for missing values among numbers, whether rare or frequent", () => {
  const ages = (mark: number, part: number) =>
    `${
      describe(csv([
        "age,y",
        ...Array.from({ length: 400 }, (_, i) => `${i % 100 < part ? mark : 18 + (i * 7919) % 61},${i % 2}`),
      ].join("\n")))
    }`;
  for (const mark of [-999, -1000, 0, 999, 9999]) {
    for (const part of [2, 5, 12, 30, 60]) {
      match(ages(mark, part), /values, -?\d+, lie apart from the rest/, `${mark} in ${part} %`);
    }
  }
  for (const part of [0, 5, 30]) ok(!/lie apart/.test(ages(18, part)));
});

test("a description shows whole numbers unrounded, invisible characters by their code, and each problem once", () => {
  const text = `${describe(csv(`id,name\n123456,"a\u001b[31m"\n987654,"<NA>"\n222222,"(null)"\n123456,b`))}`;
  match(text, /123456 to 987654/);
  match(text, /a\\u001b\[31m/);
  match(text, /"\(null\)", "<NA>" may each stand for a missing value|"<NA>", "\(null\)" may each stand for a missing value/);
  ok(!text.includes("\u001b"));
  const two = `${describe(csv("a,b,y\n1,x,0\n2,3,1\nz,4,1\n5,6,0"), { label: "y" })}`;
  equal(two.match(/✗/g)?.length, 2, two);
});

test("a description calls equal rows chance if columns have few values, and copies if they have many", () => {
  const notesOf = (lines: readonly string[]) => `${prepare(csv(["a,b,y", ...lines].join("\n")), { label: "y" }).description}`;
  const few = Array.from({ length: 300 }, (_, i) => `${i % 3},${i % 3},${i % 2}`);
  match(notesOf(few), /rows equal to another in every column.*as may happen by chance/);
  const many = Array.from({ length: 300 }, (_, i) => `${(i * 7919 % 1009) / 8},${i % 3},${i % 2}`);
  match(notesOf([...many, ...many.slice(0, 60)]), /! .*are rows there twice\?/);
  const numbered = (numbers: (i: number) => number) =>
    notesOf(Array.from({ length: 300 }, (_, i) => `${numbers(i)},${i % 3},${i % 2}`));
  match(numbered((i) => i * 7919 % 1009), /2\d\d rows equal to another in every column but "a", which differs in every row/);
  // An income is not an id.
  doesNotMatch(numbered((i) => 50 * (i * 7919 % 1009)), /rows equal/);
  doesNotMatch(notesOf(few), /in every column but/);
});
