import { type GoBinary, provideGoBinary } from "./go-binary.ts";

/** The version the bench was written with. A build by `go install` calls itself v0.0.0. */
export const CENTRIFUGO_VERSION = "v6.9.1";

const CENTRIFUGO: GoBinary = {
  name: "centrifugo",
  version: CENTRIFUGO_VERSION,
  module: "github.com/centrifugal/centrifugo/v6",
  versionArguments: ["version"],
  accepts: (answer) =>
    answer.startsWith(`Centrifugo ${CENTRIFUGO_VERSION} `) || answer.startsWith("Centrifugo v0.0.0 "),
  website: "https://centrifugal.dev/docs/getting-started/installation",
};

/** A Centrifugo of this version that is here, else one built with Go. @throws GoBinaryMissing */
export function provideCentrifugo(): Promise<string> {
  return provideGoBinary(CENTRIFUGO);
}
