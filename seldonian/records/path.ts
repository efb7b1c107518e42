import { checkArgument, type Kind } from "../../autodiff/options.ts";

const pathKind: Kind = {
  wanted: 'a file\'s path, such as "run.jsonl"',
  holds: (value) => (typeof value === "string" && value !== "") || value instanceof URL,
};

/** @throws {TypeError} unless it is a path */
export function checkPath(action: string, path: unknown): void {
  checkArgument(action, "the path", path, pathKind);
}
