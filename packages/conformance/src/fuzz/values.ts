import { PICTURE } from "./picture.ts";
import { fits, type Schema, typesOf, type Value } from "./schema.ts";
import { permittedStrings, plainString, refusedStrings } from "./strings.ts";

/** A known value for a property of this name, such as the name of a user that exists. */
export type Hint = (name: string) => unknown;

const BY_CHANCE = 4;
const LARGE = Number.MAX_SAFE_INTEGER;
/** Of a list without a bound. */
const MANY = 20;

/** A harmless value with the required parts alone. `also`: optional properties that it has too. */
export function plain(schema: Schema, hint: Hint = () => undefined, also: readonly string[] = []): unknown {
  if (schema["x-rule"] !== undefined && schema.examples !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [branch] = schema.anyOf ?? schema.oneOf ?? [];
  switch (typesOf(schema)[0]) {
    case "string":
      return schema.format === "binary" ? PICTURE : plainString(schema);
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: schema.minItems ?? 1 }, () => plain(schema.items ?? {}, hint));
    case "null":
      return null;
    default:
      return schema.properties === undefined && branch !== undefined
        ? plain(branch, hint, also)
        : plainObject(schema, hint, also);
  }
}

/** With the required properties of the schema, and of the first branch that makes it fit. */
function plainObject(schema: Schema, hint: Hint, also: readonly string[] = []): Record<string, unknown> {
  const of = (names: readonly string[]) =>
    Object.fromEntries(
      [...new Set(names)].flatMap((name) => {
        const part = schema.properties?.[name];
        return part === undefined ? [] : [[name, plainPart(part, name, hint)] as const];
      }),
    );
  const required = [...(schema.required ?? []), ...also];
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((branch) => branch.required ?? []);
  const alone = (schema.minProperties ?? 0) > 0 ? Object.keys(schema.properties ?? {}).map((name) => [name]) : [];
  const tries = [[], ...branches, ...alone].map((names) => of([...required, ...names]));
  return tries.find((value) => fits(schema, value)) ?? tries[0] ?? {};
}

function plainPart(schema: Schema, name: string, hint: Hint): unknown {
  const known = hint(name);
  if (known !== undefined && fits(schema, known)) return known;
  const listed = typesOf(schema)[0] === "array" ? [known] : undefined;
  return known !== undefined && fits(schema, listed) ? listed : plain(schema, hint);
}

const value = (schema: Schema, what: string, one: unknown): Value => ({
  value: one,
  what,
  mayBeRefused: schema["x-rule"] !== undefined && !(schema.examples ?? []).includes(one),
});

const short = (text: string): string => (text.length > 24 ? `${text.length} units of ${text.slice(0, 4)}` : text);

/** Values that the schema permits: at its bounds, with each of its parts, and by chance. */
export function permitted(schema: Schema, hint: Hint): Value[] {
  const branches = (schema.anyOf ?? schema.oneOf ?? []).filter((branch) => branch.properties !== undefined);
  if (schema.properties === undefined && branches.length > 0) return branches.flatMap((one) => permitted(one, hint));
  const values = typesOf(schema).flatMap((type) => permittedOf(type, schema, hint));
  return values
    .concat((schema.enum ?? []).map((one) => value(schema, JSON.stringify(one), one)))
    .filter((one) => fits(schema, one.value));
}

function permittedOf(type: string, schema: Schema, hint: Hint): Value[] {
  if (schema.enum !== undefined) return [];
  switch (type) {
    case "string":
      return schema.format === "binary"
        ? ["", "some content", PICTURE].map((one) => value(schema, `content ${short(one)}`, one))
        : permittedStrings(schema, BY_CHANCE).map((one) => value(schema, `text ${short(one)}`, one));
    case "integer":
    case "number": {
      const { minimum = -LARGE, maximum = LARGE } = schema;
      const numbers = [minimum, minimum + 1, maximum - 1, maximum, 0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 52];
      return numbers.map((one) => value(schema, `number ${one}`, one));
    }
    case "boolean":
      return [true, false].map((one) => value(schema, String(one), one));
    case "null":
      return [value(schema, "null", null)];
    case "array":
      return lists(schema, hint, [schema.minItems ?? 0, schema.maxItems ?? MANY]);
    default:
      return objects(schema, hint);
  }
}

