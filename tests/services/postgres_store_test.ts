import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { experiment, type ExperimentOptions, storeAt, type TrialResult } from "../../seldonian/experiments/mod.ts";
import { question } from "./question.ts";
import { found, missing, postgres, ran, withServer } from "./servers.ts";

const skip = missing("postgres", "initdb", "psql");
const { promise, plain } = question.contenders;
const asked: ExperimentOptions = { ...question, contenders: { promise, plain }, sizes: [40, 120], trials: 3 };
const psql = (url: string, sql: string) => ran(found("psql")!, [url, "-tAc", sql]);

function timeless(trials: readonly TrialResult[]): unknown[] {
  return trials.map(({ seconds: _, ...rest }) => rest);
}

test("results come back as they were kept, a second one changes nothing, and nothing is run again", { skip }, async () => {
  await withServer(postgres, async ({ url }) => {
    const here = await experiment(asked);
    const first = await experiment({ ...asked, store: url });
    const again = await experiment({ ...asked, store: url, onTrial: () => ok(false, "nothing to run") });
    deepEqual(timeless(first.trials), timeless(here.trials));
    deepEqual(again.trials, first.trials);
    const store = await storeAt(url),
      result: TrialResult = {
        contender: "a'; DROP TABLE seldonian_trials; --\0é",
        size: 7,
        trial: 0,
        solution: true,
        performance: 5e-324,
        values: [null, 0.1 + 0.2, -1.7976931348623157e308],
        broken: true,
        seconds: 1 / 3,
        error: "\0 and \ud800",
      };
    await Promise.all([store.keep("s", result), store.keep("s", { ...result, seconds: 2 }), store.keep("t", result)]);
    const [{ seconds, ...kept }, ...more] = await store.known("s"), { seconds: _, ...wanted } = result;
    deepEqual([kept, more], [wanted, []]);
    ok(seconds === 1 / 3 || seconds === 2);
    await store.close();
  });
});

test("twenty open it at once, of which one makes the table, and fill it together", { skip }, async () => {
  await withServer(postgres, async ({ url }) => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => storeAt(url)));
    const none = { contender: "a", size: 1, solution: false, performance: null, values: [], broken: false, seconds: 0 };
    await Promise.all(stores.flatMap((store) => Array.from({ length: 30 }, (_, trial) => store.keep("s", { ...none, trial }))));
    equal((await stores[0].known("s")).length, 30);
    await Promise.all(stores.map((store) => store.close()));
  });
});

test("a restart of the server in mid-run is not noticed", { skip }, async () => {
  await withServer(postgres, async (server) => {
    let restarted: Promise<void> | undefined;
    const { trials } = await experiment({
      ...asked,
      store: server.url,
      onTrial(_, done) {
        if (done === 4) restarted = server.stop("SIGQUIT").then(() => server.start());
      },
    });
    await restarted;
    deepEqual(timeless(trials), timeless((await experiment(asked)).trials));
    equal(await psql(server.url, "SELECT count(*) FROM seldonian_trials"), "12\n");
  });
});

test("another version, another table, a wrong address and a wrong name are errors in words", { skip }, async () => {
  await withServer(postgres, async ({ url }) => {
    const no = (place: string, why: RegExp) => rejects(() => storeAt(place), { name: "RangeError", message: why });
    await no(
      url.replace("/postgres", "/nowhere"),
      /^Cannot keep results in postgres:\/\/127.*nowhere: database "nowhere" does not/,
    );
    await no(
      "postgres://me:secret@127.0.0.1:1/x",
      /^Cannot keep results in postgres:\/\/127.0.0.1:1\/x: .*(refused|ECONNREFUSED)/,
    );
    await (await storeAt(url)).close();
    await psql(url, "COMMENT ON TABLE seldonian_trials IS 'version 9'");
    await no(url, /its table seldonian_trials is of version 9; wanted version 1/);
    await psql(url, "DROP TABLE seldonian_trials; CREATE TABLE seldonian_trials (n int)");
    await no(url, /is of no version; wanted version 1, or another database/);
  });
});
