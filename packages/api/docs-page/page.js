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

function section(title, ...content) {
  return content.length === 0 ? "" : element("div", {}, element("h4", { textContent: title }), ...content);
}

function describeBody(api, content = {}) {
  return Object.values(content).map(({ schema }) => element("pre", { textContent: outline(api, schema) }));
}

function describeRoute(api, base, { path, method, route }) {
  const head = element(
    "summary",
    {},
    element("code", { textContent: method.toUpperCase() }),
    " ",
    element("code", { textContent: base + path }),
    element("span", { textContent: route.summary ?? "" }),
  );
  const parameters = (route.parameters ?? []).map(
    ({ name, in: place, required, schema }) => `${name}${required ? "" : "?"} (${place}): ${typeOf(schema)}`,
  );
  const answers = Object.entries(route.responses).map(([status, { description, content }]) =>
    status === "default"
      ? section("Refusals", element("div", { className: "problems", textContent: description }))
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
      ...answers,
    ),
  );
}

async function show() {
  const response = await fetch("openapi.json");
  const api = await response.json();
  const base = api.servers?.[0]?.url ?? "";
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
      ...parts,
      element("h2", { textContent: "schemas" }),
      ...schemas,
    );
}

show().catch((error) => {
  document.getElementById("state").textContent = `The document cannot be shown: ${error.message}`;
});
