import { OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { HTTP_PREFIX } from "@hubbub/protocol";
import { refusalsByStatus } from "./described-refusals.ts";
import { FAMILIES } from "./families.ts";
import { ADMIN, BEARER } from "./routes/shapes.ts";
import { segmentsInPaths } from "./segments-in-paths.ts";

export type ApiDocument = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

/** The contract as an OpenAPI 3.1 document. Needs no running service. */
export function describeApi(): ApiDocument {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  for (const { contract } of FAMILIES) {
    for (const [operationId, route] of Object.entries(contract))
      openAPIRegistry.registerPath({ ...withOptionalBody(route), operationId });
  }
  const scheme = { type: "http", scheme: "bearer" } as const;
  openAPIRegistry.registerComponent("securitySchemes", BEARER, { ...scheme, description: "an access token" });
  openAPIRegistry.registerComponent("securitySchemes", ADMIN, { ...scheme, description: "the cluster's ADMIN_TOKEN" });
  const document = getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Hubbub", version: "1", description: "Chat over HTTP. Live delivery is on the WebSocket at /ws." },
    servers: [{ url: HTTP_PREFIX }],
  });
  refusalsByStatus(document);
  segmentsInPaths(document);
  return document;
}

/** Where all of a body may be left out, so may the body. */
function withOptionalBody(route: RouteConfig): RouteConfig {
  const media = route.request?.body?.content?.["application/json"];
  const schema = media !== undefined && "schema" in media ? media.schema : undefined;
  if (!(schema instanceof z.ZodType) || !schema.safeParse({}).success) return route;
  return { ...route, request: { ...route.request, body: { ...route.request?.body, required: false } } } as RouteConfig;
}
