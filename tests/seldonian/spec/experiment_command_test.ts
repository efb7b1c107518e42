import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { printed } from "../../helpers/child.ts";
import { onDeno } from "../../helpers/runs.ts";

const skip = !onDeno && "workers of the command line are Deno's", spec = "tests/fixtures/small_experiment.json";
const run = (...args: string[]) => printed(undefined, "-R", "cli.ts", "experiment", ...args);

/** A table's lines without times. */
const timeless = (out: string) => out.split("\n").map((line) => line.replace(/ +\S+$/, ""));

test("an experiment runs from a spec, in any number of threads with the same results", { skip }, async () => {
  const [one, two] = [
    await run(spec, "--threads", "1"),
    await run(spec, "--threads", "2", "--against", "constant"),
  ];
  equal(one.code, 0, one.errors);
  match(
    one.out,
    /^max\(0\.7 - \(ACC .* <= 0, delta 0\.05\n\n +n +contender +trials +solutions +ER +breaks the promise +seconds\n/,
  );
  equal(one.out.match(/^ *(60|120) /gm)!.length, 8);
  const lines = timeless(one.out.trimEnd());
  deepEqual(timeless(two.out).slice(0, lines.length), lines);
  match(
    two.out.split("\n").slice(lines.length).join("\n"),
    /contender, less constant +pairs +solutions +ER +breaks the promise\n/,
  );
});

test("a part of an experiment that has fewer trials than others ends well", { skip }, async () => {
  // Of 6 trials, parts 0 and 1 of 4 have two.
  const { code, out, errors } = await run("tests/fixtures/constant_experiment.json", "--part", "3/4", "--threads", "1");
  equal(code, 0, out + errors);
  match(out, /^ *120 +constant +1 /m);
});

test("wrong specs and flags of experiments are told by name", { skip }, async () => {
  const failed = async (...args: string[]) => {
    const { code, out, errors } = await run(...args);
    equal(code, 2);
    // Before any trial.
    equal(out, "");
    return errors;
  };
  match(await failed(), /usage: seldonian experiment \[status \| plot\] spec\.json/);
  match(await failed("status", spec), /Cannot find kept results without their place: give --out or --store/);
  match(await failed(spec, "--trials", "few"), /--trials is few; wanted a whole number from 1/);
  match(await failed(spec, "--sizes", "3"), /sizes/);
  match(await failed(spec, "--part", "20/20"), /--part is 20\/20; wanted a part and their number, as 0\/20 to 19\/20/);
  match(await failed(spec, "--against", "plane"), /Cannot compare with plane: the contenders are the kit, plain, without a test/);
  match(await failed("nowhere.json"), /Cannot read nowhere\.json: there is no such file/);
  match(await failed("examples/spec/penguins.json"), /penguins\.json, line 1, column 1: "problem" is missing/);
});
