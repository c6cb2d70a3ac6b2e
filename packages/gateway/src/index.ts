export { type GatewaySettings, gatewaySettings } from "./config.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
