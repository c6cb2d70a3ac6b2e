/** The log cannot be reached. The caller still holds its message; asking again is safe. */
export class BrokerUnavailable extends Error {
  override readonly name = "BrokerUnavailable";
}
