/** Packages that only the tests need, pinned as in `../deps.ts`. */
export { default as fc } from "npm:fast-check@4.10.2";

/** The package whose methods arrays have. */
export { default as ndarray } from "npm:ndarray@1.0.19";
