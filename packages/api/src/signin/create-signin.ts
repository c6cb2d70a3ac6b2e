import type { Store } from "@hubbub/store";
import type { LoginGuard } from "../auth/login-guard.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { ApiSettings } from "../settings.ts";
import { PasskeyRites } from "./passkeys.ts";
import { createProofs, type Proofs } from "./proof.ts";
import { Provider } from "./provider.ts";
import { SecondFactors } from "./second-factor.ts";
import { SecretBox } from "./secret-box.ts";
import { Tickets } from "./tickets.ts";

/** Everything that signs in besides a password alone. */
export interface SigninParts {
  readonly tickets: Tickets;
  readonly secrets: SecretBox;
  readonly secondFactors: SecondFactors;
  readonly proofs: Proofs;
  /** null: no PUBLIC_URL to bind passkeys to. */
  readonly passkeys: PasskeyRites | null;
  /** null: none is configured. */
  readonly provider: Provider | null;
}

interface Given {
  readonly store: Store;
  readonly settings: ApiSettings;
  readonly passwords: Passwords;
  readonly loginGuard: LoginGuard;
}

export function createSignin({ store, settings, passwords, loginGuard }: Given): SigninParts {
  const tickets = new Tickets(store, settings.SIGNINS_PENDING_PER_ADDRESS);
  const secrets = new SecretBox(settings.SECRET_KEYS);
  const secondFactors = new SecondFactors({ store, loginGuard, tickets, secrets });
  const { PUBLIC_URL } = settings;
  return {
    tickets,
    secrets,
    secondFactors,
    proofs: createProofs({ store, passwords, loginGuard, secondFactors }),
    passkeys: PUBLIC_URL === undefined ? null : new PasskeyRites({ store, tickets, origin: PUBLIC_URL }),
    provider: Provider.of(settings, tickets),
  };
}
