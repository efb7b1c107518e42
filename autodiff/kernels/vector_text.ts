/** Arithmetic on vectors, and on complex numbers whose parts are vectors, as lines of AssemblyScript. @module */

/** A vector by name; `null` is known to be 0. */
export type Value = { name: string; negative: boolean } | null;

/** A complex number. */
export interface Complex {
  re: Value;
  im: Value;
}

/** Writes functions, one after the other; they share constants. */
export class VectorText {
  /** The constants, four bytes each. */
  readonly constants: number[] = [];
  #lines: string[] = [];
  #count = 0;

  /** The text of a function that takes places and returns nothing. */
  functionOf(name: string, { comment, parameters }: { comment: string; parameters: string }, write: () => void): string {
    this.#lines = [];
    this.#count = 0;
    write();
    return `/** ${comment} */\nexport function ${name}(${parameters}): void {\n${this.#lines.join("\n")}\n}`;
  }

  load(place: string, offset: number): Value {
    return this.#named(`v128.load(${place}, ${offset})`);
  }

  store(place: string, offset: number, x: Value): void {
    const value = x === null ? "f32x4.splat(0)" : x.negative ? `f32x4.neg(${x.name})` : x.name;
    this.#lines.push(`  v128.store(${place}, ${value}, ${offset});`);
  }

  add(x: Value, y: Value): Value {
    if (x === null || y === null) return x ?? y;
    if (x.negative && y.negative) return negative(this.#named(`f32x4.add(${x.name}, ${y.name})`));
    if (x.negative) return this.#named(`f32x4.sub(${y.name}, ${x.name})`);
    return this.#named(`f32x4.${y.negative ? "sub" : "add"}(${x.name}, ${y.name})`);
  }

  scaled(x: Value, by: number): Value {
    return x && this.#named(`f32x4.mul(${x.name}, ${this.#constant(x.negative ? -by : by)})`);
  }

  /** x + by · y. */
  plus(x: Value, by: number, y: Value): Value {
    if (x === null || y === null) return x ?? this.scaled(y, by);
    const factor = this.#constant(y.negative === x.negative ? by : -by);
    const sum = this.#named(`multiplyAdd(${y.name}, ${factor}, ${x.name})`);
    return x.negative ? negative(sum) : sum;
  }

  sum(x: Complex, y: Complex): Complex {
    return { re: this.add(x.re, y.re), im: this.add(x.im, y.im) };
  }

  difference(x: Complex, y: Complex): Complex {
    return { re: this.add(x.re, negative(y.re)), im: this.add(x.im, negative(y.im)) };
  }

  /** x e^(-2πi turns). */
  turned({ re, im }: Complex, turns: number): Complex {
    if (turns === 0) return { re, im };
    const cos = Math.cos(2 * Math.PI * turns), sin = Math.sin(2 * Math.PI * turns);
    return { re: this.plus(this.scaled(re, cos), sin, im), im: this.plus(this.scaled(im, cos), -sin, re) };
  }

  #named(expression: string): Value {
    this.#lines.push(`  const t${this.#count} = ${expression};`);
    return { name: `t${this.#count++}`, negative: false };
  }

  /** A constant as a vector, loaded from a fixed place: one instruction, no bounds check, and the register is soon free again. */
  #constant(value: number): string {
    if (!this.constants.includes(value)) this.constants.push(value);
    return `constant(${4 * this.constants.indexOf(value)})`;
  }
}

export function negative(x: Value): Value {
  return x && { name: x.name, negative: !x.negative };
}

export function conjugate({ re, im }: Complex): Complex {
  return { re, im: negative(im) };
}
