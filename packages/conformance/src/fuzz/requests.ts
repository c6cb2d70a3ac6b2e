import type { Operation, Parameter } from "./document.ts";
import type { Request } from "./exchange.ts";
import { fits, type Value } from "./schema.ts";
import type { Stage } from "./stage.ts";
import { permitted, plain, violating } from "./values.ts";

/** What the answer of a request must be. */
export type Wanted =
  /** Not a refusal of its form. */
  | "taken"
  /** Anything that the document has. */
  | "anything"
  | "refused"
  | "unauthorized"
  | "not allowed";

export interface Attempt {
  readonly request: Request;
  readonly wanted: Wanted;
  /** What is special about it. */
  readonly what: string;
}

interface Parts {
  readonly path: ReadonlyMap<string, unknown>;
  readonly query: ReadonlyMap<string, unknown>;
  readonly body: unknown;
}

export interface Making {
  readonly operation: Operation;
  readonly prefix: string;
  readonly stage: Stage;
  readonly adminToken: string | undefined;
}

const OTHER_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"];

/** A request with the required parts alone. It is made anew for each attempt: ids of creations must differ. */
export function plainAttempt(making: Making): Attempt {
  return attempt(making, plainParts(making), "taken", "the required parts");
}

/** All that differ from the plain one in one place. */
export function attemptsOf(making: Making): Attempt[] {
  return [...withParameters(making), ...withBodies(making), ...withTokens(making)];
}

