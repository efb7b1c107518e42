import type { Attack } from "./chaos.ts";
import { damagedRecords, damagedRuns, forgedCertificates, hostileNames, plantedLinks } from "./files.ts";
import { fullDisks, killedRuns, killedWriters, manyAtOnce } from "./processes.ts";
import { killedServers } from "./servers.ts";

/** All attacks, by name. */
export const attacks: Record<string, Attack> = {
  "damaged runs": { here: true, attempts: damagedRuns },
  "forged certificates": { here: true, attempts: forgedCertificates },
  "damaged ledgers and trials": { here: true, attempts: damagedRecords },
  "hostile names": { here: true, attempts: hostileNames },
  "planted links": { here: true, attempts: plantedLinks },
  "killed while a run is replaced": { here: false, attempts: killedRuns },
  "killed while records are kept": { here: false, attempts: killedWriters },
  "full disks": { here: false, attempts: fullDisks },
  "killed servers": { here: false, attempts: killedServers("all") },
  "killed servers that answer sooner": { here: false, attempts: killedServers("outcomes") },
  "many at once": { here: false, attempts: manyAtOnce },
};
