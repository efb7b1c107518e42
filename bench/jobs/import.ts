// Times the import of the kit, in a process that does nothing else.
const start = performance.now();
await import("../../mod.ts");
console.log(`${(performance.now() - start).toFixed(1)} ms to import`);
export {};
