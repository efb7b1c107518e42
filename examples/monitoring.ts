/**
 * A model at work: its promise is watched outcome by outcome, goes on after a restart, and is broken after 4,000 outcomes.
 *
 * Run it with `deno run examples/monitoring.ts > monitor.svg`.
 */
import { Monitor, type Outcome, plotMonitor } from "../seldonian/monitoring/mod.ts";

/** Loans in the order in which it became known whether they were paid back: the score, the truth and the group. */
function* outcomes(): Generator<Outcome> {
  let state = 1;
  const uniform = () => (state = state * 48271 % 2147483647) / 2147483647;
  for (let t = 0; t < 8000; t++) {
    const old = uniform() < 0.4, label = uniform() < 0.3 ? 1 : 0;
    // After 4,000 outcomes the model refuses more of the young ones who would have paid.
    const wrongly = old ? 0.2 : t < 4000 ? 0.25 : 0.45;
    yield { output: uniform() < (label === 1 ? 0.8 : wrongly) ? 1 : 0, label, columns: { age: old ? 60 : 30 } };
  }
}

const promise = "abs((FPR | [age >= 50]) - (FPR | [age < 50])) <= 0.1";
let monitor = new Monitor([promise], { alpha: 0.05 });
for (const outcome of outcomes()) {
  const { outcomes } = monitor.add([outcome]);
  // A state is small JSON; a monitor goes on from it to the bit.
  if (outcomes % 1000 === 0) monitor = Monitor.fromJSON(JSON.parse(JSON.stringify(monitor)));
}
console.error(monitor);
console.log(await plotMonitor(monitor));
