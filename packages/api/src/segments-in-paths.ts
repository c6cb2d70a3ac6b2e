import { STORABLE } from "@hubbub/protocol/codec";

interface Parameter {
  readonly in?: string;
  readonly schema?: { pattern?: string };
}

/** What a segment of a path can hold: paths with controls, slashes and backslashes in their escapes are refused before any route. */
const SEGMENT = "^[^\\u0000-\\u001f\\u007f/\\\\]*$";

/** Says it of all parameters in paths that have no narrower pattern. */
export function segmentsInPaths({ paths = {} }: { readonly paths?: Record<string, object> | undefined }): void {
  for (const item of Object.values(paths)) {
    for (const { parameters = [] } of Object.values(item) as { parameters?: Parameter[] }[]) {
      for (const { in: place, schema } of parameters) {
        if (place !== "path" || schema === undefined) continue;
        if (schema.pattern === undefined || schema.pattern === STORABLE) schema.pattern = SEGMENT;
      }
    }
  }
}
