import { ConstraintError } from "./constraint_error.ts";

/** What a text says before anything in it has a meaning. `start` and `end` are places in the text. */
export type Syntax =
  & { start: number; end: number }
  & (
    | { kind: "number"; value: number }
    | { kind: "text"; value: string }
    | { kind: "name"; name: string }
    | { kind: "parentheses"; of: Syntax }
    | { kind: "list"; items: Syntax[] }
    | { kind: "indexed"; of: Syntax; items: Syntax[] }
    | { kind: "call"; of: Syntax; items: Syntax[] }
    | { kind: "unary"; operator: string; of: Syntax }
    | { kind: "binary"; operator: string; at: number; left: Syntax; right: Syntax }
  );

/** The operators between two sides, those that bind least first, as in JavaScript; what has no meaning is read, so that an error can name it. */
const levels = [
  ["=", "=>"],
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "===", "!=", "!=="],
  ["<", "<=", ">", ">="],
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

/** White space, and then one of these. */
const kinds = ["number", "name", "text", "sign"] as const;
const token =
  /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{ID_Start}$_][\p{ID_Continue}$]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([=!]==?|\*\*|&&|\|\||[<>=]=|=>|[-+*/%^&|<>=!~()[\],]))/suy;

/** How deep parentheses, lists and signs may lie in each other, and how many operators there may be, so that no text overflows the stack. */
const deepest = 500, mostOperators = 1000;

/**
 * Reads numbers, names, texts in quotes, operators, `(…)`, `[…]`, `f(…)` and `name[…]`, with JavaScript's precedence.
 * @throws {ConstraintError} where that ends
 */
export function syntax(text: string): Syntax {
  return new Parser(text).read();
}

class Parser {
  kind: typeof kinds[number] | "end" = "end";
  /** The token that comes next, and where. */
  word = "";
  start = 0;
  end = 0;
  /** Where the last token ended. */
  before = 0;
  depth = 0;
  operators = 0;

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
    this.before = this.end;
    token.lastIndex = this.end;
    const found = token.exec(text);
    if (found !== null) {
      const kind = kinds.findIndex((_, i) => found[i + 1] !== undefined);
      this.kind = kinds[kind];
      this.word = found[kind + 1];
      this.end = token.lastIndex;
      this.start = this.end - this.word.length;
    } else {
      this.start = this.end + text.slice(this.end).search(/\S|$/);
      this.end = this.start;
      if (this.start < text.length) this.unexpected();
      this.kind = "end";
      this.word = "";
    }
  }

  /** Whether a sign comes next; then it is passed over. */
  take(sign: string): boolean {
    const found = this.comes(sign);
    if (found) this.advance();
    return found;
  }

  comes(sign: string): boolean {
    return this.kind === "sign" && this.word === sign;
  }

  expression(least = 0): Syntax {
    let left = this.operand();
    for (;;) {
      const { word: operator, start: at } = this, level = this.kind === "sign" ? binding.get(operator) ?? -1 : -1;
      if (level < least) return left;
      if (level === power && left.kind === "unary") {
        this.fail(`a ${left.operator === "-" ? "minus " : ""}sign before ** is ambiguous; write -(x ** 2) or (-x) ** 2`, at);
      }
      if (++this.operators > mostOperators) this.fail(`it has more than ${mostOperators} operators`, at);
      this.advance();
      // Powers are read from the right: 2 ** 3 ** 2 is 2 ** (3 ** 2).
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
    } else node = this.indexedOrCalled(this.primary());
    this.depth--;
    return node;
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
    for (;;) {
      if (this.take("[")) of = { kind: "indexed", of, items: this.items("]"), start, end: this.before };
      else if (this.take("(")) of = { kind: "call", of, items: this.items(")"), start, end: this.before };
      else return of;
    }
  }

  /** What stands between commas, up to the sign that closes it. */
  items(closing: string): Syntax[] {
    const items: Syntax[] = [];
    if (this.take(closing)) return items;
    for (let comma = -1;; comma = this.before - 1) {
      if (comma >= 0 && (this.comes(",") || this.comes(closing))) this.fail("nothing follows this comma", comma);
      items.push(this.expression());
      if (!this.take(",")) break;
    }
    this.close(closing);
    return items;
  }

  close(sign: string): void {
    if (!this.take(sign)) this.unexpected();
  }

  unexpected(): never {
    const { text, start } = this;
    if (start >= text.length) this.fail("it ends too early", text.trimEnd().length);
    this.fail(`unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(start)!))}`, start);
  }

  fail(why: string, place: number): never {
    throw new ConstraintError(why, this.text, place);
  }
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** What a text in quotes stands for. */
function unquoted(word: string): string {
  return word.slice(1, -1).replace(
    /\\(?:u([\da-fA-F]{4})|([^]))/g,
    (_, code, letter) => code !== undefined ? String.fromCharCode(parseInt(code, 16)) : escapes[letter] ?? letter,
  );
}
