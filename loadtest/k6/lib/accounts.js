import { sleep } from "k6";
import http from "k6/http";

/** Users and rooms by the API, in setup(). A rate limit is waited for; anything else that fails ends the run. */

const ATTEMPTS = 50;
const RUN = `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;

/** Guests where they are allowed, else users who sign up. */
export function createUsers(settings, count) {
  return Array.from({ length: count }, (_, index) => {
    const guest = call(settings, "POST", "/auth/guest", {}, undefined, [201, 403, 404]);
    if (guest.status === 201) return guest.json();
    return call(settings, "POST", "/auth/signup", {
      username: `load-${RUN}-${index}`,
      password: `load test ${RUN}`,
    }).json();
  });
}

/** Public rooms that everybody joins; answers their ids. */
export function createRooms(settings, count, users) {
  return Array.from({ length: count }, (_, index) => {
    const [owner, ...others] = users;
    const room = call(settings, "POST", "/rooms", { name: `load-${RUN}-${index}`, visibility: "public" }, owner).json();
    for (const user of others) call(settings, "POST", `/rooms/${room.id}/join`, {}, user, [200]);
    return room.id;
  });
}

function call({ baseUrl }, method, path, body, user, expected = [201]) {
  const headers = { "content-type": "application/json" };
  if (user !== undefined) headers.authorization = `Bearer ${user.accessToken}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = http.request(method, `${baseUrl}/api/v1${path}`, JSON.stringify(body), { headers });
    if (expected.includes(answer.status)) return answer;
    if (answer.status !== 429 && answer.status !== 503) {
      throw new Error(`${method} ${path} answered ${answer.status} ${answer.body}`);
    }
    sleep(0.3);
  }
  throw new Error(`${method} ${path} is still refused for its rate after ${ATTEMPTS} attempts`);
}
