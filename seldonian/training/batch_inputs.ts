import type { ListMemory } from "../../autodiff/kernels/list_memory.ts";
import { Tensor } from "../../autodiff/mod.ts";
import { contiguousData } from "../../autodiff/ndarray.ts";
import { here, isRemote } from "../../autodiff/remote_array.ts";
import { ownCopy } from "../../autodiff/views.ts";
import type { Rows } from "../data/data_set.ts";

/** Tensors of a batch that stay: they take the numbers of other batches of the same shapes. */
export class BatchInputs {
  readonly features: Rows["features"];
  readonly labels: Tensor;
  /** Columns with several numbers a row. */
  readonly #arrays: ReadonlyMap<string, Tensor>;

  constructor(rows: Rows, memory: ListMemory | null) {
    const place = (tensor: Tensor) => placed(tensor, memory), { features } = rows;
    this.features = features instanceof Tensor
      ? place(features)
      : Object.fromEntries(Object.entries(features).map(([name, one]) => [name, place(one as Tensor)]));
    this.labels = place(rows.labels);
    this.#arrays = new Map(arraysOf(rows).map(([name, array]) => [name, place(array)]));
  }

  /** The shapes of a batch; `null` if its features are no tensors, so that there is nothing to fill. */
  static shapesOf(rows: Rows): string | null {
    const tensors = tensorsOf(rows);
    if (tensors === null || rows.clusters !== undefined || tensors.some(({ array }) => isRemote(array))) return null;
    return tensors.map(({ dtype, shape }) => `${dtype} ${shape}`).join(";");
  }

  get tensors(): Tensor[] {
    return [...featuresOf(this)!, this.labels, ...this.#arrays.values()];
  }

  fill(rows: Rows): void {
    const from = tensorsOf(rows)!;
    this.tensors.forEach(({ array }, i) => here(array).data.set(contiguousData(here(from[i].array))));
  }

  /** The rows, with numbers from these tensors. */
  rows({ columns }: Rows, labels: Tensor): Rows {
    const own = this.#arrays;
    return { features: this.features, labels, columns: own.size === 0 ? columns : new Map([...columns, ...own]) };
  }
}

/** A copy of a tensor, in the memory if there is room. */
export function placed(tensor: Tensor, memory: ListMemory | null): Tensor {
  const array = memory?.array(tensor.dtype, tensor.shape) ?? ownCopy(tensor.array);
  here(array).data.set(contiguousData(here(tensor.array)));
  return new Tensor(array);
}

/** The tensors of a batch, in one order; `null` if its features are no tensors. */
function tensorsOf(rows: Rows): Tensor[] | null {
  const features = featuresOf(rows);
  return features && [...features, rows.labels, ...arraysOf(rows).map(([, array]) => array)];
}

function arraysOf({ columns }: Rows): [string, Tensor][] {
  return [...columns].filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor);
}

/** The tensors of features; `null` for features of another kind. */
function featuresOf({ features }: Pick<Rows, "features">): Tensor[] | null {
  if (features instanceof Tensor) return [features];
  if (typeof features !== "object" || features === null || Array.isArray(features)) return null;
  const tensors = Object.values(features);
  return tensors.every((one) => one instanceof Tensor) ? tensors as Tensor[] : null;
}
