import { Ajv2020 } from "ajv/dist/2020.js";

/** As much of JSON Schema as the document uses, without references. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  /** A rule for the value that JSON Schema cannot say. A value may be refused for it, but not one of the `examples`. */
  readonly "x-rule"?: string;
}

/** One value of a schema, or of a part of it, and what is special about it. */
export interface Value {
  readonly value: unknown;
  /** Such as `name: too long`. */
  readonly what: string;
  /** The part of the schema that the value tries has an `x-rule`. */
  readonly mayBeRefused: boolean;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });
type Validate = ReturnType<typeof ajv.compile>;
const bySchema = new WeakMap<Schema, Validate>();
/** The same schema stands in many places of a document, and compiling it costs most. */
const byText = new Map<string, Validate>();

function validatorOf(schema: Schema): Validate {
  const known = bySchema.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(schema);
  const validate = byText.get(text) ?? ajv.compile(schema);
  byText.set(text, validate);
  bySchema.set(schema, validate);
  return validate;
}

export function fits(schema: Schema, value: unknown): boolean {
  return validatorOf(schema)(value) === true;
}

/** Why the value does not fit; undefined: it does. */
export function misfit(schema: Schema, value: unknown): string | undefined {
  const validate = validatorOf(schema);
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: "body" });
}

/** `null` is a type of its own. Without a type, that of an object. */
export function typesOf({ type, enum: values }: Schema): readonly string[] {
  if (type === undefined) return values === undefined ? ["object"] : [];
  return typeof type === "string" ? [type] : type;
}

/** Replaces the references of a document by what they lead to. @throws when one leads nowhere, or into itself */
export function withoutReferences(document: unknown): unknown {
  const visit = (part: unknown, open: readonly string[]): unknown => {
    if (Array.isArray(part)) return part.map((one) => visit(one, open));
    if (typeof part !== "object" || part === null) return part;
    const { $ref } = part as { $ref?: unknown };
    if (typeof $ref === "string") {
      if (open.includes($ref)) throw new Error(`${$ref} contains itself`);
      return visit(partAt(document, $ref), [...open, $ref]);
    }
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, visit(one, open)]));
  };
  return visit(document, []);
}

function partAt(document: unknown, reference: string): unknown {
  const names = reference.replace(/^#\//, "").split("/");
  const found = names.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | undefined)?.[name.replaceAll("~1", "/").replaceAll("~0", "~")],
    document,
  );
  if (found === undefined) throw new Error(`${reference} leads nowhere`);
  return found;
}