function lists(schema: Schema, hint: Hint, lengths: readonly number[]): Value[] {
  const { items = {} } = schema;
  const ofLength = lengths.map((length) =>
    value(
      schema,
      `list of ${length}`,
      Array.from({ length }, () => plain(items)),
    ),
  );
  const ofItems = permitted(items, hint).map((one) => ({ ...one, value: [one.value], what: `item: ${one.what}` }));
  return [...ofLength, ...ofItems];
}

function objects(schema: Schema, hint: Hint): Value[] {
  const { properties = {} } = schema;
  const names = Object.keys(properties);
  const alone = names.map((name) => value({}, `with ${name}`, plainObject(schema, hint, [name])));
  const all = value({}, "with all", plainObject(schema, hint, names));
  const parts = Object.entries(properties).flatMap(([name, part]) =>
    permitted(part, hint).map((one) => ({
      ...one,
      what: `${name}: ${one.what}`,
      value: { ...plainObject(schema, hint, [name]), [name]: one.value },
    })),
  );
  return [...alone, all, ...parts];
}

/** Values with one violation each. */
export function violating(schema: Schema, hint: Hint): Value[] {
  const branches = (schema.anyOf ?? schema.oneOf ?? []).filter((branch) => branch.properties !== undefined);
  const inside =
    schema.properties === undefined && branches.length > 0
      ? branches.flatMap((one) => violating(one, hint))
      : typesOf(schema).flatMap((type) => violatingOf(type, schema, hint));
  const otherTypes = [null, true, 12, 1.5, "a word", [], {}, ["a"]].map((one) =>
    value({}, `${JSON.stringify(one)} is of another type`, one),
  );
  return [...inside, ...otherTypes].filter((one) => !fits(schema, one.value));
}

function violatingOf(type: string, schema: Schema, hint: Hint): Value[] {
  if (schema.format === "binary") return [];
  switch (type) {
    case "string":
      return refusedStrings(schema, BY_CHANCE).map((one) => value({}, `text ${short(one)}`, one));
    case "integer":
    case "number": {
      const { minimum = 0, maximum = 0 } = schema;
      return [minimum - 1, maximum + 1, minimum + 0.5, "1"].map((one) => value({}, `number ${one}`, one));
    }
    case "array": {
      const { items = {}, minItems = 0, maxItems = MANY } = schema;
      const same = plain(items);
      const twice = schema.uniqueItems === true ? [value({}, "an item twice", [same, same])] : [];
      const ofItems = violating(items, hint).map((one) => ({ ...one, value: [one.value], what: `item: ${one.what}` }));
      return [
        ...lists(
          { ...schema, items: { const: same } },
          hint,
          [minItems - 1, maxItems + 1].filter((n) => n >= 0),
        ),
        ...twice,
        ...ofItems,
      ];
    }
    case "object":
      return violatingObjects(schema, hint);
    default:
      return [];
  }
}

function violatingObjects(schema: Schema, hint: Hint): Value[] {
  const { properties = {}, required = [] } = schema;
  const without = required.map((name) => {
    const { [name]: _left, ...rest } = plainObject(schema, hint);
    return value({}, `without ${name}`, rest);
  });
  const extra = value({}, "with another property", { ...plainObject(schema, hint), "no-such-property": 1 });
  const parts = Object.entries(properties).flatMap(([name, part]) =>
    violating(part, hint).map((one) => ({
      ...one,
      what: `${name}: ${one.what}`,
      value: { ...plainObject(schema, hint), [name]: one.value },
    })),
  );
  return [...without, extra, value({}, "without anything", {}), ...parts];
}
