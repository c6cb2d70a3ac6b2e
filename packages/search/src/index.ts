export { createIndexer } from "./indexer.ts";
export { createSearcher, type Searcher } from "./searcher.ts";
