import { fileURLToPath } from "node:url";

/** The root of the checkout. `src/` and `dist/` lie at the same depth. */
export const repositoryRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** A file below `infra/`, which the compose file and the testkit share. */
export function infraFile(path: string): string {
  return `${repositoryRoot}infra/${path}`;
}
