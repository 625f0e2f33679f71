// What the scripts share: named checks whose results the Go test reads, one a
// line: "ok name" or "not ok name: why".

import { setTimeout as sleep } from "node:timers/promises";

export const base = process.env.SIM_URL;
export const world = JSON.parse(process.env.SIM_WORLD);

/** Runs one check and says how it went. */
export async function check(name, run) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    const why = String(error?.message ?? error).replaceAll("\n", " ");
    console.log(`not ok ${name}: ${why}`);
  }
}

export function expect(condition, what) {
  if (!condition) throw new Error(what);
}

/** Expects the call to be refused and returns the error. */
export async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call was not refused");
}

/** Calls the admin API: what people do in the simulated network. */
export async function admin(path, body) {
  const answer = await fetch(`${base}/admin/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  expect(answer.ok, `${path}: ${answer.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

/** Waits until the list holds a matching element, for five seconds at most. */
export async function arrived(list, matches, what) {
  for (let i = 0; i < 250; i++) {
    const found = list.find(matches);
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`${what} did not arrive`);
}
