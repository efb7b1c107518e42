import { exp, log } from "../../autodiff/mathematics/elementary.ts";
import { checkNames, checkOptions, isRecord, type Known, needed, number, oneOf, shown, truth } from "../../autodiff/options.ts";
import { type OptimizerOptions, optimizerSchema } from "../options.ts";

/** The searchable settings: options of the optimizer, the safety fraction, how delta is split, and the model's own. */
export interface Settings extends OptimizerOptions {
  /** A setting of the model, for `modelOf`: "model.width" is its `width`. */
  [own: `model.${string}`]: unknown;
  /** The fraction of the data kept for the safety test. */
  safetyFraction?: number;
  /** How delta is split over measures. */
  shares?: "optimal" | "equal";
}

/** Numbers between two ends, by equal steps or, with `scale: "log"`, by equal factors; whole numbers if `whole` is set. */
export interface Range {
  /** The least value. */
  from: number;
  /** The greatest value. */
  to: number;
  /** Whether to use equal differences or equal ratios; default "linear". */
  scale?: "linear" | "log";
  /** Whether to round values to whole numbers. */
  whole?: boolean;
}

/** Values to try for each setting, or their range: `{ inflation: [2, 3], thetaRate: { from: 1e-4, to: 0.1, scale: "log" } }`. */
export type SearchSpace = { [Setting in keyof Settings]?: readonly Settings[Setting][] | Range };

const settings = Object.keys(
  { ...optimizerSchema.entries, safetyFraction: 0, shares: 0 } satisfies Record<keyof Settings, unknown>,
);
const range: Known<Range> = { from: needed(number), to: needed(number), scale: oneOf("linear", "log"), whole: truth };

/** What the names of a model's own settings begin with. */
const own = "model.";

/** Settings of the model, without their prefix, and the others. */
export function partsOf(all: Settings): { ofModel: Record<string, unknown>; others: Settings } {
  const entries = Object.entries(all), isOwn = ([name]: [string, unknown]) => name.startsWith(own);
  return {
    ofModel: Object.fromEntries(entries.filter(isOwn).map(([name, value]) => [name.slice(own.length), value])),
    others: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  };
}

/**
 * @param hasModels whether there is a `modelOf`, for settings of the model
 * @throws {TypeError} for an unknown setting, and for values that are neither a list nor a range
 */
export function checkSpace(space: SearchSpace, hasModels: boolean, of = "space"): void {
  const named = isRecord(space) ? Object.keys(space).filter((name) => name.startsWith(own)) : [];
  if (named.length > 0 && !hasModels) {
    throw new TypeError(
      `Cannot search ${named[0]}: wanted modelOf, a function from the model's settings to a model, such as ` +
        `({ ${named[0].slice(own.length)} }) => new Network(${named[0].slice(own.length)})`,
    );
  }
  checkNames("search", space, [...settings, ...named], of);
  for (const [setting, values] of Object.entries(space)) {
    if (values === undefined || Array.isArray(values)) continue;
    if (typeof values === "object" && values !== null) checkOptions("search", values as Range, range, `${of}.${setting}`);
    else throw new TypeError(`Cannot search ${setting}: its values are ${shown(values)}; wanted a list, or { from, to }`);
  }
}

/**
 * All combinations in order; `null` for an infinite range.
 * @throws {RangeError} for a setting without values
 */
export function wholeGrid(space: SearchSpace): Settings[] | null {
  const entries = Object.entries(space).map(([setting, values]) => [setting, checked(setting, values)] as const);
  if (entries.some(([, values]) => "from" in values)) return null;
  return entries.reduce<Settings[]>(
    (combinations, [setting, values]) =>
      combinations.flatMap((combination) =>
        (values as readonly unknown[]).map((value) => ({ ...combination, [setting]: value }))
      ),
    [{}],
  );
}

/** The combination at a point of the unit cube, whose axes are the settings in order. */
export function settingsAt(space: SearchSpace, point: readonly number[]): Settings {
  return Object.fromEntries(
    Object.entries(space).map(([setting, values], i) => {
      const known = checked(setting, values);
      if (!("from" in known)) return [setting, known[Math.min(known.length - 1, Math.floor(point[i] * known.length))]];
      const { from, to, scale, whole } = known;
      const value = scale === "log" ? from * exp(point[i] * log(to / from)) : from + point[i] * (to - from);
      return [setting, whole ? Math.round(value) : value];
    }),
  );
}

/** Folds a number into the unit interval, reflecting it at the ends. */
export function placeIn(x: number): number {
  const folded = Math.abs(x) % 2;
  return folded > 1 ? 2 - folded : folded;
}

/** Whether two combinations are the same. */
export function sameSettings(a: Settings, b: Settings): boolean {
  const text = (settings: Settings) => JSON.stringify(Object.entries(settings).sort(([x], [y]) => x < y ? -1 : 1));
  return text(a) === text(b);
}

function checked(setting: string, values: readonly unknown[] | Range | undefined): readonly unknown[] | Range {
  if (values === undefined || (Array.isArray(values) && values.length === 0)) {
    throw new RangeError(`Cannot search ${setting}: there are no values to try`);
  }
  if ("from" in values) {
    const { from, to, scale } = values;
    if (!(from < to && Number.isFinite(to - from) && (scale !== "log" || from > 0))) {
      throw new RangeError(
        `Cannot search ${setting} from ${from} to ${to}: wanted from < to${scale === "log" ? ", above 0" : ""}`,
      );
    }
  }
  return values;
}
