import process from "node:process";
import type { Server } from "./server.ts";

/** The part of the runtimes that listens. */
interface Runtimes {
  Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(at: { port: number }): void },
      answer: Server["fetch"],
    ): { shutdown(): Promise<void>; finished: Promise<void> };
  };
  Bun?: { serve(options: { port: number; hostname: string; fetch: Server["fetch"] }): { port: number; stop(): Promise<void> } };
}

/**
 * Listens until SIGTERM or SIGINT, which finish what was asked and close the store.
 * @param said receives the port
 * @throws {RangeError} for an address that is taken or not there, and in Node.js, which has no server of fetch handlers
 */
export async function listen(
  { fetch, close }: Server,
  { port, hostname }: { port: number; hostname: string },
  said: (port: number) => void,
): Promise<void> {
  const { Deno, Bun } = globalThis as Runtimes;
  const begun = async <T>(start: () => T): Promise<T> => {
    try {
      return start();
    } catch (error) {
      await close();
      const { code, message } = error as Error & { code?: string };
      const why = code === "EADDRINUSE" ? "another program listens there" : message;
      throw new RangeError(`Cannot listen at ${hostname}, port ${port}: ${why}; choose another by --port or --host`, {
        cause: error,
      });
    }
  };
  if (Deno !== undefined) {
    const listening = await begun(() => Deno.serve({ port, hostname, onListen: (at) => said(at.port) }, fetch));
    await Promise.race([ended(), listening.finished]);
    await listening.shutdown();
  } else if (Bun !== undefined) {
    const listening = await begun(() => Bun.serve({ port, hostname, fetch }));
    said(listening.port);
    await ended();
    await listening.stop();
  } else {
    throw new RangeError(
      "Cannot listen in Node.js: run this by Deno or Bun, or give the fetch of server() from @seldonian/kit/serving to a server",
    );
  }
  await close();
}

/** When the process is asked to end. */
function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}
