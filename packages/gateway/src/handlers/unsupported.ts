import { ProtocolError } from "@hubbub/protocol";

export function unsupported(): never {
  throw new ProtocolError("unsupported");
}
