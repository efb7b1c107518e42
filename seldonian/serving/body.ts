import { Buffer, isAscii } from "node:buffer";
import { repeatedName } from "../../autodiff/repeated_name.ts";
import { Refusal } from "./refusal.ts";

/** What a request may cost. */
export interface BodyLimits {
  /** The most bytes of a body. */
  bytes: number;
  /** How long a body may take to arrive, in seconds. */
  seconds: number;
}

/**
 * A request's body.
 * @throws {Refusal} for another type than JSON, and for a body that is too long or too slow
 */
export async function bodyOf(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const type = request.headers.get("content-type");
  if (type === null || !/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refusal(415, `The body is of the type ${type === null ? "none" : shownText(type)}; wanted application/json`);
  }
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limits.bytes) throw tooLong(limits);
  const bytes = await inTime(length === null ? inPieces(request, limits) : request.arrayBuffer(), limits.seconds);
  if (bytes.byteLength > limits.bytes) throw tooLong(limits);
  return new Uint8Array(bytes);
}

/**
 * The JSON of a body.
 * @throws {Refusal} for text that is not JSON in UTF-8, or has a name twice in one object
 */
export function jsonIn(bytes: Uint8Array): unknown {
  let text: string, json: unknown;
  try {
    // The decoder takes ten times as long.
    text = isAscii(bytes)
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")
      : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    json = JSON.parse(text);
    if (text.includes("\\u") || text.includes("\\/")) json = JSON.parse(plainly(text));
  } catch (error) {
    throw new Refusal(400, `The body is not JSON in UTF-8: ${shownText((error as Error).message)}`);
  }
  // Of a name that is given twice, JSON.parse() keeps the last value: then the objects have fewer names than the text.
  const names = namesIn(json, text),
    twice = !isCounted(text, ":", names) && names < namesWritten(text) ? repeatedName(text) : undefined;
  if (twice !== undefined) {
    throw new Refusal(400, `The body has the name ${shownText(twice.name)} twice in one object; leave one out`);
  }
  return json;
}

/**
 * JSON with its letters as they are, where they may be. V8 15 compares an escaped name with those of earlier objects as it is written:
 * after a body with the name `gr\\u0`, it takes `gr\u00fcn` for that.
 */
function plainly(json: string): string {
  return json.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (escaped, code: string, letter: string) => {
    const plain = code === undefined ? letter : String.fromCharCode(parseInt(code, 16));
    return letter === "/" || (code !== undefined && plain >= " " && plain !== '"' && plain !== "\\") ? plain : escaped;
  });
}

/** Whether a letter is so often in a text. */
function isCounted(text: string, letter: string, times: number): boolean {
  let at = -1;
  do at = text.indexOf(letter, at + 1); while (at >= 0 && times-- > 0);
  return at < 0 && times === 0;
}

/** The number of names in the objects of a JSON value, which may be deep; `text` is how it was written. */
function namesIn(json: unknown, text: string): number {
  let names = 0;
  // A list of flat objects, as most are: there are no more braces than objects.
  if (Array.isArray(json) && isCounted(text, "{", json.length)) {
    for (const one of json) if (typeof one === "object" && one !== null && !Array.isArray(one)) names += Object.keys(one).length;
    return names;
  }
  const open = [json];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one !== "object" || one === null) continue;
    const values = Array.isArray(one) ? one : Object.values(one);
    if (values !== one) names += values.length;
    for (const value of values) if (typeof value === "object" && value !== null) open.push(value);
  }
  return names;
}

/** The number of names in a JSON text: that of its colons outside of strings. */
function namesWritten(text: string): number {
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter === 58) names++;
    else if (letter === 34) {
      do {
        at = text.indexOf('"', at + 1);
      } while (isEscaped(text, at));
    }
  }
  return names;
}

/** Whether an odd number of backslashes is before a letter. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === 92) before--;
  return (at - before) % 2 === 1;
}

/** A text for messages: without control characters, and not long. */
export function shownText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function tooLong({ bytes }: BodyLimits): Refusal {
  return new Refusal(413, `The body is longer than ${bytes} bytes; send fewer rows at once`);
}

/** A body without a stated length. */
async function inPieces({ body }: Request, limits: BodyLimits): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > limits.bytes) throw tooLong(limits);
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole.buffer;
}

/** @throws {Refusal} after some seconds, and if the connection ends */
async function inTime<T>(arriving: T | Promise<T>, seconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Refusal(408, `The body did not arrive in ${seconds} seconds`)), 1000 * seconds);
  });
  try {
    return await Promise.race([arriving, late]);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "The body ended before it was whole");
  } finally {
    clearTimeout(timer);
  }
}
