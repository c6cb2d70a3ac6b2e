import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTP_PREFIX } from "@hubbub/protocol";
import { FAMILIES } from "./families.ts";
import { ADMIN, BEARER } from "./routes/shapes.ts";

/** The contract as an OpenAPI 3.1 document. It needs nothing that runs. */
export function describeApi(): ReturnType<OpenAPIHono["getOpenAPI31Document"]> {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  for (const { contract } of FAMILIES) {
    for (const [operationId, route] of Object.entries(contract))
      openAPIRegistry.registerPath({ ...route, operationId });
  }
  const scheme = { type: "http", scheme: "bearer" } as const;
  openAPIRegistry.registerComponent("securitySchemes", BEARER, { ...scheme, description: "an access token" });
  openAPIRegistry.registerComponent("securitySchemes", ADMIN, { ...scheme, description: "the cluster's ADMIN_TOKEN" });
  return getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Hubbub", version: "1", description: "Chat over HTTP. Live delivery is on the WebSocket at /ws." },
    servers: [{ url: HTTP_PREFIX }],
  });
}
