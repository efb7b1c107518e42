export { edits, nearestName, nearestTo } from "../autodiff/nearest.ts";
export { checkNames } from "../autodiff/options.ts";
