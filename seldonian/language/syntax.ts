import { ConstraintError } from "../constraints/constraint_error.ts";

/** The structure of a text, before any meaning. `start` and `end` are places in the text. */
export type Syntax =
  & { start: number; end: number }
  & (
    | { kind: "number"; value: number }
    | { kind: "text"; value: string }
    | { kind: "name"; name: string }
    | { kind: "parentheses"; of: Syntax }
    | { kind: "list"; items: Syntax[] }
    | { kind: "words"; items: Syntax[] }
    | { kind: "indexed"; of: Syntax; items: Syntax[] }
    | { kind: "call"; of: Syntax; items: Syntax[] }
    | { kind: "unary"; operator: string; of: Syntax }
    | { kind: "binary"; operator: string; at: number; left: Syntax; right: Syntax }
  );

/**
 * Operators between two sides, from the weakest to the strongest, as in JavaScript; meaningless ones are read too, so that an
 * error can name them.
 */
const levels = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["=", "==", "===", "!=", "!=="],
  ["<", "<=", ">", ">=", "=>"],
  ["+", "-"],
  [
    "*",
    "/",
    "%",
  ],
  ["**"],
];
const binding = new Map(levels.flatMap((operators, level) => operators.map((operator) => [operator, level])));
const power = levels.length - 1;

/** Signs used by word processors and in print. */
const signs = new Map([["≥", ">="], ["≤", "<="], ["≠", "!="], ["−", "-"], ["–", "-"], ["×", "*"]]);
/** Only between two sides, so that a column may have such a name. */
const conjunctions = new Map([["and", "&&"], ["or", "||"]]);

/** White space, followed by one of these. */
const kinds = ["number", "name", "text", "sign"] as const;
const token =
  /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{ID_Start}$_][\p{ID_Continue}$]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[“”„＂](?:[^“”„＂\\]|\\.)*[“”„＂]|[‘’‚＇](?:[^‘’‚＇\\]|\\.)*[‘’‚＇])|([=!]==?|\*\*|&&|\|\||[<>=]=|=>|[-+*/%^&|<>=!~()[\],≥≤≠−–×]))/suy;
/** Brackets contain no subtraction, so a name may continue, as in `marital-status` or `Personal.Male`. */
const more = /(?:[-.][\p{ID_Continue}$]+)*/uy;

/** The cure for a column that is not one word; an example follows. */
export const quoteColumn = "a column name that is not one word goes in quotes, as in ";

/**
 * The deepest nesting of parentheses, lists and signs, and the most operators, commas, brackets after a name and words in a row,
 * so that no text overflows the stack or takes long.
 */
const deepest = 500, mostParts = 1000;

/**
 * Reads numbers, names, texts in quotes, operators, `(…)`, `[…]`, `f(…)` and `name[…]`, with JavaScript's precedence. `and` and
 * `or` are `&&` and `||`. In brackets `not` is `!`, applied to everything that binds more strongly than `and` and `or`; words in
 * a row are read too, so that an error can name them.
 * @throws {ConstraintError} at the first error
 */
export function syntax(text: string): Syntax {
  return new Parser(text).read();
}

class Parser {
  kind: typeof kinds[number] | "end" = "end";
  /** The next token. */
  word = "";
  start = 0;
  end = 0;
  /** Where the last token ended. */
  before = 0;
  depth = 0;
  /** The number of open brackets. */
  brackets = 0;
  parts = 0;

  constructor(readonly text: string) {
    this.advance();
  }

  read(): Syntax {
    const tree = this.expression();
    if (this.kind !== "end") this.unexpected();
    return tree;
  }

