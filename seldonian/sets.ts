/** Something of the main data set, and the same of each other data set that constraints name: data, its parts, rows, outputs. */
export class Sets<T> {
  /**
   * One of the main data set, and one of each other.
   * @param main of the data that constraints are on where they name none
   * @param others of other data sets, by the names that constraints give them
   */
  constructor(readonly main: T, readonly others: Readonly<Record<string, T>> = {}) {}

  /** What there is of a data set; `undefined` names the main one. */
  of(name: string | undefined): T | undefined {
    if (name === undefined) return this.main;
    return Object.hasOwn(this.others, name) ? this.others[name] : undefined;
  }

  /** All of them with their names, the main one first. */
  get entries(): (readonly [name: string | undefined, value: T])[] {
    return [[undefined, this.main], ...Object.entries(this.others)];
  }

  /** All of them, the main one first. */
  get all(): T[] {
    return this.entries.map(([, value]) => value);
  }

  /** Each of them changed. */
  map<R>(change: (value: T, name: string | undefined) => R): Sets<R> {
    const main = change(this.main, undefined);
    return new Sets(
      main,
      Object.fromEntries(Object.entries(this.others).map(([name, value]) => [name, change(value, name)])),
    );
  }

  /** Each of them changed, one after the other. */
  async mapInTurn<R>(change: (value: T, name: string | undefined) => Promise<R>): Promise<Sets<R>> {
    const main = await change(this.main, undefined), others: [string, R][] = [];
    for (const [name, value] of Object.entries(this.others)) others.push([name, await change(value, name)]);
    return new Sets(main, Object.fromEntries(others));
  }
}

/** How a data set is named in messages. */
export function nameOfSet(name: string | undefined): string {
  return name === undefined ? "the data" : `"${name}"`;
}
