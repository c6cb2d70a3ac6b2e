export { createFlows, type FlowsOptions } from "./flows.ts";
