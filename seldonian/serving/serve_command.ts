import { text } from "../spec/files.ts";
import { numberIn } from "../spec/read_flags.ts";
import { listen } from "./listen.ts";
import { server } from "./server.ts";

/** The flags of `serve`. */
export const serveFlags: readonly string[] = ["port", "host", "store", "keyFile", "alpha", "unknownLevels", "durable"];

/**
 * Serves a run until the process is asked to end: `serve run [--port 8080] [--host 127.0.0.1] [--store …] [--keyFile key.txt]`.
 * @throws {RangeError} as `server()`
 */
export async function serveCommand(
  run: string,
  flags: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<void> {
  const { port: at = "8080", host = "127.0.0.1", store, keyFile, alpha, unknownLevels, durable } = flags;
  const port = numberIn("port", at);
  if (!(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new RangeError(
      `Cannot listen at port ${at}: wanted a whole number from 0 to 65535, as in --port 8080; 0: any free one`,
    );
  }
  const serving = await server(run, {
    store,
    apiKey: keyFile === undefined ? undefined : (await text(keyFile)).trim(),
    alpha: alpha === undefined ? undefined : numberIn("alpha", alpha),
    unknownLevels: unknownLevels as "refuse" | "encode" | undefined,
    durable: durable as "all" | "outcomes" | undefined,
  });
  await listen(serving, { port, hostname: host }, (port) => {
    print(`Serving ${run} at http://${host}:${port}/${keyFile === undefined ? ", for everybody who can reach it" : ""}`);
    if (serving.drawn) {
      print('Decisions are drawn from probabilities: say whose a row is, {"row": …, "person": …}, or equal rows share one draw');
    }
  });
  print("Ended: what was asked is answered, and the store is closed");
}
