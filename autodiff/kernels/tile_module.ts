/**
 * The module of `multiplyColumns`, which is written here byte by byte: 64 times the same step of a product would be long to store.
 *
 * Where an engine checks the bounds of each load, the checks and the instructions to repeat a number of A take as long as half of
 * the arithmetic. So four rows of A are held in variables of the module, each number as a vector of four equal ones: variables have
 * no bounds, and each thread has its own.
 * @module
 */

/** The steps of a product that are held at once. */
export const heldSteps = 64;

/** Locals: parameters, a place in B, eight sums, eight numbers of B, and a number of A. */
const u = 0, uStep = 1, v = 2, vStep = 3, vNext = 4, c = 5, count = 6, at = 7, sums = 8, left = 16, right = 17, factor = 18;

const multiply = "fde601", add = "fde401", multiplyAdd = "fd8502";

/**
 * The module in hexadecimal digits, for memory that threads share: `multiplyColumns(u, uStep, v, vStep, vNext, c, count)` adds to
 * `count` tiles at c the products of 64 steps of four rows of A, which are `uStep` bytes apart from u on, and of eight columns of B,
 * `vStep` bytes apart from v on. A tile is four rows of eight sums; B's next columns are `vNext` bytes further.
 * @param relaxed whether to multiply and add in one instruction
 */
export function tileModule(relaxed: boolean): string {
  const rows = [0, 2, 4, 6].map((sum) => "22" + number(factor) + (relaxed ? joined : separate)(sums + sum));
  const columns = load(at, 0) + set(left) + load(at, 16) + set(right), next = increase(at, get(vStep));
  const step = (k: number): string => columns + rows.map((row, i) => "23" + number(4 * k + i) + row).join("") + next;
  const tile = each(8, (i) => load(c, 16 * i) + set(sums + i)) + get(v) + set(at) + each(heldSteps, step) +
    each(8, (i) => get(c) + get(sums + i) + "fd0b04" + number(16 * i)) + increase(c, "418001") + increase(v, get(vNext));
  const code = counted(["017f", "0b7b"]) + hold() + "0340" + tile + get(count) + "41016b22" + number(count) + "0d000b0b";
  return header + section("06", Array(4 * heldSteps).fill("7b01fd0c" + "00".repeat(16) + "0b")) + exported +
    section("0a", [sized(code)]);
}

/** Magic number and version; a type, of seven int32 parameters; the memory, as in the other modules; a function. */
const header = "0061736d01000000" + "010b0160077f7f7f7f7f7f7f00" + "02120103656e76066d656d6f7279020310808004" + "03020100";

/** The export of `multiplyColumns`. */
const exported = "0713010f6d756c7469706c79436f6c756d6e730000";

/** Holds the numbers of A. */
function hold(): string {
  const four = each(4, (row) => get(u) + "fd0902" + number(4 * row)), next = increase(u, get(uStep));
  return each(heldSteps, (k) => four + [3, 2, 1, 0].map((row) => "24" + number(4 * k + row)).join("") + next);
}

/** Adds the products of a number to the sums of its row. Both products come first, which keeps more of a processor's units busy. */
function separate(sum: number): string {
  return get(left) + multiply + get(factor) + get(right) + multiply + get(sum + 1) + add + set(sum + 1) + get(sum) + add +
    set(sum);
}

function joined(sum: number): string {
  return get(left) + get(sum) + multiplyAdd + set(sum) + get(factor) + get(right) + get(sum + 1) + multiplyAdd + set(sum + 1);
}

function get(local: number): string {
  return "20" + number(local);
}

function set(local: number): string {
  return "21" + number(local);
}

function increase(local: number, amount: string): string {
  return get(local) + amount + "6a" + set(local);
}

function load(place: number, offset: number): string {
  return get(place) + "fd0004" + number(offset);
}

function section(id: string, items: readonly string[]): string {
  return id + sized(counted(items));
}

/** A number in LEB128. */
function number(value: number): string {
  return value < 128 ? byte(value) : byte(value % 128 + 128) + number(value >> 7);
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function sized(digits: string): string {
  return number(digits.length / 2) + digits;
}

function counted(items: readonly string[]): string {
  return number(items.length) + items.join("");
}

function each(times: number, text: (i: number) => string): string {
  return Array.from({ length: times }, (_, i) => text(i)).join("");
}
