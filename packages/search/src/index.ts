export { createIndexer, type Indexer } from "./indexer.ts";
export { createSearcher, type Searcher } from "./searcher.ts";