/** Methods that the path does not have. */
export function otherMethods(path: string, operations: readonly Operation[], making: Making): Attempt[] {
  const { request } = plainAttempt(making);
  const asked = request.path.slice(making.prefix.length).replace(/\?.*/, "");
  // A path may be one of several templates: `/files/links` is also a `/files/{file}`.
  const isOf = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`).test(asked);
  const known = new Set(operations.filter((one) => one.path === path || isOf(one.path)).map(({ method }) => method));
  return OTHER_METHODS.filter((method) => !known.has(method)).map((method) => ({
    request: { method, path: request.path, headers: {} },
    wanted: "not allowed",
    what: `the method ${method}`,
  }));
}

function plainParts({ operation, stage }: Making): Parts {
  const of = (place: string) =>
    new Map(
      operation.parameters
        .filter((one) => one.in === place && (place === "path" || one.required === true))
        .map((one) => [one.name, plainParameter(operation, stage, one)] as const),
    );
  const hint = (name: string) => stage.property(operation.path, name);
  const body = operation.body === undefined ? undefined : plain(operation.body.schema, hint, stage.included);
  return { path: of("path"), query: of("query"), body };
}

function plainParameter({ path }: Operation, stage: Stage, { name, schema, ...parameter }: Parameter): unknown {
  const known = parameter.in === "path" ? stage.parameter(path, name) : undefined;
  return known !== undefined && fits(schema, known) ? known : typeof known === "number" ? String(known) : plain(schema);
}

function withParameters(making: Making): Attempt[] {
  const { operation } = making;
  return operation.parameters.flatMap((parameter) => {
    const { name, schema, required } = parameter;
    const place = parameter.in;
    if (place === "header") return [];
    const make = (one: Value, wanted: Wanted): Attempt[] => {
      if (typeof one.value === "object" || (place === "path" && !isSegment(String(one.value)))) return [];
      if (!isWellFormed(one.value)) return [];
      const parts = plainParts(making);
      const changed = { ...parts, [place]: new Map([...parts[place], [name, one.value]]) };
      return [attempt(making, changed, wanted, `${place} ${name}: ${one.what}`)];
    };
    const hint = (property: string) => making.stage.property(operation.path, property);
    const good = permitted(schema, hint).flatMap((one) => make(one, one.mayBeRefused ? "anything" : "taken"));
    // A number in a path or query is text: what stands for a number is not of another type.
    const bad = violating(schema, hint).filter(
      ({ value }) => typeof value === "string" && !standsFor(schema.type, value),
    );
    const left = place === "query" && required === true ? [withoutQuery(making, name)] : [];
    return [...good, ...bad.flatMap((one) => make(one, "refused")), ...left];
  });
}

function withoutQuery(making: Making, name: string): Attempt {
  const parts = plainParts(making);
  const query = new Map([...parts.query].filter(([one]) => one !== name));
  return attempt(making, { ...parts, query }, "refused", `query without ${name}`);
}

function withBodies(making: Making): Attempt[] {
  const { body } = making.operation;
  if (body === undefined) return [];
  const hint = (name: string) => making.stage.property(making.operation.path, name);
  const make = (one: Value, usual: Wanted) => {
    // Text with a lone surrogate is no Unicode: JSON Schema does not say what that is.
    const wanted = /\\ud[89a-f]/.test(JSON.stringify(one.value)) ? "anything" : usual;
    return attempt(making, { ...plainParts(making), body: one.value }, wanted, `body: ${one.what}`);
  };
  const good = permitted(body.schema, hint).map((one) => make(one, one.mayBeRefused ? "anything" : "taken"));
  if (body.type !== "application/json") return good;
  const bad = violating(body.schema, hint).map((one) => make(one, "refused"));
  const { request, ...plainOne } = plainAttempt(making);
  const raw = (text: string | undefined, type: string, what: string): Attempt => ({
    ...plainOne,
    request: { ...request, body: text, headers: { ...request.headers, "content-type": type } },
    wanted: "refused",
    what: `body: ${what}`,
  });
  const text = request.body;
  return [
    ...good,
    ...bad,
    raw("{", body.type, "no JSON"),
    raw(text, "text/plain", "another content type"),
    raw(text, "application/x-www-form-urlencoded", "a form"),
    raw("", body.type, "empty"),
    bodiless(making, body.isRequired ? "refused" : "taken"),
  ];
}

/** Without a content type too. */
function bodiless(making: Making, wanted: Wanted): Attempt {
  const { request } = plainAttempt(making);
  const { "content-type": _type, ...headers } = request.headers;
  return { request: { ...request, headers, body: undefined }, wanted, what: "no body" };
}

function withTokens(making: Making): Attempt[] {
  const { security } = making.operation;
  if (security.includes("")) return [];
  const { request } = plainAttempt(making);
  const { authorization: _token, ...headers } = request.headers;
  return [
    { request: { ...request, headers }, wanted: "unauthorized", what: "no token" },
    {
      request: { ...request, headers: { ...headers, authorization: "Bearer invented" } },
      wanted: "unauthorized",
      what: "an invented token",
    },
  ];
}

function attempt(
  { operation, prefix, stage, adminToken }: Making,
  parts: Parts,
  wanted: Wanted,
  what: string,
): Attempt {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encode(String(parts.path.get(name))));
  const query = [...parts.query].map(([name, one]) => `${name}=${encodeURIComponent(String(one))}`).join("&");
  const token = operation.security.includes("admin") ? adminToken : stage.token;
  const isSigned = token !== undefined && !operation.security.every((one) => one === "");
  const { body } = operation;
  const isJson = body?.type === "application/json";
  return {
    request: {
      method: operation.method,
      path: `${prefix}${path}${query === "" ? "" : `?${query}`}`,
      headers: {
        ...(isSigned ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": body.type }),
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(parts.body) : String(parts.body) }),
    },
    wanted,
    what,
  };
}

/** Characters that a segment has as they are stay so: a path has one spelling. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(24|26|2B|2C|3A|3B|3D|40)/g, (one) => decodeURIComponent(one));
}

/** Others lead to another path. */
function isSegment(text: string): boolean {
  return text !== "" && text !== "." && text !== "..";
}

function isWellFormed(value: unknown): boolean {
  return typeof value !== "string" || value.isWellFormed();
}

function standsFor(type: unknown, text: string): boolean {
  return (type === "integer" || type === "number") && text.trim() !== "" && Number.isFinite(Number(text));
}
