import { version } from "../version.ts";
import type { Field, Fields } from "./fields.ts";
import type { Judge } from "./judge.ts";

/** The description of a server's requests and answers (OpenAPI 3.1). */
export function openApi(
  fields: Fields,
  judge: Judge,
  numbers: boolean,
  limits: { bytes: number; rows: number },
  key: boolean,
  drawn: boolean,
): unknown {
  const columns = Object.fromEntries(Array.from(fields.columns.values(), (field) => [field.name, schemaOf(field)]));
  const row = {
    type: "object",
    properties: { ...columns, ...Object.fromEntries(fields.features.map((field) => [field.name, schemaOf(field)])) },
    required: fields.features.map(({ name }) => name),
    additionalProperties: false,
  };
  const application = {
    description: drawn
      ? "A row and whose it is: decisions are drawn from probabilities, and without a person one draw decides all equal rows"
      : "A row and whose it is, which changes nothing here: decisions are not drawn",
    type: "object",
    properties: { row: { $ref: "#/components/schemas/Row" }, person: { type: ["string", "number"], minLength: 1 } },
    required: ["row"],
    additionalProperties: false,
  };
  const label = numbers
    ? { type: "number" }
    : judge.classes === undefined
    ? { type: "integer", minimum: 0 }
    : { enum: judge.classes };
  const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });
  const some = (schema: string) => {
    const one = schema === "Row" ? { anyOf: [ref("Row"), ref("Application")] } : ref(schema);
    return { oneOf: [one, { type: "array", items: one, minItems: 1, maxItems: limits.rows }] };
  };
  const json = (schema: unknown) => ({ "application/json": { schema } });
  const problem = (description: string) => ({
    description,
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  });
  const refusals = {
    400: problem("The body is not JSON in UTF-8, or names something twice"),
    ...(key && { 401: problem("The API key is missing or wrong") }),
    408: problem("The body took too long to arrive"),
    413: problem(`The body is longer than ${limits.bytes} bytes, or has more than ${limits.rows} rows`),
    415: problem("The body is not application/json"),
    422: problem("Some fields do not fit; nothing of the request was carried out"),
    503: problem("Too much waits, or the store fails; the same request may be sent again"),
  };
  const post = (summary: string, from: string, to: string) => ({
    post: {
      summary,
      operationId: from.toLowerCase(),
      requestBody: { required: true, content: json(some(from)) },
      responses: { 200: { description: "One answer, or one for each in the same order", content: json(some(to)) }, ...refusals },
    },
  });
  const get = (operationId: string, summary: string, content: unknown, open = false) => ({
    get: {
      summary,
      operationId,
      ...(open && { security: [] }),
      responses: {
        200: { description: summary, content },
        ...(key && !open && { 401: refusals[401] }),
        503: refusals[503],
      },
    },
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "A certified model",
      version,
      description: "Decisions as they were certified, and the monitor of its promise",
    },
    ...(key && { security: [{ key: [] }] }),
    paths: {
      "/predict": post("Decides rows", "Row", "Decision"),
      "/outcomes": post(
        "Tells what came true; telling it again changes nothing, telling another label corrects it",
        "Outcome",
        "Settled",
      ),
      "/promises": get("promises", "The promise, its certificate and its monitor", json({ type: "object" })),
      "/metrics": get("metrics", "Counts, in Prometheus' text format", { "text/plain": { schema: { type: "string" } } }),
      "/health": get("health", "Whether the server can keep decisions", json({ type: "object" }), true),
      "/openapi.json": get("openapi", "This description", json({ type: "object" }), true),
    },
    components: {
      ...(key && { securitySchemes: { key: { type: "http", scheme: "bearer" } } }),
      schemas: {
        Row: row,
        Application: application,
        Decision: {
          type: "object",
          properties: {
            id: { type: "string" },
            decision: numbers ? { type: "number" } : label,
            output: {
              description: numbers ? "The predicted number" : "The probability of the second class, or those of all classes",
              oneOf: [{ type: "number" }, { type: "array", items: { type: "number" } }],
            },
          },
          required: ["id", "decision", "output"],
        },
        Outcome: {
          type: "object",
          properties: {
            id: { type: "string" },
            label,
            columns: {
              description: "Columns that the promise names, if they did not come with the row",
              type: "object",
              properties: columns,
              additionalProperties: false,
            },
          },
          required: ["id", "label"],
          additionalProperties: false,
        },
        Settled: {
          type: "object",
          properties: { id: { type: "string" }, status: { enum: ["counted", "repeated", "corrected"] } },
          required: ["id", "status"],
        },
        Problem: {
          description: "RFC 9457",
          type: "object",
          properties: {
            title: { type: "string" },
            status: { type: "integer" },
            detail: { type: "string" },
            errors: {
              type: "array",
              items: {
                type: "object",
                properties: { pointer: { type: "string" }, detail: { type: "string" } },
                required: ["pointer", "detail"],
              },
            },
          },
          required: ["title", "status", "detail"],
        },
      },
    },
  };
}

function schemaOf({ kind, levels, nullable }: Field): unknown {
  if (kind === "number") return { type: nullable ? ["number", "boolean", "null"] : ["number", "boolean"] };
  if (levels !== undefined) return { enum: nullable ? [...levels, null] : [...levels] };
  return { type: nullable ? ["string", "null"] : "string", ...(!nullable && { minLength: 1 }) };
}
