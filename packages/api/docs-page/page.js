/** Renders the OpenAPI document beside it. Everything goes in as text, never as markup. */

const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, attributes, ...children) {
  const node = Object.assign(document.createElement(name), attributes);
  node.append(...children);
  return node;
}

function routesByTag(api) {
  const tags = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => name in item)) {
      const [tag = "other"] = item[method].tags ?? [];
      tags.set(tag, [...(tags.get(tag) ?? []), { path, method, route: item[method] }]);
    }
  }
  return tags;
}

/** One line a field: short enough to read, and the document has the rest. */
function outline(api, schema, indent = "") {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.oneOf) return schema.oneOf.map((one) => outline(api, one, indent)).join("\n| ");
  if (schema.type === "array") return `${outline(api, schema.items, indent)}[]`;
  if (!schema.properties) return typeOf(schema);
  const lines = Object.entries(schema.properties).map(([name, field]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    return `${indent}  ${name}${mark}: ${outline(api, field, `${indent}  `)}`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}

function typeOf(schema) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const limits = ["minLength", "maxLength", "minimum", "maximum", "pattern", "format"]
    .filter((name) => name in schema)
    .map((name) => `${name} ${schema[name]}`);
  return [[schema.type ?? "any"].flat().join(" | "), ...limits].join(", ");
}

/** The little Markdown that descriptions use: `code`, and lines that begin with a dash. */
function markdown(text) {
  const lines = text.split("\n");
  if (!lines.every((line) => line.startsWith("- "))) return element("p", {}, ...inline(text));
  return element("ul", {}, ...lines.map((line) => element("li", {}, ...inline(line.slice(2)))));
}

/** Every second part stands between backticks. */
function inline(text) {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : element("code", { textContent: part })));
}

function pre(text) {
  return element("pre", { textContent: text });
}

function howTo(base) {
  const url = location.origin + base;
  return [
    element("h2", { textContent: "get a token" }),
    markdown(
      "An access token is in the answer of `/auth/guest`, `/auth/signup` and `/auth/login`, and lasts `expiresIn` seconds.",
    ),
    pre(`curl -X POST ${url}/auth/guest -H 'content-type: application/json' -d '{"name":"ada"}'`),
    markdown("Send it with every other request; `/auth/refresh` trades the refresh token for new ones."),
    pre(`TOKEN=…\ncurl ${url}/rooms -H "authorization: Bearer $TOKEN"`),
    pre(
      `curl -X POST ${url}/rooms -H "authorization: Bearer $TOKEN" \\\n` +
        `  -H 'content-type: application/json' -d '{"name":"tea","visibility":"public"}'`,
    ),
  ];
}

function example(api, base, { path, method, route }) {
  const lines = [`curl -X ${method.toUpperCase()} '${location.origin}${base}${path}'`];
  if (route.security) lines.push(`-H "authorization: Bearer $TOKEN"`);
  const [body] = Object.values(route.requestBody?.content ?? {});
  if (body) lines.push("-H 'content-type: application/json'", `-d '${JSON.stringify(sample(api, body.schema))}'`);
  return lines.join(" \\\n  ");
}

/** The required fields with values that show their kind. */
function sample(api, schema) {
  if (schema.$ref) return sample(api, api.components.schemas[schema.$ref.split("/").pop()]);
  if (schema.enum) return schema.enum[0];
  if (!schema.properties) return schema.type === "integer" ? 0 : "…";
  const fields = Object.entries(schema.properties).filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, sample(api, field)]));
}

function section(title, ...content) {
  return content.length === 0 ? "" : element("div", {}, element("h4", {}, ...inline(title)), ...content);
}

function describeBody(api, content = {}) {
  return Object.values(content).map(({ schema }) => pre(outline(api, schema)));
}

function describeRoute(api, base, { path, method, route }) {
  const head = element(
    "summary",
    {},
    element("code", { textContent: method.toUpperCase() }),
    " ",
    element("code", { textContent: base + path }),
    element("span", {}, ...inline(route.summary ?? "")),
  );
  const parameters = (route.parameters ?? []).map(
    ({ name, in: place, required, schema }) => `${name}${required ? "" : "?"} (${place}): ${typeOf(schema)}`,
  );
  const answers = Object.entries(route.responses).map(([status, { description, content }]) =>
    "application/problem+json" in (content ?? {})
      ? section(`${status}: refused`, markdown(description))
      : section(`${status}: ${description}`, ...describeBody(api, content)),
  );
  const [scheme] = (route.security ?? []).flatMap((one) => Object.keys(one));
  const needs = scheme ? api.components.securitySchemes[scheme].description : undefined;
  return element(
    "details",
    {},
    head,
    element(
      "div",
      {},
      needs ? section("Authorization", `Bearer: ${needs}`) : "",
      parameters.length > 0 ? section("Parameters", element("pre", { textContent: parameters.join("\n") })) : "",
      section("Body", ...describeBody(api, route.requestBody?.content)),
      section("Example", pre(example(api, base, { path, method, route }))),
      ...answers,
    ),
  );
}

async function show() {
  const response = await fetch("openapi.json");
  const api = await response.json();
  // Where this page came from: a proxy may have put a prefix in front.
  const base = location.pathname.replace(/\/docs\/?$/, "");
  const parts = [...routesByTag(api)].flatMap(([tag, routes]) => [
    element("h2", { textContent: tag }),
    ...routes.map((route) => describeRoute(api, base, route)),
  ]);
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) =>
    element(
      "details",
      {},
      element("summary", {}, element("code", { textContent: name })),
      element("div", {}, element("pre", { textContent: outline(api, schema) })),
    ),
  );
  document
    .getElementById("main")
    .replaceChildren(
      element("h1", { textContent: `${api.info.title} API ${api.info.version}` }),
      element("p", {}, `${api.info.description} `, element("a", { href: "openapi.json", textContent: "openapi.json" })),
      ...howTo(base),
      ...parts,
      element("h2", { textContent: "schemas" }),
      ...schemas,
    );
}

show().catch((error) => {
  document.getElementById("state").textContent = `The document cannot be shown: ${error.message}`;
});
