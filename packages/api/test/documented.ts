import { HTTP_PREFIX } from "@hubbub/protocol";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describeApi } from "../src/openapi.ts";

interface Response {
  readonly content?: Record<string, { readonly schema: object }> | undefined;
}
interface Operation {
  readonly path: RegExp;
  readonly literals: number;
  readonly method: string;
  readonly pointer: string;
  readonly responses: Readonly<Record<string, Response>>;
}

const document = describeApi();
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(document, "api");
const validators = new Map<string, ValidateFunction>();

const operations: readonly Operation[] = Object.entries(document.paths ?? {})
  .flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })))
  .map(({ path, method, operation }) => ({
    path: new RegExp(`^${HTTP_PREFIX}${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    literals: path.split("/").filter((part) => !part.startsWith("{")).length,
    method: method.toUpperCase(),
    pointer: `#/paths/${pointerPart(path)}/${method}/responses`,
    responses: (operation as { responses: Record<string, Response> }).responses,
  }))
  .sort((a, b) => b.literals - a.literals);

function pointerPart(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** What an answer has that the OpenAPI document does not say of its route, one sentence each. Other paths and methods have nothing to say. */
export async function undocumented(method: string, path: string, answer: globalThis.Response): Promise<string[]> {
  const operation = operations.find((one) => one.method === method && one.path.test(path));
  if (operation === undefined) return [];
  const response = operation.responses[answer.status];
  const about = `${method} ${path} answered ${answer.status}`;
  if (response === undefined) return [`${about}, which the document does not have: ${await answer.clone().text()}`];
  const type = answer.headers.get("content-type")?.split(";", 1)[0] ?? "";
  if (response.content === undefined) {
    return (await answer.clone().arrayBuffer()).byteLength === 0 ? [] : [`${about} with a body`];
  }
  if ("*/*" in response.content) return [];
  if (!(type in response.content)) return [`${about} with content of the type "${type}"`];
  if (!type.endsWith("json")) return [];
  const pointer = `${operation.pointer}/${answer.status}/content/${pointerPart(type)}/schema`;
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `api${pointer}` });
  validators.set(pointer, validate);
  const body: unknown = await answer.clone().json();
  return validate(body) ? [] : [`${about}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`];
}
