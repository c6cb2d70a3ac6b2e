export { type GatewaySettings, gatewaySettings } from "./config.ts";
export type { GatewayOptions } from "./create-context.ts";
export { createGateway, type Gateway } from "./gateway.ts";
