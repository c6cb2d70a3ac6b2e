import type { PasskeyAnswer, PasskeyOptions } from "@hubbub/client";

/** Browsers offer passkeys on https pages and on `localhost`; older ones lack the parser. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** Has the browser ask its user for a passkey. Answers undefined when the user declined, or has none here. */
export async function usePasskey({ ticket, options }: PasskeyOptions): Promise<PasskeyAnswer | undefined> {
  const json = options as PublicKeyCredentialRequestOptionsJSON;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
  const credential = await navigator.credentials.get({ publicKey }).catch((error: unknown) => {
    if (error instanceof DOMException) return null;
    throw error;
  });
  return credential instanceof PublicKeyCredential ? { ticket, answer: credential.toJSON() as object } : undefined;
}

/** Has the browser make a passkey. Answers undefined when the user declined, or has one here already. */
export async function makePasskey({ ticket, options }: PasskeyOptions): Promise<PasskeyAnswer | undefined> {
  const json = options as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
  const credential = await navigator.credentials.create({ publicKey }).catch((error: unknown) => {
    if (error instanceof DOMException) return null;
    throw error;
  });
  return credential instanceof PublicKeyCredential ? { ticket, answer: credential.toJSON() as object } : undefined;
}
