export { createFlows, type FlowsOptions, type FlowsRole } from "./flows.ts";
