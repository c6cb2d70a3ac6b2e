import fc from "fast-check";
import { vi } from "vitest";

/**
 * Property tests draw the same cases in every run: who breaks the code sees it, who does not is not stopped by chance.
 * `FUZZ_SEED=random` (or a number) draws others, for a search; a failure prints the seed that it had.
 */
const { FUZZ_SEED = "1" } = process.env;

if (FUZZ_SEED !== "random") fc.configureGlobal({ seed: Number(FUZZ_SEED) });

/** The default of `vi.waitFor`, in milliseconds. Its own is one second, and a busy machine needs longer. */
const WAIT_FOR_MS = 10_000;

const { waitFor } = vi;
vi.waitFor = async (check, options = WAIT_FOR_MS) => await waitFor(check, options);
