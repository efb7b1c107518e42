import type { Strided } from "../../ndarray.ts";
import { entry, type Kernel, oneEach, threads, whole } from "./kernel.ts";
import { ownNumbers, type Product } from "./products.ts";

/**
 * The product of matrices of any strides, and its own numbers: offset and both strides of each matrix. Four
 * neighbours are one read where all of them begin at a multiple of four, neighbouring rows with `shared` slices only.
 */
export function matrixProduct(x: Strided, y: Strided, shared: boolean): { product: Product; numbers: number[] } {
  const [m, k] = x.shape, n = y.shape[1], [down, along] = x.stride, [below, beside] = y.stride;
  const inFours = (...numbers: number[]) => numbers.every((number) => number % 4 === 0);
  const own = (i: number) => whole(ownNumbers + i);
  const rows = along === 1 ? "k" : down === 1 ? "m" : "k";
  const wideRows = rows === "m" ? shared && inFours(along, m, x.offset) : along === 1 && inFours(down, k, x.offset);
  const columns = below === 1 && beside !== 1 ? "k" : "n", wideColumns = beside === 1 && inFours(below, n, y.offset);
  const wideResult = inFours(n);
  const place = `${own(0)} + m * ${own(1)} + k * ${own(2)}`, from = `${own(3)} + k * ${own(4)} + n * ${own(5)}`;
  const singly = [0, 1, 2, 3].map((j) => `if (n + ${j}u < ${whole(1)}) { v.${"xyzw"[j]} = a1[first + ${j}u * ${own(5)}]; }`).join(
    " ",
  );
  const result = `(part * ${whole(0)} + m) * ${whole(1)} + n`;
  const product: Product = {
    key: `matmul ${rows} ${wideRows} ${columns} ${wideColumns} ${wideResult}`,
    inputs: [wideRows ? "vec4<f32>" : "f32", wideColumns ? "vec4<f32>" : "f32"],
    outputs: [wideResult ? "vec4<f32>" : "f32"],
    rows: { along: rows, at: wideRows ? `a0[(${place}) / 4u]` : `a0[${place}]`, wide: wideRows },
    columns: { along: columns, at: wideColumns ? `v = a1[(${from}) / 4u];` : `let first = ${from}; ${singly}` },
    store: wideResult
      ? `z0[(${result}) / 4u] = v;`
      : [0, 1, 2, 3].map((j) => `if (n + ${j}u < ${whole(1)}) { z0[${result} + ${j}u] = v.${"xyzw"[j]}; }`).join(" "),
  };
  return { product, numbers: [x.offset, down, along, y.offset, below, beside] };
}

/** The product of matrices of integers, a thread for each element; whole numbers are their count, columns, terms and the layout. */
export function integerProduct(): Kernel {
  const [x, down, along, y, below, beside] = [0, 1, 2, 3, 4, 5].map((i) => whole(3 + i));
  const text = `${entry(threads)} { ${oneEach(whole(0))}
  let row = ${x} + i / ${whole(1)} * ${down}; let column = ${y} + i % ${whole(1)} * ${beside}; var sum = 0;
  for (var k = 0u; k < ${whole(2)}; k++) { sum += a0[row + k * ${along}] * a1[column + k * ${below}]; }
  z0[i] = sum;
}`;
  return { key: "integerProduct", inputs: ["i32", "i32"], outputs: ["i32"], text: () => text };
}
