/** Compares the outcome of a damage with the declared ones. */
import type { Damage, Outcome } from "./damage.ts";
import type { Came } from "./run.ts";

/** Fields of a spec that change how a table is read, and words that request an action. A helpful message has one of them. */
const cure =
  /"(separator|header|skipLines|encoding|decimal|thousands|missingValues|missing|text|replace|label|exclude|features|maxLevels)":|\b(give|leave|remove|save|export|unpack|decompress|write|say|quote|add|mend|correct|make|name|spell|download|cut|is there|nearest|wanted one of|in the data)\b/i;

/** A place: a line, a row, a column, or the file if it is not a table. */
const place = /\blines? \d|\brows? \d|column|data\.csv|"[^"]+"/;

/** Lines about every table, damaged or not: its rows, its columns and their ranges. They report no damage. */
const plain = /^ {2}.* (feature|group|label|-) +(number|text)\b|^ {2}[\d,]+ rows to train on|^\S+: [\d,]+ rows, \d+ columns$/;

/** A line without its figures. Counts below 10 stay, because undamaged tables have none. */
const withoutFigures = (line: string) => line.replace(/-?\d[\d,]*\.\d+|-?\d[\d,]+|\(.*?(to spare|too much)\)/g, "#");

/** The lines that are not printed for every table. */
export function told(text: string, good: string): string[] {
  const usual = new Set(good.split("\n").map(withoutFigures));
  return text.split("\n").filter((line) => line.trim() !== "" && !plain.test(line) && !usual.has(withoutFigures(line)));
}

/** The declared outcome that occurred, and the line that reports it; otherwise, what happened instead. */
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

/** Whether two damages change the result without a refusal and without any line about them. */
export function silent(came: Came, good: Came): boolean {
  return came.code !== 2 && came.result !== came.like &&
    told(`${came.data}\n${came.verdict}`, `${good.data}\n${good.verdict}`).length === 0;
}
