export { checkChainFile } from "./chain-file.ts";
export { watchProgress } from "./progress.ts";
export { toJson, toText } from "./report.ts";
export type { Sources } from "./room-look.ts";
export { type OpenSources, openClusterSources, openEmbeddedSources, openRows } from "./sources.ts";
export { verify } from "./verify.ts";
