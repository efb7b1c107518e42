import { type Element, entry, groupIndex, type Kernel, whole } from "./kernel.ts";

/**
 * How a product is divided. A thread makes `rows` by `quads` times four elements, held in named registers: the compiler keeps
 * indexed ones in memory. A workgroup of `across` by `down` threads shares a slice of both operands at a time.
 */
export interface Tile {
  rows: number;
  quads: number;
  across: number;
  down: number;
  /** Terms of the sums in a slice; 0: threads share nothing, and read what they need. */
  slice: number;
  /** Time for the same arithmetic, relative to the best. */
  cost: number;
}

/**
 * The tiles. The first was measured on an H200: 31 TFLOP/s for products of 4,096, 23.5 for 1,024. The others suit few rows (a
 * convolution's outputs), few columns (classes), and small products; their costs are estimates from the reads per term.
 */
export const tiles: readonly Tile[] = [
  { rows: 8, quads: 2, across: 8, down: 16, slice: 16, cost: 1 },
  { rows: 8, quads: 2, across: 16, down: 4, slice: 16, cost: 1.1 },
  { rows: 4, quads: 2, across: 16, down: 4, slice: 16, cost: 1.4 },
  { rows: 8, quads: 1, across: 4, down: 16, slice: 16, cost: 1.4 },
  { rows: 4, quads: 1, across: 8, down: 8, slice: 16, cost: 1.8 },
];

/** The tiles for processors in place of a card: there memory is as fast as a workgroup's, and waiting for each other is not. */
export const apart: readonly Tile[] = [
  { rows: 16, quads: 1, across: 8, down: 2, slice: 0, cost: 1 },
  { rows: 4, quads: 1, across: 8, down: 4, slice: 0, cost: 1.5 },
];

/** Threads that keep a large card busy, with tiles like these. */
const crowd = 132 * 128;

/** The least terms of a part. */
const leastTerms = 128;

/** Rows, columns and terms of a product [m, k] times [k, n]. */
export type Sizes = [m: number, n: number, k: number];

/** The division of a product. */
export interface Plan {
  tile: Tile;
  /** Parts of the sums, each in its own workgroups: few and long sums would leave a card idle. */
  parts: number;
  /** Terms in a part. */
  span: number;
  /** Tiles of rows and of columns. */
  down: number;
  across: number;
  /** Whether rows and terms fill their tiles and slices, and whether all three do: then reads need no checks. */
  full: { rows: boolean; all: boolean };
}

/**
 * The best division by the table.
 * @param whole whether sums must not be parted
 */
export function planOf([m, n, k]: Sizes, among: readonly Tile[], whole = false): Plan {
  const plans = among.map((tile) => {
    const [height, width] = sizesOf(tile),
      down = Math.ceil(m / height),
      across = Math.ceil(n / width),
      step = tile.slice || 4;
    const threads = down * across * tile.across * tile.down, most = whole ? 1 : Math.max(1, Math.floor(k / leastTerms));
    const parts = Math.min(most, Math.max(1, Math.floor(2 * crowd / threads)));
    const span = Math.max(1, Math.ceil(k / parts / step)) * step, busy = Math.min(1, threads * parts / crowd);
    const time = down * height * across * width * k * tile.cost / busy;
    const rows = m % height === 0 && k % step === 0, full = { rows, all: rows && n % width === 0 };
    return { time, plan: { tile, parts: Math.max(1, Math.ceil(k / span)), span, down, across, full } };
  });
  return plans.reduce((best, one) => one.time < best.time ? one : best).plan;
}

/** Rows and columns of a workgroup's tile. */
function sizesOf({ rows, quads, across, down }: Tile): [height: number, width: number] {
  return [rows * down, 4 * quads * across];
}

/** Where the elements of the first operand come from. */
export interface Rows {
  /** Neighbouring threads read neighbours along the sums ("k") or the rows ("m"). */
  along: "k" | "m";
  /** Text of element (m, k), both inside; or of four elements along `along`, if `wide`: along rows for shared slices only. */
  at: string;
  wide?: boolean;
}

