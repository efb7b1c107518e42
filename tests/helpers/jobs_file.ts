/** A CSV file of people and their jobs, whole and as a stream. */

/** How many rows the file has. */
export const n = 3000;
const lines = Array.from({ length: n }, (_, i) => {
  const age = 20 + i * 7 % 50, job = ["cook", "nurse", "clerk"][i % 3], noise = Math.sin(7.1 * i);
  return `${age},${job},${noise.toFixed(6)},${i % 300 === 0 ? 2 : i % 2},${(age - 45) / 25 + noise > 0 ? "yes" : "no"}\n`;
});
/** The file. */
export const text = `age,job,noise,rare,paid\n${lines.join("")}`;
/** The file's encoding. */
export const encoding = {
  label: { column: "paid", classes: ["no", "yes"] },
  groups: { Cook: ({ job }: Record<string, unknown>) => job === "cook" },
  // Some pieces have only the values 0 and 1 of it.
  columns: ["rare"],
};
/** The file in pieces of `size` letters. */
export const open = (size = 1000) => () => new Blob([text]).stream().pipeThrough(cutter(size));
function cutter(size: number): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(bytes, controller) {
      for (let start = 0; start < bytes.length; start += size) controller.enqueue(bytes.subarray(start, start + size));
    },
  });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
