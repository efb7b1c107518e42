/** Packages that only the tests need, pinned as in `../deps.ts`. */
export { default as fc } from "npm:fast-check@4.10.2";
