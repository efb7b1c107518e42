import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Monitor } from "../../../seldonian/monitoring/mod.ts";
import type { Outcome } from "../../../seldonian/monitoring/mod.ts";
import { exclusiveAmong } from "../../../seldonian/encoding/members.ts";
import { Counter } from "../../../seldonian/serving/counter.ts";
import { Desk } from "../../../seldonian/serving/desk.ts";
import { Fields } from "../../../seldonian/serving/fields.ts";
import { Judge } from "../../../seldonian/serving/judge.ts";
import { openRun } from "../../../seldonian/serving/open_run.ts";
import { type ServingStore, servingStore } from "../../../seldonian/serving/store.ts";
import { newWatch } from "../../../seldonian/serving/watch.ts";
import { Refusal } from "../../../seldonian/serving/refusal.ts";
import { person, sharedRun, truth } from "../../helpers/served.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";
import { fc } from "../../deps.ts";

testsThatWrite(import.meta.url, () => {
  const counted = (monitor: Monitor) => monitor.report().outcomes;

  /** A desk of the small run, with its store. */
  const opened = async (
    place: string,
    change: (store: ServingStore) => ServingStore = (store) => store,
    durable: "all" | "outcomes" = "all",
  ) => {
    const run = await openRun(await sharedRun()),
      fields = new Fields(run, "refuse"),
      judge = new Judge(run, fields),
      log: unknown[] = [];
    const store = await servingStore(place, "", [run.tested]), watch = newWatch(run, 0.05);
    const counter = new Counter({ fields, encoder: run.encoder, watch });
    const desk = new Desk({ judge, counter, store: change(store), waiting: 10_000, durable, log: (error) => log.push(error) });
    const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => fields.row(person(from + i), [], [])!);
    const decide = (from: number, count: number) => desk.decide(rows(from, count), true);
    const settle = (outcomes: { id: string; label: number }[]) =>
      desk.settle(outcomes.map((one, i) => ({ ...one, columns: {}, path: [i] })));
    return { run, desk, store, log, decide, settle, state: () => desk.look((monitor) => JSON.stringify(monitor)) };
  };

  test("whatever the order of requests and restarts, the monitor is that of its outcomes in the order in which they were kept", () =>
    inFolder(async (folder) => {
      const step = fc.oneof(
        {
          weight: 7,
          arbitrary: fc.record({ kind: fc.constant("tell" as const), of: fc.nat(11), label: fc.nat(1), together: fc.boolean() }),
        },
        { arbitrary: fc.constant({ kind: "restart" as const }), weight: 1 },
      );
      let number = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40, size: "max" }), async (steps) => {
          const place = `${folder}/${number++}.sqlite`;
          let at = await opened(place);
          const decided = await at.decide(0, 12), told = new Map<number, number>(), wanted: [number, number][] = [];
          let waiting: Promise<unknown>[] = [];
          for (const one of steps) {
            if (one.kind === "restart") {
              await Promise.all(waiting);
              await at.desk.close();
              at = await opened(place);
              continue;
            }
            const of = one.of % decided.length, asked = at.settle([{ id: decided[of].id, label: one.label }]);
            waiting = one.together ? [...waiting, asked] : [await Promise.all([...waiting, asked])] as never;
            if (told.get(of) !== one.label) wanted.push([of, one.label]);
            told.set(of, one.label);
          }
          await Promise.all(waiting);
          const { certificate, encoder: { encoding } } = at.run;
          const monitor = new Monitor(certificate, { alpha: 0.05, exclusive: exclusiveAmong(encoding.groups!) }),
            before = new Map<number, Outcome>();
          for (const [of, label] of wanted) {
            const { sex } = person(of),
              now: Outcome = {
                output: decided[of].output,
                label,
                columns: { women: sex === "F" ? 1 : 0, men: sex === "M" ? 1 : 0 },
              };
            if (before.has(of)) monitor.correct(before.get(of)!, now);
            else monitor.add([now]);
            before.set(of, now);
          }
          equal(await at.state(), JSON.stringify(monitor));
          await at.desk.close();
        }),
        { numRuns: 5, seed: 4 },
      );
    }));

  test("two servers of one file count each outcome once, in one order", () =>
    inFolder(async (folder) => {
      const place = `${folder}/both.sqlite`, [a, b] = [await opened(place), await opened(place)];
      const decided = (await Promise.all([a.decide(0, 50), b.decide(50, 50)])).flat();
      equal(new Set(decided.map(({ id }) => id)).size, 100);
      const outcomes = decided.map(({ id }, i) => ({ id, label: Number(truth(i) === "yes") }));
      const answers = await Promise.all(outcomes.flatMap((one) => [a.settle([one]), b.settle([one])]));
      const count = (status: string) => answers.flat().filter((one) => one === status).length;
      deepEqual([count("counted"), count("repeated")], [100, 100]);
      equal(await a.state(), await b.state());
      equal(await a.desk.look(counted), 100);
      await a.desk.close();
      await b.desk.close();
    }));

  test("a store that fails loses nothing that was acknowledged: requests are refused, and may be sent again", () =>
    inFolder(async (folder) => {
      let left = 3, after = false;
      const failing = (store: ServingStore): ServingStore => ({
        ...store,
        transaction: (work) =>
          store.transaction(async (open) => {
            const result = await work(open);
            if (left-- <= 0 && !after) throw new Error("the disk is full");
            return result;
          }),
      });
      const { decide, settle, desk, state, log } = await opened(`${folder}/full.sqlite`, failing), decided = await decide(0, 20);
      const told = decided.map(({ id }, i) => ({ id, label: i % 2 }));
      await settle(told.slice(0, 5));
      const before = await state();
      await rejects(() => settle(told), (error) => error instanceof Refusal && error.status === 503);
      match(`${log[0]}`, /the disk is full/);
      after = true;
      equal(await state(), before);
      deepEqual(await settle(told), [...Array(5).fill("repeated"), ...Array(15).fill("counted")]);
      await desk.close();
    }));

  test("many requests share a transaction, and a refused one among them changes nothing", () =>
    inFolder(async (folder) => {
      let transactions = 0;
      const { decide, settle, desk } = await opened(`${folder}/many.sqlite`, (store) => ({
        ...store,
        transaction: (work) => (transactions++, store.transaction(work)),
      }));
      const decided = (await Promise.all(Array.from({ length: 200 }, (_, i) => decide(i, 1)))).flat();
      ok(transactions < 20, `${transactions}`);
      transactions = 0;
      const all = await Promise.allSettled(
        decided.map(({ id }, i) => settle([{ id: i % 10 === 3 ? `${id}0000000` : id, label: i % 2 }])),
      );
      deepEqual(all.map(({ status }) => status === "rejected"), decided.map((_, i) => i % 10 === 3));
      ok(transactions < 20, `${transactions}`);
      equal(await desk.look(counted), 180);
      await desk.close();
    }));

  test("outcomes wait for the disk, and so do decisions unless that is left to outcomes alone; nothing of either is lost", () =>
    inFolder(async (folder) => {
      for (const durable of ["all", "outcomes"] as const) {
        const place = `${folder}/${durable}.sqlite`, waits: (boolean | undefined)[] = [];
        const recorded = (store: ServingStore): ServingStore => ({
          ...store,
          transaction: (work, wait) => (waits.push(wait), store.transaction(work, wait)),
        });
        const { decide, settle, desk, state } = await opened(place, recorded, durable), isAll = durable === "all";
        const decided = await decide(0, 19), outcomes = decided.map(({ id }, i) => ({ id, label: i % 2 }));
        await settle(outcomes.slice(0, 10));
        const [more] = await Promise.all([decide(19, 1), settle(outcomes.slice(10))]);
        await Promise.all(Array.from({ length: 30 }, (_, i) => decide(20 + i, 1)));
        deepEqual(waits.slice(0, 4), [isAll, true, true, isAll]);
        const before = await state();
        await desk.close();
        const again = await opened(place);
        equal(await again.state(), before);
        deepEqual(await again.settle([{ id: more[0].id, label: 1 }]), ["counted"]);
        await again.desk.close();
      }
    }));

  test("a transaction begins while those before it are brought to the disk, and is answered with what was kept until then", () =>
    inFolder(async (folder) => {
      const disk: PromiseWithResolvers<void>[] = [], answered: string[] = [];
      let slow = false;
      const { decide, settle, desk, log } = await opened(`${folder}/slow.sqlite`, (store) => ({
        ...store,
        async transaction(work, waits) {
          const { result, kept } = await store.transaction(work, waits), end = Promise.withResolvers<void>();
          if (slow) disk.push(end);
          else end.resolve();
          return { result, kept: Promise.all([kept, end.promise]).then(() => {}) };
        },
      }));
      const told = (await decide(0, 20)).map(({ id }, i) => ({ id, label: i % 2 })),
        begun = async (transactions: number) => {
          while (disk.length < transactions) await new Promise((resolve) => setTimeout(resolve, 1));
        };
      const named = <T>(name: string, asked: Promise<T>) => asked.finally(() => answered.push(name));
      slow = true;
      const first = named("first", Promise.all([settle(told.slice(0, 5)), desk.look(counted)]));
      await begun(1);
      const second = named("second", Promise.all([settle(told.slice(0, 10)), desk.look(counted)]));
      await begun(2);
      const third = named("third", settle(told));
      await begun(3);
      deepEqual(answered, []);
      disk[0].resolve();
      deepEqual(await first, [Array(5).fill("counted"), 5]);
      disk[2].reject(new Error("the disk failed"));
      await rejects(third, (error) => error instanceof Refusal && error.status === 503);
      deepEqual(answered, ["first", "third"]);
      disk[1].resolve();
      deepEqual(await second, [[...Array(5).fill("repeated"), ...Array(5).fill("counted")], 10]);
      match(`${log}`, /the disk failed/);
      slow = false;
      deepEqual(await settle(told), Array(20).fill("repeated"));
      await desk.close();
    }));

  test("a disk that fails an earlier transaction does not fail the one that is under way", () =>
    inFolder(async (folder) => {
      const disk = Promise.withResolvers<void>(), gate = Promise.withResolvers<void>();
      let transactions = 0;
      const { decide, settle, desk, log } = await opened(`${folder}/under_way.sqlite`, (store) => ({
        ...store,
        async transaction(work, waits) {
          const number = transactions++;
          const { result, kept } = await store.transaction((open) =>
            work({
              ...open,
              async settle(outcomes, state) {
                await open.settle(outcomes, state);
                if (number === 2) await gate.promise;
              },
            }), waits);
          return { result, kept: number === 1 ? Promise.all([kept, disk.promise]).then(() => {}) : kept };
        },
      }));
      const told = (await decide(0, 4)).map(({ id }, i) => ({ id, label: i % 2 })), first = settle(told.slice(0, 2));
      while (transactions < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      const second = settle(told.slice(2));
      while (transactions < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      disk.reject(new Error("the disk failed"));
      await rejects(first, (error) => error instanceof Refusal && error.status === 503);
      gate.resolve();
      deepEqual(await second, ["counted", "counted"]);
      equal(log.length, 1);
      equal(await desk.look(counted), 4);
      await desk.close();
    }));
});