/** Where the elements of the second operand come from. */
export interface Columns {
  /** Text that declares what depends only on the four columns from n; for neighbours along "n" only. */
  setup?: string;
  along: "k" | "n";
  /** Text that sets v, a vector of zeros, to the elements of row k < end in the columns from n. */
  at: string;
}

/** A product of arrays that need not be matrices: their elements are computed where they are read. */
export interface Product {
  /** Tells its text from that of others. */
  key: string;
  inputs: readonly Element[];
  outputs: readonly Element[];
  /** Functions that the texts call. */
  functions?: string;
  rows: Rows;
  columns: Columns;
  /** Text that stores v, the elements of row m < m's end in the columns from n; `part` is the part of the sums. */
  store: string;
}

/** Own whole numbers of a product begin here; before are rows, columns, terms, terms in a part, tiles of rows and of columns. */
export const ownNumbers = 6;

/** The numbers that a {@link productKernel} needs first. */
export function numbersOf([m, n, k]: Sizes, { span, down, across }: Plan): number[] {
  return [m, n, k, span, down, across];
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The kernel of a product. */
export function productKernel(product: Product, plan: Plan): Kernel {
  const { key, inputs, outputs, columns } = product, { tile } = plan;
  // Patches are checked where they are read, so their columns are not.
  const full = tile.slice > 0 && (columns.setup === undefined ? plan.full.all : plan.full.rows);
  const text = () => tile.slice === 0 ? textApart(product, tile) : sharedText(product, tile, full);
  return {
    key: `${key} ${tile.rows} ${tile.quads} ${tile.across} ${tile.down} ${tile.slice} ${full}`,
    inputs,
    outputs,
    text,
  };
}

/** What the texts have in common: the store, and the positions of the tile and the thread. */
function beginning({ functions = "", store }: Product, tile: Tile): string {
  const [height, width] = sizesOf(tile), [m, n, k, span, tilesDown, tilesAcross] = range(6).map(whole);
  return `${functions}
fn store(m : u32, n : u32, part : u32, v : vec4<f32>) { if (m < ${m} && n < ${n} && part * ${span} < max(${k}, 1u)) { ${store} } }
${entry(tile.across * tile.down)} {
  let g = ${groupIndex}; let m0 = g % ${tilesDown} * ${height}u; let rest = g / ${tilesDown};
  let n0 = rest % ${tilesAcross} * ${width}u; let part = rest / ${tilesAcross};
  let x = id % ${tile.across}u; let y = id / ${tile.across}u; let end = min(${k}, (part + 1u) * ${span});`;
}

/** Each thread reads what it needs; its tile has one quad of columns. Rows past the last are not stored. */
function textApart(product: Product, tile: Tile): string {
  const { rows, columns } = product, own = range(tile.rows), terms = range(rows.wide ? 4 : 1);
  const term = (u: number) =>
    `{ let k = k0 + ${u}u; var v = vec4<f32>(); ${columns.at}\n` +
    `${own.map((r) => `s${r} = fma(vec4<f32>(l${r}${rows.wide ? `.${"xyzw"[u]}` : ""}), v, s${r});`).join(" ")} }\n`;
  return `${beginning(product, tile)}
  let n = n0 + x * 4u; let top = m0 + y * ${tile.rows}u; if (n >= ${whole(1)} || top >= ${whole(0)}) { return; }
  ${own.map((r) => `var s${r} = vec4<f32>();`).join(" ")}
  ${columns.setup ?? ""}
  for (var k0 = part * ${whole(3)}; k0 < end; k0 += ${terms.length}u) {
    ${
    own.map((r) => `var l${r} : ${rows.wide ? "vec4<f32>" : "f32"}; { let m = top + ${r}u; let k = k0; l${r} = ${rows.at}; }`)
      .join("\n")
  }
    ${terms.map(term).join("")}
  }
  ${own.map((r) => `store(top + ${r}u, n, part, s${r});`).join(" ")}
}`;
}

/** The threads of a workgroup share slices of both operands; with `full` tiles, reads need no checks. */
function sharedText(product: Product, tile: Tile, full: boolean): string {
  const { rows, columns } = product,
    { rows: R, quads: Q, across, down, slice } = tile,
    [height, width] = sizesOf(tile),
    threads = across * down;
  // One more than needed, so that threads that write below each other use different banks of the memory.
  const tall = height + 4, wide = width / 4 + 1, each = range(R).flatMap((r) => range(Q).map((q) => [r, q]));
  const [m, n, , span] = range(4).map(whole);
  const loads = (count: number, body: string) =>
    range(Math.ceil(count / threads)).map((j) =>
      `{ let i = id + ${j * threads}u; ${count % threads === 0 ? body : `if (i < ${count}u) { ${body} }`} }\n`
    ).join("");
  const lanes = rows.wide ? 4 : 1, along = rows.along === "k" ? slice / lanes : height / lanes;
  const [mine, other] = [`i % ${along}u * ${lanes}u`, `i / ${along}u`],
    [u, row] = rows.along === "k" ? [mine, other] : [other, mine];
  const place = (lane: number) => rows.along === "k" ? `(u + ${lane}u) * ${tall}u + row` : `u * ${tall}u + row + ${lane}u`;
  const loadRows = loads(
    height * slice / lanes,
    `let u = ${u}; let row = ${row}; let k = k0 + u; let m = m0 + row; var v = ${lanes === 1 ? "0.0" : "vec4<f32>()"}; ` +
      `${full ? "" : `if (m < ${m} && k < end) `}{ v = ${rows.at}; } ` +
      (lanes === 1 ? `a[${place(0)}] = v;` : range(4).map((lane) => `a[${place(lane)}] = v.${"xyzw"[lane]};`).join(" ")),
  );
  const quad = columns.along === "n" ? [`i / ${width / 4}u`, `i % ${width / 4}u`] : [`i % ${slice}u`, `i / ${slice}u`];
  const fixed = columns.setup !== undefined;
  const loadColumns = loads(
    slice * width / 4,
    `let u = ${quad[0]}; let q = ${quad[1]}; let k = k0 + u; ${fixed ? "" : "let n = n0 + q * 4u;"} var v = vec4<f32>(); ` +
      `${full ? "" : `if (k < end && n < ${n}) `}{ ${columns.at} } b[u * ${wide}u + q] = v;`,
  );
  const term = (p: number) =>
    `{ ${range(Q).map((q) => `let b${q} = b[${p * wide + q * across}u + x];`).join(" ")} ` +
    `${range(R).map((r) => `let l${r} = vec4<f32>(a[${p * tall + r}u + y * ${R}u]);`).join(" ")} ` +
    `${each.map(([r, q]) => `s${r}_${q} = fma(l${r}, b${q}, s${r}_${q});`).join(" ")} }\n`;
  return `
var<workgroup> a : array<f32, ${slice * tall}>;
var<workgroup> b : array<vec4<f32>, ${slice * wide}>;
${beginning(product, tile)}
  ${each.map(([r, q]) => `var s${r}_${q} = vec4<f32>();`).join(" ")}
  ${fixed ? `let n = n0 + id % ${width / 4}u * 4u; ${columns.setup}` : ""}
  for (var k0 = part * ${span}; k0 < end; k0 += ${slice}u) {
    ${loadRows}${loadColumns}workgroupBarrier();
    ${range(slice).map(term).join("")}workgroupBarrier();
  }
  ${each.map(([r, q]) => `store(m0 + y * ${R}u + ${r}u, n0 + (x + ${q * across}u) * 4u, part, s${r}_${q});`).join(" ")}
}`;
}
