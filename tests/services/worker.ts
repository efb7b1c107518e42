/** A worker: `worker.ts <queue's address> <lease in seconds>`. */
import { serveQueue } from "../../seldonian/experiments/mod.ts";

const [url, lease] = Deno.args, stop = new AbortController();
Deno.addSignalListener("SIGTERM", () => stop.abort());
const start = () => new Worker(import.meta.resolve("./trials.ts"), { type: "module" });
await serveQueue(url, { count: 1, start }, { lease: Number(lease), signal: stop.signal });
