import fc from "fast-check";

/**
 * Property tests draw the same cases in every run: who breaks the code sees it, who does not is not stopped by chance.
 * `FUZZ_SEED=random` (or a number) draws others, for a search; a failure prints the seed that it had.
 */
const { FUZZ_SEED = "1" } = process.env;

if (FUZZ_SEED !== "random") fc.configureGlobal({ seed: Number(FUZZ_SEED) });
