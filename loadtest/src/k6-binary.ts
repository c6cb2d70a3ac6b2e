import { type GoBinary, provideGoBinary } from "./go-binary.ts";

const OLDEST_MAJOR = 1;

/** The version the scenarios were written and tried with; it has the module `k6/websockets`. */
const K6: GoBinary = {
  name: "k6",
  version: "v1.8.1",
  module: "go.k6.io/k6",
  versionArguments: ["version"],
  accepts: (answer) => Number(/^k6(?:\.exe)? v(\d+)\./.exec(answer)?.[1]) >= OLDEST_MAJOR,
  website: "https://grafana.com/docs/k6/latest/set-up/install-k6/",
};

/** A k6 that is here, else one built with Go. @throws GoBinaryMissing */
export function provideK6(): Promise<string> {
  return provideGoBinary(K6);
}
