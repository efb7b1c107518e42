import { text } from "../spec/files.ts";
import { numberIn } from "../spec/read_flags.ts";
import { listen } from "./listen.ts";
import { server } from "./server.ts";

/** The flags of `serve`. */
export const serveFlags: readonly string[] = ["port", "host", "store", "keyFile", "alpha", "unknownLevels"];

/**
 * Serves a run until the process is asked to end: `serve run [--port 8080] [--host 127.0.0.1] [--store …] [--keyFile key.txt]`.
 * @throws {RangeError} as `server()`
 */
export async function serveCommand(
  run: string,
  flags: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<void> {
  const { port = "8080", host = "127.0.0.1", store, keyFile, alpha, unknownLevels } = flags;
  const serving = await server(run, {
    store,
    apiKey: keyFile === undefined ? undefined : (await text(keyFile)).trim(),
    alpha: alpha === undefined ? undefined : numberIn("alpha", alpha),
    unknownLevels: unknownLevels as "refuse" | "encode" | undefined,
  });
  await listen(serving, { port: numberIn("port", port), hostname: host }, (port) => {
    print(`Serving ${run} at http://${host}:${port}/${keyFile === undefined ? ", for everybody who can reach it" : ""}`);
  });
  print("Ended: what was asked is answered, and the store is closed");
}
