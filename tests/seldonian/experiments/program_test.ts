import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { Tensor } from "../../../mod.ts";
import { type Contender, experiment, program } from "../../../seldonian/experiments/mod.ts";
import { readNpy, readNpz } from "../../../seldonian/formats/npz.ts";
import { writeNpy, writeNpz } from "../../../seldonian/formats/write_npz.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";
import { small } from "../../helpers/small_experiment.ts";

test("arrays are written as they are read", async () => {
  const arrays = {
    a: Tensor.from(new Float32Array([1, -0, 3.5, NaN, Infinity, 1e-40]), [2, 3]),
    b: Tensor.from(new Float64Array([0.1]), []),
    c: Tensor.from(new Int32Array([1, -2, 3]), [3]),
    d: Tensor.from(new Float64Array(0), [0, 4]),
    e: Tensor.from(new Float32Array(24).map((_, i) => i), [2, 3, 4]).transpose(),
  };
  for (const [name, array] of Object.entries(arrays)) {
    const read = readNpy(writeNpy(array));
    deepEqual([read.shape, read.dtype, ...read.data], [array.shape, array.dtype, ...array.data], name);
  }
  const read = await readNpz(await writeNpz(arrays));
  deepEqual([...read.keys()], Object.keys(arrays));
  deepEqual([...read.get("e")!.data], [...arrays.e.data]);
});

/** One trial of a program that a shell runs. */
async function tried(script: string, seconds = 20) {
  const contenders: Record<string, Contender> = {
    it: program(["sh", "-c", script, "it", "{train}", "{test}", "{predictions}", "{seed}"], { seconds }),
  };
  const { trials: [one] } = await experiment({ ...small, contenders, sizes: [40], trials: 1 });
  return one;
}

test("a wrong command is refused", () => {
  throws(() => program([]), /the command is a list; wanted a list of a program and its arguments/);
  throws(() => program("python3" as never), /wanted a list of a program/);
  throws(() => program(["a"], { seconds: 0 }), /seconds is 0/);
  equal(program(["a"]).settings instanceof Array, true);
});

testsThatWrite(import.meta.url, () => {
  test("a program's predictions are judged; without any there is no solution", async () => {
    // As outputs it returns the column M, whose array is a member of the archive that is stored as it is.
    const copy = `python3 - "$@" <<'END'
import sys, zipfile
open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[2]).read("column.M.npy"))
END`;
    const one = await tried(`command -v python3 > /dev/null || exit 9; ${copy}`);
    if (one.error?.includes("ended with 9")) return;
    deepEqual([one.solution, one.error], [true, undefined]);
    const none = await tried("true");
    deepEqual([none.solution, none.error], [false, undefined]);
  });

  test("a program that crashes, hangs or writes nonsense is a failed trial, with what it said last", async () => {
    match((await tried("echo first >&2; echo broken >&2; exit 3")).error!, /^sh ended with 3; its last words: "broken"$/);
    // A busy machine takes a second to start a shell.
    match((await tried("echo slow >&2; exec sleep 60", 2)).error!, /^sh ran longer than 2 seconds, and was killed; .*slow/);
    match((await tried('echo nonsense > "$3"')).error!, /Cannot read its predictions: it does not begin with/);
    match((await tried("kill -9 $$")).error!, /^sh ended with SIGKILL/);
    const contenders = { it: program(["no-such-program-anywhere"]) };
    match(
      (await experiment({ ...small, contenders, sizes: [40], trials: 1 })).trials[0].error!,
      /^Cannot run no-such-program-anywhere: /,
    );
  });

  test("a program's time may be without a limit, and what it has started holds nobody up", async () => {
    for (const seconds of [Infinity, 1e8]) match((await tried("sleep 0.2; exit 3", seconds)).error!, /^sh ended with 3/);
    const began = performance.now();
    match((await tried("sleep 30; true", 0.3)).error!, /^sh ran longer than 0.3 seconds, and was killed/);
    match((await tried("sleep 30 & echo last >&2; exit 3")).error!, /^sh ended with 3; its last words: "last"$/);
    ok(performance.now() - began < 25_000);
  });

  test("a program that writes too few predictions, or some that are none, is a failed trial", () =>
    inFolder(async (folder) => {
      const written = async (predictions: Float64Array, shape?: number[]) => {
        writeFileSync(`${folder}/it.npy`, writeNpy(Tensor.from(predictions, shape)));
        return (await tried(`cp '${folder}/it.npy' "$3"`)).error;
      };
      const wanted = "wanted one for each of the 300 rows of the truth";
      match((await written(new Float64Array(3).fill(0.5)))!, new RegExp(`^Cannot judge outputs of shape \\[3\\] .*${wanted}$`));
      match((await written(new Float64Array(0)))!, new RegExp(`shape \\[0\\] .*${wanted}$`));
      match((await written(new Float64Array(300).fill(NaN)))!, /NaN in row 0/);
      match((await written(new Float64Array(300).fill(1.5)))!, /1\.5/);
      match((await written(new Float64Array(900).fill(0.5), [300, 3]))!, /3 outputs in row 0 as probabilities: they sum to 1\.5/);
      equal(await written(new Float64Array(300).fill(0.5)), undefined);
    }));
});
