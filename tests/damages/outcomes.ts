/** What came of a damage, against what was declared. */
import type { Damage, Outcome } from "./damage.ts";
import type { Came } from "./run.ts";

/** Fields of a spec by which a table is read otherwise, and words that ask for something to be done: a message that helps has one. */
const cure =
  /"(separator|header|skipLines|encoding|decimal|thousands|missingValues|missing|text|replace|label|exclude|features|maxLevels)":|\b(give|leave|remove|save|export|unpack|decompress|write|say|quote|add|mend|correct|make|name|spell|download|cut|is there|nearest|wanted one of|in the data)\b/i;

/** A place: a line, a row, a column, or, of what is no table at all, the file. */
const place = /\blines? \d|\brows? \d|column|data\.csv|"[^"]+"/;

/** What is said of every table, damaged or not: how many rows and which columns there are, from what to what. It tells nothing. */
const plain = /^ {2}.* (feature|group|label|-) +(number|text)\b|^ {2}[\d,]+ rows to train on|^\S+: [\d,]+ rows, \d+ columns$/;

/** The same with other figures is the same; but a count below 10 is none that every table has. */
const withoutFigures = (line: string) => line.replace(/-?\d[\d,]*\.\d+|-?\d[\d,]+|\(.*?(to spare|too much)\)/g, "#");

/** The lines that say something, other than what is said of every table. */
export function told(text: string, good: string): string[] {
  const usual = new Set(good.split("\n").map(withoutFigures));
  return text.split("\n").filter((line) => line.trim() !== "" && !plain.test(line) && !usual.has(withoutFigures(line)));
}

/** Whether one of the declared outcomes came, and the line that says so; if not, what came instead. */
export function judged(damage: Damage, came: Came, good: Came): { came?: Outcome; line: string; wrong?: string } {
  const said = damage.said ?? /(?!)/, { code, error } = came, may = (outcome: Outcome) => damage.outcome.includes(outcome);
  if (code === 2) {
    const wrong = !may("refused")
      ? "refused, which was not wanted"
      : !said.test(error)
      ? `refused, but the message does not say ${said}`
      : !place.test(error)
      ? "refused, but the message names no place"
      : !cure.test(error)
      ? "refused, but the message names no cure"
      : undefined;
    return { came: "refused", line: error.split("\n")[0], wrong };
  }
  const [ofData = "", ofVerdict = ""] = (["data", "verdict"] as const).map((where) =>
    told(came[where], good[where]).find((line) => said.test(line))
  );
  const same = damage.sameRows ? came.code === good.code && told(came.data, good.data).length === 0 : came.result === came.like;
  if (may("told in the verdict") && ofVerdict) return { came: "told in the verdict", line: ofVerdict };
  if (may("told") && (ofData || ofVerdict)) return { came: "told", line: ofData || ofVerdict };
  if (may("harmless") && same) return { came: "harmless", line: "" };
  if (may("repaired") && same && ofData) return { came: "repaired", line: ofData };
  const kept = same ? "the verdict is the same" : "the verdict differs";
  if (ofData) return { line: ofData, wrong: `told of the data alone, and ${kept}` };
  return { line: "", wrong: `in silence, and ${kept}` };
}

/** Whether anything at all is said of two damages: a refusal, or a line besides what is said of every table. */
export function silent(came: Came, good: Came): boolean {
  return came.code !== 2 && came.result !== came.like &&
    told(`${came.data}\n${came.verdict}`, `${good.data}\n${good.verdict}`).length === 0;
}
