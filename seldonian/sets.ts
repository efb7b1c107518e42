/** A value for the main data set, and one for each other data set in constraints: data, its parts, rows, outputs. */
export class Sets<T> {
  /**
   * A value for the main data set, and one for each other.
   * @param main the value for the data of constraints that name no data set
   * @param others the values for other data sets, by their names in constraints
   */
  constructor(readonly main: T, readonly others: Readonly<Record<string, T>> = {}) {}

  /** The value for a data set; `undefined` names the main one. */
  of(name: string | undefined): T | undefined {
    if (name === undefined) return this.main;
    return Object.hasOwn(this.others, name) ? this.others[name] : undefined;
  }

  /** Whether there is no other data set. */
  get isAlone(): boolean {
    return Object.keys(this.others).length === 0;
  }

  /** All values with their names, the main one first. */
  get entries(): (readonly [name: string | undefined, value: T])[] {
    return [[undefined, this.main], ...Object.entries(this.others)];
  }

  /** All values, the main one first. */
  get all(): T[] {
    return [this.main, ...Object.values(this.others)];
  }

  /** Maps each value. */
  map<R>(change: (value: T, name: string | undefined) => R): Sets<R> {
    const main = change(this.main, undefined);
    return new Sets(
      main,
      Object.fromEntries(Object.entries(this.others).map(([name, value]) => [name, change(value, name)])),
    );
  }

  /** Maps each value, one after the other. */
  async mapInTurn<R>(change: (value: T, name: string | undefined) => Promise<R>): Promise<Sets<R>> {
    const main = await change(this.main, undefined), others: [string, R][] = [];
    for (const [name, value] of Object.entries(this.others)) others.push([name, await change(value, name)]);
    return new Sets(main, Object.fromEntries(others));
  }
}

/** The name of a data set in messages. */
export function nameOfSet(name: string | undefined): string {
  return name === undefined ? "the data" : `"${name}"`;
}
