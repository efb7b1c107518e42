/** Functions of earlier modules, for those that import them: see `tile_module.ts`, `elementary.ts` and `matmul.ts`. */
// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "multiplyColumns")
export declare function multiplyColumns(u: usize, uStep: i32, v: usize, vStep: i32, vNext: i32, c: usize, count: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "expEach")
export declare function expEach(place: usize, count: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "logEach")
export declare function logEach(place: usize, count: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "log1pEach")
export declare function log1pEach(place: usize, count: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "tanhEach")
export declare function tanhEach(place: usize, count: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "packPanels")
export declare function packPanels(at: usize, part: i32, parts: i32, thread: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "multiplyPanels")
export declare function multiplyPanels(at: usize, part: i32, parts: i32, thread: i32): void;

// @ts-ignore: a decorator of AssemblyScript
@external("kernels", "multiplyVector")
export declare function multiplyVector(a: usize, row: i32, column: i32, n: i32, depth: i32, y: usize, step: i32, z: usize, sums: usize): void;
