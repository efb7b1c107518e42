/** What is wrong with a part of a request. */
export interface FieldError {
  /** The part, as a JSON pointer in a fragment (RFC 6901), such as "#/0/age". */
  pointer: string;
  /** What was found there, and what is wanted. */
  detail: string;
}

/** Of many errors, an answer names these. */
const named = 20;

/** A request that is not carried out, and why: the answer is a problem document (RFC 9457). */
export class Refusal extends Error {
  /** "Refusal". */
  override name = "Refusal";

  /**
   * A refusal.
   * @param status of HTTP
   * @param detail what was wanted, and what was found
   * @param errors by field, if any
   * @param headers of the answer
   */
  constructor(
    readonly status: number,
    detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  /** The answer. */
  response(): Response {
    const { status, message: detail, errors } = this, some = errors.slice(0, named);
    const problem = {
      title: titles[status],
      status,
      detail: errors.length > some.length ? `${detail}; the first ${named} of ${errors.length} errors are named` : detail,
      ...(some.length > 0 && { errors: some }),
    };
    return new Response(JSON.stringify(problem), {
      status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...this.headers },
    });
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The pointer to a part of a request's body. */
export function pointerTo(...path: readonly (string | number)[]): string {
  return `#${
    path.map((part) => `/${encodeURIComponent(`${part}`.replaceAll("~", "~0").replaceAll("/", "~1").toWellFormed())}`).join("")
  }`;
}

/** A request whose fields do not fit. */
export function unfit(errors: readonly FieldError[]): Refusal {
  return new Refusal(422, "Some fields do not fit, so nothing of this request was carried out", errors);
}
