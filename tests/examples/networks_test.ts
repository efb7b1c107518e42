import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { run, skip } from "../helpers/child.ts";

test("examples/mnist.ts runs a few steps without permissions, and the same seed gives the same results", { skip }, async () => {
  const few = ["examples/mnist.ts", "--rows", "1500", "--epochs", "1", "--json"];
  const [first, second, other] = [await run(...few), await run(...few), await run(...few, "--seed", "1")];
  const alone = await run(...few, "--threads", "1");
  equal(first.code, 0, first.errors);
  match(first.out, /^No solution found: the candidate failed the safety test\.\n {2}ACC >= 0\.95: violated \(0\.\d+ too much\)/);
  match(first.out, /not saved; to save them, run with --allow-write=mnist\.jsonl,mnist\.svg,mnist\.safetensors/);
  match(first.errors, /step 5 of 5: epoch 1\/1/);
  const result = ({ out }: { out: string }) => JSON.parse(out.split("\n").at(-1)!);
  const { passed, steps, device, threads, upper, objective } = result(first);
  ok(passed === false && steps === 5 && device === "cpu" && threads >= 1 && upper > 0 && objective > 0);
  equal(result(second).upper, upper);
  equal(result(second).objective, objective);
  equal(result(alone).objective, objective);
  ok(result(other).objective !== objective);
});

test("examples/mnist.ts names the values of a flag that is wrong", { skip }, async () => {
  const { code, errors } = await run("examples/mnist.ts", "--device", "abacus");
  ok(code !== 0);
  match(errors, /Cannot train: device is "abacus"; wanted "cpu", "gpu" or "auto"/);
});

test("examples/headless_cnn.ts trains a new head on a pretrained body, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/headless_cnn.ts", "--rows", "1500", "--epochs", "6");
  equal(code, 0, errors);
  match(out, /ACC is 0\.\d+ on 750 rows of safety data/);
});

test("examples/pytorch_model.ts tests a model that PyTorch trained, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/pytorch_model.ts");
  equal(code, 0, errors);
  match(out, /^The safety test passed\.\n {2}ACC >= 0\.85: kept with confidence 95 %/);
});

test("examples/resnet.ts and examples/spam.ts train networks of new layers, without permissions", { skip }, async () => {
  const [images, messages] = [
    await run("examples/resnet.ts", "--rows", "800", "--epochs", "1"),
    await run("examples/spam.ts", "--epochs", "1"),
  ];
  equal(images.code, 0, images.errors);
  match(images.out, /ACC is 0\.\d+ on 400 rows of safety data/);
  equal(messages.code, 0, messages.errors);
  match(messages.out, /FPR is 0\.\d+ on 2,421 rows of safety data/);
});
