import { type Schema, withoutReferences } from "./schema.ts";

/** One method of one path, as the OpenAPI document has it. */
export interface Operation {
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  /** By status, or `default`. */
  readonly responses: Readonly<Record<string, Documented>>;
  /** Names of the schemes, one of which a request needs; with "" it may do without. */
  readonly security: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Body {
  readonly type: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Schemas by content type; none: the answer has no body. */
export interface Documented {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface RawOperation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content?: Record<string, { readonly schema: Schema }>;
  };
  readonly responses?: Record<string, Documented>;
  readonly security?: readonly Record<string, unknown>[];
}

interface RawDocument {
  readonly paths?: Record<string, Record<string, RawOperation>>;
  readonly servers?: readonly { readonly url: string }[];
}

const METHODS = ["get", "head", "post", "put", "patch", "delete"];

/** `prefix`: of all paths. @throws when the document has a reference that leads nowhere */
export function readDocument(document: unknown): { prefix: string; operations: Operation[] } {
  const { paths = {}, servers } = withoutReferences(document) as RawDocument;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const raw = item[method];
      return raw === undefined ? [] : [toOperation(path, method.toUpperCase(), raw)];
    }),
  );
  return { prefix: servers?.[0]?.url ?? "", operations };
}

function toOperation(path: string, method: string, raw: RawOperation): Operation {
  const { operationId, parameters = [], requestBody, responses = {}, security = [{}] } = raw;
  const [content] = Object.entries(requestBody?.content ?? {});
  return {
    id: operationId ?? `${method} ${path}`,
    method,
    path,
    parameters,
    body:
      content === undefined
        ? undefined
        : { type: content[0], schema: content[1].schema, isRequired: requestBody?.required === true },
    responses,
    security: security.map((one) => Object.keys(one)[0] ?? ""),
  };
}
