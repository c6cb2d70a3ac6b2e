import type { SigninMethods } from "@hubbub/protocol";
import { useModel } from "../../model.ts";
import { useLoaded } from "../../parts/use-loaded.ts";

/** The ways to log in that the server offers; undefined until they are known. */
export function useOffers(): SigninMethods | undefined {
  const { app } = useModel();
  const [offers] = useLoaded(async () => app.chat?.do(async () => app.chat?.own.signin.methods()));
  return offers;
}