  advance(): void {
    const { text } = this;
    if (this.comes("[")) this.brackets++;
    if (this.comes("]")) this.brackets--;
    this.before = this.end;
    token.lastIndex = this.end;
    const found = token.exec(text);
    if (found !== null) {
      const kind = kinds.findIndex((_, i) => found[i + 1] !== undefined);
      let word = found[kind + 1];
      this.kind = kinds[kind];
      this.start = token.lastIndex - word.length;
      more.lastIndex = token.lastIndex;
      if (this.kind === "name" && this.brackets > 0) word += more.exec(text)![0];
      this.end = this.start + word.length;
      this.word = signs.get(word) ?? word;
    } else {
      this.start = this.end + text.slice(this.end).search(/\S|$/);
      this.end = this.start;
      if (this.start < text.length) {
        // A quotation mark here was never closed.
        const name = this.brackets > 0 && !/["'“”„＂‘’‚＇]/.test(text[this.start]);
        this.unexpected(name ? `; ${quoteColumn}["home town"]` : "");
      }
      this.kind = "end";
      this.word = "";
    }
  }

  /** Whether a sign comes next; if so, skips it. */
  take(sign: string): boolean {
    const found = this.comes(sign);
    if (found) this.advance();
    return found;
  }

  comes(sign: string): boolean {
    return this.kind === "sign" && this.word === sign;
  }

  /** The next operator, or whatever comes next. */
  operator(): string {
    return conjunctions.get(this.word.toLowerCase()) ?? this.word;
  }

  /** Whether the next token can only begin an operand. */
  operandComes(): boolean {
    return this.kind !== "sign" && this.kind !== "end" && this.operator() === this.word;
  }

  expression(least = 0): Syntax {
    let left = this.operand();
    for (;;) {
      const operator = this.operator(), { start: at } = this, level = binding.get(operator) ?? -1;
      if (level < least) return left;
      if (operator === "%" && left.kind === "number") {
        // It is unknown whether a column holds percents.
        const share = this.brackets > 0 ? undefined : `${Number((left.value / 100).toPrecision(15))}`;
        this.fail(`${this.text.slice(left.start, this.end)} is not a number`, left.start, share);
      }
      if (level === power && left.kind === "unary") {
        this.fail(`a ${left.operator === "-" ? "minus " : ""}sign before ** is ambiguous; write -(x ** 2) or (-x) ** 2`, at);
      }
      this.count(at);
      this.advance();
      // Powers group from the right: 2 ** 3 ** 2 is 2 ** (3 ** 2).
      const right = this.expression(level === power ? level : level + 1);
      left = { kind: "binary", operator, at, left, right, start: left.start, end: right.end };
    }
  }

  operand(): Syntax {
    const { start, word } = this;
    if (++this.depth > deepest) this.fail(`it is nested more than ${deepest} deep`, start);
    let node: Syntax;
    if (this.kind === "sign" && "-+!~".includes(word)) {
      this.advance();
      const of = this.operand();
      node = { kind: "unary", operator: word, of, start, end: of.end };
    } else node = this.brackets > 0 ? this.words() : this.indexedOrCalled(this.primary());
    this.depth--;
    return node;
  }

  /** In brackets: `not` and its operand, or an operand; or several in a row, as in `home town` and `sex is "Male"`. */
  words(): Syntax {
    const { start } = this, first = this.primary();
    if (first.kind === "name" && /^not$/i.test(first.name) && (this.operandComes() || this.comes("(") || this.comes("!"))) {
      const of = this.expression(binding.get("=="));
      return { kind: "unary", operator: "!", of, start, end: of.end };
    }
    const items = [this.indexedOrCalled(first)];
    while (this.operandComes()) {
      this.count(this.start);
      items.push(this.indexedOrCalled(this.primary()));
    }
    return items.length === 1 ? items[0] : { kind: "words", items, start, end: this.before };
  }

  primary(): Syntax {
    const { start, end, kind, word } = this, place = { start, end };
    if (this.take("(")) {
      const of = this.expression();
      this.close(")");
      return { kind: "parentheses", of, start, end: this.before };
    }
    if (this.take("[")) return { kind: "list", items: this.items("]"), start, end: this.before };
    if (kind === "sign" || kind === "end") this.unexpected();
    this.advance();
    if (kind === "number") return { kind, value: Number(word), ...place };
    return kind === "name" ? { kind, name: word, ...place } : { kind, value: unquoted(word), ...place };
  }

  indexedOrCalled(of: Syntax): Syntax {
    const { start } = of;
    for (;; this.count(this.before)) {
      if (this.take("[")) of = { kind: "indexed", of, items: this.items("]"), start, end: this.before };
      else if (this.take("(")) of = { kind: "call", of, items: this.items(")"), start, end: this.before };
      else return of;
    }
  }

  /** The items between commas, up to the closing sign. */
  items(closing: string): Syntax[] {
    const items: Syntax[] = [];
    if (this.take(closing)) return items;
    for (let comma = -1;; comma = this.before - 1) {
      if (comma >= 0 && (this.comes(",") || this.comes(closing))) this.fail("nothing follows this comma", comma);
      items.push(this.expression());
      if (!this.take(",")) break;
      this.count(this.before - 1);
    }
    this.close(closing);
    return items;
  }

  count(place: number): void {
    if (++this.parts > mostParts) this.fail(`it has more than ${mostParts} operators and arguments`, place);
  }

  close(sign: string): void {
    if (!this.take(sign)) this.unexpected();
  }

  unexpected(cure = ""): never {
    const { text, start } = this;
    if (start >= text.length) this.fail("it ends too early", text.trimEnd().length);
    this.fail(`unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(start)!))}${cure}`, start);
  }

  fail(why: string, place: number, cure?: string): never {
    throw new ConstraintError(why, this.text, place, cure);
  }
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** The value of a text in quotes. */
function unquoted(word: string): string {
  return word.slice(1, -1).replace(
    /\\(?:u([\da-fA-F]{4})|([^]))/g,
    (_, code, letter) => code !== undefined ? String.fromCharCode(parseInt(code, 16)) : escapes[letter] ?? letter,
  );
}
