import { describe } from "vitest";
import type { OpenBroker } from "../fixture.ts";
import { acceptContract } from "./accept-contract.ts";
import { deliverContract } from "./deliver-contract.ts";
import { figuresContract } from "./figures-contract.ts";
import { logContract } from "./log-contract.ts";
import { presenceContract } from "./presence-contract.ts";
import { spendingContract } from "./spending-contract.ts";
import { turnsContract } from "./turns-contract.ts";

/** What every implementation of `Broker` does. */
export function brokerContract(create: OpenBroker): void {
  describe("accept", () => acceptContract(create));
  describe("deliver", () => deliverContract(create));
  describe("log", () => logContract(create));
  describe("presence", () => presenceContract(create));
  describe("figures", () => figuresContract(create));
  describe("spending", () => spendingContract(create));
  describe("turns", () => turnsContract(create));
}
